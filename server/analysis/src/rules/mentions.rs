//! Which words a file has to hold before some patterns have any say in it.
//!
//! Many patterns begin at every call and ask later what the callee means: `cors()` of the package `cors`. That cannot be
//! so where the file does not even hold the word, by which it would import it.

use aho_corasick::{AhoCorasick, MatchKind};

use super::query::Condition;

/// A set of words, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentions(u128);

impl Mentions {
    /// Words of either.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The words that patterns ask for.
#[derive(Debug, Default)]
pub(super) struct Words {
    words: Vec<Box<str>>,
    search: Option<AhoCorasick>,
}

/// Of each of these sets a file has to hold one word.
#[derive(Debug, Default)]
pub(super) struct Gate(Vec<Mentions>);

impl Words {
    /// What a file has to hold for the conditions of a pattern.
    pub(super) fn gate(&mut self, conditions: &[Condition]) -> Gate {
        let meant = conditions.iter().filter(|it| it.word.name == "means" && !it.negated);
        Gate(meant.filter_map(|condition| self.any_of(condition)).collect())
    }

    /// `None` where not all of what is asked for has a word, or there are too many.
    fn any_of(&mut self, condition: &Condition) -> Option<Mentions> {
        let mut all = Mentions::default();
        for meant in condition.words() {
            let word = word(meant)?;
            let number = self.words.iter().position(|known| **known == *word).unwrap_or_else(|| {
                self.words.push(word.into());
                self.words.len() - 1
            });
            all.0 |= 1_u128.checked_shl(number as u32)?;
        }
        Some(all)
    }

    /// To be called when all patterns have been seen.
    pub(super) fn prepare(&mut self) {
        let mut builder = AhoCorasick::builder();
        self.search = builder.match_kind(MatchKind::Standard).build(self.words.iter().map(|it| &**it)).ok();
    }

    /// The words that a text holds.
    pub(super) fn of(&self, text: &str) -> Mentions {
        let Some(search) = &self.search else { return Mentions(u128::MAX) };
        let found = search.find_overlapping_iter(text).map(|found| found.pattern().as_u32());
        Mentions(found.filter_map(|number| 1_u128.checked_shl(number)).fold(0, std::ops::BitOr::bitor))
    }
}

impl Gate {
    pub(super) fn is_open(&self, mentions: Mentions) -> bool {
        self.0.iter().all(|any| any.0 & mentions.0 != 0)
    }
}

/// The word without which nothing in a file can be `module#export` or `#global`: the first name of the export, which an
/// import has to spell; of a default export the module, for whoever imports it may call it as they like.
fn word(meant: &str) -> Option<&str> {
    let (module, export) = meant.split_once('#')?;
    let first = export.split('.').next().unwrap_or_default().trim_end_matches('*');
    let word = if first.is_empty() || first == "default" { module } else { first };
    let word = word.strip_prefix("node:").unwrap_or(word);
    (!word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_what_an_import_has_to_spell() {
        let words =
            ["next/server#NextResponse.json", "cors#default", "node:fs#", "#Response.json", "a#verify*", "#"];
        let found = words.map(word);
        let wanted = [Some("NextResponse"), Some("cors"), Some("fs"), Some("Response"), Some("verify"), None];
        assert_eq!(found, wanted);
    }
}
