//! Taking statements out of a file, with what only stood there for them.

use crate::finding::Edit;
use crate::fix::code::{Code, Place, ancestors, each, scope_of};
use crate::fix::edits;
use crate::fix::style::Style;
use crate::syntax::Node;
use crate::text::Span;

/// What goes when a statement goes: its lines with their trailing comment, or just the statement where it
/// shares its line.
pub(crate) fn whole_lines(code: &Code<'_>, node: Node<'_>) -> Span {
    let (start, end) = (node.start_byte() as u32, code.end(node));
    let Some(line_end) = code.line_end(end).filter(|_| code.starts_line(start)) else {
        let rest = &code.text[end as usize..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Span::new(start, end + blanks as u32);
    };
    Span::new(code.line(start).start, code.next_line(line_end))
}

/// Where a first statement would stand: after the `#!` line and a leading licence, before directives'
/// first statement's own comments; after directives, which must come first.
pub(crate) fn first_line(code: &Code<'_>) -> Option<u32> {
    let mut first = None;
    for node in code.statements() {
        let directive = node.kind() == "expression_statement"
            && node.named_child(0).is_some_and(|child| child.kind() == "string");
        if node.kind() == "comment" || node.kind() == "hash_bang_line" || directive {
            continue;
        }
        first = Some(node);
        break;
    }
    let first = first?;
    // Comments that begin the file speak of the file rather than of the first statement.
    let at = code.with_comments(first);
    let header = code.text[..at as usize].trim().is_empty();
    let at = if header { first.start_byte() as u32 } else { at };
    code.starts_line(at).then(|| code.line(at).start)
}

/// Edits that take out `gone`, statements of one file; `finally` blocks they leave empty go with them,
/// and so does a `try` that then guards nothing. `None` where that would change what other code means.
pub(crate) fn remove(code: &Code<'_>, gone: &[Node<'_>]) -> Option<Vec<Edit>> {
    let mut out = Vec::new();
    let mut done: Vec<u32> = Vec::new();
    for &node in gone {
        let parent = node.parent()?;
        if node.has_error() || !matches!(parent.kind(), "statement_block" | "program") {
            return None;
        }
        if joins_neighbours(code, node) {
            return None;
        }
        let finally = parent.parent().filter(|around| around.kind() == "finally_clause");
        let empties = parent.named_children().all(|child| child.kind() == "comment" || gone.contains(&child));
        match finally.filter(|_| empties) {
            Some(clause) if done.contains(&clause.id()) => {}
            Some(clause) => {
                done.push(clause.id());
                out.extend(without_finally(code, clause)?);
            }
            None => out.push(edits::delete(code, whole_lines(code, node))),
        }
    }
    Some(out)
}

/// Whether the statements before and after `node` would become one without it.
fn joins_neighbours(code: &Code<'_>, node: Node<'_>) -> bool {
    let before = node.prev_named_sibling().is_some_and(|before| {
        let text = code.span(before).of(code.text);
        before.kind() != "comment" && !text.ends_with(';') && !text.ends_with('}')
    });
    before && Style::joins(&code.text[code.end(node) as usize..])
}

/// Edits that take a `finally` off its `try`, and the `try` off its body where no `catch` remains.
fn without_finally(code: &Code<'_>, clause: Node<'_>) -> Option<Vec<Edit>> {
    let whole = clause.parent().filter(|node| node.kind() == "try_statement")?;
    let body = whole.field("body")?;
    if let Some(handler) = whole.field("handler") {
        let span = Span::new(handler.end_byte() as u32, clause.end_byte() as u32);
        return Some(vec![edits::delete(code, span)]);
    }
    let around = whole.parent().filter(|node| matches!(node.kind(), "statement_block" | "program"))?;
    if clashes(code, body, around) {
        return None;
    }
    let (open, close) = (body.start_byte() as u32, body.end_byte() as u32 - 1);
    let start = whole.start_byte() as u32;
    let spread = code.starts_line(start) && code.line_end(open + 1).is_some() && code.starts_line(close);
    let head_is_short = code.line(start).end == code.line(open).end;
    if !spread || !head_is_short || code.line_end(whole.end_byte() as u32).is_none() {
        return None;
    }
    // A comment behind `try {` would lose its line.
    if !Span::new(open + 1, code.line(open).end).of(code.text).trim().is_empty() {
        return None;
    }
    let mut out = vec![
        edits::delete(code, Span::new(code.line(start).start, code.next_line(open))),
        edits::delete(code, Span::new(code.line(close).start, code.next_line(whole.end_byte() as u32))),
    ];
    let outer = code.indent(start);
    let mut at = code.next_line(open);
    while at < code.line(close).start {
        let indent = code.indent(at);
        let extra = indent.strip_prefix(outer).unwrap_or_default();
        let step = if extra.starts_with('\t') { 1 } else { extra.len().min(code.style().indent.len()) };
        if step > 0 && code.place(at) != Place::Literal {
            let from = at + outer.len() as u32;
            out.push(edits::delete(code, Span::new(from, from + step as u32)));
        }
        at = code.next_line(at);
    }
    Some(out)
}

/// Whether a name that `body` declares means something else in `around`, where it would come to stand.
fn clashes<'a>(code: &Code<'a>, body: Node<'a>, around: Node<'a>) -> bool {
    let mut names = Vec::new();
    each(body, |node| {
        if node.named_child_count() == 0 && scope_of(node) == Some(body) {
            names.push(code.of(node));
        }
        true
    });
    let function = ancestors(around).find(|node| crate::fix::code::is_function(*node)).unwrap_or(around);
    names.iter().any(|name| {
        code.occurrences(function, name)
            .iter()
            .any(|node| node.start_byte() < body.start_byte() || node.end_byte() > body.end_byte())
    })
}
