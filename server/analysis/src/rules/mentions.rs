//! Which words a file has to hold before some patterns have any say in it.
//!
//! Many patterns begin at every call and ask later what the callee means, `cors()` of the package `cors`, or what it
//! makes, `new Pool()` of the package `pg`. That cannot be so where the file does not even hold the word, by which it
//! would import it.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};

use serde::{Deserialize, Serialize};

use super::query::Condition;

/// Sets of words, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mentions(u128);

impl Mentions {
    /// The sets of either.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The words that patterns ask for.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Each set of which a file has to hold one, by its number.
    sets: Vec<Vec<Box<str>>>,
    /// Of each word in `search`, the sets that it is in.
    members: Vec<u128>,
    search: Option<AhoCorasick>,
}

/// Of each of these sets a file has to hold one word.
#[derive(Debug, Default)]
pub(super) struct Gate(Mentions);

impl Words {
    /// What a file has to hold for the conditions of a pattern.
    pub(super) fn gate<'c>(&mut self, conditions: impl Iterator<Item = &'c Condition>) -> Gate {
        let asked = conditions.filter(|it| !it.negated);
        let sets = asked.filter_map(|condition| condition.word.spelled?(&condition.strings));
        Gate(sets.filter_map(|set| self.bit(set)).fold(Mentions::default(), Mentions::and))
    }

    /// `None` where there are too many sets.
    fn bit(&mut self, mut set: Vec<&str>) -> Option<Mentions> {
        set.sort_unstable();
        set.dedup();
        let same = |known: &Vec<Box<str>>| known.iter().map(|word| &**word).eq(set.iter().copied());
        let number = self.sets.iter().position(same).unwrap_or_else(|| {
            self.sets.push(set.into_iter().map(Box::from).collect());
            self.sets.len() - 1
        });
        1_u128.checked_shl(number as u32).map(Mentions)
    }

    /// To be called when all patterns have been seen.
    pub(super) fn prepare(&mut self) {
        let mut members: BTreeMap<&str, u128> = BTreeMap::new();
        for (number, set) in (0..).zip(&self.sets) {
            for word in set {
                *members.entry(word).or_default() |= 1_u128.checked_shl(number).unwrap_or_default();
            }
        }
        let mut builder = AhoCorasick::builder();
        self.search = builder.match_kind(MatchKind::Standard).build(members.keys()).ok();
        self.members = members.into_values().collect();
    }

    /// The sets of which a text holds a word. The end of a longer name is none: `io` does not stand in `function`; its
    /// beginning may be one, for some words are such.
    pub(super) fn of(&self, text: &str) -> Mentions {
        let Some(search) = &self.search else { return Mentions(u128::MAX) };
        let goes_on =
            |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii();
        let begins = |at: usize| at == 0 || !goes_on(text.as_bytes()[at - 1]);
        let found = search.find_overlapping_iter(text).filter(|found| begins(found.start()));
        let sets = found.map(|found| self.members[found.pattern().as_usize()]);
        Mentions(sets.fold(0, std::ops::BitOr::bitor))
    }
}

impl Gate {
    pub(super) fn is_open(&self, mentions: Mentions) -> bool {
        self.0.0 & !mentions.0 == 0
    }
}

/// The words for what is written as `module#export` or `#global`; `None` where one of them has none.
pub(crate) fn words_of<'m>(meant: impl IntoIterator<Item = &'m str>) -> Option<Vec<&'m str>> {
    meant.into_iter().map(word).collect()
}

fn word(meant: &str) -> Option<&str> {
    let (module, export) = meant.split_once('#')?;
    word_of(module, export)
}

/// The word without which nothing in a file can be this export of a module, or this global: the first name of the
/// export, which an import has to spell; of a default export the module, for whoever imports it may call it as they
/// like.
pub(crate) fn word_of<'m>(module: &'m str, export: &'m str) -> Option<&'m str> {
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

    #[test]
    fn a_word_stands_where_a_name_begins_with_it() {
        let mut words = Words::default();
        let sets = ["io", "verify"].map(|word| words.bit(vec![word]).unwrap());
        words.prepare();
        let holds = |text: &str| sets.map(|set| words.of(text).0 & set.0 != 0);
        assert_eq!(holds("function ratio($io, _io, éio) {}"), [false, false]);
        assert_eq!(holds("io(url)"), [true, false]);
        assert_eq!(holds("import { io } from 'socket.io-client'"), [true, false]);
        assert_eq!(holds("jwt.verifyAsync(token)"), [false, true]);
        assert_eq!(holds("require(\"node:io\").reverify"), [true, false]);
    }
}
