//! Code that runs only because the client is gone.

use super::super::place::{is_function, text};
use super::{GONE, STOPS_TIMER, arguments, around, holds, is_call, is_name, method, string};
use crate::syntax::Node;

/// Whether a statement stands under `if (signal.aborted)`, or where sending has failed.
pub(super) fn asks_for_the_client(statement: Node<'_>, within: Node<'_>, source: &str) -> bool {
    around(statement).take_while(|outer| *outer != within).any(|outer| match outer.kind() {
        "if_statement" => {
            outer.field("condition").is_some_and(|condition| text(condition, source).contains("abort"))
        }
        "catch_clause" => true,
        _ => false,
    })
}

/// Whether something ends a stream though its client still listens: a call of one of these methods, or the end of
/// its timer, anywhere but in code that runs because the client is gone.
pub(super) fn ends_by_itself(
    part: Node<'_>,
    cancel: Option<Node<'_>>,
    methods: &[&str],
    source: &str,
) -> bool {
    part.walk().filter(|node| node.kind() == "call_expression").any(|call| {
        let ends = method(call, source).is_some_and(|method| methods.contains(&method))
            || STOPS_TIMER.iter().any(|name| is_call(call, source, name));
        ends && !runs_when_gone(call, part, cancel, source, 0)
    })
}

/// Whether code runs only because the client is gone.
fn runs_when_gone(
    node: Node<'_>,
    part: Node<'_>,
    cancel: Option<Node<'_>>,
    source: &str,
    depth: u32,
) -> bool {
    if depth > 4 || cancel.is_some_and(|cancel| holds(cancel, node)) {
        return depth <= 4;
    }
    let mut inner = node;
    for outer in around(node) {
        match outer.kind() {
            "catch_clause" => return true,
            "if_statement"
                if outer.field("consequence").is_some_and(|then| holds(then, node))
                    && outer
                        .field("condition")
                        .is_some_and(|condition| text(condition, source).contains("abort")) =>
            {
                return true;
            }
            "arguments" => {
                let listens = outer.parent().is_some_and(|call| {
                    arguments(call)
                        .first()
                        .and_then(|event| string(*event, source))
                        .is_some_and(|event| GONE.contains(&event))
                });
                if listens && is_function(inner) {
                    return true;
                }
            }
            "assignment_expression" => {
                let left = outer.field("left").map(|left| text(left, source));
                if left.is_some_and(|left| left.ends_with("onabort")) {
                    return true;
                }
            }
            _ if outer == part => return false,
            _ if is_function(outer) => {
                // A function with a name runs where the name is used.
                let name = outer.field("name").or_else(|| {
                    let parent = outer.parent().filter(|parent| parent.kind() == "variable_declarator")?;
                    parent.field("name")
                });
                if let Some(name) = name.filter(|name| name.kind() == "identifier") {
                    return only_used_when_gone(name, outer, part, cancel, source, depth);
                }
            }
            _ => {}
        }
        inner = outer;
    }
    false
}

fn only_used_when_gone(
    name: Node<'_>,
    function: Node<'_>,
    part: Node<'_>,
    cancel: Option<Node<'_>>,
    source: &str,
    depth: u32,
) -> bool {
    let called = text(name, source);
    let uses: Vec<Node<'_>> = part
        .walk()
        .filter(|it| is_name(*it) && text(*it, source) == called && *it != name && !holds(function, *it))
        .collect();
    !uses.is_empty()
        && uses.into_iter().all(|it| {
            let given =
                it.parent().filter(|parent| parent.kind() == "arguments").and_then(|list| list.parent());
            let listens = given.is_some_and(|call| {
                arguments(call)
                    .first()
                    .and_then(|event| string(*event, source))
                    .is_some_and(|event| GONE.contains(&event))
            });
            let assigned = it.parent().is_some_and(|parent| {
                parent.kind() == "assignment_expression"
                    && parent.field("left").is_some_and(|left| text(left, source).ends_with("onabort"))
            });
            listens || assigned || runs_when_gone(it, part, cancel, source, depth + 1)
        })
}
