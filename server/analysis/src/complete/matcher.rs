//! Paths of the project in `config.matcher` of a `proxy` or `middleware`.

use std::collections::BTreeMap;

use super::{Completion, Kind};
use crate::fix::code::Code;
use crate::project::routes::{self, Role};
use crate::project::{FileInput, Project};
use crate::syntax::Node;
use crate::text::Span;

/// More paths than anybody reads.
const MOST: usize = 200;

/// Files of the Pages Router that serve no path of their own.
const NO_PATH: [&str; 6] = ["/_app", "/_document", "/_error", "/_middleware", "/404", "/500"];

/// The paths that can be written at `offset`.
pub(super) fn completions(
    project: &Project,
    input: &FileInput,
    code: &Code<'_>,
    offset: u32,
) -> Vec<Completion> {
    let Some(string) = matcher_string(code, offset) else { return Vec::new() };
    let span = Span::new(string.start_byte() as u32 + 1, string.end_byte() as u32 - 1);
    let typed = &code.text[span.start as usize..offset as usize];
    let mut found: Vec<Completion> = paths(project, input)
        .into_iter()
        .filter(|(path, _)| path.starts_with(typed))
        .map(|(path, what)| Completion {
            label: path.clone(),
            detail: what,
            documentation: String::new(),
            snippet: false,
            kind: Kind::Path,
            span,
            filter: path.clone(),
            edits: Vec::new(),
            insert: path,
        })
        .collect();
    found.truncate(MOST);
    found
}

/// The string at `offset`, where it is a path of the matcher: `matcher: '/a'`, `matcher: ['/a']`,
/// `matcher: [{ source: '/a' }]`, in the exported `config`.
fn matcher_string<'a>(code: &Code<'a>, offset: u32) -> Option<Node<'a>> {
    let offset = offset as usize;
    let mut at = code.root.descendant_for_byte_range(offset.checked_sub(1)?, offset)?;
    while at.kind() != "string" {
        at = at.parent().filter(|parent| matches!(parent.kind(), "string" | "string_fragment"))?;
    }
    let string = at;
    let closed = string.child_count() >= 2 && string.end_byte() > string.start_byte() + 1;
    if !closed || offset <= string.start_byte() || offset >= string.end_byte() {
        return None;
    }
    let key = |pair: Node<'_>| pair.field("key").map(|key| code.of(key).trim_matches(['"', '\'']).to_owned());
    let mut pair = string.parent()?;
    if pair.kind() == "pair" && key(pair).as_deref() == Some("source") {
        pair = pair.parent().filter(|object| object.kind() == "object")?.parent()?;
    }
    if pair.kind() == "array" {
        pair = pair.parent()?;
    }
    if pair.kind() != "pair" || key(pair).as_deref() != Some("matcher") {
        return None;
    }
    let mut declarator = pair.parent()?.parent()?;
    while matches!(declarator.kind(), "satisfies_expression" | "as_expression" | "parenthesized_expression") {
        declarator = declarator.parent()?;
    }
    let name = declarator.field("name").filter(|_| declarator.kind() == "variable_declarator")?;
    let exported = declarator.parent()?.parent()?.kind() == "export_statement";
    (exported && code.of(name) == "config").then_some(string)
}

/// The paths that the package serves, as a matcher writes them, each with what serves it.
fn paths(project: &Project, input: &FileInput) -> BTreeMap<String, String> {
    let mut served: BTreeMap<String, String> = BTreeMap::new();
    let mut below: BTreeMap<String, usize> = BTreeMap::new();
    let Some(next) = &input.package.next else { return served };
    for path in project.paths() {
        let role = routes::role(next, path);
        let is_path = match role {
            Role::RouteHandler | Role::PagesApi | Role::Page => true,
            Role::AppPage => path.stem() == "page",
            _ => false,
        };
        let Some(url) = is_path.then(|| routes::url(next, path)).flatten() else { continue };
        // A matcher is seen from the base path.
        let url = url.strip_prefix(next.base_path.as_str()).filter(|rest| !rest.is_empty()).unwrap_or("/");
        if NO_PATH.contains(&url) {
            continue;
        }
        let inside = input.package.root.as_ref().and_then(|root| path.strip(root));
        served.entry(pattern(url)).or_insert_with(|| inside.unwrap_or(path.file_name()).to_owned());
        let mut folder = url;
        while let Some((above, _)) = folder.rsplit_once('/').filter(|(above, _)| !above.is_empty()) {
            *below.entry(pattern(above)).or_default() += 1;
            folder = above;
        }
    }
    for (folder, count) in below.into_iter().filter(|(folder, count)| *count > 1 && !folder.contains(':')) {
        served.entry(format!("{folder}/:path*")).or_insert_with(|| format!("{count} paths"));
    }
    served
}

/// `/users/[id]` as a matcher writes it: `/users/:id`.
fn pattern(url: &str) -> String {
    let segment = |segment: &str| {
        let Some(inside) = segment.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) else {
            return segment.to_owned();
        };
        let optional = inside.strip_prefix("[...").and_then(|inside| inside.strip_suffix(']'));
        match (optional, inside.strip_prefix("...")) {
            (Some(name), _) => format!(":{name}*"),
            (None, Some(name)) => format!(":{name}+"),
            (None, None) => format!(":{inside}"),
        }
    };
    url.split('/').map(segment).collect::<Vec<_>>().join("/")
}
