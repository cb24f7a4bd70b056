//! What a check has to say, in the form every output format prints.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::finding::{Finding, Fix, Safety, Severity};
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::{Encoding, Position, Span};
use serde::Serialize;

/// The outcome of one check.
#[derive(Debug)]
pub(crate) struct Report {
    /// What is wrong, in the order in which it is printed.
    pub items: Vec<Item>,
    /// Every file that a finding or a fix names.
    pub documents: BTreeMap<FilePath, Arc<Document>>,
    /// The rules that may have spoken.
    pub catalogue: Arc<Catalogue>,
    /// The working directory: printed paths are relative to it.
    pub folder: FilePath,
    /// Files looked at.
    pub files: usize,
    /// Where the checked files will run, as a person says it, each with its evidence.
    pub targets: Vec<String>,
}

/// One finding and the ways to mend it.
#[derive(Debug)]
pub(crate) struct Item {
    /// The finding.
    pub finding: Finding,
    /// Its fixes, preferred first.
    pub fixes: Vec<Fix>,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    /// Files looked at.
    pub files: usize,
    /// Findings at each level.
    pub errors: usize,
    /// Findings at each level.
    pub warnings: usize,
    /// Findings at each level.
    pub information: usize,
    /// Findings at each level.
    pub hints: usize,
    /// Findings that `--fix` mends.
    pub fixable: usize,
}

/// A place as people count: lines and columns from 1, columns in Unicode scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// In bytes, from 0.
    pub offset: u32,
}

/// From a place up to another, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Range {
    /// The first character.
    pub start: Place,
    /// Behind the last character.
    pub end: Place,
}

impl Report {
    /// Counts.
    pub(crate) fn summary(&self) -> Summary {
        let mut summary = Summary { files: self.files, ..Summary::default() };
        for item in &self.items {
            match item.finding.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Information => summary.information += 1,
                Severity::Hint => summary.hints += 1,
            }
            summary.fixable += usize::from(item.fixes.iter().any(|fix| fix.safety == Safety::Safe));
        }
        summary
    }

    /// A path as it is printed: relative to the working directory, `/` between segments, no `./`.
    pub(crate) fn display(&self, path: &FilePath) -> String {
        relative(&self.folder, path)
    }

    /// Where a span stands. A file that is still to be made has one place.
    pub(crate) fn range(&self, path: &FilePath, span: Span) -> Range {
        let nowhere = Place { line: 1, column: 1, offset: 0 };
        self.documents
            .get(path)
            .map_or(Range { start: nowhere, end: nowhere }, |document| range(document, span))
    }

    /// Puts findings into the order in which they are printed: path, place, rule.
    pub(crate) fn sort(&mut self) {
        self.items.sort_by(|a, b| key(&a.finding).cmp(&key(&b.finding)));
    }
}

/// Order by path, start, then the longer first, so that what is inside comes after what is around it.
fn key(finding: &Finding) -> (&FilePath, u32, Reverse<u32>, &str, &str) {
    let Span { start, end } = finding.span;
    (&finding.path, start, Reverse(end), &finding.rule, &finding.message)
}

/// Where a span of a document stands.
pub(crate) fn range(document: &Document, span: Span) -> Range {
    let place = |offset: u32| {
        let Position { line, character } =
            document.lines().position(document.text(), offset, Encoding::Utf32);
        Place { line: line + 1, column: character + 1, offset }
    };
    Range { start: place(span.start), end: place(span.end) }
}

/// How somebody in `folder` names `path`.
pub(crate) fn relative(folder: &FilePath, path: &FilePath) -> String {
    if folder.as_str() == "/" {
        return path.as_str().trim_start_matches('/').to_owned();
    }
    // `relative_to` looks from a file, so it is given one in the folder.
    let named = folder.join("_").relative_to(path);
    named.strip_prefix("./").map_or(named.clone(), str::to_owned)
}

/// How a level is called in the output.
pub(crate) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
        Severity::Hint => "hint",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_named_from_the_working_directory() {
        let folder = FilePath::new("/srv/app");
        let name = |path: &str| relative(&folder, &FilePath::new(path));
        assert_eq!(name("/srv/app/app/api/route.ts"), "app/api/route.ts");
        assert_eq!(name("/srv/lib/db.ts"), "../lib/db.ts");
        assert_eq!(relative(&FilePath::new("/"), &FilePath::new("/srv/a.ts")), "srv/a.ts");
    }

    #[test]
    fn columns_count_characters_and_offsets_count_bytes() {
        let document = Document::new(FilePath::new("/a.ts"), 0, "x\r\né日😀y".to_owned());
        let at = document.text().find('y').unwrap() as u32;
        assert_eq!(
            range(&document, Span::new(at, at + 1)),
            Range {
                start: Place { line: 2, column: 4, offset: 12 },
                end: Place { line: 2, column: 5, offset: 13 }
            }
        );
    }
}
