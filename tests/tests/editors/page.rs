//! The page of `routewise decide` in a real browser: light, dark, as wide as a phone, and on paper.

use std::path::Path;
use std::process::Command;

use routewise_tests::binary::routewise;
use routewise_tests::workspace::TestProject;

use crate::support::{repository, skipped, succeed, tool};

/// What opens the page, and what looks whether everybody can use it.
const PACKAGES: [&str; 2] = ["axe-core@4.14.1", "playwright-core@1.65.1"];

#[test]
fn the_page_of_a_decision_is_sound_for_eyes_keyboards_and_screen_readers() {
    if skipped() {
        return;
    }
    let project = shop();
    let page = project.path("decision.html");
    let done = Command::new(routewise())
        .args(["decide", "--format", "html"])
        .current_dir(project.root())
        .output()
        .expect("routewise runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::write(&page, done.stdout).unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = tests.join(".tools/page");
    succeed(Command::new(tests.join("tools/npm.sh")).arg(&tools).args(PACKAGES));
    let mut session = Command::new("node");
    session.arg(repository().join("tests/page/session.mjs")).arg(&page).arg(&tools);
    session.arg(tool("chromium/chromium", "chromium"));
    if let Some(pictures) = std::env::var_os("ROUTEWISE_PICTURES") {
        session.arg(pictures);
    }
    succeed(&mut session);
}

/// A shop with a chat, reports, a service beside it, and an app for phones.
fn shop() -> TestProject {
    let plain = |body: &str| {
        format!("import {{ prisma }} from '@/lib/prisma';\nimport {{ auth }} from '@/lib/auth';\n{body}\n")
    };
    let get = plain(
        "export async function GET() {\n  await auth();\n  return Response.json(await prisma.order.findMany({ take: 20 }));\n}",
    );
    let both = plain(
        "export async function GET() {\n  return Response.json(await prisma.order.count());\n}\nexport async function POST(request: Request) {\n  await auth();\n  const { name } = await request.json();\n  return Response.json(await prisma.order.create({ data: { name } }));\n}",
    );
    let mut files = vec![
        ("package.json".to_owned(), r#"{ "workspaces": ["web", "realtime", "mobile"] }"#.to_owned()),
        (
            "web/package.json".to_owned(),
            r#"{ "name": "shop", "dependencies": { "next": "16.4.6", "@prisma/client": "6.19.3", "ws": "8.18.0", "puppeteer": "24.0.0", "next-auth": "5.0.0" } }"#.to_owned(),
        ),
        ("web/vercel.json".to_owned(), "{}".to_owned()),
        ("web/tsconfig.json".to_owned(), r#"{ "compilerOptions": { "paths": { "@/*": ["./*"] } } }"#.to_owned()),
        ("web/lib/auth.ts".to_owned(), "import NextAuth from 'next-auth';\nexport const { auth } = NextAuth({ providers: [] });\n".to_owned()),
        ("web/lib/prisma.ts".to_owned(), "import { PrismaClient } from '@prisma/client';\nconst kept = globalThis as unknown as { prisma?: PrismaClient };\nexport const prisma = kept.prisma ?? (kept.prisma = new PrismaClient());\n".to_owned()),
        ("web/lib/report.ts".to_owned(), "import puppeteer from 'puppeteer';\nexport async function print(url: string) {\n  const browser = await puppeteer.launch();\n  const page = await browser.newPage();\n  await page.goto(url);\n  return page.pdf();\n}\n".to_owned()),
        ("web/app/page.tsx".to_owned(), "'use client';\nexport default function Page() {\n  const load = () => Promise.all([fetch('/api/orders'), fetch('/api/cart'), fetch('/api/search')]);\n  return <button onClick={load}>Load</button>;\n}\n".to_owned()),
        ("web/app/api/chat/route.ts".to_owned(), "import { WebSocketServer } from 'ws';\nconst server = new WebSocketServer({ port: 8080 });\nserver.on('connection', (socket) => socket.send('hello'));\nexport async function GET() {\n  return new Response('ok');\n}\n".to_owned()),
        ("web/app/api/orders/[id]/pdf/route.ts".to_owned(), "import { print } from '@/lib/report';\nexport async function POST(request: Request) {\n  return new Response(await print(request.url));\n}\n".to_owned()),
        ("web/app/api/export/route.ts".to_owned(), "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.order.findMany({ take: 100 }));\n}\n".to_owned()),
        ("realtime/package.json".to_owned(), r#"{ "name": "realtime", "type": "module", "scripts": { "start": "node index.js" }, "dependencies": { "express": "5.1.0", "bullmq": "5.0.0", "ioredis": "5.0.0" } }"#.to_owned()),
        ("realtime/index.js".to_owned(), "import express from 'express';\nimport { Worker } from 'bullmq';\nimport Redis from 'ioredis';\nconst app = express();\nconst connection = new Redis(process.env.REDIS_URL);\napp.get('/healthz', (req, res) => res.json({ ok: true }));\napp.post('/jobs/:id', (req, res) => res.status(202).end());\nnew Worker('mail', async () => {}, { connection });\napp.listen(4000);\n".to_owned()),
        ("mobile/package.json".to_owned(), r#"{ "name": "mobile", "dependencies": { "expo": "54.0.0" } }"#.to_owned()),
    ];
    for (number, url) in
        ["orders", "orders/[id]", "cart", "cart/items", "search", "tags", "users/me", "health"]
            .iter()
            .enumerate()
    {
        let text = if number % 2 == 0 { &get } else { &both };
        files.push((format!("web/app/api/{url}/route.ts"), text.clone()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    TestProject::new(&files)
}
