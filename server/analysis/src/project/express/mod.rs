//! Express applications: which routers there are, what is registered on them in which order, and which routes
//! that makes.
//!
//! Routers are values: they are made by functions, handed to others, kept in fields, mounted in files far away.
//! So the code that sets an application up is followed in the order in which it runs ([`run`], [`call`], [`eval`]): from
//! each module that nobody imports ([`programs`]), into what it imports and calls. What happens to a router on that way
//! ([`register`]) is kept as its [`Layer`]s; [`flatten`] makes routes of them.
//!
//! What cannot be followed is said, not guessed: a layer that only some conditions bring is `maybe`, a router
//! that unknown code gets hold of has a layer of the kind [`LayerKind::Opaque`], one whose layers come in no
//! order that could be told has no [`Router::ordered`]. Nothing is kept from one time to the next, and
//! everything is told by numbers of calls and functions: a graph stays right while code only moves.

mod call;
mod classes;
mod eval;
mod flatten;
mod kept;
mod path;
mod programs;
mod register;
mod run;
mod value;

use std::collections::BTreeMap;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) use kept::Programs;
pub(crate) use path::{Coverage, Path, Url, parameters};
pub(super) use programs::is_named;

use super::entries::{self, Entry};
use super::{FileNo, Project};
use crate::facts::{CallId, FunctionId};
use crate::package::Version;
use crate::text::Span;

/// A router's number in [`Express::routers`].
pub(crate) type RouterNo = u32;

/// All Express applications of a project.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Express {
    /// Every application and router that was seen being made, in the order of it. A factory that is called
    /// twice makes two.
    pub(crate) routers: Vec<Router>,
    /// Every route, by the path of the file that registers it and its place there.
    pub(crate) routes: Vec<Route>,
    /// The files that have to do with Express: those that load it, and those that were looked at to follow it.
    files: FxHashSet<FileNo>,
    /// The files in which something of them is made, registered or handled.
    about: FxHashSet<FileNo>,
    /// Which layers a call registers.
    calls: BTreeMap<(FileNo, CallId), Vec<(RouterNo, u32)>>,
}

/// `express()` or `express.Router()`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is said of a router or not")]
pub(crate) struct Router {
    /// The call that made it.
    pub(crate) site: (FileNo, CallId),
    /// `express()`, not `Router()`.
    pub(crate) is_app: bool,
    /// `mergeParams`; `None` where the options are not to be read.
    pub(crate) merge_params: Option<bool>,
    /// `strict`: a slash at the end counts. For an application by its setting.
    pub(crate) strict: bool,
    /// `caseSensitive`. For an application by its setting.
    pub(crate) case_sensitive: bool,
    /// What is registered, in order.
    pub(crate) layers: Vec<Layer>,
    /// `app.set`, `enable`, `disable`, `engine`, in order.
    pub(crate) settings: Vec<Setting>,
    /// The order of the layers is proven.
    pub(crate) ordered: bool,
    /// It is what a server answers with: `app.listen(…)`, `http.createServer(app)`.
    pub(crate) listens: bool,
    /// Where it is mounted: the router and its layer.
    pub(crate) mounted: Vec<(RouterNo, u32)>,
}

/// One call that registers something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// The call: `app.use(…)`, `router.get(…)`, `….route("/x").get(…)`.
    pub(crate) call: (FileNo, CallId),
    pub(crate) kind: LayerKind,
    /// The paths it is for; none: every path.
    pub(crate) paths: Vec<Path>,
    /// In order, arrays and spreads taken apart.
    pub(crate) handlers: Vec<Handler>,
    /// A condition decides whether it is there.
    pub(crate) maybe: bool,
    /// Which run of code registered it, see [`Router::ordered`].
    thread: u32,
}

/// What a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LayerKind {
    /// `use`.
    Use,
    /// One method, in capitals.
    Method(CompactString),
    /// `all`.
    All,
    /// `param`, with the parameter's name.
    Param(CompactString),
    /// Code that is not understood gets hold of the router here: it may register anything.
    Opaque,
}

/// `app.set("trust proxy", 1)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) call: (FileNo, CallId),
    pub(crate) name: CompactString,
    /// The value as code, where it is a literal; `true` and `false` for `enable` and `disable`.
    pub(crate) value: Option<CompactString>,
    /// A condition decides whether it is set.
    pub(crate) maybe: bool,
}

/// What a function without a name is called.
pub const NAMELESS: &str = "anonymous";

/// One thing that is given to a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handler {
    /// As a person says it: `requireAuth`, `express.json`, `userController.list`, [`NAMELESS`].
    pub(crate) name: CompactString,
    /// The package it comes from and the export, as [`super::Symbol::External`] has them: `("express", "json")`
    /// for `express.json()`. What a package's function made counts as that function's.
    pub(crate) package: Option<(CompactString, CompactString)>,
    /// The function that Express calls, where that is known: nothing is wrapped around it.
    pub(crate) function: Option<(FileNo, FunctionId)>,
    /// The functions that run for a request: that one, or what is known of what is wrapped.
    pub(crate) roots: Vec<(FileNo, FunctionId)>,
    /// How many parameters it has, where that is known: by four Express tells error middleware.
    pub(crate) arity: Option<u32>,
    /// The router that is mounted.
    pub(crate) router: Option<RouterNo>,
    /// A condition decides whether it is there: `...(isDev ? [trace] : [])`.
    pub(crate) maybe: bool,
}

impl Handler {
    /// Packages whose middleware is for errors.
    const FOR_ERRORS: &'static [(&'static str, &'static str)] = &[
        ("@sentry/node", "Handlers.errorHandler"),
        ("@sentry/node", "expressErrorHandler"),
        ("celebrate", "errors"),
        ("errorhandler", ""),
        ("errorhandler", "default"),
        ("express-winston", "errorLogger"),
        ("express-winston", "default.errorLogger"),
        ("strong-error-handler", ""),
    ];

    /// Whether Express calls it for errors only.
    pub(crate) fn is_for_errors(&self) -> bool {
        self.arity == Some(4)
            || self.package.as_ref().is_some_and(|(specifier, export)| {
                Self::FOR_ERRORS.contains(&(specifier.as_str(), export.trim_end_matches("()")))
            })
    }
}

/// A route: a path and a method, and what a request for it goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The router it is registered on, and the layer.
    pub(crate) layer: (RouterNo, u32),
    /// The outermost router: an application, unless it is mounted where nobody can see.
    pub(crate) root: RouterNo,
    /// The whole URL.
    pub(crate) url: Url,
    /// What is mounted above it, outermost first: the router that holds the mounting layer, and the layer.
    pub(crate) mounts: Vec<(RouterNo, u32)>,
    /// What a request passes before the route's last handler, in order. Where [`Route::ordered`] is not set the
    /// order means nothing.
    pub(crate) chain: Vec<Passed>,
    /// The handler for errors that the route's own come to first.
    pub(crate) errors: Option<Passed>,
    /// The order of everything in the chain is proven.
    pub(crate) ordered: bool,
    /// Code that is not understood may have put more before it.
    pub(crate) opaque: bool,
}

/// A handler that a request passes, when all before it go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The layer that holds it, and its number there.
    pub(crate) layer: (RouterNo, u32),
    pub(crate) handler: u32,
    /// The URL it is for.
    pub(crate) on: Url,
    /// Its path is for every request of the route.
    pub(crate) covers_all: bool,
    /// A condition decides whether it is there at all.
    pub(crate) maybe: bool,
}

impl Router {
    /// The files in which it is made, set up and handled.
    fn files(&self) -> impl Iterator<Item = FileNo> {
        let handlers = self.layers.iter().flat_map(|layer| &layer.handlers);
        let handled = handlers.flat_map(|it| it.function.iter().chain(&it.roots).map(|(file, _)| *file));
        let set_up = self.layers.iter().map(|layer| layer.call.0);
        let settings = self.settings.iter().map(|setting| setting.call.0);
        handled.chain(set_up).chain(settings).chain([self.site.0])
    }
}

impl Express {
    /// The layer with a number.
    pub(crate) fn layer(&self, (router, layer): (RouterNo, u32)) -> &Layer {
        &self.routers[router as usize].layers[layer as usize]
    }

    /// A handler that a request passes.
    pub(crate) fn handler(&self, passed: &Passed) -> &Handler {
        &self.layer(passed.layer).handlers[passed.handler as usize]
    }

    /// The layers that a call registers: several where the code around it runs several times.
    pub(crate) fn registered(&self, file: FileNo, call: CallId) -> &[(RouterNo, u32)] {
        self.calls.get(&(file, call)).map_or(&[], Vec::as_slice)
    }

    /// The routes that a call registers.
    pub(crate) fn routes_of(&self, file: FileNo, call: CallId) -> impl Iterator<Item = &Route> {
        let layers = self.registered(file, call);
        self.routes.iter().filter(move |route| layers.contains(&route.layer))
    }
}

impl Route {
    /// The method in capitals, `ALL` for every method.
    pub(crate) fn method<'e>(&self, express: &'e Express) -> &'e str {
        match &express.layer(self.layer).kind {
            LayerKind::Method(method) => method,
            _ => "ALL",
        }
    }

    /// The handler that is to answer: the last.
    pub(crate) fn handler<'e>(&self, express: &'e Express) -> Option<&'e Handler> {
        express.layer(self.layer).handlers.last()
    }
}

/// The entries of every file that has to do with Express, with what the whole application says of them: the
/// full URL, and registrations on a router that the file is given.
pub(super) fn entries(project: &Project) -> Vec<(FileNo, Vec<Entry>)> {
    let express = project.express();
    let mut calls: FxHashMap<FileNo, Vec<CallId>> = FxHashMap::default();
    for &(file, call) in express.calls.keys() {
        calls.entry(file).or_default().push(call);
    }
    let mut routes: FxHashMap<(RouterNo, u32), Vec<&Route>> = FxHashMap::default();
    for route in &express.routes {
        routes.entry(route.layer).or_default().push(route);
    }
    let mut out = Vec::new();
    for file in project.numbers() {
        let Some(links) = project.links(file) else { continue };
        let known = calls.get(&file).map_or(&[][..], Vec::as_slice);
        let is_express = |entry: &&Entry| entry.kind == "express";
        // What an application that is gone had made of the file goes too.
        if known.is_empty() && !links.own.iter().chain(&links.entries).any(|entry| is_express(&entry)) {
            continue;
        }
        let mut entries: Vec<Entry> = links.own.iter().filter(|it| !is_express(it)).cloned().collect();
        let mut registered: Vec<Entry> = links
            .own
            .iter()
            .filter(|it| is_express(it) && it.call().is_none_or(|it| !known.contains(&it)))
            .cloned()
            .collect();
        for &call in known {
            let own = links.own.iter().find(|entry| entry.call() == Some(call));
            registered.extend(entry(project, express, &routes, (file, call), own));
        }
        registered.sort_by_key(Entry::call);
        entries.extend(registered);
        out.push((file, entries));
    }
    out
}

/// The entry of one registration; none where it brings no function to run.
fn entry(
    project: &Project,
    express: &Express,
    routes: &FxHashMap<(RouterNo, u32), Vec<&Route>>,
    (file, call): (FileNo, CallId),
    own: Option<&Entry>,
) -> Option<Entry> {
    let layers = express.registered(file, call);
    let mut roots: Vec<_> = own.into_iter().flat_map(|entry| entry.roots.iter().copied()).collect();
    let mut direct: Vec<_> = own.into_iter().flat_map(|entry| entry.direct.iter().copied()).collect();
    for handler in layers.iter().flat_map(|layer| &express.layer(*layer).handlers) {
        roots.extend(&handler.roots);
        direct.extend(handler.function.filter(|function| !direct.contains(function)));
    }
    project.sort_roots(&mut roots);
    if roots.is_empty() {
        return None;
    }
    let layer = express.layer(*layers.first()?);
    let method = match &layer.kind {
        LayerKind::Use => CompactString::from("use"),
        LayerKind::All => "all".into(),
        LayerKind::Param(_) => "param".into(),
        LayerKind::Method(method) => method.to_lowercase(),
        LayerKind::Opaque => return None,
    };
    let mut urls: Vec<&Url> =
        layers.iter().filter_map(|layer| routes.get(layer)).flatten().map(|route| &route.url).collect();
    urls.dedup();
    let own_path = match layer.paths.as_slice() {
        [Path::Text(text)] => Some(text.as_str()),
        _ => None,
    };
    // One registration may serve several URLs; then the path it is written with has to do.
    let path = match urls.as_slice() {
        [url] if url.known => Some(url.shown()),
        _ => own_path,
    };
    Some(entries::registered(call, &method, path, path.map(str::to_owned), roots, direct))
}

/// Where a registration stands: the name of what is called, `use` of `app.use`. A chain of calls has one place
/// for each.
pub(crate) fn span(project: &Project, (file, call): (FileNo, CallId)) -> Option<Span> {
    let facts = &project.file(file)?.facts;
    let at = facts.span(call.chunk, facts.call(call).head);
    let name = facts.call(call).callee.last().map_or(at.len(), |name| name.len() as u32);
    Some(Span::new(at.end.saturating_sub(name).max(at.start), at.end))
}

/// The version of Express in the package of a file.
pub(crate) fn version(project: &Project, file: FileNo) -> Option<&Version> {
    project.file(file)?.package.versions.get("express")
}

impl Express {
    /// Follows the set-up of every application.
    pub(super) fn read(project: &Project, former: &Programs) -> (Self, Programs) {
        let files = programs::Files::of(project);
        if files.all.is_empty() {
            return Default::default();
        }
        let (made, files, programs) = programs::worlds(project, files, former);
        let mut express = Self { routers: made, files, ..Self::default() };
        for (number, router) in express.routers.iter().enumerate() {
            for (at, layer) in router.layers.iter().enumerate() {
                if layer.kind != LayerKind::Opaque {
                    express.calls.entry(layer.call).or_default().push((number as u32, at as u32));
                }
            }
        }
        express.about = express.routers.iter().flat_map(Router::files).collect();
        let mut routes = flatten::routes(project, &express.routers);
        let key = |route: &Route| {
            let (file, call) = express.layer(route.layer).call;
            (project.file(file).map(|input| &input.path), call)
        };
        routes.sort_by(|a, b| key(a).cmp(&key(b)));
        express.routes = routes;
        (express, programs)
    }

    /// Whether the applications may have to be read again when a file changes that loads what it loaded before.
    pub(super) fn concerns(&self, file: FileNo) -> bool {
        self.files.contains(&file)
    }

    /// The same of a file that loads these.
    pub(super) fn concern_any(&self, loaded: &[FileNo]) -> bool {
        loaded.iter().any(|&file| self.concerns(file))
    }

    /// Whether something of them is made, registered or handled in a file.
    pub(super) fn is_about(&self, file: FileNo) -> bool {
        self.about.contains(&file)
    }

    /// The files of which [`Express::is_about`] holds here and not in another version.
    pub(super) fn newly_about<'e>(&'e self, before: &'e Self) -> impl Iterator<Item = FileNo> + 'e {
        self.about.difference(&before.about).copied()
    }

    /// Whether all applications are set up as in another version, whatever files were looked at to find it out.
    pub(super) fn is_set_up_as(&self, other: &Self) -> bool {
        self.routers == other.routers && self.routes == other.routes
    }

    /// Whether there are none, and no file has to do with them.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.routers.is_empty() && self.routes.is_empty()
    }

    /// Leaves out the routers that `keep` does not name.
    fn retain(routers: Vec<Router>, keep: &FxHashSet<RouterNo>) -> Vec<Router> {
        let mut numbers = FxHashMap::default();
        for number in 0..routers.len() as u32 {
            if keep.contains(&number) {
                numbers.insert(number, numbers.len() as u32);
            }
        }
        let mut out = Vec::with_capacity(keep.len());
        for (number, mut router) in routers.into_iter().enumerate() {
            if !keep.contains(&(number as u32)) {
                continue;
            }
            router.mounted.retain_mut(|(parent, _)| match numbers.get(parent) {
                Some(&new) => {
                    *parent = new;
                    true
                }
                None => false,
            });
            for handler in router.layers.iter_mut().flat_map(|layer| &mut layer.handlers) {
                handler.router = handler.router.and_then(|inner| numbers.get(&inner).copied());
            }
            out.push(router);
        }
        out
    }
}
