//! How one file of a project names another in an import.

use crate::fix::code::Code;
use crate::fix::constant::is_local;
use crate::fix::imports::{Import, imports};
use crate::package::Package;
use crate::path::FilePath;

/// The ways in which the file may name `target`, the one that looks like the file's other imports first.
pub(crate) fn specifiers(code: &Code<'_>, package: &Package, target: &FilePath) -> Vec<String> {
    let from = code.document.path();
    let imports = imports(code);
    let ending = ending(code, package, &imports, target);
    let relative = from.relative_to(target);
    let aliased = package.aliases.iter().find_map(|(alias, folder)| {
        let folder = FilePath::new(folder.as_str().trim_end_matches('/'));
        let inside = target.strip(&folder)?;
        (!alias.is_empty()).then(|| format!("{alias}{inside}"))
    });
    let uses_alias = imports.iter().any(|import| {
        package
            .aliases
            .iter()
            .any(|(alias, _)| !alias.is_empty() && import.source.starts_with(alias.as_str()))
    });
    let climbs = imports.iter().any(|import| import.source.starts_with("../"));
    // Neighbours are named as neighbours; what is further away as the file does it, else by alias.
    let prefer_alias = relative.starts_with("../") && (uses_alias || !climbs);
    let mut paths: Vec<String> = vec![relative];
    if let Some(aliased) = aliased {
        paths.insert(usize::from(!prefer_alias), aliased);
    }
    let mut out: Vec<String> = paths.iter().map(|path| written(path, ending)).collect();
    // The same modules in other spellings, to be recognised where they are imported already.
    for path in &paths {
        for other in [Ending::Bare, Ending::Compiled, Ending::AsIs] {
            let spelling = written(path, other);
            if !out.contains(&spelling) {
                out.push(spelling);
            }
        }
    }
    out
}

/// What an import says of the extension.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing: `./db`.
    Bare,
    /// That of the compiled file: `./db.js` for `db.ts`.
    Compiled,
    /// That of the file.
    AsIs,
}

/// How the file's own imports of project files end, or else how they have to.
fn ending(code: &Code<'_>, package: &Package, imports: &[Import<'_>], target: &FilePath) -> Ending {
    let typescript = matches!(target.extension(), "ts" | "tsx" | "mts" | "cts");
    let habit = imports.iter().filter(|import| is_local(package, import.source)).find_map(|import| {
        let name = import.source.rsplit('/').next()?;
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("js" | "mjs" | "cjs") => Some(if typescript { Ending::Compiled } else { Ending::AsIs }),
            Some("ts" | "mts" | "cts" | "tsx") => Some(Ending::AsIs),
            Some("json" | "css" | "scss" | "svg" | "node") => None,
            _ => Some(Ending::Bare),
        }
    });
    if let Some(habit) = habit {
        return habit;
    }
    match (code.document.path().extension(), target.extension()) {
        // Node.js itself resolves these and wants the whole name.
        ("mjs" | "mts", _) | (_, "mjs" | "cjs" | "mts" | "cts") => Ending::Compiled,
        ("cjs" | "cts", _) => Ending::Bare,
        _ if package.es_modules && package.next.is_none() => Ending::Compiled,
        _ => Ending::Bare,
    }
}

fn written(path: &str, ending: Ending) -> String {
    let Some((bare, extension)) = path.rsplit_once('.') else { return path.to_owned() };
    match ending {
        Ending::AsIs => path.to_owned(),
        Ending::Bare => {
            bare.strip_suffix("/index").filter(|folder| !folder.ends_with('.')).unwrap_or(bare).to_owned()
        }
        Ending::Compiled => {
            let compiled = match extension {
                "ts" | "tsx" | "jsx" => "js",
                "mts" => "mjs",
                "cts" => "cjs",
                other => other,
            };
            format!("{bare}.{compiled}")
        }
    }
}
