//! Words about the proxy: what its matcher covers, and the headers that it passes on.

use crate::facts::{CallId, Shape};
use crate::project::matcher::{Coverage, Matchers};
use crate::project::routes::{self, Role};
use crate::project::{FileNo, Resolver, Symbol};
use crate::rules::{Condition, Word};

use super::super::{Evidence, Site};
use super::handlers::parameter;
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "matcher-fault",
        0,
        matcher_fault,
        "`(#matcher-fault? @at)`: always holds; tells what Next.js does with this part of a matcher",
    ),
    Word::of(
        "matcher-gap",
        0,
        matcher_gap,
        "`(#matcher-gap? @prefix)`: the proxy's matcher leaves out a handler below this path that changes data",
    ),
    Word::of(
        "matches-no-route",
        0,
        matches_no_route,
        "`(#matches-no-route? @matcher)`: no route of the project is below this path of `/api`, though others are",
    ),
    Word::of(
        "request-headers",
        0,
        |site, condition, _| {
            let Some(captured) = site.captured(condition) else { return false };
            is_request_headers(site, site.chunk, &site.shape(captured), 0)
        },
        "`(#request-headers? @headers)`: the value is the headers of the request, or a copy of them",
    ),
];

/// Without its quotes.
fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`'])
}

fn matcher_fault(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let version = evidence.package().versions.get("next");
    let next = version
        .map_or_else(|| "Next.js".to_owned(), |it| format!("Next.js {}.{}.{}", it.major, it.minor, it.patch));
    let text = captured.text.as_str();
    let (what, name) = if text.starts_with(['"', '\'']) || (text.starts_with('`') && !text.contains("${")) {
        (
            format!("{next} stops the build: a matcher is a path and starts with `/`"),
            "Write the path from the root",
        )
    } else {
        // Until Next.js 14 the whole `config` is dropped with a warning.
        let outcome = match version.map(|it| it.major) {
            Some(major) if major < 15 => "so it ignores `config` and runs this file for every request",
            _ => "so the build stops",
        };
        let shown = if text.len() > 40 || text.contains(['\n', '`']) { "this" } else { &format!("`{text}`") };
        (
            format!("{next} reads the matcher without running code and cannot read {shown}, {outcome}"),
            "Write the paths out as strings",
        )
    };
    evidence.set("what", what);
    evidence.set("name", name);
    true
}

/// Every handler of the package that has a URL and changes data, in the order of paths.
fn writers<'p>(site: &Site<'p>) -> impl Iterator<Item = (FileNo, String, &'p str)> {
    let project = site.project;
    let root = site.input.package.root.clone();
    project
        .numbers()
        .filter_map(move |file| Some((file, project.file(file)?, project.links(file)?)))
        .flat_map(move |(file, input, links)| {
            let here = input.package.root == root;
            links.entries.iter().filter(move |_| here).filter_map(move |entry| {
                let method = entry.method.as_deref()?;
                let changes =
                    entry.kind == "app-route" && matches!(method, "POST" | "PUT" | "PATCH" | "DELETE");
                changes.then(|| Some((file, entry.url.clone()?, method))).flatten()
            })
        })
}

fn is_below(url: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    url.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn matcher_gap(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let (Some(next), Some(captured)) = (&site.input.package.next, site.captured(condition)) else {
        return false;
    };
    let Some(matchers) = Matchers::of(site.input).filter(|_| site.project.is_complete()) else {
        return false;
    };
    let prefix = unquoted(&captured.text);
    let below = |url: &str| is_below(url.strip_prefix(next.base_path.as_str()).unwrap_or(url), prefix);
    if prefix.trim_matches('/').is_empty() || captured.text.contains("${") {
        return false;
    }
    let missed =
        writers(site).find(|(_, url, _)| below(url) && matchers.covers(next, url) == Coverage::Never);
    let Some((file, url, method)) = missed else { return false };
    evidence.set("what", format!("The matcher leaves out `{method} {url}`, so this check never sees it"));
    evidence.set("name", format!("Add `{}/:path*` to `config.matcher`", prefix.trim_end_matches('/')));
    let links = site.project.links(file);
    let entry = links.and_then(|links| {
        links
            .entries
            .iter()
            .find(|it| it.url.as_deref() == Some(&*url) && it.method.as_deref() == Some(method))
    });
    if let (Some(entry), Some(input)) = (entry, site.project.file(file)) {
        evidence.relate([crate::finding::Related {
            path: input.path.clone(),
            span: entry.span(&input.facts),
            message: format!("`{method} {url}` answers without the proxy"),
        }]);
    }
    true
}

fn matches_no_route(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let (Some(next), Some(captured)) = (&site.input.package.next, site.captured(condition)) else {
        return false;
    };
    // A rewrite or another server may serve what no file does.
    if !site.project.is_complete()
        || !next.config_known
        || next.rewrites
        || next.i18n
        || next.custom_server.is_some()
    {
        return false;
    }
    let source = unquoted(&captured.text);
    let literal =
        |segment: &&str| !segment.contains([':', '(', ')', '{', '}', '*', '+', '?', '\\', '[', ']']);
    let fixed: Vec<&str> = source.split('/').skip(1).take_while(literal).collect();
    if fixed.first() != Some(&"api") || fixed.len() < 2 {
        return false;
    }
    let mut api = 0;
    for file in site.project.numbers() {
        let Some(input) = site.project.file(file).filter(|it| it.package.root == site.input.package.root)
        else {
            continue;
        };
        if !matches!(
            routes::role(next, &input.path),
            Role::RouteHandler | Role::PagesApi | Role::AppPage | Role::Page
        ) {
            continue;
        }
        let Some(url) = routes::url(next, &input.path) else { continue };
        let inside = url.strip_prefix(next.base_path.as_str()).unwrap_or(&url);
        let segments: Vec<&str> = inside.split('/').skip(1).collect();
        api += usize::from(segments.first() == Some(&"api"));
        if can_serve(&segments, &fixed) {
            return false;
        }
    }
    evidence
        .set("what", format!("No route of this project is below `{source}`, so this matcher covers nothing"));
    evidence.set("name", "Write the path as the routes have it");
    api > 0
}

/// Whether a route can serve a path that starts with these segments.
fn can_serve(route: &[&str], fixed: &[&str]) -> bool {
    for (number, wanted) in fixed.iter().enumerate() {
        match route.get(number) {
            Some(segment) if segment.contains("...") || segment.contains('(') => return true,
            Some(segment) if segment.starts_with('[') || segment == wanted => {}
            _ => return false,
        }
    }
    true
}

/// `request.headers`, `new Headers(request.headers)`, `await headers()`, and names for them.
fn is_request_headers(site: &Site<'_>, chunk: u32, shape: &Shape, depth: u32) -> bool {
    if depth > 6 {
        return false;
    }
    let facts = site.chunk_facts();
    match shape.awaited() {
        Shape::Name(name) => name.local.is_some_and(|local| {
            let decl = &facts.decls[local as usize];
            decl.parameter.is_none() && is_request_headers(site, chunk, &decl.value, depth + 1)
        }),
        Shape::Member(object, key) if key == "headers" => {
            let request = parameter(site, object, 0);
            request
                .is_some_and(|it| it.position == 0 && it.keys.is_empty() && is_called_request(site, object))
        }
        Shape::Call(number) => {
            let call = site.input.facts.call(CallId { chunk, number: *number });
            match Resolver::new(site.project).symbol(site.file, chunk, &call.callee) {
                Symbol::Global(name) if name == "Headers" && call.is_new => {
                    call.args.first().is_some_and(|first| is_request_headers(site, chunk, first, depth + 1))
                }
                symbol => is_named(&symbol, "next/headers#headers"),
            }
        }
        _ => false,
    }
}

/// A first parameter that is named or typed as the request.
fn is_called_request(site: &Site<'_>, shape: &Shape) -> bool {
    let Shape::Name(name) = shape else { return false };
    let decl = name.local.map(|local| &site.chunk_facts().decls[local as usize]);
    matches!(&*name.text, "request" | "req")
        || decl
            .and_then(|decl| decl.annotation.as_deref())
            .is_some_and(|it| matches!(it, "Request" | "NextRequest"))
}
