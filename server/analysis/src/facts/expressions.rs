//! Reads the form of an expression.

use compact_str::CompactString;

use super::called::is_awaited_itself;
use super::chunk::FunctionKind;
use super::reader::Reader;
use super::shape::{Name, Shape};
use crate::syntax::Node;

/// Deeper expressions are `Other`: no one reads them either.
const DEEPEST: u32 = 48;

impl Reader<'_, '_> {
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
            "import" | "super" => Shape::Name(Name { text: self.text(node).into(), local: None }),
            "this" => Shape::This,
            "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression" => {
                inner(node.named_child(0))
            }
            "type_assertion" => inner(node.named_child(node.named_child_count().saturating_sub(1))),
            "instantiation_expression" | "spread_element" => inner(node.named_child(0)),
            "await_expression" => Shape::Await(Box::new(inner(node.named_child(0)))),
            "call_expression" | "new_expression" => match self.calls.get(&node.id()) {
                Some(&number) if is_awaited_itself(node) => Shape::Await(Box::new(Shape::Call(number))),
                Some(&number) => Shape::Call(number),
                None => Shape::Other,
            },
            "member_expression" => {
                let property = node.field("property").map(|name| self.text(name)).unwrap_or_default();
                Shape::Member(Box::new(inner(node.field("object"))), property.into())
            }
            "subscript_expression" => match inner(node.field("index")) {
                Shape::Text(key) => Shape::Member(Box::new(inner(node.field("object"))), key),
                // A computed key: the same place each time as far as anyone can tell.
                _ => Shape::Member(Box::new(inner(node.field("object"))), "[]".into()),
            },
            "string" => Shape::Text(unquoted(self.text(node))),
            "template_string" if node.named_child_count() == 0 || !has_holes(node) => {
                Shape::Text(unquoted(self.text(node)))
            }
            "template_string" => {
                let parts = node.named_children().filter_map(|part| match part.kind() {
                    "string_fragment" | "escape_sequence" => Some(Shape::Text(self.text(part).into())),
                    "template_substitution" => Some(inner(part.named_child(0))),
                    _ => None,
                });
                Shape::Joined(parts.collect())
            }
            "regex" => Shape::Regexp(self.text(node).into()),
            "number" => Shape::Number(self.text(node).into()),
            "true" => Shape::Bool(true),
            "false" => Shape::Bool(false),
            "null" => Shape::Null,
            "object" => self.object(node, depth),
            "array" => {
                Shape::Array(node.named_children().map(|item| self.shape_at(item, depth + 1)).collect())
            }
            "ternary_expression" => {
                Shape::Either(vec![inner(node.field("consequence")), inner(node.field("alternative"))])
            }
            "binary_expression" => self.binary(node, depth),
            "assignment_expression" | "augmented_assignment_expression" => inner(node.field("right")),
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
        let operator = node.field("operator").map(|operator| operator.kind());
        if operator == Some("+") {
            let sides = ["left", "right"]
                .map(|side| node.field(side).map_or(Shape::Other, |side| self.shape_at(side, depth + 1)));
            return Shape::Joined(sides.into());
        }
        if operator == Some("*") {
            let side = |name| node.field(name).map(|side| self.shape_at(side, depth + 1));
            let factor = |shape| matches!(shape, Some(Shape::Number(_) | Shape::Product(_)));
            let product = factor(side("left")) && factor(side("right"));
            return if product { Shape::Product(self.text(node).into()) } else { Shape::Other };
        }
        let side = |name| node.field(name).map_or(Shape::Other, |side| self.shape_at(side, depth + 1));
        let left = match operator {
            Some("??" | "||") => side("left"),
            // Of what stands before it only something that counts as false comes out.
            Some("&&") => Shape::Null,
            _ => return Shape::Other,
        };
        let mut sides = Vec::new();
        for side in [left, side("right")] {
            match side {
                Shape::Either(inner) => sides.extend(inner),
                shape => sides.push(shape),
            }
        }
        Shape::Either(sides)
    }

    fn object(&self, node: Node<'_>, depth: u32) -> Shape {
        let mut entries = Vec::new();
        for entry in node.named_children() {
            match entry.kind() {
                "pair" => {
                    let (Some(key), Some(value)) = (entry.field("key"), entry.field("value")) else {
                        continue;
                    };
                    entries.push((unquoted(self.text(key)), self.shape_at(value, depth + 1)));
                }
                "shorthand_property_identifier" => entries.push((self.text(entry).into(), self.name(entry))),
                "method_definition" => {
                    let name = entry.field("name").map(|name| self.text(name)).unwrap_or_default();
                    entries.push((unquoted(name), self.shape_at(entry, depth + 1)));
                }
                "spread_element" => entries.push(("...".into(), self.shape_at(entry, depth + 1))),
                _ => {}
            }
        }
        Shape::Object(entries)
    }
}

fn has_holes(template: Node<'_>) -> bool {
    template.named_children().any(|part| part.kind() == "template_substitution")
}

/// Without the quotes of a string literal.
pub(super) fn unquoted(text: &str) -> CompactString {
    let quoted = text.len() >= 2 && text.starts_with(['"', '\'', '`']) && text.ends_with(['"', '\'', '`']);
    if quoted { text[1..text.len() - 1].into() } else { text.into() }
}
