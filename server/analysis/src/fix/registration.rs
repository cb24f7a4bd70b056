//! Registrations on Express applications that stand in the wrong place, and options of routers.

use super::offer::Offer;
use crate::check::Need;
use crate::facts::CallId;
use crate::finding::{Fix, Safety};
use crate::fix::code::{Code, ancestors, each, scope_of};
use crate::fix::export::unused_imports;
use crate::fix::statements::whole_lines;
use crate::fix::style::Style;
use crate::fix::{edits, imports, statements};
use crate::project::FileNo;
use crate::project::express::{Layer, LayerKind};
use crate::syntax::Node;
use crate::text::Span;

/// Moves the statement of the finding above or below that of its related place: whichever way it does not stand
/// now. Only inside one block, and not past what it needs.
pub(super) fn move_registration(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let other = offer.finding.related.first().filter(|other| other.path == offer.finding.path)?;
    let moved = statement(&code, offer.finding.span)?;
    let target = statement(&code, other.span)?;
    let block = moved.parent()?;
    if moved == target
        || target.parent() != Some(block)
        || !matches!(block.kind(), "program" | "statement_block")
    {
        return None;
    }
    // Of two equal routes the other one would be hidden then.
    if path(&code, moved).is_some_and(|own| Some(own) == path(&code, target)) {
        return None;
    }
    let up = target.start_byte() < moved.start_byte();
    let own = Span::new(code.line(code.with_comments(moved)).start, whole_lines(&code, moved).end);
    let alone = |node: Node<'_>| {
        code.starts_line(node.start_byte() as u32) && code.line_end(code.end(node)).is_some()
    };
    // Without semicolons a line may go on in the next one.
    let ended = |node: Node<'_>| {
        code.span(node).of(code.text).ends_with(';') || !Style::joins(&code.text[code.end(node) as usize..])
    };
    if !alone(moved)
        || !alone(target)
        || !ended(moved)
        || !ended(target)
        || up && needs(&code, block, moved, target)
        || up && passes_parsers(offer, own.start)
    {
        return None;
    }
    let at = if up {
        code.line(code.with_comments(target)).start
    } else {
        code.next_line(code.line_end(code.end(target))?)
    };
    let mut text = own.of(code.text).to_owned();
    let mut out = Vec::new();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let no_line = at as usize == code.text.len() && !code.text.ends_with('\n');
    if no_line {
        text = format!("\n{}", text.trim_end());
    }
    out.push(edits::delete(&code, own));
    out.push(edits::insert(&code, at, text));
    let title =
        if up { "Move it up, above the first route it is for" } else { "Move it down, below the last route" };
    edits::fix(title.to_owned(), Safety::Safe, out, &[offer.document])
}

/// Takes a route out that an equal one stands in front of.
pub(super) fn drop_duplicate(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let other = offer.finding.related.first().filter(|other| other.path == offer.finding.path)?;
    let (gone, first) = (statement(&code, offer.finding.span)?, statement(&code, other.span)?);
    let same = path(&code, gone).is_some_and(|own| Some(own) == path(&code, first));
    if !same || first.start_byte() >= gone.start_byte() {
        return None;
    }
    let mut all = statements::remove(&code, &[gone])?;
    let comments =
        Span::new(code.line(code.with_comments(gone)).start, code.line(gone.start_byte() as u32).start);
    if !comments.is_empty() {
        all.push(edits::delete(&code, comments));
    }
    let commonjs = imports::is_commonjs(&code).unwrap_or(false);
    all.extend(imports::rewrite(&code, None, &unused_imports(&code, &[gone]), commonjs)?);
    let title = "Remove it (the route before it has all the requests)".to_owned();
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// Whether what moves is a parser, and a route between has one of its own: it would get a body that is read already.
fn passes_parsers(offer: &Offer<'_>, moved: u32) -> bool {
    let express = offer.project.express();
    let Some(other) = offer.finding.related.first() else { return true };
    let at = |call: (FileNo, CallId)| {
        let here = call.0 == offer.file;
        here.then(|| offer.input.facts.span(call.1.chunk, offer.input.facts.call(call.1).at).start)
    };
    let is_parser = |layer: &Layer| layer.handlers.iter().any(|it| Need::Body.is_met_by(it));
    let own = |layer: &Layer| {
        at(layer.call).is_some_and(|start| start >= moved && start <= offer.finding.span.start)
            && is_parser(layer)
    };
    let mut layers = express.routers.iter().flat_map(|router| &router.layers);
    if !layers.clone().any(own) {
        return false;
    }
    layers.any(|layer| {
        let between = at(layer.call).is_some_and(|start| start >= other.span.start && start < moved);
        between && layer.kind != LayerKind::Use && is_parser(layer)
    })
}

/// The statement that a registration is, alone.
fn statement<'a>(code: &Code<'a>, span: Span) -> Option<Node<'a>> {
    let name = code.node(span)?;
    let callee = name.parent().filter(|it| it.kind() == "member_expression")?;
    let statement = callee.parent()?.parent().filter(|it| it.kind() == "expression_statement")?;
    // A chain registers more than one thing.
    let receiver = callee.field("object")?;
    let simple = matches!(receiver.kind(), "identifier" | "member_expression" | "this");
    (simple && !statement.has_error()).then_some(statement)
}

/// The path that a registration is for, whatever its parameters are called.
fn path(code: &Code<'_>, statement: Node<'_>) -> Option<String> {
    let first = statement.named_child(0)?.field("arguments")?.named_child(0)?;
    let text = code.of(first).trim_matches(['"', '\'', '`', '/']);
    let segments = text.split('/').map(|part| if part.starts_with(':') { ":" } else { part });
    (first.kind() == "string").then(|| segments.collect::<Vec<_>>().join("/"))
}

/// Whether a statement uses a name that is declared between the place it would move to and its own.
fn needs<'a>(code: &Code<'a>, block: Node<'a>, moved: Node<'a>, target: Node<'a>) -> bool {
    let mut names = Vec::new();
    for between in block.named_children() {
        let is_between =
            between.start_byte() >= target.start_byte() && between.end_byte() <= moved.start_byte();
        let assigns = between.kind() == "expression_statement"
            && between.named_child(0).is_some_and(|it| it.kind().ends_with("assignment_expression"));
        if is_between && (between.kind().ends_with("_declaration") || assigns) {
            each(between, |node| {
                if node.kind() == "identifier" && (assigns || scope_of(node) == Some(block)) {
                    names.push(code.of(node));
                }
                !crate::fix::code::is_function(node)
            });
        }
    }
    let mut found = false;
    each(moved, |node| {
        found |= matches!(node.kind(), "identifier" | "shorthand_property_identifier")
            && names.contains(&code.of(node));
        !found
    });
    found
}

/// `Router()` becomes `Router({ mergeParams: true })`.
pub(super) fn merge_params(offer: &Offer<'_>) -> Option<Fix> {
    let place = offer.finding.related.first()?;
    let document = offer.sources.document(&place.path)?;
    let code = Code::new(&document)?;
    let node = code.root.descendant_for_byte_range(place.span.start as usize, place.span.end as usize)?;
    let call = ancestors(node).find(|it| {
        matches!(it.kind(), "call_expression" | "new_expression")
            && it.field("arguments").is_some_and(|args| args.start_byte() as u32 >= place.span.end)
    })?;
    let arguments = call.field("arguments")?;
    let option = "mergeParams: true";
    let edit = match arguments.named_child(0) {
        None => {
            let text = format!("({})", code.style().braces(option));
            edits::replace(&code, crate::syntax::span(arguments), text)
        }
        Some(object) if object.kind() == "object" && !code.of(object).contains("mergeParams") => {
            let first = object.named_child(0).filter(|it| it.kind() != "comment")?;
            edits::insert(&code, first.start_byte() as u32, format!("{option}, "))
        }
        Some(_) => return None,
    };
    let title = "Make the router with `mergeParams: true`".to_owned();
    edits::fix(title, Safety::Safe, vec![edit], &[&document])
}
