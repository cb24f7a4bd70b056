//! The text of open documents.

use routewise_tests::client::{Client, codes};
use routewise_tests::random::Dice;
use routewise_tests::text;
use serde_json::{Value, json};

use crate::support::{LEGACY, legacy_project, pull, start_pulling};

const START: &str = "export async function GET() {\n  return legacy();\n}\n";

#[test]
fn two_thousand_rapid_edits_are_applied_in_order_and_every_question_between_sees_the_edit_before_it() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = start_pulling(&project, "utf-16");
    client.open(&uri, START);
    let mut asked = Vec::new();
    for version in 2..=2_001 {
        // Each edit puts one more line above the finding: its line is the number of edits seen.
        let top = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
        client.change(&uri, version, &[(top, "\n")]);
        if version % 40 == 0 {
            let document = json!({"uri": uri});
            let pull = client.send_request("textDocument/diagnostic", json!({"textDocument": document}));
            let position = json!({"line": version, "character": 12});
            let hover = json!({"textDocument": document, "position": position});
            asked.push((version, pull, client.send_request("textDocument/hover", hover)));
        }
    }
    for (version, pull, hover) in asked {
        let report = client.answer(pull).unwrap();
        let range =
            json!({"start": {"line": version, "character": 9}, "end": {"line": version, "character": 17}});
        assert_eq!(report["items"][0]["range"], range, "version {version}");
        let hover = client.answer(hover).unwrap();
        assert_eq!(hover["range"], range, "version {version}: {hover}");
    }
    let last = pull(&mut client, &uri);
    assert_eq!(last[0]["range"]["start"], json!({"line": 2_001, "character": 9}));
    client.take("workspace/diagnostic/refresh");
    client.finish();
}

#[test]
fn a_hover_on_a_handler_follows_the_edits_above_it() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = start_pulling(&project, "utf-16");
    client.open(&uri, START);
    assert_eq!(client.hover(&uri, START, 23)["range"], text::range_of(START, "GET", "utf-16"));
    let text = format!("\n{START}");
    let top = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
    client.change(&uri, 2, &[(top, "\n")]);
    assert_eq!(client.hover(&uri, &text, 24)["range"], text::range_of(&text, "GET", "utf-16"));
    client.take("workspace/diagnostic/refresh");
    client.finish();
}

#[test]
fn after_random_edits_in_batches_every_place_is_where_the_client_has_it() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let project = legacy_project(&[]);
        let uri = project.uri("app/api/a/route.ts");
        let mut client = start_pulling(&project, encoding);
        assert_eq!(client.encoding(), encoding);
        // Comments take any text; the calls between them show where the server thinks that they are.
        let mut model = "/* 😀 comment\n é */ legacy();".repeat(20);
        client.open(&uri, &model);
        let mut dice = Dice::new(7);
        let pieces = ["é", "😀", "日", "\t", "\r\n", "\n", "\r", "a", " ", "\u{2028}", "text", "", ""];
        for version in 2..=600 {
            let mut changes: Vec<(Value, &str)> = Vec::new();
            for _ in 0..=dice.below(3) {
                let comment = comments(&model).swap_remove(dice.below(20));
                let start = place(&model, comment.start + dice.below(comment.len() + 1)).max(comment.start);
                let end = place(&model, (start + dice.below(6)).min(comment.end)).max(start);
                let piece = pieces[dice.below(pieces.len())];
                changes.push((text::range(&model, start..end, encoding), piece));
                model.replace_range(start..end, piece);
            }
            client.change(&uri, version, &changes);
            if version % 100 == 0 {
                let found: Vec<Value> =
                    pull(&mut client, &uri).iter().map(|one| one["range"].clone()).collect();
                let calls = model.match_indices("legacy()");
                let wanted: Vec<Value> =
                    calls.map(|(at, call)| text::range(&model, at..at + call.len(), encoding)).collect();
                assert_eq!(found, wanted, "{encoding}, version {version}: {model:?}");
            }
        }
        client.take("workspace/diagnostic/refresh");
        client.finish();
    }
}

/// The insides of the comments of a text, with a character at each end left alone.
fn comments(text: &str) -> Vec<std::ops::Range<usize>> {
    let starts = text.match_indices("/* ").map(|(at, _)| at + 3);
    starts
        .zip(text.match_indices(" */").map(|(at, _)| at))
        .map(|(start, end)| start..end.max(start))
        .collect()
}

/// The start of a character that is not between `\r` and `\n`.
fn place(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset)
        || (text[..offset].ends_with('\r') && text[offset..].starts_with('\n'))
    {
        offset -= 1;
    }
    offset
}

#[test]
fn a_document_may_begin_at_version_0() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open_as(&uri, "typescript", 0, START);
    assert_eq!(codes(&json!(client.diagnostics(&uri, 0))), [LEGACY]);
    client.replace(&uri, 1, "modern();\n");
    assert_eq!(client.diagnostics(&uri, 1), Vec::<Value>::new());
    client.finish();
}

#[test]
fn a_change_that_is_not_newer_is_refused() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open_as(&uri, "typescript", 5, START);
    assert_eq!(codes(&json!(client.diagnostics(&uri, 5))), [LEGACY]);
    client.replace(&uri, 5, "");
    client.replace(&uri, 4, "");
    // This edit is right only for the text of version 5.
    client.change(&uri, 6, &[(text::range_of(START, "legacy", "utf-16"), "await legacy")]);
    let diagnostics = client.diagnostics(&uri, 6);
    assert_eq!(diagnostics[0]["range"]["start"], json!({"line": 1, "character": 15}));
    client.finish();
}

#[test]
fn a_change_of_a_document_that_is_not_open_changes_nothing() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.replace(&uri, 2, "");
    client.close(&uri);
    client.open(&uri, START);
    assert_eq!(codes(&json!(client.diagnostics(&uri, 1))), [LEGACY]);
    client.finish();
}

#[test]
fn a_document_opened_again_begins_anew() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open_as(&uri, "typescript", 9, "modern();\n");
    assert_eq!(client.diagnostics(&uri, 9), Vec::<Value>::new());
    client.close(&uri);
    client.open_as(&uri, "typescript", 1, START);
    assert_eq!(codes(&json!(client.diagnostics(&uri, 1))), [LEGACY]);
    // Some clients open twice without closing.
    client.open_as(&uri, "typescript", 1, "legacy();\nlegacy();\n");
    client.codes_become(&uri, &[LEGACY, LEGACY]);
    client.finish();
}

#[test]
fn a_burst_of_edits_is_not_answered_with_a_burst_of_publishes() {
    let project = legacy_project(&[("app/api/a/route.ts", START)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, START);
    client.diagnostics(&uri, 1);
    let mut sent = Vec::new();
    for version in 2..=101 {
        let top = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}});
        sent.push((version, top));
    }
    for (version, top) in sent {
        client.change(&uri, version, &[(top, "\n")]);
    }
    let mut versions = Vec::new();
    while versions.last() != Some(&101) {
        let params = client.next("textDocument/publishDiagnostics");
        versions.push(params["version"].as_i64().unwrap());
        if versions.last() == Some(&101) {
            assert_eq!(params["diagnostics"][0]["range"]["start"]["line"], 101);
        }
    }
    assert!(versions.is_sorted(), "an older version after a newer one: {versions:?}");
    assert!(versions.len() <= 25, "{} publishes for 100 edits: {versions:?}", versions.len());
    client.be_lenient();
    client.finish();
}
