//! Rules over facts: the matches of a file become findings where their conditions hold.

pub(crate) mod auth;
mod detectors;
mod evidence;
pub(crate) mod express_path;
mod guarded;
pub(crate) mod handlers;
mod needs;
mod options;
mod segments;
mod silent;
mod site;
mod state;
mod suppress;
mod words;
mod writes;

use std::sync::Arc;

pub(crate) use detectors::Place;
pub use detectors::detectors;
pub(crate) use detectors::{asked, nearest, origin_header, proxies, proxy_home, route_home};
pub(crate) use evidence::{Evidence, target_text};
pub(crate) use needs::Need;
pub(crate) use segments::{Problem as SegmentProblem, problem as segment_problem};
pub(crate) use silent::Silent;
pub(crate) use site::{Site, shown};
pub(crate) use suppress::UNUSED;
pub(crate) use words::{
    Dropped, Forms, TABLES as WORDS, forms_at, holder, is_named, same_clients, shared_client, silent_server,
    spoken_version, written_path,
};

use crate::finding::{Finding, Severity};
use crate::package::Package;
use crate::project::{FileInput, FileNo, Lost, Project, Settings, routes};
use crate::rules::{self, Meaning, Rule};
use crate::syntax::Grammar;
use crate::tables::{Kind, TargetInfo, Targets};
use crate::text::Span;
use silent::Again;

/// The row of a package's target.
pub(crate) fn target_of(package: &Package) -> Option<&'static TargetInfo> {
    Targets::builtin().get(&package.target.id)
}

/// What is wrong in a file that somebody works on: asking again costs what has changed.
pub(crate) fn findings(project: &Project, file: FileNo) -> Vec<Finding> {
    let mut again = project.silent().look(project, file);
    let found = findings_with(project, file, &mut again);
    project.silent().note(file, again);
    found
}

/// What is wrong in a file that is one of many: only those that somebody works on are remembered.
pub(crate) fn findings_of_many(project: &Project, file: FileNo) -> Vec<Finding> {
    if project.silent().knows(file) {
        return findings(project, file);
    }
    findings_with(project, file, &mut Again::once())
}

fn findings_with(project: &Project, file: FileNo, again: &mut Again<'_>) -> Vec<Finding> {
    let Some(input) = project.file(file) else { return Vec::new() };
    let mut found = Vec::new();
    // Before the first linking nothing is known of other files.
    // The headers that next.config sets are answers as well.
    let headers = input.package.next.is_some() && input.path.file_name().starts_with("next.config.");
    if project.reach().is_some() && (headers || !routes::is_aside(&input.path, &input.package)) {
        matches(project, file, input, again, &mut found);
        detected(project, file, input, again, &mut found);
    }
    found.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
    found.dedup_by(|a, b| a.span == b.span && a.rule == b.rule);
    suppress::apply(project, input, found)
}

fn matches(
    project: &Project,
    file: FileNo,
    input: &FileInput,
    again: &mut Again<'_>,
    out: &mut Vec<Finding>,
) {
    let catalogue = project.catalogue();
    let compiled = catalogue.compiled(Grammar::of(&input.path));
    let off: Vec<bool> = catalogue.rules().iter().map(|rule| is_off(rule, &input.settings)).collect();
    for (number, chunk) in input.facts.chunks.iter().enumerate() {
        again.matches(chunk, |at| {
            let matched = &chunk.facts.matches[at as usize];
            let Some(pattern) = compiled.patterns.get(matched.pattern as usize) else { return false };
            let Some(rule) = catalogue.rules().get(pattern.rule as usize) else { return false };
            if off[pattern.rule as usize] {
                return false;
            }
            let site = Site { project, file, input, chunk: number as u32, matched };
            match guarded(project, rule, || judge(&site, rule, pattern)) {
                Some(None) => false,
                Some(Some(finding)) => {
                    out.push(finding);
                    true
                }
                None => true,
            }
        });
    }
}

/// Where the conditions of rules hold when those that are named with them are left aside: what the code does, whatever
/// the host and the settings. Each place with the number of its rule in `wanted`.
pub(crate) fn holds(project: &Project, file: FileNo, wanted: &[(&str, &[&str])]) -> Vec<(usize, Span)> {
    let Some(input) = project.file(file) else { return Vec::new() };
    let catalogue = project.catalogue();
    let compiled = catalogue.compiled(Grammar::of(&input.path));
    let wanted_rules: Vec<Option<u32>> = wanted.iter().map(|(id, _)| catalogue.number(id)).collect();
    let mut found = Vec::new();
    for (number, chunk) in input.facts.chunks.iter().enumerate() {
        for matched in &chunk.facts.matches {
            let Some(pattern) = compiled.patterns.get(matched.pattern as usize) else { continue };
            let Some(at) = wanted_rules.iter().position(|it| *it == Some(pattern.rule)) else { continue };
            let Some(rule) = catalogue.rules().get(pattern.rule as usize) else { continue };
            let site = Site { project, file, input, chunk: number as u32, matched };
            let holds = guarded(project, rule, || is_met(&site, pattern, wanted[at].1)).flatten();
            found.extend(holds.map(|span| (at, span)));
        }
    }
    found.sort_by_key(|(rule, span)| (*span, *rule));
    found.dedup();
    found
}

/// The place of a match whose conditions hold, but for some that are left aside.
fn is_met(site: &Site<'_>, pattern: &rules::Pattern, aside: &[&str]) -> Option<Span> {
    let at = site.capture(pattern.at)?;
    let mut evidence = Evidence::new(site.project, site.input);
    let met = pattern.conditions.iter().filter(|it| !aside.contains(&it.word.name)).all(|condition| {
        let Meaning::Project(holds) = condition.word.meaning else { return true };
        holds(site, condition, &mut evidence) != condition.negated
    });
    let span = at.at.shift(site.input.facts.chunks[site.chunk as usize].start);
    (met && !is_half_typed(site.input, span)).then_some(span)
}

/// What the detectors find in a file.
fn detected(
    project: &Project,
    file: FileNo,
    input: &FileInput,
    again: &mut Again<'_>,
    out: &mut Vec<Finding>,
) {
    // What a file is by its place, and what requests call in it.
    let entries = project.links(file).map_or(&[][..], |links| &links.entries);
    let kind = routes::kind(input);
    let applies = |wanted: &str| kind == Some(wanted) || entries.iter().any(|it| it.kind == wanted);
    for (number, rule) in project.catalogue().rules().iter().enumerate() {
        let Some(find) = rule.detect.as_deref().and_then(detectors::find) else { continue };
        let applies = rule.applies.is_empty() || rule.applies.iter().any(|kind| applies(kind));
        if !applies || is_off(rule, &input.settings) {
            continue;
        }
        let whole_file = detectors::Place { project, file, input };
        again.detector(number as u32, || {
            let found = guarded(project, rule, || find(&whole_file));
            let spoke = found.as_ref().is_none_or(|found| !found.is_empty());
            for found in found.into_iter().flatten().filter(|found| !is_half_typed(input, found.at)) {
                out.extend(finding(input, rule, found.at, found.evidence, &|_| None));
            }
            spoke
        });
    }
}

/// Runs a piece of a rule; one that panics costs its own findings only.
fn guarded<T>(project: &Project, rule: &Rule, run: impl FnOnce() -> T) -> Option<T> {
    project.guarded(|| Lost::Rule(Arc::clone(&rule.id)), run)
}

/// Whether a place stands in code that is being typed: nothing is proven there.
fn is_half_typed(input: &FileInput, at: Span) -> bool {
    let Some(number) = input.facts.chunk_at(at.start) else { return false };
    let chunk = &input.facts.chunks[number as usize];
    let facts = &chunk.facts;
    let function = facts.function_at(at.start.saturating_sub(chunk.start));
    let loose_error = |error: &Span| facts.function_at(error.start).is_none();
    facts.is_broken(function) || (function.is_none() && facts.errors.iter().any(loose_error))
}

/// Whether settings leave nothing of a rule on any kind of host.
fn is_off(rule: &Rule, settings: &Settings) -> bool {
    match set_by_hand(rule, settings) {
        Some(set) => set.is_none(),
        None => Kind::ALL.iter().all(|kind| rule.severity_on(*kind).is_none()),
    }
}

/// A match as a finding, where every condition is proven.
fn judge(site: &Site<'_>, rule: &Rule, pattern: &rules::Pattern) -> Option<Finding> {
    let at = site.capture(pattern.at)?;
    let chunk = site.chunk_facts();
    // Rules about what a call makes match every call: nearly all of them end here.
    let makes = |condition: &rules::Condition| condition.word.name == "constructs" && !condition.negated;
    if pattern.conditions.iter().any(makes) && !words::constructs(site, at.at) {
        return None;
    }
    let mut evidence = Evidence::new(site.project, site.input);
    for condition in &pattern.conditions {
        let Meaning::Project(holds) = condition.word.meaning else { continue };
        if holds(site, condition, &mut evidence) == condition.negated {
            return None;
        }
    }
    let start = site.input.facts.chunks[site.chunk as usize].start;
    if is_half_typed(site.input, at.at.shift(start)) {
        return None;
    }
    let span =
        chunk.call_at(at.at).filter(|_| at.multiline).map_or(at.at, |call| chunk.calls[call as usize].head.0);
    // A function that is called where it stands is all head.
    let first_line = at.text.find(['\r', '\n']).map_or(span.end, |length| at.at.start + length as u32);
    let span = if at.multiline { Span::new(span.start, span.end.min(first_line)) } else { span };
    finding(site.input, rule, span.shift(start), evidence, &|name| {
        let mut captures = site.matched.captures.iter();
        let found = captures.find(|it| pattern.capture_name(it.name) == name)?;
        Some(found.text.to_string())
    })
}

/// A finding of a rule at a place, where the rule is on for the host.
fn finding(
    input: &FileInput,
    rule: &Rule,
    span: Span,
    evidence: Evidence<'_>,
    captured: &dyn Fn(&str) -> Option<String>,
) -> Option<Finding> {
    let kind = evidence.target().map_or(Kind::Unknown, |target| target.kind);
    let mut severity = severity(rule, &input.settings, kind)?;
    if set_by_hand(rule, &input.settings).is_none() {
        severity = evidence.weighed(severity);
    }
    let message = rules::fill(&rule.message, |name| {
        evidence.value(name).or_else(|| captured(name).map(|text| on_one_line(&text))).unwrap_or_default()
    });
    // A placeholder at the beginning: "the API route `/api/users`".
    let message = match message.split_once(' ') {
        Some(("the", rest)) => format!("The {rest}"),
        Some(("an", rest)) => format!("An {rest}"),
        _ => message,
    };
    Some(Finding {
        rule: rule.id.clone(),
        severity,
        path: input.path.clone(),
        span,
        message,
        related: evidence.related,
        unnecessary: false,
    })
}

/// Code of several lines as a message quotes it: `fs.readdirSync` of a chain that is broken before the dot.
fn on_one_line(code: &str) -> String {
    code.lines().map(str::trim).collect()
}

/// How much a rule matters under these settings on a kind of host; `None` where it is off.
fn severity(rule: &Rule, settings: &Settings, kind: Kind) -> Option<Severity> {
    match set_by_hand(rule, settings) {
        Some(set) => *set,
        None => rule.severity_on(kind),
    }
}

/// What the settings say of a rule or its family; `None` inside switches it off.
fn set_by_hand<'s>(rule: &Rule, settings: &'s Settings) -> Option<&'s Option<Severity>> {
    let own = settings.rules.get(&*rule.id);
    let family = || rule.id.split_once('/').and_then(|(family, _)| settings.rules.get(family));
    own.or_else(family)
}
