//! A handler of `pages/api`: its types, and what of its request and response only Next.js has.

use super::{Refusal, Route};
use crate::finding::Edit;
use crate::fix::code::{Code, each};
use crate::fix::edits::replace;
use crate::fix::imports::imports;
use crate::form;
use crate::path::FilePath;
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
pub(super) fn types(route: &Route<'_>, specifier: &str, service: &FilePath) -> Result<Vec<Edit>, Refusal> {
    let code = route.code;
    let mut out = Vec::new();
    only_here(route, service)?;
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
fn only_here(route: &Route<'_>, service: &FilePath) -> Result<(), Refusal> {
    let code = route.code;
    let mut found = None;
    each(code.root, |node| {
        let property = node.field("property").map_or("", |it| code.of(it));
        if found.is_none() && node.kind() == "member_expression" && MEMBERS.contains(&property) {
            found = Some(node);
        }
        true
    });
    if let Some(node) = found {
        return route.refuse(syntax::span(node), format!("`{}` exists in Next.js only.", code.of(node)));
    }
    let Some(server) = server_of(code) else { return Ok(()) };
    // The service has an HTTP server too; what hangs on it comes from the one who hangs it there.
    if hangs_sockets(code) || others(route).into_iter().any(|(path, _)| path.strip(service).is_some()) {
        return Ok(());
    }
    let reason = format!(
        "`{}` is the HTTP server of Next.js, and what hangs on it does not come from this file: move the route that \
         makes it first.",
        code.of(server)
    );
    route.refuse(syntax::span(server), reason)
}

/// `res.socket.server`, the HTTP server behind an answer.
fn server_of<'a>(code: &Code<'a>) -> Option<Node<'a>> {
    let mut found = None;
    each(code.root, |node| {
        if found.is_none() && is_server(code, node) {
            found = Some(node);
        }
        true
    });
    found
}

fn is_server(code: &Code<'_>, node: Node<'_>) -> bool {
    let named = |node: Node<'_>, name: &str| {
        node.kind() == "member_expression" && node.field("property").is_some_and(|it| code.of(it) == name)
    };
    named(node, "server")
        && node.field("object").is_some_and(|it| named(form::without_wrapping(it), "socket"))
}

/// Whether a file hangs a server of Socket.IO on the HTTP server: `new Server(res.socket.server)`.
fn hangs_sockets(code: &Code<'_>) -> bool {
    let known = imports(code);
    let names: Vec<&str> = known
        .iter()
        .filter(|import| import.source == "socket.io")
        .flat_map(|import| &import.names)
        .map(|name| name.local)
        .collect();
    let mut found = false;
    each(code.root, |node| {
        if node.kind() == "new_expression" {
            let class = node.field("constructor").map_or("", |it| code.of(it));
            let first = node.field("arguments").and_then(|it| it.named_child(0));
            found |=
                names.contains(&class) && first.is_some_and(|it| is_server(code, form::without_wrapping(it)));
        }
        !found
    });
    found
}

/// Other files that use the HTTP server behind an answer, with the line.
fn others(route: &Route<'_>) -> Vec<(FilePath, u32)> {
    let mut out = Vec::new();
    for file in route.project.numbers().filter(|file| *file != route.file) {
        let Some(input) = route.project.file(file) else { continue };
        let document = route.sources.document(&input.path).filter(|it| it.text().contains("socket"));
        let Some(document) = document else { continue };
        if let Some(node) = Code::new(&document).and_then(|code| server_of(&code).map(syntax::span)) {
            out.push((input.path.clone(), document.lines().line_of(node.start) + 1));
        }
    }
    out
}

/// What is to be known where a server of Socket.IO moves.
pub(super) fn left(route: &Route<'_>) -> Vec<String> {
    if !hangs_sockets(route.code) {
        return Vec::new();
    }
    let mut out = vec![
        "Clients of Socket.IO connect to the address of the service now, whose server of Socket.IO needs the app's origin \
         under `cors`."
            .to_owned(),
    ];
    for (path, line) in others(route) {
        if let Some(inside) = path.strip(&route.root) {
            out.push(format!("{inside}:{line} uses the same server of Socket.IO: move that route, too."));
        }
    }
    out
}
