//! Which headers a handler asks for, and whether they come with a link.

use std::collections::BTreeSet;

use super::Place;
use crate::facts::{Call, Shape};
use crate::project::{Entry, FileNo, Resolver, Symbol};

/// Headers that come with a link, or from what stands between: each name begins with one of these.
const WITH_LINKS: &[&str] = &[
    "accept",
    "cache-control",
    "cf-",
    "connection",
    "content-",
    "cookie",
    "forwarded",
    "host",
    "if-",
    "next-",
    "origin",
    "priority",
    "purpose",
    "range",
    "referer",
    "rsc",
    "sec-",
    "traceparent",
    "upgrade",
    "user-agent",
    "x-correlation",
    "x-forwarded",
    "x-nextjs",
    "x-real-ip",
    "x-request-id",
    "x-vercel",
];

/// Whether a handler, or what is wrapped around it, looks at a header that no link sends. Of the files of wrappers all
/// counts, because their functions are handed on to each other.
pub(super) fn wants_header(place: &Place<'_>, entry: &Entry) -> bool {
    let own = entry.roots.iter().filter(|(file, _)| *file == place.file);
    let mut within = own.map(|(_, function)| {
        let chunk = &place.input.facts.chunks[function.chunk as usize].facts;
        (function.chunk, chunk.functions[function.number as usize].at.0)
    });
    let asks_itself = within.any(|(chunk, at)| {
        let calls = &place.input.facts.chunks[chunk as usize].facts.calls;
        calls.iter().any(|call| at.covers(call.at.0) && is_sent_by_code(calls, call))
    });
    asks_itself
        || wrappers(place, entry).into_iter().any(|file| {
            let Some(input) = place.project.file(file) else { return true };
            let mut statements = input.facts.chunks.iter().map(|it| &it.facts.calls);
            statements.any(|calls| calls.iter().any(|call| is_sent_by_code(calls, call)))
        })
}

/// The files of what is wrapped around a handler, or made it: what its file calls while it is loaded.
fn wrappers(place: &Place<'_>, entry: &Entry) -> BTreeSet<FileNo> {
    let mut resolver = Resolver::new(place.project);
    let at_load = place.input.facts.calls().filter(|(_, call)| call.function.is_none());
    let called = at_load.filter_map(|(id, call)| match resolver.symbol(place.file, id.chunk, &call.callee) {
        Symbol::Function(file, _) => Some(file),
        _ => None,
    });
    let roots = entry.roots.iter().map(|(file, _)| *file);
    called.chain(roots).filter(|file| *file != place.file).collect()
}

/// `request.headers.get("x-team")`, `(await headers()).get(TEAM)`.
fn is_sent_by_code(calls: &[Call], call: &Call) -> bool {
    let Shape::Member(object, method) = &call.callee else { return false };
    let of = match &**object {
        Shape::Await(inner) => &**inner,
        object => object,
    };
    let headers = match of {
        Shape::Call(number) => calls[*number as usize].callee.last(),
        of => of.last(),
    };
    let name = call.args.first().and_then(Shape::text).map(str::to_ascii_lowercase);
    method == "get"
        && headers == Some("headers")
        && name.is_none_or(|name| !WITH_LINKS.iter().any(|known| name.starts_with(known)))
}
