//! Words about what calls ask of the host.

use crate::rules::Word;

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
)];
