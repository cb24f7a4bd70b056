//! Whether a statement of a route file, or the value of an option, can stand at a place.
//!
//! The line up to the cursor decides, because the statement that is being typed has no tree worth the name.
//! The tree says what the line stands in.

use crate::fix::code::{self, Code};
use crate::syntax::Node;
use crate::text::Span;

/// What can stand at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A statement of the file.
    Statement(Statement),
    /// The value of an exported constant.
    Value(Value),
}

/// A statement that has been begun.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// What has been typed of it, the word after the cursor included.
    pub(super) span: Span,
    /// The words before the last one, as typed: `export async function `.
    pub(super) words: String,
    /// The last word, may be empty.
    pub(super) word: String,
}

impl Statement {
    /// Whether the statement may go on as `keywords`, which end with a blank.
    pub(super) fn admits(&self, keywords: &str) -> bool {
        let typed: Vec<&str> = self.words.split_whitespace().collect();
        let whole: Vec<&str> = keywords.split_whitespace().collect();
        // `export` may still be half typed.
        typed.len() <= whole.len() && typed.iter().zip(&whole).all(|(typed, whole)| typed == whole)
            || typed == ["export", "function"] && whole.last() == Some(&"function")
    }

    /// What an editor compares the typed text with, for a statement about `name`; `None` where the word that
    /// is being typed is another one.
    pub(super) fn filter(&self, name: &str, keywords: &str) -> Option<String> {
        let begins = |whole: &str| whole.to_lowercase().starts_with(&self.word.to_lowercase());
        if begins(name) {
            return Some(format!("{}{name}", self.words));
        }
        let typed = self.words.split_whitespace().count();
        let next = keywords.split_whitespace().nth(typed)?;
        begins(next).then(|| format!("{}{next} {name}", self.words))
    }
}

/// A value that has been begun.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// The constant: `dynamic`.
    pub(super) name: String,
    /// What is replaced: without the quotes where they are there.
    pub(super) span: Span,
    /// What has been typed of it.
    pub(super) typed: String,
    /// It stands between quotes.
    pub(super) quoted: bool,
}

/// What can stand at `offset`.
pub(super) fn of(code: &Code<'_>, offset: u32) -> Option<Place> {
    let line = code.line(offset);
    let before = code.text.get(line.start as usize..offset as usize)?;
    let after = code.text.get(offset as usize..line.end as usize)?;
    let start = line.start + (before.len() - before.trim_start().len()) as u32;
    let typed = before.trim_start();
    let place = value(typed, start, offset, after).map(Place::Value).or_else(|| {
        let statement = statement(typed, start, offset, after)?;
        Some(Place::Statement(statement))
    })?;
    (code.place(start) == code::Place::Code && begins_statement(code, start)).then_some(place)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn statement(typed: &str, start: u32, offset: u32, after: &str) -> Option<Statement> {
    let rest = after.trim_start_matches(is_word);
    if !rest.trim().is_empty() || typed.chars().any(|c| !(is_word(c) || c == ' ')) {
        return None;
    }
    let word_at = typed.rfind(' ').map_or(0, |at| at + 1);
    let (words, word) = typed.split_at(word_at);
    let known = ["export", "default", "async", "function", "const"];
    let words_known = words.split_whitespace().all(|word| known.contains(&word));
    words_known.then(|| Statement {
        span: Span::new(start, offset + (after.len() - rest.len()) as u32),
        words: words.to_owned(),
        word: word.to_owned(),
    })
}

/// `export const dynamic = 'fo`.
fn value(typed: &str, start: u32, offset: u32, after: &str) -> Option<Value> {
    let rest = typed.strip_prefix("export")?.trim_start().strip_prefix("const ")?.trim_start();
    let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
    let rest = &rest[name.len()..];
    let equals = rest.find('=')?;
    let kind = rest[..equals].trim();
    if !(kind.is_empty() || kind.starts_with(':')) {
        return None;
    }
    let value = rest[equals + 1..].trim_start();
    let at = start + (typed.len() - value.len()) as u32;
    if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        let inside = &value[1..];
        if inside.contains(quote) {
            return None;
        }
        let end = after.find(quote).map_or(offset, |end| offset + end as u32);
        return Some(Value { name, span: Span::new(at + 1, end), typed: inside.to_owned(), quoted: true });
    }
    let rest = after.trim_start_matches(is_word);
    if value.chars().any(|c| !is_word(c)) || !matches!(rest.trim(), "" | ";") {
        return None;
    }
    let end = offset + (after.len() - rest.len()) as u32;
    Some(Value { name, span: Span::new(at, end), typed: value.to_owned(), quoted: false })
}

/// Whether a statement of the file can begin at `start`: no bracket is open there, and what stands before
/// does not go on.
fn begins_statement(code: &Code<'_>, start: u32) -> bool {
    if depth(code.root, start as usize) != 0 {
        return false;
    }
    let mut end = code.text[..start as usize].trim_end().len();
    while end > 0 {
        let Some(leaf) = code.root.descendant_for_byte_range(end - 1, end - 1) else { return false };
        if leaf.kind() == "comment" {
            end = code.text[..leaf.start_byte()].trim_end().len();
            continue;
        }
        return leaf.is_named() || matches!(leaf.kind(), ";" | "}" | ")" | "]" | "'" | "\"" | "`" | ">");
    }
    true
}

/// How many brackets are open at `at`.
fn depth(root: Node<'_>, at: usize) -> i32 {
    let mut depth = 0;
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if node.start_byte() >= at || node.is_missing() {
            continue;
        }
        // What is whole and lies before closes what it opens.
        let balanced = node.end_byte() <= at && !node.has_error();
        match node.kind() {
            "{" | "(" | "[" | "${" if node.child_count() == 0 => depth += 1,
            "}" | ")" | "]" if node.child_count() == 0 => depth -= 1,
            _ if balanced => {}
            _ => {
                open.extend(node.children());
            }
        }
    }
    depth
}
