//! What hovers say about names, read from `queries/topics.toml`.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use super::TargetInfo;

/// What there is to say about a name of a library or of the platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// What it is about: `module#export`, `#global`.
    pub on: Vec<Arc<str>>,
    /// How a person says it.
    pub title: Arc<str>,
    /// What it does.
    pub what: Arc<str>,
    /// What to do, whatever the host.
    pub then: Option<Arc<str>>,
    /// The kinds of code it is told in; empty: everywhere.
    #[serde(default, rename = "in")]
    pub within: Vec<Arc<str>>,
    #[serde(default, rename = "on-host")]
    on_host: BTreeMap<Arc<str>, Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: Vec<Topic>,
}

/// Every topic.
///
/// # Panics
///
/// Where the built-in table is no table, which a test would have found.
pub fn topics() -> &'static [Topic] {
    static BUILTIN: OnceLock<Vec<Topic>> = OnceLock::new();
    BUILTIN.get_or_init(|| {
        let file: File = toml::from_str(routewise_queries::TOPICS).expect("a test reads the built-in table");
        file.topic
    })
}

impl Topic {
    /// Why it matters on a host: what is said of the host itself, else of its kind.
    pub fn on_host(&self, target: Option<&TargetInfo>) -> Option<&str> {
        let say = |name: &str| self.on_host.get(name).map(|text| &**text);
        match target {
            Some(target) => say(&target.id).or_else(|| say(target.kind.name())),
            None => say("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::APPLIES;
    use crate::tables::{Kind, Targets};

    #[test]
    fn every_topic_names_things_and_hosts_that_there_are() {
        let mut seen = std::collections::BTreeSet::new();
        for topic in topics() {
            for name in &topic.on {
                assert!(name.contains('#'), "{name} names a module and an export");
                assert!(seen.insert(name.clone()), "{name} has two topics");
            }
            for host in topic.on_host.keys() {
                let known = Kind::ALL.iter().any(|kind| kind.name() == &**host);
                assert!(known || Targets::builtin().get(host).is_some(), "{}: {host}", topic.title);
            }
            assert!(topic.within.iter().all(|kind| APPLIES.contains(&&**kind)), "{}", topic.title);
        }
    }

    #[test]
    fn what_is_said_of_a_host_wins_over_what_is_said_of_its_kind() {
        let stream =
            topics().iter().find(|topic| topic.on.iter().any(|name| &**name == "#ReadableStream")).unwrap();
        let on = |id: &str| stream.on_host(Targets::builtin().get(id)).unwrap();
        assert!(on("amplify").starts_with("Amplify Hosting does not stream"));
        assert!(on("vercel").starts_with("Streaming works; the host ends"));
    }
}
