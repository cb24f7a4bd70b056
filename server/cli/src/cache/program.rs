//! Which program it was: the version alone does not tell two builds of a working tree apart.
#![expect(clippy::disallowed_methods, reason = "the program is no part of what is checked")]

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use routewise_workspace::journal;
use serde::{Deserialize, Serialize};

/// A program larger than this is one for its developers, with all that a debugger wants: its date tells enough.
const LARGEST: u64 = 64 << 20;

/// What tells this program from others.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Program {
    version: String,
    size: u64,
    /// Nanoseconds since 1970.
    modified: Option<u128>,
    content: Option<u128>,
}

impl Program {
    /// The one that runs; `None` where the system does not say.
    pub(crate) fn this() -> Option<Self> {
        let path = std::env::current_exe().ok()?;
        let mut program = Self::dated(&path)?;
        program.content = content(&path, program.size);
        Some(program)
    }

    /// Whether it is the one that runs: that of the same date, or of the same content.
    pub(crate) fn is_this(&self) -> bool {
        let this = || {
            let path = std::env::current_exe().ok()?;
            let this = Self::dated(&path)?;
            let alike = self.version == this.version && self.size == this.size;
            let same = || self.content.is_some() && self.content == content(&path, this.size);
            // An installer may give the same program another date.
            Some(alike && (self.modified.is_some() && self.modified == this.modified || same()))
        };
        this().unwrap_or(false)
    }

    fn dated(path: &Path) -> Option<Self> {
        let data = fs::metadata(path).ok()?;
        let modified = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Some(Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            size: data.len(),
            modified: modified.map(|time| time.as_nanos()),
            content: None,
        })
    }
}

fn content(path: &Path, size: u64) -> Option<u128> {
    (size <= LARGEST).then(|| fs::read(path).ok()).flatten().map(|bytes| journal::hash(&bytes))
}
