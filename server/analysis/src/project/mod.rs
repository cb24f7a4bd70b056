//! All files together: what a name means, who calls whom, what reaches a handler.
//!
//! Each file keeps its own links (what its calls mean, which entries it holds); they are made again when
//! the file's summary or that of a file they were read from changes. Who reaches whom is found by a search over
//! all links, the same way whether one file changed or all were read. It stands while all calls lead where they led;
//! beyond that nothing of it is kept, so an incremental answer cannot differ from a fresh one.

pub(crate) mod calls;
mod difference;
mod entries;
pub(crate) mod express;
mod found;
mod link;
mod linking;
mod links;
pub(crate) mod matcher;
mod methods;
mod origins;
mod panics;
mod pieces;
mod reach;
pub mod routes;
mod state;
mod symbols;
mod versions;
mod wholes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use difference::{Around, Difference};
pub use entries::{Entry, Layer, METHODS, max_duration};
pub(crate) use entries::{own_max_duration, runtime, segment_text};
pub(crate) use link::{is_global, kept, this_method};
use linking::{Former, Stale};
pub(crate) use links::{Construction, Edge, FileLinks, Kept};
pub(crate) use methods::Methods;
pub(crate) use origins::origin;
pub use panics::Lost;
pub(crate) use reach::{Reach, Scope, Way};
pub use routes::table::Framework;
pub(crate) use state::{States, Used};
pub(crate) use symbols::{Resolver, Symbol};
use wholes::{Names, Wholes};

use crate::check;
use crate::complete::{self, Completion};
use crate::decision;
use crate::document::Document;
use crate::endpoints::{self, Endpoint};
use crate::explain;
use crate::facts::{FileFacts, Identity, Looked, look_into};
use crate::finding::{Finding, Fix, Severity};
use crate::fix;
use crate::package::Package;
use crate::path::FilePath;
use crate::rules::Catalogue;
use crate::text::Span;

/// Where the text of another file comes from: an open buffer where there is one, else the disk.
pub trait Sources {
    /// The file as it is now; `None` where there is none or it is not text.
    fn document(&self, path: &FilePath) -> Option<Arc<Document>>;
}

/// What a module specifier means, seen from one file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// A source file of the workspace (workspace packages included).
    File(FilePath),
    /// A package of `node_modules` or a module of Node.js; the specifier itself names it.
    External,
    /// Nothing that exists.
    Unresolved,
}

/// Settings that apply to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Severity by rule id or family (`clients`); `None` switches off. The longest name wins.
    pub rules: BTreeMap<String, Option<Severity>>,
    /// Functions of the project that check who asks: `requireUser`, `@/lib/auth#guard`.
    pub auth: Vec<String>,
}

/// One file, ready to join a project.
#[derive(Clone, Debug)]
pub struct FileInput {
    /// The file.
    pub path: FilePath,
    /// Its package.
    pub package: Arc<Package>,
    /// Its settings.
    pub settings: Arc<Settings>,
    /// What it says.
    pub facts: Arc<FileFacts>,
    /// What each of `facts.specifiers` means, in the same order.
    pub resolutions: Vec<Resolution>,
}

impl FileInput {
    /// Whether it is the same in everything: nothing was read anew.
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.facts, &other.facts)
            && self.resolutions == other.resolutions
            && self.package == other.package
            && self.settings == other.settings
    }
}

/// A hover text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown; [`crate::explain::plain`] makes plain text of it.
    pub markdown: String,
}

/// Carries out so many independent pieces of work, told by number: in any order, on any threads, and all of them
/// before it returns.
pub type Workers<'w> = &'w dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// The [`Workers`] where there are no others: the work is done at once, one piece after the other.
pub fn at_once(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).for_each(work);
}

/// A file's number: stable while the project lives, in the order in which paths were first named.
pub(crate) type FileNo = u32;

/// All known files of a workspace.
#[derive(Debug)]
pub struct Project {
    catalogue: Arc<Catalogue>,
    /// Every path ever named, those that only others import included.
    numbers: Arc<FxHashMap<FilePath, FileNo>>,
    files: Vec<Option<Arc<FileInput>>>,
    /// What names each file for whoever looks at it.
    names: Vec<Names>,
    wholes: Wholes,
    /// The files that are there, in the order of their paths.
    sorted: Arc<BTreeMap<FilePath, FileNo>>,
    links: Vec<Option<Arc<FileLinks>>>,
    /// Of each file, the statements of others that its links looked into.
    looked: Vec<Looked>,
    /// Counts the changes of what files say.
    clock: u64,
    /// Of each file, the last of them that was its own.
    changed: Vec<u64>,
    /// Files whose links are to be made again.
    stale: BTreeMap<FileNo, Stale>,
    /// The links of the files that somebody types in, in pieces.
    pieces: pieces::Pieces,
    /// Nothing has changed since the files were last linked.
    linked: bool,
    /// What was told when the files were last linked, while they are not; `None` where they never were.
    former: Option<Former>,
    express: Arc<express::Express>,
    /// What its programs made, each by itself.
    programs: Arc<express::Programs>,
    reach: Option<Arc<Reach>>,
    states: Arc<States>,
    complete: bool,
    /// Counts what findings may depend on and nobody notes: settings, and whether all files are known.
    generation: u64,
    /// What is another since the generation began, as it was named before: statements, files as a whole, their links, who
    /// reaches them, what is told of all files together.
    replaced: Vec<Identity>,
    /// How many of them links know.
    linked_again: usize,
    silent: Arc<check::Silent>,
    /// What is told of files and routes, from when it is first asked for until something changes.
    found: found::Found,
    panics: Arc<Mutex<BTreeMap<Lost, String>>>,
}

impl Project {
    /// No files yet.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self {
            catalogue,
            numbers: Arc::default(),
            files: Vec::new(),
            names: Vec::new(),
            wholes: Wholes::default(),
            sorted: Arc::default(),
            links: Vec::new(),
            looked: Vec::new(),
            clock: 0,
            changed: Vec::new(),
            stale: BTreeMap::new(),
            pieces: pieces::Pieces::default(),
            linked: false,
            former: None,
            express: Arc::default(),
            programs: Arc::default(),
            reach: None,
            states: Arc::default(),
            complete: false,
            generation: 0,
            replaced: Vec::new(),
            linked_again: 0,
            silent: Arc::default(),
            found: found::Found::default(),
            panics: Arc::default(),
        }
    }

    /// The rules in force.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Adds a file or replaces what was known of it. Returns whether other files may see a difference:
    /// false when only the inside of the file changed (the early cut-off).
    pub fn insert(&mut self, input: FileInput) -> bool {
        let known = self.numbers.get(&input.path).and_then(|&number| self.files[number as usize].as_deref());
        if known.is_some_and(|known| known.is_same(&input)) {
            return false;
        }
        self.found = self.found.after_change();
        let number = self.intern(&input.path);
        for resolution in &input.resolutions {
            if let Resolution::File(path) = resolution {
                self.intern(path);
            }
        }
        let input = Arc::new(input);
        let old = self.files[number as usize].replace(Arc::clone(&input));
        // What a JSON file says is in no summary.
        if old
            .as_ref()
            .is_some_and(|old| old.settings != input.settings || old.facts.crons != input.facts.crons)
        {
            self.begin_generation();
        }
        let Some(old) = old else {
            Arc::make_mut(&mut self.sorted).insert(input.path.clone(), number);
            self.touch(number, Difference::ALL);
            return true;
        };
        let around = Around::between(&old, &input);
        let is_reread = &mut self.names[number as usize].is_reread;
        if around.is_same() && old.facts.summary == input.facts.summary {
            *is_reread |= !old.facts.has_the_names_of(&input.facts);
            return false;
        }
        let inside =
            (around.is_same() && !*is_reread).then(|| difference::replaced(&old.facts, &input.facts));
        let inside = inside.flatten();
        match inside {
            Some(replaced) => self.touch_inside(number, replaced),
            None => self.touch(number, Difference::between(&old, &input, around)),
        }
        true
    }

    /// Forgets a file. Returns whether it was known.
    pub fn remove(&mut self, path: &FilePath) -> bool {
        let Some(&number) = self.numbers.get(path) else { return false };
        if self.files[number as usize].take().is_none() {
            return false;
        }
        self.found = self.found.after_change();
        Arc::make_mut(&mut self.sorted).remove(path);
        self.touch(number, Difference::ALL);
        true
    }

    /// Says that every file of the workspace has been inserted: rules that need to know of all files may
    /// speak from now on.
    pub fn set_complete(&mut self, complete: bool) {
        if self.complete == complete {
            return;
        }
        self.complete = complete;
        self.found = self.found.after_change();
        self.begin_generation();
    }

    /// Whether every file of the workspace is known.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Every known file, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &FilePath> {
        look_into(self.wholes.files);
        self.sorted.keys()
    }

    /// What is known of a file.
    pub fn input(&self, path: &FilePath) -> Option<&FileInput> {
        self.file(self.number(path)?)
    }

    /// What is wrong in one file, sorted by place and rule. Suppressed findings are left out, unused
    /// suppressions are findings of their own. Never panics: a rule that does loses its findings only.
    pub fn findings(&self, path: &FilePath) -> Vec<Finding> {
        self.numbers.get(path).map_or_else(Vec::new, |&number| check::findings(self, number))
    }

    /// What is wrong in each of several files, told by `workers`, and once: until something changes it is known.
    pub fn all_findings(&self, paths: &[FilePath], workers: Workers<'_>) -> Vec<Vec<Finding>> {
        let told = |path| self.number(path).map_or(&[][..], |number| self.found.findings(self, number));
        workers(paths.len(), &|at| {
            told(&paths[at]);
        });
        paths.iter().map(|path| told(path).to_vec()).collect()
    }

    /// The same by file.
    pub fn findings_of(
        &self,
        files: impl IntoIterator<Item = FilePath>,
        workers: Workers<'_>,
    ) -> decision::Findings {
        let files: BTreeSet<FilePath> = files.into_iter().collect();
        let files = Vec::from_iter(files);
        let found = self.all_findings(&files, workers);
        files.into_iter().zip(found).collect()
    }

    /// Those of `among` whose findings may tell of places in `path`, so that they move when it does.
    pub fn mentioning(&self, path: &FilePath, among: &[FilePath]) -> Vec<FilePath> {
        let Some(&number) = self.numbers.get(path) else { return Vec::new() };
        // What is said of a request names the route that is near it.
        let routes = self.links(number).is_some_and(|links| links.served.is_some());
        let asks = |other: FileNo| {
            self.links(other).is_some_and(|links| !links.requests.is_empty())
                || self.file(other).is_some_and(|input| !input.facts.crons.is_empty())
        };
        let mentions = |other: FileNo| self.reach().is_some_and(|reach| reach.mentions(self, other, number));
        let told = |path: &&FilePath| {
            self.number(path)
                .is_some_and(|other| other != number && (routes && asks(other) || mentions(other)))
        };
        among.iter().filter(told).cloned().collect()
    }

    /// The ways to mend a finding, preferred first.
    pub fn fixes(&self, finding: &Finding, sources: &dyn Sources) -> Vec<Fix> {
        fix::fixes(self, finding, sources)
    }

    /// What there is to say about the code at `offset`.
    pub fn hover(&self, path: &FilePath, offset: u32) -> Option<Hover> {
        self.hover_given(path, offset, None)
    }

    /// The same for whoever has looked up what is wrong in the files that [`Project::judged_by`] names.
    pub fn hover_given(
        &self,
        path: &FilePath,
        offset: u32,
        findings: Option<&decision::Findings>,
    ) -> Option<Hover> {
        let file = *self.numbers.get(path)?;
        let asked =
            endpoints::asked(self, file, offset, &|file, entry| decision::told(self, file, entry, None));
        explain::hover(self, file, offset, asked, &|entry| {
            endpoints::told(self, file, entry) + &decision::told(self, file, entry, findings)
        })
    }

    /// What can be written at `offset` of a file whose text is that of `document`.
    pub fn completions(&self, document: &Document, offset: u32) -> Vec<Completion> {
        let input = self.numbers.get(document.path()).and_then(|&number| self.file(number));
        input.map(|input| complete::completions(self, input, document, offset)).unwrap_or_default()
    }

    /// What requests call in a file.
    pub fn entries(&self, path: &FilePath) -> &[Entry] {
        self.numbers
            .get(path)
            .and_then(|&number| self.links(number))
            .map_or(&[], |links| links.entries.as_slice())
    }

    /// Every endpoint with all that is known of it, in the order of package, framework, URL, method and file.
    pub fn routes(&self) -> Vec<Endpoint> {
        self.endpoints().to_vec()
    }

    pub(crate) fn file(&self, number: FileNo) -> Option<&FileInput> {
        let input = self.files.get(number as usize)?.as_deref();
        // Also one that is not there: it may come.
        look_into(self.names[number as usize].shape);
        input
    }

    pub(crate) fn number(&self, path: &FilePath) -> Option<FileNo> {
        let number = self.numbers.get(path).copied();
        if number.is_none() {
            look_into(self.wholes.files);
        }
        number
    }

    pub(crate) fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Every known file in the order of its path.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = FileNo> + '_ {
        look_into(self.wholes.files);
        self.sorted.values().copied()
    }

    pub(crate) fn links(&self, number: FileNo) -> Option<&FileLinks> {
        let links = self.links.get(number as usize)?.as_deref()?;
        look_into(links.identity);
        Some(links)
    }

    pub(crate) fn reach(&self) -> Option<&Reach> {
        self.reach.as_deref()
    }

    /// Changes with everything that findings may depend on and nobody notes: settings, and whether all files are known.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// What is another since the generation began, as it was named before, in the order in which it was replaced.
    pub(crate) fn replaced(&self) -> &[Identity] {
        &self.replaced
    }

    /// What names a file as a whole.
    pub(crate) fn shape(&self, file: FileNo) -> Identity {
        self.names.get(file as usize).map(|names| names.shape).unwrap_or_default()
    }

    pub(crate) fn silent(&self) -> &check::Silent {
        &self.silent
    }

    pub(crate) fn resolution(&self, file: FileNo, specifier: &str) -> Option<&Resolution> {
        let input = self.file(file)?;
        let at = input.facts.specifiers.binary_search_by(|known| (**known).cmp(specifier)).ok()?;
        input.resolutions.get(at)
    }

    fn intern(&mut self, path: &FilePath) -> FileNo {
        if let Some(&number) = self.numbers.get(path) {
            return number;
        }
        let number = self.files.len() as FileNo;
        Arc::make_mut(&mut self.numbers).insert(path.clone(), number);
        self.files.push(None);
        self.names.push(Names::default());
        self.links.push(None);
        self.looked.push(Looked::default());
        self.changed.push(0);
        number
    }

    /// In the order of paths: numbers tell in which order files were met.
    pub(crate) fn sort_roots(&self, roots: &mut Vec<(FileNo, crate::facts::FunctionId)>) {
        roots.sort_by(|a, b| {
            let path = |number: FileNo| self.file(number).map(|input| &input.path);
            (path(a.0), a.1).cmp(&(path(b.0), b.1))
        });
        roots.dedup();
    }
}
