//! Code actions: what is offered, and what the text is afterwards.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

use crate::support::{
    LEGACY, PER_REQUEST, PER_REQUEST_RULE, after_edit, edits_of, indexed, legacy_project, titled,
};

const TWO: &str = "export const a = legacy();\nexport const b = legacy();\n";

fn everywhere() -> Value {
    json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}})
}

#[test]
fn a_quick_fix_mends_its_finding_and_only_that() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let mut client = Client::start(&project);
    client.open(&uri, TWO);
    let diagnostics = client.codes_become(&uri, &[LEGACY, LEGACY]);
    let actions = client.actions(&uri, &diagnostics[1..], &diagnostics[1]["range"], Some("quickfix"));
    let fix = client.resolved(titled(&actions, "Call `modern`"));
    assert_eq!(fix["isPreferred"], true);
    assert_eq!(fix["kind"], "quickfix");
    assert_eq!(fix["diagnostics"][0]["range"], diagnostics[1]["range"]);
    let fixed = after_edit(&fix["edit"], &uri, TWO, "utf-16");
    assert_eq!(fixed, "export const a = legacy();\nexport const b = modern();\n");
    client.replace(&uri, 2, &fixed);
    let left = client.diagnostics(&uri, 2);
    assert_eq!(left[0]["range"]["start"]["line"], 0);
    client.finish();
}

#[test]
fn at_most_one_action_is_preferred_for_each_finding() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/orders/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    let diagnostics = client.codes_become(&uri, &[PER_REQUEST_RULE]);
    let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], Some("quickfix"));
    assert!(!actions.is_empty());
    assert_eq!(actions.iter().filter(|action| action["isPreferred"] == true).count(), 1, "{actions:#?}");
    client.finish();
}

#[test]
fn fix_all_mends_every_safe_finding_at_once() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let mut client = Client::start(&project);
    client.open(&uri, TWO);
    client.codes_become(&uri, &[LEGACY, LEGACY]);
    for kind in ["source.fixAll.routewise", "source.fixAll", "source"] {
        let actions = client.actions(&uri, &[], &everywhere(), Some(kind));
        assert_eq!(actions.len(), 1, "{kind}: {actions:#?}");
        assert_eq!(actions[0]["kind"], "source.fixAll.routewise");
        let action = client.resolved(&actions[0]);
        let fixed = after_edit(&action["edit"], &uri, TWO, "utf-16");
        assert_eq!(fixed, "export const a = modern();\nexport const b = modern();\n");
    }
    client.finish();
}

#[test]
fn fix_all_of_another_tool_is_not_answered() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let mut client = Client::start(&project);
    client.open(&uri, TWO);
    client.codes_become(&uri, &[LEGACY, LEGACY]);
    for kind in ["source.fixAll.eslint", "source.organizeImports", "refactor"] {
        assert_eq!(client.actions(&uri, &[], &everywhere(), Some(kind)), Vec::<Value>::new(), "{kind}");
    }
    client.finish();
}

#[test]
fn the_fix_all_command_has_the_client_apply_the_edits() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let mut client = Client::start(&project);
    client.open(&uri, TWO);
    client.codes_become(&uri, &[LEGACY, LEGACY]);
    client.request("workspace/executeCommand", json!({"command": "routewise.fixAll", "arguments": [uri]}));
    let params = client.next("workspace/applyEdit");
    let fixed = after_edit(&params["edit"], &uri, TWO, "utf-16");
    assert_eq!(fixed, "export const a = modern();\nexport const b = modern();\n");
    client.finish();
}

#[test]
fn an_unknown_command_is_an_error_and_nothing_else() {
    let project = legacy_project(&[]);
    let mut client = Client::start(&project);
    let id = client.send_request("workspace/executeCommand", json!({"command": "routewise.dance"}));
    assert_eq!(client.answer(id).unwrap_err()["code"], -32602);
    client.finish();
}

#[test]
fn edits_come_in_the_form_the_client_takes() {
    for (document_changes, resolve) in [(true, true), (true, false), (false, true), (false, false)] {
        let project = legacy_project(&[]);
        let uri = project.uri("lib/a.ts");
        let mut params = plain_handshake(project.root(), "utf-16");
        params["capabilities"]["workspace"]["workspaceEdit"] = json!({"documentChanges": document_changes});
        if !resolve {
            let code_action = &mut params["capabilities"]["textDocument"]["codeAction"];
            code_action.as_object_mut().unwrap().remove("resolveSupport");
        }
        let mut client = Client::start_as(&project, &params);
        client.open_as(&uri, "typescript", 3, TWO);
        let diagnostics = client.codes_become(&uri, &[LEGACY, LEGACY]);
        let actions = client.actions(&uri, &diagnostics[..1], &diagnostics[0]["range"], None);
        let fix = titled(&actions, "Call `modern`").clone();
        assert!(resolve || fix.get("edit").is_some(), "no way to ask for the edit later: {fix}");
        let edit = client.resolved(&fix)["edit"].clone();
        assert_eq!(edit.get("documentChanges").is_some(), document_changes);
        assert_eq!(edit.get("changes").is_some(), !document_changes);
        if document_changes {
            assert_eq!(edit["documentChanges"][0]["textDocument"], json!({"uri": uri, "version": 3}));
        }
        assert_eq!(edits_of(&edit, &uri).len(), 1);
        client.finish();
    }
}

#[test]
fn an_action_resolved_after_an_edit_is_made_for_the_text_as_it_is() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();\n");
    let diagnostics = client.codes_become(&uri, &[LEGACY]);
    let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], None);
    let action = titled(&actions, "Call `modern`").clone();
    assert!(action.get("edit").is_none(), "this client asks for edits later");
    client.replace(&uri, 2, "modern();\n");
    let id = client.send_request("codeAction/resolve", action);
    // Either no edit or an error says that there is nothing to mend any more; a stale edit would harm.
    if let Ok(resolved) = client.answer(id) {
        assert!(resolved.get("edit").is_none(), "{resolved}");
    }
    assert_eq!(client.diagnostics(&uri, 2), Vec::<Value>::new());
    client.finish();
}

#[test]
fn a_finding_can_be_silenced_for_its_line_and_for_the_file() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let text = "export async function GET() {\n  return legacy();\n}\n";
    let mut client = Client::start(&project);
    client.open(&uri, text);
    let mut version = 1;
    for title in ["Disable team/no-legacy for this line", "Disable team/no-legacy for this file"] {
        let diagnostics = client.codes_become(&uri, &[LEGACY]);
        let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], None);
        let action = client.resolved(titled(&actions, title));
        assert_ne!(action["isPreferred"], true);
        let silenced = after_edit(&action["edit"], &uri, text, "utf-16");
        assert!(silenced.contains("routewise-disable"), "{silenced}");
        client.replace(&uri, version + 1, &silenced);
        assert_eq!(client.diagnostics(&uri, version + 1), Vec::<Value>::new(), "{silenced}");
        client.replace(&uri, version + 2, text);
        version += 2;
    }
    client.codes_become(&uri, &[LEGACY]);
    client.finish();
}

#[test]
fn a_client_that_takes_commands_only_is_offered_nothing_it_cannot_read() {
    let project = legacy_project(&[]);
    let uri = project.uri("lib/a.ts");
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["textDocument"]["codeAction"] = json!({});
    let mut client = Client::start_as(&project, &params);
    client.open(&uri, TWO);
    let diagnostics = client.codes_become(&uri, &[LEGACY, LEGACY]);
    assert_eq!(client.actions(&uri, &diagnostics, &everywhere(), None), Vec::<Value>::new());
    client.finish();
}

#[test]
fn a_shared_client_that_nothing_imports_yet_is_used_rather_than_a_second_one_made() {
    let shared = "import { PrismaClient } from '@prisma/client';\n\nconst store = globalThis as unknown as { prisma?: PrismaClient };\nexport const prisma = store.prisma ?? new PrismaClient();\nstore.prisma = prisma;\n";
    let project = legacy_project(&[("app/api/orders/route.ts", PER_REQUEST), ("lib/prisma.ts", shared)]);
    let uri = project.uri("app/api/orders/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    client.progress();
    let diagnostics = client.codes_become(&uri, &[PER_REQUEST_RULE]);
    let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], Some("quickfix"));
    let preferred = actions.iter().find(|action| action["isPreferred"] == true).expect("one is preferred");
    assert!(preferred["title"].as_str().unwrap().starts_with("Use "), "{preferred}");
    client.finish();
}

const MIDDLEWARE: &str = "export function middleware() {}\n";
const RENAMED: &str = "proxy/middleware-renamed-proxy";

#[test]
fn a_file_moves_after_its_edits_where_the_client_moves_files() {
    let project = legacy_project(&[("app/page.tsx", "export default function Page() {}\n")]);
    project.write("middleware.ts", MIDDLEWARE);
    let uri = project.uri("middleware.ts");
    let mut client = Client::start(&project);
    client.open_as(&uri, "typescript", 5, MIDDLEWARE);
    let diagnostics = client.codes_become(&uri, &[RENAMED]);
    let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], Some("quickfix"));
    let edit =
        client.resolved(titled(&actions, "Rename the file to proxy.ts and its function with it"))["edit"]
            .clone();
    let steps = edit["documentChanges"].as_array().expect("in this form only");
    assert_eq!(steps.len(), 2, "{edit}");
    assert_eq!(steps[0]["textDocument"], json!({"uri": uri, "version": 5}));
    assert_eq!(steps[0]["edits"][0]["newText"], "proxy");
    assert_eq!(steps[1]["kind"], "rename");
    assert_eq!(steps[1]["oldUri"], uri);
    assert_eq!(steps[1]["newUri"], project.uri("proxy.ts"));
    client.finish();
}

#[test]
fn a_client_that_moves_no_files_is_offered_no_fix_that_would() {
    let project = legacy_project(&[("app/page.tsx", "export default function Page() {}\n")]);
    project.write("middleware.ts", MIDDLEWARE);
    let uri = project.uri("middleware.ts");
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["workspace"]["workspaceEdit"] =
        json!({"documentChanges": true, "resourceOperations": ["create"]});
    let mut client = Client::start_as(&project, &params);
    client.open(&uri, MIDDLEWARE);
    let diagnostics = client.codes_become(&uri, &[RENAMED]);
    let actions = client.actions(&uri, &diagnostics, &diagnostics[0]["range"], Some("quickfix"));
    let titles: Vec<&Value> = actions.iter().map(|action| &action["title"]).collect();
    assert!(titles.iter().all(|title| !title.as_str().unwrap().starts_with("Rename")), "{titles:?}");
    client.finish();
}

const ITEMS: &str =
    "export const runtime = 'nodejs';\n\nexport async function GET() {\n  return Response.json([]);\n}\n";

fn at(line: u32) -> Value {
    json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}})
}

#[test]
fn a_handler_moves_to_an_express_service_in_one_edit_that_is_made_when_it_is_wanted() {
    let project = TestProject::next(&[("app/api/items/route.ts", ITEMS)]);
    let uri = project.uri("app/api/items/route.ts");
    let mut client = Client::start(&project);
    indexed(&mut client);
    client.open(&uri, ITEMS);
    let nowhere = client.actions(&uri, &[], &at(0), Some("refactor"));
    assert_eq!(nowhere, Vec::<Value>::new(), "an option is no handler");
    let actions = client.actions(&uri, &[], &at(3), Some("refactor"));
    assert_eq!(actions.len(), 1, "{actions:#?}");
    assert_eq!(actions[0]["title"], "Move this handler to an Express service");
    assert_eq!(actions[0]["kind"], "refactor.move.routewise");
    assert_eq!(actions[0].get("edit"), None);
    let action = client.resolved(&actions[0]);
    let operations = action["edit"]["documentChanges"].as_array().expect("operations");
    let made: Vec<&str> = operations
        .iter()
        .filter(|operation| operation["kind"] == "create")
        .map(|operation| operation["uri"].as_str().expect("a file"))
        .collect();
    let expected = [
        ".env.example",
        "lib/api-service.ts",
        "services/api/.env.example",
        "services/api/.gitignore",
        "services/api/package.json",
        "services/api/src/app.ts",
        "services/api/src/mount.ts",
        "services/api/src/routes.ts",
        "services/api/src/routes/api/items/route.ts",
        "services/api/src/server.ts",
        "services/api/tsconfig.json",
    ];
    assert_eq!(made, expected.map(|path| project.uri(path)));
    assert_eq!(
        after_edit(&action["edit"], &uri, ITEMS, "utf-16"),
        "import { forward } from '@/lib/api-service';\n\n// Answered by the Express service in services/api.\nexport \
         const runtime = 'nodejs';\nexport const GET = forward;\n"
    );
    let said = client.next("window/showMessage");
    assert_eq!(said["type"], 3);
    let first = "Left to do after the move:\nInstall the packages of services/api.\n";
    assert!(said["message"].as_str().expect("a text").starts_with(first), "{said}");
    client.finish();
}

#[test]
fn an_api_route_becomes_a_route_handler_in_one_edit_that_moves_its_file() {
    let handler =
        "export default function handler(req, res) {\n  res.status(200).json({ url: req.url });\n}\n";
    let project = TestProject::next(&[
        ("app/page.tsx", "export default function Page() {}\n"),
        ("pages/api/items.js", handler),
    ]);
    let uri = project.uri("pages/api/items.js");
    let mut client = Client::start(&project);
    indexed(&mut client);
    client.open(&uri, handler);
    let actions = client.actions(&uri, &[], &at(1), Some("refactor.move"));
    let offered: Vec<(&Value, &Value)> =
        actions.iter().map(|action| (&action["title"], &action["kind"])).collect();
    assert_eq!(
        offered,
        [
            (&json!("Move this handler to an Express service"), &json!("refactor.move.routewise")),
            (
                &json!("Turn this API route into a Route Handler"),
                &json!("refactor.move.routewise.routeHandler")
            ),
        ]
    );
    let action = client.resolved(&actions[1]);
    let steps = action["edit"]["documentChanges"].as_array().expect("operations");
    let last = steps.last().expect("a step");
    assert_eq!((&last["kind"], &last["oldUri"]), (&json!("rename"), &json!(uri)));
    assert_eq!(last["newUri"], project.uri("app/api/items/route.js"));
    assert_eq!(last["options"]["overwrite"], false);
    let text = after_edit(&action["edit"], &uri, handler, "utf-16");
    assert!(text.starts_with("function handler(req) {\n  return Response.json({ url: "), "{text}");
    client.finish();
}

#[test]
fn a_route_of_express_becomes_a_route_handler_in_one_edit() {
    let server = "import express from 'express';\n\nconst app = express();\n\napp.get('/health', (req, res) => {\n  res.json({ \
                  ok: true });\n});\n\napp.listen(4000);\n";
    let project =
        TestProject::next(&[("app/page.tsx", "export default function Page() {}\n"), ("server.js", server)]);
    let uri = project.uri("server.js");
    let mut client = Client::start(&project);
    indexed(&mut client);
    client.open(&uri, server);
    let nowhere = client.actions(&uri, &[], &at(2), Some("refactor.move"));
    assert_eq!(nowhere, Vec::<Value>::new());
    let actions = client.actions(&uri, &[], &at(5), Some("refactor.move"));
    assert_eq!(actions.len(), 1, "{actions:#?}");
    assert_eq!(actions[0]["title"], "Turn this Express route into a Route Handler");
    let action = client.resolved(&actions[0]);
    let operations = action["edit"]["documentChanges"].as_array().expect("operations");
    let made: Vec<&Value> =
        operations.iter().filter(|it| it["kind"] == "create").map(|it| &it["uri"]).collect();
    assert_eq!(made, [&json!(project.uri("app/health/route.js"))]);
    assert_eq!(
        after_edit(&action["edit"], &uri, server, "utf-16"),
        "import express from 'express';\n\nconst app = express();\n\napp.listen(4000);\n"
    );
    let said = client.next("window/showMessage");
    assert_eq!(
        said["message"],
        "Left to do after the move:\nNothing else of the Express application may answer /health before Next.js \
         does.\nOther methods of this path get 405, where Express said 404."
    );
    client.finish();
}

#[test]
fn what_keeps_a_handler_from_moving_is_told_when_it_is_wanted() {
    let route = "import { user } from '@/lib/user';\nexport async function GET() {\n  return Response.json(await user());\n}\n";
    let helper = "import { headers } from 'next/headers';\nexport const user = async () => (await headers()).get('x');\n";
    let project = TestProject::next(&[("app/api/items/route.ts", route), ("lib/user.ts", helper)]);
    let uri = project.uri("app/api/items/route.ts");
    let mut client = Client::start(&project);
    indexed(&mut client);
    client.open(&uri, route);
    let actions = client.actions(&uri, &[], &at(1), Some("refactor.move"));
    let action = client.resolved(&actions[0]);
    assert_eq!(action.get("edit"), None);
    let said = client.next("window/showMessage");
    let place = project.path("lib/user.ts");
    let reason = format!("{}:1: `headers` of `next/headers` works inside Next.js only.", place.display());
    assert_eq!((&said["type"], &said["message"]), (&json!(2), &json!(reason)));
    client.finish();
}

#[test]
fn a_client_that_makes_no_files_is_offered_no_move() {
    let project = TestProject::next(&[("app/api/items/route.ts", ITEMS)]);
    let uri = project.uri("app/api/items/route.ts");
    let mut handshake = plain_handshake(project.root(), "utf-16");
    handshake["capabilities"]["workspace"]["workspaceEdit"] = json!({"documentChanges": true});
    let mut client = Client::start_as(&project, &handshake);
    indexed(&mut client);
    client.open(&uri, ITEMS);
    assert_eq!(client.actions(&uri, &[], &at(3), Some("refactor")), Vec::<Value>::new());
    client.finish();
}
