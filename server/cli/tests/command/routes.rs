//! `routes`: the table, and the same for programs.

use serde_json::{Value, json};

use crate::project::Project;

const USERS: &str = "import { auth } from '@/auth';\n\nexport const maxDuration = 30;\n\nexport async function GET() {\n  return Response.json([]);\n}\n\nexport async function POST(request: Request) {\n  return Response.json(await request.json());\n}\n";

fn shop() -> Project {
    Project::with(&[
        ("package.json", r#"{ "name": "shop", "dependencies": { "next": "16.0.0", "express": "5.1.0" } }"#),
        ("vercel.json", "{}"),
        ("proxy.ts", "export function proxy() {}\nexport const config = { matcher: '/api/:path*' };\n"),
        ("app/api/users/route.ts", USERS),
        (
            "app/api/users/[id]/route.ts",
            "export const DELETE = async () => new Response(null, { status: 204 });\n",
        ),
        ("app/sitemap.ts", "export default function sitemap() {\n  return [];\n}\n"),
        (
            "app/page.tsx",
            "export default function Page() {\n  return <form action=\"/api/users\" method=\"post\" />;\n}\n",
        ),
        ("pages/api/old/[...rest].ts", "export default function handler(req, res) {\n  res.json({});\n}\n"),
    ])
}

fn json(project: &Project) -> Value {
    let run = project.run(&["routes", "--format", "json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn programs_get_all_that_is_known() {
    let told = json(&shop());
    assert_eq!(told["schemaVersion"], 1);
    let routes = told["routes"].as_array().unwrap();
    let urls: Vec<&str> = routes.iter().map(|route| route["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["/api/users", "/api/users/[id]", "/sitemap.xml", "/api/old/[...rest]"]);
    let users = &routes[0];
    for (key, expected) in [
        ("framework", json!("next-app")),
        ("package", json!(".")),
        ("methods", json!(["GET", "POST"])),
        ("path", json!("app/api/users/route.ts")),
        ("runtime", json!("nodejs")),
        ("maxDuration", json!({ "seconds": 30, "from": "app/api/users/route.ts" })),
        ("middleware", json!(["proxy"])),
        ("auth", json!("absent")),
        ("effects", json!([])),
    ] {
        assert_eq!(users[key], expected, "{key}");
    }
    assert_eq!(users["range"]["start"]["line"], 5);
    assert_eq!(users["callers"][0]["path"], "app/page.tsx");
    assert_eq!(users["callers"][0]["range"]["start"]["line"], 2);
    assert_eq!(users["callers"][0]["method"], "POST");
    assert_eq!(routes[3]["framework"], "next-pages");
}

#[test]
fn people_get_a_table_as_wide_as_their_terminal() {
    let project = shop();
    let whole = project.run(&["routes"]).stdout;
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines[0], "shop");
    assert!(lines[1].starts_with("  GET,POST  /api/users          app/api/users/route.ts:5"), "{whole}");
    assert!(lines[1].ends_with("no auth  1 caller  proxy"), "{whole}");
    let narrow = project.run_with(&[("COLUMNS", "50")], &["routes"]).stdout;
    assert!(narrow.lines().all(|line| line.chars().count() <= 50), "{narrow}");
    assert!(narrow.contains('…'), "{narrow}");
    // Paths give way, so that what stands behind them is seen.
    let middle = project.run_with(&[("COLUMNS", "80")], &["routes"]).stdout;
    let lines: Vec<&str> = middle.lines().collect();
    assert_eq!(lines[1], "  GET,POST  /api/users          …/api/users/route.ts:5  no auth  1 caller  proxy");
    assert_eq!(lines[3], "  GET       /sitemap.xml        app/sitemap.ts:1");
    assert!(lines.iter().all(|line| !line.ends_with(' ')), "{middle}");
}

#[test]
fn what_a_request_passes_is_named_once_and_counted_where_it_has_no_name() {
    let app = "import express from 'express';
import helmet from 'helmet';

const app = express();
app.use((req, res, next) => next());
app.use(helmet());
app.use((req, res, next) => next());
app.get('/a', helmet(), (req, res) => res.end());
app.listen(3000);
";
    let project = Project::with(&[
        ("package.json", r#"{ "name": "shop", "dependencies": { "express": "5.1.0", "helmet": "8.0.0" } }"#),
        ("app.js", app),
    ]);
    let table = project.run(&["routes"]).stdout;
    assert!(table.ends_with("  helmet, 2 without a name\n"), "{table}");
    let told = json(&project);
    assert_eq!(told["routes"][0]["middleware"], json!(["anonymous", "helmet", "anonymous", "helmet"]));
}

#[test]
fn documents_and_descriptions_hold_the_same_routes() {
    let project = shop();
    let markdown = project.run(&["routes", "--format", "markdown"]).stdout;
    assert!(markdown.starts_with("# Routes\n\n## shop\n\n| method |"), "{markdown}");
    assert!(
        markdown.contains(
            "| GET,POST | `/api/users` | app/api/users/route.ts:5 | absent |  | proxy | 1 caller |"
        ),
        "{markdown}"
    );
    let openapi: Value =
        serde_json::from_str(&project.run(&["routes", "--format", "openapi"]).stdout).unwrap();
    assert_eq!(openapi["openapi"], "3.1.0");
    let paths: Vec<&String> = openapi["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api/users", "/api/users/{id}", "/api/old/{rest}"]);
    assert_eq!(openapi["paths"]["/api/users/{id}"]["parameters"][0]["name"], "id");
    assert!(openapi["paths"]["/api/users/{id}"]["delete"]["responses"].is_object());
    assert!(openapi["paths"]["/api/users"]["post"]["requestBody"].is_object());
}

#[test]
fn a_description_has_the_bodies_that_schemas_reveal() {
    let project = Project::with(&[
        ("package.json", r#"{ "dependencies": { "next": "16.0.0", "zod": "4.0.0", "express": "5.1.0" } }"#),
        (
            "lib/schemas.ts",
            "import { z } from 'zod';\n\nexport const Address = z.object({ street: z.string(), zip: z.string().optional() });\nexport const User = z.object({\n  name: z.string().min(1).max(80),\n  email: z.string().email(),\n  age: z.number().int().nullable(),\n  role: z.enum(['admin', 'member']).default('member'),\n  tags: z.array(z.string()),\n  address: Address,\n  more: z.lazy(() => User),\n});\n",
        ),
        (
            "app/api/users/route.ts",
            "import { User } from '@/lib/schemas';\n\nexport async function POST(request: Request) {\n  const body = await request.json();\n  const user = User.parse(body);\n  return Response.json(user);\n}\n\nexport async function PATCH(request: Request) {\n  const done = User.pick({ name: true, age: true }).partial().safeParse(await request.json());\n  return Response.json(done);\n}\n\nexport async function PUT(request: Request) {\n  return Response.json(User.parse(await load()));\n}\n",
        ),
        (
            "server.js",
            "const express = require('express');\nconst z = require('zod');\nconst app = express();\napp.post('/orders', (req, res) => res.json(z.object({ amount: z.number() }).parse(req.body)));\napp.listen(3000);\n",
        ),
        ("tsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#),
    ]);
    let described = project.run(&["routes", "--format", "openapi"]).stdout;
    let told: Value = serde_json::from_str(&described).unwrap();
    let schema = |path: &str, method: &str| {
        let body = &told["paths"][path][method]["requestBody"];
        (body["required"].clone(), body["content"]["application/json"]["schema"].clone())
    };
    let text = json!({ "type": "string" });
    assert_eq!(
        schema("/api/users", "post"),
        (
            json!(true),
            json!({
                "type": "object",
                "properties": {
                    "name": text,
                    "email": { "type": "string", "format": "email" },
                    "age": { "anyOf": [{ "type": "integer" }, { "type": "null" }] },
                    "role": { "type": "string", "enum": ["admin", "member"] },
                    "tags": { "type": "array", "items": text },
                    "address": {
                        "type": "object",
                        "properties": { "street": text, "zip": text },
                        "required": ["street"],
                    },
                    "more": {},
                },
                "required": ["name", "email", "age", "tags", "address", "more"],
            })
        )
    );
    let some = json!({
        "type": "object",
        "properties": { "name": text, "age": { "anyOf": [{ "type": "integer" }, { "type": "null" }] } },
    });
    assert_eq!(schema("/api/users", "patch"), (json!(true), some));
    // What is held against the schema there is not the body.
    assert_eq!(schema("/api/users", "put"), (Value::Null, json!({})));
    let amount =
        json!({ "type": "object", "properties": { "amount": { "type": "number" } }, "required": ["amount"] });
    assert_eq!(schema("/orders", "post"), (json!(true), amount));
}

#[test]
fn server_actions_rewrites_and_redirects_are_listed_apart() {
    let project = Project::with(&[
        ("package.json", r#"{ "name": "shop", "dependencies": { "next": "16.0.0" } }"#),
        (
            "next.config.js",
            "module.exports = {\n  rewrites: async () => [{ source: '/people/:id', destination: '/api/users/:id' }],\n  redirects: async () => [{ source: '/old', destination: to(), has: [] }],\n};\n",
        ),
        ("app/api/users/[id]/route.ts", "export const GET = () => Response.json({});\n"),
        (
            "app/actions.ts",
            "'use server';\nimport { getServerSession } from 'next-auth';\n\nexport async function save() {\n  const session = await getServerSession();\n  if (!session) throw new Error('no');\n}\n",
        ),
        (
            "app/page.tsx",
            "export default function Page() {\n  async function send() {\n    'use server';\n  }\n  return <form action={send} />;\n}\n",
        ),
    ]);
    project.write("lib/load.ts", "export const load = (id) => fetch(`/people/${id}`);\n");
    let told = json(&project);
    // A request for a path that is rewritten is one for the route behind it.
    assert_eq!(told["routes"][0]["callers"][0]["path"], "lib/load.ts");
    let actions: Vec<String> = told["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {}:{} {}", it["name"], it["path"], it["range"]["start"]["line"], it["auth"]))
        .collect();
    assert_eq!(actions, [r#""save" "app/actions.ts":4 "present""#, r#""send" "app/page.tsx":2 "absent""#]);
    let moved = |kind: &str, source: &str, destination: Value, conditional: bool| json!({ "kind": kind, "package": ".", "source": source, "destination": destination, "conditional": conditional });
    assert_eq!(
        told["moves"],
        json!([
            moved("redirect", "/old", Value::Null, true),
            moved("rewrite", "/people/:id", json!("/api/users/:id"), false),
        ])
    );
    let table = project.run(&["routes"]).stdout;
    assert!(table.contains("\nshop: server actions\n  save  app/actions.ts:4  auth\n"), "{table}");
    let markdown = project.run(&["routes", "--format", "markdown"]).stdout;
    assert!(markdown.contains("## Server actions") && markdown.contains("| `/people/:id` |"), "{markdown}");
}

/// Runs git in a project, with an author and nothing of the machine's configuration.
#[test]
fn a_change_is_told_by_what_it_adds_removes_and_alters() {
    let project = shop();
    project.commit();
    let unchanged = project.run(&["routes", "--changed", "--since", "main"]);
    assert_eq!((unchanged.status, unchanged.stderr.as_str()), (0, ""));
    assert_eq!(unchanged.stdout, "No route is added, removed or altered.\n");
    // Nothing of the repository is run.
    for hook in ["post-checkout", "post-index-change", "fsmonitor"] {
        project.write(&format!(".git/hooks/{hook}"), "#!/bin/sh\ntouch ran\n");
    }
    project.git(&["config", "core.fsmonitor", ".git/hooks/fsmonitor"]);
    project.git(&["config", "filter.run.smudge", "touch ran"]);
    project.write(".gitattributes", "* filter=run\n");
    std::fs::remove_file(project.path().join("app/api/users/[id]/route.ts")).unwrap();
    project.write("app/api/orders/route.ts", "export const PUT = () => Response.json({});\n");
    project.write(
        "app/api/users/route.ts",
        "export const runtime = 'edge';\n\nexport async function GET() {\n  return Response.json([]);\n}\n",
    );
    let before = project.all();
    let run = project.run(&["routes", "--changed", "--since", "main"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        run.stdout.lines().collect::<Vec<_>>(),
        [
            "+ PUT       /api/orders  app/api/orders/route.ts:1  auth absent",
            "- DELETE    /api/users/[id]  app/api/users/[id]/route.ts:1",
            "~ GET       /api/users  app/api/users/route.ts:3  methods GET, POST → GET; runtime nodejs → edge; maxDuration 30 s → none",
        ]
    );
    assert_eq!(project.all(), before);
    let told: Value = serde_json::from_str(
        &project.run(&["routes", "--changed", "--since", "main", "--format", "json"]).stdout,
    )
    .unwrap();
    assert_eq!(told["added"][0]["path"], "app/api/orders/route.ts");
    assert_eq!(told["removed"][0]["range"]["start"]["line"], 1);
    assert_eq!(
        told["altered"][0]["what"][1],
        json!({ "key": "runtime", "before": "nodejs", "after": "edge" })
    );
    let markdown = project.run(&["routes", "--changed", "--since", "main", "--format", "markdown"]).stdout;
    assert!(markdown.contains("## Removed\n\n- DELETE `/api/users/[id]`"), "{markdown}");
}

#[test]
fn a_change_of_others_since_is_no_part_of_this_one() {
    let project = shop();
    project.commit();
    project.git(&["checkout", "--quiet", "-b", "mine"]);
    project.write("app/api/mine/route.ts", "export const GET = () => Response.json({});\n");
    project.git(&["add", "."]);
    project.git(&["commit", "--quiet", "--message", "mine"]);
    project.git(&["checkout", "--quiet", "main"]);
    project.write("app/api/theirs/route.ts", "export const GET = () => Response.json({});\n");
    project.git(&["add", "."]);
    project.git(&["commit", "--quiet", "--message", "theirs"]);
    project.git(&["checkout", "--quiet", "mine"]);
    let run = project.run(&["routes", "--changed", "--since", "main", "app/api"]);
    assert_eq!(run.stdout, "+ GET       /api/mine  app/api/mine/route.ts:1  auth absent\n");
}

#[test]
fn what_cannot_be_compared_is_an_error_that_says_why() {
    let project = shop();
    let nowhere = project.run(&["routes", "--changed", "--since", "main"]);
    assert_eq!((nowhere.status, nowhere.stdout.as_str()), (2, ""));
    assert!(nowhere.stderr.contains("git repository"), "{}", nowhere.stderr);
    project.git(&["init", "--quiet", "--initial-branch", "main"]);
    let unknown = project.run(&["routes", "--changed", "--since", "--output=/tmp/x"]);
    assert_eq!(unknown.status, 2);
    let missing = project.run(&["routes", "--changed", "--since", "nobody"]);
    assert_eq!(missing.stderr.lines().next(), Some("error: git knows no commit nobody"));
    let no_git = project.run_with(&[("PATH", "")], &["routes", "--changed", "--since", "main"]);
    assert!(no_git.stderr.starts_with("error: --since needs the program git"), "{}", no_git.stderr);
}
