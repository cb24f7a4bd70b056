//! Words about routes that a cron job of Vercel calls.

use crate::project::routes;
use crate::rules::{Condition, Word};

use super::super::{Evidence, Site, asked, auth};

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "cron",
    1,
    cron,
    "`(#cron? @at \"without-get\")`: `crons` of Vercel's configuration calls this route file, which has no GET; `unchecked`: nothing that the captured handler does could be a check of who asks",
)];

fn cron(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let package = &site.input.package;
    let (Some(vercel), Some(next)) = (&package.vercel, &package.next) else { return false };
    let Some(url) = routes::url(next, &site.input.path).filter(|_| &*package.target.id == "vercel") else {
        return false;
    };
    if !vercel.crons.iter().any(|cron| asked(&cron.path) == Some(&*url)) {
        return false;
    }
    evidence.set("path", url);
    evidence.set("other", site.shown(&vercel.path));
    let (holds, what): (bool, &str) = match &*condition.strings[0] {
        "without-get" => (
            without_get(site, condition),
            "this file exports no such method, so each run gets a 405: export `GET`",
        ),
        _ => (
            unchecked(site, condition),
            "nothing here looks at who asks: answer 401 unless the `authorization` header is `Bearer \
             ${process.env.CRON_SECRET}`",
        ),
    };
    evidence.set("what", what);
    holds
}

/// The file exports methods, the captured one first, but no `GET`.
fn without_get(site: &Site<'_>, condition: &Condition) -> bool {
    let facts = &site.input.facts;
    let Some(captured) = site.captured(condition) else { return false };
    let exports = || facts.exports().filter(|(_, export)| !export.type_only);
    let unknown = exports().any(|(_, export)| export.name == "*" || export.name == "GET");
    let first = exports().find(|(_, export)| crate::project::METHODS.contains(&&*export.name));
    !unknown && first.is_some_and(|(chunk, export)| chunk == site.chunk && export.at.0 == captured.at)
}

/// Nothing in the handler and what it calls looks like a check. Whatever may be one counts as one.
fn unchecked(site: &Site<'_>, condition: &Condition) -> bool {
    let project = site.project;
    let Some(captured) = site.captured(condition) else { return false };
    let proxy = project.numbers().any(|file| {
        project.file(file).is_some_and(|input| {
            input.package.root == site.input.package.root && routes::kind(input) == Some("proxy")
        })
    });
    let entries = project.links(site.file).map_or(&[][..], |links| &links.entries);
    let at = captured.at.shift(site.input.facts.chunks[site.chunk as usize].start);
    let Some(entry) = entries.iter().find(|entry| entry.span(&site.input.facts) == at) else { return false };
    !proxy && !entry.direct.is_empty() && !auth::may_check(project, entry)
}
