//! Completion: what is offered, and what the text is afterwards.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::text;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

use crate::support::indexed;

/// Opens a file whose text has its cursor at `§`, and asks what can be written there.
fn complete(client: &mut Client, uri: &str, marked: &str) -> (Vec<Value>, String) {
    let offset = marked.find('§').expect("a cursor");
    let whole = marked.replacen('§', "", 1);
    // What the rules say of half-typed code is the matter of other tests.
    client.be_lenient();
    client.open(uri, &whole);
    let (line, character) = text::position(&whole, offset, client.encoding());
    let params = json!({
        "textDocument": { "uri": uri },
        "position": { "line": line, "character": character },
        "context": { "triggerKind": 1 },
    });
    let items = client.request("textDocument/completion", params);
    (items.as_array().cloned().unwrap_or_default(), whole)
}

fn labels(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["label"].as_str().unwrap_or_default()).collect()
}

/// The text after one item is taken.
fn taken(items: &[Value], label: &str, whole: &str) -> String {
    let item = items.iter().find(|item| item["label"] == label).expect("it is offered");
    let mut edits = vec![item["textEdit"].clone()];
    edits.extend(item["additionalTextEdits"].as_array().cloned().unwrap_or_default());
    text::apply(whole, &edits, "utf-16")
}

fn with_snippets(project: &TestProject) -> Value {
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["textDocument"]["completion"] =
        json!({ "completionItem": { "snippetSupport": true } });
    params
}

#[test]
fn a_handler_is_a_snippet_where_the_client_fills_in_places_and_plain_text_where_not() {
    let project = TestProject::next(&[]);
    let uri = project.uri("app/api/users/[id]/route.ts");
    let marked = "import { db } from '../db'; // 🦀\n\nexport async function P§\n";
    let mut client = Client::start_as(&project, &with_snippets(&project));
    let (items, whole) = complete(&mut client, &uri, marked);
    assert_eq!(labels(&items), ["POST", "PUT", "PATCH"]);
    assert_eq!(items[0]["insertTextFormat"], 2);
    assert_eq!(items[0]["filterText"], "export async function POST");
    let text = taken(&items, "POST", &whole);
    assert!(text.contains("import { NextRequest } from 'next/server';"), "{text}");
    assert!(text.contains("ctx: RouteContext<'/api/users/[id]'>) {"), "{text}");
    assert!(text.contains("Response.json(${0:body}"), "{text}");
    client.finish();

    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["textDocument"]["completion"] = json!({});
    let mut client = Client::start_as(&project, &params);
    let (items, whole) = complete(&mut client, &uri, marked);
    assert_eq!(items[0].get("insertTextFormat"), None);
    let text = taken(&items, "POST", &whole);
    assert!(text.contains("Response.json(body, { status: 201 });\n}\n"), "{text}");
    client.finish();
}

#[test]
fn values_replace_what_stands_between_the_quotes() {
    let project = TestProject::next(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    let (items, whole) = complete(&mut client, &uri, "export const dynamic = 'force§-stat';\n");
    assert_eq!(labels(&items), ["force-dynamic", "force-static"]);
    assert_eq!(taken(&items, "force-static", &whole), "export const dynamic = 'force-static';\n");
    let uri = project.uri("app/api/b/route.ts");
    let (items, _) = complete(&mut client, &uri, "export const maxDuration = §;\n");
    let last = items.last().expect("there are values");
    assert_eq!((&last["label"], last["kind"].as_u64()), (&json!("900"), Some(12)), "{last}");
    client.finish();
}

#[test]
fn a_matcher_knows_the_paths_of_the_project() {
    let project = TestProject::next(&[
        ("app/api/users/[id]/route.ts", "export const GET = () => new Response();\n"),
        ("app/cart/page.tsx", "export default function Page() {}\n"),
    ]);
    let uri = project.uri("proxy.ts");
    let mut client = Client::start(&project);
    crate::support::indexed(&mut client);
    let (items, whole) = complete(
        &mut client,
        &uri,
        "export function proxy() {}\nexport const config = { matcher: ['/§'] };\n",
    );
    assert_eq!(labels(&items), ["/api/users/:id", "/cart"]);
    assert!(taken(&items, "/cart", &whole).ends_with("matcher: ['/cart'] };\n"));
    client.finish();
}

#[test]
fn ordinary_files_and_places_are_answered_with_nothing() {
    let project = TestProject::next(&[]);
    let mut client = Client::start(&project);
    for (path, marked) in [
        ("lib/db.ts", "§"),
        ("app/page.tsx", "§"),
        ("app/api/a/route.ts", "export async function GET() {\n  §\n}\n"),
        ("app/api/b/route.ts", "import a from './§';\n"),
        ("proxy.ts", "import a from '§';\n"),
    ] {
        let (items, _) = complete(&mut client, &project.uri(path), marked);
        assert_eq!(items, Vec::<Value>::new(), "{path}: {marked}");
    }
    client.finish();
}

#[test]
fn a_url_in_a_call_takes_the_place_of_the_text_in_every_encoding() {
    let route = "export async function GET() {\n  return Response.json({});\n}\n";
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let project = TestProject::next(&[("app/api/größe/[id]/route.ts", route)]);
        let uri = project.uri("lib/call.ts");
        let mut params = with_snippets(&project);
        params["capabilities"]["general"]["positionEncodings"] = json!([encoding]);
        let mut client = Client::start_as(&project, &params);
        indexed(&mut client);
        let (items, whole) = complete(&mut client, &uri, "/* 😀 */ fetch('/api/grö§ße?x=1');\r\n");
        assert_eq!(labels(&items), ["/api/größe/[id]"]);
        assert_eq!(items[0]["detail"], "GET · app/api/größe/[id]/route.ts");
        assert_eq!(items[0]["insertTextFormat"], 2);
        let text = text::apply(&whole, std::slice::from_ref(&items[0]["textEdit"]), encoding);
        assert_eq!(text, "/* 😀 */ fetch('/api/größe/${1:id}?x=1');\r\n", "{encoding}");
        client.finish();
    }
}

#[test]
fn a_client_without_places_to_fill_in_gets_a_url_as_plain_text() {
    let route = "export async function GET() {\n  return Response.json({});\n}\n";
    let project = TestProject::next(&[("app/api/users/[id]/route.ts", route)]);
    let mut client = Client::start(&project);
    indexed(&mut client);
    let (items, whole) = complete(&mut client, &project.uri("lib/call.ts"), "fetch(`§`);\n");
    assert_eq!(taken(&items, "/api/users/[id]", &whole), "fetch(`/api/users/${id}`);\n");
    assert_eq!(items[0]["insertTextFormat"], Value::Null);
    client.finish();
}
