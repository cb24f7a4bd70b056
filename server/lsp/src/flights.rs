//! One job at a time for each key, and never more than one waiting.
//!
//! An idle key starts at once. What is asked for while a job runs is one further run, a quiet moment
//! after the job has ended: a burst of edits costs a few runs, and the last of them sees the last edit. The moment is as
//! long as the job was, so that a key is busy for half of the time at most, and a short job is not waited for.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The keys that have a job.
pub(crate) struct Flights<K> {
    slots: Arc<Mutex<HashMap<K, Slot>>>,
    quiet: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Will start and has seen nothing yet.
    Waiting,
    /// Runs.
    Running,
    /// Runs, and something has changed since.
    Again,
}

impl<K: Clone + Eq + Hash + Send + 'static> Flights<K> {
    /// `quiet` is the longest pause before a job runs again because of what came while it ran.
    pub(crate) fn new(quiet: Duration) -> Self {
        Self { slots: Arc::default(), quiet }
    }

    /// Sees to it that `job` runs after now, at the earliest after `delay` where the key is idle.
    pub(crate) fn launch<J, F>(&self, key: K, delay: Duration, mut job: J)
    where
        J: FnMut() -> F + Send + 'static,
        F: Future<Output = ()> + Send,
    {
        let mut slots = lock(&self.slots);
        match slots.get_mut(&key) {
            Some(Slot::Waiting) => return,
            Some(slot) => {
                *slot = Slot::Again;
                return;
            }
            None => slots.insert(key.clone(), Slot::Waiting),
        };
        drop(slots);
        let (slots, quiet) = (Arc::clone(&self.slots), self.quiet);
        tokio::spawn(async move {
            // Frees the key even where the job panics.
            let _guard = Guard { slots: Arc::clone(&slots), key: key.clone() };
            let mut pause = delay;
            loop {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                lock(&slots).insert(key.clone(), Slot::Running);
                let begun = Instant::now();
                job().await;
                let mut slots = lock(&slots);
                if slots.get(&key) != Some(&Slot::Again) {
                    slots.remove(&key);
                    return;
                }
                slots.insert(key.clone(), Slot::Waiting);
                pause = quiet.min(begun.elapsed());
            }
        });
    }
}

fn lock<K>(slots: &Mutex<HashMap<K, Slot>>) -> std::sync::MutexGuard<'_, HashMap<K, Slot>> {
    slots.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Guard<K: Eq + Hash> {
    slots: Arc<Mutex<HashMap<K, Slot>>>,
    key: K,
}

impl<K: Eq + Hash> Drop for Guard<K> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.slots).remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::{Semaphore, mpsc};

    use super::*;

    #[tokio::test]
    async fn what_comes_while_a_job_runs_costs_one_further_run() {
        let flights = Flights::new(Duration::ZERO);
        let gate = Arc::new(Semaphore::new(0));
        let newest = Arc::new(AtomicUsize::new(0));
        let (started, mut starts) = mpsc::unbounded_channel();
        let launch = || {
            let (gate, newest, started) = (Arc::clone(&gate), Arc::clone(&newest), started.clone());
            flights.launch("a", Duration::ZERO, move || {
                let (gate, newest, started) = (Arc::clone(&gate), Arc::clone(&newest), started.clone());
                async move {
                    started.send(newest.load(Ordering::SeqCst)).unwrap();
                    gate.acquire().await.unwrap().forget();
                }
            });
        };
        launch();
        assert_eq!(starts.recv().await, Some(0));
        for edit in 1..=100 {
            newest.store(edit, Ordering::SeqCst);
            launch();
        }
        gate.add_permits(1);
        assert_eq!(starts.recv().await, Some(100), "the further run sees the last edit");
        gate.add_permits(1);
        while !lock(&flights.slots).is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(starts.try_recv().is_err(), "and there is only one");
    }

    #[tokio::test]
    async fn keys_do_not_wait_for_each_other() {
        let flights = Flights::new(Duration::ZERO);
        let (started, mut starts) = mpsc::unbounded_channel();
        for key in ["a", "b"] {
            let started = started.clone();
            flights.launch(key, Duration::ZERO, move || {
                let started = started.clone();
                async move {
                    started.send(key).unwrap();
                    std::future::pending::<()>().await;
                }
            });
        }
        let mut seen = [starts.recv().await, starts.recv().await];
        seen.sort_unstable();
        assert_eq!(seen, [Some("a"), Some("b")]);
    }

    #[tokio::test]
    async fn a_job_that_panics_does_not_block_its_key() {
        let flights = Flights::new(Duration::ZERO);
        flights.launch("a", Duration::ZERO, || async { panic!("on purpose") });
        while !lock(&flights.slots).is_empty() {
            tokio::task::yield_now().await;
        }
        let (done, mut runs) = mpsc::unbounded_channel();
        flights.launch("a", Duration::ZERO, move || {
            let done = done.clone();
            async move { done.send(()).unwrap() }
        });
        assert_eq!(runs.recv().await, Some(()));
    }
}
