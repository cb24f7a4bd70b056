//! `rules` and `explain`.

use std::io::{self, Write};

use routewise_analysis::finding::{Safety, Severity};
use routewise_analysis::rules::{Catalogue, Rule};
use serde_json::json;

use crate::args::ListFormat;
use crate::report::level;

/// The kinds of target that a rule gives a level for, as columns of the table.
const KINDS: [&str; 5] = ["serverless", "persistent", "edge", "static", "unknown"];

/// Where a rule is described; nowhere for a user's own rule.
pub(crate) fn url(rule: &Rule) -> Option<String> {
    Catalogue::builtin().rule(&rule.id)?;
    Some(format!("{}/blob/main/queries/{}/rule.md", env!("CARGO_PKG_REPOSITORY"), rule.id))
}

/// The rule that somebody means: by id, or by the part behind the `/` where that is unique.
///
/// # Errors
/// With what to say when there is none.
pub(crate) fn find<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Rule, String> {
    if let Some(rule) = catalogue.rule(name) {
        return Ok(rule);
    }
    let short = |rule: &&Rule| rule.id.rsplit('/').next() == Some(name);
    let mut by_short_name = catalogue.rules().iter().filter(short);
    if let (Some(rule), None) = (by_short_name.next(), by_short_name.next()) {
        return Ok(rule);
    }
    let ids: Vec<&str> = catalogue.rules().iter().map(|rule| &*rule.id).collect();
    let near = similar::get_close_matches(name, &ids, 3, 0.6);
    let hint = if near.is_empty() {
        "`routewise rules` lists them all".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    Err(format!("there is no rule {name}; {hint}"))
}

/// Prints every rule.
pub(crate) fn list(catalogue: &Catalogue, format: ListFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ListFormat::Table => table(catalogue, out),
        ListFormat::Json => {
            let rules: Vec<_> = catalogue.rules().iter().map(value).collect();
            serde_json::to_writer_pretty(&mut *out, &json!({ "schemaVersion": 1, "rules": rules }))?;
            writeln!(out)
        }
    }
}

fn value(rule: &Rule) -> serde_json::Value {
    let fixes: Vec<_> =
        rule.fixes.iter().map(|fix| json!({ "title": fix.heading(), "safety": fix.safety })).collect();
    json!({
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "fixes": fixes,
        "url": url(rule),
    })
}

fn table(catalogue: &Catalogue, out: &mut dyn Write) -> io::Result<()> {
    let mut rows =
        vec![["rule", "fix"].into_iter().chain(KINDS).chain(["title"]).map(str::to_owned).collect()];
    rows.extend(catalogue.rules().iter().map(row));
    let columns = KINDS.len() + 3;
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row: &Vec<String>| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

fn row(rule: &Rule) -> Vec<String> {
    let fix = match rule.fixes.iter().map(|fix| fix.safety).collect::<Vec<_>>().as_slice() {
        [] => "-",
        all if all.contains(&Safety::Safe) => "safe",
        _ => "unsafe",
    };
    let mut row = vec![rule.id.to_string(), fix.to_owned()];
    row.extend(KINDS.map(|kind| {
        let severity: Option<Severity> = rule.severity.get(kind).copied().flatten();
        severity.map_or("-", level).to_owned()
    }));
    row.push(rule.title.clone());
    row
}
