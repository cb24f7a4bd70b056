//! Opening and reading the workspace, and following the disk.
//!
//! A workspace is read into a project of its own, which takes the place of the former one when it is
//! complete: findings do not come and go while files are read, and nobody waits for a lock. Open
//! documents are looked at as soon as the workspace is open, before anything of it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use routewise_analysis::document::Document;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::{Catalogue, RuleError, RuleSource};
use routewise_workspace::watch::Watcher;
use routewise_workspace::{Impact, Known, Options, Workers, Workspace, load};
use tokio::sync::mpsc;

use crate::diagnostics;
use crate::proto::MessageType;
use crate::session::{Job, Session, Wanted, lock};
use crate::settings;

/// Changes on the disk come in flocks (a checkout, an install); they are taken together.
const FLOCK: Duration = Duration::from_millis(50);

/// Where more files than this have changed, everything is read anew: what was found has to be found again for most files
/// anyway, and who asks meanwhile is answered from the project as it was, not after all of that.
const MANY: usize = 100;

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
        session.refresh_between();
    }
}

/// Takes files from the disk. Returns whether everything must be read anew.
fn take_files(session: &Arc<Session>, files: BTreeSet<FilePath>) -> bool {
    let Some(ground) = session.world.ground() else { return true };
    let workspace = &ground.workspace;
    let mut inputs = Vec::new();
    for path in files {
        match workspace.depends_on(&path) {
            Impact::Configuration | Impact::UserRules => return true,
            Impact::Source => {}
            // A folder that went is named instead of what was in it, and a root where events were lost.
            Impact::None if session.world.read_below(&path) => return true,
            Impact::None => continue,
        }
        let open = session.documents.get(&path).is_some();
        let document = if open { None } else { workspace.read(&path).ok() };
        let exists = document.is_some() || open && Path::new(path.as_str()).is_file();
        // A file that comes or goes changes what the imports of other files mean.
        if exists != session.world.was_read(&path) || inputs.len() >= MANY {
            return true;
        }
        if !open {
            inputs.push((path, document.map(|document| workspace.input(&document, &ground.catalogue))));
        }
    }
    if !inputs.is_empty() && session.world.take_from_disk(&ground, inputs, &session.documents) {
        session.look_at_all();
        diagnostics::show_unopened(session);
        session.refresh_between();
    }
    false
}

/// Opens the workspace, lets open documents be looked at, reads it, and puts it in place.
fn open(session: &Arc<Session>, reporter: &Reporter) {
    let started = Instant::now();
    let roots = roots(session);
    let (settings, folder_settings, broken) = settings::read_all(&lock(&session.settings).clone());
    for message in broken {
        session.show_once(MessageType::WARNING, message);
    }
    let options = Options {
        target: session.options.target.clone(),
        config: session.options.config.clone(),
        settings: Some(settings),
        folder_settings,
    };
    let (workspace, mut problems) = Workspace::open(&roots, &options);
    let workspace = Arc::new(workspace);
    let (known, rule_errors) = rules(session, &workspace);
    let catalogue = Arc::clone(known.catalogue());
    problems.extend(workspace.check_rules(&catalogue));
    problems.sort();
    session.world.begin(&workspace, &catalogue, &session.documents);
    session.set_ready();
    diagnostics::report(session, &problems, &rule_errors);
    session.look_at_all();
    catalogue.prepare();

    // Another opening that waits makes this one worthless.
    let given_up = || session.lifetime.is_ending() || lock(&session.wanted).reopen;
    let mut inputs = BTreeMap::new();
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
    // Whoever asks something meanwhile comes first.
    let workers = Workers::behind(Some(threads));
    let unread =
        load(&workspace, &known, &workers, &|done, of| reporter.at(done, of), &given_up, &mut |batch| {
            inputs.extend(batch.into_iter().map(|input| (input.path.clone(), input)));
        });
    if given_up() {
        return;
    }
    let files: BTreeSet<FilePath> = inputs.keys().cloned().collect();
    // Open buffers win over the disk from the start.
    for path in session.documents.sources().into_iter().filter(|path| workspace.contains(path)) {
        if let Some(open) = session.documents.get(&path) {
            let input = if Arc::ptr_eq(&open.catalogue, &catalogue) {
                workspace.input(&open.document, &catalogue)
            } else {
                workspace.input(&Document::new(path, 0, open.document.text().to_owned()), &catalogue)
            };
            inputs.insert(input.path.clone(), input);
        }
    }
    let former = session.world.project();
    let former =
        if Arc::ptr_eq(former.catalogue(), &catalogue) { former } else { Arc::new(Project::new(catalogue)) };
    let mut project = former.anew(inputs);
    drop(former);
    project.set_complete(!roots.is_empty());
    project.link_on(&|count, work| workers.run(count, work));
    // Who asked for all of it is about to ask again.
    if session.world.project().is_prepared() {
        project.prepare(&|count, work| workers.run(count, work), &|| !given_up());
    }
    // The project that is there has been prepared, and this one would not be for long what anybody asks about.
    if given_up() {
        return;
    }
    drop(workers);
    for problem in unread {
        tracing::warn!("{problem}");
    }
    known.retain(|path| files.contains(path));
    let count = files.len();
    session.world.replace(&workspace, project, files, &session.documents);
    diagnostics::show_unopened(session);
    watch(session, &workspace);
    tracing::info!(files = count, elapsed = ?started.elapsed(), "the workspace is read");
}

/// The folders to read: the client's, or where it has none, the packages of what is open.
fn roots(session: &Session) -> Vec<PathBuf> {
    let roots = lock(&session.roots).clone();
    if !roots.is_empty() {
        return roots;
    }
    session.documents.sources().iter().filter_map(package_folder).collect()
}

/// The folder of the nearest `package.json` of a file; `None` also where that is the user's home or the
/// file belongs to an installed package, which nobody wants read as a whole.
pub(crate) fn package_folder(path: &FilePath) -> Option<PathBuf> {
    let folder = Path::new(path.as_str()).ancestors().skip(1).find(|at| at.join("package.json").is_file())?;
    let unwanted = folder.components().any(|part| part.as_os_str() == "node_modules")
        || folder.parent().is_none()
        || std::env::home_dir().is_some_and(|home| home == folder);
    (!unwanted).then(|| folder.to_path_buf())
}

/// Watches the roots, for a client that does not.
pub(crate) fn watch(session: &Arc<Session>, workspace: &Workspace) {
    if !session.watches_itself() {
        return;
    }
    let mut watching = lock(&session.watching);
    if watching.as_ref().is_some_and(|(roots, _)| roots == workspace.roots()) {
        return;
    }
    // The watcher must not keep the session, which holds it, alive.
    let weak = Arc::downgrade(session);
    let runtime = tokio::runtime::Handle::current();
    let started = Watcher::start(workspace.roots(), move |paths| {
        let Some(session) = weak.upgrade() else { return };
        let _context = runtime.enter();
        files_changed(&session, paths);
    });
    match started {
        Ok(watcher) => *watching = Some((workspace.roots().to_vec(), watcher)),
        Err(error) => session.say_once(
            MessageType::WARNING,
            format!("Files on the disk are not watched: {error}. Changes by other programs are not seen."),
        ),
    }
}

/// The rules of a workspace, with what is known of the files that were read with them.
pub(crate) struct Rules {
    /// Those of the user.
    sources: Vec<RuleSource>,
    known: Arc<Known>,
    errors: Vec<RuleError>,
}

/// The built-in rules, and the user's where there are any. As long as these stay the same, files that do are not read
/// again: they are read anew after each checkout, each new file and each change of the configuration.
fn rules(session: &Session, workspace: &Workspace) -> (Arc<Known>, Vec<RuleError>) {
    let sources = workspace.user_rules();
    let mut rules = lock(&session.rules);
    let same = rules.take().filter(|rules| rules.sources == sources);
    let rules = rules.insert(same.unwrap_or_else(|| {
        let (catalogue, errors) = if sources.is_empty() {
            (Catalogue::builtin(), Vec::new())
        } else {
            Catalogue::with_user_rules(&sources)
        };
        Rules { sources, known: Arc::new(Known::new(catalogue)), errors }
    }));
    (Arc::clone(&rules.known), rules.errors.clone())
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
