//! Which headers a handler asks for, and whether they come with a link.

use super::Place;
use crate::facts::{Call, Shape};
use crate::project::Entry;

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
    entry.roots.iter().any(|&(file, function)| {
        let Some(input) = place.project.file(file) else { return true };
        let calls_of = |chunk: u32| &input.facts.chunks[chunk as usize].facts.calls;
        if file == place.file {
            let within = input.facts.function(function).at.0;
            let calls = calls_of(function.chunk);
            calls.iter().any(|call| within.covers(call.at.0) && is_sent_by_code(calls, call))
        } else {
            input.facts.calls().any(|(id, call)| is_sent_by_code(calls_of(id.chunk), call))
        }
    })
}

/// `request.headers.get("x-team")`, `(await headers()).get(TEAM)`, and what Express has for it, `req.get("x-team")`.
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
    let asks = match headers {
        Some("headers") => method == "get",
        Some("req" | "request") => matches!(method.as_str(), "get" | "header"),
        _ => false,
    };
    asks && name.is_none_or(|name| !WITH_LINKS.iter().any(|known| name.starts_with(known)))
}
