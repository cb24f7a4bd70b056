//! Words about promises that nobody waits for.

use crate::facts::{Call, CallId, ChunkFacts, FileFacts, FunctionId, FunctionKind, Name, Shape};
use crate::finding::Severity;
use crate::project::{Entry, FileNo, Kept, Layer, Project, Resolver, Symbol, Way, kept, this_method};
use crate::rules::Word;
use crate::tables::{Kind, Work};

use crate::text::Span;

use super::super::{Evidence, Site};
use super::clients::shared_client;
use super::hosts::fits;
use super::list;
use super::passage::Passage;
use super::values::is_named;
use super::work::of_library;

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "lost-promise",
    0,
    |site, condition, evidence| site.call(condition).is_some_and(|id| lost(site, id, evidence)),
    "`(#lost-promise? @at)`: the call, a statement of its own, starts work for a request that is not done when the request is answered",
)];

/// How a promise is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The call gives it, and nothing is done with it.
    Value,
    /// A callback of `forEach` gives it.
    Each,
    /// A callback that runs later gives it.
    Later,
}

/// The forms in which a promise that is lost could be kept.
#[expect(clippy::struct_excessive_bools, reason = "each form is there or not")]
pub(crate) struct Forms {
    /// `after` can be called here.
    pub(crate) after: bool,
    /// `waitUntil` of `@vercel/functions` can be called here.
    pub(crate) wait_until: bool,
    /// `await` can be written here.
    pub(crate) awaited: bool,
    /// How it is lost.
    pub(crate) dropped: Dropped,
    /// The code stands in the handler itself, so nothing but requests runs it.
    pub(crate) in_handler: bool,
}

fn lost(site: &Site<'_>, id: CallId, evidence: &mut Evidence<'_>) -> bool {
    let (project, file) = (site.project, site.file);
    let facts = &site.input.facts;
    let chunk = &facts.chunks[id.chunk as usize].facts;
    let Some(number) = chunk.calls[id.number as usize].function else { return false };
    let function = FunctionId { chunk: id.chunk, number };
    let Some(way) = project.reach().and_then(|reach| reach.way(project, file, function)) else {
        return false;
    };
    let Some(entry) = entry_of(project, &way) else { return false };
    if !matches!(entry.kind, "app-route" | "pages-api" | "server-action" | "proxy")
        || Passage::Begins.root(project, file, function, &way).is_none()
        || feeds_response(chunk, function)
    {
        return false;
    }
    let (started, chained) = started(chunk, id.number);
    let call = &chunk.calls[started as usize];
    let mut look = Look { project, resolver: Resolver::new(project) };
    let Some(work) = look.work(file, CallId { chunk: id.chunk, number: started }, 0) else { return false };
    // What is given the response writes it, and the response ends when that is done.
    if gives_response(chunk, call) || answers_then(chunk, id.number) {
        return false;
    }
    evidence.reached(&way);
    let serverless = evidence
        .target()
        .is_none_or(|target| matches!(target.kind, Kind::Serverless | Kind::Edge | Kind::Unknown));
    let lazy = work == Work::Lazy && !chained;
    // Who has seen to a failure takes it into account that the work may be lost: now and then on most hosts, hardly ever
    // by a process that goes on.
    if look.is_best_effort(file, CallId { chunk: id.chunk, number: started }, chunk, id.number) {
        if !serverless && !lazy {
            return false;
        }
        evidence.at_most(Severity::Warning);
    }
    let what = match (lazy, serverless) {
        (true, _) => "such a query starts only when it is waited for, so this one never runs",
        (_, true) => "the instance may be stopped once the response is sent, and the work is lost",
        (_, false) => "an error in it reaches nobody, and a restart loses the work",
    };
    evidence.set("name", spoken(call));
    evidence.set("what", what);
    let forms = forms(project, file, function, &way, dropped(chunk, id.number));
    let mut words = Vec::new();
    match forms.dropped {
        Dropped::Each => words.push("`for (… of …)` and `await` inside"),
        Dropped::Value | Dropped::Later => {
            if forms.after {
                words.push("`after(() => …)`");
            }
            if forms.wait_until {
                words.push("`waitUntil(…)`");
            }
            // `await setTimeout(…)` would wait for nothing.
            words.push(match forms.dropped {
                Dropped::Later => "`await` in place of the timer",
                _ => "`await`",
            });
        }
    }
    evidence.set("list", either(&words));
    true
}

/// `a, b or c`.
fn either(words: &[&str]) -> String {
    list(words).replace(" and ", " or ")
}

/// What can keep the promise of the call at a place of a file.
pub(crate) fn forms_at(project: &Project, file: FileNo, at: Span) -> Option<Forms> {
    let input = project.file(file)?;
    let chunk = input.facts.chunk_at(at.start)?;
    let facts = &input.facts.chunks[chunk as usize];
    let number = facts.facts.call_at(Span::new(at.start - facts.start, at.end - facts.start))?;
    let call = &facts.facts.calls[number as usize];
    let function = FunctionId { chunk, number: call.function? };
    let way = project.reach()?.way(project, file, function)?;
    Some(forms(project, file, function, &way, dropped(&facts.facts, number)))
}

fn forms(project: &Project, file: FileNo, function: FunctionId, way: &Way, dropped: Dropped) -> Forms {
    let (Some(input), Some(entry)) = (project.file(file), entry_of(project, way)) else {
        return Forms { after: false, wait_until: false, awaited: false, dropped, in_handler: false };
    };
    let package = project.file(way.entry.0).map_or(&input.package, |input| &input.package);
    let loaded = |layers: &[Layer]| project.reach().is_some_and(|reach| reach.is_loaded_by(file, layers));
    let new = package.versions.get("next").is_some_and(|next| fits(next, ">=15.1.0"));
    let export = package.next.as_ref().is_some_and(|next| next.output.as_deref() == Some("export"));
    Forms {
        after: new && !export && entry.kind != "pages-api" && !loaded(&[Layer::PagesRouter, Layer::Express]),
        wait_until: &*package.target.id == "vercel"
            && input.package.dependencies.contains("@vercel/functions"),
        awaited: input.facts.function(function).is_async,
        dropped,
        in_handler: way.calls.is_empty() && way.entry.0 == file,
    }
}

/// How a call loses the promise.
fn dropped(chunk: &ChunkFacts, call: u32) -> Dropped {
    let callee = &chunk.calls[started(chunk, call).0 as usize].callee;
    match (callee.last(), callee) {
        (Some("forEach"), Shape::Member(..)) => Dropped::Each,
        (Some("setTimeout" | "setImmediate"), Shape::Name(_)) => Dropped::Later,
        _ => Dropped::Value,
    }
}

fn entry_of<'p>(project: &'p Project, way: &Way) -> Option<&'p Entry> {
    project.links(way.entry.0)?.entries.get(way.entry.1 as usize)
}

/// `f` of `f().then(…).catch(…)`, and whether anything is chained to it.
pub(super) fn started(chunk: &ChunkFacts, call: u32) -> (u32, bool) {
    let (mut call, mut chained) = (call, false);
    while let Shape::Member(object, method) = &chunk.calls[call as usize].callee
        && let "then" | "catch" | "finally" = &**method
        && let Shape::Call(inner) = **object
    {
        (call, chained) = (inner, true);
    }
    (call, chained)
}

/// As a message names it.
fn spoken(call: &Call) -> String {
    match &call.callee {
        Shape::Function(_) => "this async function".to_owned(),
        callee => callee.dotted().map_or_else(|| "this call".to_owned(), |name| format!("`{name}()`")),
    }
}

/// Names in code that answers in pieces: what is not waited for writes the answer there.
const PIECES: &[&str] = &[
    "Stream",
    "stream",
    "Streamable",
    "PassThrough",
    "getWriter",
    "writer",
    "controller",
    "Observable",
    "Emitter",
];

/// Whether a function makes or writes a stream: then what it starts feeds the answer, which ends after it.
fn feeds_response(chunk: &ChunkFacts, function: FunctionId) -> bool {
    let whole = chunk.functions[function.number as usize].at.0;
    let named = |name: &str| PIECES.iter().any(|piece| name.contains(piece));
    chunk.calls.iter().filter(|call| whole.covers(call.at.0)).any(|call| {
        call.callee.last().is_some_and(named) || call.callee.root().is_some_and(|root| named(&root.text))
    })
}

/// Whether what is done once a promise is there writes the response: `f().then(() => res.end()).catch(next)`.
fn answers_then(chunk: &ChunkFacts, mut call: u32) -> bool {
    while let it = &chunk.calls[call as usize]
        && let Shape::Member(object, method) = &it.callee
        && let "then" | "catch" | "finally" = &**method
        && let Shape::Call(inner) = **object
    {
        if method != "catch" && gives_response(chunk, it) {
            return true;
        }
        call = inner;
    }
    false
}

/// Names that a response goes by.
const RESPONSES: &[&str] = &["res", "response", "reply", "resp", "ctx", "next"];

/// Whether a call is given the response, or its callback writes it: then the answer waits for it.
fn gives_response(chunk: &ChunkFacts, call: &Call) -> bool {
    let is_response = |name: &Name| RESPONSES.contains(&&*name.text);
    let given = call.args.iter().any(|argument| argument.root().is_some_and(is_response));
    let inside = call.args.iter().chain([&call.callee]).filter_map(|shape| match shape {
        Shape::Function(number) => Some(chunk.functions[*number as usize].at.0),
        _ => None,
    });
    given
        || inside.into_iter().any(|whole| {
            chunk.calls.iter().filter(|call| whole.covers(call.at.0)).any(|call| {
                call.callee.root().is_some_and(is_response)
                    || call.args.iter().any(|argument| argument.root().is_some_and(is_response))
            })
        })
}

/// What keeps work alive after the response.
const TRACKS: &[&str] = &["next/server#after", "next/server#unstable_after", "@vercel/functions#waitUntil"];

/// Methods of a Prisma model: a query that starts when it is waited for.
const PRISMA: &[&str] = &[
    "create",
    "createMany",
    "createManyAndReturn",
    "update",
    "updateMany",
    "updateManyAndReturn",
    "upsert",
    "delete",
    "deleteMany",
    "findMany",
    "findFirst",
    "findFirstOrThrow",
    "findUnique",
    "findUniqueOrThrow",
    "count",
    "aggregate",
    "groupBy",
];

struct Look<'p> {
    project: &'p Project,
    resolver: Resolver<'p>,
}

impl Look<'_> {
    /// Whether a failure of the work is caught: at the call (`.catch(…)`), or by all of the function that does it.
    fn is_best_effort(&mut self, file: FileNo, started: CallId, chunk: &ChunkFacts, whole: u32) -> bool {
        let mut call = whole;
        while let Shape::Member(object, method) = &chunk.calls[call as usize].callee
            && let Shape::Call(inner) = **object
            && call != started.number
        {
            if method == "catch" {
                return true;
            }
            call = inner;
        }
        let Some(input) = self.project.file(file) else { return false };
        let call = input.facts.call(started);
        let works = match (dropped(chunk, whole), call.args.first()) {
            (Dropped::Each | Dropped::Later, Some(callback)) => callback,
            _ => &call.callee,
        };
        match self.resolver.symbol(file, started.chunk, works) {
            Symbol::Function(at, function) => self.project.file(at).is_some_and(|input| {
                input.facts.function(function).unguarded.as_ref().is_some_and(Vec::is_empty)
            }),
            _ => false,
        }
    }

    /// The work that goes on when a call has come back; `None` where none is proven.
    fn work(&mut self, file: FileNo, id: CallId, depth: u32) -> Option<Work> {
        let input = self.project.file(file)?;
        let call = input.facts.call(id);
        if call.is_new || depth > 3 {
            return None;
        }
        // `once ??= start()`: somebody else waits for it.
        if depth == 0 && kept(&input.facts, id.chunk, call) != Kept::No {
            return None;
        }
        let method = this_method(&input.facts, id, call).map(|method| Symbol::Function(file, method));
        let symbol = method.unwrap_or_else(|| self.resolver.symbol(file, id.chunk, &call.callee));
        match symbol {
            Symbol::Function(at, function) => self.goes_on(at, function, depth).then_some(Work::Started),
            // `setTimeout(…)` gives no promise.
            Symbol::Global(_) if depth > 0 && call.callee.last() != Some("fetch") => None,
            Symbol::Global(name) if name == "fetch" => Some(Work::Started),
            Symbol::Global(name) if name == "setTimeout" || name == "setImmediate" => {
                let callback = self.resolver.symbol(file, id.chunk, call.args.first()?);
                let Symbol::Function(at, function) = callback else { return None };
                self.goes_on(at, function, depth).then_some(Work::Started)
            }
            Symbol::Unknown => self
                .each(file, id, depth)
                .or_else(|| self.query(file, id))
                .or_else(|| of_library(self.project, &mut self.resolver, file, id)),
            Symbol::External { .. } | Symbol::Value(..) => {
                of_library(self.project, &mut self.resolver, file, id)
            }
            _ => None,
        }
    }

    /// `rows.forEach(async (row) => …)`: the promises go nowhere.
    fn each(&mut self, file: FileNo, id: CallId, depth: u32) -> Option<Work> {
        let call = self.project.file(file)?.facts.call(id);
        let Shape::Member(_, method) = &call.callee else { return None };
        let [Shape::Function(number), ..] = call.args[..] else { return None };
        let callback = FunctionId { chunk: id.chunk, number };
        (method == "forEach" && self.goes_on(file, callback, depth)).then_some(Work::Started)
    }

    /// `prisma.user.update(…)`.
    fn query(&mut self, file: FileNo, id: CallId) -> Option<Work> {
        let call = self.project.file(file)?.facts.call(id);
        let Shape::Member(model, method) = &call.callee else { return None };
        let Shape::Member(client, _) = &**model else { return None };
        if !PRISMA.contains(&&**method) {
            return None;
        }
        let (_, made) = shared_client(self.project, &mut self.resolver, file, id.chunk, client)?;
        made.library.id.starts_with("prisma").then_some(Work::Lazy)
    }

    /// Whether what a function starts is under way when its call comes back: it is async and waits for something,
    /// or returns a promise that is; and nothing in it keeps the instance alive.
    fn goes_on(&mut self, file: FileNo, id: FunctionId, depth: u32) -> bool {
        let Some(input) = self.project.file(file) else { return false };
        let function = input.facts.function(id);
        if function.kind == FunctionKind::Class {
            return false;
        }
        let chunk = &input.facts.chunks[id.chunk as usize].facts;
        for (_, call) in calls_within(&input.facts, id.chunk, function.at.0) {
            let symbol = self.resolver.symbol(file, id.chunk, &call.callee);
            let tracks = TRACKS.iter().any(|word| is_named(&symbol, word));
            if tracks || call.callee.last() == Some("waitUntil") {
                return false;
            }
        }
        // Without an `await` the promises may well be collected somewhere.
        function.is_async && function.awaits
            || function.returned.iter().any(|&call| {
                let (number, _) = started(chunk, call);
                self.work(file, CallId { chunk: id.chunk, number }, depth + 1).is_some()
            })
    }
}

/// The calls of a chunk that stand within a place.
fn calls_within(facts: &FileFacts, chunk: u32, whole: Span) -> impl Iterator<Item = (CallId, &Call)> {
    let calls = facts.chunks[chunk as usize].facts.calls.iter().enumerate();
    calls
        .filter(move |(_, call)| whole.covers(call.at.0))
        .map(move |(number, call)| (CallId { chunk, number: number as u32 }, call))
}
