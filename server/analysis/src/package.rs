//! What the disk says of a package, in the form the analysis needs. Filled by the workspace crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::path::FilePath;

/// A package: the nearest folder with a `package.json` above a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// The folder; `None` for a file that no package holds.
    pub root: Option<FilePath>,
    /// `name` of `package.json`.
    pub name: Option<String>,
    /// Versions of the packages that rules ask about, by name; absent where unknown.
    pub versions: BTreeMap<String, Version>,
    /// Every name under `dependencies`, `devDependencies`, `peerDependencies`, `optionalDependencies`.
    pub dependencies: std::collections::BTreeSet<String>,
    /// Set when the package depends on `next` and has an `app` or `pages` folder.
    pub next: Option<NextProject>,
    /// Where the package will run, with the evidence.
    pub target: Target,
    /// `"type": "module"`: `.js` files are ES modules.
    pub es_modules: bool,
    /// TypeScript is in use (a `tsconfig.json` or the dependency): new files get `.ts`.
    pub typescript: bool,
    /// `generator` outputs of every `schema.prisma`, absolute folders.
    pub prisma_outputs: Vec<FilePath>,
    /// Import aliases that reach folders of this package, such as (`@/`, `/srv/app/src/`): text before
    /// the `*` and the folder it stands for, most specific first.
    pub aliases: Vec<(String, FilePath)>,
}

/// A version of an installed or wanted package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `16`.
    pub major: u64,
    /// `4`.
    pub minor: u64,
    /// `6`.
    pub patch: u64,
    /// Where it was read.
    pub source: VersionSource,
}

/// Where a version was read, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionSource {
    /// `node_modules/<name>/package.json`.
    Installed,
    /// A lockfile.
    Lockfile,
    /// The lower bound of the range in `package.json`.
    Range,
}

/// What of a Next.js project decides which files are routes and how they run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextProject {
    /// `<root>/app` or `<root>/src/app`, where it exists.
    pub app_dir: Option<FilePath>,
    /// `<root>/pages` or `<root>/src/pages`, where it exists.
    pub pages_dir: Option<FilePath>,
    /// `pageExtensions`, default `tsx, ts, jsx, js`; no leading dots.
    pub page_extensions: Vec<String>,
    /// `basePath`, empty or `/docs`.
    pub base_path: String,
    /// `output`: `standalone`, `export`.
    pub output: Option<String>,
    /// `cacheComponents: true`.
    pub cache_components: bool,
    /// The configuration file, where there is one.
    pub config: Option<FilePath>,
}

/// Where a package will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A row of `queries/targets.toml`, such as `vercel`; `unknown` where nothing proves one.
    pub id: Arc<str>,
    /// What proves it, best first: `vercel.json`, `"target" in routewise.json`, `--target`.
    pub evidence: Vec<Evidence>,
    /// Other targets that are proven too (a Dockerfile beside a `vercel.json`).
    pub also: Vec<(Arc<str>, Evidence)>,
}

/// One thing seen that proves something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Short, for a message: `vercel.json`, `"start": "node server.js" in package.json`.
    pub text: String,
    /// The file it was seen in.
    pub path: Option<FilePath>,
}

impl Default for Target {
    fn default() -> Self {
        Self { id: "unknown".into(), evidence: Vec::new(), also: Vec::new() }
    }
}

impl Package {
    /// The major version of `name`, where known.
    pub fn major(&self, name: &str) -> Option<u64> {
        self.versions.get(name).map(|version| version.major)
    }
}
