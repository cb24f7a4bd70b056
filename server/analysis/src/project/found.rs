//! What is told of the files and routes of a project, while nothing in it changes: found out once, whoever asks for it, and
//! however often. After a change it is found out anew for the files that have to do with it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use super::calls::{self, Asks};
use super::{FileInput, FileNo, Lost, Project, Workers, at_once};
use crate::check;
use crate::decision::{Sighting, sightings};
use crate::endpoints::{self, Endpoint, Served};
use crate::facts::{Looked, watch};
use crate::finding::Finding;

/// What somebody has asked for.
#[derive(Debug, Default)]
pub(super) struct Found {
    asked: OnceLock<Asked>,
    endpoints: OnceLock<Vec<Endpoint>>,
    /// What was known of files before the last change that came after somebody had asked: what was told then, and what
    /// was known at that time from before.
    before: Vec<Arc<[OfFile]>>,
    /// Somebody asks for all files again and again: what it depends on is noted with whatever is found.
    again: AtomicBool,
}

/// What is known of files, from when somebody first asks.
#[derive(Debug)]
struct Asked {
    files: Arc<[OfFile]>,
    /// All that was known before. Put together here, because whoever types does not wait for who asks.
    before: Option<Arc<[OfFile]>>,
}

#[derive(Debug, Default, Clone)]
struct OfFile {
    findings: OnceLock<Told<Finding>>,
    sightings: OnceLock<Told<Sighting>>,
    asks: OnceLock<Told<Asks>>,
    served: OnceLock<Told<Served>>,
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
    /// How much had been replaced in this generation by then.
    replaced: usize,
    /// What was looked at.
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
        let before = match self.asked.get() {
            Some(asked) => std::iter::once(&asked.files).chain(&asked.before).cloned().collect(),
            None => self.before.clone(),
        };
        Self { before, again: self.is_asked_again().into(), ..Self::default() }
    }

    fn is_asked_again(&self) -> bool {
        self.again.load(Ordering::Relaxed)
    }

    fn asked(&self, project: &Project) -> &Asked {
        self.asked.get_or_init(|| {
            let files = (0..project.file_count()).map(|_| OfFile::default()).collect();
            let before = match &self.before[..] {
                // Not everything is asked for between two changes.
                [now, before] => {
                    Some(now.iter().enumerate().map(|(number, now)| now.or(before.get(number))).collect())
                }
                layers => layers.first().cloned(),
            };
            Asked { files, before }
        })
    }

    fn file(&self, project: &Project, file: FileNo) -> Option<(&OfFile, Option<&OfFile>)> {
        let asked = self.asked(project);
        let before = asked.before.as_ref().and_then(|before| before.get(file as usize));
        Some((asked.files.get(file as usize)?, before))
    }

    /// The findings of a file that is one of many.
    pub(super) fn findings(&self, project: &Project, file: FileNo) -> &[Finding] {
        let find = || check::findings_of_many(project, file);
        let related = |finding: &Finding| {
            finding.related.iter().filter_map(|it| project.number(&it.path)).collect::<Vec<_>>()
        };
        self.tell(project, file, |of| &of.findings, find, related)
    }

    /// What is told of a file: before the last change where it would be told again, else now. `others` are the files
    /// whose places it tells.
    fn tell<T: Clone>(
        &self,
        project: &Project,
        file: FileNo,
        kind: impl Fn(&OfFile) -> &OnceLock<Told<T>>,
        find: impl FnOnce() -> Vec<T>,
        others: impl Fn(&T) -> Vec<FileNo>,
    ) -> &[T] {
        let Some((of, before)) = self.file(project, file) else { return &[] };
        let told = kind(of).get_or_init(|| match Told::again(before.map(&kind), project) {
            Some(told) => told,
            None if !self.is_asked_again() => Told::once(find()),
            None => Told::watched(project, file, find, others),
        });
        &told.found
    }
}

impl OfFile {
    /// What is told here, else what was told before.
    fn or(&self, before: Option<&Self>) -> Self {
        fn newer<T: Clone>(now: &OnceLock<T>, before: &OnceLock<T>) -> OnceLock<T> {
            if now.get().is_some() { now.clone() } else { before.clone() }
        }
        let Some(before) = before else { return self.clone() };
        Self {
            findings: newer(&self.findings, &before.findings),
            sightings: newer(&self.sightings, &before.sightings),
            asks: newer(&self.asks, &before.asks),
            served: newer(&self.served, &before.served),
        }
    }
}

impl Project {
    /// Has `workers` find out what an overview of the project, or a decision, asks of each file and route. Where it turns
    /// out not to be `wanted` any more, the rest is left to whoever asks for it.
    pub fn prepare(&self, workers: Workers<'_>, wanted: &(dyn Fn() -> bool + Sync)) {
        self.found.again.store(true, Ordering::Relaxed);
        self.prepare_callers(workers);
        let files: Vec<FileNo> = self.numbers().collect();
        workers(files.len(), &|at| {
            if wanted() {
                self.sightings(files[at]);
            }
        });
        if !wanted() {
            return;
        }
        let endpoints = self.endpoints_by(workers).iter().map(|endpoint| endpoint.file);
        let deciding = self.decision_files();
        let deciding = deciding.iter().filter_map(|path| self.number(path));
        let judged = Vec::from_iter(endpoints.chain(deciding).collect::<BTreeSet<FileNo>>());
        workers(judged.len(), &|at| {
            if wanted() {
                self.found.findings(self, judged[at]);
            }
        });
    }

    /// Whether it was [prepared](Project::prepare), now or before its last changes.
    pub fn is_prepared(&self) -> bool {
        self.found.is_asked_again()
    }

    /// Every place of a file that asks something of a process.
    pub(crate) fn sightings(&self, file: FileNo) -> &[Sighting] {
        let lost = || Lost::Asks(self.path_of(file));
        let find = || self.guarded(lost, || sightings(self, file)).unwrap_or_default();
        self.found.tell(self, file, |of| &of.sightings, find, |_| Vec::new())
    }

    /// The routes that the requests of a file are for.
    pub(super) fn asks(&self, file: FileNo) -> &[Asks] {
        let lost = || Lost::Links(self.path_of(file));
        let find = || self.guarded(lost, || calls::asks(self, file)).unwrap_or_default();
        self.found.tell(self, file, |of| &of.asks, find, |_| Vec::new())
    }

    /// The endpoints that a file serves. `find` does not watch over what it was given.
    pub(crate) fn served(&self, file: FileNo, find: impl FnOnce() -> Vec<Served>) -> &[Served] {
        self.found.tell(self, file, |of| &of.served, find, Served::files)
    }

    /// Every endpoint, in the order of package, framework, URL, method and file.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        self.endpoints_by(&at_once)
    }

    fn endpoints_by(&self, workers: Workers<'_>) -> &[Endpoint] {
        self.found.endpoints.get_or_init(|| endpoints::endpoints(self, workers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::facts::CallId;
    use crate::path::FilePath;
    use crate::project::calls::Place;
    use crate::project::linking::tests::write;
    use crate::rules::Catalogue;

    #[test]
    fn what_fails_about_a_route_or_a_request_costs_the_others_nothing() {
        let mut project = Project::new(Catalogue::builtin());
        for name in ["a", "b"] {
            let text = "export function GET() { fetch('/api/a'); return Response.json({}); }\n";
            write(&mut project, &format!("/p/app/api/{name}/route.js"), text);
        }
        // As if its links were those of another text.
        let links = Arc::make_mut(project.links[1].as_mut().expect("it is linked"));
        links.requests[0].place = Place::Argument(CallId { chunk: 0, number: 99 }, 0);
        let told: Vec<(String, usize)> =
            project.routes().into_iter().map(|route| (route.url, route.callers.len())).collect();
        assert_eq!(told, [("/api/b".to_owned(), 0)]);
        let lost: Vec<Lost> = project.take_panics().into_iter().map(|(lost, _)| lost).collect();
        assert_eq!(lost, [Lost::Links(FilePath::new("/p/app/api/a/route.js"))]);
    }

    #[test]
    fn what_nobody_waits_for_any_more_is_left_to_the_next_question() {
        let mut project = Project::new(Catalogue::builtin());
        for name in ["a", "b", "c"] {
            let path = FilePath::new(&format!("/p/{name}.js"));
            let document = Document::new(path.clone(), 0, "setInterval(go, 1000);\n".to_owned());
            let facts = Arc::clone(document.facts(project.catalogue()));
            let (package, settings) = (Arc::default(), Arc::default());
            project.insert(FileInput { path, package, settings, facts, resolutions: Vec::new() });
        }
        project.link();
        let told = |project: &Project| {
            let known =
                |file| project.found.file(project, file).is_some_and(|(it, _)| it.sightings.get().is_some());
            project.numbers().filter(|&file| known(file)).count()
        };
        let first = AtomicBool::new(true);
        project.prepare(&at_once, &|| first.swap(false, Ordering::Relaxed));
        assert_eq!(told(&project), 1);
        assert!(project.found.endpoints.get().is_none());
        project.prepare(&at_once, &|| true);
        assert_eq!(told(&project), 3);
        assert!(project.found.endpoints.get().is_some());
    }
}
