//! Settings, folders and files of the workspace.

use std::sync::Arc;

use crate::proto::{
    DidChangeConfigurationParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
};
use crate::session::{Session, lock};
use crate::{index, settings, uri};

/// `workspace/didChangeConfiguration`.
pub(crate) fn did_change_configuration(session: &Arc<Session>, params: DidChangeConfigurationParams) {
    tokio::spawn(settings::follow(Arc::clone(session), params.settings));
}

/// `workspace/didChangeWorkspaceFolders`.
pub(crate) fn did_change_workspace_folders(session: &Arc<Session>, params: &DidChangeWorkspaceFoldersParams) {
    let mut roots = lock(&session.roots);
    let before = roots.clone();
    let removed: Vec<_> =
        params.event.removed.iter().filter_map(|folder| uri::folder(folder.uri.as_str())).collect();
    roots.retain(|root| !removed.contains(root));
    for added in params.event.added.iter().filter_map(|folder| uri::folder(folder.uri.as_str())) {
        if !roots.contains(&added) {
            roots.push(added);
        }
    }
    let changed = *roots != before;
    drop(roots);
    if changed {
        tokio::spawn(settings::open(Arc::clone(session)));
    }
}

/// `workspace/didChangeWatchedFiles`.
pub(crate) fn did_change_watched_files(session: &Arc<Session>, params: &DidChangeWatchedFilesParams) {
    index::files_changed(session, params.changes.iter().filter_map(|change| uri::file(&change.uri)));
}
