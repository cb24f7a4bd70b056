//! Async methods by their name, for calls whose receiver cannot be followed: `this.backups.remove(id)`.

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::{FileNo, Project};
use crate::facts::{FunctionId, FunctionKind};

/// The async methods of all classes and objects of a project.
#[derive(Debug, Default)]
pub(crate) struct Methods(FxHashMap<CompactString, Vec<(FileNo, FunctionId)>>);

impl Methods {
    pub(super) fn read(project: &Project) -> Self {
        let mut found: FxHashMap<CompactString, Vec<(FileNo, FunctionId)>> = FxHashMap::default();
        for file in project.numbers() {
            let Some(input) = project.file(file) else { continue };
            for (id, function) in input.facts.functions() {
                let name = function.name.as_deref().and_then(|name| name.rsplit('.').next());
                if let Some(name) =
                    name.filter(|_| function.is_async && function.kind == FunctionKind::Method)
                {
                    found.entry(name.into()).or_default().push((file, id));
                }
            }
        }
        Self(found)
    }

    /// The methods with a name.
    pub(crate) fn named(&self, name: &str) -> &[(FileNo, FunctionId)] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}
