//! The decision as Markdown: what fits a pull request.

use std::fmt::Write as _;

use super::answer::{Decision, Fit, Reason, Route, Seen};
use super::rule::Value;
use super::since::Since;
use crate::tables::Kind;

/// Routes that are listed one by one.
const MOST: usize = 40;

/// The decision as a document.
pub fn markdown(it: &Decision) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "## Next.js, Express or both: {}\n", it.verdict.phrase());
    let _ = writeln!(out, "{}\n", escaped(&it.summary));
    if let Some(since) = &it.since {
        change(since, &mut out);
    }
    let proof = it.target.evidence.first().map(|seen| format!(" ({})", seen.text)).unwrap_or_default();
    let name = if it.target.kind == Kind::Unknown { "not known" } else { &*it.target.name };
    let _ = writeln!(out, "Host: {name}{}. {}\n", escaped(&proof), it.elsewhere);
    routes(it, &mut out);
    needs(it, &mut out);
    reasons("For a persistent process", &it.reasons.persistent, &mut out);
    reasons("For routes of Next.js", &it.reasons.serverless, &mut out);
    if !it.caveats.is_empty() {
        let _ = writeln!(out, "### To know\n");
        for caveat in &it.caveats {
            let _ = writeln!(out, "- {} ({})", escaped(&caveat.text), caveat.date);
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What is different, before anything else: it is what a review is about.
fn change(since: &Since, out: &mut String) {
    let commit = since.commit.get(..10).unwrap_or(&since.commit);
    let _ = writeln!(out, "**Since `{commit}`**: {}\n", escaped(&since.summary));
    if !since.routes.is_empty() {
        let _ = writeln!(out, "| route | file | change | why |\n|---|---|---|---|");
    }
    for it in since.routes.iter().take(MOST) {
        let _ = writeln!(
            out,
            "| {} `{}` | {} | {} | {} |",
            methods(&it.methods),
            escaped(&it.url),
            escaped(&it.path),
            it.phrase(),
            escaped(it.why.as_deref().unwrap_or_default())
        );
    }
    if since.routes.len() > MOST {
        let _ = writeln!(out, "\nAnd {} more.", since.routes.len() - MOST);
    }
    if !since.routes.is_empty() {
        out.push_str("\n### All routes\n\n");
    }
}

fn methods(methods: &[String]) -> String {
    if methods.is_empty() { "\\*".to_owned() } else { methods.join(", ") }
}

fn routes(it: &Decision, out: &mut String) {
    let mut told: Vec<&Route> = it.routes.iter().filter(|route| route.verdict != Fit::Fits).collect();
    told.sort_by_key(|route| std::cmp::Reverse(route.verdict));
    if !told.is_empty() {
        let _ = writeln!(out, "| route | file | | why |\n|---|---|---|---|");
    }
    for route in told.iter().take(MOST) {
        let methods = methods(&route.methods);
        let line = route.range.map(|range| format!(":{}", range.start.line)).unwrap_or_default();
        let _ = writeln!(
            out,
            "| {methods} `{}` | {}{line} | {} | {} |",
            escaped(&route.url),
            escaped(&route.path),
            route.verdict.phrase(),
            escaped(&route.why().unwrap_or_default())
        );
    }
    if !told.is_empty() {
        out.push('\n');
    }
    if told.len() > MOST {
        let _ = writeln!(out, "And {} more.\n", told.len() - MOST);
    }
    let fit = it.routes.len() - told.len();
    if fit > 0 {
        let _ = writeln!(
            out,
            "{} where they are.\n",
            match fit {
                1 => "1 route is right".to_owned(),
                many => format!("{many} routes are right"),
            }
        );
    }
    for part in it.parts.iter().filter(|part| !part.fits) {
        let _ = writeln!(out, "- {}: {}\n", place(&part.evidence), escaped(&part.text));
    }
}

fn needs(it: &Decision, out: &mut String) {
    let _ = writeln!(out, "| need | | why | seen |\n|---|---|---|---|");
    for (need, needed) in &it.needs.0 {
        let value = match needed.value {
            Value::Yes => "**yes**",
            Value::No => "no",
            Value::Unknown => "unknown",
        };
        let seen: Vec<String> =
            needed.evidence.iter().take(2).map(place).filter(|at| !at.is_empty()).collect();
        let _ =
            writeln!(out, "| {} | {value} | {} | {} |", need.title(), escaped(&needed.why), seen.join(", "));
    }
    out.push('\n');
}

fn reasons(title: &str, reasons: &[Reason], out: &mut String) {
    if reasons.is_empty() {
        return;
    }
    let _ = writeln!(out, "### {title}\n");
    for reason in reasons {
        let seen: Vec<String> =
            reason.evidence.iter().take(2).map(place).filter(|at| !at.is_empty()).collect();
        let seen = if seen.is_empty() { String::new() } else { format!(" ({})", seen.join(", ")) };
        let _ = writeln!(out, "- {}{seen}", escaped(&reason.text));
    }
    out.push('\n');
}

fn place(seen: &Seen) -> String {
    let Some(path) = &seen.path else { return String::new() };
    let line = seen.range.map(|range| format!(":{}", range.start.line)).unwrap_or_default();
    format!("`{path}{line}`")
}

/// A table ends its cells with `|`.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
