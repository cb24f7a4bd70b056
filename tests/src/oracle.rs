//! The real Next.js as the judge of the rules: small apps with one planted defect each are built and asked,
//! and what came of it is kept as data (`tests/oracle/record.json`) that Routewise is compared with.
//!
//! | module | subject |
//! |---|---|
//! | [`case`] | the planted defects and their healthy twins, as files |
//! | [`process`] | a program that runs in a group of its own, line by line |
//! | [`http`] | one request over a socket |
//! | [`next`] | the installed Next.js: an app built, and served |
//! | [`run`] | many cases, in as few builds as they allow |
//! | [`record`] | what Next.js said, and what that means |
//! | [`manifest`] | apps of which the build says which routes they have |
//! | [`skeleton`] | the files of such an app, where only their names and exports are kept |

pub mod case;
pub mod http;
pub mod manifest;
pub mod next;
pub mod process;
pub mod record;
pub mod run;
pub mod skeleton;

use std::path::PathBuf;

/// The versions of Next.js that are asked, each with the React it was made for.
pub const VERSIONS: [(&str, &str); 4] =
    [("13.5.11", "18.3.1"), ("14.2.35", "18.3.1"), ("15.5.29", "19.2.0"), ("16.4.6", "19.2.0")];

/// The version of which a part is asked again in every run of the tests.
pub const CURRENT: &str = "16.4.6";

/// Where the cases and the record lie.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oracle")
}

/// The React that goes with a version of Next.js.
pub fn react(next: &str) -> Option<&'static str> {
    VERSIONS.iter().find(|(version, _)| *version == next).map(|(_, react)| *react)
}
