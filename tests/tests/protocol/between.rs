//! Remarks between the code, and the way of a request through the project.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::text;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

use crate::support::indexed;

const ROUTE: &str =
    "export const maxDuration = 60;\nexport async function GET() {\n  return Response.json({});\n}\n";

const LOAD: &str = "export function load() {\n  return fetch('/api/users/7');\n}\n";

const PAGE: &str =
    "import { load } from '../lib/load';\nexport default function Page() {\n  return load();\n}\n";

fn shop() -> TestProject {
    TestProject::next(&[
        ("app/api/users/[id]/route.ts", ROUTE),
        ("lib/load.ts", LOAD),
        ("app/page.tsx", PAGE),
        ("proxy.ts", "export function proxy() {}\nexport const config = { matcher: '/api/:path*' };\n"),
    ])
}

fn hints(client: &mut Client, uri: &str) -> Value {
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    client.request("textDocument/inlayHint", json!({ "textDocument": { "uri": uri }, "range": range }))
}

#[test]
fn remarks_are_off_until_they_are_wanted_and_the_editor_is_told_when_that_changes() {
    let project = shop();
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["workspace"]["inlayHint"] = json!({ "refreshSupport": true });
    let mut client = Client::start_as(&project, &params);
    client.be_lenient();
    indexed(&mut client);
    let uri = project.uri("app/api/users/[id]/route.ts");
    client.open(&uri, ROUTE);
    assert_eq!(hints(&mut client, &uri), Value::Null);
    client.configure(&json!({ "inlayHints": true }));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.next("workspace/inlayHint/refresh");
    let found = hints(&mut client, &uri);
    assert_eq!(found[0]["label"], "/api/users/[id] · 60 s");
    assert_eq!(found[0]["position"], json!({ "line": 1, "character": 25 }));
    assert_eq!(found[0]["paddingLeft"], true);
    assert!(
        found[0]["tooltip"].as_str().is_some_and(|it| it.starts_with("Time limit: 60 s, from maxDuration")),
        "{found}"
    );
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    client.configure(&json!({ "inlayHints": false }));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    client.next("workspace/inlayHint/refresh");
    assert_eq!(hints(&mut client, &uri), Value::Null);
    client.finish();
}

#[test]
fn lenses_are_asked_for_again_when_another_file_changes_what_they_say() {
    let project = shop();
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["workspace"]["codeLens"] = json!({ "refreshSupport": true });
    let mut client = Client::start_as(&project, &params);
    client.be_lenient();
    indexed(&mut client);
    client.next("workspace/codeLens/refresh");
    let uri = project.uri("lib/load.ts");
    client.open(&uri, LOAD);
    client.replace(&uri, 2, &LOAD.replace("/api/users/7", "/api/orders"));
    client.next("workspace/codeLens/refresh");
    client.finish();
}

fn step(client: &mut Client, method: &str, item: &Value) -> Vec<Value> {
    let answer = client.request(method, json!({ "item": item }));
    answer.as_array().cloned().unwrap_or_default()
}

#[test]
fn a_handler_is_led_to_by_its_middleware_and_callers_and_these_by_theirs() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let project = shop();
        let mut client = Client::start_as(&project, &plain_handshake(project.root(), encoding));
        client.be_lenient();
        indexed(&mut client);
        let uri = project.uri("lib/load.ts");
        client.open(&uri, LOAD);
        let offset = LOAD.find("/api").expect("a URL");
        let (line, character) = text::position(LOAD, offset, encoding);
        let params =
            json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
        let items = client.request("textDocument/prepareCallHierarchy", params);
        let handler = &items[0];
        assert_eq!(handler["name"], "GET /api/users/[id]");
        assert_eq!(handler["uri"], project.uri("app/api/users/[id]/route.ts"));
        assert_eq!(handler["detail"], "handler · app/api/users/[id]/route.ts");
        assert_eq!(handler["selectionRange"]["start"], json!({ "line": 1, "character": 22 }));
        let before = step(&mut client, "callHierarchy/incomingCalls", handler);
        let names: Vec<&str> = before.iter().filter_map(|it| it["from"]["name"].as_str()).collect();
        assert_eq!(names, ["load", "proxy"]);
        let url = LOAD.find('\'').expect("a URL");
        let range = text::range(LOAD, url..url + "'/api/users/7'".len(), encoding);
        assert_eq!(before[0]["fromRanges"], json!([range]));
        let callers = step(&mut client, "callHierarchy/incomingCalls", &before[0]["from"]);
        let names: Vec<&str> = callers.iter().filter_map(|it| it["from"]["name"].as_str()).collect();
        assert_eq!(names, ["Page"]);
        let behind = step(&mut client, "callHierarchy/outgoingCalls", &before[1]["from"]);
        assert_eq!(behind[0]["to"]["name"], "GET /api/users/[id]");
        client.finish();
    }
}
