//! Rules as data: their sources, what is said about them, and the patterns that find their matches.

mod begins;
mod markdown;
mod matching;
mod mentions;
mod pattern;
mod query;
mod source;
mod template;
mod texts;
mod vocabulary;

use std::sync::{Arc, OnceLock};

use crate::facts::ChunkFacts;
use crate::syntax::Grammar;
pub use mentions::Mentions;
pub(crate) use mentions::{word_of, words_of};
pub(crate) use query::{Compiled, Condition, Pattern};
pub(crate) use vocabulary::Meaning;
pub use vocabulary::{Word, vocabulary};

pub use markdown::{APPLIES, KEYS, read};
pub use source::{Example, ExampleKind, FixBody, FixMeta, Rule, RuleError, RuleSource};
pub use template::{PLACEHOLDERS, captures, fill};

/// All rules of a run and the query that finds them, one per grammar, compiled when first needed.
#[derive(Debug)]
pub struct Catalogue {
    rules: Vec<Rule>,
    /// `rule.scm` of each rule, in the same order.
    sources: Vec<RuleSource>,
    typescript: OnceLock<Compiled>,
    tsx: OnceLock<Compiled>,
}

impl Catalogue {
    /// The rules that come with the program.
    pub fn builtin() -> Arc<Catalogue> {
        static BUILTIN: OnceLock<Arc<Catalogue>> = OnceLock::new();
        Arc::clone(BUILTIN.get_or_init(|| Catalogue::with_user_rules(&[]).0))
    }

    /// The built-in rules and a user's own; a rule that cannot be read is left out and reported.
    pub fn with_user_rules(user: &[RuleSource]) -> (Arc<Catalogue>, Vec<RuleError>) {
        Self::of(RuleSource::builtin().chain(user.iter().cloned()))
    }

    /// These rules and no others; one that cannot be read is left out and reported.
    pub fn of(sources: impl IntoIterator<Item = RuleSource>) -> (Arc<Catalogue>, Vec<RuleError>) {
        let mut errors = Vec::new();
        let mut rules: Vec<(Rule, RuleSource)> = Vec::new();
        for source in sources {
            match read(&source).and_then(|rule| patterns(&source).map(|()| rule)) {
                Ok(rule) => rules.push((rule, source)),
                Err(mut found) => errors.append(&mut found),
            }
        }
        rules.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        let (rules, sources) = rules.into_iter().unzip();
        (Arc::new(Catalogue { rules, sources, typescript: OnceLock::new(), tsx: OnceLock::new() }), errors)
    }

    /// Every rule, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// As every rule is written, in the same order.
    pub fn sources(&self) -> &[RuleSource] {
        &self.sources
    }

    /// One rule.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.number(id).map(|number| &self.rules[number as usize])
    }

    /// The number of a rule among [`Catalogue::rules`].
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.rules.binary_search_by(|rule| (*rule.id).cmp(id)).ok().map(|number| number as u32)
    }

    /// Compiles the patterns now (some milliseconds), so that no keystroke pays for it.
    pub fn prepare(&self) {
        self.compiled(Grammar::TypeScript);
        self.compiled(Grammar::Tsx);
    }

    /// The words that patterns ask for and a text holds.
    pub(crate) fn mentions(&self, grammar: Grammar, text: &str) -> Mentions {
        self.compiled(grammar).mentions(text)
    }

    /// Facts and rule matches of one top-level statement of a file that holds these words.
    pub(crate) fn read_chunk(
        &self,
        grammar: Grammar,
        text: &str,
        node: tree_sitter::Node<'_>,
        mentions: Mentions,
    ) -> ChunkFacts {
        self.compiled(grammar).read_chunk(text, node, mentions)
    }

    /// The patterns of a grammar.
    pub(crate) fn compiled(&self, grammar: Grammar) -> &Compiled {
        let cell = match grammar {
            Grammar::TypeScript => &self.typescript,
            Grammar::Tsx => &self.tsx,
        };
        cell.get_or_init(|| {
            // The grammar of TypeScript knows no elements.
            let known = |name: &str| grammar == Grammar::Tsx || name != "elements";
            let facts = routewise_queries::FACTS.iter().filter(|(name, _)| known(name));
            let facts: Vec<&str> = facts.map(|(_, text)| *text).collect();
            let fits = |source: &RuleSource, scm: &str| {
                source.folder.is_none() || query::check(grammar, scm).is_ok()
            };
            let rules: Vec<(u32, &str)> = self
                .sources
                .iter()
                .enumerate()
                .filter_map(|(number, source)| {
                    let scm = source.scm.as_deref().filter(|scm| fits(source, scm))?;
                    Some((number as u32, scm))
                })
                .collect();
            match Compiled::new(grammar, &facts, &rules) {
                Ok(compiled) => compiled,
                // Each source was read alone before; a test reads the built-in ones together.
                Err(problem) => unreachable!("the built-in patterns: {}", problem.message),
            }
        })
    }
}

/// Reads a user's patterns with both grammars; one of them has to know every node. The built-in ones are
/// held to the same by a test, which costs no user a second compilation.
fn patterns(source: &RuleSource) -> Result<(), Vec<RuleError>> {
    let (Some(scm), Some(_)) = (&source.scm, &source.folder) else { return Ok(()) };
    match (query::check(Grammar::Tsx, scm), query::check(Grammar::TypeScript, scm)) {
        (Err(problem), Err(_)) => Err(vec![RuleError {
            path: source.file("rule.scm"),
            span: problem.span,
            message: problem.message,
        }]),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_is_read_and_fits_both_grammars() {
        let (catalogue, errors) = Catalogue::with_user_rules(&[]);
        assert_eq!(errors, []);
        for grammar in [Grammar::TypeScript, Grammar::Tsx] {
            for source in &catalogue.sources {
                if let Some(scm) = &source.scm {
                    query::check(grammar, scm)
                        .unwrap_or_else(|problem| panic!("{}: {}", source.id, problem.message));
                }
            }
            assert!(catalogue.compiled(grammar).patterns.len() >= catalogue.rules.len());
        }
    }

    #[test]
    fn a_user_rule_with_an_unknown_word_is_refused_at_the_word() {
        let scm = "((new_expression) @at\n  (#constrcts? @at \"prisma\"))";
        let problem = query::check(Grammar::Tsx, scm).unwrap_err();
        assert_eq!(problem.span.of(scm), "constrcts?");
        let problem = query::check(Grammar::Tsx, "(new_expresion) @at").unwrap_err();
        assert_eq!(problem.span.of("(new_expresion) @at"), "new_expresion");
    }
}
