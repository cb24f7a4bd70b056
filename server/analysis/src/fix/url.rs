//! URLs with a slip, and route files with another name.

use super::code::Code;
use super::edits;
use super::offer::Offer;
use crate::check;
use crate::finding::{Edit, Fix, Safety};
use crate::project::calls::ClientCall;

/// Writes the segments of a URL as the nearest route has them. Only where the text stands at the place itself.
pub(super) fn nearest_url(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let span = offer.finding.span;
    let request: &ClientCall = offer
        .project
        .links(offer.file)?
        .requests
        .iter()
        .find(|request| request.span(&offer.input.facts) == span)?;
    let near = check::nearest(offer.project, offer.input.package.root.as_ref(), &request.path)?;
    let text = span.of(code.text);
    let mut out = Vec::new();
    for (asked, served) in &near.segments {
        let wanted = format!("/{asked}");
        let is_end = |at: usize| text[at + wanted.len()..].starts_with(['/', '?', '#', '"', '\'', '`', '$']);
        let mut found = text.match_indices(&wanted).map(|(at, _)| at).filter(|at| is_end(*at));
        let (at, None) = (found.next()?, found.next()) else { return None };
        let start = span.start + at as u32 + 1;
        let place = crate::text::Span::new(start, start + asked.len() as u32);
        out.push(edits::replace(&code, place, served.clone()));
    }
    let title = format!("Ask for `{}`", near.route.url);
    edits::fix(title, Safety::Unsafe, out, &[offer.document])
}

/// Gives a file with handlers the one name that Next.js looks for.
pub(super) fn name_route_file(offer: &Offer<'_>) -> Option<Fix> {
    let to = check::route_home(offer.input)?;
    if offer.sources.document(&to).is_some() || offer.project.paths().any(|path| *path == to) {
        return None;
    }
    let title = format!("Call the file `{}`", to.file_name());
    edits::fix(title, Safety::Unsafe, vec![Edit::rename(offer.input.path.clone(), to)], &[offer.document])
}
