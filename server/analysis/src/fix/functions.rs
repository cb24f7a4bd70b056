//! Functions that a fix changes: made async, given statements.

use crate::facts::FunctionId;
use crate::finding::Edit;
use crate::fix::code::Code;
use crate::fix::edits;
pub(super) use crate::form::is_async;
use crate::project::Scope;
use crate::syntax::{self, Node};
use crate::text::Span;

use super::offer::Offer;

/// Edits that make a function async, its written return type included.
pub(super) fn make_async(code: &Code<'_>, function: Node<'_>) -> Vec<Edit> {
    if is_async(function) {
        return Vec::new();
    }
    let at = match function.kind() {
        "method_definition" => function.field("name").unwrap_or(function),
        _ => function,
    };
    let mut out = vec![edits::insert(code, at.start_byte() as u32, "async ".to_owned())];
    let written = function.field("return_type").and_then(|it| it.named_child(0));
    if let Some(written) = written.filter(|it| !code.of(*it).starts_with("Promise")) {
        out.push(edits::replace(code, syntax::span(written), format!("Promise<{}>", code.of(written))));
    }
    out
}

/// An edit that puts a statement at the head of a function's body; `None` where the body is an expression or
/// stands on one line.
pub(super) fn first_statement(code: &Code<'_>, function: Node<'_>, statement: &str) -> Option<Edit> {
    first_lines(code, function, &[format!("{statement}{}", code.style().semi)])
}

/// The same with the lines of a statement as they are.
pub(super) fn first_lines(code: &Code<'_>, function: Node<'_>, lines: &[String]) -> Option<Edit> {
    let body = function.field("body").filter(|body| body.kind() == "statement_block")?;
    let first = body.named_child(0)?;
    let at = first.start_byte() as u32;
    if !code.starts_line(at) {
        return None;
    }
    let newline = code.style().newline;
    let indent = code.indent(at);
    let text = lines.iter().fold(String::new(), |text, line| text + indent + line + newline);
    Some(edits::insert(code, code.line(at).start, text))
}

impl Offer<'_> {
    /// The function of the project that a node of the finding's file is.
    fn function(&self, function: Node<'_>) -> Option<FunctionId> {
        let span = syntax::span(function);
        let facts = &self.input.facts;
        facts.functions().find(|(id, it)| facts.span(id.chunk, it.at) == span).map(|(id, _)| id)
    }

    /// When the code of a function of the finding's file runs.
    pub(super) fn scope(&self, function: Node<'_>) -> Option<Scope> {
        let id = self.function(function)?;
        Some(self.project.reach()?.scope_of(self.project, self.file, Some(id)))
    }

    /// Whether a function of the finding's file answers requests, itself or inside wrappers.
    pub(super) fn is_root(&self, function: Node<'_>) -> bool {
        let id = self.function(function);
        id.zip(self.project.reach())
            .is_some_and(|(id, reach)| reach.root_of(self.project, self.file, id).is_some())
    }

    /// Whether the framework itself calls the function at a place of the finding's file, so that nobody else
    /// minds when it gives a promise.
    pub(super) fn is_entry(&self, function: Node<'_>) -> bool {
        let span: Span = syntax::span(function);
        self.project.links(self.file).is_some_and(|links| {
            links.entries.iter().flat_map(|entry| &entry.direct).any(|(file, id)| {
                let facts = &self.input.facts;
                *file == self.file && facts.span(id.chunk, facts.function(*id).at) == span
            })
        })
    }
}
