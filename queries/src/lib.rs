//! The knowledge of Routewise, as data: rules, facts queries, libraries and targets.
//!
//! Nothing is interpreted here: `routewise-analysis` reads the texts. A rule is a folder of this crate
//! (see `README.md` beside it), found when the crate is built.

/// One rule as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// The folder below `queries/`: `clients/prisma-client-per-request`.
    pub id: &'static str,
    /// Text of `rule.scm`; `None` where `rule.md` names a Rust detector instead.
    pub scm: Option<&'static str>,
    /// Text of `rule.md`.
    pub md: &'static str,
}

/// `libraries.toml`: clients, what they hold and how they are made; calls that have an effect.
pub const LIBRARIES: &str = include_str!("../libraries.toml");

/// `targets.toml`: the hosts code runs on, and what each of them can do.
pub const TARGETS: &str = include_str!("../targets.toml");

/// `topics.toml`: what hovers say about names that decide where code can run.
pub const TOPICS: &str = include_str!("../topics.toml");

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_family_a_name_and_a_text() {
        for rule in RULES {
            let (family, name) = rule.id.split_once('/').unwrap();
            assert!(!family.is_empty() && !name.is_empty() && !name.contains('/'), "{}", rule.id);
            assert!(rule.md.starts_with("# "), "{} starts with its title", rule.id);
        }
        assert!(RULES.is_sorted_by_key(|rule| rule.id));
    }
}
