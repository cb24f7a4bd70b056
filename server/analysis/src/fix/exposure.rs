//! What an answer should not say: credentials for everybody, the inside of an error.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::{Code, ancestors, each};
use crate::fix::edits;
use crate::fix::statements::whole_lines;
use crate::form::{answer_around, credentials_beside, without_wrapping};
use crate::syntax::{self, Node};
use crate::text::Span;

use super::offer::Offer;

/// The header that allows credentials goes, or the option of `cors()`. Browsers refuse it together with `*`, so
/// nothing that works stops; a reflected origin may be in use.
pub(super) fn drop_credentials(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = at(offer, &code)?;
    let (node, open) = if let Some(pair) = option(&code, at, "credentials") {
        let open = option(&code, at, "origin").is_none_or(|it| code.of(it).ends_with(['"', '\'']));
        (pair, open)
    } else {
        (credentials_beside(at, code.text)?, code.of(at).contains('*'))
    };
    let safety = if open { Safety::Safe } else { Safety::Unsafe };
    let span = match node.kind() {
        "call_expression" => {
            let statement = node.parent().filter(|it| it.kind() == "expression_statement")?;
            whole_lines(&code, statement)
        }
        _ => with_comma(&code, node),
    };
    edits::fix("Allow no credentials".to_owned(), safety, vec![edits::delete(&code, span)], &[offer.document])
}

/// Says which origin may read the answer; the user writes which one.
pub(super) fn name_origin(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = at(offer, &code)?;
    let style = code.style();
    let origin = style.string("https://example.com");
    let edit = if let Some(credentials) = option(&code, at, "credentials") {
        if let Some(pair) = option(&code, at, "origin") {
            let value = pair.field("value")?;
            edits::replace(&code, syntax::span(value), format!("[{origin}]"))
        } else {
            edits::insert(&code, credentials.start_byte() as u32, format!("origin: [{origin}], "))
        }
    } else {
        let value = match at.kind() {
            "pair" => at.field("value")?,
            "call_expression" => at.field("arguments")?.named_child(1)?,
            _ => return None,
        };
        if value.kind() != "string" {
            return None;
        }
        edits::replace(&code, syntax::span(value), origin)
    };
    let title = "Allow one origin (write yours in place of `https://example.com`)".to_owned();
    edits::fix(title, Safety::Unsafe, vec![edit], &[offer.document])
}

/// The node of the finding, found again by the start of what the rule captured.
fn at<'a>(offer: &Offer<'a>, code: &Code<'a>) -> Option<Node<'a>> {
    let captures = offer.captures("at")?;
    let (_, span) = captures.iter().find(|(name, _)| *name == "at")?;
    code.node(*span)
}

/// A key of the options written out in the call.
fn option<'a>(code: &Code<'a>, call: Node<'a>, key: &str) -> Option<Node<'a>> {
    let options = call.field("arguments")?.named_child(0).filter(|it| it.kind() == "object")?;
    let mut pairs = options.named_children().filter(|it| it.kind() == "pair");
    pairs.find(|pair| pair.field("key").is_some_and(|it| code.of(it).trim_matches(['"', '\'']) == key))
}

/// An entry of a literal with its comma, and with its line where it has one of its own.
fn with_comma(code: &Code<'_>, entry: Node<'_>) -> Span {
    let (start, mut end) = (entry.start_byte() as u32, entry.end_byte() as u32);
    let comma = entry.next_sibling().filter(|next| next.kind() == ",");
    if let Some(comma) = comma {
        end = comma.end_byte() as u32;
    }
    if code.starts_line(start)
        && let Some(line_end) = code.line_end(end)
    {
        return Span::new(code.line(start).start, code.next_line(line_end));
    }
    if comma.is_some() {
        let rest = &code.text[end as usize..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Span::new(start, end + blanks as u32);
    }
    // The last one: the comma in front goes.
    match entry.prev_sibling().filter(|before| before.kind() == ",") {
        Some(before) => Span::new(before.start_byte() as u32, end),
        None => match entry.parent() {
            Some(alone) => Span::new(alone.start_byte() as u32 + 1, alone.end_byte() as u32 - 1),
            None => Span::new(start, end),
        },
    }
}

/// The answer says no more than that something failed, and the error goes to the log.
pub(super) fn hide_error(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    hide(offer, &code, |leak| is_inside_error(&code, leak))
}

/// The same for a text that somebody may have written for users.
pub(super) fn hide_message(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    hide(offer, &code, |leak| !is_inside_error(&code, leak))
}

fn is_inside_error(code: &Code<'_>, leak: Node<'_>) -> bool {
    leak.kind() != "member_expression" || code.of(leak).ends_with("stack")
}

fn hide(offer: &Offer<'_>, code: &Code<'_>, fits: impl Fn(Node<'_>) -> bool) -> Option<Fix> {
    let leak = code.node(offer.finding.span).filter(|it| fits(*it))?;
    let error = match leak.kind() {
        "member_expression" => leak.field("object")?,
        _ => leak,
    };
    let answer = answer_around(leak, code.text)?;
    let style = code.style();
    // The whole value of a key, or the whole body, says it.
    let value = ancestors(leak).take_while(|it| *it != answer).find(|it| {
        it.parent().is_some_and(|parent| {
            parent.kind() == "pair" || (parent.kind() == "arguments" && parent.parent() == Some(answer))
        }) || it.kind() == "shorthand_property_identifier"
    })?;
    let generic = style.string("Internal Server Error");
    let mut out = vec![said_less(code, value, &generic)];
    let statement =
        ancestors(answer).find(|it| it.parent().is_some_and(|it| it.kind() == "statement_block"))?;
    let block = statement.parent()?;
    let name = code.of(without_wrapping(error));
    if !is_logged(code, block, answer, name) {
        let indent = code.indent(statement.start_byte() as u32);
        let (newline, semi) = (style.newline, style.semi);
        let text = if code.starts_line(statement.start_byte() as u32) {
            format!("console.error({name}){semi}{newline}{indent}")
        } else {
            format!("console.error({name}); ")
        };
        out.push(edits::insert(code, statement.start_byte() as u32, text));
    }
    let title = "Log the error, and answer without it".to_owned();
    edits::fix(title, Safety::Safe, out, &[offer.document])
}

/// `stack: error.stack` goes; any other key says only that something failed.
fn said_less(code: &Code<'_>, value: Node<'_>, generic: &str) -> Edit {
    if value.kind() == "shorthand_property_identifier" {
        let text = format!("{}: {generic}", code.of(value));
        return edits::replace(code, syntax::span(value), text);
    }
    if let Some(pair) = value.parent().filter(|it| it.kind() == "pair") {
        let key = pair.field("key").map_or("", |it| code.of(it)).trim_matches(['"', '\'']);
        let others = pair.parent().map_or(0, |object| object.named_child_count()) > 1;
        if others && matches!(key, "stack" | "stackTrace" | "trace") {
            return edits::delete(code, with_comma(code, pair));
        }
    }
    edits::replace(code, syntax::span(value), generic.to_owned())
}

/// Whether a block hands the error to something besides the answer.
fn is_logged(code: &Code<'_>, block: Node<'_>, answer: Node<'_>, error: &str) -> bool {
    let mut logged = false;
    each(block, |node| {
        if node == answer {
            return false;
        }
        let call = node.kind() == "call_expression";
        if call && let Some(arguments) = node.field("arguments") {
            logged |= !code.occurrences(arguments, error).is_empty() && !contains(node, answer);
        }
        true
    });
    logged
}

fn contains(outer: Node<'_>, inner: Node<'_>) -> bool {
    outer.start_byte() <= inner.start_byte() && inner.end_byte() <= outer.end_byte()
}
