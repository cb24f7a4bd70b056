//! Where a path leads, as far as its beginning tells.

use crate::facts::{FileFacts, Shape};
use crate::project::{FileNo, Project, Resolver, Symbol};

use super::values::is_named;

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::check) enum Folder {
    /// Below the folder for temporary files.
    Temporary,
    /// Below the folder of the project or the one that the process was started in: the part of the path that
    /// is known.
    OfProject(String),
    /// Not to be told, or another folder of the machine.
    Unknown,
}

/// Functions that put paths together.
const JOINS: &[&str] = &["join", "resolve", "normalize"];

/// The folder that a path leads to.
pub(in crate::check) fn folder(project: &Project, file: FileNo, chunk: u32, path: &Shape) -> Folder {
    match follow(project, file, chunk, path, 0) {
        Folder::OfProject(shown) => {
            let shown = shown.trim_start_matches("./").trim_start_matches('/');
            Folder::OfProject(if shown.is_empty() { ".".to_owned() } else { shown.to_owned() })
        }
        other => other,
    }
}

fn follow(project: &Project, file: FileNo, chunk: u32, path: &Shape, depth: u32) -> Folder {
    let Some(input) = project.file(file).filter(|_| depth < 12) else { return Folder::Unknown };
    let facts = &input.facts;
    match path {
        Shape::Text(text) => of_text(text),
        Shape::Name(name) => match name.local {
            Some(local) => {
                let decl = &facts.chunks[chunk as usize].facts.decls[local as usize];
                match decl.parameter {
                    Some(_) => Folder::Unknown,
                    None => follow(project, file, chunk, &decl.value, depth + 1),
                }
            }
            None if &*name.text == "__dirname" && is_free(facts, "__dirname") => {
                Folder::OfProject(String::new())
            }
            None => match Resolver::new(project).declared(file, &name.text, 0) {
                // What is set later may lead anywhere.
                Some((at, id)) if project.state(at, id).is_none() => {
                    project.file(at).map_or(Folder::Unknown, |input| {
                        follow(project, at, id.chunk, &input.facts.decl(id).value, depth + 1)
                    })
                }
                _ => Folder::Unknown,
            },
        },
        Shape::Joined(parts) => {
            let Some((first, rest)) = parts.split_first() else { return Folder::Unknown };
            joined(follow(project, file, chunk, first, depth + 1), rest, "")
        }
        Shape::Either(sides) => {
            let mut folders = sides.iter().map(|side| follow(project, file, chunk, side, depth + 1));
            let Some(first) = folders.next() else { return Folder::Unknown };
            let same =
                folders.all(|other| matches!((&first, &other), (Folder::OfProject(_), Folder::OfProject(_))));
            if same { first } else { Folder::Unknown }
        }
        Shape::Call(number) => {
            let call = &facts.chunks[chunk as usize].facts.calls[*number as usize];
            match Resolver::new(project).symbol(file, chunk, &call.callee) {
                Symbol::Global(name) if name == "process.cwd" => Folder::OfProject(String::new()),
                symbol if ["os#tmpdir", "os#default.tmpdir"].iter().any(|it| is_named(&symbol, it)) => {
                    Folder::Temporary
                }
                symbol if is_join(&symbol) => {
                    let Some((first, rest)) = call.args.split_first() else { return Folder::Unknown };
                    // `path.resolve` goes on from the last absolute path.
                    let absolute =
                        rest.iter().any(|part| !matches!(part, Shape::Text(text) if !text.starts_with('/')))
                            && call.callee.last() == Some("resolve");
                    if absolute {
                        return Folder::Unknown;
                    }
                    joined(follow(project, file, chunk, first, depth + 1), rest, "/")
                }
                _ => Folder::Unknown,
            }
        }
        _ => Folder::Unknown,
    }
}

/// A path that goes on: as much of it as is known, then a `…`.
fn joined(first: Folder, rest: &[Shape], between: &str) -> Folder {
    let Folder::OfProject(mut shown) = first else { return first };
    // An unknown part of an own beginning may lead out again, but nobody writes that.
    for part in rest {
        if !shown.is_empty() && !shown.ends_with('/') {
            shown.push_str(between);
        }
        match part {
            Shape::Text(text) if text.starts_with("..") => return Folder::Unknown,
            Shape::Text(text) => shown.push_str(text.trim_start_matches("./")),
            _ => {
                shown.push('…');
                break;
            }
        }
    }
    Folder::OfProject(shown)
}

fn of_text(text: &str) -> Folder {
    if text == "/tmp" || text.starts_with("/tmp/") {
        Folder::Temporary
    } else if text.is_empty()
        || text.starts_with(['/', '~', '\\'])
        || text.starts_with("..")
        || text.contains(':')
    {
        Folder::Unknown
    } else {
        Folder::OfProject(text.to_owned())
    }
}

fn is_join(symbol: &Symbol) -> bool {
    let Symbol::External { specifier, export } = symbol else { return false };
    let bare = export.strip_prefix("default.").unwrap_or(export);
    let bare = bare.strip_prefix("posix.").unwrap_or(bare);
    matches!(specifier.strip_prefix("node:").unwrap_or(specifier), "path" | "path/posix")
        && JOINS.contains(&bare)
}

fn is_free(facts: &FileFacts, name: &str) -> bool {
    facts.binding(name).is_none() && facts.import(name).is_none()
}
