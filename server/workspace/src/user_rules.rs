//! Rules of the user's own, and the names of rules in configurations.

use std::collections::BTreeSet;
use std::sync::Arc;

use routewise_analysis::path::FilePath;
use routewise_analysis::rules::{Catalogue, RuleSource};

use crate::ask::{self, Kind, Which};
use crate::folders::Scope;
use crate::paths::{child, disk_path, read_small};
use crate::problem::{Problem, meant};

/// The folder of a root that holds rules.
pub(crate) const FOLDER: &str = ".routewise";

/// Every folder with a `rule.md` below `.routewise` of the roots. Where two roots have a rule of the same
/// id, the first root's is taken.
pub(crate) fn read(roots: &[FilePath]) -> Vec<RuleSource> {
    let mut rules: Vec<RuleSource> = Vec::new();
    for root in roots {
        let base = child(root, FOLDER);
        let mut open = vec![base.clone()];
        while let Some(folder) = open.pop() {
            let entries = ask::entries(&disk_path(&folder), Which::All).unwrap_or_default();
            let inside = entries.iter().filter(|entry| entry.kind == Some(Kind::Folder));
            open.extend(inside.map(|entry| folder.join(&entry.name)));
            if !entries.iter().any(|entry| entry.name == "rule.md") {
                continue;
            }
            let (Some(id), Some(md)) = (folder.strip(&base), read_small(&child(&folder, "rule.md"))) else {
                continue;
            };
            if rules.iter().any(|rule| &*rule.id == id) {
                continue;
            }
            let scm = read_small(&child(&folder, "rule.scm"));
            rules.push(RuleSource { id: id.into(), scm, md, folder: Some(folder.clone()) });
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    rules
}

/// Names that are neither a rule nor a family.
pub(crate) fn check_names(scopes: &[Arc<Scope>], catalogue: &Catalogue) -> Vec<Problem> {
    let mut known: BTreeSet<&str> = BTreeSet::from(["routewise"]);
    for rule in catalogue.rules() {
        known.insert(&rule.id);
        if let Some((family, _)) = rule.id.split_once('/') {
            known.insert(family);
        }
    }
    let mut problems = Vec::new();
    for scope in scopes {
        for key in &scope.rule_keys {
            // The tool's own findings are no rules of the catalogue.
            if known.contains(&*key.name) || key.name.starts_with("routewise/") {
                continue;
            }
            let remedy = match meant(&key.name, known.iter().copied()) {
                Some(id) => format!("did you mean `{id}`?"),
                None => "`routewise rules` lists what there is.".to_owned(),
            };
            let message = format!("Unknown rule `{}`: {remedy}", key.name);
            problems.push(Problem::at(scope.file.clone(), &scope.text, key.span, message));
        }
    }
    problems.sort();
    problems
}
