//! Commands. Each works without arguments: some editors cannot send any.

use std::str::FromStr;
use std::sync::Arc;

use crate::handlers::decision::{self, Wanted};
use crate::handlers::overview;
use crate::proto::{Error, ExecuteCommandParams, LSPAny, MessageType, Result, Uri};
use crate::session::Session;
use crate::world::Texts;
use crate::{actions, index, uri};

/// Every command.
pub(crate) const ALL: [&str; 5] = [FIX_ALL, REINDEX, ROUTES, DECIDE, CALLERS];

/// Applies every safe fix in one document (its URI is the argument) or in all open ones.
const FIX_ALL: &str = "routewise.fixAll";

/// Reads the workspace anew.
const REINDEX: &str = "routewise.reindex";

/// Gives the table of routes: see [`overview`].
const ROUTES: &str = "routewise.routes";

/// Says where the routes belong: see [`decision`]; its argument is what the request takes.
const DECIDE: &str = "routewise.decide";

/// What a lens runs: gives the callers that it is about, its third argument, back. A client that can show a list
/// of places does so before the command is sent.
pub(crate) const CALLERS: &str = "routewise.callers";

/// `workspace/executeCommand`.
pub(crate) async fn execute(session: &Arc<Session>, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
    match params.command.as_str() {
        FIX_ALL => fix_all(session, &params.arguments).await,
        REINDEX => index::reopen(session),
        ROUTES => return overview::overview(session).await.map(Some),
        DECIDE => {
            let wanted = Wanted::read(params.arguments.first());
            return decision::decision(session, wanted).await.map(Some);
        }
        CALLERS => return Ok(params.arguments.get(2).cloned()),
        other => return Err(Error::invalid_params(format!("There is no command {other}."))),
    }
    Ok(None)
}

async fn fix_all(session: &Arc<Session>, arguments: &[LSPAny]) {
    let named = arguments.first().and_then(|argument| {
        let text = argument.as_str().or_else(|| argument.get("uri")?.as_str())?;
        Uri::from_str(text).map(|uri| uri::key(&uri)).ok().or_else(|| uri::file_of(text))
    });
    let paths = named.map_or_else(|| session.documents.sources(), |path| vec![path]);
    let documents: Vec<_> =
        paths.iter().filter_map(|path| session.documents.get(path)).filter(|open| open.source).collect();
    if !session.facts().apply_edit {
        session
            .show_once(MessageType::WARNING, "This editor cannot apply the edits of a command.".to_owned());
        return;
    }
    session.ready().await;
    let job = Arc::clone(session);
    let edit = session.blocking(move || actions::fix_all(&job, &Texts::of(&job), &documents)).await.flatten();
    let Some(edit) = edit else {
        session.log(MessageType::INFO, "Nothing to fix.".to_owned());
        return;
    };
    match session.client.apply_edit(edit).await {
        Ok(answer) if !answer.applied => {
            let reason = answer.failure_reason.unwrap_or_else(|| "it gave no reason".to_owned());
            session.log(MessageType::WARNING, format!("The editor did not apply the fixes: {reason}."));
        }
        Ok(_) => {}
        Err(error) => tracing::warn!("the client did not apply the fixes: {error}"),
    }
}
