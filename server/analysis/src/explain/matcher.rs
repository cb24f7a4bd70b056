//! Hover on `config` of a proxy file: for which routes of the project the proxy runs.

use std::fmt::Write as _;

use crate::check::proxies;
use crate::project::matcher::{Coverage, Matchers};
use crate::project::routes::{self, Role};
use crate::project::{FileInput, Hover, Project};
use crate::text::Span;

/// More routes of one kind are counted, not listed.
const SHOWN: usize = 12;

/// About the `config` that is exported at `offset`.
pub(super) fn hover(project: &Project, input: &FileInput, offset: u32) -> Option<Hover> {
    let (chunk, export) = input.facts.export("config")?;
    let is_proxy = proxies(project, input).any(|(_, proxy)| proxy.path == input.path);
    if !is_proxy || input.facts.chunk_at(offset) != Some(chunk) {
        return None;
    }
    let text = text(project, input)?;
    let span = input.facts.span(chunk, export.at);
    let span = if span.touches(offset) { span } else { Span::new(offset, offset) };
    Some(Hover { span, markdown: text })
}

/// For which routes a proxy runs; `None` where its matcher cannot be read.
pub(super) fn text(project: &Project, input: &FileInput) -> Option<String> {
    let matchers = Matchers::of(input)?;
    let covered = coverage(project, input, &matchers);
    let of = |wanted: Coverage| -> Vec<&str> {
        covered.iter().filter(|(_, it)| *it == wanted).map(|(url, _)| url.as_str()).collect()
    };
    let (always, depends, never) = (of(Coverage::Always), of(Coverage::Depends), of(Coverage::Never));
    let name = input.path.stem();
    let mut text = match matchers {
        Matchers::Everything => {
            format!(
                "Without `matcher` the {name} runs for every request, those for files of `public` included.\n"
            )
        }
        Matchers::Some(_) => {
            format!("The {name} runs for {} of the {} routes of this project.\n", always.len(), covered.len())
        }
    };
    for (title, urls) in [("Runs", &always), ("Depends on the request", &depends), ("Does not run", &never)] {
        if urls.is_empty() {
            continue;
        }
        let listed: Vec<String> = urls.iter().take(SHOWN).map(|url| format!("`{url}`")).collect();
        let more = urls.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = write!(text, "\n**{title}**: {}{more}\n", listed.join(", "));
    }
    if !never.is_empty() {
        text.push_str("\nWhat is not covered has to check for itself who asks.\n");
    }
    Some(text)
}

/// Every URL that the package serves, sorted, and whether the proxy runs for it.
fn coverage(project: &Project, input: &FileInput, matchers: &Matchers) -> Vec<(String, Coverage)> {
    let Some(next) = &input.package.next else { return Vec::new() };
    let mut urls: Vec<String> = project
        .numbers()
        .filter_map(|file| project.file(file))
        .filter(|other| other.package.root == input.package.root)
        .filter(|other| match routes::role(next, &other.path) {
            Role::RouteHandler | Role::PagesApi => true,
            Role::AppPage => other.path.stem() == "page",
            Role::Page => !other.path.stem().starts_with('_'),
            _ => false,
        })
        .filter_map(|other| routes::url(next, &other.path))
        .collect();
    urls.sort();
    urls.dedup();
    urls.into_iter()
        .map(|url| (matchers.covers(next, &url), url))
        .map(|(covers, url)| (url, covers))
        .collect()
}
