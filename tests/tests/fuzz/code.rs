//! Damaged source files: everything that is ever asked about a project is asked about these.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use routewise_analysis::decision::Inquiry;
use routewise_analysis::endpoints::{ForPeople, Report};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::Span;
use routewise_tests::check::read;
use routewise_tests::random::{Damage, check, damaged, damages};
use routewise_tests::workspace::TestProject;
use routewise_workspace::{Disk, Options, Workspace};

/// What an example has unless it brings its own.
const MANIFEST: &str =
    r#"{ "dependencies": { "next": "16.4.6", "express": "5.1.0", "@prisma/client": "6.19.3" } }"#;

/// The files of all examples of all rules, example by example.
fn examples() -> Vec<Vec<(String, String)>> {
    let rules = Catalogue::builtin();
    let examples = rules.rules().iter().flat_map(|rule| &rule.examples);
    examples.map(|example| example.files.clone()).collect()
}

#[test]
fn whatever_a_source_file_holds_every_question_about_it_is_answered() {
    let examples = examples();
    let values = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), damages(), any::<u32>());
    check(150, &values, |(example, file, damages, at)| {
        let files = &examples[example.index(examples.len())];
        ask(files, file.index(files.len()), &damages, at);
    });
}

fn ask(files: &[(String, String)], which: usize, damages: &[Damage], at: u32) {
    let folder = TestProject::new(&[("package.json", MANIFEST)]);
    for (number, (path, text)) in files.iter().enumerate() {
        let text = text.as_bytes();
        let bytes = if number == which { damaged(text, damages) } else { text.to_vec() };
        folder.write_bytes(path, &bytes);
    }
    let catalogue = Catalogue::builtin();
    let (workspace, _) = Workspace::open(&[PathBuf::from(folder.root())], &Options::default());
    let (project, _) = read(&workspace, &catalogue);
    let sources = Disk::new(&workspace);
    let mut found = BTreeMap::new();
    for path in project.paths().cloned().collect::<Vec<_>>() {
        let findings = project.findings(&path);
        for finding in &findings {
            project.fixes(finding, &sources);
        }
        found.insert(path.clone(), findings);
        ask_of(&project, &sources, &path, at);
    }
    for path in found.keys() {
        project.judged(path, &found);
    }
    let name = |path: &FilePath| path.as_str().to_owned();
    let inquiry = Inquiry {
        surroundings: &workspace.surroundings(),
        findings: &found,
        within: &|_| true,
        sources: &sources,
        name: &name,
        asked: false,
    };
    project.decide(&inquiry);
    serde_json::to_string(&Report::new(&project.listing(), &ForPeople { sources: &sources, name: &name }))
        .expect("routes are data");
    let panics = project.take_panics();
    assert!(panics.is_empty(), "{panics:?}");
}

/// At some places of a file, what an editor asks there.
fn ask_of(project: &Project, sources: &dyn Sources, path: &FilePath, at: u32) {
    let Some(document) = sources.document(path) else { return };
    let text = document.text();
    project.lenses(path);
    project.hints(path, Span::new(0, u32::MAX));
    project.route_symbols(path);
    for step in 0..8 {
        let mut offset = (at.wrapping_mul(step + 1) as usize) % (text.len() + 1);
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let offset = offset as u32;
        project.hover(path, offset);
        project.completions(&document, offset);
        project.steps_at(path, offset);
        project.steps_to(path, offset);
        project.steps_from(path, offset);
    }
}
