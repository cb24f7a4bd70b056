//! Which versions of its packages a package has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use nodejs_semver::Range;
use routewise_analysis::package::{Version, VersionSource};
use routewise_analysis::path::FilePath;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::folders::Folder;
use crate::lockfile::{self, Importer, Lockfile};
use crate::paths::{child, is_file, read_small, relative};

/// Packages that rules ask about also where a package gets them from further up.
const ALWAYS: [&str; 6] = ["next", "express", "react", "typescript", "@prisma/client", "prisma"];

/// Everything read so far.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    installed: Mutex<FxHashMap<FilePath, Option<Version>>>,
    lockfiles: Mutex<FxHashMap<FilePath, Option<Arc<Lockfile>>>>,
}

impl Versions {
    /// Versions of all direct dependencies of the package in `folder`, where known.
    pub(crate) fn of(&self, folder: &Folder) -> BTreeMap<String, Version> {
        let Some(manifest) = &folder.manifest else { return BTreeMap::new() };
        let names: BTreeSet<&str> = manifest.wanted.keys().map(String::as_str).chain(ALWAYS).collect();
        let lockfile = self.lockfile(folder);
        let catalogs = Catalogs::read(folder);
        let mut versions = BTreeMap::new();
        for name in names {
            let found = self.installed(folder, name).or_else(|| {
                let wanted = manifest.wanted.get(name)?;
                let (at, lockfile) = lockfile.as_ref()?;
                let place = relative(at, &folder.path);
                let importer =
                    Importer { folder: place.trim_end_matches('/'), name: manifest.name.as_deref() };
                let importer =
                    if folder.path == *at { Importer { folder: "", ..importer } } else { importer };
                parse(lockfile.version(importer, name, wanted)?, VersionSource::Lockfile)
            });
            let found = found.or_else(|| {
                // What a peer accepts says nothing of what is there.
                let wanted = manifest.wanted.get(name).filter(|_| !manifest.peers.contains(name))?;
                lower_bound(catalogs.range(name, wanted)?)
            });
            if let Some(version) = found {
                versions.insert(name.to_owned(), version);
            }
        }
        // The repository of such a package: its examples load it by its path.
        let own = manifest.name.as_deref().filter(|name| ALWAYS.contains(name));
        let version = own.and_then(|_| read_version(&child(&folder.path, "package.json")));
        versions.extend(own.map(str::to_owned).zip(version));
        versions
    }

    /// The version that Node.js would load.
    fn installed(&self, folder: &Folder, name: &str) -> Option<Version> {
        folder.chain().find_map(|folder| {
            let path = child(&folder.path, "node_modules").join(name).join("package.json");
            let mut known = self.installed.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(version) = known.get(&path) {
                return version.clone();
            }
            let version = read_version(&path);
            known.insert(path, version.clone());
            version
        })
    }

    /// The nearest lockfile and its folder.
    fn lockfile(&self, folder: &Folder) -> Option<(FilePath, Arc<Lockfile>)> {
        folder.chain().find_map(|folder| {
            let mut known = self.lockfiles.lock().unwrap_or_else(PoisonError::into_inner);
            let lockfile = known
                .entry(folder.path.clone())
                .or_insert_with(|| lockfile::read(&folder.path).map(Arc::new))
                .clone();
            Some((folder.path.clone(), lockfile?))
        })
    }
}

fn read_version(path: &FilePath) -> Option<Version> {
    #[derive(Deserialize)]
    struct Installed {
        version: Option<String>,
    }
    if !is_file(path) {
        return None;
    }
    let installed: Installed = serde_json::from_str(&read_small(path)?).ok()?;
    parse(&installed.version?, VersionSource::Installed)
}

fn parse(version: &str, source: VersionSource) -> Option<Version> {
    let version = nodejs_semver::Version::parse(version).ok()?;
    Some(Version { major: version.major(), minor: version.minor(), patch: version.patch(), source })
}

/// The lowest version of a range that stays within one major version; a wider one says nothing.
fn lower_bound(range: &str) -> Option<Version> {
    // `npm:next@15` is a package under another name.
    let range = range.strip_prefix("npm:").map_or(Some(range), |alias| Some(alias.rsplit_once('@')?.1))?;
    if range.trim().is_empty() {
        return None;
    }
    let range = Range::parse(range).ok()?;
    let lowest = range.min_version()?;
    let above = Range::parse(format!(">={}.0.0", lowest.major() + 1)).ok()?;
    (!range.allows_any(&above)).then(|| Version {
        major: lowest.major(),
        minor: lowest.minor(),
        patch: lowest.patch(),
        source: VersionSource::Range,
    })
}

/// Ranges that several packages of a workspace share.
struct Catalogs(FxHashMap<(String, String), String>);

impl Catalogs {
    fn read(folder: &Folder) -> Self {
        let mut ranges = FxHashMap::default();
        for folder in folder.chain() {
            if let Some(text) = read_small(&child(&folder.path, "pnpm-workspace.yaml")) {
                ranges = lockfile::catalogs(&text);
                break;
            }
            let Some(catalogs) = folder.manifest.as_ref().map(|manifest| &manifest.catalogs) else {
                continue;
            };
            let mut add = |catalog: &str, entries: &serde_json::Value| {
                for (name, range) in entries.as_object().into_iter().flatten() {
                    if let Some(range) = range.as_str() {
                        ranges.insert((catalog.to_owned(), name.clone()), range.to_owned());
                    }
                }
            };
            add("default", &catalogs["catalog"]);
            for (catalog, entries) in catalogs["catalogs"].as_object().into_iter().flatten() {
                add(catalog, entries);
            }
        }
        Self(ranges)
    }

    /// The range meant by `catalog:` and `catalog:name`; any other range is itself.
    fn range<'a>(&'a self, name: &str, wanted: &'a str) -> Option<&'a str> {
        let Some(catalog) = wanted.strip_prefix("catalog:") else { return Some(wanted) };
        let catalog = if catalog.is_empty() { "default" } else { catalog };
        self.0.get(&(catalog.to_owned(), name.to_owned())).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Fixture;

    fn version(fixture: &Fixture, file: &str, name: &str) -> Option<(String, VersionSource)> {
        let package = fixture.open().package_of(&fixture.path(file));
        package.versions.get(name).map(|v| (format!("{}.{}.{}", v.major, v.minor, v.patch), v.source))
    }

    fn known(version: &str, source: VersionSource) -> (String, VersionSource) {
        (version.to_owned(), source)
    }

    #[test]
    fn what_is_installed_wins_over_the_lockfile_and_that_over_the_range() {
        let fixture = Fixture::new(&[
            ("package.json", r#"{"dependencies":{"next":"^15.0.0"}}"#),
            ("package-lock.json", r#"{"packages":{"node_modules/next":{"version":"15.2.0"}}}"#),
            ("node_modules/next/package.json", r#"{"name":"next","version":"15.5.4"}"#),
        ]);
        assert_eq!(version(&fixture, "a.ts", "next"), Some(known("15.5.4", VersionSource::Installed)));
        fixture.write("node_modules/next/package.json", "broken");
        assert_eq!(version(&fixture, "a.ts", "next"), Some(known("15.2.0", VersionSource::Lockfile)));
        fixture.write("package-lock.json", "broken");
        assert_eq!(version(&fixture, "a.ts", "next"), Some(known("15.0.0", VersionSource::Range)));
    }

    #[test]
    fn a_hoisted_package_is_found_further_up() {
        let fixture = Fixture::new(&[
            ("package.json", r#"{"workspaces":["apps/*"]}"#),
            ("apps/web/package.json", r#"{"name":"web"}"#),
            ("node_modules/express/package.json", r#"{"version":"5.1.0"}"#),
        ]);
        assert_eq!(
            version(&fixture, "apps/web/a.ts", "express"),
            Some(known("5.1.0", VersionSource::Installed))
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_package_that_pnpm_linked_is_installed() {
        let store = "node_modules/.pnpm/next@16.0.1/node_modules/next";
        let fixture = Fixture::new(&[
            ("package.json", r#"{"dependencies":{"next":"latest"}}"#),
            (&format!("{store}/package.json"), r#"{"version":"16.0.1"}"#),
        ]);
        std::os::unix::fs::symlink(fixture.disk(store), fixture.disk("node_modules/next")).unwrap();
        assert_eq!(version(&fixture, "a.ts", "next"), Some(known("16.0.1", VersionSource::Installed)));
    }

    #[test]
    fn a_package_of_a_workspace_asks_the_lockfile_of_the_root_for_its_own() {
        let fixture = Fixture::new(&[
            ("pnpm-workspace.yaml", "packages:\n  - apps/*\n"),
            (
                "pnpm-lock.yaml",
                "importers:\n  apps/web:\n    dependencies:\n      next:\n        version: 16.0.1(react@19.0.0)\n",
            ),
            ("apps/web/package.json", r#"{"name":"web","dependencies":{"next":"workspace:*"}}"#),
        ]);
        assert_eq!(
            version(&fixture, "apps/web/a.ts", "next"),
            Some(known("16.0.1", VersionSource::Lockfile))
        );
    }

    #[test]
    fn ranges_of_catalogs_are_looked_up() {
        let fixture = Fixture::new(&[
            ("pnpm-workspace.yaml", "catalog:\n  next: ^16.0.0\n"),
            ("apps/web/package.json", r#"{"dependencies":{"next":"catalog:","react":"catalog:react19"}}"#),
        ]);
        assert_eq!(version(&fixture, "apps/web/a.ts", "next"), Some(known("16.0.0", VersionSource::Range)));
        assert_eq!(version(&fixture, "apps/web/a.ts", "react"), None);
        let fixture = Fixture::new(&[
            ("package.json", r#"{"workspaces":{"packages":["web"],"catalogs":{"r":{"react":"~19.1.0"}}}}"#),
            ("web/package.json", r#"{"dependencies":{"react":"catalog:r"}}"#),
        ]);
        assert_eq!(version(&fixture, "web/a.ts", "react"), Some(known("19.1.0", VersionSource::Range)));
    }

    #[test]
    fn a_range_within_one_major_version_has_a_lower_bound_and_anything_else_none() {
        for (range, lowest) in [
            ("^15.0.0", Some((15, 0, 0))),
            ("~4.18", Some((4, 18, 0))),
            ("15.x", Some((15, 0, 0))),
            ("16.0.0-canary.3", Some((16, 0, 0))),
            ("npm:next@15.1.0", Some((15, 1, 0))),
            ("npm:@acme/next@^15.1.0", Some((15, 1, 0))),
            ("^15.0.0 || ^16.0.0", None),
            (">=13", None),
            ("*", None),
            ("", None),
            ("latest", None),
            ("workspace:*", None),
            ("workspace:^1.0.0", None),
            ("npm:next", None),
            ("github:vercel/next.js", None),
            ("file:../next", None),
            ("https://example.com/next.tgz", None),
        ] {
            let found = lower_bound(range).map(|v| (v.major, v.minor, v.patch));
            assert_eq!(found, lowest, "{range}");
        }
    }

    #[test]
    fn a_package_that_rules_ask_about_has_its_own_version() {
        let fixture = Fixture::new(&[("package.json", r#"{"name":"express","version":"5.2.1"}"#)]);
        let found = version(&fixture, "examples/auth/index.js", "express");
        assert_eq!(found, Some(known("5.2.1", VersionSource::Installed)));
    }

    #[test]
    fn what_a_peer_accepts_is_no_version() {
        let fixture = Fixture::new(&[("package.json", r#"{"peerDependencies":{"next":"^15.0.0"}}"#)]);
        assert_eq!(version(&fixture, "a.ts", "next"), None);
    }
}
