//! The floor as a server: it edits, parses and queries what changed, says that it did, and knows nothing else.

use std::io::{BufRead as _, Read as _, Write as _};

use routewise_tests::keys::{Floor, Typed};
use serde_json::{Value, json};
use tree_sitter::Point;

/// Serves on the standard streams until `exit`.
pub(crate) fn serve() -> Option<()> {
    let mut input = std::io::stdin().lock();
    let mut open: Option<Floor> = None;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            input.read_line(&mut line).ok().filter(|&read| read > 0)?;
            if line.trim().is_empty() {
                break;
            }
            length = line.trim().strip_prefix("Content-Length: ")?.parse().ok()?;
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body).ok()?;
        let message: Value = serde_json::from_slice(&body).ok()?;
        let params = &message["params"];
        match message["method"].as_str() {
            Some("exit") => return Some(()),
            Some("textDocument/didOpen") => {
                let mut floor = Floor::new(params["textDocument"]["text"].as_str()?, Typed::Mark);
                floor.keystroke();
                floor.keystroke();
                open = Some(floor);
                published(params)?;
            }
            Some("textDocument/didChange") => {
                for change in params["contentChanges"].as_array()? {
                    edit(open.as_mut()?, change)?;
                }
                published(params)?;
            }
            Some("initialize") => {
                let result = json!({ "capabilities": { "textDocumentSync": 2 } });
                say(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))?;
            }
            Some(_) if message.get("id").is_some() => {
                say(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }))?;
            }
            _ => {}
        }
    }
}

fn edit(floor: &mut Floor, change: &Value) -> Option<()> {
    let number = |place: &str, member: &str| usize::try_from(change["range"][place][member].as_u64()?).ok();
    let point =
        |place: &str| Some(Point { row: number(place, "line")?, column: number(place, "character")? });
    let (start, end) = (point("start")?, point("end")?);
    let text = floor.text();
    let line = start
        .row
        .checked_sub(1)
        .and_then(|row| text.match_indices('\n').nth(row))
        .map_or(0, |(at, _)| at + 1);
    // The bench edits within lines of one byte a character.
    let old = line + start.column..line + end.column;
    floor.edit(old, start..end, change["text"].as_str()?);
    Some(())
}

fn published(params: &Value) -> Option<()> {
    let document = &params["textDocument"];
    let params = json!({ "uri": document["uri"], "version": document["version"], "diagnostics": [] });
    say(&json!({ "jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params }))
}

fn say(message: &Value) -> Option<()> {
    let body = message.to_string();
    let mut output = std::io::stdout().lock();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len()).and_then(|()| output.flush()).ok()
}
