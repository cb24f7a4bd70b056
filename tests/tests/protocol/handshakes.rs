//! Recorded handshakes of real editors: what they are told, and how they are served.

use routewise_tests::client::Client;
use routewise_tests::handshakes::handshake;
use serde_json::{Value, json};

use crate::support::{LEGACY, after_edit, indexed, legacy_project, pull, titled};

const TEXT: &str = "export async function GET() {\n  return '😀' + legacy();\n}\n";

/// What is recorded of an editor, and what follows from it.
struct Editor {
    name: &'static str,
    encoding: &'static str,
    pulls: bool,
    document_changes: bool,
    hover: &'static str,
    watches: bool,
}

const EDITORS: &[Editor] = &[
    Editor {
        name: "vscode",
        encoding: "utf-16",
        pulls: true,
        document_changes: true,
        hover: "markdown",
        watches: true,
    },
    Editor {
        name: "neovim",
        encoding: "utf-8",
        pulls: true,
        document_changes: false,
        hover: "markdown",
        watches: false,
    },
    Editor {
        name: "helix",
        encoding: "utf-8",
        pulls: true,
        document_changes: true,
        hover: "markdown",
        watches: true,
    },
    Editor {
        name: "emacs",
        encoding: "utf-32",
        pulls: false,
        document_changes: true,
        hover: "plaintext",
        watches: true,
    },
];

fn start(editor: &Editor, project: &routewise_tests::workspace::TestProject) -> (Client, Value) {
    let mut client = Client::spawn(project.root());
    let result = client.initialize(&handshake(editor.name, project.root()));
    (client, result)
}

#[test]
fn each_editor_is_told_what_it_was_told_before() {
    for editor in EDITORS {
        let project = legacy_project(&[]);
        let (client, mut result) = start(editor, &project);
        result["serverInfo"]["version"] = json!("[version]");
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../../fixtures/protocol/initialize"}, {
            insta::assert_json_snapshot!(editor.name, result);
        });
        client.finish();
    }
}

#[test]
fn each_editor_gets_its_encoding_and_its_way_to_hear_of_findings() {
    for editor in EDITORS {
        let project = legacy_project(&[]);
        let uri = project.uri("app/api/a/route.ts");
        let (mut client, result) = start(editor, &project);
        assert_eq!(client.encoding(), editor.encoding, "{}", editor.name);
        assert_eq!(result["capabilities"]["diagnosticProvider"].is_object(), editor.pulls, "{}", editor.name);
        client.open_as(&uri, "typescript", 0, TEXT);
        let diagnostics = if editor.pulls {
            indexed(&mut client);
            let diagnostics = pull(&mut client, &uri);
            client.take("workspace/diagnostic/refresh");
            diagnostics
        } else {
            client.codes_become(&uri, &[LEGACY])
        };
        assert_eq!(diagnostics.len(), 1, "{}: {diagnostics:#?}", editor.name);
        let wanted = routewise_tests::text::range_of(TEXT, "legacy()", editor.encoding);
        assert_eq!(diagnostics[0]["range"], wanted, "{}", editor.name);
        // Pull xor push: with the other way the client would hold messages that nobody looked at.
        client.finish();
    }
}

#[test]
fn each_editor_gets_edits_in_the_form_it_takes() {
    for editor in EDITORS {
        let project = legacy_project(&[]);
        let uri = project.uri("app/api/a/route.ts");
        let (mut client, result) = start(editor, &project);
        client.open_as(&uri, "typescript", 0, TEXT);
        let diagnostics = if editor.pulls {
            indexed(&mut client);
            pull(&mut client, &uri)
        } else {
            client.codes_become(&uri, &[LEGACY])
        };
        let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], Some("quickfix"));
        let fix = titled(&actions, "Call `modern`").clone();
        assert_eq!(result["capabilities"]["codeActionProvider"]["resolveProvider"], true, "{}", editor.name);
        let edit = client.resolved(&fix)["edit"].clone();
        assert_eq!(edit.get("documentChanges").is_some(), editor.document_changes, "{}: {edit}", editor.name);
        let wanted = TEXT.replace("legacy()", "modern()");
        assert_eq!(after_edit(&edit, &uri, TEXT, editor.encoding), wanted, "{}", editor.name);
        client.take("workspace/diagnostic/refresh");
        client.finish();
    }
}

#[test]
fn each_editor_gets_hovers_in_the_form_it_shows() {
    for editor in EDITORS {
        let project = legacy_project(&[]);
        let uri = project.uri("app/api/a/route.ts");
        let (mut client, _) = start(editor, &project);
        client.open_as(&uri, "typescript", 0, TEXT);
        indexed(&mut client);
        let hover = client.hover(&uri, TEXT, TEXT.find("GET").unwrap() + 1);
        assert_eq!(hover["contents"]["kind"], editor.hover, "{}: {hover}", editor.name);
        assert_eq!(hover["range"], routewise_tests::text::range_of(TEXT, "GET", editor.encoding));
        let text = hover["contents"]["value"].as_str().unwrap();
        assert!(text.contains("/api/a"), "{}: {text}", editor.name);
        if editor.hover == "plaintext" {
            assert!(!text.contains("**") && !text.contains('`') && !text.contains("\n#"), "{text}");
        }
        if !editor.pulls {
            client.codes_become(&uri, &[LEGACY]);
        }
        client.take("workspace/diagnostic/refresh");
        client.finish();
    }
}

#[test]
fn a_hover_on_a_finding_tells_what_happens_why_and_how_to_mend_it() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, TEXT);
    client.codes_become(&uri, &[LEGACY]);
    let hover = client.hover(&uri, TEXT, TEXT.find("legacy").unwrap() + 2);
    let text = hover["contents"]["value"].as_str().unwrap_or_default();
    for part in ["The old interface answers.", "It goes away on 1 May.", "Call `modern`."] {
        assert!(text.contains(part), "{part:?} is missing: {hover}");
    }
    client.finish();
}

#[test]
fn files_are_watched_by_the_editor_where_it_can_and_by_the_server_where_not() {
    for editor in EDITORS {
        let project = legacy_project(&[]);
        let (mut client, _) = start(editor, &project);
        if editor.watches {
            let registration = client.registration("workspace/didChangeWatchedFiles");
            let watchers = registration["registerOptions"]["watchers"].as_array().unwrap();
            let globs: Vec<&str> = watchers.iter().filter_map(|one| one["globPattern"].as_str()).collect();
            for name in [".routewise", "package.json", "routewise.json", "tsconfig", "ts,tsx"] {
                assert!(
                    globs.iter().any(|glob| glob.contains(name)),
                    "{}: nothing watches {name}: {globs:?}",
                    editor.name
                );
            }
        }
        indexed(&mut client);
        if !editor.watches {
            assert_eq!(client.registered(), Vec::<String>::new(), "{}", editor.name);
        }
        client.take("workspace/diagnostic/refresh");
        client.finish();
    }
}
