//! Fields of classes, as places that methods read and change.
//!
//! A field is told by its class and its name. Whether its object lives as long as the module is for the project to say.

use compact_str::{CompactString, ToCompactString as _, format_compact};

use serde::{Deserialize, Serialize};

use super::chunk::{ChunkFacts, Decl};
use super::reader::Reader;
use super::shape::{At, Shape};
use crate::syntax::Node;

/// A field that a class declares, or its constructor sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClassField {
    /// The class, by the number of the function that stands for it.
    pub class: u32,
    /// Its name, `#` included where it is private.
    pub name: CompactString,
    /// It belongs to the class itself, not to what the class makes.
    pub is_static: bool,
    /// Its name and what it is first set to, among the declarations of the chunk. No name leads there.
    pub decl: u32,
}

/// What a function means by `this`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum This {
    /// What the class makes, or the class itself, in one of its methods.
    Method,
    /// What the class makes, while it is made.
    Constructor,
}

/// Fields in the making.
#[derive(Default)]
pub(super) struct Fields<'t> {
    declared: Vec<(u32, Node<'t>)>,
    /// Class, the field's name, its place and what it is set to.
    set_at_start: Vec<(u32, Node<'t>, Node<'t>)>,
}

impl<'t> Fields<'t> {
    /// Takes note of `items = []` in a class.
    pub(super) fn declare(&mut self, class: u32, node: Node<'t>) {
        self.declared.push((class, node));
    }

    /// Takes note of `this.items = []` in the constructor of a class.
    pub(super) fn set(&mut self, class: u32, name: Node<'t>, value: Node<'t>) {
        self.set_at_start.push((class, name, value));
    }

    /// Gives the chunk its fields. What a constructor sets is what a field holds first, where nothing stands at the
    /// declaration itself.
    pub(super) fn give(self, reader: &mut Reader<'_, '_>) {
        let mut fields: Vec<ClassField> = Vec::new();
        for (class, node) in self.declared {
            let Some(name) = node.field("name") else { continue };
            let value = node.field("value").map_or(Shape::Null, |value| reader.shape(value));
            let field = field(reader, class, name, At(reader.at(node).0), value, is_static(node));
            fields.push(field);
        }
        for (class, name, value) in self.set_at_start {
            let text = reader.text(name);
            let known = fields.iter().find(|field| field.class == class && field.name == text);
            let value = reader.shape(value);
            match known {
                Some(field) => {
                    let decl = &mut reader.facts.decls[field.decl as usize];
                    if decl.value == Shape::Null {
                        decl.value = value;
                    }
                }
                None => fields.push(field(reader, class, name, At(reader.at(name).0), value, false)),
            }
        }
        reader.facts.fields = fields;
    }
}

/// Whether a field belongs to the class itself.
pub(super) fn is_static(field: Node<'_>) -> bool {
    field.children().any(|child| child.kind() == "static")
}

fn field(
    reader: &mut Reader<'_, '_>,
    class: u32,
    name: Node<'_>,
    scope: At,
    value: Shape,
    is_static: bool,
) -> ClassField {
    let text = reader.text(name).to_compact_string();
    let of = reader.facts.functions[class as usize].name.clone();
    let shown = of.map_or_else(|| text.clone(), |of| format_compact!("{of}.{text}"));
    let at = reader.at(name);
    let decl = reader.facts.decls.len() as u32;
    reader.facts.decls.push(Decl {
        name: shown,
        at,
        scope: Some(scope),
        parameter: None,
        value,
        annotation: None,
    });
    ClassField { class, name: text, is_static, decl }
}

/// What `this` means below these nodes, outermost first; `None` where that depends on who calls.
pub(super) fn this(reader: &Reader<'_, '_>, around: &[Node<'_>]) -> Option<This> {
    let mut nodes = around.iter().rev();
    let found = nodes.find(|node| {
        matches!(
            node.kind(),
            "method_definition"
                | "public_field_definition"
                | "class_static_block"
                | "function_declaration"
                | "function_expression"
                | "generator_function"
                | "generator_function_declaration"
        )
    })?;
    let in_class = nodes.next().is_some_and(|node| node.kind() == "class_body");
    match found.kind() {
        "method_definition" | "public_field_definition" if in_class => {
            let name = found.field("name").map_or("", |name| reader.text(name));
            Some(if name == "constructor" { This::Constructor } else { This::Method })
        }
        _ => None,
    }
}

/// The field that `this.items` stands for in a function of a class, or `Store.items` for the class of this number.
pub(crate) fn of_class<'f>(facts: &'f ChunkFacts, class: u32, name: &str) -> Option<&'f ClassField> {
    let mut found = facts.fields.iter().filter(|field| field.class == class && field.name == name);
    // One of each kind under the same name: which is meant depends on the method.
    match (found.next(), found.next()) {
        (Some(field), None) => Some(field),
        _ => None,
    }
}

/// The innermost class around a function.
pub(crate) fn class_around(facts: &ChunkFacts, function: u32) -> Option<u32> {
    let mut at = Some(function);
    while let Some(number) = at {
        let function = &facts.functions[number as usize];
        if function.kind == super::FunctionKind::Class {
            return Some(number);
        }
        at = function.parent;
    }
    None
}
