//! Proxy files: where Next.js looks for them, and what it calls them.

use super::{Detected, Place};
use crate::check::site::shown;
use crate::facts::{CallId, Export, Exported, FileFacts, FunctionId, Shape};
use crate::finding::{Related, Severity};
use crate::path::FilePath;
use crate::project::routes;
use crate::project::{FileInput, FileNo, Project, Resolver, Symbol, segment_text};
use crate::text::Span;

/// The names that Next.js knows: the older one, and that since Next.js 16.
const NAMES: [&str; 2] = ["middleware", "proxy"];

/// The name of a file up to its first dot, where it is one of [`NAMES`], and what follows the dot.
fn name_of(path: &FilePath) -> Option<(&'static str, &str)> {
    let (stem, extension) = path.file_name().split_once('.')?;
    Some((NAMES.into_iter().find(|name| *name == stem)?, extension))
}

/// A file that is written as the proxy, at a place where Next.js does not look.
pub(super) fn misplaced<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    find_misplaced(place).into_iter().collect()
}

fn find_misplaced<'p>(place: &Place<'p>) -> Option<Detected<'p>> {
    let input = place.input;
    let to = proxy_home(input)?;
    let next = input.package.next.as_ref()?;
    let (name, _) = name_of(&input.path)?;
    let major = input.package.major("next");
    // Before Next.js 16 nothing is special about `proxy`.
    if name == "proxy" && major.is_none_or(|major| major < 16) {
        return None;
    }
    let in_pages = next.pages_dir.as_ref().is_some_and(|pages| input.path.strip(pages).is_some());
    let nested = in_pages || next.app_dir.as_ref().is_some_and(|app| input.path.strip(app).is_some());
    let at = proxy_export(place, name, in_pages, nested)?;
    if is_imported(place) {
        return None;
    }
    let other = proxies(place.project, input).next();
    let target = other.map_or_else(|| shown(input, &to), |(_, it)| shown(input, &it.path));
    // Turbopack in Next.js 16.4.6 does run a `middleware` beside the wrong one of root and `src`.
    let by_chance = !nested
        && name == "middleware"
        && major.is_some_and(|major| major >= 16)
        && other.is_none()
        && next.page_extensions.iter().any(|it| input.path.file_name() == format!("{name}.{it}"));
    let (what, severity) = if by_chance {
        ("Some builds of Next.js 16 run this file and others skip it without a word", Severity::Warning)
    } else {
        ("Next.js never runs this file, and the build does not say so", Severity::Error)
    };
    let values = [
        ("what", what.to_owned()),
        ("name", if other.is_some() { "what it does" } else { "it" }.to_owned()),
        ("path", target),
    ];
    let related = other.map(|(_, other)| Related {
        path: other.path.clone(),
        span: Span::default(),
        message: "Next.js runs this one".to_owned(),
    });
    let mut found = place.found(at, values, related);
    found.evidence.weigh(severity);
    Some(found)
}

/// Where a file called `middleware` or `proxy` would have to be, if it is at a place where people put it by mistake:
/// below `app` or `pages`, beside the wrong one of the root and `src`, or with an extension that is none of a page.
pub(crate) fn proxy_home(input: &FileInput) -> Option<FilePath> {
    let next = input.package.next.as_ref()?;
    let (name, extension) = name_of(&input.path)?;
    if !matches!(
        extension.rsplit('.').next(),
        Some("ts" | "js" | "mts" | "mjs" | "cts" | "cjs" | "tsx" | "jsx")
    ) {
        return None;
    }
    let home = routes::beside(next)?;
    let of = |folder: &Option<FilePath>| folder.as_ref().and_then(FilePath::parent);
    // With `app` and `pages` apart Next.js itself refuses to start.
    if [&next.app_dir, &next.pages_dir].into_iter().filter_map(of).any(|folder| folder != home) {
        return None;
    }
    let folder = input.path.parent()?;
    let root = input.package.root.as_ref()?;
    let inside = |folder: &Option<FilePath>| folder.as_ref().is_some_and(|it| input.path.strip(it).is_some());
    let likely =
        inside(&next.app_dir) || inside(&next.pages_dir) || folder == *root || folder == root.join("src");
    let known = next.page_extensions.iter().find(|it| *it == extension);
    // `middleware.mts` becomes `middleware.ts`, and `middleware.page.ts` where pages are called so.
    let kind = extension.rsplit('.').next().unwrap_or_default().replace(['m', 'c'], "");
    let fits = |it: &&String| it.rsplit('.').next().unwrap_or_default().replace(['m', 'c'], "") == kind;
    let extension = known.or_else(|| next.page_extensions.iter().find(fits))?;
    let target = home.join(&format!("{name}.{extension}"));
    (likely && target != input.path).then_some(target)
}

/// The proxy files of a package that Next.js finds.
pub(crate) fn proxies<'p>(
    project: &'p Project,
    input: &FileInput,
) -> impl Iterator<Item = (FileNo, &'p FileInput)> {
    let root = input.package.root.clone();
    project.proxies().iter().filter_map(move |&file| {
        let input = project.file(file)?;
        (input.package.root == root && name_of(&input.path).is_some()).then_some((file, input))
    })
}

/// What makes a file a proxy: the place of its function, where it exports one that looks like it. Among routes
/// (`nested`) the name does, for there nothing else calls a function of this name that nobody imports.
fn proxy_export(place: &Place<'_>, name: &str, strict: bool, nested: bool) -> Option<Span> {
    let facts = &place.input.facts;
    let has_matcher = facts.export("config").is_some()
        && facts.binding("config").is_some_and(|(_, decl)| decl.value.get("matcher").is_some());
    let (chunk, export) = [name, "default"].into_iter().find_map(|it| facts.export(it))?;
    if export.type_only {
        return None;
    }
    let imports_next = facts.imports().any(|(_, import)| import.specifier == "next/server");
    let at = name_span(facts, chunk, export);
    let Exported::Value(shape) = &export.exported else { return has_matcher.then_some(at) };
    let looks_like = match Resolver::new(place.project).symbol(place.file, chunk, shape) {
        Symbol::Function(file, function) if file == place.file => {
            let named = imports_next || nested && export.name == name;
            has_matcher || (!strict && named && takes_request(facts, function))
        }
        Symbol::Function(..) | Symbol::External { .. } | Symbol::Value(_, _, Shape::Call(_)) => has_matcher,
        _ => false,
    };
    looks_like.then_some(at)
}

/// What names an export: for a call, what is called.
fn name_span(facts: &FileFacts, chunk: u32, export: &Export) -> Span {
    match &export.exported {
        Exported::Value(Shape::Call(number)) if export.name == "default" => {
            facts.span(chunk, facts.call(CallId { chunk, number: *number }).head)
        }
        _ => facts.span(chunk, export.at),
    }
}

/// Whether a function can be called with a request: a wrapper for handlers cannot.
fn takes_request(facts: &FileFacts, function: FunctionId) -> bool {
    let chunk = &facts.chunks[function.chunk as usize].facts;
    let first = chunk.decls.iter().find(|decl| {
        decl.parameter
            .as_ref()
            .is_some_and(|it| it.of == function.number && it.position == 0 && it.keys.is_empty())
    });
    first.is_none_or(|decl| match decl.annotation.as_deref() {
        Some(annotation) => matches!(annotation, "NextRequest" | "Request"),
        None => matches!(&*decl.name, "request" | "req" | "_request" | "_req" | "_"),
    })
}

/// Whether another file uses the file, so that it is a part of something; tests do not count.
fn is_imported(place: &Place<'_>) -> bool {
    let project = place.project;
    !project.is_complete()
        || project.numbers().any(|file| {
            let loads = project.links(file).is_some_and(|links| links.loads.contains(&place.file));
            loads && project.file(file).is_some_and(|input| !routes::is_aside(&input.path, &input.package))
        })
}

/// `middleware` after its name has become `proxy`, and `proxy` where that name is not known yet.
pub(super) fn renamed<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    find_renamed(place).into_iter().collect()
}

fn find_renamed<'p>(place: &Place<'p>) -> Option<Detected<'p>> {
    let input = place.input;
    let facts = &input.facts;
    let (name, _) = name_of(&input.path)?;
    let next = input.package.versions.get("next")?;
    let head = ["default", name, "middleware", "proxy"].into_iter().find_map(|it| facts.export(it));
    let at = head.map_or(Span::default(), |(chunk, export)| name_span(facts, chunk, export));
    let own = shown(input, &input.path);
    let sibling = proxies(place.project, input).find(|(file, _)| *file != place.file);
    let (what, remedy, severity) = match (name, next.major >= 16, sibling) {
        ("proxy", false, _) => {
            let what = format!(
                "Next.js {}.{}.{} does not know `proxy` and never runs this file",
                next.major, next.minor, next.patch
            );
            (what, "Call the file and its function `middleware`, or update to Next.js 16", Severity::Error)
        }
        ("middleware", true, Some((_, other))) => {
            let what =
                format!("Next.js 16 refuses to start with both `{own}` and `{}`", shown(input, &other.path));
            (what, "Keep `proxy` alone", Severity::Error)
        }
        ("middleware", true, None) => {
            // A proxy cannot run there: who says `edge` has a reason to stay.
            if runtime(facts).is_some_and(|runtime| runtime.contains("edge")) {
                return None;
            }
            let what = "Next.js 16 calls this file `proxy`; the name `middleware` is deprecated".to_owned();
            (
                what,
                "Rename the file and its function, and know that a proxy runs on Node.js",
                Severity::Warning,
            )
        }
        ("proxy", true, _) => {
            let named = |name: &str| facts.export(name).is_some_and(|(_, export)| !export.type_only);
            if named("proxy") || named("default") || !named("middleware") {
                return None;
            }
            let what =
                format!("`{own}` exports `middleware`, but Next.js 16 looks for `proxy` and stops the build");
            (what, "Rename the function", Severity::Error)
        }
        _ => return None,
    };
    let related = sibling.filter(|_| name == "middleware").map(|(_, other)| Related {
        path: other.path.clone(),
        span: Span::default(),
        message: "the other one".to_owned(),
    });
    let mut found = place.found(at, [("what", what), ("name", remedy.to_owned())], related);
    found.evidence.weigh(severity);
    Some(found)
}

/// The runtime that a proxy file asks for: `config.runtime`, or an export of that name.
fn runtime(facts: &FileFacts) -> Option<&str> {
    let (_, config) = facts.binding("config").unzip();
    let in_config = config.and_then(|decl| decl.value.get("runtime")).and_then(Shape::text);
    in_config.or_else(|| segment_text(facts, "runtime"))
}
