//! Hover on names that decide where code can run: `WebSocketServer`, `express()`, `setInterval`.

use std::fmt::Write as _;

use crate::check::{is_named, target_of, target_text};
use crate::facts::{Decl, Imported};
use crate::project::{FileInput, FileNo, Hover, Project, Resolver, Symbol, routes};
use crate::tables::{Topic, topics};
use crate::text::Span;

/// About what is called, imported or typed at `offset`.
pub(super) fn hover(project: &Project, file: FileNo, input: &FileInput, offset: u32) -> Option<Hover> {
    let (span, symbol) = named(project, file, input, offset)?;
    let kind = routes::kind(input);
    let topic = topics().iter().find(|topic| {
        let told =
            topic.within.is_empty() || kind.is_some_and(|kind| topic.within.iter().any(|it| **it == *kind));
        told && topic.on.iter().any(|word| is_named(&symbol, word))
    })?;
    Some(Hover { span, markdown: describe(topic, input) })
}

fn describe(topic: &Topic, input: &FileInput) -> String {
    let mut text = format!("**{}**: {}\n", topic.title, topic.what);
    if let Some(told) = topic.on_host(target_of(&input.package)) {
        let _ = write!(text, "\nOn {}: {told}\n", target_text(&input.package.target));
    }
    if let Some(then) = &topic.then {
        let _ = write!(text, "\n{then}\n");
    }
    text
}

/// The name at a place and what it is.
fn named(project: &Project, file: FileNo, input: &FileInput, offset: u32) -> Option<(Span, Symbol)> {
    let facts = &input.facts;
    let chunk = facts.chunk_at(offset)?;
    let inside = &facts.chunks[chunk as usize].facts;
    let call = inside.calls.iter().filter(|call| facts.span(chunk, call.head).touches(offset));
    if let Some(call) = call.min_by_key(|call| call.head.0.len()) {
        return Some((
            facts.span(chunk, call.head),
            Resolver::new(project).symbol(file, chunk, &call.callee),
        ));
    }
    for import in &inside.imports {
        let Some((name, at)) = &import.local else { continue };
        let span = facts.span(chunk, *at);
        if span.touches(offset) {
            return Some((span, imported(input, name)?));
        }
    }
    let (span, annotation) = inside.decls.iter().find_map(|decl| {
        let (span, annotation) = typed(decl, facts.span(chunk, decl.at))?;
        span.touches(offset).then_some((span, annotation))
    })?;
    Some((span, imported(input, annotation)?))
}

/// A typed name with its type, which stands behind the name, a colon and at most a space.
fn typed(decl: &Decl, name: Span) -> Option<(Span, &str)> {
    let annotation = decl.annotation.as_deref()?;
    let whole = Span::new(name.start, name.end + 2 + annotation.len() as u32);
    Some((whole, annotation.split(['<', ' ']).next()?))
}

/// What an import binds, types included: to a hover `import type` is as good as any.
fn imported(input: &FileInput, name: &str) -> Option<Symbol> {
    let import = input.facts.import(name)?;
    let export = match &import.imported {
        Imported::Name(export) => export.clone(),
        Imported::Namespace => "".into(),
        Imported::Nothing => return None,
    };
    Some(Symbol::External { specifier: import.specifier.clone(), export })
}
