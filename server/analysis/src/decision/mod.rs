//! Where the routes of a project belong: in Next.js, in a persistent process with Express, or some here, some there.
//!
//! Three steps, each by itself. [`asks`] and [`survey`] find what code asks of a process, whatever the host. [`fit`]
//! holds that against one host: what is lacking decides on a route. [`needs`] and [`signals`] look at the project as a
//! whole, [`rule`] says what follows from the needs alone, and [`verdict`] holds that against the routes. The result is
//! data ([`answer`]) that every form of output prints.
//!
//! What is not proven does not count: a need that code cannot show is unknown, and unknown moves nothing.

mod answer;
mod asks;
mod caveats;
mod fit;
mod judged;
mod markdown;
mod needs;
mod page;
mod rule;
mod signals;
mod since;
mod surroundings;
mod survey;
mod verdict;
mod words;

use std::collections::BTreeMap;

pub use answer::{
    Caveat, Client, Decision, Fit, Found, Host, HostFit, Needed, Needs, Part, Reason, Reasons, Route, Seen,
    Store, Unmet, Verdict,
};
pub(crate) use judged::told;
pub use judged::{Findings, Judged};
pub use markdown::markdown;
pub use page::page;
pub use rule::{Lean, Need, Value, Weight, lean};
pub use since::{Changed, NeedChanged, Since, since};
pub use surroundings::{Declared, Owned, Surroundings};

use crate::endpoints::{self, Endpoint};
use crate::finding::Finding;
use crate::package::Evidence;
use crate::path::FilePath;
use crate::project::routes::table::Kind as Served;
use crate::project::{Framework, Project, Sources};
use crate::tables::{Class, Holds, Kind, Limit, Targets};
use crate::text::Span;
pub(crate) use asks::{Sighting, sightings};
use fit::Ground;
use survey::{Beside, Standing, Survey, Surveyed};

/// What a decision is asked about, and what it needs to say it.
#[derive(Clone, Copy)]
pub struct Inquiry<'a> {
    /// What stands around the code.
    pub surroundings: &'a Surroundings,
    /// What is wrong in the files that [`Project::decision_files`] names.
    pub findings: &'a BTreeMap<FilePath, Vec<Finding>>,
    /// Whether the routes of a file are meant.
    pub within: &'a dyn Fn(&FilePath) -> bool,
    /// The texts, for places.
    pub sources: &'a dyn Sources,
    /// How a file or folder is called.
    pub name: &'a dyn Fn(&FilePath) -> String,
    /// The host was named for this once.
    pub asked: bool,
}

impl Inquiry<'_> {
    fn name(&self, path: &FilePath) -> String {
        (self.name)(path)
    }

    fn is_within(&self, path: &FilePath) -> bool {
        (self.within)(path)
    }

    fn place(&self, path: &FilePath, span: Span, text: String) -> Seen {
        Seen { path: Some(self.name(path)), range: endpoints::range(self.sources, path, span), text }
    }

    fn file(&self, path: &FilePath, text: &str) -> Seen {
        Seen { path: Some(self.name(path)), range: None, text: text.to_owned() }
    }

    fn evidence(&self, evidence: &Evidence) -> Seen {
        let path = evidence.path.as_ref().map(|path| self.name(path));
        Seen { path, range: None, text: evidence.text.clone() }
    }

    fn route(&self, endpoint: &Endpoint, text: &str) -> Seen {
        self.place(&endpoint.path, endpoint.span, format!("{} {text}", endpoint.url).trim().to_owned())
    }

    fn sighted(&self, project: &Project, sighting: &Sighting) -> Seen {
        match project.file(sighting.file) {
            Some(input) => self.place(&input.path, sighting.span, sighting.text.clone()),
            None => Seen { path: None, range: None, text: sighting.text.clone() },
        }
    }
}

impl Project {
    /// The files whose findings a decision wants.
    pub fn decision_files(&self) -> Vec<FilePath> {
        survey::files(self)
    }

    /// Where the routes belong.
    pub fn decide(&self, inquiry: &Inquiry<'_>) -> Decision {
        decide(self, inquiry)
    }
}

fn decide(project: &Project, inquiry: &Inquiry<'_>) -> Decision {
    let survey = survey::survey(project, inquiry.within);
    let audience = needs::audience(project, &survey, inquiry);
    let needs = needs::needs(project, &survey, inquiry, &audience);
    let weighed = signals::weigh(project, &survey, inquiry, &audience, &needs);
    let standing = Standing::among(project, inquiry.findings.values().flatten());
    let routes: Vec<Route> =
        survey.routes.iter().map(|it| route(project, &survey, it, &standing, inquiry)).collect();
    let parts: Vec<Part> = survey.parts.iter().filter_map(|it| part(project, &survey, it, inquiry)).collect();
    let there = |need: Need| needs.get(need).is_some_and(|it| it.value == Value::Yes);
    let declared = |need: Need| there(need) && needs.get(need).is_some_and(|it| it.declared);
    let of_next = |it: &&Route| it.framework != "express";
    let pages = project.table().routes.iter().any(|it| {
        it.kind == Served::Page && project.file(it.file).is_some_and(|input| inquiry.is_within(&input.path))
    });
    let stay = routes.iter().filter(of_next).filter(|it| it.verdict != Fit::Persistent).count();
    let goes = routes.iter().filter(of_next).filter(|it| it.verdict == Fit::Persistent).count()
        + parts.iter().filter(|it| it.home == "next" && !it.fits).count();
    let sides = verdict::Sides {
        stays: stay + usize::from(pages),
        goes,
        service: routes.len() > stay + goes
            || routes.iter().any(|it| it.framework == "express")
            || parts.iter().any(|it| it.home == "service"),
        declared: declared(Need::Websockets) || declared(Need::LongRunningJobs),
        persistent: weighed.persistent,
        serverless: weighed.serverless,
    };
    // What the host gives already asks for nothing else.
    let met = goes == 0 && !sides.service && !sides.declared;
    let counts = |need: Need| there(need) && !(met && need.weight() == Weight::Required);
    let (verdict, either) = verdict::settle(lean(counts), sides);
    let target = host(&survey, inquiry);
    let hosts = hosts(&survey, project);
    let summary = words::summary(verdict, either, &target.name, &routes, &parts);
    Decision {
        schema_version: 1,
        project: main_package(&survey).and_then(|package| package.name.clone()),
        verdict,
        either,
        summary,
        elsewhere: words::elsewhere(&hosts),
        caveats: caveats::caveats(&target.id, &survey, verdict),
        stores: stores(project, inquiry),
        clients: clients(project, &survey, inquiry, &audience),
        needs,
        target,
        hosts,
        routes,
        parts,
        reasons: weighed.reasons,
        since: None,
    }
}

fn route(
    project: &Project,
    survey: &Survey,
    it: &Surveyed,
    standing: &Standing<'_>,
    inquiry: &Inquiry<'_>,
) -> Route {
    let endpoint = &it.endpoint;
    let unmet: Vec<Unmet> = survey::unmet(project, &survey.sightings, it)
        .into_iter()
        .map(|(lack, numbers)| Unmet {
            capability: lack.capability,
            text: lack.text,
            evidence: if numbers.is_empty() {
                vec![inquiry.route(endpoint, "")]
            } else {
                numbers.iter().map(|number| inquiry.sighted(project, &survey.sightings[*number])).collect()
            },
        })
        .collect();
    let findings: Vec<Found> = standing
        .before(it)
        .into_iter()
        .map(|finding| Found {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            message: finding.message.clone(),
            path: inquiry.name(&finding.path),
            range: endpoints::range(inquiry.sources, &finding.path, finding.span),
        })
        .collect();
    Route {
        url: endpoint.url.clone(),
        methods: endpoint.methods.clone(),
        path: inquiry.name(&endpoint.path),
        range: endpoints::range(inquiry.sources, &endpoint.path, endpoint.span),
        framework: endpoint.framework.name(),
        package: endpoint
            .package
            .root
            .as_ref()
            .map_or_else(|| ".".to_owned(), |root| named_root(inquiry, root)),
        verdict: Fit::of(!unmet.is_empty(), !findings.is_empty()),
        unmet,
        findings,
        effects: endpoint.effects.iter().map(|effect| effect.name()).collect(),
        auth: endpoint.auth.name(),
        callers: endpoint.callers.len(),
    }
}

fn named_root(inquiry: &Inquiry<'_>, root: &FilePath) -> String {
    match inquiry.name(root) {
        empty if empty.is_empty() => ".".to_owned(),
        name => name,
    }
}

fn part(project: &Project, survey: &Survey, it: &Beside, inquiry: &Inquiry<'_>) -> Option<Part> {
    let sighting = &survey.sightings[it.sighting];
    let lack = survey::on_own_host(project, sighting.file, !it.in_next, |ground| {
        // A process of its own on a host that nobody named is one that lasts.
        let lasting = !it.in_next && ground.info.kind == Kind::Unknown;
        if lasting { None } else { ground.lacks(sighting.ask) }
    })?;
    Some(Part {
        text: lack
            .as_ref()
            .map_or_else(|| sighting.text.clone(), |lack| format!("{}: {}", sighting.text, lack.text)),
        home: if it.in_next { "next" } else { "service" },
        fits: lack.is_none(),
        evidence: inquiry.sighted(project, sighting),
    })
}

/// The package that most routes belong to.
fn main_package(survey: &Survey) -> Option<&crate::package::Package> {
    let mut counts: BTreeMap<Option<&FilePath>, (usize, &crate::package::Package)> = BTreeMap::new();
    for route in &survey.routes {
        let package = &*route.endpoint.package;
        counts.entry(package.root.as_ref()).or_insert((0, package)).0 += 1;
    }
    // Next.js decides: what Express runs on is known by what it is.
    counts
        .into_values()
        .max_by_key(|(count, package)| (package.next.is_some(), *count))
        .map(|(_, package)| package)
}

fn host(survey: &Survey, inquiry: &Inquiry<'_>) -> Host {
    let package = main_package(survey);
    let target = package.map(|package| &package.target);
    let id = target.map_or("unknown", |target| &*target.id);
    let info = Targets::builtin().get(id);
    Host {
        id: id.to_owned(),
        name: info.map_or(id, |info| &*info.name).to_owned(),
        kind: info.map_or(Kind::Unknown, |info| info.kind),
        plan: package.and_then(|package| package.plan.as_deref()).map(str::to_owned),
        evidence: target.into_iter().flat_map(|it| &it.evidence).map(|it| inquiry.evidence(it)).collect(),
        asked: inquiry.asked,
    }
}

/// Hosts that a decision compares, whatever the project's own is.
const COMPARED: &[&str] = &["vercel", "netlify", "cloudflare", "docker"];

/// How many of the routes and parts of Next.js, and of Express, fit on each host.
fn hosts(survey: &Survey, project: &Project) -> Vec<HostFit> {
    let of = survey.routes.len() + survey.parts.len();
    let mut out = Vec::new();
    for info in COMPARED.iter().filter_map(|id| Targets::builtin().get(id)) {
        let usual: Vec<_> = info
            .capabilities
            .duration
            .iter()
            .filter(|row| row.fluid != Some(false) && !row.unverified)
            .collect();
        let limited = usual.iter().any(|row| matches!(row.max, Limit::At(_)));
        let rows: Vec<Vec<&crate::tables::Duration>> =
            if limited { usual.iter().map(|row| vec![*row]).collect() } else { vec![usual.clone()] };
        for rows in rows {
            let fits_here = |file, service, judge: &dyn Fn(&Ground<'_>) -> bool| {
                project.file(file).is_some_and(|input| {
                    judge(&Ground { info, rows: &rows, package: &input.package, service })
                })
            };
            let routes = survey.routes.iter().filter(|it| {
                let service = it.endpoint.framework == Framework::Express;
                fits_here(it.endpoint.file, service, &|ground| {
                    survey::lacks(&survey.sightings, it, ground).is_empty()
                })
            });
            let parts = survey.parts.iter().filter(|it| {
                let sighting = &survey.sightings[it.sighting];
                fits_here(sighting.file, !it.in_next, &|ground| ground.lacks(sighting.ask).is_none())
            });
            let plan = rows.first().filter(|_| limited).and_then(|row| row.label());
            out.push(HostFit {
                id: info.id.to_string(),
                name: plan.map_or_else(|| info.name.to_string(), |plan| format!("{} {plan}", info.name)),
                fits: routes.count() + parts.count(),
                of,
                date: rows.first().map(|row| row.date.to_string()),
            });
        }
    }
    out
}

/// What keeps the project's data, and which side uses it.
fn stores(project: &Project, inquiry: &Inquiry<'_>) -> Vec<Store> {
    let mut found: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
    for file in project.numbers() {
        let (Some(links), Some(input)) = (project.links(file), project.file(file)) else { continue };
        if crate::project::routes::is_aside(&input.path, &input.package) {
            continue;
        }
        let keeps = |holds: Holds| matches!(holds, Holds::Pool | Holds::Connection);
        for made in links
            .constructions
            .iter()
            .filter(|it| it.library.class == Class::Database && keeps(it.make.holds))
        {
            let user = if asks::in_next(project, file) {
                "next"
            } else if inquiry.is_within(&input.path) {
                "express"
            } else {
                continue;
            };
            let users = found.entry(&made.library.name).or_default();
            if !users.contains(&user) {
                users.push(user);
            }
        }
    }
    found.into_iter().map(|(name, users)| Store { name: name.to_owned(), users }).collect()
}

/// Who asks for the routes: pages of the app, other packages, applications of their own.
fn clients(
    project: &Project,
    survey: &Survey,
    inquiry: &Inquiry<'_>,
    audience: &needs::Audience,
) -> Vec<Client> {
    let mut counts: BTreeMap<String, (usize, Vec<&'static str>)> = BTreeMap::new();
    for route in &survey.routes {
        let side = if route.endpoint.framework == Framework::Express { "express" } else { "next" };
        for call in &route.endpoint.callers {
            let package =
                project.number(&call.path).and_then(|file| project.file(file)).map(|input| &input.package);
            let Some(package) = package else { continue };
            let name = match (&package.name, &package.root) {
                _ if package.root == route.endpoint.package.root && side == "next" => {
                    "Pages of this app".to_owned()
                }
                (Some(name), _) => name.clone(),
                (None, Some(root)) => named_root(inquiry, root),
                (None, None) => continue,
            };
            let (calls, asks) = counts.entry(name).or_default();
            *calls += 1;
            if !asks.contains(&side) {
                asks.push(side);
            }
        }
    }
    let mut out: Vec<Client> =
        counts.into_iter().map(|(name, (calls, asks))| Client { name, calls, asks }).collect();
    let devices = audience.apps.iter().filter(|seen| seen.range.is_none());
    for seen in devices {
        out.push(Client { name: seen.text.clone(), calls: 0, asks: Vec::new() });
    }
    if !audience.signs.is_empty() {
        out.push(Client { name: "Others".to_owned(), calls: 0, asks: Vec::new() });
    }
    out
}
