//! Files that are written where the host keeps none.

use std::collections::BTreeMap;

use super::{Detected, Place};
use crate::check::is_named;
use crate::facts::{Call, CallId, FunctionId, Shape};
use crate::finding::Severity;
use crate::project::{Layer, Project, Resolver, Scope};
use crate::tables::{Disk, Effect, Kind};

use super::super::Evidence;
use super::super::state::is_build_time;
use super::super::words::paths::{Folder, folder};

/// Calls that only make or empty folders: where the same function writes a file too, that one is told.
const FOLDERS: &[&str] = &["mkdir", "mkdirSync", "ensureDir", "ensureDirSync", "rm", "rmSync"];

/// Calls that only take something away: that a restart brings it back, or that it is gone anyway, harms nobody.
const REMOVES: &[&str] =
    &["rm", "rmSync", "rmdir", "rmdirSync", "unlink", "unlinkSync", "remove", "removeSync"];

/// Calls whose second argument is what they write.
const COPIES: &[&str] = &[
    "rename",
    "renameSync",
    "copyFile",
    "copyFileSync",
    "cp",
    "cpSync",
    "copy",
    "copySync",
    "move",
    "symlink",
    "symlinkSync",
];

/// Every layer: code that none of them loads serves nobody.
const SERVED: &[Layer] = &[Layer::Handlers, Layer::Pages, Layer::PagesRouter, Layer::Proxy, Layer::Express];

/// Writes of handlers to files of the project.
pub(super) fn ephemeral<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let mut out = written(place);
    out.extend(uploads(place));
    out.retain_mut(|found| judge(place, &mut found.evidence));
    out
}

/// Calls of `fs` that requests reach.
fn written<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let (project, facts) = (place.project, &place.input.facts);
    let (Some(links), Some(reach)) = (project.links(place.file), project.reach()) else { return Vec::new() };
    let mut by_function: BTreeMap<FunctionId, Vec<(CallId, String)>> = BTreeMap::new();
    for asked in links.effects.iter().filter(|asked| asked.row.effect == Effect::WritesFiles) {
        let Some(function) = asked.function else { continue };
        if reach.scope_of(project, place.file, Some(function)) != Scope::Request
            || is_build_time(project, place.file, function)
        {
            continue;
        }
        let call = facts.call(asked.call);
        let position = usize::from(COPIES.contains(&call.callee.last().unwrap_or_default()));
        let Some(path) = call.args.get(position) else { continue };
        if let Folder::OfProject(shown) = folder(project, place.file, asked.call.chunk, path) {
            by_function.entry(function).or_default().push((asked.call, shown));
        }
    }
    let mut out = Vec::new();
    for (function, mut calls) in by_function {
        let is_folder =
            |call: &CallId| FOLDERS.contains(&facts.call(*call).callee.last().unwrap_or_default());
        if calls.iter().any(|(call, _)| !is_folder(call)) {
            calls.retain(|(call, _)| !is_folder(call));
        } else {
            calls.truncate(1);
        }
        for (call, shown) in calls {
            let mut found = at_call(place, call, shown);
            if REMOVES.contains(&facts.call(call).callee.last().unwrap_or_default()) {
                found.evidence.set("removes", String::new());
            }
            if let Some(way) = reach.way(project, place.file, function) {
                found.evidence.reached(&way);
            }
            out.push(found);
        }
    }
    out
}

fn at_call<'p>(place: &Place<'p>, id: CallId, shown: String) -> Detected<'p> {
    let facts = &place.input.facts;
    place.found(facts.span(id.chunk, facts.call(id).head), [("path", shown)], [])
}

/// Libraries that put uploads into a folder.
fn uploads<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let (project, facts) = (place.project, &place.input.facts);
    let uses = |name: &str| facts.specifiers.iter().any(|specifier| &**specifier == name);
    let Some(reach) = project.reach() else { return Vec::new() };
    if !(uses("multer") || uses("formidable")) || !reach.is_loaded_by(place.file, SERVED) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (id, call) in facts.calls() {
        let Some(shown) = upload_folder(project, place, id, call) else { continue };
        let mut found = at_call(place, id, shown);
        if let Some((file, entry)) = reach.loader(project, place.file) {
            found.evidence.host(file);
            found.evidence.set("entry", entry.label.clone());
        }
        out.push(found);
    }
    out
}

fn upload_folder(project: &Project, place: &Place<'_>, id: CallId, call: &Call) -> Option<String> {
    let options = call.args.first()?;
    let given = ["dest", "destination", "uploadDir"].iter().find_map(|key| Some((*key, options.get(key)?)));
    let (key, given) = given?;
    let symbol = Resolver::new(project).symbol(place.file, id.chunk, &call.callee);
    let makers: &[&str] = match key {
        "dest" => &["multer#default", "multer#"],
        "destination" => &["multer#default.diskStorage", "multer#diskStorage"],
        _ => &["formidable#default", "formidable#", "formidable#formidable", "formidable#IncomingForm"],
    };
    if !makers.iter().any(|maker| is_named(&symbol, maker)) {
        return None;
    }
    let chunk = &place.input.facts.chunks[id.chunk as usize].facts;
    // `destination: (req, file, done) => done(null, "uploads/")`.
    let path = match given {
        Shape::Function(number) => chunk.calls.iter().find_map(|call| {
            let done = call.function == Some(*number) && call.args.first() == Some(&Shape::Null);
            call.args.get(1).filter(|_| done)
        })?,
        path => path,
    };
    match folder(project, place.file, id.chunk, path) {
        Folder::OfProject(shown) => Some(shown),
        _ => None,
    }
}

/// What happens to the file on the host. False where nothing does.
fn judge(place: &Place<'_>, evidence: &mut Evidence<'_>) -> bool {
    let shown = evidence.value("path").unwrap_or_default();
    let is_public = place.input.package.next.is_some() && (shown == "public" || shown.starts_with("public/"));
    let target = evidence.value("target").unwrap_or_default();
    let info = evidence.target();
    let kind = info.map_or(Kind::Unknown, |target| target.kind);
    let disk = info
        .and_then(|target| target.capabilities.disk.as_ref())
        .filter(|disk| !disk.unverified)
        .map(|disk| disk.value);
    let public = "files that come into `public` after the build are not served";
    if evidence.value("removes").is_some() && !matches!(disk, Some(Disk::None | Disk::Tmp)) {
        return false;
    }
    let what = match (kind, disk) {
        (Kind::Persistent, _) if is_public => public.to_owned(),
        (Kind::Persistent, Some(Disk::Durable) | None) => return false,
        (Kind::Persistent, _) if place.input.package.keeps_files => return false,
        (Kind::Persistent, _) => {
            evidence.at_most(Severity::Hint);
            format!("on {target} the file is gone after a restart or a deployment")
        }
        (_, Some(Disk::None)) => format!("{target} has no disk"),
        (_, Some(Disk::Tmp)) => format!("on {target} only `/tmp` can be written to"),
        (_, Some(Disk::Ephemeral)) => {
            evidence.at_most(Severity::Warning);
            format!("on {target} the file is gone with the instance")
        }
        _ if is_public => public.to_owned(),
        _ => {
            evidence.at_most(Severity::Warning);
            "on most hosts that is read-only, or gone with the instance".to_owned()
        }
    };
    evidence.set("what", what);
    true
}
