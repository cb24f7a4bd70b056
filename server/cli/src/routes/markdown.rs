//! As a document, for a README or a pull request.

use std::io::{self, Write};

use routewise_analysis::package::MoveKind;

use super::{Listed, action_name, callers, methods, passes};

/// Prints every package.
pub(super) fn print(listed: &Listed<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Routes")?;
    let mut last: Option<String> = None;
    for route in &listed.listing.routes {
        let title = listed.title(&route.package);
        if last.as_ref() != Some(&title) {
            writeln!(out, "\n## {title}\n")?;
            writeln!(out, "| method | URL | file | auth | asks of its host | middleware | callers |")?;
            writeln!(out, "|---|---|---|---|---|---|---|")?;
            last = Some(title);
        }
        let effects: Vec<&str> = route.effects.iter().map(|effect| effect.name()).collect();
        writeln!(
            out,
            "| {} | `{}` | {} | {} | {} | {} | {} |",
            methods(route).replace('*', "\\*"),
            escaped(&route.url),
            escaped(&listed.place(route)),
            route.auth.name(),
            effects.join(", "),
            escaped(&passes(route)),
            callers(route),
        )?;
    }
    if listed.listing.routes.is_empty() {
        writeln!(out, "\nNo routes found.")?;
    }
    let actions = &listed.listing.actions;
    if !actions.is_empty() {
        writeln!(
            out,
            "\n## Server actions\n\n| action | file | auth | asks of its host |\n|---|---|---|---|"
        )?;
    }
    for action in actions {
        let effects: Vec<&str> = action.effects.iter().map(|effect| effect.name()).collect();
        let place = escaped(&listed.line(&action.path, action.span));
        let (name, auth) = (action_name(action), action.auth.name());
        writeln!(out, "| {name} | {place} | {auth} | {} |", effects.join(", "))?;
    }
    let moves = &listed.listing.moves;
    if !moves.is_empty() {
        writeln!(out, "\n## Rewrites and redirects\n\n| from | to | |\n|---|---|---|")?;
    }
    for it in moves {
        let kind = kind(it.moved.kind);
        let to = it.moved.destination.as_deref().unwrap_or("…");
        writeln!(out, "| `{}` | `{}` | {kind} |", escaped(&it.moved.source), escaped(to))?;
    }
    Ok(())
}

/// What becomes of the request.
fn kind(kind: MoveKind) -> &'static str {
    match kind {
        MoveKind::Rewrite => "rewrite",
        MoveKind::Redirect => "redirect",
    }
}

/// A table ends its cells with `|`.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
