//! Functions, classes and names, as they are declared.

use compact_str::ToCompactString as _;

use super::chunk::{Decl, Function, FunctionKind, Parameter};
use super::kinds::FactKind;
use super::patterns;
use super::reader::{Open, Reader};
use super::shape::{At, Shape};
use super::steps;
use crate::syntax::Node;
use crate::text::Span;

impl<'t> Reader<'_, 't> {
    /// A function or a class; its number.
    pub(super) fn function(
        &mut self,
        kind: FactKind,
        node: Node<'t>,
        scope: Option<Open>,
        parent: Option<u32>,
    ) -> u32 {
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
        let directive = body.and_then(|body| self.directive(body));
        self.facts.functions.push(Function {
            name: text,
            kind,
            at,
            head,
            parent,
            argument_of: None,
            use_server: directive == Some("use server"),
            is_workflow: directive == Some("use workflow"),
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
    pub(super) fn field(&mut self, node: Node<'t>, function: Option<u32>) {
        let is_class = |number: u32| self.facts.functions[number as usize].kind == FunctionKind::Class;
        let class = match function {
            Some(number) if !is_class(number) => self.facts.functions[number as usize].parent,
            other => other,
        };
        if let Some(class) = class.filter(|class| is_class(*class)) {
            self.steps.field(node, class);
        }
    }

    /// The names that a list of parameters, or what stands in its place, makes known.
    pub(super) fn parameters(&mut self, node: Option<Node<'t>>, scope: Span, parameter_of: Option<u32>) {
        let Some(node) = node else { return };
        let list: Vec<Node<'t>> =
            if node.kind() == "formal_parameters" { node.named_children().collect() } else { vec![node] };
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

    /// The names of `const name = …`.
    pub(super) fn declarator(&mut self, node: Node<'t>, scope: Option<Open>, open: &[Open]) {
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

    /// What names were first set to, when all of them are known.
    pub(super) fn values(&mut self) {
        for number in 0..self.facts.decls.len() {
            let Some((value, path)) = self.decl_values[number].take() else { continue };
            let shape = path.into_iter().fold(self.shape(value), |shape, key| match shape.get(&key) {
                Some(inner) => inner.clone(),
                None => Shape::Member(Box::new(shape), key),
            });
            self.facts.decls[number].value = shape;
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
}

fn is_async(function: Node<'_>) -> bool {
    function
        .children()
        .take_while(|child| {
            !child.is_named()
                || child.kind() == "accessibility_modifier"
                || child.kind() == "override_modifier"
        })
        .any(|child| child.kind() == "async")
}
