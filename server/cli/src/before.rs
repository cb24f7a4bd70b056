//! The project as it was before a change, for commands that tell what a change does.

use std::path::{Path, PathBuf};

use anyhow::Context;
use routewise_analysis::path::FilePath;
use routewise_workspace::{Options, ask, file_path};

use crate::session::Session;
use crate::snapshot::Snapshot;

/// The project at a commit, opened.
#[derive(Debug)]
pub(crate) struct Before {
    snapshot: Snapshot,
    /// The project.
    pub session: Session,
    /// Where the given paths lie in it.
    pub paths: Vec<PathBuf>,
}

impl Before {
    /// Opens the state that the working tree around `paths` came from. Files are named as they are from `folder`.
    ///
    /// # Errors
    /// Where git knows no such commit, where a path is outside of the repository, and where the state cannot be
    /// opened as a project.
    pub(crate) fn open(
        paths: &[PathBuf],
        options: &Options,
        reference: &str,
        folder: &FilePath,
    ) -> anyhow::Result<Self> {
        let first = paths.first().context("there is a path")?;
        let within =
            if ask::is_dir(first) { first.as_path() } else { first.parent().unwrap_or(Path::new(".")) };
        let within = if within.as_os_str().is_empty() { Path::new(".") } else { within };
        let snapshot = Snapshot::take(within, reference)?;
        let outside = |path: &Path| format!("{} is outside of the repository", path.display());
        let place = |path: &PathBuf| snapshot.place(path).with_context(|| outside(path));
        let paths = paths.iter().map(place).collect::<anyhow::Result<_>>()?;
        let mut session = Session::open(&[snapshot.root().to_owned()], options)
            .with_context(|| format!("the project as it was at {reference} cannot be read"))?;
        if let Some(folder) = snapshot.place(Path::new(folder.as_str())).and_then(|it| file_path(&it)) {
            session.folder = folder;
        }
        Ok(Self { snapshot, session, paths })
    }

    /// The commit.
    pub(crate) fn commit(&self) -> &str {
        &self.snapshot.commit
    }

    /// The top of the repository then and now: what lies below is called alike.
    pub(crate) fn tops(&self) -> anyhow::Result<(FilePath, FilePath)> {
        let then =
            file_path(self.snapshot.root()).context("the path of the temporary folder is not UTF-8")?;
        let now = file_path(self.snapshot.top()).context("the path of the repository is not UTF-8")?;
        Ok((then, now))
    }
}
