//! A server of the project's own around Next.js.

use super::{Detected, Place};
use crate::check::{is_named, shown};
use crate::finding::Related;
use crate::project::Resolver;
use crate::text::Span;

/// The server's file, in a project whose output is `standalone`: that folder has a `server.js` of its own, and the
/// project's server is not traced into it.
pub(super) fn standalone<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some(next) = &place.input.package.next else { return Vec::new() };
    let Some(config) = &next.config else { return Vec::new() };
    let is_server = next.custom_server.as_ref() == Some(&place.input.path);
    if !is_server || next.output.as_deref() != Some("standalone") {
        return Vec::new();
    }
    let facts = &place.input.facts;
    let mut resolver = Resolver::new(place.project);
    let makes_app = facts.calls().find(|(id, call)| {
        let symbol = resolver.symbol(place.file, id.chunk, &call.callee);
        is_named(&symbol, "next#default") || is_named(&symbol, "next#")
    });
    let Some((id, call)) = makes_app else { return Vec::new() };
    let related = Related {
        path: config.clone(),
        span: Span::default(),
        message: "sets `output: 'standalone'`".to_owned(),
    };
    vec![place.found(facts.span(id.chunk, call.head), [("path", shown(place.input, config))], [related])]
}
