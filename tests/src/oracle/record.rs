//! What Next.js said of each case, as data, and what it means for the rules.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::case::{Case, Request, Twin};

/// By case, twin (`bad`, `good`) and version of Next.js.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(BTreeMap<String, BTreeMap<String, BTreeMap<String, Outcome>>>);

/// What came of one app with one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// How far it came.
    pub state: State,
    /// Why it went no further, or what the build warned of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
    /// What was answered, in the order of the case's requests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Reply>,
}

/// How far an app came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// `next build` failed.
    BuildFailed,
    /// The build is good, the server ends at once.
    BootFailed,
    /// It answers requests.
    Runs,
}

/// What came back for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Method and path.
    pub request: String,
    /// `None` if there was no answer in time.
    pub status: Option<u16>,
    /// The headers that the case asks for, `None` where they were missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// Its first characters.
    pub body: String,
    /// The first line that the server printed meanwhile, if the request failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// What an outcome says about the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The build or the boot refuses it.
    Rejects(String),
    /// It is accepted, and a real request fails.
    Fails(String),
    /// It is built and works, with a warning.
    Warns(String),
    /// It does what its author wants.
    Works,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejects(why) => write!(formatter, "rejects it: {why}"),
            Self::Fails(how) => write!(formatter, "accepts it, fails at run time: {how}"),
            Self::Warns(what) => write!(formatter, "warns: {what}"),
            Self::Works => formatter.write_str("accepts it, and it works"),
        }
    }
}

impl Record {
    /// Where it lies.
    pub fn path() -> PathBuf {
        super::folder().join("record.json")
    }

    /// The committed record; empty if there is none yet.
    pub fn read() -> Result<Self> {
        match fs::read_to_string(Self::path()) {
            Ok(text) => serde_json::from_str(&text).context("tests/oracle/record.json"),
            Err(_) => Ok(Self::default()),
        }
    }

    /// Writes it.
    pub fn write(&self) -> Result<()> {
        Ok(fs::write(Self::path(), serde_json::to_string_pretty(self)? + "\n")?)
    }

    /// What one version said of one twin of a case.
    pub fn get(&self, case: &str, twin: Twin, version: &str) -> Option<&Outcome> {
        self.0.get(case)?.get(twin.name())?.get(version)
    }

    /// Takes in what a version said.
    pub fn set(&mut self, case: &str, twin: Twin, version: &str, outcome: Outcome) {
        let twins = self.0.entry(case.to_owned()).or_default();
        twins.entry(twin.name().to_owned()).or_default().insert(version.to_owned(), outcome);
    }

    /// Drops what is about no case, or no version of one, any more.
    pub fn keep(&mut self, cases: &[Case]) {
        self.0.retain(|name, twins| {
            let Some(case) = cases.iter().find(|case| case.name == *name) else { return false };
            for versions in twins.values_mut() {
                versions.retain(|version, _| case.next.contains(version));
            }
            true
        });
    }

    /// What is recorded of something that does not exist any more.
    pub fn stale(&self, cases: &[Case]) -> bool {
        let mut kept = self.clone();
        kept.keep(cases);
        kept != *self
    }
}

impl Outcome {
    /// Whether the same came of it. Log lines may differ: they have names that the minifier makes up.
    pub fn is_like(&self, other: &Self) -> bool {
        let essence = |outcome: &Self| {
            let mut outcome = outcome.clone();
            for answer in &mut outcome.answers {
                answer.log = None;
            }
            outcome
        };
        essence(self) == essence(other)
    }

    /// What it means, given the answers that the case's author wants.
    pub fn verdict(&self, case: &Case) -> Verdict {
        if self.state != State::Runs {
            let lines: Vec<&str> = self.says.iter().take(2).map(String::as_str).collect();
            return Verdict::Rejects(lines.join(" "));
        }
        for (request, reply) in case.requests.iter().zip(&self.answers) {
            if let Some(how) = reply.failure(request) {
                return Verdict::Fails(how);
            }
        }
        self.says.first().map_or(Verdict::Works, |what| Verdict::Warns(what.clone()))
    }
}

impl Reply {
    /// How this is not what was wanted.
    fn failure(&self, request: &Request) -> Option<String> {
        let wanted = &request.wanted;
        let got = |what: String| Some(format!("{}: {what}", self.request));
        let Some(status) = self.status else { return got("no answer".to_owned()) };
        if status != wanted.status {
            let log = self.log.as_ref().map_or(String::new(), |log| format!(" ({log})"));
            return got(format!("{status} instead of {}{log}", wanted.status));
        }
        if !self.body.contains(&wanted.body) {
            return got(format!("{status} with the body {:?}", self.body));
        }
        for (name, value) in &wanted.headers {
            let found = self.headers.get(name).cloned().flatten().unwrap_or_default();
            if found != *value {
                return got(format!("{status} with the header {name}: {found:?}"));
            }
        }
        None
    }
}
