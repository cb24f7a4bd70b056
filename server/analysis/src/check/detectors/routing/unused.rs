//! Routes that nothing in the project asks for.

use super::{Detected, Place, is_closed};
use crate::project::routes::address::Address;
use crate::project::routes::table::Kind;

/// Words in URLs that somebody from outside asks for.
const OUTSIDE: &[&str] = &[
    "auth",
    "callback",
    "cron",
    "feed",
    "health",
    "hook",
    "inngest",
    "job",
    "oauth",
    "og",
    "ping",
    "public",
    "queue",
    "revalidate",
    "rss",
    "sitemap",
    "status",
    "trpc",
    "upload",
    "v1",
    "v2",
    "webhook",
    "well-known",
];

/// Handlers of a route that no request of the project is for.
pub(in crate::check::detectors) fn unused<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    let served = project.links(place.file).and_then(|links| links.served.as_ref());
    let Some(served) = served.filter(|it| it.kind == Kind::Endpoint) else { return Vec::new() };
    let url = served.url.to_lowercase();
    if OUTSIDE.iter().any(|word| url.contains(word))
        || Address::of_next(&served.url).is_open()
        || !is_closed(place, &served.url)
    {
        return Vec::new();
    }
    // Who calls which route changes more often than all that.
    let (table, callers) = (project.table(), project.callers());
    let numbers = table.of_file(place.file).iter();
    let routes = numbers.map(|&number| (&table.routes[number], &callers[number]));
    routes
        .filter(|(route, callers)| route.express.is_none() && callers.is_empty())
        .filter_map(|(route, _)| route.span(project))
        .map(|span| place.found(span, [("path", served.url.clone())], []))
        .collect()
}
