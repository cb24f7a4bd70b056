//! Projects and rules of these tests. Most of them use a rule of their own, so that they say what the
//! server does whatever the built-in rules say.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

/// Finds every call of `legacy`, and replaces it.
pub(crate) const LEGACY_SCM: &str =
    "((call_expression function: (identifier) @name) @at\n  (#eq? @name \"legacy\"))\n";

/// What [`LEGACY_SCM`] means.
pub(crate) const LEGACY_MD: &str = r#"# A call of the old interface
```toml
severity = "warning"
message = "`{name}` is the old interface; call `modern`"
[[fix]]
title = "Call `modern`"
safety = "safe"
replace = "at"
with = "modern()"
```
## What happens
The old interface answers.
## Why it matters
It goes away on 1 May.
## How to fix
Call `modern`.
## Examples
```ts bad app/api/a/route.ts
const value = legacy();
//            ^^^^^^^^
```
```ts fixed app/api/a/route.ts
const value = modern();
```
```ts good app/api/a/route.ts
modern();
```
"#;

/// The id of the rule in [`legacy_project`].
pub(crate) const LEGACY: &str = "team/no-legacy";

/// A Next.js project with the rule [`LEGACY`] and these files.
pub(crate) fn legacy_project(files: &[(&str, &str)]) -> TestProject {
    let project = TestProject::next(&[
        (".routewise/team/no-legacy/rule.scm", LEGACY_SCM),
        (".routewise/team/no-legacy/rule.md", LEGACY_MD),
    ]);
    for (path, text) in files {
        project.write(path, text);
    }
    project
}

/// The id of the built-in rule that [`PER_REQUEST`] breaks.
pub(crate) const PER_REQUEST_RULE: &str = "clients/prisma-client-per-request";

/// A route that makes a client for each request.
pub(crate) const PER_REQUEST: &str = "import { PrismaClient } from '@prisma/client';\n\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.order.count());\n}\n";

/// A client that pulls diagnostics.
pub(crate) fn pulling(project: &TestProject) -> Value {
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["textDocument"]["diagnostic"] =
        json!({"relatedInformation": true, "dataSupport": true});
    params["capabilities"]["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    params
}

/// Starts a client that pulls, and waits until the workspace has been read: answers before that hold what is
/// known by then, and the client is told to pull again.
pub(crate) fn start_pulling(project: &TestProject, encoding: &str) -> Client {
    let mut params = pulling(project);
    params["capabilities"]["general"]["positionEncodings"] = json!([encoding]);
    let mut client = Client::start_as(project, &params);
    indexed(&mut client);
    client
}

/// Pulls the diagnostics of a document: the items of the full report.
pub(crate) fn pull(client: &mut Client, uri: &str) -> Vec<Value> {
    let report = client.request("textDocument/diagnostic", json!({"textDocument": {"uri": uri}}));
    assert_eq!(report["kind"], "full", "{report}");
    report["items"].as_array().cloned().expect("checked by the schema")
}

/// Waits until nothing is read any more: from here on cross-file findings are all there.
pub(crate) fn indexed(client: &mut Client) {
    let progress = client.progress();
    assert_eq!(progress.first().map(|value| value["kind"].clone()), Some(json!("begin")), "{progress:?}");
    assert_eq!(progress.last().map(|value| value["kind"].clone()), Some(json!("end")), "{progress:?}");
}

/// What stands in a file when the edits of a `WorkspaceEdit` for it are applied to `text`.
pub(crate) fn after_edit(edit: &Value, uri: &str, text: &str, encoding: &str) -> String {
    routewise_tests::text::apply(text, &edits_of(edit, uri), encoding)
}

/// The text edits of a `WorkspaceEdit` for one file, in either form.
pub(crate) fn edits_of(edit: &Value, uri: &str) -> Vec<Value> {
    if let Some(changes) = edit["changes"].as_object() {
        return changes.get(uri).and_then(Value::as_array).cloned().unwrap_or_default();
    }
    let documents = edit["documentChanges"].as_array().cloned().unwrap_or_default();
    let of_file = documents.into_iter().filter(|document| document["textDocument"]["uri"] == uri);
    of_file.flat_map(|document| document["edits"].as_array().cloned().unwrap_or_default()).collect()
}

/// The first action whose title starts so.
pub(crate) fn titled<'a>(actions: &'a [Value], start: &str) -> &'a Value {
    let title = |action: &Value| action["title"].as_str().unwrap_or_default().to_owned();
    actions
        .iter()
        .find(|action| title(action).starts_with(start))
        .unwrap_or_else(|| panic!("no {start:?} in {:?}", actions.iter().map(title).collect::<Vec<_>>()))
}
