//! The part of the workspace crate this one needs. Stands in until that crate has it.
#![expect(clippy::unused_self, dead_code, reason = "stands in")]

use std::path::PathBuf;
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Resolution};
use routewise_analysis::rules::{Catalogue, RuleSource};
use routewise_analysis::text::Span;

#[derive(Clone, Debug, Default)]
pub(crate) struct Config;

impl Config {
    pub(crate) fn from_settings(_: &serde_json::Value) -> (Config, Vec<String>) {
        (Config, Vec::new())
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) target: Option<String>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) settings: Option<Config>,
}

#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) path: FilePath,
    pub(crate) span: Option<Span>,
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Impact {
    Source,
    Configuration,
    UserRules,
    None,
}

#[derive(Debug)]
pub(crate) struct Workspace {
    roots: Vec<FilePath>,
}

impl Workspace {
    pub(crate) fn open(roots: &[PathBuf], _: &Options) -> (Workspace, Vec<Problem>) {
        let roots = roots.iter().filter_map(|root| Some(FilePath::new(root.to_str()?))).collect();
        (Workspace { roots }, Vec::new())
    }
    pub(crate) fn roots(&self) -> &[FilePath] {
        &self.roots
    }
    pub(crate) fn files(&self) -> Vec<FilePath> {
        Vec::new()
    }
    pub(crate) fn contains(&self, path: &FilePath) -> bool {
        self.roots.iter().any(|root| path.strip(root).is_some())
    }
    pub(crate) fn read(&self, path: &FilePath) -> Result<Document, String> {
        let text = std::fs::read_to_string(path.as_str()).map_err(|error| error.to_string())?;
        Ok(Document::new(path.clone(), 0, text))
    }
    pub(crate) fn input(&self, document: &Document, catalogue: &Catalogue) -> FileInput {
        let facts = Arc::clone(document.facts(catalogue));
        let resolutions = facts.specifiers.iter().map(|_| Resolution::External).collect();
        FileInput {
            path: document.path().clone(),
            package: Arc::new(Package::default()),
            settings: Arc::default(),
            facts,
            resolutions,
        }
    }
    pub(crate) fn user_rules(&self) -> Vec<RuleSource> {
        Vec::new()
    }
    pub(crate) fn depends_on(&self, path: &FilePath) -> Impact {
        if crate::documents::is_source(path) { Impact::Source } else { Impact::None }
    }
}

pub(crate) fn load(
    workspace: &Workspace,
    catalogue: &Catalogue,
    _threads: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
    cancelled: &(dyn Fn() -> bool + Sync),
    mut sink: impl FnMut(Vec<FileInput>),
) {
    let files = workspace.files();
    for (at, path) in files.iter().enumerate() {
        if cancelled() {
            return;
        }
        if let Ok(document) = workspace.read(path) {
            sink(vec![workspace.input(&document, catalogue)]);
        }
        progress(at + 1, files.len());
    }
}
