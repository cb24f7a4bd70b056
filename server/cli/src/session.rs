//! The project around the given paths, read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use routewise_analysis::document::Document;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use routewise_analysis::rules::{Catalogue, RuleError};
use routewise_analysis::text::{Encoding, LineIndex};
use routewise_workspace::{
    Disk, Known, Options, Problem, Workers, Workspace, ask, disk_path, file_path, journal,
};

use crate::progress::Progress;
use crate::report::relative;
use crate::roots::project_of;
use crate::{complain, warn};

/// A workspace with the rules that hold in it.
#[derive(Debug)]
pub(crate) struct Session {
    /// The disk.
    pub workspace: Workspace,
    /// The built-in rules and the user's own.
    pub catalogue: Arc<Catalogue>,
    /// What files are known to say.
    known: Known,
    /// The working directory.
    pub folder: FilePath,
}

impl Session {
    /// The project of the working directory.
    pub(crate) fn here() -> anyhow::Result<Self> {
        Self::open(&[working_folder()?], &Options::default())
    }

    /// The projects around `paths`.
    ///
    /// # Errors
    /// When a configuration or a rule that has a say about `paths` is broken; what is wrong has been said.
    pub(crate) fn open(paths: &[PathBuf], options: &Options) -> anyhow::Result<Self> {
        let folder = working_folder()?;
        let folder = file_path(&folder).context("the path of the working directory is not UTF-8")?;
        let paths: Vec<PathBuf> = paths.iter().map(|path| named(path)).collect();
        let roots: Vec<PathBuf> = paths.iter().map(|path| project_of(path)).collect();
        let (workspace, mut problems) = Workspace::open(&roots, options);
        let (catalogue, errors) = Catalogue::with_user_rules(&workspace.user_rules());
        problems.extend(workspace.check_rules(&catalogue));
        let paths: Vec<FilePath> = paths.iter().filter_map(|path| file_path(path)).collect();
        problems.retain(|problem| has_a_say(&problem.path, &paths) || is_option(&problem.path, options));
        // What is broken beside the configuration (a folder, a `tsconfig.json` that is still to be generated)
        // costs what it would have said, and no more.
        let (problems, beside): (Vec<Problem>, Vec<Problem>) = problems
            .into_iter()
            .partition(|problem| is_configuration(&problem.path) || is_option(&problem.path, options));
        for problem in &beside {
            warn(&said(problem, &folder));
        }
        for problem in &problems {
            complain(&said(problem, &folder));
        }
        for error in &errors {
            complain(&rule_error(error, &workspace, &folder));
        }
        if !problems.is_empty() || !errors.is_empty() {
            bail!("nothing was checked, because of the above");
        }
        let known = Known::new(Arc::clone(&catalogue));
        Ok(Self { workspace, catalogue, known, folder })
    }

    /// Takes over what another process has read.
    pub(crate) fn recall(&mut self, known: Vec<u8>) {
        self.known = Known::of_kept(Arc::clone(&self.catalogue), known);
    }

    /// What this one has read, for others.
    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    /// Where texts come from: `given`, else the disk.
    pub(crate) fn texts(&self, given: Option<Document>) -> Texts<'_> {
        let mut texts = Texts { given: BTreeMap::new(), disk: Disk::new(&self.workspace) };
        if let Some(document) = given {
            texts.give(document);
        }
        texts
    }

    /// Reads every file of the project, and `files` whether they belong to it or not. Files that cannot be
    /// read are told of and left out.
    pub(crate) fn load(&self, workers: &Workers, texts: &Texts<'_>, files: &[FilePath]) -> Project {
        let mut project = Project::new(Arc::clone(&self.catalogue));
        let progress = Progress::new();
        let problems = routewise_workspace::load(
            &self.workspace,
            &self.known,
            workers,
            &|done, all| progress.update(done, all),
            &|| false,
            &mut |inputs| {
                for input in inputs {
                    project.insert(input);
                }
            },
        );
        drop(progress);
        for problem in &problems {
            warn(&said(problem, &self.folder));
        }
        let known: BTreeSet<FilePath> = project.paths().cloned().collect();
        let unread: BTreeSet<&FilePath> = problems.iter().map(|problem| &problem.path).collect();
        for path in files {
            let given = texts.given.contains_key(path);
            if !given && (known.contains(path) || unread.contains(path)) {
                continue;
            }
            match texts.document(path) {
                Some(document) => {
                    project.insert(self.workspace.input(&document, &self.catalogue));
                }
                None => warn(&format!("{}: cannot be read", relative(&self.folder, path))),
            }
        }
        project.set_complete(true);
        project.link_on(&|count, work| workers.run(count, work));
        project
    }
}

/// Texts of files: those given or mended in memory, else the disk.
#[derive(Debug)]
pub(crate) struct Texts<'s> {
    /// Texts that are not, or not yet, on the disk.
    pub given: BTreeMap<FilePath, Arc<Document>>,
    /// The rest.
    pub disk: Disk<&'s Workspace>,
}

impl Texts<'_> {
    /// Takes this text for the file from now on.
    pub(crate) fn give(&mut self, document: Document) {
        self.given.insert(document.path().clone(), Arc::new(document));
    }
}

impl Sources for Texts<'_> {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.given.get(path).cloned().or_else(|| self.disk.document(path))
    }
}

/// The working directory.
pub(crate) fn working_folder() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("the working directory is gone")
}

/// A given path by its one name: absolute, without `..`.
pub(crate) fn named(path: &Path) -> PathBuf {
    file_path(path).map_or_else(|| path.to_owned(), |path| disk_path(&path))
}

/// A problem as the user reads it: with the path they would type.
pub(crate) fn said(problem: &Problem, folder: &FilePath) -> String {
    let path = relative(folder, &problem.path);
    match problem.span {
        Some(_) => format!("{path}:{}:{}: {}", problem.line, problem.column, problem.message),
        None => format!("{path}: {}", problem.message),
    }
}

fn rule_error(error: &RuleError, workspace: &Workspace, folder: &FilePath) -> String {
    let text = workspace.read(&error.path).map(|document| document.text().to_owned()).unwrap_or_default();
    let place = LineIndex::new(&text).position(&text, error.span.start, Encoding::Utf32);
    let path = relative(folder, &error.path);
    format!("{path}:{}:{}: {}", place.line + 1, place.character + 1, error.message)
}

/// Whether a configuration holds for, or stands below, one of the paths that are checked. A broken one in
/// another corner of the repository is not their business.
fn has_a_say(configuration: &FilePath, paths: &[FilePath]) -> bool {
    let Some(folder) = configuration.parent() else { return true };
    paths
        .iter()
        .any(|path| *path == folder || path.strip(&folder).is_some() || configuration.strip(path).is_some())
}

/// Whether a file holds a configuration of Routewise. A `package.json` may; one that is no JSON at all is
/// somebody else's business.
fn is_configuration(path: &FilePath) -> bool {
    match path.file_name() {
        "routewise.json" | "routewise.jsonc" => true,
        "package.json" => ask::text(&disk_path(path))
            .is_some_and(|text| serde_json::from_str::<serde_json::Value>(&text).is_ok()),
        _ => false,
    }
}

/// Whether a problem is about what was said on the command line.
fn is_option(path: &FilePath, options: &Options) -> bool {
    options.config.as_deref().and_then(|config| file_path(Path::new(config))).as_ref() == Some(path)
}

/// Says what failed, and that the output is without it.
pub(crate) fn tell_of_lost(project: &Project) {
    for (lost, panic) in project.take_panics() {
        journal::spoil();
        warn(&format!("{lost} failed and was left out ({panic}); please report this"));
    }
}
