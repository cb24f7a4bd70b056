//! What each program made, kept while no file changes that was looked at for it: in a repository with many programs a
//! keystroke costs the program that it is about.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::run::World;
use super::{Router, RouterNo};
use crate::facts::FunctionId;
use crate::project::{FileNo, Project};

/// What all programs made the last time.
#[derive(Debug, Default)]
pub(in crate::project) struct Programs {
    /// The files that had to do with Express then: only they are run.
    pub(super) files: FxHashSet<FileNo>,
    pub(super) runs: FxHashMap<Start, Arc<Run>>,
}

/// Where a program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Start {
    Module(FileNo),
    /// A function that nobody was seen to call.
    Function(FileNo, FunctionId),
}

/// What one program made.
#[derive(Debug)]
pub(super) struct Run {
    /// Numbered from 0.
    routers: Vec<Router>,
    pub(super) loaded: Box<[FileNo]>,
    /// The files that were looked at.
    pub(super) read: Box<[FileNo]>,
    /// What it used up.
    pub(super) fuel: u32,
    /// It did not come to its end.
    is_cut: bool,
    /// The time of the project.
    at: u64,
}

impl Run {
    /// Follows a program.
    pub(super) fn of(project: &Project, files: &FxHashSet<FileNo>, start: Start, fuel: u32) -> Self {
        let mut world = World::new(project, files, fuel);
        let given = world.fuel;
        match start {
            Start::Module(file) => world.load(file),
            Start::Function(file, function) => world.orphan(file, function),
        }
        let mut read = world.read.take();
        read.extend(&world.resolver.seen);
        Self {
            fuel: given - world.fuel,
            is_cut: world.fuel == 0,
            loaded: world.loaded.iter().copied().collect(),
            read: read.into_iter().collect(),
            at: project.clock,
            routers: world.finish(),
        }
    }

    /// Whether it would make the same now.
    pub(super) fn stands(&self, project: &Project, fuel: u32) -> bool {
        !self.is_cut && self.fuel < fuel && self.read.iter().all(|&file| project.changed_at(file) <= self.at)
    }

    /// Its routers with the numbers that they have among those of all programs.
    pub(super) fn numbered_from(&self, first: RouterNo) -> Vec<Router> {
        let mut routers = self.routers.clone();
        for router in &mut routers {
            for handler in router.layers.iter_mut().flat_map(|layer| &mut layer.handlers) {
                handler.router = handler.router.map(|inner| inner + first);
            }
            for (parent, _) in &mut router.mounted {
                *parent += first;
            }
        }
        routers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::path::FilePath;
    use crate::project::{FileInput, Resolution};
    use crate::rules::Catalogue;

    const ROUTES: &str = "exports.routes = (app) => app.get('/a', (q, r) => r.end());";
    const ONE: &str =
        "const app = require('express')();\nconst { routes } = require('./routes');\nroutes(app);\n";
    const OTHER: &str = "const app = require('express')();\napp.get('/b', (q, r) => r.end());\n";

    fn write(project: &mut Project, name: &str, text: &str) {
        let path = FilePath::new(&format!("/p/{name}.js"));
        let document = Document::new(path.clone(), 0, text.to_owned());
        let facts = Arc::clone(document.facts(project.catalogue()));
        let resolution = |specifier: &Arc<str>| match specifier.strip_prefix("./") {
            Some(name) => Resolution::File(FilePath::new(&format!("/p/{name}.js"))),
            None => Resolution::External,
        };
        let resolutions = facts.specifiers.iter().map(resolution).collect();
        let (package, settings) = (Arc::default(), Arc::default());
        project.insert(FileInput { path, package, settings, facts, resolutions });
        project.link();
    }

    fn run(project: &Project, name: &str) -> Arc<Run> {
        let file = project.number(&FilePath::new(&format!("/p/{name}.js"))).expect("it was written");
        Arc::clone(&project.programs.runs[&Start::Module(file)])
    }

    #[test]
    fn a_program_is_followed_again_when_a_file_changes_that_was_looked_at_for_it_and_no_other_is() {
        let mut project = Project::new(Catalogue::builtin());
        for (name, text) in [("routes", ROUTES), ("one", ONE), ("other", OTHER)] {
            write(&mut project, name, text);
        }
        let (one, other) = (run(&project, "one"), run(&project, "other"));
        write(&mut project, "routes", &ROUTES.replace("get", "put"));
        assert!(!Arc::ptr_eq(&run(&project, "one"), &one) && Arc::ptr_eq(&run(&project, "other"), &other));
        let methods: Vec<&str> =
            project.express().routes.iter().map(|route| route.method(project.express())).collect();
        assert_eq!(methods, ["GET", "PUT"]);
    }
}
