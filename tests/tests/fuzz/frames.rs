//! Damaged messages: the server goes on or ends, and neither panics nor stays when its input has ended.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use routewise_tests::binary::routewise;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::random::{check, damaged, damages};
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

/// A session, from its first message to its last.
fn session(project: &TestProject) -> Vec<u8> {
    let uri = project.uri("app/api/users/route.ts");
    let text = "export async function GET() {\n  return Response.json([]);\n}\n";
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 24 } });
    let change = json!({ "range": { "start": { "line": 1, "character": 2 }, "end": { "line": 1, "character": 8 } }, "text": "throw" });
    let message = |id: Option<u32>, method: &str, params: Value| {
        let mut message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        if let Some(id) = id {
            message["id"] = id.into();
        }
        message
    };
    let messages = [
        message(Some(1), "initialize", plain_handshake(project.root(), "utf-16")),
        message(None, "initialized", json!({})),
        message(
            None,
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "typescript", "version": 1, "text": text } }),
        ),
        message(Some(2), "textDocument/hover", at.clone()),
        message(
            None,
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [change] }),
        ),
        message(Some(3), "textDocument/completion", at),
        message(None, "$/cancelRequest", json!({ "id": 3 })),
        message(Some(4), "shutdown", Value::Null),
        message(None, "exit", Value::Null),
    ];
    let mut bytes = Vec::new();
    for message in messages {
        let body = message.to_string();
        bytes.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes());
    }
    bytes
}

#[test]
fn whatever_is_sent_the_server_does_not_panic_and_ends_with_its_input() {
    let project =
        TestProject::next(&[("app/api/users/route.ts", "export const GET = () => new Response('');\n")]);
    let session = session(&project);
    check(60, &damages(), |damages| {
        let mut server = Command::new(routewise())
            .arg("lsp")
            .current_dir(project.root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut input = server.stdin.take().expect("piped");
        let (mut output, mut errors) =
            (server.stdout.take().expect("piped"), server.stderr.take().expect("piped"));
        let sent = damaged(&session, &damages);
        // It may end before it has read everything.
        std::thread::spawn(move || input.write_all(&sent));
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        let (told, said) = channel();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            told.send(String::from_utf8_lossy(&text).into_owned())
        });
        let said = said.recv_timeout(Duration::from_mins(1)).unwrap_or_else(|_| {
            let _ = server.kill();
            panic!("it stays when its input has ended");
        });
        let status = server.wait().expect("it has ended");
        assert!(!said.contains("panicked"), "{said}");
        assert!(status.code().is_some(), "it ended by itself: {status}");
    });
}
