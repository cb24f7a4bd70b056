//! Answers in the manner of Node.js, `res.status(201).json(user)`, read and written as the responses of the web.

use super::code::{Code, ancestors};
use super::{edits, statements};
use crate::finding::Edit;
use crate::form;
use crate::syntax::{self, Node};
use crate::text::Span;

/// What a chain of calls on a response does.
pub(super) struct Answer<'a> {
    /// The whole chain.
    pub(super) call: Node<'a>,
    status: Option<&'a str>,
    /// Names and values, as they are written.
    headers: Vec<(&'a str, String)>,
    pub(super) sent: Sent<'a>,
}

/// What an answer sends.
pub(super) enum Sent<'a> {
    /// Nothing yet: `res.setHeader("Allow", "GET")`.
    Headers,
    Json(Node<'a>),
    Text(Node<'a>),
    /// No body.
    Nothing,
    /// To a path of the same host.
    Path(Node<'a>),
    /// To a whole URL.
    Url(Node<'a>),
}

/// An expression with a part of the old one in it, which stays as it is: other edits may change it.
pub(super) struct Value<'a> {
    before: String,
    kept: Option<Node<'a>>,
    after: String,
}

impl Value<'_> {
    /// An expression with nothing of the old one.
    pub(super) fn new(text: String) -> Self {
        Self { before: text, kept: None, after: String::new() }
    }

    /// Edits that put it in the place of `call`.
    fn edits(&self, code: &Code<'_>, call: Node<'_>, word: &str) -> Vec<Edit> {
        let (whole, before) = (syntax::span(call), format!("{word}{}", self.before));
        let Some(kept) = self.kept.map(syntax::span) else {
            return vec![edits::replace(code, whole, before)];
        };
        vec![
            edits::replace(code, Span::new(whole.start, kept.start), before),
            edits::replace(code, Span::new(kept.end, whole.end), self.after.clone()),
        ]
    }
}

/// Reads the chain that begins with `response`. `None` where a part of it is not known.
pub(super) fn read<'a>(code: &Code<'a>, response: Node<'a>) -> Option<Answer<'a>> {
    let mut found = Answer { call: response, status: None, headers: Vec::new(), sent: Sent::Headers };
    loop {
        let object = found.call;
        let member = object
            .parent()
            .filter(|node| node.kind() == "member_expression" && node.field("object") == Some(object));
        let Some(member) = member else {
            // A status alone says nothing of the answer that follows.
            return (found.status.is_none() && !found.headers.is_empty()).then_some(found);
        };
        let call = member
            .parent()
            .filter(|node| node.kind() == "call_expression" && node.field("function") == Some(member))?;
        let list = call.field("arguments")?;
        let nodes: Vec<Node<'a>> = list.named_children().collect();
        let arguments: Vec<&'a str> = nodes.iter().map(|node| code.of(*node)).collect();
        found.call = call;
        found.sent = match (code.of(member.field("property")?), arguments.as_slice()) {
            ("status", [status]) if found.status.is_none() => {
                found.status = Some(*status);
                continue;
            }
            ("setHeader" | "set" | "header", [name, _]) if is_text(nodes[0]) => {
                found.headers.push((*name, header_value(code, name, nodes[1])?));
                continue;
            }
            ("json", [_]) if !found.is_empty_status() => Sent::Json(nodes[0]),
            ("send", [_]) if matches!(nodes[0].kind(), "object" | "array") => Sent::Json(nodes[0]),
            ("send" | "end", [_]) if is_text(nodes[0]) && !found.is_empty_status() => Sent::Text(nodes[0]),
            ("send" | "end", []) => Sent::Nothing,
            ("sendStatus", [status]) if found.status.is_none() => {
                found.status = Some(*status);
                Sent::Nothing
            }
            ("redirect", [_]) if found.status.is_none() => target(code, nodes[0])?,
            ("redirect", [status, _]) if found.status.is_none() => {
                found.status = Some(*status);
                target(code, nodes[1])?
            }
            _ => return None,
        };
        return Some(found);
    }
}

impl<'a> Answer<'a> {
    /// Whether the status is one of those that go without a body.
    fn is_empty_status(&self) -> bool {
        matches!(self.status, Some("204" | "205" | "304"))
    }

    /// Statements that set the answer's headers on `headers`, without their ends.
    pub(super) fn set_on(&self, headers: &str) -> Vec<String> {
        self.headers.iter().map(|(name, value)| format!("{headers}.set({name}, {value})")).collect()
    }

    /// The answer as an expression that makes a response of `class`. `shared` names the headers that the function
    /// sets elsewhere.
    pub(super) fn written(
        &self,
        code: &Code<'_>,
        class: &str,
        request: &str,
        shared: Option<&str>,
    ) -> Option<Value<'a>> {
        let style = code.style();
        let mut init: Vec<String> = Vec::new();
        init.extend(self.status.map(|status| format!("status: {status}")));
        match shared {
            Some(_) if !self.headers.is_empty() => return None,
            Some("headers") => init.push("headers".to_owned()),
            Some(name) => init.push(format!("headers: {name}")),
            None if self.headers.is_empty() => {}
            None => {
                let pairs: Vec<String> =
                    self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                init.push(format!("headers: {}", style.braces(&pairs.join(", "))));
            }
        }
        let init =
            if init.is_empty() { String::new() } else { format!(", {}", style.braces(&init.join(", "))) };
        let status = self.status.map(|status| format!(", {status}")).unwrap_or_default();
        let bare = shared.is_none() && self.headers.is_empty();
        let (before, kept, after) = match self.sent {
            Sent::Headers => return None,
            Sent::Json(body) => (format!("{class}.json("), Some(body), format!("{init})")),
            Sent::Text(body) => (format!("new {class}("), Some(body), format!("{init})")),
            Sent::Nothing => (format!("new {class}(null{init})"), None, String::new()),
            // The class takes no headers here.
            Sent::Path(_) | Sent::Url(_) if !bare => return None,
            Sent::Path(to) => {
                (format!("{class}.redirect(new URL("), Some(to), format!(", {request}.url){status})"))
            }
            Sent::Url(to) => (format!("{class}.redirect("), Some(to), format!("{status})")),
        };
        Some(Value { before, kept, after })
    }
}

fn is_text(node: Node<'_>) -> bool {
    matches!(node.kind(), "string" | "template_string")
}

fn target<'a>(code: &Code<'a>, node: Node<'a>) -> Option<Sent<'a>> {
    let inner = code.of(node).get(1..).filter(|_| is_text(node))?;
    if inner.starts_with('/') {
        return Some(Sent::Path(node));
    }
    (inner.starts_with("https://") || inner.starts_with("http://")).then_some(Sent::Url(node))
}

/// A header's value as one text. Several cookies are several headers.
fn header_value(code: &Code<'_>, name: &str, value: Node<'_>) -> Option<String> {
    if is_text(value) {
        return Some(code.of(value).to_owned());
    }
    if value.kind() != "array" || name.to_lowercase().contains("cookie") {
        return None;
    }
    let texts: Option<Vec<&str>> = value
        .named_children()
        .map(|item| (item.kind() == "string").then(|| code.of(item).trim_matches(['"', '\''])))
        .collect();
    Some(code.style().string(&texts?.join(", ")))
}

/// Edits that make a `return` of a call whose answer was written, and the `return` or `break` behind it go. `None`
/// where code follows that would not run any more.
pub(super) fn returned(
    code: &Code<'_>,
    function: Node<'_>,
    call: Node<'_>,
    value: &Value<'_>,
) -> Option<Vec<Edit>> {
    let parent = call.parent()?;
    match parent.kind() {
        "return_statement" => Some(value.edits(code, call, "")),
        // `(req, res) => res.send("x")`.
        "arrow_function" if parent == function => Some(value.edits(code, call, "")),
        "expression_statement" => {
            let mut out = value.edits(code, call, "return ");
            for gone in leaving(function, parent)? {
                out.push(edits::delete(code, statements::whole_lines(code, gone)));
            }
            Some(out)
        }
        _ => None,
    }
}

/// What `break` leaves.
const LEFT_BY_BREAK: &[&str] =
    &["switch_statement", "for_statement", "for_in_statement", "while_statement", "do_statement"];

/// What of the function runs after a statement: nothing but the `return` or the `break`s that are given. `None` where
/// anything else may.
pub(crate) fn leaving<'a>(function: Node<'a>, statement: Node<'a>) -> Option<Vec<Node<'a>>> {
    let mut gone = Vec::new();
    let mut at = statement;
    loop {
        let mut next = at.next_named_sibling();
        while let Some(comment) = next.filter(|node| node.kind() == "comment") {
            next = comment.next_named_sibling();
        }
        let parent = at.parent()?;
        if let Some(next) = next {
            let bare = next.named_child_count() == 0;
            match next.kind() {
                "return_statement" if bare && parent == statement.parent()? => {
                    gone.push(next);
                    return Some(gone);
                }
                "return_statement" if bare => return Some(gone),
                "break_statement" if bare => {
                    // Out of a `switch`; a loop would go on behind it.
                    let left = ancestors(parent).find(|node| LEFT_BY_BREAK.contains(&node.kind()))?;
                    if left.kind() != "switch_statement" {
                        return None;
                    }
                    if parent == statement.parent()? {
                        gone.push(next);
                    }
                    at = left;
                    continue;
                }
                "else_clause" | "catch_clause" => {}
                // A `finally` among them.
                _ => return None,
            }
        }
        at = match parent.kind() {
            "statement_block" if parent.parent() == Some(function) => return Some(gone),
            "statement_block" | "else_clause" | "catch_clause" | "if_statement" | "try_statement" => parent,
            // The next case would run.
            "switch_case" | "switch_default" if parent.next_named_sibling().is_none() => {
                ancestors(parent).find(|node| node.kind() == "switch_statement")?
            }
            _ => return None,
        };
    }
}

/// Whether a place belongs to a function itself: a `return` there returns from it.
pub(super) fn is_own(function: Node<'_>, place: Node<'_>) -> bool {
    ancestors(place).skip(1).find(|node| form::is_function(*node)) == Some(function)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::fix::code::each;
    use crate::path::FilePath;

    fn written(text: &str) -> Option<String> {
        let document = Document::new(FilePath::new("/a.js"), 0, text.to_owned());
        let code = Code::new(&document).unwrap();
        let mut found = None;
        each(code.root, |node| {
            if code.of(node) == "res" && node.kind() == "identifier" {
                found = read(&code, node)
                    .and_then(|it| it.written(&code, "Response", "req", None))
                    .map(|it| it.before + it.kept.map_or("", |kept| code.of(kept)) + &it.after);
            }
            true
        });
        found
    }

    #[test]
    fn chains_of_a_response_become_one_value() {
        for (text, expected) in [
            ("res.status(401).json({ a });", Some("Response.json({ a }, { status: 401 })")),
            ("res.send('ok');", Some("new Response('ok')")),
            ("res.sendStatus(404);", Some("new Response(null, { status: 404 })")),
            ("res.redirect(303, '/in');", Some("Response.redirect(new URL('/in', req.url), 303)")),
            (
                "res.setHeader('Allow', ['GET', 'PUT']).status(405).end();",
                Some("new Response(null, { status: 405, headers: { 'Allow': 'GET, PUT' } })"),
            ),
            ("res.status(204).json({});", None),
            ("res.status(404);", None),
            ("res.setHeader('Set-Cookie', ['a', 'b']).end();", None),
            ("res.send(body);", None),
            ("res.write('a');", None),
        ] {
            assert_eq!(written(text).as_deref(), expected, "{text}");
        }
    }
}
