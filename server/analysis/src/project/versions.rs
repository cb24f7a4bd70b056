//! Versions of a project: whoever asks keeps the one that was there when the question came, and whoever changes the
//! project waits for nobody.
//!
//! What two versions have in common they share, so that another version costs a list of pointers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FileInput, Project};
use crate::check;
use crate::package::Package;
use crate::path::FilePath;

impl Project {
    /// The project behind a pointer, to be changed. Where others hold the version that is there, it stays theirs as it
    /// is, and must not be changed any more: the pointer gets the next one.
    #[expect(clippy::missing_panics_doc, reason = "the pointer is the only one then")]
    pub fn next(version: &mut Arc<Self>) -> &mut Self {
        if Arc::get_mut(version).is_none() {
            *version = Arc::new(version.with(Arc::clone(&version.silent)));
        }
        Arc::get_mut(version).expect("a pointer that was made just now is the only one")
    }

    /// A copy that goes its own way: to try out what is not to last.
    #[must_use]
    pub fn aside(&self) -> Self {
        self.with(Arc::default())
    }

    /// The project of just these files, which were read with the same rules: what was read before and is as it was then
    /// stays linked, with all that was found out about it.
    #[must_use]
    pub fn anew(&self, mut files: BTreeMap<FilePath, FileInput>) -> Self {
        // Packages are large: each is compared once, not for each of its files.
        let mut packages: BTreeMap<Option<FilePath>, Arc<Package>> = BTreeMap::new();
        for file in files.values_mut() {
            let package = packages.entry(file.package.root.clone()).or_insert_with(|| {
                let known = self.input(&file.path).filter(|known| known.package == file.package);
                Arc::clone(known.map_or(&file.package, |known| &known.package))
            });
            file.package = Arc::clone(package);
        }
        let is_known = |(path, file): &(&FilePath, &FileInput)| {
            self.numbers.get(*path).is_some_and(|&number| {
                self.files[number as usize].as_deref().is_some_and(|known| known.is_same(file))
            })
        };
        let known = files.iter().filter(is_known).count();
        let most = files.len().max(self.sorted.len());
        // What to keep costs more to find out than it is worth where much is other; and files that are gone keep their
        // numbers.
        if known * 4 < most * 3 || known * 2 < self.files.len() {
            let mut project = Self { complete: self.complete, ..Self::new(Arc::clone(&self.catalogue)) };
            for file in files.into_values() {
                project.insert(file);
            }
            return project;
        }
        let mut project = self.with(Arc::new(self.silent.of(self)));
        for gone in self.sorted.keys().filter(|path| !files.contains_key(*path)) {
            project.remove(gone);
        }
        for file in files.into_values() {
            project.insert(file);
        }
        project
    }

    fn with(&self, silent: Arc<check::Silent>) -> Self {
        Self {
            catalogue: Arc::clone(&self.catalogue),
            numbers: Arc::clone(&self.numbers),
            files: self.files.clone(),
            names: self.names.clone(),
            wholes: self.wholes.clone(),
            sorted: Arc::clone(&self.sorted),
            links: self.links.clone(),
            looked: self.looked.clone(),
            clock: self.clock,
            changed: self.changed.clone(),
            stale: self.stale.clone(),
            pieces: self.pieces.clone(),
            linked: self.linked,
            former: self.former.clone(),
            express: Arc::clone(&self.express),
            programs: Arc::clone(&self.programs),
            reach: self.reach.clone(),
            states: Arc::clone(&self.states),
            complete: self.complete,
            generation: self.generation,
            replaced: self.replaced.clone(),
            linked_again: self.linked_again,
            silent,
            found: self.found.after_change(),
            panics: Arc::clone(&self.panics),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::project::Resolution;
    use crate::rules::Catalogue;

    fn file(project: &Project, path: &str, text: &str, loads: &[&str]) -> (FilePath, FileInput) {
        let path = FilePath::new(path);
        let document = Document::new(path.clone(), 0, text.to_owned());
        let input = FileInput {
            path: path.clone(),
            package: Arc::default(),
            settings: Arc::default(),
            facts: Arc::clone(document.facts(project.catalogue())),
            resolutions: loads.iter().map(|path| Resolution::File(FilePath::new(path))).collect(),
        };
        (path, input)
    }

    #[test]
    fn what_is_read_anew_and_is_as_it_was_stays_linked() {
        let empty = Project::new(Catalogue::builtin());
        let names = ["a", "b", "c", "d", "e", "f"].map(|name| format!("/p/{name}.js"));
        let user = file(&empty, "/p/user.js", "import { x } from './new';\nx();\n", &["/p/new.js"]);
        let mut files: BTreeMap<_, _> = names.iter().map(|path| file(&empty, path, "go();\n", &[])).collect();
        files.extend([user]);
        let mut former = empty.anew(files.clone());
        former.set_complete(true);
        former.link();
        let links = |project: &Project, path: &str| {
            let number = project.number(&FilePath::new(path)).expect("it was named");
            project.links[number as usize].clone()
        };
        let edges = |project: &Project| links(project, "/p/user.js").map(|links| links.edges.len());
        assert_eq!(edges(&former), Some(0));

        files.remove(&FilePath::new("/p/f.js"));
        files.extend([file(&empty, "/p/new.js", "export function x() {}\n", &[])]);
        let mut project = former.anew(files.clone());
        project.link();
        assert!(project.is_complete());
        assert_eq!(project.paths().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
        let [before, after] =
            [&former, &project].map(|project| links(project, "/p/a.js").expect("it is linked"));
        assert!(Arc::ptr_eq(&before, &after));
        assert_eq!(edges(&project), Some(1));
        assert!(links(&project, "/p/f.js").is_none() && links(&former, "/p/f.js").is_some());

        // Where most is other, all is.
        let others = names.iter().map(|path| file(&empty, path, "other();\n", &[])).collect();
        let mut project = former.anew(others);
        project.link();
        assert!(project.is_complete() && project.number(&FilePath::new("/p/user.js")).is_none());
    }
}
