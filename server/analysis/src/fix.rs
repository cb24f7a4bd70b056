//! Edits that mend a finding, and what can be done with edits.

mod clients;
mod code;
mod constant;
mod disable;
mod disconnect;
mod edits;
mod extract;
mod global;
mod guard;
mod hoist;
mod imports;
mod offer;
mod reexport;
mod shared;
mod singleton;
mod specifier;
mod statements;
mod style;
mod takeout;

pub use clients::{ClientNames, ClientSite, Exported, SharedClient};
pub use disable::{REASON, disable_for_file, disable_for_line};
pub use disconnect::remove_disconnect;
pub use extract::singleton_module;
pub use global::global_unconditional;
pub use hoist::{hoist_in_place, hoist_to_module};
pub(crate) use offer::fixes;
pub use reexport::use_other_module;
pub use shared::use_shared_client;
pub use singleton::singleton_in_place;

use crate::finding::{Edit, Fix};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Safety;
    use crate::path::FilePath;
    use crate::text::Span;

    fn edit(path: &str, start: u32, end: u32, new_text: &str) -> Edit {
        Edit {
            path: FilePath::new(path),
            span: Span::new(start, end),
            new_text: new_text.to_owned(),
            create: false,
        }
    }

    fn fix(edits: Vec<Edit>) -> Fix {
        Fix { title: String::new(), safety: Safety::Safe, preferred: false, edits }
    }

    #[test]
    fn edits_apply_in_any_order_to_the_text_as_it_was() {
        let edits = [edit("/a", 4, 5, "E"), edit("/a", 0, 1, "AA"), edit("/a", 2, 2, "-")];
        assert_eq!(apply("abcdef", &edits), "AAb-cdEf");
        assert_eq!(apply("abc", &[]), "abc");
        assert_eq!(apply("", &[edit("/a", 0, 0, "x")]), "x");
    }

    #[test]
    fn a_fix_is_taken_whole_or_not_at_all() {
        let first = fix(vec![edit("/a", 0, 3, "x"), edit("/b", 0, 0, "y")]);
        let clashing = fix(vec![edit("/a", 9, 10, "z"), edit("/a", 2, 4, "z")]);
        let apart = fix(vec![edit("/a", 3, 4, "w"), edit("/c", 0, 3, "v")]);
        let same_place = fix(vec![edit("/b", 0, 0, "u")]);
        assert_eq!(
            compatible(&[first.clone(), clashing, apart.clone(), same_place]),
            [&first.edits[..1], &apart.edits[..1], &first.edits[1..], &apart.edits[1..]].concat()
        );
    }

    #[test]
    fn two_fixes_do_not_make_the_same_file() {
        let new = Edit { create: true, ..edit("/new", 0, 0, "x") };
        let both = [fix(vec![new.clone()]), fix(vec![new.clone()])];
        assert_eq!(compatible(&both), [new]);
    }
}
