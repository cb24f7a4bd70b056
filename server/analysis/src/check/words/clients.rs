//! Words about clients: what is made, who shares it, who closes it.

use rustc_hash::FxHashSet;

use crate::facts::{Call, CallId, ChunkFacts, FunctionId, Name, Shape};
use crate::finding::Related;
use crate::project::{
    Construction, FileInput, FileNo, Kept, Layer, Project, Resolver, Scope, Symbol, is_global, routes,
};
use crate::rules::{Word, word_of};
use crate::tables::{Class, Holds, Libraries, Library};
use crate::text::Span;

use super::super::state::Taint;
use super::super::{Evidence, Site};
use super::places::NEXT;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "closes-shared-client",
        0,
        |site, condition, evidence| site.call(condition).is_some_and(|id| closes_shared(site, id, evidence)),
        "`(#closes-shared-client? @at)`: the call ends a client that lives at module level, here or in the module it is imported from",
    ),
    Word::of(
        "constructs",
        1,
        |site, condition, evidence| {
            site.made(condition).is_some_and(|made| {
                evidence.set("client", made.make.name.to_string());
                evidence.set(
                    "name",
                    holder(site.input, made.call).unwrap_or_else(|| made.make.variable.to_string()),
                );
                condition.words().any(|word| is_one(made.library, word))
            })
        },
        "`(#constructs? @at \"prisma\")`: the call or `new` makes a value of one of these libraries of libraries.toml, or of a class of them: `database`, `sdk`",
    )
    .spelled(makers),
    Word::of(
        "duplicate-client",
        0,
        |site, condition, evidence| site.made(condition).is_some_and(|made| duplicate(site, made, evidence)),
        "`(#duplicate-client? @at)`: an earlier module of the package makes the same client with the same arguments",
    ),
    Word::of(
        "guard-write-dev-only",
        0,
        |site, condition, evidence| {
            site.captured(condition).is_some_and(|it| guard_write(site, it.at, evidence))
        },
        "`(#guard-write-dev-only? @at)`: the assignment keeps a client on `globalThis`, but only under a condition on `NODE_ENV`",
    ),
    Word::of(
        "named-by-request",
        0,
        |site, condition, _| site.call(condition).is_some_and(|id| named_by_request(site, id)),
        "`(#named-by-request? @at)`: an argument of the call may depend on the request, so that it makes another thing for another request",
    ),
    Word::of(
        "one-shot",
        0,
        |site, condition, _| site.made(condition).is_some_and(|made| one_shot(site, made)),
        "`(#one-shot? @at)`: what is made is a single connection, and the function that makes it, or is given it, ends it too or subscribes with it",
    ),
    Word::of(
        "per-request-host",
        0,
        |site, condition, evidence| {
            let target = evidence.target();
            site.made(condition)
                .is_some_and(|made| target.is_some_and(|target| made.library.is_per_request_on(target)))
        },
        "`(#per-request-host? @at)`: on the target, one client of this library for each request is right",
    ),
];

/// Whether the call at a place of the match's chunk makes a value of any library.
pub(in crate::check) fn constructs(site: &Site<'_>, at: Span) -> bool {
    let made = site.project.links(site.file).map_or(&[][..], |links| &links.constructions);
    !made.is_empty()
        && site
            .chunk_facts()
            .call_at(at)
            .is_some_and(|number| made.iter().any(|made| made.call == CallId { chunk: site.chunk, number }))
}

/// Whether a library is of a class, or is this one.
fn is_one(library: &Library, word: &str) -> bool {
    match word {
        "database" => library.class == Class::Database && &*library.id != "prisma",
        "sdk" => library.class == Class::Sdk,
        id => *library.id == *id,
    }
}

/// The names by which code gets what makes a value of one of these libraries.
fn makers(wanted: &[Box<str>]) -> Option<Vec<&str>> {
    let libraries = Libraries::builtin().all().iter();
    let makes = libraries.filter(|library| wanted.iter().any(|word| is_one(library, word)));
    let exports = makes.flat_map(|library| &library.makes).flat_map(|make| {
        make.from.iter().flat_map(|from| make.exports.iter().map(move |export| (&**from, &**export)))
    });
    exports.map(|(module, export)| word_of(module, export)).collect()
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
fn gives(chunk: &ChunkFacts, shape: &Shape, call: u32, depth: u32) -> bool {
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
        evidence.set("other", site.shown(&input.path));
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
fn guard_write(site: &Site<'_>, at: Span, evidence: &mut Evidence<'_>) -> bool {
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

/// Another branch of the file keeps the same client on `globalThis`: `if (production) … else …`; or one of the calls
/// that lead to the function which makes it keeps what that gave.
pub(super) fn guarded_elsewhere(site: &Site<'_>, made: &Construction) -> bool {
    let in_file = site.project.links(site.file).is_some_and(|links| {
        links
            .constructions
            .iter()
            .any(|other| other.kept == Kept::Global && other.library.id == made.library.id)
    });
    in_file || made.function.is_some_and(|function| is_called_guarded(site.project, (site.file, function)))
}

/// Whether a guard stands before one of the calls that lead to a function; of some, so that it ends soon.
fn is_called_guarded(project: &Project, function: (FileNo, FunctionId)) -> bool {
    let mut known = vec![function];
    let mut next = 0;
    while let Some(&function) = known.get(next).filter(|_| next < 16) {
        next += 1;
        for file in project.numbers() {
            let edges = project.links(file).map_or(&[][..], |links| links.edges.as_slice());
            for edge in edges.iter().filter(|edge| edge.to == function) {
                if edge.guarded {
                    return true;
                }
                known.extend(edge.from.map(|from| (file, from)).filter(|from| !known.contains(from)));
            }
        }
    }
    false
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
    same.retain(|(file, _)| in_one_program(site, *file));
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
        evidence.set("other", site.shown(&input.path));
    }
    true
}

/// Whether one program loads this file and another: Next.js, or a module from which both are reached. The examples of a
/// package are programs of their own.
fn in_one_program(site: &Site<'_>, other: FileNo) -> bool {
    let by_next = |file| site.project.reach().is_some_and(|reach| reach.is_loaded_by(file, NEXT));
    let above = |file: FileNo| {
        let mut found = FxHashSet::from_iter([file]);
        loop {
            let known = found.len();
            for loader in site.project.numbers() {
                let loads = site.project.links(loader).map_or(&[][..], |links| &links.loads);
                if loads.iter().any(|it| found.contains(it)) {
                    found.insert(loader);
                }
            }
            if found.len() == known {
                return found;
            }
        }
    };
    site.file == other || by_next(site.file) && by_next(other) || !above(site.file).is_disjoint(&above(other))
}

/// The property of `globalThis` that a client is kept under.
fn global_key<'f>(input: &'f FileInput, made: &Construction) -> Option<&'f str> {
    let guards = &input.facts.call(made.call).guards;
    guards.iter().find(|guard| is_global(&input.facts, made.call.chunk, &guard.path, 0))?.path.last()
}

/// What is made is another one for another request, or that cannot be ruled out.
fn named_by_request(site: &Site<'_>, id: CallId) -> bool {
    let args = &site.input.facts.call(id).args;
    args.iter().any(|it| Taint::any(site.project).is_of_request(site.file, site.chunk, it))
}

/// Methods after which a connection can do nothing else, so that it cannot be shared.
const SUBSCRIBES: [&str; 3] = ["subscribe", "psubscribe", "ssubscribe"];

/// One connection that the function which makes it, or is given it by a maker, also ends: slow, but nothing is left
/// behind. Or one that listens for messages: it cannot be shared.
fn one_shot(site: &Site<'_>, made: &Construction) -> bool {
    let Some(function) = made.function.filter(|_| made.make.holds == Holds::Connection) else { return false };
    let makers = site.project.numbers().flat_map(|file| {
        let edges = site.project.links(file).map_or(&[][..], |links| &links.edges);
        edges
            .iter()
            .filter(|edge| edge.to == (site.file, function))
            .filter_map(move |edge| Some((file, edge.call?)))
    });
    std::iter::once((site.file, made.call)).chain(makers).any(|(file, call)| {
        let input = site.project.file(file).filter(|input| (call.chunk as usize) < input.facts.chunks.len());
        input.is_some_and(|input| {
            let chunk = &input.facts.chunks[call.chunk as usize].facts;
            chunk.calls.iter().any(|it| is_its_own(chunk, it, made, call.number))
        })
    })
}

/// Whether a call ends the connection that another call gave, or makes a subscriber of it.
fn is_its_own(chunk: &ChunkFacts, call: &Call, made: &Construction, maker: u32) -> bool {
    let Shape::Member(object, method) = &call.callee else { return false };
    let Shape::Name(Name { local: Some(local), .. }) = &**object else { return false };
    let holds = |shape: &Shape| matches!(shape, Shape::Name(name) if name.local == Some(*local));
    (made.library.is_closed_by(method) || SUBSCRIBES.contains(&method.as_str()))
        && (gives(chunk, &chunk.decls[*local as usize].value, maker, 0)
            || chunk.assigns.iter().any(|it| holds(&it.left) && gives(chunk, &it.right, maker, 0)))
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
        // Most files make nothing.
        let Some(links) = project.links(file).filter(|links| !links.constructions.is_empty()) else {
            continue;
        };
        let Some(other) = project.file(file) else { continue };
        if other.package.root != input.package.root || routes::is_aside(&other.path, &other.package) {
            continue;
        }
        let found = links.constructions.iter().find(|candidate| {
            candidate.library.id == made.library.id
                && candidate.arguments == made.arguments
                && candidate.make.exports == made.make.exports
                && matches!(reach.scope(project, file, candidate), Scope::Module | Scope::Once(Kept::Global))
        });
        if let Some(found) = found {
            same.push((found.kept != Kept::Global, file, found));
        }
    }
    same.sort_by_key(|(unkept, ..)| *unkept);
    same.into_iter().map(|(_, file, made)| (file, made)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSource;

    #[test]
    fn the_rule_about_closing_looks_at_calls_of_every_name_that_closes() {
        let rule =
            RuleSource::builtin().find(|rule| &*rule.id == "clients/client-disconnect-in-handler").unwrap();
        let scm = rule.scm.unwrap();
        for library in Libraries::builtin().all() {
            for method in library.closes.iter().chain(&library.closes_all) {
                let name = method.rsplit('.').next().unwrap();
                assert!(scm.contains(&format!("{name:?}")), "{method} of {}", library.id);
            }
        }
    }
}
