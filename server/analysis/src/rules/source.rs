//! Rules as they are written and as they are read.

use std::collections::BTreeMap;

use crate::finding::{RuleId, Safety, Severity};
use crate::path::FilePath;
use crate::tables::Kind;
use crate::text::Span;

/// A rule as it is written: one folder with `rule.scm` and `rule.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl RuleSource {
    /// The rules that come with the program, sorted by id.
    pub fn builtin() -> impl Iterator<Item = RuleSource> {
        routewise_queries::RULES.iter().map(|file| RuleSource {
            id: file.id.into(),
            scm: file.scm.map(str::to_owned),
            md: file.md.to_owned(),
            folder: None,
        })
    }

    /// A file of the rule (`rule.md`, `rule.scm`), for messages about it.
    pub fn file(&self, name: &str) -> FilePath {
        match &self.folder {
            Some(folder) => folder.join(name),
            None => FilePath::new(&format!("queries/{}/{name}", self.id)),
        }
    }
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
    /// Severity by kind of target (`serverless`, `persistent`, `edge`, `static`, `unknown`), all five of
    /// them; `None` is off.
    pub severity: BTreeMap<String, Option<Severity>>,
    /// Template of the message; [`super::fill`] fills it. Its placeholders are captures of `rule.scm` and
    /// [`super::PLACEHOLDERS`].
    pub message: String,
    /// Version of Routewise that brought the rule.
    pub since: Option<String>,
    /// Kinds of code the rule speaks of, out of [`super::APPLIES`]; empty: any.
    pub applies: Vec<String>,
    /// Name of the Rust detector of a rule that no query can express.
    pub detect: Option<String>,
    /// The prose of `rule.md` below the metadata, without the examples: sections `What happens`,
    /// `Why it matters`, `How to fix`.
    pub explanation: String,
    /// Code blocks under `Examples`.
    pub examples: Vec<Example>,
    /// The fixes the rule can offer, preferred first.
    pub fixes: Vec<FixMeta>,
    /// `rule.md` as it stands.
    pub markdown: String,
}

impl Rule {
    /// How much a finding matters on a kind of host; `None` where the rule is off.
    pub fn severity_on(&self, kind: Kind) -> Option<Severity> {
        self.severity.get(kind.name()).copied().flatten()
    }
}

impl FixMeta {
    /// The title without what only a finding tells: `Use the … of …`.
    pub fn heading(&self) -> String {
        super::fill(&self.title, |_| "…".to_owned())
    }
}

/// What a rule says of one of its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixMeta {
    /// Title template.
    pub title: String,
    /// Part of fix-all or not.
    pub safety: Safety,
    /// How the edits are made.
    pub body: FixBody,
}

/// How a fix makes its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixBody {
    /// The code of a capture is replaced by a template.
    Template {
        /// The capture, without `@`.
        replace: String,
        /// What stands there afterwards; placeholders are captures.
        with: String,
    },
    /// A Rust function, out of [`crate::fix::functions`]; the name without `rust:`.
    Function(String),
}

/// One example project of a rule: a group of fenced code blocks under `Examples`.
///
/// A block `bad` or `good` starts an example; blocks `file` and `config` that follow add files to it, and
/// `fixed` blocks say what files become. The path of the first block is the place the example is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub kind: ExampleKind,
    /// The paragraph above the first block: what is special about it. Empty where there is none.
    pub caption: String,
    /// Path (relative to the package) and text of each file, marks left out.
    pub files: Vec<(String, String)>,
    /// Every place of a bad example that the rule has to find, and no other: path, and bytes of the text
    /// in `files`. Sorted.
    pub marks: Vec<(String, Span)>,
    /// What a bad example becomes by the preferred fix of each finding: the files that change or are
    /// made, whole. Empty where the example says nothing of it.
    pub fixed: Vec<(String, String)>,
    /// The host the example runs on, where it names one (`target=vercel`).
    pub target: Option<String>,
    /// Line of the first fence in `rule.md`, from 1.
    pub line: u32,
}

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExampleKind {
    /// The rule speaks, at each mark.
    Bad,
    /// The rule is silent.
    Good,
}
