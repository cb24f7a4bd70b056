//! Hover texts and the long form of a rule.
//!
//! A hover says what happens, why it matters on this project's host, and what to do, in that order. It holds
//! whatever a lens or a related place would show, for editors that have neither.

mod client;
mod handler;
mod limit;
mod matcher;
mod registration;
mod segment;
mod topic;

use std::fmt::Write as _;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::check;
use crate::path::FilePath;
use crate::project::{Entry, FileInput, FileNo, Hover, Layer, Project};
use crate::rules::Rule;
use crate::tables::{Effect, Figure};

/// Markdown without its marks, for editors and terminals that show plain text.
pub fn plain(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut depth = 0usize;
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push('\n'),
            Event::Start(Tag::List(_)) => depth += 1,
            Event::Start(Tag::Item) => {
                if !out.is_empty() && !out.ends_with('\n') {
                    out.push('\n');
                }
                let _ = write!(out, "{}- ", "  ".repeat(depth.saturating_sub(1)));
            }
            Event::Rule => out.push_str("----\n\n"),
            Event::End(end) => {
                if let TagEnd::List(_) = end {
                    depth = depth.saturating_sub(1);
                }
                let block = matches!(
                    end,
                    TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::List(_)
                );
                if block && depth == 0 {
                    out.truncate(out.trim_end().len());
                    out.push_str("\n\n");
                }
            }
            _ => {}
        }
    }
    out.trim_end().to_owned()
}

/// All that is known of a rule, as Markdown: what `routewise explain` prints.
pub fn rule(rule: &Rule) -> String {
    let mut out = format!("# {}\n\n`{}`\n\n", rule.title, rule.id);
    let severities: Vec<String> = rule
        .severity
        .iter()
        .map(|(kind, severity)| {
            let severity =
                severity.map_or("off".to_owned(), |severity| format!("{severity:?}").to_lowercase());
            format!("{kind}: {severity}")
        })
        .collect();
    let _ = writeln!(out, "Severity by host: {}.\n", severities.join(", "));
    out.push_str(rule.explanation.trim());
    out.push('\n');
    if !rule.fixes.is_empty() {
        out.push_str("\n## Fixes\n\n");
        for fix in &rule.fixes {
            let safety = format!("{:?}", fix.safety).to_lowercase();
            let _ = writeln!(out, "- {} ({safety})", fix.heading());
        }
    }
    for example in &rule.examples {
        let heading = match example.kind {
            crate::rules::ExampleKind::Bad => "Reported",
            crate::rules::ExampleKind::Good => "Not reported",
        };
        let Some((path, text)) = example.files.first() else { continue };
        let caption =
            if example.caption.is_empty() { String::new() } else { format!(": {}", example.caption) };
        let language = path.rsplit('.').next().unwrap_or_default();
        let _ =
            write!(out, "\n### {heading}{caption}\n\n`{path}`\n\n```{language}\n{}\n```\n", text.trim_end());
    }
    out
}

/// What there is to say about a place: what is wrong there first, then what the code is. `asked` is about the URL
/// that stands there, `more` what else there is to say of an entry.
pub(crate) fn hover(
    project: &Project,
    file: FileNo,
    offset: u32,
    asked: Option<Hover>,
    more: &dyn Fn(&Entry) -> String,
) -> Option<Hover> {
    let input = project.file(file)?;
    let about = asked
        .or_else(|| client::hover(project, file, input, offset))
        .or_else(|| handler::hover(project, file, input, offset, more))
        .or_else(|| registration::hover(project, file, input, offset))
        .or_else(|| segment::hover(input, offset))
        .or_else(|| matcher::hover(project, input, offset))
        .or_else(|| topic::hover(project, file, input, offset));
    let findings = check::findings(project, file);
    let finding =
        findings.iter().filter(|finding| finding.span.touches(offset)).min_by_key(|it| it.span.len());
    match (finding, about) {
        (Some(finding), about) => {
            let mut markdown = format!("**{}**\n\n", finding.message);
            if let Some(about) = &about {
                let _ = write!(markdown, "{}\n\n", about.markdown);
            }
            for place in &finding.related {
                let shown = input.package.root.as_ref().and_then(|root| place.path.strip(root));
                let _ =
                    writeln!(markdown, "- {}: {}", shown.unwrap_or(place.path.file_name()), place.message);
            }
            if let Some(rule) = project.catalogue().rule(&finding.rule) {
                let _ = write!(
                    markdown,
                    "\n---\n\n{}\n\n`{}`",
                    rule.explanation.trim().replace("\n## ", "\n#### ").replacen("## ", "#### ", 1),
                    rule.id
                );
            }
            Some(Hover { span: finding.span, markdown })
        }
        (None, about) => about,
    }
}

/// What there is to say of an entry of a file, as Markdown, with `more` at its end.
pub(crate) fn entry(project: &Project, file: FileNo, entry: &Entry, more: &str) -> Option<String> {
    Some(handler::text(project, file, project.file(file)?, entry, more))
}

/// How long a request may take for an entry of a layer, in one clause.
pub(crate) fn time_limit(input: &FileInput, layer: Layer) -> String {
    limit::of_entry(input, layer)
}

/// `[app/page.tsx](file:///…)`: a file as another one's reader sees it.
pub(crate) fn link(from: &FileInput, to: &FilePath) -> String {
    format!("[{}]({})", check::shown(from, to), registration::address(to))
}

/// What a handler asks of its host, as the hover on it tells.
pub(crate) fn effects(project: &Project, entry: &Entry) -> Vec<Effect> {
    handler::effects(project, entry, None).into_keys().collect()
}

/// A figure's own words, with its condition and date.
fn told<T>(figure: &Figure<T>) -> String {
    let note = figure.note.as_deref().map(|note| format!(", {note}")).unwrap_or_default();
    let doubt = if figure.unverified { ", not verified" } else { "" };
    format!("{note} (as of {}{doubt})", figure.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_keeps_the_words_and_the_lists() {
        let markdown = "**Bad** `client`.\n\nWhy:\n\n- one\n- two\n\n```ts\nlet a\n```\n\nEnd.";
        assert_eq!(plain(markdown), "Bad client.\n\nWhy:\n\n- one\n- two\n\nlet a\n\nEnd.");
    }
}
