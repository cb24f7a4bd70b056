//! Findings, fixes and hovers: kept up to date edit by edit, they equal those of a fresh start.

use routewise_analysis::package::{Evidence, NextProject, Package, Target, Version, VersionSource};
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Encoding;

use proptest::prelude::*;

use crate::edits::{self, SHOP, check};
use crate::shop::Shop;
use crate::world::{Step, World};

const WORLD: World = World { texts: SHOP, lines: LINES, words: WORDS, extra: EXTRA, created: TEXTS, package };

const LINES: &[&str] = &[
    "import { PrismaClient } from '@prisma/client';",
    "import { prisma } from '@/lib/prisma';",
    "import { Pool } from 'pg';",
    "import { buildReport } from '@/lib/report';",
    "import { helper } from '@/lib/extra';",
    "export * from './report';",
    "export { prisma as db } from './prisma';",
    "export { default } from './extra';",
    "const prisma = new PrismaClient();",
    "export const prisma = globalThis.prisma ?? new PrismaClient();",
    "globalThis.prisma = prisma;",
    "if (process.env.NODE_ENV !== 'production') globalThis.prisma = prisma;",
    "const pool = new Pool({ connectionString: process.env.DATABASE_URL });",
    "  const client = new PrismaClient();",
    "  await prisma.$disconnect();",
    "  await helper();",
    "  await buildReport(1);",
    "export async function helper() { return new PrismaClient().order.count(); }",
    "export const PUT = withAuth(async (request) => { await helper(); return Response.json({}); });",
    "export async function PATCH(request: Request) { const pool = new Pool(); return Response.json(await pool.query('x')); }",
    "export const runtime = 'edge';",
    "const PREFIX = '/api';",
    "export const load = (path) => fetch(`/api${path}`);",
    "import { load } from '@/lib/extra';",
    "  await fetch('/api/extra');",
    "  await fetch(`/api/orders/${1}`, { method: 'POST' });",
    "  await load('/extra');",
    "export const useShop = () => ({ get: (path) => load(path) });",
    "const { get } = useShop();",
    "import { useShop } from '@/lib/extra';",
    "  await get('/extra');",
    "  await fetch('/api/extra/7', { method: 'DELETE' });",
    "app.use('/api/extra', require('./extra'));",
    "router.get('/more', async (req, res) => res.json(await helper()));",
    "export const dynamic = 'force-dynamic';",
    "'use server';",
    "// routewise-disable-next-line clients -- tested",
    "// routewise-disable-file",
    "}",
    "function inner() {",
    "\u{1f600} ünbekannt",
];

const WORDS: &[&str] = &[
    "prisma",
    "PrismaClient",
    "Pool",
    "helper",
    "buildReport",
    "withAuth",
    "GET",
    "POST",
    "DELETE",
    "handler",
    "export",
    "const",
    "await",
    "async",
    "new",
    "function",
    "rows",
    "request",
    "é",
];

const EXTRA: &[&str] = &[
    "/shop/lib/extra.ts",
    "/shop/lib/index.ts",
    "/shop/app/api/extra/route.ts",
    "/shop/proxy.ts",
    "/shop/app/(group)/api/extra/route.ts",
    "/shop/app/api/[slug]/route.ts",
    "/shop/pages/api/extra/[id].ts",
    "/shop/server/extra.js",
];

const TEXTS: &[&str] = &[
    "import { PrismaClient } from '@prisma/client';\nexport async function helper() {\n  return new PrismaClient();\n}\nexport default helper;\n",
    "export { prisma } from './prisma';\nexport * from './report';\n",
    "import { helper } from '@/lib/extra';\nimport { prisma } from '@/lib';\nexport async function GET() {\n  await helper();\n  return Response.json(await prisma.order.count());\n}\n",
    "import { load } from '@/lib/extra';\nexport const Page = () => <form action=\"/api/extra\" onClick={() => load('/orders')} />;\n",
    "const router = require('express').Router();\nrouter.get('/more', (req, res) => res.json({}));\nmodule.exports = router;\n",
    "",
];

/// A Next.js 16 package on Vercel, in `/shop`.
fn package() -> Package {
    let version = |major| Version { major, minor: 1, patch: 0, source: VersionSource::Installed };
    let versions = [("next", 16), ("@prisma/client", 6), ("pg", 8), ("express", 5)];
    let root = FilePath::new("/shop");
    Package {
        root: Some(root.clone()),
        name: Some("shop".to_owned()),
        versions: versions.map(|(name, major)| (name.to_owned(), version(major))).into(),
        dependencies: versions.map(|(name, _)| name.to_owned()).into(),
        next: Some(NextProject {
            app_dir: Some(root.join("app")),
            pages_dir: Some(root.join("pages")),
            page_extensions: ["tsx", "ts", "jsx", "js"].map(str::to_owned).into(),
            config_known: true,
            moves: Some(Vec::new()),
            ..NextProject::default()
        }),
        target: Target {
            id: "vercel".into(),
            evidence: vec![Evidence { text: "vercel.json".to_owned(), path: Some(root.join("vercel.json")) }],
            also: Vec::new(),
        },
        typescript: true,
        aliases: vec![("@/".to_owned(), FilePath::new("/shop/"))],
        ..Package::default()
    }
}

#[test]
fn findings_of_one_file_are_those_of_a_fresh_start_after_any_edits() {
    let file = prop::sample::select(SHOP);
    let steps = prop::collection::vec(WORLD.steps(), 1..12);
    check(80, &(file, steps, edits::encodings()), |((path, text), steps, encoding)| {
        let path = FilePath::new(path);
        let mut shop = Shop::new(&[(path.clone(), text.to_owned())].into(), package());
        for step in &steps {
            shop.edit(&path, step, encoding);
            shop.assert_as_new();
        }
    });
}

#[test]
fn findings_and_routes_across_files_are_those_of_a_fresh_start_after_edits_creations_removals_and_renames() {
    check(24, &(WORLD.events(), edits::encodings()), |(events, encoding)| {
        WORLD.run(&events, encoding);
    });
}

#[test]
fn the_shop_as_it_stands_has_findings_of_every_probe_that_fits_it() {
    let view = Shop::new(&WORLD.files(), package()).view();
    let rules: std::collections::BTreeSet<&str> =
        view.findings.values().flatten().map(|(finding, _)| &*finding.rule).collect();
    for probe in
        ["per-request", "at-module-level", "call-in-request", "loaded-by-next", "closes", "from-prisma"]
    {
        assert!(rules.contains(format!("probe/{probe}").as_str()), "{probe}: {rules:?}");
    }
}

/// Inserts `line` above everything in one file of the shop, by one edit.
fn assert_as_new_below(path: &str, line: &'static str) {
    let mut shop = Shop::new(&WORLD.files(), package());
    shop.edit(&FilePath::new(path), &Step::InsertLine(0, line), Encoding::Utf16);
    shop.assert_as_new();
}

#[test]
fn a_handler_is_where_it_is_after_a_line_above_it_came() {
    assert_as_new_below("/shop/app/api/orders/[id]/route.ts", "");
}

#[test]
fn a_comment_above_everything_costs_no_finding() {
    assert_as_new_below("/shop/lib/prisma.ts", "// routewise-disable-next-line clients -- tested");
}

/// What is told of a file by the number in another: the number says something else, and nothing is called that was not.
#[test]
fn what_is_told_of_all_files_is_told_anew_where_a_number_in_another_file_is_another() {
    let route = "import { setTimeout as sleep } from 'node:timers/promises';\nimport { WAIT } from '@/lib/times';\nexport async function GET() {\n  await sleep(WAIT);\n  return Response.json({});\n}\n";
    let texts = [
        ("/shop/app/api/slow/route.ts", route),
        ("/shop/lib/times.ts", "export const WAIT = 900_000;\n"),
        ("/shop/lib/other.ts", "export const OTHER = 1;\n"),
    ];
    let texts = texts.map(|(path, text)| (FilePath::new(path), text.to_owned()));
    let [slow, times, other] = texts.each_ref().map(|(path, _)| path.clone());
    let mut shop = Shop::new(&texts.into(), package());
    let sleeps = |shop: &Shop| {
        let (findings, ..) = shop.together();
        findings[&slow].iter().filter(|it| &*it.rule == "duration/sleep-in-handler").count()
    };
    assert_eq!(sleeps(&shop), 1);
    for line in ["// one", "// two"] {
        shop.edit(&other, &Step::InsertLine(0, line), Encoding::Utf16);
        assert_eq!(sleeps(&shop), 1);
    }
    shop.edit(&times, &Step::ReplaceWord(3, "5"), Encoding::Utf16);
    assert_eq!(shop.documents[&times].text(), "export const WAIT = 5;\n");
    assert_eq!(sleeps(&shop), 0);
    shop.edit(&times, &Step::ReplaceWord(3, "800000"), Encoding::Utf16);
    assert_eq!(sleeps(&shop), 1);
}

/// A finding names a place in another file, which moves.
#[test]
fn what_is_told_of_all_files_names_places_where_they_are() {
    let mut shop = Shop::new(&WORLD.files(), package());
    let other = FilePath::new("/shop/lib/prisma.ts");
    for line in ["", "// one", "// two", ""] {
        assert_eq!(shop.together(), Shop::new(&shop.texts(), package()).together());
        shop.edit(&other, &Step::InsertLine(0, line), Encoding::Utf16);
    }
    let related: Vec<_> = shop.together().0.into_values().flatten().flat_map(|it| it.related).collect();
    assert!(related.iter().any(|it| it.path == other), "somebody tells of a place in it: {related:?}");
}
