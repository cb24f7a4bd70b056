//! What functions take from their parameters that somebody before them has to have put there: `req.body`.

use compact_str::{CompactString, ToCompactString as _};

use serde::{Deserialize, Serialize};

use super::reader::Reader;
use super::shape::At;
use crate::syntax::Node;

/// A property of a parameter that code looks at or sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Taken {
    /// The function whose parameter it is.
    pub of: u32,
    /// The parameter's position, from 0.
    pub position: u32,
    /// The property: `body`.
    pub key: CompactString,
    /// The expression: `req.body`.
    pub at: At,
    /// What is done with it.
    pub how: Taking,
}

/// What is done with a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Taking {
    /// A part of it is read: where there is nothing this throws.
    Part,
    /// It is used as it is.
    Whole,
    /// Somebody asks first whether there is anything.
    Asked,
    /// It is set.
    Set,
}

/// Properties of a request that middleware sets, or that say who asks.
const KEYS: &[&str] = &["auth", "body", "cookies", "headers", "rawBody", "session", "signedCookies", "user"];

/// The property that a name, which is the parameter `local`, is taken for; `around` are the nodes around it.
pub(super) fn taken(
    reader: &Reader<'_, '_>,
    name: Node<'_>,
    around: &[Node<'_>],
    local: u32,
) -> Option<Taken> {
    let parameter = reader.facts.decls[local as usize].parameter.as_ref()?;
    let (&member, above) = around.split_last()?;
    if !parameter.keys.is_empty() || member.kind() != "member_expression" || !is_object(member, name) {
        return None;
    }
    let key = reader.text(member.field("property")?);
    KEYS.contains(&key).then(|| Taken {
        of: parameter.of,
        position: parameter.position,
        key: key.to_compact_string(),
        at: reader.at(member),
        how: taking(member, above),
    })
}

fn is_object(member: Node<'_>, of: Node<'_>) -> bool {
    member.field("object").is_some_and(|object| object.id() == of.id())
}

fn taking(member: Node<'_>, around: &[Node<'_>]) -> Taking {
    let mut node = member;
    let mut above = around;
    while let Some((&parent, beyond)) = above.split_last() {
        let is = |field: &str| parent.field(field).is_some_and(|it| it.id() == node.id());
        match parent.kind() {
            "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression" => {
                (node, above) = (parent, beyond);
            }
            "assignment_expression" | "augmented_assignment_expression" if is("left") => return Taking::Set,
            "member_expression" | "subscript_expression" if is("object") => {
                let asks = parent.children().any(|child| child.kind() == "optional_chain");
                return if asks { Taking::Asked } else { Taking::Part };
            }
            "variable_declarator" => {
                let pattern = parent.field("name");
                let apart = pattern.is_some_and(|it| it.kind() == "object_pattern");
                return if apart { Taking::Part } else { Taking::Whole };
            }
            "binary_expression" | "unary_expression" | "if_statement" | "while_statement" => {
                return Taking::Asked;
            }
            "ternary_expression" if is("condition") => return Taking::Asked,
            _ => return Taking::Whole,
        }
    }
    Taking::Whole
}
