//! Calls of libraries that start work, by the rows `[[work]]` of `libraries.toml`.

use crate::facts::{CallId, Shape};
use crate::project::{FileNo, Project, Resolver, Symbol};
use crate::tables::{Libraries, Work};

/// What a call of a library has done when it comes back with a promise.
pub(super) fn of_library(
    project: &Project,
    resolver: &mut Resolver<'_>,
    file: FileNo,
    id: CallId,
) -> Option<Work> {
    let call = project.file(file)?.facts.call(id);
    // Whoever gives a callback is told by that, and is given no promise.
    if call.args.iter().any(|argument| matches!(argument, Shape::Function(_))) {
        return None;
    }
    let (mut file, mut chunk, mut shape) = (file, id.chunk, call.callee.clone());
    let mut way: Vec<String> = Vec::new();
    for _ in 0..24 {
        let next = match shape {
            Shape::Member(object, key) => {
                way.insert(0, key.to_string());
                (file, chunk, *object)
            }
            Shape::Await(inner) => (file, chunk, *inner),
            Shape::Call(number) => {
                let input = project.file(file)?;
                let made = input.facts.call(CallId { chunk, number });
                match resolver.symbol(file, chunk, &made.callee) {
                    Symbol::External { specifier, export } => {
                        return Libraries::builtin().work(&specifier, Some(&export), &way.join("."));
                    }
                    // `const client = () => new Client()` of the project.
                    Symbol::Function(at, function) => {
                        let returned = &project.file(at)?.facts.function(function).returned;
                        let [only] = returned[..] else { return None };
                        (at, function.chunk, Shape::Call(only))
                    }
                    // `client.db().collection("x")`: the chain goes on through its calls.
                    _ if matches!(made.callee, Shape::Member(..)) => (file, chunk, made.callee.clone()),
                    _ => return None,
                }
            }
            name @ Shape::Name(_) => match resolver.symbol(file, chunk, &name) {
                Symbol::External { specifier, export } => {
                    let way = way.join(".");
                    let whole = match (export.is_empty(), way.is_empty()) {
                        (true, _) => way,
                        (_, true) => export.to_string(),
                        _ => format!("{export}.{way}"),
                    };
                    return Libraries::builtin().work(&specifier, None, &whole);
                }
                Symbol::Value(at, in_chunk, value @ Shape::Call(_)) => (at, in_chunk, value),
                _ => return None,
            },
            _ => return None,
        };
        (file, chunk, shape) = next;
    }
    None
}
