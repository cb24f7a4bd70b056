//! Reads `rule.md`: title, metadata, prose, examples. Strict, since what it lets through is shown to users;
//! every error names its place and what to write instead.

mod examples;
mod metadata;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag};

pub use metadata::{APPLIES, KEYS};

use super::source::{Rule, RuleError, RuleSource};
use crate::path::FilePath;
use crate::text::Span;

/// The sections of every rule, in their order.
const SECTIONS: [&str; 4] = ["What happens", "Why it matters", "How to fix", "Examples"];

/// Reads the Markdown of a rule. `rule.scm` is read for the names of its captures only.
pub fn read(source: &RuleSource) -> Result<Rule, Vec<RuleError>> {
    let text = source.md.as_str();
    let mut errors = Errors { path: source.file("rule.md"), list: Vec::new() };
    let items = items(text, &mut errors);

    let title = title(text, &items, &mut errors);
    let metadata = match items.get(1) {
        Some(Item::Code(block)) if block.info == "toml" => metadata::read(source, text, block, &mut errors),
        other => {
            let place = other.map_or(text.len()..text.len(), Item::first_line);
            errors.at(place, "below the title comes the metadata: a block that starts with ```toml");
            None
        }
    };
    let sections = sections(text, items.get(2..).unwrap_or_default(), &mut errors);
    let examples = match sections.iter().find(|section| section.name == "Examples") {
        Some(section) => {
            let fixes = metadata.as_ref().map(|metadata| !metadata.fixes.is_empty());
            examples::read(text, section, fixes, &mut errors)
        }
        None => Vec::new(),
    };

    let (Some(metadata), true) = (metadata, errors.list.is_empty()) else {
        errors.list.sort_by_key(|error| (error.span.start, error.span.end));
        return Err(errors.list);
    };
    let prose = |section: &&Section<'_>| section.name != "Examples";
    let start = sections.first().map_or(0, |section| section.heading.start);
    let end =
        sections.iter().find(|section| !prose(section)).map_or(text.len(), |section| section.heading.start);
    Ok(Rule {
        id: source.id.clone(),
        title,
        severity: metadata.severity,
        message: metadata.message,
        since: metadata.since,
        applies: metadata.applies,
        detect: metadata.detect,
        explanation: text[start..end].trim().to_owned(),
        examples,
        fixes: metadata.fixes,
        markdown: text.to_owned(),
    })
}

/// What is wrong so far.
struct Errors {
    path: FilePath,
    list: Vec<RuleError>,
}

impl Errors {
    fn at(&mut self, place: Range<usize>, message: impl Into<String>) {
        let span = Span::new(place.start as u32, place.end as u32);
        self.list.push(RuleError { path: self.path.clone(), span, message: message.into() });
    }
}

/// One block at the top level of the text.
enum Item<'t> {
    Heading { level: HeadingLevel, title: &'t str, place: Range<usize> },
    Code(CodeBlock<'t>),
    Other(Range<usize>),
}

/// A fenced block.
struct CodeBlock<'t> {
    /// What follows the fence on its line, and where that is.
    info: &'t str,
    info_place: Range<usize>,
    /// The code, bytes of `rule.md`.
    content: Range<usize>,
    place: Range<usize>,
}

impl Item<'_> {
    fn place(&self) -> Range<usize> {
        match self {
            Item::Heading { place, .. } | Item::Other(place) => place.clone(),
            Item::Code(block) => block.place.clone(),
        }
    }

    fn first_line(&self) -> Range<usize> {
        match self {
            Item::Code(block) if !block.info.is_empty() => block.info_place.clone(),
            _ => self.place(),
        }
    }
}

/// The blocks at the top level.
fn items<'t>(text: &'t str, errors: &mut Errors) -> Vec<Item<'t>> {
    let mut items = Vec::new();
    let mut depth = 0;
    for (event, place) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    items.push(match tag {
                        Tag::Heading { level, .. } => {
                            let line = text[place.clone()].lines().next().unwrap_or_default();
                            Item::Heading { level, title: line.trim_matches(['#', ' ', '\t']), place }
                        }
                        Tag::CodeBlock(CodeBlockKind::Fenced(_)) => {
                            Item::Code(code_block(text, place, errors))
                        }
                        _ => Item::Other(place),
                    });
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Text(_) if depth == 1 => {
                if let Some(Item::Code(block)) = items.last_mut() {
                    if block.content.is_empty() {
                        block.content.start = place.start;
                    }
                    block.content.end = place.end;
                }
            }
            _ if depth == 0 => items.push(Item::Other(place)),
            _ => {}
        }
    }
    items
}

fn code_block<'t>(text: &'t str, place: Range<usize>, errors: &mut Errors) -> CodeBlock<'t> {
    let block = &text[place.clone()];
    let line = block.lines().next().unwrap_or_default();
    let fence = line.trim_start();
    let info = fence.trim_start_matches(['`', '~']);
    let marks = &fence[..fence.len() - info.len()];
    let info = info.trim();
    let start = place.start + line.find(info).filter(|_| !info.is_empty()).unwrap_or(line.len());
    let closed = block.trim_end().lines().skip(1).last().is_some_and(|last| last.trim().starts_with(marks));
    if !closed {
        errors.at(
            place.start..place.start + line.len(),
            format!("this block is never closed: end it with {marks}"),
        );
    }
    CodeBlock { info, info_place: start..start + info.len(), content: place.end..place.end, place }
}

fn title(text: &str, items: &[Item<'_>], errors: &mut Errors) -> String {
    let title = match items.first() {
        Some(Item::Heading { level: HeadingLevel::H1, title, .. }) => (*title).to_owned(),
        other => {
            let place = other.map_or(0..text.len(), Item::first_line);
            errors.at(place, "the file starts with the title of the rule: `# What is wrong`");
            return String::new();
        }
    };
    for item in items.iter().skip(1) {
        if let Item::Heading { level: HeadingLevel::H1, place, .. } = item {
            errors.at(place.clone(), "a rule has one title; write `##` for a section");
        }
    }
    title
}

/// One `##` section with what is in it.
struct Section<'a> {
    name: &'static str,
    heading: Range<usize>,
    items: &'a [Item<'a>],
}

/// The sections; every one of [`SECTIONS`] has to be there, in order, and say something.
fn sections<'a>(text: &str, items: &'a [Item<'a>], errors: &mut Errors) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = Vec::new();
    let is_section = |item: &Item<'_>| matches!(item, Item::Heading { level: HeadingLevel::H2, .. });
    let first = items.iter().position(is_section).unwrap_or(items.len());
    if let Some(item) = items[..first].first() {
        errors.at(item.place(), "text outside a section: move it below `## What happens`");
    }
    let mut rest = &items[first..];
    while let Some((Item::Heading { title, place, .. }, body)) = rest.split_first() {
        let length = body.iter().position(is_section).unwrap_or(body.len());
        let (body, after) = body.split_at(length);
        rest = after;
        let known = SECTIONS.iter().position(|name| name == title);
        let last = sections.last().and_then(|last| SECTIONS.iter().position(|name| *name == last.name));
        match known {
            None => {
                let names = SECTIONS.map(|name| format!("`## {name}`")).join(", ");
                errors.at(place.clone(), format!("unknown section `{title}`: the sections are {names}"));
            }
            Some(at) if last.is_some_and(|last| last >= at) => {
                errors.at(
                    place.clone(),
                    format!("`{title}` comes once, in this order: {}", SECTIONS.join(", ")),
                );
            }
            Some(at) => {
                if body.is_empty() {
                    errors.at(place.clone(), format!("`{title}` says nothing yet"));
                }
                sections.push(Section { name: SECTIONS[at], heading: place.clone(), items: body });
            }
        }
    }
    for (at, name) in SECTIONS.iter().enumerate() {
        if sections.iter().all(|section| section.name != *name) {
            let next = sections.iter().find(|section| SECTIONS[at..].contains(&section.name));
            let place = next.map_or(text.len()..text.len(), |section| section.heading.clone());
            errors.at(place, format!("the section `## {name}` is missing here"));
        }
    }
    sections
}

#[cfg(test)]
mod tests;
