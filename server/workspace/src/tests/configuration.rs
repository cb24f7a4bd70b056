//! What configurations say, and what is said of broken ones.

use routewise_analysis::finding::Severity;
use routewise_analysis::rules::Catalogue;
use serde_json::json;

use super::Fixture;
use crate::config::{Config, schema};
use crate::{Options, Problem};

fn said(problems: &[Problem], fixture: &Fixture) -> Vec<String> {
    let root = format!("{}/", fixture.root());
    problems.iter().map(|problem| problem.to_string().replace(&root, "")).collect()
}

#[test]
fn a_nearer_file_wins_key_by_key() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("routewise.json", r#"{ "target": "fly", "rules": { "clients": "error", "state": "hint" } }"#),
        ("web/package.json", r#"{ "routewise": { "rules": { "state": "off" } } }"#),
        ("api/package.json", r#"{ "routewise": { "root": true, "target": "express" } }"#),
    ]);
    let workspace = fixture.open();
    let rules = |file: &str| workspace.settings_of(&fixture.path(file)).rules.clone();
    assert_eq!(rules("a.ts")["state"], Some(Severity::Hint));
    assert_eq!(rules("web/a.ts")["state"], None);
    assert_eq!(rules("web/a.ts")["clients"], Some(Severity::Error));
    assert!(rules("api/a.ts").is_empty());
    let target = |file: &str| workspace.package_of(&fixture.path(file)).target.clone();
    assert_eq!(&*target("web/a.ts").id, "fly");
    assert_eq!(target("web/a.ts").evidence[0].text, "\"target\" in ../routewise.json");
    assert_eq!(&*target("api/a.ts").id, "express");
    assert_eq!(target("api/a.ts").evidence[0].text, "\"target\" in package.json");
}

#[test]
fn the_editor_wins_over_files_and_the_command_line_over_both() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("routewise.json", r#"{ "target": "fly", "rules": { "clients": "error" } }"#),
        ("web/routewise.json", r#"{ "rules": { "clients": "warning", "state": "error" } }"#),
    ]);
    let (settings, wrong) = Config::from_settings(&json!({
        "target": "vercel", "rules": { "clients": "off" }, "trace": { "server": "off" }, "include": null
    }));
    assert_eq!(wrong, Vec::<String>::new());
    let mut options = Options { settings: Some(settings), ..Options::default() };
    let (workspace, problems) = fixture.open_with(&options);
    assert_eq!(problems, []);
    let settings = workspace.settings_of(&fixture.path("web/a.ts"));
    assert_eq!(settings.rules["clients"], None);
    assert_eq!(settings.rules["state"], Some(Severity::Error));
    let target = workspace.package_of(&fixture.path("a.ts")).target.clone();
    assert_eq!(
        (&*target.id, target.evidence[0].text.as_str()),
        ("vercel", "\"target\" in the editor's settings")
    );
    options.target = Some("docker".to_owned());
    let target = fixture.open_with(&options).0.package_of(&fixture.path("a.ts")).target.clone();
    assert_eq!((&*target.id, target.evidence[0].text.as_str()), ("docker", "--target docker"));
}

#[test]
fn an_editors_mistakes_are_told() {
    let (config, wrong) = Config::from_settings(&json!({ "target": "vercell", "rules": 3, "root": true }));
    assert_eq!(config.root, Some(true));
    assert_eq!(
        wrong,
        ["Unknown target `vercell`: did you mean `vercel`?", "Expected an object from rule to severity."]
    );
    assert_eq!(Config::from_settings(&json!(null)), (Config::default(), vec![]));
}

#[test]
fn a_file_named_on_the_command_line_replaces_all_others() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        ("routewise.json", r#"{ "rules": { "clients": "error" }, "broken": 1 }"#),
        ("ci.json", r#"{ "rules": { "state": "error" }, "exclude": ["b.ts"] }"#),
        ("a.ts", ""),
        ("b.ts", ""),
    ]);
    let options = Options { config: Some(fixture.disk("ci.json")), ..Options::default() };
    let (workspace, problems) = fixture.open_with(&options);
    assert_eq!(problems, []);
    assert_eq!(fixture.names(&workspace.files()), ["a.ts"]);
    let settings = workspace.settings_of(&fixture.path("a.ts"));
    assert_eq!(settings.rules.keys().collect::<Vec<_>>(), ["state"]);
    fixture.write("ci/strict.json", r#"{ "include": ["b.ts"] }"#);
    let options = Options { config: Some(fixture.disk("ci/strict.json")), ..Options::default() };
    assert_eq!(fixture.names(&fixture.open_with(&options).0.files()), ["b.ts"]);
    let options = Options { config: Some(fixture.disk("none.json")), ..Options::default() };
    assert_eq!(
        said(&fixture.open_with(&options).1, &fixture)[..1],
        ["none.json: This configuration cannot be read; check the path of --config."]
    );
}

#[test]
fn every_broken_file_is_reported_at_its_place_also_where_no_source_is() {
    let fixture = Fixture::new(&[
        ("package.json", "{ \"name\": }"),
        ("docs/routewise.json", "{\n  \"rulez\": {}\n}"),
        ("two/routewise.json", "{}"),
        ("two/routewise.jsonc", "{}"),
        ("both/routewise.json", "{}"),
        ("both/package.json", "{ \"routewise\": {} }"),
        ("in/package.json", "{\n  \"routewise\": { \"target\": \"flyy\" } }"),
        ("ts/package.json", "{}"),
        ("ts/tsconfig.json", "{ \"compilerOptions\": { \"paths\": } }"),
        ("base/package.json", "{}"),
        ("base/tsconfig.json", "{ \"extends\": \"./none.json\" }"),
    ]);
    let (_, problems) = fixture.open_with(&Options::default());
    assert_eq!(
        said(&problems, &fixture),
        [
            "base/tsconfig.json:1:14: There is no ./none.json; correct the path.",
            "both/package.json: `routewise` is not used because routewise.json stands beside it; delete one of the two.",
            "docs/routewise.json:2:3: Unknown key `rulez`: did you mean `rules`?",
            "in/package.json:2:28: Unknown target `flyy`: did you mean `fly`?",
            "package.json:1:11: This is not JSON: expected value. Nothing of the file is used.",
            "ts/tsconfig.json:1:33: This is not JSON: Unexpected close brace. Its `paths` are not used.",
            "two/routewise.jsonc: routewise.json stands beside it and is used; delete one of the two.",
        ]
    );
}

#[test]
fn an_unknown_target_on_the_command_line_is_reported_and_not_used() {
    let fixture = Fixture::new(&[("package.json", "{}"), ("fly.toml", "")]);
    let options = Options { target: Some("cloud".to_owned()), ..Options::default() };
    let (workspace, problems) = fixture.open_with(&options);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].message.starts_with("Unknown target `cloud`: there are `vercel`, `vercel-container`,")
    );
    assert_eq!(&*workspace.package_of(&fixture.path("a.ts")).target.id, "fly");
}

#[test]
fn rules_that_are_not_there_are_reported_where_they_are_named() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (
            "routewise.json",
            "{ \"rules\": {\n \"routewise/unused-suppression\": \"off\",\n \"no/such-rule-at-all\": \"off\" } }",
        ),
    ]);
    let workspace = fixture.open();
    let problems = workspace.check_rules(&Catalogue::builtin());
    assert_eq!(
        said(&problems, &fixture),
        ["routewise.json:3:2: Unknown rule `no/such-rule-at-all`: `routewise rules` lists what there is."]
    );
}

#[test]
fn the_schema_says_what_the_reader_takes() {
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let validator = jsonschema::draft7::new(&schema).unwrap();
    for (text, valid) in [
        (json!({}), true),
        (json!({ "$schema": "x", "target": "fly", "rules": { "clients": "off", "my/rule": "hint" } }), true),
        (json!({ "include": ["a"], "exclude": [], "root": false }), true),
        (json!({ "rulez": {} }), false),
        (json!({ "target": "cloud" }), false),
        (json!({ "rules": { "clients": "warn" } }), false),
        (json!({ "exclude": "a" }), false),
        (json!({ "root": 1 }), false),
        (json!({ "root": null }), false),
        (json!({ "target": null }), false),
        (json!({ "include": null }), false),
    ] {
        assert_eq!(validator.is_valid(&text), valid, "{text}");
        let read = crate::config::parse(&text.to_string());
        assert_eq!(read.issues.is_empty(), valid, "{text}");
    }
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(property["description"].is_string(), "{name}");
    }
}

#[test]
fn rules_of_the_user_are_found_by_their_folder() {
    let fixture = Fixture::new(&[
        ("package.json", "{}"),
        (".routewise/acme/no-console/rule.md", "# No console"),
        (".routewise/acme/no-console/rule.scm", "(call_expression) @match"),
        (".routewise/acme/detected/rule.md", "# Detected"),
        (".routewise/acme/empty/notes.txt", ""),
        (".routewise/rule.md", "no id"),
    ]);
    let rules = fixture.open().user_rules();
    let ids: Vec<&str> = rules.iter().map(|rule| &*rule.id).collect();
    assert_eq!(ids, ["acme/detected", "acme/no-console"]);
    assert_eq!(rules[1].scm.as_deref(), Some("(call_expression) @match"));
    assert_eq!(rules[1].md, "# No console");
    assert_eq!(rules[1].folder, Some(fixture.path(".routewise/acme/no-console")));
    assert_eq!(rules[0].scm, None);
}
