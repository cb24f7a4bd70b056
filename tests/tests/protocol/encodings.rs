//! Places and edits in every encoding, in texts where bytes, units and characters differ.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::text;
use serde_json::{Value, json};

use crate::support::{LEGACY, after_edit, legacy_project, titled};

/// Lines with wide characters before and after the calls. `~` stands for the end of a line.
const PATTERN: &str = "// Größe 😀 日本語~const a = '😀😀é', b = legacy();~\tconst 日 = [legacy(), '\u{1F468}\u{200D}\u{1F469}', legacy()];~~/* \u{2028} */ legacy();~if (legacy()) {~\t\t/* é */ legacy('😀',~  'é');~}~legacy()";

fn texts() -> Vec<(&'static str, String)> {
    let mixed: String = PATTERN
        .split('~')
        .zip(["\n", "\r\n", "\r"].iter().cycle())
        .flat_map(|(line, end)| [line, end])
        .collect();
    vec![
        ("LF", PATTERN.replace('~', "\n")),
        ("CRLF", PATTERN.replace('~', "\r\n")),
        // A comment that a lone CR ends: JavaScript and the protocol agree, the grammar must too.
        ("CR", PATTERN.replace("// Größe 😀 日本語", "/* Größe 😀 日本語 */").replace('~', "\r")),
        ("mixed", mixed.replace("// Größe 😀 日本語", "/* Größe 😀 日本語 */")),
    ]
}

/// The bytes of every call of `legacy`, found without a parser.
fn calls(text: &str) -> Vec<std::ops::Range<usize>> {
    let start = |(at, _): (usize, &str)| at..at + text[at..].find(')').expect("closed") + 1;
    text.match_indices("legacy(").map(start).collect()
}

/// What is underlined: the call, or its name where the call takes several lines.
fn marks(text: &str, encoding: &str) -> Vec<Value> {
    let mark = |call: std::ops::Range<usize>| {
        let several_lines = text[call.clone()].contains(['\n', '\r']);
        if several_lines { call.start..call.start + "legacy".len() } else { call }
    };
    calls(text).into_iter().map(|call| text::range(text, mark(call), encoding)).collect()
}

#[test]
fn diagnostics_stand_exactly_at_the_code_in_every_encoding_and_with_every_line_end() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        for (ends, text) in texts() {
            let project = legacy_project(&[]);
            let uri = project.uri("app/api/a/route.ts");
            let mut client = Client::start_as(&project, &plain_handshake(project.root(), encoding));
            assert_eq!(client.encoding(), encoding);
            client.open(&uri, &text);
            let diagnostics =
                client.diagnostics_until(&uri, |params| params["diagnostics"][0]["code"] == LEGACY);
            let found: Vec<&Value> = diagnostics.iter().map(|one| &one["range"]).collect();
            let wanted = marks(&text, encoding);
            assert_eq!(found, wanted.iter().collect::<Vec<_>>(), "{encoding}, {ends}");
            client.finish();
        }
    }
}

#[test]
fn fixes_replace_exactly_the_code_in_every_encoding_and_with_every_line_end() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        for (ends, text) in texts() {
            let project = legacy_project(&[]);
            let uri = project.uri("app/api/a/route.ts");
            let mut client = Client::start_as(&project, &plain_handshake(project.root(), encoding));
            client.open(&uri, &text);
            let diagnostics =
                client.diagnostics_until(&uri, |params| params["diagnostics"][0]["code"] == LEGACY);
            for (diagnostic, call) in diagnostics.iter().zip(calls(&text)) {
                let actions = client.actions(
                    &uri,
                    std::slice::from_ref(diagnostic),
                    &diagnostic["range"],
                    Some("quickfix"),
                );
                let action = client.resolved(titled(&actions, "Call `modern`"));
                let mut wanted = text.clone();
                wanted.replace_range(call, "modern()");
                assert_eq!(after_edit(&action["edit"], &uri, &text, encoding), wanted, "{encoding}, {ends}");
            }
            client.finish();
        }
    }
}

#[test]
fn edits_before_wide_characters_and_between_line_ends_keep_later_places_right() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        for (ends, start) in texts() {
            let project = legacy_project(&[]);
            let uri = project.uri("app/api/a/route.ts");
            let mut client = Client::start_as(&project, &plain_handshake(project.root(), encoding));
            client.open(&uri, &start);
            client.diagnostics_until(&uri, |params| params["diagnostics"][0]["code"] == LEGACY);
            let mut text = start;
            let edits = [
                ("😀 ", "é"),
                ("日本", ""),
                ("'😀😀é'", "'日\t😀'"),
                ("Größe", "\u{1F468}\u{200D}\u{1F469} ß"),
            ];
            for (version, (old, new)) in (2..).zip(edits) {
                let at = text.find(old).unwrap();
                let range = text::range(&text, at..at + old.len(), encoding);
                text.replace_range(at..at + old.len(), new);
                client.change(&uri, version, &[(range, new)]);
            }
            let diagnostics = client.diagnostics(&uri, 5);
            let found: Vec<Value> = diagnostics.iter().map(|one| one["range"].clone()).collect();
            let wanted = marks(&text, encoding);
            assert_eq!(found, wanted, "{encoding}, {ends}");
            client.finish();
        }
    }
}

#[test]
fn the_clients_first_choice_of_encoding_is_taken_and_utf_16_without_one() {
    for (offered, taken) in [
        (json!(["utf-32", "utf-8", "utf-16"]), "utf-32"),
        (json!(["utf-8", "utf-16"]), "utf-8"),
        (json!(["utf-16"]), "utf-16"),
        (json!(["utf-7", "utf-16"]), "utf-16"),
        (Value::Null, "utf-16"),
    ] {
        let project = legacy_project(&[]);
        let mut params = plain_handshake(project.root(), "utf-16");
        params["capabilities"]["general"] =
            if offered.is_null() { json!({}) } else { json!({"positionEncodings": offered}) };
        let mut client = Client::spawn(project.root());
        let result = client.initialize(&params);
        let named = result["capabilities"].get("positionEncoding").cloned().unwrap_or(json!("utf-16"));
        assert_eq!(named, taken, "{offered}");
        client.finish();
    }
}
