//! Hearing of changes on the disk: from the client where it can tell, else by watching ourselves.

use std::sync::Arc;

use routewise_workspace::watched_globs;

use crate::index;
use crate::proto::{
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, MessageType, Registration,
};
use crate::session::Session;

/// Asks the client to watch, where it can. Otherwise [`index::watch`] does when the workspace is open.
pub(crate) async fn start(session: Arc<Session>) {
    if session.watches_itself() {
        return;
    }
    let watchers = watched_globs()
        .into_iter()
        .map(|glob| FileSystemWatcher { glob_pattern: GlobPattern::String(glob), kind: None })
        .collect();
    let registration = Registration {
        id: "routewise/files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(DidChangeWatchedFilesRegistrationOptions { watchers }).ok(),
    };
    let Err(error) = session.client.register_capability(vec![registration]).await else { return };
    session.say_once(MessageType::WARNING, format!("The editor does not watch files: {error}."));
    session.watch_itself();
    let job = Arc::clone(&session);
    session
        .blocking(move || {
            if let Some(ground) = job.world.ground() {
                index::watch(&job, &ground.workspace);
            }
        })
        .await;
}
