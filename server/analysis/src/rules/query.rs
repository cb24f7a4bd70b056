//! All patterns of all rules and facts, compiled for one grammar.
//!
//! One walk over the nodes of a statement finds those that a fact or a pattern of a rule begins with; the patterns
//! that can stand there are then laid over them.

use compact_str::ToCompactString as _;
use tree_sitter::Query;

use super::begins::Begins;
use super::matching;
use super::mentions::{Gate, Mentions, Words};
use super::pattern::{self, Step, Written};
use super::texts::TextTest;
use super::vocabulary::{Meaning, Word};
use crate::facts::{self, Captured, ChunkFacts, FactKind, RuleMatch};
use crate::form::Code;
use crate::syntax::{self, Grammar, Node, Nodes};
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
    pub(super) roots: Vec<Step>,
    /// Names of the captures, by number.
    captures: Vec<Box<str>>,
    /// Compared with the text of a capture.
    pub(super) texts: Vec<TextTest>,
    /// About the code by itself: judged when a chunk is read.
    form: Vec<Condition>,
    /// About the project: judged when findings are asked for.
    pub(crate) conditions: Vec<Condition>,
    /// The capture named `at`.
    pub(crate) at: u32,
    gate: Gate,
}

/// What is wrong with a query, at a byte of its text.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// A pattern that finds a fact.
#[derive(Debug)]
struct FactPattern {
    roots: Vec<Step>,
    /// By the number of the capture.
    kinds: Vec<FactKind>,
    texts: Vec<TextTest>,
}

/// The patterns of one grammar.
#[derive(Debug)]
pub(crate) struct Compiled {
    grammar: Grammar,
    facts: Vec<FactPattern>,
    /// By number.
    pub(crate) patterns: Vec<Pattern>,
    words: Words,
    /// By the number of a node's kind.
    starts: Vec<Start>,
}

/// What can begin at a kind of node.
#[derive(Debug, Default)]
struct Start {
    /// The node is a fact, whatever it holds.
    plain: Vec<FactKind>,
    /// Numbers of fact patterns.
    facts: Vec<u32>,
    rules: Begins,
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
        let gate = Gate::default();
        Ok(Pattern { rule, roots: written.roots, captures, texts, form, conditions, at: at as u32, gate })
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
        let mut starts: Vec<Start> = Vec::new();
        starts.resize_with(language.node_kind_count(), Start::default);
        let mut read = Vec::new();
        for source in facts {
            for written in pattern::read(&language, source)? {
                FactPattern::new(written)?.enter(&mut read, &mut starts);
            }
        }
        let mut patterns = Vec::new();
        for &(rule, source) in rules {
            for written in pattern::read(&language, source)? {
                patterns.push(Pattern::new(written, rule)?);
            }
        }
        let mut words = Words::default();
        for (number, pattern) in patterns.iter_mut().enumerate() {
            pattern.gate = words.gate(pattern.form.iter().chain(&pattern.conditions));
            for root in &pattern.roots {
                if let Some(kind) = root.kind_id() {
                    starts[usize::from(kind)].rules.insert(number as u32, root, &pattern.texts);
                }
            }
        }
        words.prepare();
        Ok(Self { grammar, facts: read, patterns, words, starts })
    }

    /// The words that patterns ask for and a text holds.
    pub(crate) fn mentions(&self, text: &str) -> Mentions {
        self.words.of(text)
    }

    /// Lays the patterns over one top-level statement of a file that holds these words.
    pub(crate) fn read_chunk(
        &self,
        text: &str,
        node: tree_sitter::Node<'_>,
        mentions: Mentions,
    ) -> ChunkFacts {
        let nodes = Nodes::of(self.grammar, node);
        let root = nodes.root();
        if nodes.depth() > DEEPEST {
            return facts::read(text, root, Vec::new());
        }
        let code = Code { text, chunk: root };
        let mut captured = Vec::new();
        let mut matches: Vec<RuleMatch> = Vec::new();
        for (node, start) in self.starts_in(root) {
            self.facts_at(node, start, text, &mut captured);
            self.begin(node, start, &code, mentions, &mut matches);
        }
        let mut facts = facts::read(text, root, captured);
        matches.dedup_by(|a, b| a.pattern == b.pattern && a.captures == b.captures);
        matches.shrink_to_fit();
        facts.matches = matches;
        facts
    }

    /// The nodes at which something can begin, in the order of the text, outer ones first.
    fn starts_in<'t>(&self, root: Node<'t>) -> impl Iterator<Item = (Node<'t>, &Start)> {
        // Errors are of no kind.
        let start = |node: Node<'t>| Some((node, self.starts.get(usize::from(node.kind_id()))?));
        root.walk().filter_map(start).filter(|(_, start)| !start.is_empty())
    }

    /// The facts that begin at this node.
    fn facts_at<'t>(
        &self,
        node: Node<'t>,
        start: &Start,
        text: &str,
        captured: &mut Vec<(FactKind, Node<'t>)>,
    ) {
        captured.extend(start.plain.iter().map(|kind| (*kind, node)));
        for &number in &start.facts {
            let pattern = &self.facts[number as usize];
            matching::matches(&pattern.roots, node, &mut Vec::new(), &mut |caught| {
                if pattern.texts.iter().all(|test| test.holds(caught, text)) {
                    captured.extend(caught.iter().map(|(name, node)| (pattern.kinds[*name as usize], *node)));
                }
            });
        }
    }

    /// The matches of every pattern that begins at this node.
    fn begin<'t>(
        &self,
        node: Node<'t>,
        start: &Start,
        code: &Code<'t>,
        mentions: Mentions,
        out: &mut Vec<RuleMatch>,
    ) {
        let base = code.chunk.start_byte() as u32;
        let mut caught = Vec::new();
        start.rules.candidates(node, code.text, &mut |number| {
            let pattern = &self.patterns[number as usize];
            if !pattern.gate.is_open(mentions) {
                return;
            }
            matching::matches(&pattern.roots, node, &mut caught, &mut |caught| {
                if pattern.has_form(caught, code) {
                    let captures =
                        caught.iter().map(|(name, node)| one(*name, *node, code.text, base)).collect();
                    out.push(RuleMatch { pattern: number, captures });
                }
            });
        });
    }
}

impl Start {
    fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.facts.is_empty() && self.rules.is_empty()
    }
}

impl FactPattern {
    fn new(written: Written<'_>) -> Result<Self, Problem> {
        let problem = |message: String| Problem { span: written.span, message };
        let kind = |name: &&str| {
            let known = FactKind::NAMES.iter().find(|(known, _)| known == name);
            known.map(|(_, kind)| *kind).ok_or_else(|| problem(format!("@{name} is no kind of fact")))
        };
        let kinds = written.captures.iter().map(kind).collect::<Result<_, _>>()?;
        let mut texts = Vec::new();
        for predicate in &written.predicates {
            let test = TextTest::new(predicate)?;
            texts.push(test.ok_or_else(|| problem(format!("#{} is no condition of facts", predicate.name)))?);
        }
        Ok(Self { roots: written.roots, kinds, texts })
    }

    /// Where it begins: most patterns name a node and ask for nothing more.
    fn enter(self, patterns: &mut Vec<Self>, starts: &mut [Start]) {
        let number = patterns.len() as u32;
        for root in &self.roots {
            let Some(kind) = root.kind_id() else { continue };
            let start = &mut starts[usize::from(kind)];
            match root.plain_capture() {
                Some(name) if self.texts.is_empty() => start.plain.push(self.kinds[name as usize]),
                _ => start.facts.push(number),
            }
        }
        let (roots, texts) = (self.roots, self.texts);
        let roots = roots.into_iter().filter(|root| !texts.is_empty() || root.plain_capture().is_none());
        patterns.push(Self { roots: roots.collect(), texts, kinds: self.kinds });
    }
}

/// Deeper statements are not read: nobody writes them, and much of what looks at a tree calls itself for each level.
const DEEPEST: u32 = 500;

fn one(name: u32, node: Node<'_>, text: &str, base: u32) -> Captured {
    let span = syntax::span(node);
    let mut quoted = span.of(text);
    // What a call reads like nobody asks, and there are as many as there are lines.
    let longest = if node.kind().ends_with("call_expression") || node.kind() == "new_expression" {
        Captured::SHORT
    } else {
        Captured::LONGEST
    };
    if quoted.len() > longest {
        let mut end = longest;
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

    use tree_sitter::{QueryCursor, StreamingIterator as _};

    use super::*;
    use crate::rules::{Catalogue, RuleSource};

    fn span_of(node: tree_sitter::Node<'_>) -> Span {
        Span::new(node.start_byte() as u32, node.end_byte() as u32)
    }

    /// Names of captures with their bytes, of one match.
    type Match = Vec<(String, Span)>;

    fn by_tree_sitter(query: &Query, text: &str, root: tree_sitter::Node<'_>) -> BTreeSet<Match> {
        let mut cursor = QueryCursor::new();
        let mut found = cursor.matches(query, root, text.as_bytes());
        let mut out = BTreeSet::new();
        while let Some(found) = found.next() {
            let one = found.captures().iter();
            let mut one: Match = one
                .map(|it| (query.capture_names()[it.index as usize].to_owned(), span_of(it.node)))
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
        for node in root.walk() {
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
                assert_eq!(
                    by_ourselves(&patterns, text, Nodes::of(Grammar::Tsx, tree.root_node()).root()),
                    wanted,
                    "{path} of {}",
                    rule.id
                );
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
        let found = by_ourselves(&patterns, text, Nodes::of(Grammar::Tsx, tree.root_node()).root());
        assert_eq!(found.iter().map(|it| it[0].1.of(text)).collect::<Vec<_>>(), ["'a'"]);
    }

    #[test]
    fn what_can_begin_at_a_node_is_found_by_its_texts() {
        let catalogue = Catalogue::builtin();
        let compiled = catalogue.compiled(Grammar::Tsx);
        let mut left_out = 0;
        for (path, text) in catalogue.rules().iter().flat_map(|rule| &rule.examples).flat_map(|it| &it.files)
        {
            let Some(tree) = syntax::parse(Grammar::Tsx, text, None) else { continue };
            let nodes = Nodes::of(Grammar::Tsx, tree.root_node());
            for node in nodes.root().walk().filter(|node| !node.is_error()) {
                let start = &compiled.starts[usize::from(node.kind_id())];
                let mut asked = BTreeSet::new();
                start.rules.candidates(node, text, &mut |number| assert!(asked.insert(number)));
                for (number, pattern) in compiled.patterns.iter().enumerate() {
                    let mut found = false;
                    matching::matches(&pattern.roots, node, &mut Vec::new(), &mut |caught| {
                        found |= pattern.has_texts(caught, text);
                    });
                    assert!(!found || asked.contains(&(number as u32)), "{path}: pattern {number}");
                    left_out += usize::from(!asked.contains(&(number as u32)));
                }
            }
        }
        assert!(left_out > 1000, "{left_out}");
    }

    #[test]
    fn facts_are_found_where_tree_sitter_s_own_queries_find_them() {
        let catalogue = Catalogue::builtin();
        for grammar in [Grammar::Tsx, Grammar::TypeScript] {
            let known = |name: &str| grammar == Grammar::Tsx || name != "elements";
            let facts = routewise_queries::FACTS.iter().filter(|(name, _)| known(name));
            let sources: Vec<&str> = facts.map(|(_, text)| *text).collect();
            let query = Query::new(&grammar.language(), &sources.join("\n")).unwrap();
            let compiled = catalogue.compiled(grammar);
            let files = catalogue.rules().iter().flat_map(|rule| &rule.examples).flat_map(|it| &it.files);
            for (path, text) in files {
                let Some(tree) = syntax::parse(grammar, text, None) else { continue };
                let kind = |name: &str| FactKind::NAMES.iter().find(|(it, _)| *it == name).unwrap().1;
                let mut wanted = BTreeSet::new();
                let mut cursor = QueryCursor::new();
                let mut matches = cursor.matches(&query, tree.root_node(), text.as_bytes());
                while let Some(found) = matches.next() {
                    wanted.extend(found.captures().iter().map(|it| {
                        (kind(query.capture_names()[it.index as usize]), span_of(it.node), it.node.kind())
                    }));
                }
                let mut captured = Vec::new();
                let nodes = Nodes::of(grammar, tree.root_node());
                for (node, start) in compiled.starts_in(nodes.root()) {
                    compiled.facts_at(node, start, text, &mut captured);
                }
                let found: BTreeSet<_> =
                    captured.iter().map(|(kind, node)| (*kind, syntax::span(*node), node.kind())).collect();
                assert_eq!(found, wanted, "{path}");
            }
        }
    }
}
