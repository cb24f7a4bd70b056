//! Names of files that trip careless code, and documents that are no files.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use serde_json::{Value, json};

use crate::support::{LEGACY, PER_REQUEST, PER_REQUEST_RULE, legacy_project, pull, start_pulling};

const ODD: &[&str] = &[
    "app/api/users/[id]/route.ts",
    "app/api/[...rest]/route.ts",
    "app/(shop)/api/cart/route.ts",
    "app/@modal/api/route.ts",
    "app/my folder/route.ts",
    "app/größe/日本/route.ts",
    "app/100%/route.ts",
    "app/a#b/route.ts",
    "app/a+b&c=d/route.ts",
];

#[test]
fn files_in_folders_with_odd_names_are_looked_at_under_the_clients_own_uri() {
    for path in ODD {
        let project = legacy_project(&[(path, PER_REQUEST)]);
        let uri = project.uri(path);
        let mut client = Client::start(&project);
        client.open(&uri, PER_REQUEST);
        client.codes_become(&uri, &[PER_REQUEST_RULE]);
        client.close(&uri);
        client.codes_become(&uri, &[]);
        client.finish();
    }
}

#[test]
fn every_spelling_of_a_uri_names_the_same_document() {
    // VS Code encodes what Neovim and Helix leave alone, and the other way round.
    let path = "app/api/users/[id]/(a)/@b/c d/route.ts";
    let project = legacy_project(&[(path, PER_REQUEST)]);
    let encoded = project.uri(path);
    let plain = encoded
        .replace("%5B", "[")
        .replace("%5D", "]")
        .replace("%28", "(")
        .replace("%29", ")")
        .replace("%40", "@");
    assert_ne!(encoded, plain);
    for uri in [&encoded, &plain, &encoded.replace("%5B", "%5b").replace("%5D", "%5d")] {
        let mut client = start_pulling(&project, "utf-16");
        client.open(uri, PER_REQUEST);
        for asked in [&encoded, &plain] {
            assert_eq!(
                pull(&mut client, asked)[0]["code"],
                PER_REQUEST_RULE,
                "opened as {uri}, asked as {asked}"
            );
        }
        client.take("workspace/diagnostic/refresh");
        client.finish();
    }
}

#[test]
fn an_untitled_document_is_looked_at_for_what_it_says_alone() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    for uri in ["untitled:Untitled-1", "untitled:/tmp/new.ts", "vscode-notebook-cell:/a.ipynb#W0"] {
        client.open_as(uri, "typescript", 1, PER_REQUEST);
        client.replace(uri, 2, "const a = ;\n");
        let hover = client.hover(uri, "const a = ;\n", 7);
        assert_eq!(hover, Value::Null);
        client.close(uri);
    }
    // Whatever was said of them, the server is well.
    let uri = project.uri("app/api/a/route.ts");
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.be_lenient();
    client.finish();
}

#[test]
fn a_document_in_another_language_is_left_alone() {
    let project = legacy_project(&[]);
    let mut client = start_pulling(&project, "utf-16");
    for (path, language) in [("package.json", "json"), ("README.md", "markdown"), ("a.py", "python")] {
        let uri = project.uri(path);
        client.open_as(&uri, language, 1, "legacy();\n");
        assert_eq!(pull(&mut client, &uri), Vec::<Value>::new(), "{path}");
    }
    client.take("workspace/diagnostic/refresh");
    client.finish();
}

#[test]
fn javascript_and_jsx_are_looked_at_with_the_grammar_that_fits() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    for (path, text) in [
        ("a.js", "const view = <p>{legacy()}</p>;\n"),
        ("a.jsx", "const view = <p>{legacy()}</p>;\n"),
        ("a.tsx", "const view: JSX.Element = <p>{legacy()}</p>;\n"),
        ("a.mjs", "await legacy();\n"),
        ("a.cjs", "module.exports = legacy();\n"),
        ("a.ts", "const old = <string>legacy();\n"),
        ("a.mts", "const old = <string>legacy();\n"),
        ("a.cts", "export = legacy();\n"),
    ] {
        let uri = project.uri(path);
        client.open(&uri, text);
        let diagnostics = client.codes_become(&uri, &[LEGACY]);
        assert_eq!(
            diagnostics[0]["range"],
            routewise_tests::text::range_of(text, "legacy()", "utf-16"),
            "{path}"
        );
    }
    client.finish();
}

#[test]
fn without_any_root_a_document_is_still_looked_at() {
    let project = legacy_project(&[("app/api/a/route.ts", PER_REQUEST)]);
    let uri = project.uri("app/api/a/route.ts");
    let mut params = plain_handshake(project.root(), "utf-16");
    params["rootUri"] = Value::Null;
    params["workspaceFolders"] = Value::Null;
    let mut client = Client::start_as(&project, &params);
    client.open(&uri, PER_REQUEST);
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    client.finish();
}

#[test]
fn a_document_outside_every_root_is_looked_at_by_its_own_package() {
    let (project, outside) = (legacy_project(&[]), legacy_project(&[("app/api/a/route.ts", PER_REQUEST)]));
    let uri = outside.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    client.finish();
}

#[test]
fn a_file_that_an_editor_calls_something_else_is_read_by_its_name() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open_as(&uri, "javascript", 1, "const old = <string>legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.notify("textDocument/didSave", json!({"textDocument": {"uri": uri}}));
    client.finish();
}
