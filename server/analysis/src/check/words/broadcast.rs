//! Words about messages that reach the clients of one instance only.

use crate::facts::{CallId, Shape};
use crate::project::{FileNo, Resolver, Scope, Symbol};
use crate::rules::{Condition, Word};
use crate::tables::{Instances, Kind};

use super::super::evidence::target_text;
use super::super::{Evidence, Site};
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "first-in-file",
        0,
        |site, condition, _| is_first(site, condition),
        "`(#first-in-file? @at)`: no call of the same method on the same value stands before it",
    ),
    Word::of(
        "heard-elsewhere",
        0,
        |site, condition, _| heard_elsewhere(site, condition),
        "`(#heard-elsewhere? @emitter)`: another handler listens to this emitter of a module",
    ),
    Word::of(
        "lacks-adapter",
        0,
        |site, condition, _| lacks_adapter(site, condition),
        "`(#lacks-adapter? @io)`: nothing gives the Socket.IO server an adapter",
    ),
    Word::of(
        "module-collection",
        0,
        |site, condition, _| is_module_collection(site, condition),
        "`(#module-collection? @name)`: the name is a `Set`, `Map` or array of a module",
    ),
    Word::about(
        "several-instances",
        0,
        |_, _, evidence| several_instances(evidence),
        "`(#several-instances?)`: several processes serve the package at once, or nothing says that one does; and no message broker is among its dependencies",
    ),
];

/// Packages that carry messages from one instance to the others. Whoever has one may use it here.
const BROKERS: &[&str] = &[
    "redis",
    "ioredis",
    "@redis/client",
    "@upstash/redis",
    "nats",
    "@nats-io/transport-node",
    "kafkajs",
    "amqplib",
    "mqtt",
    "bullmq",
    "ably",
    "pusher",
    "pubnub",
    "@supabase/supabase-js",
    "@google-cloud/pubsub",
    "@azure/web-pubsub",
    "@aws-sdk/client-sns",
    "@vercel/queue",
    "pg-listen",
    "graphql-redis-subscriptions",
    "socket.io-redis",
    "partykit",
    "@liveblocks/node",
];

fn several_instances(evidence: &mut Evidence<'_>) -> bool {
    let package = evidence.package();
    let carries = |name: &String| {
        BROKERS.contains(&name.as_str()) || (name.starts_with("@socket.io/") && name.ends_with("-adapter"))
    };
    if package.dependencies.iter().any(carries) {
        return false;
    }
    let target = evidence.target();
    let host = target_text(&package.target);
    let what = match (&package.instances, target) {
        (Some((Instances::Several, seen)), _) => {
            format!("Several processes serve this at once ({})", seen.text)
        }
        (Some((Instances::One, _)), _) => return false,
        (None, Some(target)) if target.kind != Kind::Unknown => match &target.capabilities.instances {
            Some(figure) if figure.value == Instances::Several && !figure.unverified => {
                format!("On {host} several instances serve at once")
            }
            _ => return false,
        },
        _ => "A serverless host serves with several instances at once".to_owned(),
    };
    evidence.set("what", what);
    true
}

/// A collection that a module makes when it is loaded.
fn is_module_collection(site: &Site<'_>, condition: &Condition) -> bool {
    let Symbol::Value(file, chunk, shape) = site.value(condition) else { return false };
    let Some(input) = site.project.file(file) else { return false };
    match shape {
        Shape::Array(_) => site
            .captured(condition)
            .is_some_and(|name| site.chunk_facts().local(&name.text, name.at.start).is_none()),
        Shape::Call(number) => {
            let call = input.facts.call(CallId { chunk, number });
            let maker = Resolver::new(site.project).symbol(file, chunk, &call.callee);
            call.function.is_none() && ["#Set", "#Map"].iter().any(|word| is_named(&maker, word))
        }
        _ => false,
    }
}

/// Whether neither the options of a Socket.IO server nor a call of `io.adapter(…)` name an adapter.
fn lacks_adapter(site: &Site<'_>, condition: &Condition) -> bool {
    let io = site.value(condition);
    let Symbol::Value(home, chunk, Shape::Call(number)) = &io else { return false };
    let Some(input) = site.project.file(*home) else { return false };
    let made = input.facts.call(CallId { chunk: *chunk, number: *number });
    if made.args.iter().any(|options| options.get("adapter").is_some() || options.get("...").is_some()) {
        return false;
    }
    // Whoever names the server looks into the file that makes it.
    let knows = |file: &FileNo| {
        *file == *home || site.project.links(*file).is_some_and(|links| links.seen.contains(home))
    };
    let adapts = |file: FileNo| {
        let Some(input) = site.project.file(file) else { return false };
        input.facts.calls().any(|(id, call)| {
            let Shape::Member(object, method) = &call.callee else { return false };
            method == "adapter" && Resolver::new(site.project).symbol(file, id.chunk, object) == io
        })
    };
    !site.project.numbers().filter(knows).any(adapts)
}

/// Whether no such call stands before this one: one cause is told of once.
fn is_first(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(id) = site.call(condition) else { return false };
    let facts = &site.input.facts;
    let Shape::Member(_, method) = &facts.call(id).callee else { return false };
    let root = |id: CallId| root_of(site, id, 0);
    let own = root(id);
    own.is_some()
        && facts.calls().take_while(|(other, _)| *other < id).all(|(other, call)| {
            !matches!(&call.callee, Shape::Member(_, name) if name == method) || root(other) != own
        })
}

/// What a chain of calls starts with: `io` of `io.to(room).emit(…)`.
fn root_of(site: &Site<'_>, id: CallId, depth: u32) -> Option<String> {
    let facts = &site.input.facts;
    let Shape::Member(object, _) = &facts.call(id).callee else { return None };
    match &**object {
        Shape::Call(number) if depth < 6 => {
            root_of(site, CallId { chunk: id.chunk, number: *number }, depth + 1)
        }
        other => other.dotted(),
    }
}

/// Whether a handler listens to what a handler emits. Both have to use the same value of one module.
fn heard_elsewhere(site: &Site<'_>, condition: &Condition) -> bool {
    let emitter = site.value(condition);
    let Symbol::Value(home, chunk, Shape::Call(number)) = emitter.clone() else { return false };
    let (Some(input), Some(reach)) = (site.project.file(home), site.project.reach()) else { return false };
    if input.facts.call(CallId { chunk, number }).function.is_some() {
        return false;
    }
    let listens = |file: FileNo| {
        let Some(input) = site.project.file(file) else { return false };
        input.facts.calls().any(|(id, call)| {
            let Shape::Member(object, method) = &call.callee else { return false };
            let function = call.function.map(|number| crate::facts::FunctionId { chunk: id.chunk, number });
            matches!(method.as_str(), "on" | "once" | "addListener")
                && function.is_some()
                && reach.scope_of(site.project, file, function) == Scope::Request
                && Resolver::new(site.project).symbol(file, id.chunk, object) == emitter
        })
    };
    let near = site.project.numbers().filter(|file| {
        *file == home || site.project.links(*file).is_some_and(|links| links.loads.contains(&home))
    });
    near.into_iter().any(listens)
}
