//! Who loads a file, and what runs when a server starts.

use std::collections::BTreeSet;

use crate::facts::FunctionId;
use crate::project::routes::{self, Role};
use crate::project::{FileNo, Layer, Project, Resolver, Symbol};

use super::places::NEXT;

/// Whether parts of Next.js load the file and nothing else does: no custom server, no worker, no script. Known
/// only when every file of the workspace is.
pub(super) fn only_loaded_by_next(project: &Project, file: FileNo) -> bool {
    let Some(reach) = project.reach().filter(|_| project.is_complete()) else { return false };
    let mut pending = vec![file];
    let mut seen = BTreeSet::from([file]);
    while let Some(file) = pending.pop() {
        let next = reach.is_loaded_by(file, NEXT) && !reach.is_loaded_by(file, &[Layer::Express]);
        if !next && !is_instrumentation(project, file) && !loaded_at_start(project, file) {
            return false;
        }
        for other in project.numbers() {
            let loads = project.links(other).is_some_and(|links| links.loads.contains(&file));
            if loads && !is_test(project, other) && seen.insert(other) {
                pending.push(other);
            }
        }
    }
    true
}

/// Tests run beside the application, whatever they load.
fn is_test(project: &Project, file: FileNo) -> bool {
    project
        .file(file)
        .is_some_and(|input| [".test.", ".spec."].iter().any(|mark| input.path.file_name().contains(mark)))
}

fn is_instrumentation(project: &Project, file: FileNo) -> bool {
    project.file(file).is_some_and(|input| {
        input
            .package
            .next
            .as_ref()
            .is_some_and(|next| routes::role(next, &input.path) == Role::Instrumentation)
    })
}

/// Whether an `instrumentation` file loads the file, itself or through others.
fn loaded_at_start(project: &Project, file: FileNo) -> bool {
    let mut pending: Vec<FileNo> =
        project.numbers().filter(|&number| is_instrumentation(project, number)).collect();
    let mut seen = BTreeSet::new();
    while let Some(at) = pending.pop() {
        if at == file {
            return true;
        }
        if seen.insert(at) {
            pending.extend(project.links(at).into_iter().flat_map(|links| &links.loads));
        }
    }
    false
}

/// Whether code runs when a Next.js server starts: `register()` calls the function, or loads the module at whose top
/// level the code stands.
pub(super) fn in_register(project: &Project, file: FileNo, function: Option<FunctionId>) -> bool {
    let Some(function) = function else { return loaded_at_start(project, file) };
    let roots =
        project.numbers().filter(|&number| is_instrumentation(project, number)).filter_map(|number| {
            match Resolver::new(project).export(number, "register", 0) {
                Symbol::Function(file, id) => Some((file, id)),
                _ => None,
            }
        });
    let mut pending: Vec<(FileNo, FunctionId)> = roots.collect();
    let mut seen = BTreeSet::new();
    while let Some(at) = pending.pop() {
        if at == (file, function) {
            return true;
        }
        if !seen.insert(at) {
            continue;
        }
        let edges = project.links(at.0).into_iter().flat_map(|links| &links.edges);
        pending.extend(edges.filter(|edge| edge.from == Some(at.1)).map(|edge| edge.to));
    }
    false
}
