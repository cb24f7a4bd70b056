//! Diagnostics on their way to the client: in order, each file's newest only, nothing twice.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::proto::{Client, Diagnostic, Uri};

/// What one file is to show.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shown {
    /// The version the diagnostics are about, where the file is open.
    pub(crate) version: Option<i32>,
    /// All of them.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Collects what is to be published. Filling it never waits for the client.
#[derive(Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Uri>,
    waiting: HashMap<Uri, Shown>,
    last: HashMap<Uri, Shown>,
}

impl Outbox {
    /// Queues what `uri` shows from now on, unless `current` (asked under the lock, so that a close or a
    /// newer version cannot come between) says it is out of date, or the client shows just that.
    ///
    /// A new version is published even where the list is the same: the client has moved or dropped its
    /// marks with the edit, and only a fresh list puts them back. Only "nothing, still" is not repeated.
    pub(crate) fn publish(&self, uri: &Uri, shown: Shown, current: impl FnOnce() -> bool) {
        let mut state = self.state();
        if !current() {
            return;
        }
        if let Some(last) = state.last.get(uri)
            && last.diagnostics == shown.diagnostics
            && (last.version == shown.version || shown.diagnostics.is_empty())
        {
            return;
        }
        state.send(uri, shown.clone());
        state.last.insert(uri.clone(), shown);
        drop(state);
        self.wake.notify_one();
    }

    /// Empties a file that is closed. The client hears of it only if it was told something before.
    pub(crate) fn clear(&self, uri: &Uri) {
        let mut state = self.state();
        if state.last.remove(uri).is_some() {
            state.send(uri, Shown::default());
            drop(state);
            self.wake.notify_one();
        }
    }

    /// Sends what comes, for as long as the server runs.
    pub(crate) async fn run(&self, client: Client) {
        loop {
            while let Some((uri, shown)) = self.next() {
                client.publish_diagnostics(uri, shown.diagnostics, shown.version).await;
            }
            self.wake.notified().await;
        }
    }

    fn next(&self) -> Option<(Uri, Shown)> {
        let mut state = self.state();
        let uri = state.queue.pop_front()?;
        let shown = state.waiting.remove(&uri).unwrap_or_default();
        Some((uri, shown))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn send(&mut self, uri: &Uri, shown: Shown) {
        if self.waiting.insert(uri.clone(), shown).is_none() {
            self.queue.push_back(uri.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::proto::Range;

    fn shown(version: i32, messages: &[&str]) -> Shown {
        let diagnostics = messages
            .iter()
            .map(|&message| Diagnostic::new_simple(Range::default(), message.to_owned()))
            .collect();
        Shown { version: Some(version), diagnostics }
    }

    fn drain(outbox: &Outbox) -> Vec<Shown> {
        std::iter::from_fn(|| outbox.next()).map(|(_, shown)| shown).collect()
    }

    #[test]
    fn a_slow_client_gets_the_newest_only() {
        let outbox = Outbox::default();
        let uri = Uri::from_str("file:///a.ts").unwrap();
        outbox.publish(&uri, shown(1, &["x"]), || true);
        outbox.publish(&uri, shown(2, &["y"]), || true);
        assert_eq!(drain(&outbox), [shown(2, &["y"])]);
    }

    #[test]
    fn marks_are_put_back_after_an_edit_and_silence_is_not_repeated() {
        let outbox = Outbox::default();
        let uri = Uri::from_str("file:///a.ts").unwrap();
        let mut sent = Vec::new();
        for list in [shown(1, &["x"]), shown(1, &["x"]), shown(2, &["x"]), shown(3, &[]), shown(4, &[])] {
            outbox.publish(&uri, list, || true);
            sent.extend(drain(&outbox));
        }
        assert_eq!(sent, [shown(1, &["x"]), shown(2, &["x"]), shown(3, &[])]);
    }

    #[test]
    fn nothing_follows_the_close() {
        let outbox = Outbox::default();
        let uri = Uri::from_str("file:///a.ts").unwrap();
        outbox.clear(&uri);
        assert_eq!(drain(&outbox), [], "what was never shown needs no clearing");
        outbox.publish(&uri, shown(1, &["x"]), || true);
        outbox.clear(&uri);
        outbox.publish(&uri, shown(1, &["x"]), || false);
        assert_eq!(drain(&outbox), [Shown::default()]);
    }
}
