//! A match while it is judged, and what can be asked about its captures.

use compact_str::CompactString;

use crate::facts::{CallId, Captured, ChunkFacts, FunctionId, Name, RuleMatch, Shape};
use crate::path::FilePath;
use crate::project::{Construction, FileInput, FileNo, Project, Resolver, Symbol, routes};
use crate::rules::Condition;
use crate::syntax::Grammar;

use super::detectors::Place;
use super::words;

/// A match while it is judged.
pub(crate) struct Site<'p> {
    pub(crate) project: &'p Project,
    pub(crate) file: FileNo,
    pub(crate) input: &'p FileInput,
    pub(crate) chunk: u32,
    pub(crate) matched: &'p RuleMatch,
}

impl<'p> Site<'p> {
    /// The file it stands in.
    pub(super) fn place(&self) -> Place<'p> {
        Place { project: self.project, file: self.file, input: self.input }
    }

    pub(crate) fn chunk_facts(&self) -> &'p ChunkFacts {
        &self.input.facts.chunks[self.chunk as usize].facts
    }

    /// Where a capture stands in its chunk.
    pub(crate) fn capture(&self, name: u32) -> Option<&'p Captured> {
        self.matched.captures.iter().find(|captured| captured.name == name)
    }

    /// A capture by the name it has in the rule.
    pub(super) fn captured_as(&self, name: &str) -> Option<&'p Captured> {
        self.named(self.matched, name)
    }

    /// A capture of a match in the same file by the name it has in the rule.
    pub(super) fn named<'m>(&self, matched: &'m RuleMatch, name: &str) -> Option<&'m Captured> {
        let compiled = self.project.catalogue().compiled(Grammar::of(&self.input.path));
        let pattern = compiled.patterns.get(matched.pattern as usize)?;
        matched.captures.iter().find(|captured| pattern.capture_name(captured.name) == name)
    }

    /// What a condition is about.
    pub(super) fn captured(&self, condition: &Condition) -> Option<&'p Captured> {
        self.capture(condition.capture?)
    }

    /// The captured call.
    pub(super) fn call(&self, condition: &Condition) -> Option<CallId> {
        let at = self.captured(condition)?.at;
        Some(CallId { chunk: self.chunk, number: self.chunk_facts().call_at(at)? })
    }

    /// What the captured call makes, where it makes a value of a library.
    pub(super) fn made(&self, condition: &Condition) -> Option<&'p Construction> {
        words::construction_at(self.project, self.file, self.call(condition)?)
    }

    /// The innermost function around a place of the chunk.
    pub(super) fn function_at(&self, offset: u32) -> Option<FunctionId> {
        let number = self.chunk_facts().function_at(offset)?;
        Some(FunctionId { chunk: self.chunk, number })
    }

    /// The captured function itself.
    pub(super) fn function(&self, condition: &Condition) -> Option<FunctionId> {
        let at = self.captured(condition)?.at;
        let function = self.function_at(at.start)?;
        (self.input.facts.function(function).at.0 == at).then_some(function)
    }

    /// The form of the captured expression, as far as names, chains, calls and functions go.
    pub(super) fn shape(&self, captured: &Captured) -> Shape {
        let chunk = self.chunk_facts();
        if let Some(call) = chunk.call_at(captured.at) {
            return Shape::Call(call);
        }
        chain(chunk, &captured.text, captured.at.start).unwrap_or(Shape::Other)
    }

    /// The form of a chain written as text at a place of the chunk.
    pub(super) fn chain(&self, text: &str, offset: u32) -> Shape {
        chain(self.chunk_facts(), text, offset).unwrap_or(Shape::Other)
    }

    /// What the captured name or chain is; for a captured call, what it calls.
    pub(super) fn symbol(&self, condition: &Condition) -> Symbol {
        let Some(captured) = self.captured(condition) else { return Symbol::Unknown };
        let shape = match self.shape(captured) {
            Shape::Call(call) => self.chunk_facts().calls[call as usize].callee.clone(),
            shape => shape,
        };
        Resolver::new(self.project).symbol(self.file, self.chunk, &shape)
    }

    /// What the captured expression gives.
    pub(super) fn value(&self, condition: &Condition) -> Symbol {
        let Some(captured) = self.captured(condition) else { return Symbol::Unknown };
        Resolver::new(self.project).symbol(self.file, self.chunk, &self.shape(captured))
    }

    /// What kind of code the file is, by the names of `applies`.
    pub(super) fn kind(&self) -> Option<&'static str> {
        routes::kind(self.input)
    }

    /// A path as a message shows it: below the package.
    pub(super) fn shown(&self, path: &FilePath) -> String {
        shown(self.input, path)
    }
}

/// A path as messages about a file show it: below the file's package.
pub(crate) fn shown(input: &FileInput, path: &FilePath) -> String {
    let root = input.package.root.as_ref();
    root.and_then(|root| path.strip(root)).unwrap_or_else(|| path.file_name()).to_owned()
}

/// The form of a chain written as text; `None` where it is anything else.
fn chain(chunk: &ChunkFacts, text: &str, offset: u32) -> Option<Shape> {
    let mut parts = text.split('.').map(|part| part.trim().trim_end_matches(['?', '!']));
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '#'))
    };
    let first = parts.next().filter(|part| is_name(part))?;
    let root = match first {
        "this" => Shape::This,
        first => Shape::Name(Name { text: CompactString::from(first), local: chunk.local(first, offset) }),
    };
    parts.try_fold(root, |object, key| is_name(key).then(|| Shape::Member(Box::new(object), key.into())))
}
