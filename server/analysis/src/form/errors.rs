//! What becomes of what code throws.

use super::place::{is_function, text};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[Word::form(
    "swallowed",
    0,
    |node, text, _| {
        catch_around(node).is_some_and(|clause| {
            clause.field("body").is_some_and(|body| {
                let error = clause.field("parameter").map(|name| self::text(name, text));
                !may_rethrow(body, error.unwrap_or_default(), text)
                    && !says(body, self::text(node, text), text)
            })
        })
    },
    "`(#swallowed? @call)`: what the call throws ends in a `catch` of the same function, which does not make the same call, throws nothing and gives the error to nobody who might",
)];

/// The `catch` that what is thrown at `node` comes to, in the same function.
pub(crate) fn catch_around(node: Node<'_>) -> Option<Node<'_>> {
    let mut at = node;
    while let Some(parent) = at.parent().filter(|parent| !is_function(*parent)) {
        let guarded = parent.kind() == "try_statement" && parent.field("body") == Some(at);
        if let Some(clause) = parent.field("handler").filter(|_| guarded) {
            return Some(clause);
        }
        at = parent;
    }
    None
}

/// Functions that look at an error and come back, by the last part of their name, and by how names of such
/// functions begin. Anything else that is given the error may throw it again.
const LOOK: &[&str] =
    &["log", "error", "warn", "info", "debug", "trace", "fatal", "String", "Error", "stringify", "json"];
const LOOK_BEGIN: &[&str] = &[
    "log",
    "report",
    "capture",
    "record",
    "format",
    "get",
    "extract",
    "parse",
    "serialize",
    "describe",
    "track",
    "is",
];

/// Names that say that a function throws what Next.js itself threw, or tells it from other errors.
const KNOWS: &[&str] =
    &["rethrow", "isRedirect", "isNotFound", "isNextRouter", "isHTTPAccess", "isDynamicServer"];

/// Whether a piece of a `catch` throws, or hands the error on to something that may.
fn may_rethrow(node: Node<'_>, error: &str, source: &str) -> bool {
    match node.kind() {
        "throw_statement" => return true,
        "identifier" | "property_identifier"
            if KNOWS.iter().any(|name| text(node, source).contains(name)) =>
        {
            return true;
        }
        "identifier" | "shorthand_property_identifier"
            if text(node, source) == error && may_leave(node, source) =>
        {
            return true;
        }
        _ => {}
    }
    node.named_children().any(|child| may_rethrow(child, error, source))
}

/// Whether a piece of code holds the very same call: a `catch` that ends in `notFound()` as well loses nothing.
fn says(node: Node<'_>, call: &str, source: &str) -> bool {
    if node.kind() == "call_expression" && text(node, source) == call {
        return true;
    }
    node.named_children().any(|child| says(child, call, source))
}

/// Whether the error gets to a place that may throw it.
fn may_leave(name: Node<'_>, source: &str) -> bool {
    let mut at = name;
    while let Some(parent) = at.parent() {
        match parent.kind() {
            "parenthesized_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "pair"
            | "object"
            | "array"
            | "spread_element"
            | "arguments" => {}
            // A part of it, a test of it, or text made of it.
            "member_expression" | "subscript_expression" => {
                return parent.field("object") != Some(at);
            }
            "binary_expression" => {
                let operator = parent.field("operator").map(|operator| operator.kind());
                return matches!(operator, Some("??" | "||" | "&&"));
            }
            "unary_expression" | "template_substitution" | "if_statement" => return false,
            "ternary_expression" => return parent.field("condition") != Some(at),
            "variable_declarator" => {
                return parent.field("name").is_none_or(|name| name.kind() != "object_pattern");
            }
            "call_expression" | "new_expression" => {
                let callee = parent.field("function").or_else(|| parent.field("constructor"));
                let callee = callee.map_or("", |callee| text(callee, source));
                let last = callee.rsplit('.').next().unwrap_or_default();
                let looks = LOOK.contains(&last) || LOOK_BEGIN.iter().any(|start| last.starts_with(start));
                return !looks;
            }
            _ => return true,
        }
        at = parent;
    }
    true
}
