//! Many files at once: branches, edits of a whole workspace, configuration.

use std::collections::BTreeMap;
use std::path::Path;

use routewise_tests::random::Dice;
use routewise_tests::text;
use serde_json::Value;

use crate::desk::Desk;
use crate::repository;

/// A file is written (or removed) on the disk by somebody else; an editor shows what is new where nothing was changed.
pub(crate) fn written(desk: &mut Desk, path: &str, text: Option<&str>) {
    let event = change(desk, path, text);
    println!("  {path}: {event}");
    tell(desk, &[(path.to_owned(), event)]);
}

/// Writes or removes; the kind of event that it is.
fn change(desk: &mut Desk, path: &str, text: Option<&str>) -> u8 {
    let project = &desk.repository.project;
    let before = project.path(path).exists();
    let Some(text) = text else {
        if before {
            project.remove(path);
        }
        desk.repository.files.remove(path);
        return 3;
    };
    project.write(path, text);
    if is_source(path) {
        desk.repository.files.insert(path.to_owned());
    }
    if before { 2 } else { 1 }
}

/// Tells the server, in one message, and has the editor read again what it has not changed.
fn tell(desk: &mut Desk, events: &[(String, u8)]) {
    let uris: Vec<(String, u8)> = events.iter().map(|(path, kind)| (desk.uri(path), *kind)).collect();
    let changes: Vec<(&str, u8)> = uris.iter().map(|(uri, kind)| (uri.as_str(), *kind)).collect();
    desk.client.watched(&changes);
    for (path, kind) in events {
        if *kind != 3 && desk.open.get(path).is_some_and(|buffer| !buffer.changed) {
            let text = desk.repository.project.read(path);
            desk.become_text(path, &text);
            if let Some(buffer) = desk.open.get_mut(path) {
                buffer.changed = false;
            }
        }
    }
}

fn is_source(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|it| it.to_str()).unwrap_or_default();
    ["ts", "tsx", "js", "jsx", "mjs", "cjs"].contains(&extension)
}

/// A text that somebody else changed: paragraphs went, moved or came.
pub(crate) fn otherwise(text: &str, dice: &mut Dice) -> String {
    let mut paragraphs: Vec<&str> = text.split("\n\n").collect();
    let at = dice.below(paragraphs.len());
    let piece = repository::any_text(dice);
    match dice.below(4) {
        0 if paragraphs.len() > 1 => {
            paragraphs.remove(at);
        }
        1 => paragraphs.insert(at, piece),
        2 => {
            let last = paragraphs.len() - 1;
            paragraphs.swap(at, last);
        }
        _ => return piece.to_owned(),
    }
    paragraphs.join("\n\n")
}

/// The branch is another one: a third of all files becomes something else at once, some go, some come. Or back again.
/// It is told in pieces, while the rest is still being written, as watchers do.
pub(crate) fn switch(desk: &mut Desk, dice: &mut Dice) {
    let back = !desk.left.is_empty();
    let wanted = if back { std::mem::take(&mut desk.left) } else { branch(desk, dice) };
    let piece = 20 + dice.below(200);
    let mut left = BTreeMap::new();
    let mut events = Vec::new();
    for (path, text) in wanted {
        let before = std::fs::read_to_string(desk.repository.project.path(&path)).ok();
        if before == text {
            continue;
        }
        let kind = change(desk, &path, text.as_deref());
        left.insert(path.clone(), before);
        events.push((path, kind));
        if events.len() > piece {
            tell(desk, &std::mem::take(&mut events));
        }
    }
    tell(desk, &events);
    if !back {
        desk.left = left;
    }
}

/// What another branch has that this one has not.
fn branch(desk: &Desk, dice: &mut Dice) -> BTreeMap<String, Option<String>> {
    let mut wanted = BTreeMap::new();
    for path in &desk.repository.files {
        let Ok(text) = std::fs::read_to_string(desk.repository.project.path(path)) else { continue };
        if dice.percent(33) {
            let text = (!dice.percent(4)).then(|| otherwise(&text, dice));
            wanted.insert(path.clone(), text);
        } else if dice.percent(2) {
            let name = routewise_tests::routes::name(dice.below(60)).to_lowercase();
            let text = routewise_tests::routes::next_route(100);
            wanted.insert(format!("app/api/branch-{name}/route.ts"), Some(text));
        }
    }
    wanted
}

/// What the files of the project say of it, in several ways.
pub(crate) fn configure(desk: &mut Desk, dice: &mut Dice) {
    let next14 =
        r#"{ "dependencies": { "next": "14.2.0", "@prisma/client": "6.19.0", "express": "4.21.0" } }"#;
    let next16 =
        r#"{ "dependencies": { "next": "16.4.6", "@prisma/client": "6.19.0", "express": "5.1.0" } }"#;
    let paths = r#"{ "compilerOptions": { "paths": { "@/*": ["./*"], "~/*": ["./lib/*"] } } }"#;
    let crons = r#"{ "crons": [{ "path": "/api/nothing", "schedule": "* * * * *" }] }"#;
    let ways: [(&str, Option<&str>); 14] = [
        ("routewise.json", None),
        ("routewise.json", Some(r#"{ "rules": { "clients": "off", "routing": "information" } }"#)),
        ("routewise.json", Some(r#"{ "target": "node", "exclude": ["lib/**"] }"#)),
        ("routewise.json", Some("{ \"rules\": { \"clients\": \"loud\" }")),
        ("package.json", Some(next14)),
        ("package.json", Some(next16)),
        ("tsconfig.json", Some(paths)),
        ("tsconfig.json", Some("{ \"compilerOptions\": { \"baseUrl\": \".\" } }")),
        ("vercel.json", Some(crons)),
        ("vercel.json", Some("{}")),
        ("vercel.json", None),
        (".gitignore", Some("components/\n")),
        (".gitignore", None),
        ("next.config.mjs", Some("export default { basePath: '/shop', output: 'standalone' };\n")),
    ];
    let (path, text) = *dice.pick(&ways);
    println!("  {path}: {text:?}");
    written(desk, path, text);
}

/// Makes the edits of a `WorkspaceEdit`: in the open files, and on the disk in the others.
pub(crate) fn apply(desk: &mut Desk, edit: &Value) {
    let root = desk.uri("");
    let below = |uri: &Value| {
        let decoded = percent_decoded(uri.as_str()?);
        decoded.strip_prefix(&percent_decoded(&root)).map(|path| path.trim_start_matches('/').to_owned())
    };
    let by_file = edit["changes"].as_object().into_iter().flatten();
    let mut operations: Vec<(Value, Value)> =
        by_file.map(|(uri, edits)| (Value::from(uri.as_str()), edits.clone())).collect();
    for operation in edit["documentChanges"].as_array().into_iter().flatten() {
        match operation["kind"].as_str() {
            None => operations.push((operation["textDocument"]["uri"].clone(), operation["edits"].clone())),
            Some("create") => {
                if let Some(path) = below(&operation["uri"]) {
                    written(desk, &path, Some(""));
                }
            }
            Some("delete") => {
                if let Some(path) = below(&operation["uri"]) {
                    desk.close_file(&path);
                    written(desk, &path, None);
                }
            }
            // Of folders: left to the test of renaming.
            Some(_) => {}
        }
    }
    for (uri, edits) in operations {
        let (Some(path), Some(edits)) = (below(&uri), edits.as_array()) else { continue };
        let before = match desk.open.get(&path) {
            Some(buffer) => buffer.text.clone(),
            None => desk.repository.project.read(&path),
        };
        let after = text::apply(&before, edits, desk.client.encoding());
        if desk.open.contains_key(&path) {
            desk.become_text(&path, &after);
        } else {
            written(desk, &path, Some(&after));
        }
    }
}

/// A file went elsewhere.
pub(crate) fn moved(desk: &mut Desk, from: &str, to: &str) {
    let project = &desk.repository.project;
    let Ok(text) = std::fs::read_to_string(project.path(from)) else { return };
    let buffer = desk.open.get(from).map(|buffer| buffer.text.clone());
    let events =
        vec![(from.to_owned(), change(desk, from, None)), (to.to_owned(), change(desk, to, Some(&text)))];
    desk.close_file(from);
    if let Some(text) = buffer {
        desk.open_file(to);
        desk.become_text(to, &text);
    }
    tell(desk, &events);
}

/// The text that a URI means.
fn percent_decoded(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| uri.get(at + 1..at + 3)).flatten();
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
