//! What can be written at the cursor.

use std::sync::Arc;

use routewise_analysis::complete::{Completion, Kind, without_places};
use routewise_analysis::explain;

use crate::documents::Open;
use crate::proto::{
    self, CompletionItem, CompletionItemKind, CompletionParams, CompletionResponse, CompletionTextEdit,
    Documentation, InsertTextFormat, MarkupContent, MarkupKind, Result, TextEdit,
};
use crate::session::Session;
use crate::uri;

/// What asks for completion by itself: the quotes of a value and the steps of a path.
pub(crate) const TRIGGERS: [&str; 4] = ["'", "\"", "`", "/"];

/// `textDocument/completion`.
pub(crate) async fn completion(
    session: &Arc<Session>,
    params: CompletionParams,
) -> Result<Option<CompletionResponse>> {
    let place = params.text_document_position;
    let path = uri::key(&place.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    session.ready().await;
    let job = Arc::clone(session);
    let items = session.blocking(move || {
        let document = &open.document;
        let offset = proto::offset(document.lines(), document.text(), place.position, job.facts().encoding);
        let found = job.world.holding(&open)?.completions(document, offset);
        let items = found.into_iter().enumerate();
        Some(items.map(|(number, completion)| item(&job, &open, number, completion)).collect::<Vec<_>>())
    });
    let items = items.await.flatten().filter(|items| !items.is_empty());
    Ok(items.map(CompletionResponse::Array))
}

fn item(session: &Session, open: &Open, number: usize, completion: Completion) -> CompletionItem {
    let facts = session.facts();
    let document = &open.document;
    let range = |span| proto::range(document.lines(), document.text(), span, facts.encoding);
    let snippet = completion.snippet && facts.snippets;
    let new_text =
        if completion.snippet && !snippet { without_places(&completion.insert) } else { completion.insert };
    let edits = completion.edits.iter();
    let edits: Vec<TextEdit> =
        edits.map(|edit| TextEdit { range: range(edit.span), new_text: edit.new_text.clone() }).collect();
    let documentation = (!completion.documentation.is_empty()).then(|| {
        let (kind, value) = if facts.markdown {
            (MarkupKind::Markdown, completion.documentation)
        } else {
            (MarkupKind::PlainText, explain::plain(&completion.documentation))
        };
        Documentation::MarkupContent(MarkupContent { kind, value })
    });
    CompletionItem {
        label: completion.label,
        kind: Some(match completion.kind {
            Kind::Function => CompletionItemKind::FUNCTION,
            Kind::Constant => CompletionItemKind::CONSTANT,
            Kind::Value => CompletionItemKind::VALUE,
            Kind::Path => CompletionItemKind::FILE,
        }),
        detail: Some(completion.detail),
        documentation,
        // Ours are in order of likelihood.
        sort_text: Some(format!("{number:04}")),
        filter_text: Some(completion.filter),
        insert_text_format: snippet.then_some(InsertTextFormat::SNIPPET),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: range(completion.span), new_text })),
        additional_text_edits: (!edits.is_empty()).then_some(edits),
        ..CompletionItem::default()
    }
}
