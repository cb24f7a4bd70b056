//! What differs between the routes of two states of a project.

use std::collections::BTreeMap;

use super::Endpoint;
use crate::package::Seconds;
use crate::path::FilePath;

/// What a change adds, removes and alters.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Served afterwards only.
    pub added: Vec<Endpoint>,
    /// Served before only.
    pub removed: Vec<Endpoint>,
    /// Served both times, and not in the same way.
    pub altered: Vec<Altered>,
}

/// A route that is no longer what it was.
#[derive(Clone, Debug)]
pub struct Altered {
    /// As it was.
    pub before: Endpoint,
    /// As it is.
    pub after: Endpoint,
    /// What is different.
    pub what: Vec<Difference>,
}

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key of the output for programs: `auth`, `methods`.
    pub key: &'static str,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// The routes of one state, and how it calls files and folders: in both states alike, wherever they lie.
pub struct State<'a> {
    /// Its routes.
    pub routes: Vec<Endpoint>,
    /// How a file is called.
    pub name: &'a dyn Fn(&FilePath) -> String,
}

/// Package, framework, URL and, where each method is a route of its own, the methods.
type Key = (String, &'static str, String, String);

impl State<'_> {
    /// Its routes; several under one key are told apart by their order.
    fn keyed(&self) -> BTreeMap<(Key, usize), &Endpoint> {
        let mut out = BTreeMap::new();
        let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
        for route in &self.routes {
            let package = route.package.root.as_ref().map(self.name).unwrap_or_default();
            let methods = if is_one(route) { String::new() } else { route.methods.join(",") };
            let key = (package, route.framework.name(), route.url.clone(), methods);
            let number = seen.entry(key.clone()).or_default();
            out.insert((key, *number), route);
            *number += 1;
        }
        out
    }
}

/// One route for all methods of a URL, as in Next.js.
fn is_one(route: &Endpoint) -> bool {
    route.framework != crate::project::Framework::Express
}

/// Compares two states.
pub fn changes(before: &State<'_>, after: &State<'_>) -> Changes {
    let (old, new) = (before.keyed(), after.keyed());
    let mut out = Changes::default();
    for (key, route) in &new {
        match old.get(key) {
            None => out.added.push((*route).clone()),
            Some(other) => {
                let what = differences((other, before.name), (route, after.name));
                if !what.is_empty() {
                    out.altered.push(Altered { before: (*other).clone(), after: (*route).clone(), what });
                }
            }
        }
    }
    out.removed = old.iter().filter(|(key, _)| !new.contains_key(key)).map(|(_, it)| (*it).clone()).collect();
    out
}

type Named<'a> = (&'a Endpoint, &'a dyn Fn(&FilePath) -> String);

fn differences(before: Named<'_>, after: Named<'_>) -> Vec<Difference> {
    let (old, new) = (told(before), told(after));
    let pairs = old.into_iter().zip(new);
    pairs
        .filter(|((_, before), (_, after))| before != after)
        .map(|((key, before), (_, after))| Difference { key, before, after })
        .collect()
}

/// What counts as the route itself: not who asks for it, and not where in its file it stands.
fn told((route, name): Named<'_>) -> [(&'static str, String); 8] {
    let some = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let list = |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let limit = route.max_duration.as_ref().map(|(seconds, _)| match seconds {
        Seconds::At(seconds) => format!("{seconds} s"),
        Seconds::Max => "max".to_owned(),
    });
    let (dynamic, revalidate) = &route.caching;
    let caching = [("dynamic", dynamic), ("revalidate", revalidate)];
    let caching = caching.into_iter().filter_map(|(key, value)| Some(format!("{key} {}", value.as_ref()?)));
    let unknown = (!route.middleware_known).then(|| "and what is not known".to_owned());
    [
        ("methods", if is_one(route) { list(route.methods.clone()) } else { String::new() }),
        ("auth", route.auth.name().to_owned()),
        ("middleware", list(route.middleware.iter().cloned().chain(unknown).collect())),
        ("runtime", some(route.runtime.map(str::to_owned))),
        ("maxDuration", some(limit)),
        ("caching", list(caching.collect())),
        ("effects", list(route.effects.iter().map(|effect| effect.name().to_owned()).collect())),
        ("path", name(&route.path)),
    ]
}
