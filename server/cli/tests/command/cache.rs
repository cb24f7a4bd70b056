//! `check --cache`: whatever is kept, a check says what it would say without.

use std::fs;
use std::process::Stdio;

use crate::project::{Project, ROUTE, Run};

const CLEAN: &str = "export const GET = () => Response.json([])\n";

/// A project with something of everything that a check looks at.
fn project() -> Project {
    Project::with(&[
        (
            "package.json",
            r#"{ "name": "shop", "dependencies": { "next": "^16.0.0", "@prisma/client": "^6.19.0" } }"#,
        ),
        ("node_modules/next/package.json", r#"{ "name": "next", "version": "16.0.0" }"#),
        ("tsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#),
        ("vercel.json", "{}"),
        ("next.config.js", "module.exports = {}\n"),
        (".gitignore", "/generated\n"),
        ("app/api/users/route.ts", ROUTE),
        ("app/api/report/route.ts", REPORT),
        ("app/api/orders/[id]/route.js", WAITS_FOR_NOTHING),
        ("src/db.ts", "export const db = () => ({ count: async () => 1 })\n"),
        ("other/db.ts", MAKES_A_CLIENT),
        ("generated/client.ts", ROUTE),
        ("public/robots.txt", ""),
        ("README.md", "# Shop\n"),
    ])
}

const REPORT: &str =
    "import { db } from '@/db'\nexport const GET = async () => Response.json(await db().count())\n";

const MAKES_A_CLIENT: &str =
    "import { PrismaClient } from '@prisma/client'\nexport const db = () => new PrismaClient()\n";

/// Wrong since Next.js 15.
const WAITS_FOR_NOTHING: &str =
    "export const GET = (request, { params }) => Response.json({ id: params.id })\n";

const RULE: &str = r#"# A call
```toml
severity = "warning"
since = "0.1.0"
message = "Something is called."
```
## What happens
It is called.

## Why it matters
It does.

## How to fix
Do not.

## Examples
A call.
```js bad app/api/a/route.js
    go();
//  ^^^^
```

None.
```js good app/api/a/route.js
go;
```
"#;

/// Runs `check --cache`, and says whether what was kept was said again.
fn kept(project: &Project, arguments: &[&str]) -> (Run, bool) {
    kept_in(project, "", arguments)
}

fn kept_in(project: &Project, folder: &str, arguments: &[&str]) -> (Run, bool) {
    let mut command = project.command(&[&["check", "--cache"], arguments].concat());
    command.current_dir(project.path().join(folder)).env("ROUTEWISE_LOG", "routewise::cache=debug");
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let (logged, stderr): (Vec<&str>, Vec<&str>) =
        told.split_inclusive('\n').partition(|line| line.contains("a kept check"));
    let run = Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: stderr.concat(),
    };
    let logged = logged.concat();
    // The two may be of different colour.
    (run, logged.contains("holds") && logged.contains("true"))
}

/// Runs it twice; holds both against a check without a cache, and demands that the second was kept. What it said.
fn warmed(project: &Project, arguments: &[&str]) -> Run {
    let fresh = project.run(&[&["check"], arguments].concat());
    let (cold, _) = kept(project, arguments);
    let (warm, again) = kept(project, arguments);
    assert_eq!(cold, fresh, "{arguments:?}");
    assert_eq!(warm, fresh, "{arguments:?}");
    assert!(again, "{arguments:?}");
    fresh
}

#[test]
fn a_second_check_says_the_same_bytes_in_each_format() {
    let project = project();
    for format in ["pretty", "concise", "json", "sarif", "github"] {
        let run = warmed(&project, &["--format", format]);
        assert_eq!(run.status, 1, "{format}: {run:?}");
    }
}

#[test]
fn what_stands_on_standard_error_and_the_exit_status_are_kept_too() {
    let project = project();
    project.write("tsconfig.json", r#"{ "extends": "./missing.json" }"#);
    project.write("routewise.json", r#"{ "rules": { "clients": "warning", "handler": "warning" } }"#);
    let run = warmed(&project, &["--max-warnings", "0"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.starts_with("warning: tsconfig.json:1:"), "{run:?}");
    assert!(run.stderr.ends_with("more than --max-warnings 0\n"), "{run:?}");
    assert_eq!(warmed(&project, &[]).status, 0);
}

#[test]
fn colours_are_those_that_the_second_check_is_asked_for() {
    let project = project();
    warmed(&project, &[]);
    let (coloured, again) = kept(&project, &["--color", "always"]);
    assert!(again && coloured.stdout.contains("\u{1b}["));
    assert_eq!(coloured, project.run(&["check", "--color", "always"]));
}

/// Something that happens to a project.
type Change = (&'static str, fn(&Project));

fn remove(project: &Project, path: &str) {
    fs::remove_file(project.path().join(path)).unwrap();
}

/// Each of these changes what a check says.
const CHANGES: &[Change] = &[
    ("a source file", |it| it.write("app/api/users/route.ts", CLEAN)),
    ("a source file of the same length and date", |it| {
        let path = it.path().join("app/api/users/route.ts");
        let date = fs::metadata(&path).unwrap().modified().unwrap();
        it.write("app/api/users/route.ts", &ROUTE.replace("new Prisma", "not Prisma"));
        fs::File::options().append(true).open(path).unwrap().set_modified(date).unwrap();
    }),
    ("a new file", |it| it.write("app/api/orders/route.ts", ROUTE)),
    ("a new file in a folder that held none", |it| it.write("public/api/route.ts", ROUTE)),
    ("a file that is gone", |it| remove(it, "app/api/users/route.ts")),
    ("a folder with another name", |it| {
        fs::rename(it.path().join("app/api/users"), it.path().join("app/api/people")).unwrap();
    }),
    ("a module that a specifier meant is gone", |it| {
        it.write("src/db/index.ts", MAKES_A_CLIENT);
        remove(it, "src/db.ts");
    }),
    ("another meaning of an alias", |it| {
        it.write("tsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./other/*"] } } }"#);
    }),
    ("no host", |it| remove(it, "vercel.json")),
    ("another host", |it| {
        remove(it, "vercel.json");
        it.write("fly.toml", "app = 'shop'\n");
    }),
    ("what is ignored", |it| it.write(".gitignore", "")),
    ("what is ignored further down", |it| it.write("app/.gitignore", "users\n")),
    ("a configuration", |it| it.write("routewise.json", r#"{ "rules": { "clients": "off" } }"#)),
    ("a configuration of a folder", |it| {
        it.write("app/routewise.json", r#"{ "rules": { "clients": "off" } }"#);
    }),
    ("a configuration in package.json", |it| {
        it.write(
            "package.json",
            &it.read("package.json").replacen('{', r#"{ "routewise": { "target": "docker" },"#, 1),
        );
    }),
    ("a rule of the project", |it| {
        it.write(".routewise/shop/json/rule.scm", "(call_expression) @at\n");
        it.write(".routewise/shop/json/rule.md", RULE);
    }),
    ("a dependency", |it| {
        remove(it, "node_modules/next/package.json");
        it.write("package.json", r#"{ "name": "shop", "dependencies": { "next": "13.0.0" } }"#);
    }),
    ("an installed version", |it| {
        it.write("node_modules/next/package.json", r#"{ "name": "next", "version": "13.0.0" }"#);
    }),
];

#[test]
fn whatever_changes_in_the_project_a_check_says_what_it_says_without_a_cache() {
    for (what, change) in CHANGES {
        let project = project();
        let before = warmed(&project, &[]);
        change(&project);
        let fresh = project.run(&["check"]);
        let (run, _) = kept(&project, &[]);
        assert_eq!(run, fresh, "{what}");
        if fresh == before {
            println!("SILENT {what}");
        }
        assert_eq!(kept(&project, &[]), (fresh, true), "{what}");
    }
}

#[test]
fn what_a_check_does_not_look_at_may_change() {
    let project = project();
    let before = warmed(&project, &[]);
    project.write("README.md", "# Another shop\n");
    project.write("app/api/users/notes.md", "");
    project.write("logo.png", "");
    project.write(".next/server/app.js", ROUTE);
    project.write("node_modules/left-pad/index.js", ROUTE);
    // The same text, with another date.
    project.write("app/api/users/route.ts", ROUTE);
    assert_eq!(kept(&project, &[]), (before, true));
}

#[test]
fn each_command_line_and_each_folder_has_a_check_of_its_own() {
    let project = project();
    project.write("other.json", r#"{ "rules": { "clients": "off" } }"#);
    warmed(&project, &[]);
    for arguments in [
        &["app"][..],
        &["app/api/report"],
        &["app/api/report", "app/api/users"],
        &["--quiet"],
        &["--target", "docker"],
        &["--config", "other.json"],
        &["--max-warnings", "0"],
        &["--format", "concise"],
    ] {
        let (_, again) = kept(&project, arguments);
        assert!(!again, "{arguments:?}");
        warmed(&project, arguments);
    }
    let fresh = project.run_in("app", &["check", ".."]);
    assert_eq!(kept_in(&project, "app", &[".."]), (fresh.clone(), false));
    assert_eq!(kept_in(&project, "app", &[".."]), (fresh, true));
    let (_, again) = kept(&project, &["--threads", "1"]);
    assert!(again, "threads change nothing");
}

/// How many checks are kept in a folder, beside what files say and what keeps all that out of version control.
fn kept_files(project: &Project, folder: &str) -> usize {
    fs::read_dir(project.path().join(folder)).unwrap().count() - 2
}

#[test]
fn damage_to_what_files_say_is_of_no_consequence() {
    let project = project();
    let facts = project.path().join("node_modules/.cache/routewise/routewise-facts");
    kept(&project, &[]);
    let whole = fs::read(&facts).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let others = [flipped, whole[..whole.len() - 9].to_vec(), Vec::new(), b"routewise facts 1\n".to_vec()];
    for (number, damaged) in others.into_iter().enumerate() {
        fs::write(&facts, damaged).unwrap();
        project.write("app/api/report/route.ts", &format!("// {number}\n{REPORT}"));
        let fresh = project.run(&["check"]);
        assert_eq!(kept(&project, &[]), (fresh, false), "{number}");
        kept(&project, &["--cache-location", &format!("other-{number}")]);
        let anew = project.path().join(format!("other-{number}/routewise-facts"));
        assert!(fs::read(&facts).unwrap() == fs::read(anew).unwrap(), "{number}: it is written again");
    }
}

#[test]
fn what_other_rules_found_in_a_file_is_not_taken_for_what_these_do() {
    let project = project();
    kept(&project, &[]);
    project.write(".routewise/own/call/rule.md", RULE);
    project.write(".routewise/own/call/rule.scm", "((call_expression) @at)\n");
    let fresh = project.run(&["check"]);
    assert!(fresh.stdout.contains("own/call"), "{fresh:?}");
    assert_eq!(kept(&project, &[]), (fresh, false));
}

#[test]
fn without_the_flag_nothing_is_written() {
    let project = project();
    let before = project.all();
    project.run(&["check"]);
    project.run(&["check", "--cache", "--diff"]);
    project.run_on(ROUTE, &["check", "--cache", "--stdin-filepath", "app/api/users/route.ts"]);
    assert_eq!(project.all(), before);
}

#[test]
fn it_is_kept_among_installed_packages_else_in_a_folder_that_git_passes_over() {
    let project = project();
    warmed(&project, &[]);
    assert_eq!(kept_files(&project, "node_modules/.cache/routewise"), 1);
    assert!(!project.path().join(".routewise-cache").exists());

    let project = Project::small();
    project.commit();
    warmed(&project, &[]);
    assert_eq!(project.read(".routewise-cache/.gitignore"), "*\n");
    project.git(&["add", "."]);
    project.git(&["diff", "--cached", "--exit-code"]);

    let project = Project::small();
    warmed(&project, &["--cache-location", "kept/here"]);
    assert_eq!(kept_files(&project, "kept/here"), 1);
    let fresh = project.run(&["check"]);
    assert_eq!(project.run(&["check", "--cache-location", "kept/here"]), fresh, "it implies --cache");
}

#[test]
fn a_check_that_could_not_be_done_is_not_kept() {
    let project = project();
    project.write("routewise.json", "{ broken");
    for _ in 0..2 {
        let (run, again) = kept(&project, &[]);
        assert_eq!((run, again), (project.run(&["check"]), false));
    }
    let (run, _) = kept(&project, &["nowhere"]);
    assert_eq!(run, project.run(&["check", "nowhere"]));
}

#[test]
fn a_folder_that_cannot_be_written_is_told_of_and_the_check_stands() {
    let project = project();
    project.write("taken", "");
    let fresh = project.run(&["check"]);
    let (run, again) = kept(&project, &["--cache-location", "taken"]);
    assert_eq!((run.status, &run.stdout, again), (fresh.status, &fresh.stdout, false));
    let folder = project.path().join("taken");
    assert!(
        run.stderr.starts_with(&format!(
            "warning: the check is not kept, {} cannot be written: ",
            folder.display()
        )) && run.stderr.ends_with("; name another folder with --cache-location\n"),
        "{run:?}"
    );
}

#[test]
fn the_oldest_are_dropped() {
    let project = Project::small();
    for number in 0..40 {
        kept(&project, &["--max-warnings", &number.to_string()]);
    }
    assert_eq!(kept_files(&project, ".routewise-cache"), 32);
    assert!(kept(&project, &["--max-warnings", "39"]).1);
    assert!(!kept(&project, &["--max-warnings", "0"]).1);
}

#[test]
fn many_at_once_do_not_hurt_each_other() {
    let project = project();
    let fresh = project.run(&["check"]);
    let start = || project.command(&["check", "--cache"]).stdout(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..8).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), fresh.stdout);
    }
    assert_eq!(kept(&project, &[]), (fresh, true));
    assert_eq!(kept_files(&project, "node_modules/.cache/routewise"), 1);
}

#[test]
fn a_check_that_depends_on_what_lies_outside_of_the_project_is_not_kept_which_is_said() {
    let around = Project::with(&[
        ("shared/base/tsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#),
        ("shop/package-lock.json", "{}"),
        ("shop/package.json", "{}"),
        ("shop/tsconfig.json", r#"{ "extends": "../shared/base/tsconfig.json" }"#),
        ("shop/app/api/users/route.ts", CLEAN),
    ]);
    let fresh = around.run_in("shop", &["check"]);
    let (run, again) = kept_in(&around, "shop", &[]);
    assert_eq!((&run.stdout, again), (&fresh.stdout, false));
    assert!(run.stderr.contains("which lies outside of the project"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn what_is_linked_into_the_project_is_looked_at_again_too() {
    use std::os::unix::fs::symlink;
    let around = Project::with(&[
        ("elsewhere/db/package.json", r#"{ "name": "@shop/db", "main": "index.ts" }"#),
        ("elsewhere/db/index.ts", "export const db = 1\n"),
        ("shop/package-lock.json", "{}"),
        ("shop/package.json", r#"{ "dependencies": { "@shop/db": "*" } }"#),
        (
            "shop/app/api/users/route.ts",
            "import { db } from '@shop/db'\nexport const GET = () => Response.json(db)\n",
        ),
        ("shop/node_modules/@shop/none", ""),
    ]);
    let link = around.path().join("shop/node_modules/@shop/db");
    symlink(around.path().join("elsewhere/db"), &link).unwrap();
    kept_in(&around, "shop", &[]);
    assert!(kept_in(&around, "shop", &[]).1);
    around.write("elsewhere/db/package.json", r#"{ "name": "@shop/db", "main": "gone.ts" }"#);
    assert!(!kept_in(&around, "shop", &[]).1);
    assert!(kept_in(&around, "shop", &[]).1);
    fs::remove_file(&link).unwrap();
    symlink("/etc", &link).unwrap();
    assert!(!kept_in(&around, "shop", &[]).1);
}
