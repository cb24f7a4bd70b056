//! The table of endpoints as data for other programs. What is there stays under `schemaVersion` 1; more may be added.

use serde::Serialize;

use super::{Call, Endpoint};
use crate::package::Seconds;
use crate::path::FilePath;
use crate::project::Sources;
use crate::text::{Encoding, Span};

/// Every endpoint, for other programs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    schema_version: u32,
    routes: Vec<Route>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Route {
    framework: &'static str,
    package: String,
    url: String,
    url_known: bool,
    methods: Vec<String>,
    path: String,
    range: Option<Range>,
    runtime: Option<&'static str>,
    max_duration: Option<MaxDuration>,
    caching: Option<Caching>,
    middleware: Vec<String>,
    middleware_known: bool,
    error_handler: Option<String>,
    auth: &'static str,
    effects: Vec<&'static str>,
    handlers: Vec<Handler>,
    callers: Vec<Caller>,
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
struct Handler {
    method: Option<String>,
    range: Option<Range>,
    auth: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Caller {
    path: String,
    range: Option<Range>,
    method: Option<String>,
    sure: bool,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Range {
    start: Place,
    end: Place,
}

/// As people count: lines and columns from 1, columns in Unicode scalars; `offset` in bytes from 0.
#[derive(Clone, Copy, Debug, Serialize)]
struct Place {
    line: u32,
    column: u32,
    offset: u32,
}

impl Report {
    /// Tells of endpoints. `name` says how a file or folder is called.
    pub fn new(endpoints: &[Endpoint], sources: &dyn Sources, name: &dyn Fn(&FilePath) -> String) -> Self {
        let range = |path: &FilePath, span: Span| {
            let document = sources.document(path)?;
            let place = |offset: u32| {
                let at = document.lines().position(document.text(), offset, Encoding::Utf32);
                Place { line: at.line + 1, column: at.character + 1, offset }
            };
            Some(Range { start: place(span.start), end: place(span.end) })
        };
        let caller = |call: &Call| Caller {
            path: name(&call.path),
            range: range(&call.path, call.span),
            method: call.method.as_deref().map(str::to_owned),
            sure: call.sure,
        };
        let route = |it: &Endpoint| {
            let (dynamic, revalidate) = it.caching.clone();
            Route {
                framework: it.framework.name(),
                package: it.package.root.as_ref().map_or_else(
                    || ".".to_owned(),
                    |root| match name(root) {
                        empty if empty.is_empty() => ".".to_owned(),
                        name => name,
                    },
                ),
                url: it.url.clone(),
                url_known: it.url_known,
                methods: it.methods.clone(),
                path: name(&it.path),
                range: range(&it.path, it.span),
                runtime: it.runtime,
                max_duration: it.max_duration.as_ref().map(|(seconds, from)| MaxDuration {
                    seconds: match seconds {
                        Seconds::At(seconds) => Limit::At(*seconds),
                        Seconds::Max => Limit::Max("max"),
                    },
                    from: name(from.as_ref().unwrap_or(&it.path)),
                }),
                caching: (dynamic.is_some() || revalidate.is_some())
                    .then_some(Caching { dynamic, revalidate }),
                middleware: it.middleware.clone(),
                middleware_known: it.middleware_known,
                error_handler: it.error_handler.clone(),
                auth: it.auth.name(),
                effects: it.effects.iter().map(|effect| effect.name()).collect(),
                handlers: it
                    .handlers
                    .iter()
                    .map(|handler| Handler {
                        method: handler.method.as_deref().map(str::to_owned),
                        range: range(&it.path, handler.span),
                        auth: handler.auth.name(),
                    })
                    .collect(),
                callers: it.callers.iter().map(caller).collect(),
                metadata: it.metadata,
            }
        };
        Self { schema_version: 1, routes: endpoints.iter().map(route).collect() }
    }
}
