//! What is an application or a router of Express.

use crate::facts::{CallId, ChunkFacts, FunctionId, FunctionKind, Shape};
use crate::project::{FileNo, Project, Resolver, Symbol};
use crate::rules::Condition;

use super::super::super::Site;
use super::super::handlers::parameter;
use super::is_typed;

/// Methods of an application or router that give it again.
const CHAIN: &[&str] = &[
    "route", "use", "all", "get", "post", "put", "patch", "delete", "head", "options", "param", "set",
    "enable", "disable",
];

/// What of Express makes an application or a router.
const MAKES: &[&str] = &["", "default", "Router", "default.Router"];

/// The types of applications and routers.
const TYPES: &[&str] = &["Application", "Express", "Router", "IRouter", "IRoute"];

pub(super) fn is_captured(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let shape = site.shape(captured);
    let mut resolver = Resolver::new(site.project);
    if is_made(site.project, &mut resolver, (site.file, site.chunk), &shape) {
        return true;
    }
    if let Some(parameter) = parameter(site, root(site.chunk_facts(), &shape), 0) {
        return match is_typed(site, parameter, TYPES) {
            Some(is_it) => is_it,
            None if parameter.keys.is_empty() => {
                let function = FunctionId { chunk: site.chunk, number: parameter.of };
                is_called_with(site.project, (site.file, function), parameter.position as usize)
            }
            None => false,
        };
    }
    matches!(&shape, Shape::Member(object, key) if **object == Shape::This
        && is_own_field(site, captured.at.start, key))
}

/// What a chain of registrations hangs on: `app` of `app.route("/x").get(f)`.
fn root<'c>(chunk: &'c ChunkFacts, shape: &'c Shape) -> &'c Shape {
    let mut at = shape;
    while let Shape::Call(number) = at
        && let Shape::Member(object, method) = &chunk.calls[*number as usize].callee
        && CHAIN.contains(&method.as_str())
    {
        at = object;
    }
    at
}

/// Whether an expression is what `express()` or `Router()` gave.
fn is_made(project: &Project, resolver: &mut Resolver<'_>, at: (FileNo, u32), shape: &Shape) -> bool {
    let (mut file, mut chunk) = at;
    let mut shape = shape.clone();
    for _ in 0..32 {
        let Symbol::Value(in_file, in_chunk, Shape::Call(number)) = resolver.symbol(file, chunk, &shape)
        else {
            return false;
        };
        let Some(input) = project.file(in_file) else { return false };
        let call = input.facts.call(CallId { chunk: in_chunk, number });
        if let Symbol::External { specifier, export } = resolver.symbol(in_file, in_chunk, &call.callee) {
            return specifier == "express" && MAKES.contains(&&*export);
        }
        let Shape::Member(inner, method) = &call.callee else { return false };
        if !CHAIN.contains(&method.as_str()) {
            return false;
        }
        shape = (**inner).clone();
        (file, chunk) = (in_file, in_chunk);
    }
    false
}

/// Whether somebody calls a function with an application at a position: `registerRoutes(app)`.
fn is_called_with(project: &Project, function: (FileNo, FunctionId), position: usize) -> bool {
    project.numbers().any(|file| {
        let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { return false };
        let mut resolver = Resolver::new(project);
        links.edges.iter().filter(|edge| edge.to == function).any(|edge| {
            let Some(id) = edge.call else { return false };
            let call = input.facts.call(id);
            let called = resolver.symbol(file, id.chunk, &call.callee);
            called == Symbol::Function(function.0, function.1)
                && call
                    .args
                    .get(position)
                    .is_some_and(|given| is_made(project, &mut resolver, (file, id.chunk), given))
        })
    })
}

/// `this.app`, which the class around a place sets to an application.
fn is_own_field(site: &Site<'_>, at: u32, key: &str) -> bool {
    let chunk = site.chunk_facts();
    let class_of = |function: Option<u32>| {
        let mut at = function;
        while let Some(number) = at {
            let function = &chunk.functions[number as usize];
            if function.kind == FunctionKind::Class {
                return Some(number);
            }
            at = function.parent;
        }
        None
    };
    let Some(class) = class_of(chunk.function_at(at)) else { return false };
    let mut resolver = Resolver::new(site.project);
    chunk.assigns.iter().any(|assign| {
        matches!(&assign.left, Shape::Member(object, name) if **object == Shape::This && name == key)
            && class_of(assign.function) == Some(class)
            && is_made(site.project, &mut resolver, (site.file, site.chunk), &assign.right)
    })
}
