//! What is known of middleware of Express: what it does, by its package or by what its functions call, and whether
//! it ever hands a request on.

use crate::facts::{Call, ChunkFacts, FunctionId, Name, Parameter, Shape};
use crate::form::express::is_error_name;
use crate::project::express::Handler;
use crate::project::{FileNo, Project};
use crate::tables::{Effect, Libraries};

use super::auth;

/// Packages that hand a request on to the function they are given, as it is.
const WRAPPERS: &[&str] = &["express-async-handler", "express-async-wrap"];

/// Whether a package hands a request on to the function it is given, as it is.
pub(super) fn is_wrapper(package: &str) -> bool {
    WRAPPERS.contains(&package)
}

/// Whether middleware is known for an effect.
pub(crate) fn has(project: &Project, handler: &Handler, effect: Effect) -> bool {
    let by_package = handler.package.as_ref().is_some_and(|(specifier, export)| {
        // `body("name").isString()` is what `body` is.
        let first = export.split("()").next().unwrap_or(export);
        let rows = |name: &str| Libraries::builtin().effects(specifier, name).any(|row| row.effect == effect);
        rows(export) || rows(first)
    });
    by_package || auth::reaches(project, &handler.roots, &[effect])
}

/// The parameter that an expression is, where it is a plain one.
pub(super) fn parameter_of<'c>(chunk: &'c ChunkFacts, shape: &Shape) -> Option<&'c Parameter> {
    let Shape::Name(Name { local: Some(local), .. }) = shape else { return None };
    chunk.decls[*local as usize].parameter.as_ref().filter(|it| it.keys.is_empty())
}

/// Whether a handler never lets a later route of the same router have the request: the functions that run are all
/// known, and none calls `next()` or `next("route")`. Errors go to error middleware, so they do not count.
pub(super) fn keeps_requests(project: &Project, handler: &Handler) -> bool {
    if handler.router.is_some() || handler.is_for_errors() {
        return false;
    }
    let made = |(file, function): (FileNo, FunctionId)| {
        project.file(file).and_then(|input| input.facts.function(function).parent)
    };
    match (&handler.function, &handler.package) {
        (None, Some((package, _))) if !is_wrapper(package) => false,
        // A wrapper that is not run: what it makes, and what it is given.
        (None, None) if !handler.roots.iter().any(|it| made(*it).is_some()) => false,
        _ => {
            let several = handler.roots.len() > 1;
            !handler.roots.is_empty()
                && (several || handler.function.is_some() || handler.package.is_some())
                && handler.roots.iter().all(|it| !goes_on(project, *it, made(*it).filter(|_| several)))
        }
    }
}

/// Whether middleware only goes on to the next handler of its own route, if at all: it never calls `next("route")`.
pub(super) fn stays_in_route(project: &Project, handler: &Handler) -> bool {
    if handler.router.is_some() || handler.is_for_errors() {
        return false;
    }
    if let Some((package, _)) = &handler.package {
        const KNOWN: &[&str] = &[
            "body-parser",
            "celebrate",
            "compression",
            "cookie-parser",
            "cors",
            "express",
            "express-basic-auth",
            "express-jwt",
            "express-rate-limit",
            "express-validator",
            "helmet",
            "morgan",
            "multer",
            "passport",
        ];
        return KNOWN.contains(&package.as_str());
    }
    let Some((file, function)) = handler.function else { return false };
    let Some(input) = project.file(file) else { return false };
    let chunk = &input.facts.chunks[function.chunk as usize].facts;
    uses_of_next(chunk, function.number).all(|used| match used {
        Used::Called(call) => match call.args.as_slice() {
            [] => true,
            [Shape::Text(text)] => !matches!(text.as_str(), "route" | "router"),
            [given] => !matches!(given, Shape::Either(_) | Shape::Joined(_)),
            _ => false,
        },
        Used::Given(call) => call.callee.last() == Some("catch"),
        Used::Kept => false,
    })
}

enum Used<'c> {
    Called(&'c Call),
    Given(&'c Call),
    Kept,
}

/// What is done with `next`, the third parameter of a function, as far as calls and names go.
fn uses_of_next(chunk: &ChunkFacts, function: u32) -> impl Iterator<Item = Used<'_>> {
    let is_next = move |shape: &Shape| {
        parameter_of(chunk, shape).is_some_and(|it| it.of == function && it.position == 2)
    };
    let calls = chunk.calls.iter().filter_map(move |call| {
        let inside = |argument: &Shape| match argument {
            Shape::Object(entries) => entries.iter().any(|(_, value)| is_next(value)),
            Shape::Array(items) => items.iter().any(is_next),
            Shape::Either(sides) => sides.iter().any(is_next),
            other => is_next(other),
        };
        if is_next(&call.callee) {
            Some(Used::Called(call))
        } else if matches!(&call.callee, Shape::Member(object, _) if is_next(object)) {
            // `next.call(…)`.
            Some(Used::Kept)
        } else {
            call.args.iter().any(inside).then_some(Used::Given(call))
        }
    });
    let kept = chunk.decls.iter().filter(move |decl| is_next(&decl.value)).map(|_| Used::Kept);
    let set = chunk.assigns.iter().filter(move |assign| is_next(&assign.right)).map(|_| Used::Kept);
    calls.chain(kept).chain(set)
}

/// Whether a function may hand a request on to what is registered behind it. `around`: the function that made it and
/// whose parameter it may call with everything.
fn goes_on(project: &Project, (file, function): (FileNo, FunctionId), around: Option<u32>) -> bool {
    let Some(input) = project.file(file) else { return true };
    let facts = input.facts.function(function);
    let chunk = &input.facts.chunks[function.chunk as usize].facts;
    let more = chunk.decls.iter().any(|decl| {
        decl.parameter.as_ref().is_some_and(|it| {
            // `(...args)`, `({ next })`.
            it.of == function.number
                && (it.position > 2
                    || it.position == 2 && !it.keys.is_empty()
                    || it.keys.iter().any(|key| key == "?"))
        })
    });
    if facts.broken || more {
        return true;
    }
    uses_of_next(chunk, function.number).any(|used| match used {
        Used::Called(call) => !is_error(chunk, call),
        Used::Given(call) => {
            let wrapped =
                around.is_some() && parameter_of(chunk, &call.callee).is_some_and(|it| Some(it.of) == around);
            !wrapped && call.callee.last() != Some("catch")
        }
        Used::Kept => true,
    })
}

/// Whether a call of `next` is given an error for certain: what a `catch` caught, or what is made there.
fn is_error(chunk: &ChunkFacts, call: &Call) -> bool {
    match call.args.as_slice() {
        [Shape::Call(number)] => chunk.calls[*number as usize].is_new,
        [Shape::Name(Name { local: Some(local), .. })] => {
            match &chunk.decls[*local as usize].parameter {
                // `.catch((error) => next(error))`.
                Some(parameter) => {
                    let given_to = chunk.functions[parameter.of as usize].argument_of;
                    given_to.is_some_and(|it| chunk.calls[it as usize].callee.last() == Some("catch"))
                }
                None => match &chunk.decls[*local as usize].value {
                    Shape::Call(number) => chunk.calls[*number as usize].is_new,
                    // The name of a `catch` clause: nobody sets it.
                    Shape::Other => is_error_name(&chunk.decls[*local as usize].name)
                        && !chunk.assigns.iter().any(
                            |assign| matches!(&assign.left, Shape::Name(name) if name.local == Some(*local)),
                        ),
                    _ => false,
                },
            }
        }
        _ => false,
    }
}
