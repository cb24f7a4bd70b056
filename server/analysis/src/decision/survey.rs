//! Every route with what its code asks for, and what runs beside the routes.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::asks::{Ask, Sighting, function_at, in_next};
use super::fit::{Ground, Lack};
use crate::check::target_of;
use crate::endpoints::Endpoint;
use crate::facts::FunctionId;
use crate::finding::{Finding, Severity};
use crate::path::FilePath;
use crate::project::{FileNo, Framework, Layer, Project, routes};
use crate::tables::{self, Duration, Targets};
use crate::text::Span;

/// Families of rules about what code and its host make of each other. What is said about security or about requests
/// elsewhere does not decide where a route belongs.
const FAMILIES: &[&str] = &["clients", "realtime", "duration", "state", "handler", "migration"];

/// All that was found, before it is judged.
pub(crate) struct Survey {
    pub(crate) routes: Vec<Surveyed>,
    pub(crate) parts: Vec<Beside>,
    pub(crate) sightings: Vec<Sighting>,
}

/// A route, and the code that runs for it.
pub(crate) struct Surveyed {
    pub(crate) endpoint: Endpoint,
    functions: FxHashSet<(FileNo, FunctionId)>,
    /// Numbers of [`Survey::sightings`].
    pub(crate) asks: Vec<usize>,
}

/// Something that runs without a request for a route.
pub(crate) struct Beside {
    /// Its number in [`Survey::sightings`].
    pub(crate) sighting: usize,
    /// Next.js loads it.
    pub(crate) in_next: bool,
}

impl Surveyed {
    fn is_express(&self) -> bool {
        self.endpoint.framework == Framework::Express
    }

    /// The files that its functions stand in, its own among them.
    pub(crate) fn files(&self) -> BTreeSet<FileNo> {
        self.functions.iter().map(|(file, _)| *file).chain([self.endpoint.file]).collect()
    }
}

/// Findings that may stand between a route and its host.
pub(crate) struct Standing<'f> {
    findings: BTreeMap<FileNo, Vec<(Option<FunctionId>, &'f Finding)>>,
    /// Of files in which something stands that runs when they are loaded: those that load them on the server.
    loaders: FxHashMap<FileNo, FxHashSet<FileNo>>,
}

impl<'f> Standing<'f> {
    /// Those among all findings.
    pub(crate) fn among(project: &Project, all: impl Iterator<Item = &'f Finding>) -> Self {
        let mut findings: BTreeMap<FileNo, Vec<_>> = BTreeMap::new();
        for finding in all.filter(|it| stands_between(it)) {
            let Some(file) = project.number(&finding.path) else { continue };
            let function = function_at(project, file, finding.span.start);
            findings.entry(file).or_default().push((function, finding));
        }
        let when_loaded = findings.iter().filter(|(_, found)| found.iter().any(|(it, _)| it.is_none()));
        let loaders = loaders(project, when_loaded.map(|(file, _)| *file));
        Self { findings, loaders }
    }

    /// What stands between a route and its host, by place.
    pub(crate) fn before(&self, route: &Surveyed) -> Vec<&'f Finding> {
        let own = &route.endpoint;
        let within = |file: FileNo, span: Span| {
            let inside = own.span.start <= span.start && span.end <= own.span.end;
            file == own.file && (!route.is_express() || inside)
        };
        let loads = |file: FileNo| self.loaders.get(&file).is_some_and(|by| by.contains(&own.file));
        let holds = |file: FileNo, function: Option<FunctionId>, span: Span| match function {
            _ if within(file, span) => true,
            Some(function) => route.functions.contains(&(file, function)),
            None => !route.is_express() && loads(file),
        };
        let all = self.findings.iter().flat_map(|(file, found)| found.iter().map(move |it| (*file, it)));
        let mut out: Vec<&Finding> = all
            .filter(|(file, (function, finding))| holds(*file, *function, finding.span))
            .map(|(_, (_, finding))| *finding)
            .collect();
        out.sort_by(|a, b| (&a.path, a.span, &a.rule).cmp(&(&b.path, b.span, &b.rule)));
        out
    }
}

fn stands_between(finding: &Finding) -> bool {
    let family = finding.rule.split_once('/').map_or("", |(family, _)| family);
    finding.severity >= Severity::Warning && FAMILIES.contains(&family)
}

/// The routes of some files, and what runs beside them.
pub(crate) fn survey(project: &Project, within: &dyn Fn(&FilePath) -> bool) -> Survey {
    let sightings: Vec<Sighting> =
        project.numbers().flat_map(|file| project.sightings(file)).cloned().collect();
    let routes: Vec<Surveyed> = project
        .endpoints()
        .iter()
        .filter(|endpoint| !endpoint.metadata && within(&endpoint.path))
        .map(|endpoint| surveyed(project, endpoint.clone(), &sightings))
        .collect();
    let claimed: FxHashSet<usize> = routes.iter().flat_map(|route| route.asks.iter().copied()).collect();
    let parts = sightings
        .iter()
        .enumerate()
        .filter(|(number, it)| {
            !claimed.contains(number) && project.file(it.file).is_some_and(|input| within(&input.path))
        })
        .filter_map(|(sighting, it)| Some(Beside { sighting, in_next: beside(project, it)? }))
        .collect();
    Survey { routes, parts, sightings }
}

/// A route with the code that runs for it.
pub(crate) fn surveyed(project: &Project, endpoint: Endpoint, sightings: &[Sighting]) -> Surveyed {
    let functions = reached(project, &endpoint.roots);
    let express = endpoint.framework == Framework::Express;
    let asks = sightings
        .iter()
        .enumerate()
        .filter(|(_, it)| match it.function {
            Some(function) => functions.contains(&(it.file, function)),
            None => !express && it.file == endpoint.file,
        })
        .map(|(number, _)| number)
        .collect();
    Surveyed { endpoint, functions, asks }
}

/// Whether something that no route reaches runs all the same, and if so whether Next.js loads it.
fn beside(project: &Project, sighting: &Sighting) -> Option<bool> {
    let next = in_next(project, sighting.file);
    let Some(function) = sighting.function else { return Some(next) };
    let reach = project.reach()?;
    let runs = reach.runs_at_load(project, sighting.file, function)
        || reach.asked_from(project, sighting.file, function, true) != 0;
    let server = matches!(sighting.ask, Ask::SocketServer | Ask::Worker | Ask::Schedule);
    (runs || server && !next).then_some(next)
}

/// Every function that these reach.
fn reached(project: &Project, roots: &[(FileNo, FunctionId)]) -> FxHashSet<(FileNo, FunctionId)> {
    let mut seen: FxHashSet<(FileNo, FunctionId)> = roots.iter().copied().collect();
    let mut pending: Vec<(FileNo, FunctionId)> = roots.to_vec();
    while let Some((file, function)) = pending.pop() {
        pending.extend(project.running(file, function).map(|edge| edge.to).filter(|to| seen.insert(*to)));
    }
    seen
}

/// A file and all that it loads on the server.
pub(crate) fn loaded(project: &Project, file: FileNo) -> BTreeSet<FileNo> {
    let mut seen = BTreeSet::from([file]);
    let mut pending = vec![file];
    while let Some(file) = pending.pop() {
        let next = project.links(file).into_iter().flat_map(|links| &links.loads);
        pending.extend(next.copied().filter(|next| on_server(project, *next) && seen.insert(*next)));
    }
    seen
}

fn on_server(project: &Project, file: FileNo) -> bool {
    project.file(file).is_some_and(|input| !input.facts.use_client)
}

/// Which files load these on the server, through however many others; each loads itself.
fn loaders(project: &Project, files: impl Iterator<Item = FileNo>) -> FxHashMap<FileNo, FxHashSet<FileNo>> {
    let mut back: FxHashMap<FileNo, Vec<FileNo>> = FxHashMap::default();
    let mut out = FxHashMap::default();
    for file in files {
        if back.is_empty() {
            for from in project.numbers() {
                for &to in project.links(from).into_iter().flat_map(|links| &links.loads) {
                    back.entry(to).or_default().push(from);
                }
            }
        }
        let mut seen = FxHashSet::from_iter([file]);
        let mut pending = vec![file];
        while let Some(file) = pending.pop() {
            // What only a browser loads goes no further.
            let by = back.get(&file).filter(|_| on_server(project, file)).into_iter().flatten();
            pending.extend(by.copied().filter(|it| seen.insert(*it)));
        }
        out.insert(file, seen);
    }
    out
}

/// The files whose findings a decision asks for, sorted.
pub(crate) fn files(project: &Project) -> Vec<FilePath> {
    let layers = [Layer::Handlers, Layer::Pages, Layer::PagesRouter, Layer::Proxy, Layer::Express];
    let mut out: Vec<FilePath> = project
        .numbers()
        .filter(|file| project.reach().is_some_and(|reach| reach.is_loaded_by(*file, &layers)))
        .filter_map(|file| project.file(file))
        .filter(|input| !routes::is_aside(&input.path, &input.package))
        .map(|input| input.path.clone())
        .collect();
    out.sort();
    out
}

/// What a host lacks for a route, with the places that ask for it.
pub(crate) fn lacks(survey: &[Sighting], route: &Surveyed, ground: &Ground<'_>) -> Vec<(Lack, Vec<usize>)> {
    let mut out: Vec<(Lack, Vec<usize>)> = Vec::new();
    for &number in &route.asks {
        let Some(lack) = ground.lacks(survey[number].ask) else { continue };
        match out.iter_mut().find(|(it, _)| *it == lack) {
            Some((_, numbers)) => numbers.push(number),
            None => out.push((lack, vec![number])),
        }
    }
    let time = route.endpoint.max_duration.as_ref().and_then(|(seconds, _)| ground.lacks_time(*seconds));
    out.extend(time.map(|lack| (lack, Vec::new())));
    let server = (!route.is_express()).then(|| ground.lacks_server(&route.endpoint.methods)).flatten();
    out.extend(server.map(|lack| (lack, Vec::new())));
    out
}

/// What the host of a route lacks for it.
pub(crate) fn unmet(project: &Project, seen: &[Sighting], route: &Surveyed) -> Vec<(Lack, Vec<usize>)> {
    on_own_host(project, route.endpoint.file, route.is_express(), |ground| lacks(seen, route, ground))
        .unwrap_or_default()
}

/// Judges with the host that a route's package has.
pub(crate) fn on_own_host<T>(
    project: &Project,
    file: FileNo,
    service: bool,
    judge: impl FnOnce(&Ground<'_>) -> T,
) -> Option<T> {
    let input = project.file(file)?;
    let info = target_of(&input.package).or_else(|| Targets::builtin().get("unknown"))?;
    let limits = tables::max_duration(&input.package, &input.path, None);
    let rows: Vec<&Duration> = limits.map(|limits| limits.rows).unwrap_or_default();
    Some(judge(&Ground { info, rows: &rows, package: &input.package, service }))
}
