//! A journal of what was asked of the disk, and of what it answered.
//!
//! What a check finds is a function of the program, of what it was told, and of what the disk answered when it was
//! asked. So whoever has kept the journal of a check, and gets the same answers to the same questions, knows what the
//! check would say without doing it. [`Asked`] is such a journal, to be stored.
//!
//! There is one for the process, which [`keep`] begins, because the questions come from all threads and from deep
//! inside of other crates. Before that, a question costs the look whether there is one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::{DashMap, Entry};
use oxc_resolver::ResolveError;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::ask::{self, Kind, Most, Unread, Which, plain};

mod asked;
mod places;

pub use asked::Asked;
pub use places::Places;

/// What can be asked about a path. The functions of [`ask`] with the same names say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Question {
    Kind,
    OwnKind,
    Content(Most),
    Fits(Most),
    Entries(Which),
    Real,
    Link,
}

impl Question {
    /// Whether more is asked for than what a name stands for.
    fn reads(self) -> bool {
        matches!(self, Question::Content(_) | Question::Entries(_))
    }

    /// The answer at this moment.
    fn ask(self, path: &Path) -> Answer {
        match self {
            Question::Kind => plain::kind(path).as_ref().into(),
            Question::OwnKind => plain::own_kind(path).as_ref().into(),
            Question::Content(most) => plain::bytes(path, most).as_deref().into(),
            Question::Fits(most) => plain::fits(path, most).as_ref().into(),
            Question::Entries(which) => plain::entries(path, which).as_deref().into(),
            Question::Real => plain::real(path).as_deref().into(),
            Question::Link => plain::link(path).as_deref().into(),
        }
    }
}

/// An answer, or what is enough of it to know it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Kind(Kind),
    Fits(bool),
    /// The hash of a file's content, or of the names in a folder.
    Hash(u128),
    NotAFile,
    TooLarge(u64),
    Leads(String),
    /// The system's number for why not.
    Failed(i32),
    /// What cannot be compared.
    Unclear,
}

impl From<&io::Error> for Answer {
    fn from(error: &io::Error) -> Self {
        error.raw_os_error().map_or(Answer::Unclear, Answer::Failed)
    }
}

impl From<Result<&Kind, &io::Error>> for Answer {
    fn from(answer: Result<&Kind, &io::Error>) -> Self {
        answer.map_or_else(Answer::from, |kind| Answer::Kind(*kind))
    }
}

impl From<Result<&bool, &io::Error>> for Answer {
    fn from(answer: Result<&bool, &io::Error>) -> Self {
        answer.map_or_else(Answer::from, |fits| Answer::Fits(*fits))
    }
}

impl From<Result<&[u8], &Unread>> for Answer {
    fn from(answer: Result<&[u8], &Unread>) -> Self {
        match answer {
            Ok(bytes) => Answer::Hash(hash(bytes)),
            Err(Unread::NotAFile) => Answer::NotAFile,
            Err(Unread::TooLarge(size)) => Answer::TooLarge(*size),
            Err(Unread::Io(error)) => error.into(),
        }
    }
}

impl From<Result<&[ask::Entry], &io::Error>> for Answer {
    fn from(answer: Result<&[ask::Entry], &io::Error>) -> Self {
        let entries = match answer {
            Ok(entries) => entries,
            Err(error) => return error.into(),
        };
        let mut hash = Xxh3::new();
        for entry in entries {
            hash.update(entry.name.as_bytes());
            // No name holds a zero byte.
            hash.update(&[0, entry.kind.map_or(u8::MAX, |kind| kind as u8)]);
        }
        Answer::Hash(hash.digest128())
    }
}

impl From<Result<&Path, &io::Error>> for Answer {
    fn from(answer: Result<&Path, &io::Error>) -> Self {
        answer.map_or_else(Answer::from, leads)
    }
}

impl From<Result<&Path, &ResolveError>> for Answer {
    fn from(answer: Result<&Path, &ResolveError>) -> Self {
        match answer {
            Ok(path) => leads(path),
            Err(ResolveError::IOError(error)) => (&io::Error::from(error.clone())).into(),
            Err(_) => Answer::Unclear,
        }
    }
}

fn leads(path: &Path) -> Answer {
    path.to_str().map_or(Answer::Unclear, |path| Answer::Leads(path.to_owned()))
}

/// The hash by which an answer is known again.
pub fn hash(bytes: &[u8]) -> u128 {
    xxh3_128(bytes)
}

#[derive(Debug, Default)]
struct Journal {
    asked: DashMap<(Box<str>, Question), Answer, FxBuildHasher>,
    spoiled: AtomicBool,
}

static JOURNAL: OnceLock<Journal> = OnceLock::new();

/// Notes every question from now on, until the process ends.
pub fn keep() {
    JOURNAL.get_or_init(Journal::default);
}

/// Says that something had a say that the journal does not hold.
pub fn spoil() {
    if let Some(journal) = JOURNAL.get() {
        journal.spoiled.store(true, Ordering::Relaxed);
    }
}

/// What was asked so far; `None` where no journal is kept, and where this does not tell all: something changed while
/// it was looked at, or had an answer that cannot be compared.
pub fn asked() -> Option<Asked> {
    let journal = JOURNAL.get()?;
    let whole = !journal.spoiled.load(Ordering::Relaxed);
    whole.then(|| {
        let asked = journal.asked.iter();
        Asked::new(asked.map(|it| (PathBuf::from(&*it.key().0), it.key().1, it.value().clone())))
    })
}

/// Notes a question, where a journal is kept.
pub(crate) fn note(path: &Path, question: Question, answer: impl FnOnce() -> Answer) {
    let Some(journal) = JOURNAL.get() else { return };
    let answer = answer();
    let Some(path) = path.to_str().filter(|_| answer != Answer::Unclear && path.is_absolute()) else {
        return spoil();
    };
    match journal.asked.entry((path.into(), question)) {
        // It changed meanwhile, and the check saw both.
        Entry::Occupied(before) if *before.get() != answer => spoil(),
        Entry::Occupied(_) => {}
        Entry::Vacant(place) => {
            place.insert(answer);
        }
    }
}
