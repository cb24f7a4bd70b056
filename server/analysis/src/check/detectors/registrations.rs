//! The order of registrations on Express applications.
//!
//! Everything here speaks only where the order of a router's layers is proven and no condition decides whether
//! a layer is there.

use crate::check::handlers;
use crate::check::needs::{self, Need};
use crate::finding::{Related, Severity};
use crate::project::FileNo;
use crate::project::express::{self, Coverage, Express, Handler, Layer, LayerKind, Path, Route, Router, Url};

use crate::tables::Effect;

use super::{Detected, Place};

/// Middleware that does nothing for what is registered before it, by package and export.
const BEFORE_ROUTES: &[(&str, &[&str])] = &[
    ("body-parser", &["json", "urlencoded", "default.json", "default.urlencoded"]),
    ("compression", &["", "default"]),
    ("cookie-parser", &["", "default"]),
    ("cookie-session", &["", "default"]),
    ("cors", &["", "default"]),
    ("express", &["json", "urlencoded", "default.json", "default.urlencoded"]),
    ("express-session", &["", "default"]),
    ("helmet", &["", "default"]),
    ("passport", &["initialize", "session", "default.initialize", "default.session"]),
];

/// Registrations of a file that stand in the wrong place.
pub(super) fn misplaced<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some(express) = place.project.express_of(place.file) else { return Vec::new() };
    let mut found = Vec::new();
    for (number, router) in own(place, express) {
        for (at, layer) in router.layers.iter().enumerate() {
            if layer.call.0 != place.file || layer.kind != LayerKind::Use || layer.maybe {
                continue;
            }
            let said = if is_pathless(layer) {
                error_handler(place, express, number, at)
                    .or_else(|| not_found(place, express, number, at))
                    .or_else(|| before_session(place, express, number, at))
                    .or_else(|| missed(place, express, number, at))
                    .or_else(|| too_late(place, express, number, at))
            } else {
                missed(place, express, number, at)
            };
            let said = said.or_else(|| guards_nothing(place, express, number, at));
            if let (Some(said), Some(span)) = (said, express::span(place.project, layer.call)) {
                let mut one = place.found(span, [("what", said.what)], [said.other]);
                if let Some(severity) = said.severity {
                    one.evidence.weigh(severity);
                }
                found.push(one);
            }
        }
    }
    found
}

/// What is wrong with a registration.
struct Said {
    what: String,
    /// The place that it should stand above, or below.
    other: Related,
    /// Where it matters less than the rule as such.
    severity: Option<Severity>,
}

impl Said {
    fn error(what: String, other: Related) -> Self {
        Self { what, other, severity: None }
    }

    fn warning(what: String, other: Related) -> Self {
        Self { what, other, severity: Some(Severity::Warning) }
    }
}

/// Routers whose order is proven and that have layers in the file.
fn own<'p>(place: &Place<'p>, express: &'p Express) -> impl Iterator<Item = (u32, &'p Router)> {
    let file: FileNo = place.file;
    express
        .routers
        .iter()
        .enumerate()
        .filter(move |(_, router)| router.ordered && router.layers.iter().any(|layer| layer.call.0 == file))
        .map(|(number, router)| (number as u32, router))
}

fn is_pathless(layer: &Layer) -> bool {
    layer.paths.iter().all(|path| matches!(path, Path::Text(text) if text == "/"))
}

/// The routes that a layer of a router brings, itself or by what it mounts.
fn routes_of(express: &Express, router: u32, layer: usize) -> impl Iterator<Item = &Route> {
    let at = (router, layer as u32);
    express.routes.iter().filter(move |route| route.layer == at || route.mounts.contains(&at))
}

/// Whether a route is one of the last resort: everything, whatever the URL.
fn is_catch_all(route: &Route) -> bool {
    route.url.regexp || !route.url.known || route.url.text.contains('*')
}

/// Error middleware with routes behind it whose errors nobody gets.
fn error_handler(place: &Place<'_>, express: &Express, router: u32, at: usize) -> Option<Said> {
    let own = &express.routers[router as usize];
    let layer = &own.layers[at];
    let is_handler = |handler: &Handler| handler.function.is_some() && handler.arity == Some(4);
    if layer.handlers.is_empty() || !layer.handlers.iter().all(is_handler) {
        return None;
    }
    // Error middleware of a router that is mounted may mean its own part only; that of the application means all.
    if !own.is_app || !own.mounted.is_empty() {
        return None;
    }
    let behind = (at + 1..own.layers.len())
        .filter(|&number| !own.layers[number].maybe && own.layers[number].kind != LayerKind::Opaque)
        .flat_map(|number| routes_of(express, router, number).map(move |route| (number, route)))
        .filter(|(_, route)| route.errors.is_none() && !is_catch_all(route));
    let (number, route) = behind.max_by_key(|(number, _)| *number)?;
    let opaque = own.layers[at..].iter().any(|layer| layer.kind == LayerKind::Opaque || layer.maybe);
    // Unknown code behind it may bring another one.
    if opaque {
        return None;
    }
    let what = format!(
        "never gets the errors of `{} {}`, which is registered after it. Move it below the last route",
        route.method(express),
        route.url.shown()
    );
    Some(Said::error(what, related(place, own.layers[number].call, "the last route is registered here")?))
}

/// Middleware that answers everything, with routes behind it.
fn not_found(place: &Place<'_>, express: &Express, router: u32, at: usize) -> Option<Said> {
    let own = &express.routers[router as usize];
    let layer = &own.layers[at];
    // Without a third parameter there is no way to go on.
    let ends = |handler: &Handler| handler.function.is_some() && handler.arity.is_some_and(|it| it < 3);
    if !layer.handlers.iter().any(ends) {
        return None;
    }
    let behind = (at + 1..own.layers.len())
        .flat_map(|number| routes_of(express, router, number).map(move |route| (number, route)));
    let (number, route) = behind.max_by_key(|(number, _)| *number)?;
    let what = format!(
        "never calls `next`, so `{} {}`, which is registered after it, is never reached. Move it below the last \
         route",
        route.method(express),
        route.url.shown()
    );
    Some(Said::error(what, related(place, own.layers[number].call, "the last route is registered here")?))
}

/// The package and export of middleware that is for what stands behind it.
fn package(handler: &Handler) -> Option<(&'static str, String)> {
    let (specifier, export) = handler.package.as_ref()?;
    let (known, exports) = BEFORE_ROUTES.iter().find(|(known, _)| known == specifier)?;
    exports.contains(&export.as_str()).then(|| (*known, export.to_string()))
}

/// Middleware for all routes, behind all of them.
fn too_late(place: &Place<'_>, express: &Express, router: u32, at: usize) -> Option<Said> {
    let own = &express.routers[router as usize];
    let layer = &own.layers[at];
    let [handler] = layer.handlers.as_slice() else { return None };
    let package = package(handler)?;
    // Whatever else stands behind it may answer requests: a router, `app.use("/trpc", …)`, the handler of Next.js.
    let ends = |it: &Handler| it.is_for_errors() || self::package(it).is_some();
    let is_end = |layer: &Layer| layer.kind == LayerKind::Use && layer.handlers.iter().all(ends);
    if !own.layers[at + 1..].iter().all(is_end) {
        return None;
    }
    let same = |it: &Handler| {
        it.package
            .as_ref()
            .is_some_and(|(specifier, export)| *specifier == package.0 && *export == *package.1)
    };
    let without = |route: &&Route| !route.opaque && !route.chain.iter().any(|it| same(express.handler(it)));
    let (number, route) = (0..at)
        .filter(|&number| !own.layers[number].maybe)
        .find_map(|number| Some((number, routes_of(express, router, number).find(without)?)))?;
    let what = format!(
        "runs for no route: `{} {}` and all others are registered before it. Move it above the first route",
        route.method(express),
        route.url.shown()
    );
    let other = related(place, own.layers[number].call, "the first route is registered here")?;
    // Without a parser or a session handlers fail; without the others they answer all the same.
    let needed = Need::ALL.iter().any(|need| need.is_met_by(handler)) || package.0 == "passport";
    Some(if needed { Said::error(what, other) } else { Said::warning(what, other) })
}

/// A parser, cookies or a session behind a route that reads what it brings.
fn missed(place: &Place<'_>, express: &Express, router: u32, at: usize) -> Option<Said> {
    let own = &express.routers[router as usize];
    let layer = &own.layers[at];
    let [handler] = layer.handlers.as_slice() else { return None };
    let need = Need::ALL.into_iter().find(|need| need.is_met_by(handler))?;
    let (number, route, unmet) = (0..at).filter(|&number| !own.layers[number].maybe).find_map(|number| {
        routes_of(express, router, number).find_map(|route| {
            let meant = is_pathless(layer) || is_for(own, layer, route, router);
            let unmet = meant.then(|| needs::unmet(place.project, route, need)).flatten()?;
            Some((number, route, unmet))
        })
    })?;
    let mut what = format!(
        "runs after `{} {}`, which reads `req.{}` and finds `undefined`. Move it above that route",
        route.method(express),
        route.url.shown(),
        unmet.key
    );
    if express.layer(route.layer).call.0 != own.layers[number].call.0 {
        what = what.replace("above that route", "above where its router is mounted");
    }
    Some(Said::error(what, related(place, own.layers[number].call, "this route is registered before it")?))
}

/// Whether what is registered with a path on an application is for a route of it, whatever the request.
fn is_for(own: &Router, layer: &Layer, route: &Route, router: u32) -> bool {
    own.is_app
        && own.mounted.is_empty()
        && route.root == router
        && layer
            .paths
            .iter()
            .any(|path| Url::root().join(Some(path)).covers(&route.url, true) == Coverage::Always)
}

/// `passport.session()` before the session that it reads.
fn before_session(place: &Place<'_>, express: &Express, router: u32, at: usize) -> Option<Said> {
    let own = &express.routers[router as usize];
    let is_passport = |handler: &Handler| {
        handler.package.as_ref().is_some_and(|(specifier, export)| {
            specifier == "passport" && matches!(export.as_str(), "session" | "default.session")
        })
    };
    let is_session = |layer: &&Layer| {
        layer.kind == LayerKind::Use
            && !layer.maybe
            && is_pathless(layer)
            && layer.handlers.iter().any(|handler| Need::Session.is_met_by(handler))
    };
    if !own.is_app || !own.mounted.is_empty() || !own.layers[at].handlers.iter().any(is_passport) {
        return None;
    }
    let known = |layer: &Layer| {
        layer.kind != LayerKind::Opaque
            && !layer.maybe
            && layer.handlers.iter().all(|it| it.package.is_some())
    };
    // A session of the project's own, or of a package that is not known, may stand before it.
    let sessions = own.layers[..at].iter().filter(|layer| layer.kind == LayerKind::Use);
    if sessions.into_iter().any(|layer| !known(layer) || is_session(&layer)) {
        return None;
    }
    let behind = own.layers[at + 1..].iter().find(is_session)?;
    let what =
        "needs a session, and the session comes after it: every request fails. Move it below the session";
    Some(Said::error(what.to_owned(), related(place, behind.call, "the session is registered here")?))
}

/// A check of who asks, or a limit, behind every route that it is for.
fn guards_nothing(place: &Place<'_>, express: &Express, router: u32, at: usize) -> Option<Said> {
    let own = &express.routers[router as usize];
    let layer = &own.layers[at];
    if !own.is_app || !own.mounted.is_empty() || layer.handlers.iter().any(|it| it.router.is_some()) {
        return None;
    }
    let [handler] = layer.handlers.as_slice() else { return None };
    let (spoken, effect) = [("checks who asks", Effect::ChecksAuth), ("limits", Effect::LimitsRate)]
        .into_iter()
        .find(|(_, effect)| handlers::has(place.project, handler, *effect))?;
    let paths: Vec<Url> = if layer.paths.is_empty() {
        vec![Url::root()]
    } else {
        layer.paths.iter().map(|path| Url::root().join(Some(path))).collect()
    };
    let reached = |route: &Route| {
        let best = paths.iter().map(|url| url.covers(&route.url, true)).max();
        best.unwrap_or(Coverage::Never)
    };
    // Nothing behind it that it could be for.
    let behind_is_known = own.layers[at + 1..].iter().enumerate().all(|(number, later)| {
        let number = at + 1 + number;
        match &later.kind {
            LayerKind::Opaque => false,
            LayerKind::Use => {
                let known = |it: &Handler| {
                    it.is_for_errors()
                        || it.router.is_some()
                        || self::package(it).is_some()
                        || it.package.is_some() && handlers::has(place.project, it, Effect::LimitsRate)
                };
                let apart = !later.paths.is_empty()
                    && later.paths.iter().all(|path| {
                        let url = Url::root().join(Some(path));
                        paths.iter().all(|own| {
                            own.covers(&url, true) == Coverage::Never
                                && url.covers(own, true) == Coverage::Never
                        })
                    });
                let last = later.handlers.iter().all(|it| it.function.is_some() && it.arity == Some(2));
                (apart || last || later.handlers.iter().all(known))
                    && routes_of(express, router, number).all(|route| reached(route) == Coverage::Never)
            }
            LayerKind::Param(_) => true,
            _ => routes_of(express, router, number)
                .all(|route| reached(route) == Coverage::Never || is_catch_all(route)),
        }
    });
    if !behind_is_known {
        return None;
    }
    let without = |route: &&Route| {
        reached(route) == Coverage::Always
            && !route.opaque
            && !route.chain.iter().any(|it| handlers::has(place.project, express.handler(it), effect))
    };
    let (number, route) = (0..at)
        .filter(|&number| !own.layers[number].maybe)
        .find_map(|number| Some((number, routes_of(express, router, number).find(without)?)))?;
    let what = format!(
        "{spoken} for no route: `{} {}` and all others that it is for are registered before it. Move it above them",
        route.method(express),
        route.url.shown()
    );
    Some(Said::warning(what, related(place, own.layers[number].call, "the first route is registered here")?))
}

fn related(place: &Place<'_>, call: (FileNo, crate::facts::CallId), message: &str) -> Option<Related> {
    Some(Related {
        path: place.project.file(call.0)?.path.clone(),
        span: express::span(place.project, call)?,
        message: message.to_owned(),
    })
}

/// Routes of a file that an earlier one of the same router answers.
pub(super) fn shadowed<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some(express) = place.project.express_of(place.file) else { return Vec::new() };
    let mut found = Vec::new();
    for (_, router) in own(place, express) {
        if router.strict || router.case_sensitive {
            continue;
        }
        for (at, layer) in router.layers.iter().enumerate() {
            let LayerKind::Method(method) = &layer.kind else { continue };
            if layer.call.0 != place.file || layer.maybe {
                continue;
            }
            let Some(urls) = urls(layer) else { continue };
            let earlier = router.layers[..at].iter().find(|earlier| {
                let same = match &earlier.kind {
                    LayerKind::Method(other) => other == method,
                    LayerKind::All => true,
                    _ => false,
                };
                same && !earlier.maybe
                    && answers(place, router, earlier)
                    && self::urls(earlier).is_some_and(|theirs| {
                        urls.iter()
                            .all(|url| theirs.iter().any(|it| it.covers(url, false) == Coverage::Always))
                    })
            });
            let Some(earlier) = earlier else { continue };
            let (Some(first), Some(url)) = (self::urls(earlier), urls.first()) else { continue };
            let wins =
                first.iter().find(|it| it.covers(url, false) == Coverage::Always).map_or("", |it| it.shown());
            let said = if wins == url.shown() {
                format!("`{wins}` is registered for {method} before, and that handler answers")
            } else {
                format!("`{wins}` before it matches `{}` too, and answers", url.shown())
            };
            if let (Some(span), Some(other)) = (
                express::span(place.project, layer.call),
                related(place, earlier.call, "this route answers the request"),
            ) {
                let route = format!("{method} {}", url.shown());
                found.push(place.found(span, [("what", said), ("path", route)], [other]));
            }
        }
    }
    found
}

/// The URLs of a route seen from its own router, where they are texts.
fn urls(layer: &Layer) -> Option<Vec<Url>> {
    layer
        .paths
        .iter()
        .map(|path| matches!(path, Path::Text(_)).then(|| Url::root().join(Some(path))))
        .collect::<Option<Vec<_>>>()
        .filter(|urls| !urls.is_empty())
}

/// Whether a route never lets a later one have the request: its last handler does not go on, and none before it goes
/// on to the next route; nor does what is called for a parameter of its path.
fn answers(place: &Place<'_>, router: &Router, layer: &Layer) -> bool {
    let Some((last, before)) = layer.handlers.split_last() else { return false };
    let texts =
        || layer.paths.iter().filter_map(|path| if let Path::Text(text) = path { Some(text) } else { None });
    let called = router.layers.iter().filter(|it| {
        matches!(&it.kind, LayerKind::Param(name) if texts().any(|text| express::parameters(text).contains(&name.as_str())))
    });
    handlers::keeps_requests(place.project, last)
        && before
            .iter()
            .chain(called.flat_map(|it| &it.handlers))
            .all(|it| handlers::stays_in_route(place.project, it))
}
