//! Comments that silence a rule, and those that silence nothing.

use std::collections::BTreeSet;

use compact_str::CompactString;

use crate::finding::{Finding, Severity};
use crate::project::{FileInput, Project};
use crate::text::Span;

/// The id under which an unused suppression is reported.
pub(crate) const UNUSED: &str = "routewise/unused-suppression";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    NextLine,
    Line,
    /// From here to `routewise-enable` or the end of the file.
    Rest,
    /// Ends the one before.
    Enable,
}

#[derive(Debug)]
struct Directive {
    comment: Span,
    reach: Reach,
    /// Rule ids or families; empty: every rule.
    rules: Vec<CompactString>,
    /// The bytes whose findings it silences.
    covers: Span,
    used: BTreeSet<usize>,
    used_at_all: bool,
}

/// Reads `routewise-disable-next-line clients/a, clients/b -- why` out of a comment.
fn parse(comment: &str) -> Option<(Reach, Vec<CompactString>)> {
    let at = comment.find("routewise-")?;
    let body = comment[at + "routewise-".len()..].trim_end_matches("*/").trim_end_matches('}');
    let body = body.split(" -- ").next().unwrap_or_default();
    let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
    let reach = match word {
        "disable-next-line" => Reach::NextLine,
        "disable-line" => Reach::Line,
        "disable" => Reach::Rest,
        "enable" => Reach::Enable,
        _ => return None,
    };
    let rules = rest
        .split([',', ' ', '\t', '\n', '\r'])
        .map(str::trim)
        .filter(|rule| !rule.is_empty() && *rule != "--")
        .map(CompactString::from)
        .collect();
    Some((reach, rules))
}

fn directives(input: &FileInput) -> Vec<Directive> {
    let facts = &input.facts;
    let Some(lines) = &facts.lines else { return Vec::new() };
    let mut out: Vec<Directive> = Vec::new();
    for (number, chunk) in facts.chunks.iter().enumerate() {
        for (at, text) in &chunk.facts.comments {
            let Some((reach, rules)) = parse(text) else { continue };
            let comment = facts.span(number as u32, *at);
            let line = lines.line_of(comment.end.saturating_sub(1));
            let covers = match reach {
                Reach::NextLine => Span::new(lines.start_of(line + 1), lines.start_of(line + 2)),
                Reach::Line => Span::new(lines.start_of(line), lines.start_of(line + 1)),
                Reach::Rest | Reach::Enable => Span::new(comment.end, u32::MAX),
            };
            if reach == Reach::Enable {
                for open in out.iter_mut().filter(|open| {
                    open.reach == Reach::Rest
                        && open.covers.end == u32::MAX
                        && (rules.is_empty() || open.rules.iter().any(|rule| rules.contains(rule)))
                }) {
                    open.covers.end = comment.start;
                }
                continue;
            }
            out.push(Directive { comment, reach, rules, covers, used: BTreeSet::new(), used_at_all: false });
        }
    }
    out
}

/// Takes the silenced findings out and adds those about comments that silence nothing.
pub(super) fn apply(project: &Project, input: &FileInput, findings: Vec<Finding>) -> Vec<Finding> {
    let mut directives = directives(input);
    if directives.is_empty() {
        return findings;
    }
    let mut kept: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| {
            let mut silenced = false;
            for directive in &mut directives {
                let inside =
                    directive.covers.start <= finding.span.start && finding.span.start < directive.covers.end;
                if !inside {
                    continue;
                }
                let named = directive.rules.iter().position(|rule| {
                    *rule == *finding.rule || finding.rule.split('/').next() == Some(rule.as_str())
                });
                if directive.rules.is_empty() || named.is_some() {
                    silenced = true;
                    directive.used_at_all = true;
                    directive.used.extend(named);
                }
            }
            !silenced
        })
        .collect();
    // A finding that needs the whole project may still come.
    if project.is_complete() {
        kept.extend(directives.iter().filter_map(|directive| unused(project, input, directive)));
        kept.sort_by(|a, b| (a.span, &a.rule).cmp(&(b.span, &b.rule)));
    }
    kept
}

fn unused(project: &Project, input: &FileInput, directive: &Directive) -> Option<Finding> {
    let idle: Vec<&CompactString> = directive
        .rules
        .iter()
        .enumerate()
        .filter(|(number, _)| !directive.used.contains(number))
        .map(|(_, rule)| rule)
        .collect();
    if directive.used_at_all && idle.is_empty() {
        return None;
    }
    let known = |rule: &str| {
        project.catalogue().rules().iter().any(|it| *it.id == *rule || it.id.split('/').next() == Some(rule))
    };
    let what = match idle.iter().find(|rule| !known(rule)) {
        Some(unknown) => format!("`{unknown}` is no rule of Routewise; remove it or correct its name."),
        None if idle.is_empty() => "This comment silences nothing; remove it.".to_owned(),
        None => {
            let names: Vec<String> = idle.iter().map(|rule| format!("`{rule}`")).collect();
            format!("This comment silences nothing of {}; remove it.", names.join(", "))
        }
    };
    Some(Finding {
        rule: UNUSED.into(),
        severity: Severity::Warning,
        path: input.path.clone(),
        span: directive.comment,
        message: what,
        related: Vec::new(),
        unnecessary: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_read_with_rules_and_reason() {
        let read = |text| parse(text).map(|(reach, rules)| (reach, rules.join(" ")));
        assert_eq!(
            read("// routewise-disable-next-line clients/a, state -- shared on purpose"),
            Some((Reach::NextLine, "clients/a state".to_owned()))
        );
        assert_eq!(read("/* routewise-disable clients */"), Some((Reach::Rest, "clients".to_owned())));
        assert_eq!(read("// routewise-enable"), Some((Reach::Enable, String::new())));
        assert_eq!(read("// routewise-something clients"), None);
    }
}
