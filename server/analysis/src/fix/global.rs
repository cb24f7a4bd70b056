//! `globalThis` keeps the client in production too.

use crate::document::Document;
use crate::finding::{Fix, Safety};
use crate::fix::code::{Code, Place, ancestors};
use crate::fix::edits;
use crate::fix::style::Style;
use crate::syntax::Node;
use crate::text::Span;

/// Drops the condition on `NODE_ENV` from the statement that puts a client on `globalThis`. `at` is the
/// statement or a part of it.
///
/// `None` where the condition says more than that, where there is an `else`, or where the statement
/// declares names.
pub fn global_unconditional(document: &Document, at: Span) -> Option<Fix> {
    let code = Code::new(document)?;
    let leaf = code.root.descendant_for_byte_range(at.start as usize, at.end as usize)?;
    let statement = ancestors(leaf).find(|node| conditional(&code, *node).is_some())?;
    let (condition, body) = conditional(&code, statement)?;
    if statement.has_error() || !asks_only_for_environment(&code, condition) {
        return None;
    }
    let new = unwrapped(&code, statement, body)?;
    let edit = edits::replace(&code, code.span(statement), new);
    let title = "Keep the client on `globalThis` in production too".to_owned();
    edits::fix(title, Safety::Safe, vec![edit], &[document])
}

/// Condition and consequence of `if (…) …` and `… && (…)`.
fn conditional<'a>(code: &Code<'a>, node: Node<'a>) -> Option<(Node<'a>, Node<'a>)> {
    match node.kind() {
        "if_statement" if node.field("alternative").is_none() => {
            Some((node.field("condition")?, node.field("consequence")?))
        }
        "expression_statement" => {
            let both = node.named_child(0).filter(|both| both.kind() == "binary_expression")?;
            let operator = both.field("operator")?;
            (code.of(operator) == "&&").then_some((both.field("left")?, both.field("right")?))
        }
        _ => None,
    }
}

/// `process.env.NODE_ENV !== 'production'` and what means the same.
fn asks_only_for_environment(code: &Code<'_>, condition: Node<'_>) -> bool {
    let test = bare(condition);
    let Some((left, right)) = test.field("left").zip(test.field("right")) else {
        return false;
    };
    let operator = test.field("operator").map_or("", |operator| code.of(operator));
    let is_environment = |node: Node<'_>| {
        matches!(
            code.of(node),
            "process.env.NODE_ENV" | "process.env['NODE_ENV']" | "process.env[\"NODE_ENV\"]"
        )
    };
    let value = if is_environment(left) {
        right
    } else if is_environment(right) {
        left
    } else {
        return false;
    };
    let value = code.of(value).trim_matches(['"', '\'', '`']);
    match operator {
        "!==" | "!=" => value == "production",
        "===" | "==" => value == "development",
        _ => false,
    }
}

fn bare(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression" {
        let Some(inner) = node.named_child(0) else { break };
        node = inner;
    }
    node
}

/// The consequence as it stands without its condition.
fn unwrapped(code: &Code<'_>, statement: Node<'_>, body: Node<'_>) -> Option<String> {
    let style = code.style();
    let rest = &code.text[code.end(statement) as usize..];
    if body.kind() != "statement_block" {
        let inner = bare(body);
        let text = code.span(inner).of(code.text).trim_end_matches(';');
        if !is_assignment(inner) {
            return None;
        }
        let end =
            if code.span(statement).of(code.text).ends_with(';') { ";" } else { style.end_before(rest) };
        return Some(format!("{text}{end}"));
    }
    let inner: Vec<Node<'_>> = body.named_children().collect();
    let (first, last) = (inner.first()?, inner.last()?);
    if !inner.iter().all(|node| node.kind() == "comment" || is_assignment(*node)) {
        return None;
    }
    let (start, end) = (first.start_byte() as u32, last.end_byte() as u32);
    let inner_indent = code.indent(start);
    let outer = code.indent(statement.start_byte() as u32);
    if code.place(start) == Place::Literal {
        return None;
    }
    let mut text = String::new();
    for (at, line) in code.outdented(Span::new(start, end), inner_indent).lines().enumerate() {
        if at > 0 {
            text.push_str(style.newline);
            text.push_str(outer);
        }
        text.push_str(line);
    }
    if Style::joins(rest) && !text.ends_with(';') {
        if text.lines().next_back().is_some_and(|line| line.contains("//")) {
            return None;
        }
        text.push(';');
    }
    Some(text)
}

fn is_assignment(node: Node<'_>) -> bool {
    match node.kind() {
        "expression_statement" => node.named_child(0).is_some_and(is_assignment),
        "assignment_expression" | "augmented_assignment_expression" => true,
        _ => false,
    }
}
