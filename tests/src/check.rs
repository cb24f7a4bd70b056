//! A project on disk as the command line sees it: detected, resolved, linked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::finding::{Edit, Finding, Fix};
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use routewise_analysis::rules::Catalogue;
use routewise_workspace::{Known, Options, Problem, Workers, Workspace, load};

use crate::workspace::TestProject;

/// Everything there is to know of a workspace, read on one thread, and what could not be read.
pub fn read(workspace: &Workspace, catalogue: &Arc<Catalogue>) -> (Project, Vec<Problem>) {
    read_given(workspace, &Known::new(Arc::clone(catalogue)))
}

/// The same where some files are known.
fn read_given(workspace: &Workspace, known: &Known) -> (Project, Vec<Problem>) {
    let mut project = Project::new(Arc::clone(known.catalogue()));
    let unread = load(workspace, known, &Workers::new(Some(1)), &|_, _| (), &|| false, &mut |inputs| {
        for input in inputs {
            project.insert(input);
        }
    });
    project.set_complete(true);
    project.link();
    (project, unread)
}

/// A project that has been read.
pub struct Checked {
    workspace: Workspace,
    known: Known,
    /// All its files.
    pub project: Project,
}

impl Sources for Checked {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.workspace.read(path).ok().map(Arc::new)
    }
}

impl Checked {
    /// Reads every file below the project's root.
    pub fn new(project: &TestProject, catalogue: &Arc<Catalogue>, target: Option<&str>) -> Self {
        let options = Options { target: target.map(str::to_owned), ..Options::default() };
        let roots = [PathBuf::from(project.root())];
        let (workspace, problems) = Workspace::open(&roots, &options);
        assert_eq!(problems, [], "the project itself is sound");
        let known = Known::new(Arc::clone(catalogue));
        let (project, unread) = read_given(&workspace, &known);
        assert_eq!(unread, [], "every file is read");
        Self { workspace, known, project }
    }

    /// What another process finds that was given what this one has read of the files.
    pub fn findings_as_kept(&self) -> Vec<Vec<Finding>> {
        let kept = self.known.written(Vec::new()).expect("nothing was kept before");
        let known = Known::of_kept(Arc::clone(self.known.catalogue()), kept);
        let (project, _) = read_given(&self.workspace, &known);
        assert_eq!(known.written(Vec::new()), None, "every file was known");
        project.paths().map(|path| project.findings(path)).collect()
    }

    /// Every finding of one rule.
    pub fn findings(&self, rule: &str) -> Vec<Finding> {
        let all = self.project.paths().flat_map(|path| self.project.findings(path));
        all.filter(|finding| &*finding.rule == rule).collect()
    }

    /// The preferred fix of each finding that has one.
    pub fn preferred(&self, findings: &[Finding]) -> Vec<Fix> {
        let first = |finding| self.project.fixes(finding, self).into_iter().next();
        findings.iter().filter_map(first).collect()
    }

    /// What the files become by `edits`: those that change, with their new text, by their place before.
    pub fn edited(&self, edits: &[Edit]) -> BTreeMap<FilePath, String> {
        let mut by_file: BTreeMap<FilePath, Vec<Edit>> = BTreeMap::new();
        for edit in edits {
            by_file.entry(edit.path.clone()).or_default().push(edit.clone());
        }
        let text = |path: &FilePath| self.document(path).map(|document| document.text().to_owned());
        by_file
            .into_iter()
            .map(|(path, edits)| {
                let before = text(&path);
                let create = edits.iter().any(|edit| edit.create);
                assert_eq!(
                    before.is_none(),
                    create,
                    "{path} is made where it is, or changed where it is not"
                );
                let after = fix::apply(before.as_deref().unwrap_or_default(), &edits);
                (path, after)
            })
            .collect()
    }
}
