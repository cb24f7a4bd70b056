//! Which names from outside a function its code reads and writes.
//!
//! Whether such a name holds something that lives as long as its module is for the project to say: a chunk
//! knows its own text only. Functions that are called and nothing more are left out, and so are types.

use compact_str::{CompactString, ToCompactString as _, format_compact};
use rustc_hash::FxHashMap;

use serde::{Deserialize, Serialize};

use super::fields::{self, Fields, This, class_around};
use super::reader::Reader;
use super::shape::{At, Shape};
use super::taken::{Taken, taken};
use crate::syntax::Node;

/// A name from outside that a function looks at.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Read {
    /// The name.
    pub name: CompactString,
    /// The innermost function.
    pub function: u32,
    /// Where it is looked at first.
    pub at: At,
    /// Some look at it decides what the function returns or answers.
    pub shown: bool,
}

/// A name from outside that a function changes, or whose value it changes.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Write {
    /// The name.
    pub name: CompactString,
    /// The innermost function.
    pub function: u32,
    /// The assignment, call or other expression.
    pub at: At,
    /// What it does.
    pub how: How,
    /// The new value is made from the old one: `x + 1`.
    pub counts: bool,
}

/// What a write does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum How {
    /// `name = value`.
    Sets(Shape),
    /// `name.set(key, value)`, `name.push(value)`, `name[key] = value`.
    Puts {
        /// The key, where it has one.
        key: Option<Shape>,
        /// What is put in.
        value: Shape,
    },
    /// `name++`, `name.get(key).count += 1`.
    Counts,
    /// `name.delete(key)`, `name.length = 0`.
    Takes,
    /// `name ??= value`: only while there is nothing.
    Keeps,
}

/// Methods that put their last argument into what they are called on.
const PUTS: &[&str] = &["set", "add", "push", "unshift"];

/// Methods that take something out.
const TAKES: &[&str] = &["delete", "clear", "pop", "shift", "splice"];

/// Subtrees without values.
const TYPES: &[&str] = &[
    "type_annotation",
    "type_arguments",
    "type_parameters",
    "interface_declaration",
    "type_alias_declaration",
    "import_statement",
];

/// Calls that answer a request with what they are given.
const ANSWERS: &[&str] = &["json", "send", "end", "write", "Response", "render"];

/// Fills the reads and writes of a chunk. Everything else of it is known by now.
pub(super) fn fill<'t>(reader: &mut Reader<'_, 't>, root: Node<'t>) {
    if reader.facts.functions.is_empty() {
        return;
    }
    let mut found = Found::default();
    let mut functions: Vec<(usize, u32)> = Vec::new();
    // What stands around the node, outermost first.
    let mut around: Vec<Node<'t>> = Vec::new();
    let mut walk = root.walk();
    while let Some(node) = walk.next() {
        while around.last().is_some_and(|outer| Some(*outer) != node.parent()) {
            around.pop();
        }
        while functions.last().is_some_and(|&(end, _)| end <= node.start_byte()) {
            functions.pop();
        }
        if let Some(&number) = reader.functions.get(&node.id()) {
            functions.push((node.end_byte(), number));
        }
        match (node.kind(), functions.last()) {
            ("identifier" | "shorthand_property_identifier", Some(&(_, function))) => {
                touch(reader, node, &around, function, &mut found);
                touch_static(reader, node, &around, function, &mut found);
            }
            ("this", Some(&(_, function))) => touch_this(reader, &around, function, &mut found),
            ("public_field_definition", Some(&(_, class))) => found.fields.declare(class, node),
            _ => {}
        }
        if TYPES.contains(&node.kind()) {
            walk.pass();
        } else {
            around.push(node);
        }
    }
    found.give(reader);
}

#[derive(Default)]
struct Found<'t> {
    writes: Vec<Write>,
    reads: Vec<Read>,
    taken: Vec<Taken>,
    fields: Fields<'t>,
}

impl Found<'_> {
    /// A look that is part of a write of the same name makes the new value from the old one; of the others one
    /// for each name and function is kept.
    fn give(mut self, reader: &mut Reader<'_, '_>) {
        let mut seen: FxHashMap<(CompactString, u32), usize> = FxHashMap::default();
        let mut reads: Vec<Read> = Vec::new();
        for read in self.reads {
            let span = read.at.0;
            let own = self.writes.iter_mut().find(|write| {
                write.name == read.name && write.at.0.start <= span.start && span.end <= write.at.0.end
            });
            if let Some(write) = own {
                let again = matches!(&write.how, How::Sets(Shape::Either(_)));
                if again {
                    write.how = How::Keeps;
                } else {
                    write.counts = true;
                }
                continue;
            }
            let next = reads.len();
            let at = *seen.entry((read.name.clone(), read.function)).or_insert(next);
            if at == next {
                reads.push(read);
            } else {
                reads[at].shown |= read.shown;
            }
        }
        reader.facts.reads = reads;
        reader.facts.taken = self.taken;
        reader.facts.writes = self.writes;
        self.fields.give(reader);
    }
}

/// Sorts in `this.items` of a method; `around` are the nodes around `this`, outermost first. It bears the name
/// `this.items`, which no variable can have.
fn touch_this<'t>(reader: &Reader<'_, 't>, around: &[Node<'t>], function: u32, found: &mut Found<'t>) {
    let Some((&place, beyond)) = around.split_last() else { return };
    let property = place.field("property").filter(|_| place.kind() == "member_expression");
    let (Some(property), Some(this)) = (property, fields::this(reader, around)) else { return };
    if this == This::Constructor {
        let assigned = beyond.last().filter(|it| it.kind() == "assignment_expression");
        let value = assigned.and_then(|it| it.field("right"));
        let class = class_around(&reader.facts, function);
        if let (Some(class), Some(value)) = (class, value.filter(|value| value.id() != place.id())) {
            found.fields.set(class, property, value);
        }
        return;
    }
    let name = format_compact!("this.{}", reader.text(property));
    touch_field(reader, name, place, beyond, function, found);
}

/// Sorts in `Store.items`, where the chunk declares the class, and `Store.current = …` of whatever may be one.
fn touch_static<'t>(
    reader: &Reader<'_, 't>,
    name: Node<'t>,
    around: &[Node<'t>],
    function: u32,
    found: &mut Found<'t>,
) {
    let text = reader.text(name);
    if !text.starts_with(|letter: char| letter.is_ascii_uppercase()) {
        return;
    }
    let Some((&place, beyond)) = around.split_last() else { return };
    let of_name = place.kind() == "member_expression"
        && place.field("object").is_some_and(|object| object.id() == name.id());
    let Some(property) = place.field("property").filter(|_| of_name) else { return };
    let declared = |number: u32| matches!(reader.facts.decls[number as usize].value, Shape::Class(_));
    let own = reader.facts.named(text).any(declared);
    let (chain, above) = chain(place, beyond);
    let writes = above.last().is_some_and(|&parent| written(reader, place, chain, parent).is_some());
    if own || writes {
        touch_field(
            reader,
            format_compact!("{text}.{}", reader.text(property)),
            place,
            beyond,
            function,
            found,
        );
    }
}

/// Sorts in one place that a member of an object is; `around` are the nodes around it.
fn touch_field<'t>(
    reader: &Reader<'_, 't>,
    name: CompactString,
    place: Node<'t>,
    around: &[Node<'t>],
    function: u32,
    found: &mut Found<'t>,
) {
    let (chain, above) = chain(place, around);
    let Some((&parent, beyond)) = above.split_last() else { return };
    if chain.id() == place.id() && is_callee(place, parent) {
        return;
    }
    let Some((node, how)) = written(reader, place, chain, parent) else {
        let shown = is_shown(reader, place, around);
        found.reads.push(Read { name, function, at: reader.at(place), shown });
        return;
    };
    let used = beyond.last().is_some_and(|parent| parent.kind() != "expression_statement");
    let at = reader.at(node);
    let counts = how == How::Counts;
    let looked_at = used && matches!(how, How::Counts | How::Takes);
    found.writes.push(Write { name: name.clone(), function, at, how, counts });
    if looked_at {
        // Told by its end, so that it is not taken for a part of the write.
        let end = At(crate::text::Span::new(at.0.end, at.0.end + 1));
        let shown = is_shown(reader, node, beyond);
        found.reads.push(Read { name, function, at: end, shown });
    }
}

/// Sorts one name in; `around` are the nodes around it, outermost first.
fn touch(reader: &Reader<'_, '_>, name: Node<'_>, around: &[Node<'_>], function: u32, found: &mut Found<'_>) {
    let text = reader.text(name);
    let local = reader.facts.local(text, reader.at(name).0.start);
    found.taken.extend(local.and_then(|local| taken(reader, name, around, local)));
    // Nearly every name is a local one that was not read from outside: nothing else of it matters.
    let behind = local.map(|local| behind(reader, local, 0));
    if let Some(None) = behind {
        return;
    }
    let (chain, above) = chain(name, around);
    let Some((&parent, beyond)) = above.split_last() else { return };
    let written = written(reader, name, chain, parent);
    let outer = match behind {
        None => text.to_compact_string(),
        // What is changed through a local variable is what the variable was read from.
        Some(outer) => {
            let changes = matches!(written, Some((_, How::Puts { .. } | How::Counts | How::Takes, ..)));
            match outer {
                Some(outer) if changes => outer,
                _ => return,
            }
        }
    };
    let mut push_read = |shown: bool| {
        found.reads.push(Read { name: outer.clone(), function, at: reader.at(name), shown });
    };
    match written {
        Some((node, how)) => {
            let used = beyond.last().is_some_and(|parent| parent.kind() != "expression_statement");
            let gives = matches!(how, How::Counts | How::Takes);
            let counts = how == How::Counts;
            let at = reader.at(node);
            if used && gives && local.is_none() {
                // The write itself is looked at: its place is told by its end, so that it is not taken for
                // a part of the write.
                let shown = is_shown(reader, node, beyond);
                found.writes.push(Write { name: outer.clone(), function, at, how, counts });
                let end = crate::text::Span::new(at.0.end, at.0.end + 1);
                found.reads.push(Read { name: outer, function, at: At(end), shown });
            } else {
                found.writes.push(Write { name: outer, function, at, how, counts });
            }
        }
        None if chain.id() == name.id() && is_callee(name, parent) => {}
        None if parent.kind().starts_with("jsx_") && parent.kind() != "jsx_expression" => {}
        None => push_read(is_shown(reader, name, around)),
    }
}

fn is_callee(node: Node<'_>, parent: Node<'_>) -> bool {
    let field = match parent.kind() {
        "call_expression" => "function",
        "new_expression" => "constructor",
        _ => return false,
    };
    parent.field(field).is_some_and(|callee| callee.id() == node.id())
}

/// The longest chain of members that starts with a name, and what stands around it: `store.items[0]` of `store`.
/// For a method that is called, what it is called on is the chain's object.
fn chain<'a, 't>(name: Node<'t>, around: &'a [Node<'t>]) -> (Node<'t>, &'a [Node<'t>]) {
    let mut node = name;
    let mut above = around;
    while let Some((&parent, beyond)) = above.split_last() {
        let goes_on = match parent.kind() {
            "member_expression" | "subscript_expression" => {
                parent.field("object").is_some_and(|object| object.id() == node.id())
            }
            "non_null_expression" | "parenthesized_expression" | "as_expression" | "satisfies_expression" => {
                parent.named_child(0).is_some_and(|inner| inner.id() == node.id())
            }
            // `clients.get(id).count`: what a look-up gave is a part of the place.
            "call_expression" => is_look_up(node, parent, beyond),
            _ => false,
        };
        if !goes_on {
            break;
        }
        (node, above) = (parent, beyond);
    }
    (node, above)
}

fn is_look_up(callee: Node<'_>, call: Node<'_>, around: &[Node<'_>]) -> bool {
    callee.kind() == "member_expression"
        && is_callee(callee, call)
        && callee.field("property").is_some_and(|name| name.end_byte() - name.start_byte() == 3)
        && around.last().is_some_and(|parent| {
            matches!(parent.kind(), "member_expression" | "non_null_expression" | "subscript_expression")
        })
}

/// The expression that changes what a chain names, and how.
fn written<'t>(
    reader: &Reader<'_, '_>,
    name: Node<'t>,
    chain: Node<'t>,
    parent: Node<'t>,
) -> Option<(Node<'t>, How)> {
    let is = |field: &str| parent.field(field).is_some_and(|node| node.id() == chain.id());
    let bare = chain.id() == name.id();
    match parent.kind() {
        "assignment_expression" if is("left") => {
            let value = reader.shape(parent.field("right")?);
            let how = match reader.shape(chain) {
                _ if bare => How::Sets(value),
                Shape::Member(_, key) if key == "length" => How::Takes,
                Shape::Member(_, key) if key == "[]" => {
                    let index = chain.field("index").map(|index| reader.shape(index));
                    How::Puts { key: index, value }
                }
                Shape::Member(_, key) => How::Puts { key: Some(Shape::Text(key)), value },
                _ => return None,
            };
            Some((parent, how))
        }
        "augmented_assignment_expression" if is("left") => {
            let operator = parent.field("operator").map(|operator| operator.kind());
            let keeps = matches!(operator, Some("??=" | "||=" | "&&="));
            Some((parent, if keeps { How::Keeps } else { How::Counts }))
        }
        "update_expression" => Some((parent, How::Counts)),
        "unary_expression" => {
            let operator = parent.field("operator")?;
            (operator.kind() == "delete").then_some((parent, How::Takes))
        }
        "array_pattern" | "pair_pattern" => Some((parent, How::Sets(Shape::Other))),
        "call_expression" if !bare && is_callee(chain, parent) => {
            let Shape::Member(_, method) = reader.shape(chain) else { return None };
            if TAKES.contains(&method.as_str()) {
                return Some((parent, How::Takes));
            }
            if !PUTS.contains(&method.as_str()) {
                return None;
            }
            let arguments = parent.field("arguments")?;
            let given: Vec<Shape> =
                arguments.named_children().map(|argument| reader.shape(argument)).collect();
            let key = (given.len() > 1).then(|| given[0].clone());
            Some((parent, How::Puts { key, value: given.last()?.clone() }))
        }
        _ => None,
    }
}

/// The name from outside that a local variable was read from: `clients` of `const entry = clients.get(id)`.
fn behind(reader: &Reader<'_, '_>, local: u32, depth: u32) -> Option<CompactString> {
    let decl = &reader.facts.decls[local as usize];
    if depth > 3 || decl.parameter.is_some() {
        return None;
    }
    outer(reader, &decl.value, depth)
}

fn outer(reader: &Reader<'_, '_>, shape: &Shape, depth: u32) -> Option<CompactString> {
    match shape {
        Shape::Name(name) => match name.local {
            Some(local) => behind(reader, local, depth + 1),
            None => Some(name.text.clone()),
        },
        Shape::Member(object, _) => outer(reader, object, depth),
        Shape::Either(sides) => sides.iter().find_map(|side| outer(reader, side, depth)),
        Shape::Call(number) => match &reader.facts.calls.get(*number as usize)?.callee {
            Shape::Member(object, method) if matches!(&**method, "get" | "find" | "at") => {
                outer(reader, object, depth)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value goes into what its function returns or answers; `around` are the nodes around it.
fn is_shown(reader: &Reader<'_, '_>, node: Node<'_>, around: &[Node<'_>]) -> bool {
    let mut at = node;
    let mut above = around;
    while let Some((&parent, beyond)) = above.split_last() {
        match parent.kind() {
            "return_statement" => return true,
            "arrow_function" => {
                return parent.field("body").is_some_and(|body| body.id() == at.id());
            }
            "arguments" => {
                let callee = beyond
                    .last()
                    .and_then(|call| call.field("function").or_else(|| call.field("constructor")));
                let name = callee.map(|callee| reader.text(callee)).unwrap_or_default();
                if ANSWERS.contains(&name.rsplit('.').next().unwrap_or_default()) {
                    return true;
                }
            }
            "statement_block" | "function_declaration" | "method_definition" => return false,
            _ => {}
        }
        (at, above) = (parent, beyond);
    }
    false
}
