//! How a request gets to a function, and what its answer waits for.

use crate::facts::{ChunkFacts, FunctionId, Shape, Step, StepAt};
use crate::project::{FileNo, Project, Resolver, Symbol, Way, this_method};

use super::promises::started;

/// Functions whose callback runs while they do, or that are waited for as a rule.
const INLINE: &[&str] = &[
    "map",
    "forEach",
    "filter",
    "flatMap",
    "reduce",
    "some",
    "every",
    "find",
    "$transaction",
    "transaction",
];

/// Methods of a response that send the answer.
const SENDS: &[&str] =
    &["json", "jsonp", "send", "end", "sendStatus", "sendFile", "redirect", "render", "download"];

/// What is asked of each step from a handler to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// The function begins before the request is answered: it is called on the way, not kept for later by a stream,
    /// an event or `after`.
    Begins,
    /// And the handler is not done before the function is: each step waits for the next.
    Ends,
}

/// Where a way begins.
pub(super) struct Root {
    file: FileNo,
    function: FunctionId,
    /// The call in it by which the way goes on; `None` where it is the function that was asked for.
    call: Option<u32>,
}

impl Passage {
    /// The handler from which a function is reached so on a way.
    pub(super) fn root(
        self,
        project: &Project,
        file: FileNo,
        function: FunctionId,
        way: &Way,
    ) -> Option<Root> {
        let reach = project.reach()?;
        let mut hops = way.calls.iter().rev();
        let mut next = hops.next();
        let mut at = (file, function);
        let mut by = None;
        for _ in 0..64 {
            let facts = &project.file(at.0)?.facts;
            if let Some(hop) = next.filter(|hop| hop.callee == at) {
                let caller = &project.file(hop.file)?.facts;
                let call = caller.call(hop.call);
                let is_call = match this_method(caller, hop.call, call) {
                    Some(method) => (hop.file, method) == at,
                    None => {
                        Resolver::new(project).symbol(hop.file, hop.call.chunk, &call.callee)
                            == Symbol::Function(at.0, at.1)
                    }
                };
                let chunk = &caller.chunks[hop.call.chunk as usize].facts;
                let number = call.function.filter(|_| is_call && self.takes(chunk, hop.call.number))?;
                at = (hop.file, FunctionId { chunk: hop.call.chunk, number });
                by = Some(hop.call.number);
                next = hops.next();
                continue;
            }
            if reach.root_of(project, at.0, at.1).is_some() {
                return Some(Root { file: at.0, function: at.1, call: by });
            }
            let it = facts.function(at.1);
            let chunk = &facts.chunks[at.1.chunk as usize].facts;
            let inline = match it.argument_of {
                Some(call) => {
                    let runs =
                        chunk.calls[call as usize].callee.last().is_some_and(|it| INLINE.contains(&it));
                    (runs && (self == Self::Begins || waits(chunk, call))).then_some(call)
                }
                None => (0..chunk.calls.len() as u32).find(|&number| {
                    chunk.calls[number as usize].callee == Shape::Function(at.1.number)
                        && self.takes(chunk, number)
                }),
            };
            by = Some(inline?);
            at = (at.0, FunctionId { chunk: at.1.chunk, number: it.parent? });
        }
        None
    }

    fn takes(self, chunk: &ChunkFacts, call: u32) -> bool {
        match self {
            Self::Begins => !is_tracked(chunk, call),
            Self::Ends => waits(chunk, call),
        }
    }
}

impl Root {
    /// Whether the handler has answered before it does that, or before `call` where it is the function itself.
    pub(super) fn has_answered(&self, project: &Project, call: u32) -> bool {
        let Some(input) = project.file(self.file) else { return false };
        let chunk = &input.facts.chunks[self.function.chunk as usize].facts;
        let steps = &chunk.steps;
        let own = |step: &&StepAt| step.function == Some(self.function.number);
        let goes_on = |step: &StepAt| step.step == Step::Call(self.call.unwrap_or(call));
        let Some(place) = steps.order.iter().position(goes_on) else { return false };
        let mut around = vec![None];
        let mut branch = steps.order[place].branch;
        while let Some(number) = branch {
            around.push(branch);
            branch = steps.branches[number as usize].parent;
        }
        steps.order[..place].iter().filter(own).filter(|step| around.contains(&step.branch)).any(|step| {
            let Step::Call(number) = step.step else { return false };
            let callee = &chunk.calls[number as usize].callee;
            callee.last().is_some_and(|method| SENDS.contains(&method))
                && self.is_of_response(chunk, callee, 0)
        })
    }

    /// Whether a chain begins with the second parameter of the handler: `res.status(202).json`.
    fn is_of_response(&self, chunk: &ChunkFacts, chain: &Shape, depth: u32) -> bool {
        match chain {
            Shape::Member(object, _) => self.is_of_response(chunk, object, depth),
            Shape::Call(number) if depth < 8 => {
                self.is_of_response(chunk, &chunk.calls[*number as usize].callee, depth + 1)
            }
            Shape::Name(name) => name.local.is_some_and(|local| {
                let parameter = chunk.decls[local as usize].parameter.as_ref();
                parameter.is_some_and(|it| it.of == self.function.number && it.position == 1)
            }),
            _ => false,
        }
    }
}

/// Whether the function around a call is not done before what the call gives is.
fn waits(chunk: &ChunkFacts, call: u32) -> bool {
    let it = &chunk.calls[call as usize];
    let returned = |function: u32| chunk.functions[function as usize].returned.contains(&call);
    if it.awaited || it.function.is_some_and(returned) {
        return true;
    }
    let whole = |outer: &Shape| match outer {
        Shape::Call(number) => *number == call,
        Shape::Array(items) => items.contains(&Shape::Call(call)),
        _ => false,
    };
    // Whoever is around a call stands before it.
    (0..call).any(|number| {
        let outer = &chunk.calls[number as usize];
        let Shape::Member(object, method) = &outer.callee else { return false };
        let goes_on = match &**method {
            "then" | "catch" | "finally" => **object == Shape::Call(call),
            "all" | "allSettled" => outer.args.first().is_some_and(whole),
            _ => false,
        };
        goes_on && waits(chunk, number)
    })
}

/// Whether a call's promise is handed to `after` or `waitUntil`: then its work is known to be work for later.
fn is_tracked(chunk: &ChunkFacts, call: u32) -> bool {
    chunk.calls.iter().any(|tracker| {
        matches!(tracker.callee.last(), Some("waitUntil" | "after" | "unstable_after"))
            && tracker.args.iter().any(|argument| match argument {
                Shape::Call(given) => started(chunk, *given).0 == call,
                _ => false,
            })
    })
}
