//! Another name for a segment of a URL, and files and folders that get one.

use std::sync::Arc;

use routewise_analysis::path::FilePath;
use routewise_analysis::rename::Renaming;

use super::navigation::{at, range_in};
use crate::proto::{
    Error, ErrorCode, FileOperationFilter, FileOperationPattern, FileOperationPatternKind,
    FileOperationRegistrationOptions, MessageType, PrepareRenameResponse, RenameFilesParams, RenameParams,
    Result, TextDocumentPositionParams, WorkspaceEdit,
};
use crate::session::Session;
use crate::world::Texts;
use crate::{renaming, uri};

/// `RequestFailed` of the protocol: nothing is wrong with the request, it cannot be done.
const REQUEST_FAILED: i64 = -32803;

/// Files and folders whose going elsewhere may change a URL.
pub(crate) fn watched_moves() -> FileOperationRegistrationOptions {
    let filter = |glob: &str, matches| FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: FileOperationPattern { glob: glob.to_owned(), matches: Some(matches), options: None },
    };
    FileOperationRegistrationOptions {
        filters: vec![
            filter("**/{app,pages}/**/*.{js,jsx,ts,tsx}", FileOperationPatternKind::File),
            filter("**/{app,pages}/**", FileOperationPatternKind::Folder),
        ],
    }
}

/// `textDocument/prepareRename`: the segment of a URL at a place.
pub(crate) async fn prepare(
    session: &Arc<Session>,
    params: TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>> {
    let found = at(session, params, |session, project, open, offset| {
        let segment = project.segment_at(open.document.path(), offset, &Texts::of(session))?;
        let range = range_in(session, open, segment.span);
        Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: segment.name })
    });
    Ok(found.await)
}

/// `textDocument/rename`.
pub(crate) async fn rename(session: &Arc<Session>, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
    let name = params.new_name;
    let done = at(session, params.text_document_position, move |session, project, open, offset| {
        let texts = Texts::of(session);
        let renamed = project.rename_segment(open.document.path(), offset, &name, &texts)?;
        Some(renamed.and_then(|renaming| {
            if !project.is_complete() {
                return Err("Routewise has not read the whole project yet. Try again in a moment.".to_owned());
            }
            let edit = renaming::workspace_edit(session, &texts, &renaming, true);
            let edit = edit.ok_or_else(|| by_hand(&renaming))?;
            Ok((edit, renaming::message(session, &texts, &renaming)))
        }))
    });
    match done.await {
        None => Ok(None),
        Some(Ok((edit, message))) => {
            tell(session, message);
            Ok(Some(edit))
        }
        Some(Err(why)) => Err(refused(why)),
    }
}

/// What to do where the client cannot move files.
fn by_hand(renaming: &Renaming) -> String {
    match renaming.moves.as_slice() {
        [] => "A file that this is about cannot be read.".to_owned(),
        moves => {
            let moves: Vec<String> =
                moves.iter().map(|(from, to)| format!("{from} to {}", to.file_name())).collect();
            format!("This editor does not move files for a server. Rename {} yourself.", moves.join(", "))
        }
    }
}

fn refused(why: String) -> Error {
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: why.into(), data: None }
}

/// `workspace/willRenameFiles`: what goes with files and folders that the user moves.
pub(crate) async fn will_rename(
    session: &Arc<Session>,
    params: RenameFilesParams,
) -> Result<Option<WorkspaceEdit>> {
    let moves: Vec<(FilePath, FilePath)> = params
        .files
        .iter()
        .filter_map(|file| Some((uri::file_of(&file.old_uri)?, uri::file_of(&file.new_uri)?)))
        .collect();
    session.ready().await;
    let job = Arc::clone(session);
    let done = session.blocking(move || {
        let project = job.project();
        let texts = Texts::of(&job);
        if !project.is_complete() {
            let unread = "The project is not read yet: requests for what moves were not changed.";
            return (None, Some(unread.to_owned()));
        }
        let renaming = project.moved(&moves, &texts);
        let edit = renaming::workspace_edit(&job, &texts, &renaming, false);
        (edit.filter(|_| !renaming.edits.is_empty()), renaming::message(&job, &texts, &renaming))
    });
    let Some((edit, message)) = done.await else { return Ok(None) };
    tell(session, message);
    Ok(edit)
}

fn tell(session: &Arc<Session>, message: Option<String>) {
    if let Some(message) = message {
        let client = session.client.clone();
        tokio::spawn(async move { client.show_message(MessageType::INFO, message).await });
    }
}
