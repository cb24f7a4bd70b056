//! What code that counts requests says: by what, how many are allowed, in what time, and what happens then.

use std::collections::BTreeSet;

use crate::fix::code::{Code, ancestors, each, only_declarator, scope_of};
use crate::form;
use crate::syntax::{self, Node};
use crate::text::Span;

/// A count by hand that can be taken out.
pub(super) struct Count<'a> {
    /// The statement that declares what counts.
    pub(super) declaration: Node<'a>,
    /// The function that counts.
    pub(super) function: Node<'a>,
    /// Its statements that do.
    pub(super) span: Span,
    /// Constants in front of them that nothing else needs.
    pub(super) before: Vec<Node<'a>>,
    /// Timers of the module that take old entries out.
    pub(super) sweeps: Vec<Node<'a>>,
    /// What is counted by.
    pub(super) key: Node<'a>,
    /// How many are allowed: a number, or a constant of the module.
    pub(super) limit: Node<'a>,
    pub(super) window: Window<'a>,
    pub(super) verdict: Verdict<'a>,
}

/// How long requests are counted.
pub(super) enum Window<'a> {
    Milliseconds(u64),
    /// A constant of the module.
    Named(&'a str),
}

impl<'a> Window<'a> {
    pub(super) fn name(&self) -> Option<&'a str> {
        match self {
            Self::Milliseconds(_) => None,
            Self::Named(name) => Some(name),
        }
    }
}

/// What is made of the count.
pub(super) enum Verdict<'a> {
    /// This is done with a request too many.
    Refuses(Node<'a>),
    /// The function returns whether the request is one too many, `allowed` for one that is not.
    Tells { allowed: bool },
}

impl<'a> Count<'a> {
    pub(super) fn read(code: &Code<'a>, at: Span) -> Option<Self> {
        let name = code.node(at).filter(|it| it.kind() == "identifier")?;
        let declarator = name.parent().filter(|it| it.kind() == "variable_declarator")?;
        let declaration = declarator.parent()?;
        if declaration.parent() != Some(code.root) || only_declarator(declaration) != Some(declarator) {
            return None;
        }
        let map = code.of(name);
        let (mut sweeps, mut functions) = (Vec::new(), Vec::new());
        for used in code.occurrences(code.root, map).into_iter().filter(|it| *it != name) {
            let statement = code.top_level(used)?;
            let sweeps_up =
                statement.kind() == "expression_statement" && code.of(statement).starts_with("setInterval(");
            let list = if sweeps_up { &mut sweeps } else { &mut functions };
            let node = if sweeps_up { statement } else { outermost(used)? };
            if !list.contains(&node) {
                list.push(node);
            }
        }
        let [function] = functions[..] else { return None };
        let body = function.field("body").filter(|it| it.kind() == "statement_block")?;
        let all: Vec<Node<'a>> = body.named_children().filter(|it| it.kind() != "comment").collect();
        let mut known = Known { code, map, names: BTreeSet::new() };
        let mut counting = Vec::new();
        for (number, statement) in all.iter().enumerate() {
            if known.mentioned(*statement) {
                known.learn(*statement);
                counting.push(number);
            }
        }
        let (first, mut last) = (*counting.first()?, *counting.last()?);
        // `return true;` for whoever comes this far.
        if let [it] = &all[last + 1..]
            && it.kind() == "return_statement"
            && it.named_child(0).is_some_and(|value| matches!(value.kind(), "true" | "false"))
        {
            last += 1;
        }
        let run = &all[first..=last];
        let span = Span::new(run.first()?.start_byte() as u32, code.end(*run.last()?));
        let only_here = |statement: &Node<'a>| {
            statement.kind() == "lexical_declaration"
                && declared(*statement).into_iter().all(|it| {
                    code.occurrences(function, code.of(it))
                        .into_iter()
                        .all(|used| used == it || span.covers(syntax::span(used)))
                })
        };
        if run.iter().any(|it| !known.mentioned(*it) && !only_here(it) && it.kind() != "return_statement") {
            return None;
        }
        for statement in run {
            known.learn(*statement);
        }
        let before: Vec<Node<'a>> =
            all[..first].iter().copied().filter(|it| only_here(it) && is_time_or_number(code, *it)).collect();
        let times: BTreeSet<&str> = all
            .iter()
            .filter(|it| code.of(**it).contains("Date.now()"))
            .flat_map(|it| declared(*it))
            .map(|it| code.of(it))
            .collect();
        let key = known.key(run)?;
        let verdict = known.verdict(run, first == before.len() && last + 1 == all.len())?;
        let refusal = match verdict {
            Verdict::Refuses(consequence) => Some(consequence),
            Verdict::Tells { .. } => None,
        };
        // Another condition would be lost with the count.
        let others: BTreeSet<&str> =
            before.iter().flat_map(|it| declared(*it)).map(|it| code.of(it)).collect();
        if !known.only_counts(run, refusal, key, &others) {
            return None;
        }
        let reading = Reading { code, known: &known, times: &times };
        let limit = reading.limit(run, &verdict)?;
        let window = reading.window(run);
        // A constant that goes cannot be what the limiter is made with.
        let local = |name: &str| before.iter().flat_map(|it| declared(*it)).any(|it| code.of(it) == name);
        let gone = [Some(code.of(limit)), Some(code.of(key)), window.name()].into_iter().flatten().any(local);
        let starts =
            code.starts_line(span.start) && before.iter().all(|it| code.starts_line(it.start_byte() as u32));
        (!gone && starts).then_some(Self {
            declaration,
            function,
            span,
            before,
            sweeps,
            key,
            limit,
            window,
            verdict,
        })
    }
}

/// The outermost function around a node.
fn outermost(node: Node<'_>) -> Option<Node<'_>> {
    ancestors(node).filter(|it| form::is_function(*it)).last()
}

/// The names that a statement declares, at any depth.
fn declared(statement: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    each(statement, |node| {
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier_pattern")
            && scope_of(node).is_some()
        {
            found.push(node);
        }
        true
    });
    found
}

/// `const now = Date.now()`, `const most = 5`: nothing happens when it is gone.
fn is_time_or_number(code: &Code<'_>, statement: Node<'_>) -> bool {
    let value = only_declarator(statement).and_then(|it| it.field("value"));
    value.is_some_and(|value| code.of(value) == "Date.now()" || milliseconds(code.of(value)).is_some())
}

/// The value of `60_000` or `60 * 1000`.
fn milliseconds(text: &str) -> Option<u64> {
    text.split('*')
        .try_fold(1_u64, |product, part| product.checked_mul(part.trim().replace('_', "").parse().ok()?))
}

/// The names that hold a part of the count.
struct Known<'c, 'a> {
    code: &'c Code<'a>,
    map: &'a str,
    names: BTreeSet<&'a str>,
}

impl<'a> Known<'_, 'a> {
    fn learn(&mut self, statement: Node<'a>) {
        self.names.extend(declared(statement).into_iter().map(|it| self.code.of(it)));
    }

    /// Whether a node speaks of the count.
    fn mentioned(&self, node: Node<'a>) -> bool {
        let names = self.names.iter().copied().chain([self.map]);
        names.into_iter().any(|name| !self.code.occurrences(node, name).is_empty())
    }

    /// What every look at the count asks for.
    fn key(&self, run: &[Node<'a>]) -> Option<Node<'a>> {
        let mut keys: Vec<Node<'a>> = Vec::new();
        for used in run.iter().flat_map(|it| self.code.occurrences(*it, self.map)) {
            let Some(parent) = used.parent() else { continue };
            let key = match parent.kind() {
                "subscript_expression" => parent.field("index"),
                "member_expression" => parent
                    .parent()
                    .and_then(|call| call.field("arguments"))
                    .and_then(|arguments| arguments.named_child(0)),
                _ => None,
            };
            // A loop over all entries has names of its own for the keys.
            keys.extend(key.filter(|key| !self.mentioned(*key) && !form::is_function(*key)));
        }
        let first = *keys.first()?;
        keys.iter().all(|key| self.code.of(*key) == self.code.of(first)).then_some(first)
    }

    fn verdict(&self, run: &[Node<'a>], whole: bool) -> Option<Verdict<'a>> {
        let mut refusals = Vec::new();
        let mut returns = Vec::new();
        for statement in run {
            each(*statement, |node| {
                if node.kind() == "if_statement"
                    && let Some(consequence) = node.field("consequence")
                    && self.code.of(consequence).contains("429")
                    && !self.mentioned(consequence)
                {
                    refusals.push(consequence);
                }
                if node.kind() == "return_statement" {
                    returns.push(node);
                }
                !form::is_function(node)
            });
        }
        // The innermost `if` is the one that refuses.
        let inner: Vec<Node<'a>> = refusals
            .iter()
            .copied()
            .filter(|it| {
                !refusals.iter().any(|other| other != it && ancestors(*other).any(|around| around == *it))
            })
            .collect();
        if let [consequence] = inner[..] {
            let leaves = ends(consequence);
            return (returns.len() <= 1 && leaves).then_some(Verdict::Refuses(consequence));
        }
        if !whole || !inner.is_empty() || returns.is_empty() {
            return None;
        }
        let plain = |node: &Node<'a>| {
            node.named_child(0).is_some_and(|it| matches!(it.kind(), "true" | "false" | "binary_expression"))
        };
        returns.iter().all(plain).then_some(())?;
        // Where a new entry is put in, the request is allowed.
        let begun = returns.iter().find_map(|it| {
            let before = it.prev_named_sibling().filter(|before| self.mentioned(*before))?;
            let value = it.named_child(0).filter(|value| value.kind() != "binary_expression")?;
            (before.kind() == "expression_statement").then_some(value.kind() == "true")
        });
        let compared = || {
            let test = returns
                .iter()
                .filter_map(|it| it.named_child(0))
                .find(|it| it.kind() == "binary_expression")?;
            let operator = self.code.of(test.field("operator")?);
            let left = self.mentioned(test.field("left")?);
            Some(operator.starts_with('<') == left)
        };
        Some(Verdict::Tells { allowed: begun.or_else(compared)? })
    }

    /// Whether the statements do nothing but count by `key`, `refusal` aside, and ask for nothing else.
    fn only_counts(
        &self,
        run: &[Node<'a>],
        refusal: Option<Node<'a>>,
        key: Node<'a>,
        others: &BTreeSet<&'a str>,
    ) -> bool {
        const GLOBALS: [&str; 4] = ["Date", "Math", "Object", "undefined"];
        let code = self.code;
        let mut only = true;
        for statement in run {
            each(*statement, |node| {
                if Some(node) == refusal || code.of(node) == code.of(key) {
                    return false;
                }
                match node.kind() {
                    "await_expression" | "new_expression" | "throw_statement" => only = false,
                    "call_expression" => {
                        let callee = node.field("function");
                        only &= callee.is_some_and(|callee| {
                            let root = code.of(callee).split('.').next().unwrap_or_default();
                            self.mentioned(callee) || GLOBALS.contains(&root)
                        });
                    }
                    "identifier" => {
                        let name = code.of(node);
                        only &= name == self.map
                            || self.names.contains(name)
                            || others.contains(name)
                            || GLOBALS.contains(&name)
                            || is_constant(code, name);
                    }
                    _ => {}
                }
                only
            });
        }
        only
    }
}

/// Whether a name is that of a constant of the module.
fn is_constant(code: &Code<'_>, name: &str) -> bool {
    code.statements().into_iter().any(|statement| {
        statement.kind() == "lexical_declaration"
            && code.of(statement).starts_with("const")
            && only_declarator(statement)
                .and_then(|it| it.field("name"))
                .is_some_and(|it| code.of(it) == name)
    })
}

/// Whether a block is left at its end.
fn ends(block: Node<'_>) -> bool {
    let last = match block.kind() {
        "statement_block" => block.named_child(block.named_child_count().saturating_sub(1)),
        _ => Some(block),
    };
    last.is_some_and(|it| matches!(it.kind(), "return_statement" | "throw_statement"))
}

struct Reading<'c, 'a> {
    code: &'c Code<'a>,
    known: &'c Known<'c, 'a>,
    /// Names for the time.
    times: &'c BTreeSet<&'a str>,
}

impl<'a> Reading<'_, 'a> {
    fn is_time(&self, node: Node<'a>) -> bool {
        self.code.of(node).contains("Date.now()")
            || self.times.iter().any(|name| !self.code.occurrences(node, name).is_empty())
    }

    /// A constant of the module that is never set again, or a number.
    fn is_fixed(&self, node: Node<'a>) -> bool {
        let code = self.code;
        match node.kind() {
            "number" => true,
            "identifier" => is_constant(code, code.of(node)),
            _ => milliseconds(code.of(node)).is_some(),
        }
    }

    fn sides(&self, node: Node<'a>, operators: &[&str]) -> Option<[Node<'a>; 2]> {
        let operator = node.field("operator").filter(|_| node.kind() == "binary_expression")?;
        operators.contains(&self.code.of(operator)).then_some([node.field("left")?, node.field("right")?])
    }

    /// What the count is compared with where a request is refused.
    fn limit(&self, run: &[Node<'a>], verdict: &Verdict<'a>) -> Option<Node<'a>> {
        let tests: Vec<Node<'a>> = match verdict {
            Verdict::Refuses(consequence) => {
                vec![consequence.parent()?.field("condition")?]
            }
            Verdict::Tells { .. } => run.to_vec(),
        };
        let mut found = None;
        for test in tests {
            each(test, |node| {
                if let Some(sides) = self.sides(node, &[">", ">=", "<", "<="])
                    && !sides.iter().any(|side| self.is_time(*side))
                {
                    let [left, right] = sides;
                    for (counted, limit) in [(left, right), (right, left)] {
                        if found.is_none() && self.known.mentioned(counted) && self.is_fixed(limit) {
                            found = Some(limit);
                        }
                    }
                }
                found.is_none()
            });
        }
        found
    }

    /// How long an entry counts; a minute where the code does not say.
    fn window(&self, run: &[Node<'a>]) -> Window<'a> {
        let mut found = None;
        for statement in run {
            each(*statement, |node| {
                for operators in [&["+"][..], &["-"], &[">", ">=", "<", "<="]] {
                    let Some([left, right]) = self.sides(node, operators) else { continue };
                    for (time, length) in [(left, right), (right, left)] {
                        if found.is_none() && self.is_time(time) && self.is_fixed(length) {
                            found = Some(length);
                        }
                    }
                }
                found.is_none()
            });
        }
        match found {
            Some(name) if name.kind() == "identifier" => Window::Named(self.code.of(name)),
            Some(number) => Window::Milliseconds(milliseconds(self.code.of(number)).unwrap_or(60_000)),
            None => Window::Milliseconds(60_000),
        }
    }
}
