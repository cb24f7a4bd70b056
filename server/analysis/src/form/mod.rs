//! What a piece of code says by its form alone: where it stands, how it can end.
//!
//! These questions need the tree, so they are asked while a chunk is read. Their answers depend on the chunk's
//! text only, which is what lets an unchanged chunk keep its facts. None of them knows what a name means; a rule
//! adds a condition about the project for that.

mod busy;
mod caches;
mod config;
mod cors;
mod errors;
pub(crate) mod express;
mod flow;
mod leaks;
mod literals;
mod place;
mod streams;
mod uses;
mod values;

pub(crate) use cors::credentials_beside;
pub(crate) use errors::catch_around;
pub(crate) use leaks::answer as answer_around;
pub(crate) use place::{is_async, is_function, parameters, without_wrapping};

use std::ops::Deref;

use crate::rules::Word;
use crate::syntax::Node;

pub(crate) use flow::{NEVER, ends, leaves_open, never_comes_back};
pub(crate) use uses::READS;

/// Every word about the form of code.
pub(crate) const TABLES: &[&[Word]] = &[
    busy::WORDS,
    caches::WORDS,
    config::WORDS,
    cors::WORDS,
    errors::WORDS,
    express::WORDS,
    flow::WORDS,
    leaks::WORDS,
    literals::WORDS,
    place::WORDS,
    streams::WORDS,
    uses::WORDS,
    values::WORDS,
];

/// The code that a question is about: the text of its file, and the top-level statement it stands in.
#[derive(Clone, Copy)]
pub(crate) struct Code<'t> {
    /// The file's text.
    pub(crate) text: &'t str,
    /// The top-level statement.
    pub(crate) chunk: Node<'t>,
}

impl Deref for Code<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}
