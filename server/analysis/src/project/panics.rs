//! A panic costs what panicked and nothing else: a rule its findings, a file its links, a route what is told of it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{FileNo, Project};
use crate::finding::RuleId;
use crate::path::FilePath;

/// What was left out because it panicked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// The findings of a rule at a place.
    Rule(RuleId),
    /// What a file has to do with others.
    Links(FilePath),
    /// What a file asks of the process that it runs in.
    Asks(FilePath),
    /// What is told of all files together.
    Whole(&'static str),
}

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Rule(rule) => write!(formatter, "the rule {rule}"),
            Lost::Links(path) => write!(formatter, "the calls and routes of {path}"),
            Lost::Asks(path) => write!(formatter, "what {path} asks of its process"),
            Lost::Whole(what) => formatter.write_str(what),
        }
    }
}

impl Project {
    /// Runs a piece of the analysis; where it panics, that is noted for the log.
    pub(crate) fn guarded<T>(&self, lost: impl FnOnce() -> Lost, run: impl FnOnce() -> T) -> Option<T> {
        catch_unwind(AssertUnwindSafe(run))
            .map_err(|panic| {
                let what = panic
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "it gave no reason".to_owned());
                if let Ok(mut panics) = self.panics.lock() {
                    panics.insert(lost(), what);
                }
            })
            .ok()
    }

    /// What a file is called in the log.
    pub(crate) fn path_of(&self, file: FileNo) -> FilePath {
        self.file(file).map_or_else(|| FilePath::new("/"), |input| input.path.clone())
    }

    /// What panicked, once each, for the log.
    pub fn take_panics(&self) -> Vec<(Lost, String)> {
        self.panics
            .lock()
            .map(|mut panics| std::mem::take(&mut *panics).into_iter().collect())
            .unwrap_or_default()
    }
}
