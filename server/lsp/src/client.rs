//! What the client says of itself in `initialize`.
//!
//! Read from the raw message: clients differ in spelling (`workspace.diagnostics` is `diagnostic` in
//! Helix), newer ones send what the type crate does not know, and none of that may stop the start.

use std::path::PathBuf;

use routewise_analysis::text::Encoding;
use serde_json::Value;

use crate::uri;

/// What the client is and can do. Every field is false, empty or the protocol's default where the client
/// is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one flag for each capability, as the protocol has them")]
pub(crate) struct ClientFacts {
    /// What the `character` of a position counts.
    pub(crate) encoding: Encoding,
    /// The process whose end ends the server.
    pub(crate) process_id: Option<u32>,
    /// Workspace folders, or the older `rootUri` or `rootPath`.
    pub(crate) roots: Vec<PathBuf>,
    /// `initializationOptions`.
    pub(crate) options: Value,
    /// Answers `workspace/configuration`.
    pub(crate) configuration: bool,
    /// Pulls diagnostics and can be told to pull again: then nothing is pushed.
    pub(crate) pull: bool,
    /// Shows a link behind a diagnostic's code.
    pub(crate) code_description: bool,
    /// Shows other places that belong to a diagnostic.
    pub(crate) related_information: bool,
    /// Fades unnecessary code.
    pub(crate) unnecessary: bool,
    /// Wants Markdown in hovers rather than plain text.
    pub(crate) markdown: bool,
    /// Takes completions with places to fill in.
    pub(crate) snippets: bool,
    /// Takes the place that a definition was asked for with its answer.
    pub(crate) links: bool,
    /// Takes code actions, not commands only.
    pub(crate) action_literals: bool,
    /// Asks for the edit of a code action later.
    pub(crate) resolve_edit: bool,
    /// Takes versioned edits.
    pub(crate) document_changes: bool,
    /// Creates files on behalf of an edit.
    pub(crate) create_files: bool,
    /// Moves files on behalf of an edit.
    pub(crate) rename_files: bool,
    /// Shows the reasons of changes, and asks before it makes one that wants to be looked at.
    pub(crate) change_annotations: bool,
    /// Asks what goes with files before it moves them.
    pub(crate) will_rename: bool,
    /// Shows what a rename is about before it asks for the name.
    pub(crate) prepare_rename: bool,
    /// Asks for lenses again when it is told to.
    pub(crate) refresh_lenses: bool,
    /// Asks for remarks between the code again when it is told to.
    pub(crate) refresh_hints: bool,
    /// Applies edits the server asks for.
    pub(crate) apply_edit: bool,
    /// Watches files for the server.
    pub(crate) watch: bool,
    /// Shows progress the server starts.
    pub(crate) progress: bool,
}

impl ClientFacts {
    /// Reads the parameters of `initialize`.
    pub(crate) fn read(params: &Value) -> Self {
        let flag = |pointer: &str| {
            params.pointer(&format!("/capabilities/{pointer}")).and_then(Value::as_bool).unwrap_or(false)
        };
        let list = |pointer: &str| {
            params.pointer(&format!("/capabilities/{pointer}")).and_then(Value::as_array).map(Vec::as_slice)
        };
        let object =
            |pointer: &str| params.pointer(&format!("/capabilities/{pointer}")).is_some_and(Value::is_object);
        let either = |name: &str| {
            flag(&format!("textDocument/publishDiagnostics/{name}"))
                || flag(&format!("textDocument/diagnostic/{name}"))
        };
        let tags = ["publishDiagnostics", "diagnostic"].iter().any(|place| {
            list(&format!("textDocument/{place}/tagSupport/valueSet"))
                .is_some_and(|tags| tags.contains(&Value::from(1)))
        });
        let refresh = ["diagnostics", "diagnostic"]
            .iter()
            .any(|spelling| flag(&format!("workspace/{spelling}/refreshSupport")));
        let names = |pointer: &str, name: &str| {
            list(pointer).is_some_and(|names| names.iter().any(|known| known == name))
        };
        Self {
            encoding: list("general/positionEncodings").and_then(encoding).unwrap_or(Encoding::Utf16),
            process_id: params.get("processId").and_then(Value::as_u64).and_then(|id| id.try_into().ok()),
            roots: roots(params),
            options: params.get("initializationOptions").cloned().unwrap_or(Value::Null),
            configuration: flag("workspace/configuration"),
            pull: object("textDocument/diagnostic") && refresh,
            code_description: either("codeDescriptionSupport"),
            related_information: either("relatedInformation"),
            unnecessary: tags,
            markdown: list("textDocument/hover/contentFormat")
                .and_then(|formats| {
                    formats.iter().find(|&format| format == "markdown" || format == "plaintext")
                })
                .is_some_and(|format| format == "markdown"),
            snippets: flag("textDocument/completion/completionItem/snippetSupport"),
            links: flag("textDocument/definition/linkSupport"),
            action_literals: object("textDocument/codeAction/codeActionLiteralSupport"),
            resolve_edit: names("textDocument/codeAction/resolveSupport/properties", "edit")
                && flag("textDocument/codeAction/dataSupport"),
            document_changes: flag("workspace/workspaceEdit/documentChanges"),
            create_files: names("workspace/workspaceEdit/resourceOperations", "create"),
            rename_files: names("workspace/workspaceEdit/resourceOperations", "rename"),
            change_annotations: object("workspace/workspaceEdit/changeAnnotationSupport"),
            will_rename: flag("workspace/fileOperations/willRename"),
            prepare_rename: flag("textDocument/rename/prepareSupport"),
            refresh_lenses: flag("workspace/codeLens/refreshSupport"),
            refresh_hints: flag("workspace/inlayHint/refreshSupport"),
            apply_edit: flag("workspace/applyEdit"),
            watch: flag("workspace/didChangeWatchedFiles/dynamicRegistration"),
            progress: flag("window/workDoneProgress"),
        }
    }
}

/// The first encoding on the client's list, which is in its order of preference, that is known here.
fn encoding(offered: &[Value]) -> Option<Encoding> {
    offered.iter().find_map(|name| match name.as_str()? {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" => Some(Encoding::Utf16),
        "utf-32" => Some(Encoding::Utf32),
        _ => None,
    })
}

fn roots(params: &Value) -> Vec<PathBuf> {
    let folders: Vec<PathBuf> = params
        .get("workspaceFolders")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|folder| uri::folder(folder.get("uri")?.as_str()?))
        .collect();
    if !folders.is_empty() {
        return folders;
    }
    ["rootUri", "rootPath"]
        .iter()
        .find_map(|name| uri::folder(params.get(name)?.as_str()?))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_that_says_nothing_gets_the_defaults_of_the_protocol() {
        let facts = ClientFacts::read(&json!({ "capabilities": {} }));
        assert_eq!(facts.encoding, Encoding::Utf16);
        assert!(facts.roots.is_empty());
        assert!(!facts.pull && !facts.markdown && !facts.action_literals && !facts.watch);
    }

    #[test]
    fn the_first_known_encoding_of_the_client_is_taken() {
        for (offered, taken) in [
            (json!(["utf-32", "utf-8", "utf-16"]), Encoding::Utf32),
            (json!(["utf-8", "utf-16"]), Encoding::Utf8),
            (json!(["latin-1", "utf-16"]), Encoding::Utf16),
            (json!([]), Encoding::Utf16),
        ] {
            let params = json!({ "capabilities": { "general": { "positionEncodings": offered } } });
            assert_eq!(ClientFacts::read(&params).encoding, taken);
        }
    }

    #[test]
    fn pulling_needs_refresh_in_either_spelling() {
        let facts = |workspace: Value| {
            ClientFacts::read(&json!({
                "capabilities": { "textDocument": { "diagnostic": {} }, "workspace": workspace }
            }))
        };
        assert!(facts(json!({ "diagnostics": { "refreshSupport": true } })).pull);
        assert!(facts(json!({ "diagnostic": { "refreshSupport": true } })).pull);
        assert!(!facts(json!({})).pull);
    }

    #[test]
    fn folders_go_before_the_older_roots() {
        let params = json!({
            "workspaceFolders": [{ "uri": "file:///a%20b", "name": "a" }],
            "rootUri": "file:///c", "rootPath": "/d", "capabilities": {},
        });
        assert_eq!(ClientFacts::read(&params).roots, [PathBuf::from("/a b")]);
        let params =
            json!({ "workspaceFolders": null, "rootUri": null, "rootPath": "/d", "capabilities": {} });
        assert_eq!(ClientFacts::read(&params).roots, [PathBuf::from("/d")]);
    }
}
