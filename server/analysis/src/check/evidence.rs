//! What the conditions of a rule found out on their way: the words of the message and the places that belong
//! to the cause.

use std::collections::BTreeMap;

use super::target_of;
use crate::finding::{Related, Severity};
use crate::package::{Package, Target};
use crate::project::{FileInput, FileNo, Project, Way};
use crate::tables::{TargetInfo, Targets};

/// Collected while the conditions of one match are judged.
pub(crate) struct Evidence<'p> {
    project: &'p Project,
    /// The package whose host counts: that of the entry, where one is known.
    package: &'p Package,
    values: BTreeMap<&'static str, String>,
    pub(crate) related: Vec<Related>,
    /// How much this case of the rule matters, where it is not what `rule.md` says.
    severity: Option<Severity>,
    /// The finding matters no more than this, unless the user says otherwise.
    at_most: Option<Severity>,
}

impl<'p> Evidence<'p> {
    pub(super) fn new(project: &'p Project, input: &'p FileInput) -> Self {
        Self {
            project,
            package: &input.package,
            values: BTreeMap::new(),
            related: Vec::new(),
            severity: None,
            at_most: None,
        }
    }

    pub(super) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.values.entry(name).or_insert_with(|| value.into());
    }

    pub(super) fn relate(&mut self, related: impl IntoIterator<Item = Related>) {
        for place in related {
            if !self.related.contains(&place) {
                self.related.push(place);
            }
        }
    }

    /// This case of the rule matters more, or less, than `rule.md` says. Where the rule is off it stays off, and
    /// what a project sets for the rule wins.
    pub(super) fn weigh(&mut self, severity: Severity) {
        self.severity = Some(severity);
    }

    /// This finding of the rule matters no more than `severity`, whatever the host.
    pub(super) fn at_most(&mut self, severity: Severity) {
        self.at_most = Some(self.at_most.map_or(severity, |so_far| so_far.min(severity)));
    }

    /// How much this case matters, where the rule as such matters that much.
    pub(super) fn weighed(&self, own: Severity) -> Severity {
        let severity = self.severity.unwrap_or(own);
        self.at_most.map_or(severity, |most| severity.min(most))
    }

    /// The request that reaches the place decides on the host.
    pub(super) fn reached(&mut self, way: &Way) {
        self.set("entry", way.label.clone());
        self.set("via", way.clause(self.project, self.package.root.as_ref()));
        self.host(way.entry.0);
        self.relate(way.related(self.project));
    }

    /// The file that holds the entry decides on the host.
    pub(super) fn host(&mut self, file: FileNo) {
        if let Some(input) = self.project.file(file) {
            self.package = &input.package;
        }
    }

    /// The host, as far as it is known.
    pub(super) fn target(&self) -> Option<&'static TargetInfo> {
        target_of(self.package)
    }

    /// The package whose host counts.
    pub(super) fn package(&self) -> &'p Package {
        self.package
    }

    /// What stands for a placeholder.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        match name {
            "target" => Some(target_text(&self.package.target)),
            "via" => Some(self.values.get("via").cloned().unwrap_or_default()),
            _ => self.values.get(name).cloned(),
        }
    }
}

/// The host and what proves it, for a message.
pub(crate) fn target_text(target: &Target) -> String {
    let row = Targets::builtin().get(&target.id);
    match (row, target.evidence.first()) {
        (Some(row), Some(evidence)) if &*row.id != "unknown" => format!("{} ({})", row.name, evidence.text),
        (Some(row), None) if &*row.id != "unknown" => row.name.to_string(),
        _ if target.also.is_empty() => "your host (no deployment file found)".to_owned(),
        _ => {
            // One of each kind is enough to see that they disagree.
            let mut kinds = Vec::new();
            let mut seen = Vec::new();
            for (id, evidence) in &target.also {
                let kind = Targets::builtin().get(id).map(|row| row.kind);
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                    seen.push(evidence.text.as_str());
                }
            }
            format!("your host ({} disagree)", seen.join(" and "))
        }
    }
}
