//! API routes of the Pages Router that return a response of the web, which nobody sends: it is sent instead.

use super::answers::is_own;
use super::code::{Code, ancestors, scope_of};
use super::offer::Offer;
use super::pages_answer::response;
use super::{edits, imports};
use crate::finding::{Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};

/// `return Response.json(user, { status: 201 })` becomes `return res.status(201).json(user)`, with every other
/// response that the handler returns.
pub(super) fn send_response(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span).filter(|node| node.kind() == "return_statement")?;
    let function = ancestors(at).find(|node| form::is_function(*node))?;
    let response = response(&code, function)?;
    let mut out = Vec::new();
    let mut values = Vec::new();
    for finding in offer.project.findings(&offer.input.path) {
        let here = code.node(finding.span).filter(|node| {
            finding.rule == offer.finding.rule && node.kind() == "return_statement" && is_own(function, *node)
        });
        if let Some(value) = here.and_then(|node| node.named_child(0)) {
            out.push(edits::replace(&code, syntax::span(value), sent(&code, value, response)?));
            values.push(value);
        }
    }
    let written = function.field("return_type");
    if let Some(written) = written.filter(|it| code.of(*it).contains("Response")) {
        out.push(edits::delete(&code, syntax::span(written)));
        values.push(written);
    }
    let gone: Vec<&str> = imports::imports(&code)
        .iter()
        .flat_map(|import| &import.names)
        .map(|name| name.local)
        .filter(|name| {
            let uses = code.occurrences(code.root, name);
            let mut uses = uses.iter().filter(|node| scope_of(**node).is_none()).peekable();
            let inside = |node: &Node<'_>| ancestors(*node).any(|it| values.contains(&it));
            name.ends_with("Response") && uses.peek().is_some() && uses.all(inside)
        })
        .collect();
    out.extend(imports::rewrite(&code, None, &gone, imports::is_commonjs(&code).unwrap_or(false))?);
    edits::fix(format!("Answer with `{response}`"), Safety::Safe, out, &[offer.document])
}

/// What a response of the web says, said by a response of Node.js.
fn sent(code: &Code<'_>, value: Node<'_>, response: &str) -> Option<String> {
    let list = value.field("arguments")?;
    let arguments: Vec<Node<'_>> = list.named_children().collect();
    let called = value.field("function").map(|it| code.of(it));
    if called.is_some_and(|called| called.ends_with(".redirect")) {
        let to = arguments.first()?;
        let to = match to.kind() {
            "string" | "template_string" => *to,
            // `new URL("/in", request.url)`: a browser knows the host.
            "new_expression" if code.of(to.field("constructor")?) == "URL" => {
                let path = to.field("arguments")?.named_child(0)?;
                let text = code.of(path).get(1..)?;
                Some(path).filter(|it| it.kind() != "identifier" && text.starts_with('/'))?
            }
            _ => return None,
        };
        let next = called.is_some_and(|called| called.starts_with("NextResponse"));
        let status = match (arguments.get(1), next) {
            (Some(status), _) if matches!(status.kind(), "number" | "identifier") => code.of(*status),
            (Some(_), _) => return None,
            (None, true) => "307",
            (None, false) => "302",
        };
        return Some(format!("{response}.redirect({status}, {})", code.of(to)));
    }
    let mut out = response.to_owned();
    if let Some(init) = arguments.get(1) {
        out.push_str(&options(code, *init)?);
    }
    let first = arguments.first();
    if called.is_some() {
        return Some(format!("{out}.json({})", code.of(*first?)));
    }
    let end = match first.map(|it| (it.kind(), *it)) {
        None | Some(("null" | "undefined", _)) => ".end()".to_owned(),
        Some(("string" | "template_string", text)) => format!(".send({})", code.of(text)),
        Some(("call_expression", call)) if code.of(call.field("function")?) == "JSON.stringify" => {
            let list = call.field("arguments").filter(|list| list.named_child_count() == 1)?;
            format!(".json({})", code.of(list.named_child(0)?))
        }
        Some(_) => return None,
    };
    Some(out + &end)
}

/// `{ status: 201, headers: { "x-key": "a" } }` as calls.
fn options(code: &Code<'_>, init: Node<'_>) -> Option<String> {
    let (mut headers, mut status) = (String::new(), String::new());
    for pair in init.named_children().filter(|_| init.kind() == "object") {
        let value = pair.field("value").filter(|_| pair.kind() == "pair")?;
        match code.of(pair.field("key")?) {
            "status" => status = format!(".status({})", code.of(value)),
            "headers" if value.kind() == "object" => {
                for header in value.named_children() {
                    let key = header.field("key").filter(|_| header.kind() == "pair")?;
                    let key = match key.kind() {
                        "string" => code.of(key).to_owned(),
                        "property_identifier" => code.style().string(code.of(key)),
                        _ => return None,
                    };
                    let value = code.of(header.field("value")?);
                    headers.extend([".setHeader(", &key, ", ", value, ")"]);
                }
            }
            _ => return None,
        }
    }
    (init.kind() == "object").then(|| headers + &status)
}
