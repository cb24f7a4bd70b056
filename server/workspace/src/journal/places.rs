//! Where a journal may lead: a stored one comes from outside, and is no reason to look around on the disk.

use std::path::{Component, Path, PathBuf};

use rustc_hash::FxHashSet;

/// The folders of a project, what stands beside and above them, where configurations and packages are looked for, and
/// single files.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// All in these.
    folders: FxHashSet<PathBuf>,
    /// What is directly in these, and the packages installed there.
    above: FxHashSet<PathBuf>,
    files: FxHashSet<PathBuf>,
}

impl Places {
    /// Around these folders.
    pub fn around(folders: &[PathBuf]) -> Self {
        let mut places = Self::default();
        for folder in folders {
            places.add(folder);
        }
        places
    }

    /// Also this file, wherever it is.
    pub fn add_file(&mut self, file: &Path) {
        self.files.insert(file.to_owned());
    }

    /// Also a folder, or a file as a link leads to.
    pub(super) fn add(&mut self, folder: &Path) {
        let Some(folder) = plain(folder) else { return };
        if self.hold(&folder) && !self.above.contains(&folder) {
            return;
        }
        self.above.extend(folder.ancestors().skip(1).map(Path::to_owned));
        self.folders.insert(folder);
    }

    pub(super) fn hold(&self, path: &Path) -> bool {
        self.files.contains(path)
            || is_plain(path)
                && (self.above.contains(path)
                    || path.parent().is_some_and(|folder| self.above.contains(folder))
                    || self.hold_all_of(path))
    }

    /// Whether all that lies in a folder is held.
    pub(super) fn hold_all_of(&self, folder: &Path) -> bool {
        let packages = |folder: &Path| {
            folder.file_name().is_some_and(|name| name == "node_modules")
                && folder.parent().is_some_and(|above| self.above.contains(above))
        };
        is_plain(folder) && folder.ancestors().any(|it| self.folders.contains(it) || packages(it))
    }
}

fn is_plain(path: &Path) -> bool {
    path.is_absolute() && !path.components().any(|part| part == Component::ParentDir)
}

/// Without `..`, as the resolver takes them out.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out.is_absolute().then_some(out)
}
