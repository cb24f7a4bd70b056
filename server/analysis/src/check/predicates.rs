//! The meaning of each word of the vocabulary.

use compact_str::CompactString;

use super::{Evidence, Site};
use crate::facts::{Call, CallId, FunctionId, Name, Shape};
use crate::finding::Related;
use crate::package::Version;
use crate::project::{
    Construction, FileInput, FileNo, Kept, Layer, Project, Resolver, Scope, Symbol, is_global, routes,
};
use crate::rules::{Condition, Predicate};
use crate::tables::{Class, Holds, Libraries};

/// The layers of Next.js.
const NEXT: &[Layer] = &[Layer::Handlers, Layer::Pages, Layer::PagesRouter, Layer::Proxy];

/// Whether a condition, its negation left aside, holds for a match.
pub(super) fn holds(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let words = || condition.strings.iter().map(|word| &**word);
    let captured = condition.capture.and_then(|name| site.capture(name));
    let id = || Some(CallId { chunk: site.chunk, number: site.chunk_facts().call_at(captured?.at)? });
    let made = || construction_at(site.project, site.file, id()?);
    match condition.predicate {
        Predicate::Constructs => made().is_some_and(|made| {
            evidence.set("client", made.make.name.to_string());
            evidence
                .set("name", holder(site.input, made.call).unwrap_or_else(|| made.make.variable.to_string()));
            if let Some(size) = made.library.pool.as_ref().and_then(|pool| pool.size) {
                evidence.set("pool", size.to_string());
            }
            words().any(|word| is_library(made, word))
        }),
        Predicate::Scope => scope(site, captured.map(|it| it.at.start), made(), condition, evidence),
        Predicate::ReachedFrom => {
            let layers = words().flat_map(|word| match word {
                "next" => NEXT,
                "express" => &[Layer::Express],
                _ => &[],
            });
            reached_from(site, &layers.copied().collect::<Vec<_>>(), evidence)
        }
        Predicate::Target => evidence.target().is_some_and(|target| words().any(|word| word == &*target.id)),
        Predicate::TargetKind => {
            evidence.target().is_some_and(|target| words().any(|word| word == target.kind.name()))
        }
        Predicate::PerRequestHost => made().is_some_and(|made| {
            evidence.target().is_some_and(|target| made.library.is_per_request_on(target))
        }),
        Predicate::OneShot => made().is_some_and(|made| one_shot(site, made)),
        Predicate::Edge => captured.is_some_and(|it| {
            let function = site.chunk_facts().function_at(it.at.start);
            on_edge(site, function.map(|number| FunctionId { chunk: site.chunk, number }), evidence)
        }),
        Predicate::Version => {
            let mut words = words();
            let version = words.next().and_then(|name| evidence.package().versions.get(name));
            version.is_some_and(|version| words.all(|bound| fits(version, bound)))
        }
        Predicate::ImportedFrom => captured.is_some_and(|it| {
            let shape = dotted(site, &it.text, it.at.start);
            match Resolver::new(site.project).symbol(site.file, site.chunk, &shape) {
                Symbol::External { specifier, .. } => {
                    let bare = specifier.strip_prefix("node:").unwrap_or(&specifier);
                    words().any(|word| word.strip_prefix("node:").unwrap_or(word) == bare)
                }
                _ => false,
            }
        }),
        Predicate::ClosesSharedClient => id().is_some_and(|id| closes_shared(site, id, evidence)),
        Predicate::GuardWriteDevOnly => captured.is_some_and(|it| guard_write(site, it.at, evidence)),
        Predicate::SeveralLayers => several_layers(site, evidence),
        Predicate::DuplicateClient => made().is_some_and(|made| duplicate(site, made, evidence)),
        Predicate::ConstantArguments => id().is_some_and(|id| {
            let call = site.input.facts.call(id);
            call.args.iter().all(|argument| is_constant(site, argument, 0))
        }),
        #[cfg(feature = "test-hooks")]
        Predicate::PanicForTests => panic!("asked to"),
    }
}

/// Whether the call at a place of the match's chunk makes a value of any library.
pub(super) fn constructs(site: &Site<'_>, at: crate::text::Span) -> bool {
    let made = site.project.links(site.file).map_or(&[][..], |links| &links.constructions);
    !made.is_empty()
        && site
            .chunk_facts()
            .call_at(at)
            .is_some_and(|number| made.iter().any(|made| made.call == CallId { chunk: site.chunk, number }))
}

fn is_library(made: &Construction, word: &str) -> bool {
    let library = made.library;
    match word {
        "database" => library.class == Class::Database && &*library.id != "prisma",
        "sdk" => library.class == Class::Sdk,
        id => *library.id == *id,
    }
}

/// What a call makes, where it makes a value of a library.
pub(crate) fn construction_at(project: &Project, file: FileNo, id: CallId) -> Option<&Construction> {
    project.links(file)?.constructions.iter().find(|made| made.call == id)
}

/// The name of what holds a call's value: a variable, or what it is assigned to.
pub(crate) fn holder(input: &FileInput, id: CallId) -> Option<String> {
    let chunk = &input.facts.chunks[id.chunk as usize].facts;
    let decl = chunk.decls.iter().find(|decl| gives(chunk, &decl.value, id.number, 0));
    decl.map(|decl| decl.name.to_string()).or_else(|| {
        let assign = chunk.assigns.iter().find(|assign| gives(chunk, &assign.right, id.number, 0))?;
        assign.left.last().map(str::to_owned)
    })
}

/// Whether a value is what a call made, `.$extends(…)` and the like looked through.
fn gives(chunk: &crate::facts::ChunkFacts, shape: &Shape, call: u32, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    match shape {
        Shape::Call(number) if *number == call => true,
        Shape::Call(number) => match &chunk.calls[*number as usize].callee {
            Shape::Member(object, method) if method.starts_with('$') => gives(chunk, object, call, depth + 1),
            _ => false,
        },
        Shape::Await(inner) => gives(chunk, inner, call, depth + 1),
        Shape::Either(sides) => sides.iter().any(|side| gives(chunk, side, call, depth + 1)),
        _ => false,
    }
}

fn scope(
    site: &Site<'_>,
    offset: Option<u32>,
    made: Option<&Construction>,
    condition: &Condition,
    evidence: &mut Evidence<'_>,
) -> bool {
    let (Some(reach), Some(offset)) = (site.project.reach(), offset) else { return false };
    let function =
        site.chunk_facts().function_at(offset).map(|number| FunctionId { chunk: site.chunk, number });
    let scope = match made {
        Some(made) => reach.scope(site.project, site.file, made),
        None => reach.scope_of(site.project, site.file, function),
    };
    match &*condition.strings[0] {
        "request" => {
            if scope == Scope::Request
                && let Some(way) = function.and_then(|function| reach.way(site.project, site.file, function))
            {
                evidence.reached(&way);
                return true;
            }
            false
        }
        "module" => scope == Scope::Module && made.is_none_or(|made| !guarded_elsewhere(site, made)),
        "once" => matches!(scope, Scope::Once(_)),
        _ => false,
    }
}

/// Another branch of the file keeps the same client on `globalThis`: `if (production) … else …`.
fn guarded_elsewhere(site: &Site<'_>, made: &Construction) -> bool {
    site.project.links(site.file).is_some_and(|links| {
        links
            .constructions
            .iter()
            .any(|other| other.kept == Kept::Global && other.library.id == made.library.id)
    })
}

fn reached_from(site: &Site<'_>, layers: &[Layer], evidence: &mut Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    if !reach.is_loaded_by(site.file, layers) {
        return false;
    }
    if let Some((file, entry)) = reach.loader(site.project, site.file) {
        evidence.host(file);
        evidence.set("entry", entry.label.clone());
        if let Some(input) = site.project.file(file).filter(|_| file != site.file) {
            evidence.relate([Related {
                path: input.path.clone(),
                span: entry.span(&input.facts),
                message: format!("loaded for {}", entry.label),
            }]);
        }
    }
    true
}

fn on_edge(site: &Site<'_>, function: Option<FunctionId>, evidence: &Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    let target_on_edge = evidence.target().is_some_and(|target| target.kind == crate::tables::Kind::Edge);
    let way = function.and_then(|function| reach.way(site.project, site.file, function));
    target_on_edge || way.map_or_else(|| reach.is_loaded_on_edge(site.project, site.file), |way| way.edge)
}

/// Whether a version fits a bound such as `>=15.1.0`.
fn fits(version: &Version, bound: &str) -> bool {
    let digits = bound.trim_start_matches(['<', '>', '=']);
    let mut parts = digits.split('.').map(|part| part.parse::<u64>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let wanted = (next(), next(), next());
    let have = (version.major, version.minor, version.patch);
    match &bound[..bound.len() - digits.len()] {
        ">=" => have >= wanted,
        "<=" => have <= wanted,
        ">" => have > wanted,
        "<" => have < wanted,
        _ => have == wanted,
    }
}

/// The form of a chain written as text.
fn dotted(site: &Site<'_>, text: &str, offset: u32) -> Shape {
    let mut parts = text.split('.').map(str::trim);
    let first = CompactString::from(parts.next().unwrap_or_default());
    let local = site.chunk_facts().local(&first, offset);
    parts.fold(Shape::Name(Name { text: first, local }), |object, key| {
        Shape::Member(Box::new(object), key.into())
    })
}

/// `prisma.$disconnect()` on a client that others use too.
fn closes_shared(site: &Site<'_>, id: CallId, evidence: &mut Evidence<'_>) -> bool {
    let call = site.input.facts.call(id);
    let mut resolver = Resolver::new(site.project);
    if let Symbol::External { specifier, export } = resolver.symbol(site.file, id.chunk, &call.callee) {
        return Libraries::builtin().closes_all(&specifier, &export).is_some_and(|library| {
            evidence.set("client", library.name.to_string());
            evidence.set("name", call.callee.dotted().unwrap_or_default());
            true
        });
    }
    let Shape::Member(object, method) = &call.callee else { return false };
    let Some((file, made)) = shared_client(site.project, &mut resolver, site.file, id.chunk, object) else {
        return false;
    };
    if !made.library.is_closed_by(method) {
        return false;
    }
    evidence.set("client", made.make.name.to_string());
    evidence.set("name", object.dotted().unwrap_or_else(|| made.make.variable.to_string()));
    if let Some(input) = site.project.file(file) {
        let head = input.facts.call(made.call).head;
        evidence.set("other", shown(site, &input.path));
        evidence.relate([Related {
            path: input.path.clone(),
            span: input.facts.span(made.call.chunk, head),
            message: format!("the {} that every request shares", made.make.name),
        }]);
    }
    true
}

/// The client behind an expression, where it outlives the requests that use it.
pub(crate) fn shared_client<'p>(
    project: &'p Project,
    resolver: &mut Resolver<'p>,
    file: FileNo,
    chunk: u32,
    shape: &Shape,
) -> Option<(FileNo, &'p Construction)> {
    let (mut file, mut chunk, mut shape) = (file, chunk, shape.clone());
    for _ in 0..6 {
        let Symbol::Value(at, in_chunk, Shape::Call(number)) = resolver.symbol(file, chunk, &shape) else {
            return None;
        };
        let id = CallId { chunk: in_chunk, number };
        if let Some(made) = construction_at(project, at, id) {
            return (made.function.is_none() || made.kept != Kept::No).then_some((at, made));
        }
        let call = project.file(at)?.facts.call(id);
        shape = match &call.callee {
            // `new PrismaClient().$extends(…)`.
            Shape::Member(object, method) if method.starts_with('$') => (**object).clone(),
            _ => return None,
        };
        (file, chunk) = (at, in_chunk);
    }
    None
}

/// `if (NODE_ENV !== "production") globalThis.prisma = prisma`.
fn guard_write(site: &Site<'_>, at: crate::text::Span, evidence: &mut Evidence<'_>) -> bool {
    let chunk = site.chunk_facts();
    let Some(assign) = chunk.assigns.iter().find(|assign| assign.at.0 == at) else { return false };
    if !assign.env_only || !is_global(&site.input.facts, site.chunk, &assign.left, 0) {
        return false;
    }
    let mut resolver = Resolver::new(site.project);
    let Some((_, made)) = shared_client(site.project, &mut resolver, site.file, site.chunk, &assign.right)
    else {
        return false;
    };
    evidence.set("client", made.make.name.to_string());
    evidence.set("name", assign.right.dotted().unwrap_or_else(|| made.make.variable.to_string()));
    made.kept == Kept::Global
}

/// Several parts of one Next.js process load the file, each with a module of its own.
fn several_layers(site: &Site<'_>, evidence: &mut Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    reached_from(site, NEXT, evidence);
    // Turbopack, the default since 16, bundles pages apart from handlers; webpack bundles them together.
    let Some(next) = evidence.package().major("next") else { return false };
    let groups: &[(&[Layer], &str)] = if next >= 16 {
        &[
            (&[Layer::Handlers], "route handlers"),
            (&[Layer::Pages], "app pages"),
            (&[Layer::PagesRouter], "the Pages Router"),
            (&[Layer::Proxy], "the proxy"),
        ]
    } else {
        &[
            (&[Layer::Handlers, Layer::Pages], "the App Router"),
            (&[Layer::PagesRouter], "the Pages Router"),
            (&[Layer::Proxy], "the middleware"),
        ]
    };
    let loaded: Vec<&str> = groups
        .iter()
        .filter(|(layers, _)| reach.is_loaded_by(site.file, layers))
        .map(|(_, name)| *name)
        .collect();
    evidence.set("count", loaded.len().to_string());
    evidence.set("layers", list(&loaded));
    loaded.len() >= 2
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// Another module of the package makes the same client, and comes first.
fn duplicate(site: &Site<'_>, made: &Construction, evidence: &mut Evidence<'_>) -> bool {
    // A client that is made for each request or left unguarded has a rule of its own: one cause, one finding.
    let shared = site.project.reach().is_some_and(|reach| match reach.scope(site.project, site.file, made) {
        Scope::Once(Kept::Global) => true,
        Scope::Module => &*made.library.id != "prisma" || !reach.is_loaded_by(site.file, NEXT),
        _ => false,
    });
    if !shared || !site.project.is_complete() {
        return false;
    }
    // A module that nothing loads opens nothing.
    let loaded = &[Layer::Handlers, Layer::Pages, Layer::PagesRouter, Layer::Proxy, Layer::Express];
    let mut same = same_clients(site.project, site.input, made);
    same.retain(|(file, _)| site.project.reach().is_some_and(|reach| reach.is_loaded_by(*file, loaded)));
    let Some(&(first, _)) = same.first() else { return false };
    if first == site.file || same.len() < 2 {
        return false;
    }
    // Both look at one property of `globalThis`, so whichever module is evaluated second finds a client there.
    let key = global_key(site.input, made);
    if key.is_some()
        && same.iter().any(|(file, other)| {
            *file == first && site.project.file(first).is_some_and(|input| global_key(input, other) == key)
        })
    {
        return false;
    }
    evidence.set("count", same.len().to_string());
    for &(file, other) in same.iter().filter(|(file, _)| *file != site.file) {
        let Some(input) = site.project.file(file) else { continue };
        let message = if file == first { "the one to share" } else { "another one" };
        evidence.relate([Related {
            path: input.path.clone(),
            span: input.facts.span(other.call.chunk, input.facts.call(other.call).head),
            message: message.to_owned(),
        }]);
    }
    if let Some(input) = site.project.file(first) {
        evidence.set("other", shown(site, &input.path));
    }
    true
}

/// The property of `globalThis` that a client is kept under.
fn global_key<'f>(input: &'f FileInput, made: &Construction) -> Option<&'f str> {
    let guards = &input.facts.call(made.call).guards;
    guards.iter().find(|guard| is_global(&input.facts, made.call.chunk, &guard.path, 0))?.path.last()
}

/// One connection that the function which makes it also ends: slow, but nothing is left behind.
fn one_shot(site: &Site<'_>, made: &Construction) -> bool {
    let chunk = site.chunk_facts();
    let ends = |call: &Call| match &call.callee {
        Shape::Member(object, method) if made.library.is_closed_by(method) => match &**object {
            Shape::Name(Name { local: Some(local), .. }) => {
                gives(chunk, &chunk.decls[*local as usize].value, made.call.number, 0)
            }
            _ => false,
        },
        _ => false,
    };
    let function = chunk.calls[made.call.number as usize].function;
    made.make.holds == Holds::Connection
        && function.is_some()
        && chunk.calls.iter().any(|call| call.function == function && ends(call))
}

/// Every module-level client of the same kind and arguments in a package, each file once; the one to share
/// comes first: one that is kept on `globalThis` already, else the first by its path.
pub(crate) fn same_clients<'p>(
    project: &'p Project,
    input: &FileInput,
    made: &Construction,
) -> Vec<(FileNo, &'p Construction)> {
    let Some(reach) = project.reach() else { return Vec::new() };
    let mut same: Vec<(bool, FileNo, &Construction)> = Vec::new();
    for file in project.numbers() {
        let Some(other) = project.file(file) else { continue };
        if other.package.root != input.package.root || routes::is_aside(&other.path, &other.package) {
            continue;
        }
        let found =
            project.links(file).into_iter().flat_map(|links| &links.constructions).find(|candidate| {
                candidate.library.id == made.library.id
                    && candidate.arguments == made.arguments
                    && candidate.make.exports == made.make.exports
                    && matches!(
                        reach.scope(project, file, candidate),
                        Scope::Module | Scope::Once(Kept::Global)
                    )
            });
        if let Some(found) = found {
            same.push((found.kept != Kept::Global, file, found));
        }
    }
    same.sort_by_key(|(unkept, ..)| *unkept);
    same.into_iter().map(|(_, file, made)| (file, made)).collect()
}

fn shown(site: &Site<'_>, path: &crate::path::FilePath) -> String {
    let root = site.input.package.root.as_ref();
    root.and_then(|root| path.strip(root)).unwrap_or_else(|| path.file_name()).to_owned()
}

/// The same each time: literals, environment variables, names of the module.
fn is_constant(site: &Site<'_>, shape: &Shape, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let chunk = site.chunk_facts();
    match shape {
        Shape::Text(_) | Shape::Number(_) | Shape::Bool(_) | Shape::Null => true,
        Shape::Name(name) => match name.local {
            None => true,
            Some(local) => {
                let decl = &chunk.decls[local as usize];
                decl.parameter_of.is_none() && is_constant(site, &decl.value, depth + 1)
            }
        },
        Shape::Member(object, _) => is_constant(site, object, depth + 1),
        Shape::Object(entries) => entries.iter().all(|(_, value)| is_constant(site, value, depth + 1)),
        Shape::Array(items) | Shape::Either(items) => {
            items.iter().all(|value| is_constant(site, value, depth + 1))
        }
        Shape::Call(number) => {
            let Call { callee, args, is_new, .. } = &chunk.calls[*number as usize];
            *is_new
                && is_constant(site, callee, depth + 1)
                && args.iter().all(|argument| is_constant(site, argument, depth + 1))
        }
        Shape::Await(_) | Shape::This | Shape::Function(_) | Shape::Class(_) | Shape::Other => false,
    }
}
