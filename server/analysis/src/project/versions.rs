//! Versions of a project: whoever asks keeps the one that was there when the question came, and whoever changes the
//! project waits for nobody.
//!
//! What two versions have in common they share, so that another version costs a list of pointers.

use std::sync::Arc;

use super::Project;
use crate::check;

impl Project {
    /// The project behind a pointer, to be changed. Where others hold the version that is there, it stays theirs as it
    /// is, and must not be changed any more: the pointer gets the next one.
    #[expect(clippy::missing_panics_doc, reason = "the pointer is the only one then")]
    pub fn next(version: &mut Arc<Self>) -> &mut Self {
        if Arc::get_mut(version).is_none() {
            *version = Arc::new(version.with(Arc::clone(&version.silent)));
        }
        Arc::get_mut(version).expect("a pointer that was made just now is the only one")
    }

    /// A copy that goes its own way: to try out what is not to last.
    #[must_use]
    pub fn aside(&self) -> Self {
        self.with(Arc::default())
    }

    fn with(&self, silent: Arc<check::Silent>) -> Self {
        Self {
            catalogue: Arc::clone(&self.catalogue),
            numbers: Arc::clone(&self.numbers),
            files: self.files.clone(),
            shapes: self.shapes.clone(),
            wholes: self.wholes,
            sorted: Arc::clone(&self.sorted),
            links: self.links.clone(),
            looked: self.looked.clone(),
            clock: self.clock,
            changed: self.changed.clone(),
            stale: self.stale.clone(),
            pieces: self.pieces.clone(),
            linked: self.linked,
            former: self.former.clone(),
            express: Arc::clone(&self.express),
            programs: Arc::clone(&self.programs),
            reach: self.reach.clone(),
            states: Arc::clone(&self.states),
            table: self.table.clone(),
            methods: self.methods.clone(),
            sets_base: self.sets_base.clone(),
            complete: self.complete,
            generation: self.generation,
            replaced: self.replaced.clone(),
            linked_again: self.linked_again,
            silent,
            found: self.found.after_change(),
            panics: Arc::clone(&self.panics),
        }
    }
}
