//! Fixes for servers that keep connections open.

use super::code::Code;
use super::edits;
use super::offer::Offer;
use crate::check::{self, Place};
use crate::facts::CallId;
use crate::finding::{Fix, Safety};
use crate::syntax;

/// `app.listen(…)` becomes `server.listen(…)`, the server that carries the WebSockets.
///
/// `None` where the server may not be there yet, and where the callback asks for the error that only Express gives.
pub(super) fn listen_on_server(offer: &Offer<'_>) -> Option<Fix> {
    let facts = &offer.input.facts;
    let (id, call) =
        facts.calls().find(|(id, call)| facts.span(id.chunk, call.head).start == offer.finding.span.start)?;
    let place = Place { project: offer.project, file: offer.file, input: offer.input };
    let name = check::silent_server(&place, id)?;
    let code = Code::new(offer.document)?;
    let node = code.node(facts.span(id.chunk, call.at))?;
    let application = node.field("function")?.field("object")?;
    let arguments = node.field("arguments")?;
    let takes_error = arguments.named_children().any(|argument| {
        let parameters = argument.field("parameters");
        parameters.is_some_and(|list| list.named_child_count() > 0) || argument.field("parameter").is_some()
    });
    if takes_error || !is_there(offer, id, &name) {
        return None;
    }
    let edit = edits::replace(&code, syntax::span(application), name.to_string());
    edits::fix(format!("Call `{name}.listen()`"), Safety::Safe, vec![edit], &[offer.document])
}

/// Whether a name is known where a call stands, and has its value by then.
fn is_there(offer: &Offer<'_>, id: CallId, name: &str) -> bool {
    let facts = &offer.input.facts;
    let chunk = &facts.chunks[id.chunk as usize].facts;
    let at = facts.call(id).at.0.start;
    match chunk.local(name, at) {
        Some(local) => chunk.decls[local as usize].at.0.start < at,
        // At the top level one statement follows the other; a function there runs when all have.
        None => facts
            .binding(name)
            .is_some_and(|(decl, _)| decl.chunk < id.chunk || facts.call(id).function.is_some()),
    }
}
