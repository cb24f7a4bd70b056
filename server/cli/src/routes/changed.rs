//! `routes --changed --since REF`: what a change adds to the routes, removes from them and alters in them.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use routewise_analysis::endpoints::{Changes, Difference, Endpoint, ForPeople, Range, Row, State, changes};
use routewise_analysis::path::FilePath;
use routewise_workspace::Options;
use serde::Serialize;

use super::{Listed, methods};
use crate::args::RoutesFormat;
use crate::before::Before;
use crate::report::relative;

/// The change, for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    schema_version: u32,
    since: String,
    added: Vec<Row<Range>>,
    removed: Vec<Row<Range>>,
    altered: Vec<Altered>,
}

#[derive(Debug, Serialize)]
struct Altered {
    before: Row<Range>,
    after: Row<Range>,
    what: Vec<What>,
}

#[derive(Debug, Serialize)]
struct What {
    key: &'static str,
    before: String,
    after: String,
}

/// Compares the routes that are listed with those of the state before, and prints what differs.
pub(super) fn run(
    now: &Listed<'_>,
    paths: &[PathBuf],
    options: &Options,
    reference: &str,
    format: RoutesFormat,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let then = Before::open(paths, options, reference, &now.session.folder)?;
    let (old_top, top) = then.tops()?;
    let session = &then.session;
    let texts = session.texts(None);
    let listing = super::listing(session, &texts, &then.paths);
    let before = Listed { listing, session, texts: &texts };
    let old_name = |path: &FilePath| relative(&old_top, path);
    let new_name = |path: &FilePath| relative(&top, path);
    let found = changes(
        &State { routes: before.listing.routes.clone(), name: &old_name },
        &State { routes: now.listing.routes.clone(), name: &new_name },
    );
    match format {
        RoutesFormat::Table => table(&before, now, &found, out)?,
        RoutesFormat::Markdown => markdown(&before, now, &found, out)?,
        RoutesFormat::Json => {
            let report = report(&before, now, &found, then.commit());
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
        }
        RoutesFormat::Openapi => anyhow::bail!("--changed is not told as an OpenAPI description"),
    }
    Ok(())
}

fn report(before: &Listed<'_>, now: &Listed<'_>, found: &Changes, commit: &str) -> Report {
    let row = |listed: &Listed<'_>, route: &Endpoint| {
        let name = |path: &FilePath| relative(&listed.session.folder, path);
        Row::new(route, &ForPeople { sources: listed.texts, name: &name })
    };
    let what = |it: &Difference| What { key: it.key, before: it.before.clone(), after: it.after.clone() };
    Report {
        schema_version: 1,
        since: commit.to_owned(),
        added: found.added.iter().map(|route| row(now, route)).collect(),
        removed: found.removed.iter().map(|route| row(before, route)).collect(),
        altered: found
            .altered
            .iter()
            .map(|it| Altered {
                before: row(before, &it.before),
                after: row(now, &it.after),
                what: it.what.iter().map(what).collect(),
            })
            .collect(),
    }
}

/// `auth present → absent`.
fn told(what: &[Difference]) -> String {
    let one = |it: &Difference| format!("{} {} → {}", it.key, it.before, it.after);
    what.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn table(before: &Listed<'_>, now: &Listed<'_>, found: &Changes, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |mark: &str, color: AnsiColor, listed: &Listed<'_>, route: &Endpoint, note: &str| {
        let (style, dim) = (color.on_default(), Style::new().dimmed());
        let head = format!("{mark} {:<9} {}", methods(route), route.url);
        writeln!(out, "{style}{head}{style:#}  {dim}{}{dim:#}{note}", listed.place(route))
    };
    for route in &found.added {
        line("+", AnsiColor::Green, now, route, &format!("  auth {}", route.auth.name()))?;
    }
    for route in &found.removed {
        line("-", AnsiColor::Red, before, route, "")?;
    }
    for it in &found.altered {
        line("~", AnsiColor::Yellow, now, &it.after, &format!("  {}", told(&it.what)))?;
    }
    if is_nothing(found) {
        writeln!(out, "No route is added, removed or altered.")?;
    }
    Ok(())
}

fn markdown(before: &Listed<'_>, now: &Listed<'_>, found: &Changes, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Changed routes")?;
    let head = |title: &str, out: &mut dyn Write| writeln!(out, "\n## {title}\n");
    let name = |route: &Endpoint| format!("{} `{}`", methods(route).replace('*', "\\*"), route.url);
    if !found.added.is_empty() {
        head("Added", out)?;
    }
    for route in &found.added {
        writeln!(out, "- {}: {}, auth {}", name(route), now.place(route), route.auth.name())?;
    }
    if !found.removed.is_empty() {
        head("Removed", out)?;
    }
    for route in &found.removed {
        writeln!(out, "- {}: {}", name(route), before.place(route))?;
    }
    if !found.altered.is_empty() {
        head("Altered", out)?;
    }
    for it in &found.altered {
        writeln!(out, "- {}: {}", name(&it.after), told(&it.what))?;
    }
    if is_nothing(found) {
        writeln!(out, "\nNo route is added, removed or altered.")?;
    }
    Ok(())
}

fn is_nothing(found: &Changes) -> bool {
    found.added.is_empty() && found.removed.is_empty() && found.altered.is_empty()
}
