//! The closed vocabulary of conditions. An unknown name is an error when a rule is read.
//!
//! A word is defined whole where its meaning stands: those about the form of the code in [`crate::form`], those
//! about the project in [`crate::check`].

use super::Condition;
use crate::check::{self, Evidence, Site};
use crate::form::{self, Code};
use crate::syntax::Node;

/// A condition as it is written in a rule, beside those about text: `eq?`, `match?` and `any-of?`.
#[derive(Debug)]
pub struct Word {
    /// Its name, without `#` and `?`; `not-` may stand in front.
    pub name: &'static str,
    /// Whether the first argument is a capture (else all are strings).
    pub capture: bool,
    /// The fewest strings it takes.
    pub strings: usize,
    /// An example and what it means, one line.
    pub doc: &'static str,
    pub(crate) meaning: Meaning,
    /// Without which words no file has to be asked; `None` where there are none, or not for these strings.
    pub(crate) spelled: Option<Spelled>,
}

/// The words of which a file has to hold one where the condition, written with these strings, holds in it.
pub(crate) type Spelled = fn(&[Box<str>]) -> Option<Vec<&str>>;

/// What a word asks.
#[derive(Clone, Copy)]
pub(crate) enum Meaning {
    /// About the captured code by itself: judged while its chunk is read, so that a match that fails costs
    /// nothing later.
    Form(AskForm),
    /// About what the project knows: judged each time findings are asked for.
    Project(AskProject),
}

/// The captured node, the code it stands in, the strings.
pub(crate) type AskForm = for<'t> fn(Node<'t>, &Code<'t>, &[Box<str>]) -> bool;

/// May leave what it found out for the message.
pub(crate) type AskProject = for<'p> fn(&Site<'p>, &Condition, &mut Evidence<'p>) -> bool;

impl std::fmt::Debug for Meaning {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Meaning::Form(_) => "Form",
            Meaning::Project(_) => "Project",
        })
    }
}

/// Every word, sorted by name.
pub fn vocabulary() -> Vec<&'static Word> {
    let mut words: Vec<&Word> = tables().flat_map(|table| table.iter()).collect();
    words.sort_by_key(|word| word.name);
    words
}

fn tables() -> impl Iterator<Item = &'static &'static [Word]> {
    form::TABLES.iter().chain(check::WORDS)
}

impl Word {
    /// The word of a name as written, and whether `not-` stands in front.
    pub fn find(name: &str) -> Option<(&'static Word, bool)> {
        let bare = name.trim_end_matches('?');
        let look = |name: &str| tables().flat_map(|table| table.iter()).find(|word| word.name == name);
        look(bare).map(|word| (word, false)).or_else(|| Some((look(bare.strip_prefix("not-")?)?, true)))
    }

    /// A word about the form of a capture.
    pub(crate) const fn form(name: &'static str, strings: usize, ask: AskForm, doc: &'static str) -> Self {
        Self { name, capture: true, strings, doc, meaning: Meaning::Form(ask), spelled: None }
    }

    /// A word about a capture and the project.
    pub(crate) const fn of(name: &'static str, strings: usize, ask: AskProject, doc: &'static str) -> Self {
        Self { name, capture: true, strings, doc, meaning: Meaning::Project(ask), spelled: None }
    }

    /// Says which words a file has to hold for it.
    #[must_use]
    pub(crate) const fn spelled(self, spelled: Spelled) -> Self {
        Self { spelled: Some(spelled), ..self }
    }

    /// A word about the project that needs no capture.
    pub(crate) const fn about(
        name: &'static str,
        strings: usize,
        ask: AskProject,
        doc: &'static str,
    ) -> Self {
        Self { name, capture: false, strings, doc, meaning: Meaning::Project(ask), spelled: None }
    }
}
