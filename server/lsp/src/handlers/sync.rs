//! The text of open documents. Nothing here awaits: the text is right before the next message is read.

use std::sync::Arc;

use routewise_analysis::document::Change;
use routewise_analysis::json;

use crate::documents::Changed;
use crate::proto::{
    self, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, MessageType,
};
use crate::session::Session;
use crate::{diagnostics, index, uri};

/// `textDocument/didOpen`.
pub(crate) fn did_open(session: &Arc<Session>, params: DidOpenTextDocumentParams) {
    let document = params.text_document;
    let path = uri::key(&document.uri);
    let uri = document.uri.clone();
    session.documents.open(&path, document.uri, document.version, document.text);
    if session.facts().pull && path.file_name() == json::VERCEL {
        // What was shown while it was closed; the client asks itself from now on.
        session.outbox.clear(&uri);
    }
    session.look_at(path);
}

/// `textDocument/didChange`.
pub(crate) fn did_change(session: &Arc<Session>, params: DidChangeTextDocumentParams) {
    let document = params.text_document;
    let path = uri::key(&document.uri);
    let changes: Vec<Change> = params
        .content_changes
        .into_iter()
        .map(|change| Change {
            range: change.range.map(|range| (proto::place(range.start), proto::place(range.end))),
            text: change.text,
        })
        .collect();
    match session.documents.change(&path, document.version, &changes, session.facts().encoding) {
        Changed::Applied => session.look_at(path),
        Changed::Unknown => tracing::warn!("a change of {path}, which is not open, was ignored"),
        Changed::Stale(stored) => {
            tracing::warn!("version {} of {path} does not follow {stored}", document.version);
            session.say_once(
                MessageType::WARNING,
                format!("A change of {path} came out of order and was ignored."),
            );
        }
    }
}

/// `textDocument/didSave`: the text is known; other files of the disk may now say something else.
pub(crate) fn did_save(session: &Arc<Session>, params: &DidSaveTextDocumentParams) {
    let path = uri::key(&params.text_document.uri);
    if !json::is_json(&path) && session.documents.get(&path).is_some_and(|open| open.source) {
        session.look_at(path);
    } else if uri::file(&params.text_document.uri).is_some() {
        index::files_changed(session, [path]);
    }
}

/// `textDocument/didClose`: the disk counts again.
pub(crate) fn did_close(session: &Arc<Session>, params: &DidCloseTextDocumentParams) {
    let path = uri::key(&params.text_document.uri);
    let Some(open) = session.documents.close(&path) else { return };
    session.outbox.clear(&open.uri);
    session.forget_answer(&path);
    diagnostics::show_report(session, &path);
    if open.source {
        index::files_changed(session, [path]);
    }
}
