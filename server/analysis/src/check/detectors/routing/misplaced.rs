//! Handlers in files that Next.js does not look at.

use super::{Detected, Place};
use crate::check::shown;
use crate::facts::{Exported, Shape};
use crate::path::FilePath;
use crate::project::routes::{self, Role};
use crate::project::{FileInput, METHODS};

/// Names that people give a route file by mistake.
const NAMES: &[&str] =
    &["routes", "index", "api", "handler", "handlers", "endpoint", "server", "+server", "main"];

/// A file that exports handlers under the names of methods, at a place where Next.js takes it for no route.
pub(in crate::check::detectors) fn misplaced<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    find(place).into_iter().collect()
}

fn find<'p>(place: &Place<'p>) -> Option<Detected<'p>> {
    let (project, input) = (place.project, place.input);
    let next = input.package.next.as_ref()?;
    let facts = &input.facts;
    let handlers: Vec<_> = METHODS
        .iter()
        .filter_map(|name| facts.export(name))
        .filter(|(_, export)| {
            !export.type_only
                && matches!(
                    export.exported,
                    Exported::Value(Shape::Function(_) | Shape::Call(_) | Shape::Name(_))
                )
        })
        .collect();
    let (chunk, first) = *handlers.first()?;
    let why = why(input, next)?;
    // A helper that a route exports from is at its place.
    if !project.is_complete() || project.is_loaded(place.file) {
        return None;
    }
    let remedy = match route_home(input) {
        Some(home) => format!("Call it `{}`", shown(input, &home)),
        None => "Move the handlers to a `route` file in a folder of `app`".to_owned(),
    };
    let values = [("what", why), ("remedy", remedy)];
    Some(place.found(facts.span(chunk, first.at), values, []))
}

/// Why Next.js does not look at a file.
fn why(input: &FileInput, next: &crate::package::NextProject) -> Option<String> {
    // `_route.ts` is a route that somebody has put aside.
    if input.path.file_name().starts_with('_') {
        return None;
    }
    let inside = |folder: &Option<FilePath>| folder.as_ref().and_then(|folder| input.path.strip(folder));
    let role = routes::role(next, &input.path);
    if let Some(inside) = inside(&next.app_dir) {
        let private = inside.split('/').rev().skip(1).find(|segment| segment.starts_with('_'));
        return match (role, private) {
            (Role::Other, Some(folder)) if input.path.stem() == "route" => {
                Some(format!("the folder `{folder}` is private, because its name starts with `_`"))
            }
            (Role::Other, None) if NAMES.contains(&input.path.stem()) || inside.starts_with("api/") => {
                let extension = input.path.file_name().split_once('.').map_or("", |(_, rest)| rest);
                (input.path.stem() != "route" || !next.page_extensions.iter().any(|it| it == extension))
                    .then(|| "in `app` it serves files that are called `route` only".to_owned())
            }
            _ => None,
        };
    }
    if inside(&next.pages_dir).is_some()
        && input.path.stem() == "route"
        && input.facts.export("default").is_none()
    {
        return Some("`route` files belong in `app`; in `pages` the default export answers".to_owned());
    }
    let root = input.package.root.as_ref()?;
    let other = root.join("src/app");
    let ignored = next.app_dir.as_ref().is_some_and(|app| *app == root.join("app"));
    (ignored && input.path.strip(&other).is_some() && input.path.stem() == "route")
        .then(|| "with a folder `app` at the root it does not look into `src/app`".to_owned())
}

/// What the file would have to be called in its own folder, where a name is all that is wrong.
pub(crate) fn route_home(input: &FileInput) -> Option<FilePath> {
    let next = input.package.next.as_ref()?;
    next.app_dir.as_ref().and_then(|app| input.path.strip(app))?;
    if !NAMES.contains(&input.path.stem()) || input.path.as_str().contains("/_") {
        return None;
    }
    let kind = input.path.extension().replace(['m', 'c'], "");
    let fits = |it: &&String| it.rsplit('.').next().unwrap_or_default() == kind;
    let extension = next.page_extensions.iter().find(fits)?;
    Some(input.path.parent()?.join(&format!("route.{extension}")))
}
