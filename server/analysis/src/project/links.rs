//! What one file's code is linked to: functions that it calls, what it makes, where requests come in.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::calls::ClientCall;
use super::difference::Aspect;
use super::entries::Entry;
use super::routes::table::Served;
use super::state::StateUse;
use super::{FileNo, Project};
use crate::facts::{CallId, FunctionId, Identity};
use crate::tables::{EffectRow, Library, Make};

/// A value of a library that code makes.
#[derive(Clone, Debug)]
pub(crate) struct Construction {
    pub(crate) call: CallId,
    pub(crate) library: &'static Library,
    pub(crate) make: &'static Make,
    /// The function it stands in.
    pub(crate) function: Option<FunctionId>,
    /// Something outside the function decides or keeps.
    pub(crate) kept: Kept,
    /// Same text of arguments, same hash: same kind of client.
    pub(crate) arguments: u64,
}

/// Whether a value outlives the function that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    /// Nothing keeps it.
    No,
    /// A module-level name, `this`, a map.
    Module,
    /// A property of `globalThis`.
    Global,
}

/// A call that asks something of the host.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) call: CallId,
    pub(crate) function: Option<FunctionId>,
    pub(crate) row: &'static EffectRow,
}

/// A way from one function of the workspace to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The caller; `None` for the top level of the module.
    pub(crate) from: Option<FunctionId>,
    pub(crate) to: (FileNo, FunctionId),
    /// The call; `None` where the function is written inside the caller.
    pub(crate) call: Option<CallId>,
    /// It runs only while something outside is not yet there.
    pub(crate) guarded: bool,
    /// The caller makes the function and gives it back: who calls what it gives has an edge of its own. Only a
    /// framework calls what a function that it was handed gives it, and no code shows that.
    pub(crate) gives_back: bool,
}

/// The calls of a file that bear another number than before, by the one that they bore.
pub(super) type Renumbered = FxHashMap<CallId, CallId>;

/// What one file's code is linked to.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileLinks {
    /// Sorted by caller.
    pub(crate) edges: Vec<Edge>,
    /// In source order.
    pub(crate) constructions: Vec<Construction>,
    /// In source order.
    pub(crate) effects: Vec<Asked>,
    /// Where requests come in. Those of Express are told with what is known of the whole application.
    pub(crate) entries: Vec<Entry>,
    /// The entries as this file alone tells of them.
    pub(super) own: Vec<Entry>,
    /// Files of the workspace that this one loads, in the order of their paths.
    pub(crate) loads: Vec<FileNo>,
    /// Whether it loads Express itself.
    pub(super) names_express: bool,
    /// What the file serves by its place, where Next.js looks at it.
    pub(crate) served: Option<Served>,
    /// Requests that the code makes, in source order.
    pub(crate) requests: Vec<ClientCall>,
    /// Uses of what modules keep, by functions of this file.
    pub(crate) uses: Vec<StateUse>,
    /// Files that were read to find all this.
    pub(crate) seen: BTreeSet<FileNo>,
    /// Names them for whoever looks into them.
    pub(super) identity: Identity,
}

impl PartialEq for Construction {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.library, other.library)
            && std::ptr::eq(self.make, other.make)
            && (self.call, self.function, self.kept, self.arguments)
                == (other.call, other.function, other.kept, other.arguments)
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.row, other.row) && (self.call, self.function) == (other.call, other.function)
    }
}

impl FileLinks {
    /// Whether two files, or two versions of one, are linked alike, what the whole of an application says of their
    /// entries apart.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let Self {
            edges,
            constructions,
            effects,
            entries: _,
            own,
            loads,
            names_express,
            served,
            requests,
            uses,
            seen,
            identity: _,
        } = self;
        *edges == other.edges
            && *constructions == other.constructions
            && *effects == other.effects
            && *own == other.own
            && *loads == other.loads
            && *names_express == other.names_express
            && *served == other.served
            && *requests == other.requests
            && *uses == other.uses
            && *seen == other.seen
    }

    /// What is other about the links of a file, of what is told of all files together. A file without links serves
    /// nothing and asks for nothing.
    pub(super) fn others(old: Option<&Self>, new: Option<&Self>) -> impl Iterator<Item = Aspect> {
        let [served_before, served] = [old, new].map(|it| it.and_then(|links| links.served.as_ref()));
        let [asked_before, asked] = [old, new].map(|it| it.map_or(&[][..], |links| &links.requests));
        let [loaded_before, loaded] = [old, new].map(|it| it.map_or(&[][..], |links| &links.loads));
        let [used_before, used] = [old, new].map(|it| it.map_or(&[][..], |links| &links.uses));
        let place = |served: &Served| (served.url.clone(), served.kind);
        let all = [
            (Aspect::Urls, served.map(place) != served_before.map(place)),
            (Aspect::Served, served != served_before),
            (Aspect::Requests, asked != asked_before),
            (Aspect::Loads, loaded != loaded_before),
            (Aspect::Uses, used != used_before),
        ];
        all.into_iter().filter(|(_, is_other)| *is_other).map(|(aspect, _)| aspect)
    }

    /// The calls that bear other numbers than in the version before, by those that they bore there; `None` where who calls
    /// whom, where requests come in or what is loaded is another.
    pub(super) fn renumbered(&self, before: &Self) -> Option<Renumbered> {
        let ways = |links: &Self| links.edges.len();
        if ways(self) != ways(before) || self.own != before.own || self.loads != before.loads {
            return None;
        }
        let mut calls = Renumbered::default();
        for (new, old) in self.edges.iter().zip(&before.edges) {
            let way = |edge: &Edge| (edge.from, edge.to, edge.guarded, edge.gives_back);
            let is_same_call = match (old.call, new.call) {
                (Some(old), Some(new)) => *calls.entry(old).or_insert(new) == new,
                (old, new) => old == new,
            };
            if way(new) != way(old) || !is_same_call {
                return None;
            }
        }
        calls.retain(|old, new| old != new);
        Some(calls)
    }

    /// Adds what another piece of the file is linked to.
    pub(super) fn add(&mut self, piece: &Self) {
        let Self {
            edges,
            constructions,
            effects,
            entries,
            own,
            loads,
            names_express,
            served,
            requests,
            uses,
            seen,
            identity: _,
        } = piece;
        self.edges.extend_from_slice(edges);
        self.constructions.extend_from_slice(constructions);
        self.effects.extend_from_slice(effects);
        self.entries.extend_from_slice(entries);
        self.own.extend_from_slice(own);
        self.loads.extend_from_slice(loads);
        self.names_express |= names_express;
        self.served = self.served.take().or_else(|| served.clone());
        self.requests.extend_from_slice(requests);
        self.uses.extend_from_slice(uses);
        self.seen.extend(seen);
    }

    /// To be called when everything has been added.
    pub(super) fn finish(&mut self, project: &Project) {
        // Numbers of files tell in which order they were met; only paths are the same each time.
        let path = |number: FileNo| project.file(number).map(|input| &input.path);
        self.loads.sort_by(|a, b| path(*a).cmp(&path(*b)));
        self.loads.dedup();
        // Few calls lead to more than one function: paths are looked up for those alone.
        self.edges.sort_by(|a, b| {
            let places = || (path(a.to.0), a.to.1).cmp(&(path(b.to.0), b.to.1));
            (a.from, a.call).cmp(&(b.from, b.call)).then_with(places)
        });
        self.edges.dedup();
    }

    /// The ways from a function, or from the top level, to others.
    pub(crate) fn edges_of(&self, function: impl Into<Option<FunctionId>>) -> &[Edge] {
        let function = function.into();
        let first = self.edges.partition_point(|edge| edge.from < function);
        let edges = &self.edges[first..];
        &edges[..edges.partition_point(|edge| edge.from == function)]
    }
}
