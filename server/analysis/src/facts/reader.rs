//! Reads the captured nodes of one chunk.

use std::hash::{Hash as _, Hasher as _};

use compact_str::{CompactString, ToCompactString as _};
use rustc_hash::{FxHashMap, FxHasher};

use super::chunk::ChunkFacts;
use super::elements;
use super::guards;
use super::kinds::FactKind;
use super::modules;
use super::shape::{At, Shape};
use super::steps::{self, Seen};
use super::touches;
use crate::syntax::{self, Node};
use crate::text::Span;

/// A condition, a choice or an assignment, while its chunk is read.
pub(super) struct Context<'t> {
    pub(super) node: Node<'t>,
    pub(super) parent: Option<u32>,
    pub(super) function: Option<u32>,
}

/// A call, while its chunk is read.
#[derive(Clone, Copy)]
pub(super) struct CallNode<'t> {
    pub(super) node: Node<'t>,
    pub(super) function: Option<u32>,
    /// The innermost context around it, of whichever function.
    pub(super) context: Option<u32>,
}

/// A scope that is open while the captured nodes are swept in order of their start.
#[derive(Clone, Copy)]
pub(super) struct Open {
    end: u32,
    pub(super) at: Span,
    pub(super) function: Option<u32>,
}

/// The state of reading one chunk.
pub(super) struct Reader<'a, 't> {
    pub(super) text: &'a str,
    pub(super) base: u32,
    pub(super) facts: ChunkFacts,
    pub(super) functions: FxHashMap<u32, u32>,
    pub(super) calls: FxHashMap<u32, u32>,
    pub(super) contexts: Vec<Context<'t>>,
    call_nodes: Vec<CallNode<'t>>,
    pub(super) decl_values: Vec<Option<(Node<'t>, Vec<CompactString>)>>,
    /// What functions return.
    pub(super) returns: Vec<(u32, Node<'t>)>,
    pub(super) steps: Seen<'t>,
    pub(super) elements: Vec<(Node<'t>, Option<u32>)>,
}

/// Reads the captured nodes of the chunk `root`, whose text starts at `root`'s first byte in `text`.
pub(crate) fn read<'t>(text: &str, root: Node<'t>, mut captured: Vec<(FactKind, Node<'t>)>) -> ChunkFacts {
    captured.sort_by_key(|(kind, node)| (node.start_byte(), std::cmp::Reverse(node.end_byte()), *kind));
    captured.dedup();
    let mut reader = Reader {
        text,
        base: root.start_byte() as u32,
        facts: ChunkFacts::default(),
        functions: FxHashMap::default(),
        calls: FxHashMap::default(),
        contexts: Vec::new(),
        call_nodes: Vec::new(),
        decl_values: Vec::new(),
        returns: Vec::new(),
        steps: Seen::default(),
        elements: Vec::new(),
    };
    reader.sweep(&captured);
    reader.fill(&captured);
    steps::fill(&mut reader);
    touches::fill(&mut reader, root);
    elements::fill(&mut reader);
    reader.facts.errors = errors(root, reader.base);
    reader.finish()
}

impl<'t> Reader<'_, 't> {
    pub(super) fn at(&self, node: Node<'_>) -> At {
        let span = syntax::span(node);
        At(Span::new(span.start - self.base, span.end - self.base))
    }

    /// The text of the whole file.
    pub(super) fn source(&self) -> &str {
        self.text
    }

    pub(super) fn text(&self, node: Node<'_>) -> &str {
        syntax::text_of(node, self.text)
    }

    /// First pass: who stands in which function and scope; names declared.
    fn sweep(&mut self, captured: &[(FactKind, Node<'t>)]) {
        let mut open: Vec<Open> = Vec::new();
        let mut open_contexts: Vec<(u32, u32)> = Vec::new();
        for &(kind, node) in captured {
            let span = self.at(node).0;
            while open.last().is_some_and(|scope| scope.end <= span.start) {
                open.pop();
            }
            while open_contexts.last().is_some_and(|&(end, _)| end <= span.start) {
                open_contexts.pop();
            }
            self.steps.advance(span.start);
            let scope = open.last().copied();
            let function = scope.and_then(|scope| scope.function);
            match kind {
                FactKind::Function | FactKind::Class => {
                    let number = self.function(kind, node, scope, function);
                    if kind == FactKind::Class {
                        self.steps.class(node, number);
                    }
                    open.push(Open { end: span.end, at: span, function: Some(number) });
                }
                FactKind::Block => {
                    self.steps.branch(node, self.base, function);
                    open.push(Open { end: span.end, at: span, function });
                    if node.kind() == "catch_clause" {
                        self.parameters(node.field("parameter"), span, None);
                    } else if node.kind() == "for_in_statement" {
                        self.parameters(node.field("left"), span, None);
                    }
                }
                FactKind::Declarator => self.declarator(node, scope, &open),
                FactKind::Call | FactKind::New => {
                    self.calls.insert(node.id(), self.call_nodes.len() as u32);
                    let context = open_contexts.last().map(|&(_, context)| context);
                    self.call_nodes.push(CallNode { node, function, context });
                    self.steps.call(span.start, function);
                }
                FactKind::Context => {
                    let number = self.contexts.len() as u32;
                    let parent = open_contexts.last().map(|&(_, parent)| parent);
                    self.contexts.push(Context { node, parent, function });
                    if node.kind().ends_with("assignment_expression") {
                        self.steps.assign(span, function);
                    } else {
                        self.steps.branch(node, self.base, function);
                    }
                    open_contexts.push((span.end, number));
                }
                FactKind::Await => {
                    self.steps.awaited(node);
                    if let Some(function) = function {
                        self.facts.functions[function as usize].awaits = true;
                    }
                }
                FactKind::Return => {
                    self.returns.extend(function.zip(node.named_child(0)));
                    if let Some(function) = function {
                        self.steps.returned(node, self.base, function);
                    }
                }
                FactKind::Branch => self.steps.branch(node, self.base, function),
                FactKind::Field => self.field(node, function),
                FactKind::Element => elements::note(self, node, function),
                FactKind::Import | FactKind::Export | FactKind::Comment => {}
            }
        }
        self.facts.sort_names();
    }

    /// Second pass: with every function, call and name known, shapes can be read.
    fn fill(&mut self, captured: &[(FactKind, Node<'t>)]) {
        self.values();
        let calls = std::mem::take(&mut self.call_nodes);
        self.called(&calls);
        for (function, value) in std::mem::take(&mut self.returns) {
            let shape = self.shape(value);
            let function = &mut self.facts.functions[function as usize];
            if let Shape::Call(call) = shape {
                function.returned.push(call);
            }
            function.gives.push(shape);
        }
        for &(kind, node) in captured {
            match kind {
                FactKind::Import => {
                    let mut imports = std::mem::take(&mut self.facts.imports);
                    modules::import(self, node, &mut imports);
                    self.facts.imports = imports;
                }
                FactKind::Export => {
                    let mut imports = std::mem::take(&mut self.facts.imports);
                    let mut exports = std::mem::take(&mut self.facts.exports);
                    modules::export(self, node, &mut exports, &mut imports);
                    self.facts.imports = imports;
                    self.facts.exports = exports;
                }
                FactKind::Comment => {
                    let entry = (self.at(node), self.text(node).to_compact_string());
                    self.facts.comments.push(entry);
                }
                _ => {}
            }
        }
        self.assignments();
        self.name_functions();
        guards::fill(self, &calls);
    }

    fn finish(mut self) -> ChunkFacts {
        let facts = &mut self.facts;
        facts.calls.iter_mut().for_each(|call| call.guards.dedup());
        let mut hasher = FxHasher::default();
        // This hasher does not see zeros at the start, such as the lengths of empty lists.
        1u32.hash(&mut hasher);
        facts.imports.hash(&mut hasher);
        facts.exports.hash(&mut hasher);
        facts.stand_ins.hash(&mut hasher);
        facts.functions.hash(&mut hasher);
        facts.calls.hash(&mut hasher);
        facts.decls.hash(&mut hasher);
        facts.assigns.hash(&mut hasher);
        facts.reads.hash(&mut hasher);
        facts.fields.hash(&mut hasher);
        facts.writes.hash(&mut hasher);
        facts.taken.hash(&mut hasher);
        facts.steps.hash(&mut hasher);
        facts.elements.hash(&mut hasher);
        facts.errors.is_empty().hash(&mut hasher);
        facts.summary = hasher.finish();
        facts.names = names(facts);
        facts.shrink();
        self.facts
    }
}

/// A hash of what the file's index of names says of a chunk, numbers included.
fn names(facts: &ChunkFacts) -> u64 {
    let mut hasher = FxHasher::default();
    (facts.functions.len() + 1).hash(&mut hasher);
    for (number, function) in facts.functions.iter().enumerate() {
        if function.use_server {
            number.hash(&mut hasher);
        }
    }
    let declared = facts.decls.iter().enumerate().filter(|(_, decl)| decl.scope.is_none());
    for (number, decl) in declared {
        (number, &decl.name).hash(&mut hasher);
    }
    facts.imports.hash(&mut hasher);
    facts.exports.len().hash(&mut hasher);
    for export in &facts.exports {
        (&export.name, &export.into).hash(&mut hasher);
    }
    facts.stand_ins.hash(&mut hasher);
    hasher.finish()
}

/// The places of syntax errors, the outermost ones.
fn errors(root: Node<'_>, base: u32) -> Vec<Span> {
    let mut out = Vec::new();
    if !root.has_error() {
        return out;
    }
    let mut walk = root.walk();
    while let Some(node) = walk.next() {
        let bad = node.is_error() || node.is_missing();
        if bad {
            let span = syntax::span(node);
            out.push(Span::new(span.start - base, span.end - base));
        }
        if bad || !node.has_error() {
            walk.pass();
        }
    }
    out
}
