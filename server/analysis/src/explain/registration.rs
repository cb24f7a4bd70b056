//! Hover on what is registered on an Express application: the URL, and what a request passes in which order.

use std::fmt::Write as _;

use crate::check::{Need, handlers, shown};
use crate::facts::CallId;
use crate::path::FilePath;
use crate::project::express::{self, Express, Handler, LayerKind, Passed, Path, Route, Router};
use crate::project::{FileInput, FileNo, Hover, Project};
use crate::tables::Effect;

/// Longer chains are cut: a hover has two screens at most.
const LONGEST: usize = 14;

/// About a registration that brings no function of its own, such as one that mounts a router.
pub(super) fn hover(project: &Project, file: FileNo, input: &FileInput, offset: u32) -> Option<Hover> {
    let express = project.express();
    let chunk = input.facts.chunk_at(offset)?;
    let calls = 0..input.facts.chunks[chunk as usize].facts.calls.len() as u32;
    let call = calls.map(|number| CallId { chunk, number }).find(|call| {
        !express.registered(file, *call).is_empty()
            && express::span(project, (file, *call)).is_some_and(|span| span.touches(offset))
    })?;
    let layer = express.layer(*express.registered(file, call).first()?);
    let paths: Vec<&str> = layer
        .paths
        .iter()
        .map(|path| match path {
            Path::Text(text) | Path::Regexp(text) => text.as_str(),
            Path::Unknown => "…",
        })
        .collect();
    let on = match &layer.kind {
        LayerKind::Param(name) => format!(" for `:{name}`"),
        _ if paths.is_empty() => String::new(),
        _ => format!(" on `{}`", paths.join("`, `")),
    };
    let markdown = format!("**Express middleware{on}**\n\n{}", text(project, file, input, call)?);
    Some(Hover { span: express::span(project, (file, call))?, markdown })
}

/// What there is to say of a registration, as Markdown.
pub(super) fn text(project: &Project, file: FileNo, input: &FileInput, call: CallId) -> Option<String> {
    let express = project.express();
    let layers = express.registered(file, call);
    let layer = express.layer(*layers.first()?);
    let mut out = String::new();
    if let Some(version) = express::version(project, file) {
        let _ = writeln!(out, "- Express {}.{}.{}", version.major, version.minor, version.patch);
    }
    let below = |route: &&Route| layers.iter().any(|at| route.layer == *at || route.mounts.contains(at));
    let mut routes: Vec<&Route> = express.routes.iter().filter(below).collect();
    routes.dedup_by(|a, b| a.url == b.url && a.layer == b.layer);
    if let LayerKind::Method(_) | LayerKind::All = layer.kind {
        let mut own = express.routes_of(file, call).peekable();
        let first = own.peek().copied();
        for route in own {
            let _ = writeln!(out, "- `{} {}`", route.method(express), route.url.shown());
        }
        if let Some(route) = first {
            one(project, express, input, route, &mut out);
        }
        return Some(out);
    }
    if layer.handlers.iter().any(|handler| handler.router.is_some()) {
        let _ = writeln!(out, "- Mounts {}:", count(routes.len(), "route"));
        for route in routes.iter().take(LONGEST) {
            let _ = writeln!(out, "  - `{} {}`", route.method(express), route.url.shown());
        }
        if routes.len() > LONGEST {
            let _ = writeln!(out, "  - and {} more", routes.len() - LONGEST);
        }
        return Some(out);
    }
    let passing = express
        .routes
        .iter()
        .filter(|route| route.chain.iter().any(|passed| layers.contains(&passed.layer) && passed.covers_all));
    let errors = express
        .routes
        .iter()
        .filter(|route| route.errors.as_ref().is_some_and(|passed| layers.contains(&passed.layer)));
    for handler in layer.handlers.iter().filter(|handler| !handler.is_for_errors()) {
        if let Some(does) = does(project, handler) {
            let _ = writeln!(out, "- `{}` {does}", handler.name);
        }
    }
    match layer.kind {
        LayerKind::Use if layer.handlers.iter().any(Handler::is_for_errors) => {
            let _ = writeln!(out, "- Gets the errors of {}", count(errors.count(), "route"));
        }
        LayerKind::Use => {
            let _ = writeln!(out, "- {} behind it", count(passing.count(), "route"));
        }
        LayerKind::Param(_) => {
            let _ = writeln!(out, "- Called before {} with this parameter", count(passing.count(), "route"));
        }
        _ => {}
    }
    Some(out)
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// What a request for a route passes, what is there of the usual, and who gets the errors.
fn one(project: &Project, express: &Express, input: &FileInput, route: &Route, out: &mut String) {
    if !route.url.known {
        out.push_str("- Where its router is mounted is not to be seen\n");
    }
    let passed: Vec<&Passed> = route.chain.iter().filter(|passed| passed.covers_all).collect();
    match passed.len() {
        0 => out.push_str("- Passes no middleware before the handler\n"),
        _ if route.ordered => out.push_str("- Passes before the handler, in this order:\n"),
        _ => out.push_str("- Passes before the handler, in an order that is not known:\n"),
    }
    for (number, passed) in passed.iter().take(LONGEST).enumerate() {
        let handler = express.handler(passed);
        let perhaps = if passed.maybe { ", under a condition" } else { "" };
        let layer = express.layer(passed.layer);
        let on = match &layer.kind {
            LayerKind::Param(name) => format!(" for `:{name}`"),
            _ if passed.on.text.is_empty() => String::new(),
            _ => format!(" on `{}`", passed.on.text),
        };
        let place = place(project, input, layer.call);
        let does = does(project, handler).map(|does| format!(": {does}")).unwrap_or_default();
        let _ = writeln!(out, "  {}. `{}`{on}{place}{perhaps}{does}", number + 1, handler.name);
    }
    if passed.len() > LONGEST {
        let _ = writeln!(out, "  - and {} more", passed.len() - LONGEST);
    }
    if route.opaque {
        out.push_str("- Code that Routewise cannot follow may add more\n");
    }
    for (what, effect) in [
        ("Check of who asks", Effect::ChecksAuth),
        ("Rate limit", Effect::LimitsRate),
        ("Validation", Effect::ValidatesInput),
    ] {
        let named =
            passed.iter().map(|passed| express.handler(passed)).find(|it| handlers::has(project, it, effect));
        let _ = match named {
            Some(handler) => writeln!(out, "- {what}: `{}`", handler.name),
            None => writeln!(out, "- {what}: no middleware known for it"),
        };
    }
    let parser =
        passed.iter().map(|passed| express.handler(passed)).find(|handler| Need::Body.is_met_by(handler));
    let _ = match parser {
        Some(handler) => writeln!(out, "- Body: `{}`", handler.name),
        None if route.opaque => writeln!(out, "- Body: no parser known"),
        None => writeln!(out, "- Body: no parser known; `req.body` is not set"),
    };
    if let Some(handler) = route.handler(express) {
        let _ = writeln!(out, "- Answered by `{}`", handler.name);
    }
    let _ = match &route.errors {
        Some(passed) => {
            let place = place(project, input, express.layer(passed.layer).call);
            writeln!(out, "- Errors go to `{}`{place}", express.handler(passed).name)
        }
        None => writeln!(out, "- Errors go to Express's own handler"),
    };
    settings(project, input, &express.routers[route.root as usize], out);
}

/// The settings of an application that requests feel.
fn settings(project: &Project, input: &FileInput, app: &Router, out: &mut String) {
    for name in ["trust proxy", "x-powered-by", "query parser", "etag"] {
        let set = app.settings.iter().rev().find(|setting| setting.name == name);
        if let Some((setting, value)) = set.and_then(|setting| Some((setting, setting.value.as_ref()?))) {
            let perhaps = if setting.maybe { ", under a condition" } else { "" };
            let place = place(project, input, setting.call);
            let _ = writeln!(out, "- `{name}`: `{value}`{place}{perhaps}");
        }
    }
}

/// ` in [src/app.js:12](file:///…#L12)`: where something is registered.
fn place(project: &Project, from: &FileInput, (file, call): (FileNo, CallId)) -> String {
    let Some(input) = project.file(file) else { return String::new() };
    let line = input.facts.lines.as_ref().zip(express::span(project, (file, call)));
    let line = line.map(|(lines, span)| lines.line_of(span.start) + 1);
    let name = if input.path == from.path { String::new() } else { shown(from, &input.path) };
    let address = address(&input.path);
    match (line, name.is_empty()) {
        (Some(line), true) => format!(" in [line {line}]({address}#L{line})"),
        (Some(line), false) => format!(" in [{name}:{line}]({address}#L{line})"),
        (None, true) => String::new(),
        (None, false) => format!(" in [{name}]({address})"),
    }
}

/// What known middleware does, to follow its name.
const DOES: &[(&str, &str, &str)] = &[
    ("body-parser", "json", "parses JSON bodies into `req.body`"),
    ("body-parser", "urlencoded", "parses bodies of forms into `req.body`"),
    ("celebrate", "celebrate", "refuses requests that do not fit its schema"),
    ("compression", "", "compresses answers"),
    ("connect-timeout", "", "marks requests that take too long"),
    ("cookie-parser", "", "reads cookies into `req.cookies`"),
    ("cookie-session", "", "keeps a session in a cookie, in `req.session`"),
    ("cors", "", "lets pages of other origins read the answers"),
    ("csurf", "", "refuses forms of other sites"),
    ("errorhandler", "", "shows errors with their stack"),
    ("express", "json", "parses JSON bodies into `req.body`"),
    ("express", "raw", "reads bodies as bytes into `req.body`"),
    ("express", "static", "answers with files of a folder"),
    ("express", "text", "reads bodies as text into `req.body`"),
    ("express", "urlencoded", "parses bodies of forms into `req.body`"),
    ("express-fileupload", "", "takes uploads into `req.files`"),
    ("express-rate-limit", "", "answers 429 to who asks too often"),
    ("express-session", "", "keeps a session on the server, in `req.session`"),
    ("express-slow-down", "", "lets who asks often wait"),
    ("helmet", "", "sets security headers"),
    ("http-proxy-middleware", "createProxyMiddleware", "hands requests on to another server"),
    ("method-override", "", "lets forms say another method"),
    ("morgan", "", "writes a line to the log for each request"),
    ("multer", "", "takes uploads into `req.file` or `req.files`"),
    ("passport", "authenticate", "checks who asks"),
    ("passport", "initialize", "prepares `passport`"),
    ("passport", "session", "puts the user of the session into `req.user`"),
    ("pino-http", "", "writes a line to the log for each request"),
    ("response-time", "", "sends how long the answer took"),
    ("serve-favicon", "", "answers with the icon of the site"),
    ("serve-static", "", "answers with files of a folder"),
    ("swagger-ui-express", "", "shows the API's documentation"),
];

/// What middleware does, where that is known: of packages by their table, of functions by what they call.
fn does(project: &Project, handler: &Handler) -> Option<&'static str> {
    if let Some((package, export)) = &handler.package {
        let export = export.strip_prefix("default.").unwrap_or(export);
        let known = DOES
            .iter()
            .find(|(specifier, name, _)| *specifier == package && (name.is_empty() || *name == export));
        if let Some((_, _, does)) = known {
            return Some(does);
        }
    }
    [
        (Effect::ChecksAuth, "checks who asks"),
        (Effect::LimitsRate, "limits how often somebody asks"),
        (Effect::ValidatesInput, "checks the input"),
    ]
    .into_iter()
    .find(|(effect, _)| handlers::has(project, handler, *effect))
    .map(|(_, does)| does)
}

pub(super) fn address(path: &FilePath) -> String {
    let mut out = "file://".to_owned();
    if !path.as_str().starts_with('/') {
        out.push('/');
    }
    for byte in path.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}
