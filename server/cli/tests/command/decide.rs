//! `decide`: eight projects whose answers a person would give, and the forms of the answer.

use serde_json::{Value, json};

use crate::project::Project;

/// `package.json` of a Next.js app with these packages beside.
fn app(more: &str) -> String {
    format!(
        r#"{{ "name": "app", "dependencies": {{ "next": "16.4.6", "@prisma/client": "6.19.3"{more} }} }}"#
    )
}

const PRISMA: &str = "import { PrismaClient } from '@prisma/client';\nconst kept = globalThis as unknown as { prisma?: PrismaClient };\nexport const prisma = kept.prisma ?? (kept.prisma = new PrismaClient());\n";
const POSTS: &str = "import { prisma } from '@/lib/prisma';\nexport async function GET() {\n  return Response.json(await prisma.post.findMany({ take: 10 }));\n}\nexport async function POST(request: Request) {\n  const { title } = await request.json();\n  return Response.json(await prisma.post.create({ data: { title } }), { status: 201 });\n}\n";
const PAGE: &str = "'use client';\nexport default function Page() {\n  return <button onClick={() => fetch('/api/posts')}>Posts</button>;\n}\n";
const TSCONFIG: &str = r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#;

/// The common part of the projects: a page that asks for posts, and the route.
fn blog(more: &str, files: &[(&str, &str)]) -> Project {
    let manifest = app(more);
    let mut all = vec![
        ("package.json", manifest.as_str()),
        ("tsconfig.json", TSCONFIG),
        ("lib/prisma.ts", PRISMA),
        ("app/api/posts/route.ts", POSTS),
        ("app/page.tsx", PAGE),
    ];
    all.extend(files);
    Project::with(&all)
}

fn decided(project: &Project, more: &[&str]) -> Value {
    let arguments = [&["decide", "--format", "json"], more].concat();
    let run = project.run(&arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    serde_json::from_str(&run.stdout).unwrap()
}

/// The needs in the order of the checklist: `y`es, `n`o, `?`.
fn needs(decision: &Value) -> String {
    let names = [
        "websockets",
        "longRunningJobs",
        "multipleClients",
        "separateTeams",
        "simpleFullStack",
        "deploySimplicity",
        "singleDeveloper",
    ];
    names
        .iter()
        .map(|name| match decision["needs"][name]["value"].as_str().unwrap() {
            "yes" => 'y',
            "no" => 'n',
            _ => '?',
        })
        .collect()
}

/// Each route with its verdict, and what is lacking.
fn verdicts(decision: &Value) -> Vec<(String, String)> {
    let routes = decision["routes"].as_array().unwrap().iter();
    routes
        .map(|route| {
            let mut verdict = route["verdict"].as_str().unwrap().to_owned();
            for unmet in route["unmet"].as_array().unwrap() {
                verdict = format!("{verdict} {}", unmet["capability"].as_str().unwrap());
            }
            (route["url"].as_str().unwrap().to_owned(), verdict)
        })
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(url, verdict)| ((*url).to_owned(), (*verdict).to_owned())).collect()
}

#[test]
fn a_blog_that_reads_and_writes_posts_is_right_in_next_js() {
    let decision = decided(&blog("", &[("vercel.json", "{}")]), &[]);
    assert_eq!((&decision["verdict"], &decision["either"]), (&json!("next"), &json!(false)));
    assert_eq!(needs(&decision), "nnn?yy?");
    assert_eq!(verdicts(&decision), pairs(&[("/api/posts", "fits")]));
    assert_eq!(decision["target"]["id"], "vercel");
    assert_eq!(decision["schemaVersion"], 1);
    assert_eq!(decision["elsewhere"], "All fit on every host that was compared.");
}

#[test]
fn a_chat_over_websockets_has_its_socket_in_a_process_and_the_rest_in_next_js() {
    let chat = "import { WebSocketServer } from 'ws';\nconst wss = new WebSocketServer({ port: 8080 });\nwss.on('connection', (socket) => {\n  socket.on('message', (message) => wss.clients.forEach((client) => client.send(message)));\n});\nexport async function GET() {\n  return new Response('ok');\n}\n";
    let project = blog(r#", "ws": "8.18.0""#, &[("vercel.json", "{}"), ("app/api/chat/route.ts", chat)]);
    let decision = decided(&project, &[]);
    assert_eq!((&decision["verdict"], &decision["either"]), (&json!("both"), &json!(false)));
    assert_eq!(needs(&decision), "ynn?yy?");
    assert_eq!(verdicts(&decision), pairs(&[("/api/chat", "persistent websockets"), ("/api/posts", "fits")]));
    let seen = &decision["needs"]["websockets"]["evidence"][0];
    assert_eq!(seen["path"], "app/api/chat/route.ts");
    assert_eq!(seen["range"]["start"]["line"], 2);
    assert_eq!(decision["needs"]["websockets"]["weight"], "required");
    assert_eq!(decision["reasons"]["persistent"][0]["points"], 3);
}

const REPORT: &str = "import puppeteer from 'puppeteer';\nexport async function print(url: string) {\n  const browser = await puppeteer.launch();\n  const page = await browser.newPage();\n  await page.goto(url);\n  return page.pdf();\n}\n";
const REPORT_ROUTE: &str = "import { print } from '@/lib/report';\nexport async function POST(request: Request) {\n  const { url } = await request.json();\n  return new Response(await print(url));\n}\n";

fn reports() -> Project {
    blog(
        r#", "puppeteer": "24.0.0""#,
        &[("vercel.json", "{}"), ("lib/report.ts", REPORT), ("app/api/report/route.ts", REPORT_ROUTE)],
    )
}

#[test]
fn a_report_made_by_a_browser_belongs_in_a_process_and_in_a_container_it_fits() {
    let decision = decided(&reports(), &[]);
    assert_eq!(decision["verdict"], "both");
    assert_eq!(needs(&decision), "nyn?yy?");
    assert_eq!(
        verdicts(&decision),
        pairs(&[("/api/posts", "fits"), ("/api/report", "persistent long-work")])
    );
    let seen = &decision["routes"][1]["unmet"][0]["evidence"][0];
    assert_eq!((&seen["path"], &seen["range"]["start"]["line"]), (&json!("lib/report.ts"), &json!(3)));
    assert_eq!(
        decision["elsewhere"],
        "On Vercel Hobby, Vercel Pro and Enterprise, Netlify and Cloudflare Workers 1 of 2 does not fit; in a \
         container all fit."
    );
    let contained = decided(&reports(), &["--target", "docker"]);
    assert_eq!((&contained["verdict"], &contained["target"]["asked"]), (&json!("next"), &json!(true)));
    assert_eq!(verdicts(&contained)[1].1, "fits");
}

#[test]
fn a_backend_for_a_mobile_app_is_both_and_either_is_fine() {
    let mobile = r#"{ "name": "mobile", "dependencies": { "expo": "54.0.0", "react-native": "0.81.0" } }"#;
    let app = app("");
    let project = Project::with(&[
        ("package.json", r#"{ "workspaces": ["web", "mobile"] }"#),
        ("web/package.json", &app),
        ("web/vercel.json", "{}"),
        ("web/tsconfig.json", TSCONFIG),
        ("web/lib/prisma.ts", PRISMA),
        ("web/app/api/posts/route.ts", POSTS),
        ("web/app/page.tsx", PAGE),
        ("mobile/package.json", mobile),
        ("mobile/App.tsx", "export default function App() {\n  return null;\n}\n"),
    ]);
    let decision = decided(&project, &[]);
    assert_eq!((&decision["verdict"], &decision["either"]), (&json!("both"), &json!(true)));
    assert_eq!(needs(&decision), "nny?ny?");
    assert_eq!(verdicts(&decision), pairs(&[("/api/posts", "fits")]));
    assert_eq!(decision["needs"]["multipleClients"]["evidence"][0]["text"], "an Expo app");
}

#[test]
fn a_package_that_is_built_into_the_app_is_no_other_application() {
    let asks = "'use client';\nexport const load = () => fetch('/api/posts');\n";
    let shared = |more: &str| {
        let web = app(more);
        let files = [
            ("package.json", r#"{ "workspaces": ["web", "ui", "kit"] }"#),
            ("web/package.json", web.as_str()),
            ("web/vercel.json", "{}"),
            ("web/tsconfig.json", TSCONFIG),
            ("web/lib/prisma.ts", PRISMA),
            ("web/app/api/posts/route.ts", POSTS),
            ("web/app/page.tsx", PAGE),
            ("kit/package.json", r#"{ "name": "@shop/kit", "dependencies": { "@shop/ui": "workspace:*" } }"#),
            ("ui/package.json", r#"{ "name": "@shop/ui" }"#),
            ("ui/nav.tsx", asks),
        ];
        let decision = decided(&Project::with(&files), &[]);
        let clients = &decision["needs"]["multipleClients"];
        (decision["verdict"].clone(), clients["value"].clone())
    };
    assert_eq!(shared(r#", "@shop/kit": "workspace:*""#), (json!("next"), json!("no")));
    assert_eq!(shared(""), (json!("both"), json!("yes")));
}

#[test]
fn a_custom_server_with_sockets_is_both_already() {
    let server = "import { createServer } from 'node:http';\nimport next from 'next';\nimport { Server } from 'socket.io';\nconst app = next({ dev: false });\nawait app.prepare();\nconst server = createServer(app.getRequestHandler());\nconst io = new Server(server);\nio.on('connection', (socket) => socket.emit('hello'));\nserver.listen(3000);\n";
    let manifest = r#"{ "name": "app", "type": "module", "scripts": { "start": "node server.js" },
        "dependencies": { "next": "16.4.6", "@prisma/client": "6.19.3", "socket.io": "4.8.0" } }"#;
    let project = blog("", &[("server.js", server)]);
    project.write("package.json", manifest);
    let decision = decided(&project, &[]);
    assert_eq!((&decision["verdict"], &decision["either"]), (&json!("both"), &json!(false)));
    assert_eq!(needs(&decision), "ynn?nn?");
    assert_eq!(verdicts(&decision), pairs(&[("/api/posts", "fits")]));
    let part = &decision["parts"][0];
    assert_eq!((&part["home"], &part["fits"]), (&json!("service"), &json!(true)));
    assert_eq!(part["evidence"]["path"], "server.js");
}

#[test]
fn a_monorepo_with_both_stays_as_it_is() {
    let app = app("");
    let api = "import express from 'express';\nimport { Worker } from 'bullmq';\nconst app = express();\napp.get('/health', (req, res) => res.json({ ok: true }));\napp.post('/jobs', (req, res) => res.status(202).end());\nnew Worker('mail', async () => {});\napp.listen(4000);\n";
    let project = Project::with(&[
        ("package.json", r#"{ "workspaces": ["web", "api"] }"#),
        ("web/package.json", &app),
        ("web/vercel.json", "{}"),
        ("web/tsconfig.json", TSCONFIG),
        ("web/lib/prisma.ts", PRISMA),
        ("web/app/api/posts/route.ts", POSTS),
        ("web/app/page.tsx", PAGE),
        (
            "api/package.json",
            r#"{ "name": "api", "type": "module", "scripts": { "start": "node index.js" }, "dependencies": { "express": "5.1.0", "bullmq": "5.0.0" } }"#,
        ),
        ("api/index.js", api),
    ]);
    let decision = decided(&project, &[]);
    assert_eq!((&decision["verdict"], &decision["either"]), (&json!("both"), &json!(false)));
    assert_eq!(needs(&decision), "nyn?nn?");
    assert_eq!(verdicts(&decision), pairs(&[("/health", "fits"), ("/jobs", "fits"), ("/api/posts", "fits")]));
    assert_eq!(decision["target"]["id"], "vercel");
}

#[test]
fn a_static_export_answers_get_and_nothing_else() {
    let config = "export default { output: 'export' };\n";
    let feed = "export const dynamic = 'force-static';\nexport function GET() {\n  return new Response('<rss/>');\n}\n";
    let contact = "export async function POST() {\n  return new Response('ok');\n}\n";
    let project = Project::with(&[
        ("package.json", &app("")),
        ("next.config.mjs", config),
        ("app/page.tsx", "export default function Page() {\n  return null;\n}\n"),
        ("app/feed/route.ts", feed),
        ("app/api/contact/route.ts", contact),
    ]);
    let decision = decided(&project, &[]);
    assert_eq!(decision["verdict"], "both");
    assert_eq!(decision["target"]["id"], "static-export");
    assert_eq!(verdicts(&decision), pairs(&[("/api/contact", "persistent server"), ("/feed", "fits")]));
}

#[test]
fn an_app_on_the_edge_alone_is_right_there_but_for_what_needs_node() {
    let edge =
        "export const runtime = 'edge';\nexport function GET() {\n  return Response.json({ ok: true });\n}\n";
    let node = "import { readFile } from 'node:fs/promises';\nexport const runtime = 'edge';\nexport async function GET() {\n  return new Response(await readFile('data.json'));\n}\n";
    let project = Project::with(&[
        ("package.json", &app("")),
        ("vercel.json", "{}"),
        ("app/page.tsx", "export default function Page() {\n  return null;\n}\n"),
        ("app/api/health/route.ts", edge),
        ("app/api/data/route.ts", node),
    ]);
    let decision = decided(&project, &[]);
    assert_eq!(decision["verdict"], "next");
    assert_eq!(needs(&decision), "nn??yy?");
    assert_eq!(verdicts(&decision), pairs(&[("/api/data", "fits-with-changes"), ("/api/health", "fits")]));
    assert_eq!(decision["routes"][0]["findings"][0]["rule"], "handler/edge-runtime-node-api");
}

#[test]
fn what_code_cannot_know_is_declared_and_said_to_be() {
    let project = blog(
        "",
        &[
            ("vercel.json", "{}"),
            ("routewise.json", r#"{ "needs": { "websockets": true, "singleDeveloper": false } }"#),
        ],
    );
    let decision = decided(&project, &[]);
    assert_eq!(decision["verdict"], "both");
    assert_eq!(needs(&decision), "ynn?yyn");
    let need = &decision["needs"]["websockets"];
    assert_eq!((&need["declared"], &need["why"]), (&json!(true), &json!("declared in routewise.json")));
}

#[test]
fn owners_tell_of_teams_and_of_who_is_alone() {
    let owned = |text: &str| decided(&blog("", &[("vercel.json", "{}"), (".github/CODEOWNERS", text)]), &[]);
    assert_eq!(needs(&owned("* @ada\n")), "nnnnyyy");
    assert_eq!(needs(&owned("* @acme/web\napp/api/ @acme/backend # all routes\n")), "nnnyyyn");
}

#[test]
fn for_people_it_fits_one_screen() {
    let run = reports().run(&["decide"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "both           1 of 2 routes belongs in a persistent process; 1 stays.");
    assert!(
        lines.iter().any(|line| line.starts_with("  → POST /api/report  lib/report.ts:3  a browser")),
        "{}",
        run.stdout
    );
    assert!(lines.contains(&"  ✓ 1 route fits"), "{}", run.stdout);
    assert!(lines.len() <= 28, "{}", lines.len());
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{}", run.stdout);
}

#[test]
fn a_pull_request_gets_tables() {
    let run = reports().run(&["decide", "--format", "markdown"]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.starts_with("## Next.js, Express or both: both\n\n1 of 2 routes"), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("| POST `/api/report` | app/api/report/route.ts:2 | belongs in a persistent process |"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("| Long-running jobs | **yes** | "), "{}", run.stdout);
}

#[test]
fn the_page_needs_nothing_else_and_nothing_in_it_ends_its_script() {
    let project = reports();
    project.write("package.json", &app("").replace("\"app\"", "\"</script><b>\""));
    let run = project.run(&["decide", "--format", "html"]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.starts_with("<!doctype html>"));
    assert_eq!(run.stdout.matches("</script>").count(), 2);
    for outside in ["src=", "@import", "url(", "fetch("] {
        // An address that begins with `#` is a place of the page itself.
        assert!(!run.stdout.replace("url(#", "").contains(outside), "{outside}");
    }
    assert!(!run.stdout.contains("{{"), "a placeholder is left");
}

#[test]
fn since_a_commit_it_tells_what_a_change_does_to_the_answer() {
    let project = blog(r#", "puppeteer": "24.0.0""#, &[("vercel.json", "{}")]);
    project.commit();
    let unchanged = decided(&project, &["--since", "main"]);
    assert_eq!(unchanged["since"]["summary"], "The verdict stays Next.js: no route fits worse than before.");
    assert_eq!((&unchanged["since"]["routes"], &unchanged["since"]["needs"]), (&json!([]), &json!([])));

    project.write("lib/report.ts", REPORT);
    project.write("app/api/report/route.ts", REPORT_ROUTE);
    let since = &decided(&project, &["--since", "main"])["since"];
    assert_eq!(
        since["summary"],
        "The verdict turns from Next.js to both: 1 route belongs in a persistent process that did not."
    );
    assert_eq!(since["verdict"], "next");
    let route = &since["routes"][0];
    assert_eq!((&route["url"], &route["path"]), (&json!("/api/report"), &json!("app/api/report/route.ts")));
    assert_eq!((&route["before"], &route["after"]), (&json!(null), &json!("persistent")));
    assert!(route["why"].as_str().unwrap().starts_with("a browser works for many seconds"), "{route}");
    assert_eq!(since["routes"].as_array().unwrap().len(), 1);
    let need = json!([{ "need": "longRunningJobs", "before": "no", "after": "yes" }]);
    assert_eq!(since["needs"], need);

    let run = project.run(&["decide", "--since", "main"]);
    assert!(
        run.stdout.contains("  → POST /api/report  new, belongs in a persistent process: a browser"),
        "{}",
        run.stdout
    );
    let markdown = project.run(&["decide", "--since", "main", "--format", "markdown"]).stdout;
    let row =
        "| POST `/api/report` | app/api/report/route.ts | new, belongs in a persistent process | a browser";
    assert!(markdown.contains(row), "{markdown}");
}

#[test]
fn since_a_commit_a_route_that_moved_out_and_one_that_was_mended_are_told() {
    let project = reports();
    project.commit();
    std::fs::remove_file(project.path().join("app/api/report/route.ts")).unwrap();
    let since = &decided(&project, &["--since", "main"])["since"];
    assert_eq!(since["summary"], "The verdict turns from both to Next.js: no route fits worse than before.");
    let route = &since["routes"][0];
    assert_eq!((&route["before"], &route["after"]), (&json!("persistent"), &json!(null)));

    project.write("app/api/report/route.ts", "export function POST() {\n  return new Response('ok');\n}\n");
    let since = &decided(&project, &["--since", "main"])["since"];
    assert_eq!(since["summary"], "The verdict turns from both to Next.js: 1 route fits better than before.");
    let route = &since["routes"][0];
    assert_eq!((&route["before"], &route["after"]), (&json!("persistent"), &json!("fits")));
}

#[test]
fn since_a_commit_that_git_does_not_know_is_an_error_that_names_it() {
    let project = blog("", &[]);
    project.commit();
    let run = project.run(&["decide", "--since", "nobody"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(run.stderr.lines().next(), Some("error: git knows no commit nobody"), "{}", run.stderr);
}

#[test]
fn what_many_routes_share_is_told_once_and_a_host_that_nobody_names_is_not_known() {
    let hash = "import { pbkdf2Sync } from 'node:crypto';\nexport const key = (text: string) => pbkdf2Sync(text, 'salt', 100000, 32, 'sha512');\n";
    let route = "import { key } from '@/lib/key';\nexport async function POST(request: Request) {\n  return Response.json(key(await request.text()).toString('hex'));\n}\n";
    let project =
        blog("", &[("lib/key.ts", hash), ("app/api/a/route.ts", route), ("app/api/b/route.ts", route)]);
    let run = project.run(&["decide"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.contains(&"  ~ 2 routes  lib/key.ts:2  duration/cpu-heavy-sync"), "{}", run.stdout);
    assert!(lines.contains(&"  ✓ 1 route fits"), "{}", run.stdout);
    assert!(run.stdout.contains("  The host is not known. "), "{}", run.stdout);
}
