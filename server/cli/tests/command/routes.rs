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
    assert_eq!(lines[0], ".");
    assert!(lines[1].starts_with("  GET,POST  /api/users          app/api/users/route.ts:5"), "{whole}");
    assert!(lines[1].ends_with("no auth  1 caller  proxy"), "{whole}");
    let narrow = project.run_with(&[("COLUMNS", "50")], &["routes"]).stdout;
    assert!(narrow.lines().all(|line| line.chars().count() <= 50), "{narrow}");
    assert!(narrow.contains('…'), "{narrow}");
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
