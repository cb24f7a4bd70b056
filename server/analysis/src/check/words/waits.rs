//! Words about code that waits for a time it names itself.

use crate::facts::{Call, CallId, ChunkFacts, Decl, FileFacts, FunctionId, Name, Shape};
use crate::project::{FileNo, Project, Resolver, Symbol};
use crate::rules::Word;

use super::super::Site;
use super::passage::Passage;
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "unrefs",
        0,
        |site, condition, _| site.call(condition).is_some_and(|id| unrefs(&site.input.facts, id)),
        "`(#unrefs? @at)`: the timer that the call starts does not keep the process alive: `.unref()` is called on it",
    ),
    Word::of(
        "waited-for",
        0,
        |site, condition, _| site.call(condition).is_some_and(|id| is_waited_for(site, id)),
        "`(#waited-for? @at)`: whoever made the request waits for the call, too: every function on the way to it waits for the next, and none has answered before",
    ),
    Word::of(
        "waits",
        1,
        |site, condition, evidence| {
            let least = condition.words().next().and_then(|word| word.parse().ok()).unwrap_or(u64::MAX);
            let waited = site.call(condition).and_then(|id| waited(site.project, site.file, id, least));
            waited.is_some_and(|waited| {
                evidence.set("count", seconds(waited));
                true
            })
        },
        "`(#waits? @at \"5000\")`: the promise that the call gives is a timer of at least so many milliseconds, and nothing else",
    ),
];

fn is_waited_for(site: &Site<'_>, id: CallId) -> bool {
    let (project, file) = (site.project, site.file);
    let Some(number) = site.input.facts.call(id).function else { return false };
    let function = FunctionId { chunk: id.chunk, number };
    let way = project.reach().and_then(|reach| reach.way(project, file, function));
    let root = way.and_then(|way| Passage::Ends.root(project, file, function, &way));
    root.is_some_and(|root| !root.has_answered(project, id.number))
}

/// Functions of packages that give a promise for a timer; the time is the first argument.
const SLEEPS: &[&str] = &[
    "timers/promises#setTimeout",
    "delay#default",
    "es-toolkit#delay",
    "es-toolkit/promise#delay",
    "radash#sleep",
    "remeda#sleep",
];

/// Whether `.unref()` is called on what a call gives, at once or on the variable that holds it.
fn unrefs(facts: &FileFacts, id: CallId) -> bool {
    let holds = |chunk: &ChunkFacts, decl: Option<&Decl>| {
        decl.is_some_and(|decl| match &decl.value {
            Shape::Call(call) => {
                *call == id.number && chunk.calls[id.number as usize].at == facts.call(id).at
            }
            _ => false,
        })
    };
    facts.calls().any(|(other, call)| {
        let Shape::Member(timer, method) = &call.callee else { return false };
        let chunk = &facts.chunks[other.chunk as usize].facts;
        method == "unref"
            && match &**timer {
                Shape::Call(call) => other.chunk == id.chunk && *call == id.number,
                Shape::Name(Name { local: Some(local), .. }) => {
                    other.chunk == id.chunk && holds(chunk, chunk.decls.get(*local as usize))
                }
                Shape::Name(name) => facts.binding(&name.text).is_some_and(|(at, decl)| {
                    at.chunk == id.chunk && holds(&facts.chunks[at.chunk as usize].facts, Some(decl))
                }),
                _ => false,
            }
    })
}

/// As a message says it: `90`, `7.5`.
fn seconds(milliseconds: u64) -> String {
    let text = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How long the promise that a call gives takes, in milliseconds, where it is a timer of at least so many and nothing
/// else.
pub(in crate::check) fn waited(project: &Project, file: FileNo, id: CallId, least: u64) -> Option<u64> {
    let input = project.file(file)?;
    let call = input.facts.call(id);
    let mut resolver = Resolver::new(project);
    if call.is_new {
        if call.callee.last() != Some("Promise")
            || !is_named(&resolver.symbol(file, id.chunk, &call.callee), "#Promise")
        {
            return None;
        }
        let chunk = &input.facts.chunks[id.chunk as usize].facts;
        let time = timer(&mut resolver, file, id.chunk, chunk, call)?;
        return number(&mut resolver, file, id.chunk, time).filter(|time| *time >= least);
    }
    // What can be ended early ends when it is no longer needed.
    if call.args.iter().skip(1).any(|options| options.get("signal").is_some()) {
        return None;
    }
    // Asked first, because few calls have a number there.
    let first = number(&mut resolver, file, id.chunk, call.args.first()?).filter(|time| *time >= least)?;
    match resolver.symbol(file, id.chunk, &call.callee) {
        Symbol::Function(at, function) => sleeps(project, &mut resolver, at, function).then_some(first),
        // `const sleep = promisify(setTimeout)`.
        Symbol::Value(at, chunk, Shape::Call(number)) => {
            let made = project.file(at)?.facts.call(CallId { chunk, number });
            let maker = resolver.symbol(at, chunk, &made.callee);
            let given = resolver.symbol(at, chunk, made.args.first()?);
            let wrapped = ["util#promisify", "util#default.promisify"];
            let sleep = is_named(&given, "#setTimeout") || is_named(&given, "timers#setTimeout");
            (sleep && wrapped.iter().any(|word| is_named(&maker, word))).then_some(first)
        }
        symbol => SLEEPS.iter().any(|word| is_named(&symbol, word)).then_some(first),
    }
}

/// `const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))`: all that the function does.
fn sleeps(project: &Project, resolver: &mut Resolver<'_>, file: FileNo, function: FunctionId) -> bool {
    let Some(input) = project.file(file) else { return false };
    let chunk = &input.facts.chunks[function.chunk as usize].facts;
    let mut own = chunk.calls.iter().filter(|call| call.function == Some(function.number));
    let (Some(call), None) = (own.next(), own.next()) else { return false };
    if !call.is_new || !is_named(&resolver.symbol(file, function.chunk, &call.callee), "#Promise") {
        return false;
    }
    let Some(Shape::Name(Name { local: Some(local), .. })) =
        timer(resolver, file, function.chunk, chunk, call)
    else {
        return false;
    };
    let parameter = chunk.decls[*local as usize].parameter.as_ref();
    parameter.is_some_and(|it| it.of == function.number && it.position == 0 && it.keys.is_empty())
}

/// The time of `new Promise((resolve) => setTimeout(resolve, time))`.
fn timer<'f>(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk_number: u32,
    chunk: &'f ChunkFacts,
    promise: &Call,
) -> Option<&'f Shape> {
    let Some(Shape::Function(executor)) = promise.args.first() else { return None };
    let mut inside = chunk.calls.iter().filter(|call| call.function == Some(*executor));
    let (Some(call), None) = (inside.next(), inside.next()) else { return None };
    let callee = resolver.symbol(file, chunk_number, &call.callee);
    if !is_named(&callee, "#setTimeout") && !is_named(&callee, "timers#setTimeout") {
        return None;
    }
    let is_end = |shape: &Shape| {
        let Shape::Name(Name { local: Some(local), .. }) = shape else { return false };
        let parameter = chunk.decls[*local as usize].parameter.as_ref();
        parameter.is_some_and(|it| it.of == *executor && it.position == 0)
    };
    let ends = match call.args.first()? {
        Shape::Function(callback) => {
            let mut calls = chunk.calls.iter().filter(|call| call.function == Some(*callback));
            let only = calls.next().is_some_and(|call| is_end(&call.callee));
            only && calls.next().is_none()
        }
        name => is_end(name),
    };
    ends.then(|| call.args.get(1)).flatten()
}

/// A number, or a name that was set to one for good.
pub(in crate::check) fn number(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk: u32,
    shape: &Shape,
) -> Option<u64> {
    match shape {
        Shape::Number(text) | Shape::Product(text) => return product(text),
        // Most arguments are these, and large.
        Shape::Object(_) | Shape::Array(_) | Shape::Text(_) | Shape::Function(_) => return None,
        _ => {}
    }
    if let Shape::Name(Name { local: Some(local), .. }) = shape {
        // A variable that is set again is no constant.
        let facts = &resolver.project_file(file)?.facts.chunks[chunk as usize].facts;
        let again = facts
            .assigns
            .iter()
            .any(|assign| matches!(&assign.left, Shape::Name(Name { local: Some(set), .. }) if set == local));
        if again {
            return None;
        }
    }
    match resolver.symbol(file, chunk, shape) {
        Symbol::Value(_, _, Shape::Number(text) | Shape::Product(text)) => product(&text),
        _ => None,
    }
}

/// `5_000`, `5 * 1000`, `3e4`.
fn product(text: &str) -> Option<u64> {
    text.split('*')
        .try_fold(1.0, |product, factor| {
            let factor: f64 = factor
                .trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')'))
                .replace('_', "")
                .parse()
                .ok()?;
            Some(product * factor)
        })
        .filter(|product: &f64| (0.0..1e12).contains(product))
        .map(whole)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within range, and not negative")]
fn whole(number: f64) -> u64 {
    number as u64
}
