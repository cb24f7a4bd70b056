//! `target`: where each package will run, how that is known, and what holds there.

mod json;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use routewise_analysis::package::{Package, Seconds};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{max_duration, routes};
use routewise_analysis::tables::{Duration, Limit, SetIn, TargetInfo, Targets};
use routewise_workspace::Options;

use crate::args::{TargetArgs, TargetFormat};
use crate::check::{existing, target};
use crate::report::relative;
use crate::session::Session;

/// One package, as both formats tell of it.
#[derive(Debug)]
struct Told {
    package: Arc<Package>,
    /// Its folder, seen from the working directory.
    path: String,
    info: &'static TargetInfo,
    /// The rows of the host's time limits that can apply.
    limits: Vec<&'static Duration>,
    routes: Vec<Route>,
}

/// A route that a time limit was set for.
#[derive(Debug)]
struct Route {
    url: String,
    path: String,
    seconds: Seconds,
    /// `maxDuration` of its file, or the glob that means it.
    from: String,
    /// Whether the host heeds it.
    heeded: bool,
    /// The most that any plan allows, where it is less.
    refused: Option<u64>,
    /// The plans that allow less.
    too_small: Vec<(String, Limit)>,
}

/// Runs the command.
pub(crate) fn run(args: &TargetArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let paths = existing(&args.paths)?;
    let options = Options {
        target: args.target.as_deref().map(target).transpose()?,
        config: args.config.clone(),
        ..Options::default()
    };
    let session = Session::open(&paths, &options)?;
    let (files, _) = session.workspace.files_under(&paths);
    let told = gather(&session, &files);
    match args.format {
        TargetFormat::Text => text::print(&told, out)?,
        TargetFormat::Json => json::print(&told, &session.folder, out)?,
    }
    Ok(())
}

/// The packages of `files` that serve requests; all of them where none is known to.
fn gather(session: &Session, files: &[FilePath]) -> Vec<Told> {
    let mut packages: BTreeMap<FilePath, (Arc<Package>, Vec<&FilePath>)> = BTreeMap::new();
    for path in files {
        let package = session.workspace.package_of(path);
        let root = package.root.clone().unwrap_or_else(|| session.folder.clone());
        packages.entry(root).or_insert_with(|| (package, Vec::new())).1.push(path);
    }
    let serving: BTreeSet<FilePath> = packages
        .iter()
        .filter(|(_, (package, _))| package.next.is_some() || package.dependencies.contains("express"))
        .map(|(root, _)| root.clone())
        .collect();
    packages
        .into_iter()
        .filter(|(root, _)| serving.is_empty() || serving.contains(root))
        .filter_map(|(root, (package, files))| {
            let targets = Targets::builtin();
            let info = targets.get(&package.target.id).or_else(|| targets.get("unknown"))?;
            let path = match relative(&session.folder, &root) {
                path if path.is_empty() || root == session.folder => ".".to_owned(),
                path => path,
            };
            Some(Told {
                path,
                info,
                limits: routewise_analysis::tables::max_duration(&package, &root, None)
                    .map(|limits| limits.rows)
                    .unwrap_or_default(),
                routes: files.iter().filter_map(|path| route(session, &package, path)).collect(),
                package,
            })
        })
        .collect()
}

/// A route whose time limit the project sets.
fn route(session: &Session, package: &Package, path: &FilePath) -> Option<Route> {
    let next = package.next.as_ref()?;
    let url = routes::url(next, path)?;
    let document = session.workspace.read(path).ok()?;
    let input = session.workspace.input(&document, &session.catalogue);
    let limits = max_duration(&input)?;
    let set = limits.set.as_ref()?;
    let from = match set.from {
        SetIn::Export => "maxDuration in this file".to_owned(),
        SetIn::Vercel(vercel, function) => {
            format!("\"{}\" in {}", function.glob, relative(&session.folder, &vercel.path))
        }
    };
    // Fluid compute is on unless a file says no; the table above tells of both.
    let off = package.vercel.as_ref().and_then(|vercel| vercel.fluid) == Some(false);
    let too_small = limits.too_small().into_iter().filter(|row| off || row.fluid != Some(false));
    Some(Route {
        url,
        path: relative(&session.folder, path),
        seconds: set.seconds,
        from,
        heeded: limits.heeded,
        refused: limits.refused(),
        too_small: too_small.filter_map(|row| Some((row.label()?, row.max))).collect(),
    })
}
