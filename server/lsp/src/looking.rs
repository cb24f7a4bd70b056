//! The analysis of open documents: who is looked at when, and what is shown then.

use std::sync::Arc;
use std::time::Duration;

use routewise_analysis::path::FilePath;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::documents::Open;
use crate::outbox::Shown;
use crate::proto::Diagnostic;
use crate::session::{Job, Session, lock};
use crate::{diagnostics, index};

impl Session {
    /// Has a document looked at: at once where nothing is looking at it.
    pub(crate) fn look_at(self: &Arc<Self>, path: FilePath) {
        self.launch(path, None);
    }

    /// Has every open document looked at.
    pub(crate) fn look_at_all(self: &Arc<Self>) {
        self.look_at_others(self.documents.sources());
    }

    /// Has documents looked at that nobody is typing in: a few at a time, so that who types or asks need not wait for
    /// all of them.
    fn look_at_others(self: &Arc<Self>, paths: Vec<FilePath>) {
        if paths.is_empty() {
            return;
        }
        lock(&self.others).extend(paths);
        let session = Arc::clone(self);
        self.flights.launch(Job::Others, Duration::ZERO, move || {
            let session = Arc::clone(&session);
            async move {
                let at_once = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
                let mut looking = JoinSet::new();
                for _ in 0..at_once {
                    let session = Arc::clone(&session);
                    looking.spawn(async move { session.look_at_waiting().await });
                }
                looking.join_all().await;
            }
        });
    }

    /// Looks at what waits in [`Session::look_at_others`], one after the other.
    async fn look_at_waiting(self: &Arc<Self>) {
        loop {
            let Some(path) = lock(&self.others).pop_first() else { return };
            let (done, looked_at) = oneshot::channel();
            self.launch(path, Some(done));
            // Where somebody else looks at it, or is about to, the sender is gone.
            let _ = looked_at.await;
        }
    }

    fn launch(self: &Arc<Self>, path: FilePath, mut done: Option<oneshot::Sender<()>>) {
        let session = Arc::clone(self);
        self.flights.launch(Job::Document(path.clone()), Duration::ZERO, move || {
            let (session, path, done) = (Arc::clone(&session), path.clone(), done.take());
            async move {
                // An editor that opens hundreds of files at once gets no thread for each. Closed it never is.
                let _desk = session.desks.acquire().await;
                let job = Arc::clone(&session);
                session.blocking(move || job.settle(&path)).await;
                drop(done);
            }
        });
    }

    /// Brings what the client shows of one open document up to date.
    ///
    /// Runs on the blocking pool. A result for a version that is no longer the newest is dropped: whoever
    /// brought the newer version has asked for another run.
    fn settle(self: &Arc<Self>, path: &FilePath) {
        let Some(open) = self.documents.get(path).filter(|open| open.source) else { return };
        self.adopt_package(path);
        let Some(diagnostics) = self.diagnose(&open) else { return };
        if self.documents.get(path).is_none() {
            // Closed meanwhile: what the disk says may have been taken in before this text was.
            index::files_changed(self, [path.clone()]);
            return;
        }
        if self.facts().pull {
            self.refresh_if_stale(&open, &diagnostics);
        } else {
            let shown = Shown { version: Some(open.document.version()), diagnostics };
            self.outbox.publish(&open.uri, shown, || self.documents.is_current(&open.document));
        }
        let neighbours = self.world.take_neighbours(path, &self.documents);
        self.look_at_others(neighbours.open);
        if neighbours.all {
            self.refresh_between();
            diagnostics::show_unopened(self);
        }
        self.report_panics();
    }

    /// A client without folders has the package of what it opens read as if it were one.
    fn adopt_package(self: &Arc<Self>, path: &FilePath) {
        if lock(&self.roots).is_empty()
            && self.world.ground().is_some_and(|ground| !ground.covers(path))
            && index::package_folder(path).is_some()
        {
            index::reopen(self);
        }
    }

    /// What is wrong in one snapshot of a document, in the client's words. `None` where that cannot be
    /// known now and the document will be looked at again.
    pub(crate) fn diagnose(&self, open: &Open) -> Option<Vec<Diagnostic>> {
        let path = open.document.path();
        let findings = self.world.holding(open)?.findings(path);
        let mut diagnostics = diagnostics::of_findings(self, open, &findings);
        if let Some(reports) = lock(&self.reports).get(path) {
            diagnostics.extend(reports.iter().cloned());
        }
        Some(diagnostics)
    }
}
