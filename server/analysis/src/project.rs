//! All files together: what a name means, who calls whom, what reaches a handler.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::Document;
use crate::facts::FileFacts;
use crate::finding::{Finding, Fix, RuleId, Severity};
use crate::package::Package;
use crate::path::FilePath;
use crate::rules::Catalogue;
use crate::text::Span;

/// Where the text of another file comes from: an open buffer where there is one, else the disk.
pub trait Sources {
    /// The file as it is now; `None` where there is none or it is not text.
    fn document(&self, path: &FilePath) -> Option<Arc<Document>>;
}

/// What a module specifier means, seen from one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// A source file of the workspace (workspace packages included).
    File(FilePath),
    /// A package of `node_modules` or a module of Node.js; the specifier itself names it.
    External,
    /// Nothing that exists.
    Unresolved,
}

/// Settings that apply to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Severity by rule id or family (`clients`); `None` switches off. The longest name wins.
    pub rules: BTreeMap<String, Option<Severity>>,
}

/// One file, ready to join a project.
#[derive(Clone, Debug)]
pub struct FileInput {
    /// The file.
    pub path: FilePath,
    /// Its package.
    pub package: Arc<Package>,
    /// Its settings.
    pub settings: Arc<Settings>,
    /// What it says.
    pub facts: Arc<FileFacts>,
    /// What each of `facts.specifiers` means, in the same order.
    pub resolutions: Vec<Resolution>,
}

/// A hover text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown; [`crate::explain::plain`] makes plain text of it.
    pub markdown: String,
}

/// All known files of a workspace.
#[derive(Debug)]
pub struct Project {
    catalogue: Arc<Catalogue>,
    files: BTreeMap<FilePath, FileInput>,
    complete: bool,
}

impl Project {
    /// No files yet.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, files: BTreeMap::new(), complete: false }
    }

    /// The rules in force.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Adds a file or replaces what was known of it. Returns whether other files may see a difference:
    /// false when only the inside of the file changed (the early cut-off).
    pub fn insert(&mut self, input: FileInput) -> bool {
        self.files.insert(input.path.clone(), input);
        true
    }

    /// Forgets a file. Returns whether it was known.
    pub fn remove(&mut self, path: &FilePath) -> bool {
        self.files.remove(path).is_some()
    }

    /// Says that every file of the workspace has been inserted: rules that need to know of all files may
    /// speak from now on.
    pub fn set_complete(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// Brings what depends on several files up to date. Cheap when nothing changed; call it after the
    /// last `insert` or `remove` of a batch and before reading.
    pub fn link(&mut self) {}

    /// Every known file, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.files.keys()
    }

    /// What is wrong in one file, sorted by place and rule. Suppressed findings are left out, unused
    /// suppressions are findings of their own. Never panics: a rule that does loses its findings only.
    pub fn findings(&self, _path: &FilePath) -> Vec<Finding> {
        Vec::new()
    }

    /// The files whose findings tell of places in `path`, so that they move when it does.
    pub fn mentioning(&self, _path: &FilePath) -> Vec<FilePath> {
        Vec::new()
    }

    /// The ways to mend a finding, preferred first.
    pub fn fixes(&self, _finding: &Finding, _sources: &dyn Sources) -> Vec<Fix> {
        Vec::new()
    }

    /// What there is to say about the code at `offset`.
    pub fn hover(&self, _path: &FilePath, _offset: u32) -> Option<Hover> {
        None
    }

    /// A rule that panicked, once each, for the log.
    pub fn take_panics(&self) -> Vec<(RuleId, String)> {
        Vec::new()
    }
}
