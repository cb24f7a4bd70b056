//! Fixes against the TypeScript compiler itself and against the rules they mend: after a fix a file
//! type-checks if it did before, the finding is gone, and there is nothing left to fix.

mod cases;
mod compiler;
mod rules;

use std::collections::BTreeMap;

use compiler::{Program, errors};

/// Path and text of every file of a project.
type Files = BTreeMap<String, String>;

/// A project before and after a fix.
struct Change {
    /// What it is called in a message.
    name: String,
    before: Files,
    after: Files,
    /// Import alias and the folder below the root that it stands for.
    alias: Option<(String, String)>,
}

/// Compiles both sides of every change in one run and returns what only the fixed side says.
fn new_errors(changes: &[Change]) -> Vec<String> {
    let mut programs = Vec::new();
    for change in changes {
        for files in [&change.before, &change.after] {
            programs.push(Program { files: files.clone(), alias: change.alias.clone() });
        }
    }
    let mut found = Vec::new();
    for (change, errors) in changes.iter().zip(errors(&programs).chunks(2)) {
        let mut known = errors[0].clone();
        for error in &errors[1] {
            // By what it says: places move.
            match known.iter().position(|before| before.message == error.message) {
                Some(at) => drop(known.remove(at)),
                None => found.push(format!("{}: {}: {}", change.name, error.place, error.message)),
            }
        }
    }
    found
}

#[test]
fn every_case_type_checks_before_and_after() {
    let changes = cases::changes();
    assert!(changes.len() > 40, "the cases are found: {}", changes.len());
    let programs: Vec<Program> = changes
        .iter()
        .map(|change| Program { files: change.before.clone(), alias: change.alias.clone() })
        .collect();
    for (change, errors) in changes.iter().zip(errors(&programs)) {
        assert!(errors.is_empty(), "{} is no fair case: {errors:?}", change.name);
    }
    let new = new_errors(&changes);
    assert!(new.is_empty(), "{}", new.join("\n"));
}

#[test]
fn every_fix_of_a_rules_examples_mends_its_finding_and_type_checks() {
    let (changes, problems) = rules::changes();
    assert!(changes.len() > 15, "the examples have fixes: {}", changes.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let new = new_errors(&changes);
    assert!(new.is_empty(), "{}", new.join("\n"));
}
