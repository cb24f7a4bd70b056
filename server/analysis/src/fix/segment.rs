//! Options that a file of the App Router exports, written so that Next.js takes them.

use crate::check::{self, SegmentProblem};
use crate::document::Document;
use crate::facts::Shape;
use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::{Code, ancestors, only_declarator};
use crate::fix::offer::Offer;
use crate::fix::style::Style;
use crate::fix::{edits, imports, statements};
use crate::project::{Resolver, Symbol};
use crate::syntax::Node;

/// The exported option that a finding is about.
struct Found<'a> {
    code: Code<'a>,
    name: &'a str,
    value: Node<'a>,
    /// The whole `export` statement.
    statement: Node<'a>,
    problem: SegmentProblem,
}

fn find<'a>(offer: &Offer<'a>) -> Option<Found<'a>> {
    let document: &'a Document = offer.document;
    let code = Code::new(document)?;
    let captures = offer.captures("name")?;
    let node = |wanted: &str| {
        let (_, span) = captures.iter().find(|(name, _)| *name == wanted)?;
        code.node(*span)
    };
    let (name, value) = (code.of(node("name")?), node("value")?);
    let statement = ancestors(value).find(|node| node.kind() == "export_statement")?;
    let problem = check::segment_problem(offer.input, name, code.of(value))?;
    Some(Found { code, name, value, statement, problem })
}

/// Writes the literal that an expression amounts to.
pub(super) fn fold(offer: &Offer<'_>) -> Option<Fix> {
    let found = find(offer)?;
    let SegmentProblem::Computed { written: Some(written), .. } = &found.problem else { return None };
    // The table of facts writes strings with single quotes; the file may not.
    let written = match written.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
        Some(inner) => found.code.style().string(inner),
        None => written.clone(),
    };
    let mut out = vec![edits::replace(&found.code, found.code.span(found.value), written.clone())];
    out.extend(
        constant_for(&found)
            .and_then(|statement| statements::remove(&found.code, &[statement]))
            .unwrap_or_default(),
    );
    edits::fix(format!("Write `{written}`"), Safety::Safe, out, &[offer.document])
}

/// The declaration of the constant that an option was set to, where it was there for nothing else.
fn constant_for<'a>(found: &Found<'a>) -> Option<Node<'a>> {
    let code = &found.code;
    let others = code.occurrences(code.root, code.of(found.value));
    let [declared] = others.iter().filter(|name| **name != found.value).collect::<Vec<_>>()[..] else {
        return None;
    };
    let statement = declared.parent().and_then(|declarator| declarator.parent())?;
    let alone = statement.parent() == Some(code.root) && only_declarator(statement).is_some();
    (found.value.kind() == "identifier" && alone).then_some(statement)
}

/// Takes an export out that Next.js refuses or that is deprecated.
pub(super) fn remove(offer: &Offer<'_>) -> Option<Fix> {
    let found = find(offer)?;
    let safety = match &found.problem {
        SegmentProblem::Refused => Safety::Safe,
        // What runs on the edge today would run on Node.js.
        SegmentProblem::Deprecated(_) | SegmentProblem::Needs => Safety::Unsafe,
        _ => return None,
    };
    let title = match safety {
        Safety::Safe => format!("Remove `{}`", found.name),
        Safety::Unsafe => {
            format!("Remove `{}`, and look whether the route still does what it should", found.name)
        }
    };
    edits::fix(title, safety, take_out(&found)?, &[offer.document])
}

/// Edits that take the statement out, where it exports nothing else.
fn take_out(found: &Found<'_>) -> Option<Vec<Edit>> {
    only_declarator(found.statement.field("declaration")?)?;
    statements::remove(&found.code, &[found.statement])
}

/// `export const config = { runtime: 'nodejs' }` becomes `export const runtime = 'nodejs'`.
pub(super) fn spread_config(offer: &Offer<'_>) -> Option<Fix> {
    let found = find(offer)?;
    let SegmentProblem::Config { stops } = found.problem else { return None };
    only_declarator(found.statement.field("declaration")?)?;
    let (_, decl) = offer.input.facts.binding("config")?;
    let Shape::Object(entries) = &decl.value else { return None };
    let mut object = found.value;
    while object.kind() != "object" {
        object = object.named_child(0)?;
    }
    let style = found.code.style();
    let mut lines = Vec::new();
    let mut safety = Safety::Safe;
    for pair in object.named_children().filter(|node| node.kind() != "comment") {
        let key = found.code.of(pair.field("key")?).trim_matches(['"', '\'']);
        let value = found.code.of(pair.field("value")?);
        let name = match key {
            "runtime" | "maxDuration" => key,
            "regions" => "preferredRegion",
            // There is no body parser here.
            "api" => continue,
            _ => return None,
        };
        // Where `config` was ignored so far, the option begins to count: that is for somebody to decide.
        if !stops {
            safety = Safety::Unsafe;
        }
        if offer.input.facts.export(name).is_some() {
            continue;
        }
        lines.push(format!("export const {name} = {value}{}", style.semi));
    }
    if entries.is_empty() {
        return None;
    }
    if lines.is_empty() {
        return edits::fix("Remove `config`".to_owned(), safety, take_out(&found)?, &[offer.document]);
    }
    let text = lines.join(style.newline);
    let edit = edits::replace(&found.code, found.code.span(found.statement), text);
    let title = match safety {
        Safety::Safe => "Export each option by itself".to_owned(),
        Safety::Unsafe => "Export each option by itself, so that it counts from now on".to_owned(),
    };
    edits::fix(title, safety, vec![edit], &[offer.document])
}

/// `export { dynamic } from "./options"` becomes the option itself, with the value that it has there.
pub(super) fn own(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span)?;
    let specifier = ancestors(name).find(|node| node.kind() == "export_specifier")?;
    let (clause, statement) = (specifier.parent()?, specifier.parent()?.parent()?);
    let option = code.of(name);
    let Symbol::Value(_, _, value) = Resolver::new(offer.project).export(offer.file, option, 0) else {
        return None;
    };
    let style = code.style();
    let line = format!("export const {option} = {}{}", literal(&value, &style)?, style.semi);
    let out = if clause.named_child_count() == 1 {
        vec![edits::replace(&code, code.span(statement), line)]
    } else {
        let start = statement.start_byte() as u32;
        let item = edits::delete(&code, imports::list_item(&code, specifier));
        vec![edits::insert(&code, start, line + style.newline), item]
    };
    edits::fix(format!("Write `{option}` in this file"), Safety::Safe, out, &[offer.document])
}

/// A literal as the file would write it.
fn literal(value: &Shape, style: &Style) -> Option<String> {
    match value {
        Shape::Text(text) if !text.contains(['\'', '"', '\\', '\n']) => Some(style.string(text)),
        Shape::Number(number) => Some(number.to_string()),
        Shape::Bool(value) => Some(value.to_string()),
        Shape::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(|item| literal(item, style)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        _ => None,
    }
}

/// Takes `dynamic = 'force-static'` out, so that a handler sees the request. A static export needs it: there the
/// query cannot be had at all.
pub(super) fn remove_force_static(offer: &Offer<'_>) -> Option<Fix> {
    if offer.input.package.next.as_ref()?.output.as_deref() == Some("export") {
        return None;
    }
    let code = Code::new(offer.document)?;
    let (id, decl) = offer.input.facts.binding("dynamic")?;
    let name = code.node(offer.input.facts.span(id.chunk, decl.at))?;
    let statement = ancestors(name).find(|node| node.kind() == "export_statement")?;
    only_declarator(statement.field("declaration")?)?;
    let out = statements::remove(&code, &[statement])?;
    edits::fix("Remove `dynamic`".to_owned(), Safety::Safe, out, &[offer.document])
}

/// Takes the option out that asks for the edge runtime: `runtime`, or a `config` that says nothing else.
pub(super) fn remove_edge_runtime(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span)?;
    let statement = ancestors(name).find(|node| node.kind() == "export_statement")?;
    only_declarator(statement.field("declaration")?)?;
    let (_, decl) = offer.input.facts.binding(code.of(name))?;
    if matches!(&decl.value, Shape::Object(entries) if entries.len() > 1) {
        return None;
    }
    let out = statements::remove(&code, &[statement])?;
    edits::fix(format!("Remove `{}`", code.of(name)), Safety::Safe, out, &[offer.document])
}
