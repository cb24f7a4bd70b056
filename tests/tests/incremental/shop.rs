//! A project that is kept up to date file by file, beside one that is made from scratch.

use std::collections::BTreeMap;
use std::sync::Arc;

use routewise_analysis::decision::{Findings, Inquiry, Surroundings};
use routewise_analysis::document::Document;
use routewise_analysis::endpoints::{ForPeople, Report};
use routewise_analysis::finding::{Finding, Fix};
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Hover, Project, Resolution, Settings, Sources, at_once};
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::Encoding;

use crate::probes;
use crate::world::{Step, changes};

/// A project kept up to date file by file.
pub(crate) struct Shop {
    catalogue: Arc<Catalogue>,
    package: Arc<Package>,
    pub(crate) documents: BTreeMap<FilePath, Arc<Document>>,
    inputs: BTreeMap<FilePath, FileInput>,
    project: Arc<Project>,
    /// The same for somebody who works in no file and asks for all of them.
    beside: Arc<Project>,
    /// An earlier version that somebody holds, and what was wrong in its files.
    held: Option<(Arc<Project>, Findings)>,
}

impl Sources for Shop {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.documents.get(path).cloned()
    }
}

/// All there is to see of a project.
#[derive(Debug, PartialEq)]
pub(crate) struct View {
    pub(crate) findings: BTreeMap<FilePath, Vec<(Finding, Vec<Fix>)>>,
    hovers: Vec<(FilePath, u32, Option<Hover>)>,
    /// The table of routes with its callers, and what each URL in the code leads to.
    pub(crate) routes: Vec<String>,
    panics: Vec<String>,
}

impl Shop {
    pub(crate) fn new(texts: &BTreeMap<FilePath, String>, package: Package) -> Self {
        let catalogue = probes::catalogue();
        let mut shop = Self {
            package: Arc::new(package),
            documents: BTreeMap::new(),
            inputs: BTreeMap::new(),
            project: Arc::new(Project::new(Arc::clone(&catalogue))),
            beside: Arc::new(Project::new(Arc::clone(&catalogue))),
            held: None,
            catalogue,
        };
        for (path, text) in texts {
            let document = Document::new(path.clone(), 0, text.clone());
            shop.documents.insert(path.clone(), Arc::new(document));
        }
        for project in [&mut shop.project, &mut shop.beside] {
            Project::next(project).set_complete(true);
        }
        shop.refresh();
        shop
    }

    pub(crate) fn texts(&self) -> BTreeMap<FilePath, String> {
        let text = |document: &Arc<Document>| document.text().to_owned();
        self.documents.iter().map(|(path, document)| (path.clone(), text(document))).collect()
    }

    pub(crate) fn edit(&mut self, path: &FilePath, step: &Step, encoding: Encoding) {
        let document = &self.documents[path];
        let changes = changes(document.text(), step, encoding);
        let next = document.change(document.version() + 1, &changes, encoding);
        self.documents.insert(path.clone(), Arc::new(next));
        self.refresh();
    }

    pub(crate) fn write(&mut self, path: &str, text: &str) {
        let path = FilePath::new(path);
        self.documents.insert(path.clone(), Arc::new(Document::new(path, 0, text.to_owned())));
        self.refresh();
    }

    pub(crate) fn remove(&mut self, path: &FilePath) {
        self.documents.remove(path);
        self.inputs.remove(path);
        for project in [&mut self.project, &mut self.beside] {
            *project = Arc::new(project.anew(self.inputs.clone()));
        }
        self.refresh();
    }

    pub(crate) fn rename(&mut self, from: &FilePath, to: &FilePath) {
        let text = self.documents[from].text().to_owned();
        self.documents.remove(from);
        self.inputs.remove(from);
        Project::next(&mut self.project).remove(from);
        self.documents.insert(to.clone(), Arc::new(Document::new(to.clone(), 0, text)));
        for input in self.changed() {
            Project::next(&mut self.project).insert(input);
        }
        // As a server does when files come or go.
        self.beside = Arc::new(self.beside.anew(self.inputs.clone()));
        self.refresh();
    }

    /// Enters every file that differs from what the project knows, as a server does.
    fn refresh(&mut self) {
        let changed = self.changed();
        for project in [&mut self.project, &mut self.beside] {
            for input in &changed {
                Project::next(project).insert(input.clone());
            }
            Project::next(project).link();
        }
    }

    /// Every file that differs from what was known; it is known then.
    fn changed(&mut self) -> Vec<FileInput> {
        let mut changed = Vec::new();
        for (path, document) in &self.documents {
            let facts = Arc::clone(document.facts(&self.catalogue));
            let resolutions =
                facts.specifiers.iter().map(|specifier| self.resolve(path, specifier)).collect();
            let known = self.inputs.get(path);
            if known
                .is_some_and(|known| Arc::ptr_eq(&known.facts, &facts) && known.resolutions == resolutions)
            {
                continue;
            }
            let package = Arc::clone(&self.package);
            let settings = Arc::new(Settings::default());
            let input = FileInput { path: path.clone(), package, settings, facts, resolutions };
            self.inputs.insert(path.clone(), input.clone());
            changed.push(input);
        }
        changed
    }

    fn resolve(&self, from: &FilePath, specifier: &str) -> Resolution {
        let base = if let Some(inside) = specifier.strip_prefix("@/") {
            FilePath::new("/shop").join(inside)
        } else if specifier.starts_with('.') {
            from.parent().expect("files lie in folders").join(specifier)
        } else {
            return Resolution::External;
        };
        ["", ".ts", ".js", "/index.ts"]
            .iter()
            .map(|end| FilePath::new(&format!("{base}{end}")))
            .find(|path| self.documents.contains_key(path))
            .map_or(Resolution::Unresolved, Resolution::File)
    }

    pub(crate) fn view(&self) -> View {
        let mut findings = BTreeMap::new();
        let mut hovers = Vec::new();
        for (path, document) in &self.documents {
            let with_fixes = |finding: Finding| {
                let fixes = self.project.fixes(&finding, self);
                (finding, fixes)
            };
            findings.insert(path.clone(), self.project.findings(path).into_iter().map(with_fixes).collect());
            for (offset, _) in document.text().char_indices().step_by(23) {
                hovers.push((path.clone(), offset as u32, self.project.hover(path, offset as u32)));
            }
        }
        let panics =
            self.project.take_panics().into_iter().map(|(rule, text)| format!("{rule}: {text}")).collect();
        let mut routes = self.report(&self.project);
        routes
            .extend(self.documents.keys().map(|path| format!("{path}: {:?}", self.project.url_links(path))));
        View { findings, hovers, routes, panics }
    }

    /// The routes of a project as programs get them: files are told by name there, and not by the number that this
    /// project gave them.
    fn report(&self, project: &Project) -> Vec<String> {
        let places = ForPeople { sources: self, name: &|path| path.to_string() };
        let report = serde_json::to_value(Report::new(&project.listing(), &places)).expect("it is text");
        let parts = report.as_object().expect("it has fields").iter();
        parts.map(|(name, listed)| format!("{name}: {listed}")).collect()
    }

    /// What is told of all files together: what is wrong, the decision, the routes.
    pub(crate) fn together(&self) -> (Findings, String, Vec<String>) {
        let project = &self.beside;
        project.prepare(&at_once, &|| true);
        let findings = project.findings_of(project.paths().cloned(), &at_once);
        let decision = project.decide(&Inquiry {
            surroundings: &Surroundings {
                packages: vec![Arc::clone(&self.package)],
                ..Surroundings::default()
            },
            findings: &findings,
            within: &|_| true,
            sources: self,
            name: &|path| path.to_string(),
            asked: false,
        });
        let decision = serde_json::to_string(&decision).expect("it is text");
        (findings, decision, self.report(project))
    }

    /// What is seen must be what a project made of the same texts shows, and no rule may panic. Whoever holds the
    /// version of the time before must see what was seen then.
    pub(crate) fn assert_as_new(&mut self) {
        let view = self.view();
        assert_eq!(view.panics, Vec::<String>::new());
        let anew = Shop::new(&self.texts(), (*self.package).clone());
        assert_eq!(self.together(), anew.together());
        let fresh = anew.view();
        for (path, findings) in &view.findings {
            let others = &fresh.findings[path];
            let kept: Vec<_> = findings.iter().filter(|one| !others.contains(one)).collect();
            let made: Vec<_> = others.iter().filter(|one| !findings.contains(one)).collect();
            let text = self.documents[path].text();
            assert!(
                kept.is_empty() && made.is_empty(),
                "{path}\nkept up: {kept:#?}\nanew: {made:#?}\n{text}"
            );
        }
        assert_eq!(view, fresh);
        // What is told of all files together is kept, but not beyond a change.
        let together = self.project.findings_of(self.project.paths().cloned(), &at_once);
        assert_eq!(together, findings_of(&self.project));
        // Every other version is held, so that some are followed by one of their own and some are changed themselves.
        if let Some((version, findings)) = self.held.take() {
            assert_eq!(findings_of(&version), findings);
        } else {
            self.held = Some((Arc::clone(&self.project), findings_of(&self.project)));
        }
    }
}

fn findings_of(project: &Project) -> Findings {
    project.paths().map(|path| (path.clone(), project.findings(path))).collect()
}
