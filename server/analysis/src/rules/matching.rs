//! Where a pattern stands in a tree: every way to lay it over a node, as tree-sitter's own queries find them.

use super::pattern::{Kind, Step};
use crate::syntax::Node;

/// What a pattern has captured so far: number of the capture, node.
pub(crate) type Caught<'t> = Vec<(u32, Node<'t>)>;

/// Calls `then` with the captures of every way in which one of `roots` is this node.
pub(crate) fn matches<'t>(
    roots: &[Step],
    node: Node<'t>,
    caught: &mut Caught<'t>,
    then: &mut dyn FnMut(&Caught<'t>),
) {
    for root in roots {
        step(root, node, caught, &mut |caught| then(caught));
    }
}

type Then<'a, 't> = &'a mut dyn FnMut(&mut Caught<'t>);

fn step<'t>(step: &Step, node: Node<'t>, caught: &mut Caught<'t>, then: Then<'_, 't>) {
    let fits = match step.kind {
        Kind::Is(id) => node.kind_id() == id,
        Kind::Named => node.is_named(),
    };
    if !fits {
        return;
    }
    let before = caught.len();
    caught.extend(step.captures.iter().map(|number| (*number, node)));
    if step.by_fields() {
        fields(step, 0, node, caught, then);
    } else {
        sequence(step, 0, &children(node), 0, caught, then);
    }
    caught.truncate(before);
}

/// The commonest form needs no list of the children. A field holds one child, decorators apart.
fn fields<'t>(parent: &Step, wanted: usize, node: Node<'t>, caught: &mut Caught<'t>, then: Then<'_, 't>) {
    let Some(child) = parent.children.get(wanted) else { return then(caught) };
    let Some(found) = child.field.and_then(|field| node.in_field(field)) else { return };
    for any in &child.any {
        step(any, found, caught, &mut |caught| fields(parent, wanted + 1, node, caught, then));
    }
}

/// Comments are nobody's children here: they may stand anywhere.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.children().filter(|child| !child.is_extra()).collect()
}

/// Lays the children from number `wanted` on over those of the node from number `from` on.
fn sequence<'t>(
    parent: &Step,
    wanted: usize,
    children: &[Node<'t>],
    from: usize,
    caught: &mut Caught<'t>,
    then: Then<'_, 't>,
) {
    let Some(child) = parent.children.get(wanted) else {
        if !parent.closed || children[from..].iter().all(|node| !node.is_named()) {
            then(caught);
        }
        return;
    };
    for (at, node) in children.iter().enumerate().skip(from) {
        if child.field.is_none() || child.field == node.field_id() {
            for any in &child.any {
                step(any, *node, caught, &mut |caught| {
                    sequence(parent, wanted + 1, children, at + 1, caught, then);
                });
            }
        }
        if child.next && node.is_named() {
            return;
        }
    }
}
