//! What a proxy does with what it is given, and what it does to the handlers behind it.

use super::proxy::proxies;
use super::{Detected, Place};
use crate::check::target_of;
use crate::facts::{Call, CallId, ChunkFacts, FunctionId, Shape};
use crate::finding::Related;
use crate::package::Package;
use crate::project::matcher::{Coverage, Matchers};
use crate::text::Span;

/// What Express has on a response and an event of Next.js has not.
const RESPONSE: &[&str] = &[
    "cookie",
    "end",
    "header",
    "json",
    "redirect",
    "render",
    "send",
    "sendFile",
    "sendStatus",
    "set",
    "setHeader",
    "status",
    "type",
    "write",
    "writeHead",
];

/// A proxy that takes `(req, res, next)` and uses them.
pub(super) fn express_style<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let entries = place.project.links(place.file).into_iter().flat_map(|links| &links.entries);
    let mut functions: Vec<FunctionId> = entries
        .filter(|entry| entry.kind == "proxy")
        .flat_map(|entry| &entry.direct)
        .filter(|(file, _)| *file == place.file)
        .map(|(_, function)| *function)
        .collect();
    functions.dedup();
    functions.into_iter().filter_map(|function| express_call(place, function)).collect()
}

fn express_call<'p>(place: &Place<'p>, function: FunctionId) -> Option<Detected<'p>> {
    let facts = &place.input.facts;
    let chunk = &facts.chunks[function.chunk as usize].facts;
    let call = chunk.calls.iter().find(|call| is_express_call(chunk, function.number, call))?;
    let name = call.callee.dotted().unwrap_or_default();
    Some(place.found(facts.span(function.chunk, call.head), [("name", name)], []))
}

/// `next()`, `res.status(…)`: a call of the third parameter, or of something that the second does not have.
fn is_express_call(chunk: &ChunkFacts, function: u32, call: &Call) -> bool {
    let position = |local: Option<u32>| {
        let parameter = chunk.decls[local? as usize].parameter.as_ref()?;
        (parameter.of == function && parameter.keys.is_empty()).then_some(parameter.position)
    };
    match &call.callee {
        Shape::Name(name) => position(name.local) == Some(2),
        Shape::Member(object, key) => match &**object {
            Shape::Name(name) => position(name.local) == Some(1) && RESPONSE.contains(&key.as_str()),
            _ => false,
        },
        _ => false,
    }
}

/// Hosts whose own limit is below that of the proxy, or that run the proxy apart from the handlers.
const LOWER: &[&str] = &["vercel", "netlify", "aws-lambda", "amplify", "cloudflare"];

/// A handler that reads an upload which the proxy has cut before.
pub(super) fn upload_cut<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    find_upload(place).into_iter().collect()
}

fn find_upload<'p>(place: &Place<'p>) -> Option<Detected<'p>> {
    let input = place.input;
    let next = input.package.next.as_ref()?;
    let limited = has_body_limit(&input.package) && next.config_known && !next.proxy_body_limit;
    let lower = target_of(&input.package).is_some_and(|target| LOWER.contains(&&*target.id));
    if !limited || lower || !place.project.is_complete() {
        return None;
    }
    let links = place.project.links(place.file)?;
    let entries =
        links.entries.iter().filter(|it| it.kind == "app-route" && it.method.as_deref() != Some("GET"));
    let (entry, call) = entries.clone().find_map(|entry| {
        let mut own = entry.roots.iter().filter(|(file, _)| *file == place.file);
        own.find_map(|(_, function)| Some((entry, upload(place, *function)?)))
    })?;
    let url = entry.url.as_deref()?;
    let (_, proxy) = proxies(place.project, input).find(|(_, proxy)| {
        Matchers::of(proxy).is_some_and(|matchers| matchers.covers(next, url) == Coverage::Always)
    })?;
    let name = proxy.path.file_name().to_owned();
    let at = input.facts.span(call.chunk, input.facts.call(call).head);
    let related =
        Related { path: proxy.path.clone(), span: Span::default(), message: "runs before it".to_owned() };
    // Next.js 16 renamed it.
    let is_old = input.package.versions.get("next").is_some_and(|it| it.major < 16);
    let option = if is_old { "middlewareClientMaxBodySize" } else { "proxyClientMaxBodySize" };
    let told = [("entry", entry.label.clone()), ("other", name), ("name", option.to_owned())];
    Some(place.found(at, told, [related]))
}

/// Next.js keeps the body for the handler while the proxy runs; since some patch of 15.5 (it is in 15.5.6, not in
/// 15.5.0) only so much of it.
fn has_body_limit(package: &Package) -> bool {
    package.versions.get("next").is_some_and(|it| (it.major, it.minor, it.patch) >= (15, 5, 6))
}

/// Where a function reads the form of a request and takes a file out of it.
fn upload(place: &Place<'_>, function: FunctionId) -> Option<CallId> {
    let chunk = &place.input.facts.chunks[function.chunk as usize].facts;
    let in_function = |call: &Call| call.function == Some(function.number);
    let files = chunk.calls.iter().filter(|call| in_function(call));
    files.filter_map(|call| form_of(chunk, call)).find_map(|form| {
        let read = &chunk.calls[form as usize];
        in_function(read).then_some(CallId { chunk: function.chunk, number: form })
    })
}

/// `file.arrayBuffer()` of a file that was taken out of a form: the call that read the form.
fn form_of(chunk: &ChunkFacts, call: &Call) -> Option<u32> {
    let Shape::Member(file, read) = &call.callee else { return None };
    if !matches!(read.as_str(), "arrayBuffer" | "stream" | "bytes") {
        return None;
    }
    let Shape::Call(taken) = value(chunk, file, 0)? else { return None };
    let Shape::Member(form, take) = &chunk.calls[*taken as usize].callee else { return None };
    let Shape::Call(read) = value(chunk, form, 0)? else { return None };
    let is_form = matches!(&chunk.calls[*read as usize].callee, Shape::Member(_, name) if name == "formData");
    (take == "get" && is_form).then_some(*read)
}

/// What a local name was set to, `await` looked through.
fn value<'c>(chunk: &'c ChunkFacts, shape: &'c Shape, depth: u32) -> Option<&'c Shape> {
    match shape.awaited() {
        Shape::Name(name) if depth < 4 => value(chunk, &chunk.decls[name.local? as usize].value, depth + 1),
        Shape::Name(_) => None,
        other => Some(other),
    }
}
