//! A function of another module that sends an answer, such as one for all errors: beside it comes one that gives back
//! what it sends.

use std::sync::Arc;

use super::flow::flow;
use super::{Function, Ground, Manner, Web};
use crate::document::Document;
use crate::finding::Edit;
use crate::fix::code::{Code, ancestors, only_declarator};
use crate::form;
use crate::path::FilePath;
use crate::syntax::{self, Node};
use crate::text::Span;

/// A function that comes beside one of another module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::moves) struct Twin {
    /// As the file names the module.
    pub(in crate::moves) specifier: String,
    /// What the function is called that sends.
    pub(super) old: String,
    /// What the one is called that gives back.
    pub(in crate::moves) name: String,
    /// It is there already where there is none.
    pub(in crate::moves) edit: Option<Edit>,
}

/// Makes the twin of the function `name` of a module, which gets the response in the place of its parameter `number`.
/// `None` where it does anything with it that is not understood.
pub(super) fn twin(
    specifier: &str,
    document: &Arc<Document>,
    name: &str,
    number: usize,
    manner: Manner,
) -> Option<Twin> {
    let code = Code::new(document)?;
    let statement = code.statements().into_iter().find(|it| exports(&code, *it, name))?;
    let declaration = statement.field("declaration")?;
    let node = match declaration.kind() {
        "function_declaration" => declaration,
        _ => only_declarator(declaration)?.field("value")?,
    };
    let parameters = form::parameters(node);
    let parameter = *parameters.get(number)?;
    let response = parameter.field("pattern").unwrap_or(parameter);
    if response.kind() != "identifier" || code.root.has_error() {
        return None;
    }
    let ground = Ground {
        manner,
        style: code.style(),
        segments: Vec::new(),
        waits: false,
        parses_body: false,
        limit: None,
        base_path: false,
        elsewhere: &|_, _| None,
    };
    let response = Some(code.of(response));
    let function =
        Function { node, request: None, response, heads: Vec::new(), carries: false, waits: false };
    let mut web = Web::new(&code, &ground);
    web.functions.push(function);
    web.answers(0).ok()?;
    web.signature(0).ok()?;
    let new = format!("{name}Response");
    let own = node.field("name").or_else(|| node.parent()?.field("name"))?;
    web.replace(own, new.clone());
    let text = web.draft.read(syntax::span(statement));
    if !answers_always(&text) {
        return None;
    }
    let newline = code.style().newline;
    let text = format!("/** What `{name}` sends, as a response. */{newline}{text}");
    let edit = match code.mentions(&new) {
        true if code.text.contains(&text) => None,
        true => return None,
        false => {
            let at = code.line_end(code.end(statement))?;
            let path = document.path().clone();
            Some(Edit::replace(path, Span::at(at), format!("{newline}{newline}{text}")))
        }
    };
    Some(Twin { specifier: specifier.to_owned(), old: name.to_owned(), name: new, edit })
}

/// Whether a statement exports something under a name.
fn exports(code: &Code<'_>, statement: Node<'_>, name: &str) -> bool {
    let declaration = statement.field("declaration").filter(|_| statement.kind() == "export_statement");
    let named = declaration.and_then(|it| it.field("name").or_else(|| only_declarator(it)?.field("name")));
    named.is_some_and(|it| code.of(it) == name)
}

/// Whether every way through the function of a text gives something back.
fn answers_always(text: &str) -> bool {
    let document = Document::new(FilePath::new("/twin.ts"), 0, text.to_owned());
    let Some(code) = Code::new(&document).filter(|code| !code.root.has_error()) else { return false };
    let mut function = None;
    crate::fix::code::each(code.root, |node| {
        if function.is_none() && form::is_function(node) {
            function = Some(node);
        }
        function.is_none()
    });
    let Some(function) = function.filter(|it| ancestors(*it).count() > 0) else { return false };
    let Some(body) = function.field("body") else { return false };
    if body.kind() != "statement_block" {
        return true;
    }
    let ends = flow(body, code.text);
    !ends.falls && !ends.bare
}
