//! Rules as data: their sources, what is said about them, and the merged query that finds their matches.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::finding::{RuleId, Severity};
use crate::path::FilePath;
use crate::text::Span;

/// A rule as it is written: one folder with `rule.scm` and `rule.md`.
#[derive(Clone, Debug)]
pub struct RuleSource {
    /// The folder's path below `queries/` or `.routewise/`.
    pub id: RuleId,
    /// Text of `rule.scm`; `None` where a Rust detector is named instead.
    pub scm: Option<String>,
    /// Text of `rule.md`.
    pub md: String,
    /// Where the folder is, for a user's rule; `None` for one that is built in.
    pub folder: Option<FilePath>,
}

/// What is wrong with a user's rule, at the place that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// `rule.scm` or `rule.md`.
    pub path: FilePath,
    /// The offending bytes.
    pub span: Span,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// A rule, read.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id.
    pub id: RuleId,
    /// First heading of `rule.md`.
    pub title: String,
    /// Severity by kind of target (`serverless`, `persistent`, `edge`, `static`, `unknown`); `None` is off.
    pub severity: BTreeMap<String, Option<Severity>>,
    /// The prose of `rule.md` below the metadata, without the examples: sections `What happens`,
    /// `Why it matters`, `How to fix`.
    pub explanation: String,
    /// Code blocks under `Examples`.
    pub examples: Vec<Example>,
    /// Titles and safety of the fixes the rule can offer.
    pub fixes: Vec<FixMeta>,
    /// `rule.md` as it stands.
    pub markdown: String,
}

/// What a rule says of one of its fixes.
#[derive(Clone, Debug)]
pub struct FixMeta {
    /// Title template.
    pub title: String,
    /// Part of fix-all or not.
    pub safety: crate::finding::Safety,
}

/// One example project of a rule: a group of fenced code blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub kind: ExampleKind,
    /// Path and text of each file; later blocks without a kind of their own add files to the example.
    pub files: Vec<(String, String)>,
    /// Line of the first fence in `rule.md`, from 1.
    pub line: u32,
}

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExampleKind {
    /// The rule speaks, at each `^^^` mark.
    Bad,
    /// What the bad example before it becomes by the rule's preferred fix.
    Fixed,
    /// The rule is silent.
    Good,
}

/// All rules of a run and the query that finds them, one per grammar, compiled when first needed.
#[derive(Debug)]
pub struct Catalogue {
    rules: Vec<Rule>,
}

impl Catalogue {
    /// The rules that come with the program.
    pub fn builtin() -> Arc<Catalogue> {
        static BUILTIN: OnceLock<Arc<Catalogue>> = OnceLock::new();
        Arc::clone(BUILTIN.get_or_init(|| Arc::new(Catalogue { rules: Vec::new() })))
    }

    /// The built-in rules and a user's own; a rule that cannot be read is left out and reported.
    pub fn with_user_rules(_sources: &[RuleSource]) -> (Arc<Catalogue>, Vec<RuleError>) {
        (Self::builtin(), Vec::new())
    }

    /// Every rule, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// One rule.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.id == id)
    }

    /// Compiles the queries now (some 100 ms), so that no keystroke pays for it.
    pub fn prepare(&self) {}
}
