//! What a running server holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use routewise_analysis::decision;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_workspace::Workers;
use routewise_workspace::watch::Watcher;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore, watch};

use crate::ServeOptions;
use crate::client::ClientFacts;
use crate::diagnostics;
use crate::documents::{Documents, Open};
use crate::flights::Flights;
use crate::index::Rules;
use crate::outbox::Outbox;
use crate::preparing::Preparing;
use crate::proto::{Client, Diagnostic, Error, LSPAny, MessageType, Result};
use crate::settings::{self, Given};
use crate::transport::panic_text;
use crate::world::World;

/// Longest pause before a document is looked at again because it changed while it was looked at. An edit of an
/// idle document starts at once, so a single keystroke never waits for this.
const QUIET: Duration = Duration::from_millis(20);

/// Pause before the client is asked to look again at what it shows between the lines: typing changes it with every
/// word, and nobody reads it while typing.
const UNHURRIED: Duration = Duration::from_millis(500);

/// How long a question about all files may begin anew because somebody asks about a newer version of the project: with
/// the time that it takes then, well below the second that people wait for without losing their thread.
const SOON: Duration = Duration::from_millis(300);

/// Documents that are looked at at once: more than anybody types in, and threads keep what they have freed.
const DESKS: usize = 8;

/// How long a request waits for the workspace to be opened before it answers with nothing.
const PATIENCE: Duration = Duration::from_secs(5);

/// The beginning and the end of a server's life, known before there is a session and after.
#[derive(Default)]
pub(crate) struct Lifetime {
    client: OnceLock<ClientFacts>,
    shutdown: AtomicBool,
    ended: AtomicBool,
    end: Notify,
}

impl Lifetime {
    /// Takes the raw parameters of `initialize`; the first ones count.
    pub(crate) fn greet(&self, params: &Value) {
        let _ = self.client.set(ClientFacts::read(params));
    }

    /// What the client said of itself.
    pub(crate) fn client(&self) -> &ClientFacts {
        self.client.get_or_init(|| ClientFacts::read(&Value::Null))
    }

    /// Notes `shutdown`: long work stops.
    pub(crate) fn shut_down(&self) {
        self.shutdown.store(true, Ordering::SeqCst);
    }

    /// Whether `shutdown` has come.
    pub(crate) fn is_shut_down(&self) -> bool {
        self.shutdown.load(Ordering::SeqCst)
    }

    /// Notes `exit`, or the end of the parent process.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.end.notify_waiters();
    }

    /// Whether the server is to stop: long work stops.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_shut_down() || self.ended.load(Ordering::SeqCst)
    }

    /// Waits for [`Lifetime::end`].
    pub(crate) async fn ended(&self) {
        let notified = self.end.notified();
        if !self.ended.load(Ordering::SeqCst) {
            notified.await;
        }
    }
}

/// The jobs that run one at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Job {
    /// Looks at one document.
    Document(FilePath),
    /// Has the documents looked at that wait for it.
    Others,
    /// Opens and reads the workspace, or takes changed files from the disk.
    Workspace,
    /// Asks the client to pull again.
    Refresh,
    /// Asks the client for what it shows between the lines again.
    Between,
}

/// What the next run of [`Job::Workspace`] is for.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Open the workspace anew.
    pub(crate) reopen: bool,
    /// Files that changed on the disk, or were closed.
    pub(crate) files: BTreeSet<FilePath>,
}

/// The last answer to a pull.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answered {
    version: Option<i32>,
    hash: u64,
}

/// All state of a running server.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) options: ServeOptions,
    pub(crate) lifetime: Arc<Lifetime>,
    pub(crate) documents: Documents,
    pub(crate) world: World,
    pub(crate) outbox: Outbox,
    pub(crate) flights: Flights<Job>,
    pub(crate) wanted: Mutex<Wanted>,
    /// The rules of the workspace that was opened last.
    pub(crate) rules: Mutex<Option<Rules>>,
    /// For so many documents that are looked at at once.
    pub(crate) desks: Semaphore,
    /// Whose turn it is to have these find out something.
    preparing: Preparing,
    /// Documents that are to be looked at when there is time.
    pub(crate) others: Mutex<BTreeSet<FilePath>>,
    /// Folders of the workspace, as the client last said.
    pub(crate) roots: Mutex<Vec<PathBuf>>,
    /// The client's settings, as last received.
    pub(crate) settings: Mutex<Given>,
    /// Findings about configuration files and user rules, by file.
    pub(crate) reports: Mutex<BTreeMap<FilePath, Vec<Diagnostic>>>,
    /// What was said once and is not said again.
    said: Mutex<HashSet<String>>,
    /// The watcher and what it watches, where the client does not watch for us.
    pub(crate) watching: Mutex<Option<(Vec<FilePath>, Watcher)>>,
    /// The client said it would watch and then would not.
    unwatched: AtomicBool,
    answered: Mutex<HashMap<FilePath, Answered>>,
    /// How often each document was closed.
    closed: Mutex<HashMap<FilePath, u32>>,
    /// Turns true when the first workspace is open.
    ready: watch::Sender<bool>,
}

impl Session {
    /// A session that knows nothing yet.
    pub(crate) fn new(client: Client, options: ServeOptions, lifetime: Arc<Lifetime>) -> Arc<Self> {
        Arc::new(Self {
            client,
            options,
            lifetime,
            documents: Documents::new(),
            world: World::new(),
            outbox: Outbox::default(),
            flights: Flights::new(QUIET),
            wanted: Mutex::default(),
            rules: Mutex::default(),
            desks: Semaphore::new(DESKS),
            preparing: Preparing::new(SOON),
            others: Mutex::default(),
            roots: Mutex::default(),
            settings: Mutex::default(),
            reports: Mutex::default(),
            said: Mutex::default(),
            watching: Mutex::default(),
            unwatched: AtomicBool::new(false),
            answered: Mutex::default(),
            closed: Mutex::default(),
            ready: watch::Sender::new(false),
        })
    }

    /// What the client said of itself.
    pub(crate) fn facts(&self) -> &ClientFacts {
        self.lifetime.client()
    }

    /// Whether changes on the disk are found by watching ourselves.
    pub(crate) fn watches_itself(&self) -> bool {
        !self.facts().watch || self.unwatched.load(Ordering::SeqCst)
    }

    /// Notes that the client does not watch after all.
    pub(crate) fn watch_itself(&self) {
        self.unwatched.store(true, Ordering::SeqCst);
    }

    /// Runs dear, synchronous work away from the messages. A panic in it is logged and gives `None`.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        match tokio::task::spawn_blocking(work).await {
            Ok(value) => Some(value),
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    self.say_once(MessageType::ERROR, format!("routewise: {}", panic_text(&*panic)));
                }
                None
            }
        }
    }

    /// What is wrong in each of several files, for somebody who waits for the answer. The threads for it end with it: see
    /// [`IDLE`](crate::IDLE).
    pub(crate) fn findings_of(
        project: &Project,
        files: impl IntoIterator<Item = FilePath>,
    ) -> decision::Findings {
        let workers = Workers::new(None);
        project.findings_of(files, &|count, work| workers.run(count, work))
    }

    /// The project as it is now, with what an overview or a decision asks of it found out by all threads.
    pub(crate) fn prepared(&self, waits: &(dyn Fn() -> bool + Sync)) -> Arc<Project> {
        let is_newest = |project: &Arc<Project>| Arc::ptr_eq(project, &self.world.project());
        self.preparing.prepared(
            waits,
            || self.project(),
            is_newest,
            |project, goes_on| {
                let workers = Workers::new(None);
                project.prepare(&|count, work| workers.run(count, work), goes_on);
            },
        )
    }

    /// Answers a question about all files, away from the messages. `answer` is told whether somebody still waits for it.
    pub(crate) async fn answer_about_all(
        self: &Arc<Self>,
        answer: impl FnOnce(&Arc<Self>, &(dyn Fn() -> bool + Sync)) -> Option<LSPAny> + Send + 'static,
    ) -> Result<LSPAny> {
        self.ready().await;
        // Gone with this future where the client takes the question back.
        let asker = Arc::new(());
        let waits = Arc::downgrade(&asker);
        let session = Arc::clone(self);
        let answered = self.blocking(move || answer(&session, &|| waits.strong_count() > 0)).await;
        drop(asker);
        answered.flatten().ok_or_else(Error::internal_error)
    }

    /// Says that documents can be looked at from now on.
    pub(crate) fn set_ready(&self) {
        self.ready.send_replace(true);
    }

    /// Waits until documents can be looked at, for a bounded time.
    pub(crate) async fn ready(&self) {
        let mut ready = self.ready.subscribe();
        let _ = tokio::time::timeout(PATIENCE, ready.wait_for(|&ready| ready)).await;
    }

    /// The project with every open document as it is now: whoever asks about several files wants no old ones.
    pub(crate) fn project(&self) -> Arc<Project> {
        let sources = self.documents.sources();
        let open: Vec<Open> = sources.iter().filter_map(|path| self.documents.get(path)).collect();
        self.world.holding_all(&open)
    }

    /// The same with one of them as it was when the question came.
    pub(crate) fn project_holding(&self, open: &Open) -> Option<Arc<Project>> {
        self.project();
        self.world.holding(open)
    }

    /// Notes what a pull was answered. Returns the id of the answer, which is another one after the document
    /// was closed: Neovim forgets the findings of a file that it loads again, but not the id.
    pub(crate) fn note_answer(
        &self,
        path: &FilePath,
        version: Option<i32>,
        diagnostics: &[Diagnostic],
    ) -> String {
        let hash = diagnostics::hash(diagnostics);
        lock(&self.answered).insert(path.clone(), Answered { version, hash });
        let closed = lock(&self.closed).get(path).copied().unwrap_or_default();
        format!("{hash:016x}-{closed}")
    }

    /// Forgets what a pull was answered, when the document closes.
    pub(crate) fn forget_answer(&self, path: &FilePath) {
        lock(&self.answered).remove(path);
        *lock(&self.closed).entry(path.clone()).or_default() += 1;
    }

    /// A client that pulls asks by itself after its own edits. It must be told when an answer it already
    /// has for this version is no longer right, or was given before the document was open.
    pub(crate) fn refresh_if_stale(self: &Arc<Self>, open: &Open, diagnostics: &[Diagnostic]) {
        let answered = lock(&self.answered).get(open.document.path()).copied();
        let stale = answered.is_some_and(|answered| {
            answered.version.is_none_or(|version| version == open.document.version())
                && answered.hash != diagnostics::hash(diagnostics)
        });
        if stale {
            self.refresh();
        }
    }

    /// Asks the client to pull every document again.
    pub(crate) fn refresh(self: &Arc<Self>) {
        let session = Arc::clone(self);
        self.flights.launch(Job::Refresh, QUIET, move || {
            let client = session.client.clone();
            async move {
                if let Err(error) = client.workspace_diagnostic_refresh().await {
                    tracing::warn!("the client did not refresh its diagnostics: {error}");
                }
            }
        });
    }

    /// Has the client ask for lenses and remarks again: another file decides what they say.
    pub(crate) fn refresh_between(self: &Arc<Self>) {
        let hints = self.facts().refresh_hints && self.wants_any_hints();
        let lenses = self.facts().refresh_lenses;
        if !hints && !lenses {
            return;
        }
        let session = Arc::clone(self);
        self.flights.launch(Job::Between, UNHURRIED, move || {
            let client = session.client.clone();
            async move {
                // A client that does not answer asks again by itself, sooner or later.
                if lenses && let Err(error) = client.code_lens_refresh().await {
                    tracing::warn!("the client did not ask for its lenses again: {error}");
                }
                if hints && let Err(error) = client.inlay_hint_refresh().await {
                    tracing::warn!("the client did not ask for its hints again: {error}");
                }
            }
        });
    }

    fn wants_any_hints(&self) -> bool {
        self.documents.sources().iter().any(|path| settings::wants_hints(self, path))
    }

    pub(crate) fn report_panics(&self) {
        for (lost, message) in self.world.take_panics() {
            self.say_once(
                MessageType::ERROR,
                format!("Left out, because it failed: {lost}. Please report this: {message}"),
            );
        }
    }

    /// Writes a line to the client's log.
    pub(crate) fn log(&self, kind: MessageType, message: String) {
        let client = self.client.clone();
        tokio::spawn(async move { client.log_message(kind, message).await });
    }

    /// Writes a line to the client's log, unless it is there already.
    pub(crate) fn say_once(&self, kind: MessageType, message: String) {
        if lock(&self.said).insert(message.clone()) {
            self.log(kind, message);
        }
    }

    /// Shows a message to the user, unless it was shown before.
    pub(crate) fn show_once(&self, kind: MessageType, message: String) {
        if lock(&self.said).insert(message.clone()) {
            let client = self.client.clone();
            tokio::spawn(async move { client.show_message(kind, message).await });
        }
    }
}

/// Locks what no panic can leave half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
