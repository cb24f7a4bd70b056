//! Comments that silence a finding.
//!
//! The grammar of a directive: `routewise-disable-next-line`, `routewise-disable-line`, or
//! `routewise-disable` (until `routewise-enable` or the end of the file), then rule ids or families with
//! commas between, then optionally `--` and the reason.

use crate::document::Document;
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::fix::code::{Code, Place, ancestors};
use crate::fix::edits;
use crate::json;
use crate::text::Span;

/// Stands where the reason belongs.
pub const REASON: &str = "say why";

/// A comment that silences a finding on its line, with room for the reason.
///
/// Where no comment can stand above the line (inside a template literal), a pair of comments around the
/// statement does it.
pub fn disable_for_line(document: &Document, finding: &Finding) -> Fix {
    let edits = Code::new(document).map_or_else(
        || vec![above(document, finding.span.start, &directive("-next-line", &finding.rule), false)],
        |code| for_line(&code, finding),
    );
    silence(document, format!("Disable {} for this line", finding.rule), edits)
}

/// A comment that silences a rule in the whole file, with room for the reason.
pub fn disable_for_file(document: &Document, finding: &Finding) -> Fix {
    let text = document.text();
    let at = header_end(text);
    let line = document.lines().line_span(text, document.lines().line_of(at));
    let edit = if let Some(edit) = extended(line, text, "routewise-disable ", &finding.rule) {
        Edit { path: document.path().clone(), ..edit }
    } else {
        let comment = format!("// {}{}", directive("", &finding.rule), newline(text));
        Edit::replace(document.path().clone(), Span::at(at), comment)
    };
    silence(document, format!("Disable {} for this file", finding.rule), vec![edit])
}

/// A fix that puts comments in: none where the file cannot hold any. There the settings silence the rule.
fn silence(document: &Document, title: String, edits: Vec<Edit>) -> Fix {
    let edits = if json::is_json(document.path()) { Vec::new() } else { edits };
    Fix { title, safety: Safety::Unsafe, preferred: false, edits }
}

fn directive(kind: &str, rule: &str) -> String {
    format!("routewise-disable{kind} {rule} -- {REASON}")
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn for_line(code: &Code<'_>, finding: &Finding) -> Vec<Edit> {
    let start = finding.span.start;
    let line = code.line(start);
    let before = (line.start > 0).then(|| code.line(line.start - 1));
    if let Some(edit) =
        before.and_then(|before| extended(before, code.text, "routewise-disable-next-line ", &finding.rule))
    {
        return vec![Edit { path: code.document.path().clone(), ..edit }];
    }
    if let Some(edit) = extended(line, code.text, "routewise-disable-line ", &finding.rule) {
        return vec![Edit { path: code.document.path().clone(), ..edit }];
    }
    let directive = directive("-next-line", &finding.rule);
    match code.place(line.start) {
        Place::Literal => around(code, finding),
        // A comment for the next line must stay next to its line.
        _ if before.is_some_and(|before| speaks_of_next_line(before.of(code.text))) => beside(code, finding),
        place => vec![above(code.document, start, &directive, place == Place::Jsx)],
    }
}

/// A comment on a line of its own above `offset`, indented like its line.
fn above(document: &Document, offset: u32, directive: &str, jsx: bool) -> Edit {
    let (text, lines) = (document.text(), document.lines());
    let line = lines.line_span(text, lines.line_of(offset));
    let code = line.of(text);
    let indent = &code[..code.len() - code.trim_start().len()];
    let comment = if jsx { format!("{{/* {directive} */}}") } else { format!("// {directive}") };
    let text = format!("{indent}{comment}{}", newline(text));
    Edit::replace(document.path().clone(), Span::at(line.start), text)
}

fn speaks_of_next_line(line: &str) -> bool {
    let line = line.trim_start();
    (line.starts_with("//") || line.starts_with("/*") || line.starts_with("{/*"))
        && ["-next-line", "biome-ignore", "prettier-ignore"].iter().any(|word| line.contains(word))
}

/// A comment at the end of the finding's line, or else around its statement.
fn beside(code: &Code<'_>, finding: &Finding) -> Vec<Edit> {
    let line = code.line(finding.span.start);
    let has_comment = ["//", "/*"].iter().any(|mark| line.of(code.text).contains(mark));
    if has_comment || code.place(line.end) != Place::Code {
        return around(code, finding);
    }
    vec![edits::insert(code, line.end, format!(" // {}", directive("-line", &finding.rule)))]
}

/// A comment above the statement of the finding and one below it.
fn around(code: &Code<'_>, finding: &Finding) -> Vec<Edit> {
    let span = finding.span;
    let leaf = code.root.descendant_for_byte_range(span.start as usize, span.end as usize);
    let statement = leaf.and_then(|leaf| {
        ancestors(leaf).find(|node| {
            let whole =
                node.parent().is_some_and(|parent| matches!(parent.kind(), "program" | "statement_block"));
            whole
                && code.starts_line(node.start_byte() as u32)
                && code.place(code.line(node.start_byte() as u32).start) == Place::Code
                && code.line_end(code.end(*node)).is_some()
        })
    });
    let (start, end) =
        statement.map_or((0, code.text.len() as u32), |node| (node.start_byte() as u32, code.end(node)));
    let (indent, newline) = (code.indent(start), newline(code.text));
    let open = directive("", &finding.rule);
    let close = format!("{newline}{indent}// routewise-enable {}", finding.rule);
    vec![
        edits::insert(code, code.line(start).start, format!("{indent}// {open}{newline}")),
        edits::insert(code, code.line(end).end, close),
    ]
}

/// Adds a rule to the directive on a line, in front of its reason.
fn extended(line: Span, text: &str, word: &str, rule: &str) -> Option<Edit> {
    let comment = line.of(text);
    let begin = comment.find(word)?;
    let head = comment[..begin].trim_end();
    if !head.ends_with("//") && !head.ends_with("/*") {
        return None;
    }
    let rules = &comment[begin + word.len()..];
    let rules = &rules[..rules.find("--").or_else(|| rules.find("*/")).unwrap_or(rules.len())];
    let at = line.start + (begin + word.len() + rules.trim_end().len()) as u32;
    let path = crate::path::FilePath::new("");
    Some(Edit::replace(path, Span::at(at), format!(", {rule}")))
}

/// Where the first line after a `#!` line and a licence begins.
fn header_end(text: &str) -> u32 {
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if text[at..].starts_with("#!") {
        at = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    }
    let comment = text[at..].trim_start();
    let end = if comment.starts_with("/*") {
        comment.find("*/").map(|end| end + 2)
    } else {
        let lines = comment.split_inclusive('\n').take_while(|line| line.starts_with("//"));
        Some(lines.map(str::len).sum()).filter(|&length| length > 0)
    };
    let Some(end) = end else { return at as u32 };
    let licence =
        ["licen", "copyright", "spdx"].iter().any(|word| comment[..end].to_lowercase().contains(word));
    if !licence {
        return at as u32;
    }
    let end = text.len() - comment.len() + end;
    let next =
        if text[..end].ends_with('\n') { Some(end) } else { text[end..].find('\n').map(|n| end + n + 1) };
    // A licence that shares its line with code stays the first thing of it.
    let next = next.filter(|&next| text[end..next].trim().is_empty());
    next.unwrap_or(at) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::fix::apply;
    use crate::path::FilePath;

    /// The finding is what `⟦` and `⟧` enclose.
    fn disabled(path: &str, marked: &str, make: fn(&Document, &Finding) -> Fix) -> String {
        let start = marked.find('⟦').unwrap();
        let text = marked.replace('⟦', "");
        let end = text.find('⟧').unwrap();
        let text = text.replace('⟧', "");
        let path = FilePath::new(path);
        let document = Document::new(path.clone(), 0, text);
        let finding = Finding {
            rule: "clients/x".into(),
            severity: Severity::Warning,
            path,
            span: Span::new(start as u32, end as u32),
            message: String::new(),
            related: Vec::new(),
            unnecessary: false,
        };
        apply(document.text(), &make(&document, &finding).edits)
    }

    fn line(marked: &str) -> String {
        disabled("/a.tsx", marked, disable_for_line)
    }

    fn file(marked: &str) -> String {
        disabled("/a.ts", marked, disable_for_file)
    }

    #[test]
    fn a_line_gets_a_comment_with_its_indentation_and_line_end() {
        assert_eq!(
            line("if (x) {\r\n\tf(⟦a⟧)\r\n}\r\n"),
            "if (x) {\r\n\t// routewise-disable-next-line clients/x -- say why\r\n\tf(a)\r\n}\r\n"
        );
    }

    #[test]
    fn a_second_rule_joins_the_first() {
        assert_eq!(
            line("// routewise-disable-next-line a/b -- known\nf(⟦a⟧)"),
            "// routewise-disable-next-line a/b, clients/x -- known\nf(a)"
        );
        assert_eq!(
            line("<p>\n  {/* routewise-disable-next-line a/b */}\n  {⟦a⟧}\n</p>"),
            "<p>\n  {/* routewise-disable-next-line a/b, clients/x */}\n  {a}\n</p>"
        );
        assert_eq!(
            line("f(⟦a⟧) // routewise-disable-line a/b"),
            "f(a) // routewise-disable-line a/b, clients/x"
        );
    }

    #[test]
    fn jsx_children_get_a_comment_of_their_own_kind() {
        assert_eq!(
            line("const a = (\n  <p>\n    text {⟦a()⟧}\n  </p>\n)"),
            "const a = (\n  <p>\n    {/* routewise-disable-next-line clients/x -- say why */}\n    text {a()}\n  </p>\n)"
        );
        assert_eq!(
            line("const a = (\n  <p\n    on={⟦a⟧}\n  />\n)"),
            "const a = (\n  <p\n    // routewise-disable-next-line clients/x -- say why\n    on={a}\n  />\n)"
        );
    }

    #[test]
    fn a_line_inside_a_template_literal_is_fenced_with_its_statement() {
        assert_eq!(
            line("f()\nconst q = `\n  ${⟦a⟧}\n`;\ng()\n"),
            "f()\n// routewise-disable clients/x -- say why\nconst q = `\n  ${a}\n`;\n// routewise-enable clients/x\ng()\n"
        );
        assert_eq!(
            line("const q = `${\n  ⟦a⟧\n}`"),
            "const q = `${\n  // routewise-disable-next-line clients/x -- say why\n  a\n}`"
        );
    }

    #[test]
    fn another_tools_comment_for_the_next_line_keeps_its_line() {
        assert_eq!(
            line("// eslint-disable-next-line no-new\nf(⟦a⟧)\n"),
            "// eslint-disable-next-line no-new\nf(a) // routewise-disable-line clients/x -- say why\n"
        );
        assert_eq!(
            line("// @ts-expect-error\nf(⟦a⟧)\n"),
            "// @ts-expect-error\n// routewise-disable-next-line clients/x -- say why\nf(a)\n"
        );
        assert_eq!(
            line("// eslint-disable-next-line no-new\nf(⟦a⟧) // b\n"),
            "// routewise-disable clients/x -- say why\n// eslint-disable-next-line no-new\nf(a) // b\n// routewise-enable clients/x\n"
                .replace("// routewise-disable clients/x -- say why\n// eslint-disable-next-line no-new\n",
                         "// eslint-disable-next-line no-new\n// routewise-disable clients/x -- say why\n")
        );
    }

    #[test]
    fn a_file_gets_a_comment_after_its_header() {
        assert_eq!(
            file("'use server'\n⟦a⟧()\n"),
            "// routewise-disable clients/x -- say why\n'use server'\na()\n"
        );
        assert_eq!(
            file("#!/usr/bin/env node\n⟦a⟧()\n"),
            "#!/usr/bin/env node\n// routewise-disable clients/x -- say why\na()\n"
        );
        assert_eq!(
            file("/*\n * Copyright us\n */\n\n⟦a⟧()\n"),
            "/*\n * Copyright us\n */\n// routewise-disable clients/x -- say why\n\na()\n"
        );
        assert_eq!(
            file("// SPDX-License-Identifier: MIT\n⟦a⟧()\n"),
            "// SPDX-License-Identifier: MIT\n// routewise-disable clients/x -- say why\na()\n"
        );
        assert_eq!(file("// about\n⟦a⟧()\n"), "// routewise-disable clients/x -- say why\n// about\na()\n");
    }

    #[test]
    fn a_second_rule_of_a_file_joins_the_first() {
        assert_eq!(
            file("// routewise-disable a/b -- known\n⟦a⟧()\n"),
            "// routewise-disable a/b, clients/x -- known\na()\n"
        );
    }
}
