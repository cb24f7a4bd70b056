//! A proxy file goes where Next.js looks for it, under the name that Next.js knows.

use std::sync::Arc;

use super::code::{Code, ancestors, each, is_function, scope_of};
use super::offer::Offer;
use super::specifier::specifiers;
use super::{edits, statements};
use crate::check;
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::path::FilePath;
use crate::project::Resolution;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Moves a proxy file beside `app` or `pages`; what it imports is named from there.
pub(super) fn move_proxy(offer: &Offer<'_>) -> Option<Fix> {
    let to = check::proxy_home(offer.input)?;
    let taken = check::proxies(offer.project, offer.input).next().is_some();
    if taken || offer.sources.document(&to).is_some() {
        return None;
    }
    let code = Code::new(offer.document)?;
    let folder = offer.input.path.parent()?;
    let mut edits = vec![Edit::rename(offer.input.path.clone(), to.clone())];
    for string in sources(&code) {
        let specifier = string.of(code.text);
        if specifier.starts_with('.') {
            edits.push(edits::replace(&code, string, to.relative_to(&folder.join(specifier))));
        }
    }
    let documents = follow(offer, &to, None, &mut edits)?;
    let title = format!("Move the file to {}", check::shown(offer.input, &to));
    finish(offer, title, edits, &documents)
}

/// Gives a proxy file and its function the name that the installed Next.js knows, and the options of the
/// configuration with them.
pub(super) fn rename_proxy(offer: &Offer<'_>) -> Option<Fix> {
    let next = offer.input.package.major("next")?;
    let path = &offer.input.path;
    let (old, new) = if next >= 16 { ("middleware", "proxy") } else { ("proxy", "middleware") };
    let code = Code::new(offer.document)?;
    let (mut edits, renamed) = rename_function(&code, old, new)?;
    if path.stem() == new {
        let title = format!("Call the function `{new}`");
        return edits::fix(title, Safety::Safe, edits, &[offer.document]);
    }
    if path.stem() != old || check::proxies(offer.project, offer.input).count() > 1 {
        return None;
    }
    let to = path.parent()?.join(&format!("{new}{}", path.file_name().strip_prefix(old)?));
    if offer.sources.document(&to).is_some() {
        return None;
    }
    edits.push(Edit::rename(path.clone(), to.clone()));
    let mut documents = follow(offer, &to, renamed.then_some((old, new)), &mut edits)?;
    if new == "proxy" {
        edits.extend(without_runtime(&code)?);
        documents.extend(options(offer, &mut edits));
    }
    let title = format!("Rename the file to {} and its function with it", to.file_name());
    finish(offer, title, edits, &documents)
}

fn finish(offer: &Offer<'_>, title: String, edits: Vec<Edit>, others: &[Arc<Document>]) -> Option<Fix> {
    let mut documents: Vec<&Document> = others.iter().map(|document| &**document).collect();
    documents.push(offer.document);
    edits::fix(title, Safety::Unsafe, edits, &documents)
}

/// The module specifiers of a file, without their quotes.
pub(super) fn sources(code: &Code<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    each(code.root, |node| {
        if node.kind() == "string" && names_module(code, node) {
            found.push(Span::new(node.start_byte() as u32 + 1, node.end_byte() as u32 - 1));
        }
        true
    });
    found
}

fn names_module(code: &Code<'_>, string: Node<'_>) -> bool {
    let Some(parent) = string.parent() else { return false };
    match parent.kind() {
        "import_statement" | "export_statement" => parent.field("source") == Some(string),
        "arguments" => parent
            .parent()
            .and_then(|call| call.field("function"))
            .is_some_and(|callee| matches!(code.of(callee), "require" | "import")),
        _ => false,
    }
}

/// Edits of the files that import the one that moves to `to`, and of the name they take from it. The files.
pub(super) fn follow(
    offer: &Offer<'_>,
    to: &FilePath,
    name: Option<(&str, &str)>,
    edits: &mut Vec<Edit>,
) -> Option<Vec<Arc<Document>>> {
    let mut documents = Vec::new();
    for file in offer.project.numbers().filter(|file| *file != offer.file) {
        let Some(input) = offer.project.file(file) else { continue };
        let here = |resolution: &Resolution| *resolution == Resolution::File(offer.input.path.clone());
        if !input.resolutions.iter().any(here) {
            continue;
        }
        let document = offer.sources.document(&input.path)?;
        let code = Code::new(&document)?;
        let specifier = specifiers(&code, &input.package, to).into_iter().next()?;
        for string in sources(&code) {
            let old = string.of(code.text);
            let at = input.facts.specifiers.binary_search_by(|known| (**known).cmp(old)).ok();
            if at.is_some_and(|at| input.resolutions.get(at).is_some_and(here)) {
                edits.push(edits::replace(&code, string, specifier.clone()));
                edits.extend(name.and_then(|(old, new)| imported_name(&code, string, old, new)));
            }
        }
        documents.push(document);
    }
    Some(documents)
}

/// `import { middleware } from …` takes the function under its new name and calls it as before.
fn imported_name(code: &Code<'_>, source: Span, old: &str, new: &str) -> Option<Edit> {
    let string = code.root.descendant_for_byte_range(source.start as usize, source.end as usize)?;
    let statement = ancestors(string).find(|node| node.kind() == "import_statement")?;
    let mut found = None;
    each(statement, |node| {
        let name = node.field("name").filter(|_| node.kind() == "import_specifier");
        if let Some(name) = name.filter(|name| code.of(*name) == old) {
            found = Some((name, node.field("alias").is_some()));
        }
        true
    });
    let (name, aliased) = found?;
    let text = if aliased { new.to_owned() } else { format!("{new} as {old}") };
    Some(edits::replace(code, syntax::span(name), text))
}

/// Edits that rename the exported function, and whether an export by that name is renamed. `None` where the name
/// means something else as well.
fn rename_function(code: &Code<'_>, old: &str, new: &str) -> Option<(Vec<Edit>, bool)> {
    let mut edits = Vec::new();
    let mut exported = false;
    // `export { handler as middleware }`.
    each(code.root, |node| {
        let alias = node.field("alias").filter(|_| node.kind() == "export_specifier");
        let name = node.field("name").filter(|_| node.kind() == "export_specifier");
        if let Some(alias) = alias.filter(|alias| code.of(*alias) == old) {
            // `export { proxy as middleware }` needs no second name.
            let same = name.filter(|name| code.of(*name) == new);
            let span = same.map_or(syntax::span(alias), |_| syntax::span(node));
            edits.push(edits::replace(code, span, new.to_owned()));
            exported = true;
        }
        true
    });
    if exported {
        return Some((edits, true));
    }
    let places = code.occurrences(code.root, old);
    if places.is_empty() {
        return Some((edits, false));
    }
    let local = |node: &Node<'_>| scope_of(*node).is_some_and(|scope| scope != code.root);
    if code.mentions(new) || places.iter().any(local) {
        return None;
    }
    for place in places {
        let parent = place.parent()?;
        if parent.kind() == "export_specifier" && parent.parent()?.parent()?.field("source").is_some() {
            return None;
        }
        let text = match parent.kind() {
            "import_specifier" | "import_clause" | "namespace_import" => return None,
            _ if place.kind().starts_with("shorthand") => format!("{old}: {new}"),
            _ => new.to_owned(),
        };
        exported |= ancestors(place).any(|node| node.kind() == "export_statement");
        edits.push(edits::replace(code, syntax::span(place), text));
    }
    Some((edits, exported))
}

/// A proxy always runs on Node.js and must not say so: edits that take `runtime` out. `None` where that cannot be
/// done.
fn without_runtime(code: &Code<'_>) -> Option<Vec<Edit>> {
    let mut gone = Vec::new();
    let mut out = Vec::new();
    each(code.root, |node| {
        let named = |field: &str| node.field(field).is_some_and(|name| code.of(name) == "runtime");
        if node.kind() == "variable_declarator" && named("name") {
            gone.extend(ancestors(node).find(|node| node.kind() == "export_statement"));
        } else if node.kind() == "pair" && named("key") && is_config(code, node) {
            out.push(edits::delete(code, super::imports::list_item(code, node)));
        }
        !is_function(node)
    });
    out.extend(statements::remove(code, &gone)?);
    Some(out)
}

/// Whether a pair stands directly in `export const config = { … }`.
fn is_config(code: &Code<'_>, pair: Node<'_>) -> bool {
    let declarator = ancestors(pair).find(|node| node.kind() == "variable_declarator");
    let objects = ancestors(pair).skip(1).take_while(|node| Some(*node) != declarator);
    objects.filter(|node| node.kind() == "object").count() == 1
        && declarator.and_then(|node| node.field("name")).is_some_and(|name| code.of(name) == "config")
}

/// Options of `next.config` that were renamed with the file.
const OPTIONS: [(&str, &str); 4] = [
    ("externalMiddlewareRewritesResolve", "externalProxyRewritesResolve"),
    ("middlewareClientMaxBodySize", "proxyClientMaxBodySize"),
    ("middlewarePrefetch", "proxyPrefetch"),
    ("skipMiddlewareUrlNormalize", "skipProxyUrlNormalize"),
];

fn options(offer: &Offer<'_>, edits: &mut Vec<Edit>) -> Option<Arc<Document>> {
    let config = offer.input.package.next.as_ref()?.config.as_ref()?;
    let document = offer.sources.document(config)?;
    let code = Code::new(&document)?;
    let mut found = false;
    each(code.root, |node| {
        let key = node.field("key").filter(|_| node.kind() == "pair");
        if let Some(key) = key
            && let Some((_, new)) = OPTIONS.iter().find(|(old, _)| *old == code.of(key))
        {
            edits.push(edits::replace(&code, syntax::span(key), (*new).to_owned()));
            found = true;
        }
        true
    });
    found.then_some(document)
}
