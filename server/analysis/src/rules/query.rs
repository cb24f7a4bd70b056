//! All patterns of all rules and facts as one query per grammar.

use std::cell::RefCell;

use compact_str::ToCompactString as _;
use tree_sitter::{Node, Query, QueryCursor, QueryPredicateArg, StreamingIterator as _};

use super::vocabulary::{Predicate, Word};
use crate::facts::{self, Captured, ChunkFacts, FactKind, RuleMatch};
use crate::syntax::{self, Grammar};
use crate::text::Span;

/// A condition that is evaluated over the facts of the project.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) predicate: Predicate,
    pub(crate) negated: bool,
    pub(crate) capture: Option<u32>,
    pub(crate) strings: Vec<Box<str>>,
}

/// A pattern of a rule.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Number of the rule in the catalogue.
    pub(crate) rule: u32,
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

/// The merged query of one grammar.
#[derive(Debug)]
pub(crate) struct Compiled {
    query: Query,
    /// By capture number: the kind of fact, for the captures of fact patterns.
    kinds: Vec<Option<FactKind>>,
    /// By pattern number; `None` for a pattern of facts.
    pub(crate) patterns: Vec<Option<Pattern>>,
}

/// Reads one source with one grammar, to find its errors.
pub(crate) fn check(grammar: Grammar, source: &str) -> Result<(), Problem> {
    let query = Query::new(&grammar.language(), source).map_err(|error| Problem {
        span: Span::new(error.offset as u32, next_token(source, error.offset)),
        message: format!("{}: {}", kind_of(&error), error.message.lines().next().unwrap_or_default()),
    })?;
    for pattern in 0..query.pattern_count() {
        read_pattern(&query, pattern, source, 0)?;
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

fn read_pattern(query: &Query, pattern: usize, source: &str, rule: u32) -> Result<Pattern, Problem> {
    let start = query.start_byte_for_pattern(pattern);
    let end = query.end_byte_for_pattern(pattern).min(source.len());
    let whole = Span::new(start as u32, end as u32);
    let place = |word: &str| {
        let found = source.get(start..end).and_then(|text| text.find(word));
        found.map_or(whole, |at| Span::new((start + at) as u32, (start + at + word.len()) as u32))
    };
    let Some(at) = query.capture_index_for_name("at") else {
        return Err(Problem {
            span: whole,
            message: "no capture `@at`: put it behind the node that the squiggle underlines".to_owned(),
        });
    };
    let mut conditions = Vec::new();
    for predicate in query.general_predicates(pattern) {
        let name = &predicate.operator;
        let Some((word, negated)) = Word::find(name) else {
            return Err(Problem {
                span: place(name),
                message: format!("unknown predicate `#{name}`; queries/README.md lists the words there are"),
            });
        };
        let mut capture = None;
        let mut strings = Vec::new();
        for argument in &predicate.args {
            match argument {
                QueryPredicateArg::Capture(number) => capture = Some(*number),
                QueryPredicateArg::String(text) => strings.push(text.clone()),
            }
        }
        if capture.is_some() != word.capture || strings.len() < word.strings {
            return Err(Problem { span: place(name), message: format!("wrong arguments; {}", word.doc) });
        }
        conditions.push(Condition { predicate: word.predicate, negated, capture, strings });
    }
    if !query.property_settings(pattern).is_empty() || !query.property_predicates(pattern).is_empty() {
        return Err(Problem {
            span: whole,
            message: "`#set!` and `#is?` mean nothing here; metadata stands in rule.md".to_owned(),
        });
    }
    Ok(Pattern { rule, conditions, at })
}

impl Compiled {
    /// Merges the fact patterns and the sources of rules, given by the number of the rule. Sources that do
    /// not fit this grammar were left out by the caller.
    pub(crate) fn new(grammar: Grammar, facts: &[&str], rules: &[(u32, &str)]) -> Result<Self, Problem> {
        let mut merged = String::new();
        let mut starts: Vec<(usize, Option<u32>)> = Vec::new();
        for source in facts {
            starts.push((merged.len(), None));
            merged.push_str(source);
            merged.push('\n');
        }
        for &(rule, source) in rules {
            starts.push((merged.len(), Some(rule)));
            merged.push_str(source);
            merged.push('\n');
        }
        let query = Query::new(&grammar.language(), &merged)
            .map_err(|error| Problem { span: Span::at(error.offset as u32), message: error.to_string() })?;
        let kinds = query
            .capture_names()
            .iter()
            .map(|name| FactKind::NAMES.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind))
            .collect();
        let mut patterns = Vec::with_capacity(query.pattern_count());
        for number in 0..query.pattern_count() {
            let start = query.start_byte_for_pattern(number);
            let source = starts.partition_point(|(at, _)| *at <= start) - 1;
            patterns.push(match starts[source].1 {
                Some(rule) => Some(read_pattern(&query, number, &merged, rule)?),
                None => None,
            });
        }
        Ok(Self { query, kinds, patterns })
    }

    /// Runs the query over one top-level statement.
    pub(crate) fn read_chunk(&self, text: &str, node: Node<'_>) -> ChunkFacts {
        thread_local! {
            static CURSOR: RefCell<QueryCursor> = RefCell::new(QueryCursor::new());
        }
        let mut captured = Vec::new();
        let mut matches: Vec<RuleMatch> = Vec::new();
        let base = node.start_byte() as u32;
        CURSOR.with_borrow_mut(|cursor| {
            let mut found = cursor.matches(&self.query, node, text.as_bytes());
            while let Some(found) = found.next() {
                match &self.patterns[found.pattern_index] {
                    None => {
                        for capture in found.captures() {
                            if let Some(kind) = self.kinds[capture.index as usize] {
                                captured.push((kind, capture.node));
                            }
                        }
                    }
                    Some(_) => matches.push(RuleMatch {
                        pattern: found.pattern_index as u32,
                        captures: found.captures().iter().map(|capture| one(capture, text, base)).collect(),
                    }),
                }
            }
        });
        let mut facts = facts::read(text, node, captured);
        matches.dedup_by(|a, b| a.pattern == b.pattern && a.captures == b.captures);
        facts.matches = matches;
        facts
    }

    /// The name of a capture.
    pub(crate) fn capture_name(&self, number: u32) -> &str {
        self.query.capture_names()[number as usize]
    }
}

fn one(capture: &tree_sitter::QueryCapture<'_>, text: &str, base: u32) -> Captured {
    let span = syntax::span(capture.node);
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
        name: capture.index,
        multiline,
        at: Span::new(span.start - base, span.end - base),
        text: quoted.to_compact_string(),
    }
}
