//! A limit that counts requests by hand.

use super::taint::callers;
use crate::facts::{FunctionId, How, Read, Shape, Write};
use crate::project::{FileNo, Project, Used};

/// A count by key that a function makes and reads, where it or its caller answers 429.
pub(super) fn limit<'p>(
    project: &'p Project,
    writes: &[Used<'p, Write>],
    reads: &[Used<'p, Read>],
    harmless: bool,
) -> Option<Used<'p, Write>> {
    writes.iter().copied().find(|write| {
        let place = (write.file, write.function);
        let counted = write.what.counts
            || write.what.how == How::Counts
            || (!harmless && starts_or_moves_window(project, write));
        let looked_at = write.what.counts || reads.iter().any(|read| (read.file, read.function) == place);
        counted
            && looked_at
            && (refuses(project, write.file, write.function)
                || callers(project, write.file, write.function).iter().any(|&(file, call)| {
                    let input = project.file(file);
                    let function = input.and_then(|input| input.facts.call(call).function);
                    function.is_some_and(|number| {
                        refuses(project, file, FunctionId { chunk: call.chunk, number })
                    })
                }))
    })
}

/// Methods of stores and services that count for all processes.
const COUNTS: &[&str] = &[
    "incr", "incrby", "incrBy", "hincrby", "hIncrBy", "zadd", "zAdd", "eval", "evalsha", "evalSha", "multi",
    "pipeline", "limit", "consume",
];

/// Whether the function that counts, or one that calls it, has it counted by a store as well: then the memory stands in
/// where there is none, or saves asking it.
pub(super) fn counts_elsewhere(project: &Project, write: &Used<'_, Write>) -> bool {
    let counts = |file: FileNo, chunk: u32, mut function: Option<u32>| {
        let Some(input) = project.file(file) else { return false };
        let facts = &input.facts.chunks[chunk as usize].facts;
        while let Some(parent) = function.and_then(|number| facts.functions[number as usize].parent) {
            function = Some(parent);
        }
        let Some(whole) = function.map(|number| facts.functions[number as usize].at.0) else { return false };
        facts.calls.iter().any(|call| {
            whole.covers(call.at.0)
                && matches!(&call.callee, Shape::Member(_, method) if COUNTS.contains(&&**method))
        })
    };
    counts(write.file, write.function.chunk, Some(write.function.number))
        || callers(project, write.file, write.function).iter().any(|&(file, call)| {
            let function = project.file(file).and_then(|input| input.facts.call(call).function);
            counts(file, call.chunk, function)
        })
}

/// Whether what is put in under a key is a count that starts, `{ count: 1, since }`, or the times of requests
/// with the old ones left out.
fn starts_or_moves_window(project: &Project, write: &Used<'_, Write>) -> bool {
    let How::Puts { key: Some(_), value } = &write.what.how else { return false };
    let Some(input) = project.file(write.file) else { return false };
    let facts = &input.facts.chunks[write.function.chunk as usize].facts;
    let mut value = value;
    for _ in 0..4 {
        match value {
            Shape::Name(name) => match name.local {
                Some(local) => value = &facts.decls[local as usize].value,
                None => return false,
            },
            Shape::Call(number) => {
                return matches!(&facts.calls[*number as usize].callee,
                    Shape::Member(_, method) if method == "filter");
            }
            Shape::Object(entries) => {
                return entries.iter().any(|(_, value)| {
                    matches!(value, Shape::Number(number) if number == "1") || is_one_more(value)
                });
            }
            value => return is_one_more(value),
        }
    }
    false
}

/// `known + 1`.
fn is_one_more(value: &Shape) -> bool {
    let Shape::Joined(parts) = value else { return false };
    let one = |part: &Shape| matches!(part, Shape::Number(number) if number == "1");
    let known =
        |part: &Shape| matches!(part, Shape::Either(_) | Shape::Call(_) | Shape::Member(..) | Shape::Name(_));
    parts.len() == 2 && parts.iter().any(one) && parts.iter().any(known)
}

/// Whether a function answers 429 somewhere.
pub(in crate::check) fn refuses(project: &Project, file: FileNo, function: FunctionId) -> bool {
    let Some(input) = project.file(file) else { return false };
    let facts = &input.facts.chunks[function.chunk as usize].facts;
    let inside = |mut at: Option<u32>| {
        while let Some(number) = at {
            if number == function.number {
                return true;
            }
            at = facts.functions[number as usize].parent;
        }
        false
    };
    facts.calls.iter().any(|call| inside(call.function) && call.args.iter().any(|it| is_429(it, 0)))
        || facts.assigns.iter().any(|assign| inside(assign.function) && is_429(&assign.right, 0))
}

fn is_429(shape: &Shape, depth: u32) -> bool {
    match shape {
        Shape::Number(number) => number == "429",
        Shape::Object(entries) => depth < 3 && entries.iter().any(|(_, value)| is_429(value, depth + 1)),
        _ => false,
    }
}
