//! Calls, and what they are given.

use super::chunk::Call;
use super::expressions::unquoted;
use super::modules::{self, Imported, loaded_module};
use super::reader::{CallNode, Reader};
use super::shape::{At, Shape};
use crate::syntax::Node;
use crate::text::Span;

impl<'t> Reader<'_, 't> {
    /// The calls that were seen, now that all names are known.
    pub(super) fn called(&mut self, calls: &[CallNode<'t>]) {
        for &CallNode { node, function, .. } in calls {
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
            let url_at = self.url_place(arguments);
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
                url_at,
                function,
                guards: Vec::new(),
            });
        }
    }

    fn arguments(&mut self, node: Option<Node<'t>>, call: u32) -> Vec<Shape> {
        let Some(node) = node else { return Vec::new() };
        let nodes: Vec<_> = node.named_children().filter(|argument| argument.kind() != "comment").collect();
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
        let arguments = node.named_children().filter(|argument| argument.kind() != "comment");
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

    /// Where the `url` stands of the first argument that is an object with one.
    fn url_place(&self, arguments: Option<Node<'_>>) -> Option<(u32, At)> {
        let arguments = arguments?;
        let given = arguments.named_children().filter(|argument| argument.kind() != "comment");
        for (position, object) in given.enumerate().filter(|(_, argument)| argument.kind() == "object") {
            let url = object.named_children().find_map(|entry| match entry.kind() {
                "pair" => {
                    let key = entry.field("key")?;
                    entry.field("value").filter(|_| unquoted(self.text(key)) == "url")
                }
                "shorthand_property_identifier" => Some(entry).filter(|_| self.text(entry) == "url"),
                _ => None,
            });
            if let Some(url) = url {
                return Some((position as u32, self.at(url)));
            }
        }
        None
    }
}

/// `await f<T>(x)` is read by the grammar as a call of `await f`.
pub(super) fn is_awaited_itself(call: Node<'_>) -> bool {
    call.field("function").is_some_and(|callee| callee.kind() == "await_expression")
}
