//! The options of a route and their legal values, as the installed version takes them.

use super::place::{Statement, Value};
use super::{Completion, Kind, declares};
use crate::fix::code::Code;
use crate::package::Seconds;
use crate::project::FileInput;
use crate::tables::{self, Limit, MaxDuration, SegmentOption, Under, Values};

/// What an option begins with.
const KEYWORDS: &str = "export const ";

/// The options of a route handler, the ones that are written most first.
const OFFERED: [&str; 7] =
    ["maxDuration", "dynamic", "runtime", "revalidate", "dynamicParams", "fetchCache", "preferredRegion"];

/// What a value means, the likeliest of each option first.
const MEANINGS: [(&str, &str, &str); 20] = [
    ("dynamic", "force-dynamic", "made for each request"),
    ("dynamic", "force-static", "made once, by the build"),
    ("dynamic", "auto", "the default"),
    ("dynamic", "error", "made once; the build fails where it cannot be"),
    ("runtime", "nodejs", "the default"),
    ("runtime", "edge", "no Node.js, no database sockets"),
    ("revalidate", "60", "one minute"),
    ("revalidate", "3600", "one hour"),
    ("revalidate", "86400", "one day"),
    ("revalidate", "0", "never cached"),
    ("revalidate", "false", "cached for good"),
    ("dynamicParams", "true", "the default"),
    ("dynamicParams", "false", "other paths are not found"),
    ("fetchCache", "auto", "the default"),
    ("fetchCache", "default-cache", "cached unless `fetch` says otherwise"),
    ("fetchCache", "only-cache", "cached; `fetch` that says otherwise fails"),
    ("fetchCache", "force-cache", "cached, whatever `fetch` says"),
    ("fetchCache", "default-no-store", "not cached unless `fetch` says otherwise"),
    ("fetchCache", "only-no-store", "not cached; `fetch` that says otherwise fails"),
    ("fetchCache", "force-no-store", "not cached, whatever `fetch` says"),
];

/// Durations that people write, in seconds.
const CUSTOMARY: [u64; 6] = [10, 30, 60, 120, 300, 800];

/// A value as it can be written.
pub(super) struct Legal {
    pub(super) text: String,
    /// It is a string.
    quoted: bool,
    pub(super) meaning: String,
}

/// The option of a name, where the installed version and the project's settings take it in a route handler.
fn option(input: &FileInput, name: &str) -> Option<&'static SegmentOption> {
    let version = tables::next_version(&input.package);
    let option = tables::segment_option(name, version).filter(|option| OFFERED.contains(&option.name))?;
    let cached = input.package.next.as_ref().is_some_and(|next| next.cache_components);
    let refused = option.under_cache_components == Under::Refused && cached;
    let deprecated = version.is_some_and(|version| option.deprecated(version, None).is_some());
    (!refused && !deprecated).then_some(option)
}

/// The legal values of an option that can be listed, the likeliest first. What the installed version has
/// deprecated is not among them.
fn legal(input: &FileInput, option: &SegmentOption) -> Vec<Legal> {
    let version = tables::next_version(&input.package);
    let meaning =
        |text: &str| MEANINGS.iter().position(|(name, value, _)| *name == option.name && *value == text);
    let listed = |words: &[&str], quoted: bool| -> Vec<Legal> {
        let mut words: Vec<&str> = words.to_vec();
        words.retain(|word| version.is_none_or(|version| option.deprecated(version, Some(word)).is_none()));
        words.sort_by_key(|word| meaning(word).unwrap_or(usize::MAX));
        let legal = |word: &&str| Legal {
            text: (*word).to_owned(),
            quoted,
            meaning: meaning(word).map_or("", |at| MEANINGS[at].2).to_owned(),
        };
        words.iter().map(legal).collect()
    };
    match option.values(version) {
        Values::OneOf(words) | Values::OneOfOrFalse(words) => listed(words, true),
        Values::Boolean => listed(&["true", "false"], false),
        Values::SecondsOrFalse => listed(&["60", "3600", "86400", "0", "false"], false),
        Values::Seconds => durations(input),
        Values::BooleanOrObject | Values::Strings => Vec::new(),
    }
}

/// What an option does and takes, as Markdown.
fn about(input: &FileInput, option: &SegmentOption) -> String {
    let values = option.values(tables::next_version(&input.package));
    format!("{}\n\nLegal values: {}.", option.what, values.spoken())
}

/// The options that can be written at a place.
pub(super) fn names(input: &FileInput, rest: &Code<'_>, statement: &Statement) -> Vec<Completion> {
    if !statement.admits(KEYWORDS) {
        return Vec::new();
    }
    let style = rest.style();
    OFFERED
        .iter()
        .filter(|name| !declares(rest, name))
        .filter_map(|name| Some((option(input, name)?, statement.filter(name, KEYWORDS)?)))
        .map(|(option, filter)| {
            let name = option.name;
            let first = match (name, legal(input, option).first()) {
                ("maxDuration", _) => "${1:60}".to_owned(),
                (_, Some(legal)) if legal.quoted => style.string(&format!("${{1:{}}}", legal.text)),
                (_, Some(legal)) => format!("${{1:{}}}", legal.text),
                (_, None) => style.string("${1:auto}"),
            };
            Completion {
                label: name.to_owned(),
                detail: "option of this route".to_owned(),
                documentation: about(input, option),
                insert: format!("export const {name} = {first}{}$0", style.semi),
                snippet: true,
                kind: Kind::Constant,
                span: statement.span,
                filter,
                edits: Vec::new(),
            }
        })
        .collect()
}

/// The values that can be written at a place.
pub(super) fn values(input: &FileInput, code: &Code<'_>, value: &Value) -> Vec<Completion> {
    let Some(option) = option(input, &value.name) else { return Vec::new() };
    let style = code.style();
    let typed = value.typed.to_lowercase();
    legal(input, option)
        .into_iter()
        // Numbers and booleans do not stand between quotes.
        .filter(|legal| legal.quoted || !value.quoted)
        .filter(|legal| legal.text.to_lowercase().contains(&typed))
        .map(|legal| {
            let insert = if legal.quoted && !value.quoted { style.string(&legal.text) } else { legal.text };
            Completion {
                label: insert.clone(),
                detail: legal.meaning,
                documentation: about(input, option),
                snippet: false,
                kind: Kind::Value,
                span: value.span,
                filter: insert.clone(),
                edits: Vec::new(),
                insert,
            }
        })
        .collect()
}

/// Values of `maxDuration` with the plans that allow them: customary ones and the most of every plan.
pub(super) fn durations(input: &FileInput) -> Vec<Legal> {
    let legal = |seconds: u64, meaning: String| Legal { text: seconds.to_string(), quoted: false, meaning };
    let limits = tables::max_duration(&input.package, &input.path, None);
    let Some(limits) = limits.filter(|limits| limits.heeded) else {
        return [60, 300].map(|seconds| legal(seconds, "seconds".to_owned())).into();
    };
    let most = limits.rows.iter().filter_map(|row| match row.max {
        Limit::At(seconds) => Some(seconds),
        Limit::Unlimited => None,
    });
    let most: Vec<u64> = most.collect();
    let top = most.iter().copied().max().unwrap_or(0);
    let mut seconds: Vec<u64> = CUSTOMARY.into_iter().filter(|seconds| *seconds <= top).chain(most).collect();
    seconds.sort_unstable();
    seconds.dedup();
    seconds.into_iter().map(|seconds| legal(seconds, allowed(&limits, seconds))).collect()
}

/// Which plans allow so many seconds.
fn allowed(limits: &MaxDuration<'_>, seconds: u64) -> String {
    let asked = MaxDuration {
        set: Some(tables::Set { seconds: Seconds::At(seconds), from: tables::SetIn::Export }),
        ..limits.clone()
    };
    let too_small = asked.too_small();
    let fit: Vec<String> =
        limits.rows.iter().filter(|row| !too_small.contains(row)).filter_map(|row| row.label()).collect();
    if too_small.is_empty() {
        return match &fit[..] {
            [only] => format!("seconds; {only}"),
            _ => "seconds; every plan".to_owned(),
        };
    }
    format!("seconds; only {}", fit.join(", "))
}
