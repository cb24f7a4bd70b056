//! Where a package will run, with the evidence.

use std::sync::Arc;

use routewise_analysis::package::{Evidence, NextProject, Target};
use routewise_analysis::path::FilePath;
use routewise_analysis::tables::{Kind, Targets};

use crate::Workspace;
use crate::folders::Folder;
use crate::paths::relative;
use crate::problem::{Problem, meant};

mod files;
mod instances;
mod scripts;
mod volumes;

pub(crate) use files::FOLDERS;
pub(crate) use instances::{instances, streaming};
pub(crate) use scripts::{build_option, custom_server, may_be_custom_server, serves_next};
pub(crate) use volumes::keeps_files;

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

/// Whether some host has a plan of this name; the error says what to write instead.
pub(crate) fn check_plan(name: &str) -> Result<(), String> {
    let plans = Targets::builtin().plans();
    if plans.iter().any(|plan| plan == name) {
        return Ok(());
    }
    let all = || plans.iter().map(|plan| format!("`{plan}`")).collect::<Vec<_>>().join(", ");
    let remedy = meant(name, plans.iter().map(String::as_str))
        .map_or_else(|| format!("there are {}.", all()), |known| format!("did you mean `{known}`?"));
    Err(format!("Unknown plan `{name}`: {remedy}"))
}

/// A target that someone set, which wins over everything detected.
#[derive(Debug)]
pub(crate) struct Override {
    id: Arc<str>,
    evidence: Evidence,
}

impl Override {
    /// `--target`. An unknown name is reported and not used.
    pub(crate) fn of(
        target: Option<&str>,
        root: Option<&FilePath>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let id = target?;
        if let Err(message) = check_name(id) {
            problems.push(Problem::whole(root.cloned().unwrap_or_else(|| FilePath::new("/")), message));
            return None;
        }
        Some(Self::new(id, format!("--target {id}")))
    }

    /// What the editor's settings say of a folder.
    fn of_editor(workspace: &Workspace, folder: &Folder) -> Option<Self> {
        let id = workspace.folders.editor_of(&folder.path)?.target.as_deref()?;
        Some(Self::new(id, "\"target\" in the editor's settings".to_owned()))
    }

    fn new(id: &str, text: String) -> Self {
        Self { id: id.into(), evidence: Evidence { text, path: None } }
    }
}

/// One sign of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sign {
    id: &'static str,
    evidence: Evidence,
}

/// Where the package in `folder` runs. What someone set wins; the signs are kept beside it.
pub(crate) fn of(workspace: &Workspace, folder: &Folder, next: Option<&NextProject>) -> Target {
    let detected = detected(folder, next);
    let of_editor = Override::of_editor(workspace, folder);
    let (id, evidence) = if let Some(set) = workspace.target.as_ref().or(of_editor.as_ref()) {
        (Arc::clone(&set.id), set.evidence.clone())
    } else if let Some((scope, id)) = folder.scope.as_ref().and_then(|scope| scope.target()) {
        let text = format!("\"target\" in {}", relative(&folder.path, &scope.file));
        (id.into(), Evidence { text, path: Some(scope.file.clone()) })
    } else {
        return detected;
    };
    let seen = detected.evidence.into_iter().map(|evidence| (Arc::clone(&detected.id), evidence));
    let (mine, also): (Vec<_>, Vec<_>) = seen.chain(detected.also).partition(|(sign, _)| *sign == id);
    let evidence = std::iter::once(evidence).chain(mine.into_iter().map(|(_, evidence)| evidence)).collect();
    Target { id, evidence, also }
}

/// Where the files say that the package in `folder` runs.
fn detected(folder: &Folder, next: Option<&NextProject>) -> Target {
    let mut own = files::signs(folder, folder);
    own.extend(scripts::adapter(folder, next));
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
    Targets::builtin().get(id).is_some_and(|target| {
        target.expects.iter().any(|expected| &**expected == other)
            || other == "express" && id != "express" && target.kind == Kind::Persistent
    })
}

fn decided(id: &'static str, signs: Vec<Sign>) -> Target {
    let (mine, others): (Vec<Sign>, Vec<Sign>) = signs.into_iter().partition(|sign| sign.id == id);
    Target {
        id: id.into(),
        evidence: mine.into_iter().map(|sign| sign.evidence).collect(),
        also: others.into_iter().map(|sign| (sign.id.into(), sign.evidence)).collect(),
    }
}
