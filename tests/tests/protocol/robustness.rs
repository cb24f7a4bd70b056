//! What no client should send, and what a busy server owes.

use std::time::{Duration, Instant};

use routewise_tests::client::{Client, patience};
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::routes;
use serde_json::{Value, json};

use crate::support::{LEGACY, legacy_project, pulling};

/// Asks everything there is to ask about a document; every answer is checked against the schema.
fn ask_everything(client: &mut Client, uri: &str) -> Vec<Value> {
    let document = json!({"uri": uri});
    let place = json!({"line": 3, "character": 7});
    let range = json!({"start": place, "end": {"line": 1_000_000, "character": 1_000_000}});
    vec![
        client.request("textDocument/hover", json!({"textDocument": document, "position": place})),
        client.request(
            "textDocument/codeAction",
            json!({"textDocument": document, "range": range, "context": {"diagnostics": []}}),
        ),
    ]
}

#[test]
fn questions_about_a_document_that_is_not_open_are_answered_with_nothing() {
    let project = legacy_project(&[("app/api/a/route.ts", "legacy();\n")]);
    let mut client = Client::start_as(&project, &pulling(&project));
    for uri in [
        project.uri("app/api/none/route.ts"),
        "untitled:none".to_owned(),
        "file:///nowhere/at/all.ts".to_owned(),
    ] {
        for answer in ask_everything(&mut client, &uri) {
            assert!(answer.is_null() || answer == json!([]), "{uri}: {answer}");
        }
        // Helix pulls before it opens.
        let report = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
        assert_eq!(report["items"], json!([]), "{uri}");
    }
    client.take("workspace/diagnostic/refresh");
    client.finish();
}

#[test]
fn places_outside_the_text_are_clamped() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();");
    client.codes_become(&uri, &[LEGACY]);
    ask_everything(&mut client, &uri);
    let far = json!({"line": 1_000_000, "character": 1_000_000});
    client.change(&uri, 2, &[(json!({"start": far, "end": far}), "\nlegacy();")]);
    assert_eq!(client.diagnostics(&uri, 2)[1]["range"]["start"], json!({"line": 1, "character": 0}));
    // A range that runs backwards removes nothing.
    let backwards = json!({"start": {"line": 1, "character": 0}, "end": {"line": 0, "character": 0}});
    client.change(&uri, 3, &[(backwards, "\n")]);
    assert_eq!(client.diagnostics(&uri, 3)[1]["range"]["start"], json!({"line": 2, "character": 0}));
    client.finish();
}

#[test]
fn a_bad_message_costs_that_message() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    let frame = |body: &str| format!("Content-Length: {}\r\n\r\n{body}", body.len());
    for body in [
        "{",
        "[]",
        "null",
        "\"hello\"",
        "{\"jsonrpc\":\"2.0\"}",
        "\u{feff}{}",
        "{\"jsonrpc\":\"2.0\",\"method\":7}",
    ] {
        client.transport().send_raw(frame(body).as_bytes());
    }
    client.transport().send_raw(b"content-length: x\r\n\r\n");
    client.notify("textDocument/didOpenn", json!({}));
    client.notify("$/setTrace", json!({"value": "verbose"}));
    client.notify("$/something/new", json!({}));
    client
        .transport()
        .send(&json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": 5}}));
    client.transport().send(&json!({"jsonrpc": "2.0", "method": "textDocument/didOpen"}));
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.be_lenient();
    client.finish();
}

#[test]
fn an_unknown_request_is_refused_with_method_not_found() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    let id = client.send_request("textDocument/moonPhase", json!({}));
    assert_eq!(client.answer(id).unwrap_err()["code"], -32601);
    client.finish();
}

#[test]
fn parameters_of_the_wrong_shape_are_an_error_and_nothing_more() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    let id = client.send_request("codeAction/resolve", json!({"title": 5}));
    assert_eq!(client.answer(id).unwrap_err()["code"], -32602);
    let resolved =
        client.request("codeAction/resolve", json!({"title": "not ours", "data": {"from": "elsewhere"}}));
    assert!(resolved.get("edit").is_none());
    client.finish();
}

#[test]
fn a_cancelled_request_is_answered_promptly_while_the_server_is_busy() {
    let project = legacy_project(&[]);
    let text = routes::next_route(2_500);
    let mut client = Client::start_as(&project, &pulling(&project));
    let mut uris = Vec::new();
    for number in 0..8 {
        let uri = project.uri(&format!("app/api/busy{number}/route.ts"));
        client.open(&uri, &text);
        uris.push(uri);
    }
    let asked: Vec<i64> = uris
        .iter()
        .map(|uri| client.send_request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}})))
        .collect();
    let last = *asked.last().unwrap();
    let sent = Instant::now();
    client.notify("$/cancelRequest", json!({"id": last}));
    match client.answer(last) {
        Err(error) => assert_eq!(error["code"], -32800),
        // It was done before the word came.
        Ok(report) => assert_eq!(report["kind"], "full"),
    }
    assert!(sent.elapsed() < patience() / 6, "{:?}", sent.elapsed());
    for id in &asked[..7] {
        assert!(client.answer(*id).is_ok());
    }
    client.be_lenient();
    client.finish();
}

#[test]
fn edits_and_questions_are_taken_while_the_workspace_is_still_read() {
    let project = legacy_project(&[]);
    for number in 0..200 {
        project.write(&format!("lib/module{number}.ts"), &routes::helper_module(number));
    }
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();\n");
    let diagnostics = client.codes_become(&uri, &[LEGACY]);
    client.actions(&uri, &diagnostics, &diagnostics[0]["range"], None);
    client.progress();
    client.finish();
}

#[test]
fn shutdown_ends_a_server_that_is_reading_the_workspace() {
    let project = legacy_project(&[]);
    for number in 0..300 {
        project.write(&format!("lib/module{number}.ts"), &routes::helper_module(number));
    }
    let client = Client::start(&project);
    client.finish();
}

#[test]
fn a_hostile_text_hurts_nobody() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    let deep = "(".repeat(50_000);
    let deep_arrays = format!("const a = {}{};\n", "[".repeat(5_000), "]".repeat(5_000));
    let long_line = format!("const a = '{}';\n", "x".repeat(1_000_000));
    let unclosed = format!("export async function GET() {{ {}", "if (a) { `${".repeat(2_000));
    let texts = [deep.as_str(), &deep_arrays, &long_line, &unclosed, "\0\0\u{1}\u{feff}", "", "\r\r\n\n\r"];
    for (number, text) in texts.iter().enumerate() {
        let uri = project.uri(&format!("app/api/hostile{number}/route.ts"));
        client.open(&uri, text);
        client.diagnostics(&uri, 1);
        ask_everything(&mut client, &uri);
        client.replace(&uri, 2, "legacy();\n");
        client.diagnostics_until(&uri, |params| {
            params["version"] == 2 && params["diagnostics"][0]["code"] == LEGACY
        });
    }
    client.be_lenient();
    client.finish();
}

#[test]
fn a_file_too_large_to_be_written_by_hand_is_left_alone() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    let text = "legacy();\n".repeat(600_000);
    client.open(&uri, &text);
    assert_eq!(client.diagnostics(&uri, 1), Vec::<Value>::new());
    client.replace(&uri, 2, "legacy();\n");
    assert_eq!(client.diagnostics(&uri, 2).len(), 1);
    client.be_lenient();
    client.finish();
}

#[test]
fn a_client_that_refuses_every_request_is_served_all_the_same() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::spawn(project.root());
    for method in ["client/registerCapability", "window/workDoneProgress/create", "workspace/configuration"] {
        client.reply(method, |_| Err(json!({"code": -32603, "message": "no"})));
    }
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.listen(Duration::from_millis(20));
    client.be_lenient();
    client.finish();
}
