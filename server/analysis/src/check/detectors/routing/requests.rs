//! Requests of the code itself: for a URL that nobody answers, by a method that nobody answers, and of the server to
//! itself.

use super::{Detected, Place, is_closed, is_rewritten, may_answer, nearest};
use crate::facts::{Exported, FileFacts, FunctionId};
use crate::finding::{Related, Severity};
use crate::project::calls::{Client, ClientCall, Origin, answerers};
use crate::project::routes::address::{Fit, HOLE};
use crate::project::routes::table::{Framework, Kind, Route};
use crate::project::{FileNo, Project};

/// A path as a message shows it.
fn shown_path(path: &str) -> String {
    path.replace(HOLE, "…")
}

/// Requests for a URL below `/api` that no route of the app answers.
pub(in crate::check::detectors) fn missing<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    let Some(links) = project.links(place.file).filter(|links| !links.requests.is_empty()) else {
        return Vec::new();
    };
    let root = place.input.package.root.as_ref();
    let mut out = Vec::new();
    for request in &links.requests {
        let asks = request.origin == Origin::Own && request.by != Client::Test;
        if !asks || !request.path.starts_with("/api/") || place.input.package.next.is_none() {
            continue;
        }
        let table = project.table();
        if !answerers(project, table, place.file, request).is_empty() || !is_closed(place, &request.path) {
            continue;
        }
        let of_app = |route: &&Route| {
            project.file(route.file).is_some_and(|input| input.package.root.as_ref() == root)
        };
        let own: Vec<&Route> = table.routes.iter().filter(of_app).collect();
        let api = own.iter().any(|route| route.kind == Kind::Endpoint && route.url.starts_with("/api/"));
        let unknown = own.iter().any(|route| {
            !route.url_known || (route.kind == Kind::Metadata && route.address.fits(&request.path) != Fit::No)
        });
        if !api || unknown || has_default_base(project, request) {
            continue;
        }
        let near = nearest::nearest(project, root, &request.path);
        let remedy = match &near {
            Some(near) => format!("The nearest one is `{}`", near.route.url),
            None => "Correct the URL, or add the route".to_owned(),
        };
        let related = near.iter().filter_map(|near| named(project, near.route));
        let values = [("path", shown_path(&request.path)), ("remedy", remedy)];
        out.push(place.found(request.span(&place.input.facts), values, related));
    }
    out
}

/// Whether a base URL may be set for all requests of a library: `axios.defaults.baseURL = …`.
fn has_default_base(project: &Project, request: &ClientCall) -> bool {
    request.by != Client::Navigation && project.sets_base()
}

fn named(project: &Project, route: &Route) -> Option<Related> {
    let path = project.file(route.file)?.path.clone();
    Some(Related { path, span: route.span(project)?, message: format!("`{}` is answered here", route.url) })
}

/// Requests for a route of the App Router by a method that it does not export.
pub(in crate::check::detectors) fn wrong_method<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    let Some(links) = project.links(place.file).filter(|links| !links.requests.is_empty()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for request in links.requests.iter().filter(|it| it.origin == Origin::Own && it.by != Client::Test) {
        let Some(method) = request.method.as_deref() else { continue };
        let Some(route) = only(project, place.file, request) else { continue };
        let Some(input) = project.file(route.file) else { continue };
        // `export *` may bring more.
        let star = input.facts.exports().any(|(_, export)| matches!(export.exported, Exported::Star(_)));
        let answers = route.methods();
        if route.framework != Framework::NextApp
            || route.kind != Kind::Endpoint
            || answers.is_empty()
            || star
            || method == "OPTIONS"
            || route.answer(method).is_some()
            || !project.is_complete()
            || is_rewritten(place, &request.path)
                && place.input.package.next.as_ref().is_some_and(|it| it.rewrites)
            || may_answer(place, &request.path)
        {
            continue;
        }
        let list = names(&answers);
        let values = [
            ("path", shown_path(&request.path)),
            ("what", method.to_owned()),
            ("list", list),
            ("name", answers[0].clone()),
        ];
        out.push(place.found(request.span(&place.input.facts), values, named(project, route)));
    }
    out
}

/// `GET`, `POST` and `DELETE`.
fn names(methods: &[String]) -> String {
    match methods {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}

/// The one route that a request is for, where that is proven.
fn only<'p>(project: &'p Project, file: FileNo, request: &ClientCall) -> Option<&'p Route> {
    let table = project.table();
    match answerers(project, table, file, request)[..] {
        [found] if found.fit == Fit::Yes => table.routes.get(found.route),
        _ => None,
    }
}

/// Requests of code that runs on the server for a route of the same app.
pub(in crate::check::detectors) fn self_request<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    let facts = &place.input.facts;
    let (Some(links), Some(reach)) = (project.links(place.file), project.reach()) else { return Vec::new() };
    if links.requests.is_empty() || facts.use_client || place.input.package.next.is_none() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for request in &links.requests {
        let asks = matches!(request.by, Client::Fetch | Client::Library | Client::Wrapper);
        let own = matches!(request.origin, Origin::Own | Origin::Local | Origin::Env);
        let Some(function) = request.function.filter(|_| asks && own) else { continue };
        if !is_call(request) || looks_at_window(facts, function) {
            continue;
        }
        let Some(way) = reach.way(project, place.file, function) else { continue };
        let server = project.links(way.entry.0).and_then(|links| links.entries.get(way.entry.1 as usize));
        let on_server = server
            .is_some_and(|entry| matches!(entry.kind, "page" | "app-route" | "pages-api" | "server-action"));
        let same_app = project
            .file(way.entry.0)
            .is_some_and(|input| input.package.root == place.input.package.root && !input.facts.use_client);
        let Some(route) = only(project, place.file, request).filter(|route| route.kind == Kind::Endpoint)
        else {
            continue;
        };
        let of_app = project.file(route.file).is_some_and(|input| {
            input.package.root == place.input.package.root && input.package.next.is_some()
        });
        if !on_server || !same_app || !of_app {
            continue;
        }
        let relative = request.origin == Origin::Own;
        // Nobody calls a handler while the app is built, and some are split so on purpose.
        let rendered = server.is_some_and(|entry| entry.kind == "page");
        let what = if relative {
            "On the server there is no page that a path could belong to, so this request throws"
        } else if rendered {
            "The server sends a request to itself here, and nobody answers while the app is built"
        } else {
            "The server sends a request to itself here: one more round through the network"
        };
        let mut found = place.found(
            request.span(facts),
            [("path", route.url.clone()), ("what", what.to_owned())],
            named(project, route),
        );
        found.evidence.reached(&way);
        found.evidence.weigh(match (relative, rendered) {
            (true, _) => Severity::Error,
            (false, true) => Severity::Warning,
            (false, false) => Severity::Information,
        });
        out.push(found);
    }
    out
}

/// Made by a call: an element is for the browser.
fn is_call(request: &ClientCall) -> bool {
    !matches!(request.place, crate::project::calls::Place::Element(..))
}

/// Whether a function asks where it runs.
fn looks_at_window(facts: &FileFacts, function: FunctionId) -> bool {
    let chunk = &facts.chunks[function.chunk as usize].facts;
    chunk
        .reads
        .iter()
        .any(|read| matches!(read.name.as_str(), "window" | "document" | "navigator" | "location"))
}
