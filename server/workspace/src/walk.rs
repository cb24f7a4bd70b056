//! Which files there are.

use routewise_analysis::json::VERCEL;
use routewise_analysis::path::FilePath;

use crate::ask::{self, Entry, Kind, Most, Which};
use crate::folders::{Folder, Folders};
use crate::load::Workers;
use crate::paths::{child, disk_path, within};
use crate::problem::Problem;

/// Folders that hold no source of the project, wherever they stand.
pub(crate) const NEVER: [&str; 27] = [
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
    ".routewise-cache",
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

/// Whether an entry of a folder may be one that a walk lists or looks into, by its name.
pub(crate) fn looks_for(name: &str, kind: Option<Kind>) -> bool {
    match kind {
        Some(Kind::Folder) => !NEVER.contains(&name),
        Some(Kind::File) => is_source_name(name) || is_prisma(name),
        _ => false,
    }
}

fn is_prisma(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == "prisma")
}

/// Every file below `start`. Symbolic links are not followed.
pub(crate) fn walk(folders: &Folders, roots: &[FilePath], start: &FilePath) -> Found {
    let workers = Workers::new(None);
    let mut found = Found::default();
    let mut open = vec![start.clone()];
    // All folders of one depth at once, so that no folder is too deep.
    while !open.is_empty() {
        let looked = workers.map(open.len(), &|at| look(folders, roots, &open[at]));
        open.clear();
        for (inside, files) in looked {
            open.extend(inside);
            for path in files {
                if path.extension() == "prisma" { found.prisma.push(path) } else { found.sources.push(path) }
            }
        }
    }
    found.sources.sort();
    found.prisma.sort();
    found
}

/// The folders directly in a folder that count, and the files that do.
fn look(folders: &Folders, roots: &[FilePath], at: &FilePath) -> (Vec<FilePath>, Vec<FilePath>) {
    let (mut inside, mut files) = (Vec::new(), Vec::new());
    let Ok(entries) = ask::entries(&disk_path(at), Which::Walked) else {
        folders.report(Problem::whole(at.clone(), "This folder cannot be read, so nothing in it was."));
        return (inside, files);
    };
    // Read also where nothing in it is a source: a broken configuration there is reported.
    let folder = folders.get(at);
    for Entry { name, kind } in entries {
        let path = child(at, &name);
        let is_dir = kind == Some(Kind::Folder);
        if left_out(folders, &folder, roots, &path, is_dir) {
            continue;
        }
        if is_dir {
            inside.push(path);
        } else if is_prisma(&name)
            || folders.includes(&folder, &path) && ask::fits(&disk_path(&path), Most::Source)
        {
            files.push(path);
        }
    }
    (inside, files)
}
