//! How streams and loops of a handler end: by themselves, when the client is gone, or not at all.
//!
//! Everything here is judged inside one outermost function. Whatever leaves it (a timer that is stored elsewhere, a
//! controller that is handed on) may be ended elsewhere, so nothing is said of it.

mod gone;
mod left;
mod polls;

use super::place::{enclosing_function, is_function, parameters, text, without_wrapping};
use crate::rules::Word;

use crate::syntax::Node;
use gone::{asks_for_the_client, ends_by_itself};
use left::is_left_running;
use polls::polls_without_end;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "endless-stream",
        0,
        |node, text, _| is_endless_stream(node, text),
        "`(#endless-stream? @at)`: this `new ReadableStream` sends as long as the client listens, or this timer writes events to a response that nothing ends",
    ),
    Word::form(
        "left-running",
        0,
        |node, text, _| is_left_running(node, text),
        "`(#left-running? @at)`: this timer or subscription feeds a stream, and nothing around it stops when the client is gone",
    ),
    Word::form(
        "polls-without-end",
        0,
        |node, text, _| polls_without_end(node, text),
        "`(#polls-without-end? @loop)`: the loop sleeps and asks again until there is an answer; nothing limits how often or how long",
    ),
    Word::form(
        "sends-to-each",
        0,
        |node, text, _| sends_to_each(node, text),
        "`(#sends-to-each? @loop)`: the loop, or the call of `forEach`, sends something to each connection of a collection",
    ),
];

/// What ends a timer.
const STOPS_TIMER: &[&str] = &["clearInterval", "clearTimeout"];

/// Events that say that the client is gone.
const GONE: &[&str] = &["abort", "aborted", "close", "finish"];

fn around(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    std::iter::successors(node.parent(), Node::parent)
}

fn is_name(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "identifier"
            | "property_identifier"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern"
    )
}

fn holds(outer: Node<'_>, inner: Node<'_>) -> bool {
    outer.start_byte() <= inner.start_byte() && inner.end_byte() <= outer.end_byte()
}

fn is_call(node: Node<'_>, source: &str, name: &str) -> bool {
    node.kind() == "call_expression"
        && node.field("function").is_some_and(|callee| text(callee, source) == name)
}

/// The method that a call names: `close` of `controller.close()`.
fn method<'s>(call: Node<'_>, source: &'s str) -> Option<&'s str> {
    let callee = call.field("function").filter(|_| call.kind() == "call_expression")?;
    let property = callee.field("property").filter(|_| callee.kind() == "member_expression")?;
    Some(text(property, source))
}

fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    let Some(list) = call.field("arguments") else { return Vec::new() };
    list.named_children().filter(|node| node.kind() != "comment").collect()
}

fn string<'s>(node: Node<'_>, source: &'s str) -> Option<&'s str> {
    (node.kind() == "string").then(|| text(node, source).trim_matches(['"', '\'']))
}

/// The source of a stream: the object that `new ReadableStream` is given first.
struct Source<'t> {
    /// `start` and `pull`.
    run: Vec<Node<'t>>,
    /// What stands under `cancel`.
    cancel: Option<Node<'t>>,
}

impl<'t> Source<'t> {
    fn of(stream: Node<'t>, source: &str) -> Option<Self> {
        let constructor = stream.field("constructor")?;
        if stream.kind() != "new_expression" || text(constructor, source) != "ReadableStream" {
            return None;
        }
        let object = *arguments(stream).first().filter(|object| object.kind() == "object")?;
        let mut found = Self { run: Vec::new(), cancel: None };
        for member in object.named_children() {
            let (key, value) = match member.kind() {
                "method_definition" => (member.field("name")?, member),
                "pair" => (member.field("key")?, member.field("value")?),
                "shorthand_property_identifier" => (member, member),
                "comment" => continue,
                // What a spread brings may be a `cancel`.
                _ => return None,
            };
            match text(key, source) {
                "start" | "pull" => found.run.push(value),
                "cancel" => found.cancel = Some(value),
                _ => {}
            }
        }
        Some(found)
    }

    /// The stream whose `start` or `pull` holds a node.
    fn around(node: Node<'t>, source: &str) -> Option<Self> {
        let stream = around(node).find_map(|outer| Self::of(outer, source))?;
        stream.run.iter().any(|part| holds(*part, node)).then_some(stream)
    }

    /// Whether `cancel` is there and does more than to write a line to the log.
    fn cancels(&self, source: &str) -> bool {
        let Some(cancel) = self.cancel else { return false };
        let Some(body) = cancel.field("body").filter(|_| is_function(cancel)) else {
            return true;
        };
        body.kind() != "statement_block"
            || body.walk().any(|node| match node.kind() {
                "call_expression" => {
                    node.field("function").is_none_or(|callee| !text(callee, source).starts_with("console."))
                }
                kind => kind.contains("assignment"),
            })
    }
}

/// The outermost function around a node.
fn outermost(node: Node<'_>) -> Option<Node<'_>> {
    around(node).filter(|outer| is_function(*outer)).last()
}

/// Whether a function writes its response as server-sent events.
fn sends_events(function: Node<'_>, source: &str) -> bool {
    function.walk().any(|node| {
        string(node, source).is_some_and(|value| value.to_ascii_lowercase().starts_with("text/event-stream"))
    })
}

/// Whether a piece of code sends something to the client.
fn sends(node: Node<'_>, source: &str) -> bool {
    node.walk().any(|call| matches!(method(call, source), Some("enqueue" | "write")))
}

fn sends_or_calls_what_sends(function: Node<'_>, top: Node<'_>, source: &str) -> bool {
    sends(function, source)
        || function.walk().filter(|node| node.kind() == "call_expression").any(|call| {
            let callee = call.field("function").filter(|callee| callee.kind() == "identifier");
            callee.is_some_and(|callee| {
                functions_called(text(callee, source), top, source)
                    .iter()
                    .any(|function| sends(*function, source))
            })
        })
}

/// Functions that are declared under a name.
fn functions_called<'t>(name: &str, within: Node<'t>, source: &str) -> Vec<Node<'t>> {
    let named = |node: Node<'t>| node.field("name").is_some_and(|it| text(it, source) == name);
    within
        .walk()
        .filter_map(|node| match node.kind() {
            "function_declaration" if named(node) => Some(node),
            "variable_declarator" if named(node) => node.field("value").filter(|value| is_function(*value)),
            _ => None,
        })
        .collect()
}

/// Whether a name is declared somewhere in a function, its parameters included.
fn declares(function: Node<'_>, name: &str, source: &str) -> bool {
    function.walk().any(|node| {
        if text(node, source) != name {
            return false;
        }
        let Some(parent) = node.parent() else { return false };
        match node.kind() {
            "identifier" => match parent.kind() {
                "variable_declarator" => parent.field("name") == Some(node),
                "arrow_function" => parent.field("parameter") == Some(node),
                "for_in_statement" => parent.field("left") == Some(node),
                "required_parameter" | "optional_parameter" | "array_pattern" | "rest_pattern"
                | "catch_clause" | "pair_pattern" | "assignment_pattern" | "formal_parameters" => true,
                _ => false,
            },
            "shorthand_property_identifier_pattern" => true,
            _ => false,
        }
    })
}

/// A stream that nothing but the client's leaving ends, or a timer that writes such events to a response.
fn is_endless_stream(node: Node<'_>, source: &str) -> bool {
    let stream = Source::of(node, source);
    if stream.is_none() && !is_call(node, source, "setInterval") {
        return false;
    }
    let Some(top) = outermost(node) else { return false };
    // Whoever tells the client when to come back, and where it was, knows that it has to.
    let resumes = top.walk().any(|node| {
        node.kind() == "string_fragment"
            && ["retry:", "id:"].iter().any(|field| text(node, source).contains(field))
    });
    if resumes {
        return false;
    }
    if let Some(stream) = stream {
        return stream.run.iter().any(|part| is_function(*part) && is_endless(*part, &stream, top, source));
    }
    Source::around(node, source).is_none()
        && enclosing_function(node) == Some(top)
        && arguments(node).first().is_some_and(|given| is_function(*given) && writes(*given, top, source))
        && sends_events(top, source)
        && !ends_by_itself(top, None, &["end", "destroy", "close"], source)
}

/// Whether a function writes to the second parameter of another: a response.
fn writes(function: Node<'_>, handler: Node<'_>, source: &str) -> bool {
    let Some(&response) = parameters(handler).get(1) else { return false };
    let response = response.field("pattern").unwrap_or(response);
    let name = text(response, source);
    function.walk().any(|call| {
        method(call, source) == Some("write")
            && call.field("function").is_some_and(|it| text(it, source).starts_with(name))
    })
}

/// Whether `start` or `pull` goes on for ever.
fn is_endless(part: Node<'_>, stream: &Source<'_>, top: Node<'_>, source: &str) -> bool {
    let Some(&controller) = parameters(part).first() else { return false };
    let controller = controller.field("pattern").unwrap_or(controller);
    let controller = text(controller, source);
    // A controller that is handed on may be closed elsewhere.
    let handed_on = part.walk().any(|node| {
        node.kind() == "identifier"
            && text(node, source) == controller
            && node.parent().is_some_and(|parent| {
                !matches!(parent.kind(), "member_expression" | "required_parameter" | "optional_parameter")
                    && parent != part
            })
    });
    if handed_on || ends_by_itself(part, stream.cancel, &["close", "error", "terminate"], source) {
        return false;
    }
    let all = part.walk().collect::<Vec<_>>();
    let timer = all.iter().any(|call| {
        is_call(*call, source, "setInterval")
            && arguments(*call)
                .first()
                .is_some_and(|given| is_function(*given) && sends_or_calls_what_sends(*given, top, source))
    });
    timer || all.iter().any(|node| is_endless_loop(*node, source) && sends(*node, source))
}

/// `while (true)` with `await` in it, and no way out but that the client is gone.
fn is_endless_loop(node: Node<'_>, source: &str) -> bool {
    let endless = match node.kind() {
        "while_statement" => node.field("condition").is_some_and(|condition| {
            let condition = text(without_wrapping(condition), source);
            condition == "true" || (condition.starts_with('!') && condition.ends_with(".aborted"))
        }),
        "for_statement" => node
            .field("condition")
            .is_none_or(|condition| matches!(text(condition, source), ";" | "" | "true;" | "true")),
        _ => false,
    };
    let Some(body) = node.field("body").filter(|_| endless) else { return false };
    let inside = body.walk().collect::<Vec<_>>();
    let of_loop = |inner: &Node<'_>| enclosing_function(*inner) == enclosing_function(node);
    inside.iter().any(|inner| inner.kind() == "await_expression" && of_loop(inner))
        && !inside.iter().filter(|inner| of_loop(inner)).any(|inner| {
            matches!(inner.kind(), "break_statement" | "return_statement" | "throw_statement")
                && !asks_for_the_client(*inner, node, source)
        })
}

/// `for (const client of clients) client.enqueue(…)`, `clients.forEach((client) => client.write("data: …"))`.
fn sends_to_each(node: Node<'_>, source: &str) -> bool {
    let (item, body) = if node.kind() == "for_in_statement" {
        (node.field("left"), node.field("body"))
    } else {
        let each = arguments(node).first().copied().filter(|given| is_function(*given));
        (each.and_then(|each| parameters(each).first().copied()), each)
    };
    let (Some(item), Some(body)) = (item, body) else { return false };
    let names: Vec<&str> = item
        .walk()
        .filter(|it| matches!(it.kind(), "identifier" | "shorthand_property_identifier_pattern"))
        .map(|it| text(it, source))
        .collect();
    let inside = body.walk().collect::<Vec<_>>();
    let says = |kind: &str, word: &str| {
        inside.iter().any(|it| it.kind() == kind && text(*it, source).contains(word))
    };
    inside.iter().any(|call| {
        let to_item = call.field("function").is_some_and(|callee| {
            let root = text(callee, source).split(['.', '?', '!']).next().unwrap_or_default();
            names.contains(&root)
        });
        to_item
            && match method(*call, source) {
                Some("enqueue") => true,
                Some("write") => says("string_fragment", "data:"),
                Some("send") => says("property_identifier", "readyState"),
                _ => false,
            }
    })
}
