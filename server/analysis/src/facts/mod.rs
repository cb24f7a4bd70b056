//! What one file says, chunk by chunk: a chunk is a top-level statement.
//!
//! The patterns are laid over the chunks whose text changed only; facts of the others are taken over.
//! A chunk's facts are relative to its first byte and depend on nothing but its text, and on which words of the
//! rules its file holds, so taking them over is right by construction. What needs several chunks (which import a
//! name means) is decided on top.

mod assigned;
mod called;
mod chunk;
mod declared;
mod elements;
mod expressions;
mod fields;
mod guards;
mod kinds;
mod modules;
mod patterns;
mod reader;
mod scopes;
mod shape;
mod steps;
mod taken;
mod touches;
mod watched;

use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::{Node, Tree};

pub use chunk::{
    Assign, Call, Captured, ChunkFacts, Decl, Function, FunctionKind, Guard, Parameter, RuleMatch,
};
pub use elements::Element;
pub use fields::ClassField;
pub(crate) use fields::{class_around, of_class};
pub(crate) use kinds::FactKind;
pub use modules::{Export, Exported, Import, Imported};
pub(crate) use modules::{is_module_exports, loaded_module};
pub(crate) use reader::read;
pub use shape::{At, Name, Shape};
pub use steps::{Branch, BranchKind, Field, Step, StepAt, Steps};
pub use taken::{Taken, Taking};
pub use touches::{How, Read, Write};
pub use watched::Watched;
pub(crate) use watched::{Identity, Looked, look_into, new_identity, renew, unwatched, watch};

use serde::{Deserialize, Serialize};

use crate::json::{self, CronPath};
use crate::rules::{Catalogue, Mentions};
use crate::syntax::Grammar;
use crate::text::{LineIndex, Span};

/// A top-level statement and what it says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chunk {
    /// Its first byte in the file.
    pub start: u32,
    /// What it says, relative to `start`.
    pub facts: Watched,
    form: ChunkForm,
}

/// What two statements of the same text share where they were parsed alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ChunkForm {
    len: u32,
    kind: u16,
    has_error: bool,
    nodes: u32,
}

/// What no edit has touched of a text since its facts were read: so many bytes at its beginning, and so many at
/// its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untouched {
    head: u32,
    tail: u32,
}

impl Untouched {
    /// Nothing has happened yet.
    pub(crate) const ALL: Self = Self { head: u32::MAX, tail: u32::MAX };

    /// The one text did not come from the other.
    pub(crate) const NOTHING: Self = Self { head: 0, tail: 0 };

    /// After `replaced` of a text of `length` bytes was edited.
    #[must_use]
    pub(crate) fn after(self, replaced: Span, length: u32) -> Self {
        Self { head: self.head.min(replaced.start), tail: self.tail.min(length - replaced.end) }
    }

    /// What neither of two edits touched, the one after the other.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self { head: self.head.min(other.head), tail: self.tail.min(other.tail) }
    }
}

/// A function of a file: the chunk it stands in and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FunctionId {
    /// Number of the chunk.
    pub chunk: u32,
    /// Number in the chunk.
    pub number: u32,
}

/// A call of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    /// Number of the chunk.
    pub chunk: u32,
    /// Number in the chunk.
    pub number: u32,
}

/// A declaration of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeclId {
    /// Number of the chunk.
    pub chunk: u32,
    /// Number in the chunk.
    pub number: u32,
}

/// What one file says.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct FileFacts {
    /// Its top-level statements in order.
    pub chunks: Vec<Chunk>,
    /// Every module specifier the file names, sorted, each once.
    #[serde(skip)]
    pub specifiers: Arc<[Arc<str>]>,
    /// `'use client'` at the top.
    pub use_client: bool,
    /// `'use server'` at the top.
    pub use_server: bool,
    /// The file's lines, where it holds comments that speak to Routewise, or registers what hovers link to.
    pub lines: Option<Arc<LineIndex>>,
    /// What a `vercel.json` has asked for by the clock.
    pub crons: Vec<CronPath>,
    /// Equal for two versions of the file that mean the same to the rest of the project.
    pub summary: u64,
    #[serde(skip)]
    names: Arc<Names>,
    /// The words that patterns ask for and the file holds.
    mentions: Mentions,
    /// Bytes of the file.
    length: u32,
}

/// What one file says as it is kept: without what follows from its statements, and in the order of [`FileFacts`].
#[derive(Deserialize)]
struct Kept {
    chunks: Vec<Chunk>,
    use_client: bool,
    use_server: bool,
    lines: Option<Arc<LineIndex>>,
    crons: Vec<CronPath>,
    summary: u64,
    mentions: Mentions,
    length: u32,
}

impl From<Kept> for FileFacts {
    fn from(kept: Kept) -> Self {
        let Kept { chunks, use_client, use_server, lines, crons, summary, mentions, length } = kept;
        let (specifiers, names) = (specifiers(&chunks), Arc::new(Names::of(&chunks)));
        Self { chunks, specifiers, use_client, use_server, lines, crons, summary, names, mentions, length }
    }
}

/// Where the names of a file's top level are told, by number of chunk and number there. Versions share them until
/// one of these names changes.
#[derive(Debug, Default)]
struct Names {
    /// Module-level names.
    bindings: FxHashMap<CompactString, DeclId>,
    /// Imported names.
    imported: FxHashMap<CompactString, (u32, u32)>,
    /// Exported names; `export *` apart.
    exported: FxHashMap<CompactString, (u32, u32)>,
    /// Names that stand for `module.exports`.
    stand_ins: BTreeSet<CompactString>,
    /// First function of each chunk in the file's numbering.
    first_function: Vec<u32>,
    /// The chunks that import something.
    importing: Vec<u32>,
    /// The chunks that export something.
    exporting: Vec<u32>,
    /// The functions that start with `'use server'`.
    actions: Vec<FunctionId>,
}

impl FileFacts {
    /// Reads a JSON file, which has no statements. What it says is nobody's business but its own.
    pub fn of_json(text: &str) -> Self {
        Self { crons: json::cron_paths(text), ..Self::default() }
    }

    /// Reads a tree, taking over from `old` every chunk that stands in what is untouched.
    pub(crate) fn read(
        catalogue: &Catalogue,
        grammar: Grammar,
        text: &str,
        lines: &Arc<LineIndex>,
        tree: Option<&Tree>,
        old: Option<(&FileFacts, Untouched)>,
    ) -> Self {
        let Some(tree) = tree else { return Self::default() };
        let root = tree.root_node();
        let mut cursor = root.walk();
        // A comment without a word for us says nothing, and files have many.
        let nodes: Vec<_> = root
            .named_children(&mut cursor)
            .filter(|node| {
                node.kind() != "comment"
                    || memchr::memmem::find(&text.as_bytes()[node.byte_range()], b"routewise-").is_some()
            })
            .map(|node| (span_of(node), ChunkForm::of(node), node))
            .collect();
        let length = text.len() as u32;
        let still_there =
            |(old, untouched): (&FileFacts, Untouched)| old.still_there(&nodes, length, untouched);
        let (mut head, mut tail) = old.map_or((0, 0), still_there);
        let old = old.map(|(old, _)| old);
        let taken_over = |number: usize, head: usize, tail: usize| {
            let (before, from_end) = (&old?.chunks, nodes.len() - number);
            let at = if number < head { number } else { before.len().checked_sub(from_end)? };
            (number < head || from_end <= tail).then(|| &before[at].facts)
        };
        let said = |number: usize, span: Span| match taken_over(number, head, tail) {
            Some(facts) => facts.mentions,
            None => catalogue.mentions(grammar, span.of(text)),
        };
        let said: Vec<Mentions> = nodes.iter().enumerate().map(|(at, (span, ..))| said(at, *span)).collect();
        let mentions = said.iter().copied().fold(Mentions::default(), Mentions::and);
        // Which patterns are looked for in a chunk is for the whole file to say.
        if old.is_some_and(|old| old.mentions != mentions) {
            (head, tail) = (0, 0);
        }
        let mut chunks = Vec::with_capacity(nodes.len());
        for (number, &(span, form, node)) in nodes.iter().enumerate() {
            let facts = taken_over(number, head, tail).cloned().unwrap_or_else(|| {
                let facts = catalogue.read_chunk(grammar, text, node, mentions);
                let before = old.filter(|old| old.chunks.len() == nodes.len()).map(|old| &old.chunks[number]);
                Watched::new(
                    ChunkFacts { mentions: said[number], ..facts },
                    before.map(|before| &before.facts),
                )
            });
            chunks.push(Chunk { start: span.start, facts, form });
        }
        let read_again = head..nodes.len() - tail;
        let same_names = |old: &&FileFacts| {
            old.chunks.len() == chunks.len()
                && read_again.clone().all(|at| old.chunks[at].facts.names == chunks[at].facts.names)
        };
        let (specifiers, names) = match old.filter(same_names) {
            Some(old) => (Arc::clone(&old.specifiers), Arc::clone(&old.names)),
            None => (specifiers(&chunks), Arc::new(Names::of(&chunks))),
        };
        let mut facts = Self { chunks, specifiers, names, mentions, length, ..Self::default() };
        facts.sum_up(text, lines);
        facts
    }

    /// How many chunks at the beginning, and how many at the end, are those of a later version of the file.
    fn still_there(
        &self,
        nodes: &[(Span, ChunkForm, Node<'_>)],
        length: u32,
        untouched: Untouched,
    ) -> (usize, usize) {
        let old = self.chunks.as_slice();
        let same = |(span, form, _): &(Span, ChunkForm, Node<'_>), start: u32, old: &Chunk| {
            span.start == start && *form == old.form
        };
        let head = nodes
            .iter()
            .zip(old)
            .take_while(|(new, old)| new.0.end <= untouched.head && same(new, old.start, old))
            .count();
        let tail = nodes[head..]
            .iter()
            .rev()
            .zip(old[head..].iter().rev())
            .take_while(|(new, old)| {
                let to_end = self.length - old.start;
                to_end <= untouched.tail && to_end <= length && same(new, length - to_end, old)
            })
            .count();
        (head, tail)
    }

    /// What follows from all chunks together.
    fn sum_up(&mut self, text: &str, lines: &Arc<LineIndex>) {
        let mut summary = FxHasher::default();
        for (number, chunk) in self.chunks.iter().enumerate() {
            // The number counts: calls and functions are told by chunk, so a statement more or less, even one
            // that says nothing, is a difference.
            (number as u32 + 1, chunk.facts.summary).hash(&mut summary);
        }
        for chunk in &self.chunks {
            let statement = Span::new(chunk.start, chunk.start + chunk.form.len).of(text);
            if !statement.starts_with(['"', '\'', '/']) {
                break;
            }
            self.use_client |= statement.get(1..11) == Some("use client");
            self.use_server |= statement.get(1..11) == Some("use server");
        }
        let speaks = self.chunks.iter().any(|chunk| !chunk.facts.comments.is_empty());
        let registers = self.specifiers.iter().any(|specifier| &**specifier == "express");
        self.lines = (speaks || registers).then(|| Arc::clone(lines));
        self.use_client.hash(&mut summary);
        self.use_server.hash(&mut summary);
        self.summary = summary.finish();
    }

    /// Whether functions bear the same numbers in another version of the file, and modules are loaded alike.
    pub(crate) fn is_laid_out_as(&self, other: &Self) -> bool {
        let functions = |facts: &Self| (facts.function_count(), facts.use_client);
        functions(self) == functions(other)
            && self.specifiers == other.specifiers
            && (Arc::ptr_eq(&self.names, &other.names)
                || self.names.first_function == other.names.first_function)
    }

    /// Whether its statements bear the same names as those of another version that says the same.
    pub(crate) fn has_the_names_of(&self, other: &Self) -> bool {
        fn names(facts: &FileFacts) -> impl Iterator<Item = Identity> {
            facts.chunks.iter().map(|chunk| chunk.facts.identity())
        }
        names(self).eq(names(other))
    }

    /// The chunks of this version that say something else than in the one before, where that is all the
    /// difference there is: the top level tells the same names by the same numbers.
    pub(crate) fn changed_inside(&self, before: &Self) -> Option<Vec<u32>> {
        let same = Arc::ptr_eq(&self.names, &before.names)
            && (self.use_client, self.use_server) == (before.use_client, before.use_server);
        same.then(|| {
            let pairs = (0..).zip(self.chunks.iter().zip(&before.chunks));
            let changed = pairs.filter(|(_, (new, old))| new.facts.identity() != old.facts.identity());
            changed.map(|(number, _)| number).collect()
        })
    }

    /// What a module-level name was declared as.
    pub fn binding(&self, name: &str) -> Option<(DeclId, &Decl)> {
        let id = *self.names.bindings.get(name)?;
        Some((id, &self.chunks[id.chunk as usize].facts.decls[id.number as usize]))
    }

    /// The import that bound a name.
    pub fn import(&self, local: &str) -> Option<&Import> {
        let &(chunk, number) = self.names.imported.get(local)?;
        self.chunks[chunk as usize].facts.imports.get(number as usize)
    }

    /// The export of a name, with the number of its chunk.
    pub fn export(&self, name: &str) -> Option<(u32, &Export)> {
        let &(chunk, number) = self.names.exported.get(name)?;
        Some((chunk, self.chunks[chunk as usize].facts.exports.get(number as usize)?))
    }

    /// Every export with the number of its chunk.
    pub fn exports(&self) -> impl Iterator<Item = (u32, &Export)> {
        let chunks = self.names.exporting.iter().map(|&number| (number, &self.chunks[number as usize]));
        chunks
            .flat_map(|(number, chunk)| chunk.facts.exports.iter().map(move |export| (number, export)))
            .filter(|(_, export)| self.names.exports(export))
    }

    /// The names that stand for `module.exports`.
    pub(crate) fn stand_ins(&self) -> impl Iterator<Item = &CompactString> {
        self.names.stand_ins.iter()
    }

    /// Whether a name of the top level stands for `module.exports`.
    pub(crate) fn stands_for_exports(&self, name: &str) -> bool {
        self.names.stand_ins.contains(name)
    }

    /// Every import with the number of its chunk.
    pub fn imports(&self) -> impl Iterator<Item = (u32, &Import)> {
        let chunks = self.names.importing.iter().map(|&number| (number, &self.chunks[number as usize]));
        chunks.flat_map(|(number, chunk)| chunk.facts.imports.iter().map(move |import| (number, import)))
    }

    /// Every function, in the order of [`FileFacts::index_of`].
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.chunks.iter().enumerate().flat_map(|(chunk, it)| {
            it.facts.functions.iter().enumerate().map(move |(number, function)| {
                (FunctionId { chunk: chunk as u32, number: number as u32 }, function)
            })
        })
    }

    /// The functions that start with `'use server'`.
    pub(crate) fn actions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.names.actions.iter().map(|&id| (id, self.function(id)))
    }

    /// Every call.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &Call)> {
        self.chunks.iter().enumerate().flat_map(|(chunk, it)| {
            it.facts
                .calls
                .iter()
                .enumerate()
                .map(move |(number, call)| (CallId { chunk: chunk as u32, number: number as u32 }, call))
        })
    }

    /// One function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.chunks[id.chunk as usize].facts.functions[id.number as usize]
    }

    /// One call.
    pub fn call(&self, id: CallId) -> &Call {
        &self.chunks[id.chunk as usize].facts.calls[id.number as usize]
    }

    /// One declaration.
    pub fn decl(&self, id: DeclId) -> &Decl {
        &self.chunks[id.chunk as usize].facts.decls[id.number as usize]
    }

    /// A function's number in the whole file, from 0.
    pub fn index_of(&self, id: FunctionId) -> u32 {
        self.names.first_function[id.chunk as usize] + id.number
    }

    /// The function with a number in the whole file.
    pub fn function_of(&self, index: u32) -> FunctionId {
        let chunk = self.names.first_function.partition_point(|&first| first <= index) - 1;
        FunctionId { chunk: chunk as u32, number: index - self.names.first_function[chunk] }
    }

    /// Number of functions.
    pub fn function_count(&self) -> u32 {
        self.chunks.last().map_or(0, |chunk| {
            self.names.first_function.last().copied().unwrap_or(0) + chunk.facts.functions.len() as u32
        })
    }

    /// A place of a chunk as a place of the file.
    pub fn span(&self, chunk: u32, at: At) -> Span {
        at.0.shift(self.chunks[chunk as usize].start)
    }

    /// The chunk that holds `offset`.
    pub fn chunk_at(&self, offset: u32) -> Option<u32> {
        let number = self.chunks.partition_point(|chunk| chunk.start <= offset).checked_sub(1)?;
        let chunk = &self.chunks[number];
        (offset <= chunk.start + chunk.form.len).then_some(number as u32)
    }
}

fn span_of(node: Node<'_>) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}

impl ChunkForm {
    fn of(node: Node<'_>) -> Self {
        Self {
            len: node.byte_range().len() as u32,
            kind: node.kind_id(),
            has_error: node.has_error(),
            nodes: node.descendant_count() as u32,
        }
    }
}

impl Names {
    fn of(chunks: &[Chunk]) -> Self {
        let stand_ins = chunks.iter().flat_map(|chunk| &chunk.facts.stand_ins).cloned().collect();
        let mut names = Self { stand_ins, ..Self::default() };
        let mut functions = 0;
        for (number, chunk) in chunks.iter().enumerate() {
            let number = number as u32;
            names.first_function.push(functions);
            functions += chunk.facts.functions.len() as u32;
            let actions = (0..).zip(&chunk.facts.functions).filter(|(_, function)| function.use_server);
            names.actions.extend(actions.map(|(at, _)| FunctionId { chunk: number, number: at }));
            if !chunk.facts.imports.is_empty() {
                names.importing.push(number);
            }
            if !chunk.facts.exports.is_empty() {
                names.exporting.push(number);
            }
            for (at, decl) in chunk.facts.decls.iter().enumerate() {
                if decl.scope.is_none() {
                    names.bindings.insert(decl.name.clone(), DeclId { chunk: number, number: at as u32 });
                }
            }
            for (at, import) in chunk.facts.imports.iter().enumerate() {
                if let Some((local, _)) = &import.local {
                    names.imported.insert(local.clone(), (number, at as u32));
                }
            }
            for (at, export) in chunk.facts.exports.iter().enumerate() {
                if names.exports(export) {
                    names.exported.insert(export.name.clone(), (number, at as u32));
                }
            }
        }
        names
    }

    /// Whether the file exports it.
    fn exports(&self, export: &Export) -> bool {
        export.into.as_ref().is_none_or(|name| self.stand_ins.contains(name))
    }
}

/// Every module specifier, sorted, each once.
fn specifiers(chunks: &[Chunk]) -> Arc<[Arc<str>]> {
    let imports = chunks.iter().flat_map(|chunk| &chunk.facts.imports);
    let mut names: Vec<&str> = imports.map(|import| import.specifier.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Arc::from).collect()
}
