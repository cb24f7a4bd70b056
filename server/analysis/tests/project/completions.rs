//! What can be written where. `§` is the cursor.

use std::sync::Arc;

use routewise_analysis::complete::{Completion, without_places};
use routewise_analysis::document::Document;
use routewise_analysis::finding::Edit;
use routewise_analysis::fix::apply;
use routewise_analysis::package::{NextProject, Package, Target, Vercel, Version, VersionSource};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{FileInput, Project};
use routewise_analysis::rules::Catalogue;

use crate::support::{alone, package};

const ROUTE: &str = "app/api/users/[id]/route.ts";

/// A package on this version of Next.js.
fn on(major: u64, minor: u64) -> Package {
    let mut package = Package::clone(&package());
    let version = Version { major, minor, patch: 0, source: VersionSource::Installed };
    package.versions.insert("next".to_owned(), version);
    package
}

fn with(package: Package, change: impl FnOnce(&mut NextProject)) -> Package {
    let mut package = package;
    change(package.next.as_mut().expect("a Next.js project"));
    package
}

fn on_vercel(plan: Option<&str>, fluid: Option<bool>) -> Package {
    let path = FilePath::new("/p/vercel.json");
    Package {
        target: Target { id: "vercel".into(), ..Target::default() },
        vercel: Some(Vercel { path, fluid, functions: Vec::new(), crons: Vec::new() }),
        plan: plan.map(Arc::from),
        ..on(16, 4)
    }
}

/// What is offered at the cursor, and the text without it.
fn complete(package: &Package, path: &str, marked: &str, others: &[&str]) -> (Vec<Completion>, String) {
    let offset = marked.find('§').expect("a cursor");
    let text = marked.replacen('§', "", 1);
    let document = Document::new(FilePath::new(&format!("/p/{path}")), 0, text.clone());
    let mut project = Project::new(Catalogue::builtin());
    let package = Arc::new(package.clone());
    project.insert(FileInput { package: Arc::clone(&package), ..alone(&document) });
    for other in others {
        let other = Document::new(FilePath::new(&format!("/p/{other}")), 0, String::new());
        project.insert(FileInput { package: Arc::clone(&package), ..alone(&other) });
    }
    project.link();
    (project.completions(&document, offset as u32), text)
}

fn labels(package: &Package, path: &str, marked: &str) -> Vec<String> {
    complete(package, path, marked, &[]).0.into_iter().map(|completion| completion.label).collect()
}

/// The text after one completion is taken, without its places.
fn taken(package: &Package, path: &str, marked: &str, label: &str) -> String {
    let (completions, text) = complete(package, path, marked, &[]);
    let completion = completions.iter().find(|completion| completion.label == label);
    let completion = completion.unwrap_or_else(|| panic!("no {label} in {completions:#?}"));
    let new_text =
        if completion.snippet { without_places(&completion.insert) } else { completion.insert.clone() };
    let mut edits = completion.edits.clone();
    edits.push(Edit::replace(FilePath::new("/p/x"), completion.span, new_text));
    apply(&text, &edits)
}

#[test]
fn methods_that_are_not_exported_yet_are_offered_where_a_statement_can_stand() {
    let next = on(16, 4);
    let all = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    for text in ["§", "export async function §", "export function §", "export async §"] {
        let found = labels(&next, ROUTE, text);
        assert_eq!(
            found.iter().filter(|label| all.contains(&label.as_str())).count(),
            7,
            "{text}: {found:?}"
        );
    }
    let rest = labels(
        &next,
        ROUTE,
        "export const GET = auth(() => {});\nexport { a as PUT };\nexport async function P§",
    );
    assert_eq!(rest, ["POST", "PATCH"]);
    let rest = labels(&next, ROUTE, "export async function GET() {\n  return x;\n}\nD§\n");
    assert_eq!(rest, ["DELETE", "dynamic", "dynamicParams"]);
    assert!(labels(&next, ROUTE, "exp§").contains(&"GET".to_owned()));
    let exported = with(on(16, 4), |next| next.output = Some("export".to_owned()));
    assert_eq!(labels(&exported, ROUTE, "export async function §"), ["GET"]);
}

#[test]
fn nothing_is_offered_where_nothing_fits() {
    let next = on(16, 4);
    for text in [
        "export async function GET() {\n  §\n}",
        "export async function GET() {\n  §\n",
        "const a = {\n  §\n};",
        "const a =\n  §",
        "// §",
        "/*\n§\n*/",
        "const a = `\n§\n`;",
        "import a from '§';",
        "let a = §",
        "foo(\n§",
        "export const other = §",
        "export const dynamic = fn(§",
        "class A {\n  §\n}",
        "§ export const a = 1;",
        "hello §",
    ] {
        assert_eq!(labels(&next, ROUTE, text), Vec::<String>::new(), "{text}");
    }
    for path in ["lib/db.ts", "app/page.tsx", "pages/a.ts", "proxy.ts", "app/_lib/route.ts"] {
        assert_eq!(labels(&next, path, "§"), Vec::<String>::new(), "{path}");
    }
    assert_eq!(labels(&Package { next: None, ..on(16, 4) }, ROUTE, "§"), Vec::<String>::new());
}

#[test]
fn a_handler_fits_the_version_and_the_language() {
    let text = "import { a } from 'b';\n\nexport async function GE§";
    assert_eq!(
        taken(&on(15, 5), ROUTE, text, "GET"),
        "import { a } from 'b';\nimport { NextRequest } from 'next/server';\n\n\
         export async function GET(request: NextRequest, ctx: RouteContext<'/api/users/[id]'>) {\n  \
         const { id } = await ctx.params;\n  return Response.json({  });\n}"
    );
    assert_eq!(
        taken(&on(15, 0), ROUTE, "export async function PU§", "PUT"),
        "import { NextRequest } from 'next/server';\n\n\
         export async function PUT(request: NextRequest, { params }: { params: Promise<{ id: string }> }) {\n  \
         const { id } = await params;\n  const body = await request.json();\n  return Response.json(body);\n}"
    );
    assert_eq!(
        taken(
            &on(14, 2),
            "app/f/[[...path]]/route.ts",
            "import { NextRequest } from 'next/server'\nDEL§",
            "DELETE"
        ),
        "import { NextRequest } from 'next/server'\n\
         export async function DELETE(request: NextRequest, { params }: { params: { path?: string[] } }) {\n  \
         const { path } = params\n  return new Response(null, { status: 204 })\n}"
    );
    assert_eq!(
        taken(&on(16, 4), "app/api/users/[id]/route.js", "§", "POST"),
        "export async function POST(request, { params }) {\n  const { id } = await params;\n  \
         const body = await request.json();\n  return Response.json(body, { status: 201 });\n}"
    );
    assert_eq!(
        taken(&on(16, 4), "app/api/route.js", "\nexport const a = \"b\"\n§", "GET"),
        "\nexport const a = \"b\"\nexport async function GET(request) {\n  return Response.json({  })\n}"
    );
    assert_eq!(
        taken(&on(16, 4), "app/api/route.ts", "const a = 1;\n§", "OPTIONS"),
        "const a = 1;\nexport async function OPTIONS() {\n  \
         return new Response(null, { status: 204, headers: { Allow: 'GET' } });\n}"
    );
    let mut unknown = on(16, 4);
    unknown.versions.clear();
    assert!(taken(&unknown, ROUTE, "§", "GET").contains("GET(request: NextRequest) {"));
}

#[test]
fn options_fit_the_version_and_the_settings() {
    assert_eq!(
        labels(&on(16, 0), ROUTE, "export const §"),
        ["maxDuration", "dynamic", "runtime", "revalidate", "dynamicParams", "fetchCache", "preferredRegion"]
    );
    assert_eq!(
        labels(&on(16, 3), ROUTE, "export const runtime = 'nodejs';\nexport const r§"),
        ["revalidate"]
    );
    let cached = with(on(16, 4), |next| next.cache_components = true);
    assert_eq!(labels(&cached, ROUTE, "export const §"), ["maxDuration"]);
    assert_eq!(labels(&cached, ROUTE, "export const dynamic = '§'"), Vec::<String>::new());
    assert_eq!(
        taken(&on(16, 4), ROUTE, "import a from \"b\";\nexport const dy§", "dynamic"),
        "import a from \"b\";\nexport const dynamic = \"force-dynamic\";"
    );
    assert_eq!(
        taken(&on(16, 0), ROUTE, "export const pre§", "preferredRegion"),
        "export const preferredRegion = 'auto';"
    );
}

#[test]
fn the_legal_values_of_an_option_are_offered_with_and_without_quotes() {
    let next = on(16, 4);
    assert_eq!(
        labels(&next, ROUTE, "export const dynamic = §"),
        ["'force-dynamic'", "'force-static'", "'auto'", "'error'"]
    );
    assert_eq!(labels(&next, ROUTE, "export const dynamic = 'force§'"), ["force-dynamic", "force-static"]);
    assert_eq!(
        taken(&next, ROUTE, "export const dynamic = \"force-dy§\";\n", "force-dynamic"),
        "export const dynamic = \"force-dynamic\";\n"
    );
    assert_eq!(
        labels(&next, ROUTE, "export const dynamic = '§"),
        ["force-dynamic", "force-static", "auto", "error"]
    );
    assert_eq!(labels(&next, ROUTE, "export const dynamicParams: boolean = f§;"), ["false"]);
    assert_eq!(labels(&next, ROUTE, "export const runtime = '§'"), ["nodejs"], "edge is deprecated");
    assert_eq!(labels(&on(15, 5), ROUTE, "export const runtime = '§'"), ["nodejs", "edge"]);
    assert_eq!(labels(&next, ROUTE, "export const revalidate = '§'"), Vec::<String>::new());
    assert_eq!(labels(&next, ROUTE, "const dynamic = '§'"), Vec::<String>::new());
}

#[test]
fn durations_go_up_to_the_limit_of_the_plan() {
    let found = |package: &Package| -> Vec<String> {
        let (completions, _) = complete(package, ROUTE, "export const maxDuration = §", &[]);
        completions.into_iter().map(|it| format!("{} {}", it.label, it.detail)).collect()
    };
    let hobby = found(&on_vercel(Some("hobby"), Some(true)));
    assert_eq!(hobby.last().map(String::as_str), Some("300 seconds; Hobby"));
    let all = found(&on_vercel(None, Some(true)));
    assert_eq!(all.last().map(String::as_str), Some("800 seconds; only Pro and Enterprise"));
    assert!(all.contains(&"300 seconds; every plan".to_owned()), "{all:?}");
    let off = found(&on_vercel(Some("pro"), Some(false)));
    assert_eq!(off.last().map(String::as_str), Some("300 seconds; Pro without Fluid compute"));
    assert_eq!(found(&on(16, 4)), ["60 seconds", "300 seconds"]);
}

#[test]
fn a_matcher_is_completed_with_the_paths_of_the_project() {
    let files = [
        "app/api/users/route.ts",
        "app/api/users/[id]/route.ts",
        "app/(shop)/cart/page.tsx",
        "app/layout.tsx",
        "app/docs/[...slug]/page.tsx",
        "app/help/[[...slug]]/page.tsx",
        "pages/_app.tsx",
        "pages/old.tsx",
        "lib/db.ts",
    ];
    let found = |text: &str| -> Vec<String> {
        complete(&on(16, 4), "proxy.ts", text, &files).0.into_iter().map(|it| it.label).collect()
    };
    let all =
        ["/api/:path*", "/api/users", "/api/users/:id", "/cart", "/docs/:slug+", "/help/:slug*", "/old"];
    for text in [
        "export const config = { matcher: '§' };",
        "export const config = { matcher: ['/a', \"§\"] };",
        "export const config = { matcher: [{ source: '§' }] };",
        "export const config = {\n  matcher: ['§'],\n} satisfies ProxyConfig;",
    ] {
        assert_eq!(found(text), all, "{text}");
    }
    assert_eq!(found("export const config = { matcher: '/api/u§' };"), ["/api/users", "/api/users/:id"]);
    for text in [
        "export const config = { regions: '§' };",
        "const config = { matcher: '§' };",
        "export const other = { matcher: '§' };",
        "export const config = { matcher: [{ missing: '§' }] };",
        "export default function proxy() { return fetch('/§'); }",
        "§",
    ] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
    let based = with(on(16, 4), |next| next.base_path = "/shop".to_owned());
    let (completions, _) =
        complete(&based, "proxy.ts", "export const config = { matcher: '§' };", &["app/cart/page.tsx"]);
    assert_eq!(completions[0].label, "/cart");
}

#[test]
fn an_api_route_is_completed_with_its_handler_and_its_options() {
    let vercel = on_vercel(Some("hobby"), None);
    let path = "pages/api/users/[id].ts";
    assert_eq!(labels(&vercel, path, "§"), ["handler", "config"]);
    assert_eq!(labels(&vercel, path, "export default async function §"), ["handler"]);
    assert_eq!(labels(&vercel, path, "export const c§"), ["config"]);
    assert_eq!(
        labels(&vercel, path, "export default function handler() {}\nexport const config = {};\n§"),
        [""; 0]
    );
    assert_eq!(
        taken(&vercel, path, "§", "handler"),
        "import type { NextApiRequest, NextApiResponse } from 'next';\n\nexport default async function \
         handler(req: NextApiRequest, res: NextApiResponse) {\n  const { id } = req.query;\n  \
         res.status(200).json({  });\n}"
    );
    assert_eq!(
        taken(&vercel, "pages/api/a.js", "const a = \"b\"\n\n§", "handler"),
        "const a = \"b\"\n\nexport default async function handler(req, res) {\n  res.status(200).json({  })\n}"
    );
    assert_eq!(
        taken(&vercel, path, "export const co§", "config"),
        "export const config = { api: { bodyParser: false } };"
    );
    let config = |inside: &str| format!("export const config = {{ {inside} }};\n");
    assert_eq!(labels(&vercel, path, &config("§")), ["api", "maxDuration"]);
    assert_eq!(
        labels(&vercel, path, &config("api: { § }")),
        ["bodyParser", "responseLimit", "externalResolver"]
    );
    assert_eq!(labels(&vercel, path, &config("api: { responseLimit: false, b§ }")), ["bodyParser"]);
    assert_eq!(labels(&vercel, path, &config("api: { bodyParser: § }")), ["false", "true"]);
    assert_eq!(labels(&vercel, path, &config("maxDuration: §")), ["10", "30", "60", "120", "300"]);
    let text = taken(&vercel, path, &config("ma§"), "maxDuration");
    assert_eq!(text, config("maxDuration: 60"));
    // Not in another object.
    assert_eq!(labels(&vercel, path, "const other = { § };\n"), [""; 0]);
}
