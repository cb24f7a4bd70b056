//! What one top-level statement says. Everything here is relative to the statement's first byte and
//! depends on nothing outside it but which words of the rules its file holds, so that a statement whose text did not
//! change keeps its facts.

use std::cmp::Reverse;

use compact_str::CompactString;

use serde::{Deserialize, Serialize};

use super::elements::Element;
use super::fields::ClassField;
use super::modules::{Export, Import};
use super::scopes::Scopes;
use super::shape::{At, Shape};
use super::steps::Steps;
use super::taken::Taken;
use super::touches::{Read, Write};
use crate::rules::Mentions;
use crate::text::Span;

/// What one top-level statement says.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ChunkFacts {
    /// Imports, `require` and `import()` included.
    pub imports: Vec<Import>,
    /// Exports, assignments to `module.exports` included, and to what may stand for it: see [`Export::into`].
    pub exports: Vec<Export>,
    /// Names of the top level that stand for `module.exports`: `api` of `const api = module.exports`,
    /// `const api = module.exports = {}` and `module.exports = api`.
    pub(super) stand_ins: Vec<CompactString>,
    /// Functions in the order of their start, classes included.
    pub functions: Vec<Function>,
    /// Calls in the order of their start, `new` included.
    pub calls: Vec<Call>,
    /// Names declared, parameters included.
    pub decls: Vec<Decl>,
    /// Assignments.
    pub assigns: Vec<Assign>,
    /// Names from outside that functions look at, one for each name and function.
    pub reads: Vec<Read>,
    /// What functions change of names from outside.
    pub writes: Vec<Write>,
    /// Fields of classes, as places that methods change.
    pub fields: Vec<ClassField>,
    /// What is taken from parameters that somebody else put there: `req.body`.
    pub taken: Vec<Taken>,
    /// What is done one after the other.
    pub steps: Steps,
    /// Elements that lead to a URL, in the order of their start.
    pub elements: Vec<Element>,
    /// Matches of rules, their syntactic conditions met.
    pub matches: Vec<RuleMatch>,
    /// Comments that speak to Routewise.
    pub comments: Vec<(At, CompactString)>,
    /// Syntax errors stand in these places.
    pub errors: Vec<Span>,
    /// The declarations by name.
    pub(super) scopes: Scopes,
    /// The words that patterns ask for and its text holds.
    pub(crate) mentions: Mentions,
    /// Equal for two chunks that mean the same to the rest of the project.
    pub summary: u64,
    /// Equal for two chunks that tell the same names of the top level at the same numbers.
    pub(super) names: u64,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FunctionKind {
    /// A function or arrow.
    Plain,
    /// A method of a class or an object literal.
    Method,
    /// A class: its field initialisers and its construction.
    Class,
}

/// A function, or a class seen as the function that makes one.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is said of a function or not")]
pub struct Function {
    /// What it is called, or the variable or key that holds it; a method bears its class's name in
    /// front: `Report.build`.
    pub name: Option<CompactString>,
    /// What it is.
    pub kind: FunctionKind,
    /// The whole of it.
    pub at: At,
    /// Its name, or its first line's head where it has none: what a link jumps to.
    pub head: At,
    /// The function around it.
    pub parent: Option<u32>,
    /// The call it is a direct argument of.
    pub argument_of: Option<u32>,
    /// Starts with a `'use server'` directive.
    pub use_server: bool,
    /// Starts with a `'use workflow'` directive: who wants it to run has it started elsewhere, at its own pace.
    pub is_workflow: bool,
    /// Written with `async`: calling it gives a promise.
    pub is_async: bool,
    /// Its `length`: parameters up to the first with a default. By it Express tells error middleware.
    pub length: u32,
    /// Holds an `await` of its own: it is not done when its call comes back.
    pub awaits: bool,
    /// The calls whose value it returns as it is.
    pub returned: Vec<u32>,
    /// What it gives back, where the form of that can be told: a text, an object, a name.
    pub gives: Vec<Shape>,
    /// Every way through its body throws: who calls it does not get further.
    pub never_returns: bool,
    /// The calls that it waits for where no `catch` of its own is for what fails; `None` where it is not written with
    /// `async`, or something else in it may fail.
    pub unguarded: Option<Vec<At>>,
    /// Holds a syntax error.
    pub broken: bool,
}

/// A call or a `new`.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Call {
    /// The whole expression.
    pub at: At,
    /// `new Name` or the callee: what is underlined where the whole spans several lines.
    pub head: At,
    /// What is called.
    pub callee: Shape,
    /// Written with `new`.
    pub is_new: bool,
    /// `await` stands in front.
    pub awaited: bool,
    /// The arguments.
    pub args: Vec<Shape>,
    /// Where each of them stands.
    pub args_at: Vec<At>,
    /// Where the `url` of the first of them stands that is an object with one, and which that is.
    pub url_at: Option<(u32, At)>,
    /// The function it stands in; `None` at the top level.
    pub function: Option<u32>,
    /// What decides whether it runs, or keeps its value, beyond this call of the function.
    pub guards: Vec<Guard>,
}

/// Something outside a function that is looked at before a call, or that keeps the call's value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Guard {
    /// A chain that starts with a name from outside the function, or with `this`.
    pub path: Shape,
    /// Whether the call's value is stored there (else it is only tested).
    pub stores: bool,
}

/// A declared name.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Decl {
    /// The name.
    pub name: CompactString,
    /// The name's place.
    pub at: At,
    /// Where it is known; `None` in the whole module.
    pub scope: Option<At>,
    /// The parameter it is, or is taken from.
    pub parameter: Option<Parameter>,
    /// What it is first set to.
    pub value: Shape,
    /// Type annotation as written.
    pub annotation: Option<CompactString>,
}

/// A name that a function's caller sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parameter {
    /// The function.
    pub of: u32,
    /// Its position, from 0.
    pub position: u32,
    /// The keys that lead to it: `["params", "id"]` in `({ params: { id } }) =>`; `?` where an array or a rest
    /// stands in the way.
    pub keys: Vec<CompactString>,
}

/// `left = right`, `left ??= right`.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Assign {
    /// The whole expression.
    pub at: At,
    /// What is set.
    pub left: Shape,
    /// To what.
    pub right: Shape,
    /// The function it stands in.
    pub function: Option<u32>,
    /// It stands under a condition that names `NODE_ENV`.
    pub env_only: bool,
}

/// A match of one rule pattern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleMatch {
    /// Number of the pattern among all rules' patterns.
    pub pattern: u32,
    /// Captured nodes by capture name.
    pub captures: Vec<Captured>,
}

/// One captured node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// Number of the capture's name in the query.
    pub name: u32,
    /// Where.
    pub at: Span,
    /// It goes over the end of a line.
    pub multiline: bool,
    /// The node's text up to [`Captured::LONGEST`] bytes, of a call up to [`Captured::SHORT`].
    pub text: CompactString,
}

impl Captured {
    /// Longer nodes are cut: a message quotes names, not blocks.
    pub const LONGEST: usize = 120;

    /// Of calls: as much as needs no memory of its own.
    pub const SHORT: usize = 24;
}

impl ChunkFacts {
    /// The declaration that `name` means at `offset`, among those of functions and blocks.
    pub fn local(&self, name: &str, offset: u32) -> Option<u32> {
        self.scopes.innermost(&self.decls, name, offset)
    }

    /// The functions that a function gives back, by themselves or by their name.
    pub(crate) fn given_back(&self, maker: u32) -> impl Iterator<Item = u32> {
        self.functions[maker as usize].gives.iter().filter_map(|given| match given {
            Shape::Function(number) => Some(*number),
            Shape::Name(name) => match self.decls[name.local? as usize].value {
                Shape::Function(number) => Some(number),
                _ => None,
            },
            _ => None,
        })
    }

    /// The numbers of the declarations of a name.
    pub(super) fn named<'d>(&'d self, name: &'d str) -> impl Iterator<Item = u32> {
        self.scopes.named(&self.decls, name)
    }

    /// To be called when all declarations are there.
    pub(super) fn sort_names(&mut self) {
        self.scopes = Scopes::of(&self.decls);
    }

    /// The call whose expression is exactly at `span`.
    pub fn call_at(&self, span: Span) -> Option<u32> {
        // Of two that start together, the one around the other comes first.
        let order = |span: Span| (span.start, Reverse(span.end));
        let found = self.calls.binary_search_by_key(&order(span), |call| order(call.at.0)).ok()?;
        Some(found as u32)
    }

    /// Gives back what was only needed while it grew: there is one for each statement of a project.
    pub(super) fn shrink(&mut self) {
        self.imports.shrink_to_fit();
        self.exports.shrink_to_fit();
        self.stand_ins.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.calls.shrink_to_fit();
        self.decls.shrink_to_fit();
        self.assigns.shrink_to_fit();
        self.reads.shrink_to_fit();
        self.writes.shrink_to_fit();
        self.elements.shrink_to_fit();
    }

    /// The innermost function around `offset`.
    pub fn function_at(&self, offset: u32) -> Option<u32> {
        let mut found = None;
        for (number, function) in self.functions.iter().enumerate() {
            if function.at.0.start > offset {
                break;
            }
            if offset < function.at.0.end {
                found = Some(number as u32);
            }
        }
        found
    }

    /// Whether `function` or one around it holds a syntax error.
    pub fn is_broken(&self, function: Option<u32>) -> bool {
        let mut at = function;
        while let Some(number) = at {
            let function = &self.functions[number as usize];
            if function.broken {
                return true;
            }
            at = function.parent;
        }
        false
    }
}
