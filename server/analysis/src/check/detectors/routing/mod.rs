//! URLs that nobody answers, that two files answer, or that the code should not ask for.

mod conflicts;
mod crons;
mod misplaced;
mod nearest;
mod requests;
mod unused;

pub(super) use conflicts::{conflict, names};
pub(crate) use crons::asked;
pub(super) use crons::without_route;
pub(super) use misplaced::misplaced;
pub(crate) use misplaced::route_home;
pub(crate) use nearest::nearest;
pub(super) use requests::{missing, self_request, wrong_method};
pub(super) use unused::unused;

use super::{Detected, Place, proxies};
use crate::facts::Shape;
use crate::project::matcher::{Coverage, Matchers};
use crate::project::routes::address::{Address, Fit, HOLE};
use crate::project::{FileNo, Project, Resolution};

/// Packages that answer requests beside Next.js, or make believe that somebody does.
const SERVERS: &[&str] = &[
    "@hapi/hapi",
    "@mswjs/data",
    "express",
    "fastify",
    "http-proxy-middleware",
    "json-server",
    "koa",
    "miragejs",
    "msw",
    "next-connect",
];

/// Packages that a proxy may use without a request being served by another path for it.
const PLAIN: &[&str] = &["next/server", "next/headers", "jose", "server-only", "zod"];

/// Whether it is known of everything that may answer a path of the app that a file belongs to.
fn is_closed(place: &Place<'_>, path: &str) -> bool {
    let package = &place.input.package;
    let Some(next) = &package.next else { return false };
    let known = place.project.is_complete()
        && next.config_known
        && next.base_path.is_empty()
        && next.output.as_deref() != Some("export")
        && !next.served_beside
        && next.custom_server.is_none();
    known
        && !SERVERS.iter().any(|name| package.dependencies.contains(*name))
        && package.target.id.as_ref() != "netlify"
        && !is_rewritten(place, path)
        && !may_answer(place, path)
}

/// Whether a rewrite or a redirect of the configuration may take a path.
fn is_rewritten(place: &Place<'_>, path: &str) -> bool {
    let Some(next) = &place.input.package.next else { return true };
    match &next.moves {
        Some(moves) => moves.iter().any(|it| Address::of_source(&it.source).fits(path) != Fit::No),
        None => true,
    }
}

/// Whether the proxy of the app may answer a path itself, or have it answered by another one.
fn may_answer(place: &Place<'_>, path: &str) -> bool {
    let Some(next) = &place.input.package.next else { return true };
    let sample: String = path
        .split('/')
        .map(|it| if it.contains(HOLE) { "/[x]".to_owned() } else { format!("/{it}") })
        .collect();
    let sample = sample.trim_start_matches('/');
    proxies(place.project, place.input).any(|(file, input)| {
        let coverage =
            Matchers::of(input).map_or(Coverage::Depends, |it| it.covers(next, &format!("/{sample}")));
        coverage != Coverage::Never && rewrites(place.project, file, 0)
    })
}

/// Whether the code of a proxy, or what it imports, may answer by another path: by a rewrite, or by what a package
/// does that is not known.
fn rewrites(project: &Project, file: FileNo, depth: u32) -> bool {
    let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { return true };
    let facts = &input.facts;
    let calls = facts.calls().any(|(_, call)| {
        matches!(&call.callee, Shape::Member(_, name) if matches!(name.as_str(), "rewrite" | "json"))
            || (call.is_new && matches!(call.callee.last(), Some("Response" | "NextResponse")))
    });
    let packages = facts.imports().filter(|(_, import)| !import.type_only).any(|(_, import)| {
        let specifier = import.specifier.as_str();
        match project.resolution(file, specifier) {
            Some(Resolution::File(_)) => false,
            _ => !PLAIN.contains(&specifier) && !specifier.starts_with("node:"),
        }
    });
    calls
        || packages
        || depth > 3
        || links.loads.iter().any(|it| *it != file && rewrites(project, *it, depth + 1))
}
