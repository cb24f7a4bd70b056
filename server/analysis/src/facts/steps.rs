//! What a function, or the top level of a module, does one after the other, as far as calls go.
//!
//! Most of what is asked of a file needs no order. An Express application does: what is registered first
//! runs first. A step stands where its value is there: the arguments of a call before the call.

use compact_str::{CompactString, ToCompactString as _};
use rustc_hash::{FxHashMap, FxHashSet};

use serde::{Deserialize, Serialize};

use super::fields;
use super::patterns;
use super::reader::Reader;
use super::shape::{At, Shape};
use crate::syntax::{self, Node};
use crate::text::Span;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// A call, by its number in the chunk.
    Call(u32),
    /// An assignment, by its number in the chunk.
    Assign(u32),
    /// The function ends here, by the number in [`Steps::returns`].
    Return(u32),
}

/// A step and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StepAt {
    /// What is done.
    pub step: Step,
    /// In which function; `None` at the top level.
    pub function: Option<u32>,
    /// The innermost branch of that function around it.
    pub branch: Option<u32>,
}

/// A part of a function that may run not at all, or several times.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Branch {
    /// How it runs.
    pub kind: BranchKind,
    /// The branch of the same function around it.
    pub parent: Option<u32>,
    /// The function.
    function: Option<u32>,
}

/// How a branch runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BranchKind {
    /// Once or not at all: `if`, `switch`, `catch`, `&&`.
    Maybe,
    /// Nobody knows how often.
    Loop,
    /// Once for each item: `for (const { path, router } of routes)`.
    Each {
        /// What is gone through.
        of: Shape,
        /// The names that hold the item: their declarations and the keys that lead to them.
        names: Vec<(u32, Vec<CompactString>)>,
    },
}

/// A field of a class, or a parameter of its constructor that becomes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// The class, by the number of the function that stands for it.
    pub class: u32,
    /// Its name.
    pub name: CompactString,
    /// What it is set to.
    pub value: Shape,
    /// It is a parameter of the constructor.
    pub parameter: bool,
    /// It belongs to the class itself, not to what the class makes.
    pub is_static: bool,
    /// The whole of it.
    pub at: At,
}

/// The steps of one chunk.
#[derive(Debug, Default, Hash, Serialize, Deserialize)]
pub struct Steps {
    /// In the order in which they are done, those of different functions mixed.
    pub order: Vec<StepAt>,
    /// Every branch.
    pub branches: Vec<Branch>,
    /// What functions return.
    pub returns: Vec<Shape>,
    /// Fields of classes, in source order.
    pub fields: Vec<Field>,
    /// Classes with what they extend, by the number of the function that stands for the class.
    pub bases: Vec<(u32, Shape)>,
    /// Parameters with what they are where nothing is given for them, by the number of their declaration.
    pub defaults: Vec<(u32, Shape)>,
}

/// What the first pass over a chunk leaves behind for the second.
#[derive(Default)]
pub(super) struct Seen<'t> {
    /// Parts that run not at all or several times: the place, and the branch.
    open: Vec<(Span, u32)>,
    branches: Vec<Branch>,
    loops: Vec<(u32, Node<'t>)>,
    /// Calls with the innermost branch around them, in the order of their numbers.
    calls: Vec<Option<u32>>,
    assigns: FxHashMap<(u32, u32), Option<u32>>,
    returns: Vec<(u32, Node<'t>, Option<u32>)>,
    fields: Vec<(u32, Node<'t>)>,
    bases: Vec<(u32, Node<'t>)>,
    defaults: Vec<(u32, Node<'t>)>,
    awaited: FxHashSet<u32>,
}

impl<'t> Seen<'t> {
    /// A node that decides whether its parts run, or how often.
    pub(super) fn branch(&mut self, node: Node<'t>, base: u32, function: Option<u32>) {
        let at = relative(node, base);
        let parent = self.around(at.start, function);
        let part = |seen: &mut Self, part: Option<Node<'t>>, kind: BranchKind| {
            let number = seen.branches.len() as u32;
            if let Some(part) = part {
                if kind == BranchKind::Loop && node.kind() == "for_in_statement" {
                    seen.loops.push((number, node));
                }
                seen.branches.push(Branch { kind, parent, function });
                seen.open.push((relative(part, base), number));
            }
        };
        match node.kind() {
            // The later part below, so that it outlasts the earlier one.
            "if_statement" | "ternary_expression" => {
                part(self, node.field("alternative"), BranchKind::Maybe);
                part(self, node.field("consequence"), BranchKind::Maybe);
            }
            "binary_expression" => part(self, node.field("right"), BranchKind::Maybe),
            "switch_case" | "switch_default" | "catch_clause" => part(self, Some(node), BranchKind::Maybe),
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => {
                part(self, node.field("body"), BranchKind::Loop);
            }
            _ => {}
        }
    }

    /// Everything that starts before `start` has been seen.
    pub(super) fn advance(&mut self, start: u32) {
        while self.open.last().is_some_and(|(span, _)| span.end <= start) {
            self.open.pop();
        }
    }

    fn around(&self, start: u32, function: Option<u32>) -> Option<u32> {
        self.open
            .iter()
            .rev()
            .find(|(span, number)| {
                span.start <= start
                    && start < span.end
                    && self.branches[*number as usize].function == function
            })
            .map(|&(_, number)| number)
    }

    /// A call.
    pub(super) fn call(&mut self, start: u32, function: Option<u32>) {
        let branch = self.around(start, function);
        self.calls.push(branch);
    }

    /// An assignment.
    pub(super) fn assign(&mut self, at: Span, function: Option<u32>) {
        let branch = self.around(at.start, function);
        self.assigns.insert((at.start, at.end), branch);
    }

    /// A `return`, or the value of an arrow function.
    pub(super) fn returned(&mut self, node: Node<'t>, base: u32, function: u32) {
        let branch = self.around(relative(node, base).start, Some(function));
        self.returns.push((function, node, branch));
    }

    /// An `await`.
    pub(super) fn awaited(&mut self, node: Node<'t>) {
        self.awaited.extend(node.named_child(0).map(|value| value.id()));
    }

    /// Whether somebody waits for a call.
    pub(super) fn is_awaited(&self, call: Node<'_>) -> bool {
        self.awaited.contains(&call.id())
    }

    /// A field of a class, or a parameter that becomes one.
    pub(super) fn field(&mut self, node: Node<'t>, class: u32) {
        self.fields.push((class, node));
    }

    /// What a parameter is where nothing is given for it, by its declaration.
    pub(super) fn defaulted(&mut self, node: Node<'t>, decl: u32) {
        self.defaults.push((decl, node));
    }

    /// A class, where it extends another.
    pub(super) fn class(&mut self, node: Node<'t>, number: u32) {
        let heritage = node.named_children().find(|it| it.kind() == "class_heritage");
        let extends = heritage.and_then(|it| it.named_child(0)).filter(|it| it.kind() == "extends_clause");
        self.bases.extend(extends.and_then(|it| it.field("value")).map(|base| (number, base)));
    }
}

fn relative(node: Node<'_>, base: u32) -> Span {
    let span = syntax::span(node);
    Span::new(span.start - base, span.end - base)
}

/// How many parameters a function has as its `length` counts them: up to the first with a default.
pub(super) fn length(parameters: Option<Node<'_>>) -> u32 {
    let Some(parameters) = parameters else { return 0 };
    if parameters.kind() != "formal_parameters" {
        return 1;
    }
    let mut length = 0;
    for parameter in parameters.named_children() {
        let pattern = parameter.field("pattern").unwrap_or(parameter);
        if parameter.kind() == "comment" || pattern.kind() == "this" {
            continue;
        }
        let rest = pattern.kind() == "rest_pattern";
        let default = parameter.field("value").is_some() || pattern.kind() == "assignment_pattern";
        if rest || default {
            break;
        }
        length += 1;
    }
    length
}

/// Fills the steps of a chunk. Everything else of it is known by now.
pub(super) fn fill(reader: &mut Reader<'_, '_>) {
    let seen = std::mem::take(&mut reader.steps);
    let mut steps = Steps { branches: seen.branches, ..Steps::default() };
    for (number, node) in seen.loops {
        steps.branches[number as usize].kind = each(reader, node).unwrap_or(BranchKind::Loop);
    }
    let mut order: Vec<(Span, StepAt)> = Vec::new();
    for (number, (call, branch)) in reader.facts.calls.iter().zip(seen.calls).enumerate() {
        let step = Step::Call(number as u32);
        order.push((call.at.0, StepAt { step, function: call.function, branch }));
    }
    for (number, assign) in reader.facts.assigns.iter().enumerate() {
        let at = assign.at.0;
        let branch = seen.assigns.get(&(at.start, at.end)).copied().flatten();
        let step = Step::Assign(number as u32);
        order.push((assign.at.0, StepAt { step, function: assign.function, branch }));
    }
    for (function, node, branch) in seen.returns {
        let value = if node.kind() == "return_statement" { node.named_child(0) } else { Some(node) };
        let step = Step::Return(steps.returns.len() as u32);
        steps.returns.push(value.map_or(Shape::Null, |value| reader.shape(value)));
        order.push((reader.at(node).0, StepAt { step, function: Some(function), branch }));
    }
    // Who ends first is done first; of those that end together the inner one.
    order.sort_by_key(|(at, it)| (at.end, std::cmp::Reverse(at.start), it.step));
    steps.order = order.into_iter().map(|(_, step)| step).collect();
    for (class, node) in seen.fields {
        let parameter = node.kind() != "public_field_definition";
        let is_static = fields::is_static(node);
        let name = node.field(if parameter { "pattern" } else { "name" });
        let Some(name) = name else { continue };
        let value = if parameter {
            reader.name(name)
        } else {
            node.field("value").map_or(Shape::Null, |value| reader.shape(value))
        };
        let (name, at) = (reader.text(name).to_compact_string(), reader.at(node));
        steps.fields.push(Field { class, name, value, parameter, is_static, at });
    }
    steps.bases = seen.bases.into_iter().map(|(class, base)| (class, reader.shape(base))).collect();
    steps.defaults = seen.defaults.into_iter().map(|(decl, value)| (decl, reader.shape(value))).collect();
    reader.facts.steps = steps;
}

/// `for (const item of items)`.
fn each(reader: &Reader<'_, '_>, node: Node<'_>) -> Option<BranchKind> {
    let operator = node.field("operator")?;
    if operator.kind() != "of" {
        return None;
    }
    let of = reader.shape(node.field("right")?);
    let body = reader.at(node.field("body")?).0;
    let mut paths = Vec::new();
    let left = node.field("left")?;
    reader.pattern_paths(left, &mut paths);
    let names = paths
        .into_iter()
        .filter_map(|(name, keys)| Some((reader.facts.local(reader.text(name), body.start)?, keys)))
        .collect();
    Some(BranchKind::Each { of, names })
}

impl<'t> Reader<'_, 't> {
    fn pattern_paths(&self, pattern: Node<'t>, out: &mut Vec<(Node<'t>, Vec<CompactString>)>) {
        patterns::pattern_paths(pattern, self.source(), &mut Vec::new(), out);
    }
}
