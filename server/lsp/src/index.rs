//! Opening and reading the workspace, and following the disk.
//!
//! A workspace is read into a project of its own, which takes the place of the former one when it is
//! complete: findings do not come and go while files are read, and nobody waits for a lock. Open
//! documents are looked at as soon as the workspace is open, before anything of it is read.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use routewise_analysis::document::Document;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::{Catalogue, RuleError};
use tokio::sync::mpsc;

use crate::diagnostics;
use crate::disk::{self, Config, Impact, Options, Workspace};
use crate::proto::MessageType;
use crate::session::{Job, Session, Wanted, lock};

/// Changes on the disk come in flocks (a checkout, an install); they are taken together.
const FLOCK: Duration = Duration::from_millis(50);

/// More changed files than this are read faster by reading everything.
const MANY: usize = 500;

/// Has the workspace opened and read anew, in the background.
pub(crate) fn reopen(session: &Arc<Session>) {
    lock(&session.wanted).reopen = true;
    launch(session, Duration::ZERO);
}

/// Has files taken from the disk as they are now.
pub(crate) fn files_changed(session: &Arc<Session>, paths: impl IntoIterator<Item = FilePath>) {
    let mut wanted = lock(&session.wanted);
    wanted.files.extend(paths);
    if wanted.files.is_empty() {
        return;
    }
    drop(wanted);
    launch(session, FLOCK);
}

fn launch(session: &Arc<Session>, delay: Duration) {
    let session = Arc::clone(session);
    let flights = Arc::clone(&session);
    flights.flights.launch(Job::Workspace, delay, move || {
        let session = Arc::clone(&session);
        async move {
            let wanted = std::mem::take(&mut *lock(&session.wanted));
            run(&session, wanted).await;
        }
    });
}

async fn run(session: &Arc<Session>, wanted: Wanted) {
    let job = Arc::clone(session);
    let all =
        wanted.reopen || session.blocking(move || take_files(&job, wanted.files)).await.unwrap_or(false);
    if all && !session.lifetime.is_ending() {
        let reporter = Reporter::start(session);
        let job = Arc::clone(session);
        session.blocking(move || open(&job, &reporter)).await;
        session.look_at_all();
    }
}

/// Takes files from the disk. Returns whether everything must be read anew.
fn take_files(session: &Arc<Session>, files: BTreeSet<FilePath>) -> bool {
    let Some(ground) = session.world.ground() else { return true };
    let workspace = &ground.workspace;
    let mut sources = Vec::new();
    for path in files {
        match workspace.depends_on(&path) {
            Impact::Configuration | Impact::UserRules => return true,
            Impact::Source => sources.push(path),
            Impact::None => {}
        }
    }
    if sources.len() > MANY {
        return true;
    }
    // A file that comes or goes changes what the imports of other files mean.
    let mut anew = false;
    let inputs: Vec<_> = sources
        .into_iter()
        .map(|path| {
            let input = workspace
                .read(&path)
                .ok()
                .map(|document: Document| workspace.input(&document, &ground.catalogue));
            anew |= input.is_some() != session.world.knows(&path);
            (path, input)
        })
        .collect();
    if anew {
        return true;
    }
    if !inputs.is_empty() && session.world.take_from_disk(&ground, inputs, &session.documents) {
        session.look_at_all();
    }
    false
}

/// Opens the workspace, lets open documents be looked at, reads it, and puts it in place.
fn open(session: &Arc<Session>, reporter: &Reporter) {
    let started = Instant::now();
    let roots = lock(&session.roots).clone();
    let (settings, broken) = Config::from_settings(&lock(&session.settings).clone());
    for message in broken {
        session.show_once(MessageType::WARNING, format!("Setting of Routewise: {message}"));
    }
    let options = Options {
        target: session.options.target.clone(),
        config: session.options.config.clone(),
        settings: Some(settings),
    };
    let (workspace, problems) = Workspace::open(&roots, &options);
    let workspace = Arc::new(workspace);
    let (catalogue, rule_errors) = catalogue(&workspace);
    session.world.begin(&workspace, &catalogue, &session.documents);
    session.set_ready();
    diagnostics::report(session, &problems, &rule_errors);
    session.look_at_all();
    catalogue.prepare();

    // Another opening that waits makes this one worthless.
    let given_up = || session.lifetime.is_ending() || lock(&session.wanted).reopen;
    let mut project = Project::new(Arc::clone(&catalogue));
    let mut files = 0;
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
    disk::load(&workspace, &catalogue, threads, &|done, of| reporter.at(done, of), &given_up, |inputs| {
        files += inputs.len();
        for input in inputs {
            project.insert(input);
        }
    });
    if given_up() {
        return;
    }
    // Open buffers win over the disk from the start.
    for path in session.documents.sources() {
        if let Some(open) = session.documents.get(&path) {
            let input = if Arc::ptr_eq(&open.catalogue, &catalogue) {
                workspace.input(&open.document, &catalogue)
            } else {
                workspace.input(&Document::new(path, 0, open.document.text().to_owned()), &catalogue)
            };
            project.insert(input);
        }
    }
    project.set_complete(!roots.is_empty());
    project.link();
    session.world.replace(&workspace, project, &session.documents);
    tracing::info!(files, elapsed = ?started.elapsed(), "the workspace is read");
}

/// The built-in rules, and the user's where there are any.
fn catalogue(workspace: &Workspace) -> (Arc<Catalogue>, Vec<RuleError>) {
    let sources = workspace.user_rules();
    if sources.is_empty() { (Catalogue::builtin(), Vec::new()) } else { Catalogue::with_user_rules(&sources) }
}

/// Tells the client how far the reading is, where it wants to know.
struct Reporter {
    send: Option<mpsc::UnboundedSender<(u32, String)>>,
    last: AtomicU32,
}

impl Reporter {
    fn start(session: &Arc<Session>) -> Self {
        let last = AtomicU32::new(0);
        if !session.facts().progress {
            return Self { send: None, last };
        }
        let (send, mut steps) = mpsc::unbounded_channel::<(u32, String)>();
        let session = Arc::clone(session);
        tokio::spawn(async move {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let token = format!("routewise/index/{}", COUNT.fetch_add(1, Ordering::Relaxed));
            let token = crate::proto::ProgressToken::String(token);
            // A client that never answers delays its own progress, not the reading.
            if session.client.create_work_done_progress(token.clone()).await.is_err() {
                return;
            }
            let progress =
                session.client.progress(token, "Routewise: reading routes").with_percentage(0).begin().await;
            while let Some((percent, message)) = steps.recv().await {
                progress.report_with_message(message, percent).await;
            }
            progress.finish().await;
        });
        Self { send: Some(send), last }
    }

    /// Called from several threads; reports whole percents that were not reported.
    fn at(&self, done: usize, of: usize) {
        let Some(send) = &self.send else { return };
        let percent = (done * 100 / of.max(1)) as u32;
        if self.last.fetch_max(percent, Ordering::Relaxed) < percent {
            let _ = send.send((percent, format!("{done} of {of} files")));
        }
    }
}
