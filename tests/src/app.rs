//! A real application, for the bench: its first index, and a keystroke in one of its routes. The repository has none
//! of their code, so the folder of one is named from outside.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Framework, Project};
use routewise_analysis::rules::Catalogue;
use routewise_analysis::syntax::{self, Grammar};
use routewise_workspace::{Options, Workspace};

use crate::check::read;
use crate::keys::local;

/// The variable that names the folder.
pub const VARIABLE: &str = "ROUTEWISE_BENCH_APP";

/// An application on the disk.
#[derive(Clone, Debug)]
pub struct App {
    /// Its folder.
    pub root: PathBuf,
    /// All of its files.
    pub files: Vec<FilePath>,
    /// The longest of its routes in TypeScript that has something to type at.
    pub route: FilePath,
    /// What stands in it.
    pub text: String,
}

impl App {
    /// The application that [`VARIABLE`] names; `None` where it is not set.
    pub fn named() -> Option<Self> {
        Self::indexed().map(|(app, ..)| app)
    }

    /// The same, with everything there is to know of it.
    pub fn indexed() -> Option<(Self, Workspace, Project)> {
        let root = PathBuf::from(std::env::var_os(VARIABLE)?);
        let (workspace, project) = index(&root);
        let routes = project.routes().into_iter().filter(|route| route.framework != Framework::Express);
        let texts = routes.filter(|route| route.path.extension() == "ts").filter_map(|route| {
            let text = std::fs::read_to_string(route.path.as_str()).ok()?;
            local(&text).map(|_| (text.len(), route.path, text))
        });
        let (_, route, text) = texts.max().expect("the application has a route in TypeScript");
        Some((Self { root, files: workspace.files(), route, text }, workspace, project))
    }

    /// Reads and parses every file, and keeps nothing.
    pub fn parse(&self) {
        parse(&self.files);
    }
}

/// Reads and parses files, and keeps nothing.
pub fn parse(files: &[FilePath]) {
    for path in files {
        let text = std::fs::read_to_string(path.as_str()).unwrap_or_default();
        black_box(syntax::parse(Grammar::of(path), &text, None));
    }
}

/// Everything there is to know of a folder, read on one thread.
pub fn index(root: &Path) -> (Workspace, Project) {
    let catalogue = Catalogue::builtin();
    let (workspace, _) = Workspace::open(&[root.to_owned()], &Options::default());
    let (project, _) = read(&workspace, &catalogue);
    (workspace, project)
}

/// The most memory that this process ever had, in MiB; `None` where the system does not tell.
pub fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}
