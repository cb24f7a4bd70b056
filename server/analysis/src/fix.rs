//! Edits that mend a finding, and what can be done with edits.

mod absolute;
mod after_try;
pub(crate) mod answers;
mod async_form;
mod borrowed;
mod cached;
mod clients;
pub(crate) mod code;
mod constant;
mod cron;
mod cron_job;
mod directive;
mod disable;
mod disconnect;
mod duration;
pub(crate) mod edits;
mod export;
mod exposure;
mod express;
mod express_api;
mod express_async;
mod express_guard;
mod express_handler;
mod express_inside;
mod express_limit;
mod express_path;
mod express_place;
mod express_setup;
mod express_split;
mod extract;
mod floating;
mod functions;
mod global;
mod guard;
mod handlers;
mod hoist;
pub(crate) mod imports;
mod kept_map;
mod matcher;
mod mcp;
mod merge_proxy;
mod method;
mod methods;
mod module_timer;
mod next_config;
mod node_handler;
pub(crate) mod objects;
mod offer;
mod pages_answer;
mod pages_send;
pub(crate) mod parameter;
mod promise;
mod proxy;
mod raw_body;
mod realtime;
mod redis;
mod reexport;
mod registration;
mod request;
mod request_data;
mod response;
mod rethrow;
mod schema;
mod segment;
mod server;
mod session;
mod shared;
mod shared_limit;
mod singleton;
pub(crate) mod specifier;
mod state;
pub(crate) mod statements;
mod storage;
mod streams;
pub(crate) mod style;
mod takeout;
mod takers;
mod timer_cron;
mod upgrade;
mod url;
mod webhook;
mod webhook_check;

pub use clients::{ClientNames, ClientSite, Exported, SharedClient};
pub use disable::{REASON, disable_for_file, disable_for_line};
pub use disconnect::remove_disconnect;
pub use extract::singleton_module;
pub use global::global_unconditional;
pub use hoist::{hoist_in_place, hoist_to_module};
pub(crate) use offer::fixes;
pub use offer::functions;
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
                let same_target = old.target() == new.target() && old.target().is_some();
                same_target
                    || old.path == new.path
                        && ((old.span.start < new.span.end && new.span.start < old.span.end)
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
        Edit::replace(FilePath::new(path), Span::new(start, end), new_text.to_owned())
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
        let new = Edit::create(FilePath::new("/new"), "x".to_owned());
        let both = [fix(vec![new.clone()]), fix(vec![new.clone()])];
        assert_eq!(compatible(&both), std::slice::from_ref(&new));
        let to_new = |from: &str| Edit::rename(FilePath::new(from), FilePath::new("/new"));
        let all = [fix(vec![to_new("/a")]), fix(vec![to_new("/b")]), fix(vec![new])];
        assert_eq!(compatible(&all), [to_new("/a")]);
    }
}
