//! Words about when and where code runs.

use crate::facts::{FunctionId, Shape};
use crate::finding::Related;
use crate::project::{FileNo, Kept, Layer, Scope, kept, segment_text};
use crate::rules::{Condition, Word};
use crate::tables::Kind;

use super::super::{Evidence, Site};
use super::clients::guarded_elsewhere;
use super::list;

/// The layers of Next.js.
pub(super) const NEXT: &[Layer] = &[Layer::Handlers, Layer::Pages, Layer::PagesRouter, Layer::Proxy];

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "edge",
        0,
        |site, condition, evidence| {
            site.captured(condition).is_some_and(|it| on_edge(site, site.function_at(it.at.start), evidence))
        },
        "`(#edge? @at)`: a handler that reaches the code runs on the edge runtime",
    ),
    Word::of(
        "file-directive",
        0,
        |site, condition, _| {
            let facts = &site.input.facts;
            site.captured(condition).is_some_and(|it| match it.text.trim_matches(['"', '\'']) {
                "use client" => facts.use_client,
                "use server" => facts.use_server,
                _ => false,
            })
        },
        "`(#file-directive? @string)`: the string is `'use client'` or `'use server'`, and the file begins with it",
    ),
    Word::about(
        "in",
        1,
        |site, condition, _| site.kind().is_some_and(|kind| condition.words().any(|word| word == kind)),
        "`(#in? \"app-route\" \"pages-api\")`: the file is of one of these kinds, out of those of `applies`",
    ),
    Word::of(
        "reached-from",
        1,
        |site, condition, evidence| {
            let layers = condition.words().flat_map(|word| match word {
                "next" => NEXT,
                "express" => &[Layer::Express],
                _ => &[],
            });
            reached_from(site, &layers.copied().collect::<Vec<_>>(), evidence)
        },
        "`(#reached-from? @at \"next\")`: a Next.js route, page, action or proxy loads the file (`express`: an Express handler does)",
    ),
    Word::of(
        "kept",
        0,
        |site, condition, _| {
            let facts = &site.input.facts;
            site.call(condition).is_some_and(|id| kept(facts, id.chunk, facts.call(id)) != Kept::No)
        },
        "`(#kept? @at)`: something outside the function decides whether the call runs, or keeps what it gives",
    ),
    Word::of(
        "reached-by",
        1,
        reached_by,
        "`(#reached-by? @at \"app-route\" \"express\")`: a request leads to the code through a handler of these kinds that is not rendered ahead",
    ),
    Word::of(
        "scope",
        1,
        scope,
        "`(#scope? @at \"request\")`: the code runs for each request; `module`: once when the module is loaded. Code behind a guard that keeps its value is neither",
    ),
    Word::of(
        "several-layers",
        0,
        |site, _, evidence| several_layers(site, evidence),
        "`(#several-layers? @at)`: parts of Next.js that do not share modules in one process load the file",
    ),
];

fn scope(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let (Some(reach), Some(at)) = (site.project.reach(), site.captured(condition)) else { return false };
    let made = site.made(condition);
    let function = site.function_at(at.at.start);
    let scope = match made {
        Some(made) => reach.scope(site.project, site.file, made),
        None => reach.scope_of(site.project, site.file, function),
    };
    match &*condition.strings[0] {
        "request" => {
            if scope == Scope::Request
                && let Some(way) = function.and_then(|function| reach.way(site.project, site.file, function))
            {
                evidence.reached(&way);
                return true;
            }
            false
        }
        "module" => scope == Scope::Module && made.is_none_or(|made| !guarded_elsewhere(site, made)),
        "once" => matches!(scope, Scope::Once(_)),
        _ => false,
    }
}

fn reached_by(site: &Site<'_>, condition: &Condition, _: &mut Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    let way = site
        .captured(condition)
        .and_then(|it| site.function_at(it.at.start))
        .and_then(|function| reach.way(site.project, site.file, function));
    way.is_some_and(|way| {
        let (file, number) = way.entry;
        let entry = site.project.links(file).and_then(|links| links.entries.get(number as usize));
        let kind = entry.map_or("", |entry| entry.kind);
        condition.words().any(|word| word == kind) && !is_rendered_ahead(site, file)
    })
}

/// A file whose handlers run when the project is built, or now and then to renew what was built.
fn is_rendered_ahead(site: &Site<'_>, file: FileNo) -> bool {
    let Some(input) = site.project.file(file) else { return false };
    let kept = input.facts.binding("revalidate").is_some_and(|(_, decl)| match &decl.value {
        Shape::Number(seconds) => &**seconds != "0",
        value => *value == Shape::Bool(false),
    });
    kept || matches!(segment_text(&input.facts, "dynamic"), Some("force-static" | "error"))
}

pub(super) fn reached_from(site: &Site<'_>, layers: &[Layer], evidence: &mut Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    if !reach.is_loaded_by(site.file, layers) {
        return false;
    }
    if let Some((file, entry)) = reach.loader(site.project, site.file) {
        evidence.host(file);
        evidence.set("entry", entry.label.clone());
        if let Some(input) = site.project.file(file).filter(|_| file != site.file) {
            evidence.relate([Related {
                path: input.path.clone(),
                span: entry.span(&input.facts),
                message: format!("loaded for {}", entry.label),
            }]);
        }
    }
    true
}

fn on_edge(site: &Site<'_>, function: Option<FunctionId>, evidence: &Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    let target_on_edge = evidence.target().is_some_and(|target| target.kind == Kind::Edge);
    let way = function.and_then(|function| reach.way(site.project, site.file, function));
    target_on_edge || way.map_or_else(|| reach.is_loaded_on_edge(site.project, site.file), |way| way.edge)
}

/// Several parts of one Next.js process load the file, each with a module of its own.
fn several_layers(site: &Site<'_>, evidence: &mut Evidence<'_>) -> bool {
    let Some(reach) = site.project.reach() else { return false };
    reached_from(site, NEXT, evidence);
    // Turbopack, the default since 16, bundles pages apart from handlers; webpack bundles them together.
    let Some(next) = evidence.package().major("next") else { return false };
    let groups: &[(&[Layer], &str)] = if next >= 16 {
        &[
            (&[Layer::Handlers], "route handlers"),
            (&[Layer::Pages], "app pages"),
            (&[Layer::PagesRouter], "the Pages Router"),
            (&[Layer::Proxy], "the proxy"),
        ]
    } else {
        &[
            (&[Layer::Handlers, Layer::Pages], "the App Router"),
            (&[Layer::PagesRouter], "the Pages Router"),
            (&[Layer::Proxy], "the middleware"),
        ]
    };
    let loaded: Vec<&str> = groups
        .iter()
        .filter(|(layers, _)| reach.is_loaded_by(site.file, layers))
        .map(|(_, name)| *name)
        .collect();
    evidence.set("count", loaded.len().to_string());
    evidence.set("layers", list(&loaded));
    loaded.len() >= 2
}
