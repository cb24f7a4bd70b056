//! Which version a lockfile gives a package. One reader for each package manager, each as tolerant as it
//! can be: what it does not understand is unknown.

use jsonc_parser::ParseOptions;
use routewise_analysis::path::FilePath;
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::paths::{child, read_small};

mod pnpm;
mod yarn;

pub(crate) use pnpm::catalogs;

/// The lockfiles there are, in the order in which they are looked for in one folder.
const NAMES: [&str; 5] =
    ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/// The versions in one lockfile.
#[derive(Debug)]
pub(crate) enum Lockfile {
    /// By place: `apps/web/node_modules/next`.
    Npm(FxHashMap<String, String>),
    /// By importer and name.
    Pnpm(FxHashMap<(String, String), String>),
    /// By name and range as the file writes them: `next@^15.0.0`.
    Yarn(FxHashMap<String, String>),
    /// By name, and by package and name: `next`, `web/next`.
    Bun(FxHashMap<String, String>),
}

/// Who asks for a version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Importer<'a> {
    /// Its folder, seen from the lockfile's; empty for the same folder.
    pub(crate) folder: &'a str,
    /// Its `name`.
    pub(crate) name: Option<&'a str>,
}

/// The lockfile of a folder, where it has one.
pub(crate) fn read(folder: &FilePath) -> Option<Lockfile> {
    NAMES.iter().find_map(|name| {
        let text = read_small(&child(folder, name))?;
        Some(match *name {
            "pnpm-lock.yaml" => Lockfile::Pnpm(pnpm::read(&text)),
            "yarn.lock" => Lockfile::Yarn(yarn::read(&text)),
            "bun.lock" => Lockfile::Bun(bun(&text)),
            _ => Lockfile::Npm(npm(&text)),
        })
    })
}

impl Lockfile {
    /// The version of `name` (wanted as `range`) that an importer gets.
    pub(crate) fn version(&self, importer: Importer<'_>, name: &str, range: &str) -> Option<&str> {
        let version = match self {
            Lockfile::Npm(places) => {
                // As Node.js looks: from the importer's folder upward.
                let mut folder = importer.folder;
                loop {
                    let slash = if folder.is_empty() { "" } else { "/" };
                    if let Some(version) = places.get(&format!("{folder}{slash}node_modules/{name}")) {
                        break Some(version);
                    }
                    if folder.is_empty() {
                        break None;
                    }
                    folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
                }
            }
            Lockfile::Pnpm(importers) => {
                let folder = if importer.folder.is_empty() { "." } else { importer.folder };
                importers.get(&(folder.to_owned(), name.to_owned()))
            }
            Lockfile::Yarn(wanted) => {
                wanted.get(&format!("{name}@{range}")).or_else(|| wanted.get(&format!("{name}@npm:{range}")))
            }
            Lockfile::Bun(packages) => importer
                .name
                .and_then(|importer| packages.get(&format!("{importer}/{name}")))
                .or_else(|| packages.get(name)),
        };
        version.map(String::as_str)
    }
}

/// `package-lock.json`, versions 1 to 3.
fn npm(text: &str) -> FxHashMap<String, String> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let mut places = FxHashMap::default();
    for (name, package) in value["dependencies"].as_object().into_iter().flatten() {
        if let Some(version) = package["version"].as_str() {
            places.insert(format!("node_modules/{name}"), version.to_owned());
        }
    }
    let packages = &value["packages"];
    for (place, package) in packages.as_object().into_iter().flatten() {
        // A link names the folder of a workspace package.
        let package = package["resolved"]
            .as_str()
            .filter(|_| package["link"] == true)
            .map_or(package, |to| &packages[to]);
        if let Some(version) = package["version"].as_str() {
            places.insert(place.clone(), version.to_owned());
        }
    }
    places
}

/// `bun.lock`: JSON with trailing commas, `"next": ["next@15.0.0", …]`.
fn bun(text: &str) -> FxHashMap<String, String> {
    let value: Value = jsonc_parser::parse_to_serde_value(text, &ParseOptions::default()).unwrap_or_default();
    let mut packages = FxHashMap::default();
    for (name, entry) in value["packages"].as_object().into_iter().flatten() {
        let version = entry[0].as_str().and_then(|resolved| Some(resolved.rsplit_once('@')?.1));
        if let Some(version) = version {
            packages.insert(name.clone(), version.to_owned());
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Importer<'_> = Importer { folder: "", name: Some("root") };
    const WEB: Importer<'_> = Importer { folder: "apps/web", name: Some("web") };

    fn version(lockfile: &Lockfile, importer: Importer<'_>, name: &str, range: &str) -> Option<String> {
        lockfile.version(importer, name, range).map(str::to_owned)
    }

    #[test]
    fn npm_gives_the_nearest_place_and_follows_links() {
        let lockfile = Lockfile::Npm(npm(r#"{"lockfileVersion":3,"packages":{
                "":{"name":"root"},
                "node_modules/next":{"version":"15.1.0"},
                "apps/web/node_modules/next":{"version":"16.0.1"},
                "node_modules/@acme/db":{"resolved":"packages/db","link":true},
                "packages/db":{"version":"0.3.0"}}}"#));
        assert_eq!(version(&lockfile, ROOT, "next", "*").as_deref(), Some("15.1.0"));
        assert_eq!(version(&lockfile, WEB, "next", "*").as_deref(), Some("16.0.1"));
        assert_eq!(version(&lockfile, WEB, "@acme/db", "*").as_deref(), Some("0.3.0"));
        assert_eq!(version(&lockfile, WEB, "react", "*"), None);
        let old =
            Lockfile::Npm(npm(r#"{"lockfileVersion":1,"dependencies":{"express":{"version":"4.18.2"}}}"#));
        assert_eq!(version(&old, ROOT, "express", "^4").as_deref(), Some("4.18.2"));
    }

    #[test]
    fn bun_gives_the_importers_own_before_the_shared_one() {
        let lockfile = Lockfile::Bun(bun(r#"{ "lockfileVersion": 1, // text
                "packages": {
                  "next": ["next@15.1.0", "", {}, "sha512-x"],
                  "web/next": ["next@16.0.1", "", {}, "sha512-x"],
                  "@prisma/client": ["@prisma/client@7.0.0", "", {}, "sha512-x"],
                } }"#));
        assert_eq!(version(&lockfile, ROOT, "next", "").as_deref(), Some("15.1.0"));
        assert_eq!(version(&lockfile, WEB, "next", "").as_deref(), Some("16.0.1"));
        assert_eq!(version(&lockfile, WEB, "@prisma/client", "").as_deref(), Some("7.0.0"));
    }

    #[test]
    fn broken_lockfiles_know_nothing() {
        for text in ["", "{", "[]", "packages: 3", "\u{0}", "importers:\n  .:\n    dependencies:\n      - x"]
        {
            for lockfile in [
                Lockfile::Npm(npm(text)),
                Lockfile::Pnpm(pnpm::read(text)),
                Lockfile::Yarn(yarn::read(text)),
                Lockfile::Bun(bun(text)),
            ] {
                assert_eq!(lockfile.version(ROOT, "next", "15"), None, "{text}");
            }
        }
    }
}
