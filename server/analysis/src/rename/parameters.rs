//! Dynamic segments that get another name: what handlers read of them.
//!
//! What a handler reads that its new path does not have is what a rule reports. So the files are judged under their
//! new names, and mended as the rule mends them.

use std::sync::Arc;

use super::Subject;
use super::calls::Rewriter;
use super::places;
use crate::document::Document;
use crate::path::FilePath;
use crate::project::routes::{self, Role};
use crate::project::{FileNo, Project, Settings, Sources};

/// The rule that proves a read.
const RULE: &str = "handler/route-params-mismatch";

/// The text of a file that moves, under its new name.
struct Renamed {
    path: FilePath,
    document: Arc<Document>,
}

impl Sources for Renamed {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        (*path == self.path).then(|| Arc::clone(&self.document))
    }
}

/// Has handlers read segments by their new names; tells of code that reads them otherwise.
pub(super) fn reads(rewriter: &mut Rewriter<'_, '_>, moves: &[(FilePath, FilePath)]) {
    let project = rewriter.reader.project;
    for file in project.numbers() {
        let Some(input) = project.file(file) else { continue };
        let Some(to) = places::moved(moves, &input.path) else { continue };
        let Some(next) = input.package.next.as_ref() else { continue };
        let (Some(old), Some(new)) = (routes::url(next, &input.path), routes::url(next, &to)) else {
            continue;
        };
        let (old, new) = (routes::segments(&old), routes::segments(&new));
        let gone: Vec<&str> = old.iter().filter(|name| !new.contains(name)).copied().collect();
        if gone.is_empty() {
            continue;
        }
        if routes::role(next, &input.path) == Role::RouteHandler {
            of_file(rewriter, file, &to);
        }
        let Some(document) = rewriter.reader.document(file) else { continue };
        let changed = rewriter.changes(&input.path);
        let names: Vec<String> = gone
            .iter()
            .filter(|name| !changed && document.text().contains(*name))
            .map(|name| format!("`{name}`"))
            .collect();
        if !names.is_empty() {
            let why = format!("may read {}, which the path does not have any more", names.join(", "));
            rewriter.leave(input.path.clone(), None, why);
        }
    }
}

fn of_file(rewriter: &mut Rewriter<'_, '_>, file: FileNo, to: &FilePath) {
    let project = rewriter.reader.project;
    let Some(mut input) = project.file(file).cloned() else { return };
    let Some(document) = rewriter.reader.document(file) else { return };
    input.path = to.clone();
    input.settings = Arc::new(Settings::default());
    let document = Document::new(to.clone(), document.version(), document.text().to_owned());
    input.facts = Arc::clone(document.facts(project.catalogue()));
    let mut alone = Project::new(Arc::clone(project.catalogue()));
    alone.insert(input);
    alone.link();
    let sources = Renamed { path: to.clone(), document: Arc::new(document) };
    for finding in alone.findings(to).into_iter().filter(|finding| &*finding.rule == RULE) {
        let fixes = alone.fixes(&finding, &sources);
        let renames = fixes.into_iter().find(|fix| fix.title.starts_with("Read `"));
        for edit in renames.into_iter().flat_map(|fix| fix.edits).filter(|edit| edit.path == *to) {
            rewriter.edit(file, edit.span, &edit.new_text, Subject::Parameter, true);
        }
    }
}
