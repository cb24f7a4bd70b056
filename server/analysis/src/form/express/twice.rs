//! Handlers that answer, go on and answer again.
//!
//! Only what happens on every way counts: two conditions may exclude each other.

use super::super::flow::never_returns;
use super::super::place::{enclosing_function, is_function, text, without_wrapping};
use crate::syntax::Node;

/// Methods that send an answer and end it.
pub(super) const ANSWERS: &[&str] =
    &["send", "json", "jsonp", "sendStatus", "sendFile", "sendfile", "redirect", "render", "download", "end"];

/// What becomes of the ways through a statement.
#[derive(Clone, Copy)]
struct Ways {
    /// One goes on behind it and has not answered.
    open: bool,
    /// One ends the function, or goes who knows where, and has not answered.
    lost: bool,
}

impl Ways {
    const OPEN: Ways = Ways { open: true, lost: false };
    const LOST: Ways = Ways { open: false, lost: true };
    const ANSWERED: Ways = Ways { open: false, lost: false };

    fn or(self, other: Ways) -> Ways {
        Ways { open: self.open || other.open, lost: self.lost || other.lost }
    }

    fn then(self, next: impl FnOnce() -> Ways) -> Ways {
        if !self.open {
            return self;
        }
        let next = next();
        Ways { open: next.open, lost: self.lost || next.lost }
    }
}

struct Walk<'s> {
    source: &'s str,
    /// What the response is called.
    response: &'s str,
    /// `next()` counts as an answer: somebody else gives one then.
    next: bool,
}

/// The name that a call answers with: `res` of `res.status(200).json(…)`.
pub(super) fn response_of<'s>(call: Node<'_>, source: &'s str) -> Option<(&'s str, &'s str)> {
    let callee = call.field("function").filter(|it| it.kind() == "member_expression")?;
    let method = text(callee.field("property")?, source);
    let mut object = without_wrapping(callee.field("object")?);
    while object.kind() == "call_expression" {
        let inner = object.field("function").filter(|it| it.kind() == "member_expression")?;
        object = without_wrapping(inner.field("object")?);
    }
    (object.kind() == "identifier").then(|| (text(object, source), method))
}

/// Whether every way on from an answer answers again; with `next`, whether it answers or calls `next()`, of which
/// the latter counts only for an answer that stands under a condition.
pub(super) fn answers_again(call: Node<'_>, source: &str, next: bool) -> bool {
    let Some((response, method)) = response_of(call, source) else { return false };
    if !ANSWERS.contains(&method) {
        return false;
    }
    let Some(function) = enclosing_function(call) else { return false };
    let whole = text(function, source);
    let looks = ["headersSent", "writableEnded", "finished"].iter().any(|word| whole.contains(word));
    if looks || takes_callback(call) {
        return false;
    }
    let plain = Walk { source, response, next: false };
    if plain.goes_on(call, function) {
        return !next;
    }
    next && Walk { next: true, ..plain }.goes_on(call, function)
}

/// `res.render("page", (error, html) => …)` gives the text away.
pub(super) fn takes_callback(call: Node<'_>) -> bool {
    let Some(arguments) = call.field("arguments") else { return false };
    arguments.named_children().any(is_function)
}

impl Walk<'_> {
    fn goes_on(&self, call: Node<'_>, function: Node<'_>) -> bool {
        let Some((mut at, mut conditional)) = statement_of(call) else { return false };
        let mut ways = Ways::OPEN;
        loop {
            let Some(parent) = at.parent() else { return false };
            match parent.kind() {
                "statement_block" => {
                    let mut next = at.next_named_sibling();
                    while let Some(statement) = next {
                        ways = ways.then(|| self.statement(statement));
                        next = statement.next_named_sibling();
                    }
                }
                "switch_case" | "switch_default" => {
                    conditional = true;
                    let mut next = at.next_named_sibling();
                    let mut case = parent;
                    // Without a `break` the next case runs too.
                    loop {
                        let Some(statement) = next else {
                            let Some(following) = case.next_named_sibling() else { break };
                            case = following;
                            let value = case.field("value").map(|value| value.id());
                            next = case.named_children().find(|it| Some(it.id()) != value);
                            if next.is_none() {
                                continue;
                            }
                            continue;
                        };
                        if !ways.open || statement.kind() == "break_statement" {
                            break;
                        }
                        ways = ways.then(|| self.statement(statement));
                        next = statement.next_named_sibling();
                    }
                }
                "if_statement" | "else_clause" | "catch_clause" => conditional = true,
                "try_statement" => {
                    if let Some(last) = parent.field("finalizer")
                        && last != at
                        && let Some(body) = last.field("body")
                    {
                        ways = ways.then(|| self.statement(body));
                    }
                }
                "switch_statement" | "switch_body" | "finally_clause" => {}
                _ if parent == function => return false,
                // Loops and labels: what is asked next is not known.
                _ => return false,
            }
            if !ways.open {
                return !ways.lost && (conditional || !self.next);
            }
            at = parent;
        }
    }

    fn statement(&self, statement: Node<'_>) -> Ways {
        let field = |name: &str| statement.field(name);
        let part = |node: Option<Node<'_>>| node.map_or(Ways::OPEN, |node| self.statement(node));
        match statement.kind() {
            "statement_block" => {
                let inner: Vec<Node<'_>> = statement.named_children().collect();
                inner.into_iter().fold(Ways::OPEN, |ways, it| ways.then(|| self.statement(it)))
            }
            "else_clause" => part(statement.named_child(0)),
            "if_statement" => part(field("consequence")).or(part(field("alternative"))),
            "try_statement" => {
                let body = part(field("body"));
                let handler = field("handler").and_then(|it| it.field("body"));
                let all = handler.map_or(body, |handler| body.or(self.statement(handler)));
                let last = field("finalizer").and_then(|it| it.field("body"));
                all.then(|| part(last))
            }
            "return_statement" => match statement.named_child(0) {
                Some(value) if self.answers(value) => Ways::ANSWERED,
                _ => Ways::LOST,
            },
            "expression_statement" => {
                if statement.named_child(0).is_some_and(|it| self.answers(it)) {
                    Ways::ANSWERED
                } else if never_returns(statement, self.source) {
                    Ways::LOST
                } else {
                    Ways::OPEN
                }
            }
            "lexical_declaration"
            | "variable_declaration"
            | "function_declaration"
            | "comment"
            | "empty_statement" => Ways::OPEN,
            // `throw`, `break`, loops, `switch`: somewhere in them a way may end.
            _ => Ways { open: true, lost: true },
        }
    }

    /// Whether an expression answers, whatever else it does.
    fn answers(&self, expression: Node<'_>) -> bool {
        let expression = without_wrapping(expression);
        match expression.kind() {
            "await_expression" | "unary_expression" => {
                expression.named_child(0).is_some_and(|it| self.answers(it))
            }
            "ternary_expression" => ["consequence", "alternative"]
                .iter()
                .all(|side| expression.field(side).is_some_and(|it| self.answers(it))),
            "call_expression" => {
                let callee = expression.field("function");
                let is_next = callee.is_some_and(|it| text(it, self.source) == "next");
                let second = response_of(expression, self.source).is_some_and(|(name, method)| {
                    // A second `end()` does nothing.
                    name == self.response && method != "end" && ANSWERS.contains(&method)
                });
                is_next && self.next || second && !takes_callback(expression)
            }
            _ => false,
        }
    }
}

/// The statement that a call is, and whether a condition inside the statement decides on it.
fn statement_of(call: Node<'_>) -> Option<(Node<'_>, bool)> {
    let (mut at, mut conditional) = (call, false);
    loop {
        let parent = at.parent()?;
        match parent.kind() {
            "expression_statement" => return Some((parent, conditional)),
            "await_expression" | "parenthesized_expression" => {}
            "unary_expression" if parent.child(0).is_some_and(|it| it.kind() == "void") => {}
            "binary_expression"
                if parent.field("right") == Some(at)
                    && parent.field("operator").is_some_and(|it| matches!(it.kind(), "&&" | "||" | "??")) =>
            {
                conditional = true;
            }
            "ternary_expression" if parent.field("condition") != Some(at) => conditional = true,
            _ => return None,
        }
        at = parent;
    }
}
