//! What a handler sends becomes what it returns.

use super::chain::{self, Chain, Header, Sent};
use super::response::Answer;
use super::{Outcome, Trouble, Web};
use crate::fix::answers::leaving;
use crate::fix::code::each;
use crate::fix::statements::whole_lines;
use crate::form;
use crate::syntax::Node;

/// Where an answer stands.
enum Seat<'a> {
    /// In a `return`, or behind the arrow of the function itself.
    Given(Node<'a>),
    /// It is a statement.
    Statement(Node<'a>),
    Elsewhere,
}

impl<'a> Web<'_, 'a> {
    /// Every use of the response in a function.
    pub(super) fn answers(&mut self, at: usize) -> Outcome {
        let mut sends = Vec::new();
        let mut prepares = Vec::new();
        for place in self.functions[at].uses(self.code, self.functions[at].response) {
            if self.is_settled(place) {
                continue;
            }
            let chain = match self.call_with(place) {
                Some(whole) => Chain { whole, status: None, headers: Vec::new(), sent: Some(Sent::Call) },
                None => chain::read(self.code, place, self.ground.manner)?,
            };
            if chain.sent.is_some() { sends.push(chain) } else { prepares.push(chain) }
        }
        let seats: Vec<Seat<'a>> = sends.iter().map(|it| self.seat(at, it)).collect::<Outcome<_>>()?;
        for chain in &prepares {
            chain
                .whole
                .parent()
                .filter(|it| it.kind() == "expression_statement" || !chain.headers.is_empty())
                .ok_or_else(|| {
                    Trouble::new(chain.whole, "What this gives is used: set it in a statement of its own.")
                })?;
        }
        self.given_back_otherwise(at, &seats)?;
        let fronts: Vec<Vec<usize>> =
            sends.iter().zip(&seats).map(|(chain, seat)| in_front(chain, seat, &prepares)).collect();
        let shared = self.shared(at, &sends, &fronts, &prepares)?;
        let mut folded = vec![false; prepares.len()];
        for (chain, front) in sends.iter().zip(&fronts) {
            let shared = shared.as_ref().filter(|it| it.from < chain.whole.start_byte());
            if matches!(chain.sent, Some(Sent::Call)) {
                let header = front.first().map(|number| prepares[*number].whole);
                if let Some(node) = header.or(shared.map(|it| it.headers[0].name)) {
                    let reason = "Another function answers after this: set it there.";
                    return Err(Trouble::new(node, reason));
                }
                continue;
            }
            let mut answer = Answer::new(self, shared);
            for number in front {
                answer.take(&prepares[*number]);
                folded[*number] = shared.is_none();
            }
            answer.take(chain);
            let text = answer.written(chain)?;
            self.replace(chain.whole, text);
        }
        self.remove_prepared(&prepares, &folded, shared.as_ref())?;
        self.give_back(at, &sends, &seats)
    }

    /// Where a chain stands.
    fn seat(&self, at: usize, chain: &Chain<'a>) -> Outcome<Seat<'a>> {
        let function = &self.functions[at];
        if !function.owns(chain.whole) {
            let reason =
                "The answer is sent inside a callback: wait for what calls it, and answer after that.";
            return Err(Trouble::new(chain.whole, reason));
        }
        let mut inner = chain.whole;
        loop {
            let Some(parent) = inner.parent() else { return Ok(Seat::Elsewhere) };
            match parent.kind() {
                "await_expression" | "parenthesized_expression" => inner = parent,
                "ternary_expression" if parent.field("condition") != Some(inner) => inner = parent,
                "return_statement" => return Ok(Seat::Given(parent)),
                "arrow_function" if parent == function.node => return Ok(Seat::Given(parent)),
                "expression_statement" => return Ok(Seat::Statement(parent)),
                _ => {
                    let reason =
                        "What sending gives is used here: send in a statement of its own, and return.";
                    return Err(Trouble::new(chain.whole, reason));
                }
            }
        }
    }

    /// What a function gives back that sends answers has to be an answer.
    fn given_back_otherwise(&self, at: usize, seats: &[Seat<'a>]) -> Outcome {
        let function = &self.functions[at];
        let Some(body) = function.node.field("body").filter(|_| function.response.is_some()) else {
            return Ok(());
        };
        let mut found = None;
        each(body, |node| {
            let given = node.kind() == "return_statement"
                && node.named_child(0).is_some_and(|it| it.kind() != "comment");
            let is_answer = || seats.iter().any(|seat| matches!(seat, Seat::Given(it) if *it == node));
            if given && function.owns(node) && !is_answer() {
                found = Some(node);
            }
            found.is_none() && !form::is_function(node)
        });
        if body.kind() != "statement_block" && !seats.iter().any(|it| matches!(it, Seat::Given(_))) {
            found = Some(body);
        }
        match found {
            Some(node) => {
                Err(Trouble::new(node, "This gives something back and sends no answer: send one first."))
            }
            None => Ok(()),
        }
    }

    /// Headers that are not set right in front of an answer are kept in an object, which all answers then get.
    fn shared(
        &mut self,
        at: usize,
        sends: &[Chain<'a>],
        fronts: &[Vec<usize>],
        prepares: &[Chain<'a>],
    ) -> Outcome<Option<Shared<'a>>> {
        let taken = |number: &usize| fronts.iter().flatten().any(|it| it == number);
        let apart: Vec<&Chain<'a>> =
            (0..prepares.len()).filter(|number| !taken(number)).map(|number| &prepares[number]).collect();
        if let Some(status) = apart.iter().find_map(|it| it.status) {
            let reason = "The status is set apart from the answer: set it where the answer is sent.";
            return Err(Trouble::new(status, reason));
        }
        // A name that is not written out cannot be the key of an object.
        let open = prepares
            .iter()
            .chain(sends)
            .filter(|it| it.headers.iter().any(|it| self.plain(it.name).is_none()));
        let starts = apart.into_iter().chain(open).map(|it| it.whole.start_byte());
        let Some(from) = starts.min() else { return Ok(None) };
        let later = |it: &&Chain<'a>| it.whole.start_byte() >= from;
        if let Some(header) = sends.iter().filter(later).flat_map(|it| &it.headers).next() {
            let reason = "Headers are set here and elsewhere: set this one in a statement in front.";
            return Err(Trouble::new(header.name, reason));
        }
        let name = if self.code.mentions("headers") { "responseHeaders" } else { "headers" };
        let line = format!("const {name} = new Headers(){}", self.style.semi);
        self.functions[at].head(name, line);
        let headers = prepares.iter().filter(later).flat_map(|it| it.headers.iter().copied()).collect();
        Ok(Some(Shared { name: name.to_owned(), headers, from }))
    }

    /// Statements that prepared answers: those that an answer holds now go.
    fn remove_prepared(
        &mut self,
        prepares: &[Chain<'a>],
        folded: &[bool],
        shared: Option<&Shared<'a>>,
    ) -> Outcome {
        for (chain, folded) in prepares.iter().zip(folded) {
            let Some(shared) = shared.filter(|_| !*folded) else {
                if let Some(statement) = chain.whole.parent() {
                    let lines = whole_lines(self.code, statement);
                    self.draft.replace(lines, "");
                }
                continue;
            };
            let mut calls = Vec::new();
            for header in &chain.headers {
                calls.extend(self.set_on(&shared.name, *header)?);
            }
            if calls.is_empty() {
                let reason = "The status is set apart from the answer: set it where the answer is sent.";
                return Err(Trouble::new(chain.whole, reason));
            }
            let indent = self.code.indent(chain.whole.start_byte() as u32);
            let between = format!("{}{}{indent}", self.style.semi, self.style.newline);
            self.replace(chain.whole, calls.join(&between));
        }
        Ok(())
    }

    /// What answers is returned, and the `return` behind it goes.
    fn give_back(&mut self, at: usize, sends: &[Chain<'a>], seats: &[Seat<'a>]) -> Outcome {
        let mut done = Vec::new();
        for (chain, seat) in sends.iter().zip(seats) {
            let Seat::Statement(statement) = seat else { continue };
            if done.contains(&statement.id()) {
                continue;
            }
            done.push(statement.id());
            let Some(gone) = leaving(self.functions[at].node, *statement) else {
                let reason =
                    "Code may run after this answer: return it, and do what follows first or in `after`.";
                return Err(Trouble::new(chain.whole, reason));
            };
            let Some(expression) = statement.named_child(0) else { continue };
            let text = format!("return {}", self.now(expression));
            self.replace(expression, text);
            for statement in gone {
                let lines = whole_lines(self.code, statement);
                self.draft.replace(lines, "");
            }
        }
        Ok(())
    }

    /// A text that is written out.
    pub(super) fn plain(&self, node: Node<'_>) -> Option<&'a str> {
        let text = self.of(node);
        match node.kind() {
            "string" => Some(text.trim_matches(['"', '\''])),
            "property_identifier" => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_header(&self, header: Header<'_>, name: &str) -> bool {
        self.plain(header.name).is_some_and(|it| it.eq_ignore_ascii_case(name))
    }

    pub(super) fn is_list_of_cookies(&self, header: Header<'_>) -> bool {
        self.is_header(header, "set-cookie") && header.value.kind() == "array"
    }

    /// Calls that set a header on an object of headers.
    fn set_on(&self, name: &str, header: Header<'a>) -> Outcome<Vec<String>> {
        let key = match self.plain(header.name) {
            Some(key) => self.style.string(key),
            None => self.now(header.name),
        };
        if self.is_list_of_cookies(header) {
            let items = cookies_of(header)?;
            return Ok(items.iter().map(|it| format!("{name}.append({key}, {})", self.now(*it))).collect());
        }
        let call = if header.more { "append" } else { "set" };
        Ok(vec![format!("{name}.{call}({key}, {})", self.header_value(header)?)])
    }

    /// A header's value as one text.
    pub(super) fn header_value(&self, header: Header<'a>) -> Outcome<String> {
        let value = form::without_wrapping(header.value);
        let text = self.now(header.value);
        match value.kind() {
            "string" | "template_string" => return Ok(text),
            "number" => return Ok(self.style.string(&text)),
            "array" => {
                let items: Option<Vec<&str>> = value.named_children().map(|it| self.plain(it)).collect();
                return Ok(match items {
                    Some(items) => self.style.string(&items.join(", ")),
                    None => format!("{text}.join({})", self.style.string(", ")),
                });
            }
            _ => {}
        }
        let is_text = self.is_text(value);
        if self.is_header(header, "set-cookie") && !is_text {
            let reason = "Whether this is one cookie or several is not known: append them one by one.";
            return Err(Trouble::new(header.value, reason));
        }
        Ok(if is_text { text } else { format!("String({text})") })
    }

    /// Whether an expression is text for sure.
    pub(super) fn is_text(&self, node: Node<'a>) -> bool {
        let node = form::without_wrapping(node);
        match node.kind() {
            "string" | "template_string" => true,
            "binary_expression" => {
                node.field("operator").is_some_and(|it| it.kind() == "+")
                    && [node.field("left"), node.field("right")]
                        .into_iter()
                        .flatten()
                        .any(|it| self.is_text(it))
            }
            "ternary_expression" => [node.field("consequence"), node.field("alternative")]
                .into_iter()
                .flatten()
                .all(|it| self.is_text(it)),
            "call_expression" => {
                const GIVE_TEXT: &[&str] = &[
                    "toString",
                    "toISOString",
                    "toUTCString",
                    "toFixed",
                    "join",
                    "stringify",
                    "serialize",
                    "String",
                ];
                let callee = node.field("function").map_or("", |it| self.of(it));
                callee.rsplit('.').next().is_some_and(|name| GIVE_TEXT.contains(&name))
            }
            "member_expression" => {
                node.field("property").is_some_and(|it| matches!(self.of(it), "message" | "href"))
            }
            _ => false,
        }
    }
}

/// The statements right in front of an answer that prepare it and nothing else, first one first.
fn in_front<'a>(chain: &Chain<'a>, seat: &Seat<'a>, prepares: &[Chain<'a>]) -> Vec<usize> {
    let (Seat::Given(statement) | Seat::Statement(statement)) = seat else { return Vec::new() };
    if statement.named_child(0) != Some(chain.whole) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut before = statement.prev_named_sibling();
    while let Some(statement) = before {
        let own = prepares.iter().position(|it| it.whole.parent() == Some(statement));
        let Some(number) = own.filter(|_| statement.kind() == "expression_statement") else { break };
        found.insert(0, number);
        before = statement.prev_named_sibling();
    }
    found
}

/// The cookies of a list that is written out.
pub(super) fn cookies_of<'a>(header: Header<'a>) -> Outcome<Vec<Node<'a>>> {
    let items: Vec<Node<'a>> = header.value.named_children().collect();
    if items.iter().any(|it| it.kind() == "spread_element") {
        let reason = "How many cookies these are is not known: append them one by one.";
        return Err(Trouble::new(header.value, reason));
    }
    Ok(items)
}

/// Headers that all answers of a function get.
pub(super) struct Shared<'a> {
    pub(super) name: String,
    pub(super) headers: Vec<Header<'a>>,
    /// Where the first of them is set.
    pub(super) from: usize,
}
