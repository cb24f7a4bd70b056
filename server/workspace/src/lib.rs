//! The disk: which files there are, what package and configuration each belongs to, what a module
//! specifier means, where the project runs.
//!
//! Nothing here executes code of the workspace or sends anything anywhere. A [`Workspace`] is read once and
//! stays as it is; whoever hears of a change asks [`Workspace::depends_on`] what it means.
//!
//! | module | subject |
//! |---|---|
//! | [`ask`] | every question to the disk |
//! | [`journal`] | which questions were asked, and whether the answers still hold |
//! | [`config`] | the configuration file and its schema |
//! | [`fix_all`] | fixes applied until nothing changes |
//! | [`watch`] | changes on the disk, for editors that do not tell |

use std::path::PathBuf;
use std::sync::Arc;

use routewise_analysis::decision::Surroundings;
use routewise_analysis::document::Document;
use routewise_analysis::facts::FileFacts;
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Resolution, Settings};
use routewise_analysis::rules::{Catalogue, RuleSource};

pub mod ask;
pub mod config;
mod disk;
mod editor;
pub mod fix_all;
mod folders;
mod globs;
mod impact;
pub mod journal;
mod known;
mod literal;
mod load;
mod lockfile;
mod manifest;
mod next_config;
mod packages;
mod paths;
mod prisma;
mod problem;
mod public;
mod resolve;
mod surroundings;
mod target;
#[cfg(test)]
mod tests;
mod tsconfig;
mod user_rules;
mod vercel;
mod versions;
mod walk;
pub mod watch;
mod yaml;

pub use disk::{Disk, ReadError};
pub use impact::{Impact, watched_globs};
pub use known::Known;
pub use load::{Workers, load};
pub use paths::{disk_path, file_path};
pub use problem::Problem;

use config::Parsed;
use editor::Editor;
use folders::{Folders, Scope};

/// What the user says beside the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--target`, or the same from an editor: wins over every file.
    pub target: Option<String>,
    /// `--config`: this file instead of every other configuration.
    pub config: Option<PathBuf>,
    /// The editor's settings: their severities and target win over the files, their `include` and `exclude`
    /// hold as well and are seen from each root.
    pub settings: Option<config::Config>,
    /// The same for single roots, where they differ: all that holds there, in place of `settings`.
    pub folder_settings: Vec<(PathBuf, config::Config)>,
}

/// The folders someone works on, as they were when it was opened. Shared freely between threads.
#[derive(Debug)]
pub struct Workspace {
    roots: Vec<FilePath>,
    folders: Folders,
    /// The target of the command line, which wins over everything.
    target: Option<target::Override>,
    resolver: resolve::Resolver,
    versions: versions::Versions,
    /// Folders of generated Prisma clients.
    prisma_outputs: Vec<FilePath>,
    /// The files as the walk on opening found them, until someone asks.
    found: std::sync::Mutex<Option<Vec<FilePath>>>,
}

impl Workspace {
    /// Reads packages and configurations below `roots` (a root inside another is the other's). Whatever
    /// cannot be used is reported and left out; the workspace always opens.
    pub fn open(roots: &[PathBuf], options: &Options) -> (Workspace, Vec<Problem>) {
        let mut problems = Vec::new();
        let roots = distinct_roots(roots, &mut problems);
        let explicit = options.config.as_ref().and_then(|path| explicit_scope(path, &roots, &mut problems));
        let target = target::Override::of(options.target.as_deref(), roots.first(), &mut problems);
        let folders = Folders::new(&roots, explicit, Editor::new(options, &roots, &mut problems));
        let mut sources = Vec::new();
        let mut schemas = Vec::new();
        for root in &roots {
            folders.get(root);
            let found = walk::walk(&folders, &roots, root);
            sources.extend(found.sources);
            schemas.extend(found.prisma);
        }
        sources.sort();
        let mut prisma_outputs: Vec<FilePath> = schemas.iter().flat_map(prisma::outputs).collect();
        prisma_outputs.sort();
        prisma_outputs.dedup();
        let workspace = Workspace {
            resolver: resolve::Resolver::new(&roots),
            roots,
            folders,
            target,
            versions: versions::Versions::default(),
            prisma_outputs,
            found: std::sync::Mutex::new(Some(sources)),
        };
        workspace.resolver.check(&workspace.folders);
        problems.extend(workspace.folders.take_problems());
        problems.sort();
        problems.dedup();
        (workspace, problems)
    }

    /// The folders it was opened with, absolute; none lies inside another.
    pub fn roots(&self) -> &[FilePath] {
        &self.roots
    }

    /// Every source file there is now, sorted.
    pub fn files(&self) -> Vec<FilePath> {
        let found = self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        found.unwrap_or_else(|| {
            let mut files: Vec<FilePath> = self
                .roots
                .iter()
                .flat_map(|root| walk::walk(&self.folders, &self.roots, root).sources)
                .collect();
            files.sort();
            files
        })
    }

    /// The source files among and below `paths`, sorted, each once. A file given by name is taken even where
    /// a pattern leaves it out; a path that is not there, or no source file, is a problem.
    pub fn files_under(&self, paths: &[PathBuf]) -> (Vec<FilePath>, Vec<Problem>) {
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for given in paths {
            let Some(path) = file_path(given) else {
                let shown = FilePath::new(&given.to_string_lossy());
                problems.push(Problem::whole(shown, "This path is not UTF-8; rename the file."));
                continue;
            };
            if paths::is_dir(&path) {
                files.extend(walk::walk(&self.folders, &self.roots, &path).sources);
            } else if !paths::is_file(&path) {
                problems.push(Problem::whole(path, "There is no such file or folder; check the spelling."));
            } else if walk::is_source_name(path.file_name()) {
                files.push(path);
            } else {
                problems.push(Problem::whole(path, "This is not a JavaScript or TypeScript source file."));
            }
        }
        files.sort();
        files.dedup();
        problems.extend(self.folders.take_problems());
        problems.sort();
        (files, problems)
    }

    /// Whether [`Workspace::files`] lists this file when it is there.
    pub fn contains(&self, path: &FilePath) -> bool {
        walk::lists(&self.folders, &self.roots, path)
    }

    /// The text of a file, without its byte order mark.
    pub fn read(&self, path: &FilePath) -> Result<Document, ReadError> {
        disk::read(path)
    }

    /// A document, ready to join a project.
    pub fn input(&self, document: &Document, catalogue: &Catalogue) -> FileInput {
        self.input_of(document.path(), Arc::clone(document.facts(catalogue)))
    }

    /// What a file says, ready to join a project.
    fn input_of(&self, path: &FilePath, facts: Arc<FileFacts>) -> FileInput {
        FileInput {
            path: path.clone(),
            package: self.package_of(path),
            settings: self.settings_of(path),
            resolutions: facts.specifiers.iter().map(|specifier| self.resolve(path, specifier)).collect(),
            facts,
        }
    }

    /// What a module specifier means in a file.
    pub fn resolve(&self, file: &FilePath, specifier: &str) -> Resolution {
        self.resolver.resolve(&self.folders, file, specifier)
    }

    /// The package a file belongs to.
    pub fn package_of(&self, path: &FilePath) -> Arc<Package> {
        packages::package_of(self, path)
    }

    /// The plan that somebody named for what is in a folder.
    fn plan(&self, folder: &folders::Folder) -> Option<Arc<str>> {
        let of_editor = self.folders.editor_of(&folder.path).and_then(|settings| settings.plan.as_deref());
        let of_file = || folder.scope.as_ref().and_then(|scope| scope.plan());
        of_editor.or_else(of_file).map(Arc::from)
    }

    /// The settings that apply to a file.
    pub fn settings_of(&self, path: &FilePath) -> Arc<Settings> {
        Arc::clone(&self.folders.of_file(path).settings)
    }

    /// Names under `rules` of every configuration that are neither a rule nor a family of the catalogue.
    pub fn check_rules(&self, catalogue: &Catalogue) -> Vec<Problem> {
        user_rules::check_names(&self.folders.scopes(), catalogue)
    }

    /// The user's own rules: every folder with a `rule.md` below `.routewise` of a root, sorted by id.
    pub fn user_rules(&self) -> Vec<RuleSource> {
        user_rules::read(&self.roots)
    }

    /// What stands around the code and says for whom it is made.
    pub fn surroundings(&self) -> Surroundings {
        surroundings::read(self)
    }

    /// What it means that this file was made, changed or deleted.
    pub fn depends_on(&self, path: &FilePath) -> Impact {
        impact::of(self, path)
    }
}

/// The roots as absolute paths, sorted, without those inside another.
fn distinct_roots(given: &[PathBuf], problems: &mut Vec<Problem>) -> Vec<FilePath> {
    let mut roots = Vec::new();
    for path in given {
        match file_path(path) {
            Some(root) if paths::is_dir(&root) => roots.push(root),
            Some(root) => problems.push(Problem::whole(root, "There is no such folder.")),
            None => {
                let shown = FilePath::new(&path.to_string_lossy());
                problems.push(Problem::whole(shown, "This path is not UTF-8; rename the folder."));
            }
        }
    }
    roots.sort();
    roots.dedup();
    let all = roots.clone();
    roots.retain(|root| !all.iter().any(|other| other != root && paths::within(root, other)));
    roots
}

/// The configuration named on the command line. Its globs are seen from its folder where that holds all
/// roots, else from the first root: a file kept elsewhere is meant for what is checked.
fn explicit_scope(
    path: &std::path::Path,
    roots: &[FilePath],
    problems: &mut Vec<Problem>,
) -> Option<Arc<Scope>> {
    let file = file_path(path)?;
    let Some(text) = paths::read_small(&file) else {
        problems.push(Problem::whole(file, "This configuration cannot be read; check the path of --config."));
        return None;
    };
    let parsed: Parsed = config::parse(&text);
    let above = paths::above(&file).filter(|folder| roots.iter().all(|root| paths::within(root, folder)));
    let folder = above.or_else(|| roots.first().cloned())?;
    Some(Arc::new(Scope::new(file, folder, text, parsed, None, problems)))
}
