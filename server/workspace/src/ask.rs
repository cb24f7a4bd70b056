//! What is asked of the disk: the one place where this crate, and a check, look at it.
//!
//! Each kind of question is a function here, and while a [`journal`] is kept, each question is noted
//! there with its answer. So whoever looks at the disk past this module makes a kept answer stand when it no longer
//! holds; `clippy.toml` forbids it.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use oxc_resolver::{FileSystemOs, ResolveError};
use routewise_analysis::syntax::LARGEST_PARSED;
use serde::{Deserialize, Serialize};

use crate::journal::{self, Question};
use crate::walk;

/// What has a name on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A file with content.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket, a device.
    Other,
}

impl From<FileType> for Kind {
    fn from(kind: FileType) -> Self {
        match kind {
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            _ => Kind::Other,
        }
    }
}

/// Up to which size a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Most {
    /// Source files: what the parser takes.
    Source,
    /// Every other file. Lockfiles of the largest public repositories stay below this.
    Data,
}

impl Most {
    /// In bytes.
    fn bytes(self) -> u64 {
        match self {
            Most::Source => LARGEST_PARSED as u64,
            Most::Data => 64 << 20,
        }
    }
}

/// Which names in a folder are asked for: what else comes and goes there is no matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Which {
    /// All.
    All,
    /// Folders that may hold sources, and files that a walk looks for.
    Walked,
    /// Files of YAML.
    Yaml,
    /// Projects of Xcode.
    Xcode,
}

impl Which {
    fn holds(self, name: &str, kind: Option<Kind>) -> bool {
        match self {
            Which::All => true,
            Which::Walked => walk::looks_for(name, kind),
            Which::Yaml => matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml"))),
            Which::Xcode => name.ends_with(".xcodeproj"),
        }
    }
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// What it is, links not followed; `None` where the system does not tell.
    pub(crate) kind: Option<Kind>,
}

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// It is larger than it may be.
    TooLarge(u64),
    /// The operating system says no.
    Io(io::Error),
}

impl From<Unread> for io::Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NotAFile => io::Error::new(io::ErrorKind::InvalidInput, "this is not a file"),
            Unread::TooLarge(size) => {
                io::Error::new(io::ErrorKind::FileTooLarge, format!("this is {size} bytes long"))
            }
            Unread::Io(error) => error,
        }
    }
}

/// What `path` is, links followed.
///
/// # Errors
/// Where nothing has this name, and whatever else the system says.
pub fn kind(path: &Path) -> io::Result<Kind> {
    let answer = plain::kind(path);
    journal::note(path, Question::Kind, || answer.as_ref().into());
    answer
}

/// Whether there is a file of this name, links followed.
pub fn is_file(path: &Path) -> bool {
    kind(path).is_ok_and(|kind| kind == Kind::File)
}

/// Whether there is a folder of this name, links followed.
pub fn is_dir(path: &Path) -> bool {
    kind(path).is_ok_and(|kind| kind == Kind::Folder)
}

/// Whether anything has this name, links followed.
pub fn exists(path: &Path) -> bool {
    kind(path).is_ok()
}

/// What `path` is itself, a link for instance.
pub(crate) fn own_kind(path: &Path) -> io::Result<Kind> {
    let answer = plain::own_kind(path);
    journal::note(path, Question::OwnKind, || answer.as_ref().into());
    answer
}

/// What a file holds.
///
/// # Errors
/// Where it is no file or too large, and whatever the system says.
pub fn bytes(path: &Path, most: Most) -> Result<Vec<u8>, Unread> {
    let answer = plain::bytes(path, most);
    journal::note(path, Question::Content(most), || answer.as_deref().into());
    answer
}

/// The text of a file that is not a source file; `None` where it cannot be read or is not UTF-8.
pub fn text(path: &Path) -> Option<String> {
    String::from_utf8(bytes(path, Most::Data).ok()?).ok()
}

/// Whether a file, or what a link leads to, is small enough to be read.
pub(crate) fn fits(path: &Path, most: Most) -> bool {
    let answer = plain::fits(path, most);
    journal::note(path, Question::Fits(most), || answer.as_ref().into());
    answer.unwrap_or(false)
}

/// The names in a folder that are UTF-8, sorted.
pub(crate) fn entries(folder: &Path, which: Which) -> io::Result<Vec<Entry>> {
    let answer = plain::entries(folder, which);
    journal::note(folder, Question::Entries(which), || answer.as_deref().into());
    answer
}

/// The path without any link in it.
pub(crate) fn real(path: &Path) -> io::Result<PathBuf> {
    let answer = plain::real(path);
    journal::note(path, Question::Real, || answer.as_deref().into());
    answer
}

/// What a link says.
pub(crate) fn link(path: &Path) -> Result<PathBuf, ResolveError> {
    let answer = plain::link(path);
    journal::note(path, Question::Link, || answer.as_deref().into());
    answer
}

/// The same questions, past the journal: for the journal itself.
#[expect(clippy::disallowed_methods, reason = "this is where the disk is looked at")]
pub(crate) mod plain {
    use super::{Entry, FileSystemOs, Kind, Most, Path, PathBuf, ResolveError, Unread, Which, fs, io};

    pub(crate) fn kind(path: &Path) -> io::Result<Kind> {
        fs::metadata(path).map(|data| data.file_type().into())
    }

    /// As the resolver asks: on Windows, a junction is a link too.
    pub(crate) fn own_kind(path: &Path) -> io::Result<Kind> {
        let data = FileSystemOs::symlink_metadata(path)?;
        Ok(match data {
            data if data.is_symlink() => Kind::Link,
            data if data.is_file() => Kind::File,
            data if data.is_dir() => Kind::Folder,
            _ => Kind::Other,
        })
    }

    pub(crate) fn bytes(path: &Path, most: Most) -> Result<Vec<u8>, Unread> {
        // Before it is opened: to open a pipe is to wait for somebody who writes.
        let data = fs::metadata(path).map_err(Unread::Io)?;
        if !data.is_file() {
            return Err(Unread::NotAFile);
        }
        if data.len() > most.bytes() {
            return Err(Unread::TooLarge(data.len()));
        }
        fs::read(path).map_err(Unread::Io)
    }

    pub(crate) fn fits(path: &Path, most: Most) -> io::Result<bool> {
        fs::metadata(path).map(|data| data.len() <= most.bytes())
    }

    pub(crate) fn entries(folder: &Path, which: Which) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type().ok().map(Kind::from);
            let Ok(name) = entry.file_name().into_string() else { continue };
            if which.holds(&name, kind) {
                entries.push(Entry { name, kind });
            }
        }
        entries.sort();
        Ok(entries)
    }

    pub(crate) fn real(path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    pub(crate) fn link(path: &Path) -> Result<PathBuf, ResolveError> {
        FileSystemOs::read_link(path)
    }
}
