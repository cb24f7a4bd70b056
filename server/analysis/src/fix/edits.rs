//! Making edits, and putting them together to a fix that can be trusted.

use std::collections::BTreeMap;

use tree_sitter::Tree;

use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::Code;
use crate::json;
use crate::path::FilePath;
use crate::syntax::{self, Grammar, Nodes};
use crate::text::Span;

pub(crate) fn insert(code: &Code<'_>, at: u32, text: String) -> Edit {
    replace(code, Span::at(at), text)
}

pub(crate) fn delete(code: &Code<'_>, span: Span) -> Edit {
    replace(code, span, String::new())
}

pub(crate) fn replace(code: &Code<'_>, span: Span, new_text: String) -> Edit {
    Edit::replace(code.document.path().clone(), span, new_text)
}

/// A fix of these edits, sorted and joined; `None` where two of them get in each other's way or where
/// the result would hold more syntax errors than the files do now.
pub(crate) fn fix(title: String, safety: Safety, edits: Vec<Edit>, documents: &[&Document]) -> Option<Fix> {
    let (moves, edits): (Vec<Edit>, Vec<Edit>) = edits.into_iter().partition(|edit| edit.rename.is_some());
    let mut edits = join(edits)?;
    for document in documents {
        close_gaps(document, &mut edits);
    }
    if edits.is_empty() && moves.is_empty() {
        return None;
    }
    let mut by_file: BTreeMap<&FilePath, Vec<Edit>> = BTreeMap::new();
    for edit in &edits {
        by_file.entry(&edit.path).or_default().push(edit.clone());
    }
    for (path, edits) in by_file {
        let sound = if json::is_json(path) {
            let document = documents.iter().find(|document| document.path() == path);
            let whole = edits.iter().find(|edit| edit.create).map(|edit| edit.new_text.clone());
            json::is_sound(&whole.or_else(|| Some(super::apply(document?.text(), &edits)))?)
        } else if let Some(new) = edits.iter().find(|edit| edit.create) {
            errors(Grammar::of(path), &syntax::parse(Grammar::of(path), &new.new_text, None)?) == 0
        } else {
            let document = documents.iter().find(|document| document.path() == path)?;
            let grammar = document.grammar();
            errors(grammar, document.edited(&edits).tree()?) <= errors(grammar, document.tree()?)
        };
        if !sound {
            return None;
        }
    }
    edits.extend(moves);
    edits.sort();
    Some(Fix { title, safety, preferred: false, edits })
}

fn errors(grammar: Grammar, tree: &Tree) -> usize {
    let root = tree.root_node();
    if !root.has_error() {
        return 0;
    }
    Nodes::of(grammar, root).root().walk().filter(|node| node.is_error() || node.is_missing()).count()
}

/// Sorts edits, drops those inside a larger one that deletes, and makes one of several at one place.
pub(super) fn join(mut edits: Vec<Edit>) -> Option<Vec<Edit>> {
    edits.sort_by(|a, b| (&a.path, a.span.start, a.span.end).cmp(&(&b.path, b.span.start, b.span.end)));
    let mut out: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        let Some(last) = out.last_mut().filter(|last| last.path == edit.path) else {
            out.push(edit);
            continue;
        };
        let meets = last.span.start == edit.span.start || last.span.end > edit.span.start;
        if !meets {
            out.push(edit);
        } else if *last == edit && !edit.span.is_empty() {
            // Said twice.
        } else if last.span.is_empty() {
            // An insertion in front of what is replaced.
            last.span = edit.span;
            last.new_text.push_str(&edit.new_text);
        } else if last.span.start == edit.span.start && last.new_text.is_empty() && edit.new_text.is_empty() {
            last.span.end = last.span.end.max(edit.span.end);
        } else if last.span.covers(edit.span) && edit.new_text.is_empty() {
            // Gone with the larger one.
        } else {
            return None;
        }
    }
    Some(out)
}

/// Where whole lines go, one of the two blank lines around them goes too, as does a blank line that would
/// come to stand first in its block or file, or last in its file.
fn close_gaps(document: &Document, edits: &mut [Edit]) {
    let (text, lines) = (document.text(), document.lines());
    let line_at = |at: u32| lines.line_span(text, lines.line_of(at));
    let mut at = 0;
    while at < edits.len() {
        // Deletions that follow each other are one.
        let first = at;
        while at + 1 < edits.len()
            && edits[at].path == edits[at + 1].path
            && edits[at].new_text.is_empty()
            && edits[at].span.end == edits[at + 1].span.start
        {
            at += 1;
        }
        let (start, end) = (edits[first].span.start, edits[at].span.end);
        let next_edit =
            edits.get(at + 1).filter(|next| next.path == edits[at].path).map(|next| next.span.start);
        at += 1;
        let of_lines = edits[first].path == *document.path()
            && edits[first..at].iter().all(|edit| edit.new_text.is_empty() && !edit.create)
            && start < end
            && line_at(start).start == start
            && line_at(end).start == end;
        let open = start == 0 || {
            let before = line_at(start - 1).of(text).trim();
            before.is_empty() || before.ends_with('{')
        };
        if of_lines && end as usize == text.len() && start > 0 {
            // The file would end with a blank line.
            let blank = line_at(start - 1);
            let free = first == 0 || edits[first - 1].span.end <= blank.start;
            if blank.of(text).trim().is_empty() && free {
                edits[first].span.start = blank.start;
            }
        } else if of_lines && open && line_at(end).of(text).trim().is_empty() {
            let after = lines.line_start(text, lines.line_of(end) + 1);
            if next_edit.is_none_or(|next| next >= after) {
                edits[at - 1].span.end = after;
            }
        }
    }
}
