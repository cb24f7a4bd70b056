//! The rules as they stand in the folder `queries`.

use std::fs;
use std::path::{Path, PathBuf};

use routewise_analysis::path::FilePath;
use routewise_analysis::rules::{RuleError, RuleSource};

/// Every rule of the folder, sorted by id.
pub(crate) fn rules() -> Vec<RuleSource> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above").join("queries");
    let folders = |path: &Path| {
        let mut found: Vec<PathBuf> = fs::read_dir(path)
            .expect("a folder of the repository")
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.is_dir())
            .collect();
        found.sort();
        found
    };
    let families =
        folders(&root).into_iter().filter(|family| !family.ends_with("src") && !family.ends_with("facts"));
    let mut rules = Vec::new();
    for folder in families.flat_map(|family| folders(&family)) {
        let Ok(md) = fs::read_to_string(folder.join("rule.md")) else { continue };
        let id = folder.strip_prefix(&root).expect("below").to_str().expect("plain names").replace('\\', "/");
        rules.push(RuleSource {
            id: id.into(),
            scm: fs::read_to_string(folder.join("rule.scm")).ok(),
            md,
            folder: Some(FilePath::new(folder.to_str().expect("a plain path"))),
        });
    }
    rules
}

/// An error with its line, as a compiler shows it.
pub(crate) fn shown(error: &RuleError) -> String {
    let text = fs::read_to_string(error.path.as_str()).unwrap_or_default();
    let line = 1 + text[..(error.span.start as usize).min(text.len())].matches('\n').count();
    format!("{}:{line}: {}\n", error.path, error.message)
}
