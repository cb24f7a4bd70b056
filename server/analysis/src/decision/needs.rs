//! The seven needs as the code shows them. What code cannot know is unknown; the configuration can say it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answer::{Needed, Needs, Seen};
use super::rule::{Need, Value};
use super::{Inquiry, Survey};
use crate::check;
use crate::endpoints::Endpoint;
use crate::package::Package;
use crate::path::FilePath;
use crate::project::routes::is_aside;
use crate::project::routes::table::Kind as Served;
use crate::project::{Framework, Project};
use crate::tables::{Kind, Targets};

/// How many places are told of a need.
const MOST: usize = 5;

/// Who asks for the routes beside the app's own pages.
#[derive(Default)]
pub(crate) struct Audience {
    /// Applications of this repository that are clients of their own.
    pub(crate) apps: Vec<Seen>,
    /// Signs that strangers ask: headers for other origins, versions in URLs, descriptions.
    pub(crate) signs: Vec<Seen>,
    /// Requests from the package that serves them.
    pub(crate) own_calls: usize,
}

struct Finder<'a> {
    project: &'a Project,
    survey: &'a Survey,
    inquiry: &'a Inquiry<'a>,
    audience: &'a Audience,
}

/// What is known of each need.
pub(crate) fn needs(project: &Project, survey: &Survey, inquiry: &Inquiry<'_>, audience: &Audience) -> Needs {
    let finder = Finder { project, survey, inquiry, audience };
    let one = |need: Need| {
        let (value, why, mut evidence) = match need {
            Need::Websockets => finder.websockets(),
            Need::LongRunningJobs => finder.long_running(),
            Need::MultipleClients => finder.clients(),
            Need::SeparateTeams => finder.teams(),
            Need::SimpleFullStack => finder.full_stack(),
            Need::DeploySimplicity => finder.deployment(),
            Need::SingleDeveloper => finder.developer(),
        };
        evidence.truncate(MOST);
        let mut needed = Needed { value, weight: need.weight(), evidence, declared: false, why };
        if let Some(declared) = inquiry.surroundings.declared.get(&need) {
            needed.value = if declared.there { Value::Yes } else { Value::No };
            needed.declared = true;
            let file = inquiry.name(&declared.path);
            needed.why = format!("declared in {file}");
            needed.evidence = vec![Seen { path: Some(file), range: None, text: "\"needs\"".to_owned() }];
        }
        (need, needed)
    };
    Needs(Need::ALL.into_iter().map(one).collect())
}

type Answer = (Value, String, Vec<Seen>);

impl Finder<'_> {
    fn routes(&self) -> String {
        match self.survey.routes.len() {
            1 => "1 route".to_owned(),
            many => format!("{many} routes"),
        }
    }

    /// The places that ask for something, those of routes first.
    fn asking(&self, wanted: impl Fn(super::asks::Ask) -> bool) -> Vec<Seen> {
        let of_routes = self.survey.routes.iter().flat_map(|route| route.asks.iter().copied());
        let beside = self.survey.parts.iter().map(|part| part.sighting);
        let mut seen = BTreeSet::new();
        of_routes
            .chain(beside)
            .filter(|number| wanted(self.survey.sightings[*number].ask) && seen.insert(*number))
            .map(|number| self.inquiry.sighted(self.project, &self.survey.sightings[number]))
            .collect()
    }

    fn websockets(&self) -> Answer {
        let found = self.asking(super::asks::Ask::is_realtime);
        if found.is_empty() {
            let why = format!("no server for WebSockets and no stream without an end in {}", self.routes());
            return (Value::No, why, found);
        }
        (Value::Yes, "connections stay open".to_owned(), found)
    }

    fn long_running(&self) -> Answer {
        let mut found = self.asking(super::asks::Ask::is_long);
        for route in &self.survey.routes {
            let Some((seconds, from)) = &route.endpoint.max_duration else { continue };
            let own = super::survey::on_own_host(self.project, route.endpoint.file, false, |ground| {
                ground.lacks_time(*seconds)
            });
            if let Some(lack) = own.flatten() {
                let path = from.as_ref().unwrap_or(&route.endpoint.path);
                found.push(Seen { path: Some(self.inquiry.name(path)), range: None, text: lack.text });
            }
        }
        if !found.is_empty() {
            return (Value::Yes, "work goes on for long, or without a request".to_owned(), found);
        }
        let slow = |route: &&super::survey::Surveyed| {
            let long = matches!(
                route.endpoint.max_duration,
                Some((crate::package::Seconds::At(seconds), _)) if seconds > 60
            );
            long || route.endpoint.effects.contains(&crate::tables::Effect::TakesLong)
        };
        let slow: Vec<&super::survey::Surveyed> = self.survey.routes.iter().filter(slow).collect();
        if slow.is_empty() {
            let why = format!("no queue, no clock, no browser and no long time limit in {}", self.routes());
            return (Value::No, why, Vec::new());
        }
        let seen = slow.iter().map(|route| self.inquiry.route(&route.endpoint, "may take long")).collect();
        let why = match slow.len() {
            1 => "1 route may take long, within its limit; how long is not in the code".to_owned(),
            many => format!("{many} routes may take long, within their limits; how long is not in the code"),
        };
        (Value::Unknown, why, seen)
    }

    fn clients(&self) -> Answer {
        let found: Vec<Seen> = self.audience.apps.iter().chain(&self.audience.signs).cloned().collect();
        if !found.is_empty() {
            let why = if self.audience.apps.is_empty() {
                "made for others to ask, too"
            } else {
                "another application asks for the same routes"
            };
            return (Value::Yes, why.to_owned(), found);
        }
        match self.audience.own_calls {
            0 => (Value::Unknown, "the code does not show who asks for the routes".to_owned(), found),
            1 => (Value::No, "the one request that was found comes from the app itself".to_owned(), found),
            many => {
                (Value::No, format!("all {many} requests that were found come from the app itself"), found)
            }
        }
    }

    fn owners(&self, text: &str) -> Vec<Seen> {
        let path = self.inquiry.surroundings.codeowners.as_ref();
        path.map(|path| Seen { path: Some(self.inquiry.name(path)), range: None, text: text.to_owned() })
            .into_iter()
            .collect()
    }

    /// Folders of routes and folders of pages, and who owns them.
    fn teams(&self) -> Answer {
        let around = self.inquiry.surroundings;
        if around.codeowners.is_none() {
            let why = "no CODEOWNERS file; \"needs\" in routewise.json can say it".to_owned();
            return (Value::Unknown, why, Vec::new());
        }
        let serves = |folder: &FilePath| {
            let mut routes = self.survey.routes.iter();
            routes.any(|it| it.endpoint.path.strip(folder).is_some())
        };
        let renders = |folder: &FilePath| {
            let mut pages = self.project.table().routes.iter().filter(|it| it.kind == Served::Page);
            pages.any(|it| self.project.file(it.file).is_some_and(|input| input.path.strip(folder).is_some()))
        };
        let back = around.owned.iter().filter(|it| serves(&it.folder) && !renders(&it.folder));
        let front: Vec<_> = around.owned.iter().filter(|it| renders(&it.folder)).collect();
        for backend in back.filter(|it| !it.owners.is_empty()) {
            let apart = front.iter().find(|it| {
                !it.owners.is_empty() && it.owners.iter().all(|owner| !backend.owners.contains(owner))
            });
            if let Some(frontend) = apart {
                let text = format!(
                    "{} owns {}, {} owns {}",
                    backend.owners.join(", "),
                    self.inquiry.name(&backend.folder),
                    frontend.owners.join(", "),
                    self.inquiry.name(&frontend.folder)
                );
                let why = "routes and pages have different owners".to_owned();
                return (Value::Yes, why, self.owners(&text));
            }
        }
        if around.owners.len() == 1 {
            let seen = self.owners(&format!("{} owns everything", around.owners[0]));
            return (Value::No, "one owner for routes and pages".to_owned(), seen);
        }
        (Value::Unknown, "CODEOWNERS does not part routes from pages".to_owned(), Vec::new())
    }

    fn developer(&self) -> Answer {
        let around = self.inquiry.surroundings;
        match &around.owners[..] {
            [] => {
                let why = "no CODEOWNERS file; \"needs\" in routewise.json can say it".to_owned();
                (Value::Unknown, why, Vec::new())
            }
            [one] if one.starts_with('@') && !one.contains('/') => {
                let seen = self.owners(&format!("{one} owns everything"));
                (Value::Yes, "one person owns everything".to_owned(), seen)
            }
            [_] => (Value::No, "a team owns it".to_owned(), self.owners(&around.owners.join(", "))),
            many => {
                let seen = self.owners(&many.join(", "));
                (Value::No, format!("{} owners", many.len()), seen)
            }
        }
    }

    fn full_stack(&self) -> Answer {
        let manifest = |root: &FilePath, text: &str| {
            let path = Some(self.inquiry.name(&root.join("package.json")));
            Seen { path, range: None, text: text.to_owned() }
        };
        let apps: BTreeSet<&FilePath> = self
            .survey
            .routes
            .iter()
            .filter(|it| it.endpoint.framework != Framework::Express)
            .filter_map(|it| it.endpoint.package.root.as_ref())
            .collect();
        let service = self.survey.routes.iter().find(|it| it.endpoint.framework == Framework::Express);
        if let Some(route) = service {
            let seen = self.inquiry.route(&route.endpoint, "is served by Express");
            return (Value::No, "there is a server beside Next.js, or instead of it".to_owned(), vec![seen]);
        }
        if let Some(part) = self.survey.parts.iter().find(|part| !part.in_next) {
            let seen = self.inquiry.sighted(self.project, &self.survey.sightings[part.sighting]);
            return (Value::No, "a process runs beside Next.js".to_owned(), vec![seen]);
        }
        if let Some(app) = self.audience.apps.first() {
            return (Value::No, "another application has no page here".to_owned(), vec![app.clone()]);
        }
        match apps.into_iter().collect::<Vec<_>>()[..] {
            [] => (Value::Unknown, "there is no route to look at".to_owned(), Vec::new()),
            [root] => {
                let mut table = self.project.table().routes.iter();
                let pages = table.any(|it| {
                    it.kind == Served::Page
                        && it.package(self.project).is_some_and(|package| package.root.as_ref() == Some(root))
                });
                if pages {
                    let seen =
                        manifest(root, "the one application that serves routes, with pages of its own");
                    (Value::Yes, "one application holds the pages and the routes".to_owned(), vec![seen])
                } else {
                    let seen = manifest(root, "serves routes and no page");
                    (Value::No, "the application has no page of its own".to_owned(), vec![seen])
                }
            }
            ref many => {
                let seen = many.iter().map(|root| manifest(root, "serves routes")).collect();
                (Value::No, format!("{} applications serve routes", many.len()), seen)
            }
        }
    }

    fn deployment(&self) -> Answer {
        let mut hosts: BTreeMap<&str, Seen> = BTreeMap::new();
        let mut unknown = false;
        for route in &self.survey.routes {
            let target = &route.endpoint.package.target;
            match target.evidence.first() {
                Some(evidence) if &*target.id != "unknown" => {
                    hosts.entry(&target.id).or_insert_with(|| self.inquiry.evidence(evidence));
                }
                _ => unknown = true,
            }
            for (id, evidence) in &target.also {
                hosts.entry(id).or_insert_with(|| self.inquiry.evidence(evidence));
            }
        }
        let kind = |id: &str| Targets::builtin().get(id).map_or(Kind::Unknown, |info| info.kind);
        let looked_after = hosts.keys().any(|id| kind(id) == Kind::Persistent);
        let managed = !hosts.is_empty()
            && hosts.keys().all(|id| matches!(kind(id), Kind::Serverless | Kind::Edge | Kind::Static));
        let seen: Vec<Seen> = hosts.into_values().collect();
        if let Some(part) = self.survey.parts.iter().find(|part| !part.in_next) {
            let beside = self.inquiry.sighted(self.project, &self.survey.sightings[part.sighting]);
            return (Value::No, "a process runs beside it, and is deployed too".to_owned(), vec![beside]);
        }
        match (managed, looked_after, seen.len()) {
            (true, _, 1) if !unknown => {
                (Value::Yes, "one deployment, and no server to look after".to_owned(), seen)
            }
            (_, true, _) => (Value::No, "there is a server to look after".to_owned(), seen),
            (true, _, _) => (Value::No, "more than one host".to_owned(), seen),
            _ => (Value::Unknown, "no file says where it is deployed".to_owned(), seen),
        }
    }
}

/// Packages that make an application for something else than a browser.
const DEVICES: &[(&str, &str)] = &[
    ("expo", "an Expo app"),
    ("react-native", "a React Native app"),
    ("@capacitor/core", "a Capacitor app"),
    ("@nativescript/core", "a NativeScript app"),
];

/// Packages that describe an HTTP interface to others.
const DESCRIBERS: &[&str] = &[
    "@asteasolutions/zod-to-openapi",
    "@scalar/api-reference-react",
    "@scalar/express-api-reference",
    "@scalar/nextjs-api-reference",
    "next-openapi-gen",
    "next-swagger-doc",
    "swagger-jsdoc",
    "swagger-ui-express",
    "zod-openapi",
];

/// Who asks for the routes.
pub(crate) fn audience(project: &Project, survey: &Survey, inquiry: &Inquiry<'_>) -> Audience {
    let mut out = Audience::default();
    let around = inquiry.surroundings;
    let serving: BTreeSet<Option<&FilePath>> =
        survey.routes.iter().map(|it| it.endpoint.package.root.as_ref()).collect();
    for package in &around.packages {
        let Some(root) = &package.root else { continue };
        let device = DEVICES.iter().find(|(name, _)| package.dependencies.contains(*name));
        if let Some((_, what)) = device.filter(|_| package.next.is_none()) {
            let path = Some(inquiry.name(&root.join("package.json")));
            out.apps.push(Seen { path, range: None, text: (*what).to_owned() });
        }
    }
    out.apps.extend(around.native.iter().map(|evidence| inquiry.evidence(evidence)));
    let mut askers: BTreeMap<&FilePath, Seen> = BTreeMap::new();
    for route in &survey.routes {
        for call in route.endpoint.callers.iter().filter(|call| call.sure) {
            let Some(input) = project.number(&call.path).and_then(|file| project.file(file)) else {
                continue;
            };
            if is_aside(&input.path, &input.package) {
                continue;
            }
            let root = input.package.root.as_ref();
            if is_part(&input.package, &route.endpoint.package, &around.packages) {
                out.own_calls += 1;
            } else if let Some(root) = root.filter(|root| !serving.contains(&Some(*root))) {
                let url = &route.endpoint.url;
                askers.entry(root).or_insert_with(|| {
                    inquiry.place(&call.path, call.span, format!("another package asks for {url}"))
                });
            }
        }
    }
    // One frontend that is a package of its own is the one client of a service.
    if askers.len() > 1 || survey.routes.iter().any(|it| it.endpoint.framework != Framework::Express) {
        out.apps.extend(askers.into_values());
    }
    signs(project, survey, inquiry, &mut out);
    out
}

/// Whether what a package holds runs as part of another: it is that one, or that one depends on it, itself or through
/// other packages of the workspace.
fn is_part(part: &Package, of: &Package, packages: &[Arc<Package>]) -> bool {
    if part.root == of.root {
        return true;
    }
    let Some(wanted) = part.name.as_deref() else { return false };
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut pending = vec![of];
    while let Some(package) = pending.pop() {
        if package.dependencies.contains(wanted) {
            return true;
        }
        let inner = packages.iter().filter(|it| {
            it.name.as_deref().is_some_and(|name| package.dependencies.contains(name) && known.insert(name))
        });
        pending.extend(inner.map(|it| &**it));
    }
    false
}

fn signs(project: &Project, survey: &Survey, inquiry: &Inquiry<'_>, out: &mut Audience) {
    let versioned: Vec<&Endpoint> =
        survey.routes.iter().map(|it| &it.endpoint).filter(|it| is_versioned(&it.url)).collect();
    if let [first, _, ..] = versioned[..] {
        let text = format!("{} URLs have a version", versioned.len());
        out.signs.push(Seen { text, ..inquiry.route(first, "") });
    }
    for path in &inquiry.surroundings.descriptions {
        let text = "describes the interface for others".to_owned();
        out.signs.push(Seen { path: Some(inquiry.name(path)), range: None, text });
    }
    let mut roots = BTreeSet::new();
    for route in &survey.routes {
        let package = &route.endpoint.package;
        let Some(root) = package.root.as_ref().filter(|root| roots.insert(*root)) else { continue };
        let describer = DESCRIBERS.iter().find(|name| package.dependencies.contains(**name));
        if let Some(name) = describer {
            let path = Some(inquiry.name(&root.join("package.json")));
            out.signs.push(Seen {
                path,
                range: None,
                text: format!("{name} describes the interface for others"),
            });
        }
    }
    for route in survey.routes.iter().filter(|it| it.endpoint.framework != Framework::Express) {
        if let Some(span) = project.file(route.endpoint.file).and_then(check::origin_header) {
            out.signs.push(inquiry.place(&route.endpoint.path, span, "answers other origins".to_owned()));
            break;
        }
    }
}

/// `/api/v1/users`.
fn is_versioned(url: &str) -> bool {
    url.split('/').any(|segment| {
        let digits = segment.strip_prefix('v').unwrap_or_default();
        !digits.is_empty() && digits.len() <= 2 && digits.chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_segment_of_its_own() {
        assert!(is_versioned("/api/v1/users") && is_versioned("/v12"));
        assert!(!is_versioned("/api/vault") && !is_versioned("/api/v") && !is_versioned("/api/v1beta"));
    }
}
