//! Answers that are sent in every round of a loop.

use super::super::place::{enclosing_function, is_function, text};
use super::twice::{ANSWERS, response_of, takes_callback};
use crate::syntax::Node;

/// What ends a loop, or the rest of a round.
const LEAVES: &[&str] =
    &["break_statement", "return_statement", "throw_statement", "continue_statement", "yield_expression"];

/// Whether a call answers in each round of the innermost loop around it, and nothing in the loop ends it: the second
/// round answers again.
pub(super) fn answers_each_round(call: Node<'_>, source: &str) -> bool {
    let Some((response, method)) = response_of(call, source) else { return false };
    // A second `end()` does nothing.
    if !ANSWERS.contains(&method) || method == "end" || takes_callback(call) {
        return false;
    }
    let Some(statement) = call.parent().filter(|it| it.kind() == "expression_statement") else {
        return is_whole_callback(call, source, response);
    };
    let Some(block) = statement.parent() else { return false };
    let Some(around) = (if block.kind() == "statement_block" { block.parent() } else { Some(block) }) else {
        return false;
    };
    let unguarded = |whole: Node<'_>| {
        let code = text(whole, source);
        !["headersSent", "writableEnded", "finished"].iter().any(|word| code.contains(word))
    };
    let Some(function) = enclosing_function(call) else { return false };
    match around.kind() {
        "for_in_statement" | "for_statement" | "while_statement" | "do_statement" => {
            unguarded(function) && !declares(around, response, source) && !holds(around, LEAVES)
        }
        _ if is_function(around) && is_callback(around, source) => {
            unguarded(around) && names_outside(around, response, source) && !holds(block, LEAVES)
        }
        _ => false,
    }
}

/// `items.forEach((item) => res.json(item))`.
fn is_whole_callback(call: Node<'_>, source: &str, response: &str) -> bool {
    call.parent().is_some_and(|function| {
        function.kind() == "arrow_function"
            && function.field("body") == Some(call)
            && is_callback(function, source)
            && names_outside(function, response, source)
    })
}

/// Whether a function is what `forEach` calls for each item.
fn is_callback(function: Node<'_>, source: &str) -> bool {
    let Some(call) = function.parent().filter(|it| it.kind() == "arguments").and_then(|it| it.parent())
    else {
        return false;
    };
    let callee = call.field("function").filter(|it| it.kind() == "member_expression");
    let property = callee.and_then(|it| it.field("property"));
    property.is_some_and(|it| text(it, source) == "forEach")
        && call.field("arguments").and_then(|it| it.named_child(0)) == Some(function)
}

/// Whether the response is none of the function's own parameters: `responses.forEach((res) => res.json({}))`.
fn names_outside(function: Node<'_>, response: &str, source: &str) -> bool {
    let parameters = function.field("parameters").or(function.field("parameter"));
    !parameters.is_some_and(|it| names(it, response, source))
}

/// Whether the head of a loop declares the name: `for (const res of clients)`.
fn declares(around: Node<'_>, response: &str, source: &str) -> bool {
    ["left", "initializer"]
        .iter()
        .filter_map(|field| around.field(field))
        .any(|it| names(it, response, source))
}

fn names(node: Node<'_>, name: &str, source: &str) -> bool {
    if node.child_count() == 0 {
        return text(node, source) == name;
    }
    node.children().any(|child| names(child, name, source))
}

/// Whether a node of these kinds stands in it, functions inside left out.
fn holds(node: Node<'_>, kinds: &[&str]) -> bool {
    node.named_children()
        .any(|child| !is_function(child) && (kinds.contains(&child.kind()) || holds(child, kinds)))
}
