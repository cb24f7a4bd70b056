//! What an expression is, as far as its form alone tells.

use super::place::{text, without_wrapping};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "gives-plain",
        0,
        |node, text, _| gives_plain(node, text),
        "`(#gives-plain? @return)`: the `return` gives nothing, or a value as for `plain`",
    ),
    Word::form(
        "plain",
        0,
        |node, text, _| is_plain(node, text),
        "`(#plain? @value)`: the value is written out: a string, a number, an object, an array, JSX, `null`",
    ),
    Word::form(
        "text-body",
        0,
        |node, text, _| is_text_body(node, text),
        "`(#text-body? @value)`: the value is a text for certain: a string, a template, `JSON.stringify(…)`",
    ),
];

fn is_text_body(node: Node<'_>, source: &str) -> bool {
    let node = without_wrapping(node);
    match node.kind() {
        "string" | "template_string" => true,
        "call_expression" => node.field("function").is_some_and(|it| text(it, source) == "JSON.stringify"),
        _ => false,
    }
}

/// `return;`, `return { ok: true };`.
pub(super) fn gives_plain(statement: Node<'_>, text: &str) -> bool {
    if statement.kind() != "return_statement" {
        return false;
    }
    let value = statement.named_child(0).filter(|value| value.kind() != "comment");
    value.is_none_or(|value| is_plain(value, text))
}

/// A value that is written out, in each of its cases.
fn is_plain(node: Node<'_>, source: &str) -> bool {
    let node = without_wrapping(node);
    match node.kind() {
        "string"
        | "template_string"
        | "number"
        | "true"
        | "false"
        | "null"
        | "undefined"
        | "object"
        | "array"
        | "regex"
        | "jsx_element"
        | "jsx_self_closing_element"
        | "jsx_fragment" => true,
        "identifier" => text(node, source) == "undefined",
        "ternary_expression" => ["consequence", "alternative"]
            .iter()
            .all(|side| node.field(side).is_some_and(|side| is_plain(side, source))),
        _ => false,
    }
}

/// Whether a variable of this name is used or declared in the code.
pub(super) fn mentions(node: Node<'_>, name: &str, source: &str) -> bool {
    node.written(name, source).any(|at| matches!(at.kind(), "identifier" | "shorthand_property_identifier"))
}
