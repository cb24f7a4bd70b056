//! All that is known of the workspace, and the rules by which it changes.
//!
//! Who asks is given the project as it is at that moment and holds no lock while it answers; who changes it makes the
//! next version, one after the other. Facts and resolutions, the dear part, are made before its turn comes. All this
//! runs on the blocking pool only. An open buffer always wins over the disk: whatever else is inserted for its file is
//! refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use routewise_analysis::document::Document;
use routewise_analysis::finding::Safety;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Lost, Project, Sources};
use routewise_analysis::rules::Catalogue;
use routewise_workspace::fix_all::{self, Outcome, Request};
use routewise_workspace::{Disk, Workers, Workspace};

use crate::documents::{Documents, Open};
use crate::session::{Session, lock};

/// The workspace and its project.
pub(crate) struct World {
    /// Held for as long as it takes to look up something or to enter one document.
    state: RwLock<State>,
    /// What is in it of the workspace, for who needs no more and must not wait for documents to be entered.
    ground: RwLock<Option<Ground>>,
    /// Held by whoever changes the state, taken before its lock.
    turn: Mutex<()>,
}

struct State {
    /// Counts the workspaces that were put in; an input made for an older one is not inserted.
    epoch: u64,
    project: Arc<Project>,
    /// The source files that were on the disk when the workspace was read.
    read: BTreeSet<FilePath>,
    /// What stands in the project for each open document.
    open: BTreeMap<FilePath, Arc<Document>>,
    /// Open documents that were entered anew and whose neighbours have not been told.
    moved: BTreeSet<FilePath>,
    /// Those of them whose change other files may see.
    seen_outside: BTreeSet<FilePath>,
}

/// Who else must be looked at after a document was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The open documents: those whose findings tell of places in this one, or all others.
    pub(crate) open: Vec<FilePath>,
    /// What this one offers to others has changed: every file must be.
    pub(crate) all: bool,
}

/// What the lock protects, as it was for a moment: enough to make inputs without the lock.
#[derive(Clone)]
pub(crate) struct Ground {
    epoch: u64,
    /// The workspace.
    pub(crate) workspace: Arc<Workspace>,
    /// Its rules.
    pub(crate) catalogue: Arc<Catalogue>,
}

impl Ground {
    /// The project of a document that is not part of the workspace: a file outside all roots is judged by
    /// itself, one that the configuration leaves out is not judged.
    fn project_beside(&self, document: &Document) -> Project {
        let path = document.path();
        let mut project = Project::new(Arc::clone(&self.catalogue));
        let installed = path.as_str().contains("/node_modules/");
        if !installed && !self.covers(path) {
            project.insert(self.workspace.input(document, &self.catalogue));
        }
        project.link();
        project
    }

    /// An open document, read with these rules: a snapshot from before they came is read anew.
    fn document(&self, open: &Open) -> Arc<Document> {
        let old = &open.document;
        if Arc::ptr_eq(&self.catalogue, &open.catalogue) {
            return Arc::clone(old);
        }
        Arc::new(Document::new(old.path().clone(), old.version(), old.text().to_owned()))
    }

    /// Whether a file lies below a root.
    pub(crate) fn covers(&self, path: &FilePath) -> bool {
        self.workspace.roots().iter().any(|root| root.as_str() == "/" || path.strip(root).is_some())
    }
}

impl World {
    /// Nothing known yet.
    pub(crate) fn new() -> Self {
        Self {
            state: RwLock::new(State {
                epoch: 0,
                project: Arc::new(Project::new(Catalogue::builtin())),
                read: BTreeSet::new(),
                open: BTreeMap::new(),
                moved: BTreeSet::new(),
                seen_outside: BTreeSet::new(),
            }),
            ground: RwLock::default(),
            turn: Mutex::default(),
        }
    }

    /// The workspace and its rules; `None` until a workspace is open.
    pub(crate) fn ground(&self) -> Option<Ground> {
        self.ground.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The project with just that snapshot of an open document in it, even where the client has moved on since. `None`
    /// where there is no workspace yet.
    pub(crate) fn holding(&self, open: &Open) -> Option<Arc<Project>> {
        let path = open.document.path();
        loop {
            {
                let state = self.read();
                if state.holds(&open.document) {
                    return Some(Arc::clone(&state.project));
                }
            }
            let ground = self.ground()?;
            let document = ground.document(open);
            if !ground.workspace.contains(path) {
                return Some(Arc::new(ground.project_beside(&document)));
            }
            let input = self.input(&ground, &document);
            let turn = self.turn();
            let mut state = self.write();
            if state.epoch != ground.epoch {
                continue;
            }
            if state.holds_newer(&document) {
                let project = Arc::clone(&state.project);
                drop((state, turn));
                let mut project = project.aside();
                project.insert(input);
                project.link();
                return Some(Arc::new(project));
            }
            state.enter(document, input);
            return Some(Arc::clone(&state.project));
        }
    }

    /// What an open document says, ready to join the project. It may stand there as it is on the disk.
    fn input(&self, ground: &Ground, document: &Document) -> FileInput {
        // Who changes the project meanwhile would have to copy it, were it held.
        let known = {
            let project = self.project();
            let known = project.input(document.path()).map(|known| Arc::clone(&known.facts));
            known.filter(|_| Arc::ptr_eq(project.catalogue(), &ground.catalogue))
        };
        document.facts_beside(&ground.catalogue, known.as_deref());
        ground.workspace.input(document, &ground.catalogue)
    }

    /// The project with all these open documents in it, or what they have become since. Those that are not yet there are
    /// entered together, and others are answered from the version before meanwhile.
    pub(crate) fn holding_all(&self, documents: &[Open]) -> Arc<Project> {
        loop {
            let late: Vec<&Open> = {
                let state = self.read();
                documents.iter().filter(|open| !state.holds(&open.document)).collect()
            };
            let Some(ground) = self.ground().filter(|_| !late.is_empty()) else { return self.project() };
            let documents = late.into_iter().map(|open| ground.document(open));
            let inside = documents.filter(|document| ground.workspace.contains(document.path()));
            let mut inputs: Vec<(Arc<Document>, FileInput)> =
                inside.map(|document| (Arc::clone(&document), self.input(&ground, &document))).collect();
            // Those that belong to no workspace are never there, and need no turn.
            if inputs.is_empty() {
                return self.project();
            }
            let _turn = self.turn();
            let mut version = {
                let state = self.read();
                if state.epoch != ground.epoch {
                    continue;
                }
                inputs.retain(|(document, _)| !state.holds_newer(document));
                Arc::clone(&state.project)
            };
            if inputs.is_empty() {
                return version;
            }
            let project = Project::next(&mut version);
            let entered: Vec<Entered> =
                inputs.into_iter().map(|(document, input)| Entered::into(project, document, input)).collect();
            project.link();
            let mut state = self.write();
            let former = std::mem::replace(&mut state.project, Arc::clone(&version));
            state.note(entered);
            drop(state);
            // To let go of all files of a project takes a while.
            drop(former);
            return version;
        }
    }

    /// The project as it is now. It stays so for whoever holds it.
    pub(crate) fn project(&self) -> Arc<Project> {
        Arc::clone(&self.read().project)
    }

    /// Takes note that `path` has been looked at, and says who else must be.
    pub(crate) fn take_neighbours(&self, path: &FilePath, documents: &Documents) -> Neighbours {
        let (all, project) = {
            let mut state = self.write();
            if !state.moved.remove(path) {
                return Neighbours::default();
            }
            (state.seen_outside.remove(path), Arc::clone(&state.project))
        };
        let mut open = documents.sources();
        if all {
            open.retain(|other| other != path);
        } else {
            open = project.mentioning(path, &open);
        }
        Neighbours { open, all }
    }

    /// Puts what the disk says in place of a document that was closed, and takes files from the disk as
    /// they are now. Returns whether other files may see a difference. What is open is asked when the turn has come:
    /// what is opened later is entered later.
    pub(crate) fn take_from_disk(
        &self,
        ground: &Ground,
        files: Vec<(FilePath, Option<FileInput>)>,
        documents: &Documents,
    ) -> bool {
        let _turn = self.turn();
        let mut version = {
            let state = self.read();
            if state.epoch != ground.epoch {
                return false;
            }
            Arc::clone(&state.project)
        };
        let project = Project::next(&mut version);
        let mut changed = false;
        let mut taken = Vec::new();
        for (path, input) in files {
            if documents.get(&path).is_some_and(|open| open.source) {
                continue;
            }
            changed |= match input {
                Some(input) => project.insert(input),
                None => project.remove(&path),
            };
            taken.push(path);
        }
        // Many files take a while, in which others are answered from the version before.
        project.link();
        let mut state = self.write();
        for path in taken {
            state.open.remove(&path);
            state.moved.remove(&path);
            state.seen_outside.remove(&path);
        }
        let former = std::mem::replace(&mut state.project, version);
        drop(state);
        // To let go of all files of a project takes a while.
        drop(former);
        changed
    }

    /// Puts in a workspace that is open but not read: open documents can be looked at from now on.
    /// A project that is already there stays until [`World::replace`].
    pub(crate) fn begin(
        &self,
        workspace: &Arc<Workspace>,
        catalogue: &Arc<Catalogue>,
        documents: &Documents,
    ) {
        let _turn = self.turn();
        if self.ground().is_none() {
            let project = Project::new(Arc::clone(catalogue));
            self.renew(&mut self.write(), workspace, project, documents);
        }
    }

    /// Puts in a workspace that has been read. Open documents are entered again when they are next
    /// looked at; those that are known keep their place until then.
    pub(crate) fn replace(
        &self,
        workspace: &Arc<Workspace>,
        project: Project,
        read: BTreeSet<FilePath>,
        documents: &Documents,
    ) {
        let _turn = self.turn();
        let mut state = self.write();
        let former = self.renew(&mut state, workspace, project, documents);
        state.read = read;
        drop(state);
        drop(former);
    }

    /// Whether a file was there when the workspace was read.
    pub(crate) fn was_read(&self, path: &FilePath) -> bool {
        self.read().read.contains(path)
    }

    /// Whether there was a file below this folder when the workspace was read.
    pub(crate) fn read_below(&self, folder: &FilePath) -> bool {
        let state = self.read();
        let first = state.read.range(FilePath::new(&format!("{folder}/"))..).next();
        first.is_some_and(|path| path.strip(folder).is_some())
    }

    /// Applies every safe fix in these documents until nothing changes, and returns the texts. Nothing of it lasts.
    pub(crate) fn fix_all(
        &self,
        documents: &[Open],
        texts: &Texts<'_>,
        cancelled: &dyn Fn() -> bool,
    ) -> Outcome {
        // Enters those that are not there yet.
        let entered = documents.iter().filter(|open| self.holding(open).is_some());
        let files: Vec<FilePath> = entered.map(|open| open.document.path().clone()).collect();
        let (project, workspace) = {
            let Some(ground) = self.ground() else { return Outcome::default() };
            (self.project(), ground.workspace)
        };
        let request =
            Request { files: Some(&files), others: true, safety: Safety::Safe, wanted: &|_| true, cancelled };
        fix_all::run(&workspace, &mut project.aside(), texts, &request)
    }

    /// What panicked, once each.
    pub(crate) fn take_panics(&self) -> Vec<(Lost, String)> {
        self.project().take_panics()
    }

    /// Puts in a workspace; gives back the project that stood for the former one.
    fn renew(
        &self,
        state: &mut State,
        workspace: &Arc<Workspace>,
        project: Project,
        documents: &Documents,
    ) -> Arc<Project> {
        state.epoch += 1;
        let catalogue = Arc::clone(project.catalogue());
        documents.set_catalogue(&catalogue);
        let former = std::mem::replace(&mut state.project, Arc::new(project));
        state.open.clear();
        state.moved.clear();
        state.seen_outside.clear();
        let ground = Ground { epoch: state.epoch, workspace: Arc::clone(workspace), catalogue };
        *self.ground.write().unwrap_or_else(PoisonError::into_inner) = Some(ground);
        former
    }

    /// Waits until nobody else changes the state.
    fn turn(&self) -> MutexGuard<'_, ()> {
        lock(&self.turn)
    }

    // A panic under the lock costs the findings of one file; the state is consistent between calls of
    // the project, which promises not to panic.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn holds(&self, document: &Arc<Document>) -> bool {
        self.open.get(document.path()).is_some_and(|held| Arc::ptr_eq(held, document))
    }

    /// Whether a newer text of it was entered since.
    fn holds_newer(&self, document: &Document) -> bool {
        self.open.get(document.path()).is_some_and(|held| held.version() > document.version())
    }

    fn enter(&mut self, document: Arc<Document>, input: FileInput) {
        let project = Project::next(&mut self.project);
        let entered = Entered::into(project, document, input);
        project.link();
        self.note([entered]);
    }

    fn note(&mut self, entered: impl IntoIterator<Item = Entered>) {
        for Entered { document, is_other, seen_outside } in entered {
            let path = document.path().clone();
            self.open.insert(path.clone(), document);
            if seen_outside {
                self.seen_outside.insert(path.clone());
            }
            if is_other {
                self.moved.insert(path);
            }
        }
    }
}

/// A document that was put into a project.
struct Entered {
    document: Arc<Document>,
    /// It says something else than what stood there.
    is_other: bool,
    /// Other files may see that.
    seen_outside: bool,
}

impl Entered {
    fn into(project: &mut Project, document: Arc<Document>, input: FileInput) -> Self {
        // The very same text was there when all was read.
        let known = project.input(document.path());
        let is_there = known.is_some_and(|it| Arc::ptr_eq(&it.facts, &input.facts));
        let seen_outside = project.insert(input);
        Self { document, is_other: seen_outside || !is_there, seen_outside }
    }
}

/// Texts for one answer: the open buffer where there is one, else the disk.
pub(crate) struct Texts<'a> {
    documents: &'a Documents,
    /// Nothing is read from it before a workspace is open.
    disk: Option<Disk<Arc<Workspace>>>,
}

impl<'a> Texts<'a> {
    /// The texts of a session.
    pub(crate) fn of(session: &'a Session) -> Self {
        let disk = session.world.ground().map(|ground| Disk::new(ground.workspace));
        Self { documents: &session.documents, disk }
    }

    /// Reads files that will be asked for, with all threads.
    pub(crate) fn read_ahead(&self, files: &BTreeSet<&FilePath>) {
        let files = Vec::from_iter(files);
        Workers::new(None).run(files.len(), &|at| {
            self.document(files[at]);
        });
    }
}

impl Sources for Texts<'_> {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        if let Some(open) = self.documents.get(path) {
            return Some(open.document);
        }
        self.disk.as_ref()?.document(path)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::str::FromStr as _;

    use routewise_workspace::Options;
    use tempfile::TempDir;

    use super::*;
    use crate::proto::Uri;

    const ON_DISK: &str = "export const onDisk = 1;\n";

    /// A world of one file, which is on the disk.
    struct Stage {
        folder: TempDir,
        world: World,
        documents: Documents,
        path: FilePath,
    }

    impl Stage {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().canonicalize().unwrap();
            std::fs::write(root.join("package.json"), "{}").unwrap();
            std::fs::write(root.join("a.ts"), ON_DISK).unwrap();
            let path = FilePath::new(root.join("a.ts").to_str().unwrap());
            let stage = Self { folder, world: World::new(), documents: Documents::new(), path };
            stage.world.begin(&stage.workspace(), &Catalogue::builtin(), &stage.documents);
            stage
        }

        fn workspace(&self) -> Arc<Workspace> {
            let root: PathBuf = self.folder.path().canonicalize().unwrap();
            Arc::new(Workspace::open(&[root], &Options::default()).0)
        }

        /// What the disk says of the file, as it is read for this ground.
        fn on_the_disk(&self, ground: &Ground) -> Vec<(FilePath, Option<FileInput>)> {
            let document = ground.workspace.read(&self.path).unwrap();
            vec![(self.path.clone(), Some(ground.workspace.input(&document, &ground.catalogue)))]
        }

        /// The editor opens the file with another text, and it is looked at.
        fn open(&self, text: &str) {
            let uri = Uri::from_str(&format!("file://{}", self.path)).unwrap();
            self.documents.open(&self.path, uri, 1, text.to_owned());
            self.world.holding(&self.documents.get(&self.path).unwrap()).unwrap();
        }

        /// Whether the project's file exports this name.
        fn says(&self, name: &str) -> bool {
            let project = self.world.project();
            project.input(&self.path).is_some_and(|input| input.facts.export(name).is_some())
        }
    }

    #[test]
    fn a_file_that_is_opened_while_it_is_read_from_the_disk_is_what_the_editor_has() {
        let stage = Stage::new();
        let ground = stage.world.ground().unwrap();
        let read = stage.on_the_disk(&ground);
        stage.open("export const inEditor = 1;\n");
        assert!(!stage.world.take_from_disk(&ground, read, &stage.documents));
        assert!(stage.says("inEditor") && !stage.says("onDisk"));
    }

    #[test]
    fn a_file_that_was_closed_is_what_the_disk_says() {
        let stage = Stage::new();
        stage.open("export const inEditor = 1;\n");
        let ground = stage.world.ground().unwrap();
        stage.documents.close(&stage.path);
        assert!(stage.world.take_from_disk(&ground, stage.on_the_disk(&ground), &stage.documents));
        assert!(stage.says("onDisk") && !stage.says("inEditor"));
    }

    #[test]
    fn what_was_read_for_a_workspace_that_is_gone_is_not_taken() {
        let stage = Stage::new();
        let ground = stage.world.ground().unwrap();
        let read = stage.on_the_disk(&ground);
        let empty = Project::new(Catalogue::builtin());
        stage.world.replace(&stage.workspace(), empty, BTreeSet::new(), &stage.documents);
        assert!(!stage.world.take_from_disk(&ground, read, &stage.documents));
        assert!(!stage.says("onDisk"));
    }
}
