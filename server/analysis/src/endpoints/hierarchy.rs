//! Who asks whom, step by step: middleware, the handler behind it, the functions that ask for it, those that call them.

use std::collections::BTreeMap;

use super::navigate::{named_at, requests_at};
use super::{Target, entry, navigate, proxies};
use crate::facts::{CallId, FunctionId};
use crate::path::FilePath;
use crate::project::calls::answerers;
use crate::project::express::{self, LayerKind};
use crate::project::matcher::Coverage;
use crate::project::routes::address::Fit;
use crate::project::routes::table::{Answer, Kind, Route};
use crate::project::{Entry, FileNo, Project};
use crate::text::Span;

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepKind {
    /// Code that answers a request.
    Handler,
    /// Code that a request passes before that.
    Middleware,
    /// A function.
    Function,
    /// A file, for what stands in no function.
    File,
}

/// A step on the way of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The file.
    pub path: FilePath,
    /// What names it.
    pub name_at: Span,
    /// All of it, as far as that is one piece; holds the name.
    pub span: Span,
    /// `GET /api/users`, `requireAuth`, `loadUsers`.
    pub name: String,
    /// What it is.
    pub kind: StepKind,
}

/// A step and the places where it leads to the one that was asked about, or is led to from there.
pub type Leading = (Step, Vec<Span>);

/// What stands at a place.
enum Found<'p> {
    Handlers(Vec<(usize, &'p Route, &'p Answer)>),
    /// A registration of Express that answers nothing itself.
    Layer(CallId),
    Proxy(&'p Entry),
    Function(FunctionId),
}

impl Project {
    /// The steps that stand at a place: a handler, what a URL leads to, a middleware. None for a mere function, which
    /// the editor's TypeScript server knows.
    pub fn steps_at(&self, path: &FilePath, offset: u32) -> Vec<Step> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let mut out = match found(self, file, offset) {
            Some(Found::Function(_)) | None => asked(self, file, offset),
            Some(found) => steps(self, file, &found),
        };
        out.sort();
        out.dedup();
        out
    }

    /// What leads to the step that is named at a place: callers and middleware of a handler, callers of a function.
    pub fn steps_to(&self, path: &FilePath, offset: u32) -> Vec<Leading> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let mut out = Collected::default();
        match found(self, file, offset) {
            Some(Found::Handlers(handlers)) => {
                for (number, route, answer) in handlers {
                    self.passed(route, &mut out);
                    self.asking(number, route, answer, &mut out);
                }
            }
            Some(Found::Function(function)) => self.calling((file, function), &mut out),
            Some(Found::Layer(_) | Found::Proxy(_)) | None => {}
        }
        out.0.into_iter().collect()
    }

    /// What the step that is named at a place leads to: the handlers behind a middleware, what a handler or function
    /// calls and asks for.
    pub fn steps_from(&self, path: &FilePath, offset: u32) -> Vec<Leading> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let mut out = Collected::default();
        match found(self, file, offset) {
            Some(Found::Handlers(handlers)) => {
                for (_, route, answer) in handlers {
                    let Some(entry) = entry(self, route.file, answer) else { continue };
                    let named = answer.span(self, route.file).unwrap_or_default();
                    for (at, function) in &entry.roots {
                        self.called((*at, *function), (file, named), &mut out);
                    }
                }
            }
            Some(Found::Function(function)) => {
                let named = self.file(file).map(|input| input.facts.function(function).head);
                let span = named.and_then(|at| Some(self.file(file)?.facts.span(function.chunk, at)));
                self.called((file, function), (file, span.unwrap_or_default()), &mut out);
            }
            Some(Found::Layer(call)) => self.behind_layer(file, call, &mut out),
            Some(Found::Proxy(entry)) => self.behind_proxy(file, entry, &mut out),
            None => {}
        }
        out.0.into_iter().collect()
    }

    /// What a request passes before it comes to a route.
    fn passed(&self, route: &Route, out: &mut Collected) {
        let Some(number) = route.express else {
            let Some(input) = self.file(route.file) else { return };
            let Some(next) = &input.package.next else { return };
            for proxy in proxies(self).iter().filter(|it| it.input.package.root == input.package.root) {
                let covers = proxy.matchers.as_ref().map(|matchers| matchers.covers(next, &route.url));
                let entry = self.entries(&proxy.input.path).iter().find(|entry| entry.kind == "proxy");
                if let (Some(Coverage::Always), Some(entry)) = (covers, entry) {
                    let step = of_proxy(&proxy.input.path, entry.span(&proxy.input.facts));
                    let at = step.name_at;
                    out.add(step, at);
                }
            }
            return;
        };
        let express = self.express();
        for passed in express.routes[number as usize].chain.iter().filter(|it| it.covers_all && !it.maybe) {
            let (file, call) = express.layer(passed.layer).call;
            let name = express.handler(passed).name.to_string();
            if let Some(step) = of_layer(self, file, call, name) {
                let at = step.name_at;
                out.add(step, at);
            }
        }
    }

    /// The functions that ask for an answer.
    fn asking(&self, number: usize, route: &Route, answer: &Answer, out: &mut Collected) {
        for caller in self.callers().get(number).into_iter().flatten() {
            let Some(input) = self.file(caller.file) else { continue };
            let request = self.links(caller.file).and_then(|it| it.requests.get(caller.number as usize));
            let Some(request) = request else { continue };
            let own = request.method.as_deref().is_none_or(|method| route.answer(method) == Some(answer));
            if own {
                let step = of_place(self, caller.file, request.function);
                out.extend(step.map(|step| (step, request.span(&input.facts))));
            }
        }
    }

    /// The functions that call one.
    fn calling(&self, function: (FileNo, FunctionId), out: &mut Collected) {
        for file in self.numbers() {
            let (Some(input), Some(links)) = (self.file(file), self.links(file)) else { continue };
            for edge in links.edges.iter().filter(|edge| edge.to == function) {
                // A function that is written inside another is no caller's, but its own.
                let Some(id) = edge.call else { continue };
                let at = input.facts.span(id.chunk, input.facts.call(id).head);
                out.extend(of_place(self, file, edge.from).map(|step| (step, at)));
            }
        }
    }

    /// What a function calls and asks for. `seen` is the place that was asked about: places of other files mean
    /// nothing there.
    fn called(&self, (file, function): (FileNo, FunctionId), seen: (FileNo, Span), out: &mut Collected) {
        let (Some(input), Some(links)) = (self.file(file), self.links(file)) else { return };
        let place = |at: Span| if file == seen.0 { at } else { seen.1 };
        for edge in links.edges_of(function) {
            let Some(id) = edge.call else {
                // What is written inside belongs to it.
                self.called(edge.to, seen, out);
                continue;
            };
            let at = place(input.facts.span(id.chunk, input.facts.call(id).head));
            out.extend(of_place(self, edge.to.0, Some(edge.to.1)).map(|step| (step, at)));
        }
        for request in links.requests.iter().filter(|request| request.function == Some(function)) {
            let at = place(request.span(&input.facts));
            out.extend(
                navigate::answers(self, file, request)
                    .into_iter()
                    .filter_map(|(route, answer)| Some((of_answer(self, route, answer)?, at))),
            );
        }
    }

    /// The handlers that a request comes to behind a registration.
    fn behind_layer(&self, file: FileNo, call: CallId, out: &mut Collected) {
        let express = self.express();
        let layers = express.registered(file, call);
        let at = express::span(self, (file, call)).unwrap_or_default();
        for route in &self.table().routes {
            let Some(own) = route.express.map(|it| &express.routes[it as usize]) else { continue };
            let passes = own.mounts.iter().any(|mount| layers.contains(mount))
                || own.chain.iter().any(|passed| passed.covers_all && layers.contains(&passed.layer));
            if passes {
                out.extend(
                    route.answers.iter().filter_map(|answer| Some((of_answer(self, route, answer)?, at))),
                );
            }
        }
    }

    /// The handlers for which a proxy runs.
    fn behind_proxy(&self, file: FileNo, entry: &Entry, out: &mut Collected) {
        let Some(input) = self.file(file) else { return };
        let at = entry.span(&input.facts);
        let proxies = proxies(self);
        let Some(proxy) = proxies.iter().find(|proxy| proxy.input.path == input.path) else { return };
        let (Some(next), Some(matchers)) = (&input.package.next, &proxy.matchers) else { return };
        for route in self.table().routes.iter().filter(|it| it.express.is_none() && it.kind == Kind::Endpoint)
        {
            let own = route.package(self).is_some_and(|package| package.root == input.package.root);
            if own && matchers.covers(next, &route.url) == Coverage::Always {
                out.extend(
                    route.answers.iter().filter_map(|answer| Some((of_answer(self, route, answer)?, at))),
                );
            }
        }
    }
}

/// Steps in their order, each once, with its places.
#[derive(Default)]
struct Collected(BTreeMap<Step, Vec<Span>>);

impl Collected {
    fn add(&mut self, step: Step, at: Span) {
        let places = self.0.entry(step).or_default();
        if !places.contains(&at) {
            places.push(at);
        }
    }
}

impl Extend<(Step, Span)> for Collected {
    fn extend<I: IntoIterator<Item = (Step, Span)>>(&mut self, steps: I) {
        for (step, at) in steps {
            self.add(step, at);
        }
    }
}

fn found(project: &Project, file: FileNo, offset: u32) -> Option<Found<'_>> {
    let input = project.file(file)?;
    let handlers: Vec<_> = named_at(project, file, offset)
        .into_iter()
        .filter(|(_, route, _)| route.kind == Kind::Endpoint)
        .collect();
    if !handlers.is_empty() {
        return Some(Found::Handlers(handlers));
    }
    let entries = &project.links(file)?.entries;
    if let Some(entry) =
        entries.iter().find(|entry| entry.kind == "proxy" && entry.span(&input.facts).touches(offset))
    {
        return Some(Found::Proxy(entry));
    }
    let chunk = input.facts.chunk_at(offset)?;
    let facts = &input.facts.chunks[chunk as usize].facts;
    let express = project.express();
    let layer = (0..facts.calls.len() as u32).map(|number| CallId { chunk, number }).find(|call| {
        !express.registered(file, *call).is_empty()
            && express::span(project, (file, *call)).is_some_and(|span| span.touches(offset))
    });
    if let Some(call) = layer {
        return Some(Found::Layer(call));
    }
    let named =
        |number: &u32| input.facts.span(chunk, facts.functions[*number as usize].head).touches(offset);
    let number = (0..facts.functions.len() as u32).rev().find(named)?;
    Some(Found::Function(FunctionId { chunk, number }))
}

fn steps(project: &Project, file: FileNo, found: &Found<'_>) -> Vec<Step> {
    match found {
        Found::Handlers(handlers) => {
            handlers.iter().filter_map(|(_, route, answer)| of_answer(project, route, answer)).collect()
        }
        Found::Layer(call) => {
            let express = project.express();
            let layers = express.registered(file, *call).iter().map(|layer| express.layer(*layer));
            let names = layers
                .filter(|layer| layer.kind != LayerKind::Opaque)
                .map(|layer| layer.handlers.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", "));
            names.take(1).filter_map(|name| of_layer(project, file, *call, name)).collect()
        }
        Found::Proxy(entry) => {
            let input = project.file(file);
            input.map(|input| of_proxy(&input.path, entry.span(&input.facts))).into_iter().collect()
        }
        Found::Function(function) => of_place(project, file, Some(*function)).into_iter().collect(),
    }
}

/// The handlers that the URL at a place leads to.
fn asked(project: &Project, file: FileNo, offset: u32) -> Vec<Step> {
    let mut out = Vec::new();
    for request in requests_at(project, file, offset) {
        let sure = answerers(project, project.table(), file, request).iter().all(|it| it.fit == Fit::Yes);
        let answers = navigate::answers(project, file, request).into_iter().filter(|_| sure);
        out.extend(answers.filter_map(|(route, answer)| of_answer(project, route, answer)));
    }
    out
}

fn of_answer(project: &Project, route: &Route, answer: &Answer) -> Option<Step> {
    let target = navigate::target(project, route, answer)?;
    let Target { path, span: name_at, name } = target;
    // A function that answers is what people look at; a wrapped one is told by its name alone.
    let input = project.file(route.file)?;
    let direct = entry(project, route.file, answer)
        .and_then(|entry| entry.direct.first().copied())
        .filter(|(file, _)| *file == route.file)
        .map(|(_, function)| input.facts.span(function.chunk, input.facts.function(function).at))
        .filter(|span| span.start <= name_at.start && name_at.end <= span.end);
    Some(Step { path, name_at, span: direct.unwrap_or(name_at), name, kind: StepKind::Handler })
}

fn of_layer(project: &Project, file: FileNo, call: CallId, name: String) -> Option<Step> {
    let input = project.file(file)?;
    let name_at = express::span(project, (file, call))?;
    let span = input.facts.span(call.chunk, input.facts.call(call).at);
    Some(Step { path: input.path.clone(), name_at, span, name, kind: StepKind::Middleware })
}

fn of_proxy(path: &FilePath, at: Span) -> Step {
    Step {
        path: path.clone(),
        name_at: at,
        span: at,
        name: path.stem().to_owned(),
        kind: StepKind::Middleware,
    }
}

/// A function, or the file for what stands in none.
fn of_place(project: &Project, file: FileNo, function: Option<FunctionId>) -> Option<Step> {
    let input = project.file(file)?;
    let path = input.path.clone();
    // The nearest function that has a name is the one that people know.
    let facts = &input.facts;
    let mut at = function;
    while let Some(id) = at.filter(|id| facts.function(*id).name.is_none()) {
        at = facts.function(id).parent.map(|number| FunctionId { number, ..id });
    }
    let Some(id) = at else {
        let name = path.file_name().to_owned();
        let start = Span::new(0, 0);
        return Some(Step { path, name_at: start, span: start, name, kind: StepKind::File });
    };
    let function = facts.function(id);
    let (whole, name_at) = (facts.span(id.chunk, function.at), facts.span(id.chunk, function.head));
    let span = Span::new(whole.start.min(name_at.start), whole.end.max(name_at.end));
    let name = function.name.as_ref()?.to_string();
    Some(Step { path, name_at, span, name, kind: StepKind::Function })
}
