//! What a developer does.

use std::time::Duration;

use routewise_tests::random::Dice;
use routewise_tests::text;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::repository;

/// Something that is done, and how often beside the others.
pub(crate) type Act = (usize, &'static str, fn(&mut Desk, &mut Dice));

/// All that is done.
pub(crate) const ACTS: &[Act] = &[
    (24, "type", type_statement),
    (10, "cut", cut),
    (8, "paste", paste),
    (8, "undo", undo),
    (24, "ask", ask),
    (10, "save", save),
    (8, "open", open),
    (8, "close", close),
    (6, "mend", mend),
    (3, "rename a file", rename_file),
    (3, "another program writes", written_outside),
    (2, "switch the branch", crate::branch::switch),
    (3, "configure the project", crate::branch::configure),
    (2, "configure the editor", configure_editor),
    (1, "open or close a folder", folders),
];

/// One of [`ACTS`].
pub(crate) fn any(dice: &mut Dice) -> &'static Act {
    let all = ACTS.iter().map(|(weight, ..)| weight).sum();
    let mut at = dice.below(all);
    let chosen = ACTS.iter().find(|(weight, ..)| {
        let here = at < *weight;
        at = at.saturating_sub(*weight);
        here
    });
    chosen.expect("the number lies below the sum")
}

/// Statements that mean something to rules, and some that do not.
const STATEMENTS: &[&str] = &[
    "const total = items.filter((item) => item.ok).length;",
    "const prisma = new PrismaClient();",
    "const response = await fetch('/api/orders', { method: 'POST' });",
    "await fetch(`/api/${id}`);",
    "setInterval(() => console.log('tick'), 1000);",
    "await new Promise((resolve) => setTimeout(resolve, 30_000));",
    "if (!session) { return new Response('Unauthorized', { status: 401 }); }",
    "fs.writeFileSync('/tmp/report.json', JSON.stringify(rows));",
    "const wss = new WebSocketServer({ port: 8080 });",
    "cache.set(id, row);",
    "return NextResponse.json({ error: error.message }, { status: 500 });",
    "const body = await request.json();",
    "for (const row of rows) {\n    await save(row.id, row.value);\n  }",
    "try {\n    await send(email);\n  } catch (error) {\n    redirect('/login');\n  }",
    "// Größe 😀: the limit is checked before anything is written",
    "const hash = crypto.pbkdf2Sync(body.password, salt, 600_000, 64, 'sha512');",
];

/// Where a statement can follow: the ends of lines that are statements inside a function.
fn places(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut places = Vec::new();
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.starts_with("  ") && line.trim_end().ends_with(';') && line.ends_with('\n') {
            places.push(at);
        }
    }
    places
}

/// A statement, letter by letter, with slips.
fn type_statement(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.any_open(dice);
    let before = desk.open[&path].text.clone();
    let places = places(&before);
    let at = if places.is_empty() { before.len() } else { *dice.pick(&places) };
    let statement = format!("  {}\n", dice.pick(STATEMENTS));
    let mut typed = String::new();
    for letter in statement.chars() {
        if letter.is_alphabetic() && dice.percent(4) {
            desk.become_text(&path, &format!("{}{typed}q{}", &before[..at], &before[at..]));
        }
        typed.push(letter);
        desk.become_text(&path, &format!("{}{typed}{}", &before[..at], &before[at..]));
        if dice.percent(3) {
            desk.look_up();
        }
    }
}

/// Some lines are cut, or a piece of one.
fn cut(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.any_open(dice);
    let before = desk.open[&path].text.clone();
    let starts: Vec<usize> =
        std::iter::once(0).chain(before.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let first = dice.below(starts.len());
    let end = starts.get(first + 1 + dice.below(12)).copied().unwrap_or(before.len());
    let (start, end) = (starts[first], end.max(starts[first]));
    let (start, end) = if dice.percent(30) {
        let middle = before.floor_char_boundary(start + (end - start) / 2);
        (before.floor_char_boundary(start + (middle - start) / 2), middle)
    } else {
        (start, end)
    };
    desk.become_text(&path, &format!("{}{}", &before[..start], &before[end..]));
    if dice.percent(60) {
        desk.look_up();
        desk.become_text(&path, &before);
    }
}

/// The code of an example is put at the end, or in place of everything.
fn paste(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.any_open(dice);
    let piece = repository::any_text(dice);
    let before = desk.open[&path].text.clone();
    let text = if dice.percent(25) { piece.to_owned() } else { format!("{before}\n{piece}") };
    desk.become_text(&path, &text);
}

/// Back to what the disk has.
fn undo(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.any_open(dice);
    if let Ok(text) = std::fs::read_to_string(desk.repository.project.path(&path)) {
        desk.become_text(&path, &text);
    }
}

fn save(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.any_open(dice);
    desk.save(&path);
}

fn open(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.repository.any(dice);
    desk.open_file(&path);
}

/// Closes a file, or several while the last edits are still on their way.
fn close(desk: &mut Desk, dice: &mut Dice) {
    let limit = if desk.open.len() > 12 { 1 + dice.below(8) } else { 1 };
    for _ in 0..limit {
        let path = desk.any_open(dice);
        desk.close_file(&path);
    }
}

/// Questions about a place.
const ABOUT_PLACES: &[&str] = &[
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/implementation",
    "textDocument/prepareRename",
    "textDocument/prepareCallHierarchy",
    "textDocument/references",
    "textDocument/rename",
];

/// Questions about a whole document.
const ABOUT_DOCUMENTS: &[&str] =
    &["textDocument/documentSymbol", "textDocument/codeLens", "textDocument/documentLink"];

/// Asks about a place, a document or the workspace; waits, goes on, or takes it back.
fn ask(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.any_open(dice);
    let text = &desk.open[&path].text;
    let marks = ["fetch(", "/api/", "export ", "await ", "app.", "'"];
    let at: Vec<usize> =
        text.match_indices(*dice.pick(&marks)).map(|(at, mark)| at + dice.below(mark.len())).collect();
    let at =
        if at.is_empty() { text.floor_char_boundary(dice.below(text.len() + 1)) } else { *dice.pick(&at) };
    let (line, character) = text::position(text, at, desk.client.encoding());
    let place = json!({ "line": line, "character": character });
    let document = json!({ "uri": desk.uri(&path) });
    let end = json!({ "line": line + 40, "character": 0 });
    let (method, params) = match dice.below(10) {
        0 => ("workspace/symbol", json!({ "query": dice.pick(&["", "api", "GET", "order"]) })),
        1 => ("routewise/overview", Value::Null),
        2 => ("routewise/decision", json!({})),
        3 => (
            "textDocument/inlayHint",
            json!({ "textDocument": document, "range": { "start": place, "end": end } }),
        ),
        4 => {
            let params = json!({ "textDocument": document, "range": { "start": place, "end": end }, "context": { "diagnostics": desk.shown(&path) } });
            ("textDocument/codeAction", params)
        }
        5 => (*dice.pick(ABOUT_DOCUMENTS), json!({ "textDocument": document })),
        _ => {
            let method = *dice.pick(ABOUT_PLACES);
            let mut params = json!({ "textDocument": document, "position": place });
            match method {
                "textDocument/rename" => params["newName"] = json!("renamed"),
                "textDocument/references" => params["context"] = json!({ "includeDeclaration": true }),
                _ => {}
            }
            (method, params)
        }
    };
    if dice.percent(60) {
        desk.ask(method, params);
    } else {
        let cancel = dice.percent(50);
        desk.ask_and_go_on(method, params, cancel);
    }
}

/// Takes a fix that is offered for something that is shown.
fn mend(desk: &mut Desk, dice: &mut Dice) {
    desk.client.listen(Duration::from_millis(5));
    desk.look_up();
    let path = desk.any_open(dice);
    let shown = desk.shown(&path);
    if shown.is_empty() {
        return;
    }
    let wrong = dice.pick(&shown);
    let params = json!({ "textDocument": { "uri": desk.uri(&path) }, "range": wrong["range"], "context": { "diagnostics": [wrong] } });
    let actions = desk.ask("textDocument/codeAction", params);
    let Some(actions) = actions.as_array().filter(|actions| !actions.is_empty()) else { return };
    let mut action = dice.pick(actions).clone();
    if action["edit"].is_null() {
        action = desk.ask("codeAction/resolve", action);
    }
    crate::branch::apply(desk, &action["edit"]);
}

/// A file gets another name, and what the server wants changed with it is changed.
fn rename_file(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.repository.any(dice);
    let Some((folder, name)) = path.rsplit_once('/') else { return };
    let new =
        if dice.percent(50) { format!("{folder}/moved/{name}") } else { format!("{folder}-moved/{name}") };
    if new.len() > 160 {
        return;
    }
    let (from, to) = (desk.uri(&path), desk.uri(&new));
    let edit = desk.ask("workspace/willRenameFiles", json!({ "files": [{ "oldUri": from, "newUri": to }] }));
    crate::branch::apply(desk, &edit);
    crate::branch::moved(desk, &path, &new);
}

/// A formatter, a generator: a file is made, changed or removed.
fn written_outside(desk: &mut Desk, dice: &mut Dice) {
    let path = desk.repository.any(dice);
    match dice.below(4) {
        0 => crate::branch::written(desk, &path, None),
        1 => {
            let name = routewise_tests::routes::name(dice.below(200)).to_lowercase();
            let text = routewise_tests::routes::next_route(90);
            crate::branch::written(desk, &format!("app/api/made-{name}/route.ts"), Some(&text));
        }
        _ => {
            let Ok(text) = std::fs::read_to_string(desk.repository.project.path(&path)) else { return };
            let text = crate::branch::otherwise(&text, dice);
            crate::branch::written(desk, &path, Some(&text));
        }
    }
}

fn configure_editor(desk: &mut Desk, dice: &mut Dice) {
    let settings = [
        json!({}),
        json!({ "rules": { "clients": "hint", "routing/unused-route": "warning" } }),
        json!({ "target": "node", "inlayHints": true }),
        json!({ "target": "nowhere" }),
    ];
    desk.settings = dice.pick(&settings).clone();
    println!("  {}", desk.settings);
    desk.client.configure(&desk.settings);
    desk.client.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
}

/// A folder inside the first one becomes a root of its own, or is one no more.
fn folders(desk: &mut Desk, dice: &mut Dice) {
    let folder = |desk: &Desk, path: &str| json!({ "uri": desk.uri(path), "name": path });
    let (added, removed) = if desk.folders.len() > 1 {
        let path = desk.folders.remove(1);
        (json!([]), json!([folder(desk, &path)]))
    } else {
        let path = desk.repository.any(dice);
        let Some((path, _)) = path.split_once('/') else { return };
        desk.folders.push(path.to_owned());
        (json!([folder(desk, path)]), json!([]))
    };
    println!("  {added} {removed}");
    let event = json!({ "event": { "added": added, "removed": removed } });
    desk.client.notify("workspace/didChangeWorkspaceFolders", event);
}
