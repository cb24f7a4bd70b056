//! What each folder says about the files in it: its package, its configuration, its `.gitignore`. Read
//! when first asked for, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use globset::GlobSet;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Settings;
use rustc_hash::FxHashMap;

use crate::ask::{self, Most};
use crate::config::{Config, Parsed, RuleKey};
use crate::editor::Editor;
use crate::globs;
use crate::manifest::{self, Manifest};
use crate::paths::{above, child, disk_path, is_dir, is_file, read_small, within};
use crate::problem::Problem;
use crate::tsconfig;

/// A configuration that applies to a folder and everything below it.
#[derive(Debug)]
pub(crate) struct Scope {
    /// The file it was read from.
    pub(crate) file: FilePath,
    /// The folder its globs are seen from.
    pub(crate) folder: FilePath,
    pub(crate) config: Config,
    include: Option<GlobSet>,
    exclude: GlobSet,
    /// The rules it names, with the text their places refer to.
    pub(crate) rule_keys: Vec<RuleKey>,
    pub(crate) text: String,
    /// The next one further up, unless this one is the topmost by its own word.
    pub(crate) parent: Option<Arc<Scope>>,
}

impl Scope {
    /// A configuration as it was parsed from `text`.
    pub(crate) fn new(
        file: FilePath,
        folder: FilePath,
        text: String,
        parsed: Parsed,
        parent: Option<Arc<Scope>>,
        problems: &mut Vec<Problem>,
    ) -> Self {
        for issue in parsed.issues {
            problems.push(Problem::at(file.clone(), &text, issue.span, issue.message));
        }
        let parent = parent.filter(|_| parsed.config.root != Some(true));
        let config = parsed.config;
        Self {
            file,
            folder,
            include: config.include.as_deref().map(globs::set),
            exclude: globs::set(&config.exclude),
            config,
            rule_keys: parsed.rule_keys,
            text,
            parent,
        }
    }

    /// This configuration and those further up that it lets through, nearest first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Scope> {
        std::iter::successors(Some(self), |scope| scope.parent.as_deref())
    }

    /// Whether a file or folder is left out.
    pub(crate) fn excludes(&self, path: &FilePath) -> bool {
        self.chain()
            .any(|scope| path.strip(&scope.folder).is_some_and(|relative| scope.exclude.is_match(relative)))
    }

    /// Whether a file is among those the nearest `include` names.
    pub(crate) fn includes(&self, path: &FilePath) -> bool {
        let nearest = self.chain().find_map(|scope| Some((scope, scope.include.as_ref()?)));
        nearest.is_none_or(|(scope, include)| {
            path.strip(&scope.folder).is_some_and(|relative| include.is_match(relative))
        })
    }

    /// The nearest `target`, with the file that sets it.
    pub(crate) fn target(&self) -> Option<(&Scope, &str)> {
        self.chain().find_map(|scope| Some((scope, scope.config.target.as_deref()?)))
    }

    /// The nearest `plan`.
    pub(crate) fn plan(&self) -> Option<&str> {
        self.chain().find_map(|scope| scope.config.plan.as_deref())
    }

    /// Severities of the whole chain, the nearest winning.
    fn settings(&self) -> Settings {
        let mut rules = BTreeMap::new();
        for scope in self.chain() {
            for (name, level) in &scope.config.rules {
                rules.entry(name.clone()).or_insert(level.severity());
            }
        }
        let auth = self.chain().flat_map(|scope| scope.config.auth.iter().cloned()).collect();
        Settings { rules, auth }
    }
}

/// One folder.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: FilePath,
    /// The folder above; `None` at the top of the workspace.
    pub(crate) parent: Option<Arc<Folder>>,
    /// Its own `package.json`.
    pub(crate) manifest: Option<Arc<Manifest>>,
    /// The configuration in force, its own or one from further up.
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) settings: Arc<Settings>,
    ignores: Option<Gitignore>,
    /// The package that starts here, made when first asked for.
    pub(crate) package: OnceLock<Arc<Package>>,
    tsconfig: OnceLock<Option<FilePath>>,
    has_modules: OnceLock<bool>,
}

impl Folder {
    /// This folder and those above, nearest first.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Folder> {
        std::iter::successors(Some(self), |folder| folder.parent.as_deref())
    }

    /// The `tsconfig.json` (or `jsconfig.json`) in force here: its own, or the nearest above.
    pub(crate) fn tsconfig(&self) -> Option<&FilePath> {
        let above = || self.parent.as_ref().and_then(|parent| parent.tsconfig().cloned());
        self.tsconfig.get_or_init(|| tsconfig::of_folder(&self.path).or_else(above)).as_ref()
    }

    /// Whether packages are installed right here.
    pub(crate) fn has_modules(&self) -> bool {
        *self.has_modules.get_or_init(|| is_dir(&child(&self.path, "node_modules")))
    }

    /// Whether some `.gitignore`, this folder's or one further up, leaves out a direct child.
    pub(crate) fn ignores(&self, path: &FilePath, is_dir: bool) -> bool {
        for folder in self.chain() {
            if let Some(ignores) = &folder.ignores {
                let verdict = ignores.matched(path.as_str(), is_dir);
                if !verdict.is_none() {
                    return verdict.is_ignore();
                }
            }
        }
        false
    }
}

/// All folders asked for so far.
#[derive(Debug)]
pub(crate) struct Folders {
    known: RwLock<FxHashMap<FilePath, Arc<Folder>>>,
    /// The topmost folder that has a say, of each root.
    tops: BTreeSet<FilePath>,
    /// The configuration named on the command line, which replaces all others.
    explicit: Option<Arc<Scope>>,
    /// The editor's settings, whose severities win over every file.
    editor: Editor,
    /// The patterns of the editor's settings, seen from each root.
    editor_scopes: Vec<Scope>,
    problems: Mutex<Vec<Problem>>,
}

impl Folders {
    pub(crate) fn new(roots: &[FilePath], explicit: Option<Arc<Scope>>, editor: Editor) -> Self {
        let editor_scope = |root: &FilePath| {
            let parsed = Parsed { config: editor.of(root)?.clone(), ..Parsed::default() };
            Some(Scope::new(root.clone(), root.clone(), String::new(), parsed, None, &mut Vec::new()))
        };
        Self {
            known: RwLock::default(),
            tops: roots.iter().map(top).collect(),
            explicit,
            editor_scopes: roots.iter().filter_map(editor_scope).collect(),
            editor,
            problems: Mutex::default(),
        }
    }

    /// What a folder says.
    pub(crate) fn get(&self, path: &FilePath) -> Arc<Folder> {
        if let Some(folder) = self.cached(path) {
            return folder;
        }
        // From the top down, without recursion: a path may be as deep as it likes.
        let mut missing = vec![path.clone()];
        let mut parent = None;
        while let Some(lowest) = missing.last() {
            if self.is_top(lowest) {
                break;
            }
            let Some(next) = above(lowest) else { break };
            parent = self.cached(&next);
            if parent.is_some() {
                break;
            }
            missing.push(next);
        }
        let mut folder = parent;
        while let Some(path) = missing.pop() {
            let read = Arc::new(self.read(path.clone(), folder));
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            folder = Some(Arc::clone(known.entry(path).or_insert(read)));
        }
        folder.unwrap_or_else(|| Arc::new(self.read(path.clone(), None)))
    }

    /// The folder a file is in.
    pub(crate) fn of_file(&self, file: &FilePath) -> Arc<Folder> {
        self.get(&above(file).unwrap_or_else(|| file.clone()))
    }

    /// Whether the patterns of a configuration leave out a file or folder directly in `folder`.
    pub(crate) fn excludes(&self, folder: &Folder, path: &FilePath) -> bool {
        folder.scope.as_ref().is_some_and(|scope| scope.excludes(path))
            || self.editor_scopes.iter().any(|scope| scope.excludes(path))
    }

    /// Whether a file directly in `folder` is among those that an `include` names.
    pub(crate) fn includes(&self, folder: &Folder, path: &FilePath) -> bool {
        let editor = self.editor_scopes.iter().find(|scope| within(path, &scope.folder));
        folder.scope.as_ref().is_none_or(|scope| scope.includes(path))
            && editor.is_none_or(|scope| scope.includes(path))
    }

    /// What was found wrong since the last call, sorted.
    pub(crate) fn take_problems(&self) -> Vec<Problem> {
        let mut problems = std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner));
        problems.sort();
        problems.dedup();
        problems
    }

    /// The editor's settings for a file or folder.
    pub(crate) fn editor_of(&self, path: &FilePath) -> Option<&Config> {
        self.editor.of(path)
    }

    /// Adds something found wrong elsewhere.
    pub(crate) fn report(&self, problem: Problem) {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
    }

    /// Every configuration read so far, sorted by file.
    pub(crate) fn scopes(&self) -> Vec<Arc<Scope>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut scopes: BTreeMap<FilePath, Arc<Scope>> = BTreeMap::new();
        for folder in known.values().filter_map(|folder| folder.scope.as_ref()) {
            scopes.insert(folder.file.clone(), Arc::clone(folder));
        }
        scopes.into_values().collect()
    }

    /// Every folder with a `package.json` read so far, sorted.
    pub(crate) fn packages(&self) -> Vec<Arc<Folder>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut packages: Vec<_> =
            known.values().filter(|folder| folder.manifest.is_some()).cloned().collect();
        packages.sort_by(|a, b| a.path.cmp(&b.path));
        packages
    }

    /// The package of this name; the first by its folder where several have it.
    pub(crate) fn package_named(&self, name: &str) -> Option<Arc<Folder>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let named = known.values().filter(|folder| {
            folder.manifest.as_ref().is_some_and(|manifest| manifest.name.as_deref() == Some(name))
        });
        named.min_by(|a, b| a.path.cmp(&b.path)).cloned()
    }

    fn cached(&self, path: &FilePath) -> Option<Arc<Folder>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    fn is_top(&self, folder: &FilePath) -> bool {
        if self.tops.contains(folder) {
            return true;
        }
        !self.tops.iter().any(|top| within(folder, top)) && is_repository(folder)
    }

    fn read(&self, path: FilePath, parent: Option<Arc<Folder>>) -> Folder {
        let mut problems = Vec::new();
        let inherited = parent.as_ref().and_then(|parent| parent.scope.clone());
        let read = manifest::read(&path, &mut problems);
        let (manifest, in_manifest) = match read {
            Some(read) => (Some(Arc::new(read.manifest)), read.config),
            None => (None, None),
        };
        let own = match &self.explicit {
            Some(_) => None,
            None => own_scope(&path, in_manifest, inherited.as_ref(), &mut problems),
        };
        let inherited_settings = parent.as_ref().map(|parent| Arc::clone(&parent.settings));
        let changed = own.is_some();
        let scope = own.map(Arc::new).or(inherited).or_else(|| self.explicit.clone());
        let settings = match inherited_settings {
            Some(settings) if !changed && !self.editor.begins_at(&path) => settings,
            _ => {
                let mut settings = scope.as_ref().map(|scope| scope.settings()).unwrap_or_default();
                for (name, level) in self.editor.of(&path).into_iter().flat_map(|editor| &editor.rules) {
                    settings.rules.insert(name.clone(), level.severity());
                }
                Arc::new(settings)
            }
        };
        if !problems.is_empty() {
            self.problems.lock().unwrap_or_else(PoisonError::into_inner).append(&mut problems);
        }
        let ignores = read_ignores(&path);
        Folder {
            path,
            parent,
            manifest,
            scope,
            settings,
            ignores,
            package: OnceLock::new(),
            tsconfig: OnceLock::new(),
            has_modules: OnceLock::new(),
        }
    }
}

/// The configuration that stands in a folder itself.
fn own_scope(
    folder: &FilePath,
    in_manifest: Option<(Parsed, String)>,
    parent: Option<&Arc<Scope>>,
    problems: &mut Vec<Problem>,
) -> Option<Scope> {
    let files = ["routewise.json", "routewise.jsonc"].map(|name| child(folder, name));
    let found: Vec<&FilePath> = files.iter().filter(|file| is_file(file)).collect();
    if let [first, second] = found[..] {
        problems.push(Problem::whole(
            second.clone(),
            format!("{} stands beside it and is used; delete one of the two.", first.file_name()),
        ));
    }
    if let (Some(file), true) = (found.first(), in_manifest.is_some()) {
        problems.push(Problem::whole(
            child(folder, "package.json"),
            format!(
                "`routewise` is not used because {} stands beside it; delete one of the two.",
                file.file_name()
            ),
        ));
    }
    let Some(&file) = found.first() else {
        let (parsed, text) = in_manifest?;
        let file = child(folder, "package.json");
        return Some(Scope::new(file, folder.clone(), text, parsed, parent.cloned(), problems));
    };
    let text = read_small(file).unwrap_or_else(|| {
        problems
            .push(Problem::whole(file.clone(), "This file cannot be read as UTF-8 text; save it as UTF-8."));
        String::new()
    });
    let parsed = crate::config::parse(&text);
    Some(Scope::new(file.clone(), folder.clone(), text, parsed, parent.cloned(), problems))
}

fn read_ignores(folder: &FilePath) -> Option<Gitignore> {
    let file = child(folder, ".gitignore");
    if !is_file(&file) {
        return None;
    }
    let bytes = ask::bytes(&disk_path(&file), Most::Data).ok()?;
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let mut builder = GitignoreBuilder::new(folder.as_str());
    // A line that is not UTF-8 is the end of what is said.
    for line in text.split(|byte| *byte == b'\n').map_while(|line| std::str::from_utf8(line).ok()) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Err(error) = builder.add_line(None, line) {
            // Git passes over such a line too.
            tracing::debug!(%error, "a line of a .gitignore");
        }
    }
    builder.build().ok()
}

/// The topmost folder that has a say about what is in `root`: the repository; without one, the folder
/// whose workspace the root belongs to; without one, the folder of the nearest package; else the root.
fn top(root: &FilePath) -> FilePath {
    let mut package = None;
    let mut workspace = None;
    let mut at = Some(root.clone());
    while let Some(folder) = at {
        if is_repository(&folder) {
            return folder;
        }
        if let Some(read) = manifest::read(&folder, &mut Vec::new()) {
            package = package.or_else(|| Some(folder.clone()));
            if read.manifest.workspaces {
                workspace = Some(folder.clone());
            }
        }
        if is_file(&child(&folder, "pnpm-workspace.yaml")) {
            workspace = Some(folder.clone());
        }
        at = above(&folder);
    }
    workspace.or(package).unwrap_or_else(|| root.clone())
}

/// Whether a repository starts here; a worktree and a submodule have a file of that name.
fn is_repository(folder: &FilePath) -> bool {
    let git = child(folder, ".git");
    is_dir(&git) || is_file(&git)
}
