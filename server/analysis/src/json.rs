//! JSON files that say something of a host: what they hold, with its places, and how a value is added.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::{CollectOptions, ParseOptions};

use crate::document::Document;
use crate::finding::Edit;
use crate::path::FilePath;
use crate::text::Span;

/// The one JSON file that is a part of the project: what it says can be wrong about routes.
pub const VERCEL: &str = "vercel.json";

/// Whether a file is read as JSON: it has no syntax tree and no statements.
pub fn is_json(path: &FilePath) -> bool {
    path.extension() == "json"
}

/// A path that the host asks for by the clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CronPath {
    /// As it is written: `/api/cleanup?kind=all`.
    pub path: String,
    /// The text between the quotes.
    pub at: Span,
}

/// The paths under `crons` of a `vercel.json`, in the order of the text. None where the text is no JSON.
pub(crate) fn cron_paths(text: &str) -> Vec<CronPath> {
    let value = value(text);
    let crons = value.as_ref().and_then(Value::as_object).and_then(|root| root.get_array("crons"));
    let elements = crons.map_or(&[][..], |crons| &crons.elements);
    let path = |element: &Value<'_>| {
        let literal = element.as_object()?.get_string("path")?;
        let at = Span::new(literal.range.start as u32 + 1, literal.range.end as u32 - 1);
        // An escape would stand between the text and its places.
        (literal.value == at.of(text)).then(|| CronPath { path: literal.value.to_string(), at })
    };
    elements.iter().filter_map(path).collect()
}

/// Whether a text can be read.
pub(crate) fn is_sound(text: &str) -> bool {
    value(text).is_some()
}

/// Puts an element last into the list under a key of the outermost object, in the form of what stands there. The
/// list is made where there is none. `None` where the text is no object, or holds something else under the key.
pub(crate) fn append(document: &Document, key: &str, element: &str) -> Option<Edit> {
    let text = document.text();
    let value = value(text)?;
    let root = value.as_object()?;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let replace = |span: Span, new: String| Edit::replace(document.path().clone(), span, new);
    if let Some(property) = root.get(key) {
        let (at, new) = into_list(text, property.value.as_array()?, element);
        return Some(replace(at, new));
    }
    let list = format!("\"{key}\": [{element}]");
    Some(match last_property(text, root) {
        Some((end, Some(indent))) => replace(Span::at(end), format!(",{newline}{indent}{list}")),
        Some((end, None)) => replace(Span::at(end), format!(", {list}")),
        None => replace(whole(root.range), format!("{{{newline}  {list}{newline}}}")),
    })
}

/// Where the last property ends, and the blanks in front of it where it has a line of its own.
fn last_property<'t>(text: &'t str, root: &Object<'_>) -> Option<(u32, Option<&'t str>)> {
    let last = root.properties.last()?.range;
    Some((last.end as u32, blanks_before(text, last)))
}

/// The edit that makes an element the last of a list.
fn into_list(text: &str, list: &Array<'_>, element: &str) -> (Span, String) {
    let Some(end) = list.elements.last().map(Value::range) else {
        return (whole(list.range), format!("[{element}]"));
    };
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = match blanks_before(text, end) {
        Some(indent) => format!("{newline}{indent}"),
        None => " ".to_owned(),
    };
    (Span::at(end.end as u32), format!(",{gap}{element}"))
}

/// The blanks in front of what is the first of its line.
fn blanks_before(text: &str, place: Range) -> Option<&str> {
    let before = text.get(..place.start)?;
    let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
    (line.trim().is_empty() && line.len() < before.len()).then_some(line)
}

fn whole(range: Range) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

fn value(text: &str) -> Option<Value<'_>> {
    jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?.value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix;

    fn appended(text: &str) -> Option<String> {
        let document = Document::new(FilePath::new("/vercel.json"), 0, text.to_owned());
        append(&document, "crons", "{ \"path\": \"/b\" }").map(|edit| fix::apply(text, &[edit]))
    }

    #[test]
    fn paths_of_cron_jobs_are_told_with_their_places() {
        let text =
            "{ \"crons\": [{ \"path\": \"/api/a?x=1\", \"schedule\": \"* * * * *\" }, { \"path\": 1 }, 7] }";
        let found = cron_paths(text);
        assert_eq!(found.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["/api/a?x=1"]);
        assert_eq!(found[0].at.of(text), "/api/a?x=1");
        for text in
            ["", "{ \"crons\": [", "[]", "{ \"crons\": {} }", "{ \"crons\": [{ \"path\": \"\\u002fa\" }] }"]
        {
            assert_eq!(cron_paths(text), [], "{text}");
        }
    }

    #[test]
    fn an_element_takes_the_form_of_the_list() {
        for (text, wanted) in [
            ("{}", "{\n  \"crons\": [{ \"path\": \"/b\" }]\n}"),
            ("{ \"a\": 1 }", "{ \"a\": 1, \"crons\": [{ \"path\": \"/b\" }] }"),
            ("{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n\t\"a\": 1,\r\n\t\"crons\": [{ \"path\": \"/b\" }]\r\n}\r\n"),
            ("{ \"crons\": [] }", "{ \"crons\": [{ \"path\": \"/b\" }] }"),
            (
                "{ \"crons\": [{ \"path\": \"/a\" }] }",
                "{ \"crons\": [{ \"path\": \"/a\" }, { \"path\": \"/b\" }] }",
            ),
            (
                "{\n  \"crons\": [\n    {}\n  ]\n}",
                "{\n  \"crons\": [\n    {},\n    { \"path\": \"/b\" }\n  ]\n}",
            ),
        ] {
            assert_eq!(appended(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "[]", "{ \"crons\": 1 }", "{ \"a\": "] {
            assert_eq!(appended(text), None, "{text}");
        }
    }
}
