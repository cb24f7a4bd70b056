//! Code actions, with their edits at once or later.

use std::sync::Arc;

use crate::actions::{self, Ticket};
use crate::proto::{
    CodeAction, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Error, MessageType, Result,
};
use crate::session::Session;
use crate::uri;

/// `textDocument/codeAction`. A client that takes commands only gets nothing: there is no edit in a command.
pub(crate) async fn code_action(
    session: &Arc<Session>,
    params: CodeActionParams,
) -> Result<Option<CodeActionResponse>> {
    let path = uri::key(&params.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    if !session.facts().action_literals {
        return Ok(None);
    }
    session.ready().await;
    let job = Arc::clone(session);
    let actions = session.blocking(move || actions::offer(&job, &open, params.range, &params.context)).await;
    Ok(Some(actions.unwrap_or_default().into_iter().map(CodeActionOrCommand::CodeAction).collect()))
}

/// `codeAction/resolve`: the edit for the text as it is now.
pub(crate) async fn resolve(session: &Arc<Session>, mut action: CodeAction) -> Result<CodeAction> {
    if action.edit.is_some() {
        return Ok(action);
    }
    let ticket = action.data.as_ref().and_then(|data| serde_json::from_value::<Ticket>(data.clone()).ok());
    let Some(ticket) = ticket else { return Ok(action) };
    let job = Arc::clone(session);
    match session.blocking(move || actions::resolve(&job, &ticket)).await.flatten() {
        Some(Ok(resolved)) => {
            action.edit = Some(resolved.edit);
            // An editor asks when somebody has chosen the action.
            if !resolved.left.is_empty() {
                let message = format!("Left to do after the move:\n{}", resolved.left.join("\n"));
                session.client.show_message(MessageType::INFO, message).await;
            }
        }
        // Without an edit nothing happens; the user reads why.
        Some(Err(reason)) => session.client.show_message(MessageType::WARNING, reason).await,
        // The text has changed so that the finding is gone: the client may ask for actions again.
        None => return Err(Error::content_modified()),
    }
    Ok(action)
}
