//! All files together: what a name means, who calls whom, what reaches a handler.
//!
//! Each file keeps its own links (what its calls mean, which entries it holds); they are made again when
//! the file's summary or that of a file they were read from changes. Who reaches whom is then found by a
//! search over all links, the same way whether one file changed or all were read: nothing of it is kept
//! from one time to the next, so an incremental answer cannot differ from a fresh one.

pub(crate) mod calls;
mod entries;
pub(crate) mod express;
mod link;
pub(crate) mod matcher;
mod methods;
mod origins;
mod reach;
pub mod routes;
mod state;
mod symbols;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use rustc_hash::FxHashMap;

pub use entries::{Entry, Layer, METHODS, max_duration};
pub(crate) use entries::{own_max_duration, segment_text};
pub(crate) use link::{Construction, FileLinks, Kept, is_global, kept, this_method};
pub(crate) use methods::Methods;
pub(crate) use origins::origin;
pub(crate) use reach::{Reach, Scope, Way};
pub use routes::table::Framework;
use routes::table::Table;
pub(crate) use state::{States, Used};
pub(crate) use symbols::{Resolver, Symbol};

use crate::check;
use crate::complete::{self, Completion};
use crate::document::Document;
use crate::endpoints::{self, Endpoint};
use crate::explain;
use crate::facts::FileFacts;
use crate::finding::{Finding, Fix, RuleId, Severity};
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

/// A hover text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown; [`crate::explain::plain`] makes plain text of it.
    pub markdown: String,
}

/// A file's number: stable while the project lives, in the order in which paths were first named.
pub(crate) type FileNo = u32;

/// All known files of a workspace.
#[derive(Debug)]
pub struct Project {
    catalogue: Arc<Catalogue>,
    /// Every path ever named, those that only others import included.
    numbers: FxHashMap<FilePath, FileNo>,
    files: Vec<Option<FileInput>>,
    /// The files that are there, in the order of their paths.
    sorted: BTreeMap<FilePath, FileNo>,
    links: Vec<Option<Arc<FileLinks>>>,
    stale: BTreeSet<FileNo>,
    express: express::Express,
    reach: Option<Reach>,
    states: States,
    /// All URLs, from when they are first asked for until something changes.
    table: OnceLock<Table>,
    /// Async methods by name, on the same terms.
    methods: OnceLock<Methods>,
    complete: bool,
    panics: Mutex<BTreeMap<RuleId, String>>,
}

impl Project {
    /// No files yet.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self {
            catalogue,
            numbers: FxHashMap::default(),
            files: Vec::new(),
            sorted: BTreeMap::new(),
            links: Vec::new(),
            stale: BTreeSet::new(),
            express: express::Express::default(),
            reach: None,
            states: States::default(),
            table: OnceLock::new(),
            methods: OnceLock::new(),
            complete: false,
            panics: Mutex::default(),
        }
    }

    /// The rules in force.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Adds a file or replaces what was known of it. Returns whether other files may see a difference:
    /// false when only the inside of the file changed (the early cut-off).
    pub fn insert(&mut self, input: FileInput) -> bool {
        let number = self.intern(&input.path);
        for resolution in &input.resolutions {
            if let Resolution::File(path) = resolution {
                self.intern(path);
            }
        }
        let old = self.files[number as usize].as_ref();
        let same = old.is_some_and(|old| {
            old.facts.summary == input.facts.summary
                && old.resolutions == input.resolutions
                && old.package == input.package
        });
        self.sorted.insert(input.path.clone(), number);
        self.files[number as usize] = Some(input);
        if same {
            return false;
        }
        self.touch(number);
        true
    }

    /// Forgets a file. Returns whether it was known.
    pub fn remove(&mut self, path: &FilePath) -> bool {
        let Some(&number) = self.numbers.get(path) else { return false };
        if self.files[number as usize].take().is_none() {
            return false;
        }
        self.sorted.remove(path);
        self.touch(number);
        true
    }

    /// Says that every file of the workspace has been inserted: rules that need to know of all files may
    /// speak from now on.
    pub fn set_complete(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// Whether every file of the workspace is known.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Brings what depends on several files up to date. Cheap when nothing changed; call it after the
    /// last `insert` or `remove` of a batch and before reading.
    pub fn link(&mut self) {
        if self.stale.is_empty() && self.reach.is_some() {
            return;
        }
        for number in std::mem::take(&mut self.stale) {
            let links = self.file(number).is_some().then(|| Arc::new(link::link(self, number)));
            self.links[number as usize] = links;
        }
        self.express = express::Express::read(self);
        for (file, entries) in express::entries(self) {
            if let Some(links) = self.links[file as usize].as_mut().and_then(Arc::get_mut) {
                links.entries = entries;
            }
        }
        self.reach = Some(Reach::search(self));
        self.states = States::collect(self);
    }

    /// Every known file, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.sorted.keys()
    }

    /// What is wrong in one file, sorted by place and rule. Suppressed findings are left out, unused
    /// suppressions are findings of their own. Never panics: a rule that does loses its findings only.
    pub fn findings(&self, path: &FilePath) -> Vec<Finding> {
        self.numbers.get(path).map_or_else(Vec::new, |&number| check::findings(self, number))
    }

    /// The files whose findings tell of places in `path`, so that they move when it does.
    pub fn mentioning(&self, path: &FilePath) -> Vec<FilePath> {
        let Some(&number) = self.numbers.get(path) else { return Vec::new() };
        // What is said of a request names the route that is near it.
        let routes = self.links(number).is_some_and(|links| links.served.is_some());
        let asks = |other: FileNo| {
            self.links(other).is_some_and(|links| !links.requests.is_empty())
                || self.file(other).is_some_and(|input| !input.facts.crons.is_empty())
        };
        self.sorted
            .iter()
            .filter(|&(_, &other)| {
                other != number
                    && (routes && asks(other)
                        || self.reach().is_some_and(|reach| reach.mentions(self, other, number)))
            })
            .map(|(path, _)| path.clone())
            .collect()
    }

    /// The ways to mend a finding, preferred first.
    pub fn fixes(&self, finding: &Finding, sources: &dyn Sources) -> Vec<Fix> {
        fix::fixes(self, finding, sources)
    }

    /// What there is to say about the code at `offset`.
    pub fn hover(&self, path: &FilePath, offset: u32) -> Option<Hover> {
        explain::hover(self, *self.numbers.get(path)?, offset)
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
        endpoints::endpoints(self)
    }

    /// A rule that panicked, once each, for the log.
    pub fn take_panics(&self) -> Vec<(RuleId, String)> {
        self.panics
            .lock()
            .map(|mut panics| std::mem::take(&mut *panics).into_iter().collect())
            .unwrap_or_default()
    }

    pub(crate) fn note_panic(&self, rule: &RuleId, what: String) {
        if let Ok(mut panics) = self.panics.lock() {
            panics.insert(Arc::clone(rule), what);
        }
    }

    pub(crate) fn file(&self, number: FileNo) -> Option<&FileInput> {
        self.files.get(number as usize)?.as_ref()
    }

    pub(crate) fn number(&self, path: &FilePath) -> Option<FileNo> {
        self.numbers.get(path).copied()
    }

    pub(crate) fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Every known file in the order of its path.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = FileNo> + '_ {
        self.sorted.values().copied()
    }

    pub(crate) fn links(&self, number: FileNo) -> Option<&FileLinks> {
        self.links.get(number as usize)?.as_deref()
    }

    pub(crate) fn reach(&self) -> Option<&Reach> {
        self.reach.as_ref()
    }

    /// The Express applications, as they are set up.
    pub(crate) fn express(&self) -> &express::Express {
        &self.express
    }

    /// What modules keep between the calls of their functions.
    pub(crate) fn states(&self) -> &States {
        &self.states
    }

    /// All URLs of the project and who serves them.
    pub(crate) fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::read(self))
    }

    /// The async methods of the project by their name.
    pub(crate) fn methods(&self) -> &Methods {
        self.methods.get_or_init(|| Methods::read(self))
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
        self.numbers.insert(path.clone(), number);
        self.files.push(None);
        self.links.push(None);
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

    /// The links of a file, and of every file whose links were read from it, are to be made again.
    /// Until then the file has none: numbers of calls and functions in the old ones mean nothing any more.
    fn touch(&mut self, number: FileNo) {
        self.stale.insert(number);
        self.reach = None;
        self.table = OnceLock::new();
        self.methods = OnceLock::new();
        for (other, links) in self.links.iter().enumerate() {
            if links.as_ref().is_some_and(|links| links.seen.contains(&number)) {
                self.stale.insert(other as FileNo);
            }
        }
        self.links[number as usize] = None;
    }
}
