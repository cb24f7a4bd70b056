//! As a document, for a README or a pull request.

use std::io::{self, Write};

use super::{Listed, callers, methods};

/// Prints every package.
pub(super) fn print(listed: &Listed<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Routes")?;
    let mut last: Option<String> = None;
    for route in &listed.routes {
        let package = listed.package(route);
        if last.as_ref() != Some(&package) {
            let title = if package == "." {
                route.package.name.clone().unwrap_or_else(|| ".".to_owned())
            } else {
                package.clone()
            };
            writeln!(out, "\n## {title}\n")?;
            writeln!(out, "| method | URL | file | auth | asks of its host | middleware | callers |")?;
            writeln!(out, "|---|---|---|---|---|---|---|")?;
            last = Some(package);
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
            escaped(&route.middleware.join(", ")),
            callers(route),
        )?;
    }
    if listed.routes.is_empty() {
        writeln!(out, "\nNo routes found.")?;
    }
    Ok(())
}

/// A table ends its cells with `|`.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}
