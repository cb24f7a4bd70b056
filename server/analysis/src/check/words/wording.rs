//! Words that always hold: what a pattern says of its own findings, where a rule has several.

use crate::finding::Severity;
use crate::rules::Word;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::about(
        "advises",
        1,
        |_, condition, evidence| {
            evidence.set("remedy", &*condition.strings[0]);
            true
        },
        "`(#advises? \"Return it\")`: always holds; `{remedy}` in the message is this text",
    ),
    Word::about(
        "at-most",
        1,
        |_, condition, evidence| {
            let severity = match &*condition.strings[0] {
                "hint" => Severity::Hint,
                "information" => Severity::Information,
                "warning" => Severity::Warning,
                _ => Severity::Error,
            };
            evidence.at_most(severity);
            true
        },
        "`(#at-most? \"warning\")`: always holds; what this pattern finds matters no more than this, on any host",
    ),
    Word::about(
        "says",
        1,
        |_, condition, evidence| {
            evidence.set("what", &*condition.strings[0]);
            true
        },
        "`(#says? \"it returns nothing\")`: always holds; `{what}` in the message is this text",
    ),
];
