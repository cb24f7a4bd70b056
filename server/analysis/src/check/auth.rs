//! Whether code checks who asks: certainly, perhaps, or certainly not.
//!
//! What is a check for certain stands in `libraries.toml` as `checks-auth`. What may be one is told by names, and
//! by being given the request: rules are silent then.

use std::collections::HashSet;

use crate::facts::{Call, CallId, ChunkFacts, FunctionId, Imported, Name, Shape};
use crate::project::{Entry, FileNo, Project, Resolver, Symbol};
use crate::tables::{Effect, Libraries};

use super::handlers;

/// Parts of names that speak of a check.
const CHECKS: &[&str] = &[
    "auth",
    "secret",
    "verif",
    "valid",
    "session",
    "sign",
    "token",
    "protect",
    "guard",
    "cron",
    "allow",
    "permi",
    "captcha",
    "turnstile",
    "challenge",
    "honeypot",
    "user",
    "admin",
    "check",
    "ensure",
    "require",
    "assert",
    "header",
    "cookie",
    "key",
    "bearer",
];

/// Packages whose calls are no check, whatever they are given.
const HARMLESS: &[&str] = &["next/cache", "next/navigation", "next/server", "react", "superjson", "zod"];

/// Whether a handler or what it calls has one of the effects, for certain.
pub(crate) fn has_effect(project: &Project, entry: &Entry, wanted: &[Effect]) -> bool {
    reaches(project, &entry.roots, wanted)
}

/// Whether functions or what they call have one of the effects, for certain.
pub(crate) fn reaches(project: &Project, from: &[(FileNo, FunctionId)], wanted: &[Effect]) -> bool {
    visit(project, from, false, &mut |file, function| {
        (wanted.contains(&Effect::ChecksAuth) && is_told(project, file, function))
            || project.links(file).is_some_and(|links| {
                links
                    .effects
                    .iter()
                    .any(|it| it.function == Some(function) && wanted.contains(&it.row.effect))
            })
    })
}

/// Whether anything in a handler and what it calls looks like a check. Whatever may be one counts as one.
pub(super) fn may_check(project: &Project, entry: &Entry) -> bool {
    may_check_in(project, &entry.roots)
}

fn may_check_in(project: &Project, roots: &[(FileNo, FunctionId)]) -> bool {
    let asks = [Effect::ChecksAuth, Effect::ValidatesInput];
    reaches(project, roots, &asks)
        || visit(project, roots, true, &mut |file, function| {
            let Some(input) = project.file(file) else { return true };
            let chunk = &input.facts.chunks[function.chunk as usize].facts;
            // What is given the request can look at it.
            let request = |shape: &Shape| match shape {
                Shape::Name(Name { local: Some(local), .. }) => {
                    let decl = &chunk.decls[*local as usize];
                    decl.parameter.as_ref().is_some_and(|it| it.of == function.number && it.position == 0)
                }
                _ => false,
            };
            let root = roots.contains(&(file, function));
            let mut own = chunk.calls.iter().filter(|call| call.function == Some(function.number));
            own.any(|call| {
                let to_wrapped = is_wrapped(chunk, function, call) && roots.len() > 1;
                speaks(call) && !to_wrapped || root && !to_wrapped && call.args.iter().any(request)
            })
        })
}

/// Whether a function that another one made calls what that one was given: `handler(req, res)` of a wrapper.
fn is_wrapped(chunk: &ChunkFacts, function: FunctionId, call: &Call) -> bool {
    let around = chunk.functions[function.number as usize].parent;
    around.is_some()
        && handlers::parameter_of(chunk, &call.callee).is_some_and(|parameter| Some(parameter.of) == around)
}

/// What a handler reads of the request of Node.js to see who asks.
const WHO: &[&str] = &["auth", "cookies", "headers", "session", "signedCookies", "user"];

/// Whether a function looks at what a request says of who asks, in the way of Node.js: `req.headers.authorization`.
fn looks_at_sender(project: &Project, file: FileNo, function: FunctionId) -> bool {
    let Some(input) = project.file(file) else { return true };
    let chunk = &input.facts.chunks[function.chunk as usize].facts;
    chunk.taken.iter().any(|taken| taken.of == function.number && WHO.contains(&taken.key.as_str()))
        || chunk.decls.iter().any(|decl| {
            let given = decl.parameter.as_ref().filter(|it| it.of == function.number);
            let apart = given.and_then(|it| it.keys.first());
            let taken = match &decl.value {
                Shape::Member(object, key) => {
                    let own =
                        handlers::parameter_of(chunk, object).is_some_and(|it| it.of == function.number);
                    own.then_some(key)
                }
                _ => None,
            };
            apart.into_iter().chain(taken).any(|key| WHO.contains(&key.as_str()))
        })
}

/// As [`may_check`], and more careful: code that is not known, or that reads the environment, may hide a check.
pub(crate) fn could_check(project: &Project, entry: &Entry) -> bool {
    entry.direct.is_empty() || could_check_in(project, &entry.roots)
}

/// As [`could_check`], of the functions that run for a request.
pub(super) fn could_check_in(project: &Project, roots: &[(FileNo, FunctionId)]) -> bool {
    may_check_in(project, roots)
        || visit(project, roots, true, &mut |file, function| {
            let Some(input) = project.file(file) else { return true };
            let chunk = &input.facts.chunks[function.chunk as usize].facts;
            let environment =
                chunk.reads.iter().any(|it| it.function == function.number && it.name == "process");
            let own =
                chunk.calls.iter().enumerate().filter(|(_, call)| call.function == Some(function.number));
            environment
                || looks_at_sender(project, file, function)
                || own.into_iter().any(|(number, call)| {
                    is_opaque(project, file, CallId { chunk: function.chunk, number: number as u32 }, call)
                })
        })
}

/// Whether a call goes to a package that is not known, or to what cannot be found.
fn is_opaque(project: &Project, file: FileNo, id: CallId, call: &Call) -> bool {
    let Some(root) = call.callee.root() else { return false };
    let imported = root.local.is_none()
        && project.file(file).is_some_and(|input| input.facts.import(&root.text).is_some());
    match Resolver::new(project).symbol(file, id.chunk, &call.callee) {
        Symbol::External { specifier, .. } => {
            let known = specifier.starts_with("node:")
                || HARMLESS.contains(&&*specifier)
                || Libraries::builtin().knows(&specifier);
            !known
        }
        Symbol::Unknown => {
            let whole = Shape::Name(root.clone());
            imported && Resolver::new(project).symbol(file, id.chunk, &whole) == Symbol::Unknown
        }
        _ => false,
    }
}

/// Whether a function calls one that the configuration names as a check of who asks.
fn is_told(project: &Project, file: FileNo, function: FunctionId) -> bool {
    let Some(input) = project.file(file).filter(|input| !input.settings.auth.is_empty()) else {
        return false;
    };
    let facts = &input.facts;
    let calls = facts.chunks[function.chunk as usize].facts.calls.iter();
    calls.filter(|call| call.function == Some(function.number)).any(|call| {
        input.settings.auth.iter().any(|told| match told.split_once('#') {
            None => call.callee.last() == Some(told),
            Some((module, name)) => call.callee.root().is_some_and(|root| {
                facts.import(&root.text).is_some_and(|import| {
                    let imported = matches!(&import.imported, Imported::Name(it) if it == name);
                    root.local.is_none()
                        && import.specifier == module
                        && (imported || call.callee.last() == Some(name))
                })
            }),
        })
    })
}

/// Goes over functions and every function that they reach until one is found. `beyond`: whether one is taken
/// to be where nobody looks any more.
fn visit(
    project: &Project,
    from: &[(FileNo, FunctionId)],
    beyond: bool,
    found: &mut dyn FnMut(FileNo, FunctionId) -> bool,
) -> bool {
    let mut pending: Vec<(FileNo, FunctionId)> = from.to_vec();
    let mut seen: HashSet<(FileNo, FunctionId)> = pending.iter().copied().collect();
    while let Some((file, function)) = pending.pop() {
        let Some(links) = project.links(file) else { return beyond };
        if found(file, function) {
            return true;
        }
        if seen.len() > 200 {
            return beyond;
        }
        for edge in links.edges_of(function) {
            if seen.insert(edge.to) {
                pending.push(edge.to);
            }
        }
    }
    false
}

/// Whether a call is named after a check, or asks for something that is.
fn speaks(call: &Call) -> bool {
    let named = |text: &str| {
        let text = text.to_ascii_lowercase();
        CHECKS.iter().any(|part| text.contains(part))
    };
    let words = call.callee.last().into_iter().chain(call.callee.root().map(|root| root.text.as_str()));
    words.into_iter().any(named) || call.args.iter().any(|argument| argument.text().is_some_and(named))
}
