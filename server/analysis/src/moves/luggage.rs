//! What a handler needs where it goes: the files it reaches, their packages and variables of the environment. What
//! of it works in Next.js alone stands in the way.

use std::collections::{BTreeMap, BTreeSet};

use super::pages::TYPES;
use super::{Refusal, Route};
use crate::facts::Exported;
use crate::fix::code::{Code, each};
use crate::fix::imports::{Import, imports};
use crate::path::FilePath;
use crate::project::{FileInput, FileNo, Project, Resolution, Sources};
use crate::syntax::{self, Node};
use crate::text::Span;

/// What a handler needs.
#[derive(Debug, Default)]
pub(super) struct Luggage {
    /// Packages by name, each with what `package.json` says of its version.
    pub(super) packages: BTreeMap<String, String>,
    /// Those of them that only the compiler needs.
    pub(super) types: BTreeMap<String, String>,
    /// Variables of the environment that the route file reads.
    pub(super) own_variables: BTreeSet<String>,
    /// Those that the other files read.
    pub(super) variables: BTreeSet<String>,
    /// Some file names others by an alias of the app.
    pub(super) aliased: bool,
    /// Some file is JavaScript that no `"type": "module"` speaks of, which modules cannot import names from.
    pub(super) untyped: bool,
    /// What the user should know of it.
    pub(super) left: Vec<String>,
}

/// A module that a file names so that something of it is there at run time.
struct Named {
    specifier: String,
    span: Span,
}

/// Looks through all that the handler reaches.
pub(super) fn pack(route: &Route<'_>) -> Result<Luggage, Refusal> {
    let mut luggage = Luggage::default();
    let manifests = manifests(route);
    let mut seen = BTreeSet::from([route.file]);
    let mut open = vec![route.file];
    while let Some(file) = open.pop() {
        let Some(input) = route.project.file(file) else { continue };
        let Some(document) = route.sources.document(&input.path) else { continue };
        let Some(code) = Code::new(&document) else { continue };
        let own = input.package.root == route.input.package.root;
        let script = matches!(input.path.extension(), "js" | "jsx");
        luggage.untyped |= script && file != route.file && !input.package.es_modules;
        if input.facts.use_client || input.facts.use_server {
            let reason = "This file has a directive that Next.js alone understands.";
            return Err(Refusal::new(&input.path, Span::default(), reason));
        }
        runtime_only(&code, input, file == route.file, &mut luggage)?;
        for named in modules(input) {
            let specifier = named.specifier.as_str();
            let mut aliases = input.package.aliases.iter().map(|(alias, _)| alias.as_str());
            let by_alias =
                aliases.any(|it| !it.is_empty() && !it.starts_with('.') && specifier.starts_with(it));
            luggage.aliased |= by_alias;
            match route.project.resolution(file, specifier) {
                Some(Resolution::File(path)) => {
                    if let Some(other) = route.project.number(path)
                        && seen.insert(other)
                    {
                        open.push(other);
                    }
                    let package = package_of(specifier);
                    let known = manifests.iter().find_map(|known| known.get(package));
                    // By `baseUrl`, or by `imports` of the `package.json` that the moved file no longer lies below.
                    let kept = specifier.starts_with('.') || specifier.starts_with('#') && file != route.file;
                    if own && !by_alias && !kept && known.is_none() {
                        let reason = format!("`{specifier}` means a file in this app only.");
                        return Err(Refusal::new(&input.path, named.span, reason));
                    }
                    if let Some(version) = known.filter(|_| own) {
                        luggage.packages.insert(package.to_owned(), version.clone());
                    }
                }
                Some(Resolution::External) => {
                    next_only(route, &code, input, &named)?;
                    let package = package_of(&named.specifier);
                    let known = manifests.iter().find_map(|known| known.get(package));
                    if let Some(version) = known.filter(|_| own && package != "next") {
                        luggage.packages.insert(package.to_owned(), version.clone());
                        let types = types_of(package);
                        if let Some(version) = manifests.iter().find_map(|known| known.get(&types)) {
                            luggage.types.insert(types, version.clone());
                        }
                    }
                }
                _ => {
                    let reason =
                        format!("`{}` does not resolve, so nobody knows what it needs.", named.specifier);
                    return Err(Refusal::new(&input.path, named.span, reason));
                }
            }
        }
    }
    luggage.left.extend(shared_memory(route, &seen));
    Ok(luggage)
}

/// Dependencies of the app and of the package around it, nearest first.
fn manifests(route: &Route<'_>) -> Vec<BTreeMap<String, String>> {
    manifests_above(route.sources, &route.root)
}

/// Dependencies of a package and of those around it, nearest first.
pub(super) fn manifests_above(sources: &dyn Sources, root: &FilePath) -> Vec<BTreeMap<String, String>> {
    let mut out = Vec::new();
    let mut folder = Some(root.clone());
    while let Some(at) = folder {
        if let Some(document) = sources.document(&at.join("package.json")) {
            let text = document.text();
            let kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
            out.push(kinds.iter().rev().flat_map(|kind| crate::json::entries(text, kind)).collect());
        }
        folder = at.parent();
    }
    out
}

/// Modules that are there when the file runs.
fn modules(input: &FileInput) -> Vec<Named> {
    let facts = &input.facts;
    let imported = facts
        .imports()
        .filter(|(_, import)| !import.type_only)
        .map(|(chunk, import)| (import.specifier.to_string(), facts.span(chunk, import.at)));
    let exported = facts.exports().filter(|(_, export)| !export.type_only).filter_map(|(chunk, export)| {
        match &export.exported {
            Exported::From(specifier, _) | Exported::Namespace(specifier) | Exported::Star(specifier) => {
                Some((specifier.to_string(), facts.span(chunk, export.at)))
            }
            Exported::Value(_) => None,
        }
    });
    imported.chain(exported).map(|(specifier, span)| Named { specifier, span }).collect()
}

/// The package of a specifier: `@acme/db` of `@acme/db/client`.
pub(super) fn package_of(specifier: &str) -> &str {
    let slashes = specifier.match_indices('/').map(|(at, _)| at);
    let mut ends = slashes.skip(usize::from(specifier.starts_with('@')));
    ends.next().map_or(specifier, |end| &specifier[..end])
}

fn types_of(package: &str) -> String {
    match package.strip_prefix('@').and_then(|scoped| scoped.split_once('/')) {
        Some((scope, name)) => format!("@types/{scope}__{name}"),
        None => format!("@types/{package}"),
    }
}

/// Whether a package works inside Next.js only, by its name: `next`, `next-auth`, `@clerk/nextjs`.
fn is_of_next(package: &str) -> bool {
    let name = package.rsplit('/').next().unwrap_or(package);
    matches!(name, "next" | "nextjs" | "server-only" | "client-only")
        || name.starts_with("next-")
        || name.ends_with("-nextjs")
        || name.ends_with("-next")
}

/// Names of `next/server` that the web has under another one.
pub(super) const CONVERTED: &[&str] = &["NextRequest", "NextResponse"];

fn next_only(route: &Route<'_>, code: &Code<'_>, input: &FileInput, named: &Named) -> Result<(), Refusal> {
    if !is_of_next(package_of(&named.specifier)) {
        return Ok(());
    }
    let found = imports(code);
    let import = found.iter().find(|import| import.source == named.specifier && !import.type_only);
    let moved = input.path == route.input.path;
    let converted = |name: &str| match named.specifier.as_str() {
        "next/server" => moved && !route.pages && CONVERTED.contains(&name),
        "next" => moved && route.pages && TYPES.iter().any(|(old, _)| *old == name),
        _ => false,
    };
    let stays = import.and_then(|import| {
        // A name that stands for types only leaves no trace.
        import.names.iter().find(|name| !converted(name.imported) && is_value(code, import, name.local))
    });
    match (import, stays) {
        (Some(import), None) if !import.names.is_empty() => Ok(()),
        (_, Some(name)) => {
            let reason = format!("`{}` of `{}` works inside Next.js only.", name.imported, named.specifier);
            Err(Refusal::new(&input.path, syntax::span(name.node), reason))
        }
        _ => {
            let reason = format!("`{}` works inside Next.js only.", named.specifier);
            Err(Refusal::new(&input.path, named.span, reason))
        }
    }
}

fn is_value(code: &Code<'_>, import: &Import<'_>, local: &str) -> bool {
    code.occurrences(code.root, local).iter().any(|node| {
        let inside = node.start_byte() >= import.statement.start_byte()
            && node.end_byte() <= import.statement.end_byte();
        !inside && node.kind() != "type_identifier"
    })
}

/// What Next.js does for code where it runs, and the variables that the code reads.
fn runtime_only(
    code: &Code<'_>,
    input: &FileInput,
    moved: bool,
    luggage: &mut Luggage,
) -> Result<(), Refusal> {
    let mut found = None;
    let mut variables = BTreeSet::new();
    let typed = code.mentions("NextRequest");
    each(code.root, |node| {
        match node.kind() {
            "member_expression" if !moved && is_of_request(code, node, typed) => {
                found.get_or_insert((node, format!("`{}` exists in Next.js only.", code.of(node))));
            }
            "member_expression" => match code.of(node) {
                text if text.starts_with("process.env.") => {
                    variables.extend(text.strip_prefix("process.env.").map(str::to_owned));
                }
                "process.cwd" => {
                    found.get_or_insert((
                        node,
                        "The working directory is another one in the service.".to_owned(),
                    ));
                }
                "import.meta" if moved => {
                    found.get_or_insert((
                        node,
                        "The file gets another place, which it asks for here.".to_owned(),
                    ));
                }
                _ => {}
            },
            "identifier" if moved && matches!(code.of(node), "__dirname" | "__filename") => {
                found
                    .get_or_insert((node, "The file gets another place, which it asks for here.".to_owned()));
            }
            "string" if is_cache(code, node) => {
                let reason = format!("Next.js alone keeps what {} marks.", code.of(node));
                found.get_or_insert((node, reason));
            }
            "pair" if is_fetch_option(code, node) => {
                let reason = format!("Next.js alone keeps answers of `fetch` as `{}` says.", code.of(node));
                found.get_or_insert((node, reason));
            }
            _ => {}
        }
        true
    });
    variables.remove("NODE_ENV");
    let all = if moved { &mut luggage.own_variables } else { &mut luggage.variables };
    all.extend(variables.into_iter().filter(|name| !name.contains('.')));
    match found {
        Some((node, reason)) => Err(Refusal::new(&input.path, syntax::span(node), reason)),
        None => Ok(()),
    }
}

/// What a request of Next.js has beside those of the web, in a file that stays as it is.
fn is_of_request(code: &Code<'_>, member: Node<'_>, typed: bool) -> bool {
    let text = |field: &str| member.field(field).map_or("", |node| code.of(node));
    match text("property") {
        "nextUrl" => true,
        "cookies" | "geo" | "ip" => typed,
        _ => false,
    }
}

/// `'use cache'` at the head of a file or function.
fn is_cache(code: &Code<'_>, node: Node<'_>) -> bool {
    code.of(node).trim_matches(['"', '\'']).starts_with("use cache")
        && node.parent().is_some_and(|parent| parent.kind() == "expression_statement")
}

/// `next: …` or `cache: 'force-cache'` among the options of `fetch`.
fn is_fetch_option(code: &Code<'_>, pair: Node<'_>) -> bool {
    let text = |field: &str| pair.field(field).map_or("", |node| code.of(node));
    let kept = match text("key") {
        "next" => true,
        "cache" => text("value").trim_matches(['"', '\'']) == "force-cache",
        _ => false,
    };
    let call = pair.parent().and_then(|object| object.parent()).and_then(|arguments| arguments.parent());
    kept && call.is_some_and(|call| {
        call.kind() == "call_expression" && call.field("function").is_some_and(|it| code.of(it) == "fetch")
    })
}

/// Memory of modules that stay and that other code of the app uses too: there will be two of it.
fn shared_memory(route: &Route<'_>, reached: &BTreeSet<FileNo>) -> Vec<String> {
    let project = route.project;
    let mut out = Vec::new();
    let mut importers: BTreeMap<FileNo, Vec<FileNo>> = BTreeMap::new();
    for file in project.numbers() {
        let resolutions = project.file(file).map_or(&[][..], |input| &input.resolutions);
        for resolution in resolutions {
            if let Resolution::File(path) = resolution
                && let Some(other) = project.number(path)
            {
                importers.entry(other).or_default().push(file);
            }
        }
    }
    for &file in reached.iter().filter(|file| **file != route.file) {
        let Some(input) = project.file(file) else { continue };
        let Some(kept) = project.states_of(file).first().map(|decl| input.facts.decl(*decl)) else {
            continue;
        };
        if let Some(other) = used_beside(project, &importers, route.file, file) {
            let name =
                |path: &crate::path::FilePath| path.strip(&route.root).unwrap_or(path.as_str()).to_owned();
            out.push(format!(
                "`{}` in {} is memory of one process, and {} uses it too: each side will have its own. Move that \
                 route as well, or keep it in a store.",
                kept.name,
                name(&input.path),
                name(other)
            ));
        }
    }
    out
}

/// Another entry of the app that reaches a file.
fn used_beside<'p>(
    project: &'p Project,
    importers: &BTreeMap<FileNo, Vec<FileNo>>,
    moved: FileNo,
    file: FileNo,
) -> Option<&'p crate::path::FilePath> {
    let mut seen = BTreeSet::from([file]);
    let mut open = vec![file];
    while let Some(at) = open.pop() {
        let input = project.file(at)?;
        if crate::project::routes::kind(input).is_some() {
            return Some(&input.path);
        }
        for &other in importers.get(&at).map_or(&[][..], Vec::as_slice) {
            if other != moved && seen.insert(other) {
                open.push(other);
            }
        }
    }
    None
}
