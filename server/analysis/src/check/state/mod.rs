//! What is wrong with a variable of a module that requests change.
//!
//! One cause is one finding, so each variable gets one verdict, and each rule of the family reports its own.
//! A module that keeps something is right far more often than wrong: clients made once, caches of what can be
//! had again, requests in flight, counters for metrics. So a verdict needs a proof: data of a request that is put
//! in and looked at again, a count that is answered, a limit that refuses.

mod limit;
mod taint;

use crate::facts::{CallId, Decl, DeclId, FunctionId, How, Read, Shape, Write};
use crate::package::Bundler;
use crate::project::{FileNo, Layer, Project, Resolver, Scope, Symbol, Used, is_global};

pub(super) use limit::refuses;
use limit::{counts_elsewhere, limit};
pub(super) use taint::Taint;

/// What is wrong with a variable, and the use that proves it.
#[derive(Debug)]
pub(crate) enum Verdict<'p> {
    /// It counts requests, to refuse some.
    Limits(Used<'p, Write>),
    /// It holds data of one request while another may be answered.
    OfOneRequest(Used<'p, Write>, Used<'p, Read>),
    /// Another part of Next.js reads a copy that never changes.
    Copies { write: Used<'p, Write>, read: Used<'p, Read>, writer: &'static str, reader: &'static str },
    /// It holds what requests have put in.
    Keeps { write: Used<'p, Write>, read: Used<'p, Read>, grows: bool },
}

/// What a variable is, as far as that matters for how it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A `Map`, `Set`, array or object.
    Container,
    /// Anything that is set as a whole.
    Value,
}

/// Words in the name of a variable that holds what can be had again, or that only watches. A rule that is wrong
/// about one of them would only be silent.
const HARMLESS: &[&str] = &[
    "cache",
    "memo",
    "promise",
    "inflight",
    "flight",
    "pending",
    "client",
    "instance",
    "singleton",
    "pool",
    "registry",
    "registered",
    "metric",
    "stats",
    "warned",
    "logged",
    "logger",
    "initialized",
    "initialised",
    "ready",
    "loaded",
    "connected",
    "connection",
    "timer",
    "timeout",
    "interval",
    "mutex",
    "lock",
    "queue",
    "subscribers",
    "listeners",
    "handlers",
    "plugins",
    "mock",
    "debug",
];

/// The verdict on a variable, or on the field of a class whose objects live as long as the module.
pub(crate) fn verdict(project: &Project, file: FileNo, variable: DeclId) -> Option<Verdict<'_>> {
    let facts = &project.file(file)?.facts.chunks[variable.chunk as usize].facts;
    let field = facts.fields.iter().find(|field| field.decl == variable.number);
    let verdict = of_variable(project, file, variable, field.is_some())?;
    let lasts = field.is_none_or(|field| {
        let class = FunctionId { chunk: variable.chunk, number: field.class };
        facts.functions[field.class as usize].parent.is_none()
            && (field.is_static || is_lasting(project, file, class))
    });
    lasts.then_some(verdict)
}

/// Whether every object of a class that somebody makes is made when a module is loaded, and some are.
fn is_lasting(project: &Project, file: FileNo, class: FunctionId) -> bool {
    let links = project.numbers().filter_map(|file| project.links(file));
    let mut made = links.flat_map(|links| &links.edges).filter(|edge| edge.to == (file, class)).peekable();
    made.peek().is_some() && made.all(|edge| edge.from.is_none())
}

fn of_variable(project: &Project, file: FileNo, variable: DeclId, field: bool) -> Option<Verdict<'_>> {
    let reach = project.reach()?;
    let input = project.file(file)?;
    let decl = input.facts.decl(variable);
    let form = form(project, file, variable.chunk, decl)?;
    let state = project.state(file, variable)?;
    let asked = |file: FileNo, function: FunctionId| {
        reach.scope_of(project, file, Some(function)) == Scope::Request
            && !is_build_time(project, file, function)
    };
    let mut all_writes = state.writes(project);
    all_writes.retain(|write| changes(project, form, decl, write));
    let writes: Vec<_> = all_writes.iter().copied().filter(|it| asked(it.file, it.function)).collect();
    let reads: Vec<_> = state.reads(project).into_iter().filter(|it| asked(it.file, it.function)).collect();
    // What modules put in when they are loaded, every copy of the process has.
    let filled_at_load = all_writes.iter().any(|it| reach.runs_at_load(project, it.file, it.function));
    if writes.is_empty() || filled_at_load || all_writes.iter().any(|it| it.what.how == How::Keeps) {
        return None;
    }
    if form == Form::Container
        && let Some(write) = limit(project, &writes, &reads, is_harmless(&decl.name))
    {
        return (!counts_elsewhere(project, &write)).then_some(Verdict::Limits(write));
    }
    if is_harmless(&decl.name) {
        return None;
    }
    if form == Form::Value
        && let Some((write, read)) = of_one_request(project, &writes, &reads)
    {
        return Some(Verdict::OfOneRequest(write, read));
    }
    let kept = matches!(&decl.value, Shape::Either(sides)
        if sides.iter().any(|side| is_global(&input.facts, variable.chunk, side, 0)));
    // Where the object of a field is kept is not looked at.
    let on_global = field
        || kept
        || input.facts.chunks[variable.chunk as usize]
            .facts
            .assigns
            .iter()
            .any(|assign| is_global(&input.facts, variable.chunk, &assign.left, 0));
    if !on_global && let Some(found) = copies(project, file, &all_writes, &writes, &reads) {
        return Some(found);
    }
    match form {
        Form::Container => {
            let is_list = matches!(decl.value, Shape::Array(_));
            keeps_entries(project, is_list, &all_writes, &writes, &reads)
        }
        Form::Value => keeps_value(project, &writes, &reads),
    }
}

fn is_harmless(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    HARMLESS.iter().any(|word| name.contains(word))
}

/// The form of what a variable holds; `None` for what is no state of its own: an instance of a class, a value
/// of a library.
fn form(project: &Project, file: FileNo, chunk: u32, decl: &Decl) -> Option<Form> {
    of_value(project, file, chunk, &decl.value)
}

fn of_value(project: &Project, file: FileNo, chunk: u32, value: &Shape) -> Option<Form> {
    match value {
        // `globalThis.items ?? new Map()`.
        Shape::Either(sides) => {
            let container = |side| of_value(project, file, chunk, side) == Some(Form::Container);
            sides.iter().any(container).then_some(Form::Container)
        }
        Shape::Array(_) | Shape::Object(_) => Some(Form::Container),
        Shape::Null
        | Shape::Number(_)
        | Shape::Text(_)
        | Shape::Bool(_)
        | Shape::Joined(_)
        | Shape::Regexp(_)
        | Shape::Other => Some(Form::Value),
        Shape::Call(number) => {
            let input = project.file(file)?;
            let call = input.facts.call(CallId { chunk, number: *number });
            match Resolver::new(project).symbol(file, chunk, &call.callee) {
                Symbol::Global(name) if matches!(&*name, "Map" | "Set" | "Array" | "Object.create") => {
                    Some(Form::Container)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether a write changes what the variable holds. `api.set(…)` of an object literal is a method like any other.
fn changes(project: &Project, form: Form, decl: &Decl, write: &Used<'_, Write>) -> bool {
    if form == Form::Value {
        return matches!(write.what.how, How::Sets(_) | How::Counts | How::Keeps);
    }
    let Some(input) = project.file(write.file).filter(|_| matches!(decl.value, Shape::Object(_))) else {
        return true;
    };
    let facts = &input.facts.chunks[write.function.chunk as usize].facts;
    match facts.call_at(write.what.at.0).map(|number| &facts.calls[number as usize].callee) {
        Some(Shape::Member(object, _)) => holds_entries(&decl.value, object),
        _ => true,
    }
}

/// Whether a chain leads to something that its methods fill: a list or map of the object literal, or what stands
/// under a key that is computed.
fn holds_entries(literal: &Shape, chain: &Shape) -> bool {
    let mut keys = Vec::new();
    let mut at = chain;
    while let Shape::Member(object, key) = at {
        keys.push(key);
        at = object;
    }
    // A local variable was read from some key.
    if matches!(at, Shape::Name(name) if name.local.is_some()) {
        return true;
    }
    let mut value = literal;
    while let Some(key) = keys.pop() {
        if key == "[]" {
            return true;
        }
        match value.get(key) {
            Some(inner) => value = inner,
            None => return false,
        }
    }
    matches!(value, Shape::Array(_) | Shape::Call(_))
}

/// Entries that run while the project is built too, where a variable of a module is a fine place.
pub(super) fn is_build_time(project: &Project, file: FileNo, function: FunctionId) -> bool {
    let way = project.reach().and_then(|reach| reach.way(project, file, function));
    way.is_some_and(|way| {
        ["`generateStaticParams`", "`getStaticProps`", "`getStaticPaths`"]
            .iter()
            .any(|name| way.label.starts_with(name))
    })
}

/// A variable that one function sets from the request and another function reads for the same request.
fn of_one_request<'p>(
    project: &'p Project,
    writes: &[Used<'p, Write>],
    reads: &[Used<'p, Read>],
) -> Option<(Used<'p, Write>, Used<'p, Read>)> {
    let reach = project.reach()?;
    for write in writes {
        let How::Sets(value) = &write.what.how else { continue };
        let place = (write.file, write.function);
        if write.what.counts
            || reads.iter().any(|read| (read.file, read.function) == place)
            || !Taint::new(project).is_of_request(write.file, write.function.chunk, value)
        {
            continue;
        }
        let other = reads.iter().find(|read| {
            (read.file, read.function) != place
                && (reach.is_one_request(project, [place, (read.file, read.function)])
                    || is_after_middleware(project, place, (read.file, read.function)))
        });
        if let Some(read) = other {
            return Some((*write, *read));
        }
    }
    None
}

/// An Express middleware that sets, and a handler of the application that reads.
fn is_after_middleware(project: &Project, write: (FileNo, FunctionId), read: (FileNo, FunctionId)) -> bool {
    let entry = |(file, function): (FileNo, FunctionId)| {
        let way = project.reach()?.way(project, file, function)?;
        project.links(way.entry.0)?.entries.get(way.entry.1 as usize)
    };
    let (Some(first), Some(second)) = (entry(write), entry(read)) else { return false };
    first.layer == Layer::Express
        && second.layer == Layer::Express
        && first.label.contains("Express middleware")
        && first.url.is_none()
        && second.method.is_some()
}

/// The parts of Next.js whose modules are their own.
fn groups(bundler: Bundler) -> &'static [(u8, &'static str)] {
    const HANDLERS: u8 = Layer::Handlers as u8;
    const PAGES: u8 = Layer::Pages as u8;
    const ROUTER: u8 = Layer::PagesRouter as u8;
    const PROXY: u8 = Layer::Proxy as u8;
    // Turbopack bundles pages apart from handlers; webpack bundles them together.
    match bundler {
        Bundler::Turbopack => &[
            (HANDLERS, "route handlers"),
            (PAGES, "app pages and server actions"),
            (ROUTER, "the Pages Router"),
            (PROXY, "the proxy"),
        ],
        Bundler::Webpack => {
            &[(HANDLERS | PAGES, "the App Router"), (ROUTER, "the Pages Router"), (PROXY, "the middleware")]
        }
    }
}

/// A variable that one part of Next.js changes and another, which never does, reads.
fn copies<'p>(
    project: &'p Project,
    file: FileNo,
    all_writes: &[Used<'p, Write>],
    writes: &[Used<'p, Write>],
    reads: &[Used<'p, Read>],
) -> Option<Verdict<'p>> {
    let reach = project.reach()?;
    let groups = groups(project.file(file)?.package.bundler()?);
    let at_all = |it: &Used<'_, Write>| reach.asked_from(project, it.file, it.function, true);
    // A function that is called from a place nobody knows may be called from anywhere.
    if all_writes.iter().any(|it| at_all(it) == 0) {
        return None;
    }
    let written = all_writes.iter().fold(0, |layers, it| layers | at_all(it));
    for read in reads {
        let layers = reach.asked_from(project, read.file, read.function, false);
        let reader = groups.iter().find(|(group, _)| group & layers != 0 && group & written == 0);
        let Some(&(_, reader)) = reader else { continue };
        for write in writes {
            let layers = reach.asked_from(project, write.file, write.function, false);
            if let Some(&(_, writer)) = groups.iter().find(|(group, _)| group & layers != 0) {
                return Some(Verdict::Copies { write: *write, read: *read, writer, reader });
            }
        }
    }
    None
}

/// A container that requests put their data into and read again.
fn keeps_entries<'p>(
    project: &'p Project,
    is_list: bool,
    all_writes: &[Used<'p, Write>],
    writes: &[Used<'p, Write>],
    reads: &[Used<'p, Read>],
) -> Option<Verdict<'p>> {
    let read = *reads.first()?;
    let takes = |write: &Used<'_, Write>| write.what.how == How::Takes;
    for write in writes {
        let How::Puts { key, value } = &write.what.how else { continue };
        let place = (write.file, write.function);
        let fixed = matches!(key, Some(Shape::Text(_)));
        // An entry of a list that somebody else has filled: `jobs.find(…).schedule = value`.
        let is_own = |it: &Used<'_, Write>| writes.iter().any(|own| std::ptr::eq(own.what, it.what));
        let fills = |it: &Used<'_, Write>| matches!(it.what.how, How::Puts { .. }) && !is_own(it);
        if fixed && is_list && all_writes.iter().any(fills) {
            continue;
        }
        // What goes in and out within one function is only there for as long as the request is.
        if all_writes.iter().any(|it| takes(it) && (it.file, it.function) == place) {
            continue;
        }
        if Taint::new(project).is_of_request(write.file, write.function.chunk, value) {
            let takes_out = |it: &Used<'_, Write>| takes(it) || matches!(&it.what.how, How::Sets(_));
            let grows = !fixed && !all_writes.iter().any(takes_out);
            return Some(Verdict::Keeps { write: *write, read, grows });
        }
    }
    None
}

/// A count that is answered, or a switch that one handler sets and another reads.
fn keeps_value<'p>(
    project: &'p Project,
    writes: &[Used<'p, Write>],
    reads: &[Used<'p, Read>],
) -> Option<Verdict<'p>> {
    let reach = project.reach()?;
    for write in writes {
        let place = (write.file, write.function);
        let counts = write.what.counts || write.what.how == How::Counts;
        let read = if counts {
            // A helper that hands out numbers may only want them to differ.
            reads.iter().find(|read| {
                let own = (read.file, read.function) == place;
                read.what.shown && (!own || reach.root_of(project, read.file, read.function).is_some())
            })
        } else {
            let How::Sets(value) = &write.what.how else { continue };
            let set = matches!(value, Shape::Text(_) | Shape::Number(_) | Shape::Bool(_))
                || Taint::new(project).is_of_request(write.file, write.function.chunk, value);
            let is_handler = reach.root_of(project, write.file, write.function).is_some();
            let looks = reads.iter().any(|read| (read.file, read.function) == place);
            if !set || !is_handler || looks {
                continue;
            }
            reads
                .iter()
                .find(|read| reach.root_of(project, read.file, read.function).is_some() || read.what.shown)
        };
        if let Some(read) = read {
            return Some(Verdict::Keeps { write: *write, read: *read, grows: false });
        }
    }
    None
}
