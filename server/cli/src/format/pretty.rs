//! For people: each finding with its code, the places that belong to it, and how to mend it.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use routewise_analysis::document::Document;
use routewise_analysis::finding::{Safety, Severity};
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Span;

use crate::report::{Item, Report, Summary};

/// Columns of code that are shown of one line.
const WIDTH: usize = 120;

/// Bytes of one line that are looked at: what is beyond would not be shown, and a minified bundle is one
/// line of megabytes.
const LONGEST_LINE: u32 = 2000;

/// Prints a report and its summary. Colour is taken out again by the stream where it is not wanted.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let renderer = Renderer::styled().term_width(WIDTH);
    for item in &report.items {
        let groups = groups(report, item);
        writeln!(out, "{}\n", renderer.render(&groups))?;
    }
    writeln!(out, "{}", summary_line(report))
}

/// `2 errors, 1 warning in 41 files (target: Vercel, from vercel.json); 1 fixable with --fix`
fn summary_line(report: &Report) -> String {
    let Summary { files, errors, warnings, information, hints, fixable } = report.summary();
    let counts: Vec<String> =
        [(errors, "error"), (warnings, "warning"), (information, "note"), (hints, "hint")]
            .into_iter()
            .filter(|&(number, _)| number > 0)
            .map(|(number, what)| count(number, what))
            .collect();
    let counts = if counts.is_empty() { "Nothing found".to_owned() } else { counts.join(", ") };
    let files = count(files, "file");
    let targets = match report.targets.as_slice() {
        [] => String::new(),
        [target] => format!(" (target: {target})"),
        targets => format!(" (targets: {})", targets.join("; ")),
    };
    let fixable = if fixable > 0 { format!("; {fixable} fixable with --fix") } else { String::new() };
    format!("{counts} in {files}{targets}{fixable}")
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn groups<'r>(report: &'r Report, item: &'r Item) -> Vec<Group<'r>> {
    let finding = &item.finding;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::NOTE,
        Severity::Hint => Level::HELP.with_name("hint"),
    };
    let title = level.primary_title(&*finding.message).id(&*finding.rule);
    let mut first = Group::with_title(title);
    if let Some(snippet) = snippet(report, &finding.path, finding.span) {
        first = first.element(snippet);
    }
    if let Some(fix) = item.fixes.first() {
        let how = match fix.safety {
            Safety::Safe => "--fix",
            Safety::Unsafe => "--fix --unsafe-fixes",
        };
        first = first.element(Level::HELP.message(format!("{} (applied by {how})", fix.title)));
    }
    let mut groups = vec![first];
    for related in &finding.related {
        let note = Group::with_title(Level::NOTE.secondary_title(&*related.message));
        groups.push(match snippet(report, &related.path, related.span) {
            Some(snippet) => note.element(snippet),
            None => note,
        });
    }
    groups
}

/// The lines of a span with the span marked; `None` where the file is not at hand.
fn snippet<'r>(
    report: &Report,
    path: &FilePath,
    span: Span,
) -> Option<Snippet<'r, annotate_snippets::Annotation<'r>>> {
    let (text, line, marked) = excerpt(report.documents.get(path)?, span);
    Some(
        Snippet::source(text)
            .line_start(line as usize + 1)
            .path(report.display(path))
            .annotation(AnnotationKind::Primary.span(marked)),
    )
}

/// The whole lines that a span touches, joined by `\n` whatever the file's own line ends are, the number
/// of the first (from 0), and where the span stands in them.
fn excerpt(document: &Document, span: Span) -> (String, u32, Range<usize>) {
    let (text, lines) = (document.text(), document.lines());
    let first = lines.line_of(span.start);
    let mut last = lines.line_of(span.end);
    // A span that ends behind a line's end mark does not touch the next line.
    if last > first && lines.line_start(text, last) == span.end {
        last -= 1;
    }
    let mut excerpt = String::new();
    let mut marked = 0..0;
    for line in first..=last {
        let whole = lines.line_span(text, line);
        let shown = clip(text, whole, span);
        if line == first {
            marked.start = (span.start.clamp(shown.start, shown.end) - shown.start) as usize;
        } else {
            excerpt.push('\n');
        }
        if line == last {
            marked.end = excerpt.len() + (span.end.clamp(shown.start, shown.end) - shown.start) as usize;
        }
        excerpt.push_str(shown.of(text));
    }
    marked.end = marked.end.max(marked.start);
    (excerpt, first, marked)
}

/// The start of a line that is too long to be drawn, up to some way behind the span.
fn clip(text: &str, line: Span, span: Span) -> Span {
    let mut end = line.end;
    let wanted = span.start.max(line.start) + LONGEST_LINE;
    if end > wanted {
        end = wanted;
        while !text.is_char_boundary(end as usize) {
            end -= 1;
        }
    }
    Span::new(line.start, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::sample;

    fn plain(print: impl Fn(&Report, &mut dyn Write) -> io::Result<()>) -> String {
        anstream::adapter::strip_str(&sample::printed(print)).to_string()
    }

    #[test]
    fn a_finding_shows_its_code_its_related_places_and_its_fix() {
        assert_eq!(
            plain(super::print),
            "error[clients/prisma-client-per-request]: A new client for each request.
                                          100% sure: move it, now.
 --> app/api/[id]/route.ts:2:13
  |
2 |     const 日本 = new PrismaClient()
  |                  ^^^^^^^^^^^^^^^^^^
  |
  = help: Move the client out (applied by --fix)
note: called here
 --> lib/db.ts:1:8
  |
1 | export db
  |        ^^

1 error in 41 files (target: Vercel, from vercel.json); 1 fixable with --fix
"
        );
    }

    #[test]
    fn a_span_keeps_its_place_whatever_the_line_ends_are() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["first", "second {", "  third", "}", "last"].join(end);
            let document = Document::new(FilePath::new("/a.ts"), 0, text.clone());
            let span = Span::new(text.find('{').unwrap() as u32, text.find('}').unwrap() as u32 + 1);
            let (excerpt, line, marked) = excerpt(&document, span);
            assert_eq!((&*excerpt, line), ("second {\n  third\n}", 1), "{end:?}");
            assert_eq!(&excerpt[marked], "{\n  third\n}", "{end:?}");
        }
    }

    #[test]
    fn a_line_of_a_megabyte_is_trimmed_around_the_span() {
        let text = format!("{}é new Pool() é{}", "x;".repeat(500_000), "y;".repeat(500_000));
        let at = text.find("new").unwrap() as u32;
        let path = FilePath::new("/srv/a.ts");
        let mut report = sample::report();
        report.items[0].finding.path = path.clone();
        report.items[0].finding.span = Span::new(at, at + 10);
        report.items[0].finding.related.clear();
        let document = Document::new(path.clone(), 0, text);
        report.documents.insert(path, std::sync::Arc::new(document));
        let mut out = Vec::new();
        super::print(&report, &mut out).unwrap();
        let out = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        assert!(out.contains("a.ts:1:1000003\n"), "{out}");
        assert!(out.contains("new Pool()"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() < 200), "{out}");
    }

    #[test]
    fn a_clean_run_is_one_line() {
        let mut report = sample::report();
        report.items.clear();
        report.files = 1;
        let mut out = Vec::new();
        super::print(&report, &mut out).unwrap();
        assert_eq!(out, b"Nothing found in 1 file (target: Vercel, from vercel.json)\n");
    }
}
