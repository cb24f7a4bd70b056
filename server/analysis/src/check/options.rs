//! Options that a call is given: written in place, or in a variable of their own.

use compact_str::CompactString;

use crate::facts::Shape;
use crate::project::{FileNo, Project, Resolver, Symbol};

/// The keys and values of an argument. `None` where it is no object whose keys are all known: it comes from elsewhere,
/// or somebody sets one of them later.
pub(super) fn options(
    project: &Project,
    file: FileNo,
    chunk: u32,
    argument: &Shape,
) -> Option<Vec<(CompactString, Shape)>> {
    if let Shape::Object(entries) = argument {
        return Some(entries.clone());
    }
    argument.root()?;
    let mut resolver = Resolver::new(project);
    let symbol = resolver.symbol(file, chunk, argument);
    let Symbol::Value(at, _, Shape::Object(entries)) = &symbol else { return None };
    let changed =
        [file, *at].into_iter().filter_map(|file| Some((file, project.file(file)?))).any(|(file, input)| {
            let is_it = |resolver: &mut Resolver<'_>, chunk: u32, shape: &Shape| {
                std::iter::successors(Some(shape), |shape| match shape {
                    Shape::Member(object, _) => Some(&**object),
                    _ => None,
                })
                .any(|shape| resolver.symbol(file, chunk, shape) == symbol)
            };
            (0u32..).zip(&input.facts.chunks).any(|(number, chunk)| {
                // `exports.options = { … }` is where it comes from.
                let set = chunk.facts.assigns.iter().any(|assign| {
                    is_it(&mut resolver, number, &assign.left)
                        && resolver.symbol(file, number, &assign.right) != symbol
                });
                set || chunk.facts.calls.iter().any(|call| {
                    let merges = call.callee.dotted().as_deref() == Some("Object.assign");
                    merges && call.args.first().is_some_and(|given| is_it(&mut resolver, number, given))
                })
            })
        });
    (!changed).then(|| entries.clone())
}
