//! Who takes an export of a file.

use std::sync::Arc;

use super::offer::Offer;
use crate::facts::{Exported, Imported};
use crate::project::{FileNo, Resolution};

/// The files that import an export of the finding's file by its name. `None` where some file takes the module in a
/// way that does not say which of its exports it wants, or where not every file is known.
pub(super) fn takers(offer: &Offer<'_>, name: &str) -> Option<Vec<FileNo>> {
    if !offer.project.is_complete() {
        return None;
    }
    let mut found = Vec::new();
    for file in offer.project.numbers().filter(|file| *file != offer.file) {
        let Some(input) = offer.project.file(file) else { continue };
        let here: Vec<&Arc<str>> = input
            .facts
            .specifiers
            .iter()
            .zip(&input.resolutions)
            .filter(|(_, resolution)| **resolution == Resolution::File(offer.input.path.clone()))
            .map(|(specifier, _)| specifier)
            .collect();
        if here.is_empty() {
            continue;
        }
        let of_here = |specifier: &str| here.iter().any(|known| &***known == specifier);
        for (_, import) in input.facts.imports().filter(|(_, import)| of_here(&import.specifier)) {
            match &import.imported {
                Imported::Name(taken) if taken == name => found.push(file),
                Imported::Name(_) => {}
                Imported::Nothing if !import.dynamic => {}
                Imported::Namespace | Imported::Nothing => return None,
            }
        }
        for (_, export) in input.facts.exports() {
            match &export.exported {
                Exported::From(specifier, _) | Exported::Namespace(specifier) | Exported::Star(specifier)
                    if of_here(specifier) =>
                {
                    return None;
                }
                _ => {}
            }
        }
    }
    found.dedup();
    Some(found)
}
