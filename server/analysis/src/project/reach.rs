//! Who reaches whom: from every entry along the calls, and from every entry along the imports.

mod search;

use super::entries::{Entry, Layer};
use super::links::{Construction, Edge, Kept, Renumbered};
use super::{FileNo, Project};
use crate::facts::{CallId, FunctionId, Identity, look_into};
use crate::finding::Related;
use crate::text::Span;

/// When a piece of code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// For each request of an entry.
    Request,
    /// When its module is loaded.
    Module,
    /// Once, behind something that keeps its value; where the value is kept is told apart.
    Once(Kept),
    /// Not proven.
    Unknown,
}

/// How a function was first reached.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// The caller; `None` for a root of an entry.
    from: Option<u32>,
    /// Where, in the caller's file; `None` where the function is written inside the caller, and for a root.
    call: Option<CallId>,
    /// The entry, as a number of file and position there.
    entry: (FileNo, u32),
    edge_runtime: bool,
}

/// How a file was first reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Load {
    layer: u8,
    /// The file whose entry loads it, the first that was found.
    origin: Option<FileNo>,
}

/// The result of the searches.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// First node of each file: nodes are all functions of all files.
    base: Vec<u32>,
    /// Of each file, what names the ways to its functions for whoever looks at them.
    names: Vec<Identity>,
    /// For each function, whether it is in the hands of a framework: it was handed the function, or one that gives it
    /// back.
    handed: Vec<bool>,
    /// For each function, how a request reaches it, calls behind a guard left out.
    request: Vec<Option<Step>>,
    /// For each function, how a request reaches it, whatever stands before it.
    guarded: Vec<Option<Step>>,
    /// For each function, whether the top level of a module calls it, calls behind a guard left out.
    load: Vec<bool>,
    /// For each file, the layers whose entries load it.
    layers: Vec<Load>,
    /// For each function, the layers whose requests reach it, calls behind a guard left out.
    asked: Vec<u8>,
    /// The same, whatever stands before the calls.
    asked_at_all: Vec<u8>,
}

impl Reach {
    /// Where it lies: what is searched anew is put elsewhere while the former one is still there.
    #[cfg(test)]
    pub(super) fn made_at(&self) -> usize {
        self.request.as_ptr().addr()
    }

    /// Takes note that calls of a file bear other numbers, and that all ways are what they were. Who has looked at them need
    /// not know: see [`Reach::is_alike`].
    pub(super) fn renumber(&mut self, file: FileNo, calls: &Renumbered) {
        let own = self.base[file as usize]..self.base[file as usize + 1];
        for step in self.request.iter_mut().chain(&mut self.guarded).flatten() {
            if step.from.is_some_and(|from| own.contains(&from))
                && let Some(call) = &mut step.call
                && let Some(now) = calls.get(call)
            {
                *call = *now;
            }
        }
    }

    /// Takes over the names of the files whose functions are reached as they were before. Returns the former ones of the
    /// others.
    pub(super) fn take_names(&mut self, before: &Self) -> Vec<Identity> {
        let mut others = Vec::new();
        for (file, &known) in before.names.iter().enumerate() {
            if self.is_alike(before, file) {
                self.names[file] = known;
            } else {
                others.push(known);
            }
        }
        others
    }

    /// Whether the functions of a file are reached as in another version, from functions of the same number. Calls may
    /// bear other ones: whoever tells of one looks into its statement.
    fn is_alike(&self, other: &Self, file: usize) -> bool {
        let [ours, theirs] = [self, other].map(|it| it.base[file] as usize..it.base[file + 1] as usize);
        let at = |reach: &Self, node: Option<u32>| {
            node.map(|node| {
                let file = reach.file_of(node);
                (file, node - reach.base[file as usize])
            })
        };
        let alike = |(new, old): (&Option<Step>, &Option<Step>)| match (new, old) {
            (Some(new), Some(old)) => {
                at(self, new.from) == at(other, old.from)
                    && (new.call.is_some(), new.entry, new.edge_runtime)
                        == (old.call.is_some(), old.entry, old.edge_runtime)
            }
            (new, old) => new.is_none() && old.is_none(),
        };
        let steps = |new: &[Option<Step>], old: &[Option<Step>]| new.iter().zip(old).all(alike);
        ours.len() == theirs.len()
            && self.layers[file] == other.layers[file]
            && self.handed[ours.clone()] == other.handed[theirs.clone()]
            && self.load[ours.clone()] == other.load[theirs.clone()]
            && self.asked[ours.clone()] == other.asked[theirs.clone()]
            && self.asked_at_all[ours.clone()] == other.asked_at_all[theirs.clone()]
            && steps(&self.request[ours.clone()], &other.request[theirs.clone()])
            && steps(&self.guarded[ours], &other.guarded[theirs])
    }

    /// Says that whoever is watched asks about functions of a file.
    fn look_at(&self, file: FileNo) {
        if let Some(&name) = self.names.get(file as usize) {
            look_into(name);
        }
    }

    fn file_of(&self, node: u32) -> FileNo {
        self.base.partition_point(|&first| first <= node).saturating_sub(1) as FileNo
    }

    fn node(&self, project: &Project, file: FileNo, function: FunctionId) -> Option<u32> {
        self.look_at(file);
        let facts = &project.file(file)?.facts;
        ((function.chunk as usize) < facts.chunks.len())
            .then(|| self.base[file as usize] + facts.index_of(function))
    }

    fn place(&self, project: &Project, node: u32) -> Option<(FileNo, FunctionId)> {
        let file = self.file_of(node);
        self.look_at(file);
        let facts = &project.file(file)?.facts;
        Some((file, facts.function_of(node - self.base[file as usize])))
    }

    /// The layers whose requests reach a function, as a set of [`Layer`]s; `through_guards` counts calls that
    /// run only while something is not yet there.
    pub(crate) fn asked_from(
        &self,
        project: &Project,
        file: FileNo,
        function: FunctionId,
        through_guards: bool,
    ) -> u8 {
        let asked = if through_guards { &self.asked_at_all } else { &self.asked };
        self.node(project, file, function).map_or(0, |node| asked[node as usize])
    }

    /// Whether a request of one entry reaches all of these functions.
    pub(crate) fn is_one_request(&self, project: &Project, functions: [(FileNo, FunctionId); 2]) -> bool {
        let wanted = functions.map(|(file, function)| self.node(project, file, function));
        if wanted.contains(&None) {
            return false;
        }
        project.numbers().any(|file| {
            let entries = project.links(file).map_or(&[][..], |links| &links.entries);
            entries.iter().any(|entry| {
                let mut seen = rustc_hash::FxHashSet::default();
                let mut queue: Vec<u32> =
                    entry.roots.iter().filter_map(|&(file, root)| self.node(project, file, root)).collect();
                while let Some(node) = queue.pop() {
                    if !seen.insert(node) {
                        continue;
                    }
                    let Some((file, function)) = self.place(project, node) else { continue };
                    let Some(links) = project.links(file) else { continue };
                    let is_handed = self.handed[node as usize];
                    let runs = |edge: &&Edge| !edge.guarded && (!edge.gives_back || is_handed);
                    let next = links.edges_of(function).iter().filter(runs);
                    queue.extend(next.filter_map(|edge| self.node(project, edge.to.0, edge.to.1)));
                }
                wanted.iter().all(|node| node.is_some_and(|node| seen.contains(&node)))
            })
        })
    }

    /// Whether the top level of some module calls a function.
    pub(crate) fn runs_at_load(&self, project: &Project, file: FileNo, function: FunctionId) -> bool {
        self.node(project, file, function).is_some_and(|node| self.load[node as usize])
    }

    /// Whether an entry of one of these layers loads the file.
    pub(crate) fn is_loaded_by(&self, file: FileNo, layers: &[Layer]) -> bool {
        self.look_at(file);
        let loaded = self.layers.get(file as usize).map_or(0, |load| load.layer);
        layers.iter().any(|layer| loaded & *layer as u8 != 0)
    }

    /// The entry for which a file is loaded, the first that was found.
    pub(crate) fn loader<'p>(&self, project: &'p Project, file: FileNo) -> Option<(FileNo, &'p Entry)> {
        self.look_at(file);
        let origin = self.layers.get(file as usize)?.origin?;
        Some((origin, project.links(origin)?.entries.first()?))
    }

    /// Whether the entry for which a file is loaded runs on the edge.
    pub(crate) fn is_loaded_on_edge(&self, project: &Project, file: FileNo) -> bool {
        self.loader(project, file).is_some_and(|(_, entry)| entry.edge)
    }

    /// The entry that a function is a root of: its file, and its number there.
    pub(crate) fn root_of(
        &self,
        project: &Project,
        file: FileNo,
        function: FunctionId,
    ) -> Option<(FileNo, u32)> {
        let node = self.node(project, file, function)?;
        self.request[node as usize].filter(|step| step.from.is_none()).map(|step| step.entry)
    }

    /// When the code of a function runs, leaving aside what stands around the place inside it.
    pub(crate) fn scope_of(&self, project: &Project, file: FileNo, function: Option<FunctionId>) -> Scope {
        let Some(function) = function else { return Scope::Module };
        match self.node(project, file, function) {
            Some(node) if self.request[node as usize].is_some() => Scope::Request,
            Some(node) if self.load[node as usize] => Scope::Module,
            _ => Scope::Unknown,
        }
    }

    /// When a value is made.
    pub(crate) fn scope(&self, project: &Project, file: FileNo, made: &Construction) -> Scope {
        match made.kept {
            Kept::No => self.scope_of(project, file, made.function),
            // At the top level only `globalThis` outlives the module itself.
            Kept::Module if made.function.is_none() => Scope::Module,
            kept => Scope::Once(kept),
        }
    }

    /// The way by which a request reaches a function: the entry, and the calls from there.
    pub(crate) fn way(&self, project: &Project, file: FileNo, function: FunctionId) -> Option<Way> {
        let mut node = self.node(project, file, function)?;
        let mut step = self.request[node as usize].or(self.guarded[node as usize])?;
        let entry_at = step.entry;
        let entry = project.links(entry_at.0)?.entries.get(entry_at.1 as usize)?;
        let mut calls = Vec::new();
        while let Some(from) = step.from {
            let (caller_file, _) = self.place(project, from)?;
            if let Some(call) = step.call {
                calls.push(Hop { file: caller_file, call, callee: self.place(project, node)? });
            }
            node = from;
            step = self.request[node as usize].or(self.guarded[node as usize])?;
        }
        calls.reverse();
        Some(Way {
            entry: entry_at,
            label: entry.label.clone(),
            edge: step.edge_runtime || entry.edge,
            calls,
        })
    }

    /// Whether a finding in `other` may tell of a place in `file`.
    pub(crate) fn mentions(&self, project: &Project, other: FileNo, file: FileNo) -> bool {
        let Some(links) = project.links(other) else { return false };
        links.constructions.iter().any(|made| {
            made.function
                .and_then(|function| self.way(project, other, function))
                .is_some_and(|way| way.entry.0 == file || way.calls.iter().any(|hop| hop.file == file))
        }) || links.seen.contains(&file)
            || project.states.concern(project, other, file)
            || (!links.constructions.is_empty()
                && project.links(file).is_some_and(|links| !links.constructions.is_empty()))
    }
}

impl Project {
    /// The ways from a function, or from the top level, to what runs when it does.
    pub(crate) fn running(
        &self,
        file: FileNo,
        function: impl Into<Option<FunctionId>>,
    ) -> impl Iterator<Item = &Edge> {
        let function = function.into();
        let edges = self.links(file).map_or(&[][..], |links| links.edges_of(function));
        let is_handed = move || {
            let reach = self.reach()?;
            Some(reach.handed[reach.node(self, file, function?)? as usize])
        };
        edges.iter().filter(move |edge| !edge.gives_back || is_handed() == Some(true))
    }
}

/// A call on the way from an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) file: FileNo,
    pub(crate) call: CallId,
    pub(crate) callee: (FileNo, FunctionId),
}

/// How a request reaches a function.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) entry: (FileNo, u32),
    pub(crate) label: String,
    pub(crate) edge: bool,
    pub(crate) calls: Vec<Hop>,
}

impl Way {
    /// The way as places: the entry, then each call.
    pub(crate) fn related(&self, project: &Project) -> Vec<Related> {
        let mut out = Vec::new();
        if let (Some(input), Some(links)) = (project.file(self.entry.0), project.links(self.entry.0)) {
            let span = links
                .entries
                .get(self.entry.1 as usize)
                .map_or(Span::default(), |entry| entry.span(&input.facts));
            out.push(Related {
                path: input.path.clone(),
                span,
                message: format!("a request comes in here: {}", self.label),
            });
        }
        for hop in &self.calls {
            let Some(input) = project.file(hop.file) else { continue };
            let call = input.facts.call(hop.call);
            let callee = project
                .file(hop.callee.0)
                .and_then(|input| input.facts.function(hop.callee.1).name.clone())
                .unwrap_or_else(|| "a function".into());
            out.push(Related {
                path: input.path.clone(),
                span: input.facts.span(hop.call.chunk, call.head),
                message: format!("calls {callee}"),
            });
        }
        out
    }

    /// The last clause of a message: `` via `buildReport` in lib/pdf.ts``; empty for a handler itself.
    pub(crate) fn clause(&self, project: &Project, root: Option<&crate::path::FilePath>) -> String {
        let Some(hop) = self.calls.last() else { return String::new() };
        let Some(input) = project.file(hop.callee.0) else { return String::new() };
        let Some(name) = input.facts.function(hop.callee.1).name.clone() else { return String::new() };
        let shown = root.and_then(|root| input.path.strip(root)).unwrap_or_else(|| input.path.file_name());
        format!(" via `{name}` in {shown}")
    }
}
