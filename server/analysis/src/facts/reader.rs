//! Reads the captured nodes of one chunk.

use std::hash::{Hash as _, Hasher as _};

use compact_str::{CompactString, ToCompactString as _};
use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::Node;

use super::chunk::{Assign, Call, ChunkFacts, Decl, Function, FunctionKind};
use super::guards;
use super::modules::{self, Imported};
use super::shape::{At, Name, Shape};
use crate::syntax;
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
        ("comment", FactKind::Comment),
    ];
}

/// Deeper expressions are `Other`: no one reads them either.
const DEEPEST: u32 = 48;

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
    functions: FxHashMap<usize, u32>,
    calls: FxHashMap<usize, u32>,
    pub(super) contexts: Vec<Context<'t>>,
    call_nodes: Vec<CallNode<'t>>,
    decl_values: Vec<Option<(Node<'t>, Vec<CompactString>)>>,
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
    };
    reader.sweep(&captured);
    reader.fill(&captured);
    reader.facts.errors = errors(root, reader.base);
    reader.finish()
}

impl<'t> Reader<'_, 't> {
    pub(super) fn at(&self, node: Node<'_>) -> At {
        let span = syntax::span(node);
        At(Span::new(span.start - self.base, span.end - self.base))
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
            let scope = open.last().copied();
            let function = scope.and_then(|scope| scope.function);
            match kind {
                FactKind::Function | FactKind::Class => {
                    let number = self.function(kind, node, scope, function);
                    open.push(Open { end: span.end, at: span, function: Some(number) });
                }
                FactKind::Block => {
                    open.push(Open { end: span.end, at: span, function });
                    if node.kind() == "catch_clause" {
                        self.parameters(node.child_by_field_name("parameter"), span, None);
                    } else if node.kind() == "for_in_statement" {
                        self.parameters(node.child_by_field_name("left"), span, None);
                    }
                }
                FactKind::Declarator => self.declarator(node, scope, &open),
                FactKind::Call | FactKind::New => {
                    self.calls.insert(node.id(), self.call_nodes.len() as u32);
                    let context = open_contexts.last().map(|&(_, context)| context);
                    self.call_nodes.push(CallNode { node, function, context });
                }
                FactKind::Context => {
                    let number = self.contexts.len() as u32;
                    let parent = open_contexts.last().map(|&(_, parent)| parent);
                    self.contexts.push(Context { node, parent, function });
                    open_contexts.push((span.end, number));
                }
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
        let name = node.child_by_field_name("name");
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
        let body = node.child_by_field_name("body");
        let head_end = body.map_or(at.0.end, |body| self.at(body).0.start);
        let head = name.map_or(At(Span::new(at.0.start, head_end)), |name| self.at(name));
        let use_server = body.is_some_and(|body| self.directive(body) == Some("use server"));
        self.facts.functions.push(Function {
            name: text,
            kind,
            at,
            head,
            parent,
            argument_of: None,
            use_server,
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
        let parameters =
            node.child_by_field_name("parameters").or_else(|| node.child_by_field_name("parameter"));
        self.parameters(parameters, at.0, Some(number));
        number
    }

    fn parameters(&mut self, node: Option<Node<'t>>, scope: Span, parameter_of: Option<u32>) {
        let Some(node) = node else { return };
        let mut cursor = node.walk();
        let list: Vec<Node<'t>> = if node.kind() == "formal_parameters" {
            node.named_children(&mut cursor).collect()
        } else {
            vec![node]
        };
        for parameter in list {
            let annotation = parameter.child_by_field_name("type");
            let pattern = parameter.child_by_field_name("pattern").unwrap_or(parameter);
            let mut names = Vec::new();
            pattern_names(pattern, &mut names);
            for name in names {
                let number = self.decl(name, Some(At(scope)), parameter_of, Shape::Other);
                if let Some(annotation) = annotation {
                    let text = self.text(annotation).trim_start_matches(':').trim().to_compact_string();
                    self.facts.decls[number].annotation = Some(text);
                }
            }
        }
    }

    fn decl(&mut self, name: Node<'t>, scope: Option<At>, parameter_of: Option<u32>, value: Shape) -> usize {
        self.facts.decls.push(Decl {
            name: self.text(name).to_compact_string(),
            at: self.at(name),
            scope,
            parameter_of,
            value,
            annotation: None,
        });
        self.decl_values.push(None);
        self.facts.decls.len() - 1
    }

    fn declarator(&mut self, node: Node<'t>, scope: Option<Open>, open: &[Open]) {
        let Some(pattern) = node.child_by_field_name("name") else { return };
        let is_var = node.parent().is_some_and(|list| list.kind() == "variable_declaration");
        let scope = if is_var {
            // `var` is known in the whole function.
            let function = scope.and_then(|scope| scope.function);
            open.iter().find(|scope| function.is_some() && scope.function == function).copied()
        } else {
            scope
        };
        let value = node.child_by_field_name("value");
        let annotation = node
            .child_by_field_name("type")
            .map(|kind| self.text(kind).trim_start_matches(':').trim().to_compact_string());
        let mut names = Vec::new();
        pattern_paths(pattern, self.text, &mut Vec::new(), &mut names);
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
            let callee = node.child_by_field_name(if is_new { "constructor" } else { "function" });
            // The grammar puts `await f<T>(x)`'s await inside the call.
            let callee = callee.map(|callee| match callee.kind() {
                "await_expression" => callee.named_child(0).unwrap_or(callee),
                _ => callee,
            });
            let at = self.at(node);
            let head_end = callee.map_or(at.0.end, |callee| self.at(callee).0.end);
            let arguments = node.child_by_field_name("arguments");
            let args = self.arguments(arguments, self.facts.calls.len() as u32);
            self.facts.call_at.insert((at.0.start, at.0.end), self.facts.calls.len() as u32);
            let callee = callee.map_or(Shape::Other, |callee| self.shape(callee));
            self.dynamic_import(node, &callee, &args);
            self.facts.calls.push(Call {
                at,
                head: At(Span::new(at.0.start, head_end)),
                callee,
                is_new,
                args,
                function,
                guards: Vec::new(),
            });
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
            let (Some(left), Some(right)) =
                (node.child_by_field_name("left"), node.child_by_field_name("right"))
            else {
                continue;
            };
            let assign = Assign {
                at: self.at(node),
                left: self.shape(left),
                right: self.shape(right),
                function,
                env_only: self.under_environment(parent, node),
            };
            modules_exports(&assign, self.at(left), &mut self.facts.exports);
            self.facts.assigns.push(assign);
        }
    }

    fn under_environment(&self, parent: Option<u32>, inner: Node<'t>) -> bool {
        let mut at = parent;
        while let Some(number) = at {
            let context = &self.contexts[number as usize];
            let condition = match context.node.kind() {
                "if_statement" => context.node.child_by_field_name("condition"),
                "binary_expression" => context.node.child_by_field_name("left"),
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
        facts.imports.hash(&mut hasher);
        facts.exports.hash(&mut hasher);
        facts.functions.hash(&mut hasher);
        facts.calls.hash(&mut hasher);
        facts.decls.hash(&mut hasher);
        facts.assigns.hash(&mut hasher);
        facts.summary = hasher.finish();
        self.facts
    }

    /// A name, bound as far as this chunk can say.
    pub(super) fn name(&self, node: Node<'_>) -> Shape {
        let text = self.text(node);
        if text == "undefined" {
            return Shape::Null;
        }
        let local = self.facts.local(text, self.at(node).0.start);
        Shape::Name(Name { text: text.into(), local })
    }

    /// The form of an expression.
    pub(super) fn shape(&self, node: Node<'_>) -> Shape {
        self.shape_at(node, 0)
    }

    fn shape_at(&self, node: Node<'_>, depth: u32) -> Shape {
        if depth > DEEPEST {
            return Shape::Other;
        }
        let inner = |node: Option<Node<'_>>| node.map_or(Shape::Other, |node| self.shape_at(node, depth + 1));
        match node.kind() {
            "identifier" | "shorthand_property_identifier" | "type_identifier" | "undefined" => {
                self.name(node)
            }
            "import" => Shape::Name(Name { text: "import".into(), local: None }),
            "this" => Shape::This,
            "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression" => {
                inner(node.named_child(0))
            }
            "type_assertion" => inner(node.named_child(node.named_child_count().saturating_sub(1) as u32)),
            "instantiation_expression" | "spread_element" => inner(node.named_child(0)),
            "await_expression" => Shape::Await(Box::new(inner(node.named_child(0)))),
            "call_expression" | "new_expression" => match self.calls.get(&node.id()) {
                Some(&number) if is_misparsed_await(node) => Shape::Await(Box::new(Shape::Call(number))),
                Some(&number) => Shape::Call(number),
                None => Shape::Other,
            },
            "member_expression" => {
                let property =
                    node.child_by_field_name("property").map(|name| self.text(name)).unwrap_or_default();
                Shape::Member(Box::new(inner(node.child_by_field_name("object"))), property.into())
            }
            "subscript_expression" => match inner(node.child_by_field_name("index")) {
                Shape::Text(key) => Shape::Member(Box::new(inner(node.child_by_field_name("object"))), key),
                // A computed key: the same place each time as far as anyone can tell.
                _ => Shape::Member(Box::new(inner(node.child_by_field_name("object"))), "[]".into()),
            },
            "string" => Shape::Text(unquoted(self.text(node))),
            "template_string" if node.named_child_count() == 0 || !has_holes(node) => {
                Shape::Text(unquoted(self.text(node)))
            }
            "number" => Shape::Number(self.text(node).into()),
            "true" => Shape::Bool(true),
            "false" => Shape::Bool(false),
            "null" => Shape::Null,
            "object" => self.object(node, depth),
            "array" => {
                let mut cursor = node.walk();
                Shape::Array(
                    node.named_children(&mut cursor).map(|item| self.shape_at(item, depth + 1)).collect(),
                )
            }
            "ternary_expression" => Shape::Either(vec![
                inner(node.child_by_field_name("consequence")),
                inner(node.child_by_field_name("alternative")),
            ]),
            "binary_expression" => self.binary(node, depth),
            "assignment_expression" | "augmented_assignment_expression" => {
                inner(node.child_by_field_name("right"))
            }
            _ => match self.functions.get(&node.id()) {
                Some(&number) if self.facts.functions[number as usize].kind == FunctionKind::Class => {
                    Shape::Class(number)
                }
                Some(&number) => Shape::Function(number),
                None => Shape::Other,
            },
        }
    }

    fn binary(&self, node: Node<'_>, depth: u32) -> Shape {
        let operator = node.child_by_field_name("operator").map(|operator| operator.kind());
        if !matches!(operator, Some("??" | "||" | "&&")) {
            return Shape::Other;
        }
        let mut sides = Vec::new();
        for side in ["left", "right"] {
            match node.child_by_field_name(side).map(|side| self.shape_at(side, depth + 1)) {
                Some(Shape::Either(inner)) => sides.extend(inner),
                Some(shape) => sides.push(shape),
                None => {}
            }
        }
        Shape::Either(sides)
    }

    fn object(&self, node: Node<'_>, depth: u32) -> Shape {
        let mut entries = Vec::new();
        let mut cursor = node.walk();
        for entry in node.named_children(&mut cursor) {
            match entry.kind() {
                "pair" => {
                    let (Some(key), Some(value)) =
                        (entry.child_by_field_name("key"), entry.child_by_field_name("value"))
                    else {
                        continue;
                    };
                    entries.push((unquoted(self.text(key)), self.shape_at(value, depth + 1)));
                }
                "shorthand_property_identifier" => entries.push((self.text(entry).into(), self.name(entry))),
                "method_definition" => {
                    let name =
                        entry.child_by_field_name("name").map(|name| self.text(name)).unwrap_or_default();
                    entries.push((unquoted(name), self.shape_at(entry, depth + 1)));
                }
                "spread_element" => entries.push(("...".into(), self.shape_at(entry, depth + 1))),
                _ => {}
            }
        }
        Shape::Object(entries)
    }
}

/// The module that `require("m")` or `import("m")` loads.
pub(crate) fn loaded_module<'s>(callee: &Shape, args: &'s [Shape]) -> Option<&'s str> {
    match callee {
        Shape::Name(name) if name.local.is_none() && matches!(&*name.text, "require" | "import") => {
            args.first().and_then(Shape::text)
        }
        _ => None,
    }
}

/// `module.exports = …`, `module.exports.x = …`, `exports.x = …`.
fn modules_exports(assign: &Assign, at: At, out: &mut Vec<modules::Export>) {
    if assign.function.is_some() {
        return;
    }
    let Some(path) = assign.left.dotted() else { return };
    let mut push = |name: &str, shape: &Shape| {
        let exported = modules::Exported::Value(shape.clone());
        out.push(modules::Export { name: name.into(), at, exported, type_only: false });
    };
    match path.strip_prefix("module.exports").or_else(|| path.strip_prefix("exports")) {
        Some("") if path == "module.exports" => {
            push("default", &assign.right);
            if let Shape::Object(entries) = &assign.right {
                for (name, shape) in entries.iter().filter(|(name, _)| name != "...") {
                    push(name, shape);
                }
            }
        }
        Some(member) => match member.strip_prefix('.') {
            Some(name) if !name.contains('.') => push(name, &assign.right),
            _ => {}
        },
        None => {}
    }
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

/// `await f<T>(x)` is read by the grammar as a call of `await f`.
pub(super) fn is_misparsed_await(call: Node<'_>) -> bool {
    call.child_by_field_name("function").is_some_and(|callee| callee.kind() == "await_expression")
}

fn has_holes(template: Node<'_>) -> bool {
    let mut cursor = template.walk();
    template.named_children(&mut cursor).any(|part| part.kind() == "template_substitution")
}

fn unquoted(text: &str) -> CompactString {
    let quoted = text.len() >= 2 && text.starts_with(['"', '\'', '`']) && text.ends_with(['"', '\'', '`']);
    if quoted { text[1..text.len() - 1].into() } else { text.into() }
}

/// Every name a pattern binds.
pub(super) fn pattern_names<'t>(pattern: Node<'t>, out: &mut Vec<Node<'t>>) {
    match pattern.kind() {
        "identifier" | "shorthand_property_identifier_pattern" => out.push(pattern),
        "pair_pattern" => {
            if let Some(value) = pattern.child_by_field_name("value") {
                pattern_names(value, out);
            }
        }
        "object_assignment_pattern" | "assignment_pattern" => {
            if let Some(left) = pattern.child_by_field_name("left") {
                pattern_names(left, out);
            }
        }
        "object_pattern" | "array_pattern" | "rest_pattern" | "required_parameter" | "optional_parameter" => {
            if let Some(inner) = pattern.child_by_field_name("pattern") {
                pattern_names(inner, out);
                return;
            }
            let mut cursor = pattern.walk();
            for child in pattern.named_children(&mut cursor) {
                pattern_names(child, out);
            }
        }
        _ => {}
    }
}

/// Every name a pattern binds, with the keys that lead to its value; a name whose way is not by keys alone
/// (arrays, rest) has the key `?`.
fn pattern_paths<'t>(
    pattern: Node<'t>,
    text: &str,
    path: &mut Vec<CompactString>,
    out: &mut Vec<(Node<'t>, Vec<CompactString>)>,
) {
    let mut with = |key: CompactString, inner: Node<'t>, out: &mut Vec<_>| {
        path.push(key);
        pattern_paths(inner, text, path, out);
        path.pop();
    };
    match pattern.kind() {
        "identifier" => out.push((pattern, path.clone())),
        "shorthand_property_identifier_pattern" => {
            let mut keys = path.clone();
            keys.push(syntax::text_of(pattern, text).into());
            out.push((pattern, keys));
        }
        "pair_pattern" => {
            if let (Some(key), Some(value)) =
                (pattern.child_by_field_name("key"), pattern.child_by_field_name("value"))
            {
                with(unquoted(syntax::text_of(key, text)), value, out);
            }
        }
        "object_assignment_pattern" | "assignment_pattern" => {
            if let Some(left) = pattern.child_by_field_name("left") {
                pattern_paths(left, text, path, out);
            }
        }
        "object_pattern" => {
            let mut cursor = pattern.walk();
            for child in pattern.named_children(&mut cursor) {
                pattern_paths(child, text, path, out);
            }
        }
        "array_pattern" | "rest_pattern" => {
            let mut cursor = pattern.walk();
            for child in pattern.named_children(&mut cursor) {
                with("?".into(), child, out);
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
