//! Changes on the disk, for editors that do not tell of them and for `--watch`.
#![expect(clippy::disallowed_methods, reason = "what is watched is no part of what a check says")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ignore::WalkBuilder;
use notify::{Event, EventKind, RecursiveMode, Watcher as _};
use routewise_analysis::path::FilePath;

use crate::paths::{Names, disk_path, file_path};
use crate::walk::NEVER;

/// Changes that follow each other within this time are reported together.
const QUIET: Duration = Duration::from_millis(50);

/// Nothing is held back longer than this.
const LONGEST: Duration = Duration::from_millis(500);

/// Folders that are left out of a walk and watched all the same.
const WATCHED: [&str; 3] = [".routewise", ".vercel", ".netlify"];

/// Whether one watch covers a whole tree at no cost. With inotify each folder costs one of a limited
/// number, so that `node_modules` has to stay out.
const COVERS_TREES: bool = cfg!(any(target_os = "macos", target_os = "windows"));

/// Watches folders until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    sender: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Event(notify::Result<Event>),
    Stop,
}

impl Watcher {
    /// Calls `changed` on a thread of its own with the files that were made, changed or deleted below
    /// `roots`, sorted. A folder that went is named instead of what was in it; a root is named when the
    /// system lost track, so that anything below may have changed. Folders such as `.git` and `.next` are
    /// left out, and of `node_modules` only the marks of a finished install are told.
    pub fn start(
        roots: &[FilePath],
        changed: impl FnMut(Vec<FilePath>) + Send + 'static,
    ) -> Result<Watcher, notify::Error> {
        let (sender, receiver) = channel();
        let events = sender.clone();
        let watcher = notify::recommended_watcher(move |event| {
            // The thread may have stopped already.
            let _ = events.send(Message::Event(event));
        })?;
        let mut state =
            State { watcher, roots: roots.to_vec(), names: Names::new(roots), pending: BTreeSet::new() };
        for root in roots {
            if COVERS_TREES {
                state.watcher.watch(&disk_path(root), RecursiveMode::Recursive)?;
            } else {
                state.watcher.watch(&disk_path(root), RecursiveMode::NonRecursive)?;
                state.watch_tree(root, false);
            }
        }
        let thread = std::thread::Builder::new()
            .name("routewise-watch".to_owned())
            .spawn(move || state.run(&receiver, changed))
            .map_err(notify::Error::io)?;
        Ok(Watcher { sender, thread: Some(thread) })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Either may be gone already: the thread ends by itself when nothing sends any more.
        let _ = self.sender.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct State {
    watcher: notify::RecommendedWatcher,
    roots: Vec<FilePath>,
    names: Names,
    pending: BTreeSet<FilePath>,
}

impl State {
    fn run(mut self, receiver: &Receiver<Message>, mut changed: impl FnMut(Vec<FilePath>)) {
        while let Ok(Message::Event(event)) = receiver.recv() {
            let first = Instant::now();
            self.take(event);
            while first.elapsed() < LONGEST {
                match receiver.recv_timeout(QUIET) {
                    Ok(Message::Event(event)) => self.take(event),
                    Err(RecvTimeoutError::Timeout) => break,
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            if !self.pending.is_empty() {
                changed(std::mem::take(&mut self.pending).into_iter().collect());
            }
        }
    }

    fn take(&mut self, event: notify::Result<Event>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, "watching files");
                return;
            }
        };
        if event.need_rescan() {
            self.pending.extend(self.roots.iter().cloned());
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        for path in event.paths {
            let Some(path) = file_path(&path).map(|path| self.names.named(path)) else { continue };
            if !self.interesting(&path) {
                continue;
            }
            if !Path::new(path.as_str()).is_dir() {
                self.pending.insert(path);
            } else if matches!(
                event.kind,
                EventKind::Create(_) | EventKind::Modify(notify::event::ModifyKind::Name(_))
            ) {
                // Files in it may be older than the watch on it.
                self.watch_tree(&path, true);
            }
        }
    }

    /// Watches a folder and those below, and reports the files in them where they are new.
    fn watch_tree(&mut self, folder: &FilePath, report: bool) {
        let mut builder = WalkBuilder::new(disk_path(folder));
        builder.standard_filters(false).follow_links(false).filter_entry(|entry| {
            let inside = entry.path().parent().and_then(Path::file_name);
            inside.is_none_or(|name| name != "node_modules")
                && entry.file_name().to_str().is_some_and(|name| name == "node_modules" || !skipped(name))
        });
        for entry in builder.build().flatten() {
            let Some(path) = file_path(entry.path()) else { continue };
            if entry.file_type().is_some_and(|kind| kind.is_dir()) {
                if !COVERS_TREES
                    && let Err(error) = self.watcher.watch(entry.path(), RecursiveMode::NonRecursive)
                {
                    tracing::warn!(%path, %error, "this folder is not watched");
                }
            } else if report && self.interesting(&path) {
                self.pending.insert(path);
            }
        }
    }

    fn interesting(&self, path: &FilePath) -> bool {
        let Some(inside) = self.roots.iter().find_map(|root| path.strip(root)) else { return false };
        let name = path.file_name();
        // An install ends with writing one of these.
        if matches!(name, ".package-lock.json" | ".modules.yaml" | ".yarn-state.yml") {
            return true;
        }
        !inside.split('/').any(skipped)
    }
}

fn skipped(name: &str) -> bool {
    NEVER.contains(&name) && !WATCHED.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::tests::Fixture;

    /// Longer than any machine takes; a test that passes does not wait for it.
    const LONG: Duration = Duration::from_secs(30);

    /// Everything reported until `last` is.
    fn until(receiver: &mpsc::Receiver<Vec<FilePath>>, last: &FilePath) -> BTreeSet<FilePath> {
        let mut seen = BTreeSet::new();
        while !seen.contains(last) {
            seen.extend(receiver.recv_timeout(LONG).unwrap());
        }
        seen
    }

    #[test]
    fn files_that_come_change_and_go_are_told_and_output_is_not() {
        let fixture = Fixture::new(&[("src/a.ts", ""), ("node_modules/x/i.js", ""), (".next/", "")]);
        let (sender, receiver) = mpsc::channel();
        let watcher =
            Watcher::start(&[fixture.root()], move |paths| sender.send(paths).unwrap_or_default()).unwrap();
        fixture.write("node_modules/x/i.js", "1");
        fixture.write(".next/trace", "1");
        fixture.write("src/a.ts", "1");
        let seen = until(&receiver, &fixture.path("src/a.ts"));
        assert_eq!(seen, BTreeSet::from([fixture.path("src/a.ts")]));

        fixture.write("app/api/new/route.ts", "1");
        until(&receiver, &fixture.path("app/api/new/route.ts"));
        fixture.write("app/api/new/route.ts", "2");
        until(&receiver, &fixture.path("app/api/new/route.ts"));
        std::fs::remove_file(fixture.disk("src/a.ts")).unwrap();
        until(&receiver, &fixture.path("src/a.ts"));
        fixture.write("node_modules/.package-lock.json", "{}");
        until(&receiver, &fixture.path("node_modules/.package-lock.json"));
        drop(watcher);
        assert!(receiver.recv_timeout(LONG).is_err(), "a dropped watcher says no more");
    }

    #[test]
    fn a_folder_that_is_not_there_cannot_be_watched() {
        let fixture = Fixture::new(&[]);
        assert!(Watcher::start(&[fixture.path("none")], |_| {}).is_err());
    }
}
