//! JSON files that say something of a host: what they hold, with its places, and how a value is added.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::{CollectOptions, ParseOptions};

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Names and texts in the object under a key of the outermost object: the dependencies of a `package.json`.
pub(crate) fn entries(text: &str, key: &str) -> Vec<(String, String)> {
    let value = value(text);
    let object = value.as_ref().and_then(Value::as_object).and_then(|root| root.get_object(key));
    let entry =
        |name: &str, value: &Value<'_>| Some((name.to_owned(), value.as_string_lit()?.value.to_string()));
    object
        .map_or(&[][..], |it| &it.properties)
        .iter()
        .filter_map(|it| entry(it.name.as_str(), &it.value))
        .collect()
}

/// The texts in the list that these keys lead to.
pub(crate) fn texts(text: &str, way: &[&str]) -> Vec<String> {
    let value = value(text);
    let mut at = value.as_ref();
    for key in way {
        at = at.and_then(Value::as_object).and_then(|object| object.get(key)).map(|property| &property.value);
    }
    let elements = at.and_then(Value::as_array).map_or(&[][..], |list| &list.elements);
    elements.iter().filter_map(|it| Some(it.as_string_lit()?.value.to_string())).collect()
}

/// The text or the word (`true`) that these keys lead to, as it is written.
pub(crate) fn word(text: &str, way: &[&str]) -> Option<String> {
    let value = value(text)?;
    let mut at = &value;
    for key in way {
        at = &at.as_object()?.get(key)?.value;
    }
    Some(whole(at.range()).of(text).trim_matches('"').to_owned())
}

/// The text with `"name": value` in the object that these keys lead to, where its name belongs by the alphabet; the
/// object is made where there is none. The same text where the name is there already. `None` where the text has
/// another form.
pub(crate) fn put(text: &str, way: &[&str], name: &str, new: &str) -> Option<String> {
    let value = value(text)?;
    let mut object = value.as_object()?;
    for (depth, key) in way.iter().enumerate() {
        if let Some(property) = object.get(key) {
            object = property.value.as_object()?;
            continue;
        }
        let inner = way[depth + 1..]
            .iter()
            .rev()
            .fold(format!("{{ \"{name}\": {new} }}"), |inner, key| format!("{{ \"{key}\": {inner} }}"));
        return Some(with_property(text, object, None, &format!("\"{key}\": {inner}")));
    }
    if object.get(name).is_some() {
        return Some(text.to_owned());
    }
    let after = object.properties.iter().find(|property| property.name.as_str() > name);
    Some(with_property(text, object, after.map(|property| property.range), &format!("\"{name}\": {new}")))
}

/// The text with a property more in an object, in front of another one or last, in the form of what stands there.
fn with_property(text: &str, object: &Object<'_>, before: Option<Range>, property: &str) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (at, new) = match (before, last_property(text, object)) {
        (Some(next), _) => {
            let gap = blanks_before(text, next).map_or(" ".to_owned(), |indent| format!("{newline}{indent}"));
            (Span::at(next.start as u32), format!("{property},{gap}"))
        }
        (None, Some((end, Some(indent)))) => (Span::at(end), format!(",{newline}{indent}{property}")),
        (None, Some((end, None))) => (Span::at(end), format!(", {property}")),
        (None, None) => (whole(object.range), format!("{{ {property} }}")),
    };
    format!("{}{new}{}", &text[..at.start as usize], &text[at.end as usize..])
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
    fn a_property_is_put_where_the_alphabet_wants_it() {
        let put = |text: &str| put(text, &["a", "b"], "m", "1");
        for (text, wanted) in [
            ("{}", "{ \"a\": { \"b\": { \"m\": 1 } } }"),
            ("{ \"a\": {} }", "{ \"a\": { \"b\": { \"m\": 1 } } }"),
            ("{ \"a\": { \"b\": {} } }", "{ \"a\": { \"b\": { \"m\": 1 } } }"),
            ("{ \"a\": { \"b\": { \"m\": 2 } } }", "{ \"a\": { \"b\": { \"m\": 2 } } }"),
            (
                "{\"a\":{\n \"b\":{\n  \"c\": 0,\n  \"z\": 0\n }}}",
                "{\"a\":{\n \"b\":{\n  \"c\": 0,\n  \"m\": 1,\n  \"z\": 0\n }}}",
            ),
            ("{\"a\":{\n \"b\":{\n  \"c\": 0\n }}}", "{\"a\":{\n \"b\":{\n  \"c\": 0,\n  \"m\": 1\n }}}"),
        ] {
            assert_eq!(put(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(put("{ \"a\": 1 }"), None);
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
