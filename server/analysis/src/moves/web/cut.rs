//! A handler for one method: what other methods do is cut out.

use std::collections::BTreeMap;

use super::flow::{flow, sequence};
use crate::fix::code::{Code, Place};
use crate::form;
use crate::syntax::Node;
use crate::text::Span;

/// What a handler is cut down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted<'m> {
    Method(&'m str),
    /// A method that the handler does not ask for.
    Other,
}

/// What is taken out of a function for one method.
pub(super) struct Cut<'c, 'a> {
    code: &'c Code<'a>,
    /// Expressions that are the method.
    subjects: &'c [String],
    wanted: Wanted<'c>,
    gone: Vec<Span>,
    /// Blanks to take off the lines.
    dedent: BTreeMap<u32, usize>,
    /// Something could not be cut.
    failed: bool,
}

impl<'c, 'a> Cut<'c, 'a> {
    pub(super) fn new(code: &'c Code<'a>, subjects: &'c [String], wanted: Wanted<'c>) -> Self {
        Self { code, subjects, wanted, gone: Vec::new(), dedent: BTreeMap::new(), failed: false }
    }

    /// The statements of a body for the method, indented by `indent`. `None` where it cannot be told.
    pub(super) fn body(mut self, body: Node<'a>, indent: &str) -> Option<String> {
        let statements = inside(body);
        let first = statements.first()?;
        self.statements(&statements);
        if self.failed {
            return None;
        }
        let start = self.code.with_comments(*first).min(first.start_byte() as u32);
        let (from, to) = (self.code.line(start).start, body.end_byte() as u32 - 1);
        let base = self.code.indent(first.start_byte() as u32).len();
        Some(self.lines(Span::new(from.max(body.start_byte() as u32 + 1), to), base, indent))
    }

    /// The text of a span without what is gone.
    fn lines(&self, span: Span, base: usize, indent: &str) -> String {
        let newline = self.code.style().newline;
        let mut out: Vec<String> = Vec::new();
        let mut at = span.start;
        while at < span.end {
            let next = self.code.next_line(at).min(span.end).max(at + 1);
            let whole = Span::new(at, next);
            let mut text = String::new();
            let mut place = at;
            let mut cut = false;
            for gone in self.gone.iter().filter(|gone| gone.start < next && gone.end > at) {
                let start = gone.start.max(place);
                text.push_str(Span::new(place, start.max(place)).of(self.code.text));
                place = place.max(gone.end.min(next));
                cut = true;
            }
            text.push_str(Span::new(place.min(next), next).of(self.code.text));
            let had_text = !whole.of(self.code.text).trim().is_empty();
            let line = text.trim_end_matches(['\n', '\r']);
            let literal = self.code.place(at) == Place::Literal;
            if literal && !cut {
                out.push(line.to_owned());
            } else if line.trim().is_empty() {
                let double = out.last().is_none_or(|it| it.trim().is_empty());
                if !(had_text || double) {
                    out.push(String::new());
                }
            } else {
                let number = self.code.document.lines().line_of(at);
                let off = self.dedent.get(&number).copied().unwrap_or(0) + base;
                let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
                out.push(format!("{indent}{}", &line[off.min(blanks)..]));
            }
            at = next;
        }
        while out.last().is_some_and(|it| it.trim().is_empty()) {
            out.pop();
        }
        out.iter().flat_map(|line| [line, newline]).collect()
    }

    /// Whether code after the statements may run.
    fn statements(&mut self, statements: &[Node<'a>]) -> bool {
        let mut runs = true;
        for statement in statements {
            if !runs {
                self.remove(*statement);
                continue;
            }
            runs = match statement.kind() {
                "if_statement" => self.condition(*statement),
                "switch_statement" if self.is_subject(statement.field("value")) => self.switch(*statement),
                "comment" => true,
                _ => {
                    self.inner(*statement);
                    flow(*statement, self.code.text).falls
                }
            };
        }
        runs
    }

    /// Statements inside one that stays.
    fn inner(&mut self, node: Node<'a>) {
        let children: Vec<Node<'a>> = node.named_children().collect();
        for child in children {
            if form::is_function(child) {
                continue;
            }
            if child.kind() == "statement_block" {
                self.statements(&inside(child));
            } else {
                self.inner(child);
            }
        }
    }

    fn condition(&mut self, statement: Node<'a>) -> bool {
        let mut at = statement;
        loop {
            let Some(condition) = at.field("condition") else { return true };
            match self.holds(condition) {
                Some(true) => {
                    return at.field("consequence").is_none_or(|branch| self.only(statement, branch));
                }
                Some(false) => {
                    let otherwise = at.field("alternative").and_then(|it| it.named_child(0));
                    match otherwise {
                        None => {
                            self.remove(statement);
                            return true;
                        }
                        Some(next) if next.kind() == "if_statement" => at = next,
                        Some(branch) => return self.only(statement, branch),
                    }
                }
                None => {
                    self.gone.push(Span::new(statement.start_byte() as u32, at.start_byte() as u32));
                    self.inner(at);
                    return flow(at, self.code.text).falls;
                }
            }
        }
    }

    /// Of a statement one branch is left.
    fn only(&mut self, statement: Node<'a>, branch: Node<'a>) -> bool {
        let statements = if branch.kind() == "statement_block" { inside(branch) } else { vec![branch] };
        self.unwrap(statement, branch, &statements);
        self.statements(&statements)
    }

    /// Takes away what stands around statements.
    fn unwrap(&mut self, statement: Node<'a>, branch: Node<'a>, statements: &[Node<'a>]) {
        let code = self.code;
        let (Some(first), Some(last)) = (statements.first(), statements.last()) else {
            self.remove(statement);
            return;
        };
        let (start, end) = (statement.start_byte() as u32, statement.end_byte() as u32);
        let (from, to) = (first.start_byte() as u32, code.end(*last));
        let spread = branch.kind() == "statement_block" && code.starts_line(from) && code.starts_line(start);
        if !spread {
            self.gone.push(Span::new(start, from));
            self.gone.push(Span::new(to, end));
            return;
        }
        let close = branch.end_byte() as u32 - 1;
        self.gone.push(Span::new(code.line(start).start, code.line(from).start));
        self.gone.push(Span::new(code.line(close).start.max(to), code.next_line(end).max(end)));
        let off = code.indent(from).len().saturating_sub(code.indent(start).len());
        self.shift(from, close, off);
    }

    /// Takes blanks off the lines of a piece.
    fn shift(&mut self, from: u32, to: u32, off: usize) {
        let mut at = self.code.line(from).start;
        while at < to {
            if self.code.place(at) != Place::Literal {
                *self.dedent.entry(self.code.document.lines().line_of(at)).or_default() += off;
            }
            let next = self.code.next_line(at);
            if next <= at {
                break;
            }
            at = next;
        }
    }

    fn switch(&mut self, statement: Node<'a>) -> bool {
        let Some(body) = statement.field("body") else { return true };
        let cases: Vec<Node<'a>> = body.named_children().filter(|it| it.kind() != "comment").collect();
        let is_wanted = |case: &Node<'a>| {
            let value =
                case.field("value").filter(|it| it.kind() == "string").map(|it| unquoted(self.code.of(it)));
            value.is_some_and(|value| self.wanted == Wanted::Method(value))
        };
        let start = cases
            .iter()
            .position(is_wanted)
            .or_else(|| cases.iter().position(|it| it.kind() == "switch_default"));
        let Some(start) = start else {
            self.remove(statement);
            return true;
        };
        // Cases without statements share those of the next.
        let chosen = cases[start..].iter().find(|case| !of_case(**case).is_empty());
        let Some(case) = chosen.copied() else {
            self.remove(statement);
            return true;
        };
        let mut statements = of_case(case);
        let mut leaves = false;
        let block = match statements.as_slice() {
            [only] if only.kind() == "statement_block" => Some(*only),
            [only, last] if only.kind() == "statement_block" && last.kind() == "break_statement" => {
                leaves = true;
                Some(*only)
            }
            _ => None,
        };
        if let Some(block) = block {
            statements = inside(block);
        }
        if let Some(last) = statements.last().filter(|it| it.kind() == "break_statement").copied() {
            statements.pop();
            leaves = true;
            self.remove(last);
        }
        let ways = sequence(statements.iter().copied(), self.code.text);
        let is_last = cases.last() == Some(&case);
        if ways.breaks || !(!ways.falls || leaves || is_last) {
            // The next case would run, or code behind the whole.
            self.failed = true;
            return true;
        }
        let (Some(first), Some(last)) = (statements.first().copied(), statements.last().copied()) else {
            self.remove(statement);
            return true;
        };
        let code = self.code;
        let (start, end) = (statement.start_byte() as u32, statement.end_byte() as u32);
        let (from, to) = (first.start_byte() as u32, code.end(last));
        if !code.starts_line(from) || !code.starts_line(start) {
            self.failed = true;
            return true;
        }
        let head = code.with_comments(first);
        self.gone.push(Span::new(code.line(start).start, code.line(head).start));
        self.gone.push(Span::new(code.next_line(to).min(end), code.next_line(end).max(end)));
        let off = code.indent(from).len().saturating_sub(code.indent(start).len());
        self.shift(head, to, off);
        self.statements(&statements)
    }

    /// Takes a statement away, with what is said about it.
    fn remove(&mut self, statement: Node<'a>) {
        let start = self.code.with_comments(statement);
        let end = self.code.end(statement);
        let whole = self.code.starts_line(start) && self.code.line_end(end).is_some();
        self.gone.push(if whole {
            Span::new(self.code.line(start).start, self.code.next_line(end).max(end))
        } else {
            Span::new(start, end)
        });
    }

    fn is_subject(&self, node: Option<Node<'a>>) -> bool {
        node.is_some_and(|node| is_subject(self.code, self.subjects, node))
    }

    /// Whether a condition holds for the method, where that can be told.
    fn holds(&self, condition: Node<'a>) -> Option<bool> {
        let condition = form::without_wrapping(condition);
        match condition.kind() {
            "unary_expression" => {
                let negated = condition.field("operator").is_some_and(|it| it.kind() == "!");
                negated.then(|| self.holds(condition.field("argument")?).map(|it| !it))?
            }
            "binary_expression" => {
                let (left, right) = (condition.field("left")?, condition.field("right")?);
                match condition.field("operator")?.kind() {
                    "&&" => match (self.holds(left), self.holds(right)) {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    },
                    "||" => match (self.holds(left), self.holds(right)) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    },
                    "===" | "==" => self.equals(left, right),
                    "!==" | "!=" => self.equals(left, right).map(|it| !it),
                    _ => None,
                }
            }
            "call_expression" => listed(self.code, self.subjects, condition)
                .map(|list| list.iter().any(|it| self.wanted == Wanted::Method(it))),
            // `if (!req.method)`.
            _ if self.is_subject(Some(condition)) => Some(true),
            _ => None,
        }
    }

    fn equals(&self, left: Node<'a>, right: Node<'a>) -> Option<bool> {
        let (subject, text) = if left.kind() == "string" { (right, left) } else { (left, right) };
        (text.kind() == "string" && self.is_subject(Some(subject)))
            .then(|| self.wanted == Wanted::Method(unquoted(self.code.of(text))))
    }
}

/// Whether an expression is the method.
pub(super) fn is_subject(code: &Code<'_>, subjects: &[String], node: Node<'_>) -> bool {
    let node = form::without_wrapping(node);
    let text = code.of(node);
    let text = text.strip_suffix(".toUpperCase()").unwrap_or(text);
    let text = text.strip_suffix(['?', '!']).unwrap_or(text);
    subjects.iter().any(|it| it == text)
}

/// The methods of `["GET", "PUT"].includes(req.method)`.
pub(super) fn listed<'a>(code: &Code<'a>, subjects: &[String], call: Node<'a>) -> Option<Vec<&'a str>> {
    let callee = call.field("function").filter(|it| it.kind() == "member_expression")?;
    let list = form::without_wrapping(callee.field("object")?);
    let only = call.field("arguments")?.named_child(0)?;
    if code.of(callee.field("property")?) != "includes"
        || list.kind() != "array"
        || !is_subject(code, subjects, only)
    {
        return None;
    }
    list.named_children().map(|it| (it.kind() == "string").then(|| unquoted(code.of(it)))).collect()
}

pub(super) fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

fn inside(block: Node<'_>) -> Vec<Node<'_>> {
    block.named_children().collect()
}

/// The statements of a case.
fn of_case(case: Node<'_>) -> Vec<Node<'_>> {
    let value = case.field("value").map(|it| it.id());
    case.named_children().filter(|it| Some(it.id()) != value && it.kind() != "comment").collect()
}
