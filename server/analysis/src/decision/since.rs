//! What a change does to the answer: two decisions compared, of a project before it and after it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answer::{Decision, Fit, Route, Verdict};
use super::rule::Value;
use super::words;

/// The answer before a change, and what is different after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Since {
    /// The commit.
    pub commit: String,
    /// Where the routes belonged.
    pub verdict: Verdict,
    /// The change in one sentence.
    pub summary: String,
    /// Routes that came, went, or are judged otherwise; those that fit worst first.
    pub routes: Vec<Changed>,
    /// Needs whose value is another.
    pub needs: Vec<NeedChanged>,
}

/// A route that is not judged as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// As its framework writes it.
    pub url: String,
    /// In capitals; empty where the handler itself decides.
    pub methods: Vec<String>,
    /// Its file, as it is called now; of a route that went, as it was called.
    pub path: String,
    /// Whether it was right where it was; `None` where it was not there.
    pub before: Option<Fit>,
    /// Whether it is right where it is; `None` where it is gone.
    pub after: Option<Fit>,
    /// What it lacks, or what is wrong with it: now, else before.
    pub why: Option<String>,
}

impl Changed {
    /// `fits → belongs in a persistent process`, `new, fits`.
    pub fn phrase(&self) -> String {
        match (self.before, self.after) {
            (Some(before), Some(after)) => format!("{} → {}", before.phrase(), after.phrase()),
            (None, Some(after)) => format!("new, {}", after.phrase()),
            (Some(_), None) => "gone".to_owned(),
            (None, None) => String::new(),
        }
    }

    /// Whether it is worse than it was.
    pub fn is_worse(&self) -> bool {
        self.after > Some(Fit::Fits) && self.after > self.before
    }
}

/// A need that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedChanged {
    /// `websockets`.
    pub need: &'static str,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// Compares what is decided now with what was decided at a commit.
pub fn since(before: &Decision, after: &Decision, commit: &str) -> Since {
    let routes = changed(&before.routes, &after.routes);
    let needs = after
        .needs
        .0
        .iter()
        .filter_map(|(need, now)| {
            let was = before.needs.get(*need)?.value;
            (was != now.value).then(|| NeedChanged { need: need.name(), before: was, after: now.value })
        })
        .collect();
    let summary = words::change(before, after, &routes);
    Since { commit: commit.to_owned(), verdict: before.verdict, summary, routes, needs }
}

/// Package, framework, URL and, where each method is a route of its own, the methods; then which of several.
type Key<'d> = (&'d str, &'static str, &'d str, &'d [String], usize);

fn keyed(routes: &[Route]) -> BTreeMap<Key<'_>, &Route> {
    let mut out = BTreeMap::new();
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for route in routes {
        let methods = if route.framework == "express" { &route.methods[..] } else { &[] };
        let count = counts.entry((&*route.package, &*route.url, methods)).or_default();
        out.insert((&*route.package, route.framework, &*route.url, methods, *count), route);
        *count += 1;
    }
    out
}

fn changed(before: &[Route], after: &[Route]) -> Vec<Changed> {
    let (old, new) = (keyed(before), keyed(after));
    let of = |was: Option<&Route>, is: Option<&Route>| {
        let told = is.or(was)?;
        let (before, after) = (was.map(|it| it.verdict), is.map(|it| it.verdict));
        let why = is.and_then(Route::why).or_else(|| was.and_then(Route::why));
        let (url, methods, path) = (told.url.clone(), told.methods.clone(), told.path.clone());
        (before != after).then_some(Changed { url, methods, path, before, after, why })
    };
    let mut out: Vec<Changed> =
        new.iter().filter_map(|(key, is)| of(old.get(key).copied(), Some(is))).collect();
    out.extend(
        old.iter().filter(|(key, _)| !new.contains_key(*key)).filter_map(|(_, was)| of(Some(was), None)),
    );
    out.sort_by_key(|it| std::cmp::Reverse((it.is_worse(), it.after)));
    out
}
