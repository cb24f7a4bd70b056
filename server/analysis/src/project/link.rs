//! The links of one file: what its calls mean, what it makes, where requests come in.

use std::collections::BTreeSet;

use compact_str::CompactString;

use super::calls::ClientCall;
use super::entries::{self, Entry};
use super::origins;
use super::routes::table::{self, Served};
use super::state::{self, StateUse};
use super::symbols::{Resolver, Symbol};
use super::{FileNo, Project};
use crate::facts::{Call, CallId, FileFacts, FunctionId, FunctionKind, Guard, Shape};
use crate::tables::{EffectRow, Form, Holds, Libraries, Library, Make};

/// A value of a library that code makes.
#[derive(Clone, Debug)]
pub(crate) struct Construction {
    pub(crate) call: CallId,
    pub(crate) library: &'static Library,
    pub(crate) make: &'static Make,
    /// The function it stands in.
    pub(crate) function: Option<FunctionId>,
    /// Something outside the function decides or keeps.
    pub(crate) kept: Kept,
    /// Same text of arguments, same hash: same kind of client.
    pub(crate) arguments: u64,
}

/// Whether a value outlives the function that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// Nothing keeps it.
    No,
    /// A module-level name, `this`, a map.
    Module,
    /// A property of `globalThis`.
    Global,
}

/// A call that asks something of the host.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) call: CallId,
    pub(crate) function: Option<FunctionId>,
    pub(crate) row: &'static EffectRow,
}

/// A way from one function of the workspace to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The caller; `None` for the top level of the module.
    pub(crate) from: Option<FunctionId>,
    pub(crate) to: (FileNo, FunctionId),
    /// The call; `None` where the function is written inside the caller.
    pub(crate) call: Option<CallId>,
    /// It runs only while something outside is not yet there.
    pub(crate) guarded: bool,
}

/// What one file's code is linked to.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileLinks {
    /// Sorted by caller.
    pub(crate) edges: Vec<Edge>,
    /// In source order.
    pub(crate) constructions: Vec<Construction>,
    /// In source order.
    pub(crate) effects: Vec<Asked>,
    /// Where requests come in. Those of Express are told with what is known of the whole application.
    pub(crate) entries: Vec<Entry>,
    /// The entries as this file alone tells of them.
    pub(super) own: Vec<Entry>,
    /// Files of the workspace that this one loads, in the order of their paths.
    pub(crate) loads: Vec<FileNo>,
    /// What the file serves by its place, where Next.js looks at it.
    pub(crate) served: Option<Served>,
    /// Requests that the code makes, in source order.
    pub(crate) requests: Vec<ClientCall>,
    /// Uses of what modules keep, by functions of this file.
    pub(crate) uses: Vec<StateUse>,
    /// Files that were read to find all this.
    pub(crate) seen: BTreeSet<FileNo>,
}

impl PartialEq for Construction {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.library, other.library)
            && std::ptr::eq(self.make, other.make)
            && (self.call, self.function, self.kept, self.arguments)
                == (other.call, other.function, other.kept, other.arguments)
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row) && (self.call, self.function) == (other.call, other.function)
    }
}

impl FileLinks {
    /// Whether two files, or two versions of one, are linked alike, what the whole of an application says of their
    /// entries apart.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let Self { edges, constructions, effects, entries: _, own, loads, served, requests, uses, seen } =
            self;
        *edges == other.edges
            && *constructions == other.constructions
            && *effects == other.effects
            && *own == other.own
            && *loads == other.loads
            && *served == other.served
            && *requests == other.requests
            && *uses == other.uses
            && *seen == other.seen
    }

    /// The calls of a function.
    pub(crate) fn edges_of(&self, function: FunctionId) -> &[Edge] {
        let first = self.edges.partition_point(|edge| edge.from < Some(function));
        let edges = &self.edges[first..];
        &edges[..edges.partition_point(|edge| edge.from == Some(function))]
    }
}

/// Names of functions that call their argument once and keep what it gave.
const ONCE: &[&str] = &[
    "once",
    "memo",
    "memoize",
    "memoizeOne",
    "cache",
    "unstable_cache",
    "singleton",
    "lazy",
    "remember",
    "useMemo",
    "useState",
    "useRef",
    "globalSingleton",
    "createSingleton",
    "getOrCreate",
    "getOrSet",
];

/// Makes the links of one file.
pub(super) fn link(project: &Project, file: FileNo) -> FileLinks {
    let Some(input) = project.file(file) else { return FileLinks::default() };
    #[cfg(feature = "test-hooks")]
    assert!(input.path.file_name() != "panic-for-tests.ts", "asked to");
    let mut resolver = Resolver::new(project);
    let own = entries::entries(project, &mut resolver, file);
    let mut links = FileLinks { entries: own.clone(), own, ..FileLinks::default() };
    let facts = &*input.facts;
    for (_, import) in facts.imports().filter(|(_, import)| !import.type_only) {
        if let Symbol::Module(target) = resolver.module(file, &import.specifier) {
            links.loads.push(target);
        }
    }
    for (id, call) in facts.calls() {
        let function = call.function.map(|number| FunctionId { chunk: id.chunk, number });
        calls(project, &mut resolver, file, id, call, function, &mut links);
    }
    nested(facts, file, &mut links);
    links.served = table::served(input);
    links.requests = super::calls::requests(&mut resolver, file);
    links.uses = state::uses(&mut resolver, file);
    // Numbers of files tell in which order they were met; only paths are the same each time.
    let path = |number: FileNo| project.file(number).map(|input| &input.path);
    links.loads.sort_by(|a, b| path(*a).cmp(&path(*b)));
    links.loads.dedup();
    links
        .edges
        .sort_by(|a, b| (a.from, a.call, path(a.to.0), a.to.1).cmp(&(b.from, b.call, path(b.to.0), b.to.1)));
    links.edges.dedup();
    links.seen = resolver.seen;
    links
}

fn calls(
    project: &Project,
    resolver: &mut Resolver<'_>,
    file: FileNo,
    id: CallId,
    call: &Call,
    function: Option<FunctionId>,
    links: &mut FileLinks,
) {
    let Some(input) = project.file(file) else { return };
    let facts = &*input.facts;
    let kept = || kept(facts, id.chunk, call);
    let mut edge = |to: (FileNo, FunctionId), guarded: bool| {
        links.edges.push(Edge { from: function, to, call: Some(id), guarded });
    };
    let symbol = match this_method(facts, id, call) {
        Some(method) => Symbol::Function(file, method),
        None => resolver.symbol(file, id.chunk, &call.callee),
    };
    match symbol {
        Symbol::Function(target, callee) => {
            let guarded = kept() != Kept::No;
            edge((target, callee), guarded);
            if resolver.kind(target, callee) == Some(FunctionKind::Class)
                && let Some(constructor) = resolver.method(target, callee, "constructor")
            {
                edge((target, constructor), guarded);
            }
        }
        Symbol::External { specifier, export } => {
            let form = if call.is_new { Form::New } else { Form::Call };
            let kept = kept();
            external(resolver, file, id, call, function, (&specifier, &export, form), kept, links);
            // `mongoose.models.User || mongoose.model("User", …)`.
            method(resolver, file, id, call, function, links);
        }
        Symbol::Global(name) => {
            let rows = Libraries::builtin().effects("global", &name);
            links.effects.extend(rows.map(|row| Asked { call: id, function, row }));
        }
        Symbol::Instance(..) | Symbol::Module(_) => {}
        // `prisma.user.create()`: what made the value that the chain starts with tells.
        Symbol::Value(..) | Symbol::Unknown => method(resolver, file, id, call, function, links),
    }
    // A function handed to another is called by it: `rows.map(toUser)`. At the top level that says nothing
    // of when.
    if function.is_some() {
        for argument in &call.args {
            if let Shape::Name(_) | Shape::Member(..) = argument
                && let Symbol::Function(target, callee) = resolver.symbol(file, id.chunk, argument)
                && resolver.kind(target, callee) != Some(FunctionKind::Class)
            {
                links.edges.push(Edge {
                    from: function,
                    to: (target, callee),
                    call: Some(id),
                    guarded: is_once(call),
                });
            }
        }
    }
}

/// The effects of a method of a value that a library made.
fn method(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    id: CallId,
    call: &Call,
    function: Option<FunctionId>,
    links: &mut FileLinks,
) {
    let libraries = Libraries::builtin();
    if !call.callee.last().is_some_and(|name| libraries.knows_method(name)) {
        return;
    }
    let Some(made) = origins::origin(resolver, file, id.chunk, &call.callee) else { return };
    let rows = libraries.method_effects(&made.specifier, &made.export, &made.path);
    links.effects.extend(rows.into_iter().map(|row| Asked { call: id, function, row }));
}

#[expect(clippy::too_many_arguments, reason = "one call, told in full")]
fn external(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    id: CallId,
    call: &Call,
    function: Option<FunctionId>,
    (specifier, export, form): (&CompactString, &CompactString, Form),
    kept: Kept,
    links: &mut FileLinks,
) {
    let Some(input) = resolver.project_file(file) else { return };
    let libraries = Libraries::builtin();
    if let Some((library, make)) = libraries.make(specifier, export, form)
        && make.holds != Holds::Nothing
        && holds(resolver, file, id.chunk, call, make)
    {
        links.constructions.push(Construction {
            call: id,
            library,
            make,
            function,
            kept,
            arguments: arguments(&input.facts, id.chunk, call),
        });
    }
    links.effects.extend(libraries.effects(specifier, export).map(|row| Asked { call: id, function, row }));
}

/// Whether what a call is given lets it hold anything: see the conditions of [`Make`].
fn holds(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, call: &Call, make: &Make) -> bool {
    let Some(input) = resolver.project_file(file) else { return false };
    let facts = &*input.facts;
    let first = call.args.first().map(|argument| value_of(facts, chunk, argument, 0));
    let object = call
        .args
        .iter()
        .map(|argument| value_of(facts, chunk, argument, 0))
        .find(|it| matches!(it, Shape::Object(_)));
    let has = |key: &str| object.is_some_and(|object| object.get(key).is_some());
    if make.address {
        let address = match first {
            Some(Shape::Text(_)) => true,
            Some(Shape::Object(_)) => Make::ADDRESS_KEYS.iter().any(|key| has(key)),
            Some(shape) => is_environment(shape),
            None => false,
        };
        if !address {
            return false;
        }
    }
    if object.is_some() && !make.keys.is_empty() && !make.keys.iter().any(|key| has(key)) {
        return false;
    }
    if make.without.iter().any(|key| has(key)) {
        return false;
    }
    let through = make
        .through
        .iter()
        .filter_map(|key| object?.get(key))
        .any(|value| is_stateless(resolver, file, chunk, value));
    if through {
        return false;
    }
    // An existing pool that is passed in is shared; one made on the spot is this client's own.
    !make.shares.iter().any(|key| {
        object.and_then(|object| object.get(key)).is_some_and(|value| {
            matches!(value, Shape::Name(_) | Shape::Member(..)) && !is_environment(value) && {
                let known = value_of(facts, chunk, value, 0);
                !matches!(known, Shape::Text(_) | Shape::Object(_) | Shape::Number(_))
                    && !is_local_call(value, known)
            }
        })
    })
}

/// Whether a value is made by a library that is known to hold nothing: an adapter over HTTP.
fn is_stateless(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, value: &Shape) -> bool {
    let Symbol::Value(at, in_chunk, Shape::Call(number)) = resolver.symbol(file, chunk, value) else {
        return false;
    };
    let Some(input) = resolver.project_file(at) else { return false };
    let call = input.facts.call(CallId { chunk: in_chunk, number });
    let form = if call.is_new { Form::New } else { Form::Call };
    match resolver.symbol(at, in_chunk, &call.callee) {
        Symbol::External { specifier, export } => Libraries::builtin()
            .make(&specifier, &export, form)
            .is_some_and(|(_, make)| make.holds == Holds::Nothing),
        _ => false,
    }
}

/// A local variable that was set to what a call gave, in the same function: made on the spot.
fn is_local_call(value: &Shape, known: &Shape) -> bool {
    matches!(known, Shape::Call(_)) && value.root().is_some_and(|root| root.local.is_some())
}

/// What a name was set to, where that is a plain value.
fn value_of<'f>(facts: &'f FileFacts, chunk: u32, shape: &'f Shape, depth: u32) -> &'f Shape {
    let Shape::Name(name) = shape else { return shape };
    if depth > 4 {
        return shape;
    }
    match name.local {
        Some(local) => match &facts.chunks[chunk as usize].facts.decls[local as usize].value {
            Shape::Other | Shape::Joined(_) => shape,
            value => value_of(facts, chunk, value, depth + 1),
        },
        None => match facts.binding(&name.text) {
            Some((_, decl)) if matches!(decl.value, Shape::Other | Shape::Joined(_)) => shape,
            Some((id, decl)) => value_of(facts, id.chunk, &decl.value, depth + 1),
            None => shape,
        },
    }
}

/// `process.env.X`, `env.DATABASE_URL`, and one of several of them.
fn is_environment(shape: &Shape) -> bool {
    match shape {
        Shape::Either(sides) => sides.iter().any(is_environment),
        Shape::Text(_) => true,
        other => other.dotted().is_some_and(|path| {
            let mut parts = path.split('.');
            let last = parts.next_back().unwrap_or_default();
            path.starts_with("process.env.")
                || path.starts_with("import.meta.env")
                || parts.any(|part| part == "env")
                || (last.len() > 3
                    && last.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()))
        }),
    }
}

/// A hash of what a call is given, names included, functions and nested calls by their callee.
fn arguments(facts: &FileFacts, chunk: u32, call: &Call) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = rustc_hash::FxHasher::default();
    let chunk_facts = &facts.chunks[chunk as usize].facts;
    let mut pending: Vec<&Shape> = call.args.iter().collect();
    let mut steps = 0;
    while let Some(shape) = pending.pop() {
        steps += 1;
        if steps > 400 {
            break;
        }
        std::mem::discriminant(shape).hash(&mut hasher);
        match shape {
            Shape::Name(name) => {
                name.text.hash(&mut hasher);
                // A constant of the module counts as its value.
                if name.local.is_none()
                    && let Some((_, decl)) = facts.binding(&name.text)
                    && let Shape::Text(_) | Shape::Number(_) | Shape::Member(..) = decl.value
                {
                    pending.push(&decl.value);
                }
            }
            Shape::Member(object, key) => {
                key.hash(&mut hasher);
                pending.push(object);
            }
            Shape::Call(number) => {
                let inner = &chunk_facts.calls[*number as usize];
                inner.callee.dotted().hash(&mut hasher);
                pending.extend(&inner.args);
            }
            Shape::Object(entries) => {
                for (key, value) in entries {
                    key.hash(&mut hasher);
                    pending.push(value);
                }
            }
            Shape::Array(items) | Shape::Either(items) => pending.extend(items),
            Shape::Await(inner) => pending.push(inner),
            Shape::Text(text) | Shape::Number(text) | Shape::Product(text) => text.hash(&mut hasher),
            Shape::Bool(value) => value.hash(&mut hasher),
            Shape::Function(_)
            | Shape::Class(_)
            | Shape::Regexp(_)
            | Shape::This
            | Shape::Null
            | Shape::Joined(_)
            | Shape::Other => {}
        }
    }
    hasher.finish()
}

/// `this.build()` inside a class.
pub(crate) fn this_method(facts: &FileFacts, id: CallId, call: &Call) -> Option<FunctionId> {
    let Shape::Member(object, key) = &call.callee else { return None };
    let Shape::This = **object else { return None };
    let chunk = &facts.chunks[id.chunk as usize].facts;
    let mut at = call.function;
    while let Some(number) = at {
        let function = &chunk.functions[number as usize];
        if function.kind == FunctionKind::Class {
            let wanted = chunk.functions.iter().position(|method| {
                method.parent == Some(number)
                    && method.kind == FunctionKind::Method
                    && method.name.as_deref().and_then(|name| name.rsplit('.').next()) == Some(key)
            })?;
            return Some(FunctionId { chunk: id.chunk, number: wanted as u32 });
        }
        at = function.parent;
    }
    None
}

/// A function written inside another runs when that one does, unless it is a method of a class or is given
/// to something that calls it once.
fn nested(facts: &FileFacts, file: FileNo, links: &mut FileLinks) {
    for (id, function) in facts.functions() {
        let Some(parent) = function.parent else { continue };
        let chunk = &facts.chunks[id.chunk as usize].facts;
        if chunk.functions[parent as usize].kind == FunctionKind::Class {
            continue;
        }
        let guarded = function.argument_of.is_some_and(|call| is_once(&chunk.calls[call as usize]));
        links.edges.push(Edge {
            from: Some(FunctionId { chunk: id.chunk, number: parent }),
            to: (file, id),
            call: None,
            guarded,
        });
    }
}

fn is_once(call: &Call) -> bool {
    call.callee.last().is_some_and(|name| ONCE.contains(&name))
}

/// Whether what a call makes outlives the function it stands in.
pub(crate) fn kept(facts: &FileFacts, chunk: u32, call: &Call) -> Kept {
    call.guards.iter().map(|guard| kept_by(facts, chunk, guard)).max().unwrap_or(Kept::No)
}

fn kept_by(facts: &FileFacts, chunk: u32, guard: &Guard) -> Kept {
    let Some(root) = guard.path.root() else { return Kept::Module };
    if is_global(facts, chunk, &guard.path, 0) {
        return Kept::Global;
    }
    if root.local.is_some() {
        return if guard.stores { Kept::Module } else { Kept::No };
    }
    if let Some((_, decl)) = facts.binding(&root.text) {
        let bare = matches!(guard.path, Shape::Name(_));
        return match &decl.value {
            // A constant or a function is a condition, not a place that keeps; a static field of a class is.
            Shape::Text(_)
            | Shape::Number(_)
            | Shape::Product(_)
            | Shape::Bool(_)
            | Shape::Function(_)
            | Shape::Class(_)
                if bare && !guard.stores =>
            {
                Kept::No
            }
            _ => Kept::Module,
        };
    }
    if facts.import(&root.text).is_some() {
        let asks = matches!(guard.path.last(), Some("get" | "has"));
        return if guard.stores || asks { Kept::Module } else { Kept::No };
    }
    // A global that no one declares here: only a store says that it keeps.
    if guard.stores { Kept::Module } else { Kept::No }
}

/// `globalThis`, `global`, and names that were set to one of them.
pub(crate) fn is_global(facts: &FileFacts, chunk: u32, path: &Shape, depth: u32) -> bool {
    let Some(root) = path.root() else { return false };
    if depth > 4 {
        return false;
    }
    if let Some(local) = root.local {
        let decl = &facts.chunks[chunk as usize].facts.decls[local as usize];
        return is_global(facts, chunk, &decl.value, depth + 1);
    }
    let is_name = matches!(&*root.text, "globalThis" | "global" | "self" | "window");
    match facts.binding(&root.text) {
        // `declare const global: { prisma: PrismaClient }` is about the global itself.
        Some((_, decl)) if is_name && decl.value == Shape::Other => true,
        Some((id, decl)) => is_global(facts, id.chunk, &decl.value, depth + 1),
        None => is_name && facts.import(&root.text).is_none(),
    }
}
