//! Words about what names and values are.

use crate::facts::{Call, CallId, Shape};
use crate::project::{Resolver, Symbol};
use crate::rules::{Condition, Word, words_of};

use super::super::Site;
use super::super::state::Taint;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "constant-arguments",
        0,
        |site, condition, _| {
            site.call(condition).is_some_and(|id| {
                site.input.facts.call(id).args.iter().all(|argument| is_constant(site, argument, 0))
            })
        },
        "`(#constant-arguments? @at)`: the arguments of the call are literals, environment variables and names of the module",
    ),
    Word::of(
        "imported-from",
        1,
        |site, condition, _| match site.symbol(condition) {
            Symbol::External { specifier, .. } => {
                condition.words().any(|word| bare(word) == bare(&specifier))
            }
            _ => false,
        },
        "`(#imported-from? @name \"next/headers\")`: the name is bound by an import of one of these modules, through aliases and re-exports",
    ),
    Word::of(
        "made-by",
        1,
        |site, condition, _| made_by(site, condition),
        "`(#made-by? @name \"ws#WebSocketServer\")`: the value was made by calling one of these, or with `new`; written as for `means`",
    ),
    Word::of(
        "means",
        1,
        |site, condition, _| {
            let symbol = site.symbol(condition);
            condition.words().any(|word| is_named(&symbol, word))
        },
        "`(#means? @callee \"next/server#NextResponse.json\" \"#Response.json\")`: the name or chain is this export of this module, through aliases and re-exports; without a module a global that nothing shadows. For a captured call, what it calls",
    )
    .spelled(|meant| words_of(meant.iter().map(|it| &**it))),
    Word::of(
        "of-request",
        0,
        |site, condition, _| {
            let argument = site.call(condition).and_then(|id| site.input.facts.call(id).args.first());
            argument.is_some_and(|shape| Taint::raw(site.project).is_of_request(site.file, site.chunk, shape))
        },
        "`(#of-request? @call)`: the first argument of the call is what a handler is given with the request, and nobody has looked at it since",
    ),
];

/// A module's name without `node:`.
fn bare(specifier: &str) -> &str {
    specifier.strip_prefix("node:").unwrap_or(specifier)
}

/// Whether a symbol is what `module#export` or `#global` names; a `*` at the end stands for anything.
pub(crate) fn is_named(symbol: &Symbol, word: &str) -> bool {
    let Some((module, name)) = word.split_once('#') else { return false };
    let fits = |found: &str| match name.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => found == name,
    };
    match symbol {
        Symbol::External { specifier, export } => {
            !module.is_empty() && bare(specifier) == bare(module) && fits(export)
        }
        Symbol::Global(global) => module.is_empty() && fits(global),
        _ => false,
    }
}

/// Follows a value to the call that made it.
fn made_by(site: &Site<'_>, condition: &Condition) -> bool {
    let Symbol::Value(file, chunk, Shape::Call(number)) = site.value(condition) else { return false };
    let Some(input) = site.project.file(file) else { return false };
    let call = input.facts.call(CallId { chunk, number });
    let maker = Resolver::new(site.project).symbol(file, chunk, &call.callee);
    condition.words().any(|word| is_named(&maker, word))
}

/// The same each time: literals, environment variables, names of the module.
fn is_constant(site: &Site<'_>, shape: &Shape, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let chunk = site.chunk_facts();
    match shape {
        Shape::Text(_) | Shape::Number(_) | Shape::Product(_) | Shape::Bool(_) | Shape::Null => true,
        Shape::Name(name) => match name.local {
            None => true,
            Some(local) => {
                let decl = &chunk.decls[local as usize];
                decl.parameter.is_none() && is_constant(site, &decl.value, depth + 1)
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
        Shape::Await(_)
        | Shape::This
        | Shape::Function(_)
        | Shape::Class(_)
        | Shape::Joined(_)
        | Shape::Regexp(_)
        | Shape::Other => false,
    }
}
