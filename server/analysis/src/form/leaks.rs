//! What an answer tells of an error.

use super::place::{enclosing_function, is_function, parameters, text, without_wrapping};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[Word::form(
    "error-answer",
    1,
    |node, text, words| is_answered(node, text, &words[0]),
    "`(#error-answer? @at \"stack\")`: the captured part of a caught error stands in an answer with a status from 500 on, and nothing in the function asks for the environment; `message`: nor has the error a class of its own",
)];

/// Names that tell a server of developers from the one that everybody uses.
const ENVIRONMENT: &[&str] = &[
    "node_env",
    "isdev",
    "is_dev",
    "isprod",
    "is_prod",
    "development",
    "production",
    "debug",
    "__dev__",
    "verbose",
];

/// Calls that make text of what they are given.
const WRITES: &[&str] = &["String", "JSON.stringify"];

fn is_answered(at: Node<'_>, source: &str, wanted: &str) -> bool {
    let error = match at.kind() {
        "member_expression" => at.field("object"),
        _ => Some(at),
    };
    let Some(name) = error.map(without_wrapping).map(|it| text(it, source)) else { return false };
    let Some(around) = catcher(at, name, source) else { return false };
    let Some(function) = enclosing_function(at) else { return false };
    let whole = text(function, source).to_ascii_lowercase();
    if ENVIRONMENT.iter().any(|word| whole.contains(word)) {
        return false;
    }
    let Some(answer) = answer(at, source) else { return false };
    let fails = status(answer, source).is_some_and(|status| status >= 500);
    fails && (wanted == "stack" || !has_class(at, around, name, source))
}

/// The `catch`, or the handler of errors of Express, that an error of this name comes from.
fn catcher<'t>(at: Node<'t>, name: &str, source: &str) -> Option<Node<'t>> {
    let mut below = at;
    while let Some(around) = below.parent() {
        if around.kind() == "catch_clause" {
            let parameter = around.field("parameter");
            if parameter.is_some_and(|it| text(it, source) == name) {
                return Some(around);
            }
        }
        if is_function(around) {
            let given = parameters(around);
            let first =
                given.first().map_or("", |it| text(*it, source).split([':', '?']).next().unwrap_or_default());
            return (given.len() == 4 && first.trim() == name).then_some(around);
        }
        below = around;
    }
    None
}

/// The call that answers with what holds a value.
pub(crate) fn answer<'t>(value: Node<'t>, source: &str) -> Option<Node<'t>> {
    let mut at = value;
    while let Some(around) = at.parent() {
        match around.kind() {
            "pair" => {
                if around.field("key") == Some(at) {
                    return None;
                }
            }
            "object"
            | "array"
            | "template_string"
            | "template_substitution"
            | "parenthesized_expression"
            | "as_expression"
            | "non_null_expression" => {}
            "binary_expression" => {
                let operator = around.field("operator").map(|it| it.kind());
                if !matches!(operator, Some("+" | "||" | "??")) {
                    return None;
                }
            }
            "ternary_expression" => {
                if around.field("condition") == Some(at) {
                    return None;
                }
            }
            "arguments" => {
                let call = around.parent()?;
                let callee = call.field("function").or_else(|| call.field("constructor"))?;
                if WRITES.contains(&text(callee, source)) {
                    at = call;
                    continue;
                }
                return (around.named_child(0) == Some(at)).then_some(call);
            }
            _ => return None,
        }
        at = around;
    }
    None
}

/// The status of an answer: `{ status: 500 }` beside the body, `.status(500)` before it. `err.status || 500` is the
/// latter, which is what an error without one gets.
fn status(answer: Node<'_>, source: &str) -> Option<u32> {
    let written = |node: Node<'_>| -> Option<u32> {
        let node = without_wrapping(node);
        let last = if node.kind() == "binary_expression" { node.field("right")? } else { node };
        text(last, source).parse().ok()
    };
    let arguments = answer.field("arguments")?;
    if let Some(options) = arguments.named_child(1).filter(|it| it.kind() == "object") {
        let mut pairs = options.named_children().filter(|it| it.kind() == "pair");
        let pair = pairs.find(|it| it.field("key").is_some_and(|key| text(key, source) == "status"))?;
        return written(pair.field("value")?);
    }
    let before = answer.field("function")?.field("object")?;
    let callee = before.field("function")?;
    let is_status = callee.field("property").is_some_and(|it| text(it, source) == "status");
    is_status.then(|| written(before.field("arguments")?.named_child(0)?))?
}

/// Whether a condition around a place says of which class the error is, `Error` itself left out.
fn has_class(at: Node<'_>, catcher: Node<'_>, name: &str, source: &str) -> bool {
    let mut below = at;
    while let Some(around) = below.parent().filter(|_| below != catcher) {
        let condition = match around.kind() {
            "if_statement" | "ternary_expression" => around.field("condition"),
            _ => None,
        };
        if let Some(condition) = condition.filter(|condition| *condition != below) {
            let says = text(condition, source);
            let plain = says.trim_matches(['(', ')']);
            let only_error = plain.strip_prefix(name).is_some_and(|rest| {
                matches!(rest.trim(), "" | "instanceof Error" | ".message" | "?.message" | ".stack")
            });
            if says.contains(name) && !only_error {
                return true;
            }
        }
        below = around;
    }
    false
}
