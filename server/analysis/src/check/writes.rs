//! What a handler changes: the calls on its way that write to a store, for certain.

use std::collections::HashSet;

use crate::facts::{CallId, ChunkFacts, FunctionId, Shape};
use crate::finding::Related;
use crate::project::{Entry, FileNo, Project};
use crate::tables::Effect;

/// A call that writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) file: FileNo,
    pub(super) call: CallId,
}

/// The calls that write, of a handler and of what it calls; those that run after the response are left out.
pub(super) fn of(project: &Project, entry: &Entry) -> Vec<Written> {
    let mut pending: Vec<(FileNo, FunctionId)> = entry.roots.clone();
    let mut seen: HashSet<(FileNo, FunctionId)> = pending.iter().copied().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&(file, function)) = pending.get(at) {
        at += 1;
        let Some(links) = project.links(file) else { continue };
        if seen.len() > 200 {
            break;
        }
        let own = links.effects.iter().filter(|it| it.function == Some(function));
        out.extend(
            own.filter(|it| it.row.effect == Effect::MutatesStore).map(|it| Written { file, call: it.call }),
        );
        for edge in project.running(file, function).filter(|edge| !edge.guarded) {
            let target = project.file(edge.to.0).map(|input| input.facts.function(edge.to.1));
            let later = target.and_then(|it| it.argument_of).is_some_and(|call| {
                let call = CallId { chunk: edge.to.1.chunk, number: call };
                let links = project.links(edge.to.0).map_or(&[][..], |links| &links.effects);
                links.iter().any(|it| it.call == call && it.row.effect == Effect::WorksAfterResponse)
            });
            if !later && seen.insert(edge.to) {
                pending.push(edge.to);
            }
        }
    }
    out
}

impl Written {
    /// `prisma.user.update`.
    pub(super) fn name(&self, project: &Project) -> Option<String> {
        let call = project.file(self.file)?.facts.call(self.call);
        let chunk = &project.file(self.file)?.facts.chunks[self.call.chunk as usize].facts;
        spoken(chunk, &call.callee)
    }

    /// What is written to, as far as it has a name: the model, the table, the collection.
    pub(super) fn store(&self, project: &Project) -> String {
        let Some(input) = project.file(self.file) else { return String::new() };
        let chunk = &input.facts.chunks[self.call.chunk as usize].facts;
        let call = input.facts.call(self.call);
        let mut names = Vec::new();
        let mut shapes: Vec<&Shape> = vec![&call.callee];
        shapes.extend(call.args.first());
        while let Some(shape) = shapes.pop() {
            match shape {
                Shape::Name(name) => names.push(name.text.to_string()),
                Shape::Text(text) => names.push(text.to_string()),
                Shape::Member(object, key) => {
                    names.push(key.to_string());
                    shapes.push(object);
                }
                Shape::Call(number) => {
                    let inner = &chunk.calls[*number as usize];
                    shapes.push(&inner.callee);
                    shapes.extend(inner.args.first());
                }
                Shape::Await(inner) => shapes.push(inner),
                _ => {}
            }
        }
        names.join(" ")
    }

    /// The place of the call, to be shown beside a finding.
    pub(super) fn related(&self, project: &Project) -> Option<Related> {
        let input = project.file(self.file)?;
        let call = input.facts.call(self.call);
        Some(Related {
            path: input.path.clone(),
            span: input.facts.span(self.call.chunk, call.head),
            message: format!("writes with `{}`", self.name(project)?),
        })
    }
}

/// A chain as a person reads it.
fn spoken(chunk: &ChunkFacts, shape: &Shape) -> Option<String> {
    match shape {
        Shape::Name(name) => Some(name.text.to_string()),
        Shape::This => Some("this".to_owned()),
        Shape::Member(object, key) => Some(format!("{}.{key}", spoken(chunk, object)?)),
        Shape::Await(inner) => spoken(chunk, inner),
        Shape::Call(number) => Some(format!("{}(…)", spoken(chunk, &chunk.calls[*number as usize].callee)?)),
        _ => None,
    }
}
