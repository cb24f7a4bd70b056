//! What a module specifier means.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use oxc_resolver::{
    ResolveContext, ResolveError, ResolveOptions, ResolverGeneric, TsConfig, TsconfigDiscovery,
};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Resolution;
use rustc_hash::FxHashMap;

use crate::ask;
use crate::folders::{Folder, Folders};
use crate::paths::{Names, child, disk_path, file_path, is_dir, within};
use crate::problem::Problem;
use crate::tsconfig::{self, TsconfigFs};

type Oxc = ResolverGeneric<TsconfigFs>;
type Known = FxHashMap<FilePath, FxHashMap<Box<str>, Resolution>>;

/// Answers what a specifier means, each question once; also that a file is not there is remembered.
pub(crate) struct Resolver {
    oxc: Oxc,
    /// For files whose `tsconfig.json` cannot be used.
    plain: Oxc,
    known: Mutex<Known>,
    /// What a folder has to say of specifiers that mean nothing to `oxc` in one of its files: the same for all of them.
    by_folder: Mutex<Known>,
    roots: Vec<FilePath>,
    names: Names,
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").field("roots", &self.roots).finish_non_exhaustive()
    }
}

fn options() -> ResolveOptions {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let alias = |from: &str, to: &[&str]| (from.to_owned(), words(to));
    ResolveOptions {
        tsconfig: Some(TsconfigDiscovery::Auto),
        condition_names: words(&["node", "import", "require"]),
        extensions: words(&[".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".json"]),
        // TypeScript names the file as it will be called after compilation.
        extension_alias: vec![
            alias(".js", &[".js", ".ts", ".tsx", ".jsx"]),
            alias(".jsx", &[".jsx", ".tsx"]),
            alias(".mjs", &[".mjs", ".mts"]),
            alias(".cjs", &[".cjs", ".cts"]),
        ],
        main_fields: words(&["main", "module"]),
        builtin_modules: true,
        // The result is a function of the files, not of the environment.
        node_path: false,
        ..ResolveOptions::default()
    }
}

impl Resolver {
    pub(crate) fn new(roots: &[FilePath]) -> Self {
        let oxc = Oxc::new(options());
        let plain = oxc.clone_with_options(ResolveOptions { tsconfig: None, ..options() });
        let (roots, names) = (roots.to_vec(), Names::new(roots));
        Self { oxc, plain, known: Mutex::default(), by_folder: Mutex::default(), roots, names }
    }

    /// What `specifier` means in `file`.
    pub(crate) fn resolve(&self, folders: &Folders, file: &FilePath, specifier: &str) -> Resolution {
        once(&self.known, file, specifier, || self.find(folders, file, specifier))
    }

    /// Aliases of `compilerOptions.paths` that stand for folders, most specific first.
    pub(crate) fn aliases(&self, folder: &FilePath) -> Vec<(String, FilePath)> {
        let Some(tsconfig) = own_tsconfig(&self.oxc, folder) else { return Vec::new() };
        let mut aliases: Vec<(String, FilePath)> = Vec::new();
        for (pattern, targets) in tsconfig.compiler_options.paths.iter().flatten() {
            let Some(prefix) = pattern.strip_suffix('*').filter(|prefix| !prefix.is_empty()) else {
                continue;
            };
            let folder = targets.iter().find_map(|target| {
                let folder = target.to_str()?.strip_suffix('*')?;
                file_path(Path::new(folder)).filter(is_dir).map(|path| self.names.named(path))
            });
            // The slash tells `@/lib/` from the beginning of a file name.
            aliases.extend(folder.map(|folder| (prefix.to_owned(), FilePath::new(&format!("{folder}/")))));
        }
        aliases.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        aliases
    }

    /// Reports every `tsconfig.json` of a package that cannot be used.
    pub(crate) fn check(&self, folders: &Folders) {
        for folder in folders.packages() {
            let Some(path) = tsconfig::of_folder(&folder.path) else { continue };
            if let Some(problem) = tsconfig::check(&path) {
                folders.report(problem.aside());
            } else if let Err(error) = self.oxc.resolve_tsconfig(disk_path(&path)) {
                let message = format!("This cannot be used, so its `paths` are not: {error}.");
                folders.report(Problem::whole(path, message).aside());
            }
        }
    }

    fn find(&self, folders: &Folders, file: &FilePath, specifier: &str) -> Resolution {
        if specifier.is_empty() {
            return Resolution::Unresolved;
        }
        if has_scheme(specifier) {
            return Resolution::External;
        }
        let relative = specifier.starts_with('.') || specifier.starts_with('/');
        let folder = folders.of_file(file);
        let mut result = self.oxc.resolve_file(disk_path(file), specifier);
        if result.as_ref().is_err_and(is_tsconfig_error) {
            result = self.plain.resolve(disk_path(&folder.path), specifier);
        }
        match result {
            Ok(found) => self.classify(found.path(), relative),
            Err(ResolveError::Builtin { .. }) => Resolution::External,
            Err(_) if relative => Resolution::Unresolved,
            Err(_) => {
                once(&self.by_folder, &folder.path, specifier, || self.find_from(folders, &folder, specifier))
            }
        }
    }

    /// What a specifier that names no path means in a folder.
    fn find_from(&self, folders: &Folders, folder: &Folder, specifier: &str) -> Resolution {
        // A file that the `tsconfig.json` does not list (a script, a JavaScript file) is bundled with the
        // same aliases as its neighbours.
        let tsconfig = nearest_tsconfig(&self.oxc, folder);
        let result = self.oxc.resolve_with_context(
            disk_path(&folder.path),
            specifier,
            tsconfig.as_deref(),
            &mut ResolveContext::default(),
        );
        match result {
            Ok(found) => self.classify(found.path(), false),
            Err(ResolveError::Builtin { .. }) => Resolution::External,
            Err(_) if is_alias(specifier, tsconfig.as_deref()) => Resolution::Unresolved,
            Err(_) => self.workspace_package(folders, folder, specifier),
        }
    }

    /// Where a file that exists belongs.
    fn classify(&self, found: &Path, relative: bool) -> Resolution {
        let Some(path) = file_path(found) else { return Resolution::Unresolved };
        let path = self.names.named(path);
        // Someone may open a folder of `node_modules`: what counts is how the file is reached from there.
        let inside = self.roots.iter().find_map(|root| path.strip(root)).unwrap_or(path.as_str());
        if inside.split('/').any(|segment| segment == "node_modules") {
            return Resolution::External;
        }
        // A package linked from outside is known by its name only.
        if relative || self.roots.iter().any(|root| within(&path, root)) {
            Resolution::File(path)
        } else {
            Resolution::External
        }
    }

    /// A package that was not found through `node_modules`: one of the workspace, or one that is not
    /// installed.
    fn workspace_package(&self, folders: &Folders, importer: &Folder, specifier: &str) -> Resolution {
        let name = package_name(specifier);
        let linked = importer.chain().filter(|folder| folder.has_modules()).find_map(|folder| {
            let link = child(&folder.path, "node_modules").join(name);
            file_path(&ask::real(&disk_path(&link)).ok()?)
        });
        if let Some(place) = linked {
            // The link is there and what it exports is not: not built yet.
            let installed = place.as_str().contains("/node_modules/");
            return if installed { Resolution::External } else { Resolution::Unresolved };
        }
        // Nothing is installed: what the package manager would link is known by its name.
        let wanted = importer
            .chain()
            .find_map(|folder| folder.manifest.as_ref())
            .is_some_and(|manifest| manifest.depends_on(name));
        let Some(package) = wanted.then(|| folders.package_named(name)).flatten() else {
            return Resolution::External;
        };
        // By its own name where it has `exports`, else by its folder.
        let folder = disk_path(&package.path);
        let inside = format!(".{}", &specifier[name.len()..]);
        let found = self.plain.resolve(&folder, specifier).or_else(|_| self.plain.resolve(&folder, &inside));
        match found {
            Ok(found) => self.classify(found.path(), false),
            Err(_) => Resolution::Unresolved,
        }
    }
}

/// What a specifier means at a place, found once.
fn once(
    known: &Mutex<Known>,
    place: &FilePath,
    specifier: &str,
    find: impl FnOnce() -> Resolution,
) -> Resolution {
    let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(resolution) = known().get(place).and_then(|known| known.get(specifier)) {
        return resolution.clone();
    }
    let resolution = find();
    known().entry(place.clone()).or_default().insert(specifier.into(), resolution.clone());
    resolution
}

/// The `tsconfig.json` (or `jsconfig.json`) in force in a folder, whether it lists the file or not.
fn nearest_tsconfig(oxc: &Oxc, folder: &Folder) -> Option<Arc<TsConfig>> {
    oxc.resolve_tsconfig(disk_path(folder.tsconfig()?)).ok()
}

fn own_tsconfig(oxc: &Oxc, folder: &FilePath) -> Option<Arc<TsConfig>> {
    oxc.resolve_tsconfig(disk_path(&tsconfig::of_folder(folder)?)).ok()
}

/// Whether nothing but a file of the project can be meant.
fn is_alias(specifier: &str, tsconfig: Option<&TsConfig>) -> bool {
    // No package can have such a name.
    if specifier.starts_with('#') || specifier.starts_with("@/") || specifier.starts_with('~') {
        return true;
    }
    let patterns = tsconfig.and_then(|tsconfig| tsconfig.compiler_options.paths.as_ref());
    patterns.into_iter().flatten().any(|(pattern, _)| match pattern.split_once('*') {
        None => pattern == specifier,
        Some(("", "")) => false,
        Some((before, after)) => {
            specifier.len() >= pattern.len() - 1
                && specifier.starts_with(before)
                && specifier.ends_with(after)
        }
    })
}

fn is_tsconfig_error(error: &ResolveError) -> bool {
    matches!(
        error,
        ResolveError::TsconfigLoadFailed { .. }
            | ResolveError::TsconfigNotFound(_)
            | ResolveError::TsconfigSelfReference(_)
            | ResolveError::TsconfigCircularExtend(_)
    )
}

/// Whether a specifier is a URL or names a module of a runtime: `node:fs`, `https://…`, `cloudflare:sockets`.
fn has_scheme(specifier: &str) -> bool {
    specifier.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// `@acme/db` of `@acme/db/client`.
pub(crate) fn package_name(specifier: &str) -> &str {
    let skip = usize::from(specifier.starts_with('@'));
    specifier.match_indices('/').nth(skip).map_or(specifier, |(at, _)| &specifier[..at])
}
