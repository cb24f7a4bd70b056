//! `move`: what is shown, what is written, and what stands in the way.

use crate::project::{Project, Run};

const MANIFEST: &str = r#"{
  "name": "shop",
  "dependencies": { "next": "16.4.6", "ws": "^8.18.0", "zod": "^4.1.0" },
  "devDependencies": { "typescript": "5.9.3" }
}
"#;
const TSCONFIG: &str = r#"{
  "compilerOptions": { "strict": true, "paths": { "@/*": ["./*"] } },
  "exclude": ["node_modules"]
}
"#;
const ROUTE: &str = "import { z } from 'zod';\nimport { db } from '@/lib/db';\n\nexport const maxDuration = 60;\n\nexport async function GET(request: Request) {\n  return Response.json(z.array(z.string()).parse(db.list(process.env.SHOP_ID)));\n}\n";
const DB: &str = "export const db = { list: (shop?: string) => [shop ?? 'none'] };\n";

/// An app in a folder of its own, with this route file.
fn app(route: &str, more: &[(&str, &str)]) -> Project {
    let mut files = vec![
        ("package.json", MANIFEST),
        ("tsconfig.json", TSCONFIG),
        ("lib/db.ts", DB),
        ("app/api/items/route.ts", route),
    ];
    files.extend(more);
    Project::with(&files)
}

fn refused(route: &str, more: &[(&str, &str)]) -> String {
    let project = app(route, more);
    let before = project.all();
    let Run { status, stdout, stderr } = project.run(&["move", "/api/items", "--write"]);
    assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
    assert_eq!(project.all(), before, "nothing is written");
    stderr.strip_prefix("error: ").unwrap().trim_end().to_owned()
}

#[test]
fn without_write_a_diff_is_shown_and_nothing_is_written() {
    let project = app(ROUTE, &[]);
    let before = project.all();
    let run = project.run(&["move", "/api/items"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(project.all(), before);
    assert!(run.stdout.contains("--- /dev/null\n+++ b/services/api/src/server.ts\n"), "{}", run.stdout);
    assert!(run.stdout.contains("--- a/app/api/items/route.ts\n+++ b/app/api/items/route.ts\n"));
    assert_eq!(
        run.stderr,
        "Move /api/items to the Express service services/api: --write would write 13 files.\n\
         Left to do:\n\
         1. Install the packages of services/api.\n\
         2. Copy services/api/.env.example to services/api/.env, fill it in and start the service with its script \
         `dev`.\n\
         3. Give the service the variables that the handler reads: `SHOP_ID`.\n\
         4. Set `API_SERVICE_URL` where the Next.js app runs; in development it is `http://localhost:4000`.\n\
         5. The time limit of the app's host still holds for what passes through it: who needs longer asks the \
         service itself.\n"
    );
}

#[test]
fn a_route_moves_with_what_it_needs_and_the_app_asks_the_service() {
    let project = app(ROUTE, &[]);
    let run = project.run(&["move", "GET /api/items", "--write"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert_eq!(
        project.read("app/api/items/route.ts"),
        "import { forward } from '@/lib/api-service';\n\n// Answered by the Express service in services/api.\nexport \
         const maxDuration = 60;\nexport const GET = forward;\n"
    );
    assert_eq!(
        project.read("services/api/src/routes/api/items/route.ts"),
        ROUTE.replace("export const maxDuration = 60;\n\n", "")
    );
    assert_eq!(
        project.read("services/api/src/routes.ts"),
        "import { Router } from 'express'\nimport { web } from './mount'\nimport * as apiItems from \
         './routes/api/items/route'\n\n/** Every route of the service, the more special before the more general. \
         */\nexport const routes = Router()\nroutes.use(web('/api/items', apiItems))\n"
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&project.read("services/api/package.json")).unwrap();
    assert_eq!(manifest["dependencies"]["zod"], "^4.1.0");
    assert_eq!(manifest["devDependencies"]["typescript"], "5.9.3");
    let compiler: serde_json::Value =
        serde_json::from_str(&project.read("services/api/tsconfig.json")).unwrap();
    assert_eq!(compiler["compilerOptions"]["paths"]["@/*"][0], "../../*");
    assert!(project.read("services/api/.env.example").ends_with("RATE_LIMIT=600\nSHOP_ID=\n"));
    assert_eq!(
        project.read("tsconfig.json"),
        TSCONFIG.replace("\"]", "\", \"services/api\"]").replace("./*\", \"services/api\"", "./*\"")
    );
}

#[test]
fn a_second_route_joins_the_service_and_stands_before_a_more_general_one() {
    let project = app(
        "export function GET(request: Request) {\n  return new Response(request.url);\n}\n",
        &[("app/api/[kind]/route.ts", "export function POST() {\n  return new Response('any');\n}\n")],
    );
    for route in ["/api/[kind]", "/api/items"] {
        let run = project.run(&["move", route, "--write"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
    }
    assert!(
        project.read("services/api/src/routes.ts").ends_with(
            "export const routes = Router()\nroutes.use(web('/api/items', apiItems))\nroutes.use(web('/api/:kind', \
             apiKind))\n"
        )
    );
    let again = project.run(&["move", "/api/items", "--write"]);
    assert_eq!(again.status, 2);
    assert_eq!(again.stderr, "error: app/api/items/route.ts: The service answers this route already.\n");
}

#[test]
fn the_service_is_a_member_of_the_workspace() {
    let app = "{ \"name\": \"@acme/web\", \"dependencies\": { \"next\": \"16.4.6\" } }";
    let route = "export function GET() {\n  return new Response('ok');\n}\n";
    for (workspace, home) in [
        (("package.json", "{ \"workspaces\": [\"packages/*\", \"apps/*\"] }"), "apps/api"),
        (("pnpm-workspace.yaml", "packages:\n  - \"apps/*\"\n  - 'services/*'\n"), "services/api"),
    ] {
        let project = Project::with(&[
            workspace,
            ("apps/web/package.json", app),
            ("apps/web/tsconfig.json", "{}"),
            ("apps/web/app/api/a/route.ts", route),
        ]);
        let run = project.run(&["move", "apps/web/app/api/a/route.ts", "--write"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let manifest: serde_json::Value =
            serde_json::from_str(&project.read(&format!("{home}/package.json"))).unwrap();
        assert_eq!(manifest["name"], "@acme/api");
        assert_eq!(project.read("apps/web/tsconfig.json"), "{}", "it lies outside the app");
    }
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let project = app(ROUTE, &[("services/api/src/app.ts", "mine\n")]);
    let before = project.all();
    let run = project.run(&["move", "/api/items", "--write"]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.stderr,
        "error: services/api/src/app.ts is there already and is something else; nothing was written\n"
    );
    assert_eq!(project.all(), before);
}

#[test]
fn what_works_in_next_js_only_is_named_with_its_place() {
    let get = |head: &str, body: &str| {
        format!("{head}\nexport async function GET(request: Request) {{\n  {body}\n}}\n")
    };
    for (head, body, reason) in [
        (
            "import { cookies } from 'next/headers';",
            "return Response.json((await cookies()).getAll());",
            "1:10: `cookies` of `next/headers` works inside Next.js only.",
        ),
        ("import 'server-only';", "return new Response();", "1:1: `server-only` works inside Next.js only."),
        (
            "import { after } from 'next/server';",
            "after(() => {}); return new Response();",
            "1:10: `after` of `next/server` works inside Next.js only.",
        ),
        (
            "import type { NextRequest } from 'next/server';",
            "return new Response((request as NextRequest).nextUrl.locale);",
            "3:23: `(request as NextRequest).nextUrl` exists in Next.js only.",
        ),
        (
            "import { NextResponse } from 'next/server';",
            "return NextResponse.rewrite(request.url);",
            "3:10: `NextResponse.rewrite` has no counterpart outside Next.js.",
        ),
        (
            "",
            "return fetch('https://a.example', { next: { revalidate: 60 } });",
            "3:39: Next.js alone keeps answers of `fetch` as `next: { revalidate: 60 }` says.",
        ),
        (
            "",
            "return new Response(process.cwd());",
            "3:23: The working directory is another one in the service.",
        ),
        (
            "export const runtime = 'edge';",
            "return new Response();",
            "1:14: The handler runs on the edge runtime, which Node.js is not.",
        ),
        (
            "export const revalidate = 60;",
            "return new Response();",
            "1:14: Next.js keeps answers as `revalidate` says.",
        ),
        (
            "export const dynamic = 'force-static';",
            "return new Response();",
            "1:14: The answer is made when the app is built.",
        ),
        (
            "import x from './missing';",
            "return new Response(x);",
            "1:1: `./missing` does not resolve, so nobody knows what it needs.",
        ),
    ] {
        let reason = format!("app/api/items/route.ts:{reason}");
        assert_eq!(refused(&get(head, body), &[]), reason);
    }
}

#[test]
fn what_stands_in_the_way_may_be_in_another_file() {
    let route = "import { user } from '@/lib/auth';\nexport async function GET() {\n  return Response.json(await user());\n}\n";
    let auth = "import { headers } from 'next/headers';\nexport const user = async () => (await headers()).get('x-user');\n";
    assert_eq!(
        refused(route, &[("lib/auth.ts", auth)]),
        "lib/auth.ts:1:10: `headers` of `next/headers` works inside Next.js only."
    );
    let asking = "import { page } from '@/lib/page';\nexport function GET(request: Request) {\n  return Response.json(page(request));\n}\n";
    for (body, reason) in [
        ("request.nextUrl.pathname", "2:47: `request.nextUrl` exists in Next.js only."),
        ("request.cookies.get('page')", "2:47: `request.cookies` exists in Next.js only."),
    ] {
        let helper = format!(
            "import type {{ NextRequest }} from 'next/server';\nexport const page = (request: NextRequest) => {body};\n"
        );
        assert_eq!(refused(asking, &[("lib/page.ts", &helper)]), format!("lib/page.ts:{reason}"));
    }
    let base = r#"{ "compilerOptions": { "baseUrl": "." } }"#;
    assert_eq!(
        refused(
            "import { db } from 'lib/db';\nexport const GET = () => Response.json(db.list());\n",
            &[("tsconfig.json", base)]
        ),
        "app/api/items/route.ts:1:1: `lib/db` means a file in this app only."
    );
    let page = "import { GET } from './api/items/route';\nexport default async function Page() {\n  return (await GET()).status;\n}\n";
    assert_eq!(
        refused("export async function GET() {\n  return new Response();\n}\n", &[("app/page.tsx", page)]),
        "app/page.tsx: This file imports route.ts, which would only ask the service."
    );
}

#[test]
fn memory_that_others_use_too_is_pointed_out() {
    let store =
        "const open = new Map<string, string>();\nexport const keep = (id: string) => open.set(id, id);\n";
    let route = "import { keep } from '@/lib/store';\nexport async function POST(request: Request) {\n  keep(request.url);\n  return new Response();\n}\n";
    let project = app(route, &[("lib/store.ts", store), ("app/api/other/route.ts", route)]);
    let run = project.run(&["move", "/api/items"]);
    assert!(
        run.stderr.contains(
            "`open` in lib/store.ts is memory of one process, and app/api/other/route.ts uses it too: each side will \
             have its own."
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn a_handler_of_pages_api_moves_with_the_types_of_the_service() {
    let handler = "import type { NextApiRequest, NextApiResponse } from 'next'\n\nexport const config = { api: { bodyParser: false }, maxDuration: 60 }\n\nexport default function handler(req: NextApiRequest, res: NextApiResponse<string>) {\n  res.json(req.url ?? '')\n}\n";
    let project = app(ROUTE, &[("pages/api/hook.ts", handler)]);
    let run = project.run(&["move", "POST /api/hook", "--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        project.read("services/api/src/routes/api/hook.ts"),
        handler
            .replace(
                "import type { NextApiRequest, NextApiResponse } from 'next'",
                "import type { ApiRequest, ApiResponse } from '../../pages'"
            )
            .replace("req: NextApi", "req: Api")
            .replace("res: NextApi", "res: Api")
    );
    assert_eq!(
        project.read("pages/api/hook.ts"),
        "import { forwardApi } from '@/lib/api-service-pages'\n\n// Answered by the Express service in \
         services/api.\nexport const config = { maxDuration: 60, api: { bodyParser: false, externalResolver: true, \
         responseLimit: false } }\n\nexport default forwardApi\n"
    );
    assert!(project.read("services/api/src/routes.ts").ends_with("routes.use(api('/api/hook', apiHook))\n"));
    assert!(project.read("services/api/package.json").contains("\"cookie\": "));
}

#[test]
fn what_a_handler_of_pages_api_has_of_next_js_is_named() {
    for (line, reason) in [
        ("await res.revalidate('/');", "2:9: `res.revalidate` exists in Next.js only."),
        (
            "(res.socket as any).server.io.emit('news');",
            "2:3: `(res.socket as any).server` is the HTTP server of Next.js, and what hangs on it does not come from \
             this file: move the route that makes it first.",
        ),
    ] {
        let handler = format!("export default async function handler(req, res) {{\n  {line}\n}}\n");
        let project = app(ROUTE, &[("pages/api/a.js", &handler)]);
        let run = project.run(&["move", "/api/a"]);
        assert_eq!((run.status, run.stderr), (2, format!("error: pages/api/a.js:{reason}\n")));
    }
}

const CHAT: &str = "import { WebSocketServer } from 'ws';\n\nconst wss = new WebSocketServer({ port: 8080, maxPayload: 1024 });\nwss.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));\n\nexport function GET() {\n  return new Response('ok');\n}\n";

#[test]
fn a_websocket_server_stands_on_the_http_server_of_the_service() {
    let page = "'use client';\nexport const open = () =>\n  new WebSocket('ws://localhost:8080');\n";
    let project = app(CHAT, &[("lib/chat.ts", page)]);
    let run = project.run(&["move", "/api/items", "--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("WebSocket clients (lib/chat.ts:3) connect to /api/items of the service now"),
        "{}",
        run.stderr
    );
    assert_eq!(
        project.read("services/api/src/routes/api/items/route.ts"),
        CHAT.replace(
            "const wss = new WebSocketServer({ port: 8080, ",
            "export const wss = new WebSocketServer({ noServer: true, "
        )
    );
    let sockets = project.read("services/api/src/sockets.ts");
    assert!(sockets.contains("import { wss as apiItems } from './routes/api/items/route'\n"), "{sockets}");
    assert!(sockets.contains("\nsockets.set('/api/items', apiItems)\n"), "{sockets}");
    let server = project.read("services/api/src/server.ts");
    assert!(server.contains(
        "import { attach } from './sockets'\n\nconst server = createServer(app)\nattach(server)\n"
    ));
}

#[test]
fn a_websocket_server_that_is_made_otherwise_is_named() {
    let one = "Only a WebSocket server that a module makes once, as `const … = new WebSocketServer({ port: … })`, can be moved.";
    for (old, new, reason) in [
        ("{ port: 8080, maxPayload: 1024 }", "options", format!("3:13: {one}")),
        ("{ port: 8080, maxPayload: 1024 }", "{ server: app }", format!("3:13: {one}")),
        ("const wss = ", "let wss;\nwss = ", format!("4:7: {one}")),
        (
            "wss.on('connection', ",
            "wss.on('listening', ",
            "4:1: The server has no port of its own any more, which this asks for.".to_owned(),
        ),
    ] {
        assert_eq!(refused(&CHAT.replace(old, new), &[]), format!("app/api/items/route.ts:{reason}"));
    }
}

#[test]
fn a_route_that_is_not_there_is_an_error() {
    let run = app(ROUTE, &[]).run(&["move", "/api/nothing"]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.stderr,
        "error: no file and no route of Next.js is called /api/nothing; `routewise routes` lists them\n"
    );
}

#[test]
fn what_a_route_file_exports_beside_its_handlers_goes_along_where_nobody_takes_it() {
    let route = "export const limit = 3;\n\nexport function GET() {\n  return Response.json({ limit });\n}\n";
    let project = app(route, &[]);
    let run = project.run(&["move", "/api/items", "--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(project.read("services/api/src/routes/api/items/route.ts"), route);
    let taker =
        ("lib/taker.ts", "import { limit } from '@/app/api/items/route';\nexport const twice = limit * 2;\n");
    assert_eq!(
        refused(route, &[taker]),
        "lib/taker.ts: This file imports route.ts, which would only ask the service."
    );
}

#[test]
fn a_server_of_socket_io_on_the_http_server_moves_and_its_clients_are_told_of() {
    let handler = "import { Server } from 'socket.io';\n\nexport default function handler(req, res) {\n  if (!res.socket.server.io) {\n    res.socket.server.io = new Server(res.socket.server, { path: '/api/io' });\n  }\n  res.end();\n}\n";
    let other = "export default function handler(req, res) {\n  res.socket.server.io.emit('news');\n  res.end();\n}\n";
    let project = app(ROUTE, &[("pages/api/io.js", handler), ("pages/api/news.js", other)]);
    let run = project.run(&["move", "/api/io", "--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(project.read("services/api/src/routes/api/io.js"), handler);
    let told = "Clients of Socket.IO connect to the address of the service now, whose server of Socket.IO needs the app's \
                origin under `cors`.\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let also = "pages/api/news.js:2 uses the same server of Socket.IO: move that route, too.\n";
    assert!(run.stderr.contains(also), "{}", run.stderr);
    let run = project.run(&["move", "/api/news", "--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
}
