//! URLs that two files serve.

use super::{Detected, Place};
use crate::check::shown;
use crate::finding::{Related, Severity};
use crate::package::Bundler;
use crate::project::routes;
use crate::project::routes::table::{Framework, Kind, Served};
use crate::project::{FileInput, FileNo};
use crate::text::Span;

/// The files of the same app that serve something, with the file that is looked at left out.
fn others<'p>(place: &Place<'p>) -> impl Iterator<Item = (&'p FileInput, &'p Served)> {
    let (project, own, root) = (place.project, place.file, place.input.package.root.clone());
    let of = move |file: FileNo| {
        let input = project.file(file).filter(|_| file != own)?;
        let served = project.links(file)?.served.as_ref()?;
        (input.package.root == root && is_one(input, served)).then_some((input, served))
    };
    project.numbers().filter_map(of)
}

/// Serves a URL for itself: a slot is a part of a page, and what intercepts a URL serves it in one case only.
fn is_one(input: &FileInput, served: &Served) -> bool {
    let path = input.path.as_str();
    served.kind != Kind::Metadata && !path.contains("/@") && !path.contains("/(.")
}

fn own<'p>(place: &Place<'p>) -> Option<(&'p Served, Span)> {
    let served = place.project.links(place.file)?.served.as_ref()?;
    if !place.project.is_complete() || !is_one(place.input, served) {
        return None;
    }
    let table = place.project.table();
    let route = table.routes.iter().find(|route| route.file == place.file && route.express.is_none());
    Some((served, route.and_then(|route| route.span(place.project)).unwrap_or_default()))
}

/// Another file serves the same URL, or the URL is one that Next.js refuses.
pub(in crate::check::detectors) fn conflict<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some((served, at)) = own(place) else { return Vec::new() };
    if let Some((what, remedy)) = refused(&served.url) {
        let values = [("what", what), ("remedy", remedy)];
        return vec![place.found(at, values, [])];
    }
    let folder = |input: &FileInput| input.path.parent();
    let twin = others(place).find(|(other, theirs)| {
        // Of two files that differ in their extension only Next.js takes one; that is another matter.
        let twins = folder(other) == folder(place.input) && other.path.stem() == place.input.path.stem();
        theirs.url == served.url && !twins
    });
    let remedy = "Move or remove one of them".to_owned();
    if let Some((other, theirs)) = twin {
        let (end, severity) = same_url(place, served, theirs);
        let what = format!("`{}` is served by {} too: {end}", served.url, shown(place.input, &other.path));
        let mut found =
            place.found(at, [("what", what), ("remedy", remedy)], [related(other, "serves the same URL")]);
        found.evidence.weigh(severity);
        return vec![found];
    }
    let Some((other, how)) = others(place).find_map(|(other, theirs)| {
        let how = overlap(&served.url, &theirs.url).or_else(|| overlap(&theirs.url, &served.url))?;
        Some((other, how))
    }) else {
        return Vec::new();
    };
    let what = format!("{how}, here and in {}: the server does not start", shown(place.input, &other.path));
    vec![place.found(at, [("what", what), ("remedy", remedy)], [related(other, "serves the same URLs")])]
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
    let Some((served, at)) = own(place) else { return Vec::new() };
    if !served.url.contains('[') {
        return Vec::new();
    }
    let clash = others(place).find_map(|(other, theirs)| {
        let (ours, theirs) = differ(&served.url, &theirs.url)?;
        Some((other, ours, theirs))
    });
    let Some((other, ours, theirs)) = clash else { return Vec::new() };
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
    vec![place.found(at, values, [related])]
}

/// The parameters at which two URLs part, where both have one there that takes the same.
fn differ(a: &str, b: &str) -> Option<(String, String)> {
    let segments = |url: &'_ str| url.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (segments(a).into_iter().zip(segments(b))).find(|(a, b)| a != b)?;
    let kind = |segment: &str| {
        let rest = segment.starts_with("[...");
        let any = segment.starts_with("[[...");
        (segment.starts_with('[') && segment.ends_with(']')).then_some((rest, any))
    };
    (kind(&a).is_some() && kind(&a) == kind(&b)).then_some((a, b))
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

    #[test]
    fn parameters_clash_at_the_first_place_where_urls_part() {
        assert_eq!(differ("/a/[id]", "/a/[slug]/b"), Some(("[id]".to_owned(), "[slug]".to_owned())));
        assert_eq!(differ("/a/[id]", "/a/new"), None);
        assert_eq!(differ("/a/[id]", "/a/[...all]"), None);
        assert_eq!(differ("/a/x/[id]", "/a/y/[slug]"), None);
        assert_eq!(differ("/a/[id]/b", "/a/[id]/c"), None);
    }
}
