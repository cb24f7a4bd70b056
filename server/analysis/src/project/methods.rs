//! Async methods by their name, for calls whose receiver cannot be followed: `this.backups.remove(id)`.

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::{FileNo, Project};
use crate::facts::{ChunkFacts, FileFacts, Function, FunctionId, FunctionKind};

/// The async methods of all classes and objects of a project.
#[derive(Debug, Default)]
pub(crate) struct Methods(FxHashMap<CompactString, Vec<(FileNo, FunctionId)>>);

impl Methods {
    pub(super) fn read(project: &Project) -> Self {
        let mut found: FxHashMap<CompactString, Vec<(FileNo, FunctionId)>> = FxHashMap::default();
        for file in project.numbers() {
            let Some(input) = project.file(file) else { continue };
            for (name, method) in of_file(&input.facts) {
                found.entry(name.into()).or_default().push((file, method));
            }
        }
        Self(found)
    }

    /// The methods with a name.
    pub(crate) fn named(&self, name: &str) -> &[(FileNo, FunctionId)] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The async methods of a file by name.
pub(super) fn of_file(facts: &FileFacts) -> impl Iterator<Item = (&str, FunctionId)> {
    (0..).zip(&facts.chunks).flat_map(|(chunk, it)| {
        methods(&it.facts).map(move |(name, number)| (name, FunctionId { chunk, number }))
    })
}

/// The async methods of a statement, by name and number.
pub(super) fn methods(facts: &ChunkFacts) -> impl Iterator<Item = (&str, u32)> {
    let is_method = |function: &Function| function.is_async && function.kind == FunctionKind::Method;
    let methods = (0..).zip(&facts.functions).filter(move |(_, function)| is_method(function));
    methods.filter_map(|(number, function)| Some((function.name.as_deref()?.rsplit('.').next()?, number)))
}
