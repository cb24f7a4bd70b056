//! Reading source files.

use std::borrow::Borrow;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use routewise_analysis::document::Document;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_analysis::syntax::LARGEST_PARSED;
use rustc_hash::FxHashMap;

use crate::Workspace;
use crate::ask::{self, Most, Unread};
use crate::paths::without_bom;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// It is a folder, a pipe or a device.
    #[error("this is not a file")]
    NotAFile,
    /// It holds a zero byte near its beginning.
    #[error("this is a binary file")]
    Binary,
    /// It is text in another encoding.
    #[error("this is not UTF-8; save it as UTF-8")]
    NotUtf8,
    /// Nobody writes a source file of this size by hand.
    #[error("this is {size} bytes long, above the limit of {LARGEST_PARSED}")]
    TooLarge {
        /// Bytes.
        size: u64,
    },
    /// The operating system says no.
    #[error(transparent)]
    Io(io::Error),
}

impl From<Unread> for ReadError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NotAFile => ReadError::NotAFile,
            Unread::TooLarge(size) => ReadError::TooLarge { size },
            Unread::Io(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing,
                _ => ReadError::Io(error),
            },
        }
    }
}

/// Where a zero byte makes a file a binary one, as for git. Further back it may well be in a string of somebody's code.
const BEGINNING: usize = 8_000;

/// The text of a file on the disk.
pub(crate) fn read(path: &FilePath) -> Result<Document, ReadError> {
    let bytes = ask::bytes(Path::new(path.as_str()), Most::Source)?;
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if bytes.iter().take(BEGINNING).any(|byte| *byte == 0) && !utf16 {
        return Err(ReadError::Binary);
    }
    let text = String::from_utf8(bytes).map_err(|_| ReadError::NotUtf8)?;
    Ok(Document::new(path.clone(), 0, without_bom(text)))
}

/// The files of a workspace as they are on the disk, each read once, as long as there are not too many.
#[derive(Debug)]
pub struct Disk<W> {
    workspace: W,
    kept: Mutex<FxHashMap<FilePath, Option<Arc<Document>>>>,
}

/// Documents kept at once: enough for the files around one finding, and for nearly all that a decision names.
const KEPT: usize = 2048;

impl<W: Borrow<Workspace>> Disk<W> {
    /// The disk below a workspace.
    pub fn new(workspace: W) -> Self {
        Self { workspace, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, FxHashMap<FilePath, Option<Arc<Document>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Borrow<Workspace>> Sources for Disk<W> {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        if let Some(document) = self.kept().get(path) {
            return document.clone();
        }
        // Several may read at once.
        let document = self.workspace.borrow().read(path).ok().map(Arc::new);
        let mut kept = self.kept();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.entry(path.clone()).or_insert(document).clone()
    }
}
