//! Where a package will run, with the evidence.

use std::sync::Arc;

use routewise_analysis::package::{Evidence, Target};
use routewise_analysis::path::FilePath;

use crate::folders::Folder;
use crate::paths::relative;
use crate::problem::{Problem, meant};
use crate::{Options, Workspace};

/// Every target there is, by id.
pub(crate) const KNOWN: [&str; 17] = [
    "vercel",
    "vercel-container",
    "netlify",
    "cloudflare",
    "aws-lambda",
    "amplify",
    "cloud-run",
    "firebase",
    "azure-swa",
    "node",
    "docker",
    "railway",
    "render",
    "fly",
    "express",
    "static-export",
    "unknown",
];

/// Whether `name` is a target; the error says what to write instead.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if KNOWN.contains(&name) {
        return Ok(());
    }
    let remedy = match meant(name, KNOWN) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("there are {}.", KNOWN.map(|id| format!("`{id}`")).join(", ")),
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

/// Where the package in `folder` runs.
pub(crate) fn of(workspace: &Workspace, folder: &Folder) -> Target {
    if let Some(set) = &workspace.target {
        return Target { id: set.id.clone(), evidence: vec![set.evidence.clone()], also: Vec::new() };
    }
    if let Some((scope, id)) = folder.scope.as_ref().and_then(|scope| scope.target()) {
        let text = format!("\"target\" in {}", relative(&folder.path, &scope.file));
        let evidence = Evidence { text, path: Some(scope.file.clone()) };
        return Target { id: id.into(), evidence: vec![evidence], also: Vec::new() };
    }
    Target::default()
}
