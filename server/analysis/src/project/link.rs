//! The links of one file: what its calls mean, what it makes, where requests come in.

use compact_str::CompactString;

use super::links::{Asked, Construction, Edge, FileLinks, Kept};
use super::routes::table;
use super::symbols::{Resolver, Symbol};
use super::{FileNo, Project, entries, express, origins, state};
use crate::facts::{Call, CallId, ChunkFacts, FileFacts, FunctionId, FunctionKind, Guard, Shape};
use crate::tables::{Form, Holds, Libraries, Make};

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
    let mut resolver = Resolver::new(project);
    let mut variables = state::Variables::default();
    let mut links = whole(&mut resolver, file);
    for chunk in 0..input.facts.chunks.len() as u32 {
        statement(&mut resolver, &mut variables, file, chunk, &mut links);
    }
    links.seen = resolver.seen;
    links.finish(project);
    links
}

/// What a file is linked to as a whole: by its place, its exports, its imports.
pub(super) fn whole(resolver: &mut Resolver<'_>, file: FileNo) -> FileLinks {
    let Some(input) = resolver.project_file(file) else { return FileLinks::default() };
    #[cfg(feature = "test-hooks")]
    assert!(input.path.file_name() != "panic-for-tests.ts", "asked to");
    let own = entries::entries(resolver, file);
    let mut links = FileLinks { entries: own.clone(), own, ..FileLinks::default() };
    for (_, import) in input.facts.imports().filter(|(_, import)| !import.type_only) {
        if let Symbol::Module(target) = resolver.module(file, &import.specifier) {
            links.loads.push(target);
        }
    }
    links.names_express = express::is_named(input);
    links.served = table::served(input);
    links
}

/// What a statement adds to the links of its file.
pub(super) fn statement(
    resolver: &mut Resolver<'_>,
    variables: &mut state::Variables,
    file: FileNo,
    chunk: u32,
    links: &mut FileLinks,
) {
    let Some(input) = resolver.project_file(file) else { return };
    let facts = &*input.facts.chunks[chunk as usize].facts;
    for (number, call) in (0..).zip(&facts.calls) {
        let function = call.function.map(|number| FunctionId { chunk, number });
        calls(resolver, file, CallId { chunk, number }, call, function, links);
    }
    nested(facts, file, chunk, links);
    super::calls::requests(resolver, file, chunk, &mut links.requests);
    state::uses(resolver, variables, file, chunk, &mut links.uses);
}

fn calls(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    id: CallId,
    call: &Call,
    function: Option<FunctionId>,
    links: &mut FileLinks,
) {
    let Some(input) = resolver.project_file(file) else { return };
    let facts = &*input.facts;
    let kept = || kept(facts, id.chunk, call);
    let project = resolver.project();
    let runs_here = move |to: &(FileNo, FunctionId)| {
        project.file(to.0).is_some_and(|input| !input.facts.function(to.1).is_workflow)
    };
    let mut edge = |to: (FileNo, FunctionId), guarded: bool| {
        if !runs_here(&to) {
            return;
        }
        links.edges.push(Edge { from: function, to, call: Some(id), guarded, gives_back: false });
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
        Symbol::Value(..) | Symbol::Unknown => {
            for made in resolver.given_back(&symbol, 0) {
                edge(made, kept() != Kept::No);
            }
            // `prisma.user.create()`: what made the value that the chain starts with tells.
            method(resolver, file, id, call, function, links);
        }
    }
    // A function handed to another is called by it: `rows.map(toUser)`. At the top level that says nothing
    // of when.
    if function.is_some() {
        let given =
            call.args.iter().filter(|it| matches!(it, Shape::Name(_) | Shape::Member(..) | Shape::Call(_)));
        for argument in given {
            let called = match resolver.symbol(file, id.chunk, argument) {
                Symbol::Function(target, callee)
                    if resolver.kind(target, callee) != Some(FunctionKind::Class) =>
                {
                    vec![(target, callee)]
                }
                symbol => resolver.given_back(&symbol, 0),
            };
            links.edges.extend(called.into_iter().filter(runs_here).map(|to| Edge {
                from: function,
                to,
                call: Some(id),
                guarded: is_once(call),
                gives_back: false,
            }));
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
fn nested(facts: &ChunkFacts, file: FileNo, chunk: u32, links: &mut FileLinks) {
    for (number, function) in (0..).zip(&facts.functions) {
        let Some(parent) = function.parent else { continue };
        if facts.functions[parent as usize].kind == FunctionKind::Class {
            continue;
        }
        let guarded = function.argument_of.is_some_and(|call| is_once(&facts.calls[call as usize]));
        links.edges.push(Edge {
            from: Some(FunctionId { chunk, number: parent }),
            to: (file, FunctionId { chunk, number }),
            call: None,
            guarded,
            gives_back: facts.given_back(parent).any(|given| given == number),
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
