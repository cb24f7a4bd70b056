//! What is wrong in the files of a project, while nothing in it changes: told once, whoever asks for it, and however often.

use std::sync::OnceLock;

use super::{FileNo, Project};
use crate::check;
use crate::finding::Finding;

/// The findings of the files that somebody has asked for, by file.
#[derive(Debug, Default)]
pub(super) struct Found(OnceLock<Box<[OnceLock<Vec<Finding>>]>>);

impl Found {
    /// Those of a file that is one of many.
    pub(super) fn of<'f>(&'f self, project: &Project, file: FileNo) -> &'f [Finding] {
        let all = self.0.get_or_init(|| (0..project.file_count()).map(|_| OnceLock::new()).collect());
        let told = |found: &'f OnceLock<_>| found.get_or_init(|| check::findings_of_many(project, file));
        all.get(file as usize).map_or(&[], |found| told(found))
    }
}
