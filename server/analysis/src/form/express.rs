//! What handlers of Express are made of: parameters that Express counts, promises that nobody waits for, ways
//! through a handler that answer twice.

mod hangs;
mod rounds;
mod twice;

use super::place::{enclosing_function, is_function, parameters, text, without_wrapping};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "answers-again",
        1,
        |node, text, words| words.iter().any(|word| twice::answers_again(node, text, &**word == "next")),
        "`(#answers-again? @call \"answer\")`: on every way on from this call of `res.json()` or its like, the same function answers once more; `next`: answers or calls `next()`",
    ),
    Word::form(
        "answers-each-round",
        0,
        |node, text, _| rounds::answers_each_round(node, text),
        "`(#answers-each-round? @call)`: the call answers in every round of a loop, or of `forEach`, that nothing ends",
    ),
    Word::form(
        "error-first",
        0,
        |node, text, _| is_error_first(node, text),
        "`(#error-first? @function)`: the first parameter is named as an error, those behind it as a request or a response, and the function's `length` is not four",
    ),
    Word::form(
        "hangs",
        1,
        |node, text, words| words.iter().any(|word| hangs::hangs(node, text) == Some(word)),
        "`(#hangs? @function \"always\")`: nothing in the handler answers, calls `next` or hands on the request; `sometimes`: some way through it does not",
    ),
    Word::form(
        "uncaught",
        0,
        |node, text, _| is_uncaught(node, text),
        "`(#uncaught? @at)`: an `await` or `throw` of an async function with two parameters or more that no `catch` of the function is for",
    ),
];

/// A parameter of a function, as JavaScript counts it.
pub(crate) struct Given<'t> {
    pub(crate) node: Node<'t>,
    /// What it is called, where it is a plain name.
    pub(crate) name: &'t str,
    /// The node of its name or pattern.
    pub(crate) pattern: Node<'t>,
    /// It has a default value.
    pub(crate) default: Option<Node<'t>>,
    /// `...rest`.
    pub(crate) rest: bool,
}

/// The parameters of a function without TypeScript's `this`.
pub(crate) fn given<'t>(function: Node<'t>, source: &'t str) -> Vec<Given<'t>> {
    let read = |node: Node<'t>| {
        let pattern = node.field("pattern").or(node.field("left")).unwrap_or(node);
        let default = node.field("value").or(node.field("right"));
        let rest = pattern.kind() == "rest_pattern";
        let name = if pattern.kind() == "identifier" { text(pattern, source) } else { "" };
        Given { node, name, pattern, default, rest }
    };
    let all = parameters(function).into_iter().map(read);
    all.filter(|it| text(it.pattern, source) != "this").collect()
}

/// What `function.length` is.
pub(crate) fn length(given: &[Given<'_>]) -> usize {
    given.iter().take_while(|it| it.default.is_none() && !it.rest).count()
}

/// Whether somebody who calls a parameter this thinks of an error.
pub(crate) fn is_error_name(name: &str) -> bool {
    let bare = name.trim_matches('_');
    matches!(bare, "e" | "ex" | "er" | "err" | "error" | "exception")
        || bare.ends_with("Err")
        || bare.ends_with("Error")
}

/// `req`, `_request`.
pub(crate) fn is_request_name(name: &str) -> bool {
    matches!(name.trim_matches('_'), "req" | "request")
}

/// `res`, `_response`.
pub(crate) fn is_response_name(name: &str) -> bool {
    matches!(name.trim_matches('_'), "res" | "resp" | "response")
}

fn is_error_first(function: Node<'_>, source: &str) -> bool {
    let all = given(function, source);
    let [first, second, rest @ ..] = all.as_slice() else { return false };
    let third = rest.first();
    let told = is_request_name(second.name) || third.is_some_and(|it| is_response_name(it.name));
    is_error_name(first.name) && third.is_some() && all.len() <= 4 && told && length(&all) != 4
}

/// Promises that are not known to fail: `sleep(100)`.
const PATIENT: &[&str] =
    &["sleep", "delay", "wait", "setTimeout", "allSettled", "nextTick", "setImmediate", "next"];

fn is_uncaught(node: Node<'_>, source: &str) -> bool {
    let function = enclosing_function(node).filter(|it| crate::form::is_async(*it));
    function.is_some_and(|function| {
        parameters(function).len() > 1 && is_risk(node, source) && !is_caught(node, function)
    })
}

/// The calls that an async function waits for where it does not catch what fails; `None` where something else in
/// it may fail, or it is not async. What it returns without waiting is not looked at.
pub(crate) fn unguarded<'t>(function: Node<'t>, source: &str) -> Option<Vec<Node<'t>>> {
    let body = function.field("body").filter(|_| crate::form::is_async(function))?;
    let mut calls = Vec::new();
    (!fails(body, source, Caught::default(), &mut calls)).then_some(calls)
}

/// What a `catch` around a place is for.
#[derive(Clone, Copy, Default)]
struct Caught {
    awaited: bool,
    thrown: bool,
}

/// Whether something in the node, outside of functions of its own, may fail and is not caught, as for [`is_caught`];
/// calls that are waited for are collected instead.
fn fails<'t>(node: Node<'t>, source: &str, caught: Caught, calls: &mut Vec<Node<'t>>) -> bool {
    let known = if node.kind() == "throw_statement" { caught.thrown } else { caught.awaited };
    if !known && is_risk(node, source) {
        let value = node.named_child(0).map(without_wrapping);
        match value.filter(|it| node.kind() == "await_expression" && it.kind() == "call_expression") {
            Some(call) => calls.push(call),
            None => return true,
        }
    }
    let handled = node.kind() == "try_statement" && node.field("handler").is_some();
    node.named_children().any(|child| {
        let inside = match child.kind() {
            "statement_block" if handled => Caught { awaited: true, thrown: true },
            "catch_clause" | "finally_clause" => Caught { awaited: true, ..caught },
            _ => caught,
        };
        !is_function(child) && fails(child, source, inside, calls)
    })
}

/// Whether a promise that fails shows here.
fn is_risk(node: Node<'_>, source: &str) -> bool {
    match node.kind() {
        "throw_statement" => true,
        "await_expression" => {
            let value = node.named_child(0).map(without_wrapping);
            value.is_some_and(|value| may_fail(value, source))
        }
        _ => false,
    }
}

fn may_fail(value: Node<'_>, source: &str) -> bool {
    match value.kind() {
        "call_expression" => {
            let Some(callee) = value.field("function") else { return true };
            // `await import("mime")`, of a package that is installed; `Promise.all([…])` fails where one in it does.
            if callee.kind() == "import" {
                return false;
            }
            let listed = value.field("arguments").and_then(|it| it.named_child(0));
            if let Some(listed) =
                listed.filter(|it| it.kind() == "array" && text(callee, source) == "Promise.all")
            {
                return listed.named_children().any(|it| {
                    matches!(it.kind(), "spread_element") || may_fail(without_wrapping(it), source)
                });
            }
            let name = text(callee, source).rsplit('.').next().unwrap_or_default().trim();
            let caught = callee.kind() == "member_expression"
                && (name == "catch"
                    || name == "then"
                        && value.field("arguments").is_some_and(|it| it.named_child_count() > 1));
            !caught && !PATIENT.contains(&name)
        }
        // `new Promise((resolve) => setTimeout(resolve, 100))`: nothing in it can say no.
        "new_expression" => {
            let executor = value.field("arguments").and_then(|it| it.named_child(0));
            let named = value.field("constructor").is_some_and(|it| text(it, source) == "Promise");
            !(named && executor.is_some_and(|it| is_function(it) && parameters(it).len() < 2))
        }
        "identifier" | "member_expression" | "subscript_expression" => true,
        _ => false,
    }
}

/// Whether what fails here comes to a `catch` of the function. Inside a `catch` or `finally` nothing is said of
/// what is waited for; what is thrown there leaves it.
fn is_caught(node: Node<'_>, function: Node<'_>) -> bool {
    let mut at = node;
    while let Some(parent) = at.parent().filter(|_| at != function) {
        match parent.kind() {
            "try_statement" => {
                let body = parent.field("body") == Some(at);
                if body && parent.field("handler").is_some() {
                    return true;
                }
            }
            "catch_clause" | "finally_clause" if node.kind() != "throw_statement" => return true,
            _ => {}
        }
        at = parent;
    }
    false
}
