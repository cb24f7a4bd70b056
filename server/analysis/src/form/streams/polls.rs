//! Loops that sleep and ask again.

use super::super::place::{enclosing_function, text, without_wrapping};
use super::{is_call, is_name};
use crate::syntax::Node;

/// Functions that only wait, by their names.
const SLEEPS: &[&str] = &["sleep", "delay", "wait", "pause", "setTimeout", "timeout"];

/// Names that tell of a limit.
const LIMITS: &[&str] =
    &["Date", "performance", "AbortSignal", "signal", "aborted", "abort", "race", "deadline"];

/// `while (!row) { row = await find(); await sleep(1000); }`.
pub(super) fn polls_without_end(node: Node<'_>, source: &str) -> bool {
    if !matches!(node.kind(), "while_statement" | "do_statement" | "for_statement")
        || enclosing_function(node).is_none()
    {
        return false;
    }
    let sleeps_somewhere = SLEEPS.iter().any(|name| text(node, source).contains(name));
    if !sleeps_somewhere {
        return false;
    }
    let inside = node.walk().collect::<Vec<_>>();
    let mut sleeps = 0;
    let mut asks = false;
    for inner in &inside {
        match inner.kind() {
            "await_expression" => {
                let Some(value) = inner.named_child(0).map(without_wrapping) else { continue };
                if is_sleep(value, source) {
                    sleeps += 1;
                } else if enclosing_function(*inner) == enclosing_function(node) {
                    asks = true;
                }
            }
            "binary_expression" => {
                let operator = inner.field("operator").map(|it| text(it, source));
                if matches!(operator, Some("<" | ">" | "<=" | ">=")) {
                    return false;
                }
            }
            "update_expression"
            | "augmented_assignment_expression"
            | "yield_expression"
            | "throw_statement" => {
                return false;
            }
            _ if is_name(*inner) => {
                let name = text(*inner, source);
                let lower = name.to_ascii_lowercase();
                let counts =
                    ["attempt", "retr", "tries", "max", "timeout", "deadline", "elapsed", "enqueue", "write"];
                if !SLEEPS.contains(&name)
                    && (LIMITS.contains(&name) || counts.iter().any(|word| lower.contains(word)))
                {
                    return false;
                }
            }
            _ => {}
        }
    }
    sleeps > 0 && asks
}

/// `sleep(1000)`, `new Promise((resolve) => setTimeout(resolve, 1000))`.
fn is_sleep(value: Node<'_>, source: &str) -> bool {
    match value.kind() {
        "call_expression" => value.field("function").is_some_and(|callee| {
            SLEEPS.contains(&text(callee, source).rsplit('.').next().unwrap_or_default())
        }),
        "new_expression" => {
            value.field("constructor").is_some_and(|it| text(it, source) == "Promise")
                && value.walk().any(|call| is_call(call, source, "setTimeout"))
                && value.walk().filter(|it| it.kind() == "call_expression").count() == 1
        }
        _ => false,
    }
}
