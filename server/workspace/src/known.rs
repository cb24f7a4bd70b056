//! What files said when they were read, so that one that is still the same is not read again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use dashmap::DashMap;
use routewise_analysis::document::Document;
use routewise_analysis::facts::FileFacts;
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

/// The facts of files, with what their texts were. They depend on the text, the name of the file and the rules alone,
/// so they stand in whatever workspace is opened next.
#[derive(Debug)]
pub struct Known {
    catalogue: Arc<Catalogue>,
    files: DashMap<FilePath, (u128, Arc<FileFacts>), FxBuildHasher>,
    kept: Kept,
}

/// Facts that another process has written down. They are read one by one, by whoever needs them.
#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    files: FxHashMap<FilePath, (u128, Range<usize>)>,
}

/// A file among what is kept: its path, what its text was, and where its facts stand.
#[derive(Debug, Serialize, Deserialize)]
struct Row(String, u128, Range<usize>);

impl Known {
    /// Nothing that was read with these rules.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        Self { catalogue, files: DashMap::default(), kept: Kept::default() }
    }

    /// What [`Known::written`] has of a process that was the same program with the same rules. Bytes that are no such
    /// thing say nothing.
    pub fn of_kept(catalogue: Arc<Catalogue>, bytes: Vec<u8>) -> Self {
        Self { kept: Kept::read(bytes).unwrap_or_default(), ..Self::new(catalogue) }
    }

    /// The rules that files are read with.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// What a document says: as it was read before, where its text is the same.
    pub(crate) fn facts(&self, document: &Document) -> Arc<FileFacts> {
        let path = document.path();
        let text = xxh3_128(document.text().as_bytes());
        if let Some(known) = self.files.get(path)
            && known.0 == text
        {
            return Arc::clone(&known.1);
        }
        let kept = || postcard::from_bytes(self.kept.of(path, text)?).ok().map(Arc::new);
        let facts = kept().unwrap_or_else(|| Arc::clone(document.facts(&self.catalogue)));
        self.files.insert(path.clone(), (text, Arc::clone(&facts)));
        facts
    }

    /// Lets go of all files but those that `stays` names.
    pub fn retain(&self, stays: impl Fn(&FilePath) -> bool) {
        self.files.retain(|path, _| stays(path));
    }

    /// Appends what is to be kept for the next process to some bytes; `None` where just that is kept already.
    pub fn written(&self, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        let files: BTreeMap<FilePath, (u128, Arc<FileFacts>)> =
            self.files.iter().map(|it| (it.key().clone(), it.value().clone())).collect();
        let is_kept = |(path, (text, _)): (&FilePath, &(u128, _))| self.kept.of(path, *text).is_some();
        if files.len() == self.kept.files.len() && files.iter().all(is_kept) {
            return None;
        }
        bytes.reserve(self.kept.bytes.len());
        let mut rows = Vec::new();
        for (path, (text, said)) in &files {
            let start = bytes.len();
            match self.kept.of(path, *text) {
                Some(kept) => bytes.extend_from_slice(kept),
                None => bytes = postcard::to_extend(&**said, bytes).ok()?,
            }
            rows.push(Row(path.as_str().to_owned(), *text, start..bytes.len()));
        }
        let start = bytes.len() as u64;
        bytes = postcard::to_extend(&rows, bytes).ok()?;
        bytes.extend(start.to_le_bytes());
        Some(bytes)
    }
}

impl Kept {
    fn read(bytes: Vec<u8>) -> Option<Self> {
        let (all, start) = bytes.split_last_chunk()?;
        let rows = all.get(usize::try_from(u64::from_le_bytes(*start)).ok()?..)?;
        let rows: Vec<Row> = postcard::from_bytes(rows).ok()?;
        let file = |Row(path, text, place): Row| (FilePath::new(&path), (text, place));
        Some(Self { files: rows.into_iter().map(file).collect(), bytes })
    }

    /// The facts of a file of this text.
    fn of(&self, path: &FilePath, text: u128) -> Option<&[u8]> {
        let (_, place) = self.files.get(path).filter(|(known, _)| *known == text)?;
        self.bytes.get(place.clone())
    }
}
