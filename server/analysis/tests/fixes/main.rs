//! Every fix against its cases: Markdown files beside this one.
//!
//! A case is a heading, options, and fenced blocks. The fence names the file; `⟦` and `⟧` enclose what the
//! fix is asked about. A block marked `fixed` says what the file becomes; a file without one stays as it
//! is. The word `Refused` says that there must be no fix.
//!
//! Options, one a line: `crlf` (the files have CRLF line ends), `alias @/ src` (an import alias and its
//! folder), `shared lib/db.ts db` (the module and export to use; `default` for its default export),
//! `target cloudflare`, `next`, `modules` (`"type": "module"`), `elsewhere db` (a name that another client
//! uses), `client db pool` (variable and module name), `title …` (what the fix is called).

mod case;

use std::collections::BTreeMap;
use std::sync::Arc;

use case::{Ask, Case};
use routewise_analysis::document::Document;
use routewise_analysis::finding::{Edit, Fix};
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_analysis::text::Span;

type Apply = fn(&Ask<'_>) -> Option<Fix>;

/// The files of a case.
struct Files(BTreeMap<FilePath, Arc<Document>>);

impl Sources for Files {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.0.get(path).cloned()
    }
}

fn document(path: &str, text: &str) -> Document {
    Document::new(FilePath::new(&format!("/p/{path}")), 0, text.to_owned())
}

/// The project after `edits`.
fn after(files: &Files, edits: &[Edit]) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> =
        files.0.iter().map(|(path, document)| (short(path), document.text().to_owned())).collect();
    let mut by_file: BTreeMap<&FilePath, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(&edit.path).or_default().push(edit.clone());
    }
    for (path, edits) in by_file {
        let new = match edits.as_slice() {
            [only] if only.create => {
                assert!(!files.0.contains_key(path), "{path} would be overwritten");
                only.new_text.clone()
            }
            edits => fix::apply(files.0[path].text(), edits),
        };
        let moved = edits.iter().find_map(|edit| edit.rename.as_ref());
        if let Some(to) = moved {
            assert!(!files.0.contains_key(to), "{to} would be overwritten");
            texts.remove(&short(path));
        }
        texts.insert(short(moved.unwrap_or(path)), new);
    }
    texts
}

fn short(path: &FilePath) -> String {
    path.as_str().trim_start_matches("/p/").to_owned()
}

fn run(markdown: &str, apply: Apply) {
    let cases = case::read(markdown);
    assert!(!cases.is_empty());
    let mut failed = Vec::new();
    for case in cases {
        let problem = check(&case, apply);
        if let Err(problem) = problem {
            failed.push(format!("## {}\n{problem}", case.title));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn files<'t>(texts: impl Iterator<Item = (&'t String, &'t String)>) -> Files {
    let documents = texts.map(|(path, text)| {
        let document = document(path, text);
        (document.path().clone(), Arc::new(document))
    });
    Files(documents.collect())
}

/// Whether nothing is left of the case for the fix to do.
fn is_settled(case: &Case, texts: &BTreeMap<String, String>, apply: Apply) -> Result<(), String> {
    let files = files(texts.iter());
    for marked in &case.files {
        let Some(what) = marked.mark.map(|span| span.of(&marked.text)) else { continue };
        // A file that the fix left alone keeps what is wrong with it.
        for (path, text) in texts.iter().filter(|(path, _)| case.fixed.contains_key(*path)) {
            for (start, _) in text.match_indices(what) {
                let at = Span::new(start as u32, (start + what.len()) as u32);
                let again = case.ask(&files, path, at, apply);
                // The same text may be another construction that the fix left for a fix of its own.
                let is_other = marked.path == *path && marked.text.matches(what).count() > 1;
                if let Some(again) = again.filter(|_| !is_other) {
                    return Err(format!("{path}: not settled, {:?}", again.edits));
                }
            }
        }
    }
    Ok(())
}

fn check(case: &Case, apply: Apply) -> Result<(), String> {
    let files = files(case.files.iter().map(|file| (&file.path, &file.text)));
    let (path, at) = case.site();
    let fix = case.ask(&files, &path, at, apply);
    let Some(fix) = fix else {
        return if case.refused { Ok(()) } else { Err("no fix".to_owned()) };
    };
    if case.refused {
        return Err(format!("not refused: {:?}", after(&files, &fix.edits)));
    }
    if case.titled.as_ref().is_some_and(|title| *title != fix.title) {
        return Err(format!("title {:?}", fix.title));
    }
    let mut sorted = fix.edits.clone();
    sorted.sort();
    if sorted != fix.edits {
        return Err("edits are not sorted".to_owned());
    }
    let got = after(&files, &fix.edits);
    let mut problems = Vec::new();
    for (path, text) in &got {
        match case.wanted().get(path) {
            Some(wanted) if wanted == text => {}
            Some(wanted) => problems.push(format!("{path}: got\n{text}\nwanted\n{wanted}")),
            None => problems.push(format!("{path}: got\n{text}\nwanted none")),
        }
    }
    problems.extend(
        case.wanted().keys().filter(|path| !got.contains_key(*path)).map(|path| format!("{path}: missing")),
    );
    if problems.is_empty() { is_settled(case, &got, apply) } else { Err(problems.join("\n")) }
}

#[test]
fn a_module_client_becomes_one_per_process() {
    run(include_str!("singleton.md"), |ask| fix::singleton_in_place(&ask.site));
}

#[test]
fn a_client_is_kept_in_production_too() {
    run(include_str!("global.md"), |ask| fix::global_unconditional(ask.site.document, ask.site.at));
}

#[test]
fn a_shared_client_is_not_ended() {
    run(include_str!("disconnect.md"), |ask| fix::remove_disconnect(ask.site.document, ask.site.at));
}

#[test]
fn a_client_of_a_function_moves_to_the_module() {
    run(include_str!("hoist.md"), |ask| fix::hoist_in_place(&ask.site));
}

#[test]
fn a_client_without_connections_moves_as_it_is() {
    run(include_str!("hoist-plain.md"), |ask| fix::hoist_to_module(&ask.site));
}

#[test]
fn a_shared_client_replaces_a_construction() {
    run(include_str!("shared.md"), |ask| fix::use_shared_client(&ask.site, ask.shared.as_ref()?));
}

#[test]
fn a_client_gets_a_module_of_its_own() {
    run(include_str!("module.md"), |ask| fix::singleton_module(&ask.site));
}

#[test]
fn a_module_that_only_makes_a_client_hands_out_another() {
    run(include_str!("reexport.md"), |ask| fix::use_other_module(&ask.site, ask.shared.as_ref()?));
}
