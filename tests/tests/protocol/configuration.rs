//! Settings, configuration files and rules of the user's own.

use routewise_tests::client::{Client, codes};
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::text;
use routewise_tests::workspace::{TestProject, file_uri};
use serde_json::{Value, json};

use crate::support::{LEGACY, LEGACY_MD, LEGACY_SCM, PER_REQUEST, PER_REQUEST_RULE, indexed, legacy_project};

const ROUTE: &str = "app/api/orders/route.ts";

#[test]
fn a_broken_configuration_is_reported_at_its_place_and_cleared_when_it_is_mended() {
    let project = TestProject::next(&[]);
    let text = "{\n  \"rules\": { \"clients\": \"loud\" }\n}\n";
    project.write("routewise.json", text);
    let (config, uri) = (project.uri("routewise.json"), project.uri(ROUTE));
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    let diagnostics = client.diagnostics_until(&config, |params| params["diagnostics"] != json!([]));
    assert_eq!(diagnostics[0]["range"], text::range_of(text, "\"loud\"", "utf-16"));
    assert_eq!(diagnostics[0]["source"], "routewise");
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    indexed(&mut client);
    project.write("routewise.json", "{\n  \"rules\": { \"clients\": \"off\" }\n}\n");
    client.watched(&[(&config, 2)]);
    client.diagnostics_until(&config, |params| params["diagnostics"] == json!([]));
    client.codes_become(&uri, &[]);
    project.write("routewise.json", "{ not json");
    client.watched(&[(&config, 2)]);
    client.diagnostics_until(&config, |params| params["diagnostics"] != json!([]));
    client.be_lenient();
    client.finish();
}

#[test]
fn a_configuration_that_comes_and_goes_is_followed() {
    let project = TestProject::next(&[]);
    let (config, uri) = (project.uri("routewise.json"), project.uri(ROUTE));
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    indexed(&mut client);
    project.write("routewise.json", "{\"rules\": {\"clients/prisma-client-per-request\": \"information\"}}");
    client.watched(&[(&config, 1)]);
    client.diagnostics_until(&uri, |params| params["diagnostics"][0]["severity"] == 3);
    project.remove("routewise.json");
    client.watched(&[(&config, 3)]);
    client.diagnostics_until(&uri, |params| params["diagnostics"][0]["severity"] == 1);
    client.finish();
}

#[test]
fn did_change_configuration_switches_a_rule_off_and_on() {
    let project = legacy_project(&[]);
    let uri = project.uri(ROUTE);
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    let off = json!({"rules": {PER_REQUEST_RULE: "off"}});
    client.configure(&off);
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"routewise": off}}));
    client.codes_become(&uri, &[]);
    let hint = json!({"rules": {"clients": "hint"}});
    client.configure(&hint);
    // VS Code sends nothing with the notification: the server asks.
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let diagnostics = client.codes_become(&uri, &[PER_REQUEST_RULE]);
    assert_eq!(diagnostics[0]["severity"], 4);
    client.be_lenient();
    client.finish();
}

#[test]
fn settings_are_asked_for_at_the_start() {
    let project = legacy_project(&[]);
    let uri = project.uri(ROUTE);
    let mut client = Client::spawn(project.root());
    client.configure(&json!({"rules": {"clients": "off"}}));
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    client.open(&uri, &format!("{PER_REQUEST}legacy();\n"));
    client.codes_become(&uri, &[LEGACY]);
    client.finish();
}

#[test]
fn a_client_that_cannot_be_asked_sends_its_settings_with_initialize() {
    let project = legacy_project(&[]);
    let uri = project.uri(ROUTE);
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["workspace"]["configuration"] = json!(false);
    params["initializationOptions"] = json!({"rules": {"clients": "off"}});
    let mut client = Client::spawn(project.root());
    client.reply("workspace/configuration", |_| panic!("this client cannot be asked"));
    client.initialize(&params);
    client.open(&uri, &format!("{PER_REQUEST}legacy();\n"));
    client.codes_become(&uri, &[LEGACY]);
    client.finish();
}

#[test]
fn a_client_that_answers_configuration_with_an_error_is_served_all_the_same() {
    let project = legacy_project(&[]);
    let uri = project.uri(ROUTE);
    let mut client = Client::spawn(project.root());
    client.reply("workspace/configuration", |_| Err(json!({"code": -32601, "message": "no"})));
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.finish();
}

#[test]
fn a_rule_of_the_user_is_reloaded_while_the_server_runs() {
    let project = legacy_project(&[]);
    let uri = project.uri(ROUTE);
    let rule = project.uri(".routewise/team/no-legacy/rule.scm");
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();\nancient();\n");
    let before = client.codes_become(&uri, &[LEGACY]);
    assert_eq!(before[0]["range"]["start"]["line"], 0);
    indexed(&mut client);
    project.write(".routewise/team/no-legacy/rule.scm", &LEGACY_SCM.replace("legacy", "ancient"));
    client.watched(&[(&rule, 2)]);
    let moved = |params: &Value| params["diagnostics"][0]["range"]["start"]["line"] == 1;
    let after = client.diagnostics_until(&uri, moved);
    assert_eq!(codes(&json!(after)), [LEGACY]);
    client.finish();
}

#[test]
fn a_mistake_in_a_rule_of_the_user_is_reported_at_its_line_and_costs_that_rule_only() {
    let project = legacy_project(&[]);
    let uri = project.uri(ROUTE);
    let rule = project.uri(".routewise/team/no-legacy/rule.scm");
    let wrong = LEGACY_SCM.replace("#eq?", "#equals?");
    let mut client = Client::start(&project);
    client.open(&uri, &format!("{PER_REQUEST}legacy();\n"));
    client.codes_become(&uri, &[PER_REQUEST_RULE, LEGACY]);
    indexed(&mut client);
    project.write(".routewise/team/no-legacy/rule.scm", &wrong);
    client.watched(&[(&rule, 2)]);
    let errors = client.diagnostics_until(&rule, |params| params["diagnostics"] != json!([]));
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0]["range"]["start"]["line"], 1);
    assert!(errors[0]["message"].as_str().unwrap().contains("equals?"), "{errors:#?}");
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    project.write(".routewise/team/no-legacy/rule.scm", LEGACY_SCM);
    client.watched(&[(&rule, 2)]);
    client.diagnostics_until(&rule, |params| params["diagnostics"] == json!([]));
    client.codes_become(&uri, &[PER_REQUEST_RULE, LEGACY]);
    client.be_lenient();
    client.finish();
}

#[test]
fn a_rule_of_the_user_that_comes_while_the_server_runs_is_taken_in() {
    let project = TestProject::next(&[]);
    let uri = project.uri(ROUTE);
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();\n");
    assert_eq!(client.diagnostics(&uri, 1), Vec::<Value>::new());
    indexed(&mut client);
    project.write(".routewise/team/no-legacy/rule.scm", LEGACY_SCM);
    project.write(".routewise/team/no-legacy/rule.md", LEGACY_MD);
    let files = [".routewise/team/no-legacy/rule.scm", ".routewise/team/no-legacy/rule.md"];
    let files = files.map(|path| project.uri(path));
    client.watched(&[(&files[0], 1), (&files[1], 1)]);
    client.codes_become(&uri, &[LEGACY]);
    client.finish();
}

#[test]
fn the_editors_choice_of_host_wins_over_what_the_files_say() {
    let project = TestProject::next(&[]);
    let uri = project.uri(ROUTE);
    let mut client = Client::spawn(project.root());
    client.configure(&json!({"target": "planet"}));
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    client.open(&uri, PER_REQUEST);
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    // A target that does not exist is said, not guessed at.
    let message = client.next("window/showMessage");
    assert!(message["message"].as_str().unwrap().contains("planet"), "{message}");
    client.finish();
}

#[test]
fn a_setting_of_one_folder_holds_there_only_and_wins_over_the_general_one() {
    let (project, other) = (legacy_project(&[]), legacy_project(&[]));
    let (first, second) = (project.uri(ROUTE), other.uri(ROUTE));
    let mut params = plain_handshake(project.root(), "utf-16");
    let (folder, beside) = (file_uri(project.root()), file_uri(other.root()));
    params["workspaceFolders"] = json!([{"uri": folder, "name": "a"}, {"uri": beside, "name": "b"}]);
    let mut client = Client::spawn(project.root());
    let answering = move |level: &'static str| {
        let beside = beside.clone();
        move |params: &Value| {
            let of = |item: &Value| {
                if item["scopeUri"] == *beside {
                    json!({"rules": {"clients": level}, "target": "docker"})
                } else {
                    json!({"rules": {"clients": "warning"}})
                }
            };
            Ok(params["items"].as_array().into_iter().flatten().map(of).collect())
        }
    };
    client.reply("workspace/configuration", answering("hint"));
    client.initialize(&params);
    client.open(&first, PER_REQUEST);
    client.open(&second, PER_REQUEST);
    let severity = |level: u8| move |params: &Value| params["diagnostics"][0]["severity"] == level;
    client.diagnostics_until(&first, severity(2));
    let there = client.diagnostics_until(&second, severity(4));
    let message = there[0]["message"].as_str().unwrap();
    assert!(message.contains("the editor's settings"), "{message}");
    client.reply("workspace/configuration", answering("off"));
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    client.diagnostics_until(&second, |params| params["diagnostics"] == json!([]));
    client.finish();
}
