//! Questions about all files are prepared one after the other, so that those who ask about the same version of the
//! project have it prepared once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::session::lock;

/// Whose turn it is.
pub(crate) struct Preparing {
    turn: Mutex<()>,
    /// How often somebody has asked.
    asked: AtomicU64,
    patience: Duration,
}

impl Preparing {
    /// Who has asked within `patience` begins anew where somebody asks about a newer version: what an older one would
    /// say nobody wants for long, and both are answered in the time of one.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { turn: Mutex::default(), asked: AtomicU64::default(), patience }
    }

    /// Waits for its turn, has `prepare` prepare the version that `take` gives, and gives it back. `prepare` is told
    /// whether to go on: not where nobody `waits` any more, and then nothing is begun anew.
    pub(crate) fn prepared<V: Sync>(
        &self,
        waits: &(dyn Fn() -> bool + Sync),
        take: impl Fn() -> V,
        is_newest: impl Fn(&V) -> bool + Sync,
        prepare: impl Fn(&V, &(dyn Fn() -> bool + Sync)),
    ) -> V {
        let begun = Instant::now();
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let _turn = lock(&self.turn);
        loop {
            let version = take();
            let is_last = || self.asked.load(Ordering::SeqCst) == number;
            let stays = || is_last() || begun.elapsed() >= self.patience || is_newest(&version);
            prepare(&version, &|| waits() && stays());
            if !waits() || stays() {
                return version;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prepares, as long as somebody `waits`, while somebody else asks and the version becomes another one; gives what was
    /// prepared, in order, and what each was given.
    fn ask_twice(patience: Duration, waits: &(dyn Fn() -> bool + Sync)) -> (Vec<(u64, bool)>, [u64; 2]) {
        let preparing = Preparing::new(patience);
        let (version, prepared) = (AtomicU64::new(1), Mutex::new(Vec::new()));
        let take = || version.load(Ordering::SeqCst);
        let is_newest = |it: &u64| *it == take();
        let note = |it: &u64, goes_on: &(dyn Fn() -> bool + Sync)| lock(&prepared).push((*it, goes_on()));
        let given = std::thread::scope(|scope| {
            let first = preparing.prepared(waits, take, is_newest, |it, goes_on| {
                if *it == 1 && take() == 1 {
                    version.store(2, Ordering::SeqCst);
                    scope.spawn(|| preparing.prepared(&|| true, take, is_newest, note));
                    while preparing.asked.load(Ordering::SeqCst) == 1 {
                        std::thread::yield_now();
                    }
                }
                note(it, goes_on);
            });
            [first, preparing.prepared(&|| true, take, is_newest, |_, _| ())]
        });
        (prepared.into_inner().unwrap(), given)
    }

    #[test]
    fn who_asked_before_begins_anew_with_the_version_that_somebody_else_asks_about() {
        let (prepared, given) = ask_twice(Duration::MAX, &|| true);
        assert_eq!((&prepared[..2], given), (&[(1, false), (2, true)][..], [2, 2]));
    }

    #[test]
    fn who_has_waited_for_long_is_answered_from_the_version_that_was_begun_with() {
        let (prepared, given) = ask_twice(Duration::ZERO, &|| true);
        assert_eq!((&prepared[..2], given), (&[(1, true), (2, true)][..], [1, 2]));
    }

    #[test]
    fn a_question_that_was_taken_back_is_not_begun_anew() {
        let (prepared, given) = ask_twice(Duration::MAX, &|| false);
        assert_eq!((&prepared[..], given), (&[(1, false), (2, true)][..], [1, 2]));
    }
}
