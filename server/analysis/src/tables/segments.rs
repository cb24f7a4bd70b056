//! The options that a file of the App Router exports, and what each version of Next.js takes for them.
//!
//! Read in the packages next 13.5.11, 14.2.35, 15.0.0, 15.5.29, 16.0.0 and 16.4.6
//! (`dist/build/analysis/get-page-static-info.js`, `extract-const-value.js`, and from 15 on
//! `dist/build/segment-config/app/app-segment-config.js`). What `cacheComponents` refuses was tried with the build
//! of 16.4.6.

use crate::package::{Package, Version};

/// A version as it is compared: major, minor, patch.
type Since = (u64, u64, u64);

/// One option: a name that Next.js looks for among the exports of a route, page or layout.
#[derive(Debug)]
pub(crate) struct SegmentOption {
    /// The exported name.
    pub(crate) name: &'static str,
    /// What it does, as whole sentences.
    pub(crate) what: &'static str,
    /// The first version that knows it.
    pub(crate) since: Since,
    /// What it may be set to, from a version on; the newest first.
    values: &'static [(Since, Values)],
    /// Before 15 most options were read from the loaded module, so that any expression did. These were read from
    /// the text even then.
    read_from_text: bool,
    /// How it gets on with `cacheComponents`.
    pub(crate) under_cache_components: Under,
    /// From which version on it, or one of its values, is deprecated, and what to do instead.
    deprecated: Option<(Since, Option<&'static str>, &'static str)>,
}

/// What an option may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// One of these strings, or `false`.
    OneOfOrFalse(&'static [&'static str]),
    /// A whole number of seconds.
    Seconds,
    /// A whole number of seconds, or `false`.
    SecondsOrFalse,
    /// `true` or `false`.
    Boolean,
    /// `true`, `false` or an object.
    BooleanOrObject,
    /// A string or a list of strings.
    Strings,
}

/// How an option gets on with `cacheComponents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Under {
    /// Its build refuses the option.
    Refused,
    /// It changes nothing.
    Allowed,
    /// Without it the build refuses the option.
    Needed,
}

/// What a version does with a value that is not written out as a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Computed {
    /// Takes it: the module is loaded and asked.
    Taken,
    /// Goes on as if the option were not there.
    Ignored,
    /// Stops the build.
    Refused,
}

/// From this version on every option is read from the text.
const READ_FROM_TEXT: Since = (15, 0, 0);

const OPTIONS: &[SegmentOption] = &[
    SegmentOption {
        name: "dynamic",
        what: "Says whether the answer is made for each request or once at build time. A `GET` under `'force-static'` sees an empty request: no query, no headers, no cookies.",
        since: (13, 0, 0),
        values: &[((13, 0, 0), Values::OneOf(&["auto", "force-dynamic", "error", "force-static"]))],
        read_from_text: false,
        under_cache_components: Under::Refused,
        deprecated: None,
    },
    SegmentOption {
        name: "dynamicParams",
        what: "Says whether paths that `generateStaticParams` does not list are served.",
        since: (13, 0, 0),
        values: &[((13, 0, 0), Values::Boolean)],
        read_from_text: false,
        under_cache_components: Under::Refused,
        deprecated: None,
    },
    SegmentOption {
        name: "ensureStatic",
        what: "Says which phases of rendering this page or layout must get through without reading the request.",
        since: (16, 4, 0),
        values: &[((16, 4, 0), Values::OneOfOrFalse(&["auto", "shell", "prefetch", "navigation"]))],
        read_from_text: true,
        under_cache_components: Under::Needed,
        deprecated: None,
    },
    SegmentOption {
        name: "fetchCache",
        what: "Overrides how `fetch` in this route is cached.",
        since: (13, 0, 0),
        values: &[(
            (13, 0, 0),
            Values::OneOf(&[
                "auto",
                "default-cache",
                "only-cache",
                "force-cache",
                "force-no-store",
                "default-no-store",
                "only-no-store",
            ]),
        )],
        read_from_text: false,
        under_cache_components: Under::Refused,
        deprecated: None,
    },
    SegmentOption {
        name: "instant",
        what: "Says whether a visit to this page or layout must show something at once.",
        since: (16, 3, 0),
        values: &[((16, 3, 0), Values::BooleanOrObject)],
        read_from_text: true,
        under_cache_components: Under::Needed,
        deprecated: None,
    },
    SegmentOption {
        name: "maxDuration",
        what: "Tells the host how long a request to this route may take. Next.js itself does not enforce it, neither in development nor with `next start`.",
        since: (13, 4, 10),
        values: &[((13, 4, 10), Values::Seconds)],
        read_from_text: true,
        under_cache_components: Under::Allowed,
        deprecated: None,
    },
    SegmentOption {
        name: "preferredRegion",
        what: "Asks the host for a region.",
        since: (13, 0, 0),
        values: &[((13, 0, 0), Values::Strings)],
        read_from_text: true,
        under_cache_components: Under::Allowed,
        deprecated: Some(((16, 3, 0), None, "Set the region with the host instead.")),
    },
    SegmentOption {
        name: "prefetch",
        what: "Says how much of this page or layout is loaded ahead of a visit.",
        since: (16, 3, 0),
        values: &[((16, 3, 0), Values::OneOf(&["auto", "partial", "force-disabled"]))],
        read_from_text: true,
        under_cache_components: Under::Needed,
        deprecated: None,
    },
    SegmentOption {
        name: "revalidate",
        what: "Says how long a cached answer is served before it is made again.",
        since: (13, 0, 0),
        values: &[((13, 0, 0), Values::SecondsOrFalse)],
        read_from_text: false,
        under_cache_components: Under::Refused,
        deprecated: None,
    },
    SegmentOption {
        name: "runtime",
        what: "Says what runs this route. `'edge'` has no Node.js modules and no database sockets.",
        since: (13, 0, 0),
        values: &[
            ((15, 0, 0), Values::OneOf(&["nodejs", "edge"])),
            ((13, 0, 0), Values::OneOf(&["nodejs", "edge", "experimental-edge"])),
        ],
        read_from_text: true,
        under_cache_components: Under::Refused,
        deprecated: Some(((16, 3, 0), Some("edge"), "Leave it out: Node.js is the default.")),
    },
];

/// The options that a version of Next.js knows; all of them where the version is not known.
pub(crate) fn segment_options(version: Option<&Version>) -> impl Iterator<Item = &'static SegmentOption> {
    let version = version.map(numbers);
    OPTIONS.iter().filter(move |option| version.is_none_or(|version| version >= option.since))
}

/// The option of a name, where the version knows it.
pub(crate) fn segment_option(name: &str, version: Option<&Version>) -> Option<&'static SegmentOption> {
    segment_options(version).find(|option| option.name == name)
}

/// The installed version of Next.js, where it is known.
pub(crate) fn next_version(package: &Package) -> Option<&Version> {
    package.versions.get("next")
}

fn numbers(version: &Version) -> Since {
    (version.major, version.minor, version.patch)
}

impl SegmentOption {
    /// What it may be set to; what the newest version takes where none is known.
    pub(crate) fn values(&self, version: Option<&Version>) -> Values {
        let row =
            self.values.iter().find(|(since, _)| version.is_none_or(|version| numbers(version) >= *since));
        row.or(self.values.last()).map_or(Values::Strings, |(_, values)| *values)
    }

    /// What a version does with a value that has to be computed.
    pub(crate) fn computed(&self, version: &Version) -> Computed {
        match (numbers(version) >= READ_FROM_TEXT, self.read_from_text) {
            (true, _) => Computed::Refused,
            (false, true) => Computed::Ignored,
            (false, false) => Computed::Taken,
        }
    }

    /// What to do instead, where a version has the option deprecated, or this value of it.
    pub(crate) fn deprecated(&self, version: &Version, value: Option<&str>) -> Option<&'static str> {
        let (since, only, instead) = self.deprecated?;
        let meant = only.is_none() || only == value;
        (numbers(version) >= since && meant).then_some(instead)
    }
}

impl Values {
    /// As a person lists them, in Markdown, strings in these quotes.
    pub(crate) fn spoken(self) -> String {
        let quoted =
            |words: &[&str]| words.iter().map(|word| format!("`'{word}'`")).collect::<Vec<_>>().join(", ");
        match self {
            Values::OneOf(words) => match words {
                [head @ .., last] if !head.is_empty() => format!("{} or `'{last}'`", quoted(head)),
                words => quoted(words),
            },
            Values::OneOfOrFalse(words) => format!("{} or `false`", quoted(words)),
            Values::Seconds => "a whole number of seconds".to_owned(),
            Values::SecondsOrFalse => "a whole number of seconds or `false`".to_owned(),
            Values::Boolean => "`true` or `false`".to_owned(),
            Values::BooleanOrObject => "`true`, `false` or an object".to_owned(),
            Values::Strings => "a string or a list of strings".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::VersionSource;

    fn version(major: u64, minor: u64, patch: u64) -> Version {
        Version { major, minor, patch, source: VersionSource::Installed }
    }

    #[test]
    fn each_version_has_its_own_options_and_values() {
        let names = |version: &Version| segment_options(Some(version)).map(|it| it.name).collect::<Vec<_>>();
        assert!(!names(&version(16, 2, 9)).contains(&"prefetch"));
        assert!(names(&version(16, 3, 0)).contains(&"prefetch"));
        assert!(!names(&version(16, 3, 0)).contains(&"ensureStatic"));
        let runtime = segment_option("runtime", None).unwrap();
        assert_eq!(runtime.values(Some(&version(15, 0, 0))), Values::OneOf(&["nodejs", "edge"]));
        assert_eq!(
            runtime.values(Some(&version(14, 2, 35))).spoken(),
            "`'nodejs'`, `'edge'` or `'experimental-edge'`"
        );
        assert_eq!(runtime.values(None), runtime.values(Some(&version(16, 4, 6))));
        assert!(runtime.deprecated(&version(16, 2, 9), Some("edge")).is_none());
        assert!(runtime.deprecated(&version(16, 3, 0), Some("edge")).is_some());
        assert!(runtime.deprecated(&version(16, 3, 0), Some("nodejs")).is_none());
    }

    #[test]
    fn options_and_their_rows_are_in_order() {
        assert!(OPTIONS.is_sorted_by_key(|option| option.name));
        for option in OPTIONS {
            assert!(option.values.is_sorted_by(|a, b| a.0 > b.0), "{}", option.name);
            assert_eq!(option.values.last().map(|row| row.0), Some(option.since), "{}", option.name);
        }
    }

    #[test]
    fn what_has_to_be_computed_is_taken_ignored_or_refused() {
        let revalidate = segment_option("revalidate", None).unwrap();
        let limit = segment_option("maxDuration", None).unwrap();
        assert_eq!(revalidate.computed(&version(14, 2, 35)), Computed::Taken);
        assert_eq!(limit.computed(&version(14, 2, 35)), Computed::Ignored);
        assert_eq!(revalidate.computed(&version(15, 0, 0)), Computed::Refused);
    }
}
