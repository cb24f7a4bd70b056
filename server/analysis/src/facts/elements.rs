//! Elements that lead to a URL: `<Link href="/users">`, `<a href>`, `<form action="/api/login" method="post">`.

use compact_str::CompactString;

use serde::{Deserialize, Serialize};

use super::reader::Reader;
use super::shape::{At, Shape};
use crate::syntax::Node;

/// An element with an address.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Element {
    /// `Link`, `a`, `form`.
    pub tag: Shape,
    /// The attribute that holds the address: `href`, `action`.
    pub attribute: CompactString,
    /// The address.
    pub address: Shape,
    /// Where it stands, quotes included.
    pub at: At,
    /// The attribute `method`, where there is one.
    pub method: Option<Shape>,
    /// The function it stands in.
    pub function: Option<u32>,
}

/// Attributes that hold an address.
const ADDRESSES: &[&str] = &["href", "action", "formAction"];

/// Takes note of an element that has an attribute for an address.
pub(super) fn note<'t>(reader: &mut Reader<'_, 't>, node: Node<'t>, function: Option<u32>) {
    let has_address = node
        .all_in("attribute")
        .any(|attribute| name(reader, attribute).is_some_and(|name| ADDRESSES.contains(&name)));
    if has_address {
        reader.elements.push((node, function));
    }
}

/// With every name known, the addresses can be read.
pub(super) fn fill(reader: &mut Reader<'_, '_>) {
    for (node, function) in std::mem::take(&mut reader.elements) {
        let Some(tag) = node.field("name") else { continue };
        let attributes: Vec<Node<'_>> = node.all_in("attribute").collect();
        let named = |wanted: &[&str]| {
            attributes
                .iter()
                .find(|attribute| name(reader, **attribute).is_some_and(|name| wanted.contains(&name)))
                .copied()
        };
        let Some(attribute) = named(ADDRESSES) else { continue };
        let Some(value) = attribute.named_child(1).map(inner) else { continue };
        let element = Element {
            tag: reader.shape(tag),
            attribute: name(reader, attribute).unwrap_or_default().into(),
            address: reader.shape(value),
            at: reader.at(value),
            method: named(&["method", "formMethod"])
                .and_then(|it| it.named_child(1))
                .map(|value| reader.shape(inner(value))),
            function,
        };
        reader.facts.elements.push(element);
    }
}

/// The name of an attribute; a spread has none.
fn name<'r>(reader: &'r Reader<'_, '_>, attribute: Node<'_>) -> Option<&'r str> {
    (attribute.kind() == "jsx_attribute")
        .then(|| attribute.named_child(0))
        .flatten()
        .map(|it| reader.text(it))
}

/// Without the braces of `href={value}`.
fn inner(value: Node<'_>) -> Node<'_> {
    match value.kind() {
        "jsx_expression" => value.named_child(0).unwrap_or(value),
        _ => value,
    }
}
