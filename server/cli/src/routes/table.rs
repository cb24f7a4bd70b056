//! For people: one table for each package, no wider than the terminal.

use std::io::{self, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style};
use routewise_analysis::endpoints::{Auth, Endpoint, ServerAction};
use routewise_analysis::package::Package;

use super::{Listed, action_name, callers, methods, passes};

/// Narrower terminals get lines that are cut here all the same.
const NARROWEST: usize = 40;

/// However narrow the terminal is, so much of a column is shown.
const LEAST: usize = 16;

/// What stands in one column of a line.
struct Cell {
    text: String,
    style: Style,
    gives: Gives,
}

/// What is cut off where a line is too long.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// Only what does not fit at all.
    Nothing,
    /// Its end: a URL says most at the start.
    End,
    /// Its start: the name of the file and the line stand at the end.
    Start,
}

impl Cell {
    fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, gives: Gives::Nothing }
    }

    fn giving(self, gives: Gives) -> Self {
        Self { gives, ..self }
    }

    fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// As much of it as has room.
    fn cut(&self, room: usize) -> String {
        let length = self.length();
        if length <= room {
            return self.text.clone();
        }
        let rest = room.saturating_sub(1);
        match self.gives {
            Gives::Start => format!("…{}", self.text.chars().skip(length - rest).collect::<String>()),
            Gives::End | Gives::Nothing => format!("{}…", self.text.chars().take(rest).collect::<String>()),
        }
    }
}

/// A row with its title and its cells.
type Titled = (String, Vec<Cell>);

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
    let rows = listing.routes.iter().map(|route| (listed.title(&route.package), cells(listed, route)));
    lines(&rows.collect::<Vec<_>>(), width, out)?;
    let title = |package: &Package| format!("{}: server actions", listed.title(package));
    let actions = listing.actions.iter().map(|action| (title(&action.package), action_cells(listed, action)));
    let actions: Vec<_> = actions.collect();
    if !listing.routes.is_empty() && !actions.is_empty() {
        writeln!(out)?;
    }
    lines(&actions, width, out)
}

/// Rows below the titles they belong to.
fn lines(rows: &[Titled], width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let most = width.unwrap_or(usize::MAX);
    let widths = widths(rows, most);
    let mut last: Option<&str> = None;
    for (package, cells) in rows {
        if last != Some(package.as_str()) {
            let gap = if last.is_some() { "\n" } else { "" };
            let bold = Style::new().bold();
            writeln!(out, "{gap}{bold}{package}{bold:#}")?;
            last = Some(package);
        }
        line(cells, &widths, most, out)?;
    }
    Ok(())
}

/// How wide each column is. Where a line would be too long, paths give way first, then URLs, so that what stands behind
/// them is seen too.
fn widths(rows: &[Titled], most: usize) -> Vec<usize> {
    let Some((_, first)) = rows.first() else { return Vec::new() };
    let widest = |column: usize| rows.iter().map(|(_, cells)| cells[column].length()).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..first.len()).map(widest).collect();
    for gives in [Gives::Start, Gives::End] {
        for column in (0..first.len()).filter(|column| first[*column].gives == gives) {
            let whole: usize = widths.iter().filter(|width| **width > 0).map(|width| width + 2).sum();
            let over = whole.saturating_sub(most);
            widths[column] -= over.min(widths[column].saturating_sub(LEAST));
        }
    }
    widths
}

fn auth(auth: Auth) -> Cell {
    let (text, style) = match auth {
        Auth::Present => ("auth", AnsiColor::Green.on_default()),
        Auth::Partial => ("auth in part", AnsiColor::Yellow.on_default()),
        Auth::Absent => ("no auth", AnsiColor::Yellow.on_default()),
        Auth::Unknown => ("", Style::new()),
    };
    Cell::new(text, style)
}

fn action_cells(listed: &Listed<'_>, action: &ServerAction) -> Vec<Cell> {
    let place = Cell::new(listed.line(&action.path, action.span), Style::new().dimmed());
    vec![Cell::new(action_name(action), Style::new()), place.giving(Gives::Start), auth(action.auth)]
}

fn cells(listed: &Listed<'_>, route: &Endpoint) -> Vec<Cell> {
    let plain = Style::new();
    let dim = plain.dimmed();
    vec![
        Cell::new(methods(route), AnsiColor::Cyan.on_default()),
        Cell::new(route.url.as_str(), plain).giving(Gives::End),
        Cell::new(listed.place(route), dim).giving(Gives::Start),
        if route.metadata { Cell::new("", plain) } else { auth(route.auth) },
        Cell::new(callers(route), dim),
        Cell::new(passes(route), dim),
    ]
}

/// One line, cut where the terminal ends. Columns that hold nothing in any line take no room.
fn line(cells: &[Cell], widths: &[usize], most: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut room = most;
    // Blanks that stand before something.
    let mut gap = 0;
    for (cell, width) in cells.iter().zip(widths).filter(|(_, width)| **width > 0) {
        if room <= 2 {
            break;
        }
        let shown = cell.cut((*width).min(room - 2));
        let length = shown.chars().count();
        if length > 0 {
            let style = cell.style;
            write!(out, "{:gap$}  {style}{shown}{style:#}", "")?;
            gap = 0;
        } else {
            gap += 2;
        }
        let padding = width.saturating_sub(length);
        gap += padding;
        room = room.saturating_sub(2 + length + padding);
    }
    writeln!(out)
}
