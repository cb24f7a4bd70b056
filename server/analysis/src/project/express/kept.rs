//! What each program made, and what each file says of programs, kept while no file changes that was looked at for it: in
//! a repository with many programs a keystroke costs the program that it is about.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::run::{Part, Parts, World, part};
use super::{Router, RouterNo};
use crate::facts::FunctionId;
use crate::project::{FileNo, Project, Resolver};

/// What all programs made the last time.
#[derive(Debug, Default)]
pub(in crate::project) struct Programs {
    pub(super) runs: FxHashMap<Start, Arc<Kept<Run>>>,
    /// Of each file that names Express, whether it makes applications.
    pub(super) sets_up: Answers<bool>,
    /// The functions of each file in which an application is made.
    pub(super) makers: Answers<Vec<FunctionId>>,
}

/// What is known of files.
pub(super) type Answers<T> = FxHashMap<FileNo, Arc<Kept<T>>>;

/// Something that was found out about files.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) told: T,
    /// The files that were looked at.
    read: Box<[FileNo]>,
    /// The time of the project.
    at: u64,
}

impl<T> Kept<T> {
    fn new(project: &Project, told: T, read: impl IntoIterator<Item = FileNo>) -> Self {
        Self { told, read: read.into_iter().collect(), at: project.clock }
    }

    /// Whether it would be the same now.
    fn stands(&self, project: &Project) -> bool {
        self.read.iter().all(|&file| project.changed_at(file) <= self.at)
    }

    /// What is told of a file: what was told before, where that stands.
    pub(super) fn of_file(
        project: &Project,
        former: &Answers<T>,
        file: FileNo,
        tell: impl FnOnce(&mut Resolver<'_>) -> T,
    ) -> Arc<Self> {
        let known = former.get(&file).filter(|known| known.stands(project));
        known.cloned().unwrap_or_else(|| {
            let mut resolver = Resolver::new(project);
            let told = tell(&mut resolver);
            Arc::new(Self::new(project, told, resolver.seen.into_iter().chain([file])))
        })
    }
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
    /// What files were taken for.
    asked: FxHashMap<FileNo, Part>,
    /// What it was given.
    given: u32,
    /// What it used up of that.
    pub(super) fuel: u32,
    /// It did not come to its end.
    is_cut: bool,
}

impl Kept<Run> {
    /// Follows a program.
    pub(super) fn of(project: &Project, parts: &FxHashMap<FileNo, Part>, start: Start, fuel: u32) -> Self {
        let mut world = World::new(project, Parts::new(parts), fuel);
        match start {
            Start::Module(file) => world.load(file),
            Start::Function(file, function) => world.orphan(file, function),
        }
        let mut read = world.read.take();
        read.extend(&world.resolver.seen);
        let (fuel_left, loaded) = (world.fuel, world.loaded.iter().copied().collect());
        let (routers, asked) = world.finish();
        let run = Run { given: fuel, fuel: fuel - fuel_left, is_cut: fuel_left == 0, loaded, asked, routers };
        Self::new(project, run, read)
    }

    /// Whether it would make the same now, where files have these parts in it, with so much fuel.
    pub(super) fn stands_on(&self, project: &Project, parts: &FxHashMap<FileNo, Part>, fuel: u32) -> bool {
        let Run { given, fuel: used, is_cut, .. } = self.told;
        let goes_as_far = if is_cut { given == fuel } else { used < fuel };
        let is_that = |(&file, &taken_for): (&FileNo, &Part)| part(parts, file) == taken_for;
        goes_as_far && self.stands(project) && self.told.asked.iter().all(is_that)
    }

    /// The files that were looked at.
    pub(super) fn read(&self) -> &[FileNo] {
        &self.read
    }
}

impl Run {
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
    use crate::project::express::Handler;
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

    fn run(project: &Project, name: &str) -> Arc<Kept<Run>> {
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

    #[test]
    fn what_a_file_says_of_programs_is_found_again_when_it_changes_or_what_it_looked_into_does() {
        const MAKER: &str = "const express = require('express');\nexports.make = () => express();\n";
        const USER: &str =
            "const { make } = require('./maker');\nfunction start() { return make(); }\nstart();\n";
        let mut project = Project::new(Catalogue::builtin());
        for (name, text) in [("maker", MAKER), ("user", USER), ("other", OTHER)] {
            write(&mut project, name, text);
        }
        let told = |project: &Project, name: &str| {
            let file = project.number(&FilePath::new(&format!("/p/{name}.js"))).expect("it was written");
            let sets_up = project.programs.sets_up.get(&file).cloned();
            (sets_up, Arc::clone(&project.programs.makers[&file]))
        };
        let before = ["maker", "user", "other"].map(|name| told(&project, name));
        write(&mut project, "maker", &MAKER.replace("express()", "express.Router()"));
        let after = ["maker", "user", "other"].map(|name| told(&project, name));
        let kept = |at: usize| Arc::ptr_eq(&before[at].1, &after[at].1);
        assert_eq!([kept(0), kept(1), kept(2)], [false, false, true]);
        let set_up = |at: usize| {
            let (before, after) = (before[at].0.as_ref()?, after[at].0.as_ref()?);
            Some((after.told, Arc::ptr_eq(before, after)))
        };
        assert_eq!([set_up(0), set_up(1), set_up(2)], [Some((true, false)), None, Some((true, true))]);
        assert_eq!(after[0].1.told.len(), 1);
    }

    #[test]
    fn a_program_is_followed_again_when_a_file_that_it_loads_comes_to_do_with_express_and_no_other_is() {
        const LOADING: &str = "require('./shared');\nconst app = require('express')();\napp.get('/a', h);\n";
        const SHARED: &str = "exports.shared = 1;\n";
        let mut project = Project::new(Catalogue::builtin());
        for (name, text) in [("shared", SHARED), ("one", LOADING), ("other", OTHER)] {
            write(&mut project, name, text);
        }
        let (one, other) = (run(&project, "one"), run(&project, "other"));
        write(&mut project, "lone", OTHER);
        assert!(Arc::ptr_eq(&run(&project, "one"), &one) && Arc::ptr_eq(&run(&project, "other"), &other));
        write(&mut project, "setup", "exports.router = require('express').Router();\n");
        write(&mut project, "shared", &format!("require('./setup');\n{SHARED}"));
        assert!(!Arc::ptr_eq(&run(&project, "one"), &one) && Arc::ptr_eq(&run(&project, "other"), &other));
        let [shared, setup] =
            ["shared", "setup"].map(|name| project.number(&FilePath::new(&format!("/p/{name}.js"))).unwrap());
        assert!([shared, setup].iter().all(|file| run(&project, "one").told.loaded.contains(file)));
    }

    #[test]
    fn a_call_that_brings_no_router_is_followed_for_its_handler_and_not_for_hundreds_of_calls() {
        let work = |calls: usize| "step();".repeat(calls);
        let tools = format!(
            "const {{ json }} = require('express');\nexports.guard = () => [(q, r, n) => n()];\n\
             exports.work = () => {{ {} }};\nexports.load = () => {{ {} require('./late'); }};\n",
            work(500),
            work(150)
        );
        let late = format!(
            "const {{ json }} = require('express');\n{}\nexports.late = make();\n\
             function make() {{ return [(q, r, n) => n()]; }}\n",
            work(100)
        );
        let user = "const app = require('express')();\nconst { guard, work, load } = require('./tools');\n\
                    work();\nload();\napp.use(guard());\napp.use(require('./late').late);\n";
        let mut project = Project::new(Catalogue::builtin());
        for (name, text) in [("late", &*late), ("tools", &*tools), ("user", user)] {
            write(&mut project, name, text);
        }
        let followed = run(&project, "user");
        assert!(!followed.told.is_cut && followed.told.fuel < 500);
        let [app] = &*followed.told.routers else { panic!("{:?}", followed.told.routers) };
        let handlers = app.layers.iter().flat_map(|layer| &layer.handlers);
        let of = |handler: &Handler| handler.function.map(|(file, _)| file);
        assert_eq!(handlers.map(of).collect::<Vec<_>>(), [Some(1), Some(0)]);
    }

    #[test]
    fn a_call_that_is_given_a_function_that_may_register_is_followed_to_its_end() {
        let tools = format!(
            "const {{ json }} = require('express');\nexports.late = (then) => {{ {} then(); }};\n",
            "step();".repeat(300)
        );
        let user = "const app = require('express')();\nconst { late } = require('./tools');\n\
                    late(() => app.get('/a', (q, r) => r.end()));\n";
        let mut project = Project::new(Catalogue::builtin());
        write(&mut project, "tools", &tools);
        write(&mut project, "user", user);
        assert_eq!(run(&project, "user").told.routers[0].layers.len(), 1);
    }

    #[test]
    fn a_program_that_was_cut_off_is_followed_again_only_with_other_fuel() {
        let mut project = Project::new(Catalogue::builtin());
        write(&mut project, "other", OTHER);
        let file = project.number(&FilePath::new("/p/other.js")).expect("it was written");
        let parts = FxHashMap::from_iter([(file, Part::SetsUp)]);
        let follow = |fuel| Kept::<Run>::of(&project, &parts, Start::Module(file), fuel);
        let stands = |fuel, then| follow(fuel).stands_on(&project, &parts, then);
        assert!(follow(2).told.is_cut && !follow(100).told.is_cut);
        assert_eq!([stands(2, 1), stands(2, 2), stands(2, 3)], [false, true, false]);
        assert_eq!([stands(100, 2), stands(100, 50), stands(100, 100)], [false, true, true]);
    }
}
