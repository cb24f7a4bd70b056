//! Which files there are.

use std::path::PathBuf;

use routewise_analysis::path::FilePath;

use super::Fixture;
use crate::config::Config;
use crate::{Impact, Options, Workspace};

fn listed(fixture: &Fixture) -> Vec<String> {
    fixture.names(&fixture.open().files())
}

#[test]
fn source_files_are_listed_and_nothing_else() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("a.ts", ""),
        ("b.tsx", ""),
        ("c.mts", ""),
        ("d.cts", ""),
        ("e.js", ""),
        ("f.jsx", ""),
        ("g.mjs", ""),
        ("h.cjs", ""),
        ("types.d.ts", ""),
        ("types.d.mts", ""),
        ("lib.min.js", ""),
        (".ts", ""),
        ("a.css", ""),
        ("README.md", ""),
        ("node_modules/x/i.js", ""),
        (".git/hooks/x.js", ""),
        (".next/server/x.js", ""),
        ("dist/x.js", ""),
        ("build/x.js", ""),
        ("app/api/build/route.ts", ""),
        ("app/.well-known/x/route.ts", ""),
        ("app/[id]/(group)/@slot/route.ts", ""),
    ]);
    assert_eq!(
        listed(&fixture),
        [
            "a.ts",
            "app/.well-known/x/route.ts",
            "app/[id]/(group)/@slot/route.ts",
            "app/api/build/route.ts",
            "b.tsx",
            "c.mts",
            "d.cts",
            "e.js",
            "f.jsx",
            "g.mjs",
            "h.cjs"
        ]
    );
}

#[test]
fn a_gitignore_holds_without_a_repository_and_a_nearer_one_wins() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (".gitignore", "generated/\n*.gen.ts\n/only-root.ts\n"),
        ("a.gen.ts", ""),
        ("generated/x.ts", ""),
        ("only-root.ts", ""),
        ("sub/only-root.ts", ""),
        ("sub/.gitignore", "!keep.gen.ts\nlocal.ts\n"),
        ("sub/keep.gen.ts", ""),
        ("sub/local.ts", ""),
    ]);
    assert_eq!(listed(&fixture), ["sub/keep.gen.ts", "sub/only-root.ts"]);
}

#[test]
fn the_gitignore_of_the_repository_holds_in_a_folder_opened_alone() {
    let fixture = Fixture::new(&[
        (".git/HEAD", ""),
        (".gitignore", "*.gen.ts\n"),
        ("apps/web/package.json", "{}"),
        ("apps/web/a.gen.ts", ""),
        ("apps/web/a.ts", ""),
    ]);
    let (workspace, problems) = Workspace::open(&[fixture.disk("apps/web")], &Options::default());
    assert_eq!(problems, []);
    assert_eq!(fixture.names(&workspace.files()), ["apps/web/a.ts"]);
}

#[test]
fn include_and_exclude_hold_for_what_is_below_their_file() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("routewise.json", r#"{ "exclude": ["*.test.ts", "legacy"] }"#),
        ("a.ts", ""),
        ("a.test.ts", ""),
        ("legacy/a.ts", ""),
        ("web/routewise.jsonc", "{ // only the sources\n \"include\": [\"src\"] }"),
        ("web/src/a.ts", ""),
        ("web/src/a.test.ts", ""),
        ("web/scripts/a.ts", ""),
    ]);
    assert_eq!(listed(&fixture), ["a.ts", "web/src/a.ts"]);
    fixture.write("web/routewise.jsonc", r#"{ "root": true }"#);
    assert_eq!(listed(&fixture), ["a.ts", "web/scripts/a.ts", "web/src/a.test.ts", "web/src/a.ts"]);
}

#[test]
fn patterns_of_the_editor_hold_beside_those_of_the_files() {
    let fixture = Fixture::new(&[
        ("package.json", r#"{ "routewise": { "exclude": ["b.ts"] } }"#),
        ("a.ts", ""),
        ("b.ts", ""),
        ("c.ts", ""),
    ]);
    let settings = Config { exclude: vec!["c.ts".to_owned()], ..Config::default() };
    let (workspace, problems) =
        fixture.open_with(&Options { settings: Some(settings), ..Options::default() });
    assert_eq!(problems, []);
    assert_eq!(fixture.names(&workspace.files()), ["a.ts"]);
}

#[test]
fn roots_inside_each_other_give_each_file_once() {
    let fixture = Fixture::new(&[("web/a.ts", ""), ("web/src/b.ts", ""), ("api/c.ts", "")]);
    let roots: Vec<PathBuf> =
        ["web/src", "web", "web/", "api", "api/../api"].iter().map(|root| fixture.disk(root)).collect();
    let (workspace, problems) = Workspace::open(&roots, &Options::default());
    assert_eq!(problems, []);
    assert_eq!(fixture.names(workspace.roots()), ["api", "web"]);
    assert_eq!(fixture.names(&workspace.files()), ["api/c.ts", "web/a.ts", "web/src/b.ts"]);
}

#[test]
fn a_root_that_is_not_there_is_a_problem_and_the_others_open() {
    let fixture = Fixture::new(&[("web/a.ts", "")]);
    let (workspace, problems) =
        Workspace::open(&[fixture.disk("none"), fixture.disk("web")], &Options::default());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, fixture.path("none"));
    assert_eq!(fixture.names(&workspace.files()), ["web/a.ts"]);
}

#[test]
#[cfg(unix)]
fn symbolic_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let fixture = Fixture::new(&[("package.json", "{}"), ("a.ts", ""), ("sub/b.ts", "")]);
    symlink(fixture.disk(""), fixture.disk("sub/loop")).unwrap();
    symlink(fixture.disk("a.ts"), fixture.disk("link.ts")).unwrap();
    assert_eq!(listed(&fixture), ["a.ts", "sub/b.ts"]);
}

#[test]
#[cfg(unix)]
fn a_root_that_is_a_symbolic_link_is_opened_under_its_own_name() {
    let fixture = Fixture::new(&[
        ("real/package.json", "{}"),
        ("real/a.ts", ""),
        ("real/lib/b.ts", ""),
        ("real/app/api/route.ts", ""),
    ]);
    std::os::unix::fs::symlink(fixture.disk("real"), fixture.disk("link")).unwrap();
    let (workspace, problems) = Workspace::open(&[fixture.disk("link")], &Options::default());
    assert_eq!(problems, []);
    assert_eq!(fixture.names(&workspace.files()), ["link/a.ts", "link/app/api/route.ts", "link/lib/b.ts"]);
    assert_eq!(
        workspace.resolve(&fixture.path("link/a.ts"), "./lib/b"),
        routewise_analysis::project::Resolution::File(fixture.path("link/lib/b.ts"))
    );
}

#[test]
#[cfg(unix)]
fn names_that_are_not_unicode_are_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let fixture = Fixture::new(&[("package.json", "{}"), ("a.ts", "")]);
    let name = std::ffi::OsStr::from_bytes(b"\xff.ts");
    // Some file systems refuse such a name, which is as good.
    let _ = std::fs::write(fixture.disk("").join(name), "");
    assert_eq!(listed(&fixture), ["a.ts"]);
}

#[test]
fn files_over_the_size_limit_are_passed_over() {
    let fixture = Fixture::new(&[("package.json", "{}"), ("a.ts", "")]);
    fixture.write("bundle.js", &" ".repeat(routewise_analysis::syntax::LARGEST_PARSED + 1));
    assert_eq!(listed(&fixture), ["a.ts"]);
}

#[test]
fn contains_says_what_the_walk_does() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (".gitignore", "ignored/\n*.gen.ts\n!ok.gen.ts\n"),
        ("routewise.json", r#"{ "exclude": ["legacy", "**/x.ts"] }"#),
        ("ignored/a.ts", ""),
        ("ignored/ok.gen.ts", ""),
        ("a.gen.ts", ""),
        ("ok.gen.ts", ""),
        ("legacy/deep/a.ts", ""),
        ("src/x.ts", ""),
        ("src/y.ts", ""),
        ("dist/a.js", ""),
        ("packages/a/package.json", r#"{"routewise":{"include":["src/**"]}}"#),
        ("packages/a/dist/a.js", ""),
        ("packages/a/src/a.ts", ""),
        ("packages/a/scripts/a.ts", ""),
        ("packages/dist/a.ts", ""),
        ("src/node_modules/a/a.ts", ""),
        ("src/a.d.ts", ""),
        ("src/.next/a.ts", ""),
    ]);
    let workspace = fixture.open();
    let files = workspace.files();
    assert_eq!(fixture.names(&files), ["ok.gen.ts", "packages/a/src/a.ts", "packages/dist/a.ts", "src/y.ts"]);
    let mut seen = 0;
    for entry in ignore::WalkBuilder::new(fixture.disk("")).standard_filters(false).build() {
        let entry = entry.unwrap();
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = crate::file_path(entry.path()).unwrap();
            assert_eq!(workspace.contains(&path), files.contains(&path), "{path}");
            seen += 1;
        }
    }
    assert_eq!(seen, 19);
    assert!(workspace.contains(&fixture.path("src/not/there/yet.ts")));
    assert!(!workspace.contains(&fixture.path("ignored/not/there/yet.ts")));
    assert!(!workspace.contains(&FilePath::new("/somewhere/else.ts")));
}

#[test]
fn a_path_given_by_name_is_read_and_a_folder_is_walked() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (".gitignore", "generated\n"),
        ("generated/a.ts", ""),
        ("src/a.ts", ""),
        ("src/b.ts", ""),
        ("notes.md", ""),
    ]);
    let workspace = fixture.open();
    let given: Vec<PathBuf> = ["generated/a.ts", "src", "src/a.ts", "none.ts", "notes.md"]
        .iter()
        .map(|name| fixture.disk(name))
        .collect();
    let (files, problems) = workspace.files_under(&given);
    assert_eq!(fixture.names(&files), ["generated/a.ts", "src/a.ts", "src/b.ts"]);
    let named: Vec<FilePath> = problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(fixture.names(&named), ["none.ts", "notes.md"]);
}

#[test]
fn files_made_later_are_listed_when_asked_again() {
    let fixture = Fixture::new(&[("package.json", "{}"), ("a.ts", "")]);
    let workspace = fixture.open();
    assert_eq!(fixture.names(&workspace.files()), ["a.ts"]);
    fixture.write("b.ts", "");
    assert_eq!(fixture.names(&workspace.files()), ["a.ts", "b.ts"]);
}

#[test]
fn each_change_has_its_meaning() {
    let fixture = Fixture::new(&[
        ("package.json", r#"{"dependencies":{"next":"16.0.0"}}"#),
        ("src/app/api/route.ts", ""),
        (".gitignore", "generated\n"),
    ]);
    let workspace = fixture.open();
    for (name, impact) in [
        ("src/app/api/route.ts", Impact::Source),
        ("lib/new.ts", Impact::Source),
        ("generated/x.ts", Impact::None),
        ("README.md", Impact::None),
        ("routewise.json", Impact::Configuration),
        ("web/package.json", Impact::Configuration),
        ("tsconfig.base.json", Impact::Configuration),
        ("next.config.mjs", Impact::Configuration),
        ("vercel.json", Impact::Configuration),
        (".vercel/project.json", Impact::Configuration),
        ("prisma/schema.prisma", Impact::Configuration),
        (".gitignore", Impact::Configuration),
        ("pnpm-lock.yaml", Impact::Configuration),
        ("node_modules/.package-lock.json", Impact::Configuration),
        ("node_modules/next/package.json", Impact::None),
        (".routewise/mine/rule/rule.md", Impact::UserRules),
        ("app/api/route.ts", Impact::Configuration),
        ("pages/api/x.ts", Impact::Configuration),
        ("application/api/x.ts", Impact::Source),
    ] {
        assert_eq!(workspace.depends_on(&fixture.path(name)), impact, "{name}");
    }
}

#[test]
fn a_file_in_public_means_something_when_it_comes_or_goes_and_may_have_the_url_of_a_route() {
    let fixture = Fixture::new(&[
        ("package.json", r#"{ "dependencies": { "next": "16.0.0" } }"#),
        ("app/feed.xml/route.ts", ""),
        ("public/api/export.csv", ""),
    ]);
    let workspace = fixture.open();
    let impact = |name: &str| workspace.depends_on(&fixture.path(name));
    assert_eq!(impact("public/api/export.csv"), Impact::None);
    for (file, expected) in [("public/feed.xml", Impact::Configuration), ("public/logo.png", Impact::None)] {
        assert_eq!(impact(file), Impact::None, "{file} is not there");
        fixture.write(file, "");
        assert_eq!(impact(file), expected, "{file} has come");
    }
    std::fs::remove_dir_all(fixture.disk("public/api")).unwrap();
    assert_eq!(impact("public/api"), Impact::Configuration);
    assert_eq!(impact("public/api/export.csv"), Impact::Configuration);
}
