//! Every endpoint of a project with all that is known of it: what `routewise routes` prints, and what editors list.

mod body;
mod card;
mod changes;
mod hierarchy;
mod hints;
mod listed;
mod navigate;
mod report;
mod requests;
pub(crate) mod written;

use std::collections::BTreeSet;
use std::sync::Arc;

use compact_str::CompactString;

use crate::check::auth;
use crate::explain;
use crate::facts::{FunctionId, Shape, watch};
use crate::package::{Package, Seconds};
use crate::path::FilePath;
pub use crate::project::express::NAMELESS;
use crate::project::matcher::{Coverage, Matchers};
use crate::project::routes::table::{Answer, Kind, Named, Route};
use crate::project::{
    Entry, FileInput, FileNo, Framework, Lost, Project, Workers, express, max_duration, own_max_duration,
    runtime, segment_text,
};
use crate::tables::{Effect, Libraries, SetIn};
use crate::text::Span;

pub use body::{Property, Schema};
pub(crate) use card::{asked, told};
pub use changes::{Altered, Changes, Difference, State, changes};
pub use hierarchy::{Leading, Step, StepKind};
pub use hints::Hint;
pub use listed::{Listing, PackageMove, ServerAction};
pub use navigate::{Lens, Link, Target};
pub(crate) use report::range;
pub use report::{ForPeople, Place, Places, Range, Report, Row};
pub use requests::{Answered, Request};

/// Whether somebody checks who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Auth {
    /// Each of its handlers, or what a request passes before them.
    Present,
    /// Some of its handlers, or the proxy alone.
    Partial,
    /// Nobody does.
    Absent,
    /// Code that is not understood may.
    Unknown,
}

impl Auth {
    /// The name that the output of programs uses.
    pub fn name(self) -> &'static str {
        match self {
            Auth::Present => "present",
            Auth::Partial => "partial",
            Auth::Absent => "absent",
            Auth::Unknown => "unknown",
        }
    }
}

/// What answers a method.
#[derive(Clone, Debug)]
pub struct Handler {
    /// In capitals, `ALL` for whatever method; `None` where the code itself looks at it.
    pub method: Option<CompactString>,
    /// The export or the registration.
    pub span: Span,
    /// Whether somebody checks who asks.
    pub auth: Auth,
    /// What it says of the body that it takes.
    pub body: Option<Schema>,
}

/// A request of the project's own code for an endpoint.
#[derive(Clone, Debug)]
pub struct Call {
    /// The file.
    pub path: FilePath,
    /// Where the URL stands.
    pub span: Span,
    /// In capitals, where it is known.
    pub method: Option<CompactString>,
    /// It is for this endpoint; else the endpoint is one of several that it may be for.
    pub sure: bool,
}

/// A route as a table shows it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What serves it.
    pub framework: Framework,
    /// Made from code and asked for by machines: a sitemap, an icon.
    pub metadata: bool,
    /// Its package.
    pub package: Arc<Package>,
    /// As the framework writes it: `/users/[id]`, `/users/:id`. A part that is not known is `…`.
    pub url: String,
    /// Nothing of the URL is missing.
    pub url_known: bool,
    /// In capitals, `ALL` for whatever method; empty where the handler itself decides.
    pub methods: Vec<String>,
    /// The file that exports or registers it.
    pub path: FilePath,
    /// The export or the registration.
    pub span: Span,
    /// `nodejs` or `edge`, where known.
    pub runtime: Option<&'static str>,
    /// The time limit that the project sets, and where: the file itself, or one of the host.
    pub max_duration: Option<(Seconds, Option<FilePath>)>,
    /// `dynamic` and `revalidate`, as the file sets them.
    pub caching: (Option<String>, Option<String>),
    /// What a request passes before the handler, in order; [`NAMELESS`] is what has no name.
    pub middleware: Vec<String>,
    /// The middleware is all there is, in the order in which it runs.
    pub middleware_known: bool,
    /// What gets the errors of the handler.
    pub error_handler: Option<String>,
    /// Whether somebody checks who asks.
    pub auth: Auth,
    /// What it asks of its host.
    pub effects: Vec<Effect>,
    /// What answers which method.
    pub handlers: Vec<Handler>,
    /// Who in the project asks for it.
    pub callers: Vec<Call>,
    /// The functions that run for a request, middleware left out.
    pub(crate) roots: Vec<(FileNo, FunctionId)>,
    /// Its file.
    pub(crate) file: FileNo,
}

/// An endpoint that a file serves, without who asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// Its number in the table of routes.
    route: usize,
    endpoint: Endpoint,
}

impl Served {
    /// The files that it tells places of.
    pub(crate) fn files(&self) -> Vec<FileNo> {
        self.endpoint.roots.iter().map(|(file, _)| *file).collect()
    }
}

/// A proxy of Next.js.
struct Proxy<'p> {
    input: &'p FileInput,
    matchers: Option<Matchers>,
    checks: bool,
}

/// Every endpoint, in the order of package, framework, URL, method and file; each file is read by one of `workers`.
pub(crate) fn endpoints(project: &Project, workers: Workers<'_>) -> Vec<Endpoint> {
    let (proxies, looked) = watch(|| proxies(project));
    let routes = project.table().routes.iter().filter(|route| route.kind != Kind::Page);
    let files = Vec::from_iter(routes.map(|route| route.file).collect::<BTreeSet<FileNo>>());
    let served = |file: FileNo| {
        project.served(file, || {
            looked.look_again();
            read(project, &proxies, file)
        })
    };
    workers(files.len(), &|at| {
        served(files[at]);
    });
    let mut all: Vec<&Served> = files.iter().flat_map(|file| served(*file)).collect();
    all.sort_by_key(|it| it.route);
    let callers = project.callers();
    let with_calls = |it: &Served| {
        let lost = || Lost::Links(it.endpoint.path.clone());
        let of_route = callers.get(it.route).map_or(&[][..], Vec::as_slice);
        let calls = || of_route.iter().filter_map(|caller| navigate::call(project, *caller)).collect();
        Some(Endpoint { callers: project.guarded(lost, calls)?, ..it.endpoint.clone() })
    };
    let mut out: Vec<Endpoint> = all.into_iter().filter_map(with_calls).collect();
    out.dedup_by(|a, b| {
        a.path == b.path && a.span == b.span && a.url == b.url && a.middleware == b.middleware
    });
    out
}

/// The endpoints of a file, without who asks for them.
fn read(project: &Project, proxies: &[Proxy<'_>], file: FileNo) -> Vec<Served> {
    let table = project.table();
    let read_one = |&number: &usize| {
        let route = &table.routes[number];
        let lost = || Lost::Links(project.path_of(file));
        let endpoint = || endpoint(project, proxies, route);
        let endpoint = (route.kind != Kind::Page).then(|| project.guarded(lost, endpoint).flatten());
        Some(Served { route: number, endpoint: endpoint.flatten()? })
    };
    table.of_file(file).iter().filter_map(read_one).collect()
}

/// The endpoints that a file serves, as far as its own code is concerned: without who asks for them and without what
/// the proxy does for them.
pub(crate) fn served_by(project: &Project, file: FileNo) -> Vec<Endpoint> {
    read(project, &[], file).into_iter().map(|served| served.endpoint).collect()
}

fn proxies(project: &Project) -> Vec<Proxy<'_>> {
    let of = |file: FileNo| {
        let input = project.file(file)?;
        let entries = project.links(file).map_or(&[][..], |links| &links.entries);
        let checks = entries
            .iter()
            .any(|it| it.kind == "proxy" && auth::has_effect(project, it, &[Effect::ChecksAuth]));
        Some(Proxy { input, matchers: Matchers::told(input), checks })
    };
    project.proxies().iter().copied().filter_map(of).collect()
}

fn endpoint(project: &Project, proxies: &[Proxy<'_>], route: &Route) -> Option<Endpoint> {
    let input = project.file(route.file)?;
    let span = route.span(project)?;
    let facts = &input.facts;
    let next = route.framework != Framework::Express;
    let handlers: Vec<Handler> = route
        .answers
        .iter()
        .filter_map(|answer| {
            let auth = auth_of(project, route, answer);
            let body = entry(project, route.file, answer).and_then(|entry| body::of_entry(project, entry));
            let span = answer.span(project, route.file)?;
            Some(Handler { method: answer.method.clone(), span, auth, body })
        })
        .collect();
    let entries: Vec<&Entry> =
        route.answers.iter().filter_map(|answer| entry(project, route.file, answer)).collect();
    let mut effects: Vec<Effect> =
        entries.iter().flat_map(|entry| explain::effects(project, entry)).collect();
    effects.sort_unstable();
    effects.dedup();
    let edge = runtime(input).is_some_and(|runtime| runtime.contains("edge"));
    let mut out = Endpoint {
        framework: route.framework,
        metadata: route.kind == Kind::Metadata,
        package: Arc::clone(&input.package),
        url: route.url.clone(),
        url_known: route.url_known,
        methods: if route.framework == Framework::NextPages { Vec::new() } else { route.methods() },
        path: input.path.clone(),
        span,
        runtime: Some(if edge && next { "edge" } else { "nodejs" }),
        max_duration: if next { limit(input) } else { None },
        caching: if next {
            (segment_text(facts, "dynamic").map(str::to_owned), revalidate(input))
        } else {
            (None, None)
        },
        middleware: Vec::new(),
        middleware_known: false,
        error_handler: None,
        auth: together(handlers.iter().map(|handler| handler.auth)),
        effects,
        handlers,
        callers: Vec::new(),
        roots: entries.iter().flat_map(|entry| entry.roots.iter().copied()).collect(),
        file: route.file,
    };
    match route.express {
        Some(number) => {
            let express = project.express();
            let own = &express.routes[number as usize];
            let name = |passed: &express::Passed| express.handler(passed).name.to_string();
            out.middleware = own.chain.iter().filter(|passed| passed.covers_all).map(name).collect();
            out.middleware_known = own.ordered && !own.opaque;
            out.error_handler = own.errors.as_ref().map(name);
        }
        None => behind(proxies, input, route, &mut out),
    }
    Some(out)
}

/// The time limit of a route file and what sets it: the file itself, whatever the host makes of it, or one of the host.
fn limit(input: &FileInput) -> Option<(Seconds, Option<FilePath>)> {
    let own = || own_max_duration(input).map(|seconds| (Seconds::At(seconds), None));
    let set = max_duration(input).and_then(|limit| limit.set).map(|set| {
        let from = match set.from {
            SetIn::Export => None,
            SetIn::Vercel(vercel, _) => Some(vercel.path.clone()),
        };
        (set.seconds, from)
    });
    set.or_else(own)
}

/// What a proxy of Next.js does for a route.
fn behind(proxies: &[Proxy<'_>], input: &FileInput, route: &Route, out: &mut Endpoint) {
    let Some(next) = &input.package.next else { return };
    out.middleware_known = true;
    for proxy in proxies.iter().filter(|proxy| proxy.input.package.root == input.package.root) {
        let coverage =
            proxy.matchers.as_ref().map_or(Coverage::Depends, |matchers| matchers.covers(next, &route.url));
        match coverage {
            Coverage::Always => {
                out.middleware.push(proxy.input.path.stem().to_owned());
                if proxy.checks && out.auth == Auth::Absent {
                    out.auth = Auth::Partial;
                }
            }
            Coverage::Depends => out.middleware_known = false,
            Coverage::Never => {}
        }
    }
}

/// What is true of a route, by what is true of its handlers.
fn together(handlers: impl Iterator<Item = Auth>) -> Auth {
    let all: Vec<Auth> = handlers.collect();
    let every = |auth: Auth| all.iter().all(|it| *it == auth);
    match &all[..] {
        [] => Auth::Unknown,
        [first, ..] if every(*first) => *first,
        all if all.contains(&Auth::Present) && all.contains(&Auth::Absent) => Auth::Partial,
        _ => Auth::Unknown,
    }
}

/// The entry of an answer.
pub(crate) fn entry<'p>(project: &'p Project, file: FileNo, answer: &Answer) -> Option<&'p Entry> {
    let entries = &project.links(file)?.entries;
    entries.iter().find(|entry| match &answer.at {
        Named::Export(name) => entry.export() == Some(name.as_str()),
        Named::Call(call) => entry.call() == Some(*call),
    })
}

/// Whether what runs for an entry checks who asks.
fn checked(project: &Project, entry: &Entry) -> Auth {
    if auth::has_effect(project, entry, &[Effect::ChecksAuth]) {
        Auth::Present
    } else if auth::could_check(project, entry) {
        Auth::Unknown
    } else {
        Auth::Absent
    }
}

fn auth_of(project: &Project, route: &Route, answer: &Answer) -> Auth {
    let Some(entry) = entry(project, route.file, answer) else { return Auth::Unknown };
    let alone = checked(project, entry);
    let Some(number) = route.express.filter(|_| alone != Auth::Present) else { return alone };
    let express = project.express();
    let own = &express.routes[number as usize];
    let mut hidden = own.opaque || !own.url.known;
    for passed in own.chain.iter().filter(|passed| passed.covers_all && !passed.maybe) {
        let handler = express.handler(passed);
        let named = handler.package.as_ref().is_some_and(|(specifier, export)| {
            let mut rows = Libraries::builtin().effects(specifier, export);
            rows.any(|row| row.effect == Effect::ChecksAuth)
        });
        if named || auth::reaches(project, &handler.roots, &[Effect::ChecksAuth]) {
            return Auth::Present;
        }
        hidden |= match &handler.package {
            Some((specifier, _)) => {
                !Libraries::builtin().knows(specifier) && !HARMLESS.contains(&specifier.as_str())
            }
            None => true,
        };
    }
    hidden |= own.chain.iter().any(|passed| passed.maybe || !passed.covers_all);
    if hidden { Auth::Unknown } else { alone }
}

/// Packages whose middleware checks nobody.
const HARMLESS: &[&str] =
    &["body-parser", "compression", "cors", "express", "helmet", "morgan", "cookie-parser"];

/// `revalidate` as a route file exports it.
fn revalidate(input: &FileInput) -> Option<String> {
    let (_, decl) = input.facts.binding("revalidate")?;
    input.facts.export("revalidate")?;
    match &decl.value {
        Shape::Number(number) => Some(number.to_string()),
        Shape::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
