//! Timers and subscriptions that go on when the client is gone.

use super::super::place::{is_function, text};
use super::{
    GONE, STOPS_TIMER, Source, arguments, declares, functions_called, is_call, is_name, method, outermost,
    sends, sends_events, sends_or_calls_what_sends, string,
};
use crate::syntax::Node;

/// Names that tell that somebody thinks of the client that leaves.
const NOTICES: &[&str] = &[
    "signal",
    "abort",
    "aborted",
    "onabort",
    "AbortController",
    "cleanup",
    "teardown",
    "dispose",
    "onClose",
];

/// What ends a subscription, or the source behind it.
const STOPS_SUBSCRIPTION: &[&str] = &[
    "off",
    "removeListener",
    "removeEventListener",
    "removeAllListeners",
    "unsubscribe",
    "punsubscribe",
    "unwatch",
    "destroy",
    "disconnect",
    "quit",
    "release",
    "close",
    "end",
    "stop",
    "return",
];

const SUBSCRIBES: &[&str] = &["on", "addListener", "addEventListener", "subscribe", "watch"];

/// A timer or a subscription that feeds a stream, in a function in which nothing stops it.
pub(super) fn is_left_running(call: Node<'_>, source: &str) -> bool {
    let Some(top) = outermost(call) else { return false };
    let timer = is_call(call, source, "setInterval");
    if !timer && !is_subscription(call, top, source) {
        return false;
    }
    let given = arguments(call);
    let feeds = given.iter().any(|argument| match argument.kind() {
        "identifier" => functions_called(text(*argument, source), top, source)
            .iter()
            .any(|function| sends(*function, source)),
        _ => is_function(*argument) && sends_or_calls_what_sends(*argument, top, source),
    });
    if !feeds || !is_kept_inside(call, top, source) {
        return false;
    }
    match Source::around(call, source) {
        Some(stream) if stream.cancels(source) => return false,
        Some(_) => {}
        None if sends_events(top, source) => {}
        None => return false,
    }
    let stops = if timer { STOPS_TIMER } else { STOPS_SUBSCRIPTION };
    !top.walk().any(|node| {
        let name = is_name(node).then(|| text(node, source));
        name.is_some_and(|name| NOTICES.contains(&name) || stops.contains(&name))
            || string(node, source).is_some_and(|event| GONE.contains(&event))
    })
}

/// `bus.on("message", …)` on something that outlives the function.
pub(super) fn is_subscription(call: Node<'_>, top: Node<'_>, source: &str) -> bool {
    if !method(call, source).is_some_and(|method| SUBSCRIBES.contains(&method)) {
        return false;
    }
    let mut root = call.field("function");
    while let Some(member) = root.filter(|node| node.kind() == "member_expression") {
        root = member.field("object");
    }
    root.is_some_and(|root| {
        root.kind() == "identifier"
            && text(root, source) != "process"
            && !declares(top, text(root, source), source)
    })
}

/// Whether the value of a call stays unused, or in a variable that nothing but `unref()` is asked of.
fn is_kept_inside(call: Node<'_>, top: Node<'_>, source: &str) -> bool {
    let mut node = call;
    let mut parent = node.parent();
    while let Some(outer) = parent.filter(|outer| {
        matches!(outer.kind(), "await_expression" | "parenthesized_expression" | "as_expression")
            || (outer.kind() == "unary_expression" && text(*outer, source).starts_with("void"))
    }) {
        node = outer;
        parent = node.parent();
    }
    let name = match parent {
        Some(outer) if outer.kind() == "expression_statement" => return true,
        Some(outer) if outer.kind() == "variable_declarator" => outer.field("name"),
        Some(outer) if outer.kind() == "assignment_expression" => outer
            .field("left")
            .filter(|left| left.kind() == "identifier" && declares(top, text(*left, source), source)),
        _ => None,
    };
    let Some(name) = name.filter(|name| name.kind() == "identifier").map(|name| text(name, source)) else {
        return false;
    };
    top.walk().filter(|it| is_name(*it) && text(*it, source) == name).all(|it| {
        it.parent().is_some_and(|parent| match parent.kind() {
            "variable_declarator" => parent.field("name") == Some(it),
            "assignment_expression" => parent.field("left") == Some(it),
            "member_expression" => {
                let property = parent.field("property");
                property == Some(it) || property.is_some_and(|property| text(property, source) == "unref")
            }
            _ => false,
        })
    })
}
