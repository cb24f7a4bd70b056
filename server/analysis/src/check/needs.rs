//! What handlers of Express read that middleware before them has to have put there: `req.body`, cookies, a session.
//!
//! Everything here speaks only where all that a request passes is known, and known not to provide it.

use crate::facts::{At, ChunkFacts, Decl, Shape, Taking};
use crate::form::express::is_request_name;
use crate::project::express::{Express, Handler, Route};
use crate::project::{FileNo, Project};
use crate::tables::Kind;
use crate::text::Span;

use super::{handlers, target_of};

/// Something that no request brings by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Body,
    Cookies,
    Session,
}

impl Need {
    pub(super) const ALL: [Need; 3] = [Need::Body, Need::Cookies, Need::Session];

    /// The properties of the request that it is.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Need::Body => &["body"],
            Need::Cookies => &["cookies", "signedCookies"],
            Need::Session => &["session"],
        }
    }

    /// Whether middleware provides it.
    pub(crate) fn is_met_by(self, handler: &Handler) -> bool {
        let Some((specifier, export)) = &handler.package else { return false };
        let export = export.strip_prefix("default.").unwrap_or(export);
        match self {
            Need::Body => match specifier.as_str() {
                "express" => matches!(export, "json" | "urlencoded" | "raw" | "text"),
                "body-parser" => matches!(export, "json" | "urlencoded" | "raw" | "text" | "" | "default"),
                "multer" | "express-fileupload" | "express-formidable" | "connect-busboy" => true,
                _ => false,
            },
            Need::Cookies => specifier == "cookie-parser",
            Need::Session => {
                matches!(specifier.as_str(), "express-session" | "cookie-session" | "client-sessions")
            }
        }
    }
}

/// Packages whose middleware adds nothing of what a [`Need`] is about, but for the package that meets it.
const ADDS_NOTHING: &[&str] = &[
    "compression",
    "connect-flash",
    "connect-history-api-fallback",
    "connect-timeout",
    "cookie-parser",
    "cookie-session",
    "cors",
    "express-rate-limit",
    "express-session",
    "express-slow-down",
    "express-useragent",
    "express-winston",
    "helmet",
    "morgan",
    "pino-http",
    "response-time",
    "serve-favicon",
    "serve-index",
    "serve-static",
    "swagger-ui-express",
];

/// Whether middleware of a package does nothing but what it is known for: it parses, logs, sets headers, serves files.
pub(super) fn is_quiet(handler: &Handler) -> bool {
    let Some((specifier, export)) = &handler.package else { return false };
    let export = export.strip_prefix("default.").unwrap_or(export);
    ADDS_NOTHING.contains(&specifier.as_str())
        || Need::ALL.iter().any(|need| need.is_met_by(handler))
        || specifier == "express" && export == "static"
        || specifier == "passport" && export == "initialize"
}

/// Whether middleware may look at the body of a request, or change it: all that is not known may.
pub(super) fn may_look_at_body(project: &Project, handler: &Handler) -> bool {
    if is_quiet(handler) {
        return false;
    }
    let Some((file, function)) = handler.function else { return true };
    let Some(input) = project.file(file) else { return true };
    let chunk = &input.facts.chunks[function.chunk as usize].facts;
    let position = u32::from(handler.arity == Some(4));
    hands_on(chunk, function.number, position, None)
        || chunk.taken.iter().any(|it| it.of == function.number && it.key == "body")
        || chunk.decls.iter().any(|decl| {
            decl.parameter.as_ref().is_some_and(|it| it.of == function.number && !it.keys.is_empty())
        })
}

/// Whether each function that runs for a handler gives the request to none but another of them.
pub(super) fn keeps_request(project: &Project, handler: &Handler) -> bool {
    let known = handler.function.is_some()
        || handler.package.as_ref().is_some_and(|(package, _)| handlers::is_wrapper(package))
        || handler.package.is_none() && handler.roots.len() > 1;
    known
        && handler.roots.iter().all(|(file, function)| {
            project.file(*file).is_some_and(|input| {
                let chunk = &input.facts.chunks[function.chunk as usize].facts;
                let own = input.facts.function(*function);
                let around = own.parent.filter(|_| handler.roots.len() > 1);
                !hands_on(chunk, function.number, u32::from(own.length == 4), around)
            })
        })
}

/// A place where a handler reads what nobody has provided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unmet {
    pub(super) file: FileNo,
    /// Where, in the file.
    pub(super) span: Span,
    /// The property: `body`.
    pub(super) key: &'static str,
}

/// What a route's own handlers read though nothing before them can have provided it.
pub(super) fn unmet(project: &Project, route: &Route, need: Need) -> Option<Unmet> {
    let express = project.express();
    if !is_certain(project, express, route) {
        return None;
    }
    let layer = express.layer(route.layer);
    let before = route.chain.iter().filter(|passed| passed.layer != route.layer);
    if before.map(|passed| express.handler(passed)).any(|it| may_meet(project, it, need)) {
        return None;
    }
    for handler in &layer.handlers {
        if let Some(found) = reads(project, handler, need) {
            return Some(found);
        }
        if may_meet(project, handler, need) {
            return None;
        }
    }
    None
}

/// Whether all that a request for a route passes is known, and whether it comes from a server of Express's own: what
/// hosts of functions call has a body already.
fn is_certain(project: &Project, express: &Express, route: &Route) -> bool {
    let root = &express.routers[route.root as usize];
    let input = project.file(root.site.0);
    let lasting = input
        .and_then(|input| target_of(&input.package))
        .is_none_or(|target| matches!(target.kind, Kind::Persistent | Kind::Unknown));
    route.ordered
        && !route.opaque
        && route.url.known
        && root.is_app
        && root.listens
        && root.mounted.is_empty()
        && lasting
        && !express.routers.iter().any(|other| {
            // Two applications out of one function: which of them serves is not told.
            other.site == root.site && !std::ptr::eq(other, root)
        })
}

/// Whether middleware may provide something: all that is not known may.
fn may_meet(project: &Project, handler: &Handler, need: Need) -> bool {
    if need.is_met_by(handler) {
        return true;
    }
    if let Some((specifier, export)) = &handler.package {
        let export = export.strip_prefix("default.").unwrap_or(export);
        let quiet = ADDS_NOTHING.contains(&specifier.as_str())
            || need != Need::Body && specifier == "express-validator"
            || specifier == "express" && matches!(export, "static" | "json" | "urlencoded" | "raw" | "text")
            || specifier == "passport" && matches!(export, "initialize" | "session")
            || need != Need::Body && specifier == "body-parser";
        return !quiet;
    }
    let Some((file, function)) = handler.function else { return true };
    let Some(input) = project.file(file) else { return true };
    let chunk = &input.facts.chunks[function.chunk as usize].facts;
    let position = u32::from(handler.arity == Some(4));
    hands_on(chunk, function.number, position, None)
        || chunk.taken.iter().any(|it| {
            it.of == function.number
                && it.position == position
                && it.how == Taking::Set
                && need.keys().contains(&it.key.as_str())
        })
}

/// Whether a function gives its request to other code than `but`, a function whose parameter is called.
fn hands_on(chunk: &ChunkFacts, function: u32, position: u32, but: Option<u32>) -> bool {
    let is_request = |shape: &Shape| is_parameter(chunk, shape, |of, at| of == function && at == position);
    let kept = chunk.decls.iter().any(|decl| is_request(&decl.value));
    kept || chunk.calls.iter().any(|call| {
        let logged = call.callee.root().is_some_and(|root| root.text == "console");
        let to_given = but.is_some() && is_parameter(chunk, &call.callee, |of, _| Some(of) == but);
        let gives = call.args.iter().any(|argument| match argument {
            Shape::Object(entries) => entries.iter().any(|(_, value)| is_request(value)),
            Shape::Array(items) => items.iter().any(&is_request),
            other => is_request(other),
        });
        gives && !logged && !to_given
    })
}

fn is_parameter(chunk: &ChunkFacts, shape: &Shape, is: impl Fn(u32, u32) -> bool) -> bool {
    handlers::parameter_of(chunk, shape).is_some_and(|it| is(it.of, it.position))
}

/// Where a handler reads something first, without asking whether it is there.
fn reads(project: &Project, handler: &Handler, need: Need) -> Option<Unmet> {
    if handler.function.is_none() && handler.package.as_ref().is_some_and(|(it, _)| !handlers::is_wrapper(it))
    {
        return None;
    }
    let mut found = None;
    for &(file, function) in &handler.roots {
        let facts = &project.file(file)?.facts;
        let own = facts.function(function);
        let chunk = &facts.chunks[function.chunk as usize].facts;
        let position = u32::from(own.length == 4);
        // All functions that run keep the request to themselves, or give it to another of them.
        let around = own.parent.filter(|_| handler.roots.len() > 1);
        if hands_on(chunk, function.number, position, around) {
            return None;
        }
        let by_name = handler.function != Some((file, function));
        if let Some((at, key)) = first_read(chunk, function.number, position, need, by_name) {
            let span = facts.span(function.chunk, at);
            found.get_or_insert(Unmet { file, span, key });
        }
    }
    found
}

/// The first place in a function where a property of its request is read. `None` where it is asked for or set.
fn first_read(
    chunk: &ChunkFacts,
    function: u32,
    position: u32,
    need: Need,
    by_name: bool,
) -> Option<(At, &'static str)> {
    let is_it =
        |decl: &&Decl| decl.parameter.as_ref().is_some_and(|it| it.of == function && it.position == position);
    if by_name {
        let request = chunk
            .decls
            .iter()
            .filter(is_it)
            .find(|decl| decl.parameter.as_ref().is_some_and(|parameter| parameter.keys.is_empty()))?;
        if !is_request_name(&request.name) {
            return None;
        }
    }
    let known = |key: &str| need.keys().iter().copied().find(|it| *it == key);
    let taken = chunk.taken.iter().filter(|it| it.of == function && it.position == position);
    let taken: Vec<_> = taken.filter(|it| known(&it.key).is_some()).collect();
    if taken.iter().any(|it| matches!(it.how, Taking::Asked | Taking::Set)) {
        return None;
    }
    if let Some(first) = taken.first() {
        return Some((first.at, known(&first.key)?));
    }
    // `({ body }, res) =>`, `({ body: { name } }, res) =>`, `const { body } = req`.
    chunk.decls.iter().find_map(|decl| {
        let parameter = decl.parameter.as_ref().filter(|it| it.of == function && it.position == position);
        if let Some(parameter) = parameter {
            let key = known(parameter.keys.first()?)?;
            return (parameter.keys.len() > 1).then_some((decl.at, key));
        }
        match &decl.value {
            Shape::Member(object, key) => {
                let own = is_parameter(chunk, object, |of, at| of == function && at == position);
                known(key).filter(|_| own).map(|key| (decl.at, key))
            }
            _ => None,
        }
    })
}
