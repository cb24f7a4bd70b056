//! Limits that count in the memory of one process.

use super::{Detected, Place, state};
use crate::check::is_named;
use crate::check::options::options;
use crate::facts::{CallId, FunctionId, Shape};
use crate::package::Instances;
use crate::project::Resolver;
use crate::tables::Kind;

use super::super::Evidence;
use super::super::state::refuses;

/// Calls that make a limiter: their packages, what they are called, and the key that takes the counts elsewhere.
const LIMITERS: &[(&[&str], &[&str], &str)] = &[
    (
        &["express-rate-limit"],
        &["express-rate-limit#default", "express-rate-limit#rateLimit", "express-rate-limit#"],
        "store",
    ),
    (&["hono-rate-limiter"], &["hono-rate-limiter#rateLimiter"], "store"),
    (&["@nestjs/throttler"], &["@nestjs/throttler#ThrottlerModule.forRoot"], "storage"),
    (&["rate-limiter-flexible"], &["rate-limiter-flexible#RateLimiterMemory"], ""),
];

/// Limiters that count elsewhere.
const SHARED: &[&str] = &[
    "rate-limiter-flexible#RateLimiterRedis",
    "rate-limiter-flexible#RateLimiterValkey",
    "rate-limiter-flexible#RateLimiterMemcache",
    "rate-limiter-flexible#RateLimiterMongo",
    "rate-limiter-flexible#RateLimiterMySQL",
    "rate-limiter-flexible#RateLimiterPostgres",
    "rate-limiter-flexible#RateLimiterPrisma",
    "rate-limiter-flexible#RateLimiterDynamo",
    "rate-limiter-flexible#RateLimiterDrizzle",
];

/// Limits that count in memory: made by a library, or by hand.
pub(super) fn in_memory<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let mut found = state::limits(place);
    found.extend(made(place));
    found.extend(buckets(place));
    found.retain_mut(|found| {
        let apart = counts_apart(&found.evidence);
        let what = what(&found.evidence);
        found.evidence.set("what", what);
        apart
    });
    found
}

fn what(evidence: &Evidence<'_>) -> String {
    let target = evidence.value("target").unwrap_or_default();
    match evidence.target().map_or(Kind::Unknown, |target| target.kind) {
        Kind::Unknown => "a second one counts for itself, and a restart starts at zero".to_owned(),
        _ => format!("on {target} every instance counts for itself, and a new one starts at zero"),
    }
}

/// Whether several processes count, each for itself: one is enough for one count.
fn counts_apart(evidence: &Evidence<'_>) -> bool {
    let known = evidence.package().instances.as_ref().map(|(instances, _)| *instances);
    match evidence.target().map_or(Kind::Unknown, |target| target.kind) {
        Kind::Persistent => known == Some(Instances::Several),
        _ => known != Some(Instances::One),
    }
}

/// Limiters of libraries that are given no store.
fn made<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let facts = &place.input.facts;
    let mut out = Vec::new();
    for (packages, makers, store) in LIMITERS {
        if !facts.specifiers.iter().any(|specifier| packages.contains(&&**specifier)) {
            continue;
        }
        let symbol_of =
            |id: CallId| Resolver::new(place.project).symbol(place.file, id.chunk, &facts.call(id).callee);
        // Where one that counts elsewhere is made beside it, somebody chooses between them.
        let chosen = store.is_empty()
            && facts.calls().any(|(id, _)| SHARED.iter().any(|maker| is_named(&symbol_of(id), maker)));
        if chosen {
            continue;
        }
        for (id, call) in facts.calls() {
            let symbol = symbol_of(id);
            if makers.iter().any(|maker| is_named(&symbol, maker))
                && is_given_nothing(place, id, store)
                && !is_insurance(place, id)
            {
                out.push(place.found(facts.span(id.chunk, call.at), [], []));
            }
        }
    }
    out
}

/// `rateLimit(options)` as the examples of Next.js have it: a function that keeps an `LRUCache` of counts, whose
/// callers answer 429.
fn buckets<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let (project, facts) = (place.project, &place.input.facts);
    if !facts.specifiers.iter().any(|specifier| &**specifier == "lru-cache") {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (id, call) in facts.calls().filter(|(_, call)| call.is_new) {
        let Some(number) = call.function else { continue };
        let function = FunctionId { chunk: id.chunk, number };
        let name = facts.function(function).name.clone().unwrap_or_default().to_ascii_lowercase();
        let symbol = Resolver::new(project).symbol(place.file, id.chunk, &call.callee);
        let limits = name.contains("limit") || name.contains("throttle");
        if !limits || !["lru-cache#LRUCache", "lru-cache#default"].iter().any(|it| is_named(&symbol, it)) {
            continue;
        }
        let refused = project.numbers().find_map(|caller| {
            let links = project.links(caller)?;
            links.edges.iter().find(|edge| edge.to == (place.file, function) && edge.from.is_none())?;
            let entry = links.entries.iter().position(|entry| {
                entry.roots.iter().any(|&(at, root)| at == caller && refuses(project, at, root))
            })?;
            Some((caller, entry))
        });
        if let Some((caller, entry)) = refused {
            let mut found = place.found(facts.span(id.chunk, call.head), [], []);
            found.evidence.host(caller);
            if let Some(entry) = project.links(caller).and_then(|links| links.entries.get(entry)) {
                found.evidence.set("entry", entry.label.clone());
            }
            out.push(found);
        }
    }
    out
}

/// Whether the options are all known and name no store.
fn is_given_nothing(place: &Place<'_>, id: CallId, store: &str) -> bool {
    match place.input.facts.call(id).args.first() {
        // Nothing, or a list of limits alone.
        None | Some(Shape::Array(_)) => true,
        Some(_) if store.is_empty() => true,
        Some(given) => options(place.project, place.file, id.chunk, given)
            .is_some_and(|entries| !entries.iter().any(|(key, _)| key == store || key == "...")),
    }
}

/// Whether a limiter only stands in while another, which counts elsewhere, cannot be reached.
fn is_insurance(place: &Place<'_>, id: CallId) -> bool {
    let facts = &place.input.facts;
    let name = super::super::holder(place.input, id);
    facts.calls().any(|(_, call)| {
        call.args.iter().filter_map(|options| options.get("insuranceLimiter")).any(|value| match value {
            Shape::Call(number) => *number == id.number,
            Shape::Name(used) => name.as_deref() == Some(&*used.text),
            _ => false,
        })
    })
}
