//! Those who call a function that gives a promise from now on.

use std::sync::Arc;

use crate::document::Document;
use crate::finding::Edit;
use crate::fix::code::{Code, enclosing_function, scope_of};
use crate::fix::edits;
use crate::fix::functions::make_async;
use crate::fix::imports;
use crate::fix::offer::Offer;
use crate::form;
use crate::project::{FileNo, Resolution};
use crate::syntax::{self, Node};

/// Edits that put `await` before every call of a function of the finding's file, here and in other files, which are
/// given too. `None` where somebody cannot wait, or uses the function in another way.
pub(super) fn wait(
    offer: &Offer<'_>,
    code: &Code<'_>,
    function: Node<'_>,
) -> Option<(Vec<Edit>, Vec<Arc<Document>>)> {
    let name = match function.kind() {
        "function_declaration" => function.field("name")?,
        _ => function.parent().filter(|it| it.kind() == "variable_declarator")?.field("name")?,
    };
    let statement = code.top_level(function)?;
    let is_top = [Some(code.root), Some(statement)].contains(&function.parent())
        || function
            .parent()
            .and_then(|it| it.parent()?.parent())
            .is_some_and(|it| it == code.root || it == statement);
    let exported = statement.kind() == "export_statement";
    let default = exported && code.of(statement).starts_with("export default");
    is_top.then_some(())?;
    let name = code.of(name);
    let mut all = waits(offer, offer.file, code, name)?;
    let mut documents = Vec::new();
    for file in offer.project.numbers().filter(|file| *file != offer.file) {
        let input = offer.project.file(file)?;
        let here = |resolution: &Resolution| *resolution == Resolution::File(offer.input.path.clone());
        if !input.resolutions.iter().any(here) {
            continue;
        }
        let document = offer.sources.document(&input.path)?;
        let other = Code::new(&document)?;
        let means = |source: &str| {
            let at = input.facts.specifiers.binary_search_by(|known| (**known).cmp(source)).ok();
            at.is_some_and(|at| input.resolutions.get(at).is_some_and(here))
        };
        // Handed on under any name, it may be called anywhere.
        let hands_on = other.statements().into_iter().any(|it| {
            it.kind() == "export_statement"
                && it.field("source").is_some_and(|source| means(other.of(source).trim_matches(['"', '\''])))
        });
        if hands_on {
            return None;
        }
        let wanted = if default { "default" } else { name };
        for import in imports::imports(&other).iter().filter(|import| means(import.source)) {
            for known in &import.names {
                if known.imported == "*" {
                    return None;
                }
                if known.imported == wanted {
                    all.extend(waits(offer, file, &other, known.local)?);
                }
            }
        }
        documents.push(document);
    }
    Some((all, documents))
}

fn waits(offer: &Offer<'_>, file: FileNo, code: &Code<'_>, name: &str) -> Option<Vec<Edit>> {
    let mut all = Vec::new();
    let mut waiting: Vec<Node<'_>> = Vec::new();
    for used in code.occurrences(code.root, name).into_iter().filter(|it| scope_of(*it).is_none()) {
        if used.parent().is_some_and(|it| it.kind() == "export_specifier") {
            continue;
        }
        let call = used.parent().filter(|it| it.field("function") == Some(used))?;
        let around = call.parent()?;
        if around.kind() == "await_expression" {
            continue;
        }
        if matches!(around.kind(), "member_expression" | "subscript_expression") {
            return None;
        }
        let function = enclosing_function(call)?;
        if !form::is_async(function) && !waiting.contains(&function) {
            is_entry(offer, file, function).then_some(())?;
            waiting.push(function);
        }
        all.push(edits::insert(code, call.start_byte() as u32, "await ".to_owned()));
    }
    for function in waiting {
        all.extend(make_async(code, function));
    }
    Some(all)
}

/// Whether the framework itself calls a function of a file, so that nobody else minds when it gives a promise.
fn is_entry(offer: &Offer<'_>, file: FileNo, function: Node<'_>) -> bool {
    let (Some(input), Some(links)) = (offer.project.file(file), offer.project.links(file)) else {
        return false;
    };
    links.entries.iter().flat_map(|entry| &entry.direct).any(|(at, id)| {
        *at == file && input.facts.span(id.chunk, input.facts.function(*id).at) == syntax::span(function)
    })
}
