//! Positions and edits computed without the code under test: slow and plain.

use serde_json::Value;

/// The byte offsets at which the lines of a text start: after `\n`, `\r\n` or a lone `\r`.
pub fn line_starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            starts.push(at + 1);
        }
    }
    starts
}

/// How many units of an encoding (`utf-8`, `utf-16`, `utf-32`) a text takes.
pub fn units(text: &str, encoding: &str) -> usize {
    match encoding {
        "utf-8" => text.len(),
        "utf-16" => text.encode_utf16().count(),
        "utf-32" => text.chars().count(),
        other => panic!("no encoding: {other}"),
    }
}

/// Line and character of a byte offset.
pub fn position(text: &str, offset: usize, encoding: &str) -> (usize, usize) {
    let starts = line_starts(text);
    let line = starts.iter().rposition(|&start| start <= offset).unwrap_or(0);
    (line, units(&text[starts[line]..offset], encoding))
}

/// The byte offset of a line and character that a message names.
pub fn offset(text: &str, line: usize, character: usize, encoding: &str) -> usize {
    let starts = line_starts(text);
    assert!(line < starts.len(), "line {line} of {}", starts.len());
    let end = starts.get(line + 1).copied().unwrap_or(text.len());
    let content = text[starts[line]..end].trim_end_matches(['\n', '\r']);
    let (mut at, mut left) = (starts[line], character);
    for c in content.chars() {
        if left == 0 {
            return at;
        }
        let width = units(c.encode_utf8(&mut [0; 4]), encoding);
        assert!(width <= left, "{line}:{character} is inside {c:?}");
        left -= width;
        at += c.len_utf8();
    }
    assert_eq!(left, 0, "{line}:{character} lies past the end of its line {content:?}");
    at
}

/// The bytes a range of the protocol covers.
pub fn span(text: &str, range: &Value, encoding: &str) -> std::ops::Range<usize> {
    let at = |place: &str| {
        let number = |member: &str| {
            let number = range[place][member].as_u64().unwrap_or_else(|| panic!("no range: {range}"));
            usize::try_from(number).expect("small")
        };
        offset(text, number("line"), number("character"), encoding)
    };
    let (start, end) = (at("start"), at("end"));
    assert!(start <= end, "a range runs backwards: {range}");
    start..end
}

/// The range of the protocol that covers some bytes.
pub fn range(text: &str, span: std::ops::Range<usize>, encoding: &str) -> Value {
    let (start, end) = (position(text, span.start, encoding), position(text, span.end, encoding));
    serde_json::json!({
        "start": {"line": start.0, "character": start.1},
        "end": {"line": end.0, "character": end.1},
    })
}

/// The range of the only place where `needle` stands.
pub fn range_of(text: &str, needle: &str, encoding: &str) -> Value {
    let start = text.find(needle).unwrap_or_else(|| panic!("no {needle:?} in {text:?}"));
    assert_eq!(text.rfind(needle), Some(start), "{needle:?} stands twice in {text:?}");
    range(text, start..start + needle.len(), encoding)
}

/// A text after a list of `TextEdit`s, all of which speak of the text as it is before.
pub fn apply(text: &str, edits: &[Value], encoding: &str) -> String {
    let mut edits: Vec<_> = edits
        .iter()
        .map(|edit| (span(text, &edit["range"], encoding), edit["newText"].as_str().expect("newText")))
        .collect();
    // Insertions at one place keep their order.
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let mut out = String::new();
    let mut at = 0;
    for (span, new) in edits {
        assert!(at <= span.start, "two edits overlap at byte {}", span.start);
        out.push_str(&text[at..span.start]);
        out.push_str(new);
        at = span.end;
    }
    out + &text[at..]
}
