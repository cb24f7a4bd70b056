//! What is told of the files and routes of a project, while nothing in it changes: found out once, whoever asks for it, and
//! however often. After a change it is found out anew for the files that have to do with it.

use std::sync::{Arc, OnceLock, Weak};

use super::{FileInput, FileNo, Project, Workers, at_once};
use crate::check;
use crate::decision::{Sighting, sightings};
use crate::endpoints::{self, Endpoint};
use crate::facts::{Looked, watch};
use crate::finding::Finding;

/// What somebody has asked for.
#[derive(Debug, Default)]
pub(super) struct Found {
    files: OnceLock<Arc<[OfFile]>>,
    endpoints: OnceLock<Vec<Endpoint>>,
    /// What was known before the last change that came after somebody had asked.
    before: Option<Arc<[OfFile]>>,
}

#[derive(Debug, Default, Clone)]
struct OfFile {
    findings: OnceLock<Told<Finding>>,
    sightings: OnceLock<Told<Sighting>>,
}

/// What was found in a file.
#[derive(Debug, Clone)]
struct Told<T> {
    found: Arc<[T]>,
    /// What it depends on; `None` where that is not known.
    on: Option<Grounds>,
}

/// What has to be as it was for something to be told again: the same as for what found nothing (`check/silent`), and the
/// places that are told.
#[derive(Debug, Clone)]
struct Grounds {
    /// Of the project, when it was found.
    generation: u64,
    /// How many statements had been replaced in this generation by then.
    replaced: usize,
    /// The statements that were looked into.
    looked: Looked,
    /// The file itself, and those in which places are told.
    files: Arc<[(FileNo, Weak<FileInput>)]>,
}

impl Grounds {
    /// The same for the project as it is now, where all that counts is as it was.
    fn still(&self, project: &Project) -> Option<Self> {
        let replaced = project.replaced.get(self.replaced..)?;
        let is_there = |(number, file): &(FileNo, Weak<FileInput>)| {
            project.files[*number as usize].as_ref().is_some_and(|now| file.as_ptr() == Arc::as_ptr(now))
        };
        let still = self.generation == project.generation
            && self.files.iter().all(is_there)
            && !self.looked.at_any(replaced);
        still.then(|| Self { replaced: project.replaced.len(), ..self.clone() })
    }
}

impl<T> Told<T> {
    /// What was told before the last change, where it would be told again.
    fn again(before: Option<&OnceLock<Self>>, project: &Project) -> Option<Self> {
        let before = before?.get()?;
        let on = before.on.as_ref()?.still(project)?;
        Some(Self { found: Arc::clone(&before.found), on: Some(on) })
    }

    /// Finds it out, and on what it depends.
    fn watched(
        project: &Project,
        file: FileNo,
        find: impl FnOnce() -> Vec<T>,
        others: impl Fn(&T) -> Vec<FileNo>,
    ) -> Self {
        let (found, looked) = watch(find);
        let mut files: Vec<FileNo> = found.iter().flat_map(others).chain([file]).collect();
        files.sort_unstable();
        files.dedup();
        let held = |number: FileNo| Some((number, Arc::downgrade(project.files[number as usize].as_ref()?)));
        let files = files.into_iter().map(held).collect::<Option<Arc<[_]>>>();
        let grounds = |files| Grounds {
            generation: project.generation,
            replaced: project.replaced.len(),
            looked,
            files,
        };
        Self { found: found.into(), on: files.map(grounds) }
    }

    /// Something that nobody tells again.
    fn once(found: Vec<T>) -> Self {
        Self { found: found.into(), on: None }
    }
}

impl Found {
    /// What is known after a change: what of it still holds shows when it is asked for.
    pub(super) fn after_change(&self) -> Self {
        let before = match (self.files.get(), &self.before) {
            (None, before) => before.clone(),
            (Some(now), None) => Some(Arc::clone(now)),
            // Not everything is asked for between two changes.
            (Some(now), Some(before)) => {
                let either = |(number, now): (usize, &OfFile)| match before.get(number) {
                    Some(before) => now.or(before),
                    None => now.clone(),
                };
                Some(now.iter().enumerate().map(either).collect())
            }
        };
        Self { before, ..Self::default() }
    }

    fn file(&self, project: &Project, file: FileNo) -> Option<&OfFile> {
        let files = self.files.get_or_init(|| (0..project.file_count()).map(|_| OfFile::default()).collect());
        files.get(file as usize)
    }

    fn before(&self, file: FileNo) -> Option<&OfFile> {
        self.before.as_ref()?.get(file as usize)
    }

    /// The findings of a file that is one of many.
    pub(super) fn findings(&self, project: &Project, file: FileNo) -> &[Finding] {
        let Some(of) = self.file(project, file) else { return &[] };
        let before = self.before(file).map(|before| &before.findings);
        let find = || check::findings_of_many(project, file);
        let related = |finding: &Finding| {
            finding.related.iter().filter_map(|it| project.number(&it.path)).collect::<Vec<_>>()
        };
        let told = of.findings.get_or_init(|| match Told::again(before, project) {
            Some(told) => told,
            // Where nothing has changed so far, maybe nothing ever does. What somebody works on is kept in pieces.
            None if self.before.is_none() || project.silent().knows(file) => Told::once(find()),
            None => Told::watched(project, file, find, related),
        });
        &told.found
    }
}

impl OfFile {
    /// What is told here, else what was told before.
    fn or(&self, before: &Self) -> Self {
        let either = if self.findings.get().is_some() { self } else { before };
        let findings = either.findings.clone();
        let either = if self.sightings.get().is_some() { self } else { before };
        Self { findings, sightings: either.sightings.clone() }
    }
}

impl Project {
    /// Has `workers` find out what an overview of the project, or a decision, asks of each file and route.
    pub fn prepare(&self, workers: Workers<'_>) {
        self.table().prepare(self, workers);
        let files: Vec<FileNo> = self.numbers().collect();
        workers(files.len(), &|at| {
            self.sightings(files[at]);
        });
        self.endpoints_by(workers);
    }

    /// Every place of a file that asks something of a process.
    pub(crate) fn sightings(&self, file: FileNo) -> &[Sighting] {
        let Some(of) = self.found.file(self, file) else { return &[] };
        let before = self.found.before(file).map(|before| &before.sightings);
        let find = || sightings(self, file);
        let told = of.sightings.get_or_init(|| match Told::again(before, self) {
            Some(told) => told,
            None if self.found.before.is_none() => Told::once(find()),
            None => Told::watched(self, file, find, |_| Vec::new()),
        });
        &told.found
    }

    /// Every endpoint, in the order of package, framework, URL, method and file.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        self.endpoints_by(&at_once)
    }

    fn endpoints_by(&self, workers: Workers<'_>) -> &[Endpoint] {
        self.found.endpoints.get_or_init(|| endpoints::endpoints(self, workers))
    }
}
