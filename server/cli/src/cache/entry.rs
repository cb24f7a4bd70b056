//! A kept check as a file: whole or not there, whoever writes beside it, and believed only where it is whole.
#![expect(clippy::disallowed_methods, reason = "what is kept is no part of what is checked")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use routewise_workspace::journal::{self, Asked};
use serde::{Deserialize, Serialize};

use super::{Program, facts};

/// Bytes of a hash.
const HASH: usize = size_of::<u128>();

/// A larger file is not read and not written: the journal of the largest projects is a tenth of it.
const LARGEST: u64 = 256 << 20;

/// Of so many checks the one that was not asked for longest is dropped: there is one for each command line and folder
/// in which it is said, such as the packages of a workspace.
const MOST: usize = 32;

/// What the name of a file ends with until it is whole.
const UNFINISHED: &str = ".tmp";

/// A file that is believed only where it is whole, by what it begins with. The number there goes up when what follows is
/// written differently.
#[derive(Clone, Copy)]
pub(super) struct Whole(pub(super) &'static [u8]);

impl Whole {
    /// The beginning of such a file, which what it holds is to follow.
    pub(super) fn begun(self) -> Vec<u8> {
        [self.0, &[0; HASH]].concat()
    }

    /// The file at a path, and where in it begins what it holds; `None` where that is nothing that can be used.
    pub(super) fn read(self, path: &Path) -> Option<(Vec<u8>, usize)> {
        let data = fs::metadata(path).ok()?;
        if !data.is_file() || data.len() > LARGEST {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let (hash, content) = bytes.strip_prefix(self.0)?.split_first_chunk::<HASH>()?;
        let is_whole = journal::hash(content) == u128::from_le_bytes(*hash);
        is_whole.then_some((bytes, self.0.len() + HASH))
    }

    /// Writes one that was [begun](Self::begun) into a folder that is there.
    pub(super) fn store(self, folder: &Path, name: &str, mut bytes: Vec<u8>) -> io::Result<()> {
        if bytes.len() as u64 > LARGEST {
            return Ok(());
        }
        let start = self.0.len() + HASH;
        let hash = journal::hash(&bytes[start..]);
        bytes[start - HASH..start].copy_from_slice(&hash.to_le_bytes());
        let mut file = tempfile::Builder::new().prefix(name).suffix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(&bytes)?;
        file.persist(folder.join(name))?;
        Ok(())
    }
}

const CHECK: Whole = Whole(b"routewise check 1\n");

/// What is kept of a check.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// What was asked for.
    pub(super) key: u128,
    pub(super) program: Program,
    /// What the disk answered.
    pub(super) asked: Asked,
    /// The exit status.
    pub(super) status: u8,
    /// What stood on standard output, with its colours.
    pub(super) printed: String,
    /// What stood on standard error, with its colours.
    pub(super) said: String,
}

impl Entry {
    /// What is kept under a key; `None` where that is nothing, or nothing that can be used.
    pub(super) fn read(folder: &Path, key: u128) -> Option<Self> {
        let (bytes, start) = CHECK.read(&folder.join(name(key)))?;
        let entry: Self = postcard::from_bytes(&bytes[start..]).ok()?;
        (entry.key == key).then_some(entry)
    }

    /// Keeps it in a folder that is there.
    pub(super) fn store(&self, folder: &Path) -> io::Result<()> {
        let bytes = postcard::to_extend(self, CHECK.begun()).map_err(io::Error::other)?;
        CHECK.store(folder, &name(self.key), bytes)?;
        drop_oldest(folder);
        Ok(())
    }
}

/// Makes a folder for kept checks, if there is none; version control passes over one that is made here.
pub(super) fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join(".gitignore"), "*\n")
}

/// Says that a kept check was of use.
pub(super) fn touch(folder: &Path, key: u128) {
    let file = fs::File::options().append(true).open(folder.join(name(key)));
    // Where it cannot be written, nothing is dropped either.
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
}

fn name(key: u128) -> String {
    format!("routewise-{key:032x}")
}

/// Whether it is the name of a kept check, or of a file that was never finished.
fn is_own(name: &str) -> bool {
    if name.starts_with(facts::NAME) {
        return name.ends_with(UNFINISHED);
    }
    let Some((key, rest)) = name.strip_prefix("routewise-").and_then(|rest| rest.split_at_checked(32)) else {
        return false;
    };
    key.bytes().all(|byte| byte.is_ascii_hexdigit()) && (rest.is_empty() || rest.ends_with(UNFINISHED))
}

fn drop_oldest(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let own = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_own));
    let mut own: Vec<(SystemTime, PathBuf)> =
        own.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    own.sort();
    let many = own.len().saturating_sub(MOST);
    for (_, path) in &own[..many] {
        // Another process may have been quicker.
        let _ = fs::remove_file(path);
    }
}
