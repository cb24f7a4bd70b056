//! For people: one table for each package, no wider than the terminal.

use std::io::{self, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style};
use routewise_analysis::endpoints::{Auth, Endpoint, ServerAction};
use routewise_analysis::path::FilePath;

use super::{Listed, action_name, callers, methods};

/// Narrower terminals get lines that are cut here all the same.
const NARROWEST: usize = 40;

/// A row with its title and its cells.
type Titled = (String, Vec<(String, Style)>);

/// Columns of the terminal; `None` where nobody looks.
pub(crate) fn width() -> Option<usize> {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    asked.or_else(|| io::stdout().is_terminal().then(seen).flatten()).map(|width: usize| width.max(NARROWEST))
}

/// Prints every package.
pub(super) fn print(listed: &Listed<'_>, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let listing = &listed.listing;
    if listing.routes.is_empty() && listing.actions.is_empty() {
        return writeln!(out, "No routes found.");
    }
    let rows = listing
        .routes
        .iter()
        .map(|route| (listed.package(route.package.root.as_ref()), cells(listed, route)));
    lines(&rows.collect::<Vec<_>>(), width, out)?;
    let title = |root: Option<&FilePath>| format!("{}: server actions", listed.package(root));
    let actions = listing
        .actions
        .iter()
        .map(|action| (title(action.package.root.as_ref()), action_cells(listed, action)));
    let actions: Vec<_> = actions.collect();
    if !listing.routes.is_empty() && !actions.is_empty() {
        writeln!(out)?;
    }
    lines(&actions, width, out)
}

/// Rows below the titles they belong to.
fn lines(rows: &[Titled], width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let columns = rows.first().map_or(0, |(_, cells)| cells.len());
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|(_, cells)| cells[column].0.chars().count()).max().unwrap_or(0))
        .collect();
    let mut last: Option<&str> = None;
    for (package, cells) in rows {
        if last != Some(package.as_str()) {
            let gap = if last.is_some() { "\n" } else { "" };
            let bold = Style::new().bold();
            writeln!(out, "{gap}{bold}{package}{bold:#}")?;
            last = Some(package);
        }
        line(cells, &widths, width.unwrap_or(usize::MAX), out)?;
    }
    Ok(())
}

fn auth(auth: Auth) -> (String, Style) {
    let (text, style) = match auth {
        Auth::Present => ("auth", AnsiColor::Green.on_default()),
        Auth::Partial => ("auth in part", AnsiColor::Yellow.on_default()),
        Auth::Absent => ("no auth", AnsiColor::Yellow.on_default()),
        Auth::Unknown => ("", Style::new()),
    };
    (text.to_owned(), style)
}

fn action_cells(listed: &Listed<'_>, action: &ServerAction) -> Vec<(String, Style)> {
    let place = listed.line(&action.path, action.span);
    vec![(action_name(action).to_owned(), Style::new()), (place, Style::new().dimmed()), auth(action.auth)]
}

fn cells(listed: &Listed<'_>, route: &Endpoint) -> Vec<(String, Style)> {
    let plain = Style::new();
    let dim = plain.dimmed();
    vec![
        (methods(route), AnsiColor::Cyan.on_default()),
        (route.url.clone(), plain),
        (listed.place(route), dim),
        if route.metadata { (String::new(), plain) } else { auth(route.auth) },
        (callers(route), dim),
        (route.middleware.join(", "), dim),
    ]
}

/// One line, cut where the terminal ends. Columns that hold nothing in any line take no room.
fn line(cells: &[(String, Style)], widths: &[usize], most: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut room = most;
    let last = cells.iter().rposition(|(text, _)| !text.is_empty()).unwrap_or(0);
    for (column, (text, style)) in cells.iter().enumerate().take(last + 1) {
        if widths[column] == 0 || room <= 2 {
            continue;
        }
        room -= 2;
        let length = text.chars().count();
        let shown = if length > room {
            let cut: String = text.chars().take(room.saturating_sub(1)).collect();
            format!("{cut}…")
        } else {
            text.clone()
        };
        let gap = if column == last {
            0
        } else {
            widths[column].saturating_sub(length).min(room.saturating_sub(length))
        };
        write!(out, "  {style}{shown}{style:#}{:gap$}", "")?;
        room = room.saturating_sub(shown.chars().count() + gap);
    }
    writeln!(out)
}
