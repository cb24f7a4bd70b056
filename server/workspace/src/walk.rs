//! Which files there are.

use std::path::Path;
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};
use routewise_analysis::json::VERCEL;
use routewise_analysis::path::FilePath;
use routewise_analysis::syntax::LARGEST_PARSED;

use crate::Problem;
use crate::folders::{Folder, Folders};
use crate::paths::{disk_path, file_path, within};

/// Folders that hold no source of the project, wherever they stand.
pub(crate) const NEVER: [&str; 26] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    ".git",
    ".hg",
    ".svn",
    ".next",
    ".nuxt",
    ".output",
    ".open-next",
    ".svelte-kit",
    ".turbo",
    ".nx",
    ".vercel",
    ".netlify",
    ".wrangler",
    ".sst",
    ".serverless",
    ".aws-sam",
    ".cache",
    ".parcel-cache",
    ".yarn",
    ".pnpm-store",
    ".routewise",
    ".idea",
    ".vscode",
];

/// Folders of build output, where they stand beside a `package.json` or at the root: deeper down `build`
/// may be a segment of a URL.
const OUTPUT: [&str; 5] = ["dist", "build", "out", "coverage", "storybook-static"];

/// What a walk found, each list sorted.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Source files.
    pub(crate) sources: Vec<FilePath>,
    /// `*.prisma` files.
    pub(crate) prisma: Vec<FilePath>,
}

/// Whether a file is one that Routewise reads, by its name.
pub(crate) fn is_source_name(name: &str) -> bool {
    if name == VERCEL {
        return true;
    }
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let declares = match extension {
        "ts" | "mts" | "cts" => true,
        "tsx" | "js" | "jsx" | "mjs" | "cjs" => false,
        _ => return false,
    };
    match stem.rsplit_once('.').map(|(_, inner)| inner) {
        Some("min") => false,
        Some("d") => !declares,
        _ => !stem.is_empty(),
    }
}

/// Whether a folder or file directly in `parent` is left out by its name, a `.gitignore` or the
/// configuration.
fn left_out(folders: &Folders, parent: &Folder, roots: &[FilePath], path: &FilePath, is_dir: bool) -> bool {
    let name = path.file_name();
    if is_dir && NEVER.contains(&name) {
        return true;
    }
    let at_package = parent.manifest.is_some() || roots.contains(&parent.path);
    if is_dir && at_package && OUTPUT.contains(&name) {
        return true;
    }
    parent.ignores(path, is_dir) || folders.excludes(parent, path)
}

/// Whether a walk would list the source file `path`, were it there.
pub(crate) fn lists(folders: &Folders, roots: &[FilePath], path: &FilePath) -> bool {
    if !is_source_name(path.file_name()) {
        return false;
    }
    let Some(root) = roots.iter().find(|root| path != *root && within(path, root)) else {
        return false;
    };
    let folder = folders.of_file(path);
    if !folders.includes(&folder, path) {
        return false;
    }
    let mut at = path.clone();
    let mut is_dir = false;
    for parent in folder.chain() {
        if left_out(folders, parent, roots, &at, is_dir) {
            return false;
        }
        if parent.path == *root {
            break;
        }
        at = parent.path.clone();
        is_dir = true;
    }
    true
}

/// Every file below `start`. Symbolic links are not followed.
pub(crate) fn walk(folders: &Folders, roots: &[FilePath], start: &FilePath) -> Found {
    let (sender, receiver) = mpsc::channel::<FilePath>();
    let mut builder = WalkBuilder::new(disk_path(start));
    builder.standard_filters(false).follow_links(false).threads(0);
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| visit(folders, roots, entry, &sender))
    });
    drop(sender);
    let mut found = Found::default();
    for path in receiver {
        if path.extension() == "prisma" { found.prisma.push(path) } else { found.sources.push(path) }
    }
    found.sources.sort();
    found.prisma.sort();
    found
}

/// Where a walk could not go on.
fn failed_at(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => failed_at(err),
        _ => None,
    }
}

/// One entry of a walk: descends into folders that count, hands over files that do.
fn visit(
    folders: &Folders,
    roots: &[FilePath],
    entry: Result<DirEntry, ignore::Error>,
    sender: &mpsc::Sender<FilePath>,
) -> WalkState {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => {
            if let Some(path) = failed_at(&error).and_then(file_path) {
                folders.report(Problem::whole(path, "This folder cannot be read, so nothing in it was."));
            }
            return WalkState::Continue;
        }
    };
    if entry.depth() == 0 && entry.path().is_dir() {
        return WalkState::Continue;
    }
    let Some(kind) = entry.file_type() else { return WalkState::Continue };
    let Some(path) = file_path(entry.path()) else { return WalkState::Skip };
    let folder = folders.of_file(&path);
    if kind.is_dir() {
        if left_out(folders, &folder, roots, &path, true) {
            return WalkState::Skip;
        }
        // Read also where no file below is a source: a broken configuration there is reported.
        folders.get(&path);
        return WalkState::Continue;
    }
    let source = is_source_name(path.file_name());
    if !kind.is_file() || !(source || path.extension() == "prisma") {
        return WalkState::Continue;
    }
    if left_out(folders, &folder, roots, &path, false) {
        return WalkState::Continue;
    }
    let kept = !source
        || (folders.includes(&folder, &path)
            && entry.metadata().is_ok_and(|data| data.len() <= LARGEST_PARSED as u64));
    // The receiver lives as long as the walk.
    if kept && sender.send(path).is_err() {
        return WalkState::Quit;
    }
    WalkState::Continue
}
