//! Expressions, as far as their form can be told without running them.

use compact_str::CompactString;

use serde::{Deserialize, Serialize};

use crate::text::Span;

/// A place relative to the start of its chunk. Takes no part in hashing: a summary must not change when
/// code only moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At(pub Span);

impl std::hash::Hash for At {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// A name and what it is bound to, as far as its own chunk can say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    /// As written.
    pub text: CompactString,
    /// The declaration inside a function or block of the same chunk; `None` for a name of the module,
    /// an import or a global.
    pub local: Option<u32>,
}

/// The form of an expression. Parentheses, `as`, `satisfies`, `!` and type arguments are looked through.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// `name`.
    Name(Name),
    /// `this`.
    This,
    /// `object.name`, `object["name"]`, and a property taken by destructuring.
    Member(Box<Shape>, CompactString),
    /// A call or `new`, by its number in the chunk.
    Call(u32),
    /// A function, by its number in the chunk.
    Function(u32),
    /// A class, by the number of the function that stands for its construction.
    Class(u32),
    /// An object literal; a spread has the key `...`.
    Object(Vec<(CompactString, Shape)>),
    /// An array literal.
    Array(Vec<Shape>),
    /// A string or a template without holes.
    Text(CompactString),
    /// A regular expression as written.
    Regexp(CompactString),
    /// A number as written.
    Number(CompactString),
    /// Numbers that are multiplied, as written: `60 * 1000`.
    Product(CompactString),
    /// `true`, `false`.
    Bool(bool),
    /// `null`, `undefined`.
    Null,
    /// `await value`.
    Await(Box<Shape>),
    /// One of several: `a ?? b`, `a || b`, `test ? a : b`. Of `a && b` it is `null` or `b`: what else comes out of it
    /// counts as false too.
    Either(Vec<Shape>),
    /// Several put together: a template with holes, `a + b`.
    Joined(Vec<Shape>),
    /// Anything else.
    Other,
}

impl Shape {
    /// The name that a chain of members starts with.
    pub fn root(&self) -> Option<&Name> {
        match self {
            Shape::Name(name) => Some(name),
            Shape::Member(object, _) => object.root(),
            Shape::Await(inner) => inner.root(),
            _ => None,
        }
    }

    /// The last name of a chain: `findMany` of `prisma.user.findMany`.
    pub fn last(&self) -> Option<&str> {
        match self {
            Shape::Name(name) => Some(&name.text),
            Shape::Member(_, name) => Some(name),
            _ => None,
        }
    }

    /// The chain as written, `prisma.user.findMany`; `None` where it does not start with a name.
    pub fn dotted(&self) -> Option<String> {
        match self {
            Shape::Name(name) => Some(name.text.to_string()),
            Shape::This => Some("this".to_owned()),
            Shape::Member(object, name) => Some(format!("{}.{name}", object.dotted()?)),
            _ => None,
        }
    }

    /// Without any `await` around it.
    pub fn awaited(&self) -> &Shape {
        match self {
            Shape::Await(inner) => inner.awaited(),
            other => other,
        }
    }

    /// The value of a key of an object literal.
    pub fn get(&self, key: &str) -> Option<&Shape> {
        match self {
            Shape::Object(entries) => {
                entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The text of a string literal.
    pub fn text(&self) -> Option<&str> {
        match self {
            Shape::Text(text) => Some(text),
            _ => None,
        }
    }
}
