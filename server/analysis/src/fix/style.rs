//! How a file is written, so that what a fix adds looks like the rest of it.

use crate::fix::code::{Code, Place, each};

/// Habits of one file, by majority; the customary ones where the file does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// `'` or `"`.
    pub(crate) quote: char,
    /// `;`, or nothing.
    pub(crate) semi: &'static str,
    /// `\n` or `\r\n`.
    pub(crate) newline: &'static str,
    /// A tab, or two or four blanks.
    pub(crate) indent: &'static str,
    /// `{ a }` rather than `{a}`.
    pub(crate) spaced: bool,
}

/// Bytes that show a file's habits: some four hundred lines.
const SAMPLE: usize = 16 << 10;

impl Style {
    /// Reads a file's habits.
    pub(crate) fn of(code: &Code<'_>) -> Self {
        let (mut single, mut double) = (0u32, 0u32);
        let (mut with, mut without) = (0u32, 0u32);
        let (mut spaced, mut tight) = (0u32, 0u32);
        each(code.root, |node| {
            match node.kind() {
                "string" if node.parent().is_none_or(|parent| parent.kind() != "jsx_attribute") => {
                    let is_double = code.of(node).starts_with('"');
                    // The first string, mostly that of an import, decides a tie.
                    let weight = if single + double == 0 { 3 } else { 2 };
                    if is_double {
                        double += weight;
                    } else {
                        single += weight;
                    }
                }
                "named_imports" | "object" | "object_pattern" => {
                    if code.of(node).starts_with("{ ") {
                        spaced += 1;
                    } else if code.of(node).len() > 2 && !code.of(node).contains('\n') {
                        tight += 1;
                    }
                }
                "import_statement"
                | "expression_statement"
                | "lexical_declaration"
                | "return_statement"
                | "variable_declaration" => {
                    if code.of(node).ends_with(';') {
                        with += 1;
                    } else {
                        without += 1;
                    }
                }
                _ => {}
            }
            node.start_byte() < SAMPLE
        });
        let crlf = code.text.matches("\r\n").count();
        Self {
            quote: if double > single { '"' } else { '\'' },
            semi: if with > without || with + without == 0 { ";" } else { "" },
            newline: if crlf * 2 > code.text.matches('\n').count() { "\r\n" } else { "\n" },
            indent: indent(code),
            spaced: spaced >= tight,
        }
    }

    /// `text` as a string literal; it holds no quote and no backslash.
    pub(crate) fn string(&self, text: &str) -> String {
        format!("{0}{text}{0}", self.quote)
    }

    /// `inner` in braces.
    pub(crate) fn braces(&self, inner: &str) -> String {
        if self.spaced { format!("{{ {inner} }}") } else { format!("{{{inner}}}") }
    }

    /// Whether a statement that ends without `;` would run into `next`, the text after it.
    pub(crate) fn joins(next: &str) -> bool {
        next.trim_start().starts_with(['(', '[', '`', '+', '-', '/', '*', '.', ','])
            && !next.trim_start().starts_with("//")
            && !next.trim_start().starts_with("/*")
    }

    /// What ends a statement that `next` follows.
    pub(crate) fn end_before(&self, next: &str) -> &'static str {
        if Self::joins(next) { ";" } else { self.semi }
    }
}

/// One step of the file's indentation: the smallest that any of its first lines has.
fn indent(code: &Code<'_>) -> &'static str {
    let mut smallest = usize::MAX;
    let mut at = 0;
    for line in code.text.split_inclusive('\n').take(400) {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let rest = line.trim_start();
        if line.starts_with('\t') && code.place(at) != Place::Literal {
            return "\t";
        }
        // ` * ` in a comment block is no indentation.
        if blanks > 1 && !rest.is_empty() && code.place(at) != Place::Literal {
            smallest = smallest.min(blanks);
        }
        at += line.len() as u32;
    }
    if smallest == 4 { "    " } else { "  " }
}
