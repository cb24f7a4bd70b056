//! The strict JSON schema of the protocol's messages, made from the official typings by
//! `tests/tools/schema.sh`: an unknown member, a missing one or a wrong number is an error.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../fixtures/protocol/lsp.schema.json");
    serde_json::from_str(text).expect("the schema is JSON")
});

/// What is wrong with `value` as a `definition` of the schema; `None` where nothing is.
pub fn problems(definition: &str, value: &Value) -> Option<String> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = compiled.entry(definition.to_owned()).or_insert_with(|| {
        assert!(SCHEMA["definitions"].get(definition).is_some(), "the schema has no definition {definition}");
        let mut schema = SCHEMA.clone();
        schema["$ref"] = json!(format!("#/definitions/{definition}"));
        Arc::new(jsonschema::validator_for(&schema).expect("the schema is valid"))
    });
    let validator = Arc::clone(validator);
    drop(compiled);
    let problems: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    (!problems.is_empty()).then(|| format!("{definition}: {}", problems.join("; ")))
}

/// The definition of the result of a request that a client sends.
pub fn result_of(method: &str) -> &'static str {
    match method {
        "initialize" => "Out_initialize",
        "shutdown" => "Out_shutdown",
        "textDocument/hover" => "Out_hover",
        "textDocument/codeAction" => "Out_codeAction",
        "codeAction/resolve" => "Out_codeActionResolve",
        "textDocument/diagnostic" => "Out_documentDiagnostic",
        "workspace/diagnostic" => "Out_workspaceDiagnostic",
        // These are ours; their handlers describe them.
        "workspace/executeCommand" | "routewise/decision" | "routewise/overview" => "Out_executeCommand",
        "workspace/symbol" => "Out_workspaceSymbol",
        "textDocument/documentSymbol" => "Out_symbols",
        "textDocument/definition" | "textDocument/implementation" => "Out_definition",
        "textDocument/references" => "Out_references",
        "textDocument/completion" => "Out_completion",
        "completionItem/resolve" => "Out_completionResolve",
        "textDocument/inlayHint" => "Out_inlayHint",
        "textDocument/codeLens" => "Out_codeLens",
        "codeLens/resolve" => "Out_codeLensResolve",
        "textDocument/documentLink" => "Out_documentLink",
        "textDocument/documentHighlight" => "Out_documentHighlight",
        "textDocument/prepareRename" => "Out_prepareRename",
        "textDocument/prepareCallHierarchy" => "Out_callHierarchyItems",
        "callHierarchy/incomingCalls" => "Out_incomingCalls",
        "callHierarchy/outgoingCalls" => "Out_outgoingCalls",
        "textDocument/rename"
        | "workspace/willRenameFiles"
        | "workspace/willCreateFiles"
        | "workspace/willDeleteFiles" => "Out_willFiles",
        other => panic!("add the result of {other} to messages.ts and schema.rs"),
    }
}

/// The definition of the parameters of a message that a server sends.
pub fn params_of(method: &str) -> &'static str {
    match method {
        "textDocument/publishDiagnostics" => "Out_publishDiagnostics",
        "window/showMessage" => "Out_showMessage",
        "window/logMessage" => "Out_logMessage",
        "$/logTrace" => "Out_logTrace",
        "$/progress" => "Out_progressWorkDone",
        "telemetry/event" => "Out_telemetry",
        "$/cancelRequest" => "Out_cancelRequest",
        "client/registerCapability" => "Out_registerCapabilityTyped",
        "client/unregisterCapability" => "Out_unregisterCapability",
        "window/workDoneProgress/create" => "Out_workDoneProgressCreate",
        "workspace/configuration" => "Out_configuration",
        "workspace/applyEdit" => "Out_applyEdit",
        "window/showMessageRequest" => "Out_showMessageRequest",
        "window/showDocument" => "Out_showDocument",
        "workspace/workspaceFolders"
        | "workspace/diagnostic/refresh"
        | "workspace/codeLens/refresh"
        | "workspace/inlayHint/refresh" => "Out_noParams",
        other => panic!("the server sent {other}, which no schema describes"),
    }
}

/// The definition of what a client sends, so that the tests themselves keep to the protocol; `None` where
/// the schema has none.
pub fn sent_params_of(method: &str) -> Option<&'static str> {
    Some(match method {
        "initialize" => "In_initialize",
        "textDocument/didOpen" => "In_didOpen",
        "textDocument/didChange" => "In_didChange",
        "textDocument/codeAction" => "In_codeAction",
        "textDocument/diagnostic" => "In_documentDiagnostic",
        "workspace/diagnostic" => "In_workspaceDiagnostic",
        "workspace/executeCommand" => "In_executeCommand",
        "workspace/didChangeWatchedFiles" => "In_didChangeWatchedFiles",
        "textDocument/hover" => "In_hover",
        "textDocument/completion" => "In_completion",
        "completionItem/resolve" => "In_completionResolve",
        "textDocument/rename" => "In_rename",
        "textDocument/prepareRename" => "In_prepareRename",
        "workspace/willRenameFiles" => "In_renameFiles",
        "textDocument/inlayHint" => "In_inlayHint",
        "textDocument/prepareCallHierarchy" => "In_callHierarchyPrepare",
        "callHierarchy/incomingCalls" => "In_incomingCalls",
        "callHierarchy/outgoingCalls" => "In_outgoingCalls",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_lies_are_caught() {
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 4}});
        let good = json!({"range": range, "message": "m", "severity": 2, "code": "c", "source": "s"});
        let publish = |diagnostic: Value| json!({"uri": "file:///a.ts", "diagnostics": [diagnostic]});
        assert_eq!(problems("Out_publishDiagnostics", &publish(good.clone())), None);
        for (member, value) in [
            ("range", Value::Null),
            ("range", json!({"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}})),
            ("range", json!({"start": {"line": "1", "character": 0}, "end": {"line": 0, "character": 0}})),
            ("range", json!({"start": {"line": 1.5, "character": 0}, "end": {"line": 2, "character": 0}})),
            ("severity", json!(9)),
            ("message", Value::Null),
            ("message", json!({"kind": "markdown", "value": "m"})),
            ("relatedInformation", Value::Null),
            ("unknown", json!(1)),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            assert!(problems("Out_publishDiagnostics", &publish(bad.clone())).is_some(), "{bad}");
        }
        let bare_path = json!({"uri": "/a.ts", "diagnostics": []});
        assert!(problems("Out_publishDiagnostics", &bare_path).is_some());
        assert!(problems("Out_hover", &json!({"contents": {"kind": "md", "value": "x"}})).is_some());
        assert!(problems("Out_documentDiagnostic", &Value::Null).is_some());
    }

    #[test]
    fn recorded_handshakes_keep_to_the_protocol() {
        for (name, text) in crate::handshakes::HANDSHAKES {
            let params: Value = serde_json::from_str(text).unwrap();
            // Helix names `workspace.diagnostic` where the specification has `diagnostics`, and VS Code
            // sends members of 3.18 that the typings leave out: recorded is recorded.
            if *name != "helix" && *name != "vscode" {
                assert_eq!(problems("In_initialize", &params), None, "{name}");
            }
        }
    }
}
