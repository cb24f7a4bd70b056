//! Words about the options that a file of the App Router exports.

use crate::project::segment_text;
use crate::rules::Word;

use super::super::segments;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::about(
        "cache-components",
        0,
        |site, _, _| site.input.package.next.as_ref().is_some_and(|next| next.cache_components),
        "`(#cache-components?)`: next.config turns `cacheComponents` on",
    ),
    Word::about(
        "segment",
        2,
        |site, condition, _| {
            let mut words = condition.words();
            let set = segment_text(&site.input.facts, words.next().unwrap_or_default());
            set.is_some_and(|set| words.any(|word| word == set))
        },
        "`(#segment? \"dynamic\" \"force-static\")`: the file exports this option, set to one of these values",
    ),
    Word::of(
        "segment-option",
        1,
        |site, condition, evidence| {
            let Some(name) = site.captured(condition) else { return false };
            let text = site.captured_as("value").map_or("", |value| &*value.text);
            let Some(problem) = segments::problem(site.input, &name.text, text) else { return false };
            let about = if problem.is_of_value() { "value" } else { "name" };
            let meant = condition.words().any(|word| word == about);
            if meant {
                segments::tell(evidence, site.input, &name.text, text, &problem);
            }
            meant
        },
        "`(#segment-option? @name \"value\")`: the installed version cannot read, or does not have, the captured `@value` of this exported option; `name`: it refuses, ignores or has deprecated the option itself. Says in `{what}` what is wrong and what to do",
    ),
];
