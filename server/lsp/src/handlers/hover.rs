//! What there is to say about the code under the cursor, and over what stands for a whole package.

use std::sync::Arc;

use routewise_analysis::explain;

use super::decision;
use crate::proto::{self, Hover, HoverContents, HoverParams, MarkupContent, MarkupKind, Result};
use crate::session::Session;
use crate::uri;

/// `textDocument/hover`.
pub(crate) async fn hover(session: &Arc<Session>, params: HoverParams) -> Result<Option<Hover>> {
    let place = params.text_document_position_params;
    let path = uri::key(&place.text_document.uri);
    let manifest = path.file_name() == "package.json" && uri::file(&place.text_document.uri).is_some();
    let Some(open) = session.documents.get(&path).filter(|open| open.source || manifest) else {
        return Ok(None);
    };
    session.ready().await;
    let job = Arc::clone(session);
    let hover = session.blocking(move || {
        let facts = job.facts();
        let document = &open.document;
        let offset = proto::offset(document.lines(), document.text(), place.position, facts.encoding);
        let of_code = || {
            let project = job.world.holding(&open)?;
            let judged = project.is_judged_at(&path, offset);
            let findings = judged.then(|| Session::findings_of(&project, project.judged_by(&path)));
            let hover = project.hover_given(&path, offset, findings.as_ref())?;
            Some((hover.span, hover.markdown))
        };
        let of_package = || decision::hover(&job, document, offset);
        let (span, markdown) = if manifest { of_package() } else { of_code().or_else(of_package) }?;
        let (kind, value) = if facts.markdown {
            (MarkupKind::Markdown, markdown)
        } else {
            (MarkupKind::PlainText, explain::plain(&markdown))
        };
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent { kind, value }),
            range: Some(proto::range(document.lines(), document.text(), span, facts.encoding)),
        })
    });
    Ok(hover.await.flatten())
}
