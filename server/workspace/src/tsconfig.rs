//! `tsconfig.json`, made fit for resolution where parts of it are missing.

use std::io;
use std::path::{Path, PathBuf};

use jsonc_parser::CollectOptions;
use jsonc_parser::common::Ranged;
use oxc_resolver::{FileMetadata, FileSystem, FileSystemOs, ResolveError};
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Span;
use serde_json::Value;

use crate::ask::{self, Kind, Most};
use crate::paths::{child, file_path, is_dir, is_file, read_small};
use crate::problem::Problem;

/// The disk as the resolver sees it. A `tsconfig.json` that extends a package which is not installed, or
/// refers to a project that is not there, is read without that part: its own `paths` hold all the same.
pub(crate) struct TsconfigFs;

impl FileSystem for TsconfigFs {
    fn new() -> Self {
        Self
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match fit(path) {
            Some(text) => Ok(text.into_bytes()),
            None => Ok(ask::bytes(path, Most::Data)?),
        }
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        match fit(path) {
            Some(text) => Ok(text),
            None => FileSystemOs::validate_string(ask::bytes(path, Most::Data)?),
        }
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        ask::kind(path).map(metadata)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        ask::own_kind(path).map(metadata)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        ask::link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        ask::real(path)
    }
}

fn metadata(kind: Kind) -> FileMetadata {
    FileMetadata::new(kind == Kind::File, kind == Kind::Folder, kind == Kind::Link)
}

/// The `tsconfig.json` of a folder, else its `jsconfig.json`.
pub(crate) fn of_folder(folder: &FilePath) -> Option<FilePath> {
    ["tsconfig.json", "jsconfig.json"].into_iter().map(|name| child(folder, name)).find(is_file)
}

/// What is wrong with the text of a `tsconfig.json`.
pub(crate) fn check(path: &FilePath) -> Option<Problem> {
    let Some(text) = read_small(path) else {
        return Some(Problem::whole(
            path.clone(),
            "This file cannot be read as UTF-8 text; save it as UTF-8.",
        ));
    };
    let parsed = match jsonc_parser::parse_to_ast(&text, &CollectOptions::default(), &crate::config::jsonc())
    {
        Ok(parsed) => parsed,
        Err(error) => {
            let range = error.range();
            let message = format!("This is not JSON: {}. Its `paths` are not used.", error.kind());
            return Some(Problem::at(path.clone(), &text, span(range.start, range.end), message));
        }
    };
    let root = parsed.value?;
    let Some(object) = root.as_object() else {
        return Some(Problem::at(path.clone(), &text, Span::at(0), "Expected an object, as in {}."));
    };
    let extends = object.get_string("extends")?;
    let folder = path.parent()?;
    if !extends.value.starts_with('.') || extended(&folder, &extends.value) {
        return None;
    }
    let range = extends.range();
    let message = format!("There is no {}; correct the path.", extends.value);
    Some(Problem::at(path.clone(), &text, span(range.start, range.end), message))
}

fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

/// The text of a `tsconfig.json` without what is missing on the disk; `None` where nothing is, and for
/// every other file.
fn fit(path: &Path) -> Option<String> {
    // What is extended may have any name; of JSON, the resolver reads nothing else but manifests.
    if path.extension()? != "json" || path.file_name()? == "package.json" {
        return None;
    }
    let path = file_path(path)?;
    let folder = path.parent()?;
    let text = read_small(&path)?;
    let Ok(mut value) = jsonc_parser::parse_to_serde_value::<Value>(&text, &crate::config::jsonc()) else {
        // Reported when the workspace opens; the modules are looked for without it.
        return Some("{}".to_owned());
    };
    let object = value.as_object_mut()?;
    let mut changed = false;
    let missing = match object.get_mut("extends") {
        Some(Value::String(base)) => !extended(&folder, base),
        Some(Value::Array(bases)) => {
            let before = bases.len();
            bases.retain(|base| base.as_str().is_some_and(|base| extended(&folder, base)));
            changed |= bases.len() != before;
            false
        }
        _ => false,
    };
    if missing {
        object.remove("extends");
        changed = true;
    }
    if let Some(Value::Array(references)) = object.get_mut("references") {
        let before = references.len();
        references.retain(|reference| {
            reference["path"].as_str().is_some_and(|path| {
                let place = folder.join(path);
                is_file(&place) || is_file(&child(&place, "tsconfig.json"))
            })
        });
        changed |= references.len() != before;
    }
    changed.then(|| value.to_string())
}

/// Whether what `extends` names is there.
fn extended(folder: &FilePath, base: &str) -> bool {
    if base.starts_with('.') || base.starts_with('/') {
        let place = folder.join(base);
        return is_file(&place)
            || is_file(&FilePath::new(&format!("{place}.json")))
            || is_file(&child(&place, "tsconfig.json"));
    }
    let name = crate::resolve::package_name(base);
    let mut at = Some(folder.clone());
    while let Some(folder) = at {
        if is_dir(&child(&folder, "node_modules").join(name)) {
            return true;
        }
        at = folder.parent();
    }
    false
}
