//! Another name for a segment of a URL, over the protocol: in a call, in a registration, and by moving files.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::text;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

use crate::support::{after_edit, indexed};

const ROUTE: &str = "export async function GET() {\n  return Response.json({});\n}\n";

/// Wide characters before the URL, and lines that end as Windows ends them.
const PAGE: &str = "// Größe 😀 日本\r\n'use client';\r\nexport const load = (id) => fetch(`/api/users/${id}?page=1#top`); /* 😀 */ export const all = () => fetch('/api/users');\r\n";

/// A folder with brackets and one that is not ASCII.
const NESTED: &str = "app/api/users/[id]/größe/route.ts";

fn shop() -> TestProject {
    TestProject::next(&[
        ("app/api/users/route.ts", ROUTE),
        ("app/api/users/[id]/route.ts", ROUTE),
        (NESTED, ROUTE),
        ("lib/load.ts", PAGE),
        ("proxy.ts", "export function proxy() {}\nexport const config = { matcher: '/api/users/:path*' };\n"),
    ])
}

/// A client with these capabilities beside the usual ones.
fn started(project: &TestProject, encoding: &str, more: &[(&str, Value)]) -> Client {
    let mut params = plain_handshake(project.root(), encoding);
    params["capabilities"]["textDocument"]["rename"] = json!({ "prepareSupport": true });
    params["capabilities"]["workspace"]["fileOperations"] = json!({ "willRename": true });
    for (pointer, value) in more {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        params.pointer_mut(parent).expect("a known part")[name] = value.clone();
    }
    let mut client = Client::start_as(project, &params);
    client.be_lenient();
    indexed(&mut client);
    client
}

fn place(client: &Client, uri: &str, whole: &str, marker: &str) -> Value {
    let offset = whole.find(marker).expect("it stands there") + 1;
    let (line, character) = text::position(whole, offset, client.encoding());
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

fn renamed(client: &mut Client, uri: &str, whole: &str, marker: &str, name: &str) -> Result<Value, Value> {
    let mut params = place(client, uri, whole, marker);
    params["newName"] = json!(name);
    let id = client.send_request("textDocument/rename", params);
    client.answer(id)
}

#[test]
fn a_segment_is_prepared_and_renamed_with_folder_calls_and_matcher_in_every_encoding() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let project = shop();
        let mut client = started(&project, encoding, &[]);
        let page = project.uri("lib/load.ts");
        client.open_as(&page, "typescript", 7, PAGE);
        let params = place(&client, &page, PAGE, "users/$");
        let prepared = client.request("textDocument/prepareRename", params);
        let start = PAGE.find("users").expect("a segment");
        let range = text::range(PAGE, start..start + 5, encoding);
        assert_eq!(prepared, json!({ "range": range, "placeholder": "users" }), "{encoding}");
        let edit = renamed(&mut client, &page, PAGE, "users/$", "people").expect("an edit");
        let text = PAGE.replace("/api/users", "/api/people");
        assert_eq!(after_edit(&edit, &page, PAGE, encoding), text, "{encoding}");
        let operations = edit["documentChanges"].as_array().expect("operations");
        let document = json!({ "uri": page, "version": 7 });
        assert!(operations.iter().any(|it| it["textDocument"] == document), "{edit}");
        let proxy = project.uri("proxy.ts");
        let written = project.read("proxy.ts");
        let mended = written.replace("/api/users", "/api/people");
        assert_eq!(after_edit(&edit, &proxy, &written, encoding), mended);
        assert_eq!(
            operations.last(),
            Some(&json!({
                "kind": "rename",
                "oldUri": project.uri("app/api/users"),
                "newUri": project.uri("app/api/people"),
                "options": { "overwrite": false, "ignoreIfExists": false },
            }))
        );
        assert_eq!(operations.len(), 3);
        client.finish();
    }
}

#[test]
fn what_no_route_has_is_left_to_others_and_bad_names_are_refused_with_the_reason() {
    let project = shop();
    let mut client = started(&project, "utf-16", &[]);
    let page = project.uri("lib/load.ts");
    client.open(&page, PAGE);
    for marker in ["id}", "load =", "page=1", "Größe"] {
        let params = place(&client, &page, PAGE, marker);
        assert_eq!(client.request("textDocument/prepareRename", params), Value::Null, "{marker}");
        assert_eq!(renamed(&mut client, &page, PAGE, marker, "people"), Ok(Value::Null), "{marker}");
    }
    let refused = renamed(&mut client, &page, PAGE, "users/$", "a b").expect_err("a refusal");
    assert_eq!(refused["code"], -32803);
    assert_eq!(refused["message"], "` ` cannot stand in a segment of a URL here.");
    client.finish();
}

#[test]
fn an_editor_that_does_not_move_files_is_told_what_to_rename() {
    let project = shop();
    let without = [("/capabilities/workspace/workspaceEdit/resourceOperations", json!([]))];
    let mut client = started(&project, "utf-16", &without);
    let page = project.uri("lib/load.ts");
    client.open(&page, PAGE);
    let refused = renamed(&mut client, &page, PAGE, "users/$", "people").expect_err("a refusal");
    assert_eq!(refused["code"], -32803);
    let folder = project.path("app/api/users");
    let message = format!(
        "This editor does not move files for a server. Rename {} to people yourself.",
        folder.to_str().expect("text")
    );
    assert_eq!(refused["message"], message);
    client.finish();
}

/// What moves, as VS Code and as Helix write it.
fn moved(client: &mut Client, from: &str, to: &str) -> Value {
    client.request("workspace/willRenameFiles", json!({ "files": [{ "oldUri": from, "newUri": to }] }))
}

#[test]
fn files_and_folders_that_move_take_their_calls_along_whatever_spelling_of_the_uri() {
    let project = shop();
    let calls = "fetch('/api/users/7/größe');\nfetch(`/api/users/${id}`);\n";
    project.write("lib/calls.ts", calls);
    let mut client = started(&project, "utf-8", &[]);
    let uri = project.uri("lib/calls.ts");
    let from = project.uri("app/api/users/[id]/größe");
    for from in [from.clone(), from.replace("%5B", "[").replace("%5D", "]"), from.replace("%C3%B6", "ö")] {
        let edit = moved(&mut client, &from, &project.uri("app/api/users/[id]/size"));
        assert_eq!(after_edit(&edit, &uri, calls, "utf-8"), calls.replace("größe", "size"), "{from}");
        assert!(edit["documentChanges"].as_array().expect("edits").iter().all(|it| it["kind"].is_null()));
    }
    let nothing = moved(&mut client, &project.uri("lib/calls.ts"), &project.uri("lib/other.ts"));
    assert_eq!(nothing, Value::Null);
    client.finish();
}

#[test]
fn what_may_be_meant_is_confirmed_where_the_editor_asks_and_listed_where_it_does_not() {
    // The matcher is about `/api/users/[id]` too, which stays where it is.
    let project = shop();
    let (page, proxy) = (project.uri("lib/load.ts"), project.uri("proxy.ts"));
    let (from, to) = (project.uri("app/api/users/route.ts"), project.uri("app/api/people/route.ts"));
    let calls = PAGE.replace("fetch('/api/users')", "fetch('/api/people')");
    let matcher = project.read("proxy.ts");
    let asking = [("/capabilities/workspace/workspaceEdit/changeAnnotationSupport", json!({}))];
    let mut client = started(&project, "utf-16", &asking);
    let edit = moved(&mut client, &from, &to);
    assert_eq!(after_edit(&edit, &page, PAGE, "utf-16"), calls);
    assert_eq!(after_edit(&edit, &proxy, &matcher, "utf-16"), matcher.replace("users", "people"));
    let change = "`users/route.ts` becomes `people/route.ts`";
    assert_eq!(
        edit["changeAnnotations"],
        json!({
            "call": { "label": "Requests", "needsConfirmation": false, "description": change },
            "matcher?": {
                "label": "Matcher of the proxy, perhaps",
                "needsConfirmation": true,
                "description": format!("{change}, but this may be about something else too"),
            },
        })
    );
    let annotations: Vec<(&Value, &Value)> = edit["documentChanges"]
        .as_array()
        .expect("edits")
        .iter()
        .map(|it| (&it["textDocument"]["uri"], &it["edits"][0]["annotationId"]))
        .collect();
    assert_eq!(annotations, [(&json!(page), &json!("call")), (&json!(proxy), &json!("matcher?"))]);
    client.finish();

    let mut client = started(&project, "utf-16", &[]);
    let edit = moved(&mut client, &from, &to);
    assert_eq!(after_edit(&edit, &page, PAGE, "utf-16"), calls);
    assert_eq!(edit["documentChanges"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        client.next("window/showMessage")["message"],
        "`users/route.ts` is now `people/route.ts`. Not changed, please look: proxy.ts:2 may be about \
         something else too."
    );
    client.finish();
}

#[test]
fn a_move_is_announced_for_what_may_be_a_route_only() {
    let project = shop();
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["workspace"]["fileOperations"] = json!({ "willRename": true });
    let mut client = Client::spawn(project.root());
    let answer = client.initialize(&params);
    let filters = &answer["capabilities"]["workspace"]["fileOperations"]["willRename"]["filters"];
    assert_eq!(
        filters,
        &json!([
            { "scheme": "file", "pattern": { "glob": "**/{app,pages}/**/*.{js,jsx,ts,tsx}", "matches": "file" } },
            { "scheme": "file", "pattern": { "glob": "**/{app,pages}/**", "matches": "folder" } },
        ])
    );
    assert_eq!(answer["capabilities"]["renameProvider"], true);
    client.be_lenient();
    client.finish();
}
