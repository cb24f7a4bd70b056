//! What a project of a few files says, told in memory.

mod completions;
mod hovers;
mod renames;
mod requests;
mod support;
mod urls;

use routewise_analysis::document::{Change, Document};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::rules::Catalogue;
use routewise_analysis::text::{Encoding, Position};

use support::{alone, project};

/// Every finding about clients as `file rule text`; the handlers here return nothing, which is another matter.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let project = project(files);
    let mut out = Vec::new();
    for (path, text) in files {
        let found = project.findings(&FilePath::new(&format!("/p/{path}")));
        for finding in found.iter().filter(|it| it.rule.starts_with("clients/")) {
            out.push(format!("{path} {} {}", finding.rule, finding.span.of(text)));
        }
    }
    out
}

#[test]
fn a_route_handler_is_an_entry_in_every_form_of_export() {
    for text in [
        "export async function GET() {}",
        "export const GET = async () => {}",
        "export const GET = withAuth(async () => {})",
        "const handler = () => {}\nexport { handler as GET }",
        "const handlers = { GET() {} }\nexport const { GET } = handlers",
        "export const { GET, POST } = make({ a: () => {} })",
        "const made = make({ a: () => {} })\nexport const { GET, POST } = made",
        "const made = make({ a: () => {} })\nconst { GET } = made.methods\nexport { GET }",
        "function GET() {}\nmodule.exports = { GET }",
    ] {
        let project = project(&[("app/api/x/route.ts", text)]);
        let entries = project.entries(&FilePath::new("/p/app/api/x/route.ts"));
        let get = entries.iter().find(|entry| entry.label == "`GET /api/x`");
        assert!(get.is_some_and(|entry| entry.roots.len() == 1), "{text}: {entries:?}");
    }
}

#[test]
fn a_class_that_makes_a_router_is_not_looked_for_in_the_file_of_another() {
    let project = project(&[
        (
            "a.js",
            "const express = require('express')\nexports.app = express()\nexports.app.get('/a', (q, r) => r.end())",
        ),
        (
            "b.js",
            "const express = require('express'), { app } = require('./a')\nclass Api { routes() { const router = express.Router(); router.get('/b', (q, r) => r.end()) } }\nmodule.exports = { Api, app }",
        ),
    ]);
    assert!(project.findings(&FilePath::new("/p/b.js")).is_empty());
}

#[test]
fn a_client_made_in_a_handler_is_found_through_helpers_and_wrappers() {
    let prisma = "import { PrismaClient } from '@prisma/client'\n";
    let found = findings(&[
        (
            "app/api/a/route.ts",
            &format!("{prisma}export async function GET() {{ const p = new PrismaClient() }}"),
        ),
        (
            "app/api/b/route.ts",
            "import { report } from '@/lib/report'\nexport const GET = withX(async () => report())",
        ),
        ("lib/report.ts", &format!("{prisma}export async function report() {{ return new PrismaClient() }}")),
        ("lib/unused.ts", &format!("{prisma}export async function unused() {{ return new PrismaClient() }}")),
    ]);
    assert_eq!(
        found,
        [
            "app/api/a/route.ts clients/prisma-client-per-request new PrismaClient()",
            "lib/report.ts clients/prisma-client-per-request new PrismaClient()",
        ]
    );
}

#[test]
fn a_client_that_something_keeps_is_not_made_for_each_request() {
    let redis = "import Redis from 'ioredis'\n";
    for body in [
        "let kept; export function db() { if (!kept) kept = new Redis(); return kept }",
        "let kept; export function db() { if (kept) return kept; kept = new Redis(); return kept }",
        "let kept; export const db = () => (kept ??= new Redis())",
        "const all = new Map(); export function db(id) { let c = all.get(id); if (!c) { c = new Redis(); all.set(id, c) } return c }",
        "const all = {}; export function db(id) { if (all[id]) return all[id]; const c = new Redis(); all[id] = c; return c }",
        "class Q { static all = new Map(); static get(i) { if (Q.all.has(i)) return Q.all.get(i) || null; const c = new Redis(); Q.all.set(i, c ? wrap(c) : null); return Q.all.get(i) } }\nexport const db = (i) => Q.get(i)",
        "const KEY = Symbol(); export function db() { globalThis[KEY] ||= new Redis(); return globalThis[KEY] }",
        "import { cache } from 'react'; export const db = cache(() => new Redis())",
    ] {
        let found = findings(&[
            (
                "app/api/a/route.ts",
                "import { db } from '@/lib/db'\nexport async function GET() { return Response.json(await db(1).get('a')) }",
            ),
            ("lib/db.ts", &format!("{redis}{body}")),
        ]);
        assert_eq!(found, Vec::<String>::new(), "{body}");
    }
}

#[test]
fn a_condition_about_the_request_keeps_nothing() {
    let redis = "import Redis from 'ioredis'\n";
    for body in [
        "const session = await auth(); if (!session) return new Response('', { status: 401 }); const c = new Redis()",
        "if (req.method === 'GET') { const c = new Redis() }",
        "if (process.env.CACHE) { const c = new Redis() }",
        "const body = await req.json(); const c = body.x ? new Redis() : null",
        "try { const c = new Redis(); await c.get('a') } catch {}",
    ] {
        let text = format!("{redis}export async function GET(req) {{ {body} }}");
        assert_eq!(
            findings(&[("app/api/a/route.ts", &text)]),
            ["app/api/a/route.ts clients/db-client-per-request new Redis()"],
            "{body}"
        );
    }
}

#[test]
fn half_typed_code_raises_nothing_in_its_function() {
    let prisma = "import { PrismaClient } from '@prisma/client'\n";
    let text = format!(
        "{prisma}export async function GET() {{ const p = new PrismaClient(); const x = p. }}\nexport async function POST() {{ new PrismaClient() }}"
    );
    let found = findings(&[("app/api/a/route.ts", &text)]);
    assert_eq!(found, ["app/api/a/route.ts clients/prisma-client-per-request new PrismaClient()"]);
}

#[test]
fn places_move_with_the_code_when_only_blank_lines_are_added() {
    let path = FilePath::new("/p/app/api/a/route.ts");
    let text = "import { PrismaClient } from '@prisma/client'\nexport async function GET() {\n  new PrismaClient()\n  return Response.json(1)\n}";
    let first = Document::new(path.clone(), 1, text.to_owned());
    let mut project = Project::new(Catalogue::builtin());
    assert!(project.insert(alone(&first)));
    project.link();
    let top = (Position::default(), Position::default());
    let change = Change { range: Some(top), text: "\n\n// a remark\n".to_owned() };
    let second = first.change(2, &[change], Encoding::Utf8);
    assert!(!project.insert(alone(&second)), "nothing that others see has changed");
    project.link();
    let findings = project.findings(&path);
    assert_eq!(findings[0].span.of(second.text()), "new PrismaClient()");
    assert_eq!(findings[0].related[0].span.of(second.text()), "GET");
    let get = second.text().find("GET").expect("the handler") as u32;
    assert!(project.hover(&path, get).is_some_and(|hover| hover.markdown.starts_with("**`GET /api/a`**")));
}

#[test]
fn reading_before_linking_is_silent_and_does_not_panic() {
    let path = FilePath::new("/p/app/api/a/route.ts");
    let mut project = Project::new(Catalogue::builtin());
    let text =
        "import { PrismaClient } from '@prisma/client'\nexport async function GET() { new PrismaClient() }";
    project.insert(alone(&Document::new(path.clone(), 1, text.to_owned())));
    project.link();
    project.insert(alone(&Document::new(path.clone(), 2, "export const a = 1".to_owned())));
    assert_eq!(project.findings(&path), []);
    assert_eq!(project.hover(&path, 3), None);
}

#[test]
fn a_comment_to_routewise_that_comes_or_goes_is_a_difference() {
    let path = FilePath::new("/p/lib/a.ts");
    let first = Document::new(path, 1, "export const a = () => b()".to_owned());
    let mut project = Project::new(Catalogue::builtin());
    project.insert(alone(&first));
    let top = (Position::default(), Position::default());
    let change =
        Change { range: Some(top), text: "// routewise-disable-next-line clients -- why\n".to_owned() };
    assert!(
        project.insert(alone(&first.change(2, &[change], Encoding::Utf8))),
        "statements are numbered anew"
    );
}

#[test]
fn segment_options_and_the_handler_say_where_the_time_limit_comes_from() {
    let text = "export const maxDuration = 60\nexport const GET = () => Response.json(1)";
    let project = project(&[("app/api/a/route.ts", text)]);
    let path = FilePath::new("/p/app/api/a/route.ts");
    let hover = |word: &str| {
        let at = text.find(word).expect("the word") as u32;
        project.hover(&path, at).expect("a hover").markdown
    };
    let option = hover("maxDuration");
    assert!(option.starts_with("**maxDuration**: Tells the host how long a request"), "{option}");
    assert!(option.contains("Legal values in Next.js 16.0.0: a whole number of seconds."), "{option}");
    assert!(hover("GET").contains("Time limit: 60 s, from `maxDuration` in this file"), "{}", hover("GET"));
}

#[test]
fn a_served_file_counts_whatever_its_folder_is_called_and_a_test_beside_it_does_not() {
    let text = "import Redis from 'ioredis'\nexport async function GET() { new Redis() }";
    let found = findings(&[
        ("app/api/e2e/users/route.ts", text),
        ("app/api/scripts/route.ts", text),
        ("app/api/users/route.test.ts", text),
        ("e2e/users.ts", text),
    ]);
    assert_eq!(
        found,
        [
            "app/api/e2e/users/route.ts clients/db-client-per-request new Redis()",
            "app/api/scripts/route.ts clients/db-client-per-request new Redis()",
        ]
    );
}
