//! The searches: each is a walk over all functions, which are laid out by number once for all of them.

use std::collections::VecDeque;

use super::{Load, Reach, Step};
use crate::facts::{CallId, new_identity};
use crate::project::{FileNo, Project};

/// Whom a function leads to.
struct Way {
    to: u32,
    /// As [`crate::project::Edge`] has these.
    call: Option<CallId>,
    guarded: bool,
    gives_back: bool,
}

/// A function that an entry begins with.
struct Root {
    node: u32,
    entry: (FileNo, u32),
    layer: u8,
    edge_runtime: bool,
}

/// All functions by number, and where the searches begin.
struct Graph {
    /// The ways of all functions, one function after the other.
    ways: Vec<Way>,
    /// Where those of each function end.
    end: Vec<u32>,
    /// Those of all entries, by the path of the file.
    roots: Vec<Root>,
    /// What the top level of modules calls.
    loaded: Vec<u32>,
}

impl Reach {
    pub(in crate::project) fn search(project: &Project) -> Self {
        let mut base = Vec::with_capacity(project.file_count() + 1);
        let mut nodes = 0;
        for number in 0..project.file_count() as FileNo {
            base.push(nodes);
            nodes += project.file(number).map_or(0, |input| input.facts.function_count());
        }
        base.push(nodes);
        let mut reach = Self {
            base,
            names: std::iter::repeat_with(new_identity).take(project.file_count()).collect(),
            handed: Vec::new(),
            request: Vec::new(),
            guarded: Vec::new(),
            load: Vec::new(),
            layers: layers(project),
            asked: Vec::new(),
            asked_at_all: Vec::new(),
        };
        let graph = Graph::of(project, &reach);
        reach.handed = graph.handed();
        reach.request = graph.requests(&reach.handed, false);
        reach.guarded = graph.requests(&reach.handed, true);
        reach.load = graph.load();
        reach.asked = graph.asked(&reach.handed, false);
        reach.asked_at_all = graph.asked(&reach.handed, true);
        reach
    }
}

impl Graph {
    fn of(project: &Project, reach: &Reach) -> Self {
        let mut graph = Self { ways: Vec::new(), end: Vec::new(), roots: Vec::new(), loaded: Vec::new() };
        for file in 0..project.file_count() as FileNo {
            // They are sorted by who calls.
            for edge in project.links(file).into_iter().flat_map(|links| &links.edges) {
                let Some(to) = reach.node(project, edge.to.0, edge.to.1) else { continue };
                let Some(from) = edge.from else {
                    if !edge.guarded {
                        graph.loaded.push(to);
                    }
                    continue;
                };
                let Some(from) = reach.node(project, file, from) else { continue };
                graph.end.resize(from as usize, graph.ways.len() as u32);
                graph.ways.push(Way {
                    to,
                    call: edge.call,
                    guarded: edge.guarded,
                    gives_back: edge.gives_back,
                });
            }
        }
        let nodes = reach.base.last().copied().unwrap_or_default();
        graph.end.resize(nodes as usize, graph.ways.len() as u32);
        for file in project.numbers() {
            let entries = project.links(file).map_or(&[][..], |links| &links.entries);
            for (number, entry) in (0..).zip(entries) {
                let nodes = entry.roots.iter().filter_map(|&(file, root)| reach.node(project, file, root));
                graph.roots.extend(nodes.map(|node| Root {
                    node,
                    entry: (file, number),
                    layer: entry.layer as u8,
                    edge_runtime: entry.edge,
                }));
            }
        }
        graph
    }

    fn ways(&self, node: u32) -> &[Way] {
        let first = node.checked_sub(1).map_or(0, |before| self.end[before as usize]);
        &self.ways[first as usize..self.end[node as usize] as usize]
    }

    /// The ways that are taken when a function runs.
    fn running(&self, node: u32, handed: &[bool], through_guards: bool) -> impl Iterator<Item = &Way> {
        let is_handed = handed[node as usize];
        self.ways(node)
            .iter()
            .filter(move |way| (through_guards || !way.guarded) && (!way.gives_back || is_handed))
    }

    /// What frameworks are handed: the roots of all entries, and what these give back.
    fn handed(&self) -> Vec<bool> {
        let mut handed = vec![false; self.end.len()];
        let mut pending: Vec<u32> = self.roots.iter().map(|root| root.node).collect();
        while let Some(node) = pending.pop() {
            if !std::mem::replace(&mut handed[node as usize], true) {
                pending.extend(self.ways(node).iter().filter(|way| way.gives_back).map(|way| way.to));
            }
        }
        handed
    }

    /// A search in breadth from the roots of all entries, so that the way kept is a shortest one; ties go
    /// to the file that comes first by its path.
    fn requests(&self, handed: &[bool], through_guards: bool) -> Vec<Option<Step>> {
        let mut steps: Vec<Option<Step>> = vec![None; self.end.len()];
        let mut queue = VecDeque::new();
        for root in &self.roots {
            if steps[root.node as usize].is_none() {
                let step =
                    Step { from: None, call: None, entry: root.entry, edge_runtime: root.edge_runtime };
                steps[root.node as usize] = Some(step);
                queue.push_back(root.node);
            }
        }
        while let Some(node) = queue.pop_front() {
            let Some(step) = steps[node as usize] else { continue };
            for way in self.running(node, handed, through_guards) {
                if steps[way.to as usize].is_none() {
                    steps[way.to as usize] = Some(Step { from: Some(node), call: way.call, ..step });
                    queue.push_back(way.to);
                }
            }
        }
        steps
    }

    /// Functions that the top level of some module calls.
    fn load(&self) -> Vec<bool> {
        let mut load = vec![false; self.end.len()];
        let mut pending = self.loaded.clone();
        while let Some(node) = pending.pop() {
            if !std::mem::replace(&mut load[node as usize], true) {
                // A function that is only written inside runs later.
                let called = self.ways(node).iter().filter(|way| !way.guarded && way.call.is_some());
                pending.extend(called.map(|way| way.to));
            }
        }
        load
    }

    /// The layers whose requests reach each function.
    fn asked(&self, handed: &[bool], through_guards: bool) -> Vec<u8> {
        let mut asked = vec![0; self.end.len()];
        let mut queue = VecDeque::new();
        for root in &self.roots {
            asked[root.node as usize] |= root.layer;
            queue.push_back(root.node);
        }
        while let Some(node) = queue.pop_front() {
            let layers: u8 = asked[node as usize];
            for way in self.running(node, handed, through_guards) {
                let next = &mut asked[way.to as usize];
                if *next | layers != *next {
                    *next |= layers;
                    queue.push_back(way.to);
                }
            }
        }
        asked
    }
}

/// Layers flow along imports from the files that hold entries; a `'use client'` file is another world.
fn layers(project: &Project) -> Vec<Load> {
    let mut loads = vec![Load { layer: 0, origin: None }; project.file_count()];
    let mut queue: VecDeque<FileNo> = VecDeque::new();
    for file in project.numbers() {
        let Some(links) = project.links(file) else { continue };
        let layer = links.entries.iter().fold(0, |layers, entry| layers | entry.layer as u8);
        if layer != 0 {
            loads[file as usize] = Load { layer, origin: Some(file) };
            queue.push_back(file);
        }
    }
    while let Some(file) = queue.pop_front() {
        let from = loads[file as usize];
        for &loaded in project.links(file).into_iter().flat_map(|links| &links.loads) {
            if project.file(loaded).is_none_or(|input| input.facts.use_client) {
                continue;
            }
            let before = loads[loaded as usize];
            if before.layer | from.layer != before.layer {
                let origin = before.origin.or(from.origin);
                loads[loaded as usize] = Load { layer: before.layer | from.layer, origin };
                queue.push_back(loaded);
            }
        }
    }
    loads
}
