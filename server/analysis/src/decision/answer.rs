//! The decision as data. What is there stays under `schemaVersion` 1; more may be added.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::rule::{Need, Value, Weight};
use super::since::Since;
use crate::endpoints::Range;
use crate::finding::Severity;
use crate::tables::Kind;

/// Where a project's routes belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Next.js.
    Next,
    /// A persistent process.
    Express,
    /// Some here, some there.
    Both,
}

/// Whether a route is right where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// It is.
    Fits,
    /// Once some findings are mended.
    FitsWithChanges,
    /// It belongs in a persistent process.
    Persistent,
}

impl Verdict {
    /// In words.
    pub fn phrase(self) -> &'static str {
        match self {
            Verdict::Next => "Next.js",
            Verdict::Express => "Express",
            Verdict::Both => "both",
        }
    }
}

impl Fit {
    /// Of a route: whether its host lacks something, and whether something is wrong with it.
    pub(crate) fn of(lacks: bool, findings: bool) -> Self {
        match (lacks, findings) {
            (true, _) => Fit::Persistent,
            (false, true) => Fit::FitsWithChanges,
            (false, false) => Fit::Fits,
        }
    }

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Fit::Fits => "fits",
            Fit::FitsWithChanges => "fits-with-changes",
            Fit::Persistent => "persistent",
        }
    }

    /// In words.
    pub fn phrase(self) -> &'static str {
        match self {
            Fit::Fits => "fits",
            Fit::FitsWithChanges => "fits with changes",
            Fit::Persistent => "belongs in a persistent process",
        }
    }
}

/// The whole answer.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The version of this form.
    pub schema_version: u32,
    /// The project's name, where it has one.
    pub project: Option<String>,
    /// Where its routes belong.
    pub verdict: Verdict,
    /// The other side would do as well.
    pub either: bool,
    /// The verdict in one sentence.
    pub summary: String,
    /// The hosts in one sentence.
    pub elsewhere: String,
    /// The seven needs.
    pub needs: Needs,
    /// The host of most routes.
    pub target: Host,
    /// How many routes fit where.
    pub hosts: Vec<HostFit>,
    /// Every route.
    pub routes: Vec<Route>,
    /// What runs beside the routes and wants a persistent process.
    pub parts: Vec<Part>,
    /// Why, the strongest first.
    pub reasons: Reasons,
    /// What changes on the host, or is not as people remember it.
    pub caveats: Vec<Caveat>,
    /// What the routes keep data in.
    pub stores: Vec<Store>,
    /// Who asks for the routes.
    pub clients: Vec<Client>,
    /// What is different since a commit, where somebody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// The seven needs, in the order of the checklist.
#[derive(Clone, Debug)]
pub struct Needs(pub Vec<(Need, Needed)>);

impl Needs {
    /// What is known of one.
    pub fn get(&self, need: Need) -> Option<&Needed> {
        self.0.iter().find(|(it, _)| *it == need).map(|(_, needed)| needed)
    }
}

impl Serialize for Needs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (need, needed) in &self.0 {
            map.serialize_entry(need.name(), needed)?;
        }
        map.end()
    }
}

/// What is known of a need.
#[derive(Clone, Debug, Serialize)]
pub struct Needed {
    /// Whether it is there.
    pub value: Value,
    /// How it counts.
    pub weight: Weight,
    /// What was seen.
    pub evidence: Vec<Seen>,
    /// The configuration says so; what was seen is beside the point.
    pub declared: bool,
    /// Why it is so, one clause.
    pub why: String,
}

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The file.
    pub path: Option<String>,
    /// The place in it.
    pub range: Option<Range>,
    /// What is there.
    pub text: String,
}

/// A host.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// `vercel`.
    pub id: String,
    /// `Vercel`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The plan, where somebody named it.
    pub plan: Option<String>,
    /// What proves it.
    pub evidence: Vec<Seen>,
    /// It was asked for, and is not what the files say.
    pub asked: bool,
}

/// How many routes fit on a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostFit {
    /// `vercel`.
    pub id: String,
    /// `Vercel Pro and Enterprise`.
    pub name: String,
    /// Routes and parts that fit there.
    pub fits: usize,
    /// All there are.
    pub of: usize,
    /// Where the figures were said, and when.
    pub date: Option<String>,
}

/// A route.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    /// As its framework writes it.
    pub url: String,
    /// In capitals; empty where the handler itself decides.
    pub methods: Vec<String>,
    /// The file.
    pub path: String,
    /// The place in it.
    pub range: Option<Range>,
    /// `next-app`, `next-pages`, `express`.
    pub framework: &'static str,
    /// The folder of its package.
    pub package: String,
    /// Whether it is right where it is.
    pub verdict: Fit,
    /// What it asks for and its host does not offer.
    pub unmet: Vec<Unmet>,
    /// What stands between it and its host.
    pub findings: Vec<Found>,
    /// What it asks of its host.
    pub effects: Vec<&'static str>,
    /// Whether somebody checks who asks.
    pub auth: &'static str,
    /// How many places of the project ask for it.
    pub callers: usize,
}

impl Route {
    /// What it lacks; else the rules that find something wrong with it.
    pub fn why(&self) -> Option<String> {
        if !self.unmet.is_empty() {
            let texts: Vec<&str> = self.unmet.iter().map(|unmet| &*unmet.text).collect();
            return Some(texts.join("; "));
        }
        let mut rules: Vec<&str> = self.findings.iter().map(|found| &*found.rule).collect();
        rules.dedup();
        (!rules.is_empty()).then(|| rules.join(", "))
    }
}

/// A capability that a host lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// `websockets`.
    pub capability: &'static str,
    /// Why, one sentence without its end.
    pub text: String,
    /// Where the code asks for it.
    pub evidence: Vec<Seen>,
}

/// A finding that concerns a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// The file.
    pub path: String,
    /// The place in it.
    pub range: Option<Range>,
}

/// Something that runs beside the routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it does.
    pub text: String,
    /// `next` where Next.js loads it, `service` where a process of its own does.
    pub home: &'static str,
    /// It is right where it is.
    pub fits: bool,
    /// Where.
    pub evidence: Seen,
}

/// Why the verdict is what it is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reasons {
    /// For a persistent process.
    pub persistent: Vec<Reason>,
    /// For routes of Next.js.
    pub serverless: Vec<Reason>,
}

/// A reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What speaks for it.
    pub text: String,
    /// How much it counts.
    pub points: u32,
    /// Where it was seen.
    pub evidence: Vec<Seen>,
}

/// Something to know of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caveat {
    /// What.
    pub text: String,
    /// Where it was read.
    pub source: String,
    /// When that was said.
    pub date: String,
}

/// Something that keeps data.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Store {
    /// `Prisma client`.
    pub name: String,
    /// Who uses it: `next`, `express`.
    pub users: Vec<&'static str>,
}

/// Somebody who asks for routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Client {
    /// `Pages of this app`.
    pub name: String,
    /// Places that ask.
    pub calls: usize,
    /// What it asks: `next`, `express`.
    pub asks: Vec<&'static str>,
}
