//! Rules over facts: the matches of a file become findings where their conditions hold.

mod evidence;
mod predicates;
mod suppress;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use evidence::{Evidence, target_text};
pub(crate) use predicates::{holder, same_clients, shared_client};
pub(crate) use suppress::UNUSED;

use crate::facts::{ChunkFacts, RuleMatch};
use crate::finding::{Finding, Severity};
use crate::package::Package;
use crate::project::{FileInput, FileNo, Project, Settings, routes};
use crate::rules::{self, Predicate, Rule};
use crate::syntax::Grammar;
use crate::tables::{Kind, TargetInfo, Targets};
use crate::text::Span;

/// A match while it is judged.
pub(crate) struct Site<'p> {
    pub(crate) project: &'p Project,
    pub(crate) file: FileNo,
    pub(crate) input: &'p FileInput,
    pub(crate) chunk: u32,
    pub(crate) matched: &'p RuleMatch,
}

impl<'p> Site<'p> {
    pub(crate) fn chunk_facts(&self) -> &'p ChunkFacts {
        &self.input.facts.chunks[self.chunk as usize].facts
    }

    /// Where a capture stands in its chunk.
    pub(crate) fn capture(&self, name: u32) -> Option<&'p crate::facts::Captured> {
        self.matched.captures.iter().find(|captured| captured.name == name)
    }
}

/// The row of a package's target.
pub(crate) fn target_of(package: &Package) -> Option<&'static TargetInfo> {
    Targets::builtin().get(&package.target.id)
}

/// What is wrong in a file.
pub(crate) fn findings(project: &Project, file: FileNo) -> Vec<Finding> {
    let Some(input) = project.file(file) else { return Vec::new() };
    let mut found = Vec::new();
    if !routes::is_aside(&input.path, &input.package) {
        matches(project, file, input, &mut found);
    }
    found.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
    found.dedup_by(|a, b| a.span == b.span && a.rule == b.rule);
    suppress::apply(project, input, found)
}

fn matches(project: &Project, file: FileNo, input: &FileInput, out: &mut Vec<Finding>) {
    let catalogue = project.catalogue();
    let compiled = catalogue.compiled(Grammar::of(&input.path));
    for (number, chunk) in input.facts.chunks.iter().enumerate() {
        for matched in &chunk.facts.matches {
            let Some(Some(pattern)) = compiled.patterns.get(matched.pattern as usize) else { continue };
            let Some(rule) = catalogue.rules().get(pattern.rule as usize) else { continue };
            let site = Site { project, file, input, chunk: number as u32, matched };
            let judged = catch_unwind(AssertUnwindSafe(|| judge(&site, rule, pattern)));
            match judged {
                Ok(finding) => out.extend(finding),
                Err(panic) => {
                    let what = panic
                        .downcast_ref::<&str>()
                        .map(|text| (*text).to_owned())
                        .or_else(|| panic.downcast_ref::<String>().cloned())
                        .unwrap_or_else(|| "it gave no reason".to_owned());
                    project.note_panic(&rule.id, what);
                }
            }
        }
    }
}

/// A match as a finding, where every condition is proven.
fn judge(site: &Site<'_>, rule: &Rule, pattern: &rules::Pattern) -> Option<Finding> {
    let at = site.capture(pattern.at)?;
    let chunk = site.chunk_facts();
    // Rules about what a call makes match every call: nearly all of them end here.
    let makes =
        |condition: &rules::Condition| condition.predicate == Predicate::Constructs && !condition.negated;
    if pattern.conditions.iter().any(makes) && !predicates::constructs(site, at.at) {
        return None;
    }
    let function = chunk.function_at(at.at.start);
    let loose_error = |error: &Span| chunk.function_at(error.start).is_none();
    if chunk.is_broken(function) || (function.is_none() && chunk.errors.iter().any(loose_error)) {
        return None;
    }
    if severity(rule, &site.input.settings, Kind::Unknown).is_none()
        && Kind::ALL.iter().all(|kind| severity(rule, &site.input.settings, *kind).is_none())
    {
        return None;
    }
    let mut evidence = Evidence::new(site);
    for condition in &pattern.conditions {
        if predicates::holds(site, condition, &mut evidence) == condition.negated {
            return None;
        }
    }
    let kind = evidence.target().map_or(Kind::Unknown, |target| target.kind);
    let severity = severity(rule, &site.input.settings, kind)?;
    let span =
        chunk.call_at(at.at).filter(|_| at.multiline).map_or(at.at, |call| chunk.calls[call as usize].head.0);
    let compiled = site.project.catalogue().compiled(Grammar::of(&site.input.path));
    let message = rules::fill(&rule.message, |name| {
        evidence.value(name).unwrap_or_else(|| {
            let captured =
                site.matched.captures.iter().find(|captured| compiled.capture_name(captured.name) == name);
            captured.map(|captured| captured.text.to_string()).unwrap_or_default()
        })
    });
    Some(Finding {
        rule: rule.id.clone(),
        severity,
        path: site.input.path.clone(),
        span: span.shift(site.input.facts.chunks[site.chunk as usize].start),
        message,
        related: evidence.related,
        unnecessary: false,
    })
}

/// How much a rule matters under these settings on a kind of host; `None` where it is off.
fn severity(rule: &Rule, settings: &Settings, kind: Kind) -> Option<Severity> {
    let own = settings.rules.get(&*rule.id);
    let family = || rule.id.split_once('/').and_then(|(family, _)| settings.rules.get(family));
    match own.or_else(family) {
        Some(set) => *set,
        None => rule.severity_on(kind),
    }
}
