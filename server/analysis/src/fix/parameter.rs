//! A parameter of a route by the name that the folder has.

use std::collections::BTreeSet;

use super::code::{Code, ancestors, each, enclosing_function, is_function, scope_of};
use super::offer::Offer;
use super::{edits, imports};
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::form;
use crate::project::routes;
use crate::syntax::{self, Node};

/// `const { userId } = await params` becomes `const { id: userId } = await params` where the path has `[id]` and
/// nothing else that the handler does not read yet; the types it wrote for its parameters follow.
pub(super) fn rename_parameter(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let old = offer.finding.span.of(code.text);
    let url = routes::url(offer.input.package.next.as_ref()?, &offer.input.path)?;
    let at = code.node(offer.finding.span)?;
    let handler = ancestors(at).find(|node| is_function(*node) && offer.is_entry(*node))?;
    let types = types(&code, handler, offer)?;
    // A type of the file is that of other handlers as well: they are mended together.
    let shared = types.iter().any(|node| !within(*node, handler));
    let findings: Vec<Finding> = offer
        .project
        .findings(&offer.input.path)
        .into_iter()
        .filter(|other| other.rule == offer.finding.rule)
        .collect();
    let mut keys: Vec<Node<'_>> = Vec::new();
    let mut others = false;
    for other in &findings {
        let key = code.node(other.span)?;
        let here = within(key, handler);
        if (here || shared) && code.of(key) == old {
            keys.push(key);
        }
        others |= here && code.of(key) != old;
    }
    // Two unknown names want one segment each, and nobody says which.
    if others {
        return None;
    }
    let new = candidate(&code, &url, &keys)?;
    let mut safety = Safety::Safe;
    let mut out = Vec::new();
    for key in keys {
        out.push(renamed(&code, key, new)?);
        if has_default(key) {
            safety = Safety::Unsafe;
        }
    }
    out.extend(signatures(&code, &types, handler, old, new)?);
    edits::fix(format!("Read `{new}`, the name in the path"), safety, out, &[offer.document])
}

fn within(node: Node<'_>, around: Node<'_>) -> bool {
    around.start_byte() <= node.start_byte() && node.end_byte() <= around.end_byte()
}

/// The only segment of the path that the functions around the keys do not read yet. One that catches several
/// segments is an array, which a single name was not meant for.
fn candidate<'u>(code: &Code<'_>, url: &'u str, keys: &[Node<'_>]) -> Option<&'u str> {
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for key in keys {
        let function = ancestors(*key).filter(|node| is_function(*node)).last()?;
        each(function, |node| {
            let parent = node.parent().map_or("", |parent| parent.kind());
            match (node.kind(), parent) {
                ("shorthand_property_identifier_pattern", _)
                | ("property_identifier", "pair_pattern" | "member_expression") => {
                    read.insert(code.of(node));
                }
                // `all["id"]`.
                ("string", "subscript_expression" | "pair_pattern") => {
                    read.insert(code.of(node).trim_matches(['"', '\'']));
                }
                _ => {}
            }
            true
        });
    }
    let mut free = routes::segments(url).into_iter().filter(|name| !read.contains(name));
    let only = free.next().filter(|_| free.next().is_none())?;
    (!url.contains(&format!("...{only}]"))).then_some(only)
}

pub(crate) fn is_identifier(name: &str) -> bool {
    name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// The key under its new name; the variable that is made of it keeps its own.
pub(crate) fn renamed(code: &Code<'_>, key: Node<'_>, new: &str) -> Option<Edit> {
    let old = code.of(key);
    let quoted = if is_identifier(new) { new.to_owned() } else { code.style().string(new) };
    let edit = |text: String| edits::replace(code, syntax::span(key), text);
    match key.kind() {
        "shorthand_property_identifier_pattern" => Some(edit(format!("{quoted}: {old}"))),
        "property_identifier" if key.parent()?.kind() == "pair_pattern" => {
            // `{ userId: id }` needs no second name.
            let pair = key.parent()?;
            let same = pair.field("value").is_some_and(|value| code.of(value) == new);
            Some(if same { edits::replace(code, syntax::span(pair), new.to_owned()) } else { edit(quoted) })
        }
        "property_identifier" => is_identifier(new).then(|| edit(quoted)),
        _ => None,
    }
}

/// Whether the code has an answer to the parameter being undefined, which it would not give any more.
fn has_default(key: Node<'_>) -> bool {
    let Some(parent) = key.parent() else { return false };
    let around = match parent.kind() {
        "object_assignment_pattern" => return true,
        "pair_pattern" => {
            return parent.field("value").is_some_and(|value| value.kind() == "assignment_pattern");
        }
        "member_expression" => parent.parent(),
        _ => None,
    };
    around.is_some_and(|around| matches!(around.kind(), "binary_expression" | "ternary_expression"))
}

/// The types that say what a handler's `params` hold: that of its context, and those of the file that it is made
/// of. `None` where one of them comes from elsewhere or serves somebody else too.
fn types<'a>(code: &Code<'a>, handler: Node<'a>, offer: &Offer<'_>) -> Option<Vec<Node<'a>>> {
    let annotation = form::parameters(handler).get(1).and_then(|it| it.field("type"));
    let mut found: Vec<Node<'a>> = annotation.into_iter().collect();
    let imported = imports::imports(code);
    let mut at = 0;
    while let Some(&node) = found.get(at) {
        at += 1;
        let mut names = Vec::new();
        each(node, |it| {
            if it.kind() == "type_identifier" {
                names.push(it);
            }
            true
        });
        for name in names {
            let text = code.of(name);
            let from = imported.iter().find(|import| import.names.iter().any(|it| it.local == text));
            if from.is_some_and(|import| import.source != "next" && !import.source.starts_with("next/")) {
                return None;
            }
            let places = code.occurrences(code.root, text);
            let Some(declared) = places.iter().find(|it| scope_of(**it) == Some(code.root)) else { continue };
            let declaration = declared.parent()?;
            let ours = |it: &Node<'a>| {
                let function = enclosing_function(*it).filter(|function| offer.is_entry(*function));
                let inside = found.iter().any(|node| within(*it, *node));
                it == declared || inside || function.is_some_and(|it| parameter_holds(it, places.as_slice()))
            };
            let is_type = matches!(declaration.kind(), "type_alias_declaration" | "interface_declaration");
            if !is_type || declaration.parent() != Some(code.root) || !places.iter().all(ours) {
                return None;
            }
            if !found.contains(&declaration) {
                found.push(declaration);
            }
        }
    }
    Some(found)
}

/// Whether one of the places is in the function's list of parameters.
fn parameter_holds(function: Node<'_>, places: &[Node<'_>]) -> bool {
    function.field("parameters").is_some_and(|list| places.iter().any(|place| within(*place, list)))
}

/// Edits of the properties called `old` in the types and in the handler's own annotations.
fn signatures(
    code: &Code<'_>,
    types: &[Node<'_>],
    handler: Node<'_>,
    old: &str,
    new: &str,
) -> Option<Vec<Edit>> {
    let mut out = Vec::new();
    let quoted = if is_identifier(new) { new.to_owned() } else { code.style().string(new) };
    for node in types.iter().chain([&handler]) {
        let mut clash = false;
        each(*node, |it| {
            let name = it.field("name").filter(|_| it.kind() == "property_signature");
            if let Some(name) = name.filter(|name| code.of(*name) == old) {
                let edit = edits::replace(code, syntax::span(name), quoted.clone());
                let body = it.parent().map_or("", |body| code.of(body));
                clash |= body.contains(&format!("{new}:")) || body.contains(&format!("{new}?:"));
                if !out.contains(&edit) {
                    out.push(edit);
                }
            }
            true
        });
        if clash {
            return None;
        }
    }
    Some(out)
}
