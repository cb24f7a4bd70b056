//! The open documents, as the client has them.

use std::sync::{Arc, PoisonError, RwLock};

use dashmap::DashMap;
use routewise_analysis::document::{Change, Document};
use routewise_analysis::json::VERCEL;
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::Encoding;

use crate::proto::Uri;

/// Extensions of the files that are analysed.
const SOURCES: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// One open document: a snapshot, cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// As the client writes it.
    pub(crate) uri: Uri,
    /// Its newest version.
    pub(crate) document: Arc<Document>,
    /// The rules its facts are read with. Facts stay with a document, so other rules need another one.
    pub(crate) catalogue: Arc<Catalogue>,
    /// A source file on the disk, not a buffer of another scheme or language.
    pub(crate) source: bool,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It is in.
    Applied,
    /// The document is not open.
    Unknown,
    /// Its version is not greater than this one, which is stored.
    Stale(i32),
}

/// All open documents by file. Every method is synchronous and returns copies: no guard of the map
/// leaves this module.
pub(crate) struct Documents {
    open: DashMap<FilePath, Open>,
    catalogue: RwLock<Arc<Catalogue>>,
}

impl Documents {
    /// None open; what opens is read with the built-in rules.
    pub(crate) fn new() -> Self {
        Self { open: DashMap::new(), catalogue: RwLock::new(Catalogue::builtin()) }
    }

    /// Stores what the client opened, in place of whatever was there.
    pub(crate) fn open(&self, path: &FilePath, uri: Uri, version: i32, text: String) {
        let source = crate::uri::file(&uri).is_some() && is_source(path);
        let document = Arc::new(Document::new(path.clone(), version, text));
        // Held over the insert: `set_catalogue` then sees this document, or it saw the new rules.
        let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
        self.open.insert(path.clone(), Open { uri, document, catalogue: Arc::clone(&catalogue), source });
    }

    /// Applies the client's changes in order.
    pub(crate) fn change(
        &self,
        path: &FilePath,
        version: i32,
        changes: &[Change],
        encoding: Encoding,
    ) -> Changed {
        let Some(mut open) = self.open.get_mut(path) else { return Changed::Unknown };
        if version <= open.document.version() {
            return Changed::Stale(open.document.version());
        }
        open.document = Arc::new(open.document.change(version, changes, encoding));
        Changed::Applied
    }

    /// Forgets a document. Returns what it was.
    pub(crate) fn close(&self, path: &FilePath) -> Option<Open> {
        self.open.remove(path).map(|(_, open)| open)
    }

    /// The document as it is now.
    pub(crate) fn get(&self, path: &FilePath) -> Option<Open> {
        self.open.get(path).map(|open| open.clone())
    }

    /// Whether `document` is still what the client has.
    pub(crate) fn is_current(&self, document: &Arc<Document>) -> bool {
        self.open.get(document.path()).is_some_and(|open| Arc::ptr_eq(&open.document, document))
    }

    /// The open source files, sorted.
    pub(crate) fn sources(&self) -> Vec<FilePath> {
        let mut paths: Vec<FilePath> =
            self.open.iter().filter(|open| open.source).map(|open| open.key().clone()).collect();
        paths.sort();
        paths
    }

    /// Has every document read with other rules from now on.
    pub(crate) fn set_catalogue(&self, catalogue: &Arc<Catalogue>) {
        let mut current = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::clone(catalogue);
        self.open.alter_all(|path, mut open| {
            if !Arc::ptr_eq(&open.catalogue, catalogue) {
                let old = &open.document;
                open.document = Arc::new(Document::new(path.clone(), old.version(), old.text().to_owned()));
                open.catalogue = Arc::clone(catalogue);
            }
            open
        });
    }
}

/// Whether a file is one that is looked at.
pub(crate) fn is_source(path: &FilePath) -> bool {
    SOURCES.contains(&path.extension()) || path.file_name() == VERCEL
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use routewise_analysis::text::Position;

    use super::*;

    fn insert(line: u32, character: u32, text: &str) -> Change {
        let at = Position { line, character };
        Change { range: Some((at, at)), text: text.to_owned() }
    }

    fn opened(version: i32, text: &str) -> (Documents, FilePath) {
        let documents = Documents::new();
        let path = FilePath::new("/a.ts");
        documents.open(&path, Uri::from_str("file:///a.ts").unwrap(), version, text.to_owned());
        (documents, path)
    }

    #[test]
    fn a_version_that_is_not_greater_is_refused() {
        let (documents, path) = opened(0, "b");
        assert_eq!(documents.change(&path, 1, &[insert(0, 0, "a")], Encoding::Utf16), Changed::Applied);
        assert_eq!(documents.change(&path, 1, &[insert(0, 0, "x")], Encoding::Utf16), Changed::Stale(1));
        assert_eq!(documents.get(&path).unwrap().document.text(), "ab");
    }

    #[test]
    fn changes_of_a_document_that_is_not_open_are_ignored() {
        let documents = Documents::new();
        let path = FilePath::new("/a.ts");
        assert_eq!(documents.change(&path, 1, &[], Encoding::Utf16), Changed::Unknown);
    }

    #[test]
    fn inverted_and_outlying_ranges_are_clamped() {
        let (documents, path) = opened(1, "ab\ncd");
        let range = Some((Position { line: 1, character: 1 }, Position { line: 0, character: 0 }));
        let inverted = Change { range, text: "X".to_owned() };
        documents.change(&path, 2, &[inverted, insert(9, 9, "!"), insert(0, 99, "-")], Encoding::Utf16);
        assert_eq!(documents.get(&path).unwrap().document.text(), "ab-\ncXd!");
    }

    #[test]
    fn other_rules_give_every_document_fresh_facts_and_the_same_text() {
        let (documents, path) = opened(3, "a");
        let before = documents.get(&path).unwrap().document;
        documents.set_catalogue(&Catalogue::builtin());
        assert!(documents.is_current(&before), "the same rules change nothing");
        let (other, _) = Catalogue::with_user_rules(&[]);
        if !Arc::ptr_eq(&other, &Catalogue::builtin()) {
            documents.set_catalogue(&other);
            assert!(!documents.is_current(&before));
        }
        assert_eq!(documents.get(&path).unwrap().document.version(), 3);
    }
}
