//! The text of a route file in its new place: what it names by relative paths, and what of `next/server` the web has
//! under another name.

use super::luggage::CONVERTED;
use super::service::Service;
use super::sockets::Sockets;
use super::{Refusal, Route, pages};
use crate::finding::{Edit, Safety};
use crate::fix::code::{Code, each, is_written, only_declarator};
use crate::fix::edits::{self, delete, replace};
use crate::fix::{apply, imports, statements};
use crate::form;
use crate::path::FilePath;
use crate::syntax::{self, Node};
use crate::text::Span;

/// A route file taken apart.
pub(super) struct Moved {
    /// What goes.
    pub(super) text: String,
    /// Options of Next.js that stay with what answers there, as they are written.
    pub(super) kept: Vec<String>,
}

/// Options of a route file that stay where Next.js reads them.
pub(super) const OPTIONS: &[&str] =
    &["dynamic", "dynamicParams", "maxDuration", "preferredRegion", "runtime"];

/// What `nextUrl` has in common with a URL.
const URL_MEMBERS: &[&str] = &[
    "hash",
    "host",
    "hostname",
    "href",
    "origin",
    "password",
    "pathname",
    "port",
    "protocol",
    "search",
    "searchParams",
    "toString",
    "username",
];

/// Those of them that a base path is part of.
const OF_THE_PATH: &[&str] = &["href", "pathname", "toString"];

/// The base path of the app.
pub(super) fn base_path<'r>(route: &'r Route<'_>) -> &'r str {
    route.input.package.next.as_ref().map_or("", |next| next.base_path.as_str())
}

/// The file as it reads at `place`.
pub(super) fn moved(
    route: &Route<'_>,
    place: &FilePath,
    service: &Service,
    sockets: Option<&Sockets>,
) -> Result<Moved, Refusal> {
    let code = route.code;
    let mut edits = sockets.map(|it| it.edits.clone()).unwrap_or_default();
    let mut kept: Vec<String> = Vec::new();
    for statement in code.statements() {
        if is_option(code, statement) {
            kept.push(code.span(statement).of(code.text).to_owned());
            edits.push(delete(code, statements::whole_lines(code, statement)));
        }
    }
    edits.extend(specifiers(code, place));
    if route.pages {
        let module = place.relative_to(&service.pages());
        edits.extend(pages::types(route, module.trim_end_matches(".ts"), service.folder())?);
    } else {
        edits.extend(web_names(route)?);
    }
    let path = &route.input.path;
    let broken =
        || Refusal::new(path, Span::default(), "The file cannot be rewritten without an error in it.");
    let text = if edits.is_empty() {
        code.text.to_owned()
    } else {
        let fix = edits::fix(String::new(), Safety::Unsafe, edits, &[code.document]).ok_or_else(broken)?;
        apply(code.text, &fix.edits)
    };
    Ok(Moved { text: text.trim_start().to_owned(), kept })
}

/// Whether a statement exports an option.
fn is_option(code: &Code<'_>, statement: Node<'_>) -> bool {
    let declarator = statement.field("declaration").and_then(only_declarator);
    let name = declarator.and_then(|it| it.field("name"));
    statement.kind() == "export_statement" && name.is_some_and(|name| OPTIONS.contains(&code.of(name)))
}

/// Relative specifiers, seen from the new place.
pub(super) fn specifiers(code: &Code<'_>, place: &FilePath) -> Vec<Edit> {
    let mut out = Vec::new();
    let folder = code.document.path().parent();
    each(code.root, |node| {
        let Some(string) = specifier(code, node) else { return true };
        let text = code.of(string);
        let name = text.trim_matches(['"', '\'', '`']);
        if name.starts_with('.')
            && let Some(folder) = &folder
        {
            let quote = &text[..1];
            let new = place.relative_to(&folder.join(name));
            out.push(replace(code, syntax::span(string), format!("{quote}{new}{quote}")));
        }
        true
    });
    out
}

/// The string by which a node names a module.
fn specifier<'a>(code: &Code<'a>, node: Node<'a>) -> Option<Node<'a>> {
    match node.kind() {
        "import_statement" | "export_statement" | "import_require_clause" => node.field("source"),
        "call_expression" => {
            let function = node.field("function")?;
            let loads = function.kind() == "import" || code.of(function) == "require";
            let only = node.field("arguments")?.named_child(0)?;
            (loads && only.kind() == "string").then_some(only)
        }
        _ => None,
    }
}

/// `NextRequest` and `NextResponse` become what they are on the web.
fn web_names(route: &Route<'_>) -> Result<Vec<Edit>, Refusal> {
    let code = route.code;
    let mut out = Vec::new();
    let found = imports::imports(code);
    let server = found.iter().filter(|import| import.source == "next/server");
    let names: Vec<(&str, &str)> = server
        .flat_map(|import| &import.names)
        .filter(|name| CONVERTED.contains(&name.imported))
        .map(|name| (name.local, name.imported))
        .collect();
    for (local, imported) in &names {
        let web = imported.trim_start_matches("Next");
        if code.mentions(web) && found.iter().any(|import| import.names.iter().any(|name| name.local == web))
        {
            return route.refuse(Span::default(), format!("The file has another `{web}`."));
        }
        for place in code.occurrences(code.root, local) {
            if place.parent().is_some_and(|parent| parent.kind() == "import_specifier") {
                continue;
            }
            out.extend(web_name(route, place, web)?);
        }
    }
    let locals: Vec<&str> = names.iter().map(|(local, _)| *local).collect();
    if !locals.is_empty() {
        let gone = imports::rewrite(code, None, &locals, false);
        let reason = "The import of `next/server` cannot be taken apart.";
        out.extend(gone.ok_or_else(|| Refusal::new(&route.input.path, Span::default(), reason))?);
    }
    let requests = requests(code);
    // `nextUrl` has no base path in front, and the URL that takes its place has.
    let based = !base_path(route).is_empty();
    let mut trouble = None;
    each(code.root, |node| {
        if node.kind() == "member_expression" && trouble.is_none() {
            match request_member(code, node, &requests, based) {
                Ok(edit) => out.extend(edit),
                Err(reason) => trouble = Some((node, reason)),
            }
        }
        true
    });
    match trouble {
        Some((node, reason)) => route.refuse(syntax::span(node), reason),
        None => Ok(out),
    }
}

/// One use of a class of `next/server`.
fn web_name(route: &Route<'_>, place: Node<'_>, web: &str) -> Result<Vec<Edit>, Refusal> {
    let code = route.code;
    let renamed = || Ok(vec![replace(code, syntax::span(place), web.to_owned())]);
    let Some(parent) = place.parent() else { return renamed() };
    match parent.kind() {
        // `NextResponse<Body>`.
        "generic_type" => return Ok(vec![replace(code, syntax::span(parent), web.to_owned())]),
        _ if place.kind() == "type_identifier" => return renamed(),
        "new_expression" if web == "Response" => {
            let mut out = vec![replace(code, syntax::span(place), web.to_owned())];
            out.extend(parent.field("type_arguments").map(|it| delete(code, syntax::span(it))));
            return Ok(out);
        }
        "binary_expression" => return renamed(),
        "member_expression" if web == "Response" => {
            if let Some(edits) = static_call(code, place, parent) {
                return Ok(edits);
            }
        }
        _ => {}
    }
    let reason = format!("`{}` has no counterpart outside Next.js.", code.of(parent));
    route.refuse(syntax::span(place), reason)
}

/// `NextResponse.json(…)`, `NextResponse.redirect(…)` and `NextResponse.error()`.
fn static_call(code: &Code<'_>, place: Node<'_>, member: Node<'_>) -> Option<Vec<Edit>> {
    let call = member.parent().filter(|it| it.field("function") == Some(member))?;
    let arguments = call.field("arguments")?;
    let mut out = vec![replace(code, syntax::span(place), "Response".to_owned())];
    match code.of(member.field("property")?) {
        "json" => {
            out.extend(call.field("type_arguments").map(|it| delete(code, syntax::span(it))));
        }
        "error" => {}
        "redirect" => {
            // Its headers cannot be changed afterwards, as those of `NextResponse` can.
            let around = call.parent()?;
            let returned = matches!(around.kind(), "return_statement" | "arrow_function");
            match (arguments.named_child(0), arguments.named_child(1)) {
                (Some(url), None) if returned => {
                    out.push(edits::insert(code, url.end_byte() as u32, ", 307".to_owned()));
                }
                (Some(_), Some(status)) if returned && status.kind() == "number" => {}
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(out)
}

/// Names that functions of the file give to the request: their first parameter.
fn requests<'a>(code: &Code<'a>) -> Vec<&'a str> {
    let mut out = Vec::new();
    each(code.root, |node| {
        if form::is_function(node)
            && let Some(first) = form::parameters(node).first()
        {
            out.push(code.of(first.field("pattern").unwrap_or(*first)));
        }
        true
    });
    out
}

/// What a request of Next.js has beside those of the web. An error says what stands in the way.
fn request_member(
    code: &Code<'_>,
    member: Node<'_>,
    requests: &[&str],
    based: bool,
) -> Result<Option<Edit>, String> {
    let (Some(object), Some(property)) = (member.field("object"), member.field("property")) else {
        return Ok(None);
    };
    let (name, property) = (code.of(object), code.of(property));
    if object.kind() != "identifier" {
        let next = property == "nextUrl";
        return if next { Err(format!("`{}` exists in Next.js only.", code.of(member))) } else { Ok(None) };
    }
    match property {
        "nextUrl" => {
            let text = format!("new URL({name}.url)");
            let used = member.parent();
            let fits = |uses: &str| URL_MEMBERS.contains(&uses) && !(based && OF_THE_PATH.contains(&uses));
            let good = match used.map(|node| (node, node.kind())) {
                Some((node, "member_expression")) if node.field("object") == Some(member) => {
                    let written = is_written(node);
                    !written && node.field("property").is_some_and(|it| fits(code.of(it)))
                }
                Some((_, "arguments")) => !based,
                Some((node, "variable_declarator")) => variable_fits(code, node, &fits, based),
                _ => false,
            };
            if good {
                Ok(Some(replace(code, syntax::span(member), text)))
            } else {
                let around = used
                    .map_or(member, |node| if node.kind() == "member_expression" { node } else { member });
                Err(format!("`{}` has no counterpart outside Next.js.", code.of(around)))
            }
        }
        "cookies" => Err(format!("`{name}.cookies` exists in Next.js only.")),
        "geo" | "ip" if requests.contains(&name) => {
            Err(format!("`{name}.{property}` exists in Next.js only."))
        }
        _ => Ok(None),
    }
}

/// Whether a variable that holds `nextUrl` is used as any URL.
fn variable_fits(code: &Code<'_>, declarator: Node<'_>, fits: &dyn Fn(&str) -> bool, based: bool) -> bool {
    let Some(name) = declarator.field("name") else { return false };
    match name.kind() {
        "object_pattern" => name.named_children().all(|key| {
            let key = if key.kind() == "pair_pattern" { key.field("key") } else { Some(key) };
            key.is_some_and(|key| fits(code.of(key)))
        }),
        "identifier" => {
            code.occurrences(code.root, code.of(name)).into_iter().filter(|it| *it != name).all(|it| {
                it.parent().is_some_and(|parent| match parent.kind() {
                    "member_expression" => parent.field("property").is_some_and(|it| fits(code.of(it))),
                    "arguments" => !based,
                    _ => false,
                })
            })
        }
        _ => false,
    }
}
