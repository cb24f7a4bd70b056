//! What an Express application tells strangers that it need not.

use crate::check::target_of;
use crate::facts::Shape;
use crate::project::express::{Express, LayerKind, Router, RouterNo};
use crate::rules::Condition;

use super::super::super::{Evidence, Site};
use super::super::paths::{Folder, folder};

/// Hosts that give every service an address of the internet.
const PUBLIC: &[&str] = &["fly", "railway", "render", "vercel", "netlify"];

/// Packages that set the headers.
const HEADERS: &[&str] = &["helmet", "helmet-csp", "lusca"];

/// Packages of sessions: their cookies are for browsers.
const COOKIES: &[&str] = &["express-session", "cookie-session", "client-sessions", "csurf", "csrf-csrf"];

pub(super) fn is_open(site: &Site<'_>, condition: &Condition, _: &mut Evidence<'_>) -> bool {
    let Some(call) = site.call(condition) else { return false };
    let Some(express) = site.project.express_of(site.file) else { return false };
    let made = |(_, router): &(usize, &Router)| router.site == (site.file, call) && router.is_app;
    let apps: Vec<(usize, &Router)> = express.routers.iter().enumerate().filter(made).collect();
    let [(number, app)] = apps.as_slice() else { return false };
    let target = target_of(&site.input.package);
    let public = target.is_some_and(|target| PUBLIC.contains(&&*target.id));
    let by_host = site.input.package.next.is_some() || site.input.package.vercel.is_some();
    if !public || by_host || !app.listens || !app.mounted.is_empty() || !site.project.is_complete() {
        return false;
    }
    if !is_known(express, *number as RouterNo) || sets_headers(site) {
        return false;
    }
    let off = app.settings.iter().any(|setting| setting.name == "x-powered-by");
    match condition.words().next() {
        Some("powered-by") => !off,
        _ => is_for_browsers(express, *number as RouterNo),
    }
}

/// Whether nothing that is not understood gets hold of the application.
fn is_known(express: &Express, app: RouterNo) -> bool {
    let known = |router: RouterNo| {
        let layers = &express.routers[router as usize].layers;
        layers.iter().all(|layer| layer.kind != LayerKind::Opaque)
    };
    below(express, app).into_iter().all(known)
}

/// A router and all that is mounted on it.
fn below(express: &Express, app: RouterNo) -> Vec<RouterNo> {
    let mut found = vec![app];
    let mut at = 0;
    while let Some(&router) = found.get(at) {
        at += 1;
        let handlers = express.routers[router as usize].layers.iter().flat_map(|layer| &layer.handlers);
        for inner in handlers.filter_map(|handler| handler.router) {
            if !found.contains(&inner) {
                found.push(inner);
            }
        }
    }
    found
}

/// Whether code of the package sets one of the headers, or loads a package that does.
fn sets_headers(site: &Site<'_>) -> bool {
    let root = &site.input.package.root;
    let named = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["content-security-policy", "x-frame-options", "strict-transport-security", "x-content-type-options"]
            .contains(&&*text)
    };
    site.project.numbers().filter_map(|file| site.project.file(file)).any(|input| {
        let loads = input.facts.specifiers.iter().any(|specifier| HEADERS.contains(&&**specifier));
        input.package.root == *root
            && (loads
                || input.facts.calls().any(|(_, call)| {
                    call.args.iter().any(|argument| match argument {
                        Shape::Text(text) => named(text),
                        Shape::Object(entries) => entries.iter().any(|(key, _)| named(key)),
                        _ => false,
                    })
                }))
    })
}

/// Whether pages or cookies go to browsers: templates, files, sessions.
fn is_for_browsers(express: &Express, app: RouterNo) -> bool {
    let by_package = |router: RouterNo| {
        let layers = &express.routers[router as usize].layers;
        layers.iter().flat_map(|layer| &layer.handlers).any(|handler| {
            handler.package.as_ref().is_some_and(|(specifier, export)| {
                COOKIES.contains(&specifier.as_str())
                    || specifier == "serve-static"
                    || specifier == "express" && export.trim_start_matches("default.") == "static"
            })
        })
    };
    let views = express.routers[app as usize].settings.iter().any(|it| it.name == "view engine");
    views || below(express, app).into_iter().any(by_package)
}

/// `express.static(".")`, `express.static(__dirname)`: the folder that holds the code.
pub(super) fn serves_sources(site: &Site<'_>, condition: &Condition, _: &mut Evidence<'_>) -> bool {
    let Some(id) = site.call(condition) else { return false };
    let call = site.input.facts.call(id);
    let path = call.args.first();
    path.is_some_and(|path| {
        folder(site.project, site.file, site.chunk, path) == Folder::OfProject(".".to_owned())
    })
}
