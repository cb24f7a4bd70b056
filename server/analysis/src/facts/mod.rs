//! What one file says, chunk by chunk: a chunk is a top-level statement.
//!
//! The patterns are laid over the chunks whose text changed only; facts of the others are taken over.
//! A chunk's facts are relative to its first byte and depend on nothing but its text, so taking them over
//! is right by construction. What needs several chunks (which import a name means) is decided on top.

mod chunk;
mod elements;
mod expressions;
mod fields;
mod guards;
mod modules;
mod patterns;
mod reader;
mod shape;
mod steps;
mod taken;
mod touches;

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use compact_str::CompactString;
use rustc_hash::{FxHashMap, FxHasher};
use tree_sitter::Tree;

pub use chunk::{
    Assign, Call, Captured, ChunkFacts, Decl, Function, FunctionKind, Guard, Parameter, RuleMatch,
};
pub use elements::Element;
pub use fields::ClassField;
pub(crate) use fields::{class_around, of_class};
pub(crate) use modules::loaded_module;
pub use modules::{Export, Exported, Import, Imported};
pub(crate) use reader::{FactKind, read};
pub use shape::{At, Name, Shape};
pub use steps::{Branch, BranchKind, Field, Step, StepAt, Steps};
pub use taken::{Taken, Taking};
pub use touches::{How, Read, Write};

use crate::json::{self, CronPath};
use crate::rules::Catalogue;
use crate::syntax::Grammar;
use crate::text::{LineIndex, Span};

/// A top-level statement and what it says.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Its first byte in the file.
    pub start: u32,
    /// What it says, relative to `start`.
    pub facts: Arc<ChunkFacts>,
    /// Equal texts give equal keys.
    key: ChunkKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChunkKey {
    text: u64,
    len: u32,
    kind: u16,
    has_error: bool,
    nodes: u32,
}

/// A function of a file: the chunk it stands in and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId {
    /// Number of the chunk.
    pub chunk: u32,
    /// Number in the chunk.
    pub number: u32,
}

/// A call of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    /// Number of the chunk.
    pub chunk: u32,
    /// Number in the chunk.
    pub number: u32,
}

/// A declaration of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeclId {
    /// Number of the chunk.
    pub chunk: u32,
    /// Number in the chunk.
    pub number: u32,
}

/// What one file says.
#[derive(Debug, Default)]
pub struct FileFacts {
    /// Its top-level statements in order.
    pub chunks: Vec<Chunk>,
    /// Every module specifier the file names, sorted, each once.
    pub specifiers: Vec<Arc<str>>,
    /// `'use client'` at the top.
    pub use_client: bool,
    /// `'use server'` at the top.
    pub use_server: bool,
    /// The file's lines, where it holds comments that speak to Routewise, or registers what hovers link to.
    pub lines: Option<LineIndex>,
    /// What a `vercel.json` has asked for by the clock.
    pub crons: Vec<CronPath>,
    /// Equal for two versions of the file that mean the same to the rest of the project.
    pub summary: u64,
    /// Module-level names.
    bindings: FxHashMap<CompactString, DeclId>,
    /// Imported names: chunk and number.
    imported: FxHashMap<CompactString, (u32, u32)>,
    /// Exported names: chunk and number; `export *` apart.
    exported: FxHashMap<CompactString, (u32, u32)>,
    /// First function of each chunk in the file's numbering.
    first_function: Vec<u32>,
}

impl FileFacts {
    /// Reads a JSON file, which has no statements. What it says is nobody's business but its own.
    pub fn of_json(text: &str) -> Self {
        Self { crons: json::cron_paths(text), ..Self::default() }
    }

    /// Reads a tree, taking over from `old` every chunk whose text is the same.
    pub fn read(
        catalogue: &Catalogue,
        grammar: Grammar,
        text: &str,
        tree: Option<&Tree>,
        old: Option<&FileFacts>,
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
            .collect();
        let keys: Vec<ChunkKey> = nodes
            .iter()
            .map(|node| {
                let mut hasher = FxHasher::default();
                hasher.write(&text.as_bytes()[node.byte_range()]);
                ChunkKey {
                    text: hasher.finish(),
                    len: node.byte_range().len() as u32,
                    kind: node.kind_id(),
                    has_error: node.has_error(),
                    nodes: node.descendant_count() as u32,
                }
            })
            .collect();
        let old = old.map(|old| old.chunks.as_slice()).unwrap_or_default();
        let head = keys.iter().zip(old).take_while(|(key, old)| **key == old.key).count();
        let tail = keys[head..]
            .iter()
            .rev()
            .zip(old[head..].iter().rev())
            .take_while(|(key, old)| **key == old.key)
            .count();
        let mut chunks = Vec::with_capacity(nodes.len());
        for (number, (node, key)) in nodes.iter().zip(&keys).enumerate() {
            let facts = if number < head {
                Arc::clone(&old[number].facts)
            } else if number >= nodes.len() - tail {
                Arc::clone(&old[old.len() - (nodes.len() - number)].facts)
            } else {
                Arc::new(catalogue.read_chunk(grammar, text, *node))
            };
            chunks.push(Chunk { start: node.start_byte() as u32, facts, key: *key });
        }
        Self::assemble(chunks, text)
    }

    fn assemble(chunks: Vec<Chunk>, text: &str) -> Self {
        let mut facts = Self { chunks, ..Self::default() };
        let mut summary = FxHasher::default();
        let mut functions = 0;
        let mut directives = true;
        for (number, chunk) in facts.chunks.iter().enumerate() {
            let number = number as u32;
            facts.first_function.push(functions);
            functions += chunk.facts.functions.len() as u32;
            // The number counts: calls and functions are told by chunk, so a statement more or less, even one
            // that says nothing, is a difference.
            (number + 1, chunk.facts.summary).hash(&mut summary);
            for (at, decl) in chunk.facts.decls.iter().enumerate() {
                if decl.scope.is_none() {
                    facts.bindings.insert(decl.name.clone(), DeclId { chunk: number, number: at as u32 });
                }
            }
            for (at, import) in chunk.facts.imports.iter().enumerate() {
                facts.specifiers.push(import.specifier.as_str().into());
                if let Some((local, _)) = &import.local {
                    facts.imported.insert(local.clone(), (number, at as u32));
                }
            }
            for (at, export) in chunk.facts.exports.iter().enumerate() {
                facts.exported.insert(export.name.clone(), (number, at as u32));
            }
            let statement = Span::new(chunk.start, chunk.start + chunk.key.len).of(text);
            directives &= statement.starts_with(['"', '\'', '/']);
            if directives {
                facts.use_client |= statement.get(1..11) == Some("use client");
                facts.use_server |= statement.get(1..11) == Some("use server");
            }
        }
        let speaks = facts.chunks.iter().any(|chunk| !chunk.facts.comments.is_empty());
        let registers = facts.specifiers.iter().any(|specifier| &**specifier == "express");
        facts.lines = (speaks || registers).then(|| LineIndex::new(text));
        facts.use_client.hash(&mut summary);
        facts.use_server.hash(&mut summary);
        facts.specifiers.sort_unstable();
        facts.specifiers.dedup();
        facts.summary = summary.finish();
        facts
    }

    /// What a module-level name was declared as.
    pub fn binding(&self, name: &str) -> Option<(DeclId, &Decl)> {
        let id = *self.bindings.get(name)?;
        Some((id, &self.chunks[id.chunk as usize].facts.decls[id.number as usize]))
    }

    /// The import that bound a name.
    pub fn import(&self, local: &str) -> Option<&Import> {
        let &(chunk, number) = self.imported.get(local)?;
        self.chunks[chunk as usize].facts.imports.get(number as usize)
    }

    /// The export of a name, with the number of its chunk.
    pub fn export(&self, name: &str) -> Option<(u32, &Export)> {
        let &(chunk, number) = self.exported.get(name)?;
        Some((chunk, self.chunks[chunk as usize].facts.exports.get(number as usize)?))
    }

    /// Every export with the number of its chunk.
    pub fn exports(&self) -> impl Iterator<Item = (u32, &Export)> {
        self.chunks
            .iter()
            .enumerate()
            .flat_map(|(number, chunk)| chunk.facts.exports.iter().map(move |export| (number as u32, export)))
    }

    /// Every import with the number of its chunk.
    pub fn imports(&self) -> impl Iterator<Item = (u32, &Import)> {
        self.chunks
            .iter()
            .enumerate()
            .flat_map(|(number, chunk)| chunk.facts.imports.iter().map(move |import| (number as u32, import)))
    }

    /// Every function, in the order of [`FileFacts::index_of`].
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.chunks.iter().enumerate().flat_map(|(chunk, it)| {
            it.facts.functions.iter().enumerate().map(move |(number, function)| {
                (FunctionId { chunk: chunk as u32, number: number as u32 }, function)
            })
        })
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
        self.first_function[id.chunk as usize] + id.number
    }

    /// The function with a number in the whole file.
    pub fn function_of(&self, index: u32) -> FunctionId {
        let chunk = self.first_function.partition_point(|&first| first <= index) - 1;
        FunctionId { chunk: chunk as u32, number: index - self.first_function[chunk] }
    }

    /// Number of functions.
    pub fn function_count(&self) -> u32 {
        self.chunks.last().map_or(0, |chunk| {
            self.first_function.last().copied().unwrap_or(0) + chunk.facts.functions.len() as u32
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
        (offset <= chunk.start + chunk.key.len).then_some(number as u32)
    }
}
