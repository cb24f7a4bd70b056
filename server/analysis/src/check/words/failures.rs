//! Words about promises that fail where nobody catches it.

use crate::facts::{At, Captured, ChunkFacts, FunctionId, Shape};
use crate::project::{FileNo, Project, Resolver, Symbol};
use crate::rules::{Condition, Word};

use super::super::Site;

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "first-failure",
    0,
    |site, condition, _| is_first(site, condition),
    "`(#first-failure? @at)`: what is waited for or thrown here may fail, and nothing that the pattern finds before it in the same function may",
)];

/// Longer chains of functions that return each other's promise are not followed.
const DEEPEST: u32 = 4;

fn is_first(site: &Site<'_>, condition: &Condition) -> bool {
    let (Some(captured), Some(name)) = (site.captured(condition), condition.capture) else { return false };
    let function = site.function_at(captured.at.start);
    if !may_fail(site, captured) {
        return false;
    }
    let found = site.chunk_facts().matches.iter().filter(|it| it.pattern == site.matched.pattern);
    !found.flat_map(|it| &it.captures).any(|it| {
        it.name == name
            && it.at.start < captured.at.start
            && site.function_at(it.at.start) == function
            && may_fail(site, it)
    })
}

/// Whether a `throw` or `await` may fail: not where a function of the project is waited for that catches what fails
/// in it.
fn may_fail(site: &Site<'_>, captured: &Captured) -> bool {
    let chunk = site.chunk_facts();
    let waited = chunk
        .calls
        .iter()
        .find(|call| call.awaited && call.at.0.start > captured.at.start && call.at.0.end == captured.at.end);
    let Some(call) = waited else { return true };
    match Resolver::new(site.project).symbol(site.file, site.chunk, &call.callee) {
        Symbol::Function(file, id) => !settles(site.project, file, id, 0),
        // Whose method it is cannot be seen: one that catches all may be meant.
        Symbol::Unknown => !call.callee.last().is_some_and(|name| {
            let methods = site.project.methods().named(name).iter();
            matches!(call.callee, Shape::Member(..))
                && methods
                    .filter(|(file, _)| is_beside(site, *file))
                    .any(|&(file, id)| settles(site.project, file, id, 0))
        }),
        _ => true,
    }
}

/// Whether a file belongs to the package that is judged.
fn is_beside(site: &Site<'_>, file: FileNo) -> bool {
    site.project.file(file).is_some_and(|input| input.package.root == site.input.package.root)
}

/// Whether a function's promise never fails, as far as its code tells.
fn settles(project: &Project, file: FileNo, id: FunctionId, depth: u32) -> bool {
    let Some(input) = project.file(file).filter(|_| depth < DEEPEST) else { return false };
    let function = input.facts.function(id);
    let chunk: &ChunkFacts = &input.facts.chunks[id.chunk as usize].facts;
    let waited: &[At] = match &function.unguarded {
        Some(waited) => waited,
        None if function.is_async => return false,
        None => &[],
    };
    let mut resolver = Resolver::new(project);
    let mut called = |number: u32| resolver.symbol(file, id.chunk, &chunk.calls[number as usize].callee);
    let waits = waited.iter().all(|at| {
        let symbol = chunk.call_at(at.0).map(&mut called);
        matches!(symbol, Some(Symbol::Function(file, id)) if settles(project, file, id, depth + 1))
    });
    waits
        && function.returned.iter().all(|&number| match called(number) {
            Symbol::Function(file, id) => settles(project, file, id, depth + 1),
            // With an `await` of its own it waits for what takes time.
            Symbol::Unknown | Symbol::Global(_) => {
                function.awaits && chunk.calls[number as usize].callee.last() != Some("fetch")
            }
            _ => false,
        })
}
