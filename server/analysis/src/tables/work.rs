//! Calls of libraries that start work and give a promise of it.

use std::sync::Arc;

use serde::Deserialize;

/// One row `[[work]]` of `libraries.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkRow {
    from: Vec<Arc<str>>,
    #[serde(default)]
    by: Vec<Arc<str>>,
    #[serde(default)]
    starts: Vec<Arc<str>>,
    #[serde(default)]
    lazy: Vec<Arc<str>>,
}

/// What a call that gives a promise has done when it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The work is under way.
    Started,
    /// Nothing: a query starts when somebody waits for it.
    Lazy,
}

impl WorkRow {
    /// What a call does, by the way to it from what `export` of a module makes; `None` for `made`, where it is
    /// the module that is asked.
    pub(crate) fn work(&self, specifier: &str, made: Option<&str>, way: &str) -> Option<Work> {
        let by = match made {
            Some(export) => self.by.iter().any(|it| **it == *own(export)),
            None => self.by.is_empty(),
        };
        if !by || !self.from.iter().any(|it| **it == *specifier) {
            return None;
        }
        let way = if made.is_none() { own(way) } else { way };
        let is = |patterns: &[Arc<str>]| patterns.iter().any(|pattern| fits(pattern, way));
        if is(&self.starts) { Some(Work::Started) } else { is(&self.lazy).then_some(Work::Lazy) }
    }
}

/// A name of a module, the default import of a CommonJS module left out.
fn own(export: &str) -> &str {
    match export.strip_prefix("default") {
        Some("") => "",
        Some(rest) => rest.strip_prefix('.').unwrap_or(export),
        None => export,
    }
}

/// Whether a way such as `insert.values` fits a pattern; `*` stands for one step or more.
fn fits(pattern: &str, way: &str) -> bool {
    fn steps(pattern: &[&str], way: &[&str]) -> bool {
        match (pattern.split_first(), way.split_first()) {
            (None, None) => true,
            (Some((&"*", more)), Some((_, rest))) => steps(more, rest) || steps(pattern, rest),
            (Some((first, more)), Some((step, rest))) => first == step && steps(more, rest),
            _ => false,
        }
    }
    let pattern: Vec<&str> = pattern.split('.').collect();
    let way: Vec<&str> = way.split('.').collect();
    steps(&pattern, &way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_step_or_more() {
        assert!(fits("insert.*", "insert.values") && fits("insert.*", "insert.values.returning"));
        assert!(fits("*.insertOne", "db.collection.insertOne") && !fits("*.insertOne", "insertOne"));
        assert!(fits("", "") && !fits("", "post") && fits("post", "post") && !fits("insert.*", "insert"));
    }

    #[test]
    fn the_default_import_is_the_module() {
        assert_eq!(
            (own("default"), own("default.post"), own("post"), own("defaults")),
            ("", "post", "post", "defaults")
        );
    }
}
