//! Where code stands.

use crate::rules::Word;
use crate::syntax::{self, Node};

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "arity",
        1,
        |node, _, words| {
            let count = parameters(node).len().to_string();
            words.iter().any(|word| **word == *count)
        },
        "`(#arity? @function \"3\" \"4\")`: the function takes this many parameters",
    ),
    Word::form(
        "awaited",
        0,
        |node, _, _| {
            // The grammar reads `await load<T>()` as a call of `await load`.
            node.field("function").is_some_and(|callee| callee.kind() == "await_expression")
                || outside(node).parent().is_some_and(|parent| parent.kind() == "await_expression")
        },
        "`(#awaited? @call)`: `await` stands in front",
    ),
    Word::form(
        "directive",
        0,
        |node, _, _| is_directive(node),
        "`(#directive? @string)`: the string statement is a directive at the head of a function",
    ),
    Word::form(
        "inside",
        1,
        |node, _, words| {
            let mut at = node.parent();
            while let Some(around) = at.filter(|around| !is_function(*around)) {
                if words.iter().any(|word| **word == *around.kind()) {
                    return true;
                }
                at = around.parent();
            }
            false
        },
        "`(#inside? @at \"try_statement\")`: a node of one of these kinds stands around it in the same function",
    ),
    Word::form(
        "top-level",
        0,
        |node, _, _| !std::iter::successors(node.parent(), Node::parent).any(is_function),
        "`(#top-level? @at)`: no function stands around it",
    ),
    Word::form(
        "unused",
        0,
        |node, _, _| {
            let mut node = outside(node);
            while let Some(parent) =
                node.parent().filter(|parent| matches!(parent.kind(), "await_expression") || is_void(*parent))
            {
                node = outside(parent);
            }
            node.parent().is_some_and(|parent| parent.kind() == "expression_statement")
        },
        "`(#unused? @call)`: nothing is done with the value: the expression is a statement, awaited or not",
    ),
];

/// Whether a node is a function or method.
pub(crate) fn is_function(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_declaration"
            | "function_expression"
            | "generator_function"
            | "generator_function_declaration"
            | "arrow_function"
            | "method_definition"
    )
}

/// Whether `async` stands in front of a function.
pub(crate) fn is_async(function: Node<'_>) -> bool {
    function.children().any(|child| child.kind() == "async")
}

/// The innermost function around a node.
pub(crate) fn enclosing_function(node: Node<'_>) -> Option<Node<'_>> {
    std::iter::successors(node.parent(), Node::parent).find(|node| is_function(*node))
}

/// The parameters of a function.
pub(crate) fn parameters(function: Node<'_>) -> Vec<Node<'_>> {
    if let Some(single) = function.field("parameter") {
        return vec![single];
    }
    let Some(list) = function.field("parameters") else { return Vec::new() };
    list.named_children().filter(|node| node.kind() != "comment").collect()
}

fn is_wrapping(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression"
    )
}

fn is_void(node: Node<'_>) -> bool {
    node.kind() == "unary_expression"
        && node.field("operator").is_some_and(|operator| operator.kind() == "void")
}

/// An expression with the parentheses and type assertions around it.
fn outside(mut node: Node<'_>) -> Node<'_> {
    while let Some(parent) = node.parent().filter(|parent| is_wrapping(*parent)) {
        node = parent;
    }
    node
}

/// An expression without parentheses and type assertions.
pub(crate) fn without_wrapping(mut node: Node<'_>) -> Node<'_> {
    while is_wrapping(node) {
        match node.named_child(0) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// `'use server'` at the head of a body. Whether a string is the head of a file depends on other statements, which
/// must not be looked at here: the condition `file-directive` does.
fn is_directive(node: Node<'_>) -> bool {
    let statement = match node.kind() {
        "expression_statement" => Some(node),
        _ => node.parent().filter(|parent| parent.kind() == "expression_statement"),
    };
    let body = statement.and_then(|it| it.parent()).filter(|body| body.kind() == "statement_block");
    let (Some(statement), Some(body)) = (statement, body) else { return false };
    let mut before = body.named_children().take_while(|child| *child != statement);
    body.parent().is_some_and(is_function)
        && before.all(|child| {
            let first = child.named_child(0).filter(|_| child.kind() == "expression_statement");
            child.kind() == "comment" || first.is_some_and(|first| first.kind() == "string")
        })
}

/// The text of a node.
pub(super) fn text<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    syntax::text_of(node, text)
}
