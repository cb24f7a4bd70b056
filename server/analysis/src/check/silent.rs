//! What found nothing: matches and detectors that are not asked again while nothing changes that they depend on.
//!
//! They depend on the statement they stand in, on the summaries of files, on packages and settings: on everything
//! but where code stands. An edit inside a function that means nothing to others leaves all but one statement as it
//! was, so that looking at the file costs what was edited and what is wrong in it, not what it holds.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::facts::{Chunk, ChunkFacts};
use crate::project::FileNo;

/// Files that are remembered: more than anybody types in at once.
const FILES: usize = 64;

/// What found nothing, by file.
#[derive(Debug, Default)]
pub(crate) struct Silent(Mutex<FxHashMap<FileNo, Spoken>>);

/// What spoke in a file; everything else found nothing.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    /// Of the project, when it was noted.
    generation: u64,
    /// The numbers of matches, by chunk.
    chunks: Vec<(Arc<ChunkFacts>, Vec<u32>)>,
    /// The numbers of the rules whose detectors did.
    pub(super) rules: Vec<u32>,
    /// It was noted before.
    pub(super) known: bool,
}

impl Silent {
    /// What is known of a file in this generation of the project.
    pub(super) fn take(&self, file: FileNo, generation: u64) -> Spoken {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&file);
        match known.filter(|spoken| spoken.generation == generation) {
            Some(spoken) => Spoken { known: true, ..spoken },
            None => Spoken { generation, ..Spoken::default() },
        }
    }

    pub(super) fn note(&self, file: FileNo, spoken: Spoken) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() >= FILES {
            files.clear();
        }
        files.insert(file, spoken);
    }
}

impl Spoken {
    /// For the same file in the same generation, to be filled.
    pub(super) fn again(&self) -> Self {
        Self { generation: self.generation, ..Self::default() }
    }

    /// The matches of a chunk that have to be asked.
    pub(super) fn asked(&self, number: usize, chunk: &Chunk) -> Vec<u32> {
        match self.chunks.get(number) {
            Some((facts, spoke)) if Arc::ptr_eq(facts, &chunk.facts) => spoke.clone(),
            _ => (0..chunk.facts.matches.len() as u32).collect(),
        }
    }

    /// Notes which matches of the next chunk spoke.
    pub(super) fn push(&mut self, chunk: &Chunk, spoke: Vec<u32>) {
        self.chunks.push((Arc::clone(&chunk.facts), spoke));
    }
}
