//! The cases: what is planted where, what is asked of it, and what a right answer would be.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use super::VERSIONS;

/// Path below the app and text.
pub type Files = BTreeMap<String, String>;

/// One planted defect and its healthy twin.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its folder.
    #[serde(skip)]
    pub name: String,
    /// What is wrong in it, in a few words.
    pub title: String,
    /// The rule that has to find it.
    pub rule: String,
    /// The file with the defect.
    pub file: String,
    /// The versions of Next.js that it is judged by: all, unless it says so.
    #[serde(default = "all_versions")]
    pub next: Vec<String>,
    /// What Next.js prints where it builds the app but warns.
    pub warns: Option<String>,
    /// A script to start instead of `next start`, by twin.
    #[serde(default)]
    pub start: BTreeMap<String, String>,
    /// Built again in every run of the tests, though it needs a build of its own.
    #[serde(default)]
    pub always: bool,
    /// Versions (or `good` and a version) in which Routewise says something else, and why.
    #[serde(default)]
    pub disagrees: BTreeMap<String, String>,
    /// What is asked of both twins.
    #[serde(default, rename = "request")]
    pub requests: Vec<Request>,
    #[serde(skip)]
    bad: Files,
    #[serde(skip)]
    good: Files,
}

/// A request, and the answer that the author of such code wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Method and path.
    pub send: String,
    /// Its headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Its body.
    #[serde(default)]
    pub body: String,
    /// The client goes away after the first bytes of the answer.
    #[serde(default)]
    pub leave: bool,
    /// What a working handler answers.
    pub wanted: Wanted,
}

/// The answer that the author of a handler wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Its status.
    pub status: u16,
    /// Something that its body contains.
    #[serde(default)]
    pub body: String,
    /// Its headers; one that is empty here must be missing.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// The app with the defect, or the one without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Twin {
    /// With the defect.
    Bad,
    /// Without.
    Good,
}

impl Twin {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bad, Self::Good];

    /// Its name in the record and in the folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
        }
    }
}

impl fmt::Display for Twin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

pub(super) fn all_versions() -> Vec<String> {
    VERSIONS.iter().map(|(version, _)| (*version).to_owned()).collect()
}

/// Every case, sorted by name.
pub fn all() -> Result<Vec<Case>> {
    let folder = super::folder().join("cases");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    names.iter().map(|name| read(&folder.join(name), name).with_context(|| format!("case {name}"))).collect()
}

fn read(folder: &Path, name: &str) -> Result<Case> {
    let text = fs::read_to_string(folder.join("case.toml")).context("there is no case.toml")?;
    let mut case: Case = toml::from_str(&text)?;
    name.clone_into(&mut case.name);
    let both = files(&folder.join("both"))?;
    for twin in Twin::ALL {
        let own = files(&folder.join(twin.name()))?;
        ensure!(!own.is_empty(), "the folder {twin} has no files");
        let all: Files = both.clone().into_iter().chain(own).collect();
        match twin {
            Twin::Bad => case.bad = all,
            Twin::Good => case.good = all,
        }
    }
    ensure!(case.bad.contains_key(&case.file), "{} is not among the files of bad", case.file);
    for version in &case.next {
        ensure!(super::react(version).is_some(), "{version} is not among the versions that are asked");
    }
    Ok(case)
}

/// The files below a folder, which may be missing.
pub(super) fn files(folder: &Path) -> Result<Files> {
    let mut found = Files::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        if !next.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let short = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
                found.insert(short, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(found)
}

impl Case {
    /// The files that one twin adds to the base app.
    pub fn files(&self, twin: Twin) -> &Files {
        match twin {
            Twin::Bad => &self.bad,
            Twin::Good => &self.good,
        }
    }

    /// The whole app of one twin, for one version of Next.js.
    pub fn app(&self, twin: Twin, next: &str) -> Result<Files> {
        app(&[self.files(twin)], next)
    }

    /// Whether a twin can share its app with others: it has routes and modules, and nothing that speaks for
    /// the whole app.
    pub fn shares(&self, twin: Twin) -> bool {
        let below = |path: &String| {
            let name = path.rsplit('/').next().unwrap_or_default();
            ["app/api/", "pages/api/", "lib/"].iter().any(|own| path.starts_with(own))
                && !["middleware.", "proxy."].iter().any(|own| name.starts_with(own))
        };
        self.start.is_empty()
            && (twin == Twin::Good || self.warns.is_none())
            && self.files(twin).keys().all(below)
    }

    /// Whether a twin has files in TypeScript.
    pub fn typed(&self, twin: Twin) -> bool {
        typed(self.files(twin))
    }

    /// The routes that a twin adds, as Next.js names them in its messages: `api/users`.
    pub fn routes(&self, twin: Twin) -> impl Iterator<Item = &str> {
        self.files(twin).keys().filter_map(|path| {
            let path = path.strip_prefix("app/").or_else(|| path.strip_prefix("pages/"))?;
            let mut slashes = path.match_indices('/').map(|(at, _)| at);
            // The folder below `api`: what lies deeper belongs to the same case.
            slashes.next()?;
            path.get(..slashes.next().or_else(|| path.rfind('.'))?)
        })
    }
}

fn typed(files: &Files) -> bool {
    files.keys().any(|path| matches!(path.rsplit('.').next(), Some("ts" | "tsx")))
}

/// The base app with files of cases, for one version of Next.js.
pub fn app(parts: &[&Files], next: &str) -> Result<Files> {
    let react = super::react(next).with_context(|| format!("Next.js {next} is not among those asked"))?;
    let mut app = files(&super::folder().join("base"))?;
    for part in parts {
        app.extend(part.iter().map(|(path, text)| (path.clone(), text.clone())));
    }
    // A case in `src` moves the whole app there.
    if app.keys().any(|path| path.starts_with("src/app/")) {
        let moved = |path: String| if path.starts_with("app/") { format!("src/{path}") } else { path };
        let bases = files(&super::folder().join("base"))?;
        app = app
            .into_iter()
            .map(|(path, text)| if bases.contains_key(&path) { (moved(path), text) } else { (path, text) })
            .collect();
    }
    // One of the two: Next.js checks types where there is a file in TypeScript.
    app.remove(if typed(&app) { "jsconfig.json" } else { "tsconfig.json" });
    if let Some(package) = app.get_mut("package.json") {
        *package = package.replace("{next}", next).replace("{react}", react);
    }
    Ok(app)
}
