//! Handlers that neither answer nor call `next`.

use super::super::Code;
use super::super::flow::{PREPARES, gives_away, leaves_unanswered, prepares};
use super::super::literals::mentions;
use super::super::place::text;
use super::super::uses::own_nodes;
use super::{Given, given, is_error_name, is_request_name, is_response_name};
use crate::syntax::Node;

/// Methods of a response of Express that prepare an answer and do not send it.
const SETS: &[&str] =
    &["set", "header", "type", "contentType", "cookie", "clearCookie", "append", "vary", "links", "location"];

/// Whether requests are left open `always` or `sometimes`.
pub(super) fn hangs<'t>(function: Node<'t>, code: &Code<'t>) -> Option<&'static str> {
    let source = code.text;
    let body = function.field("body").filter(|body| body.kind() == "statement_block")?;
    let all = given(function, source);
    let first = all.first().map_or("", |it| it.name);
    let of_error = all.len() == 4 && (is_error_name(first) || !is_request_name(first));
    let own = &all[usize::from(of_error)..];
    // Nearly all functions of a file are callbacks and helpers, and this is asked of each.
    if !looks_like_handler(own, source) && !is_registered(function, code) {
        return None;
    }
    // What is taken apart may be used in any way.
    let hidden = own.iter().skip(1).any(|it| it.name.is_empty() || it.rest) || own.iter().any(|it| it.rest);
    if hidden || mentions(body, "arguments", source) {
        return None;
    }
    let answers: Vec<&str> = own.iter().skip(1).take(2).map(|it| it.name).collect();
    let request = own.first().map_or("", |it| it.name);
    let uses = |node: Node<'_>| {
        answers.iter().any(|name| mentions(node, name, source)) || hands_on(node, request, source)
    };
    let response = answers.first().copied().unwrap_or_default();
    let only_prepares = |statement: Node<'_>| {
        let methods: Vec<&str> = PREPARES.iter().chain(SETS).copied().collect();
        prepares(statement, response, &methods, source) || sets_local(statement, response, source)
    };
    let gives = |node: Node<'_>| answers.iter().any(|name| gives_away(node, name, source));
    leaves_unanswered(body, source, &uses, &only_prepares, &gives)?;
    if !uses(body) {
        return Some("always");
    }
    (!has_alternatives(body, &uses)).then_some("sometimes")
}

/// Whether a function is given a request and a response, by their names or their types.
fn looks_like_handler(given: &[Given<'_>], source: &str) -> bool {
    let [first, second, ..] = given else { return false };
    let typed =
        |it: &Given<'_>| ["Request", "Response"].iter().any(|name| text(it.node, source).contains(name));
    is_request_name(first.name) || is_response_name(second.name) || typed(first) || typed(second)
}

/// Whether a function is written as an argument of `app.get(…)`, `router.use(…)` and the like, or has a name to be
/// given to one.
fn is_registered<'t>(function: Node<'t>, code: &Code<'t>) -> bool {
    let Some(parent) = function.parent() else { return true };
    let callee = parent.parent().filter(|_| parent.kind() == "arguments");
    let Some(callee) = callee.and_then(|call| call.field("function")) else {
        return parent.kind() != "arguments";
    };
    let method = callee.field("property").map_or("", |name| text(name, code));
    // `.then(() => …)`, `.map(…)`: with what is a method of an application too, a few are looked at in vain.
    matches!(
        method,
        "use" | "all" | "param" | "get" | "head" | "post" | "put" | "patch" | "delete" | "options"
    )
}

/// Whether several conditions decide who answers, one after the other or by `else if`, with no `else` at the end:
/// together they may be all there are.
fn has_alternatives(body: Node<'_>, uses: &dyn Fn(Node<'_>) -> bool) -> bool {
    let mut holders = Vec::new();
    let mut found = false;
    own_nodes(body, false, |node| {
        let answers = node.kind() == "if_statement"
            && node.field("alternative").is_none()
            && node.field("consequence").is_some_and(uses);
        if let Some(parent) = node.parent().filter(|_| answers) {
            found |= parent.kind() == "else_clause" || holders.contains(&parent.id());
            holders.push(parent.id());
        }
    });
    found
}

/// Whether the request as a whole goes somewhere, or what hangs on it that can answer.
fn hands_on(node: Node<'_>, request: &str, source: &str) -> bool {
    node.written(request, source).any(|it| match it.kind() {
        "shorthand_property_identifier" => true,
        "identifier" => it
            .parent()
            .filter(|parent| matches!(parent.kind(), "member_expression" | "subscript_expression"))
            .filter(|parent| parent.field("object") == Some(it))
            .map(|parent| parent.field("property").map_or("", |name| text(name, source)))
            .is_none_or(|name| matches!(name, "res" | "next" | "socket" | "pipe" | "app")),
        _ => false,
    })
}

/// `res.locals.user = user`.
fn sets_local(statement: Node<'_>, response: &str, source: &str) -> bool {
    let left = statement
        .named_child(0)
        .filter(|it| it.kind() == "assignment_expression")
        .and_then(|it| it.field("left"));
    left.is_some_and(|left| text(left, source).starts_with(&format!("{response}.locals")))
        && statement
            .named_child(0)
            .and_then(|it| it.field("right"))
            .is_some_and(|right| !mentions(right, response, source))
}
