//! The beginning and the end of a session.

use std::time::{Duration, Instant};

use routewise_tests::binary::routewise;
use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::transport::Transport;
use serde_json::{Value, json};

use crate::support::legacy_project;

#[test]
fn exit_ends_the_server_while_its_input_stays_open() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    assert_eq!(client.request("shutdown", Value::Null), Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn exit_without_shutdown_is_code_1() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn exit_before_initialize_is_code_1() {
    let project = legacy_project(&[]);
    let mut client = Client::spawn(project.root());
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_end_of_its_input_ends_the_server() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    client.transport().close_input();
    // A client that is gone without a word has failed.
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_end_of_its_input_before_initialize_ends_the_server() {
    let project = legacy_project(&[]);
    let mut client = Client::spawn(project.root());
    client.transport().close_input();
    assert_eq!(client.exit_code(), Some(1));
}

#[test]
fn the_end_of_the_parent_process_ends_the_server() {
    let project = legacy_project(&[]);
    // Any process that waits will do for a parent.
    let mut parent = Transport::process(routewise(), &["lsp"], project.root());
    let mut params = plain_handshake(project.root(), "utf-16");
    params["processId"] = json!(parent.pid());
    let mut client = Client::start_as(&project, &params);
    client.listen(Duration::from_millis(1));
    parent.kill();
    let code = client.exit_code();
    assert_ne!(code, Some(0), "a parent that is gone has said no farewell");
}

#[test]
fn requests_before_initialize_and_after_shutdown_are_refused() {
    let project = legacy_project(&[]);
    let hover =
        json!({"textDocument": {"uri": project.uri("a.ts")}, "position": {"line": 0, "character": 0}});
    let mut client = Client::spawn(project.root());
    let early = client.send_request("textDocument/hover", hover.clone());
    assert_eq!(client.answer(early).unwrap_err()["code"], -32002);
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    assert_eq!(client.request("shutdown", Value::Null), Value::Null);
    let late = client.send_request("textDocument/hover", hover);
    assert_eq!(client.answer(late).unwrap_err()["code"], -32600);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), Some(0));
}

#[test]
fn a_second_initialize_is_refused() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    let again = client.send_request("initialize", plain_handshake(project.root(), "utf-16"));
    assert_eq!(client.answer(again).unwrap_err()["code"], -32600);
    client.finish();
}

#[test]
fn the_server_says_its_name_and_version() {
    let project = legacy_project(&[]);
    let mut client = Client::spawn(project.root());
    let result = client.initialize(&plain_handshake(project.root(), "utf-16"));
    assert_eq!(result["serverInfo"], json!({"name": "routewise", "version": env!("CARGO_PKG_VERSION")}));
    client.finish();
}

/// A thread keeps the memory that it has freed for as long as it lives.
#[test]
#[cfg(target_os = "linux")]
fn threads_end_when_they_have_nothing_to_do() {
    let project = legacy_project(&[("app/api/a/route.ts", "export const GET = () => new Response();\n")]);
    let mut client = Client::start(&project);
    client.progress();
    let requests: Vec<_> = (0..20).map(|_| client.send_request("routewise/overview", json!({}))).collect();
    for request in requests {
        client.answer(request).expect("an overview");
    }
    // The one that reads messages stays. Threads of tokio that are left to themselves live for ten seconds.
    let begun = Instant::now();
    let mut threads = client.transport().threads();
    while threads != Some(1) && begun.elapsed() < Duration::from_secs(8) {
        client.listen(Duration::from_millis(10));
        threads = client.transport().threads();
    }
    assert_eq!(threads, Some(1));
    client.finish();
}

#[test]
fn reading_the_workspace_is_shown_from_begin_to_end() {
    let project = legacy_project(&[("app/api/a/route.ts", "export const GET = () => new Response();\n")]);
    let mut client = Client::start(&project);
    let progress = client.progress();
    let kinds: Vec<_> = progress.iter().filter_map(|value| value["kind"].as_str()).collect();
    assert_eq!((kinds.first(), kinds.last()), (Some(&"begin"), Some(&"end")));
    assert!(kinds[1..kinds.len() - 1].iter().all(|kind| *kind == "report"), "{kinds:?}");
    assert!(progress[0]["title"].as_str().is_some_and(|title| !title.is_empty()));
    let percentages: Vec<_> = progress.iter().filter_map(|value| value["percentage"].as_u64()).collect();
    assert!(percentages.is_sorted(), "a progress that goes back: {percentages:?}");
    client.finish();
}

#[test]
fn a_client_that_shows_no_progress_is_not_bothered_with_any() {
    let project = legacy_project(&[]);
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["window"] = json!({});
    let mut client = Client::start_as(&project, &params);
    client.reply("window/workDoneProgress/create", |_| panic!("the client shows no progress"));
    let uri = project.uri("app/api/a/route.ts");
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[crate::support::LEGACY]);
    assert_eq!(client.progress_count(), 0);
    client.finish();
}
