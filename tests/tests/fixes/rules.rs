//! The examples of the rules, in projects on the disk, as an editor would see them. That the preferred
//! fixes give what an example shows is tested with the rules.

use std::sync::Arc;

use routewise_analysis::finding::{Edit, Finding, Fix};
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::{Catalogue, Example, ExampleKind, Rule};
use routewise_tests::workspace::TestProject;
use routewise_workspace::{Disk, Known, Options, Workers, Workspace, load};

use crate::{Change, Files};

/// Every fix of every finding of every bad example, and what went wrong on the way.
pub(crate) fn changes() -> (Vec<Change>, Vec<String>) {
    let (mut changes, mut problems) = (Vec::new(), Vec::new());
    each(|rule, example| {
        let before: Files = example.files.iter().cloned().collect();
        let first = Opened::new(rule, example, &before);
        for finding in &first.findings {
            for fix in first.fixes(finding) {
                let after = first.after(&before, &fix.edits);
                let name = format!("{} line {}, {:?}", rule.id, example.line, fix.title);
                let second = Opened::new(rule, example, &after);
                if second.findings.len() >= first.findings.len() {
                    problems.push(format!("{name}: the finding is still there in {after:#?}"));
                }
                changes.push(Change {
                    name,
                    before: before.clone(),
                    after,
                    alias: Some(("@/".to_owned(), String::new())),
                });
            }
        }
    });
    (changes, problems)
}

fn each(mut visit: impl FnMut(&Rule, &Example)) {
    for rule in Catalogue::builtin().rules().iter().filter(|rule| !rule.fixes.is_empty()) {
        for example in rule.examples.iter().filter(|example| example.kind == ExampleKind::Bad) {
            visit(rule, example);
        }
    }
}

/// An example on the disk, analysed.
struct Opened {
    on_disk: TestProject,
    workspace: Workspace,
    project: Project,
    /// Those of the example's rule.
    findings: Vec<Finding>,
}

impl Opened {
    fn new(rule: &Rule, example: &Example, files: &Files) -> Self {
        let listed: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let on_disk = TestProject::next(&listed);
        let options = Options { target: example.target.clone(), ..Options::default() };
        let (workspace, _) = Workspace::open(&[on_disk.root().to_owned()], &options);
        let catalogue = Catalogue::builtin();
        let mut project = Project::new(Arc::clone(&catalogue));
        let mut take = |inputs: Vec<_>| {
            for input in inputs {
                project.insert(input);
            }
        };
        load(
            &workspace,
            &Known::new(Arc::clone(&catalogue)),
            &Workers::new(Some(1)),
            &|_, _| {},
            &|| false,
            &mut take,
        );
        project.set_complete(true);
        project.link();
        let paths: Vec<FilePath> = project.paths().cloned().collect();
        let all = paths.iter().flat_map(|path| project.findings(path));
        let findings = all.filter(|finding| finding.rule == rule.id).collect();
        Self { on_disk, workspace, project, findings }
    }

    fn fixes(&self, finding: &Finding) -> Vec<Fix> {
        self.project.fixes(finding, &Disk::new(&self.workspace))
    }

    /// The files after `edits`.
    fn after(&self, files: &Files, edits: &[Edit]) -> Files {
        let mut after = files.clone();
        let root = self.on_disk.root().to_str().expect("test paths are text").to_owned() + "/";
        let mut paths: Vec<&FilePath> = edits.iter().map(|edit| &edit.path).collect();
        paths.dedup();
        for path in paths {
            let own: Vec<Edit> = edits.iter().filter(|edit| edit.path == *path).cloned().collect();
            let short = path.as_str().strip_prefix(&root).expect("fixes stay in the project").to_owned();
            let text = match own.as_slice() {
                [only] if only.create => {
                    assert!(!files.contains_key(&short), "{short} would be overwritten");
                    only.new_text.clone()
                }
                // What lies beside the sources, such as `vercel.json`, stands on the disk alone.
                own => match files.get(&short) {
                    Some(text) => fix::apply(text, own),
                    None => fix::apply(&self.on_disk.read(&short), own),
                },
            };
            let moved = own.iter().find_map(|edit| edit.rename.as_ref());
            let place = match moved {
                Some(to) => {
                    let to = to.as_str().strip_prefix(&root).expect("fixes stay in the project").to_owned();
                    assert!(!files.contains_key(&to), "{to} would be overwritten");
                    after.remove(&short);
                    to
                }
                None => short,
            };
            after.insert(place, text);
        }
        after
    }
}
