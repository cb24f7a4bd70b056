//! Who checks what before a route of Express answers: on the way of a request through the whole application.

use crate::project::express::{Handler, Route};
use crate::project::{Entry, FileNo, Project};
use crate::tables::Effect;

use super::{auth, handlers, needs};

/// The routes that an entry of Express registers.
pub(super) fn routes<'p>(project: &'p Project, file: FileNo, entry: &Entry) -> Vec<&'p Route> {
    let call = entry.call().filter(|_| entry.kind == "express");
    call.map_or_else(Vec::new, |call| project.express().routes_of(file, call).collect())
}

/// Everything that a request for a route passes, the last handler too.
fn passed<'p>(project: &'p Project, route: &'p Route) -> impl Iterator<Item = &'p Handler> {
    let express = project.express();
    let before = route.chain.iter().map(|passed| express.handler(passed));
    before.chain(route.handler(express))
}

/// Whether something on the way to a route checks who asks for certain.
pub(super) fn checks(project: &Project, route: &Route) -> bool {
    passed(project, route).any(|it| handlers::has(project, it, Effect::ChecksAuth))
}

/// Whether something on the way to a route may check who asks: whatever is not known may.
pub(super) fn could_check(project: &Project, route: &Route) -> bool {
    let root = &project.express().routers[route.root as usize];
    let known = !route.opaque && route.url.known && root.is_app && root.mounted.is_empty();
    !known || passed(project, route).any(|it| may_check(project, it))
}

fn may_check(project: &Project, handler: &Handler) -> bool {
    if handlers::has(project, handler, Effect::ChecksAuth) {
        return true;
    }
    match &handler.package {
        Some((package, _)) if !handlers::is_wrapper(package) => !needs::is_quiet(handler),
        _ => handler.roots.is_empty() || auth::could_check_in(project, &handler.roots),
    }
}

/// Whether an entry may check who asks, as [`auth::could_check`] tells it; for a route of Express by all that a request
/// passes.
pub(super) fn entry_could_check(project: &Project, file: FileNo, entry: &Entry) -> bool {
    if entry.kind != "express" {
        return auth::could_check(project, entry);
    }
    let routes = routes(project, file, entry);
    routes.is_empty() || routes.iter().any(|route| could_check(project, route))
}

/// Whether an entry checks who asks for certain.
pub(super) fn entry_checks(project: &Project, file: FileNo, entry: &Entry) -> bool {
    if entry.kind != "express" {
        return auth::has_effect(project, entry, &[Effect::ChecksAuth]);
    }
    let routes = routes(project, file, entry);
    !routes.is_empty() && routes.iter().all(|route| checks(project, route))
}
