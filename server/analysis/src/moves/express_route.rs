//! A route of an Express application that becomes a Route Handler of the Next.js app beside it. What runs in front of
//! the handler has to be nothing that anybody could tell, and what the handler uses of its file has to go with it.

use std::sync::Arc;

use super::express_luggage::{needed, packages, removed, source};
use super::new_file::NewFile;
use super::route_handler::segments;
use super::web::{self, Ground, Manner, Trouble};
use super::{Move, Refusal};
use crate::document::Document;
use crate::facts::CallId;
use crate::finding::Edit;
use crate::fix::code::Code;
use crate::form;
use crate::package::{NextProject, Package};
use crate::path::FilePath;
use crate::project::express::{LayerKind, Passed, Path, Route};
use crate::project::routes::{self, Role};
use crate::project::{FileInput, FileNo, METHODS, Project, Resolution, Sources};
use crate::syntax::{self, Node};
use crate::text::Span;

/// A registration that is to go.
pub(super) struct Registration<'a> {
    pub(super) project: &'a Project,
    pub(super) sources: &'a dyn Sources,
    pub(super) file: FileNo,
    pub(super) input: &'a FileInput,
    pub(super) code: &'a Code<'a>,
    pub(super) route: &'a Route,
    /// `app.get("/users/:id", handler)`.
    pub(super) call: Node<'a>,
    /// The function that answers.
    pub(super) handler: Node<'a>,
    /// As Next.js writes it.
    pub(super) url: String,
}

impl Registration<'_> {
    pub(super) fn refuse<T>(&self, node: Node<'_>, reason: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(&self.input.path, syntax::span(node), reason))
    }
}

impl Project {
    /// Turns the route that an Express application registers at a place of a file into a Route Handler.
    ///
    /// # Errors
    /// With the place that stands in the way.
    pub fn express_to_route_handler(
        &self,
        path: &FilePath,
        at: u32,
        sources: &dyn Sources,
    ) -> Result<Move, Refusal> {
        let missing = |reason: &str| Refusal::new(path, Span::at(at), reason);
        let document =
            sources.document(path).ok_or_else(|| missing("This file is not part of the project."))?;
        let code = Code::new(&document).ok_or_else(|| missing("This file is not part of the project."))?;
        let file = self.number(path).ok_or_else(|| missing("This file is not part of the project."))?;
        let input = self.file(file).ok_or_else(|| missing("This file is not part of the project."))?;
        let found = registered(self, file, input, at);
        let (id, route) =
            found.ok_or_else(|| missing("No route of Express is registered here, or several are."))?;
        let span = input.facts.span(id.chunk, input.facts.call(id).at);
        let call = code.node(span).ok_or_else(|| missing("There is an error in this registration."))?;
        let registration = read(self, sources, file, input, &code, route, call)?;
        carry_out(&registration)
    }
}

impl Project {
    /// Whether turning the route of Express that is registered at a place into a Route Handler is worth an offer: there
    /// is an app for it to go to, and nothing but what runs around the handler may stand in the way.
    pub fn offers_express_route_handler(&self, path: &FilePath, at: u32) -> bool {
        let Some(file) = self.number(path).filter(|_| self.is_complete()) else { return false };
        let Some(input) = self.file(file) else { return false };
        let found = registered(self, file, input, at);
        let single = found.is_some_and(|(_, route)| {
            let layer = self.express().layer(route.layer);
            let major = input.package.major("express").unwrap_or(5);
            layer.handlers.len() == 1 && next_url(route, &layer.paths, major).is_some()
        });
        single && self.numbers().filter_map(|file| self.file(file)).any(|input| has_app(&input.package))
    }
}

/// Whether a package is a Next.js app that can have Route Handlers.
fn has_app(package: &Package) -> bool {
    package.next.as_ref().is_some_and(|next: &NextProject| next.app_dir.is_some())
}

/// The one route that a call around a place registers.
fn registered<'p>(
    project: &'p Project,
    file: FileNo,
    input: &FileInput,
    at: u32,
) -> Option<(CallId, &'p Route)> {
    let express = project.express();
    let mut found: Vec<(CallId, &Route)> = Vec::new();
    for route in &express.routes {
        let (of, id) = express.layer(route.layer).call;
        if of == file && input.facts.span(id.chunk, input.facts.call(id).at).touches(at) {
            found.push((id, route));
        }
    }
    match found.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn read<'a>(
    project: &'a Project,
    sources: &'a dyn Sources,
    file: FileNo,
    input: &'a FileInput,
    code: &'a Code<'a>,
    route: &'a Route,
    call: Node<'a>,
) -> Result<Registration<'a>, Refusal> {
    let refuse = |node: Node<'_>, reason: &str| Err(Refusal::new(&input.path, syntax::span(node), reason));
    let express = project.express();
    let layer = express.layer(route.layer);
    let single = layer.handlers.len() == 1 && layer.paths.len() == 1;
    let alone = call.parent().is_some_and(|it| it.kind() == "expression_statement");
    if !single || !alone || layer.maybe || !matches!(layer.kind, LayerKind::Method(_) | LayerKind::All) {
        return refuse(
            call,
            "Only a statement that registers one handler for one path, such as `app.get(\"/users\", …)`, can go.",
        );
    }
    let function = layer.handlers.first().and_then(|it| it.function).filter(|(of, _)| *of == file);
    let handler = function.and_then(|(_, id)| {
        code.node(input.facts.span(id.chunk, input.facts.function(id).at)).filter(|it| form::is_function(*it))
    });
    let Some(handler) = handler else {
        return refuse(call, "The handler does not stand in this file as a function: write it here first.");
    };
    let major = input.package.major("express").unwrap_or(5);
    let Some(url) = next_url(route, &layer.paths, major) else {
        return refuse(
            call,
            "This path has more than names and parameters in it, which a folder of `app` cannot say.",
        );
    };
    Ok(Registration { project, sources, file, input, code, route, call, handler, url })
}

/// A path of Express as Next.js writes it; `None` for patterns.
fn next_url(route: &Route, paths: &[Path], major: u64) -> Option<String> {
    if !route.url.known || route.url.regexp || !matches!(paths, [Path::Text(_)]) {
        return None;
    }
    let mut out = String::new();
    for segment in route.url.text.split('/').filter(|it| !it.is_empty()) {
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let written = if let Some(name) = segment.strip_prefix(':') {
            plain(name).then(|| format!("[{name}]"))?
        } else if let Some(name) = segment.strip_prefix('*') {
            (plain(name) && major >= 5).then(|| format!("[...{name}]"))?
        } else {
            let special = segment.contains(['(', ')', '[', ']', '{', '}', '?', '+', '*', ':', '!', '\\']);
            (!special).then(|| segment.to_owned())?
        };
        out.push('/');
        out.push_str(&written);
    }
    (!out.is_empty()).then_some(out)
}

fn carry_out(registration: &Registration<'_>) -> Result<Move, Refusal> {
    let parses = front(registration)?;
    failures(registration)?;
    let package = app(registration)?;
    let place = place(registration, &package)?;
    let needed = needed(registration)?;
    packages(registration, &package, &needed)?;
    let text = source(registration, &needed);
    let path = &registration.input.path;
    let broken = || Refusal::new(path, syntax::span(registration.call), "The handler cannot be rewritten.");
    let before = Document::new(path.clone(), 0, text);
    let code = Code::new(&before).filter(|code| !code.root.has_error()).ok_or_else(broken)?;
    let function = code.statements().into_iter().find_map(|it| {
        let value =
            it.field("declaration").or(it.field("value")).filter(|_| it.kind() == "export_statement")?;
        form::is_function(value).then_some(value)
    });
    let major = registration.input.package.major("express").unwrap_or(5);
    let elsewhere = |specifier: &str, _: &str| -> Option<Arc<Document>> {
        match registration.project.resolution(registration.file, specifier) {
            Some(Resolution::File(path)) => registration.sources.document(path),
            _ => None,
        }
    };
    let next = package.next.as_ref();
    let ground = Ground {
        manner: Manner::Express(major),
        style: registration.code.style(),
        segments: segments(&registration.url),
        waits: package.major("next").is_none_or(|major| major >= 15),
        parses_body: parses,
        limit: None,
        base_path: next.is_some_and(|next| !next.base_path.is_empty()),
        elsewhere: &elsewhere,
    };
    let function = function.ok_or_else(broken)?;
    // What troubles the conversion stands in the file itself, as far behind the handler's beginning.
    let told = |trouble: Trouble| {
        let text = trouble.span.of(code.text);
        let own = syntax::span(registration.handler);
        let behind = trouble.span.start.checked_sub(function.start_byte() as u32);
        let exact = behind.map(|it| Span::new(own.start + it, own.start + it + text.len() as u32));
        let same = exact.filter(|it| own.covers(*it) && it.of(registration.code.text) == text);
        Refusal::new(path, same.unwrap_or(own), trouble.reason)
    };
    let mut converted = web::convert(&code, function, &ground).map_err(told)?;
    if let LayerKind::Method(method) = &registration.project.express().layer(registration.route.layer).kind {
        let known = METHODS.iter().copied().find(|it| *it == method.as_str());
        let Some(method) = known else {
            return registration.refuse(registration.call, "Route Handlers do not answer this method.");
        };
        converted.only = Some(method);
    }
    let (text, at) = converted.finish();
    let document = Document::new(path.clone(), 0, text);
    let exported = web::exported(&converted, &document, at).map_err(told)?;
    let file = NewFile { path, before: &code, package: &package, place: &place, fresh: true };
    let text = file.text(&converted, &document, &exported, &[])?;
    let mut out: Vec<Edit> = converted.twins().iter().filter_map(|twin| twin.edit.clone()).collect();
    out.push(Edit::create(place.clone(), text));
    out.extend(file.helper(registration.sources, converted.needs)?);
    out.extend(removed(registration, &needed).ok_or_else(broken)?);
    out.sort();
    Ok(Move {
        title: format!("Turn the Express route {} into a Route Handler", registration.route.url.text),
        edits: out,
        left: left(registration, &package, converted.needs),
    })
}

/// What a request passes in front. Whether the body is parsed there; an error where anything else is done.
fn front(registration: &Registration<'_>) -> Result<bool, Refusal> {
    let route = registration.route;
    let express = registration.project.express();
    if !route.ordered || route.opaque || !express.routers[route.root as usize].is_app {
        let reason = "What runs in front of this handler is not known, so that it may do something.";
        return registration.refuse(registration.call, reason);
    }
    let mut parses = false;
    for passed in &route.chain {
        let handler = express.handler(passed);
        match handler.package.as_ref().map(|(package, name)| (package.as_str(), name.as_str())) {
            Some(("express", "json" | "default.json"))
                if !passed.maybe && has_no_options(registration, passed) =>
            {
                parses = true;
            }
            _ => {
                let reason = format!(
                    "`{}` runs in front of this handler, and no Route Handler has it: do what it does in the handler or \
                     in the proxy of the app first.",
                    handler.name
                );
                return registration.refuse(registration.call, reason);
            }
        }
    }
    for setting in &express.routers[route.root as usize].settings {
        let name = setting.name.as_str();
        if matches!(name, "json spaces" | "json replacer" | "json escape" | "query parser") {
            let reason =
                format!("The application sets `{name}`, which changes what its handlers see or say.");
            return registration.refuse(registration.call, reason);
        }
    }
    Ok(parses)
}

/// Whether a parser is made as `express.json()`.
fn has_no_options(registration: &Registration<'_>, passed: &Passed) -> bool {
    let (file, id) = registration.project.express().layer(passed.layer).call;
    let Some(input) = registration.project.file(file) else { return false };
    let Some(document) = registration.sources.document(&input.path) else { return false };
    let span = input.facts.span(id.chunk, input.facts.call(id).at);
    span.of(document.text()).contains("json()")
}

/// Failures of the handler may not go to somebody else.
fn failures(registration: &Registration<'_>) -> Result<(), Refusal> {
    let express = registration.project.express();
    let Some(errors) = &registration.route.errors else { return Ok(()) };
    let body = registration.handler.field("body").filter(|it| it.kind() == "statement_block");
    let statements: Vec<Node<'_>> =
        body.map(|it| it.named_children().filter(|it| it.kind() != "comment").collect()).unwrap_or_default();
    let caught = matches!(statements.as_slice(), [only] if only.kind() == "try_statement" && only.field("handler").is_some());
    if caught {
        return Ok(());
    }
    let reason = format!(
        "Failures of this handler go to `{}`, which no Route Handler has: catch them in the handler.",
        express.handler(errors).name
    );
    registration.refuse(registration.call, reason)
}

/// The Next.js app that the route goes to: that of the package itself, else the only one there is.
fn app(registration: &Registration<'_>) -> Result<Arc<Package>, Refusal> {
    if has_app(&registration.input.package) {
        return Ok(Arc::clone(&registration.input.package));
    }
    let mut found: Vec<Arc<Package>> = Vec::new();
    for file in registration.project.numbers() {
        let Some(input) = registration.project.file(file) else { continue };
        if has_app(&input.package) && !found.iter().any(|it| it.root == input.package.root) {
            found.push(Arc::clone(&input.package));
        }
    }
    match found.as_slice() {
        [only] => Ok(Arc::clone(only)),
        [] => registration.refuse(
            registration.call,
            "There is no Next.js app with an `app` folder beside this application.",
        ),
        _ => registration.refuse(
            registration.call,
            "There are several Next.js apps, and which one is to answer is not known.",
        ),
    }
}

/// The route file that serves the same URL.
fn place(registration: &Registration<'_>, package: &Package) -> Result<FilePath, Refusal> {
    let unknown = || {
        Refusal::new(
            &registration.input.path,
            syntax::span(registration.call),
            "The app has no `app` folder.",
        )
    };
    let next = package.next.as_ref().ok_or_else(unknown)?;
    let app = next.app_dir.as_ref().ok_or_else(unknown)?;
    if next.cache_components || next.output.as_deref() == Some("export") || !next.base_path.is_empty() {
        let reason = "The app keeps its answers (`cacheComponents`, `output: 'export'`) or has a `basePath`, so that this route would change.";
        return registration.refuse(registration.call, reason);
    }
    let written = registration.input.path.extension();
    let extension = if next.page_extensions.iter().any(|it| it == written) { written } else { "js" };
    let place = app.join(&format!("{}/route.{extension}", registration.url.trim_start_matches('/')));
    if routes::role(next, &place) != Role::RouteHandler
        || routes::url(next, &place).as_ref() != Some(&registration.url)
    {
        let reason = "In `app` a folder of this name means something else: the URL would be another one.";
        return registration.refuse(registration.call, reason);
    }
    for endpoint in registration.project.routes() {
        if endpoint.package.root != package.root || endpoint.path == registration.input.path {
            continue;
        }
        if endpoint.url == registration.url {
            return Err(Refusal::new(
                &endpoint.path,
                Span::default(),
                "This file serves the same URL already.",
            ));
        }
        if let Some(other) = super::route_handler::other_name(&registration.url, &endpoint.url)
            && endpoint.path.strip(app).is_some()
        {
            return Err(Refusal::new(&endpoint.path, Span::default(), other));
        }
    }
    for extension in &next.page_extensions {
        for name in ["route", "page"] {
            let there = app.join(&format!("{}/{name}.{extension}", registration.url.trim_start_matches('/')));
            if registration.sources.document(&there).is_some() {
                return Err(Refusal::new(&there, Span::default(), "This file serves the same URL already."));
            }
        }
    }
    Ok(place)
}

/// What is to be known of it.
fn left(registration: &Registration<'_>, package: &Package, needs: web::Needs) -> Vec<String> {
    let url = &registration.route.url.text;
    let mut out = Vec::new();
    if package.root == registration.input.package.root {
        out.push(format!("Nothing else of the Express application may answer {url} before Next.js does."));
    } else {
        out.push(format!("Who asks the Express application for {url} asks the Next.js app now."));
    }
    out.push("Other methods of this path get 405, where Express said 404.".to_owned());
    if needs.body {
        out.push("A body that cannot be read gets 400 or 413 as before, with another text.".to_owned());
    }
    if needs.first_of_several {
        out.push("Where a parameter of the query is given several times, the first one counts.".to_owned());
    }
    out
}
