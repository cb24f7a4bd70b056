//! What module specifiers mean.

use routewise_analysis::project::Resolution;

use super::Fixture;
use crate::Options;

/// What specifiers mean in one file: the file seen from the folder, `external` or `unresolved`.
fn meanings(fixture: &Fixture, file: &str, specifiers: &[&str]) -> Vec<String> {
    let workspace = fixture.open();
    let meaning = |specifier: &&str| match workspace.resolve(&fixture.path(file), specifier) {
        Resolution::File(path) => path.strip(&fixture.root()).unwrap_or(path.as_str()).to_owned(),
        Resolution::External => "external".to_owned(),
        Resolution::Unresolved => "unresolved".to_owned(),
    };
    specifiers.iter().map(meaning).collect()
}

#[test]
fn relative_specifiers_find_files_of_every_extension() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("lib/db.ts", ""),
        ("lib/view.tsx", ""),
        ("lib/old.js", ""),
        ("lib/index.ts", ""),
        ("lib/data.json", ""),
        ("lib/compiled.ts", ""),
        ("lib/module.mts", ""),
    ]);
    assert_eq!(
        meanings(
            &fixture,
            "app/route.ts",
            &[
                "../lib/db",
                "../lib/db.ts",
                "../lib/view",
                "../lib/old",
                "../lib",
                "../lib/",
                "../lib/data.json",
                "../lib/compiled.js",
                "../lib/module.mjs",
                "../lib/none",
                "./",
                ""
            ]
        ),
        [
            "lib/db.ts",
            "lib/db.ts",
            "lib/view.tsx",
            "lib/old.js",
            "lib/index.ts",
            "lib/index.ts",
            "lib/data.json",
            "lib/compiled.ts",
            "lib/module.mts",
            "unresolved",
            "unresolved",
            "unresolved"
        ]
    );
}

#[test]
fn packages_and_builtins_are_external_installed_or_not() {
    let fixture = Fixture::new(&[
        ("package.json", r#"{"dependencies":{"pg":"8"}}"#),
        ("node_modules/express/package.json", r#"{"main":"index.js"}"#),
        ("node_modules/express/index.js", ""),
        ("a.ts", ""),
    ]);
    let specifiers = [
        "express",
        "express/lib/none",
        "pg",
        "@acme/none/deep",
        "node:fs",
        "fs/promises",
        "bun:sqlite",
        "cloudflare:sockets",
        "https://esm.sh/x",
    ];
    assert_eq!(meanings(&fixture, "a.ts", &specifiers), ["external"; 9]);
}

#[test]
fn aliases_of_the_tsconfig_are_followed_through_comments_and_extends() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("tsconfig.base.json", r#"{ "compilerOptions": { "paths": { "~lib/*": ["./src/lib/*"] } } }"#),
        (
            "web/tsconfig.json",
            "{ // aliases\n \"compilerOptions\": { \"paths\": { \"@/*\": [\"./src/*\"], \"db\": [\"./src/db.ts\"], \"@/lib/*\": [\"./lib/*\"] }, } }",
        ),
        ("web/package.json", "{}"),
        ("web/src/db.ts", ""),
        ("web/lib/x.ts", ""),
        ("api/tsconfig.json", r#"{ "extends": "../tsconfig.base.json" }"#),
        ("api/package.json", "{}"),
        ("src/lib/mail.ts", ""),
    ]);
    assert_eq!(
        meanings(&fixture, "web/src/app/route.ts", &["@/db", "db", "@/lib/x", "@/none", "~lib/mail"]),
        ["web/src/db.ts", "web/src/db.ts", "web/lib/x.ts", "unresolved", "unresolved"]
    );
    assert_eq!(
        meanings(&fixture, "api/route.ts", &["~lib/mail", "~lib/none", "@/db"]),
        ["src/lib/mail.ts", "unresolved", "unresolved"]
    );
    let aliases = fixture.open().package_of(&fixture.path("web/a.ts")).aliases.clone();
    let shown: Vec<(&str, &str)> =
        aliases.iter().map(|(alias, path)| (&**alias, path.strip(&fixture.root()).unwrap())).collect();
    assert_eq!(shown, [("@/lib/", "web/lib/"), ("@/", "web/src/")]);
}

#[test]
fn aliases_hold_where_the_base_is_not_installed_and_for_files_the_tsconfig_does_not_list() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (
            "tsconfig.json",
            r#"{ "extends": "@tsconfig/next/tsconfig.json", "include": ["src"], "references": [{ "path": "./none" }],
                 "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#,
        ),
        ("src/db.ts", ""),
        ("src/a.ts", ""),
        ("src/old.js", ""),
        ("scripts/run.ts", ""),
    ]);
    for file in ["src/a.ts", "src/old.js", "scripts/run.ts"] {
        assert_eq!(meanings(&fixture, file, &["@/db"]), ["src/db.ts"], "{file}");
    }
}

#[test]
fn aliases_hold_where_the_base_of_the_base_is_not_installed_whatever_its_name() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (
            "tsconfig.json",
            r#"{ "extends": "./config/node.json", "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#,
        ),
        ("config/node.json", r#"{ "extends": ["./base.json", "@tsconfig/node22/tsconfig.json"] }"#),
        ("config/base.json", r#"{ "extends": "@tsconfig/strictest/tsconfig.json" }"#),
        ("src/db.ts", ""),
        ("src/a.ts", ""),
    ]);
    assert_eq!(meanings(&fixture, "src/a.ts", &["@/db"]), ["src/db.ts"]);
    let (_, problems) = fixture.open_with(&Options::default());
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn project_references_give_the_aliases_of_the_project_that_lists_the_file() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("tsconfig.json", r#"{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }"#),
        (
            "tsconfig.app.json",
            r#"{ "include": ["src"], "compilerOptions": { "composite": true, "paths": { "@/*": ["./src/*"] } } }"#,
        ),
        ("src/db.ts", ""),
        ("src/a.ts", ""),
    ]);
    assert_eq!(meanings(&fixture, "src/a.ts", &["@/db"]), ["src/db.ts"]);
}

#[test]
fn a_jsconfig_counts_where_there_is_no_tsconfig() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("jsconfig.json", r#"{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"] } } }"#),
        ("src/db.js", ""),
    ]);
    assert_eq!(meanings(&fixture, "src/a.js", &["@/db", "src/db"]), ["src/db.js", "src/db.js"]);
    assert_eq!(fixture.open().package_of(&fixture.path("a.js")).aliases[0].0, "@/");
}

#[test]
fn imports_of_the_package_are_followed() {
    let fixture = Fixture::new(&[
        ("package.json", r##"{ "imports": { "#db": "./src/db.ts", "#lib/*": "./src/lib/*.js" } }"##),
        ("src/db.ts", ""),
        ("src/lib/mail.ts", ""),
    ]);
    assert_eq!(
        meanings(&fixture, "src/a.ts", &["#db", "#lib/mail", "#none"]),
        ["src/db.ts", "src/lib/mail.ts", "unresolved"]
    );
}

#[cfg(unix)]
fn linked(exports: &str) -> Fixture {
    let fixture = Fixture::new(&[
        ("package.json", r#"{"workspaces":["apps/*","packages/*"]}"#),
        ("apps/web/package.json", r#"{"name":"web","dependencies":{"@acme/db":"workspace:*"}}"#),
        ("packages/db/package.json", &format!(r#"{{"name":"@acme/db"{exports}}}"#)),
        ("packages/db/src/index.ts", ""),
        ("packages/db/src/client.ts", ""),
        ("node_modules/@acme/", ""),
    ]);
    std::os::unix::fs::symlink(fixture.disk("packages/db"), fixture.disk("node_modules/@acme/db")).unwrap();
    fixture
}

#[test]
#[cfg(unix)]
fn a_linked_workspace_package_is_its_source() {
    let fixture = linked(
        r#","exports":{".":"./src/index.ts","./client":{"types":"./x.d.ts","default":"./src/client.ts"}}"#,
    );
    assert_eq!(
        meanings(&fixture, "apps/web/a.ts", &["@acme/db", "@acme/db/client", "@acme/db/none"]),
        ["packages/db/src/index.ts", "packages/db/src/client.ts", "unresolved"]
    );
}

#[test]
#[cfg(unix)]
fn a_workspace_package_that_is_not_built_is_not_guessed_at() {
    let fixture = linked(r#","main":"./dist/index.js""#);
    assert_eq!(meanings(&fixture, "apps/web/a.ts", &["@acme/db"]), ["unresolved"]);
    let fixture = linked(r#","exports":"./dist/index.js""#);
    assert_eq!(meanings(&fixture, "apps/web/a.ts", &["@acme/db"]), ["unresolved"]);
}

#[test]
#[cfg(unix)]
fn a_package_in_the_store_of_pnpm_is_external() {
    let store = "node_modules/.pnpm/pg@8.0.0/node_modules/pg";
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (&format!("{store}/package.json"), "{}"),
        (&format!("{store}/index.js"), ""),
    ]);
    std::os::unix::fs::symlink(fixture.disk(store), fixture.disk("node_modules/pg")).unwrap();
    assert_eq!(meanings(&fixture, "a.ts", &["pg", "pg/none"]), ["external", "external"]);
}

#[test]
fn a_workspace_package_is_found_by_name_where_nothing_is_installed() {
    let fixture = Fixture::new(&[
        ("package.json", r#"{"workspaces":["apps/*","packages/*"]}"#),
        (
            "apps/web/package.json",
            r#"{"name":"web","dependencies":{"@acme/db":"workspace:*","@acme/ui":"*","@acme/dist":"*"}}"#,
        ),
        ("packages/db/package.json", r#"{"name":"@acme/db","exports":{".":"./src/index.ts"}}"#),
        ("packages/db/src/index.ts", ""),
        ("packages/ui/package.json", r#"{"name":"@acme/ui","main":"src/index.ts"}"#),
        ("packages/ui/src/index.ts", ""),
        ("packages/ui/button.ts", ""),
        ("packages/dist/package.json", r#"{"name":"@acme/dist","main":"dist/index.js"}"#),
        ("packages/other/package.json", r#"{"name":"@acme/other","main":"i.ts"}"#),
        ("packages/other/i.ts", ""),
    ]);
    assert_eq!(
        meanings(
            &fixture,
            "apps/web/a.ts",
            &["@acme/db", "@acme/db/none", "@acme/ui", "@acme/ui/button", "@acme/dist", "@acme/other"]
        ),
        [
            "packages/db/src/index.ts",
            "unresolved",
            "packages/ui/src/index.ts",
            "packages/ui/button.ts",
            "unresolved",
            "external"
        ]
    );
}

#[test]
fn a_tsconfig_that_goes_in_circles_is_reported_and_relative_modules_are_found() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("tsconfig.json", r#"{ "extends": "./tsconfig.b.json" }"#),
        ("tsconfig.b.json", r#"{ "extends": "./tsconfig.json" }"#),
        ("db.ts", ""),
    ]);
    let (workspace, problems) = fixture.open_with(&crate::Options::default());
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, fixture.path("tsconfig.json"));
    assert_eq!(workspace.resolve(&fixture.path("a.ts"), "./db"), Resolution::File(fixture.path("db.ts")));
}
