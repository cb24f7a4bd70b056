//! Words about handlers: the functions that a framework calls for a request, and what it gives them.

use crate::facts::{FunctionId, Parameter, Shape};
use crate::project::{Entry, FileNo};
use crate::rules::{Condition, Word};

use super::super::{Evidence, Site};

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "handler",
        1,
        |site, condition, evidence| {
            let found = site.function(condition).and_then(|function| entry_of(site, condition, function));
            found.is_some_and(|(file, entry, direct)| direct && tell(evidence, file, entry))
        },
        "`(#handler? @function \"app-route\")`: the framework itself calls the captured function: it is what a route exports or what is registered, with nothing wrapped around it",
    ),
    Word::of(
        "handles",
        1,
        |site, condition, evidence| {
            let found = site.function(condition).and_then(|function| entry_of(site, condition, function));
            found.is_some_and(|(file, entry, _)| tell(evidence, file, entry))
        },
        "`(#handles? @function \"app-route\")`: the captured function answers requests, itself or inside wrappers",
    ),
    Word::of(
        "in-handler",
        1,
        |site, condition, evidence| {
            let found = site
                .captured(condition)
                .and_then(|it| site.function_at(it.at.start))
                .and_then(|function| entry_of(site, condition, function));
            found.is_some_and(|(file, entry, _)| tell(evidence, file, entry))
        },
        "`(#in-handler? @at \"app-route\")`: the innermost function around the code answers requests, itself or inside wrappers",
    ),
    Word::of(
        "request",
        1,
        |site, condition, evidence| is_given(site, condition, evidence, Given::Request),
        "`(#request? @name \"app-route\")`: the name is the request that a handler of these kinds is given",
    ),
    Word::of(
        "response",
        1,
        |site, condition, evidence| is_given(site, condition, evidence, Given::Response),
        "`(#response? @name \"pages-api\" \"express\")`: the name is the response that a handler of these kinds is given; in an App Router handler, what is written as one",
    ),
    Word::of(
        "route-context",
        1,
        |site, condition, evidence| is_given(site, condition, evidence, Given::Context),
        "`(#route-context? @name \"app-route\")`: the name is the second argument of a route handler or the props of a page, `{ params }`",
    ),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    Request,
    Response,
    Context,
}

/// Leaves what a message says of the handler.
pub(super) fn tell(evidence: &mut Evidence<'_>, file: FileNo, entry: &Entry) -> bool {
    evidence.set("entry", entry.label.clone());
    evidence.host(file);
    true
}

/// Whether an expression is the request that a handler of these kinds is given.
pub(super) fn is_request(site: &Site<'_>, shape: &Shape, kinds: &[&str]) -> bool {
    given(site, shape, Given::Request).is_some_and(|(_, entry)| kinds.contains(&entry.kind))
}

/// Whether an expression is the response that a handler of these kinds is given.
pub(super) fn is_response(site: &Site<'_>, shape: &Shape, kinds: &[&str]) -> bool {
    given(site, shape, Given::Response).is_some_and(|(_, entry)| kinds.contains(&entry.kind))
}

/// The entry of these kinds that a function answers, and whether nothing is wrapped around it.
pub(in crate::check) fn entry_of<'p>(
    site: &Site<'p>,
    condition: &Condition,
    function: FunctionId,
) -> Option<(FileNo, &'p Entry, bool)> {
    entry_at(site, function).filter(|(_, entry, _)| condition.words().any(|word| word == entry.kind))
}

/// The entry that a function answers, and whether nothing is wrapped around it.
pub(super) fn entry_at<'p>(site: &Site<'p>, function: FunctionId) -> Option<(FileNo, &'p Entry, bool)> {
    let root = (site.file, function);
    let own = site.project.links(site.file).into_iter().flat_map(|links| {
        links.entries.iter().filter(|entry| entry.roots.contains(&root)).map(|entry| (site.file, entry))
    });
    let elsewhere = || {
        let (file, number) = site.project.reach()?.root_of(site.project, site.file, function)?;
        Some((file, site.project.links(file)?.entries.get(number as usize)?))
    };
    let (file, entry) = own.into_iter().next().or_else(elsewhere)?;
    Some((file, entry, entry.direct.contains(&root)))
}

/// Whether the captured name is what a framework gives to a handler. A wrapper may give something else, so inside
/// one only what is typed as the framework's own counts.
fn is_given(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>, given: Given) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let found = self::given(site, &site.shape(captured), given);
    let found = found.filter(|(_, entry)| condition.words().any(|word| word == entry.kind));
    found.is_some_and(|(file, entry)| tell(evidence, file, entry))
}

/// The entry whose handler is given an expression.
fn given<'p>(site: &Site<'p>, shape: &Shape, given: Given) -> Option<(FileNo, &'p Entry)> {
    let parameter = parameter(site, shape, 0)?;
    let function = FunctionId { chunk: site.chunk, number: parameter.of };
    let (file, entry, direct) = entry_at(site, function)?;
    let position = match (entry.kind, given) {
        ("server-action", _) => return None,
        ("page", Given::Context) | (_, Given::Request) => 0,
        _ => 1,
    };
    // Express calls middleware that takes an error first with four arguments.
    let shift = u32::from(entry.kind == "express" && arity(site, parameter.of) == 4);
    let holds = parameter.keys.is_empty()
        && parameter.position == position + shift
        && (direct || is_typed(site, parameter, given));
    holds.then_some((file, entry))
}

/// The number of parameters of a function.
fn arity(site: &Site<'_>, function: u32) -> usize {
    let positions = site.chunk_facts().decls.iter().filter_map(|decl| decl.parameter.as_ref());
    positions.filter(|it| it.of == function).map(|it| it.position as usize + 1).max().unwrap_or(0)
}

fn is_typed(site: &Site<'_>, parameter: &Parameter, given: Given) -> bool {
    let mut decls = site.chunk_facts().decls.iter();
    let decl = decls.find(|decl| decl.parameter.as_ref() == Some(parameter));
    let Some(annotation) = decl.and_then(|decl| decl.annotation.as_deref()) else { return false };
    let name = annotation.split(['<', ' ']).next().unwrap_or_default();
    match given {
        Given::Request => matches!(name, "Request" | "NextRequest" | "NextApiRequest" | "express.Request"),
        Given::Response => matches!(name, "Response" | "NextApiResponse" | "express.Response"),
        Given::Context => name == "RouteContext",
    }
}

/// The parameter behind a name, plain renamings looked through.
pub(in crate::check) fn parameter<'p>(site: &Site<'p>, shape: &Shape, depth: u32) -> Option<&'p Parameter> {
    let Shape::Name(name) = shape else { return None };
    let decl = &site.chunk_facts().decls[name.local? as usize];
    match &decl.parameter {
        Some(parameter) => Some(parameter),
        None if depth < 4 => parameter(site, &decl.value, depth + 1),
        None => None,
    }
}
