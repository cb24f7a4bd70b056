//! Diagnostics for a client that asks.

use std::sync::Arc;

use crate::proto::{
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, Result, UnchangedDocumentDiagnosticReport,
};
use crate::session::Session;
use crate::uri;

/// `textDocument/diagnostic`. A document that is not open has nothing: some clients ask before they open.
pub(crate) async fn diagnostic(
    session: &Arc<Session>,
    params: DocumentDiagnosticParams,
) -> Result<DocumentDiagnosticReportResult> {
    let path = uri::key(&params.text_document.uri);
    let open = session.documents.get(&path).filter(|open| open.source && session.facts().pull);
    let version = open.as_ref().map(|open| open.document.version());
    let mut items = Vec::new();
    if let Some(open) = open {
        session.ready().await;
        let job = Arc::clone(session);
        items = session.blocking(move || job.diagnose(&open)).await.flatten().unwrap_or_default();
    }
    let id = session.note_answer(&path, version, &items);
    let report = if params.previous_result_id.as_ref() == Some(&id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id: id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(id), items },
        })
    };
    Ok(report.into())
}
