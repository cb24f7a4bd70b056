//! Hosts and what they offer.

use std::sync::{Arc, OnceLock};

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

pub use crate::package::Instances;

/// What a host is, as far as severities care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Instances come and go with requests; memory is neither shared nor durable.
    Serverless,
    /// One long-lived process, or several of them.
    Persistent,
    /// No Node.js process; a socket cannot outlive the request that opened it.
    Edge,
    /// No server at all.
    Static,
    /// Nothing proves a host.
    Unknown,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 5] = [Kind::Serverless, Kind::Persistent, Kind::Edge, Kind::Static, Kind::Unknown];

    /// Its name in metadata and tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Serverless => "serverless",
            Kind::Persistent => "persistent",
            Kind::Edge => "edge",
            Kind::Static => "static",
            Kind::Unknown => "unknown",
        }
    }
}

/// One host: a row of `queries/targets.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetInfo {
    /// `vercel`.
    pub id: Arc<str>,
    /// As messages say it: `Vercel`.
    pub name: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// One sentence a reader should know.
    pub note: Option<Arc<str>>,
    /// Hosts whose signs are to be expected where this one is the target: a host that runs containers has a
    /// Dockerfile.
    #[serde(default)]
    pub expects: Vec<Arc<str>>,
    /// What no rule compares and a reader may want to know.
    #[serde(default)]
    pub more: Vec<More>,
    /// What it offers.
    #[serde(flatten)]
    pub capabilities: Capabilities,
}

/// A figure in words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// `memory`.
    pub what: Arc<str>,
    /// `2 GB (Hobby), 4 GB (Pro and Enterprise)`.
    pub value: Arc<str>,
    /// A condition, one clause.
    pub note: Option<Arc<str>>,
    /// Where it was read.
    pub source: Arc<str>,
    /// When that was said.
    pub date: Arc<str>,
    /// No document was read for it.
    #[serde(default)]
    pub unverified: bool,
}

/// What a host offers. `None` means that nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all(deserialize = "kebab-case", serialize = "camelCase"), default)]
pub struct Capabilities {
    /// One process outlives the requests it serves.
    pub persistent_process: Option<Figure<Offer>>,
    /// Every request sees the memory of the others.
    pub shared_memory: Option<Figure<Offer>>,
    /// How many processes serve at once unless configured otherwise.
    pub instances: Option<Figure<Instances>>,
    /// WebSocket connections.
    pub websockets: Option<Figure<Offer>>,
    /// Responses sent in pieces.
    pub streaming: Option<Figure<Offer>>,
    /// Where files can be written.
    pub disk: Option<Figure<Disk>>,
    /// Modules of Node.js.
    pub node_api: Option<Figure<Offer>>,
    /// Work after the response.
    pub background: Option<Figure<Offer>>,
    /// Whether `maxDuration`, exported by a route file, sets the limit of that route.
    pub max_duration_export: Option<Figure<Offer>>,
    /// Largest request body in bytes.
    pub request_body: Option<Figure<Limit>>,
    /// Largest response body in bytes where it is not streamed.
    pub response_body: Option<Figure<Limit>>,
    /// How long a request may take, by plan.
    pub duration: Vec<Duration>,
}

/// A statement about a host, and where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Figure<T> {
    /// What holds.
    pub value: T,
    /// A condition, one clause.
    pub note: Option<Arc<str>>,
    /// Where it was read: an address, a package with its version, or a document.
    pub source: Arc<str>,
    /// When that was said, `2026-11-22`.
    pub date: Arc<str>,
    /// No document was read for it: it may be told, but no finding rests on it.
    #[serde(default)]
    pub unverified: bool,
    /// It holds with Fluid compute on; with it off the host does not offer it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_fluid: bool,
}

/// Whether a host offers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Offer {
    /// It does.
    Yes,
    /// On the condition that the note names.
    Limited,
    /// It does not.
    No,
}

/// What can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Disk {
    /// Nothing.
    None,
    /// `/tmp`, as long as the instance lives.
    Tmp,
    /// Everything, as long as the instance lives.
    Ephemeral,
    /// Everything, for good.
    Durable,
}

/// A limit, in the unit of the field that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// So many and no more.
    At(u64),
    /// The host sets none.
    Unlimited,
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Limit::At(number) => serializer.serialize_u64(*number),
            Limit::Unlimited => serializer.serialize_str("unlimited"),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Word(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => Ok(Limit::At(number)),
            Written::Word(word) if word == "unlimited" => Ok(Limit::Unlimited),
            Written::Word(word) => {
                Err(D::Error::custom(format!("{word:?} is neither a number nor \"unlimited\"")))
            }
        }
    }
}

/// How long a request may take on one plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Duration {
    /// `Hobby`, `Pro and Enterprise`; `all` where plans do not differ.
    pub plan: Arc<str>,
    /// The row holds with Fluid compute on, or with it off; `None` where there is no such thing.
    pub fluid: Option<bool>,
    /// Seconds unless configured.
    pub default: Limit,
    /// Seconds at most.
    pub max: Limit,
    /// Seconds at most for whoever takes part in a beta.
    pub extended: Option<u64>,
    /// A condition, one clause.
    pub note: Option<Arc<str>>,
    /// Where it was read.
    pub source: Arc<str>,
    /// When that was said.
    pub date: Arc<str>,
    /// No document was read for it.
    #[serde(default)]
    pub unverified: bool,
}

impl Duration {
    /// The plan as a reader should see it: `Hobby`, `Hobby without Fluid compute`; nothing where plans do not
    /// differ.
    pub fn label(&self) -> Option<String> {
        match (&*self.plan, self.fluid) {
            ("all", _) => None,
            (plan, Some(false)) => Some(format!("{plan} without Fluid compute")),
            (plan, _) => Some(plan.to_owned()),
        }
    }

    /// The plans the row speaks of, as a configuration writes them: `pro`, `enterprise`; none where plans do
    /// not differ.
    pub fn plans(&self) -> impl Iterator<Item = String> {
        let plans = self.plan.split(" and ").filter(|plan| *plan != "all");
        plans.map(str::to_lowercase).collect::<Vec<_>>().into_iter()
    }
}

/// Every host.
#[derive(Debug)]
pub struct Targets {
    targets: Vec<TargetInfo>,
}

impl Targets {
    /// The table that comes with the program.
    ///
    /// # Panics
    /// When the table is wrong, which a test rules out.
    pub fn builtin() -> &'static Targets {
        static BUILTIN: OnceLock<Targets> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            Targets::read(routewise_queries::TARGETS).expect("a test reads the built-in table")
        })
    }

    /// Reads a table in the form of `targets.toml`.
    pub fn read(text: &str) -> Result<Targets, toml::de::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            target: Vec<TargetInfo>,
        }
        let File { target } = toml::from_str(text)?;
        Ok(Targets { targets: target })
    }

    /// A host by id.
    pub fn get(&self, id: &str) -> Option<&TargetInfo> {
        self.targets.iter().find(|target| *target.id == *id)
    }

    /// Every plan that some host has, as a configuration writes it, each once.
    pub fn plans(&self) -> Vec<String> {
        let mut plans: Vec<String> = Vec::new();
        for row in self.targets.iter().flat_map(|target| &target.capabilities.duration) {
            for plan in row.plans() {
                if !plans.contains(&plan) {
                    plans.push(plan);
                }
            }
        }
        plans
    }

    /// Every host, in the order of the table.
    pub fn all(&self) -> &[TargetInfo] {
        &self.targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_that_a_project_can_have_is_in_the_table_once() {
        let ids: Vec<&str> = Targets::builtin().all().iter().map(|target| &*target.id).collect();
        assert_eq!(
            ids,
            [
                "vercel",
                "vercel-container",
                "netlify",
                "cloudflare",
                "aws-lambda",
                "amplify",
                "cloud-run",
                "firebase",
                "azure-swa",
                "node",
                "docker",
                "railway",
                "render",
                "fly",
                "express",
                "static-export",
                "unknown"
            ]
        );
    }

    #[test]
    fn figures_are_read_with_their_unit_and_their_source() {
        let vercel = Targets::builtin().get("vercel").unwrap();
        assert_eq!((&*vercel.name, vercel.kind), ("Vercel", Kind::Serverless));
        let hobby = &vercel.capabilities.duration[0];
        assert_eq!((&*hobby.plan, hobby.default, hobby.max), ("Hobby", Limit::At(300), Limit::At(300)));
        let websockets = vercel.capabilities.websockets.as_ref().unwrap();
        assert_eq!((websockets.value, &*websockets.date), (Offer::Limited, "2026-10-01"));
        let cloudflare = Targets::builtin().get("cloudflare").unwrap();
        assert_eq!(cloudflare.kind, Kind::Edge);
        assert_eq!(cloudflare.capabilities.duration[0].max, Limit::Unlimited);
        assert!(Targets::builtin().get("heroku").is_none());
    }

    #[test]
    fn every_duration_has_a_default_within_its_maximum() {
        for target in Targets::builtin().all() {
            for row in &target.capabilities.duration {
                match (row.default, row.max) {
                    (Limit::At(default), Limit::At(max)) => assert!(default <= max, "{}", target.id),
                    (default, max) => assert_eq!(default, max, "{}", target.id),
                }
            }
        }
    }

    /// Every table of a file that states a figure, with the way to it.
    fn figures(value: &toml::Value, way: &str, out: &mut Vec<(String, toml::Table)>) {
        match value {
            toml::Value::Table(table) => {
                if table.contains_key("value") || table.contains_key("max") {
                    out.push((way.to_owned(), table.clone()));
                }
                for (key, value) in table {
                    figures(value, &format!("{way}.{key}"), out);
                }
            }
            toml::Value::Array(elements) => {
                for (number, value) in elements.iter().enumerate() {
                    figures(value, &format!("{way}[{number}]"), out);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_figure_says_where_it_was_read_and_when() {
        let mut found = Vec::new();
        let file: toml::Value = toml::from_str(routewise_queries::TARGETS).unwrap();
        figures(&file, "", &mut found);
        assert!(found.len() > 150, "{}", found.len());
        for (way, figure) in found {
            let text = |key: &str| figure.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            assert!(text("source").len() > 3, "{way}: no source");
            let date = text("date");
            let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(shape, "0000-00-00", "{way}");
            assert!(("2024-01-01".."2027-01-01").contains(&date), "{way}: {date}");
            // What nobody read is never passed off as read.
            let unverified = figure.get("unverified").and_then(toml::Value::as_bool) == Some(true);
            assert!(unverified || text("source") != "engineering knowledge", "{way}");
        }
    }

    #[test]
    fn a_row_with_an_unknown_key_or_value_is_refused() {
        let row = |more: &str| {
            Targets::read(&format!("[[target]]\nid = \"a\"\nname = \"A\"\nkind = \"edge\"\n{more}"))
        };
        assert!(row("").is_ok());
        assert!(row("disk = { value = \"floppy\", source = \"s\", date = \"2026-01-01\" }").is_err());
        assert!(row("request-body = { value = \"much\", source = \"s\", date = \"2026-01-01\" }").is_err());
        assert!(row("sockets = 3").is_err());
    }
}
