//! What is read from the request in another way than it is given.

use crate::finding::{Fix, Safety};
use crate::fix::code::{Code, ancestors, each, enclosing_function, scope_of};
use crate::fix::edits;
use crate::syntax::{self, Node};

use super::functions::{is_async, make_async};
use super::offer::Offer;

/// The first of two reads takes a copy: `request.clone().text()`.
pub(super) fn clone_body(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let first = code.node(offer.finding.related.first()?.span)?;
    let object = first.field("function")?.field("object")?;
    let edit = edits::insert(&code, object.end_byte() as u32, ".clone()".to_owned());
    let title = format!("Read the first from `{}.clone()`", code.of(object));
    edits::fix(title, Safety::Safe, vec![edit], &[offer.document])
}

/// `await request.json()` after `const text = await request.text()` becomes `JSON.parse(text)`, and a second
/// `await request.text()` becomes `text`.
pub(super) fn parse_read_text(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    // A call and the `await` around it.
    let read = |span| {
        let call = code.node(span).filter(|it| it.kind() == "call_expression")?;
        let bare = call.field("type_arguments").is_none();
        let method = call.field("function")?.field("property")?;
        let awaited = call.parent().filter(|it| bare && it.kind() == "await_expression")?;
        Some((code.of(method), awaited))
    };
    let (method, at) = read(offer.finding.span)?;
    let (_, first) = read(offer.finding.related.first()?.span).filter(|(method, _)| *method == "text")?;
    let declarator = first.parent().filter(|it| it.kind() == "variable_declarator")?;
    let name = declarator.field("name").filter(|it| it.kind() == "identifier")?;
    let declaration = declarator.parent().filter(|it| code.of(*it).starts_with("const "))?;
    // What is declared in a block around the second read, above it, has its value there.
    let block = declaration.parent()?;
    let function = enclosing_function(first)?;
    let above = declaration.end_byte() <= at.start_byte()
        && block.kind() == "statement_block"
        && ancestors(at).any(|it| it == block)
        && enclosing_function(at) == Some(function);
    let shadowed = |name: &str| {
        code.occurrences(code.root, name).into_iter().filter_map(scope_of).any(|scope| scope != block)
    };
    if !above || shadowed(code.of(name)) {
        return None;
    }
    let new = match method {
        "json" if !shadowed("JSON") => format!("JSON.parse({})", code.of(name)),
        "text" => code.of(name).to_owned(),
        _ => return None,
    };
    // `(await request.json()).id` needs its brackets no more.
    let around = at.parent().filter(|it| it.kind() == "parenthesized_expression");
    let member = around.filter(|it| it.parent().is_some_and(|it| it.kind() == "member_expression"));
    let edit = edits::replace(&code, syntax::span(member.unwrap_or(at)), new.clone());
    edits::fix(format!("Use `{new}`"), Safety::Safe, vec![edit], &[offer.document])
}

/// `request.headers["x-key"]` becomes `request.headers.get("x-key")`, and so for cookies, the query and a body that
/// is read in one place.
pub(super) fn read_request(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    let captures = offer.captures("property")?;
    let property =
        captures.iter().find(|(name, _)| *name == "property").map(|(_, span)| span.of(code.text))?;
    let request = captures.iter().find(|(name, _)| *name == "request").map(|(_, span)| span.of(code.text))?;
    let mut out = Vec::new();
    let (whole, new) = match property {
        "headers" | "cookies" => {
            let key = key_of(&code, at)?;
            let tail = if property == "cookies" { "?.value" } else { "" };
            (at, format!("{request}.{property}.get({key}){tail}"))
        }
        "query" => {
            let whole =
                at.parent().filter(|it| matches!(it.kind(), "member_expression" | "subscript_expression"))?;
            let key = key_of(&code, whole)?;
            let typed = code.text.contains(&format!("{request}: Request"));
            let url = if typed { format!("new URL({request}.url)") } else { format!("{request}.nextUrl") };
            (whole, format!("{url}.searchParams.get({key})"))
        }
        "body" if at.parent()?.kind() != "member_expression" => {
            let function = enclosing_function(at)?;
            let (wanted, mut others) = (format!("{request}.body"), 0);
            each(function, |node| {
                let text = node.kind() == "member_expression" && node != at;
                let reads = ["body", "json", "text", "formData", "blob", "arrayBuffer", "clone"];
                others +=
                    usize::from(text && reads.iter().any(|it| code.of(node) == format!("{request}.{it}")));
                true
            });
            if others > 0 || code.of(at) != wanted || !(is_async(function) || offer.is_entry(function)) {
                return None;
            }
            out.extend(make_async(&code, function));
            let bare = matches!(at.parent()?.kind(), "variable_declarator" | "arguments");
            let read = format!("await {request}.json()");
            (at, if bare { read } else { format!("({read})") })
        }
        _ => return None,
    };
    let title = format!("Read `{}`", new.trim_start_matches("await "));
    out.push(edits::replace(&code, syntax::span(whole), new));
    edits::fix(title, Safety::Safe, out, &[offer.document])
}

/// The key of `headers.host` or `headers["x-key"]` as a string literal.
fn key_of(code: &Code<'_>, node: Node<'_>) -> Option<String> {
    match node.kind() {
        "member_expression" => Some(code.style().string(code.of(node.field("property")?))),
        "subscript_expression" => {
            let index = node.field("index").filter(|it| it.kind() == "string")?;
            Some(code.of(index).to_owned())
        }
        _ => None,
    }
}
