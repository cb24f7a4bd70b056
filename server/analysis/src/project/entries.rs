//! Where requests come in: route handlers, pages, actions, Express handlers.

use compact_str::CompactString;

use super::routes::{self, Role};
use super::symbols::{Resolver, Symbol};
use super::{FileInput, FileNo, Project};
use crate::facts::{CallId, Exported, FileFacts, FunctionId, FunctionKind, Shape};
use crate::tables::{self, MaxDuration};
use crate::text::Span;

/// A part of a running program whose modules are its own: Next.js bundles them apart, so one file loaded by
/// two of them is two modules (measured with Next.js 16.4.6; only `globalThis` is shared).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Route handlers of the App Router.
    Handlers = 1,
    /// Pages, layouts and server actions of the App Router.
    Pages = 2,
    /// API routes and pages of the Pages Router.
    PagesRouter = 4,
    /// `middleware` or `proxy`.
    Proxy = 8,
    /// An Express application.
    Express = 16,
}

/// The methods a route handler may export.
pub const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Something a request calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As a person says it, in Markdown: `` `GET /api/users` ``, ``the page `/blog` ``.
    pub label: String,
    /// The layer it runs in.
    pub layer: Layer,
    /// The URL, where it has one.
    pub url: Option<String>,
    /// The HTTP method, where it is bound to one.
    pub method: Option<CompactString>,
    /// What names it: an export, a registration, a function.
    place: Place,
    /// The functions that run for each request: the handler, and what wraps it.
    pub roots: Vec<(FileNo, FunctionId)>,
    /// Those of the roots that the framework calls itself, with nothing wrapped around them.
    pub direct: Vec<(FileNo, FunctionId)>,
    /// What kind of code it is, by the names that rules use: `app-route`, `express`.
    pub kind: &'static str,
    /// It runs on the edge runtime.
    pub edge: bool,
}

/// Where an entry is named. Told by name or number, not by bytes: these stay when code only moves.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Export(CompactString),
    Call(CallId),
    Function(FunctionId),
}

impl Entry {
    /// The name of the export that it is, where it is one.
    pub fn export(&self) -> Option<&str> {
        match &self.place {
            Place::Export(name) => Some(name),
            Place::Call(_) | Place::Function(_) => None,
        }
    }

    /// The registration that it is, where it is one.
    pub(crate) fn call(&self) -> Option<CallId> {
        match self.place {
            Place::Call(call) => Some(call),
            Place::Export(_) | Place::Function(_) => None,
        }
    }

    /// The place that names it, in the facts of its file as they are now.
    pub fn span(&self, facts: &FileFacts) -> Span {
        match &self.place {
            Place::Export(name) => {
                facts.export(name).map_or(Span::default(), |(chunk, export)| facts.span(chunk, export.at))
            }
            Place::Call(id) => facts.span(id.chunk, facts.call(*id).head),
            Place::Function(id) => facts.span(id.chunk, facts.function(*id).head),
        }
    }
}

/// The entries of one file.
pub(crate) fn entries(resolver: &mut Resolver<'_>, file: FileNo) -> Vec<Entry> {
    let project = resolver.project();
    let Some(input) = project.file(file) else { return Vec::new() };
    let facts = &input.facts;
    let mut out = Vec::new();
    if routes::is_aside(&input.path, &input.package) {
        return out;
    }
    if let Some(next) = &input.package.next {
        let role = routes::role(next, &input.path);
        let url = routes::url(next, &input.path);
        let proxy_on_edge = role == Role::Proxy && input.path.stem() == "middleware";
        let edge = proxy_on_edge || runtime(input).is_some_and(|runtime| runtime.contains("edge"));
        let kind = role.kind().unwrap_or("page");
        let mut finder = Finder { project, resolver, file, edge, kind, url: url.clone(), out: &mut out };
        let shown = url.as_deref().unwrap_or("/");
        match role {
            Role::RouteHandler => {
                for method in METHODS {
                    finder.export(method, Layer::Handlers, format!("`{method} {shown}`"), Some(method));
                }
            }
            Role::Metadata => {
                finder.export(
                    "default",
                    Layer::Handlers,
                    format!("the metadata route `{}`", input.path.file_name()),
                    None,
                );
            }
            Role::AppPage if !facts.use_client => {
                for name in ["default", "generateMetadata", "generateViewport", "generateStaticParams"] {
                    let part = if name == "default" { String::new() } else { format!("`{name}` of ") };
                    finder.export(
                        name,
                        Layer::Pages,
                        format!("{part}the {} `{shown}`", input.path.stem()),
                        None,
                    );
                }
            }
            Role::PagesApi => {
                finder.export("default", Layer::PagesRouter, format!("the API route `{shown}`"), None);
            }
            Role::Page => {
                for name in ["getServerSideProps", "getStaticProps", "getStaticPaths", "getInitialProps"] {
                    finder.export(name, Layer::PagesRouter, format!("`{name}` of `{shown}`"), None);
                }
            }
            Role::Proxy => {
                let name = input.path.stem().to_owned();
                for export in ["default", name.as_str()] {
                    finder.export(export, Layer::Proxy, format!("the {name}"), None);
                }
            }
            Role::AppPage | Role::Instrumentation | Role::Other => {}
        }
        actions(&mut finder, facts);
    }
    express(project, resolver, file, facts, &mut out);
    out
}

/// The text of an exported constant, such as `runtime`.
pub(crate) fn segment_text<'f>(facts: &'f FileFacts, name: &str) -> Option<&'f str> {
    let (id, decl) = facts.binding(name)?;
    let exported = facts.export(name).is_some_and(|(chunk, _)| chunk == id.chunk);
    exported.then(|| decl.value.text()).flatten()
}

/// The runtime that a route file asks for: in `pages` it may stand in `config` as well.
pub(crate) fn runtime(input: &FileInput) -> Option<&str> {
    let in_config = || {
        let next = input.package.next.as_ref()?;
        let in_pages = matches!(routes::role(next, &input.path), Role::PagesApi | Role::Page);
        let (_, decl) = input.facts.binding("config").filter(|_| in_pages)?;
        input.facts.export("config")?;
        decl.value.get("runtime")?.text()
    };
    segment_text(&input.facts, "runtime").or_else(in_config)
}

/// How long a request to a route file may take: what its host allows, and what the file or the host's
/// configuration set. `None` where nothing is known of the host.
pub fn max_duration(input: &FileInput) -> Option<MaxDuration<'_>> {
    tables::max_duration(&input.package, &input.path, own_max_duration(input))
}

/// `maxDuration` as a route file exports it, where it is a whole number. In `pages/api` it may stand in
/// `config` as well.
pub(crate) fn own_max_duration(input: &FileInput) -> Option<u64> {
    let next = input.package.next.as_ref()?;
    let role = routes::role(next, &input.path);
    let exported = |name: &str| {
        let (_, decl) = input.facts.binding(name)?;
        input.facts.export(name).map(|_| &decl.value)
    };
    let value = match role {
        Role::RouteHandler | Role::AppPage => exported("maxDuration"),
        Role::PagesApi | Role::Page => {
            exported("maxDuration").or_else(|| exported("config")?.get("maxDuration"))
        }
        _ => None,
    };
    match value? {
        Shape::Number(number) => number.replace('_', "").parse().ok(),
        _ => None,
    }
}

struct Finder<'a, 'p> {
    project: &'p Project,
    resolver: &'a mut Resolver<'p>,
    file: FileNo,
    edge: bool,
    kind: &'static str,
    url: Option<String>,
    out: &'a mut Vec<Entry>,
}

impl Finder<'_, '_> {
    /// The entry behind an exported name, where the file exports it.
    fn export(&mut self, name: &str, layer: Layer, label: String, method: Option<&str>) {
        let Some(input) = self.project.file(self.file) else { return };
        let Some((chunk, export)) = input.facts.export(name) else { return };
        if export.type_only {
            return;
        }
        let mut roots = Vec::new();
        let symbol = self.resolver.export(self.file, name, 0);
        if let Exported::Value(shape) = &export.exported {
            handlers(self.resolver, self.file, chunk, shape, 0, &mut roots);
        } else {
            behind(self.resolver, &symbol, 0, &mut roots);
        }
        self.project.sort_roots(&mut roots);
        let direct = function_behind(self.resolver, &symbol).into_iter().collect();
        self.out.push(Entry {
            label,
            layer,
            url: self.url.clone(),
            method: method.map(Into::into),
            place: Place::Export(name.into()),
            roots,
            direct,
            kind: self.kind,
            edge: self.edge,
        });
    }
}

/// Server actions: what a `'use server'` file exports, and functions that start with the directive.
fn actions(finder: &mut Finder<'_, '_>, facts: &FileFacts) {
    finder.kind = "server-action";
    if facts.use_server {
        let names: Vec<CompactString> = facts
            .exports()
            .filter(|(_, export)| !export.type_only)
            .map(|(_, export)| export.name.clone())
            .collect();
        for name in names {
            finder.export(&name, Layer::Pages, format!("the server action `{name}`"), None);
        }
    }
    for (id, function) in facts.actions() {
        let name = function.name.as_deref().unwrap_or("without a name");
        finder.out.push(Entry {
            label: format!("the server action `{name}`"),
            layer: Layer::Pages,
            url: None,
            method: None,
            place: Place::Function(id),
            roots: vec![(finder.file, id)],
            direct: vec![(finder.file, id)],
            kind: finder.kind,
            edge: false,
        });
    }
}

/// The functions that run when the value of an expression is called by a framework: the function itself,
/// and for a wrapper, `withAuth(async (req) => …)`, the functions given to it and those it makes.
fn handlers(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk: u32,
    shape: &Shape,
    depth: u32,
    out: &mut Vec<(FileNo, FunctionId)>,
) {
    let symbol = resolver.symbol(file, chunk, shape);
    if symbol == Symbol::Unknown
        && let Shape::Name(_) | Shape::Member(..) = shape
    {
        // `export const { GET, POST } = handlers(…)`: a part of what a call made.
        let (mut chunk, mut at) = (chunk, shape.clone());
        for _ in 0..4 {
            (chunk, at) = match &at {
                Shape::Member(object, _) => (chunk, (**object).clone()),
                Shape::Name(name) if name.local.is_none() => {
                    match resolver.project_file(file).and_then(|input| input.facts.binding(&name.text)) {
                        Some((id, decl)) => (id.chunk, decl.value.clone()),
                        None => return,
                    }
                }
                _ => break,
            };
            if let Shape::Call(_) = at {
                break;
            }
            let symbol = resolver.symbol(file, chunk, &at);
            if symbol != Symbol::Unknown {
                behind(resolver, &symbol, depth + 1, out);
                return;
            }
        }
        if let Shape::Call(_) = at {
            behind(resolver, &Symbol::Value(file, chunk, at), depth + 1, out);
        }
        return;
    }
    behind(resolver, &symbol, depth, out);
}

/// The function that a symbol is, where it is one.
fn function_behind(resolver: &Resolver<'_>, symbol: &Symbol) -> Option<(FileNo, FunctionId)> {
    match *symbol {
        Symbol::Function(file, id) if resolver.kind(file, id) != Some(FunctionKind::Class) => {
            Some((file, id))
        }
        _ => None,
    }
}

fn behind(resolver: &mut Resolver<'_>, symbol: &Symbol, depth: u32, out: &mut Vec<(FileNo, FunctionId)>) {
    if depth > 4 {
        return;
    }
    match *symbol {
        Symbol::Function(file, id) if resolver.kind(file, id) != Some(FunctionKind::Class) => {
            out.push((file, id));
        }
        Symbol::Value(file, chunk, Shape::Call(number)) => {
            let Some(input) = resolver.project_file(file) else { return };
            let call = input.facts.chunks[chunk as usize].facts.calls[number as usize].clone();
            for argument in &call.args {
                match argument {
                    Shape::Object(entries) => {
                        for (_, value) in entries {
                            handlers(resolver, file, chunk, value, depth + 1, out);
                        }
                    }
                    Shape::Array(items) => {
                        for value in items {
                            handlers(resolver, file, chunk, value, depth + 1, out);
                        }
                    }
                    Shape::Name(_) | Shape::Member(..) | Shape::Function(_) | Shape::Call(_) => {
                        handlers(resolver, file, chunk, argument, depth + 1, out);
                    }
                    _ => {}
                }
            }
            // The wrapper itself ran when the module was loaded; the functions it made run now.
            match &call.callee {
                Shape::Call(_) => handlers(resolver, file, chunk, &call.callee, depth + 1, out),
                // `handler.bind(controller)`, `router.handler()`.
                Shape::Member(object, name) if name == "bind" => {
                    handlers(resolver, file, chunk, object, depth + 1, out);
                }
                callee => {
                    if let Symbol::Function(wrapper_file, wrapper) = resolver.symbol(file, chunk, callee) {
                        made_by(resolver, wrapper_file, wrapper, out);
                        // It may leave the wrapping to another: `return withCheck(handler, check)`.
                        for number in returned(resolver, wrapper_file, wrapper) {
                            let call = Symbol::Value(wrapper_file, wrapper.chunk, Shape::Call(number));
                            behind(resolver, &call, depth + 1, out);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

/// The calls whose values a function returns.
fn returned(resolver: &Resolver<'_>, file: FileNo, function: FunctionId) -> Vec<u32> {
    let input = resolver.project_file(file);
    input.map_or_else(Vec::new, |input| input.facts.function(function).returned.clone())
}

/// The functions written directly inside a function.
pub(super) fn made_by(
    resolver: &Resolver<'_>,
    file: FileNo,
    wrapper: FunctionId,
    out: &mut Vec<(FileNo, FunctionId)>,
) {
    let Some(input) = resolver.project_file(file) else { return };
    let chunk = &input.facts.chunks[wrapper.chunk as usize].facts;
    for (number, function) in chunk.functions.iter().enumerate() {
        if function.parent == Some(wrapper.number) && function.kind == FunctionKind::Plain {
            out.push((file, FunctionId { chunk: wrapper.chunk, number: number as u32 }));
        }
    }
}

/// Methods of an Express application or router that register handlers.
const REGISTER: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "all", "use", "param"];

/// Handlers registered on an Express application or router that this file names.
fn express(
    project: &Project,
    resolver: &mut Resolver<'_>,
    file: FileNo,
    facts: &FileFacts,
    out: &mut Vec<Entry>,
) {
    for (id, call) in facts.calls() {
        let Shape::Member(object, method) = &call.callee else { continue };
        if !REGISTER.contains(&method.as_str()) || !is_application(project, resolver, file, id, object) {
            continue;
        }
        let path = call.args.first().and_then(Shape::text);
        let mut roots = Vec::new();
        let mut direct = Vec::new();
        for argument in call.args.iter().skip(usize::from(path.is_some())) {
            let given = match argument {
                Shape::Array(items) => items.as_slice(),
                other => std::slice::from_ref(other),
            };
            for handler in given {
                handlers(resolver, file, id.chunk, handler, 0, &mut roots);
                let symbol = resolver.symbol(file, id.chunk, handler);
                direct.extend(function_behind(resolver, &symbol));
            }
        }
        project.sort_roots(&mut roots);
        if roots.is_empty() {
            continue;
        }
        out.push(registered(id, method, path, path.map(str::to_owned), roots, direct));
    }
}

/// The entry of a registration on an Express application or router.
pub(super) fn registered(
    call: CallId,
    method: &str,
    path: Option<&str>,
    url: Option<String>,
    roots: Vec<(FileNo, FunctionId)>,
    direct: Vec<(FileNo, FunctionId)>,
) -> Entry {
    let label = match (method, path) {
        ("use", Some(path)) => format!("the Express middleware on `{path}`"),
        ("use" | "param", _) => "an Express middleware".to_owned(),
        (verb, Some(path)) => format!("`{} {path}` (Express)", verb.to_uppercase()),
        (verb, None) => format!("a {} handler (Express)", verb.to_uppercase()),
    };
    let verb = (!matches!(method, "use" | "all" | "param")).then(|| method.to_uppercase());
    Entry {
        label,
        layer: Layer::Express,
        url,
        method: verb.map(Into::into),
        place: Place::Call(call),
        roots,
        direct,
        kind: "express",
        edge: false,
    }
}

/// Whether an expression is `express()`, `Router()` or what `.route(…)` of one gives.
fn is_application(
    project: &Project,
    resolver: &mut Resolver<'_>,
    file: FileNo,
    id: CallId,
    object: &Shape,
) -> bool {
    let (mut file, mut chunk) = (file, id.chunk);
    let mut object = object.clone();
    for _ in 0..4 {
        let Symbol::Value(at, in_chunk, Shape::Call(number)) = resolver.symbol(file, chunk, &object) else {
            return false;
        };
        let Some(input) = project.file(at) else { return false };
        let call = &input.facts.chunks[in_chunk as usize].facts.calls[number as usize];
        if let Symbol::External { specifier, export } = resolver.symbol(at, in_chunk, &call.callee) {
            return specifier == "express"
                && matches!(&*export, "" | "default" | "Router" | "default.Router");
        }
        // `router.route("/x").get(…).post(…)`.
        let Shape::Member(inner, name) = &call.callee else { return false };
        if name != "route" && !REGISTER.contains(&name.as_str()) {
            return false;
        }
        object = (**inner).clone();
        (file, chunk) = (at, in_chunk);
    }
    false
}
