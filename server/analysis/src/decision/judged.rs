//! One route at a time, for editors: what the decision says of it, from what the route itself reaches and loads.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Fit;
use super::asks::{Sighting, sightings};
use super::survey::{self, Standing, Surveyed};
use crate::check;
use crate::endpoints::{self, Endpoint};
use crate::finding::Finding;
use crate::path::FilePath;
use crate::project::{Entry, FileNo, Project};
use crate::text::Span;

/// Whether a route is right where it is, and what speaks against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its file.
    pub path: FilePath,
    /// As its framework writes it.
    pub url: String,
    /// The export or the registration.
    pub span: Span,
    /// What the decision says.
    pub fit: Fit,
    /// What the host lacks, else the rules that find something wrong.
    pub why: Vec<String>,
}

impl Judged {
    /// What is said, among all that is said of a file, of the handler of a URL at a place.
    pub fn of<'j>(all: &'j [Self], url: &str, span: Span) -> Option<&'j Self> {
        let around = |it: &&Self| it.span.start <= span.start && span.end <= it.span.end;
        // In Next.js all methods of a URL are one route; in Express each registration is its own.
        all.iter().filter(|it| it.url == url).min_by_key(|it| !around(it))
    }
}

impl Project {
    /// The files whose findings count for the routes that a file serves. To have told them makes
    /// [`Project::judged`] quick.
    pub fn judged_by(&self, path: &FilePath) -> Vec<FilePath> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let mut files = BTreeSet::new();
        for route in of_file(self, file) {
            files.extend(counting(self, &route));
        }
        files.into_iter().filter_map(|file| Some(self.file(file)?.path.clone())).collect()
    }

    /// What the decision says of the routes that a file serves.
    pub fn judged(&self, path: &FilePath) -> Vec<Judged> {
        let Some(file) = self.number(path) else { return Vec::new() };
        of_file(self, file).map(|route| alone(self, route)).collect()
    }

    /// What the decision says of every route, given what is wrong in the files that [`Project::decision_files`] names.
    pub fn all_judged(&self, findings: &BTreeMap<FilePath, Vec<Finding>>) -> Vec<Judged> {
        let survey = survey::survey(self, &|_| true);
        let standing = Standing::among(self, findings.values().flatten());
        survey.routes.iter().map(|it| judge(self, it, &survey.sightings, &standing)).collect()
    }
}

/// What the decision says of an entry of a file, as an item of a list; empty where it serves no URL.
pub(crate) fn told(project: &Project, file: FileNo, entry: &Entry) -> String {
    let route = of_file(project, file)
        .find(|route| entry.roots.iter().any(|root| route.endpoint.roots.contains(root)));
    let Some(judged) = route.map(|route| alone(project, route)) else { return String::new() };
    let verdict = match judged.fit {
        Fit::Fits => "Fits where it is",
        Fit::FitsWithChanges => "Fits with changes",
        Fit::Persistent => "Belongs in a persistent process",
    };
    if judged.why.is_empty() {
        return format!("- {verdict}\n");
    }
    format!("- {verdict}: {}\n", judged.why.join("; "))
}

fn of_file(project: &Project, file: FileNo) -> impl Iterator<Item = Surveyed> {
    let served: Vec<Endpoint> = endpoints::served_by(project, file);
    served.into_iter().filter(|it| !it.metadata).map(|it| survey::surveyed(project, it, &[]))
}

/// The files whose findings count for a route.
fn counting(project: &Project, route: &Surveyed) -> BTreeSet<FileNo> {
    let mut files = survey::loaded(project, route.endpoint.file);
    files.extend(route.files());
    files
}

/// Judges a route by itself.
fn alone(project: &Project, route: Surveyed) -> Judged {
    let seen = sightings(project, route.files().into_iter());
    let findings: Vec<Finding> =
        counting(project, &route).into_iter().flat_map(|file| check::findings(project, file)).collect();
    let standing = Standing::among(project, findings.iter());
    judge(project, &survey::surveyed(project, route.endpoint, &seen), &seen, &standing)
}

fn judge(project: &Project, route: &Surveyed, seen: &[Sighting], standing: &Standing<'_>) -> Judged {
    let unmet = survey::unmet(project, seen, route);
    let found = standing.before(route);
    let mut why: Vec<String> = unmet.iter().map(|(lack, _)| lack.text.clone()).collect();
    if why.is_empty() {
        why = found.iter().map(|finding| format!("`{}`", finding.rule)).collect();
        why.dedup();
    }
    let endpoint = &route.endpoint;
    Judged {
        path: endpoint.path.clone(),
        url: endpoint.url.clone(),
        span: endpoint.span,
        fit: Fit::of(!unmet.is_empty(), !found.is_empty()),
        why,
    }
}
