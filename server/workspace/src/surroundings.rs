//! What stands around the code and says for whom it is made: packages, owners, descriptions, other applications.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use routewise_analysis::decision::{Declared, Need, Owned, Surroundings};
use routewise_analysis::package::Evidence;
use routewise_analysis::path::FilePath;

use crate::ask::{self, Which};
use crate::folders::Folder;
use crate::paths::{child, is_dir, is_file, read_small};
use crate::{Workspace, packages};

/// Where a CODEOWNERS file is looked for, in this order.
const CODEOWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// Names of files that describe an HTTP interface.
const DESCRIPTIONS: [&str; 6] =
    ["openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json"];

/// Folders beside or below a package in which such a file stands.
const DESCRIBED_IN: [&str; 5] = ["", "docs", "public", "api", "spec"];

/// Folders that commonly hold an application which is no package, seen from a root.
const NATIVE_IN: [&str; 7] = ["", "mobile", "app", "apps/mobile", "apps/ios", "apps/android", "flutter"];

/// Folders of a package that may have owners of their own.
const PARTS: [&str; 7] = ["app/api", "src/app/api", "pages/api", "src/pages/api", "app", "src/app", "pages"];

/// What there is around the code of a workspace.
pub(crate) fn read(workspace: &Workspace) -> Surroundings {
    let folders = workspace.folders.packages();
    let packages: Vec<_> = folders
        .iter()
        .map(|folder| packages::package_of(workspace, &child(&folder.path, "package.json")))
        .collect();
    let tops: BTreeSet<FilePath> = workspace
        .roots()
        .iter()
        .filter_map(|root| workspace.folders.get(root).chain().last().map(|top| top.path.clone()))
        .collect();
    let mut out = Surroundings { packages, ..Surroundings::default() };
    for folder in folders.iter().map(|folder| &folder.path).chain(&tops) {
        for place in DESCRIBED_IN {
            let inside = if place.is_empty() { folder.clone() } else { folder.join(place) };
            out.descriptions.extend(DESCRIPTIONS.iter().map(|name| child(&inside, name)).filter(is_file));
        }
    }
    out.descriptions.sort();
    out.descriptions.dedup();
    for top in &tops {
        out.native.extend(
            NATIVE_IN
                .iter()
                .filter_map(|place| native(&if place.is_empty() { top.clone() } else { top.join(place) })),
        );
        owners(top, &mut out);
    }
    out.declared = declared(folders.iter().map(|folder| &**folder));
    out
}

/// An application in a folder that no package makes.
fn native(folder: &FilePath) -> Option<Evidence> {
    let flutter = child(folder, "pubspec.yaml");
    if read_small(&flutter).is_some_and(|text| {
        text.lines().any(|line| line.trim_end() == "  flutter:" || line.starts_with("flutter:"))
    }) {
        return Some(Evidence { text: "a Flutter app".to_owned(), path: Some(flutter) });
    }
    if is_file(&child(folder, "package.json")) {
        // Of a package, whose dependencies tell more.
        return None;
    }
    let gradle = ["build.gradle", "build.gradle.kts"].map(|name| folder.join("app").join(name));
    if let Some(path) = gradle.into_iter().find(is_file) {
        return Some(Evidence { text: "an Android app".to_owned(), path: Some(path) });
    }
    let names = ask::entries(Path::new(folder.as_str()), Which::Xcode).ok()?;
    let path = child(folder, &names.first()?.name);
    is_dir(&path).then(|| Evidence { text: "an app for Apple's devices".to_owned(), path: Some(path) })
}

/// Who owns what below `top`.
fn owners(top: &FilePath, out: &mut Surroundings) {
    let Some(path) = CODEOWNERS.iter().map(|name| top.join(name)).find(is_file) else { return };
    let Some(text) = read_small(&path) else { return };
    let rules: Vec<(Gitignore, Vec<String>)> = text.lines().filter_map(|line| rule(top, line)).collect();
    let mut all: BTreeSet<String> = rules.iter().flat_map(|(_, owners)| owners.iter().cloned()).collect();
    all.extend(std::mem::take(&mut out.owners));
    out.owners = all.into_iter().collect();
    let roots: Vec<FilePath> = out.packages.iter().filter_map(|package| package.root.clone()).collect();
    for root in roots.iter().filter(|root| *root == top || root.strip(top).is_some()) {
        let parts = PARTS.iter().map(|part| root.join(part)).filter(is_dir);
        for folder in std::iter::once(root.clone()).chain(parts) {
            // A file in it: patterns such as `apps/web/**` are about what is inside.
            let inside = child(&folder, "file.ts");
            let last = rules
                .iter()
                .rev()
                .find(|(pattern, _)| pattern.matched_path_or_any_parents(inside.as_str(), false).is_ignore());
            let owners = last.map(|(_, owners)| owners.clone()).unwrap_or_default();
            out.owned.push(Owned { folder, owners });
        }
    }
    out.codeowners = Some(path);
}

/// One line of CODEOWNERS: a pattern as in `.gitignore`, and names behind it.
fn rule(top: &FilePath, line: &str) -> Option<(Gitignore, Vec<String>)> {
    let line = line.split('#').next().unwrap_or_default();
    let mut words = line.split_whitespace();
    let pattern = words.next()?;
    if pattern.starts_with(['[', '^']) {
        return None;
    }
    let mut builder = GitignoreBuilder::new(top.as_str());
    builder.add_line(None, pattern).ok()?;
    Some((builder.build().ok()?, words.map(str::to_owned).collect()))
}

/// What configurations say of needs, the nearest to the top winning: a need is the project's, not a folder's.
fn declared<'f>(folders: impl Iterator<Item = &'f Folder>) -> BTreeMap<Need, Declared> {
    let mut out = BTreeMap::new();
    for scope in folders.filter_map(|folder| folder.scope.as_ref()).flat_map(|scope| scope.chain()) {
        for (name, there) in &scope.config.needs {
            if let Some(need) = Need::named(name) {
                let path = scope.file.clone();
                out.entry(need).or_insert(Declared { there: *there, path });
            }
        }
    }
    out
}
