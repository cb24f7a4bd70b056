//! Findings, and the edits that mend them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::path::FilePath;
use crate::text::Span;

/// How much a finding matters. Ordered: a hint is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a thought; editors show it faintly.
    Hint,
    /// Good to know.
    Information,
    /// Goes wrong under load, on some hosts, or in a case that will come.
    Warning,
    /// Goes wrong.
    Error,
}

/// A rule's id: its path under `queries/`, such as `clients/prisma-client-per-request`, or under
/// `.routewise/` for a user's rule. `routewise/…` ids are the tool's own (unused suppressions).
pub type RuleId = Arc<str>;

/// One thing that is wrong, proven, in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: RuleId,
    /// How much it matters on this project's target.
    pub severity: Severity,
    /// The file the squiggle stands in.
    pub path: FilePath,
    /// What the squiggle underlines.
    pub span: Span,
    /// At most two sentences; names the target, the evidence and the remedy. Stands alone: some editors
    /// drop everything else.
    pub message: String,
    /// The chain across files and other places that belong to the cause.
    pub related: Vec<Related>,
    /// Editors may fade the code (a suppression that suppresses nothing).
    pub unnecessary: bool,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The file.
    pub path: FilePath,
    /// The place in it.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// Whether a fix may be applied without looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Keeps the meaning of the program but for the defect; part of fix-all.
    Safe,
    /// Wants a look: touches other files or leaves something to be done, which its title says.
    Unsafe,
}

/// A set of edits that mends one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Imperative, such as ``Wrap `prisma` in a global singleton``.
    pub title: String,
    /// Whether it belongs to fix-all.
    pub safety: Safety,
    /// At most one fix of a finding is preferred: the one an editor applies on its shortcut.
    pub preferred: bool,
    /// Sorted by path, then place; edits of one file do not overlap.
    pub edits: Vec<Edit>,
}

/// One edit of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The file that changes.
    pub path: FilePath,
    /// What is replaced (bytes of the file's current text; empty for an insertion, and for `create`).
    pub span: Span,
    /// What stands there afterwards.
    pub new_text: String,
    /// The file does not exist yet and is made with `new_text`; never overwrites.
    pub create: bool,
    /// The file moves here, with what the other edits make of it; never overwrites. `span` and `new_text` are
    /// empty then.
    pub rename: Option<FilePath>,
}

impl Edit {
    /// Another text in the place of `span`.
    pub fn replace(path: FilePath, span: Span, new_text: String) -> Self {
        Self { path, span, new_text, create: false, rename: None }
    }

    /// A new file.
    pub fn create(path: FilePath, text: String) -> Self {
        Self { path, span: Span::default(), new_text: text, create: true, rename: None }
    }

    /// The file that comes to be, where one does.
    pub fn target(&self) -> Option<&FilePath> {
        if self.create { Some(&self.path) } else { self.rename.as_ref() }
    }

    /// A file that goes to another place.
    pub fn rename(from: FilePath, to: FilePath) -> Self {
        Self { path: from, span: Span::default(), new_text: String::new(), create: false, rename: Some(to) }
    }
}
