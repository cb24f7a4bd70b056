//! What clients say of themselves in `initialize`: recorded editors, and a plain one.

use std::path::Path;

use serde_json::{Value, json};

use crate::workspace::file_uri;

/// The `initialize` parameters of real editors, recorded; the project is at `/project`.
pub const HANDSHAKES: &[(&str, &str)] = &[
    ("vscode", include_str!("../fixtures/protocol/handshakes/vscode.json")),
    ("neovim", include_str!("../fixtures/protocol/handshakes/neovim.json")),
    ("helix", include_str!("../fixtures/protocol/handshakes/helix.json")),
    ("emacs", include_str!("../fixtures/protocol/handshakes/emacs.json")),
];

/// The `initialize` parameters of a recorded editor, moved to a project.
pub fn handshake(editor: &str, root: &Path) -> Value {
    let (_, text) = HANDSHAKES.iter().find(|(name, _)| *name == editor).expect("a recorded editor");
    let text = text.replace("file:///project", &file_uri(root)).replace(
        "\"rootPath\": \"/project",
        &format!("\"rootPath\": \"{}", root.to_str().expect("test paths are text")),
    );
    serde_json::from_str(&text).expect("a recording is JSON")
}

/// A plain client that offers one encoding and no more than any editor has, in one root folder.
pub fn plain_handshake(root: &Path, encoding: &str) -> Value {
    let uri = file_uri(root);
    json!({
        "processId": std::process::id(),
        "rootUri": uri,
        "workspaceFolders": [{"uri": uri, "name": "project"}],
        "capabilities": {
            "general": {"positionEncodings": [encoding]},
            "textDocument": {
                "synchronization": {"didSave": true},
                "publishDiagnostics": {"relatedInformation": true, "versionSupport": true, "tagSupport": {"valueSet": [1, 2]}, "codeDescriptionSupport": true, "dataSupport": true},
                "hover": {"contentFormat": ["markdown", "plaintext"]},
                "codeAction": {
                    "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "source", "source.fixAll"]}},
                    "isPreferredSupport": true,
                    "dataSupport": true,
                    "resolveSupport": {"properties": ["edit"]},
                },
            },
            "window": {"workDoneProgress": true},
            "workspace": {
                "applyEdit": true,
                "configuration": true,
                "workspaceFolders": true,
                "didChangeConfiguration": {"dynamicRegistration": true},
                "didChangeWatchedFiles": {"dynamicRegistration": true},
                "workspaceEdit": {"documentChanges": true, "resourceOperations": ["create", "rename", "delete"]},
            },
        },
    })
}
