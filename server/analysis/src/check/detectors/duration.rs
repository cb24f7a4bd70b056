//! How long a route may take, against what it does.

use std::collections::{HashSet, VecDeque};

use super::{Detected, Place};
use crate::check::words::waited;
use crate::facts::{CallId, FunctionId, Shape};
use crate::finding::Related;
use crate::project::{Entry, FileNo, Project, Resolver, Symbol, max_duration};
use crate::tables::{Effect, Limit, MaxDuration};

/// A route on a host that heeds `maxDuration` does something that takes long, and nothing sets it.
pub(super) fn missing<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some(limits) = max_duration(place.input) else { return Vec::new() };
    let Some(links) = place.project.links(place.file) else { return Vec::new() };
    if !limits.heeded || limits.set.is_some() || is_set(place) {
        return Vec::new();
    }
    let Some(Limit::At(longest)) = limits.longest() else { return Vec::new() };
    let facts = &place.input.facts;
    links
        .entries
        .iter()
        // The edge runtime has a limit of its own.
        .filter(|entry| !entry.edge)
        .find_map(|entry| {
            let found = Search::of(place.project, entry, longest)?;
            let at = entry.span(facts);
            let related = found
                .places
                .iter()
                .map(|(file, call, message)| related(place.project, *file, *call, message));
            let values = [
                ("entry", entry.label.clone()),
                ("what", found.what),
                ("via", found.via.unwrap_or_default()),
                ("limit", spoken(&limits)),
            ];
            Some(place.found(at, values, related.flatten().collect::<Vec<_>>()))
        })
        .into_iter()
        .collect()
}

/// `300 seconds`; `10 to 300 seconds, by plan`.
fn spoken(limits: &MaxDuration<'_>) -> String {
    let mut all: Vec<u64> = limits
        .rows
        .iter()
        .filter_map(|row| match limits.in_force(row) {
            Limit::At(seconds) => Some(seconds),
            Limit::Unlimited => None,
        })
        .collect();
    all.sort_unstable();
    match (all.first(), all.last()) {
        (Some(least), Some(most)) if least == most => format!("{most} seconds"),
        (Some(least), Some(most)) => format!("{least} to {most} seconds, by plan"),
        _ => "its limit".to_owned(),
    }
}

/// Whether the file, or a layout above it, sets `maxDuration` in a form that is not understood.
fn is_set(place: &Place<'_>) -> bool {
    let facts = &place.input.facts;
    let config = facts.binding("config").is_some_and(|(_, decl)| match &decl.value {
        config @ Shape::Object(_) => config.get("maxDuration").is_some() || config.get("...").is_some(),
        _ => true,
    });
    let star = facts.exports().any(|(_, export)| export.name == "*");
    if facts.export("maxDuration").is_some() || config || star {
        return true;
    }
    let mut folder = place.input.path.parent();
    while let Some(at) = folder.filter(|at| Some(at) != place.input.package.root.as_ref()) {
        let layout = ["tsx", "ts", "jsx", "js"].iter().any(|extension| {
            let path = at.join(&format!("layout.{extension}"));
            let input = place.project.number(&path).and_then(|number| place.project.file(number));
            input.is_some_and(|input| input.facts.export("maxDuration").is_some())
        });
        if layout {
            return true;
        }
        folder = at.parent();
    }
    false
}

fn related(project: &Project, file: FileNo, call: CallId, message: &str) -> Option<Related> {
    let input = project.file(file)?;
    let head = input.facts.call(call).head;
    Some(Related {
        path: input.path.clone(),
        span: input.facts.span(call.chunk, head),
        message: message.to_owned(),
    })
}

/// Something that takes long.
struct Found {
    what: String,
    via: Option<String>,
    places: Vec<(FileNo, CallId, String)>,
}

/// A function on the way from an entry.
struct Step {
    at: (FileNo, FunctionId),
    /// The step before, and the call that leads here; none where this is written inside that.
    from: Option<(usize, Option<CallId>)>,
    depth: u32,
}

struct Search<'p> {
    project: &'p Project,
    longest: u64,
    steps: Vec<Step>,
}

/// More calls than these are not followed, and not further.
const MOST: usize = 2000;
const DEEPEST: u32 = 6;

impl<'p> Search<'p> {
    fn of(project: &'p Project, entry: &Entry, longest: u64) -> Option<Found> {
        let mut search = Self { project, longest, steps: Vec::new() };
        let mut seen = HashSet::new();
        let mut queue = VecDeque::new();
        for root in &entry.roots {
            if seen.insert(*root) {
                queue.push_back(search.steps.len());
                search.steps.push(Step { at: *root, from: None, depth: 0 });
            }
        }
        while let Some(number) = queue.pop_front() {
            let (at, depth) = (search.steps[number].at, search.steps[number].depth);
            if let Some((what, call)) = search.takes_long(at.0, at.1) {
                return Some(search.told(number, what, call));
            }
            if depth >= DEEPEST || search.steps.len() >= MOST {
                continue;
            }
            for edge in project.running(at.0, at.1) {
                if !edge.guarded && seen.insert(edge.to) {
                    queue.push_back(search.steps.len());
                    let from = Some((number, edge.call));
                    search.steps.push(Step { at: edge.to, from, depth: depth + 1 });
                }
            }
        }
        None
    }

    /// What in a function takes long.
    fn takes_long(&self, file: FileNo, function: FunctionId) -> Option<(String, CallId)> {
        let (input, links) = (self.project.file(file)?, self.project.links(file)?);
        let asked = links
            .effects
            .iter()
            .find(|asked| asked.function == Some(function) && asked.row.effect == Effect::TakesLong);
        if let Some(asked) = asked {
            return Some((asked.row.phrase().to_owned(), asked.call));
        }
        let chunk = &input.facts.chunks[function.chunk as usize].facts;
        let mut calls =
            chunk.calls.iter().enumerate().filter(|(_, call)| call.function == Some(function.number));
        calls.find_map(|(number, _)| {
            let id = CallId { chunk: function.chunk, number: number as u32 };
            if self.asks_model(file, id) {
                return Some(("waits for a language model".to_owned(), id));
            }
            let longer = self.longest.saturating_add(1).saturating_mul(1000);
            let seconds = waited(self.project, file, id, longer)? / 1000;
            Some((format!("waits for {seconds} seconds"), id))
        })
    }

    /// `openai.chat.completions.create({ … })` that is not streamed.
    fn asks_model(&self, file: FileNo, id: CallId) -> bool {
        let Some(input) = self.project.file(file) else { return false };
        let call = input.facts.call(id);
        if !matches!(call.callee.last(), Some("create" | "parse" | "generate")) {
            return false;
        }
        let Some(Shape::Object(entries)) = call.args.first() else { return false };
        if entries.iter().any(|(key, _)| key == "stream" || key == "...") {
            return false;
        }
        let mut client = &call.callee;
        let mut path = Vec::new();
        while let Shape::Member(object, key) = client {
            path.push(key.as_str());
            client = object;
            let Some(dotted) = MODELS.iter().find(|(_, dotted)| dotted.iter().rev().eq(path.iter())) else {
                continue;
            };
            let mut resolver = Resolver::new(self.project);
            let Symbol::Value(at, chunk, Shape::Call(number)) = resolver.symbol(file, id.chunk, client)
            else {
                continue;
            };
            let Some(input) = self.project.file(at) else { continue };
            let made = input.facts.call(CallId { chunk, number });
            if let Symbol::External { specifier, .. } = resolver.symbol(at, chunk, &made.callee)
                && made.is_new
                && dotted.0 == specifier
            {
                return true;
            }
        }
        false
    }

    fn told(&self, number: usize, what: String, call: CallId) -> Found {
        let mut places = vec![(self.steps[number].at.0, call, what.clone())];
        let mut via = None;
        let mut at = &self.steps[number];
        while let Some((from, call)) = at.from {
            let before = &self.steps[from];
            // A function that is only written inside is called by nothing of its own.
            if let Some(call) = call {
                let input = self.project.file(at.at.0);
                let name = input.and_then(|input| input.facts.function(at.at.1).name.clone());
                if let (None, Some(name), Some(input)) = (&via, &name, input) {
                    let root = input.package.root.as_ref();
                    let shown =
                        root.and_then(|root| input.path.strip(root)).unwrap_or(input.path.file_name());
                    via = Some(format!(" via `{name}` in {shown}"));
                }
                let name = name.unwrap_or_else(|| "a function".into());
                places.push((before.at.0, call, format!("calls {name}")));
            }
            at = before;
        }
        places.reverse();
        Found { what, via, places }
    }
}

/// Calls that wait for a model, by the module of the client and the way from it.
const MODELS: &[(&str, &[&str])] = &[
    ("openai", &["chat", "completions", "create"]),
    ("openai", &["chat", "completions", "parse"]),
    ("openai", &["completions", "create"]),
    ("openai", &["images", "generate"]),
    ("openai", &["responses", "create"]),
    ("openai", &["responses", "parse"]),
    ("@anthropic-ai/sdk", &["messages", "create"]),
    ("groq-sdk", &["chat", "completions", "create"]),
];
