//! Whether a value comes out of a request.

use crate::facts::{Call, CallId, FunctionId, Shape};
use crate::project::{FileNo, Layer, Project, Resolver, Scope, Symbol};

use super::super::words::is_named;

/// Methods that give what they are called on in another form.
const SAME: &[&str] = &[
    "json",
    "formData",
    "text",
    "get",
    "getAll",
    "entries",
    "values",
    "toString",
    "trim",
    "toLowerCase",
    "toUpperCase",
    "split",
    "slice",
    "concat",
    "map",
    "filter",
    "flat",
];

/// Functions that give their argument in another form, by their last name.
const THROUGH: &[&str] = &[
    "parse",
    "safeParse",
    "parseAsync",
    "String",
    "Number",
    "parseInt",
    "parseFloat",
    "fromEntries",
    "assign",
    "structuredClone",
];

/// Calls that tell who asks.
const WHO: &[&str] = &[
    "next/headers#cookies",
    "next/headers#headers",
    "next-auth#getServerSession",
    "next-auth/next#getServerSession",
    "next-auth/jwt#getToken",
    "@clerk/nextjs/server#auth",
    "@clerk/nextjs/server#currentUser",
    "@clerk/nextjs#auth",
    "@clerk/nextjs#currentUser",
];

/// Looks for the way of values back to a request.
pub(in crate::check) struct Taint<'p> {
    project: &'p Project,
    steps: u32,
    through: Through,
}

/// What a value may have gone through on its way from a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Through {
    /// Nothing: what a function such as `schema.parse` has looked at does not count.
    Nothing,
    /// What gives the same in another form.
    Forms,
    /// Whatever there is: where the way cannot be followed to its end, it may lead to a request.
    Anything,
}

impl<'p> Taint<'p> {
    pub(super) fn new(project: &'p Project) -> Self {
        Self { project, steps: 0, through: Through::Forms }
    }

    /// For values that nobody has looked at on the way.
    pub(in crate::check) fn raw(project: &'p Project) -> Self {
        Self { project, steps: 0, through: Through::Nothing }
    }

    /// For values that may depend on a request in any way.
    pub(in crate::check) fn any(project: &'p Project) -> Self {
        Self { project, steps: 0, through: Through::Anything }
    }

    /// Whether a value holds data of the request that is being answered, as it came in.
    pub(in crate::check) fn is_of_request(&mut self, file: FileNo, chunk: u32, shape: &Shape) -> bool {
        self.follow(file, chunk, shape, 0)
    }

    fn follow(&mut self, file: FileNo, chunk: u32, shape: &Shape, depth: u32) -> bool {
        self.steps += 1;
        let unknown = self.through == Through::Anything;
        if depth > 24 || self.steps > 2_000 {
            return unknown;
        }
        let Some(input) = self.project.file(file) else { return false };
        let Some(facts) = input.facts.chunks.get(chunk as usize).map(|chunk| &chunk.facts) else {
            return false;
        };
        match shape {
            Shape::Name(name) => {
                let Some(local) = name.local else { return false };
                let decl = &facts.decls[local as usize];
                match &decl.parameter {
                    Some(parameter) => {
                        let function = FunctionId { chunk, number: parameter.of };
                        self.parameter(file, function, parameter.position, depth + 1)
                    }
                    None => self.follow(file, chunk, &decl.value, depth + 1),
                }
            }
            Shape::Member(inner, _) | Shape::Await(inner) => self.follow(file, chunk, inner, depth + 1),
            Shape::Object(entries) => {
                entries.iter().any(|(_, value)| self.follow(file, chunk, value, depth + 1))
            }
            Shape::Array(items) | Shape::Either(items) | Shape::Joined(items) => {
                items.iter().any(|value| self.follow(file, chunk, value, depth + 1))
            }
            Shape::Call(number) => {
                let call = &facts.calls[*number as usize];
                self.call(file, chunk, call, depth + 1)
            }
            Shape::This | Shape::Other => unknown,
            _ => false,
        }
    }

    fn call(&mut self, file: FileNo, chunk: u32, call: &Call, depth: u32) -> bool {
        let name = call.callee.last().unwrap_or_default();
        if let Shape::Member(object, _) = &call.callee
            && (self.through == Through::Anything || SAME.contains(&name))
            && self.follow(file, chunk, object, depth)
        {
            return true;
        }
        let through = match self.through {
            Through::Nothing => name == "String",
            Through::Forms => THROUGH.contains(&name),
            Through::Anything => true,
        };
        if through && call.args.iter().any(|it| self.follow(file, chunk, it, depth)) {
            return true;
        }
        let symbol = Resolver::new(self.project).symbol(file, chunk, &call.callee);
        // A session is what the server has written itself.
        self.through != Through::Nothing && WHO.iter().any(|word| is_named(&symbol, word))
    }

    /// Whether a parameter is set from a request: by a framework, or by callers that have it from there.
    fn parameter(&mut self, file: FileNo, function: FunctionId, position: u32, depth: u32) -> bool {
        let unknown = self.through == Through::Anything;
        let Some(reach) = self.project.reach() else { return unknown };
        if let Some((at, number)) = reach.root_of(self.project, file, function)
            && let Some(entry) = self.project.links(at).and_then(|links| links.entries.get(number as usize))
        {
            // What the response is written to is not data of the request.
            let writes_response =
                matches!(entry.layer, Layer::Express | Layer::PagesRouter) && entry.kind != "page";
            return position == 0 || !writes_response;
        }
        let Some(input) = self.project.file(file) else { return false };
        let facts = &input.facts.chunks[function.chunk as usize].facts;
        // `body.items.forEach((item) => …)`.
        if let Some(call) = facts.functions[function.number as usize].argument_of {
            return match &facts.calls[call as usize].callee {
                Shape::Member(object, method)
                    if position == 0
                        && matches!(&**method, "forEach" | "map" | "filter" | "flatMap" | "then") =>
                {
                    self.follow(file, function.chunk, object, depth)
                }
                _ => unknown,
            };
        }
        // What callers give is a matter of other statements.
        if depth > 12 || self.through == Through::Nothing {
            return unknown;
        }
        let callers = callers(self.project, file, function);
        if callers.is_empty() {
            return unknown;
        }
        for (caller, id) in callers {
            let Some(argument) =
                self.project.file(caller).and_then(|it| it.facts.call(id).args.get(position as usize))
            else {
                continue;
            };
            if self.follow(caller, id.chunk, argument, depth + 4) {
                return true;
            }
        }
        false
    }
}

/// The calls of a function that requests reach.
pub(super) fn callers(project: &Project, file: FileNo, function: FunctionId) -> Vec<(FileNo, CallId)> {
    let Some(reach) = project.reach() else { return Vec::new() };
    let mut out = Vec::new();
    for caller in project.numbers() {
        let Some(links) = project.links(caller) else { continue };
        for edge in links.edges.iter().filter(|edge| edge.to == (file, function)) {
            let (Some(call), Some(input)) = (edge.call, project.file(caller)) else { continue };
            if reach.scope_of(project, caller, edge.from) != Scope::Request {
                continue;
            }
            let callee = &input.facts.call(call).callee;
            let target = Resolver::new(project).symbol(caller, call.chunk, callee);
            if target == Symbol::Function(file, function) {
                out.push((caller, call));
            }
        }
    }
    out
}
