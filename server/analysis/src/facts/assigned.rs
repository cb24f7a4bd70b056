//! Assignments, and the names that functions get from what holds them.

use compact_str::CompactString;

use super::chunk::{Assign, Call, Decl};
use super::modules;
use super::reader::{Context, Reader};
use super::shape::Shape;
use crate::syntax::Node;

impl Reader<'_, '_> {
    /// Assignments, and the exports among them.
    pub(super) fn assignments(&mut self) {
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
            if function.is_none() && modules::is_module_exports(&assign.left) {
                self.set_to(node);
                self.stands_in(&assign.right);
            }
            self.facts.assigns.push(assign);
        }
        let top = |decl: &&Decl| decl.scope.is_none() && modules::stands_for_exports(&decl.value);
        let names: Vec<_> = self.facts.decls.iter().filter(top).map(|decl| decl.name.clone()).collect();
        self.facts.stand_ins.extend(names);
    }

    /// `const api = module.exports = …`, `api = module.exports = …`: what else an assignment's value is put into.
    fn set_to(&mut self, inner: Node<'_>) {
        let Some(node) = inner.parent() else { return };
        let (name, value) = match node.kind() {
            "variable_declarator" => (node.field("name"), node.field("value")),
            "assignment_expression" => (node.field("left"), node.field("right")),
            "parenthesized_expression" => return self.set_to(node),
            _ => return,
        };
        if value == Some(inner)
            && let Some(name) = name.filter(|name| name.kind() == "identifier")
        {
            self.stands_in(&self.shape(name));
        }
        self.set_to(node);
    }

    fn stands_in(&mut self, name: &Shape) {
        if let Shape::Name(name) = name
            && name.local.is_none()
        {
            self.facts.stand_ins.push(name.text.clone());
        }
    }

    fn under_environment(&self, parent: Option<u32>, inner: Node<'_>) -> bool {
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
    pub(super) fn name_functions(&mut self) {
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
