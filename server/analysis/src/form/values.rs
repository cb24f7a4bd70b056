//! What is written as a value.

use super::Code;
use super::place::{enclosing_function, is_function, text};
use super::uses::{outermost_function, own_nodes};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "by-environment",
        0,
        |node, code, _| is_by_environment(node, code),
        "`(#by-environment? @at)`: it stands under a condition that names `NODE_ENV`",
    ),
    Word::form(
        "lacks-keys",
        1,
        |node, code, keys| lacks(node, code, keys),
        "`(#lacks-keys? @object \"store\")`: the object literal has none of these keys, and nothing is spread into it",
    ),
    Word::form(
        "names-path",
        0,
        |node, code, _| names_path(node, code),
        "`(#names-path? @name)`: the name is a constant of the function around it, and its text begins with a slash",
    ),
];

/// Whether a name is that of a `const` in a block around it, in the same function, whose text begins with `/`, and
/// nothing else in the outermost function is called so.
fn names_path(name: Node<'_>, code: &Code<'_>) -> bool {
    let (Some(own), Some(outermost)) = (enclosing_function(name), outermost_function(name)) else {
        return false;
    };
    let wanted = text(name, code);
    let (mut path, mut alone) = (false, true);
    own_nodes(outermost, true, |node| {
        if !node.kind().ends_with("identifier_pattern") && node.kind() != "identifier"
            || text(node, code) != wanted
        {
            return;
        }
        let Some(parent) = node.parent() else { return };
        let is = |field: &str| parent.field(field) == Some(node);
        let declares = match parent.kind() {
            "variable_declarator" => is("name"),
            "arguments"
            | "await_expression"
            | "binary_expression"
            | "call_expression"
            | "member_expression"
            | "return_statement"
            | "template_substitution" => return,
            // A parameter, a pattern, or whatever else may give it another value.
            _ => {
                alone = false;
                return;
            }
        };
        if declares {
            alone &= !path;
            path = parent.parent().is_some_and(|declaration| {
                let around = declaration.parent().filter(|around| around.kind() == "statement_block");
                declaration.child(0).is_some_and(|kind| kind.kind() == "const")
                    && declaration.end_byte() <= name.start_byte()
                    && around.is_some_and(|around| around.end_byte() >= name.end_byte())
                    && enclosing_function(declaration) == Some(own)
                    && parent.field("value").is_some_and(|value| is_path(value, code))
            });
            alone &= path;
        }
    });
    path && alone
}

/// `"/login"`, `` `/items/${id}` ``, `"/items/" + id`.
fn is_path(value: Node<'_>, code: &Code<'_>) -> bool {
    let inner = text(value, code).get(1..);
    match value.kind() {
        "string" | "template_string" => inner.is_some_and(|inner| inner.starts_with('/')),
        "binary_expression" => {
            value.field("operator").is_some_and(|operator| operator.kind() == "+")
                && value.field("left").is_some_and(|left| is_path(left, code))
        }
        _ => false,
    }
}

/// Whether an object literal is known to have none of some keys.
fn lacks(object: Node<'_>, source: &str, keys: &[Box<str>]) -> bool {
    object.kind() == "object"
        && object.named_children().all(|entry| {
            let key = match entry.kind() {
                "comment" => return true,
                "pair" => entry.field("key"),
                "method_definition" => entry.field("name"),
                "shorthand_property_identifier" => Some(entry),
                _ => None,
            };
            key.filter(|key| key.kind() != "computed_property_name").is_some_and(|key| {
                let name = text(key, source).trim_matches(['"', '\'']);
                !keys.iter().any(|wanted| **wanted == *name)
            })
        })
}

/// Whether a condition around a node, in the same function, names `NODE_ENV`.
fn is_by_environment<'t>(node: Node<'t>, code: &Code<'t>) -> bool {
    let mut at = node;
    while let Some(around) = at.parent().filter(|around| !is_function(*around)) {
        let condition = match around.kind() {
            "if_statement" | "ternary_expression" => around.field("condition"),
            "binary_expression" => around.field("left"),
            _ => None,
        };
        if condition.is_some_and(|it| it.id() != at.id() && text(it, code).contains("NODE_ENV")) {
            return true;
        }
        at = around;
    }
    false
}
