//! From URLs to handlers and back, over the protocol.

use routewise_tests::client::Client;
use routewise_tests::text;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

use crate::support::indexed;

const ROUTE: &str = "export async function GET() {\n  return Response.json({});\n}\n\nexport async function DELETE() {\n  return new Response(null, { status: 204 });\n}\n";

const PAGE: &str = "'use client';\nimport { api } from '../lib/api';\n\nexport default function Page({ id }) {\n  const load = () => fetch(`/api/users/${id}`);\n  const remove = () => api.remove('/users/7');\n  return <button onClick={load} onDoubleClick={remove} />;\n}\n";

const API: &str =
    "export const api = {\n  remove: (path) => fetch('/api' + path, { method: 'DELETE' }),\n};\n";

fn shop() -> TestProject {
    TestProject::next(&[
        ("app/api/users/[id]/route.ts", ROUTE),
        ("app/page.tsx", PAGE),
        ("lib/api.ts", API),
        (
            "server.js",
            "const express = require('express');\nconst app = express();\napp.get('/health', (req, res) => res.send('ok'));\n",
        ),
    ])
}

fn started(project: &TestProject) -> Client {
    let mut client = Client::start(project);
    client.be_lenient();
    indexed(&mut client);
    client
}

/// What is answered at the first place of `marker` in an open file.
fn at(client: &mut Client, method: &str, uri: &str, whole: &str, marker: &str) -> Value {
    let offset = whole.find(marker).expect("it stands there") + 1;
    let (line, character) = text::position(whole, offset, client.encoding());
    let mut params =
        json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } });
    if method.ends_with("references") {
        params["context"] = json!({ "includeDeclaration": false });
    }
    client.request(method, params)
}

/// `file:line` of each place.
fn places(project: &TestProject, answer: &Value) -> Vec<String> {
    let root = project.uri("");
    let all = answer.as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|place| {
            let uri = place["uri"].as_str().or(place["targetUri"].as_str()).expect("a file");
            let range = place.get("range").unwrap_or(&place["targetRange"]);
            let name = uri.strip_prefix(&root).unwrap_or(uri).replace("%5B", "[").replace("%5D", "]");
            format!("{name}:{}", range["start"]["line"].as_u64().expect("a line") + 1)
        })
        .collect()
}

#[test]
fn a_url_leads_to_its_handler_and_the_handler_to_its_callers() {
    let project = shop();
    let mut client = started(&project);
    let (page, route) = (project.uri("app/page.tsx"), project.uri("app/api/users/[id]/route.ts"));
    client.open(&page, PAGE);
    let load = at(&mut client, "textDocument/definition", &page, PAGE, "`/api/users");
    assert_eq!(places(&project, &load), ["app/api/users/[id]/route.ts:1"]);
    let remove = at(&mut client, "textDocument/implementation", &page, PAGE, "'/users/7'");
    assert_eq!(places(&project, &remove), ["app/api/users/[id]/route.ts:5"]);
    let nothing = at(&mut client, "textDocument/definition", &page, PAGE, "../lib/api");
    assert_eq!(nothing, Value::Null);
    client.open(&route, ROUTE);
    let get = at(&mut client, "textDocument/references", &route, ROUTE, "GET");
    assert_eq!(places(&project, &get), ["app/page.tsx:5"]);
    let delete = at(&mut client, "textDocument/references", &route, ROUTE, "DELETE");
    assert_eq!(places(&project, &delete), ["app/page.tsx:6"]);
    let same = at(&mut client, "textDocument/references", &page, PAGE, "'/users/7'");
    assert_eq!(places(&project, &same), ["app/page.tsx:6"]);
    client.finish();
}

#[test]
fn an_edit_of_a_caller_is_seen_from_the_handler_at_once() {
    let project = shop();
    let mut client = started(&project);
    let (page, route) = (project.uri("app/page.tsx"), project.uri("app/api/users/[id]/route.ts"));
    client.open(&page, PAGE);
    client.open(&route, ROUTE);
    client.replace(&page, 2, &PAGE.replace("`/api/users/${id}`", "`/api/people/${id}`"));
    let get = at(&mut client, "textDocument/references", &route, ROUTE, "GET");
    assert_eq!(places(&project, &get), [""; 0]);
    client.finish();
}

#[test]
fn routes_are_symbols_of_their_file_and_of_the_workspace() {
    let project = shop();
    let mut client = started(&project);
    let route = project.uri("app/api/users/[id]/route.ts");
    client.open(&route, ROUTE);
    let own = client.request("textDocument/documentSymbol", json!({ "textDocument": { "uri": route } }));
    let names: Vec<&str> =
        own.as_array().expect("symbols").iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["GET /api/users/[id]", "DELETE /api/users/[id]"]);
    for (query, expected) in [
        ("health", vec!["GET /health"]),
        ("@/api/users", vec!["GET /api/users/[id]", "DELETE /api/users/[id]"]),
        ("delusers", vec!["DELETE /api/users/[id]"]),
        ("", vec!["DELETE /api/users/[id]", "GET /api/users/[id]", "GET /health"]),
        ("nothing like it", vec![]),
    ] {
        let found = client.request("workspace/symbol", json!({ "query": query }));
        let found = found.as_array().cloned().unwrap_or_default();
        let mut names: Vec<&str> = found.iter().filter_map(|it| it["name"].as_str()).collect();
        if query.is_empty() {
            names.sort_unstable();
        }
        assert_eq!(names, expected, "{query}");
    }
    client.finish();
}

#[test]
fn a_lens_tells_the_url_and_the_callers_and_links_lead_to_the_file() {
    let project = shop();
    let mut client = started(&project);
    let (page, route) = (project.uri("app/page.tsx"), project.uri("app/api/users/[id]/route.ts"));
    client.open(&page, PAGE);
    client.open(&route, ROUTE);
    let lenses = client.request("textDocument/codeLens", json!({ "textDocument": { "uri": route } }));
    let lenses = lenses.as_array().expect("lenses");
    let titles: Vec<&str> = lenses.iter().filter_map(|lens| lens["command"]["title"].as_str()).collect();
    assert_eq!(
        titles,
        [
            "GET /api/users/[id] · 1 caller · no auth · fits",
            "DELETE /api/users/[id] · 1 caller · no auth · fits"
        ]
    );
    let command = &lenses[0]["command"];
    let answer = client.request(
        "workspace/executeCommand",
        json!({ "command": command["command"], "arguments": command["arguments"] }),
    );
    assert_eq!(places(&project, &answer), ["app/page.tsx:5"]);
    let links = client.request("textDocument/documentLink", json!({ "textDocument": { "uri": page } }));
    let targets: Vec<String> = links
        .as_array()
        .expect("links")
        .iter()
        .map(|link| link["target"].as_str().expect("a file").replace(&project.uri(""), ""))
        .collect();
    assert_eq!(targets, ["app/api/users/%5Bid%5D/route.ts#L1", "app/api/users/%5Bid%5D/route.ts#L5"]);
    client.finish();
}

#[test]
fn the_table_of_routes_is_a_request_and_a_command() {
    let project = shop();
    let mut client = started(&project);
    let command = json!({ "command": "routewise.routes", "arguments": [] });
    let by_command = client.request("workspace/executeCommand", command);
    assert_eq!(by_command["schemaVersion"], 1);
    assert_eq!(by_command["complete"], true);
    let route = &by_command["routes"][0];
    assert_eq!(route["url"], "/api/users/[id]");
    assert_eq!(route["methods"], json!(["GET", "DELETE"]));
    assert_eq!(route["auth"], "absent");
    assert_eq!(route["callers"][0]["method"], "GET");
    assert!(route["path"].as_str().is_some_and(|path| path.ends_with("/app/api/users/[id]/route.ts")));
    assert_eq!(client.request("routewise/overview", Value::Null), by_command);
    client.finish();
}

#[test]
fn the_name_of_a_function_that_asks_leads_to_the_handlers_too() {
    let project = shop();
    let mut client = started(&project);
    let page = project.uri("app/page.tsx");
    client.open(&page, PAGE);
    let called = at(&mut client, "textDocument/implementation", &page, PAGE, "remove('");
    assert_eq!(places(&project, &called), ["app/api/users/[id]/route.ts:5"]);
    let same = at(&mut client, "textDocument/references", &page, PAGE, "remove('");
    assert_eq!(places(&project, &same), ["app/page.tsx:6"]);
    // What a name is declared as is the matter of the language's own server.
    let definition = at(&mut client, "textDocument/definition", &page, PAGE, "remove('");
    assert_eq!(definition, Value::Null);
    // At the declaration that server has nothing to say, and its parameters are nobody's URL.
    let api = project.uri("lib/api.ts");
    client.open(&api, API);
    for method in ["textDocument/definition", "textDocument/implementation"] {
        let declared = at(&mut client, method, &api, API, "remove:");
        assert_eq!(places(&project, &declared), ["app/api/users/[id]/route.ts:5"], "{method}");
        assert_eq!(at(&mut client, method, &api, API, "path)"), Value::Null, "{method}");
    }
    let calls = at(&mut client, "textDocument/references", &api, API, "remove:");
    assert_eq!(places(&project, &calls), ["app/page.tsx:6"]);
    client.finish();
}

#[test]
fn what_a_lens_shows_is_in_the_hover_of_the_handler_and_of_the_url() {
    let project = shop();
    let mut client = started(&project);
    let (page, route) = (project.uri("app/page.tsx"), project.uri("app/api/users/[id]/route.ts"));
    client.open(&page, PAGE);
    client.open(&route, ROUTE);
    let value = |hover: Value| hover["contents"]["value"].as_str().unwrap_or_default().to_owned();
    let handler = value(client.hover(&route, ROUTE, ROUTE.find("DELETE").expect("a handler")));
    let url = value(client.hover(&page, PAGE, PAGE.find("/users/7").expect("a URL")));
    for about in [&handler, &url] {
        assert!(about.starts_with("**`DELETE /api/users/[id]`**"), "{about}");
        assert!(about.contains("- Nothing checks who asks, as far as Routewise can see\n"), "{about}");
        assert!(about.contains("- 1 caller: [app/page.tsx](file://"), "{about}");
        assert!(about.contains("\n- Fits where it is"), "{about}");
    }
    assert!(url.contains("- Methods: GET, DELETE\n"), "{url}");
    client.finish();
}
