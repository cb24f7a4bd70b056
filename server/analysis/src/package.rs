//! What the disk says of a package, in the form the analysis needs. Filled by the workspace crate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

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
    pub dependencies: BTreeSet<String>,
    /// Set when the package depends on `next` and has an `app` or `pages` folder.
    pub next: Option<NextProject>,
    /// Where the package will run, with the evidence.
    pub target: Target,
    /// `plan` of the configuration, in lower case: the customer's plan with the host, such as `hobby`. It
    /// picks among the rows of a limit; `None` where nobody said.
    pub plan: Option<Arc<str>>,
    /// What the nearest configuration of Vercel says, in the package's folder or one above it, whatever the
    /// target is.
    pub vercel: Option<Vercel>,
    /// How many processes serve the package, where a file of its host says so (`replicas: 3`). `None` where
    /// none does: then the table of hosts knows what is usual.
    pub instances: Option<(Instances, Evidence)>,
    /// Whether a response can be sent in pieces, where a file decides that: on AWS the `wrapper` of OpenNext.
    pub streaming: Option<(bool, Evidence)>,
    /// A file of the host mounts a disk that outlives the container: `volumes` of a compose file.
    pub keeps_files: bool,
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

/// How many processes serve at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Instances {
    /// One.
    One,
    /// More than one, or as many as the load asks for.
    Several,
}

/// The literal parts of `vercel.json`, `vercel.toml` or `vercel.ts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vercel {
    /// The file; its globs are seen from its folder.
    pub path: FilePath,
    /// `fluid`: whether Fluid compute is on. `None` where the file does not say; new projects have it on,
    /// and the dashboard may say otherwise.
    pub fluid: Option<bool>,
    /// `functions`, in the order of the file.
    pub functions: Vec<VercelFunction>,
    /// `crons`: paths that Vercel asks for by the clock.
    pub crons: Vec<VercelCron>,
}

/// One entry of `functions` in a configuration of Vercel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VercelFunction {
    /// The files it is about: `app/api/**/*.ts`.
    pub glob: Pattern,
    /// `maxDuration`.
    pub max_duration: Option<Seconds>,
}

/// A glob of a configuration of Vercel. It is read when it is first needed: most files lie elsewhere, which its beginning
/// says.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    read: OnceLock<Option<GlobMatcher>>,
}

impl Pattern {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means a file, seen from the configuration's folder: by its very name, or as a pattern.
    pub fn is_match(&self, inside: &str) -> bool {
        let glob = self.text.trim_start_matches('/');
        let folder = glob.find(['*', '?', '[', '{', '\\', '!']).map_or(glob, |end| &glob[..end]);
        let read =
            || GlobBuilder::new(glob).literal_separator(true).build().ok().map(|it| it.compile_matcher());
        glob == inside
            || inside.starts_with(folder)
                && self.read.get_or_init(read).as_ref().is_some_and(|it| it.is_match(inside))
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text, read: OnceLock::new() }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One entry of `crons` in a configuration of Vercel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VercelCron {
    /// The path that is asked for: `/api/cleanup`.
    pub path: String,
    /// As crontab writes it: `0 5 * * *`.
    pub schedule: String,
}

/// How long somebody lets a request take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seconds {
    /// So many seconds.
    At(u64),
    /// `"max"`: as long as the plan allows.
    Max,
}

/// What bundles a Next.js app for production.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bundler {
    /// webpack.
    Webpack,
    /// Turbopack.
    Turbopack,
}

/// What of a Next.js project decides which files are routes and how they run.
///
/// A `false`, `None` or empty option is proven to be unset only where `config_known` is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of Next.js that is on or off")]
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
    /// The options are known: there is no configuration file, or it exports an object whose keys all stand in
    /// the text, through no plugin, and the values read here are literals. An option that is not set is then
    /// known to be unset.
    pub config_known: bool,
    /// `trailingSlash: true`.
    pub trailing_slash: bool,
    /// `i18n` is set; it is about the Pages Router.
    pub i18n: bool,
    /// `headers` is set: answers get headers that no handler sets.
    pub headers: bool,
    /// `rewrites` is set: a URL may be served by another path than its own.
    pub rewrites: bool,
    /// `rewrites` and `redirects`: paths that something else than a file may serve, in the order in which Next.js
    /// looks at them. `None` where they do not all stand in the file.
    pub moves: Option<Vec<Move>>,
    /// Something beside Next.js may serve paths of the app: functions in `api` of the root, files in `public/api`,
    /// rewrites of the host.
    pub served_beside: bool,
    /// Files in `public` that may have the URL of a route, from there: `feed.xml`, `api/export.csv`.
    pub public_files: BTreeSet<String>,
    /// `skipProxyUrlNormalize: true`, or `skipMiddlewareUrlNormalize` as it was called up to 15.
    pub skip_proxy_url_normalize: bool,
    /// `experimental.proxyClientMaxBodySize` is set, or `middlewareClientMaxBodySize` as it was called first.
    pub proxy_body_limit: bool,
    /// `experimental.nodeMiddleware: true`, which 15.2 to 15.4 need for `runtime: 'nodejs'` in a middleware.
    pub node_middleware: bool,
    /// `adapterPath` is set: the text of it, as far as it stands in the file, else empty.
    pub adapter_path: Option<String>,
    /// `typescript.ignoreBuildErrors: true`: the build does not look at types.
    pub ignores_type_errors: bool,
    /// The `webpack` function is set.
    pub webpack: bool,
    /// The bundler that every `next build` of the scripts names by an option. See [`Package::bundler`].
    pub build_option: Option<Bundler>,
    /// The file that serves the app in place of `next start`: a script of `package.json` runs it, and it
    /// calls `next(…)` and `getRequestHandler`.
    pub custom_server: Option<FilePath>,
}

/// One entry of `rewrites` or `redirects` in `next.config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What becomes of the request.
    pub kind: MoveKind,
    /// The path that is asked for: `/people/:id`, without the base path.
    pub source: String,
    /// Where it leads, if that stands in the text.
    pub destination: Option<String>,
    /// `has` or `missing` decides as well.
    pub conditional: bool,
}

/// What becomes of a request that the configuration leads elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MoveKind {
    /// Another path answers it.
    Rewrite,
    /// The browser is told to ask for another path.
    Redirect,
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

    /// What `next build` bundles with: what the scripts say, else the default of the version, where that is
    /// known.
    pub fn bundler(&self) -> Option<Bundler> {
        let next = self.next.as_ref()?;
        if self.dependencies.contains("next-rspack") {
            return None;
        }
        next.build_option.or_else(|| {
            let major = self.major("next")?;
            Some(if major >= 16 { Bundler::Turbopack } else { Bundler::Webpack })
        })
    }
}
