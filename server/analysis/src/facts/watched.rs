//! Who looks at what, so that what they found out need not be found out again while none of it changes.
//!
//! Code that follows names and judges matches goes through statements of any file, and through what is told of files and
//! of the project. While it is [watched](watch), each statement that it looks into is noted, and whatever else bears a
//! name for this, wherever it does: nobody has to remember to say so.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ChunkFacts, FileFacts};

/// What a statement says. Looking into it is noted.
#[derive(Clone, Debug)]
pub struct Watched {
    facts: Arc<ChunkFacts>,
    identity: Identity,
}

/// Names what a statement says, or something else that may be looked at: another version that means the same bears the
/// same one, nothing else ever does.
pub(crate) type Identity = u64;

/// What somebody looked at, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Looked(Arc<[Identity]>);

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    static NOTED: RefCell<Vec<Identity>> = const { RefCell::new(Vec::new()) };
}

impl Watched {
    /// What a statement says that bore `before` in the version before, where it stood there.
    pub(super) fn new(facts: ChunkFacts, before: Option<&Self>) -> Self {
        let same = before.filter(|before| before.facts.summary == facts.summary);
        let identity = same.map_or_else(new_identity, |same| same.identity);
        Self { facts: Arc::new(facts), identity }
    }

    /// The name of what it says.
    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether two say the same at the same places: the one was taken over from the other.
    pub(crate) fn is_taken_over(&self, from: &Self) -> bool {
        Arc::ptr_eq(&self.facts, &from.facts)
    }
}

impl Deref for Watched {
    type Target = ChunkFacts;

    fn deref(&self) -> &ChunkFacts {
        look_into(self.identity);
        &self.facts
    }
}

impl Serialize for Watched {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.facts.serialize(serializer)
    }
}

/// What is read from somewhere is like nothing that was there before.
impl<'de> Deserialize<'de> for Watched {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ChunkFacts::deserialize(deserializer).map(|facts| Self::new(facts, None))
    }
}

/// A name that nothing bears yet.
pub(crate) fn new_identity() -> Identity {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Gives something another name, because it is another now. Returns the one that it bore.
pub(crate) fn renew(name: &mut Identity) -> Identity {
    std::mem::replace(name, new_identity())
}

/// Says that whoever is watched has looked into what bears a name.
pub(crate) fn look_into(identity: Identity) {
    if IS_WATCHED.get() {
        note(identity);
    }
}

#[cold]
fn note(identity: Identity) {
    NOTED.with_borrow_mut(|noted| {
        // A file, its links and a statement are looked into in turns.
        if noted.iter().rev().take(4).any(|known| *known == identity) {
            return;
        }
        // Who goes through a file over and over looks at few statements after all.
        if noted.len() == noted.capacity() {
            noted.sort_unstable();
            noted.dedup();
        }
        noted.push(identity);
    });
}

impl Looked {
    /// Whether one of these was looked into.
    pub(crate) fn at_any(&self, changed: &[Identity]) -> bool {
        changed.iter().any(|identity| self.0.binary_search(identity).is_ok())
    }

    /// Says that whoever is watched depends on all of this as well.
    pub(crate) fn look_again(&self) {
        if IS_WATCHED.get() {
            self.0.iter().for_each(|identity| note(*identity));
        }
    }

    /// What either looked into.
    pub(crate) fn and(self, other: &Self) -> Self {
        if other.0.iter().all(|identity| self.0.binary_search(identity).is_ok()) {
            return self;
        }
        let mut both = self.0.to_vec();
        both.extend(&*other.0);
        Self::of(both)
    }

    /// What any of several looked into.
    pub(crate) fn all<'l>(several: impl Iterator<Item = &'l Self>) -> Self {
        Self::of(several.flat_map(|looked| looked.0.iter().copied()).collect())
    }

    /// Leaves out the statements of a file.
    pub(crate) fn outside(self, file: &FileFacts) -> Self {
        let own: FxHashSet<Identity> = file.chunks.iter().map(|chunk| chunk.facts.identity()).collect();
        Self(self.0.iter().copied().filter(|identity| !own.contains(identity)).collect())
    }

    /// Leaves out a statement that is asked for otherwise.
    pub(crate) fn without(self, one: Identity) -> Self {
        match self.0.binary_search(&one) {
            Ok(_) => Self(self.0.iter().copied().filter(|identity| *identity != one).collect()),
            Err(_) => self,
        }
    }

    fn of(mut noted: Vec<Identity>) -> Self {
        noted.sort_unstable();
        noted.dedup();
        Self(noted.into())
    }
}

/// Puts back what was before, also when what runs in between panics.
struct Before {
    is_watched: bool,
    noted: Vec<Identity>,
}

impl Before {
    fn now_watched(is_watched: bool) -> Self {
        Self { is_watched: IS_WATCHED.replace(is_watched), noted: NOTED.take() }
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        IS_WATCHED.set(self.is_watched);
        NOTED.set(std::mem::take(&mut self.noted));
    }
}

/// Runs something on this thread and tells which statements it looked into.
pub(crate) fn watch<T>(run: impl FnOnce() -> T) -> (T, Looked) {
    let _before = Before::now_watched(true);
    let out = run();
    (out, Looked::of(NOTED.take()))
}

/// Runs something whose result does not depend on statements, as far as whoever is watched is concerned: somebody else
/// drops it when they change.
pub(crate) fn unwatched<T>(run: impl FnOnce() -> T) -> T {
    let _before = Before::now_watched(false);
    run()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(summary: u64, before: Option<&Watched>) -> Watched {
        Watched::new(ChunkFacts { summary, ..ChunkFacts::default() }, before)
    }

    #[test]
    fn what_is_looked_into_is_noted_once_and_only_while_watched() {
        let [one, two] = [statement(1, None), statement(1, None)];
        assert_eq!(one.summary, 1);
        let (_, looked) = watch(|| {
            let inside = watch(|| two.summary).1;
            assert_eq!(inside, Looked(vec![two.identity()].into()));
            unwatched(|| two.summary);
            (one.summary, one.calls.len())
        });
        assert_eq!(looked, Looked(vec![one.identity()].into()));
        assert!(looked.at_any(&[two.identity(), one.identity()]) && !looked.at_any(&[two.identity()]));
        assert_eq!(looked.clone().without(one.identity()), Looked::default());
        let both = looked.and(&Looked(vec![two.identity()].into()));
        assert_eq!(both, Looked(vec![one.identity(), two.identity()].into()));
    }

    #[test]
    fn a_version_that_means_the_same_bears_the_same_name() {
        let old = statement(1, None);
        let [same, other] = [statement(1, Some(&old)), statement(2, Some(&old))];
        assert_eq!(same.identity(), old.identity());
        assert_ne!(other.identity(), old.identity());
        assert!(!same.is_taken_over(&old) && old.clone().is_taken_over(&old));
    }

    #[test]
    fn a_panic_leaves_nobody_watched() {
        let one = statement(1, None);
        let panics = || watch(|| -> u64 { panic!("{}", one.summary) });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
        assert!(!IS_WATCHED.get() && NOTED.take().is_empty());
    }
}
