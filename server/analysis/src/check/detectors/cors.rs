//! Routes that other sites may call, but whose preflight nobody answers.

use super::{Detected, Place};
use crate::facts::{ChunkFacts, FunctionId, Shape};
use crate::project::{FileInput, routes};
use crate::text::Span;

const ORIGIN: &str = "access-control-allow-origin";

/// A route file whose handlers set `Access-Control-Allow-Origin` for requests that browsers ask about first.
pub(super) fn no_preflight<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let facts = &place.input.facts;
    let Some(next) = &place.input.package.next else { return Vec::new() };
    let answered = facts.exports().any(|(_, export)| export.name == "OPTIONS" || export.name == "*");
    // Headers that the configuration adds are there for the answer of Next.js to OPTIONS too.
    let elsewhere = !next.config_known || next.headers || place.input.package.vercel.is_some();
    if answered || elsewhere || has_proxy(place) || !place.project.is_complete() {
        return Vec::new();
    }
    let shared: Vec<&str> = facts
        .chunks
        .iter()
        .flat_map(|chunk| &chunk.facts.decls)
        .filter(|decl| decl.scope.is_none() && names_origin(&decl.value, 0))
        .map(|decl| decl.name.as_str())
        .collect();
    let entries = place.project.links(place.file).map_or(&[][..], |links| &links.entries);
    let found = entries.iter().find(|entry| {
        entry.direct.iter().any(|&(file, function)| {
            if file != place.file {
                return false;
            }
            let chunk = &facts.chunks[function.chunk as usize].facts;
            sets_origin(chunk, function, &shared)
                && match entry.method.as_deref() {
                    Some("PUT" | "PATCH" | "DELETE") => true,
                    Some("POST") => reads_json(chunk, function),
                    _ => false,
                }
        })
    });
    let Some(entry) = found else { return Vec::new() };
    vec![place.found(
        entry.span(facts),
        [("entry", entry.label.clone()), ("name", shared.first().copied().unwrap_or_default().to_owned())],
        [],
    )]
}

/// Where a file sets the header, the first time.
pub(crate) fn origin_header(input: &FileInput) -> Option<Span> {
    let facts = &input.facts;
    let sets = |argument: &Shape| {
        argument.text().is_some_and(|text| text.eq_ignore_ascii_case(ORIGIN)) || names_origin(argument, 0)
    };
    let in_call = facts.calls().find(|(_, call)| call.args.iter().any(sets));
    let in_call = in_call.map(|(id, call)| facts.span(id.chunk, call.head));
    in_call.or_else(|| {
        facts.chunks.iter().enumerate().find_map(|(number, chunk)| {
            let decl = chunk.facts.decls.iter().find(|decl| names_origin(&decl.value, 0))?;
            Some(facts.span(number as u32, decl.at))
        })
    })
}

fn has_proxy(place: &Place<'_>) -> bool {
    place.project.numbers().any(|file| {
        place.project.file(file).is_some_and(|input| {
            input.package.root == place.input.package.root && routes::kind(input) == Some("proxy")
        })
    })
}

/// Whether a value holds the header as a key.
fn names_origin(shape: &Shape, depth: u32) -> bool {
    match shape {
        Shape::Object(entries) if depth < 6 => entries
            .iter()
            .any(|(key, value)| key.eq_ignore_ascii_case(ORIGIN) || names_origin(value, depth + 1)),
        _ => false,
    }
}

fn sets_origin(chunk: &ChunkFacts, function: FunctionId, shared: &[&str]) -> bool {
    let within = chunk.functions[function.number as usize].at.0;
    let own = chunk.calls.iter().filter(|call| within.covers(call.at.0));
    own.into_iter().any(|call| {
        call.args.iter().any(|argument| {
            argument.text().is_some_and(|text| text.eq_ignore_ascii_case(ORIGIN))
                || names_origin(argument, 0)
                || uses(argument, shared, 0)
        })
    })
}

/// Whether a value is made of one of these names of the module.
fn uses(shape: &Shape, names: &[&str], depth: u32) -> bool {
    match shape {
        Shape::Name(name) => name.local.is_none() && names.contains(&&*name.text),
        Shape::Object(entries) if depth < 6 => entries.iter().any(|(_, value)| uses(value, names, depth + 1)),
        _ => false,
    }
}

/// Whether a function reads the body of its request as JSON.
fn reads_json(chunk: &ChunkFacts, function: FunctionId) -> bool {
    let within = chunk.functions[function.number as usize].at.0;
    chunk.calls.iter().filter(|call| within.covers(call.at.0)).any(|call| {
        let Shape::Member(object, method) = &call.callee else { return false };
        let Shape::Name(name) = &**object else { return false };
        method == "json"
            && name.local.is_some_and(|local| {
                let decl = &chunk.decls[local as usize];
                decl.parameter.as_ref().is_some_and(|it| it.of == function.number && it.position == 0)
            })
    })
}
