//! What files say, kept beside the checks: where a check cannot be said again, only what has changed is parsed.

use std::path::Path;

use routewise_analysis::rules::Catalogue;
use routewise_workspace::journal;
use serde::{Deserialize, Serialize};

use super::entry::Whole;
use super::program::Program;
use crate::session::Session;

/// The file.
pub(super) const NAME: &str = "routewise-facts";

const FILE: Whole = Whole(b"routewise facts 1\n");

/// What files say, in a folder for kept checks.
#[derive(Debug)]
pub(crate) struct KeptFacts<'f>(pub(super) &'f Path);

/// By whom they were read.
#[derive(Debug, Serialize, Deserialize)]
struct Reader {
    program: Program,
    /// Of the user's rules; the others are the program's.
    rules: u128,
}

impl KeptFacts<'_> {
    /// Gives a session what was kept, where it was read by the same program with the same rules.
    pub(crate) fn recall(&self, session: &mut Session) {
        let Some((kept, start)) = FILE.read(&self.0.join(NAME)) else { return };
        let Ok((reader, _)) = postcard::take_from_bytes::<Reader>(&kept[start..]) else { return };
        if reader.rules == rules(&session.catalogue) && reader.program.is_this() {
            session.recall(kept);
        }
    }

    /// Keeps what a session has read.
    pub(crate) fn keep(&self, session: &Session) {
        let Some(program) = Program::this() else { return };
        let reader = Reader { program, rules: rules(&session.catalogue) };
        let reader = postcard::to_extend(&reader, FILE.begun()).ok();
        let Some(kept) = reader.and_then(|reader| session.known().written(reader)) else { return };
        // That the folder cannot be written is said of the check, which is kept there too.
        let _ = FILE.store(self.0, NAME, kept);
    }
}

fn rules(catalogue: &Catalogue) -> u128 {
    let own = catalogue.sources().iter().filter(|it| it.folder.is_some());
    let text: Vec<_> = own.map(|it| (&it.id, &it.scm, &it.md)).collect();
    journal::hash(format!("{text:?}").as_bytes())
}
