//! All patterns of all rules and facts, compiled for one grammar.
//!
//! One flat query of tree-sitter finds every node that a fact or a pattern of a rule begins with; the patterns
//! are then laid over those nodes.

use std::cell::RefCell;
use std::fmt::Write as _;

use compact_str::ToCompactString as _;
use tree_sitter::{Node, Query, QueryCursor, StreamingIterator as _};

use super::matching;
use super::pattern::{self, Step, Written};
use super::texts::TextTest;
use super::vocabulary::{Meaning, Word};
use crate::facts::{self, Captured, ChunkFacts, FactKind, RuleMatch};
use crate::form::Code;
use crate::syntax::{self, Grammar};
use crate::text::Span;

/// A condition of a pattern.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) word: &'static Word,
    pub(crate) negated: bool,
    pub(crate) capture: Option<u32>,
    pub(crate) strings: Vec<Box<str>>,
}

/// A pattern of a rule.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Number of the rule in the catalogue.
    pub(crate) rule: u32,
    roots: Vec<Step>,
    /// Names of the captures, by number.
    captures: Vec<Box<str>>,
    /// Compared with the text of a capture.
    texts: Vec<TextTest>,
    /// About the code by itself: judged when a chunk is read.
    form: Vec<Condition>,
    /// About the project: judged when findings are asked for.
    pub(crate) conditions: Vec<Condition>,
    /// The capture named `at`.
    pub(crate) at: u32,
}

/// What is wrong with a query, at a byte of its text.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// The patterns of one grammar.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Finds facts and the roots of patterns.
    query: Query,
    /// By capture number: the kind of fact, for the captures of fact patterns.
    kinds: Vec<Option<FactKind>>,
    /// By number.
    pub(crate) patterns: Vec<Pattern>,
    /// By the number of a node's kind: the patterns that can begin there.
    begins: Vec<Vec<u32>>,
}

/// Reads one source with one grammar, to find its errors.
pub(crate) fn check(grammar: Grammar, source: &str) -> Result<(), Problem> {
    let query = Query::new(&grammar.language(), source).map_err(|error| Problem {
        span: Span::new(error.offset as u32, next_token(source, error.offset)),
        message: format!("{}: {}", kind_of(&error), error.message.lines().next().unwrap_or_default()),
    })?;
    if (0..query.pattern_count()).any(|pattern| {
        !query.property_settings(pattern).is_empty() || !query.property_predicates(pattern).is_empty()
    }) {
        return Err(Problem {
            span: Span::default(),
            message: "`#set!` and `#is?` mean nothing here; metadata stands in rule.md".to_owned(),
        });
    }
    for written in pattern::read(&grammar.language(), source)? {
        Pattern::new(written, 0)?;
    }
    Ok(())
}

fn kind_of(error: &tree_sitter::QueryError) -> &'static str {
    use tree_sitter::QueryErrorKind as Kind;
    match error.kind {
        Kind::Syntax => "this is not a query: a bracket, quote or name is out of place near here",
        Kind::NodeType => "no such node in the TypeScript grammar",
        Kind::Field => "no such field in the TypeScript grammar",
        Kind::Capture => "no such capture in this pattern",
        Kind::Predicate => "a predicate is written wrong",
        Kind::Structure => "this pattern can never match",
        Kind::Language => "the grammar is of another version",
    }
}

fn next_token(source: &str, offset: usize) -> u32 {
    let rest = source.get(offset..).unwrap_or_default();
    let len = rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(rest.len()).max(1);
    (offset + len).min(source.len()) as u32
}

impl Pattern {
    fn new(written: Written<'_>, rule: u32) -> Result<Self, Problem> {
        let Some(at) = written.captures.iter().position(|name| *name == "at") else {
            return Err(Problem {
                span: written.span,
                message: "no capture `@at`: put it behind the node that the squiggle underlines".to_owned(),
            });
        };
        let mut texts = Vec::new();
        let mut form = Vec::new();
        let mut conditions = Vec::new();
        for predicate in written.predicates {
            if let Some(test) = TextTest::new(&predicate)? {
                texts.push(test);
                continue;
            }
            let name = predicate.name;
            let Some((word, negated)) = Word::find(name) else {
                return Err(Problem {
                    span: predicate.span,
                    message: format!(
                        "unknown predicate `#{name}`; queries/README.md lists the words there are"
                    ),
                });
            };
            let capture = predicate.captures.first().copied();
            if capture.is_some() != word.capture || predicate.strings.len() < word.strings {
                return Err(Problem {
                    span: predicate.span,
                    message: format!("wrong arguments; {}", word.doc),
                });
            }
            let list = if let Meaning::Form(_) = word.meaning { &mut form } else { &mut conditions };
            list.push(Condition { word, negated, capture, strings: predicate.strings });
        }
        let captures = written.captures.into_iter().map(Into::into).collect();
        Ok(Pattern { rule, roots: written.roots, captures, texts, form, conditions, at: at as u32 })
    }
}

impl Condition {
    /// The strings it is written with.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.strings.iter().map(|word| &**word)
    }
}

impl Pattern {
    /// Whether what is captured has the text and the form that the pattern asks for.
    fn has_form<'t>(&self, caught: &[(u32, Node<'t>)], code: &Code<'t>) -> bool {
        let node = |number: u32| caught.iter().find(|(name, _)| *name == number).map(|(_, node)| *node);
        self.has_texts(caught, code)
            && self.form.iter().all(|condition| {
                match (condition.capture.and_then(node), condition.word.meaning) {
                    (Some(about), Meaning::Form(holds)) => {
                        holds(about, code, &condition.strings) != condition.negated
                    }
                    // An optional capture that is not there: nothing to ask.
                    _ => condition.negated,
                }
            })
    }

    fn has_texts(&self, caught: &[(u32, Node<'_>)], text: &str) -> bool {
        self.texts.iter().all(|test| test.holds(caught, text))
    }

    /// The name of a capture.
    pub(crate) fn capture_name(&self, number: u32) -> &str {
        &self.captures[number as usize]
    }
}

impl Compiled {
    /// Takes the fact patterns and the sources of rules, given by the number of the rule. Sources that do not
    /// fit this grammar were left out by the caller.
    pub(crate) fn new(grammar: Grammar, facts: &[&str], rules: &[(u32, &str)]) -> Result<Self, Problem> {
        let language = grammar.language();
        let mut patterns = Vec::new();
        for &(rule, source) in rules {
            for written in pattern::read(&language, source)? {
                patterns.push(Pattern::new(written, rule)?);
            }
        }
        let mut begins: Vec<Vec<u32>> = vec![Vec::new(); language.node_kind_count()];
        for (number, pattern) in patterns.iter().enumerate() {
            for kind in pattern.roots.iter().filter_map(Step::kind_id) {
                let numbers = &mut begins[usize::from(kind)];
                // Alternatives at the root may begin with the same kind.
                if numbers.last() != Some(&(number as u32)) {
                    numbers.push(number as u32);
                }
            }
        }
        let mut merged = facts.join("\n");
        for kind in (0..begins.len()).filter(|kind| !begins[*kind].is_empty()) {
            let name = language.node_kind_for_id(kind as u16).unwrap_or_default();
            let _ = writeln!(merged, "({name}) @rule");
        }
        let query = Query::new(&language, &merged)
            .map_err(|error| Problem { span: Span::at(error.offset as u32), message: error.to_string() })?;
        let kinds = query
            .capture_names()
            .iter()
            .map(|name| FactKind::NAMES.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind))
            .collect();
        Ok(Self { query, kinds, patterns, begins })
    }

    /// Runs the patterns over one top-level statement.
    pub(crate) fn read_chunk(&self, text: &str, node: Node<'_>) -> ChunkFacts {
        thread_local! {
            static CURSOR: RefCell<QueryCursor> = RefCell::new(QueryCursor::new());
        }
        let mut captured = Vec::new();
        let mut matches: Vec<RuleMatch> = Vec::new();
        if is_too_deep(node) {
            return facts::read(text, node, captured);
        }
        let code = Code { text, chunk: node };
        CURSOR.with_borrow_mut(|cursor| {
            let mut found = cursor.matches(&self.query, node, text.as_bytes());
            while let Some(found) = found.next() {
                for capture in found.captures() {
                    match self.kinds[capture.index as usize] {
                        Some(kind) => captured.push((kind, capture.node)),
                        None => self.begin(capture.node, &code, &mut matches),
                    }
                }
            }
        });
        let mut facts = facts::read(text, node, captured);
        matches.dedup_by(|a, b| a.pattern == b.pattern && a.captures == b.captures);
        facts.matches = matches;
        facts
    }

    /// The matches of every pattern that begins at this node.
    fn begin<'t>(&self, node: Node<'t>, code: &Code<'t>, out: &mut Vec<RuleMatch>) {
        let base = code.chunk.start_byte() as u32;
        let mut caught = Vec::new();
        for &number in &self.begins[usize::from(node.kind_id())] {
            let pattern = &self.patterns[number as usize];
            matching::matches(&pattern.roots, node, &mut caught, &mut |caught| {
                if pattern.has_form(caught, code) {
                    let captures =
                        caught.iter().map(|(name, node)| one(*name, *node, code.text, base)).collect();
                    out.push(RuleMatch { pattern: number, captures });
                }
            });
        }
    }
}

/// Deeper statements are not read: nobody writes them, and much of what looks at a tree calls itself for each level.
const DEEPEST: u32 = 500;

/// Whether a statement is nested deeper than [`DEEPEST`]. Small ones cannot be.
fn is_too_deep(node: Node<'_>) -> bool {
    if node.descendant_count() <= DEEPEST as usize {
        return false;
    }
    let mut cursor = node.walk();
    loop {
        if cursor.depth() > DEEPEST {
            return true;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

fn one(name: u32, node: Node<'_>, text: &str, base: u32) -> Captured {
    let span = syntax::span(node);
    let mut quoted = span.of(text);
    if quoted.len() > Captured::LONGEST {
        let mut end = Captured::LONGEST;
        while !quoted.is_char_boundary(end) {
            end -= 1;
        }
        quoted = &quoted[..end];
    }
    let multiline = span.of(text).contains(['\n', '\r']);
    Captured {
        name,
        multiline,
        at: Span::new(span.start - base, span.end - base),
        text: quoted.to_compact_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::{Catalogue, RuleSource};

    /// Names of captures with their bytes, of one match.
    type Match = Vec<(String, Span)>;

    fn by_tree_sitter(query: &Query, text: &str, root: Node<'_>) -> BTreeSet<Match> {
        let mut cursor = QueryCursor::new();
        let mut found = cursor.matches(query, root, text.as_bytes());
        let mut out = BTreeSet::new();
        while let Some(found) = found.next() {
            let one = found.captures().iter();
            let mut one: Match = one
                .map(|it| (query.capture_names()[it.index as usize].to_owned(), syntax::span(it.node)))
                .collect();
            one.sort();
            out.insert(one);
        }
        out
    }

    fn patterns_of(scm: &str) -> Vec<Pattern> {
        let written = pattern::read(&Grammar::Tsx.language(), scm).unwrap();
        written.into_iter().map(|written| Pattern::new(written, 0).unwrap()).collect()
    }

    fn by_ourselves(patterns: &[Pattern], text: &str, root: Node<'_>) -> BTreeSet<Match> {
        let mut out = BTreeSet::new();
        let mut nodes = vec![root];
        while let Some(node) = nodes.pop() {
            let mut cursor = node.walk();
            nodes.extend(node.children(&mut cursor));
            for pattern in patterns {
                matching::matches(&pattern.roots, node, &mut Vec::new(), &mut |caught| {
                    if pattern.has_texts(caught, text) {
                        let mut one: Match = caught
                            .iter()
                            .map(|(name, node)| (pattern.capture_name(*name).to_owned(), syntax::span(*node)))
                            .collect();
                        one.sort();
                        out.insert(one);
                    }
                });
            }
        }
        out
    }

    /// The patterns of each rule over its own examples.
    #[test]
    fn patterns_match_what_tree_sitter_s_own_queries_match() {
        let catalogue = Catalogue::builtin();
        let mut matches = 0;
        for source in RuleSource::builtin() {
            let (Some(scm), Some(rule)) = (&source.scm, catalogue.rule(&source.id)) else { continue };
            let query = Query::new(&Grammar::Tsx.language(), scm).unwrap();
            let patterns = patterns_of(scm);
            for (path, text) in rule.examples.iter().flat_map(|example| &example.files) {
                let Some(tree) = syntax::parse(Grammar::Tsx, text, None) else { continue };
                let wanted = by_tree_sitter(&query, text, tree.root_node());
                assert_eq!(by_ourselves(&patterns, text, tree.root_node()), wanted, "{path} of {}", rule.id);
                matches += wanted.len();
            }
        }
        assert!(matches > 1000, "{matches}");
    }

    #[test]
    fn a_comment_is_no_neighbour() {
        let patterns = patterns_of("(call_expression arguments: (arguments . (string) @at .))");
        let text = "f(/* first */ 'a' // last\n)";
        let tree = syntax::parse(Grammar::Tsx, text, None).unwrap();
        let found = by_ourselves(&patterns, text, tree.root_node());
        assert_eq!(found.iter().map(|it| it[0].1.of(text)).collect::<Vec<_>>(), ["'a'"]);
    }
}
