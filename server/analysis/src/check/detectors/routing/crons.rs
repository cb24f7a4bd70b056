//! Cron jobs of `vercel.json` that ask for a path nobody answers.

use super::{Detected, Place, is_closed, nearest};
use crate::finding::Related;
use crate::package::Package;
use crate::project::Project;
use crate::project::routes::address::Fit;
use crate::project::routes::table::{Kind, Route};

/// Paths below `/api` that the clock asks for and no route of the app answers.
pub(in crate::check::detectors) fn without_route<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let (project, package) = (place.project, &place.input.package);
    let crons = &place.input.facts.crons;
    if crons.is_empty() || !is_of_app(place) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for cron in crons {
        let Some(path) = asked(&cron.path).filter(|path| path.starts_with("/api/")) else { continue };
        let served = routes(project, package).any(|route| {
            // What is made from code may have a URL that is not told by its file.
            !route.url_known || route.address.fits(path) != Fit::No
        });
        let api = routes(project, package)
            .any(|route| route.kind == Kind::Endpoint && route.url.starts_with("/api/"));
        if served || !api || !is_closed(place, path) {
            continue;
        }
        let near = nearest(project, package.root.as_ref(), path);
        let remedy = match &near {
            Some(near) => format!("The nearest route is `{}`", near.route.url),
            None => "Correct the path, or add the route".to_owned(),
        };
        let related = near.iter().filter_map(|near| {
            let path = project.file(near.route.file)?.path.clone();
            let message = format!("`{}` is answered here", near.route.url);
            Some(Related { path, span: near.route.span(project)?, message })
        });
        let values = [("path", path.to_owned()), ("remedy", remedy)];
        out.push(place.found(cron.at, values, related));
    }
    out
}

/// The path of a URL that the clock asks for.
pub(crate) fn asked(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?;
    let path = path.strip_suffix('/').unwrap_or(path);
    (path.starts_with('/') && !path.contains("//")).then_some(path)
}

/// Whether the file is the one that Vercel reads for a Next.js app.
fn is_of_app(place: &Place<'_>) -> bool {
    let package = &place.input.package;
    package.next.is_some()
        && &*package.target.id == "vercel"
        && package.root == place.input.path.parent()
        && package.vercel.as_ref().is_some_and(|vercel| vercel.path == place.input.path)
}

fn routes<'p>(project: &'p Project, package: &'p Package) -> impl Iterator<Item = &'p Route> {
    project
        .table()
        .routes
        .iter()
        .filter(|route| project.file(route.file).is_some_and(|input| input.package.root == package.root))
}
