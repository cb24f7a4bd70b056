//! Fixes for responses that stay open: what the client's leaving has to stop.

use super::code::{Code, ancestors, each, is_function, only_declarator, scope_of};
use super::edits;
use super::functions::first_statement;
use super::offer::Offer;
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::syntax::{self, Node};
use crate::text::Span;

/// `req.on("close", …)` becomes `res.on("close", …)`, the response that the same handler is given.
pub(super) fn response_instead_of_request(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let call = call_at(&code, offer.finding.span)?;
    // In a chain the next call would move to the response too.
    if call.parent()?.kind() == "member_expression" {
        return None;
    }
    let request = call.field("function")?.field("object")?;
    let name = code.of(request);
    let handler = ancestors(call)
        .filter(|node| is_function(*node))
        .find(|function| parameter(&code, *function, 0).is_some_and(|first| code.of(first) == name))?;
    let response = code.of(parameter(&code, handler, 1)?);
    let mut out = vec![edits::replace(&code, syntax::span(request), response.to_owned())];
    let event = call.field("arguments")?.named_child(0)?.named_child(0)?;
    if code.of(event) != "close" {
        out.push(edits::replace(&code, syntax::span(event), "close".to_owned()));
    }
    let title = format!("Listen for `close` on `{response}`");
    edits::fix(title, Safety::Safe, out, &[offer.document])
}

/// Ends the timer that feeds a stream: in the stream's `cancel()`, or when the response closes.
pub(super) fn stop_when_gone(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let call = call_at(&code, offer.finding.span)?;
    if code.of(call.field("function")?) != "setInterval" {
        return None;
    }
    let statement = ancestors(call).find(|node| {
        matches!(node.kind(), "expression_statement" | "lexical_declaration" | "variable_declaration")
    })?;
    let timer = Timer::of(&code, call, statement)?;
    match ancestors(call).find_map(|node| stream_source(&code, node)) {
        Some((stream, source)) => in_stream(&code, &timer, stream, source),
        None => on_response(&code, &timer),
    }
}

/// Sends `retry: 3000` before the first event, so that the client comes back when the host has ended the response.
pub(super) fn retry_line(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let field = format!("{0}retry: 3000\\n\\n{0}", code.style().quote);
    let stream = code.root.descendant_for_byte_range(
        offer.finding.span.start as usize,
        offer.finding.span.start as usize + 1,
    )?;
    let edit = match ancestors(stream).find_map(|node| stream_source(&code, node)) {
        Some((stream, source)) if stream.start_byte() as u32 == offer.finding.span.start => {
            retry_in_stream(&code, source, &field)?
        }
        Some(_) => return None,
        None => retry_on_response(&code, call_at(&code, offer.finding.span)?, &field)?,
    };
    let title = "Tell the client to come back after 3 seconds (with `id:` lines it can go on where it was)";
    edits::fix(title.to_owned(), Safety::Unsafe, vec![edit], &[offer.document])
}

/// `controller.enqueue("retry: 3000\n\n")` at the head of `start`, in the form in which events are sent there.
fn retry_in_stream<'a>(code: &Code<'a>, source: Node<'a>, field: &str) -> Option<Edit> {
    let start = source.named_children().find(|member| {
        let key = member.field("name").or_else(|| member.field("key"));
        key.is_some_and(|key| code.of(key) == "start")
    })?;
    let function = if start.kind() == "method_definition" { start } else { start.field("value")? };
    let controller = code.of(parameter(code, function, 0)?);
    let mut sent = None;
    let mut events = false;
    each(function, |node| {
        events |= node.kind() == "string_fragment" && code.of(node).starts_with("data:");
        if node.kind() == "call_expression"
            && sent.is_none()
            && node.field("function").is_some_and(|callee| code.of(callee) == format!("{controller}.enqueue"))
        {
            sent = node.field("arguments").and_then(|list| list.named_child(0));
        }
        true
    });
    let sent = sent.filter(|_| events)?;
    let (text, encoder) = match sent.kind() {
        "string" | "template_string" => (field.to_owned(), None),
        "call_expression" => {
            let callee = sent.field("function")?;
            let encoder = callee.field("object").filter(|it| it.kind() == "identifier")?;
            let is_text = callee.field("property").is_some_and(|it| code.of(it) == "encode");
            let text = is_text.then(|| format!("{}({field})", code.of(callee)))?;
            (text, Some(code.of(encoder)))
        }
        _ => return None,
    };
    let statement = format!("{controller}.enqueue({text})");
    let made_here = encoder
        .and_then(|name| code.occurrences(function, name).into_iter().find(|node| scope_of(*node).is_some()));
    let Some(made_here) = made_here else { return first_statement(code, function, &statement) };
    let body = function.field("body")?;
    let declaration = ancestors(made_here).find(|node| node.parent() == Some(body))?;
    let end = code.line_end(code.end(declaration))?;
    let style = code.style();
    let indent = code.indent(declaration.start_byte() as u32);
    Some(edits::insert(code, end, format!("{}{indent}{statement}{}", style.newline, style.semi)))
}

/// `res.write("retry: 3000\n\n")` in front of the timer that writes the events, after the headers.
fn retry_on_response<'a>(code: &Code<'a>, timer: Node<'a>, field: &str) -> Option<Edit> {
    let handler = enclosing(timer)?;
    let response = code.of(parameter(code, handler, 1)?);
    let statement = ancestors(timer)
        .find(|node| node.parent().is_some_and(|parent| parent.kind() == "statement_block"))?;
    let at = statement.start_byte() as u32;
    let before = Span::new(handler.start_byte() as u32, at).of(code.text);
    if statement.parent()?.parent() != Some(handler)
        || !before.contains("text/event-stream")
        || !code.starts_line(at)
    {
        return None;
    }
    let style = code.style();
    let text = format!("{}{response}.write({field}){}{}", code.indent(at), style.semi, style.newline);
    Some(edits::insert(code, code.line(at).start, text))
}

/// The call that starts where a finding does.
fn call_at<'a>(code: &Code<'a>, span: Span) -> Option<Node<'a>> {
    let start = span.start as usize;
    let leaf = code.root.descendant_for_byte_range(start, start + 1)?;
    ancestors(leaf)
        .take_while(|node| node.start_byte() == start)
        .find(|node| node.kind() == "call_expression" && !node.has_error())
}

/// The name of a function's parameter, where it is a plain one.
fn parameter<'a>(code: &Code<'a>, function: Node<'a>, position: usize) -> Option<Node<'a>> {
    if let Some(single) = function.field("parameter") {
        return (position == 0).then_some(single);
    }
    let list = function.field("parameters")?;
    let found = list.named_children().filter(|node| node.kind() != "comment").nth(position)?;
    let found = found.field("pattern").unwrap_or(found);
    (found.kind() == "identifier" && !code.of(found).is_empty()).then_some(found)
}

fn enclosing(node: Node<'_>) -> Option<Node<'_>> {
    ancestors(node).skip(1).find(|outer| is_function(*outer))
}

/// `new ReadableStream({ … })` and the object it is given.
fn stream_source<'a>(code: &Code<'a>, node: Node<'a>) -> Option<(Node<'a>, Node<'a>)> {
    let constructor = node.field("constructor").filter(|_| node.kind() == "new_expression")?;
    let object = node.field("arguments")?.named_child(0)?;
    (code.of(constructor) == "ReadableStream" && object.kind() == "object").then_some((node, object))
}

/// A timer, and the statement that starts it.
struct Timer<'a> {
    call: Node<'a>,
    statement: Node<'a>,
    /// The name it has already.
    name: Option<&'a str>,
}

impl<'a> Timer<'a> {
    fn of(code: &Code<'a>, call: Node<'a>, statement: Node<'a>) -> Option<Self> {
        let name = if statement.kind() == "expression_statement" {
            if statement.named_child(0) != Some(call) {
                return None;
            }
            None
        } else {
            let declarator = only_declarator(statement)?;
            if declarator.field("value") != Some(call) {
                return None;
            }
            let name = declarator.field("name").filter(|name| name.kind() == "identifier")?;
            Some(code.of(name))
        };
        // In a loop there are several of them; an `if` without a block has room for one statement.
        let in_loop = ancestors(call).take_while(|node| !is_function(*node)).any(|node| {
            matches!(node.kind(), "for_statement" | "for_in_statement" | "while_statement" | "do_statement")
        });
        let alone = statement.parent().is_some_and(|parent| parent.kind() == "statement_block");
        (!in_loop && alone).then_some(Self { call, statement, name })
    }
}

/// Declares the timer beside the stream, and ends it in `cancel()`.
fn in_stream<'a>(code: &Code<'a>, timer: &Timer<'a>, stream: Node<'a>, source: Node<'a>) -> Option<Fix> {
    let members: Vec<Node<'a>> =
        source.named_children().filter(|member| member.kind() != "comment").collect();
    let key =
        |member: &Node<'a>| member.field("name").or_else(|| member.field("key")).map(|key| code.of(key));
    if members.iter().any(|member| key(member) == Some("cancel")) {
        return None;
    }
    let start = *members.iter().find(|member| member.byte_range().contains(&timer.call.start_byte()))?;
    let runs = if start.kind() == "method_definition" { start } else { start.field("value")? };
    if enclosing(timer.call) != Some(runs) || key(&start) != Some("start") {
        return None;
    }
    // A name of the function around the stream: at the top of the module all requests would share it.
    let around = enclosing(stream)?;
    let statement = ancestors(stream)
        .take_while(|node| *node != around)
        .find(|node| node.parent().is_some_and(|parent| parent.kind() == "statement_block"))?;
    let at = statement.start_byte() as u32;
    if !code.starts_line(at) {
        return None;
    }
    let name = match timer.name {
        Some(name) => {
            let within = |node: &Node<'a>| start.byte_range().contains(&node.start_byte());
            code.occurrences(around, name).iter().all(within).then(|| name.to_owned())?
        }
        None => code.free_name("timer")?,
    };
    let style = code.style();
    let annotation =
        if is_typescript(code.document) { ": ReturnType<typeof setInterval> | undefined" } else { "" };
    let line = style.newline;
    let mut out = vec![
        edits::insert(code, at, format!("let {name}{annotation}{}{line}{}", style.semi, code.indent(at))),
        match timer.name {
            Some(_) => {
                let head = Span::new(timer.statement.start_byte() as u32, timer.call.start_byte() as u32);
                edits::replace(code, head, format!("{name} = "))
            }
            None => edits::insert(code, timer.call.start_byte() as u32, format!("{name} = ")),
        },
    ];
    out.push(cancel(code, start, &format!("clearInterval({name}){}", style.semi)));
    edits::fix("Stop the timer in `cancel()`".to_owned(), Safety::Safe, out, &[code.document])
}

/// A `cancel()` behind a member of the source.
fn cancel<'a>(code: &Code<'a>, member: Node<'a>, statement: &str) -> Edit {
    let style = code.style();
    let comma = member.next_sibling().filter(|next| next.kind() == ",");
    let start = member.start_byte() as u32;
    let method = if code.starts_line(start) {
        let (line, outer) = (style.newline, code.indent(start));
        format!("{line}{outer}cancel() {{{line}{outer}{}{statement}{line}{outer}}}", style.indent)
    } else {
        format!(" cancel() {{ {statement} }}")
    };
    match comma {
        // What followed the comma, be it nothing, follows the new one.
        Some(comma) => edits::insert(code, comma.end_byte() as u32, format!("{method},")),
        None => edits::insert(code, member.end_byte() as u32, format!(",{method}")),
    }
}

/// Ends the timer when the response closes that its callback writes to.
fn on_response<'a>(code: &Code<'a>, timer: &Timer<'a>) -> Option<Fix> {
    let handler = enclosing(timer.call)?;
    let response = code.of(parameter(code, handler, 1)?);
    let callback = timer.call.field("arguments")?.named_child(0)?;
    if !code.of(callback).contains(&format!("{response}.write(")) {
        return None;
    }
    let style = code.style();
    let name = match timer.name {
        Some(name) => name.to_owned(),
        None => code.free_name("timer")?,
    };
    let end = code.end(timer.statement);
    let indent = code.indent(timer.statement.start_byte() as u32);
    let stop = format!(
        "{}{indent}{response}.on({}, () => clearInterval({name})){}",
        style.newline,
        style.string("close"),
        style.semi
    );
    let mut out = vec![edits::insert(code, code.line_end(end)?, stop)];
    if timer.name.is_none() {
        out.push(edits::insert(code, timer.call.start_byte() as u32, format!("const {name} = ")));
    }
    edits::fix(format!("Stop the timer when `{response}` closes"), Safety::Safe, out, &[code.document])
}

fn is_typescript(document: &Document) -> bool {
    matches!(document.path().extension(), "ts" | "tsx" | "mts" | "cts")
}
