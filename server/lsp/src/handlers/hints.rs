//! Remarks between the code: URLs and time limits, where the user wants them.

use std::sync::Arc;

use crate::proto::{
    self, InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams, InlayHintTooltip, Result,
};
use crate::session::Session;
use crate::{settings, uri};

/// `textDocument/inlayHint`.
pub(crate) async fn hints(session: &Arc<Session>, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
    let path = uri::key(&params.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    session.ready().await;
    if !settings::wants_hints(session, &path) {
        return Ok(None);
    }
    let job = Arc::clone(session);
    let hints = session.blocking(move || {
        let (document, encoding) = (&open.document, job.facts().encoding);
        let within = proto::span(document.lines(), document.text(), params.range, encoding);
        let hints = job.project_holding(&open)?.hints(&path, within);
        let one = |hint: routewise_analysis::endpoints::Hint| InlayHint {
            position: proto::position(document.lines(), document.text(), hint.offset, encoding),
            label: InlayHintLabel::String(hint.text),
            kind: Some(InlayHintKind::TYPE),
            text_edits: None,
            tooltip: (!hint.tooltip.is_empty()).then_some(InlayHintTooltip::String(hint.tooltip)),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        };
        Some(hints.into_iter().map(one).collect::<Vec<_>>())
    });
    Ok(hints.await.flatten())
}
