//! A route file says how long it may take.

use std::sync::Arc;

use crate::document::Document;
use crate::facts::FunctionId;
use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::Code;
use crate::fix::imports::{imports, is_commonjs};
use crate::fix::{edits, objects, offer::Offer, statements};
use crate::project::{FileInput, max_duration, routes};
use crate::syntax::Node;
use crate::tables::{Limit, MaxDuration};

/// `export const maxDuration = 300`, or the key in the `config` of an API route: as long as every plan that the
/// project may have allows. It stands in the file of the handler that reaches the finding.
pub(super) fn set_max_duration(offer: &Offer<'_>) -> Option<Fix> {
    let (input, document) = handler_file(offer)?;
    let code = Code::new(&document)?;
    let limits = max_duration(input).filter(|limits| limits.heeded)?;
    let kind = routes::kind(input).filter(|kind| matches!(*kind, "app-route" | "pages-api"))?;
    let seconds = seconds(&limits, input)?;
    let config = (kind == "pages-api").then(|| config(&code));
    let edit = match config {
        Some(Some(object)) => objects::add_key(&code, object, &format!("maxDuration: {seconds}")),
        Some(None) if code.mentions("config") => return None,
        Some(None) => add_statement(
            &code,
            &format!("config = {}", code.style().braces(&format!("maxDuration: {seconds}"))),
        )?,
        None => add_statement(&code, &format!("maxDuration = {seconds}"))?,
    };
    let title = format!("Set `maxDuration` to {seconds} seconds");
    // A deployment with more than its plan allows is refused.
    let allowed = limits.rows.iter().all(|row| match row.max {
        Limit::At(most) => seconds <= most && !row.unverified,
        Limit::Unlimited => true,
    });
    let safety = if allowed { Safety::Safe } else { Safety::Unsafe };
    edits::fix(title, safety, vec![edit], &[&document])
}

/// The same for a response that lasts until the host ends it.
pub(super) fn limit_response(offer: &Offer<'_>) -> Option<Fix> {
    let fix = set_max_duration(offer)?;
    let title = format!("{} (the client still has to come back after that)", fix.title);
    Some(Fix { title, safety: Safety::Unsafe, ..fix })
}

/// The least that any plan allows, those from before Fluid compute left out unless that is off.
fn seconds(limits: &MaxDuration<'_>, input: &FileInput) -> Option<u64> {
    let allowed = limits.rows.iter().filter_map(|row| match row.max {
        Limit::At(seconds) => Some(seconds),
        Limit::Unlimited => None,
    });
    // Fluid compute is the default; who has it off says so.
    let fluid = input.package.vercel.as_ref().and_then(|vercel| vercel.fluid);
    if fluid == Some(false) { allowed.min() } else { allowed.filter(|it| *it >= 300).min() }
}

/// The file of the handler that reaches the finding.
fn handler_file<'a>(offer: &Offer<'a>) -> Option<(&'a FileInput, Arc<Document>)> {
    let facts = &offer.input.facts;
    let at = offer.finding.span.start;
    let chunk = facts.chunk_at(at)?;
    let inside = &facts.chunks[chunk as usize];
    let function = inside.facts.function_at(at - inside.start).map(|number| FunctionId { chunk, number });
    let way = function.and_then(|it| offer.project.reach()?.way(offer.project, offer.file, it));
    let Some(way) = way.filter(|way| way.entry.0 != offer.file) else {
        return Some((offer.input, Arc::clone(offer.document)));
    };
    let input = offer.project.file(way.entry.0)?;
    Some((input, offer.sources.document(&input.path)?))
}

/// The object of `export const config = { … }`.
fn config<'a>(code: &Code<'a>) -> Option<Node<'a>> {
    code.statements().into_iter().find_map(|statement| {
        let declaration = statement.field("declaration")?;
        let declarator = super::code::only_declarator(declaration)?;
        let mut value = declarator.field("value")?;
        while matches!(value.kind(), "as_expression" | "satisfies_expression" | "parenthesized_expression") {
            value = value.named_child(0)?;
        }
        let is_config = code.of(declarator.field("name")?) == "config";
        (statement.kind() == "export_statement" && is_config && value.kind() == "object").then_some(value)
    })
}

/// Adds an exported constant after the imports.
fn add_statement(code: &Code<'_>, what: &str) -> Option<Edit> {
    if is_commonjs(code) == Some(true) {
        return None;
    }
    let style = code.style();
    let (newline, semi) = (style.newline, style.semi);
    let line = format!("export const {what}{semi}");
    match imports(code).last() {
        Some(last) => {
            let end = code.line_end(code.end(last.statement))?;
            Some(edits::insert(code, end, format!("{newline}{newline}{line}")))
        }
        None => Some(edits::insert(code, statements::first_line(code)?, format!("{line}{newline}{newline}"))),
    }
}
