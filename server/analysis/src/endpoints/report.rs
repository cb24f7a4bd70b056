//! The table of endpoints as data for other programs. What is there stays under `schemaVersion` 1; more may be added.

use serde::Serialize;

use super::{Call, Endpoint, Listing};
use crate::package::{MoveKind, Package, Seconds};
use crate::path::FilePath;
use crate::project::Sources;
use crate::text::{Encoding, Span};

/// How places are told: programs count as people do, editors as their protocol says.
pub trait Places {
    /// A range of a file.
    type Range: Serialize;

    /// How a file or folder is called.
    fn name(&self, path: &FilePath) -> String;

    /// A range of a file that can be read.
    fn range(&self, path: &FilePath, span: Span) -> Option<Self::Range>;
}

/// Everything that is listed, for other programs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report<R> {
    schema_version: u32,
    routes: Vec<Row<R>>,
    actions: Vec<Action<R>>,
    moves: Vec<Moved>,
    requests: Vec<Request<R>>,
}

/// One route, for other programs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row<R> {
    framework: &'static str,
    package: String,
    url: String,
    url_known: bool,
    methods: Vec<String>,
    path: String,
    range: Option<R>,
    runtime: Option<&'static str>,
    max_duration: Option<MaxDuration>,
    caching: Option<Caching>,
    middleware: Vec<String>,
    middleware_known: bool,
    error_handler: Option<String>,
    auth: &'static str,
    effects: Vec<&'static str>,
    handlers: Vec<Handler<R>>,
    callers: Vec<Caller<R>>,
    metadata: bool,
}

#[derive(Clone, Debug, Serialize)]
struct MaxDuration {
    seconds: Limit,
    from: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Limit {
    At(u64),
    Max(&'static str),
}

#[derive(Clone, Debug, Serialize)]
struct Caching {
    dynamic: Option<String>,
    revalidate: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Handler<R> {
    method: Option<String>,
    range: Option<R>,
    auth: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Caller<R> {
    path: String,
    range: Option<R>,
    method: Option<String>,
    sure: bool,
}

/// A server action.
#[derive(Clone, Debug, Serialize)]
struct Action<R> {
    package: String,
    name: Option<String>,
    path: String,
    range: Option<R>,
    auth: &'static str,
    effects: Vec<&'static str>,
}

/// A rewrite or a redirect.
#[derive(Clone, Debug, Serialize)]
struct Moved {
    kind: &'static str,
    package: String,
    source: String,
    destination: Option<String>,
    conditional: bool,
}

/// A request of the code, and who answers it.
#[derive(Clone, Debug, Serialize)]
struct Request<R> {
    path: String,
    range: Option<R>,
    method: Option<String>,
    url: String,
    answered: &'static str,
}

/// From a place up to another, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// The first character.
    pub start: Place,
    /// Behind the last character.
    pub end: Place,
}

/// As people count: lines and columns from 1, columns in Unicode scalars; `offset` in bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// In bytes, from 0.
    pub offset: u32,
}

/// Where a span of a file stands; `None` where the file cannot be read.
pub(crate) fn range(sources: &dyn Sources, path: &FilePath, span: Span) -> Option<Range> {
    let document = sources.document(path)?;
    let place = |offset: u32| {
        let at = document.lines().position(document.text(), offset, Encoding::Utf32);
        Place { line: at.line + 1, column: at.character + 1, offset }
    };
    Some(Range { start: place(span.start), end: place(span.end) })
}

/// Places as people count them.
pub struct ForPeople<'a> {
    /// Where texts come from.
    pub sources: &'a dyn Sources,
    /// How a file or folder is called.
    pub name: &'a dyn Fn(&FilePath) -> String,
}

impl Places for ForPeople<'_> {
    type Range = Range;

    fn name(&self, path: &FilePath) -> String {
        (self.name)(path)
    }

    fn range(&self, path: &FilePath, span: Span) -> Option<Range> {
        range(self.sources, path, span)
    }
}

impl<R: Serialize> Report<R> {
    /// Tells of all that is listed.
    pub fn new(listing: &Listing, places: &impl Places<Range = R>) -> Self {
        let action = |it: &super::ServerAction| Action {
            package: package(&it.package, places),
            name: it.name.clone(),
            path: places.name(&it.path),
            range: places.range(&it.path, it.span),
            auth: it.auth.name(),
            effects: it.effects.iter().map(|effect| effect.name()).collect(),
        };
        let moved = |it: &super::PackageMove| Moved {
            kind: match it.moved.kind {
                MoveKind::Rewrite => "rewrite",
                MoveKind::Redirect => "redirect",
            },
            package: package(&it.package, places),
            source: it.moved.source.clone(),
            destination: it.moved.destination.clone(),
            conditional: it.moved.conditional,
        };
        let request = |it: &super::Request| Request {
            path: places.name(&it.path),
            range: places.range(&it.path, it.span),
            method: it.method.as_deref().map(str::to_owned),
            url: it.url.clone(),
            answered: it.answered.name(),
        };
        Self {
            schema_version: 1,
            routes: listing.routes.iter().map(|route| Row::new(route, places)).collect(),
            actions: listing.actions.iter().map(action).collect(),
            moves: listing.moves.iter().map(moved).collect(),
            requests: listing.requests.iter().map(request).collect(),
        }
    }
}

impl<R: Serialize> Row<R> {
    /// Tells of one route.
    pub fn new(route: &Endpoint, places: &impl Places<Range = R>) -> Self {
        let caller = |call: &Call| Caller {
            path: places.name(&call.path),
            range: places.range(&call.path, call.span),
            method: call.method.as_deref().map(str::to_owned),
            sure: call.sure,
        };
        let (dynamic, revalidate) = route.caching.clone();
        Self {
            framework: route.framework.name(),
            package: package(&route.package, places),
            url: route.url.clone(),
            url_known: route.url_known,
            methods: route.methods.clone(),
            path: places.name(&route.path),
            range: places.range(&route.path, route.span),
            runtime: route.runtime,
            max_duration: route.max_duration.as_ref().map(|(seconds, from)| MaxDuration {
                seconds: match seconds {
                    Seconds::At(seconds) => Limit::At(*seconds),
                    Seconds::Max => Limit::Max("max"),
                },
                from: places.name(from.as_ref().unwrap_or(&route.path)),
            }),
            caching: (dynamic.is_some() || revalidate.is_some()).then_some(Caching { dynamic, revalidate }),
            middleware: route.middleware.clone(),
            middleware_known: route.middleware_known,
            error_handler: route.error_handler.clone(),
            auth: route.auth.name(),
            effects: route.effects.iter().map(|effect| effect.name()).collect(),
            handlers: route
                .handlers
                .iter()
                .map(|handler| Handler {
                    method: handler.method.as_deref().map(str::to_owned),
                    range: places.range(&route.path, handler.span),
                    auth: handler.auth.name(),
                })
                .collect(),
            callers: route.callers.iter().map(caller).collect(),
            metadata: route.metadata,
        }
    }
}

/// The folder of a package; `.` for that of the workspace.
fn package<P: Places>(package: &Package, places: &P) -> String {
    let name = package.root.as_ref().map(|root| places.name(root)).unwrap_or_default();
    if name.is_empty() { ".".to_owned() } else { name }
}
