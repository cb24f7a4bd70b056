//! What is told of the files and routes of a project, while nothing in it changes: found out once, whoever asks for it, and
//! however often.

use std::sync::OnceLock;

use super::{FileNo, Project, Workers, at_once};
use crate::check;
use crate::decision::{Sighting, sightings};
use crate::endpoints::{self, Endpoint};
use crate::finding::Finding;

/// What somebody has asked for.
#[derive(Debug, Default)]
pub(super) struct Found {
    files: OnceLock<Box<[OfFile]>>,
    endpoints: OnceLock<Vec<Endpoint>>,
}

#[derive(Debug, Default)]
struct OfFile {
    findings: OnceLock<Vec<Finding>>,
    sightings: OnceLock<Vec<Sighting>>,
}

impl Found {
    fn file(&self, project: &Project, file: FileNo) -> Option<&OfFile> {
        let files = self.files.get_or_init(|| (0..project.file_count()).map(|_| OfFile::default()).collect());
        files.get(file as usize)
    }

    /// The findings of a file that is one of many.
    pub(super) fn findings(&self, project: &Project, file: FileNo) -> &[Finding] {
        let of = self.file(project, file);
        of.map_or(&[], |of| of.findings.get_or_init(|| check::findings_of_many(project, file)).as_slice())
    }
}

impl Project {
    /// Has `workers` find out what an overview of the project, or a decision, asks of each file and route.
    pub fn prepare(&self, workers: Workers<'_>) {
        let files: Vec<FileNo> = self.numbers().collect();
        workers(files.len(), &|at| {
            self.sightings(files[at]);
        });
        self.endpoints_by(workers);
    }

    /// Every place of a file that asks something of a process.
    pub(crate) fn sightings(&self, file: FileNo) -> &[Sighting] {
        let of = self.found.file(self, file);
        of.map_or(&[], |of| of.sightings.get_or_init(|| sightings(self, file)).as_slice())
    }

    /// Every endpoint, in the order of package, framework, URL, method and file.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        self.endpoints_by(&at_once)
    }

    fn endpoints_by(&self, workers: Workers<'_>) -> &[Endpoint] {
        self.found.endpoints.get_or_init(|| endpoints::endpoints(self, workers))
    }
}
