//! What speaks for a persistent process, and what for routes of Next.js: each with its weight and the places.

use std::collections::BTreeSet;

use super::answer::{Needs, Reason, Reasons, Seen};
use super::asks::{Ask, NEXT};
use super::needs::Audience;
use super::rule::{Need, Value};
use super::{Inquiry, Survey};
use crate::package::Package;
use crate::project::routes::{Role, role};
use crate::project::{Framework, Layer, Project};
use crate::tables::{Class, Holds, Kind, Libraries, Targets};

/// Reasons that are told of each side.
const STRONGEST: usize = 3;

/// More routes than this are more than the side door of an app.
const MANY_ROUTES: usize = 60;

/// More middleware than this in front of one route is a chain.
const CHAIN: usize = 5;

/// Services that do by request what a process would do by the clock or from a queue.
const BY_REQUEST: &[&str] =
    &["@upstash/qstash", "@upstash/workflow", "@trigger.dev/sdk", "inngest", "workflow"];

/// The weight of each side, and its reasons.
pub(crate) struct Weighed {
    pub(crate) persistent: u32,
    pub(crate) serverless: u32,
    pub(crate) reasons: Reasons,
}

struct Scale<'a> {
    project: &'a Project,
    survey: &'a Survey,
    inquiry: &'a Inquiry<'a>,
    packages: Vec<&'a Package>,
    persistent: Vec<Reason>,
    serverless: Vec<Reason>,
}

/// Weighs a project.
pub(crate) fn weigh(
    project: &Project,
    survey: &Survey,
    inquiry: &Inquiry<'_>,
    audience: &Audience,
    needs: &Needs,
) -> Weighed {
    let mut roots = BTreeSet::new();
    let packages = survey
        .routes
        .iter()
        .map(|it| &*it.endpoint.package)
        .filter(|package| roots.insert(package.root.clone()))
        .collect();
    let mut scale =
        Scale { project, survey, inquiry, packages, persistent: Vec::new(), serverless: Vec::new() };
    scale.work();
    scale.state();
    scale.middleware();
    scale.consumers(audience);
    scale.stores();
    scale.deployment();
    scale.cost(needs);
    for (need, needed) in &needs.0 {
        if needed.declared && needed.value == Value::Yes {
            let side = match need {
                Need::Websockets | Need::LongRunningJobs | Need::MultipleClients | Need::SeparateTeams => {
                    &mut scale.persistent
                }
                _ => &mut scale.serverless,
            };
            side.push(Reason {
                text: format!("{}, as declared", need.title()),
                points: 4,
                evidence: needed.evidence.clone(),
            });
        }
    }
    let sum = |reasons: &[Reason]| reasons.iter().map(|it| it.points).sum();
    let (persistent, serverless) = (sum(&scale.persistent), sum(&scale.serverless));
    let strongest = |mut reasons: Vec<Reason>| {
        reasons.sort_by_key(|it| std::cmp::Reverse(it.points));
        reasons.truncate(STRONGEST);
        reasons
    };
    let reasons =
        Reasons { persistent: strongest(scale.persistent), serverless: strongest(scale.serverless) };
    Weighed { persistent, serverless, reasons }
}

fn reason(points: u32, text: impl Into<String>, evidence: Vec<Seen>) -> Reason {
    Reason { text: text.into(), points, evidence: evidence.into_iter().take(5).collect() }
}

impl Scale<'_> {
    fn asking(&self, wanted: &[Ask]) -> Vec<Seen> {
        let all = self.survey.routes.iter().flat_map(|route| route.asks.iter().copied());
        let all = all.chain(self.survey.parts.iter().map(|part| part.sighting));
        let numbers: BTreeSet<usize> =
            all.filter(|number| wanted.contains(&self.survey.sightings[*number].ask)).collect();
        numbers
            .into_iter()
            .map(|number| self.inquiry.sighted(self.project, &self.survey.sightings[number]))
            .collect()
    }

    /// Open connections, long work, work by the clock.
    fn work(&mut self) {
        let sockets = [Ask::SocketsInRoute, Ask::SocketsOnPort, Ask::SocketsOnResponse, Ask::SocketServer];
        let rows = [
            (3, "WebSocket connections are accepted", &sockets[..]),
            (3, "Messages go to everybody who is connected", &[Ask::FanOut]),
            (2, "Responses stay open without an end", &[Ask::Stream]),
            (3, "A browser or another program works for many seconds", &[Ask::Browser, Ask::LongWork]),
            (3, "A worker takes jobs from a queue", &[Ask::Worker]),
            (2, "Work is done by the clock, inside a process", &[Ask::Schedule]),
        ];
        for (points, text, asks) in rows {
            let seen = self.asking(asks);
            if !seen.is_empty() {
                self.persistent.push(reason(points, text, seen));
            }
        }
        let beyond: Vec<Seen> = self
            .survey
            .routes
            .iter()
            .filter(|it| {
                it.endpoint.max_duration.as_ref().is_some_and(|(seconds, _)| {
                    super::survey::on_own_host(self.project, it.endpoint.file, false, |ground| {
                        ground.lacks_time(*seconds).is_some()
                    })
                    .unwrap_or_default()
                })
            })
            .map(|it| self.inquiry.route(&it.endpoint, "asks for more time than the host gives"))
            .collect();
        if !beyond.is_empty() {
            self.persistent.push(reason(3, "Routes ask for more time than the host gives", beyond));
        }
        let quiet = self.survey.routes.iter().all(|it| it.asks.is_empty());
        if quiet && self.persistent.is_empty() && !self.survey.routes.is_empty() {
            let text = "No route asks for more than a request and its answer";
            self.serverless.push(reason(1, text, Vec::new()));
        }
        let crons: Vec<Seen> = self
            .packages
            .iter()
            .filter_map(|package| package.vercel.as_ref())
            .filter(|vercel| !vercel.crons.is_empty())
            .map(|vercel| Seen {
                path: Some(self.inquiry.name(&vercel.path)),
                range: None,
                text: format!("{} cron jobs", vercel.crons.len()),
            })
            .collect();
        let services = self.depending(BY_REQUEST);
        if !crons.is_empty() || !services.is_empty() {
            let text = "Work by the clock or from a queue comes as requests";
            self.serverless.push(reason(1, text, crons.into_iter().chain(services).collect()));
        }
    }

    /// Packages that depend on one of these.
    fn depending(&self, names: &[&str]) -> Vec<Seen> {
        let mut out = Vec::new();
        for package in &self.packages {
            let found = names.iter().find(|name| package.dependencies.contains(**name));
            if let (Some(name), Some(root)) = (found, &package.root) {
                let path = Some(self.inquiry.name(&root.join("package.json")));
                out.push(Seen { path, range: None, text: (*name).to_owned() });
            }
        }
        out
    }

    /// What is kept in memory.
    fn state(&mut self) {
        let rules =
            ["state/module-mutable-state", "state/in-memory-rate-limit", "state/memory-session-store"];
        let kept: Vec<Seen> = self
            .inquiry
            .findings
            .iter()
            .filter(|(path, _)| self.inquiry.is_within(path))
            .flat_map(|(_, findings)| findings)
            .filter(|it| rules.contains(&&*it.rule))
            .map(|it| self.inquiry.place(&it.path, it.span, it.rule.to_string()))
            .collect();
        if kept.is_empty() {
            let http = Libraries::builtin().all().iter().filter(|it| it.class == Class::Stateless);
            let used = http.filter(|library| {
                self.project.numbers().any(|file| {
                    let links = self.project.links(file);
                    links.is_some_and(|it| it.constructions.iter().any(|made| made.library.id == library.id))
                })
            });
            let names: Vec<&str> = used.map(|it| &*it.name).collect();
            let text = match &names[..] {
                [] => "Nothing is kept in memory between requests".to_owned(),
                names => {
                    format!("Nothing is kept in memory, and data comes over HTTP ({})", names.join(", "))
                }
            };
            if !self.survey.routes.is_empty() {
                self.serverless.push(reason(if names.is_empty() { 1 } else { 2 }, text, Vec::new()));
            }
        } else {
            self.persistent.push(reason(2, "State lives in the memory of a process", kept));
        }
    }

    fn middleware(&mut self) {
        let chained =
            self.survey.routes.iter().filter(|it| {
                it.endpoint.framework == Framework::Express && it.endpoint.middleware.len() > CHAIN
            });
        let seen: Vec<Seen> = chained
            .map(|it| {
                let text = format!("{} middlewares before it", it.endpoint.middleware.len());
                self.inquiry.route(&it.endpoint, &text)
            })
            .collect();
        if !seen.is_empty() {
            self.persistent.push(reason(2, "Long chains of middleware", seen));
        }
        let proxies: Vec<Seen> = self
            .project
            .numbers()
            .filter_map(|file| self.project.file(file))
            .filter(|input| {
                let next = input.package.next.as_ref();
                self.inquiry.is_within(&input.path)
                    && next.is_some_and(|next| role(next, &input.path) == Role::Proxy)
            })
            .map(|input| self.inquiry.file(&input.path, "the one middleware"))
            .collect();
        if proxies.len() == 1 {
            self.serverless.push(reason(1, "One proxy stands before all routes", proxies));
        }
    }

    fn consumers(&mut self, audience: &Audience) {
        if !audience.apps.is_empty() {
            let text = "Another application is a client of its own";
            self.persistent.push(reason(4, text, audience.apps.clone()));
        } else if !audience.signs.is_empty() {
            self.persistent.push(reason(2, "Others ask for the routes, too", audience.signs.clone()));
        } else if self.survey.routes.len() > MANY_ROUTES {
            let text = format!("{} routes are more than the side door of an app", self.survey.routes.len());
            self.persistent.push(reason(1, text, Vec::new()));
        }
        if audience.apps.is_empty() && audience.own_calls > 0 {
            let text = match audience.own_calls {
                1 => "The app itself asks for its routes (1 request)".to_owned(),
                many => format!("The app itself asks for its routes ({many} requests)"),
            };
            self.serverless.push(reason(2, text, Vec::new()));
        }
    }

    fn stores(&mut self) {
        let mut pools: BTreeSet<&str> = BTreeSet::new();
        let mut shared: Option<Seen> = None;
        for file in self.project.numbers() {
            let (Some(links), Some(reach)) = (self.project.links(file), self.project.reach()) else {
                continue;
            };
            for made in links.constructions.iter().filter(|it| it.make.holds == Holds::Pool) {
                pools.insert(&made.library.id);
                let both = reach.is_loaded_by(file, &[Layer::Handlers, Layer::PagesRouter])
                    && reach.is_loaded_by(file, &[Layer::Pages]);
                if let Some(input) = self.project.file(file).filter(|_| both && shared.is_none()) {
                    shared = Some(self.inquiry.file(&input.path, "loaded by pages and by routes"));
                }
            }
        }
        if pools.len() > 2 {
            let text = format!("{} kinds of pooled connections", pools.len());
            self.persistent.push(reason(1, text, Vec::new()));
        }
        if let Some(seen) = shared {
            self.serverless.push(reason(1, "Pages and routes share their models", vec![seen]));
        }
    }

    fn deployment(&mut self) {
        let mut sides: [(bool, Vec<Seen>); 2] = [(false, Vec::new()), (false, Vec::new())];
        for package in &self.packages {
            let target = &package.target;
            let kind = Targets::builtin().get(&target.id).map_or(Kind::Unknown, |info| info.kind);
            let side = match kind {
                Kind::Persistent => 0,
                Kind::Serverless | Kind::Edge | Kind::Static => 1,
                Kind::Unknown => continue,
            };
            if let Some(evidence) = target.evidence.first() {
                sides[side].1.push(self.inquiry.evidence(evidence));
                sides[side].0 = true;
            }
        }
        let [(server, on_server), (functions, on_functions)] = sides;
        if server {
            self.persistent.push(reason(2, "It is deployed as a process that lasts", on_server));
        }
        if functions {
            self.serverless.push(reason(2, "It is deployed without a server to look after", on_functions));
        }
    }

    fn cost(&mut self, needs: &Needs) {
        let is = |need: Need| needs.get(need).is_some_and(|it| it.value == Value::Yes);
        if self.packages.len() > 1 {
            let seen = self
                .packages
                .iter()
                .filter_map(|package| package.root.as_ref())
                .map(|root| self.inquiry.file(&root.join("package.json"), "serves routes"))
                .collect();
            self.persistent.push(reason(1, "There are several applications already", seen));
        } else if self.survey.routes.len() <= MANY_ROUTES / 2 && is(Need::SimpleFullStack) {
            let text = format!("One application with {}", super::words::routes(self.survey.routes.len()));
            self.serverless.push(reason(1, text, Vec::new()));
        }
        let of_next = |file| self.project.reach().is_some_and(|reach| reach.is_loaded_by(file, &NEXT));
        let actions = self.project.numbers().filter(|file| of_next(*file)).any(|file| {
            self.project.links(file).is_some_and(|it| it.entries.iter().any(|it| it.kind == "server-action"))
        });
        if actions {
            self.serverless.push(reason(1, "Server actions are part of Next.js", Vec::new()));
        }
    }
}
