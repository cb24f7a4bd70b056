//! Where a package will run, with the evidence.

use std::sync::Arc;

use routewise_analysis::package::{Evidence, NextProject, Target};
use routewise_analysis::path::FilePath;
use routewise_analysis::tables::{Kind, Targets};

use crate::folders::Folder;
use crate::paths::relative;
use crate::problem::{Problem, meant};
use crate::{Options, Workspace};

mod files;
mod scripts;

/// Every target there is, by id.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    Targets::builtin().all().iter().map(|target| &*target.id)
}

/// Whether `name` is a target; the error says what to write instead.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if known().any(|id| id == name) {
        return Ok(());
    }
    let remedy = match meant(name, known()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there are {}.", known().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
    };
    Err(format!("Unknown target `{name}`: {remedy}"))
}

/// A target that someone set, which wins over everything detected.
#[derive(Debug)]
pub(crate) struct Override {
    id: Arc<str>,
    evidence: Evidence,
}

impl Override {
    /// `--target`, else the editor's setting. An unknown name is reported and not used.
    pub(crate) fn of(
        options: &Options,
        root: Option<&FilePath>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let setting = options.settings.as_ref().and_then(|settings| settings.target.as_ref());
        let (id, text) = match (&options.target, setting) {
            (Some(id), _) => (id, format!("--target {id}")),
            (None, Some(id)) => (id, "\"target\" in the editor's settings".to_owned()),
            (None, None) => return None,
        };
        if let Err(message) = check_name(id) {
            problems.push(Problem::whole(root.cloned().unwrap_or_else(|| FilePath::new("/")), message));
            return None;
        }
        Some(Self { id: id.as_str().into(), evidence: Evidence { text, path: None } })
    }
}

/// One sign of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    id: &'static str,
    evidence: Evidence,
}

/// Where the package in `folder` runs.
pub(crate) fn of(workspace: &Workspace, folder: &Folder, next: Option<&NextProject>) -> Target {
    if let Some(set) = &workspace.target {
        return Target { id: set.id.clone(), evidence: vec![set.evidence.clone()], also: Vec::new() };
    }
    if let Some((scope, id)) = folder.scope.as_ref().and_then(|scope| scope.target()) {
        let text = format!("\"target\" in {}", relative(&folder.path, &scope.file));
        let evidence = Evidence { text, path: Some(scope.file.clone()) };
        return Target { id: id.into(), evidence: vec![evidence], also: Vec::new() };
    }
    let own = files::signs(folder, folder);
    let further_up =
        || folder.chain().skip(1).map(|above| files::signs(above, folder)).find(|signs| !signs.is_empty());
    let exported = scripts::output(folder, next, "export", "static-export");
    let process = scripts::process(folder, next);
    let signs = if exported.is_some() || !own.is_empty() {
        // An Express process is started like this wherever it runs.
        let process = process.filter(|sign| sign.id != "express" || own.is_empty());
        [exported.into_iter().collect(), own, process.into_iter().collect()].concat()
    } else if let Some(express) = process.as_ref().filter(|sign| sign.id == "express") {
        // The nearest evidence; what stands further up may be about another package.
        let mut signs = vec![express.clone()];
        signs.extend(further_up().unwrap_or_default());
        return decided("express", signs);
    } else {
        [further_up().unwrap_or_default(), process.into_iter().collect()].concat()
    };
    if signs.is_empty() {
        return match files::weak(folder) {
            weak if weak.is_empty() => Target::default(),
            weak => weigh(weak),
        };
    }
    weigh(signs)
}

/// What the signs say together.
fn weigh(signs: Vec<Sign>) -> Target {
    let mut ids: Vec<&'static str> = Vec::new();
    for sign in &signs {
        if !ids.contains(&sign.id) {
            ids.push(sign.id);
        }
    }
    // Without a server nothing else matters.
    if ids.contains(&"static-export") {
        return decided("static-export", signs);
    }
    let all = ids.clone();
    ids.retain(|id| !all.iter().any(|other| implies(other, id)));
    match ids[..] {
        [only] => decided(only, signs),
        _ => Target {
            id: "unknown".into(),
            evidence: Vec::new(),
            also: signs.into_iter().map(|sign| (sign.id.into(), sign.evidence)).collect(),
        },
    }
}

/// Whether signs of `other` are to be expected where `id` is the target: a host that runs containers has
/// a Dockerfile, a container has a start command.
fn implies(id: &str, other: &str) -> bool {
    let kind = |id: &str| Targets::builtin().get(id).map(|target| target.kind);
    match id {
        "vercel-container" => matches!(other, "vercel" | "docker" | "node"),
        "fly" | "render" | "railway" | "cloud-run" | "azure-swa" if matches!(other, "docker" | "node") => {
            true
        }
        "docker" if other == "node" => true,
        _ => other == "express" && id != "express" && kind(id) == Some(Kind::Persistent),
    }
}

fn decided(id: &'static str, signs: Vec<Sign>) -> Target {
    let (mine, others): (Vec<Sign>, Vec<Sign>) = signs.into_iter().partition(|sign| sign.id == id);
    Target {
        id: id.into(),
        evidence: mine.into_iter().map(|sign| sign.evidence).collect(),
        also: others.into_iter().map(|sign| (sign.id.into(), sign.evidence)).collect(),
    }
}
