//! Words about the host and what is installed.

use crate::package::Version;
use crate::rules::Word;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::about(
        "target",
        1,
        |_, condition, evidence| {
            evidence.target().is_some_and(|target| condition.words().any(|word| word == &*target.id))
        },
        "`(#target? \"vercel\" \"netlify\")`: the package's target is one of these rows of targets.toml",
    ),
    Word::about(
        "target-kind",
        1,
        |_, condition, evidence| {
            evidence.target().is_some_and(|target| condition.words().any(|word| word == target.kind.name()))
        },
        "`(#target-kind? \"serverless\")`: the target is of one of these kinds",
    ),
    Word::about(
        "version",
        2,
        |_, condition, evidence| {
            let mut words = condition.words();
            let name = words.next().unwrap_or_default();
            let Some(version) = evidence.package().versions.get(name) else { return false };
            evidence.set("version", spoken(name, version));
            words.all(|bound| fits(version, bound))
        },
        "`(#version? \"next\" \">=15.1.0\")`: the installed version is known and fits all of these bounds (`>=`, `<`, `>`, `<=`)",
    ),
];

/// `Next.js 16.4.6`.
pub(crate) fn spoken(name: &str, version: &Version) -> String {
    let name = match name {
        "next" => "Next.js",
        "express" => "Express",
        other => other,
    };
    format!("{name} {}.{}.{}", version.major, version.minor, version.patch)
}

/// Whether a version fits a bound such as `>=15.1.0`.
pub(in crate::check) fn fits(version: &Version, bound: &str) -> bool {
    let digits = bound.trim_start_matches(['<', '>', '=']);
    let mut parts = digits.split('.').map(|part| part.parse::<u64>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let wanted = (next(), next(), next());
    let have = (version.major, version.minor, version.patch);
    match &bound[..bound.len() - digits.len()] {
        ">=" => have >= wanted,
        "<=" => have <= wanted,
        ">" => have > wanted,
        "<" => have < wanted,
        _ => have == wanted,
    }
}
