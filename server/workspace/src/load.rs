//! Reading all files at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::mpsc::sync_channel;

use rayon::prelude::*;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::FileInput;

use crate::{Known, Problem, Workspace, journal};

/// Files handed over together.
const BATCH: usize = 32;

/// Bytes of stack of a worker: code nests deeper than the 2 MiB that threads get.
const STACK: usize = 16 << 20;

/// Has `workers` read every file of the workspace, and parse those that are not `known`, and hands batches to `sink` on
/// the calling thread, in no order. `progress` hears how many files of how many are done. Ends early when `cancelled`
/// says so. Returns the files that could not be read.
pub fn load(
    workspace: &Workspace,
    known: &Known,
    workers: &Workers,
    progress: &(dyn Fn(usize, usize) + Sync),
    cancelled: &(dyn Fn() -> bool + Sync),
    sink: &mut dyn FnMut(Vec<FileInput>),
) -> Vec<Problem> {
    let files = &workspace.files();
    let mut problems = Vec::new();
    let mut done = 0;
    let mut take = |(inputs, failed): (Vec<FileInput>, Vec<Problem>)| {
        done += inputs.len() + failed.len();
        problems.extend(failed);
        if !inputs.is_empty() {
            sink(inputs);
        }
        progress(done, files.len());
    };
    let read_batch = |batch: &[FilePath]| {
        let mut inputs = Vec::with_capacity(batch.len());
        let mut failed = Vec::new();
        for path in batch.iter().take_while(|_| !cancelled()) {
            match read_one(workspace, path, known) {
                Ok(input) => inputs.push(input),
                Err(problem) => failed.push(problem),
            }
        }
        (inputs, failed)
    };
    match workers.pool() {
        Some(pool) => std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(64);
            scope.spawn(move || {
                pool.install(|| {
                    files.par_chunks(BATCH).for_each(|batch| {
                        // The receiver lives until the last sender is gone.
                        let _ = sender.send(read_batch(batch));
                    });
                });
            });
            receiver.into_iter().for_each(&mut take);
        }),
        None => files.chunks(BATCH).map(read_batch).for_each(&mut take),
    }
    problems.sort();
    problems
}

/// Threads for the work on single files of a project: they begin with the first work that can be shared and end with
/// this.
#[derive(Debug)]
pub struct Workers {
    threads: Option<usize>,
    behind: bool,
    pool: OnceLock<Option<rayon::ThreadPool>>,
}

impl Workers {
    /// So many threads; `None`: as many as the machine has cores.
    pub fn new(threads: Option<usize>) -> Self {
        Self { threads, behind: false, pool: OnceLock::new() }
    }

    /// The same for work that nobody waits for: others come first, where the system has an order of threads.
    pub fn behind(threads: Option<usize>) -> Self {
        Self { behind: true, ..Self::new(threads) }
    }

    /// Carries out `count` pieces of work.
    pub fn run(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        match (count > 1).then(|| self.pool()).flatten() {
            Some(pool) => pool.install(|| (0..count).into_par_iter().for_each(work)),
            None => (0..count).for_each(work),
        }
    }

    /// What `count` pieces of work come to, in their order.
    pub fn map<T: Send>(&self, count: usize, work: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
        match (count > 1).then(|| self.pool()).flatten() {
            Some(pool) => pool.install(|| (0..count).into_par_iter().map(work).collect()),
            None => (0..count).map(work).collect(),
        }
    }

    /// The threads, which begin now if they have not; `None` where there are none to be had: the one that asks is enough.
    fn pool(&self) -> Option<&rayon::ThreadPool> {
        let begin = || {
            let builder = builder(self.threads);
            let builder = if self.behind { builder.start_handler(|_| give_way()) } else { builder };
            builder.build().inspect_err(|error| tracing::warn!(%error, "working on one thread")).ok()
        };
        self.pool.get_or_init(begin).as_ref()
    }
}

fn builder(threads: Option<usize>) -> rayon::ThreadPoolBuilder {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or(0))
        .stack_size(STACK)
        .thread_name(|number| format!("routewise-work-{number}"))
}

/// Puts this thread behind others. Only Linux has an order of single threads that everybody may go back in.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 10) {
        tracing::debug!(%error, "a thread is not put behind others");
    }
}

fn read_one(workspace: &Workspace, path: &FilePath, known: &Known) -> Result<FileInput, Problem> {
    let failed = |message: String| Problem::whole(path.clone(), message);
    let document = workspace.read(path).map_err(|error| failed(format!("Not read: {error}.")))?;
    catch_unwind(AssertUnwindSafe(|| workspace.input_of(path, known.facts(&document))))
        .inspect_err(|_| journal::spoil())
        .map_err(|_| failed("Not read: Routewise failed on this file; please report it.".to_owned()))
}
