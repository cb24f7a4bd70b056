//! What decides whether a call runs each time, or keeps its value from one time to the next.
//!
//! `globalThis.db ?? new Db()`, `if (!db) db = new Db()`, `if (pool) return pool`, `cache.set(key, new Db())`:
//! in each of them something from outside the function is tested before the call or stores what it gave.

use rustc_hash::FxHashMap;

use super::chunk::Guard;
use super::reader::{CallNode, Reader};
use super::shape::Shape;
use crate::syntax::Node;

/// Names that a condition may mention without being about a kept value.
const NOT_KEPT: &[&str] = &[
    "process",
    "console",
    "Math",
    "JSON",
    "Date",
    "Array",
    "Object",
    "Number",
    "String",
    "Boolean",
    "NaN",
    "Infinity",
    "isNaN",
    "parseInt",
    "parseFloat",
    "RegExp",
    "Error",
    "Symbol",
    "Promise",
    "BigInt",
    "URL",
    "Headers",
    "Request",
    "Response",
    "Buffer",
    "typeof",
];

/// Methods that put their last argument into what they are called on.
const STORES: &[&str] = &["set", "push", "add", "unshift"];

/// What the guards of all calls of a chunk are looked up in, so that none of them reads the chunk again.
struct Kept<'t> {
    /// `if (…) return value`, by function.
    returns: FxHashMap<u32, Vec<(Node<'t>, Node<'t>)>>,
    /// What is stored where, by function.
    stores: FxHashMap<u32, Vec<(Shape, Shape)>>,
    /// The local variable that a call initialises.
    holders: FxHashMap<u32, u32>,
}

/// Fills the guards of every call.
pub(super) fn fill<'t>(reader: &mut Reader<'_, 't>, calls: &[CallNode<'t>]) {
    let kept = kept(reader);
    let mut all = Vec::with_capacity(calls.len());
    for (number, call) in calls.iter().enumerate() {
        let mut guards = Vec::new();
        around(reader, call, &mut guards);
        if let Some(function) = call.function {
            earlier_returns(reader, &kept, call.node, function, &mut guards);
            later_stores(reader, &kept, number as u32, function, &mut guards);
        }
        all.push(guards);
    }
    for (call, guards) in reader.facts.calls.iter_mut().zip(all) {
        call.guards = guards;
    }
}

fn kept<'t>(reader: &Reader<'_, 't>) -> Kept<'t> {
    let facts = &reader.facts;
    let mut kept =
        Kept { returns: FxHashMap::default(), stores: FxHashMap::default(), holders: FxHashMap::default() };
    for context in &reader.contexts {
        let node = context.node;
        if let (Some(function), "if_statement") = (context.function, node.kind())
            && let Some(condition) = node.field("condition")
            && let Some(consequence) = node.field("consequence")
            && returned_value(consequence).is_some()
        {
            kept.returns.entry(function).or_default().push((condition, consequence));
        }
    }
    for assign in &facts.assigns {
        if let Some(function) = assign.function {
            kept.stores.entry(function).or_default().push((assign.left.clone(), assign.right.clone()));
        }
    }
    for call in &facts.calls {
        if let (Some(function), Shape::Member(target, method)) = (call.function, &call.callee)
            && STORES.contains(&method.as_str())
        {
            for value in &call.args {
                kept.stores.entry(function).or_default().push(((**target).clone(), value.clone()));
            }
        }
    }
    for (number, decl) in facts.decls.iter().enumerate() {
        if decl.scope.is_some() {
            given(&decl.value, &mut |call| {
                kept.holders.entry(call).or_insert(number as u32);
            });
        }
    }
    kept
}

/// Conditions and assignments that hold the call.
fn around(reader: &Reader<'_, '_>, call: &CallNode<'_>, out: &mut Vec<Guard>) {
    let mut at = call.context;
    while let Some(context) = at.map(|number| &reader.contexts[number as usize]) {
        at = context.parent;
        let node = context.node;
        if context.function != call.function {
            return;
        }
        let field = |name| node.field(name);
        match node.kind() {
            "if_statement" | "ternary_expression" => {
                if let Some(condition) =
                    field("condition").filter(|condition| !contains(*condition, call.node))
                {
                    tested(reader, call.function, condition, out);
                }
            }
            _ => {
                let (Some(left), Some(right)) = (field("left"), field("right")) else { continue };
                if !contains(right, call.node) {
                    continue;
                }
                let operator = field("operator").map(|operator| operator.kind());
                if node.kind() == "binary_expression" || matches!(operator, Some("??=" | "||=")) {
                    tested(reader, call.function, left, out);
                }
                if node.kind() != "binary_expression" {
                    keep(reader, call.function, reader.shape(left), true, out);
                }
            }
        }
    }
}

/// `if (kept) return kept` before the call, in the same function.
fn earlier_returns(
    reader: &Reader<'_, '_>,
    kept: &Kept<'_>,
    call: Node<'_>,
    function: u32,
    out: &mut Vec<Guard>,
) {
    for &(condition, consequence) in kept.returns.get(&function).into_iter().flatten() {
        if consequence.end_byte() > call.start_byte() {
            continue;
        }
        // A test that returns something else (`if (!ready) return error()`) keeps nothing.
        if let Some(value) = returned_value(consequence) {
            let returned = places(reader, value);
            chains(condition, &mut |node| {
                let tested = place(reader.shape(node));
                if returned.contains(&tested) {
                    keep(reader, Some(function), tested, false, out);
                }
            });
        }
    }
}

/// The places that an expression reads from.
fn places(reader: &Reader<'_, '_>, value: Node<'_>) -> Vec<Shape> {
    let mut out = Vec::new();
    chains(value, &mut |node| out.push(place(reader.shape(node))));
    out.retain(is_place);
    out
}

/// A name, `this`, or a member of one.
fn is_place(shape: &Shape) -> bool {
    match shape {
        Shape::Member(object, _) => is_place(object),
        Shape::This => true,
        other => other.root().is_some(),
    }
}

/// `clients` of `clients.has` and `clients.get`.
fn place(shape: Shape) -> Shape {
    match shape {
        Shape::Member(object, method) if method == "has" || method == "get" => *object,
        other => other,
    }
}

/// `const db = new Db(); cache.db = db`: the variable that the call initialises is stored later.
fn later_stores(reader: &Reader<'_, '_>, kept: &Kept<'_>, call: u32, function: u32, out: &mut Vec<Guard>) {
    let holder = kept.holders.get(&call).copied();
    for (target, value) in kept.stores.get(&function).into_iter().flatten() {
        let stored = match value.awaited() {
            Shape::Name(name) => holder.is_some() && name.local == holder,
            Shape::Call(number) => *number == call,
            _ => false,
        };
        if stored {
            keep(reader, Some(function), target.clone(), true, out);
        }
    }
}

/// The value that a branch returns.
fn returned_value(consequence: Node<'_>) -> Option<Node<'_>> {
    let statement = match consequence.kind() {
        "return_statement" => consequence,
        "statement_block" => {
            consequence.named_children().find(|statement| statement.kind() == "return_statement")?
        }
        _ => return None,
    };
    statement.named_child(0)
}

/// Every call that a value may come from, directly or as one of several.
fn given(shape: &Shape, out: &mut dyn FnMut(u32)) {
    match shape {
        Shape::Call(number) => out(*number),
        Shape::Await(inner) => given(inner, out),
        Shape::Either(sides) => sides.iter().for_each(|side| given(side, out)),
        _ => {}
    }
}

/// Every chain that a condition mentions and that comes from outside the function.
fn tested(reader: &Reader<'_, '_>, function: Option<u32>, condition: Node<'_>, out: &mut Vec<Guard>) {
    chains(condition, &mut |node| keep(reader, function, reader.shape(node), false, out));
}

/// Visits every chain of names in a condition, but not the name of a function that it calls.
fn chains<'t>(condition: Node<'t>, visit: &mut dyn FnMut(Node<'t>)) {
    let mut walk = condition.walk();
    while let Some(node) = walk.next() {
        let chain =
            matches!(node.kind(), "identifier" | "member_expression" | "subscript_expression" | "this");
        let called = node.kind() == "identifier" && node.is_field("function");
        if chain && !called {
            visit(node);
        }
        if chain {
            walk.pass();
        }
    }
}

/// Notes a chain, following a local variable to the outer chain it was read from.
fn keep(reader: &Reader<'_, '_>, function: Option<u32>, path: Shape, stores: bool, out: &mut Vec<Guard>) {
    let facts = &reader.facts;
    // Declared by a function around it: the variable is there as long as that one's other functions are.
    let is_outer = |local: u32| {
        let at = facts.decls[local as usize].at.0;
        function.is_some_and(|number| {
            let own = facts.functions[number as usize].at.0;
            at.end <= own.start || own.end <= at.start
        })
    };
    let mut path = path;
    for _ in 0..4 {
        let next = match path.awaited() {
            Shape::This => {
                out.push(Guard { path: Shape::This, stores });
                return;
            }
            Shape::Member(object, _) if path.root().is_none() => (**object).clone(),
            // `const kept = clients.get(id)`: any other call makes a value, it does not keep one.
            Shape::Call(call) => match facts.calls.get(*call as usize).map(|call| &call.callee) {
                Some(Shape::Member(object, method)) if method == "get" => (**object).clone(),
                _ => return,
            },
            other => match other.root() {
                None => return,
                Some(name) => match name.local {
                    None => {
                        if !NOT_KEPT.contains(&name.text.as_str()) {
                            out.push(Guard { path: other.clone(), stores });
                        }
                        return;
                    }
                    Some(local) if stores && is_outer(local) => {
                        out.push(Guard { path: other.clone(), stores });
                        return;
                    }
                    // What is stored in a local variable is not kept; what a local was read from may be.
                    Some(_) if stores && matches!(other, Shape::Name(_)) => return,
                    Some(local) => facts.decls[local as usize].value.clone(),
                },
            },
        };
        path = next;
    }
}

fn contains(outer: Node<'_>, inner: Node<'_>) -> bool {
    outer.start_byte() <= inner.start_byte() && inner.end_byte() <= outer.end_byte()
}
