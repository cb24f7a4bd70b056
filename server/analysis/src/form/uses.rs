//! How a value is used, and in which order.

use super::flow::ends;
use super::place::{enclosing_function, is_function, text};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "assigned",
        0,
        |node, text, _| is_assigned(node, text),
        "`(#assigned? @value)`: somewhere in the outermost function around it something is assigned to the same expression",
    ),
    Word::form(
        "called",
        0,
        |node, _, _| {
            node.parent().is_some_and(|parent| {
                parent.kind() == "call_expression" && parent.field("function") == Some(node)
            })
        },
        "`(#called? @value)`: the expression is called: `value()`",
    ),
    Word::form(
        "first-use",
        0,
        |node, text, _| is_first_use(node, text),
        "`(#first-use? @value)`: nowhere before in the outermost function is a property of the same expression read or the expression taken apart, and nothing else is ever assigned to it",
    ),
    Word::form(
        "read-before",
        0,
        |node, text, _| is_read_before(node, text),
        "`(#read-before? @call)`: the call reads a body, `request.json()`, and on one way to it another call has read the body of the same name",
    ),
    Word::form(
        "used-unawaited",
        0,
        |node, text, _| is_used_unawaited(node, text),
        "`(#used-unawaited? @name)`: a property of the declared name is read without an `await`, and it is declared in this way only",
    ),
];

/// Methods that use up a body.
pub(crate) const READS: &[&str] = &["json", "text", "formData", "arrayBuffer", "blob", "bytes"];

/// Every node below `root` that is not inside a function of its own, in text order.
pub(super) fn own_nodes<'t>(root: Node<'t>, into_functions: bool, mut visit: impl FnMut(Node<'t>)) {
    let mut walk = root.walk();
    while let Some(node) = walk.next() {
        visit(node);
        if !into_functions && node != root && is_function(node) {
            walk.pass();
        }
    }
}

fn is_used(node: Node<'_>, source: &str) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        "member_expression" | "subscript_expression" => {
            let property = parent.field("property").map(|it| text(it, source));
            parent.field("object") == Some(node) && !matches!(property, Some("then" | "catch" | "finally"))
        }
        "variable_declarator" => {
            parent.field("value") == Some(node)
                && parent.field("name").is_some_and(|name| name.kind() == "object_pattern")
        }
        // `{ params: { id } }` as a parameter.
        "pair_pattern" => parent.field("value") == Some(node),
        _ => false,
    }
}

pub(super) fn outermost_function(node: Node<'_>) -> Option<Node<'_>> {
    std::iter::successors(enclosing_function(node), |it| enclosing_function(*it)).last()
}

/// Whether the text of a node stands once in another: most do, and what asks about its other places is answered.
fn stands_once(node: Node<'_>, within: Node<'_>, source: &str) -> bool {
    let (name, all) = (text(node, source).as_bytes(), text(within, source).as_bytes());
    memchr::memmem::find_iter(all, name).nth(1).is_none()
}

fn is_assigned(node: Node<'_>, source: &str) -> bool {
    let mut found = false;
    if let Some(function) = outermost_function(node).filter(|it| !stands_once(node, *it, source)) {
        own_nodes(function, true, |other| {
            found |= other.kind().ends_with("assignment_expression")
                && other.field("left").is_some_and(|it| text(it, source) == text(node, source));
        });
    }
    found
}

fn is_used_unawaited(name: Node<'_>, source: &str) -> bool {
    let Some(function) = enclosing_function(name) else { return false };
    if stands_once(name, function, source) {
        return false;
    }
    let (mut used, mut known) = (false, true);
    for node in function.written(text(name, source), source) {
        if node.kind() == "identifier" && node != name {
            used |= is_used(node, source);
            known &= !node.parent().is_some_and(|parent| {
                let is = |field: &str| parent.field(field) == Some(node);
                match parent.kind() {
                    "assignment_expression" => is("left"),
                    "variable_declarator" => is("name"),
                    kind => kind.ends_with("_parameter"),
                }
            });
        }
    }
    used && known
}

fn is_first_use(node: Node<'_>, source: &str) -> bool {
    let Some(outermost) = outermost_function(node) else { return false };
    if !is_used(node, source) {
        return false;
    }
    let wanted = text(node, source);
    let mut first = true;
    for other in outermost.written(wanted, source) {
        if other.kind() == node.kind() {
            let assigned = other.parent().is_some_and(|parent| {
                parent.kind() == "assignment_expression" && parent.field("left") == Some(other)
            });
            let before = other.start_byte() < node.start_byte() && is_used(other, source);
            first &= !assigned && !before;
        }
    }
    first
}

/// The name whose body a call reads.
fn reads<'s>(call: Node<'_>, source: &'s str) -> Option<&'s str> {
    let callee = call.field("function").filter(|it| it.kind() == "member_expression")?;
    let object = callee.field("object").filter(|it| it.kind() == "identifier")?;
    let method = text(callee.field("property")?, source);
    READS.contains(&method).then(|| text(object, source))
}

fn is_read_before(call: Node<'_>, source: &str) -> bool {
    let (Some(name), Some(function)) = (reads(call, source), enclosing_function(call)) else { return false };
    // Whoever looks whether the body is used up knows what happens here.
    if text(function, source).contains("bodyUsed") {
        return false;
    }
    let mut earlier = Vec::new();
    let mut is_other = false;
    own_nodes(function, false, |node| match node.kind() {
        "call_expression" if node.start_byte() < call.start_byte() && reads(node, source) == Some(name) => {
            earlier.push(node);
        }
        "assignment_expression" => {
            is_other |= node.field("left").is_some_and(|it| text(it, source) == name);
        }
        "variable_declarator" => {
            is_other |= node.field("name").is_some_and(|it| text(it, source) == name);
        }
        _ => {}
    });
    !is_other && earlier.into_iter().any(|first| leads_to(first, call, source))
}

/// Whether code may run at `second` after it ran at `first`, whatever conditions say of each other.
fn leads_to(first: Node<'_>, second: Node<'_>, source: &str) -> bool {
    let holds =
        |node: Node<'_>| node.start_byte() <= second.start_byte() && second.end_byte() <= node.end_byte();
    let mut from = first;
    let common = loop {
        let Some(parent) = from.parent() else { return false };
        if holds(parent) {
            break parent;
        }
        from = parent;
    };
    let Some(to) = std::iter::successors(Some(second), Node::parent).find(|it| it.parent() == Some(common))
    else {
        // The one is part of the other: `request.json(await request.text())`.
        return false;
    };
    let is = |field: &str, node: Node<'_>| common.field(field) == Some(node);
    match common.kind() {
        "if_statement" | "ternary_expression" => is("condition", from),
        "switch_body" => false,
        "try_statement" => true,
        _ => {
            // Two conditions may exclude each other.
            (!is_conditional(first, from) || !is_conditional(second, to)) && goes_on(first, from, source)
        }
    }
}

/// Whether a condition between `node` and `top` decides if it runs.
fn is_conditional(node: Node<'_>, top: Node<'_>) -> bool {
    let mut at = node;
    while at != top {
        let Some(parent) = at.parent() else { return true };
        let is = |field: &str| parent.field(field) == Some(at);
        let decides = match parent.kind() {
            "if_statement" | "ternary_expression" | "while_statement" => !is("condition"),
            "for_in_statement" => is("body"),
            "for_statement" | "switch_case" | "switch_default" | "catch_clause" => true,
            "binary_expression" => is("right"),
            _ => false,
        };
        if decides {
            return true;
        }
        at = parent;
    }
    false
}

/// Whether what stands behind `top`, a statement around `node`, may run after `node` did.
fn goes_on(node: Node<'_>, top: Node<'_>, source: &str) -> bool {
    let mut goes = true;
    let mut at = node;
    loop {
        goes &= !matches!(at.kind(), "return_statement" | "throw_statement");
        if at == top {
            return goes;
        }
        let Some(parent) = at.parent() else { return false };
        match parent.kind() {
            "statement_block" | "switch_case" | "switch_default" => {
                let mut next = at.next_named_sibling();
                while let Some(statement) = next {
                    goes &= ends(statement, source).falls;
                    next = statement.next_named_sibling();
                }
            }
            // Reading fails where the body is no JSON; then it goes on in the handler.
            "try_statement" if parent.field("body") == Some(at) => {
                let caught = parent
                    .field("handler")
                    .and_then(|handler| handler.field("body"))
                    .is_some_and(|body| ends(body, source).falls);
                goes |= caught;
            }
            _ => {}
        }
        at = parent;
    }
}
