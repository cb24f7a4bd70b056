//! What there is to say about the code under the cursor.

use std::sync::Arc;

use routewise_analysis::explain;

use crate::proto::{self, Hover, HoverContents, HoverParams, MarkupContent, MarkupKind, Result};
use crate::session::Session;
use crate::uri;

/// `textDocument/hover`.
pub(crate) async fn hover(session: &Arc<Session>, params: HoverParams) -> Result<Option<Hover>> {
    let place = params.text_document_position_params;
    let path = uri::key(&place.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    session.ready().await;
    let job = Arc::clone(session);
    let hover = session.blocking(move || {
        let facts = job.facts();
        let document = &open.document;
        let offset = proto::offset(document.lines(), document.text(), place.position, facts.encoding);
        let hover = job.world.consult(&open, |project| project.hover(&path, offset)).flatten()?;
        let (kind, value) = if facts.markdown {
            (MarkupKind::Markdown, hover.markdown)
        } else {
            (MarkupKind::PlainText, explain::plain(&hover.markdown))
        };
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent { kind, value }),
            range: Some(proto::range(document.lines(), document.text(), hover.span, facts.encoding)),
        })
    });
    Ok(hover.await.flatten())
}
