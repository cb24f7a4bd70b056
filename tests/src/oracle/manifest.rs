//! Small apps, and what the manifests of their builds say: which URLs there are, by which methods, and where the proxy
//! runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::case::{self, Files};
use super::next::Install;
use super::{VERSIONS, react, skeleton};

/// An app with routes of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Its folder.
    #[serde(skip)]
    pub name: String,
    /// What is in it, in a few words.
    pub title: String,
    /// The versions of Next.js that build it: all, unless it says so.
    #[serde(default = "case::all_versions")]
    pub next: Vec<String>,
    #[serde(skip)]
    files: Files,
}

/// What a build says of its routes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// In front of every URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base_path: String,
    /// By URL.
    pub routes: Vec<Built>,
    /// Paths that are served by another one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewrites: Vec<Moved>,
    /// Paths that send the browser elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<Moved>,
    /// Server functions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Built {
    /// `app` or `pages`.
    pub router: String,
    /// What Next.js calls it: its file below the folder of the router.
    pub page: String,
    /// Without the base path.
    pub url: String,
    /// It answers requests itself; else it is a page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handler: bool,
    /// `None` where the build does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
    /// It runs on the edge runtime.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edge: bool,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<u64>,
    /// For which requests the proxy runs.
    #[serde(default, skip_serializing_if = "Covered::is_never")]
    pub proxy: Covered,
}

/// For which requests for a route the proxy runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Covered {
    /// For all.
    Always,
    /// For some.
    Depends,
    /// For none.
    #[default]
    Never,
}

impl Covered {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks in this way")]
    fn is_never(&self) -> bool {
        *self == Self::Never
    }
}

/// A rewrite or a redirect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// What is asked for.
    pub source: String,
    /// What is given.
    pub destination: String,
}

/// A server function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The file, where the version tells.
    pub file: Option<String>,
    /// The name of the export, where the version tells.
    pub name: Option<String>,
}

/// By app and version of Next.js.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifests(pub BTreeMap<String, BTreeMap<String, Manifest>>);

/// Every app, sorted by name.
pub fn all() -> Result<Vec<App>> {
    let folder = super::folder().join("apps");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    names.iter().map(|name| read(&folder.join(name), name).with_context(|| format!("app {name}"))).collect()
}

fn read(folder: &Path, name: &str) -> Result<App> {
    let text = fs::read_to_string(folder.join("app.toml")).context("there is no app.toml")?;
    let mut app: App = toml::from_str(&text)?;
    name.clone_into(&mut app.name);
    app.files = case::files(&folder.join("files"))?;
    if let Ok(text) = fs::read_to_string(folder.join("skeleton.txt")) {
        app.files.extend(skeleton::files(&text));
    }
    for version in &app.next {
        ensure!(react(version).is_some(), "{version} is not among the versions that are asked");
    }
    Ok(app)
}

impl App {
    /// The whole app for one version of Next.js: of `proxy` and `middleware` it has the one that the version calls.
    pub fn files(&self, next: &str) -> Result<Files> {
        let other = if next.starts_with("16.") { "middleware." } else { "proxy." };
        let of_other = |path: &str| {
            path.rsplit('/').next().unwrap_or_default().starts_with(other) && path.matches('/').count() < 2
        };
        let mut files: Files = self.files.clone().into_iter().filter(|(path, _)| !of_other(path)).collect();
        let package = fs::read_to_string(super::folder().join("base/package.json"))?;
        let react = react(next).with_context(|| format!("Next.js {next} is not among those asked"))?;
        files.insert("package.json".to_owned(), package.replace("{next}", next).replace("{react}", react));
        files.entry("next.config.js".to_owned()).or_insert_with(|| "module.exports = {};\n".to_owned());
        Ok(files)
    }

    /// Builds it, and reads its manifests.
    pub fn build(&self, install: &mut Install, next: &str) -> Result<Manifest> {
        let app = install.app(&self.files(next)?)?;
        let (good, lines) = app.build()?;
        if !good {
            bail!("{} is not built by Next.js {next}:\n{}", self.name, lines.join("\n"));
        }
        manifest(app.folder())
    }
}

/// What the build in a folder says.
pub fn manifest(app: &Path) -> Result<Manifest> {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/manifests.cjs");
    let output = Command::new("node").arg(tool).arg(app).env("NODE_ENV", "production").output()?;
    ensure!(
        output.status.success(),
        "the manifests of {} cannot be read: {}",
        app.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

impl Manifests {
    /// Where they lie.
    pub fn path() -> PathBuf {
        super::folder().join("manifests.json")
    }

    /// The committed ones; none if there are none yet.
    pub fn read() -> Result<Self> {
        match fs::read_to_string(Self::path()) {
            Ok(text) => serde_json::from_str(&text).context("tests/oracle/manifests.json"),
            Err(_) => Ok(Self::default()),
        }
    }

    /// Writes them.
    pub fn write(&self) -> Result<()> {
        Ok(fs::write(Self::path(), serde_json::to_string_pretty(self)? + "\n")?)
    }

    /// What one version made of an app.
    pub fn get(&self, app: &str, version: &str) -> Option<&Manifest> {
        self.0.get(app)?.get(version)
    }

    /// Takes in what a version made of an app.
    pub fn set(&mut self, app: &str, version: &str, manifest: Manifest) {
        self.0.entry(app.to_owned()).or_default().insert(version.to_owned(), manifest);
    }

    /// What is recorded of something that does not exist any more.
    pub fn stale(&self, apps: &[App]) -> bool {
        self.0.iter().any(|(name, versions)| {
            let app = apps.iter().find(|app| app.name == *name);
            app.is_none_or(|app| versions.keys().any(|version| !app.next.contains(version)))
        })
    }
}

/// Builds the apps that are asked for, and writes down what their manifests say.
pub fn ask(versions: &[String], names: &[String], missing: bool, say: &dyn Fn(String)) -> Result<()> {
    let apps = all()?;
    for (version, _) in VERSIONS {
        if !versions.is_empty() && !versions.iter().any(|wanted| wanted == version) {
            continue;
        }
        let known = Manifests::read()?;
        let wanted: Vec<&App> = apps
            .iter()
            .filter(|app| app.next.iter().any(|next| next == version))
            .filter(|app| names.is_empty() || names.contains(&app.name))
            .filter(|app| !missing || known.get(&app.name, version).is_none())
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let mut install = Install::new(version)?;
        for app in wanted {
            let manifest = app.build(&mut install, version)?;
            say(format!("{version}: {}, {} routes", app.name, manifest.routes.len()));
            // Read again each time: another run may be asking another version.
            let mut record = Manifests::read()?;
            record.set(&app.name, version, manifest);
            record.write()?;
        }
    }
    Ok(())
}
