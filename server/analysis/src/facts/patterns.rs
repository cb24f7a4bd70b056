//! The names that a pattern binds: parameters and the left sides of declarations.

use compact_str::CompactString;

use super::expressions::unquoted;
use crate::syntax::{self, Node};

/// Every name a pattern binds.
pub(super) fn pattern_names<'t>(pattern: Node<'t>, out: &mut Vec<Node<'t>>) {
    match pattern.kind() {
        "identifier" | "shorthand_property_identifier_pattern" => out.push(pattern),
        "pair_pattern" => {
            if let Some(value) = pattern.field("value") {
                pattern_names(value, out);
            }
        }
        "object_assignment_pattern" | "assignment_pattern" => {
            if let Some(left) = pattern.field("left") {
                pattern_names(left, out);
            }
        }
        "object_pattern" | "array_pattern" | "rest_pattern" | "required_parameter" | "optional_parameter" => {
            if let Some(inner) = pattern.field("pattern") {
                pattern_names(inner, out);
                return;
            }
            for child in pattern.named_children() {
                pattern_names(child, out);
            }
        }
        _ => {}
    }
}

/// Every name a pattern binds, with the keys that lead to its value; a name whose way is not by keys alone
/// (arrays, rest) has the key `?`.
pub(super) fn pattern_paths<'t>(
    pattern: Node<'t>,
    text: &str,
    path: &mut Vec<CompactString>,
    out: &mut Vec<(Node<'t>, Vec<CompactString>)>,
) {
    let mut with = |key: CompactString, inner: Node<'t>, out: &mut Vec<_>| {
        path.push(key);
        pattern_paths(inner, text, path, out);
        path.pop();
    };
    match pattern.kind() {
        "identifier" => out.push((pattern, path.clone())),
        "shorthand_property_identifier_pattern" => {
            let mut keys = path.clone();
            keys.push(syntax::text_of(pattern, text).into());
            out.push((pattern, keys));
        }
        "pair_pattern" => {
            if let (Some(key), Some(value)) = (pattern.field("key"), pattern.field("value")) {
                with(unquoted(syntax::text_of(key, text)), value, out);
            }
        }
        "object_assignment_pattern" | "assignment_pattern" => {
            if let Some(left) = pattern.field("left") {
                pattern_paths(left, text, path, out);
            }
        }
        "object_pattern" => {
            for child in pattern.named_children() {
                pattern_paths(child, text, path, out);
            }
        }
        "array_pattern" | "rest_pattern" => {
            for child in pattern.named_children() {
                with("?".into(), child, out);
            }
        }
        _ => {}
    }
}
