//! `move`: a route from Next.js to an Express service, or from `pages/api` to `app`, as a diff or on the disk.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use routewise_analysis::finding::Edit;
use routewise_analysis::fix;
use routewise_analysis::moves::Refusal;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Framework, METHODS, Project, Sources};
use routewise_workspace::fix_all::Outcome;
use routewise_workspace::{Options, Workers, ask, file_path};

use crate::args::{MoveArgs, MoveTo};
use crate::format::count;
use crate::report::{range, relative};
use crate::session::{Session, Texts, working_folder};
use crate::{mend, tell};

/// Runs the command.
pub(crate) fn run(args: &MoveArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let options = Options { config: args.config.clone(), ..Options::default() };
    let given = Path::new(&args.route);
    let is_file = ask::is_file(given);
    let around = if is_file { given.to_owned() } else { working_folder()? };
    let session = Session::open(&[around], &options)?;
    let texts = session.texts(None);
    let project = session.load(&Workers::new(None), &texts, &[]);
    let route = if is_file {
        Named { path: absolute(given)?, registered: None }
    } else {
        named(&session, &project, args)?
    };
    let moved = match (args.to, route.registered) {
        (MoveTo::Service, _) => project.move_route(&route.path, &texts),
        (MoveTo::RouteHandler, None) => project.to_route_handler(&route.path, &texts),
        (MoveTo::RouteHandler, Some(at)) => project.express_to_route_handler(&route.path, at, &texts),
    };
    let moved = match moved {
        Ok(moved) => moved,
        Err(refusal) => bail!(said(&refusal, &texts, &session.folder)),
    };
    let outcome = outcome(&moved.edits, &texts, &session.folder)?;
    if args.write {
        let Some(written) = mend::write_all(&outcome, &texts, &session.folder) else {
            bail!("the route was not moved");
        };
        tell(&format!("{}: {} written.", moved.title, count(written, "file")));
    } else {
        mend::diff(&outcome, &texts, &session.folder, out)?;
        tell(&format!("{}: --write would write {}.", moved.title, count(outcome.files.len(), "file")));
    }
    if !moved.left.is_empty() {
        tell("Left to do:");
    }
    for (number, left) in moved.left.iter().enumerate() {
        tell(&format!("{}. {left}", number + 1));
    }
    Ok(())
}

fn absolute(path: &Path) -> anyhow::Result<FilePath> {
    let path: PathBuf = std::path::absolute(path)?;
    file_path(&path).context("the path is not UTF-8")
}

/// A route that somebody names.
#[derive(Clone, PartialEq, Eq)]
struct Named {
    path: FilePath,
    /// Where Express registers it.
    registered: Option<u32>,
}

/// The route that somebody names by its URL.
fn named(session: &Session, project: &Project, args: &MoveArgs) -> anyhow::Result<Named> {
    let name = args.route.as_str();
    let (method, url) = match name.split_once(' ') {
        Some((method, url)) if METHODS.contains(&method.to_uppercase().as_str()) => {
            (Some(method.to_uppercase()), url.trim())
        }
        _ => (None, name),
    };
    let to_service = args.to == MoveTo::Service;
    let mut found: Vec<Named> = project
        .routes()
        .into_iter()
        .filter(|route| !(to_service && route.framework == Framework::Express) && route.url == url)
        .filter(|route| {
            method.as_ref().is_none_or(|it| route.methods.is_empty() || route.methods.contains(it))
        })
        .map(|route| Named {
            registered: (route.framework == Framework::Express).then_some(route.span.start),
            path: route.path,
        })
        .collect();
    found.dedup();
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] if to_service => {
            bail!("no file and no route of Next.js is called {name}; `routewise routes` lists them")
        }
        [] => bail!("no file and no route is called {name}; `routewise routes` lists them"),
        [first, rest @ ..] if rest.iter().all(|it| it.path == first.path) => {
            bail!("{name} is registered several times; say the method, too: \"GET {url}\"")
        }
        several => {
            let files: Vec<String> =
                several.iter().map(|route| relative(&session.folder, &route.path)).collect();
            bail!("{name} is served by {}; name the file", files.join(" and "))
        }
    }
}

/// Why a route is not moved, with the place as the user types it.
fn said(refusal: &Refusal, texts: &Texts<'_>, folder: &FilePath) -> String {
    let path = relative(folder, &refusal.path);
    match texts.document(&refusal.path).filter(|_| !refusal.span.is_empty()) {
        Some(document) => {
            let start = range(&document, refusal.span).start;
            format!("{path}:{}:{}: {}", start.line, start.column, refusal.reason)
        }
        None => format!("{path}: {}", refusal.reason),
    }
}

/// The texts that come of the edits. A file that is to be made and is there must hold the same already.
fn outcome(edits: &[Edit], texts: &Texts<'_>, folder: &FilePath) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome { stable: true, ..Outcome::default() };
    let mut changes: BTreeMap<&FilePath, Vec<Edit>> = BTreeMap::new();
    for edit in edits {
        changes.entry(&edit.path).or_default().push(edit.clone());
    }
    for (path, edits) in changes {
        let there = texts.document(path);
        let text = match (edits.iter().find(|edit| edit.create), &there) {
            (Some(made), None) => {
                outcome.created.insert(path.clone());
                made.new_text.clone()
            }
            (Some(made), Some(document)) if document.text() == made.new_text => continue,
            (Some(_), Some(_)) => {
                bail!(
                    "{} is there already and is something else; nothing was written",
                    relative(folder, path)
                )
            }
            (None, Some(document)) => fix::apply(document.text(), &edits),
            (None, None) => bail!("{} is gone", relative(folder, path)),
        };
        let Some(place) = edits.iter().find_map(|edit| edit.rename.clone()) else {
            outcome.files.insert(path.clone(), text);
            continue;
        };
        if texts.document(&place).is_some() || ask::exists(Path::new(place.as_str())) {
            bail!("{} is there already; nothing was written", relative(folder, &place));
        }
        outcome.removed.insert(path.clone());
        outcome.created.insert(place.clone());
        outcome.files.insert(place, text);
    }
    Ok(outcome)
}
