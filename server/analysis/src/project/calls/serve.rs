//! Which routes a request is for.

use super::{Client, ClientCall, Origin};
use crate::package::{MoveKind, NextProject};
use crate::path::FilePath;
use crate::project::routes::address::{Address, Fit, pieces, rewritten};
use crate::project::routes::table::{Framework, Kind, Route, Table};
use crate::project::{FileNo, Project};

/// A route that a request may be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answerer {
    /// Its number in the table.
    pub(crate) route: usize,
    pub(crate) fit: Fit,
}

/// The routes that a request is for: one where that is proven, several where holes decide, none where nobody
/// answers or nobody can tell.
pub(crate) fn answerers(
    project: &Project,
    table: &Table,
    file: FileNo,
    request: &ClientCall,
) -> Vec<Answerer> {
    let Some(input) = project.file(file) else { return Vec::new() };
    if request.origin == Origin::External || !request.path.contains(|c: char| c.is_alphanumeric()) {
        return Vec::new();
    }
    let root = input.package.root.as_ref();
    let path = asked(input.package.next.as_ref(), request);
    let able = |mut numbers: Vec<usize>| {
        numbers.retain(|number| may_answer(&table.routes[*number], request));
        numbers
    };
    let here = |path: &str| best(table, &able(table.index.of(root, path)), path, request);
    let mut found = here(&path);
    // What no file serves may be served by another path.
    if found.is_empty()
        && let Some(other) = input.package.next.as_ref().and_then(|next| moved(next, &path))
    {
        found = here(&other);
    }
    if !found.is_empty() || request.by == Client::Test {
        return found;
    }
    // A path leads to the server of the page; only what has no app of its own may be served by another one.
    let elsewhere = request.origin != Origin::Own || input.package.next.is_none();
    if !elsewhere {
        return found;
    }
    let found = best(table, &able(table.index.elsewhere(root, &path)), &path, request);
    // Of two apps that have such a route nobody can tell which one is meant.
    let mut roots: Vec<Option<&FilePath>> = found
        .iter()
        .filter_map(|it| project.file(table.routes[it.route].file))
        .map(|input| input.package.root.as_ref())
        .collect();
    roots.dedup();
    if roots.len() > 1 { Vec::new() } else { found }
}

/// The path that the server sees.
fn asked(next: Option<&NextProject>, request: &ClientCall) -> String {
    let base = next.map(|next| next.base_path.as_str()).unwrap_or_default();
    // `Link` and the router put the base path before what they are given.
    if request.by == Client::Navigation {
        format!("{base}{}", request.path)
    } else {
        request.path.to_string()
    }
}

/// The path that a rewrite of the configuration gives a path that no file serves.
fn moved(next: &NextProject, path: &str) -> Option<String> {
    let inside = path.strip_prefix(next.base_path.as_str())?;
    let first =
        next.moves.as_ref()?.iter().find(|it| Address::of_source(&it.source).fits(inside) != Fit::No)?;
    if first.kind != MoveKind::Rewrite || first.conditional {
        return None;
    }
    let other = rewritten(&first.source, first.destination.as_deref()?, inside)?;
    Some(format!("{}{other}", next.base_path))
}

fn may_answer(route: &Route, request: &ClientCall) -> bool {
    route.kind != Kind::Metadata && (request.by != Client::Test || route.framework == Framework::Express)
}

/// Those that serve a path, the exacter ones alone.
fn best(table: &Table, candidates: &[usize], path: &str, request: &ClientCall) -> Vec<Answerer> {
    let pieces = pieces(path);
    let mut found: Vec<Answerer> = candidates
        .iter()
        .map(|&route| Answerer { route, fit: table.routes[route].address.fits_pieces(&pieces) })
        .filter(|it| it.fit != Fit::No)
        .collect();
    // Express asks for the method too, and takes the first that fits; a method that nobody serves is no reason to
    // take another URL.
    if let Some(method) = request.method.as_deref() {
        let serves = |it: &Answerer| {
            let route = &table.routes[it.route];
            route.framework != Framework::Express || route.answer(method).is_some()
        };
        if found.iter().any(serves) {
            found.retain(serves);
        }
    }
    let sure = found.iter().filter(|it| it.fit == Fit::Yes);
    if let Some(rank) = sure.map(|it| table.routes[it.route].address.rank()).min() {
        found.retain(|it| it.fit == Fit::Yes && table.routes[it.route].address.rank() == rank);
    }
    // With an unknown address in front a catch-all would take everything.
    if request.origin == Origin::Unknown {
        found.retain(|it| {
            let route = &table.routes[it.route];
            it.fit == Fit::Yes && !route.address.is_open() && route.address.words() > 0
        });
    }
    found
}
