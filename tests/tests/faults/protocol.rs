//! Editors that leave in the middle of a word, do not listen, or name one folder twice.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use routewise_tests::binary::routewise;
use routewise_tests::client::{Client, patience};
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::transport::Transport;
use routewise_tests::workspace::{TestProject, file_uri};
use serde_json::{Value, json};

pub(crate) const BAD: &str = "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.user.count());\n}\n";

const RULE: &str = "clients/prisma-client-per-request";

pub(crate) const ROUTE: &str = "app/api/users/route.ts";

/// What an editor says from the first word to the last.
pub(crate) fn session(project: &TestProject) -> Vec<Value> {
    let uri = project.uri(ROUTE);
    let top = json!({ "line": 0, "character": 0 });
    let message =
        |method: &str, params: Value| json!({ "jsonrpc": "2.0", "method": method, "params": params });
    let request = |id: u32, method: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let document = json!({ "uri": uri, "languageId": "typescript", "version": 1, "text": BAD });
    let change = |version: u32| {
        let changes = json!([{ "range": { "start": top, "end": top }, "text": "\n" }]);
        json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": changes })
    };
    vec![
        request(1, "initialize", plain_handshake(project.root(), "utf-16")),
        message("initialized", json!({})),
        message("textDocument/didOpen", json!({ "textDocument": document })),
        message("textDocument/didChange", change(2)),
        request(2, "textDocument/hover", json!({ "textDocument": { "uri": uri }, "position": top })),
        message("textDocument/didChange", change(3)),
        message(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": [{ "uri": project.uri("package.json"), "type": 2 }] }),
        ),
        request(3, "shutdown", Value::Null),
    ]
}

pub(crate) fn frame(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn spawn(project: &TestProject) -> Child {
    spawn_on(project, Stdio::piped(), Stdio::piped())
}

/// Starts a server on streams of one's own.
pub(crate) fn spawn_on(project: &TestProject, input: impl Into<Stdio>, output: impl Into<Stdio>) -> Child {
    let mut command = Command::new(routewise());
    command.arg("lsp").current_dir(project.root());
    command.stdin(input).stdout(output).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// Waits until the server has ended, and returns what it wrote to its error stream.
pub(crate) fn ended(mut child: Child, when: &str) -> String {
    let begun = Instant::now();
    while child.try_wait().expect("it is ours").is_none() {
        if begun.elapsed() > patience() {
            child.kill().expect("it is ours");
            panic!("the server goes on after {when}");
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let mut told = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut told).expect("text");
    told
}

#[test]
fn an_editor_that_closes_the_pipe_at_any_point_leaves_no_server_behind() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let frames: Vec<Vec<u8>> = session(&project).iter().map(frame).collect();
    for (number, last) in frames.iter().enumerate() {
        let before = frames[..number].concat();
        // Before the message, inside its header, inside its body, and behind it.
        for cut in [0, 9, last.len() / 2, last.len()] {
            let mut child = spawn(&project);
            let mut input = child.stdin.take().expect("piped");
            input.write_all(&before).and_then(|()| input.write_all(&last[..cut])).expect("it reads");
            drop(input);
            let mut output = Vec::new();
            child.stdout.take().expect("piped").read_to_end(&mut output).expect("it ends");
            let told = ended(child, &format!("{cut} bytes of message {number}"));
            assert!(!told.contains("panicked"), "{cut} bytes of message {number}: {told}");
        }
    }
}

#[test]
fn an_editor_that_no_longer_reads_leaves_no_server_behind() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let frames: Vec<Vec<u8>> = session(&project).iter().map(frame).collect();
    for heard in 0..frames.len() {
        let mut child = spawn(&project);
        let mut input = child.stdin.take().expect("piped");
        for (number, frame) in frames.iter().enumerate() {
            if number == heard {
                child.stdout = None;
            }
            // A server that has ended already reads no more.
            let _ = input.write_all(frame);
        }
        drop(input);
        child.stdout = None;
        let told = ended(child, &format!("{heard} messages"));
        assert!(!told.contains("panicked"), "{heard} messages: {told}");
    }
}

#[test]
fn a_client_that_answers_no_request_gets_its_findings_all_the_same() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let mut transport = Transport::process(routewise(), &["lsp"], project.root());
    for message in &session(&project)[..6] {
        transport.send(message);
    }
    let (mut version, mut hover, mut asked) = (0, false, 0);
    while version < 3 || !hover {
        let message = transport.messages.recv_timeout(patience()).expect("the server goes on");
        asked += usize::from(message.get("id").is_some() && message.get("method").is_some());
        hover |= message["id"] == 2 && message.get("result").is_some();
        if message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["uri"] == project.uri(ROUTE)
        {
            version = message["params"]["version"].as_i64().unwrap_or_default();
            assert_eq!(message["params"]["diagnostics"][0]["code"], RULE);
        }
    }
    assert!(asked > 0, "the server has asked nothing, so nothing is shown");
    transport.send(&json!({ "jsonrpc": "2.0", "id": 9, "method": "shutdown" }));
    transport.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert_eq!(transport.wait(patience()), Ok(Some(0)));
}

#[test]
fn a_root_inside_another_is_one_with_it_and_each_finding_is_shown_once() {
    let project = TestProject::next(&[(ROUTE, BAD)]);
    let mut params = plain_handshake(project.root(), "utf-16");
    let folder =
        |path: &str| json!({ "uri": file_uri(&project.path(path)).trim_end_matches('/'), "name": path });
    params["workspaceFolders"] = json!([folder("app"), folder(""), folder("app/api")]);
    let mut client = Client::start_as(&project, &params);
    client.be_lenient();
    let uri = project.uri(ROUTE);
    client.open(&uri, BAD);
    client.codes_become(&uri, &[RULE]);
    client.progress();
    for (added, removed) in [(json!([]), json!([folder("")])), (json!([folder("")]), json!([folder("app")]))]
    {
        let event = json!({ "event": { "added": added, "removed": removed } });
        client.notify("workspace/didChangeWorkspaceFolders", event);
        client.progress();
        let symbols = client.request("workspace/symbol", json!({ "query": "users" }));
        assert_eq!(symbols.as_array().map(Vec::len), Some(1), "{symbols}");
    }
    client.finish();
}
