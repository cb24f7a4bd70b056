//! Handlers of Express that lack a parameter, a `return`, a `next()`.

use super::code::{Code, ancestors};
use super::edits;
use super::imports::{self, Wanted, rewrite};
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};
use crate::form::express::{Given, given, is_response_name};
use crate::syntax::{self, Node};
use crate::text::Span;

/// The fourth parameter, without which an error handler is none.
pub(super) fn fourth_parameter(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("at")?;
    let (_, span) = captures.into_iter().find(|(name, _)| *name == "at")?;
    let function = code.node(span)?;
    let all = given(function, code.text);
    let mut out = Vec::new();
    let title = match all.as_slice() {
        [.., last] if last.rest => return None,
        [_, _, third, last] => {
            let typed = match last.node.field("type") {
                Some(_) => String::new(),
                None => annotation(&code, third, "next", &mut out)?,
            };
            out.push(without_default(&code, last, typed)?);
            format!("Take the default value off `{}`", last.name)
        }
        [_, _, third] if third.default.is_some() => return None,
        [_, second, third] => {
            // `(err, req, next)`: what is missing is the response.
            let (at, name) = if third.name.trim_matches('_') == "next" {
                (third.node.start_byte() as u32, "_res")
            } else if third.name.is_empty() || !is_response_name(third.name) {
                return None;
            } else {
                let called = code.occurrences(function, "next").iter().any(|it| is_loose(*it));
                (third.node.end_byte() as u32, if called { "next" } else { "_next" })
            };
            if name.starts_with('_') && code.mentions(name) {
                return None;
            }
            let typed = annotation(&code, if name == "_res" { second } else { third }, name, &mut out)?;
            let text = if name == "_res" { format!("{name}{typed}, ") } else { format!(", {name}{typed}") };
            out.push(edits::insert(&code, at, text));
            format!("Add the parameter `{name}`")
        }
        _ => return None,
    };
    edits::fix(title, Safety::Safe, out, &[offer.document])
}

/// Whether a name is used and not declared: nobody gives it to the function yet.
fn is_loose(name: Node<'_>) -> bool {
    super::code::scope_of(name).is_none()
}

/// `next = () => {}` as `next`: a parameter with a default value is not counted.
fn without_default(code: &Code<'_>, last: &Given<'_>, typed: String) -> Option<Edit> {
    let default = last.default?;
    let end = last.node.field("type").unwrap_or(last.pattern).end_byte() as u32;
    Some(edits::replace(code, Span::new(end, default.end_byte() as u32), typed))
}

/// The type of a new parameter beside one that has one of Express: `: NextFunction`.
pub(super) fn annotation(
    code: &Code<'_>,
    beside: &Given<'_>,
    name: &str,
    out: &mut Vec<Edit>,
) -> Option<String> {
    let Some(written) = beside.node.field("type") else { return Some(String::new()) };
    let text = code.of(written).trim_start_matches(':').trim();
    let wanted = if name == "_res" { "Response" } else { "NextFunction" };
    if let Some((space, _)) = text.split_once('.') {
        return Some(format!(": {space}.{wanted}"));
    }
    let from_express = imports::imports(code).into_iter().find(|import| {
        import.source == "express" && import.names.iter().any(|it| text.split('<').next() == Some(it.local))
    });
    let Some(import) = from_express else { return Some(": unknown".to_owned()) };
    if let Some(known) = import.names.iter().find(|it| it.imported == wanted) {
        return Some(format!(": {}", known.local));
    }
    if code.mentions(wanted) {
        return None;
    }
    if let Some(last) = import.names.iter().rev().find(|it| it.node.parent() == import.braces) {
        let as_type = if last.type_only { "type " } else { "" };
        out.push(edits::insert(code, last.node.end_byte() as u32, format!(", {as_type}{wanted}")));
        return Some(format!(": {wanted}"));
    }
    let add = Wanted { sources: vec!["express".into()], imported: wanted.into(), local: wanted.into() };
    out.extend(rewrite(code, Some(&add), &[], false)?);
    Some(format!(": {wanted}"))
}

/// Ends the function behind an answer.
pub(super) fn return_after_answer(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("call")?;
    let (_, span) = captures.into_iter().find(|(name, _)| *name == "call")?;
    let call = code.node(span)?;
    let statement = ancestors(call).find(|node| node.kind() == "expression_statement")?;
    let style = code.style();
    let parent = statement.parent()?;
    let start = statement.start_byte() as u32;
    let title = "Return here".to_owned();
    // `ok || res.sendStatus(404)`: a condition decides, so the rest of the statement has to stay.
    let bare = statement
        .named_child(0)
        .is_some_and(|it| it == call || it.kind() == "await_expression" && it.named_child(0) == Some(call));
    if !bare {
        return short_circuit(&code, offer, statement);
    }
    let returns = edits::insert(&code, start, "return ".to_owned());
    // In TypeScript handlers are declared to give nothing.
    let typed = matches!(offer.document.path().extension(), "ts" | "tsx" | "mts" | "cts");
    match parent.kind() {
        "if_statement" | "else_clause" if !typed => {
            edits::fix(title, Safety::Safe, vec![returns], &[offer.document])
        }
        "if_statement" | "else_clause" => {
            let outer = code.indent(start).to_owned();
            let same_line = !code.starts_line(start);
            let outer = if same_line { outer } else { code.indent(parent.start_byte() as u32).to_owned() };
            let (newline, semi) = (style.newline, style.semi);
            let inner = format!("{outer}{}", style.indent);
            let own = code.of(statement).trim_end_matches(';');
            let text = format!("{{{newline}{inner}{own}{semi}{newline}{inner}return{semi}{newline}{outer}}}");
            let from = if same_line {
                start
            } else {
                // The block opens behind the condition.
                parent.field("condition").map_or(start, |it| it.end_byte() as u32)
            };
            let text = if same_line { text } else { format!(" {text}") };
            let edit = edits::replace(&code, Span::new(from, code.span(statement).end), text);
            edits::fix(title, Safety::Safe, vec![edit], &[offer.document])
        }
        "statement_block" | "switch_case" | "switch_default" => {
            // The body of the function goes on for a reason that is not known.
            if ancestors(parent).nth(1).is_some_and(super::code::is_function) {
                return None;
            }
            let last = statement.next_named_sibling().is_none();
            if last && !typed {
                return edits::fix(title, Safety::Safe, vec![returns], &[offer.document]);
            }
            let mut end = statement;
            while let Some(next) = end.next_named_sibling() {
                end = next;
            }
            if end.kind() == "break_statement" {
                let edit = edits::replace(&code, code.span(end), format!("return{}", style.semi));
                return edits::fix(title, Safety::Safe, vec![edit], &[offer.document]);
            }
            let end_at = code.line_end(code.span(end).end)?;
            let text =
                format!("{}{}return{}", style.newline, code.indent(end.start_byte() as u32), style.semi);
            edits::fix(title, Safety::Safe, vec![edits::insert(&code, end_at, text)], &[offer.document])
        }
        _ => None,
    }
}

/// `!user && res.sendStatus(404);` as an `if` that returns.
fn short_circuit(code: &Code<'_>, offer: &Offer<'_>, statement: Node<'_>) -> Option<Fix> {
    let expression = statement.named_child(0).filter(|it| it.kind() == "binary_expression")?;
    let and = match expression.field("operator")?.kind() {
        "&&" => true,
        "||" => false,
        _ => return None,
    };
    let (left, right) = (expression.field("left")?, expression.field("right")?);
    let style = code.style();
    let condition = if and { code.of(left).to_owned() } else { format!("!({})", code.of(left)) };
    let indent = code.indent(statement.start_byte() as u32);
    let (newline, semi) = (style.newline, style.semi);
    let inner = format!("{indent}{}", style.indent);
    let text = format!(
        "if ({condition}) {{{newline}{inner}{}{semi}{newline}{inner}return{semi}{newline}{indent}}}",
        code.of(right)
    );
    let edit = edits::replace(code, code.span(statement), text);
    edits::fix("Return here".to_owned(), Safety::Safe, vec![edit], &[offer.document])
}

/// The place in front of the brace that closes a function, for a statement of its own.
pub(super) fn last_statement(code: &Code<'_>, function: Node<'_>, statement: &str) -> Option<Edit> {
    let body = function.field("body").filter(|body| body.kind() == "statement_block")?;
    let style = code.style();
    let close = body.end_byte() as u32 - 1;
    let outer = code.indent(body.start_byte() as u32);
    let inner = format!("{outer}{}", style.indent);
    if code.starts_line(close) {
        let at = code.line(close).start;
        return Some(edits::insert(code, at, format!("{inner}{statement}{}{}", style.semi, style.newline)));
    }
    let text = code.of(body).trim_start_matches('{').trim_end_matches('}').trim();
    if text.contains('\n') || text.contains("//") {
        return None;
    }
    let (newline, semi) = (style.newline, style.semi);
    let mut lines = String::new();
    if !text.is_empty() {
        let ends = text.ends_with([';', '}']);
        lines = format!("{inner}{text}{}{newline}", if ends { "" } else { semi });
    }
    let new = format!("{{{newline}{lines}{inner}{statement}{semi}{newline}{outer}}}");
    Some(edits::replace(code, syntax::span(body), new))
}
