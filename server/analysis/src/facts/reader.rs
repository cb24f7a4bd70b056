//! Reads the captured nodes of one chunk.

use std::hash::{Hash as _, Hasher as _};

use compact_str::{CompactString, ToCompactString as _};
use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::Node;

use super::chunk::{Assign, Call, ChunkFacts, Decl, Function, FunctionKind, Parameter};
use super::elements;
use super::guards;
use super::modules::{self, Imported, loaded_module};
use super::patterns;
use super::shape::{At, Shape};
use super::steps::{self, Seen};
use super::touches;
use crate::syntax::{self, Fields as _};
use crate::text::Span;

/// What a fact pattern captures: the closed vocabulary of `queries/facts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactKind {
    Import,
    Export,
    Function,
    Class,
    Block,
    Declarator,
    Call,
    New,
    Context,
    Await,
    Return,
    Branch,
    Field,
    Element,
    Comment,
}

impl FactKind {
    /// Every capture name that a fact pattern may use.
    pub(crate) const NAMES: &'static [(&'static str, FactKind)] = &[
        ("import", FactKind::Import),
        ("export", FactKind::Export),
        ("function", FactKind::Function),
        ("class", FactKind::Class),
        ("block", FactKind::Block),
        ("declarator", FactKind::Declarator),
        ("call", FactKind::Call),
        ("new", FactKind::New),
        ("context", FactKind::Context),
        ("await", FactKind::Await),
        ("return", FactKind::Return),
        ("branch", FactKind::Branch),
        ("field", FactKind::Field),
        ("element", FactKind::Element),
        ("comment", FactKind::Comment),
    ];
}

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
struct Open {
    end: u32,
    at: Span,
    function: Option<u32>,
}

/// The state of reading one chunk.
pub(super) struct Reader<'a, 't> {
    text: &'a str,
    base: u32,
    pub(super) facts: ChunkFacts,
    pub(super) functions: FxHashMap<usize, u32>,
    pub(super) calls: FxHashMap<usize, u32>,
    pub(super) contexts: Vec<Context<'t>>,
    call_nodes: Vec<CallNode<'t>>,
    decl_values: Vec<Option<(Node<'t>, Vec<CompactString>)>>,
    /// What functions return.
    returns: Vec<(u32, Node<'t>)>,
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
        for (number, decl) in self.facts.decls.iter().enumerate() {
            self.facts.by_name.entry(decl.name.clone()).or_default().push(number as u32);
        }
    }

    fn function(&mut self, kind: FactKind, node: Node<'t>, scope: Option<Open>, parent: Option<u32>) -> u32 {
        let number = self.facts.functions.len() as u32;
        let at = self.at(node);
        self.functions.insert(node.id(), number);
        let name = node.field("name");
        let is_method = node.kind() == "method_definition";
        let mut text = name.map(|name| self.text(name).to_compact_string());
        let class = parent.map(|parent| &self.facts.functions[parent as usize]);
        if let (true, Some(method), Some(class)) = (is_method, &text, class)
            && let (FunctionKind::Class, Some(class)) = (class.kind, &class.name)
        {
            text = Some(format!("{class}.{method}").into());
        }
        let kind = match kind {
            FactKind::Class => FunctionKind::Class,
            _ if is_method => FunctionKind::Method,
            _ => FunctionKind::Plain,
        };
        let body = node.field("body");
        let head_end = body.map_or(at.0.end, |body| self.at(body).0.start);
        let head = name.map_or(At(Span::new(at.0.start, head_end)), |name| self.at(name));
        // `() => value`.
        let value = body.filter(|body| node.kind() == "arrow_function" && body.kind() != "statement_block");
        if let Some(value) = value {
            self.returns.push((number, value));
            self.steps.returned(value, self.base, number);
        }
        let use_server = body.is_some_and(|body| self.directive(body) == Some("use server"));
        self.facts.functions.push(Function {
            name: text,
            kind,
            at,
            head,
            parent,
            argument_of: None,
            use_server,
            is_async: is_async(node),
            length: steps::length(node.field("parameters").or_else(|| node.field("parameter"))),
            awaits: false,
            returned: Vec::new(),
            gives: Vec::new(),
            never_returns: crate::form::never_comes_back(node, self.text),
            unguarded: crate::form::express::unguarded(node, self.text)
                .map(|calls| calls.into_iter().map(|call| self.at(call)).collect()),
            broken: node.has_error(),
        });
        if let (Some(name), false) = (name, is_method) {
            // A declaration is known around itself, an expression inside itself only.
            let declares = node.kind().ends_with("_declaration");
            let scope = if declares { scope.map(|scope| At(scope.at)) } else { Some(at) };
            let shape =
                if kind == FunctionKind::Class { Shape::Class(number) } else { Shape::Function(number) };
            self.decl(name, scope, None, shape);
        }
        let parameters = node.field("parameters").or_else(|| node.field("parameter"));
        self.parameters(parameters, at.0, Some(number));
        number
    }

    /// A field of a class, or a parameter of its constructor that becomes one.
    fn field(&mut self, node: Node<'t>, function: Option<u32>) {
        let is_class = |number: u32| self.facts.functions[number as usize].kind == FunctionKind::Class;
        let class = match function {
            Some(number) if !is_class(number) => self.facts.functions[number as usize].parent,
            other => other,
        };
        if let Some(class) = class.filter(|class| is_class(*class)) {
            self.steps.field(node, class);
        }
    }

    fn parameters(&mut self, node: Option<Node<'t>>, scope: Span, parameter_of: Option<u32>) {
        let Some(node) = node else { return };
        let mut cursor = node.walk();
        let list: Vec<Node<'t>> = if node.kind() == "formal_parameters" {
            node.named_children(&mut cursor).collect()
        } else {
            vec![node]
        };
        let list = list.into_iter().filter(|parameter| parameter.kind() != "comment");
        for (position, parameter) in list.enumerate() {
            let annotation = parameter.field("type");
            let pattern = parameter.field("pattern").unwrap_or(parameter);
            let default = parameter.field("value");
            let mut names = Vec::new();
            patterns::pattern_paths(pattern, self.text, &mut Vec::new(), &mut names);
            for (name, keys) in names {
                let whole = keys.is_empty();
                let parameter = parameter_of.map(|of| Parameter { of, position: position as u32, keys });
                let number = self.decl(name, Some(At(scope)), parameter, Shape::Other);
                if let Some(default) = default.filter(|_| whole && parameter_of.is_some()) {
                    self.steps.defaulted(default, number as u32);
                }
                if let Some(annotation) = annotation {
                    let text = self.text(annotation).trim_start_matches(':').trim().to_compact_string();
                    self.facts.decls[number].annotation = Some(text);
                }
            }
        }
    }

    fn decl(
        &mut self,
        name: Node<'t>,
        scope: Option<At>,
        parameter: Option<Parameter>,
        value: Shape,
    ) -> usize {
        self.facts.decls.push(Decl {
            name: self.text(name).to_compact_string(),
            at: self.at(name),
            scope,
            parameter,
            value,
            annotation: None,
        });
        self.decl_values.push(None);
        self.facts.decls.len() - 1
    }

    fn declarator(&mut self, node: Node<'t>, scope: Option<Open>, open: &[Open]) {
        let Some(pattern) = node.field("name") else { return };
        let is_var = node.parent().is_some_and(|list| list.kind() == "variable_declaration");
        let scope = if is_var {
            // `var` is known in the whole function.
            let function = scope.and_then(|scope| scope.function);
            open.iter().find(|scope| function.is_some() && scope.function == function).copied()
        } else {
            scope
        };
        let value = node.field("value");
        let annotation =
            node.field("type").map(|kind| self.text(kind).trim_start_matches(':').trim().to_compact_string());
        let mut names = Vec::new();
        patterns::pattern_paths(pattern, self.text, &mut Vec::new(), &mut names);
        for (name, path) in names {
            let number = self.decl(name, scope.map(|scope| At(scope.at)), None, Shape::Other);
            self.facts.decls[number].annotation.clone_from(&annotation);
            self.decl_values[number] = value.map(|value| (value, path));
        }
    }

    /// Second pass: with every function, call and name known, shapes can be read.
    fn fill(&mut self, captured: &[(FactKind, Node<'t>)]) {
        for number in 0..self.facts.decls.len() {
            let Some((value, path)) = self.decl_values[number].take() else { continue };
            let shape = path.into_iter().fold(self.shape(value), |shape, key| match shape.get(&key) {
                Some(inner) => inner.clone(),
                None => Shape::Member(Box::new(shape), key),
            });
            self.facts.decls[number].value = shape;
        }
        let calls = std::mem::take(&mut self.call_nodes);
        for &CallNode { node, function, .. } in &calls {
            let is_new = node.kind() == "new_expression";
            let callee = node.field(if is_new { "constructor" } else { "function" });
            // The grammar puts `await f<T>(x)`'s await inside the call.
            let callee = callee.map(|callee| match callee.kind() {
                "await_expression" => callee.named_child(0).unwrap_or(callee),
                _ => callee,
            });
            let at = self.at(node);
            let head_end = callee.map_or(at.0.end, |callee| self.at(callee).0.end);
            let arguments = node.field("arguments");
            let args = self.arguments(arguments, self.facts.calls.len() as u32);
            let args_at = self.argument_places(arguments);
            self.facts.call_at.insert((at.0.start, at.0.end), self.facts.calls.len() as u32);
            let callee = callee.map_or(Shape::Other, |callee| self.shape(callee));
            self.dynamic_import(node, &callee, &args);
            self.facts.calls.push(Call {
                at,
                head: At(Span::new(at.0.start, head_end)),
                callee,
                is_new,
                awaited: self.steps.is_awaited(node) || is_awaited_itself(node),
                args,
                args_at,
                function,
                guards: Vec::new(),
            });
        }
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

    fn arguments(&mut self, node: Option<Node<'t>>, call: u32) -> Vec<Shape> {
        let Some(node) = node else { return Vec::new() };
        let mut cursor = node.walk();
        let nodes: Vec<_> =
            node.named_children(&mut cursor).filter(|argument| argument.kind() != "comment").collect();
        nodes
            .into_iter()
            .map(|argument| {
                let shape = self.shape(argument);
                if let Shape::Function(number) = shape {
                    self.facts.functions[number as usize].argument_of = Some(call);
                }
                shape
            })
            .collect()
    }

    fn argument_places(&self, node: Option<Node<'_>>) -> Vec<At> {
        let Some(node) = node else { return Vec::new() };
        let mut cursor = node.walk();
        let arguments = node.named_children(&mut cursor).filter(|argument| argument.kind() != "comment");
        arguments.map(|argument| self.at(argument)).collect()
    }

    /// `require("m")` and `import("m")` are imports; the name is that of the variable they initialise.
    fn dynamic_import(&mut self, node: Node<'t>, callee: &Shape, args: &[Shape]) {
        let Some(specifier) = loaded_module(callee, args) else { return };
        self.facts.imports.push(modules::Import {
            at: self.at(node),
            local: None,
            imported: Imported::Nothing,
            specifier: specifier.into(),
            type_only: false,
            dynamic: true,
        });
    }

    /// Assignments, and the exports among them.
    fn assignments(&mut self) {
        for number in 0..self.contexts.len() {
            let Context { node, function, parent, .. } = self.contexts[number];
            if !node.kind().ends_with("assignment_expression") {
                continue;
            }
            let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
                continue;
            };
            let assign = Assign {
                at: self.at(node),
                left: self.shape(left),
                right: self.shape(right),
                function,
                env_only: self.under_environment(parent, node),
            };
            modules::assigned(&assign, self.at(left), &mut self.facts.exports);
            self.facts.assigns.push(assign);
        }
    }

    fn under_environment(&self, parent: Option<u32>, inner: Node<'t>) -> bool {
        let mut at = parent;
        while let Some(number) = at {
            let context = &self.contexts[number as usize];
            let condition = match context.node.kind() {
                "if_statement" => context.node.field("condition"),
                "binary_expression" => context.node.field("left"),
                _ => None,
            };
            if let Some(condition) = condition
                && condition.end_byte() <= inner.start_byte()
                && self.text(condition).contains("NODE_ENV")
            {
                return true;
            }
            at = context.parent;
        }
        false
    }

    /// A function takes the name of what holds it: a variable, a key, an assignment's left side.
    fn name_functions(&mut self) {
        let mut names: Vec<(u32, CompactString)> = Vec::new();
        for decl in &self.facts.decls {
            held(&decl.value, &decl.name, &self.facts.calls, &mut names, 0);
        }
        for assign in &self.facts.assigns {
            if let Some(name) = assign.left.last() {
                held(&assign.right, name, &self.facts.calls, &mut names, 0);
            }
        }
        for (number, name) in names {
            let function = &mut self.facts.functions[number as usize];
            if function.name.is_none() {
                function.name = Some(name);
            }
        }
    }

    /// The directive a body starts with.
    fn directive(&self, body: Node<'t>) -> Option<&str> {
        let first = body.named_child(0)?;
        (first.kind() == "expression_statement")
            .then(|| first.named_child(0))
            .flatten()
            .filter(|string| string.kind() == "string")
            .map(|string| self.text(string).trim_matches(['"', '\'']))
    }

    fn finish(mut self) -> ChunkFacts {
        let facts = &mut self.facts;
        facts.calls.iter_mut().for_each(|call| call.guards.dedup());
        let mut hasher = FxHasher::default();
        // This hasher does not see zeros at the start, such as the lengths of empty lists.
        1u32.hash(&mut hasher);
        facts.imports.hash(&mut hasher);
        facts.exports.hash(&mut hasher);
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
        self.facts
    }
}

/// A hash of what the file's index of names says of a chunk, numbers included.
fn names(facts: &ChunkFacts) -> u64 {
    let mut hasher = FxHasher::default();
    (facts.functions.len() + 1).hash(&mut hasher);
    let declared = facts.decls.iter().enumerate().filter(|(_, decl)| decl.scope.is_none());
    for (number, decl) in declared {
        (number, &decl.name).hash(&mut hasher);
    }
    facts.imports.hash(&mut hasher);
    facts.exports.len().hash(&mut hasher);
    for export in &facts.exports {
        export.name.hash(&mut hasher);
    }
    hasher.finish()
}

/// `await f<T>(x)` is read by the grammar as a call of `await f`.
pub(super) fn is_awaited_itself(call: Node<'_>) -> bool {
    call.field("function").is_some_and(|callee| callee.kind() == "await_expression")
}

fn is_async(function: Node<'_>) -> bool {
    let mut cursor = function.walk();
    function
        .children(&mut cursor)
        .take_while(|child| {
            !child.is_named()
                || child.kind() == "accessibility_modifier"
                || child.kind() == "override_modifier"
        })
        .any(|child| child.kind() == "async")
}

fn held(shape: &Shape, name: &str, calls: &[Call], out: &mut Vec<(u32, CompactString)>, depth: u32) {
    if depth > 4 {
        return;
    }
    match shape {
        Shape::Function(number) => out.push((*number, name.into())),
        Shape::Await(inner) => held(inner, name, calls, out, depth + 1),
        Shape::Call(call) => {
            let Some(call) = calls.get(*call as usize) else { return };
            for argument in &call.args {
                if matches!(argument, Shape::Function(_) | Shape::Call(_)) {
                    held(argument, name, calls, out, depth + 1);
                }
            }
        }
        Shape::Object(entries) => {
            for (key, value) in entries {
                held(value, key, calls, out, depth + 1);
            }
        }
        _ => {}
    }
}

/// The places of syntax errors, the outermost ones.
fn errors(root: Node<'_>, base: u32) -> Vec<Span> {
    let mut out = Vec::new();
    if !root.has_error() {
        return out;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        let bad = node.is_error() || node.is_missing();
        if bad {
            let span = syntax::span(node);
            out.push(Span::new(span.start - base, span.end - base));
        }
        if !bad && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}
