//! Words about the proxy as the only check of who asks.

use crate::finding::{Related, Severity};
use crate::package::Version;
use crate::project::matcher::{Coverage, Matchers};
use crate::rules::{Condition, Word};
use crate::tables::Effect;

use super::super::{Evidence, Site, auth, target_of};

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "lone-guard",
    1,
    lone_guard,
    "`(#lone-guard? @at \"own\")`: a handler that changes data, behind this proxy, has no check of its own; `own`: the proxy's function is known to check, `package`: what it is made of does",
)];

/// Hosts that turn away the request of CVE-2025-29927 before the proxy sees it.
const SHIELDED: &[&str] = &["vercel", "netlify"];

fn lone_guard(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let project = site.project;
    let (Some(next), Some(links)) = (&site.input.package.next, project.links(site.file)) else {
        return false;
    };
    let guard = links.entries.iter().find(|entry| entry.kind == "proxy");
    let own = &*condition.strings[0] == "own";
    let checks = guard.is_some_and(|entry| {
        !entry.direct.is_empty() && auth::has_effect(project, entry, &[Effect::ChecksAuth])
    });
    if !project.is_complete() || (own && !checks) {
        return false;
    }
    let Some(matchers) = Matchers::of(site.input) else { return false };
    let mut open = Vec::new();
    for file in project.numbers() {
        let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { continue };
        if input.package.root != site.input.package.root {
            continue;
        }
        for entry in links.entries.iter().filter(|entry| entry.kind == "app-route") {
            let changes = matches!(entry.method.as_deref(), Some("POST" | "PUT" | "PATCH" | "DELETE"));
            let behind =
                entry.url.as_deref().is_some_and(|url| matchers.covers(next, url) == Coverage::Always);
            if changes && behind && !auth::could_check(project, entry) {
                open.push((input, entry));
            }
        }
    }
    let Some((_, first)) = open.first() else { return false };
    let more = match open.len() - 1 {
        0 => String::new(),
        1 => " and another handler".to_owned(),
        more => format!(" and {more} other handlers"),
    };
    evidence.set("list", format!("{}{more}", first.label));
    let version = site.input.package.versions.get("next");
    let shielded = target_of(&site.input.package).is_some_and(|target| SHIELDED.contains(&&*target.id));
    if let Some(version) = version.filter(|version| is_open(version) && !shielded) {
        evidence.weigh(Severity::Error);
        let Version { major, minor, patch, .. } = version;
        evidence.set(
            "what",
            format!("In Next.js {major}.{minor}.{patch} a header skips the proxy (CVE-2025-29927)"),
        );
        evidence.set("name", "update, and check who asks in the handler");
    } else {
        evidence.set("what", "An edit of the matcher is enough to lose that check");
        evidence.set("name", "check who asks in the handler too");
    }
    evidence.relate(open.iter().take(8).map(|(input, entry)| Related {
        path: input.path.clone(),
        span: entry.span(&input.facts),
        message: format!("{} has no check of its own", entry.label),
    }));
    true
}

/// Whether a header lets a request past the proxy: CVE-2025-29927.
fn is_open(version: &Version) -> bool {
    let have = (version.major, version.minor, version.patch);
    match version.major {
        11 | 12 => have < (12, 3, 5),
        13 => have < (13, 5, 9),
        14 => have < (14, 2, 25),
        15 => have < (15, 2, 3),
        _ => false,
    }
}
