//! Damaged files around the code: what cannot be read is told with its place, or left out.

use std::path::PathBuf;

use proptest::prelude::*;
use routewise_analysis::rules::Catalogue;
use routewise_tests::check::read;
use routewise_tests::random::{check, damaged, damages};
use routewise_tests::workspace::TestProject;
use routewise_workspace::{Options, Workspace};

/// One of each kind, as they stand in real projects.
const FILES: &[(&str, &str)] = &[
    (
        "routewise.json",
        "{\n  // shared\n  \"target\": \"vercel\", \"plan\": \"pro\",\n  \"rules\": { \"clients\": \"off\" },\n  \"overrides\": [{ \"files\": [\"app/**\"], \"rules\": { \"state/module-state\": \"hint\" } }],\n  \"needs\": { \"websockets\": true }, \"exclude\": [\"**/old/**\"], \"auth\": [\"requireUser\"]\n}\n",
    ),
    (
        "package.json",
        "{ \"name\": \"shop\", \"type\": \"module\", \"scripts\": { \"start\": \"node server.js\", \"build\": \"next build\" }, \"dependencies\": { \"next\": \"^16.0.0\", \"express\": \"~5.1\", \"ws\": \"*\" }, \"workspaces\": [\"apps/*\", \"!apps/old\"], \"exports\": { \".\": { \"import\": \"./index.js\" } } }\n",
    ),
    (
        "tsconfig.json",
        "{ \"extends\": \"./tsconfig.base.json\", \"compilerOptions\": { \"strict\": true, \"baseUrl\": \".\", \"paths\": { \"@/*\": [\"./*\"], \"~\": [\"./lib\"] } } }\n",
    ),
    ("tsconfig.base.json", "{ /* base */ \"compilerOptions\": { \"jsx\": \"preserve\", }, }\n"),
    (
        "next.config.mjs",
        "/** @type {import('next').NextConfig} */\nconst config = {\n  basePath: '/shop', output: 'standalone', pageExtensions: ['tsx', 'ts'],\n  i18n: { locales: ['en', 'de'], defaultLocale: 'en' },\n  experimental: { serverActions: { bodySizeLimit: '2mb' } },\n  async rewrites() { return [{ source: '/a/:path*', destination: '/api/:path*' }]; },\n};\nexport default config;\n",
    ),
    (
        "vercel.json",
        "{ \"fluid\": true, \"crons\": [{ \"path\": \"/api/cleanup\", \"schedule\": \"0 0 * * *\" }], \"functions\": { \"app/api/**/*.ts\": { \"maxDuration\": 60 } } }\n",
    ),
    (
        "netlify.toml",
        "[build]\ncommand = \"next build\"\n[[plugins]]\npackage = \"@netlify/plugin-nextjs\"\n",
    ),
    (
        "wrangler.jsonc",
        "{ \"main\": \".open-next/worker.js\", \"compatibility_flags\": [\"nodejs_compat\"], \"limits\": { \"cpu_ms\": 50 } }\n",
    ),
    (
        "fly.toml",
        "app = \"shop\"\n[http_service]\nmin_machines_running = 1\n[[mounts]]\nsource = \"data\"\ndestination = \"/data\"\n",
    ),
    (
        "Dockerfile",
        "FROM node:22-alpine AS base\nWORKDIR /app\nCOPY . .\nRUN npm ci && \\\n  npm run build\nCMD [\"node\", \"server.js\"]\n",
    ),
    (
        "serverless.yml",
        "service: shop\nprovider:\n  name: aws\n  runtime: nodejs22.x\n  timeout: 29\nfunctions:\n  api:\n    handler: index.handler\n    events: [{ httpApi: '*' }]\n",
    ),
    ("pnpm-workspace.yaml", "packages:\n  - 'apps/*'\n  - \"!**/test/**\"\ncatalog:\n  next: 16.4.6\n"),
    (
        "package-lock.json",
        "{ \"lockfileVersion\": 3, \"packages\": { \"\": {}, \"node_modules/next\": { \"version\": \"16.4.6\" }, \"node_modules/express\": { \"version\": \"5.1.0\" } } }\n",
    ),
    (
        "yarn.lock",
        "# yarn lockfile v1\n\n\nnext@^16.0.0:\n  version \"16.4.6\"\n  resolved \"x\"\n\n\"express@~5.1\":\n  version \"5.1.0\"\n",
    ),
    (
        "pnpm-lock.yaml",
        "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      next:\n        specifier: ^16.0.0\n        version: 16.4.6(react@19.0.0)\npackages:\n  next@16.4.6:\n    resolution: {integrity: x}\n",
    ),
    (
        "bun.lock",
        "{ \"lockfileVersion\": 1, \"workspaces\": { \"\": { \"name\": \"shop\" } }, \"packages\": { \"next\": [\"next@16.4.6\", \"\", {}, \"sha512\"], } }\n",
    ),
    (
        ".github/workflows/deploy.yml",
        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: npx vercel deploy --prod\n",
    ),
    (".github/CODEOWNERS", "* @ada\napp/api/ @acme/backend # routes\n"),
    (
        "prisma/schema.prisma",
        "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\ngenerator client {\n  provider = \"prisma-client\"\n  output = \"../generated\"\n}\n",
    ),
    (
        ".routewise/own/rule/rule.scm",
        "((call_expression function: (identifier) @name) @at (#eq? @name \"legacy\"))\n",
    ),
    (
        ".routewise/own/rule/rule.md",
        "# Own\n```toml\nseverity = \"warning\"\nmessage = \"own\"\n```\n## What happens\na\n## Why it matters\nb\n## How to fix\nc\n## Examples\n```ts bad a.ts\nlegacy();\n// ^^^^^\n```\n```ts good a.ts\nf();\n```\n",
    ),
    ("openapi.yaml", "openapi: 3.1.0\ninfo: { title: Shop, version: '1' }\npaths: {}\n"),
];

#[test]
fn whatever_the_files_around_the_code_hold_the_project_opens_and_problems_have_a_place_in_their_file() {
    let some = prop::collection::vec((any::<prop::sample::Index>(), damages()), 1..4);
    check(200, &some, |all| {
        let folder = TestProject::new(FILES);
        folder.write("app/api/users/route.ts", "export const GET = () => legacy();\n");
        let mut own_rules = false;
        for (file, damages) in all {
            let (path, text) = file.get(FILES);
            own_rules |= path.starts_with(".routewise/");
            folder.write_bytes(path, &damaged(text.as_bytes(), &damages));
        }
        let (workspace, problems) = Workspace::open(&[PathBuf::from(folder.root())], &Options::default());
        for problem in problems {
            let length = std::fs::read(problem.path.as_str()).map_or(0, |bytes| bytes.len());
            let end = problem.span.map_or(0, |span| span.end as usize);
            assert!(end <= length, "{problem:?} in a file of {length} bytes");
            assert!(!problem.message.is_empty());
        }
        // Dear: every rule is read again.
        let catalogue = if own_rules {
            Catalogue::with_user_rules(&workspace.user_rules()).0
        } else {
            Catalogue::builtin()
        };
        workspace.check_rules(&catalogue);
        let (project, _) = read(&workspace, &catalogue);
        for path in project.paths().cloned().collect::<Vec<_>>() {
            project.findings(&path);
        }
        workspace.surroundings();
        let panics = project.take_panics();
        assert!(panics.is_empty(), "{panics:?}");
    });
}
