//! Words about what a router is mounted under.

use crate::facts::FunctionId;
use crate::project::express::{self, Express, LayerKind, Path, Route};
use crate::rules::Word;

use super::super::Site;
use crate::finding::Related;

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "unmerged-param",
    0,
    |site, condition, evidence| {
        let Some(name) = site.captured(condition) else { return false };
        let Some(served) = unmerged(site, &name.text, name.at.start) else { return false };
        let Some(express) = site.project.express_of(site.file) else { return false };
        let inner = &express.routers[served.layer.0 as usize];
        let Some(&mount) = served.mounts.last() else { return false };
        let mounted = express.layer(mount);
        let path = served.url.text.clone();
        let Some(input) = site.project.file(mounted.call.0) else { return false };
        let Some(span) = express::span(site.project, mounted.call) else { return false };
        let Some(made) = site.project.file(inner.site.0) else { return false };
        let Some(site_span) = express::span(site.project, inner.site) else { return false };
        evidence.set("path", path);
        evidence.relate([
            Related {
                path: made.path.clone(),
                span: site_span,
                message: "the router is made here, without `mergeParams`".to_owned(),
            },
            Related {
                path: input.path.clone(),
                span,
                message: format!("`:{}` belongs to the path it is mounted on here", name.text),
            },
        ]);
        true
    },
    "`(#unmerged-param? @name)`: the handler around the code is a route of a router made without `mergeParams`, and this parameter stands in the path that the router is mounted on only",
)];

/// A route that the handler around `offset` serves, where the parameter is one of its URL but not of its router.
fn unmerged<'p>(site: &Site<'p>, name: &str, offset: u32) -> Option<&'p Route> {
    let express: &'p Express = site.project.express_of(site.file)?;
    let function = site.function_at(offset)?;
    let serves = |route: &&Route| {
        let handlers = &express.layer(route.layer).handlers;
        handlers.iter().any(|handler| handler.roots.contains(&(site.file, function)))
    };
    let routes: Vec<&Route> = express.routes.iter().filter(serves).collect();
    let own = |route: &Route| {
        let inner = &express.routers[route.layer.0 as usize];
        let texts = |paths: &[Path]| {
            paths.iter().all(|path| matches!(path, Path::Text(text) if !defines(text, name)))
        };
        let layer = express.layer(route.layer);
        let by_param = inner.layers.iter().any(|it| it.kind == LayerKind::Param(name.into()));
        inner.merge_params == Some(false)
            && !inner.is_app
            && texts(&layer.paths)
            && !by_param
            && route.url.known
    };
    // The same function may be registered in several places: all of them have to lack it.
    if routes.is_empty() || !routes.iter().all(|route| own(route)) || is_elsewhere(site, function) {
        return None;
    }
    routes.into_iter().find(|route| {
        let Some(&mount) = route.mounts.last() else { return false };
        let paths = &express.layer(mount).paths;
        paths.iter().any(|path| matches!(path, Path::Text(text) if defines(text, name)))
    })
}

fn defines(path: &str, name: &str) -> bool {
    path.contains('*') || path.contains('(') || express::parameters(path).contains(&name)
}

/// Whether the function is also middleware of something that is no route, or called by other code.
fn is_elsewhere(site: &Site<'_>, function: FunctionId) -> bool {
    let Some(express) = site.project.express_of(site.file) else { return true };
    let uses = express.routers.iter().flat_map(|router| &router.layers).any(|layer| {
        !matches!(layer.kind, LayerKind::Method(_) | LayerKind::All)
            && layer.handlers.iter().any(|handler| handler.roots.contains(&(site.file, function)))
    });
    let called = site.project.numbers().any(|file| {
        let edges = site.project.links(file).map_or(&[][..], |links| &links.edges);
        edges.iter().any(|edge| edge.to == (site.file, function) && edge.call.is_some())
    });
    uses || called
}
