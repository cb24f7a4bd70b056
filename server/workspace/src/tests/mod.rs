//! Tests of the crate as others use it, on folders made for each.
#![expect(clippy::disallowed_methods, reason = "a test looks at what was written")]

mod configuration;
mod facts;
mod files;
mod reading;
mod resolution;
mod targets;

use std::fs;
use std::path::PathBuf;

use routewise_analysis::path::FilePath;

use crate::{Options, Problem, Workspace, file_path};

/// A folder with files in it that is gone afterwards.
pub(crate) struct Fixture(tempfile::TempDir);

impl Fixture {
    /// A folder with these files; a name that ends in `/` is a folder.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fixture.write(name, text);
        }
        fixture
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    pub(crate) fn write_bytes(&self, name: &str, bytes: &[u8]) {
        let path = self.0.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn disk(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn root(&self) -> FilePath {
        file_path(self.0.path()).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> FilePath {
        self.root().join(name)
    }

    /// Opens it and demands that nothing is wrong.
    pub(crate) fn open(&self) -> Workspace {
        let (workspace, problems) = self.open_with(&Options::default());
        assert_eq!(problems, []);
        workspace
    }

    pub(crate) fn open_with(&self, options: &Options) -> (Workspace, Vec<Problem>) {
        Workspace::open(&[self.0.path().to_path_buf()], options)
    }

    /// Paths seen from the folder.
    pub(crate) fn names(&self, paths: &[FilePath]) -> Vec<String> {
        paths.iter().map(|path| path.strip(&self.root()).unwrap_or(path.as_str()).to_owned()).collect()
    }
}
