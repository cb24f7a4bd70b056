//! What found nothing: matches and detectors that are not asked again while nothing changes that they depend on.
//!
//! They depend on the statement they stand in and on what they looked at: on everything but where code stands. An edit
//! inside a function leaves all statements as they were but one, so that looking at the file costs what was edited, who
//! looked at that, and what is wrong in the file; not what it holds.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::facts::{Chunk, Identity, Looked, Watched, watch};
use crate::project::{FileNo, Project};

/// Files that are remembered: more than anybody types in at once.
const FILES: usize = 64;

/// What found nothing, by file.
#[derive(Debug, Default)]
pub(crate) struct Silent(Mutex<FxHashMap<FileNo, Spoken>>);

/// What spoke in a file; everything else found nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoken {
    /// Of the project, when it was noted.
    generation: u64,
    /// How much had been replaced in this generation by then.
    replaced: usize,
    /// What named the file as a whole.
    shape: Identity,
    /// The matches, by chunk.
    chunks: Vec<Matches>,
    /// The rules whose detectors were asked, by number.
    rules: FxHashMap<u32, Asked>,
}

/// The matches of a chunk.
#[derive(Clone, Debug)]
struct Matches {
    facts: Watched,
    /// By number.
    asked: Vec<Asked>,
}

/// A match or a detector that was asked.
#[derive(Clone, Debug)]
struct Asked {
    spoke: bool,
    /// What else it depends on.
    looked: Looked,
}

impl Asked {
    fn now(ask: impl FnOnce() -> bool) -> Self {
        let (spoke, looked) = watch(ask);
        Self { spoke, looked }
    }

    /// Whether it found nothing, and would not now.
    fn is_silent(&self, replaced: &[Identity]) -> bool {
        !self.spoke && !self.looked.at_any(replaced)
    }
}

impl Silent {
    /// Whether somebody works on a file.
    pub(crate) fn knows(&self, file: FileNo) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&file)
    }

    /// What is known of a project, for another that begins where it is and goes its own way.
    pub(crate) fn of(&self, project: &Project) -> Self {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The rest was noted by later versions.
        let fits =
            |it: &Spoken| it.generation == project.generation() && it.replaced <= project.replaced().len();
        let known = files.iter().filter(|(_, it)| fits(it)).map(|(&file, it)| (file, it.clone()));
        Self(Mutex::new(known.collect()))
    }

    /// Looks at a file with what is known of it in this generation of the project.
    pub(super) fn look<'p>(&self, project: &'p Project, file: FileNo) -> Again<'p> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&file);
        let replaced = project.replaced();
        // A later version of the project may have noted something already.
        let fits = |it: &Spoken| {
            it.generation == project.generation()
                && it.replaced <= replaced.len()
                && it.shape == project.shape(file)
        };
        let before = known.filter(fits).unwrap_or_default();
        Again {
            once: false,
            replaced: &replaced[before.replaced..],
            spoken: Spoken {
                generation: project.generation(),
                replaced: replaced.len(),
                shape: project.shape(file),
                ..Spoken::default()
            },
            before,
        }
    }

    /// Keeps what was found out about a file.
    pub(super) fn note(&self, file: FileNo, again: Again<'_>) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= FILES {
            files.clear();
        }
        files.insert(file, again.spoken);
    }
}

/// A file that is looked at, and may be again.
pub(super) struct Again<'p> {
    /// Nobody asks for it again soon: nothing is noted.
    once: bool,
    before: Spoken,
    /// What was replaced since.
    replaced: &'p [Identity],
    spoken: Spoken,
}

impl Again<'_> {
    /// A file that is one of many: those that somebody works on are to be remembered.
    pub(super) fn once() -> Self {
        Self { once: true, before: Spoken::default(), replaced: &[], spoken: Spoken::default() }
    }

    /// Asks the matches of the next chunk, each by its number: `ask` tells whether it speaks.
    pub(super) fn matches(&mut self, chunk: &Chunk, mut ask: impl FnMut(u32) -> bool) {
        if self.once {
            for number in 0..chunk.facts.matches.len() as u32 {
                ask(number);
            }
            return;
        }
        let known = self.before.chunks.get_mut(self.spoken.chunks.len());
        let known = known.filter(|known| known.facts.is_taken_over(&chunk.facts));
        let mut asked = known.map(|known| std::mem::take(&mut known.asked)).unwrap_or_default();
        let identity = chunk.facts.identity();
        let now = |number: u32, ask: &mut dyn FnMut(u32) -> bool| {
            let Asked { spoke, looked } = Asked::now(|| ask(number));
            Asked { spoke, looked: looked.without(identity) }
        };
        for (number, known) in (0..).zip(&mut asked) {
            if !known.is_silent(self.replaced) {
                *known = now(number, &mut ask);
            }
        }
        for number in asked.len()..chunk.facts.matches.len() {
            asked.push(now(number as u32, &mut ask));
        }
        for asked in &asked {
            asked.looked.look_again();
        }
        self.spoken.chunks.push(Matches { facts: chunk.facts.clone(), asked });
    }

    /// Asks the detector of a rule, where it can have another answer than none: `ask` tells whether it speaks.
    pub(super) fn detector(&mut self, rule: u32, ask: impl FnOnce() -> bool) {
        if self.once {
            ask();
            return;
        }
        let known = self.before.rules.remove(&rule).filter(|known| known.is_silent(self.replaced));
        let asked = known.unwrap_or_else(|| Asked::now(ask));
        asked.looked.look_again();
        self.spoken.rules.insert(rule, asked);
    }
}
