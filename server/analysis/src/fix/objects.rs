//! Edits of object literals.

use super::code::Code;
use super::edits;
use crate::finding::Edit;
use crate::form;
use crate::syntax::{self, Node};

/// An edit that adds a member at the head of an object.
pub(super) fn add_key(code: &Code<'_>, object: Node<'_>, member: &str) -> Edit {
    let Some(first) = object.named_child(0) else {
        return edits::replace(code, syntax::span(object), code.style().braces(member));
    };
    let start = first.start_byte() as u32;
    let between = if code.starts_line(start) {
        format!(",{}{}", code.style().newline, code.indent(start))
    } else {
        ", ".to_owned()
    };
    edits::insert(code, start, format!("{member}{between}"))
}

/// The entry of an object literal under a key.
pub(crate) fn pair<'a>(code: &Code<'a>, object: Node<'a>, key: &str) -> Option<Node<'a>> {
    object.named_children().find(|it| {
        it.kind() == "pair" && it.field("key").is_some_and(|it| code.of(it).trim_matches(['"', '\'']) == key)
    })
}

/// The value of such an entry, without parentheses and type assertions.
pub(crate) fn value<'a>(code: &Code<'a>, object: Node<'a>, key: &str) -> Option<Node<'a>> {
    Some(form::without_wrapping(pair(code, object, key)?.field("value")?))
}
