//! Conditions about the text of a capture: the ones that tree-sitter's query language brings.

use regex::Regex;

use super::pattern::Predicate;
use super::query::Problem;
use crate::syntax::{self, Node};

/// `#eq?`, `#any-of?`, `#match?` or the opposite of one.
#[derive(Debug)]
pub(super) struct TextTest {
    capture: u32,
    negated: bool,
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// One of these.
    Texts(Vec<Box<str>>),
    /// The text of another capture.
    Capture(u32),
    Like(Regex),
}

impl TextTest {
    /// `None` for a condition that is not one about text.
    pub(super) fn new(predicate: &Predicate<'_>) -> Result<Option<Self>, Problem> {
        let name = predicate.name.trim_end_matches('?');
        let (name, negated) = name.strip_prefix("not-").map_or((name, false), |name| (name, true));
        let wanted = match (name, &*predicate.captures, &*predicate.strings) {
            ("eq", [_], [_]) | ("any-of", [_], [_, ..]) => Wanted::Texts(predicate.strings.clone()),
            ("eq", [_, other], []) => Wanted::Capture(*other),
            ("match", [_], [pattern]) => Wanted::Like(Regex::new(pattern).map_err(|error| Problem {
                span: predicate.span,
                message: format!("this is not a regular expression: {error}"),
            })?),
            ("eq" | "any-of" | "match", ..) => {
                return Err(Problem {
                    span: predicate.span,
                    message: "takes a capture and what its text is compared with".to_owned(),
                });
            }
            _ => return Ok(None),
        };
        Ok(Some(Self { capture: predicate.captures[0], negated, wanted }))
    }

    /// The texts that a capture has to have one of, where it asks for that.
    pub(super) fn texts_of(&self, capture: u32) -> Option<&[Box<str>]> {
        match &self.wanted {
            Wanted::Texts(texts) if self.capture == capture && !self.negated => Some(texts),
            _ => None,
        }
    }

    /// Whether it holds; of a capture that is not there, everything does.
    pub(super) fn holds(&self, caught: &[(u32, Node<'_>)], text: &str) -> bool {
        let text_of = |number: u32| {
            caught.iter().find(|(name, _)| *name == number).map(|(_, node)| syntax::text_of(*node, text))
        };
        let Some(found) = text_of(self.capture) else { return true };
        self.negated
            != match &self.wanted {
                Wanted::Texts(texts) => texts.iter().any(|text| **text == *found),
                Wanted::Capture(other) => text_of(*other).is_none_or(|other| other == found),
                Wanted::Like(pattern) => pattern.is_match(found),
            }
    }
}
