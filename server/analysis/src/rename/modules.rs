//! Imports of files that move, where the name of a folder or file changes and nothing else.

use super::Subject;
use super::calls::Rewriter;
use super::places;
use crate::fix::code::Code;
use crate::path::FilePath;
use crate::project::{FileNo, Resolution};
use crate::text::Span;

/// Gives imports of what moves the new name.
pub(super) fn imports(rewriter: &mut Rewriter<'_, '_>, moves: &[(FilePath, FilePath)]) {
    let project = rewriter.reader.project;
    for (from, to) in moves {
        for file in project.numbers() {
            let Some(input) = project.file(file) else { continue };
            for (specifier, resolution) in input.facts.specifiers.iter().zip(&input.resolutions) {
                let Resolution::File(target) = resolution else { continue };
                if target != from && target.strip(from).is_none() {
                    continue;
                }
                if let Some((at, name)) = renamed(specifier, target, from, to) {
                    write(rewriter, file, specifier, at, &name);
                }
            }
        }
    }
}

/// The part of a specifier that names what moves, and its new text.
fn renamed(
    specifier: &str,
    target: &FilePath,
    from: &FilePath,
    to: &FilePath,
) -> Option<(std::ops::Range<usize>, String)> {
    let parts = places::pieces(specifier);
    let below = target.strip(from).map_or(0, |inside| inside.split('/').count());
    let last = &specifier[parts.last()?.clone()];
    let (stem, _) = target.file_name().rsplit_once('.')?;
    // `../users` for `../users/index.ts`.
    let elided = stem == "index" && last != "index" && !last.starts_with("index.");
    let back = if elided { below.checked_sub(1)? } else { below };
    let range = parts.get(parts.len().checked_sub(back + 1)?)?.clone();
    let named = &specifier[range.clone()];
    if below > 0 {
        return (named == from.file_name()).then(|| (range, to.file_name().to_owned()));
    }
    // The file itself: its name without extension, or with that of the compiled file.
    let (new, _) = to.file_name().rsplit_once('.')?;
    let rest = named.strip_prefix(stem)?;
    (rest.is_empty() || rest.starts_with('.'))
        .then(|| (range.start..range.start + stem.len(), new.to_owned()))
}

/// Writes a part of a specifier anew, wherever the file names it as a module.
fn write(
    rewriter: &mut Rewriter<'_, '_>,
    file: FileNo,
    specifier: &str,
    at: std::ops::Range<usize>,
    name: &str,
) {
    let Some(document) = rewriter.reader.document(file) else { return };
    let Some(code) = Code::new(&document) else { return };
    for found in memchr::memmem::find_iter(code.text.as_bytes(), specifier) {
        let Some(start) = found.checked_sub(1) else { continue };
        let span = Span::new(start as u32, (found + specifier.len() + 1) as u32);
        let Some(node) = code.node(span).filter(|node| node.kind() == "string") else { continue };
        let names = node.parent().is_some_and(|around| {
            matches!(around.kind(), "import_statement" | "export_statement" | "arguments" | "literal_type")
        });
        if names {
            let start = found as u32;
            let span = Span::new(start + at.start as u32, start + at.end as u32);
            rewriter.edit(file, span, name, Subject::Import, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specifier_names_what_moves_in_one_place() {
        let path = FilePath::new;
        for (specifier, target, from, to, expected) in [
            (
                "@/app/api/users/route",
                "/p/app/api/users/route.ts",
                "/p/app/api/users",
                "/p/app/api/people",
                "@/app/api/people/route",
            ),
            (
                "../users/[id]/route.js",
                "/p/app/users/[id]/route.ts",
                "/p/app/users",
                "/p/app/people",
                "../people/[id]/route.js",
            ),
            ("../users", "/p/app/users/index.ts", "/p/app/users", "/p/app/people", "../people"),
            (
                "./users",
                "/p/pages/api/users.ts",
                "/p/pages/api/users.ts",
                "/p/pages/api/people.ts",
                "./people",
            ),
            ("#users-route", "/p/app/users/route.ts", "/p/app/users", "/p/app/people", ""),
        ] {
            let found = renamed(specifier, &path(target), &path(from), &path(to))
                .map(|(at, name)| format!("{}{name}{}", &specifier[..at.start], &specifier[at.end..]));
            assert_eq!(found.unwrap_or_default(), expected, "{specifier}");
        }
    }
}
