//! Changes of `next.config`.

use std::sync::Arc;

use super::code::{Code, only_declarator};
use super::imports::list_item;
use super::offer::Offer;
use super::{edits, objects};
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::path::FilePath;
use crate::syntax::{self, Node};

/// `experimental.proxyClientMaxBodySize`, as the installed version calls it.
pub(super) fn raise_body_limit(offer: &Offer<'_>) -> Option<Fix> {
    let package = &offer.input.package;
    let next = package.next.as_ref()?;
    let version = package.versions.get("next")?;
    let option = if version.major < 16 { "middlewareClientMaxBodySize" } else { "proxyClientMaxBodySize" };
    let title = format!("Set `experimental.{option}` to 50 MB (held in memory for each such request)");
    let Some(document) = config(offer) else {
        let root = package.root.as_ref().filter(|_| next.config.is_none())?;
        let edits = vec![new_config(offer, root, option)?];
        return edits::fix(title, Safety::Safe, edits, &[]);
    };
    let code = Code::new(&document)?;
    let object = exported(&code)?;
    let style = code.style();
    let member = format!("{option}: {}", style.string("50mb"));
    let edit = match objects::value(&code, object, "experimental") {
        Some(inner) if inner.kind() == "object" => objects::add_key(&code, inner, &member),
        Some(_) => return None,
        None => objects::add_key(&code, object, &format!("experimental: {}", style.braces(&member))),
    };
    edits::fix(title, Safety::Safe, vec![edit], &[&document])
}

/// Takes `output: "standalone"` out.
pub(super) fn remove_output(offer: &Offer<'_>) -> Option<Fix> {
    let document = config(offer)?;
    let code = Code::new(&document)?;
    let object = exported(&code)?;
    let pair = objects::pair(&code, object, "output")?;
    let value = form::without_wrapping(pair.field("value")?);
    if value.kind() != "string" {
        return None;
    }
    let span = list_item(&code, pair);
    let alone = object.named_child_count() == 1;
    let edit = if alone {
        edits::replace(&code, syntax::span(object), "{}".to_owned())
    } else {
        edits::delete(&code, span)
    };
    let title = "Remove `output` (then the container needs the project with its `node_modules`)".to_owned();
    edits::fix(title, Safety::Unsafe, vec![edit], &[&document])
}

fn config(offer: &Offer<'_>) -> Option<Arc<Document>> {
    offer.sources.document(offer.input.package.next.as_ref()?.config.as_ref()?)
}

/// The object that the configuration exports: `export default { … }`, `module.exports = config`.
fn exported<'a>(code: &Code<'a>) -> Option<Node<'a>> {
    let value = code.statements().into_iter().find_map(|statement| {
        let value = match statement.kind() {
            "export_statement" => statement.field("value")?,
            "expression_statement" => {
                let assignment =
                    statement.named_child(0).filter(|it| it.kind() == "assignment_expression")?;
                let left = assignment.field("left")?;
                assignment.field("right").filter(|_| code.of(left) == "module.exports")?
            }
            _ => return None,
        };
        Some(form::without_wrapping(value))
    })?;
    if value.kind() == "object" {
        return Some(value);
    }
    let declared = code.statements().into_iter().filter_map(only_declarator).find(|declarator| {
        let name = declarator.field("name");
        value.kind() == "identifier" && name.is_some_and(|name| code.of(name) == code.of(value))
    })?;
    let object = form::without_wrapping(declared.field("value")?);
    (object.kind() == "object").then_some(object)
}

/// A configuration where the project has none, in the language that its version reads.
fn new_config(offer: &Offer<'_>, root: &FilePath, option: &str) -> Option<Edit> {
    let package = &offer.input.package;
    let code = Code::new(offer.document)?;
    let style = code.style();
    let typed = package.typescript && package.major("next")? >= 15;
    let (line, step, semi) = (style.newline, style.indent, style.semi);
    let inner = style.braces(&format!("{option}: {}", style.string("50mb")));
    let (name, head, annotation) = if typed {
        let import = format!(
            "import type {} from {}{semi}{line}{line}",
            style.braces("NextConfig"),
            style.string("next")
        );
        ("next.config.ts", import, ": NextConfig")
    } else {
        ("next.config.mjs", String::new(), "")
    };
    let text = format!(
        "{head}const nextConfig{annotation} = {{{line}{step}experimental: {inner},{line}}}{semi}{line}{line}export default \
         nextConfig{semi}{line}"
    );
    Some(Edit::create(root.join(name), text))
}
