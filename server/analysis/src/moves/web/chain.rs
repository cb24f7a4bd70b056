//! One use of the response: `res.status(201).json(user)`, `res.setHeader("Allow", "GET")`, `res.statusCode = 404`.

use super::{Manner, Outcome, Trouble};
use crate::fix::code::Code;
use crate::form;
use crate::syntax::Node;

/// What a chain of calls on a response does.
pub(super) struct Chain<'a> {
    /// The whole expression.
    pub(super) whole: Node<'a>,
    pub(super) status: Option<Node<'a>>,
    pub(super) headers: Vec<Header<'a>>,
    /// `None` where it only prepares an answer.
    pub(super) sent: Option<Sent<'a>>,
}

/// A header that is set.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    /// An expression, or the key of an object.
    pub(super) name: Node<'a>,
    pub(super) value: Node<'a>,
    /// It comes beside those of its name.
    pub(super) more: bool,
}

/// What is sent.
#[derive(Clone, Copy)]
pub(super) enum Sent<'a> {
    Json(Node<'a>),
    /// Whatever it is: by `send`, which looks at it.
    Any(Node<'a>),
    /// Text or bytes: by `end`.
    Raw(Node<'a>),
    Nothing,
    /// What the status is called.
    Reason,
    Redirect(Node<'a>),
    /// Another function of the file answers.
    Call,
}

/// What cannot be said in one response, with what to do about it.
const NO_COUNTERPART: &[(&[&str], &str)] = &[
    (
        &["write", "flush", "flushHeaders", "pipe", "cork", "uncork"],
        "writes the answer piece by piece: make a `ReadableStream` of it first",
    ),
    (
        &["on", "once", "addListener", "emit", "off"],
        "listens to the response: `req.signal` of a Route Handler says when somebody leaves, and `after` runs code after the answer",
    ),
    (
        &["revalidate", "unstable_revalidate"],
        "renews a page of `pages`, which only a handler of `pages/api` can",
    ),
    (
        &["setPreviewData", "clearPreviewData", "setDraftMode"],
        "is about previews: use `draftMode` of `next/headers` in a new Route Handler",
    ),
    (&["socket", "connection"], "is the connection itself, which a Route Handler does not see"),
    (
        &["sendFile", "sendfile", "download", "render", "attachment", "format", "jsonp"],
        "is of Express alone: read the file or make the text first, and send that",
    ),
    (
        &["cookie", "clearCookie"],
        "writes a cookie in the way of Express: set the header `Set-Cookie` first, by `serialize` of `cookie`",
    ),
    (
        &["headersSent", "writableEnded", "finished", "writableFinished"],
        "asks whether an answer is out: let each way through the handler send one",
    ),
];

/// Reads what begins with `response`.
pub(super) fn read<'a>(code: &Code<'a>, response: Node<'a>, manner: Manner) -> Outcome<Chain<'a>> {
    let name = code.of(response);
    let mut chain = Chain { whole: response, status: None, headers: Vec::new(), sent: None };
    loop {
        let object = chain.whole;
        let Some(member) = member_of(object) else { return ended(code, response, chain) };
        let property = member.field("property").map_or("", |it| code.of(it));
        let unknown = |node: Node<'_>| {
            let known = NO_COUNTERPART.iter().find(|(names, _)| names.contains(&property));
            let what = known.map_or("has no counterpart in a Route Handler", |(_, what)| what);
            Trouble::new(node, format!("`{name}.{property}` {what}."))
        };
        let Some(call) = member
            .parent()
            .filter(|it| it.kind() == "call_expression" && it.field("function") == Some(member))
        else {
            let assigned = member.parent().filter(|it| {
                it.kind() == "assignment_expression"
                    && it.field("left") == Some(member)
                    && property == "statusCode"
            });
            let Some(assigned) = assigned.filter(|_| chain.status.is_none()) else {
                return Err(unknown(member));
            };
            chain.status = assigned.field("right");
            chain.whole = assigned;
            return Ok(chain);
        };
        let Some(list) = call.field("arguments") else { return Err(unknown(member)) };
        let arguments: Vec<Node<'a>> = list.named_children().filter(|it| it.kind() != "comment").collect();
        chain.whole = call;
        let free = chain.status.is_none();
        chain.sent = Some(match (property, arguments.as_slice()) {
            ("status", [status]) if free => {
                chain.status = Some(*status);
                continue;
            }
            ("writeHead", [status, rest @ ..]) if free => {
                chain.status = Some(*status);
                match rest {
                    [] => {}
                    [object] => chain.headers.extend(pairs(*object).ok_or_else(|| unknown(member))?),
                    _ => return Err(unknown(member)),
                }
                continue;
            }
            ("setHeader", [name, value]) => {
                chain.headers.push(Header { name: *name, value: *value, more: false });
                continue;
            }
            ("appendHeader" | "append", [name, value]) => {
                chain.headers.push(Header { name: *name, value: *value, more: true });
                continue;
            }
            ("set" | "header", [name, value]) if manner != Manner::Pages => {
                chain.headers.push(Header { name: *name, value: *value, more: false });
                continue;
            }
            ("set" | "header", [object]) if manner != Manner::Pages => {
                chain.headers.extend(pairs(*object).ok_or_else(|| unknown(member))?);
                continue;
            }
            ("json", [body]) => Sent::Json(*body),
            ("send", [body]) if matches!(form::without_wrapping(*body).kind(), "object" | "array") => {
                Sent::Json(*body)
            }
            ("send", [body]) => Sent::Any(*body),
            ("end", [body]) => Sent::Raw(*body),
            ("send" | "end", []) => Sent::Nothing,
            ("sendStatus", [status]) if free && manner != Manner::Pages => {
                chain.status = Some(*status);
                Sent::Reason
            }
            ("redirect", [to]) if free => Sent::Redirect(*to),
            ("redirect", [status, to]) if free => {
                chain.status = Some(*status);
                Sent::Redirect(*to)
            }
            _ => return Err(unknown(member)),
        });
        return Ok(chain);
    }
}

/// A chain that sends nothing.
fn ended<'a>(code: &Code<'a>, response: Node<'a>, chain: Chain<'a>) -> Outcome<Chain<'a>> {
    if chain.whole != response {
        return Ok(chain);
    }
    let name = code.of(response);
    let call = response.parent().filter(|it| it.kind() == "arguments").and_then(|it| it.parent());
    let reason = match call.and_then(|it| it.field("function").or(it.field("constructor"))) {
        Some(callee) => format!(
            "`{name}` is handed to `{}`, and what that does with it is not known: let it give back what to send.",
            short(code.of(callee))
        ),
        None => format!("`{name}` is used as a value: call its methods where it is."),
    };
    Err(Trouble::new(response, reason))
}

/// The first line of a text, not too long.
pub(super) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > 40 {
        line.chars().take(37).collect::<String>() + "…"
    } else {
        line.to_owned()
    }
}

/// The member expression whose object is `object`.
pub(super) fn member_of(object: Node<'_>) -> Option<Node<'_>> {
    object.parent().filter(|it| it.kind() == "member_expression" && it.field("object") == Some(object))
}

/// The headers of an object that is written out.
fn pairs(object: Node<'_>) -> Option<Vec<Header<'_>>> {
    let members: Vec<Node<'_>> = object.named_children().filter(|it| it.kind() != "comment").collect();
    if object.kind() != "object" {
        return None;
    }
    members
        .into_iter()
        .map(|pair| {
            let (name, value) = (pair.field("key")?, pair.field("value")?);
            let plain = matches!(name.kind(), "string" | "property_identifier");
            (pair.kind() == "pair" && plain).then_some(Header { name, value, more: false })
        })
        .collect()
}
