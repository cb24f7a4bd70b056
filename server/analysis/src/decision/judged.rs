//! One route at a time, for editors: what the decision says of it, from what the route itself reaches and loads.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Fit;
use super::asks::Sighting;
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

/// What is wrong, file by file.
pub type Findings = BTreeMap<FilePath, Vec<Finding>>;

impl Project {
    /// The files whose findings count for the routes that a file serves.
    pub fn judged_by(&self, path: &FilePath) -> Vec<FilePath> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let files: BTreeSet<FileNo> = of_file(self, file).flat_map(|route| counting(self, &route)).collect();
        files.into_iter().filter_map(|file| Some(self.file(file)?.path.clone())).collect()
    }

    /// Whether a handler is named at a place, so that a hover there tells a verdict.
    pub fn is_judged_at(&self, path: &FilePath, offset: u32) -> bool {
        let input = self.number(path).and_then(|file| self.file(file));
        input.is_some_and(|input| self.entries(path).iter().any(|it| it.span(&input.facts).touches(offset)))
    }

    /// What the decision says of the routes that a file serves, given what is wrong in the files that
    /// [`Project::judged_by`] names.
    pub fn judged(&self, path: &FilePath, findings: &Findings) -> Vec<Judged> {
        let Some(file) = self.number(path) else { return Vec::new() };
        let standing = Standing::among(self, findings.values().flatten());
        of_file(self, file).map(|route| alone(self, route, &standing)).collect()
    }

    /// What the decision says of every route, given what is wrong in the files that [`Project::decision_files`] names.
    pub fn all_judged(&self, findings: &Findings) -> Vec<Judged> {
        let survey = survey::survey(self, &|_| true);
        let standing = Standing::among(self, findings.values().flatten());
        survey.routes.iter().map(|it| judge(self, it, &survey.sightings, &standing)).collect()
    }
}

/// What the decision says of an entry of a file, as an item of a list; empty where it serves no URL. What is wrong in the
/// files that count is looked up where nobody gives it.
pub(crate) fn told(project: &Project, file: FileNo, entry: &Entry, given: Option<&Findings>) -> String {
    let Some(named) = project.file(file).map(|input| entry.span(&input.facts)) else { return String::new() };
    let around = |it: &Surveyed| it.endpoint.span.start <= named.start && named.end <= it.endpoint.span.end;
    // A function that is registered several times is told of as it is registered here.
    let route = of_file(project, file)
        .filter(|route| entry.roots.iter().any(|root| route.endpoint.roots.contains(root)))
        .min_by_key(|route| !around(route));
    let Some(route) = route else { return String::new() };
    let judged = if let Some(given) = given {
        alone(project, route, &Standing::among(project, given.values().flatten()))
    } else {
        let files = counting(project, &route).into_iter();
        let findings: Vec<Finding> = files.flat_map(|file| check::findings(project, file)).collect();
        alone(project, route, &Standing::among(project, findings.iter()))
    };
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
fn alone(project: &Project, route: Surveyed, standing: &Standing<'_>) -> Judged {
    let seen: Vec<Sighting> =
        route.files().into_iter().flat_map(|file| project.sightings(file)).cloned().collect();
    judge(project, &survey::surveyed(project, route.endpoint, &seen), &seen, standing)
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
