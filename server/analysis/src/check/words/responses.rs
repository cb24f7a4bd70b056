//! Words about what responses tell, and to whom.

use crate::facts::{CallId, ChunkFacts, Shape};
use crate::project::{Resolver, Symbol};
use crate::rules::{Condition, Word};
use crate::tables::Effect;

use super::super::{Evidence, Site, auth};
use super::handlers::{is_response, tell};
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "answers-with",
        0,
        |site, condition, _| answers_with(site, condition),
        "`(#answers-with? @value)`: the innermost call that is given the value, those that make text of it left out, answers a request",
    ),
    Word::of(
        "checked-get",
        0,
        checked_get,
        "`(#checked-get? @at)`: the code is part of a handler of GET, itself or inside wrappers, that has checked for certain who asks before it comes here",
    ),
    Word::of(
        "cors-options",
        1,
        |site, condition, _| cors_options(site, condition),
        "`(#cors-options? @call \"wildcard\")`: the options of the call allow credentials and every origin; `reflected`: by giving back whichever asks",
    ),
    Word::of(
        "tests-origin",
        0,
        |site, _, _| tests_origin(site),
        "`(#tests-origin? @at)`: the file calls or names something that may test an origin",
    ),
];

/// Whether the call that is given a value answers a request with it.
fn answers_with(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let chunk = site.chunk_facts();
    let mut around: Vec<_> = chunk
        .calls
        .iter()
        .filter(|call| call.at.0.covers(captured.at) && !call.head.0.covers(captured.at))
        .collect();
    around.sort_by_key(|call| call.at.0.len());
    let text = |call: &crate::facts::Call| {
        let symbol = Resolver::new(site.project).symbol(site.file, site.chunk, &call.callee);
        is_named(&symbol, "#String") || is_named(&symbol, "#JSON.stringify")
    };
    let Some(call) = around.into_iter().find(|call| !text(call)) else { return false };
    let symbol = Resolver::new(site.project).symbol(site.file, site.chunk, &call.callee);
    let web = ["next/server#NextResponse", "#Response"];
    if web.iter().any(|name| is_named(&symbol, name) || is_named(&symbol, &format!("{name}.json"))) {
        return true;
    }
    let Shape::Member(object, method) = &call.callee else { return false };
    matches!(&**method, "json" | "send" | "end" | "jsonp")
        && is_response(site, receiver(chunk, object), &["pages-api", "express"])
}

/// `res` of `res.status(500)`.
fn receiver<'s>(chunk: &'s ChunkFacts, shape: &'s Shape) -> &'s Shape {
    match shape {
        Shape::Call(number) => match &chunk.calls[*number as usize].callee {
            Shape::Member(object, _) => receiver(chunk, object),
            other => other,
        },
        other => other,
    }
}

fn checked_get(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let (Some(function), Some(links)) = (site.function_at(captured.at.start), site.project.links(site.file))
    else {
        return false;
    };
    let root = (site.file, function);
    let mut own = links.entries.iter().filter(|entry| entry.roots.contains(&root)).peekable();
    let Some(first) = own.peek() else { return false };
    tell(evidence, site.file, first);
    let gets = own.all(|entry| match entry.method.as_deref() {
        Some(method) => matches!(method, "GET" | "HEAD"),
        None => entry.kind == "pages-api",
    });
    let before =
        |id: CallId| id.chunk == site.chunk && site.input.facts.call(id).at.0.start < captured.at.start;
    let asked = || {
        links.effects.iter().filter(|it| it.function == Some(function) && it.row.effect == Effect::ChecksAuth)
    };
    let helpers = || {
        links
            .edges_of(function)
            .iter()
            .filter(|edge| edge.call.is_some_and(before))
            .any(|edge| auth::reaches(site.project, &[edge.to], &[Effect::ChecksAuth]))
    };
    gets && (asked().any(|it| before(it.call)) || helpers())
}

/// The options that `cors()` is given, and what they let in.
fn cors_options(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(id) = site.call(condition) else { return false };
    let call = site.input.facts.call(id);
    let mut resolver = Resolver::new(site.project);
    let Some(given) = call.args.first() else { return false };
    let Symbol::Value(file, chunk, options) = resolver.symbol(site.file, site.chunk, given) else {
        return false;
    };
    let Shape::Object(entries) = &options else { return false };
    if entries.iter().any(|(key, _)| key == "...") || options.get("credentials") != Some(&Shape::Bool(true)) {
        return false;
    }
    let Some(input) = site.project.file(file) else { return false };
    let facts = &input.facts.chunks[chunk as usize].facts;
    let reflected = match options.get("origin") {
        None => false,
        Some(Shape::Text(text)) if text == "*" => false,
        Some(Shape::Bool(true)) => true,
        // `(origin, callback) => callback(null, true)`.
        Some(Shape::Function(number)) => {
            let function = &facts.functions[*number as usize];
            let mut calls = facts.calls.iter().filter(|call| call.function == Some(*number));
            let (Some(only), None) = (calls.next(), calls.next()) else { return false };
            let own = |shape: &Shape| match shape {
                Shape::Name(name) => name.local.is_some_and(|local| {
                    let decl = &facts.decls[local as usize];
                    decl.parameter.as_ref().is_some_and(|it| it.of == *number && it.position == 1)
                }),
                _ => false,
            };
            let whole = only.at.0.end == function.at.0.end;
            if !whole || !own(&only.callee) || only.args.get(1) != Some(&Shape::Bool(true)) {
                return false;
            }
            true
        }
        _ => return false,
    };
    reflected == (&*condition.strings[0] == "reflected")
}

/// Parts of names that speak of a test of origins.
const TESTS: &[&str] = &[
    "allowedorigin",
    "alloworigin",
    "isallowed",
    "whitelist",
    "allowlist",
    "trusted",
    "validorigin",
    "checkorigin",
    "validateorigin",
    "verifyorigin",
    "sameorigin",
];

fn tests_origin(site: &Site<'_>) -> bool {
    let says = |text: &str| {
        let text: String =
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        TESTS.iter().any(|part| text.contains(part))
    };
    let facts = &site.input.facts;
    facts.calls().any(|(_, call)| call.callee.last().is_some_and(says))
        || facts.chunks.iter().any(|chunk| chunk.facts.decls.iter().any(|decl| says(&decl.name)))
        || facts.imports().any(|(_, import)| import.local.as_ref().is_some_and(|(local, _)| says(local)))
}
