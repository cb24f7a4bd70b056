//! The links of a file that somebody types in, piece by piece: the file as a whole, and each of its statements.
//!
//! While only what statements say changes, and no name of the top level, a piece stays as it is unless it looked into one of
//! those that changed. A letter in a function is linked at the cost of the function.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::link;
use super::links::FileLinks;
use super::state::Variables;
use super::{FileNo, Project, Resolver};
use crate::facts::{Identity, Looked, watch};

/// The pieces of the files that are typed in.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces(FxHashMap<FileNo, Arc<Vec<Arc<Piece>>>>);

/// A part of a file with its links.
#[derive(Debug)]
pub(super) struct Piece {
    links: FileLinks,
    looked: Looked,
}

/// A piece that was linked again, with its number in the file.
pub(super) type Linked = (usize, Piece);

/// Files that are remembered: more than anybody types in at once.
const FILES: usize = 64;

impl Pieces {
    /// Links all of a file's pieces that are not known, or looked into what has changed.
    pub(super) fn again(&self, project: &Project, file: FileNo, changed: &[Identity]) -> Vec<Linked> {
        let Some(input) = project.file(file) else { return Vec::new() };
        let known = self.0.get(&file).map_or(&[][..], |pieces| pieces.as_slice());
        (0..=input.facts.chunks.len())
            .filter(|&at| known.get(at).is_none_or(|piece| piece.looked.at_any(changed)))
            .map(|at| (at, Piece::link(project, file, at)))
            .collect()
    }

    /// Whether the pieces of a file are known.
    pub(super) fn hold(&self, file: FileNo) -> bool {
        self.0.contains_key(&file)
    }

    /// Takes over what was linked again; the links of the whole file, where they are not what they were.
    pub(super) fn update(
        &mut self,
        project: &Project,
        file: FileNo,
        linked: Vec<Linked>,
    ) -> Option<FileLinks> {
        let pieces = Arc::make_mut(self.0.entry(file).or_default());
        let mut same = true;
        for (at, piece) in linked {
            if let Some(known) = pieces.get_mut(at) {
                same &= known.links.is_same(&piece.links);
                *known = Arc::new(piece);
            } else {
                same = false;
                pieces.push(Arc::new(piece));
            }
        }
        (!same).then(|| {
            let mut links = FileLinks::default();
            for piece in &*pieces {
                links.add(&piece.links);
            }
            links.finish(project);
            links
        })
    }

    /// Forgets all where too many are remembered. Not while some of them are linked again: of those only what has changed
    /// is at hand.
    pub(super) fn trim(&mut self) {
        if self.0.len() > FILES {
            self.0.clear();
        }
    }

    /// Forgets a file.
    pub(super) fn forget(&mut self, file: FileNo) {
        self.0.remove(&file);
    }
}

impl Piece {
    /// The statements that were looked into.
    pub(super) fn looked(&self) -> &Looked {
        &self.looked
    }

    /// Piece 0 is the file as a whole, each other one a statement.
    fn link(project: &Project, file: FileNo, at: usize) -> Self {
        let (links, looked) = watch(|| {
            let mut resolver = Resolver::new(project);
            let mut links = FileLinks::default();
            match at.checked_sub(1) {
                None => links = link::whole(&mut resolver, file),
                Some(chunk) => {
                    let mut variables = Variables::default();
                    link::statement(&mut resolver, &mut variables, file, chunk as u32, &mut links);
                }
            }
            links.seen = resolver.seen;
            links
        });
        Self { links, looked }
    }
}
