//! Promises of the request that nobody waits for.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::{Code, each, enclosing_function, is_written};
use crate::fix::edits;
use crate::syntax::{self, Node};
use crate::text::Span;

use super::functions::{first_statement, is_async, make_async};
use super::offer::Offer;

/// `params.id` becomes `(await params).id`, or `id` with `const { id } = await params` in front; the function
/// becomes async and the written type a promise.
pub(super) fn await_promise(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    let mut out = match at.kind() {
        "call_expression" => awaited(offer, &code, &[at])?,
        "object_pattern" => taken_apart(offer, &code, at)?,
        _ => given(offer, &code, at)?,
    };
    if at.kind() != "call_expression" {
        out.extend(promised_type(&code, outermost(at)?, name_of(&code, at)?));
    }
    let title = match at.kind() {
        "object_pattern" => format!("Await `{}`", name_of(&code, at)?),
        _ => format!("Await `{}`", code.of(at)),
    };
    edits::fix(title, Safety::Safe, out, &[offer.document])
}

fn outermost(node: Node<'_>) -> Option<Node<'_>> {
    std::iter::successors(enclosing_function(node), |it| enclosing_function(*it)).last()
}

/// `params` or `searchParams`.
fn name_of<'a>(code: &Code<'a>, at: Node<'a>) -> Option<&'a str> {
    match at.kind() {
        "object_pattern" => Some(code.of(at.parent()?.field("key")?)),
        "member_expression" => Some(code.of(at.field("property")?)),
        _ => Some(code.of(at)),
    }
}

/// Edits that write `await` in front of these expressions.
fn awaited(offer: &Offer<'_>, code: &Code<'_>, values: &[Node<'_>]) -> Option<Vec<Edit>> {
    let mut out = Vec::new();
    for &value in values {
        let function = enclosing_function(value)?;
        if !is_async(function) {
            if !offer.is_entry(function) {
                return None;
            }
            let more = make_async(code, function);
            if !out.contains(more.first()?) {
                out.extend(more);
            }
        }
        let bare = value.parent()?.kind() == "variable_declarator";
        let text = code.of(value);
        let text = if bare { format!("await {text}") } else { format!("(await {text})") };
        out.push(edits::replace(code, syntax::span(value), text));
    }
    Some(out)
}

/// A name or chain that holds the promise, in all its uses.
fn given(offer: &Offer<'_>, code: &Code<'_>, at: Node<'_>) -> Option<Vec<Edit>> {
    let function = outermost(at)?;
    let mut uses = Vec::new();
    each(function, |node| {
        if node.kind() == at.kind() && code.of(node) == code.of(at) && is_read(code, node) {
            uses.push(node);
        }
        true
    });
    if let Some(edits) = names_taken_out(offer, code, function, at, &uses) {
        return Some(edits);
    }
    awaited(offer, code, &uses)
}

/// Whether a property of the value is read, or it is taken apart.
fn is_read(code: &Code<'_>, node: Node<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        "member_expression" => {
            let property = parent.field("property").map(|it| code.of(it));
            parent.field("object") == Some(node) && !matches!(property, Some("then" | "catch" | "finally"))
        }
        "subscript_expression" => parent.field("object") == Some(node),
        "variable_declarator" => {
            parent.field("value") == Some(node)
                && parent.field("name").is_some_and(|name| name.kind() == "object_pattern")
        }
        _ => false,
    }
}

/// `const { id } = await params;` in front, and `id` for each `params.id`; where the value is read several times
/// or inside functions that cannot wait, and the names are free.
fn names_taken_out(
    offer: &Offer<'_>,
    code: &Code<'_>,
    function: Node<'_>,
    at: Node<'_>,
    uses: &[Node<'_>],
) -> Option<Vec<Edit>> {
    if uses.len() < 2 && uses.iter().all(|it| enclosing_function(*it) == Some(function)) {
        return None;
    }
    if !is_async(function) && !offer.is_entry(function) {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    let mut out = make_async(code, function);
    for value in uses {
        let member = value.parent().filter(|parent| parent.kind() == "member_expression")?;
        let property = member.field("property")?;
        if is_written(member) || property.kind() != "property_identifier" {
            return None;
        }
        if !names.contains(&code.of(property)) {
            names.push(code.of(property));
        }
        let shorthand = member.parent().filter(|pair| {
            pair.kind() == "pair" && pair.field("key").is_some_and(|key| code.of(key) == code.of(property))
        });
        out.push(edits::replace(
            code,
            syntax::span(shorthand.unwrap_or(member)),
            code.of(property).to_owned(),
        ));
    }
    let free = |name: &&str| code.occurrences(function, name).iter().all(|it| it.kind() == "type_identifier");
    // Names that the file uses elsewhere stay what they are inside the function only where it does not use them.
    if !names.iter().all(free) {
        return None;
    }
    let taken = code.style().braces(&names.join(", "));
    out.push(first_statement(code, function, &format!("const {taken} = await {}", code.of(at)))?);
    Some(out)
}

/// `({ params: { id } }) =>` becomes `({ params }) =>` with `const { id } = await params;` in the body.
fn taken_apart(offer: &Offer<'_>, code: &Code<'_>, pattern: Node<'_>) -> Option<Vec<Edit>> {
    let function = enclosing_function(pattern)?;
    if !is_async(function) && !offer.is_entry(function) {
        return None;
    }
    let pair = pattern.parent().filter(|it| it.kind() == "pair_pattern")?;
    let name = code.of(pair.field("key")?);
    if !code.occurrences(function, name).is_empty() {
        return None;
    }
    let mut out = make_async(code, function);
    out.push(edits::replace(code, syntax::span(pair), name.to_owned()));
    out.push(first_statement(code, function, &format!("const {} = await {name}", code.of(pattern)))?);
    Some(out)
}

/// `{ params: { id: string } }` becomes `{ params: Promise<{ id: string }> }`: written at the parameter, or in a
/// type of the same file that it names.
fn promised_type(code: &Code<'_>, function: Node<'_>, name: &str) -> Vec<Edit> {
    let Some(parameters) = function.field("parameters") else { return Vec::new() };
    let annotations: Vec<Node<'_>> =
        parameters.named_children().filter_map(|parameter| parameter.field("type")?.named_child(0)).collect();
    let mut out = Vec::new();
    for annotation in annotations {
        if annotation.kind() != "type_identifier" {
            out.extend(property_type(code, annotation, name));
            continue;
        }
        for statement in code.statements() {
            let declaration = match statement.kind() {
                "export_statement" => statement.field("declaration"),
                _ => Some(statement),
            };
            let Some(declaration) = declaration
                .filter(|it| matches!(it.kind(), "type_alias_declaration" | "interface_declaration"))
                .filter(|it| it.field("name").is_some_and(|name| code.of(name) == code.of(annotation)))
            else {
                continue;
            };
            let body = declaration.field("value").or(declaration.field("body"));
            out.extend(body.and_then(|body| property_type(code, body, name)));
        }
    }
    out
}

fn property_type(code: &Code<'_>, literal: Node<'_>, name: &str) -> Option<Edit> {
    if !matches!(literal.kind(), "object_type" | "interface_body") {
        return None;
    }
    let property = literal.named_children().find(|property| {
        property.kind() == "property_signature"
            && property.field("name").is_some_and(|it| code.of(it) == name)
    })?;
    let written = property.field("type")?.named_child(0)?;
    if code.of(written).starts_with("Promise") || code.of(written) == "any" {
        return None;
    }
    let span: Span = syntax::span(written);
    Some(edits::replace(code, span, format!("Promise<{}>", code.of(written))))
}
