//! What modules keep: variables of a module that functions change, and who changes and reads them.

use std::collections::BTreeSet;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHashSet};

use super::symbols::Resolver;
use super::{FileNo, Project};
use crate::facts::{ChunkFacts, DeclId, FunctionId, Read, Shape, Write, class_around, of_class};

/// One use of a variable of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateUse {
    /// The variable: its file and declaration.
    variable: (FileNo, DeclId),
    chunk: u32,
    at: UseAt,
}

/// Which use of a chunk it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum UseAt {
    /// By number among the writes.
    Write(u32),
    /// By function and name, of which there is one: a name that comes in between, such as that of a local variable
    /// while it gets another one, changes nothing.
    Read(u32, CompactString),
}

/// The uses of one variable, in the order of paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// By file, chunk and number.
    writes: Vec<(FileNo, u32, u32)>,
    /// By file, chunk, function and name.
    reads: Vec<(FileNo, u32, u32, CompactString)>,
}

/// Every variable of a module that some function changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct States {
    variables: FxHashMap<(FileNo, DeclId), State>,
}

/// The variables of modules that names of one file were found to mean.
#[derive(Debug, Default)]
pub(super) struct Variables(FxHashMap<CompactString, Option<(FileNo, DeclId)>>);

impl Variables {
    fn named(&mut self, resolver: &mut Resolver<'_>, file: FileNo, name: &str) -> Option<(FileNo, DeclId)> {
        if let Some(known) = self.0.get(name) {
            return *known;
        }
        let found = variable(resolver, file, name);
        self.0.insert(name.into(), found);
        found
    }
}

/// The variable of a module that a name of a file means.
fn variable(resolver: &mut Resolver<'_>, file: FileNo, name: &str) -> Option<(FileNo, DeclId)> {
    if let Some((class, field)) = name.split_once('.') {
        return static_field(resolver, file, class, field);
    }
    let found = resolver.declared(file, name, 0)?;
    let decl = resolver.project_file(found.0)?.facts.decl(found.1);
    (!matches!(decl.value, Shape::Function(_) | Shape::Class(_))).then_some(found)
}

/// The uses of variables of modules by the functions of a statement.
pub(super) fn uses(
    resolver: &mut Resolver<'_>,
    variables: &mut Variables,
    file: FileNo,
    chunk: u32,
    out: &mut Vec<StateUse>,
) {
    let Some(input) = resolver.project_file(file).filter(|input| !input.facts.use_client) else { return };
    let facts = &*input.facts.chunks[chunk as usize].facts;
    let mut note = |name: &str, function: u32, at: UseAt| {
        let variable = match name.strip_prefix("this.") {
            Some(field) => {
                own_field(facts, function, field).map(|decl| (file, DeclId { chunk, number: decl }))
            }
            None => variables.named(resolver, file, name),
        };
        if let Some(variable) = variable {
            out.push(StateUse { variable, chunk, at });
        }
    };
    for (number, write) in (0..).zip(&facts.writes) {
        note(&write.name, write.function, UseAt::Write(number));
    }
    for read in &facts.reads {
        note(&read.name, read.function, UseAt::Read(read.function, read.name.clone()));
    }
}

/// The field that `this.items` is in a function of a class.
fn own_field(facts: &ChunkFacts, function: u32, name: &str) -> Option<u32> {
    Some(of_class(facts, class_around(facts, function)?, name)?.decl)
}

/// The field that `Store.items` is, where the name means a class.
fn static_field(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    class: &str,
    name: &str,
) -> Option<(FileNo, DeclId)> {
    let (file, id) = resolver.declared(file, class, 0)?;
    let facts = &resolver.project_file(file)?.facts;
    let Shape::Class(number) = facts.decl(id).value else { return None };
    let field = of_class(&facts.chunks[id.chunk as usize].facts, number, name)?;
    field.is_static.then_some((file, DeclId { chunk: id.chunk, number: field.decl }))
}

impl States {
    /// Puts together what the links of all files say.
    pub(super) fn collect(project: &Project) -> Self {
        let uses = |file: FileNo| project.links(file).map_or(&[][..], |links| &links.uses);
        let changed: FxHashSet<(FileNo, DeclId)> = project
            .numbers()
            .flat_map(|file| uses(file).iter().filter(|it| matches!(it.at, UseAt::Write(_))))
            .map(|it| it.variable)
            .collect();
        let mut states = Self::default();
        for file in project.numbers() {
            for it in uses(file).iter().filter(|it| changed.contains(&it.variable)) {
                let state = states.variables.entry(it.variable).or_default();
                match &it.at {
                    UseAt::Write(number) => state.writes.push((file, it.chunk, *number)),
                    UseAt::Read(function, name) => {
                        state.reads.push((file, it.chunk, *function, name.clone()));
                    }
                }
            }
        }
        states
    }

    /// The files of whose variables something else is told than in another version.
    pub(super) fn others_than(&self, before: &Self) -> BTreeSet<FileNo> {
        let differs = |new: &Self, old: &Self| {
            let other =
                new.variables.iter().filter(|(variable, state)| old.variables.get(variable) != Some(state));
            other.map(|((file, _), _)| *file).collect::<Vec<_>>()
        };
        differs(self, before).into_iter().chain(differs(before, self)).collect()
    }

    /// A variable that functions change.
    pub(super) fn get(&self, file: FileNo, variable: DeclId) -> Option<&State> {
        self.variables.get(&(file, variable))
    }

    /// Whether a variable of `owner` is used in another file, or by a request that comes in or through there.
    pub(super) fn concern(&self, project: &Project, owner: FileNo, other: FileNo) -> bool {
        let passes = |file: FileNo, function: FunctionId| {
            let way = project.reach().and_then(|reach| reach.way(project, file, function));
            way.is_some_and(|way| way.entry.0 == other || way.calls.iter().any(|hop| hop.file == other))
        };
        self.variables.iter().filter(|((file, _), _)| *file == owner).any(|(_, state)| {
            state.writes.iter().any(|&(file, ..)| file == other)
                || state.reads.iter().any(|&(file, ..)| file == other)
                || state.writes(project).iter().any(|write| passes(write.file, write.function))
        })
    }

    /// The changed variables of a file, in the order of their declarations.
    pub(super) fn of(&self, file: FileNo) -> Vec<DeclId> {
        let mut out: Vec<DeclId> =
            self.variables.keys().filter(|(at, _)| *at == file).map(|(_, variable)| *variable).collect();
        out.sort_unstable();
        out
    }
}

/// A use with the function that it stands in.
#[derive(Debug)]
pub(crate) struct Used<'p, T> {
    pub(crate) file: FileNo,
    pub(crate) function: FunctionId,
    pub(crate) what: &'p T,
}

impl<T> Clone for Used<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Used<'_, T> {}

impl State {
    pub(crate) fn writes<'p>(&self, project: &'p Project) -> Vec<Used<'p, Write>> {
        let used = |&(file, chunk, number): &(FileNo, u32, u32)| {
            let what =
                project.file(file)?.facts.chunks.get(chunk as usize)?.facts.writes.get(number as usize)?;
            Some(Used { file, function: FunctionId { chunk, number: what.function }, what })
        };
        self.writes.iter().filter_map(used).collect()
    }

    pub(crate) fn reads<'p>(&self, project: &'p Project) -> Vec<Used<'p, Read>> {
        let used = |&(file, chunk, function, ref name): &(FileNo, u32, u32, CompactString)| {
            let reads = &project.file(file)?.facts.chunks.get(chunk as usize)?.facts.reads;
            let what = reads.iter().find(|read| read.function == function && read.name == *name)?;
            Some(Used { file, function: FunctionId { chunk, number: function }, what })
        };
        self.reads.iter().filter_map(used).collect()
    }
}
