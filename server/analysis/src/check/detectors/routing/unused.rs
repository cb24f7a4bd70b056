//! Routes that nothing in the project asks for.

use super::{Detected, Place, is_closed};
use crate::project::routes::table::{Framework, Kind};

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
    let table = project.table();
    let callers = table.callers(project);
    let mut out = Vec::new();
    for &number in table.of_file(place.file) {
        let (route, callers) = (&table.routes[number], &callers[number]);
        if route.framework == Framework::Express
            || route.kind != Kind::Endpoint
            || !callers.is_empty()
            || route.address.is_open()
        {
            continue;
        }
        let url = route.url.to_lowercase();
        if OUTSIDE.iter().any(|word| url.contains(word)) || !is_closed(place, &route.url) {
            continue;
        }
        let Some(span) = route.span(project) else { continue };
        out.push(place.found(span, [("path", route.url.clone())], []));
    }
    out
}
