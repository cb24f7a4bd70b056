//! Patterns of rules, read from tree-sitter's query language.
//!
//! tree-sitter proves of every query what it can never match before the first search: with some hundred nested
//! patterns that takes a second at each start, on every machine. That proof is a matter of the rule, not of the
//! run, so the tests (and a user's own rules, when they are loaded) go through tree-sitter's compiler, and a run
//! reads the same text into the small trees below. [`super::matching`] finds them; tests hold both to the same
//! matches.

use tree_sitter::Language;

use super::query::Problem;
use crate::text::Span;

/// A pattern as it is written, conditions apart.
#[derive(Debug)]
pub(crate) struct Written<'s> {
    /// The alternatives that may stand at its root.
    pub(crate) roots: Vec<Step>,
    /// The names of its captures, in the order they first appear.
    pub(crate) captures: Vec<&'s str>,
    /// `(#word? @capture "text")`.
    pub(crate) predicates: Vec<Predicate<'s>>,
    /// All of it.
    pub(crate) span: Span,
}

/// A condition as it is written.
#[derive(Debug)]
pub(crate) struct Predicate<'s> {
    /// With `?`, without `#`.
    pub(crate) name: &'s str,
    /// Numbers of captures, in order.
    pub(crate) captures: Vec<u32>,
    /// Texts, in order.
    pub(crate) strings: Vec<Box<str>>,
    /// The place of the name, `#` apart.
    pub(crate) span: Span,
}

/// A node that a pattern asks for.
#[derive(Debug)]
pub(crate) struct Step {
    pub(super) kind: Kind,
    /// Numbers of the captures it is given.
    pub(super) captures: Vec<u32>,
    /// What its children have to be, in order; others may stand between them.
    pub(super) children: Vec<Child>,
    /// Nothing named follows the last of `children`.
    pub(super) closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `(identifier)`, `"const"`: tree-sitter's number of it.
    Is(u16),
    /// `(_)`.
    Named,
}

/// A child that a pattern asks for.
#[derive(Debug)]
pub(super) struct Child {
    /// The field it stands in.
    pub(super) field: Option<u8>,
    /// Any of these.
    pub(super) any: Vec<Step>,
    /// Nothing named stands between it and the one before, or the beginning.
    pub(super) next: bool,
}

impl Step {
    /// Its children are all told by their fields.
    pub(super) fn by_fields(&self) -> bool {
        !self.closed && self.children.iter().all(|child| child.field.is_some() && !child.next)
    }

    /// How many nodes at and below it are given a capture.
    pub(super) fn bears(&self, capture: u32) -> usize {
        let below = self.children.iter().flat_map(|child| &child.any).map(|step| step.bears(capture));
        usize::from(self.captures.contains(&capture)) + below.sum::<usize>()
    }

    /// The number of its capture, where it asks for nothing but a kind of node and bears one.
    pub(super) fn plain_capture(&self) -> Option<u32> {
        match *self.captures {
            [number] if self.children.is_empty() && !self.closed => Some(number),
            _ => None,
        }
    }

    /// The kind of node that a root has to be.
    pub(crate) fn kind_id(&self) -> Option<u16> {
        match self.kind {
            Kind::Is(id) => Some(id),
            Kind::Named => None,
        }
    }
}

/// Reads every pattern of a source. The text is known to be a query of this language.
pub(crate) fn read<'s>(language: &Language, source: &'s str) -> Result<Vec<Written<'s>>, Problem> {
    let mut reader = Reader { language, tokens: tokens(source), at: 0, end: source.len() };
    let mut out = Vec::new();
    while reader.peek().is_some() {
        out.push(reader.pattern()?);
    }
    Ok(out)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'s> {
    Open,
    Close,
    OpenAny,
    CloseAny,
    Dot,
    /// With its quotes.
    Text(&'s str),
    /// Without `@`.
    Capture(&'s str),
    /// Without `#`.
    Predicate(&'s str),
    /// Without `:`.
    Field(&'s str),
    Name(&'s str),
    Other(&'s str),
}

fn tokens(source: &str) -> Vec<(Token<'_>, usize)> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '?' | '!');
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let word = |from: usize| {
            let len = rest[from..].find(|c: char| !is_name(c)).unwrap_or(rest.len() - from);
            &rest[from..from + len]
        };
        let (token, len) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            ';' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '[' => (Token::OpenAny, 1),
            ']' => (Token::CloseAny, 1),
            '.' => (Token::Dot, 1),
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                let len = end.map_or(rest.len(), |end| end + 2);
                (Token::Text(&rest[..len]), len)
            }
            '@' => (Token::Capture(word(1)), 1 + word(1).len()),
            '#' => (Token::Predicate(word(1)), 1 + word(1).len()),
            c if is_name(c) && !matches!(c, '?' | '!') => {
                let name = word(0);
                if rest[name.len()..].starts_with(':') {
                    (Token::Field(name), name.len() + 1)
                } else {
                    (Token::Name(name), name.len())
                }
            }
            c => (Token::Other(&rest[..c.len_utf8()]), c.len_utf8()),
        };
        out.push((token, at));
        at += len;
    }
    out
}

struct Reader<'l, 's> {
    language: &'l Language,
    tokens: Vec<(Token<'s>, usize)>,
    at: usize,
    /// Length of the source.
    end: usize,
}

impl<'s> Reader<'_, 's> {
    fn peek(&self) -> Option<Token<'s>> {
        self.tokens.get(self.at).map(|(token, _)| *token)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(_, at)| *at)
    }

    fn eat(&mut self, token: Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn no(&self, what: &str) -> Problem {
        Problem { span: Span::at(self.offset() as u32), message: what.to_owned() }
    }

    /// One pattern of the top level, with what is written behind it.
    fn pattern(&mut self) -> Result<Written<'s>, Problem> {
        let start = self.offset();
        let mut out = Written {
            roots: Vec::new(),
            captures: Vec::new(),
            predicates: Vec::new(),
            span: Span::default(),
        };
        // `((node) @at (#word? @at))`: a group holds one node and the conditions.
        let is_group = matches!(
            (self.peek(), self.tokens.get(self.at + 1).map(|(token, _)| *token)),
            (Some(Token::Open), Some(Token::Open | Token::OpenAny))
        );
        self.at += usize::from(is_group);
        out.roots = self.node(&mut out.captures, &mut out.predicates)?;
        while is_group && !self.eat(Token::Close) {
            self.predicate(&mut out.captures, &mut out.predicates)?;
        }
        out.span = Span::new(start as u32, self.offset() as u32);
        Ok(out)
    }

    /// A node or `[…]`, and its captures.
    fn node(
        &mut self,
        names: &mut Vec<&'s str>,
        predicates: &mut Vec<Predicate<'s>>,
    ) -> Result<Vec<Step>, Problem> {
        let mut steps = match self.peek() {
            Some(Token::OpenAny) => {
                self.at += 1;
                let mut any = Vec::new();
                while !self.eat(Token::CloseAny) {
                    any.append(&mut self.node(names, predicates)?);
                }
                any
            }
            Some(Token::Text(text)) => {
                self.at += 1;
                vec![self.step(&unquoted(text), false)?]
            }
            Some(Token::Open) => {
                self.at += 1;
                let Some(Token::Name(kind)) = self.peek() else {
                    return Err(self.no("a node such as `(identifier)` is expected here"));
                };
                self.at += 1;
                let mut step = self.step(kind, true)?;
                self.children(&mut step, names, predicates)?;
                vec![step]
            }
            _ => return Err(self.no("rules write nodes as `(kind)`, `(_)`, `\"text\"` or `[…]`")),
        };
        while let Some(Token::Capture(name)) = self.peek() {
            self.at += 1;
            let number = number_of(name, names);
            for step in &mut steps {
                step.captures.push(number);
            }
        }
        Ok(steps)
    }

    fn step(&self, kind: &str, named: bool) -> Result<Step, Problem> {
        let kind = match self.language.id_for_node_kind(kind, named) {
            _ if kind == "_" => Kind::Named,
            0 => return Err(self.no("no such node in the TypeScript grammar")),
            id => Kind::Is(id),
        };
        Ok(Step { kind, captures: Vec::new(), children: Vec::new(), closed: false })
    }

    fn children(
        &mut self,
        step: &mut Step,
        names: &mut Vec<&'s str>,
        predicates: &mut Vec<Predicate<'s>>,
    ) -> Result<(), Problem> {
        let mut next = false;
        while !self.eat(Token::Close) {
            if self.eat(Token::Dot) {
                next = true;
                continue;
            }
            if let (Token::Open, Some(Token::Predicate(_))) =
                (self.peek().unwrap_or(Token::Close), self.tokens.get(self.at + 1).map(|(token, _)| *token))
            {
                self.predicate(names, predicates)?;
                continue;
            }
            let mut field = None;
            if let Some(Token::Field(name)) = self.peek() {
                field =
                    self.language.field_id_for_name(name).and_then(|field| u8::try_from(field.get()).ok());
                if field.is_none() {
                    return Err(self.no("no such field in the TypeScript grammar"));
                }
                self.at += 1;
            }
            let any = self.node(names, predicates)?;
            step.children.push(Child { field, any, next: std::mem::take(&mut next) });
        }
        step.closed = next;
        Ok(())
    }

    fn predicate(&mut self, names: &mut Vec<&'s str>, out: &mut Vec<Predicate<'s>>) -> Result<(), Problem> {
        let (true, Some(Token::Predicate(name))) = (self.eat(Token::Open), self.peek()) else {
            return Err(self.no("a condition such as `(#scope? @at \"request\")` is expected here"));
        };
        let start = self.offset() as u32 + 1;
        let span = Span::new(start, start + name.len() as u32);
        self.at += 1;
        let mut predicate = Predicate { name, captures: Vec::new(), strings: Vec::new(), span };
        while !self.eat(Token::Close) {
            match self.peek() {
                Some(Token::Capture(name)) => predicate.captures.push(number_of(name, names)),
                Some(Token::Text(text)) => predicate.strings.push(unquoted(text)),
                Some(Token::Name(text)) => predicate.strings.push(text.into()),
                _ => return Err(self.no("a condition takes captures and texts")),
            }
            self.at += 1;
        }
        out.push(predicate);
        Ok(())
    }
}

fn number_of<'s>(name: &'s str, names: &mut Vec<&'s str>) -> u32 {
    let known = names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    });
    known as u32
}

/// A text of the query language without its quotes: `\n`, `\r`, `\t`, `\0`, and any other character as it is.
fn unquoted(text: &str) -> Box<str> {
    let inner = text.strip_prefix('"').unwrap_or(text);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        out.push(match (c, c == '\\') {
            (_, true) => match characters.next().unwrap_or('\\') {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                other => other,
            },
            (c, _) => c,
        });
    }
    out.into()
}
