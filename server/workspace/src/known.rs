//! What files said when they were read, so that one that is still the same is not read again.

use std::sync::Arc;

use dashmap::DashMap;
use routewise_analysis::document::Document;
use routewise_analysis::facts::FileFacts;
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use rustc_hash::FxBuildHasher;
use xxhash_rust::xxh3::xxh3_128;

/// The facts of files, with what their texts were. They depend on the text, the name of the file and the rules alone,
/// so they stand in whatever workspace is opened next.
#[derive(Debug)]
pub struct Known {
    catalogue: Arc<Catalogue>,
    files: DashMap<FilePath, (u128, Arc<FileFacts>), FxBuildHasher>,
}

impl Known {
    /// Nothing that was read with these rules.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, files: DashMap::default() }
    }

    /// The rules that files are read with.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// What a document says: as it was read before, where its text is the same.
    pub(crate) fn facts(&self, document: &Document) -> Arc<FileFacts> {
        let text = xxh3_128(document.text().as_bytes());
        if let Some(known) = self.files.get(document.path())
            && known.0 == text
        {
            return Arc::clone(&known.1);
        }
        let facts = document.facts(&self.catalogue);
        self.files.insert(document.path().clone(), (text, Arc::clone(facts)));
        Arc::clone(facts)
    }

    /// Lets go of all files but those that `stays` names.
    pub fn retain(&self, stays: impl Fn(&FilePath) -> bool) {
        self.files.retain(|path, _| stays(path));
    }
}
