//! What modules keep between requests.

use super::{Detected, Place};
use crate::check::state::{Verdict, verdict};
use crate::facts::{At, DeclId, FunctionId, Read, Write};
use crate::finding::Related;
use crate::project::{FileNo, Project, Used};
use crate::tables::Kind;

use super::super::Evidence;

/// Every variable of the file with its verdict.
fn verdicts<'p>(place: &Place<'p>) -> impl Iterator<Item = (DeclId, Verdict<'p>)> {
    let (project, file) = (place.project, place.file);
    let variables = project.states_of(file).into_iter();
    variables.filter_map(move |variable| Some((variable, verdict(project, file, variable)?)))
}

/// A place that changes or reads a variable.
fn related(project: &Project, file: FileNo, chunk: u32, at: At, message: String) -> Option<Related> {
    let input = project.file(file)?;
    Some(Related { path: input.path.clone(), span: input.facts.span(chunk, at), message })
}

fn writes_here(project: &Project, write: &Used<'_, Write>) -> Option<Related> {
    related(project, write.file, write.function.chunk, write.what.at, "changed here".to_owned())
}

fn reads_here(project: &Project, read: &Used<'_, Read>) -> Option<Related> {
    related(project, read.file, read.function.chunk, read.what.at, "read here".to_owned())
}

/// Says which request changes the variable, and how it gets there.
fn reached(place: &Place<'_>, evidence: &mut Evidence<'_>, file: FileNo, function: FunctionId) {
    let way = place.project.reach().and_then(|reach| reach.way(place.project, file, function));
    if let Some(way) = way {
        evidence.reached(&way);
    }
}

/// A finding at the declaration of a variable.
fn at_variable<'p>(
    place: &Place<'p>,
    variable: DeclId,
    write: &Used<'p, Write>,
    places: impl IntoIterator<Item = Option<Related>>,
) -> Detected<'p> {
    let decl = place.input.facts.decl(variable);
    let span = place.input.facts.span(variable.chunk, decl.at);
    let mut found = place.found(span, [("name", decl.name.to_string())], []);
    found.evidence.relate(places.into_iter().flatten());
    reached(place, &mut found.evidence, write.file, write.function);
    found
}

/// What memory is worth on the host, to follow "it … ".
pub(super) fn fate(evidence: &Evidence<'_>) -> String {
    let target = evidence.value("target").unwrap_or_default();
    match evidence.target().map_or(Kind::Unknown, |target| target.kind) {
        Kind::Serverless | Kind::Edge => {
            format!("on {target} each instance has a copy of its own, and a new one starts without it")
        }
        _ => "a restart loses it, and a second process has its own".to_owned(),
    }
}

/// Requests change what a variable of the module holds, and read it again.
pub(super) fn mutable<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let found = verdicts(place).filter_map(|(variable, verdict)| {
        let Verdict::Keeps { write, read, grows } = verdict else { return None };
        let places = [writes_here(place.project, &write), reads_here(place.project, &read)];
        let mut found = at_variable(place, variable, &write, places);
        let mut what = fate(&found.evidence);
        if grows {
            what.push_str("; nothing ever takes an entry out");
        }
        found.evidence.set("what", what);
        Some(found)
    });
    found.collect()
}

/// A variable of the module carries data of one request.
pub(super) fn request_data<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let found = verdicts(place).filter_map(|(variable, verdict)| {
        let Verdict::OfOneRequest(write, read) = verdict else { return None };
        let places = [writes_here(place.project, &write), reads_here(place.project, &read)];
        Some(at_variable(place, variable, &write, places))
    });
    found.collect()
}

/// Parts of Next.js read and change copies of their own.
pub(super) fn cross_bundle<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let found = verdicts(place).filter_map(|(variable, verdict)| {
        let Verdict::Copies { write, read, writer, reader } = verdict else { return None };
        let project = place.project;
        let at = |used: Option<Related>, who: &str, does: &str| {
            used.map(|it| Related { message: format!("{who} {does} here"), ..it })
        };
        let places = [
            at(writes_here(project, &write), "the copy of ", &format!("{writer} is changed")),
            at(reads_here(project, &read), "the copy of ", &format!("{reader} is read")),
        ];
        let mut found = at_variable(place, variable, &write, places);
        found.evidence.set("layers", writer);
        found.evidence.set("other", reader);
        Some(found)
    });
    found.collect()
}

/// Counts in memory that refuse requests.
pub(super) fn limits<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let found = verdicts(place).filter_map(|(variable, verdict)| {
        let Verdict::Limits(write) = verdict else { return None };
        let places = [writes_here(place.project, &write)];
        Some(at_variable(place, variable, &write, places))
    });
    found.collect()
}
