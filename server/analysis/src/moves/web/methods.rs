//! One exported function for each method that a converted handler asks for.

use std::collections::BTreeSet;

use super::calls::request_parameter;
use super::cut::{Cut, Wanted, is_subject, listed, unquoted};
use super::flow::flow;
use super::{Outcome, Trouble, Web};
use crate::document::Document;
use crate::fix::code::{Code, ancestors, each, is_written, scope_of};
use crate::form;
use crate::path::FilePath;
use crate::project::METHODS;
use crate::syntax::Node;
use crate::text::Span;

/// The functions that take the place of a handler.
pub(in crate::moves) struct Exported {
    pub(in crate::moves) text: String,
    /// Where the handler stands in the converted text.
    pub(in crate::moves) handler: Span,
    /// Other methods got no answer at all.
    pub(in crate::moves) unanswered: bool,
}

/// Functions longer than this in sum, measured by the handler's lines, say the same too often.
const LONGER: usize = 2;

struct Handler<'h, 'c, 'a> {
    web: &'h Web<'c, 'a>,
    code: &'h Code<'h>,
    function: Node<'h>,
    subjects: Vec<String>,
    typed: bool,
}

/// The functions of a handler; `converted` is the text of [`Web::finish`].
pub(in crate::moves) fn exported(web: &Web<'_, '_>, converted: &Document, at: u32) -> Outcome<Exported> {
    let handler = web.functions[0].node;
    let broken = || Trouble::new(handler, "The handler cannot be rewritten without an error in it.");
    let code = Code::new(converted).filter(|code| !code.root.has_error()).ok_or_else(broken)?;
    let leaf = code.root.descendant_for_byte_range(at as usize, at as usize + 1).ok_or_else(broken)?;
    let function = ancestors(leaf)
        .filter(|node| form::is_function(*node))
        .find(|node| node.start_byte() as u32 == at)
        .ok_or_else(broken)?;
    let typed = form::parameters(handler).iter().any(|it| it.field("type").is_some())
        || matches!(web.code.document.path().extension(), "ts" | "tsx");
    let subjects = subjects(&code, function, web.request_name());
    let it = Handler { web, code: &code, function, subjects, typed };
    it.exported()
}

/// Expressions that are the method.
fn subjects(code: &Code<'_>, function: Node<'_>, request: &str) -> Vec<String> {
    let mut out = vec![format!("{request}.method")];
    let Some(body) = function.field("body") else { return out };
    for statement in body.named_children() {
        let declarator = crate::fix::code::only_declarator(statement);
        let (Some(name), Some(value)) =
            (declarator.and_then(|it| it.field("name")), declarator.and_then(|it| it.field("value")))
        else {
            continue;
        };
        let (name, value) = (code.of(name), code.of(value));
        if value == out[0] {
            out.push(name.to_owned());
        } else if value == request {
            let inner = name.trim_matches(['{', '}', ' ']);
            let alias = inner.split(',').map(str::trim).find_map(|it| it.strip_prefix("method"));
            if let Some(rest) = alias.filter(|it| it.is_empty() || it.starts_with(':')) {
                let alias = rest.trim_start_matches([':', ' ']);
                out.push(if alias.is_empty() { "method".to_owned() } else { alias.to_owned() });
            }
        }
    }
    // A name that means something else further in, or later, says nothing of the method.
    let lasting = |name: &String| {
        let places = code.occurrences(body, name);
        places.iter().filter(|it| scope_of(**it).is_some()).count() == 1
            && !places.iter().any(|it| is_written(*it))
    };
    let request = out.remove(0);
    out.retain(lasting);
    out.insert(0, request);
    out
}

impl<'h> Handler<'h, '_, '_> {
    fn exported(&self) -> Outcome<Exported> {
        let handler = self.whole();
        if let Some(method) = self.web.only {
            return Ok(Exported { text: self.single(method)?, handler, unanswered: false });
        }
        let asked = self.asked();
        let (text, unanswered) = match self.split(&asked)? {
            Some(split) if !asked.is_empty() => split,
            _ => self.together(&asked)?,
        };
        Ok(Exported { text, handler, unanswered })
    }

    /// The handler's statement, or as much of it as is the function.
    fn whole(&self) -> Span {
        let statement = self.code.top_level(self.function).unwrap_or(self.function);
        self.code.span(statement)
    }

    /// The methods that the handler asks for.
    fn asked(&self) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        let Some(body) = self.function.field("body") else { return found };
        let mut note = |text: &str| found.extend(METHODS.iter().copied().find(|it| *it == text));
        each(body, |node| {
            match node.kind() {
                "binary_expression" => {
                    if let (Some(left), Some(right)) = (node.field("left"), node.field("right")) {
                        let (subject, text) =
                            if left.kind() == "string" { (right, left) } else { (left, right) };
                        if text.kind() == "string" && is_subject(self.code, &self.subjects, subject) {
                            note(unquoted(self.code.of(text)));
                        }
                    }
                }
                "call_expression" => {
                    for method in listed(self.code, &self.subjects, node).into_iter().flatten() {
                        note(method);
                    }
                }
                "switch_case" => {
                    let switch = ancestors(node).find(|it| it.kind() == "switch_statement");
                    let value = switch.and_then(|it| it.field("value"));
                    if value.is_some_and(|it| is_subject(self.code, &self.subjects, it))
                        && let Some(text) = node.field("value").filter(|it| it.kind() == "string")
                    {
                        note(unquoted(self.code.of(text)));
                    }
                }
                _ => {}
            }
            true
        });
        found
    }

    /// A function for each method, and one for all others. `None` where that cannot be told, or would say the same
    /// too often.
    fn split(&self, asked: &BTreeSet<&'static str>) -> Outcome<Option<(String, bool)>> {
        let Some(body) = self.function.field("body").filter(|it| it.kind() == "statement_block") else {
            return Ok(None);
        };
        let mut groups: Vec<(Vec<&str>, Part)> = Vec::new();
        for method in METHODS.iter().filter(|it| asked.contains(*it)) {
            let Some(part) = self.part(body, Wanted::Method(method)) else { return Ok(None) };
            if part.repeats {
                return Ok(None);
            }
            if part.open {
                let reason = format!("Some way through the handler sends no answer to {method}: send one.");
                return Err(Trouble::new(self.web.functions[0].node, reason));
            }
            match groups.iter_mut().find(|(_, known)| known.text == part.text) {
                Some((methods, _)) => methods.push(method),
                None => groups.push((vec![method], part)),
            }
        }
        let Some(rest) = self.part(body, Wanted::Other) else { return Ok(None) };
        let unanswered = rest.open;
        if rest.repeats {
            return Ok(None);
        }
        let lines: usize = groups.iter().map(|(_, part)| part.text.lines().count()).sum();
        if lines > self.code.of(body).lines().count() * LONGER + 10 {
            return Ok(None);
        }
        let newline = self.web.style.newline;
        let mut texts = Vec::new();
        for (methods, part) in &groups {
            texts.push(self.function_text("export ", methods[0], part));
            if methods.len() > 1 {
                texts.push(self.names(methods[0], &methods[1..]));
            }
        }
        if !unanswered {
            let name = if rest.text.contains("405") { "notAllowed" } else { "other" };
            let Some(name) = self.code.free_name(name) else { return Ok(None) };
            let others: Vec<&str> = METHODS.iter().copied().filter(|it| !asked.contains(it)).collect();
            if !others.is_empty() {
                texts.push(
                    self.function_text("", &name, &rest) + newline + newline + &self.names(&name, &others),
                );
            }
        }
        Ok(Some((texts.join(&format!("{newline}{newline}")), unanswered)))
    }

    /// The function of the one method that the handler is asked by.
    fn single(&self, method: &str) -> Outcome<String> {
        let node = self.web.functions[0].node;
        let body = self.function.field("body");
        let part = match body.filter(|it| it.kind() == "statement_block") {
            Some(body) => self.part(body, Wanted::Method(method)),
            None => body.and_then(|body| {
                let style = self.web.style;
                let text =
                    format!("{}return {}{}{}", style.indent, self.code.of(body), style.semi, style.newline);
                self.completed(&text)
            }),
        };
        match part {
            Some(part) if !part.open && !part.repeats => Ok(self.function_text("export ", method, &part)),
            Some(_) => Err(Trouble::new(node, "Some way through the handler sends no answer: send one.")),
            None => Err(Trouble::new(node, "The handler is empty.")),
        }
    }

    /// One function for all methods.
    fn together(&self, asked: &BTreeSet<&'static str>) -> Outcome<(String, bool)> {
        let Some(body) = self.function.field("body") else { return Ok((String::new(), false)) };
        let part = if body.kind() == "statement_block" {
            Cut::new(self.code, &[], Wanted::Other).body(body, self.web.style.indent)
        } else {
            let style = self.web.style;
            Some(format!("{}return {}{}{}", style.indent, self.code.of(body), style.semi, style.newline))
        };
        let node = self.web.functions[0].node;
        let part = part
            .and_then(|text| self.completed(&text))
            .ok_or_else(|| Trouble::new(node, "The handler is empty."))?;
        // Methods that are not asked for may be left without an answer.
        let rest = self.function.field("body").and_then(|it| self.part(it, Wanted::Other));
        let unanswered = rest.is_some_and(|it| it.open) && !asked.is_empty();
        if part.open && !unanswered {
            return Err(Trouble::new(node, "Some way through the handler sends no answer: send one."));
        }
        if unanswered {
            for method in asked {
                let open = self.function.field("body").and_then(|it| self.part(it, Wanted::Method(method)));
                if open.is_none_or(|it| it.open) {
                    let reason =
                        format!("Some way through the handler sends no answer to {method}: send one.");
                    return Err(Trouble::new(node, reason));
                }
            }
        }
        let own = self.function.field("name").map_or("handler", |it| self.code.of(it));
        let methods: Vec<&str> =
            METHODS.iter().copied().filter(|it| !unanswered || asked.contains(it)).collect();
        let newline = self.web.style.newline;
        let text = self.function_text("", own, &part) + newline + newline + &self.names(own, &methods);
        Ok((text, unanswered))
    }

    /// `export { handler as GET, … }`.
    fn names(&self, name: &str, methods: &[&str]) -> String {
        let style = self.web.style;
        let names: Vec<String> = methods.iter().map(|method| format!("{name} as {method}")).collect();
        let line = format!("export {}{}", style.braces(&names.join(", ")), style.semi);
        if line.len() <= 100 {
            return line;
        }
        let members: String =
            names.iter().flat_map(|name| [style.indent, name, ",", style.newline]).collect();
        format!("export {{{}{members}}}{}", style.newline, style.semi)
    }

    /// The body for a method.
    fn part(&self, body: Node<'h>, wanted: Wanted<'_>) -> Option<Part> {
        let text = Cut::new(self.code, &self.subjects, wanted).body(body, self.web.style.indent)?;
        self.completed(&text)
    }

    /// A body with what it builds on.
    fn completed(&self, body: &str) -> Option<Part> {
        let style = self.web.style;
        let (request, params) = (self.web.request_name(), self.web.params_name());
        let body = &without_unread(body, request, params, self.code.document.path())?;
        let document = wrapped(body, self.code.document.path());
        let code = Code::new(&document)?;
        let function = code.root.named_child(0)?;
        let inner = function.field("body")?;
        if function.has_error() {
            return None;
        }
        let mut text = String::new();
        for head in &self.web.functions[0].heads {
            if !code.occurrences(inner, &head.name).is_empty() {
                text.extend(head.lines.iter().map(|line| format!("{}{line}{}", style.indent, style.newline)));
            }
        }
        if !text.is_empty() && inner.named_child_count() > 3 {
            text.push_str(style.newline);
        }
        let ends = flow(inner, document.text());
        let repeats = repeats(&code, inner);
        text.push_str(body);
        Some(Part { text, open: ends.falls || ends.bare, repeats })
    }

    /// A function of the web.
    fn function_text(&self, export: &str, name: &str, part: &Part) -> String {
        let newline = self.web.style.newline;
        let document = wrapped(&part.text, self.code.document.path());
        let used = |name: &str| Code::new(&document).is_some_and(|code| code.mentions(name));
        let request = self.web.request_name();
        let name_of_params = self.web.params_name();
        let params = used(name_of_params);
        let mut list = Vec::new();
        if used(request) {
            list.push(request_parameter(request, self.typed));
        } else if params {
            list.push(request_parameter(&format!("_{request}"), self.typed));
        }
        if params {
            let inner = if name_of_params == "params" {
                "params".to_owned()
            } else {
                format!("params: {name_of_params}")
            };
            let names = self.web.style.braces(&inner);
            list.push(if self.typed {
                format!("{names}: {}", self.web.style.braces(&format!("params: {}", self.web.params_type())))
            } else {
                names
            });
        }
        let waits = if part.text.contains("await ") { "async " } else { "" };
        let list = list.join(", ");
        format!("{export}{waits}function {name}({list}) {{{newline}{}}}", part.text)
    }
}

/// The body of a function.
struct Part {
    text: String,
    /// Some way through it ends without an answer.
    open: bool,
    /// A name is declared twice.
    repeats: bool,
}

/// A body as a document of its own.
fn wrapped(body: &str, like: &FilePath) -> Document {
    Document::new(
        FilePath::new(&format!("/body.{}", like.extension())),
        0,
        format!("async function f() {{\n{body}}}\n"),
    )
}

/// Whether a name is declared twice in a block.
fn repeats(code: &Code<'_>, block: Node<'_>) -> bool {
    let mut seen = BTreeSet::new();
    let mut twice = false;
    each(block, |node| {
        let is_name = matches!(node.kind(), "identifier" | "shorthand_property_identifier_pattern");
        if is_name && scope_of(node) == Some(block) {
            twice |= !seen.insert(code.of(node));
        }
        true
    });
    twice
}

/// The body without what is read of the request for nobody: `const { method } = req` where no method is asked for any
/// more. One such variable may be there for another, so that it is done until nothing changes.
fn without_unread(body: &str, request: &str, params: &str, like: &FilePath) -> Option<String> {
    let mut body = body.to_owned();
    loop {
        let document = wrapped(&body, like);
        let code = Code::new(&document)?;
        let block = code.root.named_child(0)?.field("body")?;
        let unread = block.named_children().find(|it| is_unread(&code, block, *it, request, params));
        let Some(statement) = unread else { return Some(body) };
        let head = code.line(block.start_byte() as u32).end as usize + 1;
        let (start, end) = (code.line(statement.start_byte() as u32).start as usize, code.end(statement));
        let end = code.next_line(end) as usize;
        let rest = body.split_off(end - head);
        body.truncate(start - head);
        if body.trim().is_empty() {
            body.clear();
            body.push_str(rest.trim_start_matches(['\r', '\n']));
        } else {
            body.push_str(&rest);
        }
    }
}

/// Whether a statement does nothing but read of the request what nobody uses.
fn is_unread(code: &Code<'_>, block: Node<'_>, statement: Node<'_>, request: &str, params: &str) -> bool {
    let declarator = crate::fix::code::only_declarator(statement);
    let (Some(pattern), Some(value)) =
        (declarator.and_then(|it| it.field("name")), declarator.and_then(|it| it.field("value")))
    else {
        return false;
    };
    let value = code.of(value).trim_start_matches('(');
    let reads = value == request
        || value.starts_with(&format!("await {params}"))
        || value.starts_with(&format!("{params}."))
        || value == params
        || value.starts_with("readQuery(")
        || ["method", "nextUrl.searchParams.get(", "headers.get(", "cookies.get("]
            .iter()
            .any(|it| value.starts_with(&format!("{request}.{it}")));
    let mut names = Vec::new();
    each(pattern, |node| {
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier_pattern") {
            names.push(code.of(node));
        }
        true
    });
    let alone =
        code.starts_line(statement.start_byte() as u32) && code.line_end(code.end(statement)).is_some();
    reads && alone && !names.is_empty() && names.iter().all(|name| code.occurrences(block, name).len() == 1)
}
