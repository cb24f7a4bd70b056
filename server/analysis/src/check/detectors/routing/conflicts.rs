//! URLs that two files serve.

use super::{Detected, Place};
use crate::check::shown;
use crate::finding::{Related, Severity};
use crate::package::Bundler;
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

/// Another file serves the same URL.
pub(in crate::check::detectors) fn conflict<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let Some((served, at)) = own(place) else { return Vec::new() };
    let folder = |input: &FileInput| input.path.parent();
    let Some((other, theirs)) = others(place).find(|(other, theirs)| {
        // Of two files that differ in their extension only Next.js takes one; that is another matter.
        let twins = folder(other) == folder(place.input) && other.path.stem() == place.input.path.stem();
        theirs.url == served.url && !twins
    }) else {
        return Vec::new();
    };
    let both = |framework: Framework| served.framework == framework && theirs.framework == framework;
    let silent = both(Framework::NextApp) && served.kind == Kind::Endpoint && theirs.kind == Kind::Endpoint;
    let (what, severity) = if both(Framework::NextPages) {
        ("Next.js takes one of them", Severity::Warning)
    } else if silent && place.input.package.bundler() == Some(Bundler::Webpack) {
        ("the build does not say so, and one of them gets no request", Severity::Warning)
    } else {
        ("Next.js stops the build, or does not start", Severity::Error)
    };
    let values =
        [("path", served.url.clone()), ("other", shown(place.input, &other.path)), ("what", what.to_owned())];
    let related = Related {
        path: other.path.clone(),
        span: Span::default(),
        message: "serves the same URL".to_owned(),
    };
    let mut found = place.found(at, values, [related]);
    found.evidence.weigh(severity);
    vec![found]
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

    #[test]
    fn parameters_clash_at_the_first_place_where_urls_part() {
        assert_eq!(differ("/a/[id]", "/a/[slug]/b"), Some(("[id]".to_owned(), "[slug]".to_owned())));
        assert_eq!(differ("/a/[id]", "/a/new"), None);
        assert_eq!(differ("/a/[id]", "/a/[...all]"), None);
        assert_eq!(differ("/a/x/[id]", "/a/y/[slug]"), None);
        assert_eq!(differ("/a/[id]/b", "/a/[id]/c"), None);
    }
}
