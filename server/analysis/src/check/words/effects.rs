//! Words about what calls ask of the host.

use crate::rules::{Word, word_of};
use crate::tables::{Effect, EffectRow, Libraries};

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "asks",
    1,
    |site, condition, evidence| {
        let Some(id) = site.call(condition) else { return false };
        // In the order of the calls.
        let asked = site.project.links(site.file).map_or(&[][..], |links| &links.effects);
        let first = asked.partition_point(|asked| asked.call < id);
        let found = asked[first..]
            .iter()
            .take_while(|asked| asked.call == id)
            .find(|asked| condition.words().any(|word| word == asked.row.effect.name()));
        found.is_some_and(|asked| {
            evidence.set("what", asked.row.phrase());
            true
        })
    },
    "`(#asks? @at \"burns-cpu\")`: the call has one of these effects, by the rows of libraries.toml",
)
.spelled(|wanted| callees_of(|effect| wanted.iter().any(|word| **word == *effect.name())))];

/// The names without which no call has one of the effects that are wanted.
pub(super) fn callees_of(wanted: impl Fn(Effect) -> bool) -> Option<Vec<&'static str>> {
    let rows = Libraries::builtin().all_effects().iter().filter(|row| wanted(row.effect));
    let of_exports = |row: &'static EffectRow| {
        row.from.iter().flat_map(|from| row.exports.iter().map(|export| word_of(from, export)))
    };
    let of_methods = |row: &'static EffectRow| row.methods.iter().map(|way| last_name(way));
    rows.flat_map(|row| of_exports(row).chain(of_methods(row))).collect()
}

/// The name of the method that a way ends with, where it has one.
fn last_name(way: &str) -> Option<&str> {
    way.rsplit('.').next().filter(|name| !matches!(*name, "*" | "**" | "()"))
}
