//! File names on the wire and in the analysis.

use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use routewise_analysis::path::FilePath;
use serde_json::Value;

use crate::proto::Uri;

/// What a path keeps unescaped: RFC 3986's unreserved characters and the separator. Editors escape the
/// rest too (`[id]` is `%5Bid%5D`, `C:` is `C%3A`), so that equal files have equal names.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The file a URI names; `None` for other schemes (`untitled:`, `git:`, `vscode-notebook-cell:`).
pub(crate) fn file(uri: &Uri) -> Option<FilePath> {
    file_of(uri.as_str())
}

/// As [`file`], for a URI that is still text.
pub(crate) fn file_of(uri: &str) -> Option<FilePath> {
    let rest = uri.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("file://")).and(uri.get(7..))?;
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let decoded = percent_decode_str(rest).decode_utf8().ok()?;
    let path = match decoded.strip_prefix('/') {
        Some(path) if has_drive(path) => capital_drive(path),
        Some(_) => decoded.into_owned(),
        // `file://server/share`: a Windows share.
        None => format!("//{decoded}"),
    };
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { &path };
    Some(FilePath::new(path))
}

/// The URI of a file.
pub(crate) fn of_file(path: &FilePath) -> Option<Uri> {
    let path = path.as_str();
    let text = if let Some(share) = path.strip_prefix("//") {
        format!("file://{}", utf8_percent_encode(share, ESCAPED))
    } else if path.starts_with('/') {
        format!("file://{}", utf8_percent_encode(path, ESCAPED))
    } else {
        format!("file:///{}", utf8_percent_encode(path, ESCAPED))
    };
    Uri::from_str(&text).ok()
}

/// The name under which a document is kept: its file, or its whole URI where it is no file.
pub(crate) fn key(uri: &Uri) -> FilePath {
    file(uri).unwrap_or_else(|| FilePath::new(uri.as_str()))
}

/// The folder a workspace URI or an old `rootPath` names.
pub(crate) fn folder(text: &str) -> Option<PathBuf> {
    if let Some(path) = file_of(text) {
        return Some(PathBuf::from(path.as_str()));
    }
    let path = PathBuf::from(text);
    path.is_absolute().then_some(path)
}

/// Escapes, in every `uri` of a message, what RFC 3986 does not allow there. Editors differ: Helix writes
/// `[id]` as it is, and the strict parser behind [`Uri`] would refuse the whole message.
pub(crate) fn repair(params: &mut Value, depth: u8) {
    match params {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "uri" || name.ends_with("Uri") => {
                        if let Some(repaired) = repaired(text) {
                            *text = repaired;
                        }
                    }
                    other if depth > 0 => repair(other, depth - 1),
                    _ => {}
                }
            }
        }
        Value::Array(items) if depth > 0 => items.iter_mut().for_each(|item| repair(item, depth - 1)),
        _ => {}
    }
}

/// The URI with every forbidden byte escaped; `None` where nothing is wrong with it.
fn repaired(uri: &str) -> Option<String> {
    const ALLOWED: &[u8] = b"-._~:/?#@!$&'()*+,;=";
    let bytes = uri.as_bytes();
    let fits = |at: usize| match bytes[at] {
        b'%' => {
            bytes.len() > at + 2 && bytes[at + 1].is_ascii_hexdigit() && bytes[at + 2].is_ascii_hexdigit()
        }
        byte => byte.is_ascii_alphanumeric() || ALLOWED.contains(&byte),
    };
    if (0..bytes.len()).all(fits) {
        return None;
    }
    let mut out = String::with_capacity(uri.len() + 8);
    for (at, &byte) in bytes.iter().enumerate() {
        if fits(at) {
            out.push(char::from(byte));
        } else {
            out.push_str(percent_encoding::percent_encode_byte(byte));
        }
    }
    Some(out)
}

fn has_drive(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && bytes.next().is_none_or(|byte| byte == b'/')
}

fn capital_drive(path: &str) -> String {
    let mut path = path.to_owned();
    path[..1].make_ascii_uppercase();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_route_files_survive_the_way_there_and_back() {
        for path in [
            "/srv/my app/app/api/[id]/route.ts",
            "/srv/app/(group)/@slot/[[...rest]]/route.ts",
            "/srv/файл/文件/route.ts",
            "/srv/100%/a#b?c.ts",
            "C:/work/app/route.ts",
            "//server/share/route.ts",
        ] {
            let path = FilePath::new(path);
            assert_eq!(file(&of_file(&path).unwrap()), Some(path));
        }
    }

    #[test]
    fn every_spelling_of_a_file_has_one_name() {
        for (uri, path) in [
            ("file:///srv/app/%5Bid%5D/route.ts", "/srv/app/[id]/route.ts"),
            ("file:///srv/app/[id]/route.ts", "/srv/app/[id]/route.ts"),
            ("file:///c%3A/app/route.ts", "C:/app/route.ts"),
            ("file:///c:/app/route.ts", "C:/app/route.ts"),
            ("FILE:///srv/app/", "/srv/app"),
        ] {
            assert_eq!(file_of(uri), Some(FilePath::new(path)), "{uri}");
        }
        assert_eq!(file_of("untitled:Untitled-1"), None);
    }

    #[test]
    fn forbidden_characters_are_escaped_and_nothing_else_is_touched() {
        let mut params = serde_json::json!({
            "textDocument": { "uri": "file:///a/[id]/é 100%.ts", "text": "[a] b" },
            "contentChanges": [{ "text": "[uri]" }],
        });
        repair(&mut params, 3);
        assert_eq!(
            params,
            serde_json::json!({
                "textDocument": { "uri": "file:///a/%5Bid%5D/%C3%A9%20100%25.ts", "text": "[a] b" },
                "contentChanges": [{ "text": "[uri]" }],
            })
        );
    }
}
