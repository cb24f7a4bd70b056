//! URLs that two files serve.

use super::{Detected, Place};
use crate::check::shown;
use crate::finding::{Related, Severity};
use crate::package::Bundler;
use crate::project::routes;
use crate::project::routes::owners::serves_alone;
use crate::project::routes::table::{Framework, Kind, Served};
use crate::project::{FileInput, FileNo};
use crate::text::Span;

/// What the file that is looked at serves for itself.
fn own<'p>(place: &Place<'p>) -> Option<&'p Served> {
    let served = place.project.links(place.file)?.served.as_ref()?;
    let alone = place.project.is_complete() && serves_alone(place.input, served);
    alone.then_some(served)
}

/// The name of the first answer of the file that is looked at.
fn first_answer(place: &Place<'_>) -> Span {
    let table = place.project.table();
    let mut routes = table.of_file(place.file).iter().map(|&number| &table.routes[number]);
    let route = routes.find(|route| route.express.is_none());
    route.and_then(|route| route.span(place.project)).unwrap_or_default()
}

/// A file in `public` has the URL of the file that is looked at: Next.js serves that one, for every method.
fn behind_a_file<'p>(place: &Place<'p>) -> Option<Detected<'p>> {
    let served = place.project.links(place.file)?.served.as_ref()?;
    let package = &place.input.package;
    let (root, next) = (package.root.as_ref()?, package.next.as_ref()?);
    let inside = served.url.strip_prefix(next.base_path.as_str())?.strip_prefix('/')?;
    let file = root.join("public").join(next.public_files.get(inside)?);
    let what = format!(
        "`{}` is served by the file {} too: {}",
        served.url,
        shown(place.input, &file),
        if served.framework == Framework::NextPages {
            "Next.js stops the build"
        } else {
            "Next.js serves the file, and this one gets no request"
        }
    );
    let values = [("what", what), ("remedy", "Move or remove one of them".to_owned())];
    Some(place.found(first_answer(place), values, []))
}

/// Another file of the app, and what it serves.
fn other<'p>(place: &Place<'p>, file: FileNo) -> Option<(&'p FileInput, &'p Served)> {
    let project = place.project;
    let input = project.file(file).filter(|_| file != place.file)?;
    Some((input, project.links(file)?.served.as_ref()?))
}

/// Another file serves the same URL, or the URL is one that Next.js refuses.
pub(in crate::check::detectors) fn conflict<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    if let Some(found) = behind_a_file(place) {
        return vec![found];
    }
    let Some(served) = own(place) else { return Vec::new() };
    if let Some((what, remedy)) = refused(&served.url) {
        let values = [("what", what), ("remedy", remedy)];
        return vec![place.found(first_answer(place), values, [])];
    }
    let folder = |input: &FileInput| input.path.parent();
    let owners = place.project.owners();
    let root = place.input.package.root.as_ref();
    let twin = owners.of(root, &served.url).filter_map(|file| other(place, file)).find(|(other, _)| {
        // Of two files that differ in their extension only Next.js takes one; that is another matter.
        folder(other) != folder(place.input) || other.path.stem() != place.input.path.stem()
    });
    let remedy = "Move or remove one of them".to_owned();
    if let Some((other, theirs)) = twin {
        let (end, severity) = same_url(place, served, theirs);
        let what = format!("`{}` is served by {} too: {end}", served.url, shown(place.input, &other.path));
        let mut found = place.found(
            first_answer(place),
            [("what", what), ("remedy", remedy)],
            [related(other, "serves the same URL")],
        );
        found.evidence.weigh(severity);
        return vec![found];
    }
    let mut near = owners.near(root, &served.url).into_iter().filter_map(|file| other(place, file));
    let Some((other, how)) = near.find_map(|(other, theirs)| {
        let how = overlap(&served.url, &theirs.url).or_else(|| overlap(&theirs.url, &served.url))?;
        Some((other, how))
    }) else {
        return Vec::new();
    };
    let what = format!("{how}, here and in {}: the server does not start", shown(place.input, &other.path));
    vec![place.found(
        first_answer(place),
        [("what", what), ("remedy", remedy)],
        [related(other, "serves the same URLs")],
    )]
}

fn related(other: &FileInput, message: &str) -> Related {
    Related { path: other.path.clone(), span: Span::default(), message: message.to_owned() }
}

/// What becomes of two files with the same URL.
fn same_url(place: &Place<'_>, served: &Served, theirs: &Served) -> (&'static str, Severity) {
    let both = |framework: Framework| served.framework == framework && theirs.framework == framework;
    let silent = both(Framework::NextApp) && served.kind == Kind::Endpoint && theirs.kind == Kind::Endpoint;
    if both(Framework::NextPages) {
        ("Next.js takes one of them", Severity::Warning)
    } else if silent && place.input.package.bundler() == Some(Bundler::Webpack) {
        ("the build does not say so, and one of them gets no request", Severity::Warning)
    } else {
        ("Next.js stops the build, or does not start", Severity::Error)
    }
}

/// Why Next.js refuses a URL by itself, and what to do.
fn refused(url: &str) -> Option<(String, String)> {
    let segments: Vec<&str> = url.split('/').collect();
    let open = segments.iter().position(|it| it.starts_with("[...") || it.starts_with("[[..."));
    if open.is_some_and(|at| at + 1 < segments.len()) {
        let what = format!("In `{url}` something follows the catch-all, so the server does not start");
        return Some((what, "Put the catch-all last".to_owned()));
    }
    let names = routes::segments(url);
    let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name))?.1;
    let what = format!("`{url}` has two parameters called `{twice}`, so the server does not start");
    Some((what, "Give one of them another name".to_owned()))
}

/// Two URLs that serve the same paths, though they are written differently. Next.js looks at those with parameters only.
fn overlap(optional: &str, other: &str) -> Option<String> {
    let (folder, last) = optional.rsplit_once('/')?;
    if !last.starts_with("[[...") {
        return None;
    }
    if other == folder && folder.contains('[') {
        return Some(format!("`{folder}` is served by itself and by its optional catch-all"));
    }
    let (beside, required) = other.rsplit_once('/')?;
    (beside == folder && required.starts_with("[..."))
        .then(|| format!("`{folder}` has a catch-all and an optional one"))
}

/// At one place of a URL two files call the parameter differently.
pub(in crate::check::detectors) fn names<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some(served) = own(place) else { return Vec::new() };
    let owners = place.project.owners();
    let clash = owners.otherwise(place.input.package.root.as_ref(), &served.url);
    let Some((other, ours, theirs)) = clash.and_then(|(file, ours, theirs)| {
        let other = place.project.file(file)?;
        Some((other, ours, theirs))
    }) else {
        return Vec::new();
    };
    let values = [
        ("name", ours),
        ("what", theirs),
        ("other", shown(place.input, &other.path)),
        ("path", served.url.clone()),
    ];
    let related = Related {
        path: other.path.clone(),
        span: Span::default(),
        message: "calls it differently".to_owned(),
    };
    vec![place.found(first_answer(place), values, [related])]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `getSortedRoutes` of Next.js 13 to 16 has it.
    #[test]
    fn urls_that_next_refuses_are_told_from_those_that_it_takes() {
        for (url, refuses) in [
            ("/a/[...x]/b", true),
            ("/a/[id]/b/[id]", true),
            ("/a/[id]/b/[...id]", true),
            ("/a/[id]/b/[other]", false),
            ("/a/[[...x]]", false),
        ] {
            assert_eq!(refused(url).is_some(), refuses, "{url}");
        }
        for (optional, other, clash) in [
            ("/a/[id]/[[...x]]", "/a/[id]", true),
            ("/a/[[...x]]", "/a/[...x]", true),
            // Among the dynamic ones there is no index to clash with.
            ("/a/[[...x]]", "/a", false),
            ("/a/[[...x]]", "/a/[id]", false),
            ("/a/[[...x]]", "/a/b", false),
            ("/a/[...x]", "/a", false),
        ] {
            assert_eq!(overlap(optional, other).is_some(), clash, "{optional} {other}");
        }
    }
}
