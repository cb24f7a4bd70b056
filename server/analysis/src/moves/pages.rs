//! A handler of `pages/api`: its types, and what of its request and response only Next.js has.

use super::{Refusal, Route};
use crate::finding::Edit;
use crate::fix::code::{Code, each};
use crate::fix::edits::replace;
use crate::fix::imports::imports;
use crate::syntax::{self, Node};

/// Types of `next`, and what they are called in the service.
pub(super) const TYPES: &[(&str, &str)] =
    &[("NextApiRequest", "ApiRequest"), ("NextApiResponse", "ApiResponse"), ("NextApiHandler", "ApiHandler")];

/// What a request or response has in Next.js only.
const MEMBERS: &[&str] = &[
    "clearPreviewData",
    "draftMode",
    "preview",
    "previewData",
    "revalidate",
    "setDraftMode",
    "setPreviewData",
    "unstable_revalidate",
];

/// The types of the service in place of those of `next`, taken from the module that `specifier` names.
pub(super) fn types(route: &Route<'_>, specifier: &str) -> Result<Vec<Edit>, Refusal> {
    let code = route.code;
    let mut out = Vec::new();
    only_here(route)?;
    for import in imports(code).iter().filter(|import| import.source == "next") {
        let mut wanted = Vec::new();
        for name in &import.names {
            let Some((_, new)) = TYPES.iter().find(|(old, _)| *old == name.imported) else {
                let reason = format!("`{}` of `next` is not known outside Next.js.", name.imported);
                return route.refuse(syntax::span(name.node), reason);
            };
            wanted.push((*new).to_owned());
            for place in code.occurrences(code.root, name.local) {
                if place.parent().is_none_or(|parent| parent.kind() != "import_specifier") {
                    out.push(replace(code, syntax::span(place), (*new).to_owned()));
                }
            }
        }
        let style = code.style();
        let names = style.braces(&wanted.join(", "));
        let text = format!("import type {names} from {}{}", style.string(specifier), style.semi);
        out.push(replace(code, code.span(import.statement), text));
    }
    Ok(out)
}

/// The first use of something that the service does not have.
fn only_here(route: &Route<'_>) -> Result<(), Refusal> {
    let code = route.code;
    let mut found = None;
    each(code.root, |node| {
        if found.is_none() && node.kind() == "member_expression" {
            found = is_only_here(code, node).then_some(node);
        }
        true
    });
    match found {
        Some(node) => {
            route.refuse(syntax::span(node), format!("`{}` exists in Next.js only.", code.of(node)))
        }
        None => Ok(()),
    }
}

fn is_only_here(code: &Code<'_>, member: Node<'_>) -> bool {
    let text = |field: &str| member.field(field).map_or("", |node| code.of(node));
    let (object, property) = (text("object"), text("property"));
    // `res.socket.server` is the HTTP server of Next.js, which other code hangs its own on.
    MEMBERS.contains(&property) || property == "server" && object.ends_with(".socket")
}
