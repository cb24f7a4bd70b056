//! The decision as Markdown: what fits a pull request.

use std::fmt::Write as _;

use super::answer::{Decision, Fit, Reason, Route, Seen, Verdict};
use super::rule::Value;

/// Routes that are listed one by one.
const MOST: usize = 40;

/// The decision as a document.
pub fn markdown(it: &Decision) -> String {
    let mut out = String::new();
    let verdict = match it.verdict {
        Verdict::Next => "Next.js",
        Verdict::Express => "Express",
        Verdict::Both => "both",
    };
    let _ = writeln!(out, "## Next.js, Express or both: {verdict}\n");
    let _ = writeln!(out, "{}\n", escaped(&it.summary));
    let proof = it.target.evidence.first().map(|seen| format!(" ({})", seen.text)).unwrap_or_default();
    let _ = writeln!(out, "Host: {}{}. {}\n", it.target.name, escaped(&proof), it.elsewhere);
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

fn routes(it: &Decision, out: &mut String) {
    let mut told: Vec<&Route> = it.routes.iter().filter(|route| route.verdict != Fit::Fits).collect();
    told.sort_by_key(|route| std::cmp::Reverse(route.verdict));
    if !told.is_empty() {
        let _ = writeln!(out, "| route | file | | why |\n|---|---|---|---|");
    }
    for route in told.iter().take(MOST) {
        let methods = if route.methods.is_empty() { "\\*".to_owned() } else { route.methods.join(", ") };
        let line = route.range.map(|range| format!(":{}", range.start.line)).unwrap_or_default();
        let mut why: Vec<String> = route.unmet.iter().map(|unmet| unmet.text.clone()).collect();
        if why.is_empty() {
            why = route.findings.iter().map(|found| found.rule.clone()).collect();
            why.dedup();
        }
        let _ = writeln!(
            out,
            "| {methods} `{}` | {}{line} | {} | {} |",
            escaped(&route.url),
            escaped(&route.path),
            route.verdict.phrase(),
            escaped(&why.join("; "))
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
