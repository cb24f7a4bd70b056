//! The code blocks under `## Examples`, which are the tests of the rule.

use std::ops::Range;

use super::super::source::{Example, ExampleKind};
use super::{CodeBlock, Errors, Item, Section};
use crate::tables::Targets;
use crate::text::Span;

/// What a block says of itself: ```` ```ts bad app/api/users/route.ts target=vercel ````.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockKind {
    Bad,
    Good,
    Fixed,
    File,
}

/// Reads the examples. `has_fix`: whether the rule offers a fix, which at least one example has to show;
/// `None` where the metadata could not be read.
pub(super) fn read(
    text: &str,
    section: &Section<'_>,
    has_fix: Option<bool>,
    errors: &mut Errors,
) -> Vec<Example> {
    let known = errors.list.len();
    let mut examples: Vec<Example> = Vec::new();
    let mut caption = None;
    for item in section.items {
        let block = match item {
            Item::Code(block) => block,
            Item::Heading { place, .. } => {
                errors.at(place.clone(), "examples have no headings: write a sentence above the block");
                continue;
            }
            Item::Other(place) => {
                caption = Some(text[place.clone()].trim().to_owned());
                continue;
            }
        };
        if let Some(header) = header(block, errors) {
            add(text, block, &header, caption.take().unwrap_or_default(), has_fix, &mut examples, errors);
        }
        caption = None;
    }

    if errors.list.len() > known {
        return examples;
    }
    let heading = || section.heading.clone();
    let is = |kind| examples.iter().any(|example| example.kind == kind);
    if !is(ExampleKind::Bad) {
        errors.at(
            heading(),
            "show at least one place the rule finds: a block ```ts bad app/api/users/route.ts",
        );
    }
    if !is(ExampleKind::Good) {
        errors.at(
            heading(),
            "show at least one place the rule leaves alone: a block ```ts good app/api/users/route.ts",
        );
    }
    if has_fix == Some(true) && examples.iter().all(|example| example.fixed.is_empty()) {
        errors.at(
            heading(),
            "the rule has a fix: show in a block `fixed` below a bad example what the file becomes",
        );
    }
    for example in &examples {
        if example.kind == ExampleKind::Bad && example.marks.is_empty() {
            let place = place_of_line(text, example.line);
            errors.at(
                place,
                "mark what the rule finds: a line `// ^^^` below the code, carets under the place",
            );
        }
    }
    examples
}

struct Header<'t> {
    kind: BlockKind,
    path: &'t str,
    target: Option<String>,
}

fn header<'t>(block: &CodeBlock<'t>, errors: &mut Errors) -> Option<Header<'t>> {
    let mut words = words(block);
    let (Some(_language), Some((kind, kind_place)), Some((path, path_place))) =
        (words.next(), words.next(), words.next())
    else {
        let place = if block.info.is_empty() { block.place.clone() } else { block.info_place.clone() };
        errors.at(
            place,
            "every example says its language, what it is and its path: ```ts bad app/api/users/route.ts",
        );
        return None;
    };
    let kind = match kind {
        "bad" => BlockKind::Bad,
        "good" => BlockKind::Good,
        "fixed" => BlockKind::Fixed,
        "file" | "config" => BlockKind::File,
        other => {
            errors.at(
                kind_place,
                format!("unknown kind of example `{other}`: write bad, fixed, good, file or config"),
            );
            return None;
        }
    };
    if path.starts_with('/')
        || path.contains('\\')
        || path.split('/').any(|part| matches!(part, "" | "." | ".."))
    {
        errors.at(path_place, "a path below the package, such as `app/api/users/route.ts`");
        return None;
    }
    let mut target = None;
    for (option, place) in words {
        match option.split_once('=') {
            Some(("target", id)) if Targets::builtin().get(id).is_some() => target = Some(id.to_owned()),
            Some(("target", _)) => {
                let ids: Vec<&str> = Targets::builtin().all().iter().map(|target| &*target.id).collect();
                errors.at(place, format!("unknown target: there are {}", ids.join(", ")));
            }
            _ => errors.at(place, "unknown option: there is `target=<id>`"),
        }
    }
    Some(Header { kind, path, target })
}

/// The words of a block's first line and their places.
fn words<'t>(block: &CodeBlock<'t>) -> impl Iterator<Item = (&'t str, Range<usize>)> {
    let start = block.info.as_ptr() as usize;
    let base = block.info_place.start;
    block.info.split_whitespace().map(move |word| {
        let at = base + (word.as_ptr() as usize - start);
        (word, at..at + word.len())
    })
}

fn add(
    text: &str,
    block: &CodeBlock<'_>,
    header: &Header<'_>,
    caption: String,
    has_fix: Option<bool>,
    examples: &mut Vec<Example>,
    errors: &mut Errors,
) {
    let (code, marks) = unmark(text, block.content.clone(), errors);
    let file = (header.path.to_owned(), code);
    let marks = marks.into_iter().map(|span| (header.path.to_owned(), span));
    if matches!(header.kind, BlockKind::Bad | BlockKind::Good) {
        let kind = if header.kind == BlockKind::Bad { ExampleKind::Bad } else { ExampleKind::Good };
        let marks: Vec<_> = marks.collect();
        if kind == ExampleKind::Good && !marks.is_empty() {
            errors
                .at(block.info_place.clone(), "a good example has nothing to mark: take the `^^^` lines out");
        }
        let line = 1 + text[..block.place.start].matches('\n').count() as u32;
        let (files, target) = (vec![file], header.target.clone());
        examples.push(Example { kind, caption, files, marks, fixed: Vec::new(), target, line });
        return;
    }
    let place = block.info_place.clone();
    let Some(example) = examples.last_mut() else {
        errors.at(place, "an example starts with a block `bad` or `good`");
        return;
    };
    if header.target.is_some() {
        errors.at(place.clone(), "the target belongs to the first block of an example");
    }
    if header.kind == BlockKind::Fixed {
        if example.kind == ExampleKind::Good {
            errors.at(place, "`fixed` belongs to a bad example; nothing is mended in a good one");
        } else if has_fix == Some(false) {
            errors.at(place, "the rule has no fix: add `[[fix]]` to the metadata or take this block out");
        } else if example.fixed.iter().any(|(path, _)| *path == file.0) {
            errors.at(place, format!("`{}` is fixed already in this example", file.0));
        } else {
            example.fixed.push(file);
        }
    } else if example.files.iter().any(|(path, _)| *path == file.0) {
        errors.at(place, format!("`{}` is in this example already", file.0));
    } else {
        example.marks.extend(marks);
        example.marks.sort();
        example.files.push(file);
    }
}

/// The code of a block without the lines that mark places, and those places in it.
fn unmark(text: &str, content: Range<usize>, errors: &mut Errors) -> (String, Vec<Span>) {
    let mut code = String::new();
    let mut spans = Vec::new();
    let mut last_line = None;
    let mut at = content.start;
    for line in text[content].split_inclusive('\n') {
        let place = at..at + line.trim_end().len();
        at += line.len();
        let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        if !is_mark(line) {
            last_line = Some(code.len());
            code.push_str(line);
            code.push('\n');
            continue;
        }
        let Some(start) = last_line else {
            errors.at(place, "there is no code above this mark");
            continue;
        };
        let above = code[start..].trim_end_matches('\n');
        // Columns are characters: code and mark are aligned for the eye.
        let offset = |column: usize| {
            above
                .char_indices()
                .map(|(at, _)| at)
                .chain([above.len()])
                .nth(column)
                .map(|at| (start + at) as u32)
        };
        let columns: Vec<char> = line.chars().collect();
        let mut column = 0;
        while let Some(skip) = columns[column..].iter().position(|c| *c == '^') {
            let from = column + skip;
            let length = columns[from..].iter().take_while(|c| **c == '^').count();
            column = from + length;
            match (offset(from), offset(column)) {
                (Some(from), Some(to)) => spans.push(Span::new(from, to)),
                _ => errors.at(place.clone(), "the mark reaches beyond the line above it"),
            }
        }
    }
    (code, spans)
}

/// A comment that holds carets only.
fn is_mark(line: &str) -> bool {
    let line = line.trim();
    let inner = line
        .strip_prefix("//")
        .or_else(|| line.strip_prefix("{/*").and_then(|line| line.strip_suffix("*/}")))
        .unwrap_or_default();
    inner.contains('^') && inner.chars().all(|c| matches!(c, '^' | ' ' | '\t'))
}

fn place_of_line(text: &str, line: u32) -> Range<usize> {
    let start: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
    let length = text[start..].lines().next().map_or(0, str::len);
    start..start + length
}
