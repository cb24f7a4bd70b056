//! API routes of the Pages Router that leave a request open: the answer that is missing is added.

use super::answers::{is_own, leaving};
use super::code::{Code, ancestors, each};
use super::edits;
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};

/// Adds the answers that are missing: 405 for other methods, 500 where a failure is caught and forgotten. Nothing
/// where some way through the handler would still end without one.
pub(super) fn answer_rest(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("function")?;
    let span = captures.iter().find(|(name, _)| *name == "function").map(|(_, span)| *span)?;
    let function = code.node(span)?;
    let first = form::parameters(function).first().copied()?;
    let request = first.field("pattern").unwrap_or(first);
    let rest = Rest {
        code: &code,
        function,
        body: function.field("body")?,
        request: code.of(request),
        response: response(&code, function)?,
    };
    let methods = rest.other_methods();
    let mut out: Vec<Edit> = methods.iter().flatten().cloned().collect();
    let failures = rest.failures();
    let returned = rest.returned();
    let mut said = Vec::new();
    let mut safety = Safety::Safe;
    if methods.is_some() {
        said.push("other methods with 405");
    }
    if !failures.is_empty() {
        said.push("a failure with 500");
        safety = Safety::Unsafe;
    }
    if !returned.is_empty() {
        said.push("with what is returned");
        safety = Safety::Unsafe;
    }
    out.extend(failures);
    out.extend(returned);
    if out.is_empty() || !answers_now(&code, function, &out) {
        return None;
    }
    edits::fix(format!("Answer {}", said.join(" and ")), safety, out, &[offer.document])
}

/// The name of a function's second parameter.
pub(super) fn response<'a>(code: &Code<'a>, function: Node<'a>) -> Option<&'a str> {
    let second = form::parameters(function).get(1).copied()?;
    let pattern = second.field("pattern").unwrap_or(second);
    (pattern.kind() == "identifier").then(|| code.of(pattern))
}

/// Whether every way through the function answers when the edits are made, all of them inside it.
fn answers_now(code: &Code<'_>, function: Node<'_>, edits: &[Edit]) -> bool {
    let mut edits = edits.to_vec();
    edits.sort();
    let document = code.document.edited(&edits);
    let Some(root) = document.root() else { return false };
    let start = function.start_byte();
    let leaf = root.descendant_for_byte_range(start, start + 1);
    let again = leaf.and_then(|leaf| {
        ancestors(leaf).find(|node| node.start_byte() == start && node.kind() == function.kind())
    });
    again.is_some_and(|function| {
        !function.has_error() && form::leaves_open(function, document.text()).is_none()
    })
}

struct Rest<'r, 'a> {
    code: &'r Code<'a>,
    function: Node<'a>,
    body: Node<'a>,
    request: &'a str,
    response: &'a str,
}

impl<'a> Rest<'_, 'a> {
    fn mentions_response(&self, node: Node<'a>) -> bool {
        !self.code.occurrences(node, self.response).is_empty()
    }

    /// Edits that answer the methods that the handler does not ask for.
    fn other_methods(&self) -> Option<Vec<Edit>> {
        let statements: Vec<Node<'a>> =
            self.body.named_children().filter(|node| node.kind() != "comment").collect();
        let (last, before) = statements.split_last()?;
        let mut allowed = Vec::new();
        for statement in before {
            let consequence = statement.field("consequence");
            let condition = statement.field("condition");
            let tested = condition.and_then(|it| self.methods(it, false));
            let falls = form::ends(*statement, self.code.text).falls;
            if let (Some(methods), Some(consequence)) = (tested, consequence) {
                // It would be answered twice.
                if form::ends(consequence, self.code.text).falls {
                    return None;
                }
                allowed.extend(methods);
                if statement.field("alternative").is_some() {
                    return None;
                }
                continue;
            }
            // `if (req.method !== "POST") return;`
            if let Some(edits) = self.guard(*statement) {
                return Some(edits);
            }
            if self.mentions_response(*statement) && falls && !self.prepares(*statement) {
                return None;
            }
        }
        if let Some(edits) = self.guard(*last) {
            return Some(edits);
        }
        match last.kind() {
            "if_statement" => self.otherwise(*last, allowed),
            "switch_statement" => self.default(*last, allowed),
            _ => None,
        }
    }

    fn prepares(&self, statement: Node<'a>) -> bool {
        self.code.of(statement).starts_with(&format!("{}.setHeader(", self.response))
    }

    /// The methods that a condition lets through, or with `negated` those that it keeps.
    fn methods(&self, condition: Node<'a>, negated: bool) -> Option<Vec<&'a str>> {
        let condition = form::without_wrapping(condition);
        let field = |name: &str| condition.field(name);
        let operator = field("operator").filter(|_| condition.kind() == "binary_expression")?.kind();
        let (left, right) = (field("left")?, field("right")?);
        match (operator, negated) {
            ("||", false) | ("&&", true) => {
                let mut all = self.methods(left, negated)?;
                all.extend(self.methods(right, negated)?);
                Some(all)
            }
            ("===" | "==", false) | ("!==" | "!=", true) => {
                let (subject, text) = if left.kind() == "string" { (right, left) } else { (left, right) };
                let is_text = text.kind() == "string" && self.is_method(subject);
                is_text.then(|| vec![self.code.of(text).trim_matches(['"', '\''])])
            }
            _ => None,
        }
    }

    /// `req.method`, or `method` of `const { method } = req`.
    fn is_method(&self, node: Node<'a>) -> bool {
        let text = self.code.of(node);
        if text == format!("{}.method", self.request) {
            return true;
        }
        let mut taken = false;
        each(self.body, |it| {
            let field = |name: &str| it.field(name).map_or("", |it| self.code.of(it));
            taken |= it.kind() == "variable_declarator"
                && field("value") == self.request
                && field("name").starts_with('{')
                && field("name").trim_matches(['{', '}']).split(',').any(|key| key.trim() == "method");
            !taken
        });
        text == "method" && taken
    }

    /// The statements that answer 405, for the methods that are answered otherwise.
    fn refusal(&self, allowed: &[&str]) -> Option<Vec<String>> {
        let style = self.code.style();
        let mut known: Vec<String> = Vec::new();
        for method in allowed {
            let quoted = style.string(method);
            if !known.contains(&quoted) {
                known.push(quoted);
            }
        }
        let list = match known.as_slice() {
            [] => return None,
            [only] => only.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let (response, semi) = (self.response, style.semi);
        Some(vec![
            format!("{response}.setHeader({}, {list}){semi}", style.string("Allow")),
            format!("{response}.status(405).end(){semi}"),
        ])
    }

    fn lines(&self, lines: &[String], indent: &str) -> String {
        let newline = self.code.style().newline;
        lines.iter().flat_map(|line| [newline, indent, line]).collect()
    }

    /// `if (req.method !== "POST") return;`, which leaves without an answer.
    fn guard(&self, statement: Node<'a>) -> Option<Vec<Edit>> {
        if statement.kind() != "if_statement" || statement.field("alternative").is_some() {
            return None;
        }
        let allowed = self.methods(statement.field("condition")?, true)?;
        let consequence = statement.field("consequence")?;
        let only = match consequence.kind() {
            "statement_block" if consequence.named_child_count() == 1 => consequence.named_child(0)?,
            _ => consequence,
        };
        if only.kind() != "return_statement" || only.named_child_count() > 0 {
            return None;
        }
        let style = self.code.style();
        let start = statement.start_byte() as u32;
        let outer = self.code.indent(start);
        let inner = format!("{outer}{}", style.indent);
        let mut lines = self.refusal(&allowed)?;
        lines.push(format!("return{}", style.semi));
        let text = format!("{{{}{}{outer}}}", self.lines(&lines, &inner), style.newline);
        Some(vec![edits::replace(self.code, syntax::span(consequence), text)])
    }

    /// The last `else` of a chain of methods, or what follows it.
    fn otherwise(&self, statement: Node<'a>, mut allowed: Vec<&'a str>) -> Option<Vec<Edit>> {
        let style = self.code.style();
        let mut at = statement;
        let mut falls = false;
        let last = loop {
            allowed.extend(self.methods(at.field("condition")?, false)?);
            let consequence = at.field("consequence")?;
            falls |= form::ends(consequence, self.code.text).falls;
            match at.field("alternative") {
                Some(other) => at = other.named_child(0).filter(|it| it.kind() == "if_statement")?,
                None => break consequence,
            }
        };
        let outer = self.code.indent(statement.start_byte() as u32);
        let lines = self.refusal(&allowed)?;
        if !falls {
            let end = self.code.line_end(self.code.end(statement))?;
            return Some(vec![edits::insert(self.code, end, self.lines(&lines, outer))]);
        }
        if last.kind() != "statement_block" {
            return None;
        }
        let inner = format!("{outer}{}", style.indent);
        let text = format!(" else {{{}{}{outer}}}", self.lines(&lines, &inner), style.newline);
        Some(vec![edits::insert(self.code, last.end_byte() as u32, text)])
    }

    /// The `default` of a `switch` over the method.
    fn default(&self, statement: Node<'a>, mut allowed: Vec<&'a str>) -> Option<Vec<Edit>> {
        let style = self.code.style();
        if !self.is_method(form::without_wrapping(statement.field("value")?)) {
            return None;
        }
        let body = statement.field("body")?;
        let cases: Vec<Node<'a>> = body.named_children().filter(|it| it.kind() != "comment").collect();
        for case in &cases {
            let value = case.field("value").filter(|it| it.kind() == "string")?;
            allowed.push(self.code.of(value).trim_matches(['"', '\'']));
        }
        let last = *cases.last()?;
        let close = body.end_byte() as u32 - 1;
        let start = last.start_byte() as u32;
        if !self.code.starts_line(close) || !self.code.starts_line(start) {
            return None;
        }
        let outer = self.code.indent(start);
        let inner = format!("{outer}{}", style.indent);
        let value = last.field("value");
        let mut statements = last.named_children().filter(|it| Some(*it) != value);
        let mut text = String::new();
        // Else the default would answer a second time.
        if statements.all(|it| form::ends(it, self.code.text).falls) {
            text.extend([inner.as_str(), "break", style.semi, style.newline]);
        }
        let mut lines = vec![format!("{outer}default:")];
        lines.extend(self.refusal(&allowed)?.into_iter().map(|line| format!("{inner}{line}")));
        for line in lines {
            text.extend([line.as_str(), style.newline]);
        }
        Some(vec![edits::insert(self.code, self.code.line(close).start, text)])
    }

    /// Edits that answer where a failure is caught at the end and not answered.
    fn failures(&self) -> Vec<Edit> {
        let mut out = Vec::new();
        each(self.body, |node| {
            if node.kind() == "try_statement" && is_own(self.function, node) {
                out.extend(self.failure(node));
            }
            !form::is_function(node)
        });
        out
    }

    fn failure(&self, whole: Node<'a>) -> Option<Edit> {
        let style = self.code.style();
        leaving(self.function, whole).filter(Vec::is_empty)?;
        let block = whole.field("handler")?.field("body")?;
        let last = block.named_child(block.named_child_count().checked_sub(1)?)?;
        let answered = self.mentions_response(block) || !form::ends(block, self.code.text).falls;
        let tried = self.mentions_response(whole.field("body")?);
        let start = last.start_byte() as u32;
        if answered || !tried || whole.field("finalizer").is_some() || !self.code.starts_line(start) {
            return None;
        }
        let line = format!("{}.status(500).end(){}", self.response, style.semi);
        let end = self.code.line_end(self.code.end(last))?;
        Some(edits::insert(self.code, end, self.lines(&[line], self.code.indent(start))))
    }

    /// `return { ok: true }`, which nobody sends.
    fn returned(&self) -> Vec<Edit> {
        let mut out = Vec::new();
        each(self.body, |node| {
            let value = node.named_child(0).filter(|_| node.kind() == "return_statement");
            if let Some(value) = value.filter(|it| matches!(it.kind(), "object" | "array"))
                && is_own(self.function, node)
            {
                let text = format!("{}.json({})", self.response, self.code.of(value));
                out.push(edits::replace(self.code, syntax::span(value), text));
            }
            !form::is_function(node)
        });
        out
    }
}
