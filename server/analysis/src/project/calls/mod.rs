//! Requests that code makes: `fetch("/api/users")`, `axios.post(…)`, `<Link href>`, and which route each is for.
//!
//! What a file asks for is part of its links, found with the same rules of names as its calls. Which route that is
//! depends on all files, so it is told anew whenever the table of routes is.

mod asking;
mod clients;
mod serve;
mod url;
mod wrappers;

use compact_str::CompactString;

use super::routes::address::Fit;
use super::routes::table::Table;
use super::{FileNo, Project, Workers};
use crate::facts::{CallId, ChunkFacts, FileFacts, FunctionId};
use crate::text::Span;

pub(crate) use asking::{asking, lead};
pub(crate) use serve::answerers;
pub(crate) use url::Origin;

/// A request that code makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientCall {
    /// Where the URL stands.
    pub(crate) place: Place,
    /// What makes it: `fetch`, `axios`, `Link`.
    pub(crate) by: Client,
    /// In capitals, where it is known.
    pub(crate) method: Option<CompactString>,
    /// Who it goes to.
    pub(crate) origin: Origin,
    /// The path without query. Parts that are put together when the code runs are
    /// [`HOLE`](super::routes::address::HOLE)s.
    pub(crate) path: CompactString,
    /// The function it stands in.
    pub(crate) function: Option<FunctionId>,
    /// A base URL of the client stands before what is written.
    pub(crate) based: bool,
}

/// What makes a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Client {
    /// The global `fetch`, and what is used for it: `sendBeacon`, `EventSource`.
    Fetch,
    /// A library: `axios`, `ky`, `got`, `ofetch`, `swr`.
    Library,
    /// A function of the project that asks for what it is given.
    Wrapper,
    /// A test of a server: `supertest`.
    Test,
    /// A browser goes there: `Link`, `router.push`, a form.
    Navigation,
}

/// Where the URL of a request stands. Told by numbers: these stay when code only moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    /// An argument of a call.
    Argument(CallId, u32),
    /// The `url` of the options that a call is given.
    Options(CallId, u32),
    /// An attribute of an element, by chunk and number.
    Element(u32, u32),
}

impl ClientCall {
    /// Where the URL stands, in the facts of its file as they are now.
    pub(crate) fn span(&self, facts: &FileFacts) -> Span {
        self.place.span(facts)
    }
}

impl Place {
    /// Where it is, in the facts of its file as they are now.
    pub(crate) fn span(self, facts: &FileFacts) -> Span {
        match self {
            Place::Argument(call, argument) => {
                let at = facts.call(call).args_at.get(argument as usize).copied().unwrap_or_default();
                facts.span(call.chunk, at)
            }
            Place::Options(call, argument) => {
                let url = facts.call(call).url_at.filter(|(of, _)| *of == argument);
                url.map_or_else(
                    || Place::Argument(call, argument).span(facts),
                    |(_, at)| facts.span(call.chunk, at),
                )
            }
            Place::Element(chunk, number) => {
                let at = facts.chunks[chunk as usize].facts.elements[number as usize].at;
                facts.span(chunk, at)
            }
        }
    }
}

/// A request for a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Caller {
    pub(crate) file: FileNo,
    /// Its number among the requests of the file.
    pub(crate) number: u32,
    /// It is for this route; else the route is one of several that it may be for.
    pub(crate) sure: bool,
}

pub(super) use clients::requests;

/// Whether a statement sets what a library puts before the URLs of its requests.
pub(super) fn sets_base(facts: &ChunkFacts) -> bool {
    facts.assigns.iter().any(|assign| {
        assign.left.last().is_some_and(|name| matches!(name, "baseURL" | "prefixUrl" | "fetch"))
    })
}

/// That a file asks for the route of this number in the table.
pub(super) type Asks = (usize, Caller);

/// Who calls each route of the table, by path and place; each file is asked by one of `workers`.
pub(super) fn callers(project: &Project, table: &Table, workers: Workers<'_>) -> Vec<Vec<Caller>> {
    let asking = |file: &FileNo| project.links(*file).is_some_and(|links| !links.requests.is_empty());
    let files: Vec<FileNo> = project.numbers().filter(asking).collect();
    workers(files.len(), &|at| {
        project.asks(files[at]);
    });
    let mut out = vec![Vec::new(); table.routes.len()];
    for (route, caller) in files.iter().flat_map(|file| project.asks(*file)) {
        out[*route].push(*caller);
    }
    out
}

/// The routes that the requests of a file are for.
pub(super) fn asks(project: &Project, file: FileNo) -> Vec<Asks> {
    let Some(links) = project.links(file) else { return Vec::new() };
    let table = project.table();
    let of_request = |(number, request)| {
        let answerers = answerers(project, table, file, request).into_iter();
        answerers.map(move |it| (it.route, Caller { file, number, sure: it.fit == Fit::Yes }))
    };
    (0..).zip(&links.requests).flat_map(of_request).collect()
}
