//! Another name for a segment of a URL, and what goes with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::finding::Edit;
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use routewise_analysis::rename::Renaming;

use crate::support::project;

const HANDLER: &str =
    "export const GET = async () => Response.json([])\nexport const POST = async () => Response.json({})\n";

/// Files of a project below `/p`.
struct Files(BTreeMap<FilePath, Arc<Document>>);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let document = |(path, text): &(&str, &str)| {
            let path = FilePath::new(&format!("/p/{path}"));
            (path.clone(), Arc::new(Document::new(path, 0, (*text).to_owned())))
        };
        Self(files.iter().map(document).collect())
    }
}

impl Sources for Files {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        self.0.get(path).map(Arc::clone)
    }
}

/// What a renaming does, a line for each file that changes (its new text), each move, and what is left.
fn told(files: &Files, renaming: &Renaming) -> Vec<String> {
    let short = |path: &FilePath| path.as_str().trim_start_matches("/p/").to_owned();
    let mut by_file: BTreeMap<&FilePath, Vec<Edit>> = BTreeMap::new();
    let mut out = Vec::new();
    for proposed in &renaming.edits {
        if proposed.sure {
            by_file.entry(&proposed.edit.path).or_default().push(proposed.edit.clone());
        } else {
            out.push(format!("perhaps {}: {}", short(&proposed.edit.path), proposed.edit.new_text));
        }
    }
    for (path, edits) in by_file {
        let text = files.document(path).map(|it| it.text().to_owned()).unwrap_or_default();
        out.push(format!("{}: {}", short(path), fix::apply(&text, &edits).trim_end()));
    }
    out.extend(renaming.moves.iter().map(|(from, to)| format!("{} -> {}", short(from), short(to))));
    out.extend(renaming.left.iter().map(|left| format!("left {}: {}", short(&left.path), left.why)));
    out
}

/// Renames the segment at the first place of `marker` in the last file.
fn rename(files: &[(&str, &str)], marker: &str, name: &str) -> Option<Result<Vec<String>, String>> {
    let (path, text) = files.last().expect("a file");
    let offset = text.find(marker).expect("it stands there") as u32 + 1;
    let sources = Files::new(files);
    let path = FilePath::new(&format!("/p/{path}"));
    let renaming = project(files).rename_segment(&path, offset, name, &sources)?;
    Some(renaming.map(|renaming| told(&sources, &renaming)))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what `rename` gives")]
fn lines(expected: &[&str]) -> Option<Result<Vec<String>, String>> {
    Some(Ok(expected.iter().map(|line| (*line).to_owned()).collect()))
}

fn moved(files: &[(&str, &str)], from: &str, to: &str) -> Vec<String> {
    let path = |name: &str| FilePath::new(&format!("/p/{name}"));
    let sources = Files::new(files);
    told(&sources, &project(files).moved(&[(path(from), path(to))], &sources))
}

#[test]
fn a_segment_in_a_call_renames_the_folder_and_every_call() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("app/api/users/[id]/route.ts", HANDLER),
        ("app/api/userscan/route.ts", HANDLER),
        ("app/page.tsx", "fetch('/api/userscan'); fetch(`/api/users/${id}?users=1#users`);"),
        ("lib/api.ts", "export const call = (path) => fetch('/api' + path);"),
        ("lib/use.ts", "import { call } from './api'; call('/users');"),
        ("client.ts", "fetch('/api/users');"),
    ];
    assert_eq!(
        rename(&files, "users'", "people"),
        lines(&[
            "app/page.tsx: fetch('/api/userscan'); fetch(`/api/people/${id}?users=1#users`);",
            "client.ts: fetch('/api/people');",
            "lib/use.ts: import { call } from './api'; call('/people');",
            "app/api/users -> app/api/people",
        ])
    );
}

#[test]
fn every_way_to_write_a_url_keeps_its_form() {
    for (text, expected) in [
        ("fetch(\"/api/users\")", "fetch(\"/api/people\")"),
        ("fetch('http://localhost:3000/api/users/7')", "fetch('http://localhost:3000/api/people/7')"),
        ("fetch('/api/users/' + id + '/x')", "fetch('/api/people/' + id + '/x')"),
        ("fetch(`${process.env.API}/api/users/${id}`)", "fetch(`${process.env.API}/api/people/${id}`)"),
        ("fetch(new URL('/api/users', location.href))", "fetch(new URL('/api/people', location.href))"),
        (
            "const URLS = { users: '/api/users' }; fetch(URLS.users)",
            "const URLS = { users: '/api/people' }; fetch(URLS.users)",
        ),
        ("const BASE = '/api'; fetch(`${BASE}/users`)", "const BASE = '/api'; fetch(`${BASE}/people`)"),
        (
            "import axios from 'axios'; axios({ url: '/api/users', method: 'post' })",
            "import axios from 'axios'; axios({ url: '/api/people', method: 'post' })",
        ),
        (
            "import axios from 'axios'; const c = axios.create({ baseURL: '/api' }); c.get('users')",
            "import axios from 'axios'; const c = axios.create({ baseURL: '/api' }); c.get('people')",
        ),
        (
            "import useSWR from 'swr'; useSWR(['/api/users', page])",
            "import useSWR from 'swr'; useSWR(['/api/people', page])",
        ),
        (
            "import useSWR from 'swr'; useSWR(id ? `/api/users/${id}` : null)",
            "import useSWR from 'swr'; useSWR(id ? `/api/people/${id}` : null)",
        ),
        ("<form action=\"/api/users\" method=\"post\" />", "<form action=\"/api/people\" method=\"post\" />"),
        ("// größe 日本\r\nfetch('/api/users')\r\n", "// größe 日本\r\nfetch('/api/people')"),
    ] {
        let files = [
            ("app/api/users/route.ts", HANDLER),
            ("app/api/users/[id]/route.ts", HANDLER),
            ("app/api/users/[id]/x/route.ts", HANDLER),
            ("client.tsx", text),
        ];
        let expected =
            [&*format!("client.tsx: {expected}"), "app/api/users -> app/api/people"].map(str::to_owned);
        let found = moved_by_name(&files);
        assert_eq!(found, expected[..1], "{text}");
    }
}

/// What goes with the folder `users` being called `people`.
fn moved_by_name(files: &[(&str, &str)]) -> Vec<String> {
    moved(files, "app/api/users", "app/api/people")
}

#[test]
fn a_segment_that_several_folders_make_is_renamed_in_all_of_them() {
    let files = [
        ("app/(a)/api/users/route.ts", HANDLER),
        ("app/(b)/api/users/[id]/route.ts", HANDLER),
        ("pages/api/users/me.ts", "export default (req, res) => res.end()"),
        ("client.ts", "fetch('/api/users/me')"),
    ];
    assert_eq!(
        rename(&files, "users", "people"),
        lines(&[
            "client.ts: fetch('/api/people/me')",
            "app/(a)/api/users -> app/(a)/api/people",
            "app/(b)/api/users -> app/(b)/api/people",
            "pages/api/users -> pages/api/people",
        ])
    );
    assert_eq!(
        rename(&files, "me'", "self"),
        lines(&["client.ts: fetch('/api/users/self')", "pages/api/users/me.ts -> pages/api/users/self.ts"])
    );
}

#[test]
fn what_is_not_a_segment_of_a_route_is_nobodys() {
    let route = ("app/api/users/[id]/route.ts", HANDLER);
    for (text, marker) in [
        ("fetch('/api/users/7')", "7"),
        ("fetch('/api/orders')", "orders"),
        ("fetch('https://example.com/api/users/7')", "users"),
        ("log('/api/users/7')", "users"),
        ("fetch(`/api/users/${id}`)", "id"),
        ("fetch('/api/users/7?users=1')", "users=1"),
    ] {
        assert_eq!(rename(&[route, ("client.ts", text)], marker, "people"), None, "{text}");
    }
}

#[test]
fn names_that_cannot_be_and_places_that_are_taken_are_refused() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("app/(x)/api/people/route.ts", HANDLER),
        ("client.ts", "fetch('/api/users')"),
    ];
    for (name, why) in [
        ("people", "`/api/people` is there already."),
        ("a/b", "`/` cannot stand in a segment of a URL here."),
        ("", "A segment of a URL needs a name."),
        ("[id]", "`[` cannot stand in a segment of a URL here."),
    ] {
        assert_eq!(rename(&files, "users", name), Some(Err(why.to_owned())), "{name}");
    }
    assert_eq!(rename(&files, "users", "users"), lines(&[]));
}

#[test]
fn a_text_that_other_urls_use_is_only_proposed() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("app/api/users/[id]/route.ts", HANDLER),
        ("lib/urls.ts", "export const USERS = '/api/users';"),
        ("a.ts", "import { USERS } from './lib/urls'; fetch(USERS); fetch('https://example.com' + USERS);"),
        ("client.ts", "import { USERS } from './lib/urls'; fetch(`${USERS}/${id}`);"),
    ];
    let sure = moved(&files, "app/api/users", "app/api/people");
    assert_eq!(sure, ["lib/urls.ts: export const USERS = '/api/people';"]);
    let one = moved(&files, "app/api/users/route.ts", "app/api/people/route.ts");
    assert_eq!(one, ["perhaps lib/urls.ts: people"]);
}

#[test]
fn what_only_may_ask_and_what_is_put_together_elsewhere_is_told() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("app/api/users/list/route.ts", HANDLER),
        ("client.ts", "fetch(`/api/users/${what}`); fetch(`/api/${kind}`);"),
    ];
    assert_eq!(
        moved(&files, "app/api/users", "app/api/people"),
        [
            "perhaps client.ts: people",
            "left client.ts: may ask for `/api/users/list`, and the text of this segment is not there",
            "left client.ts: may ask for `/api/users`, and the text of this segment is not there",
        ]
    );
}

#[test]
fn a_route_that_goes_elsewhere_or_away_takes_its_calls_along() {
    let files = [("app/api/users/[id]/route.ts", HANDLER), ("client.ts", "fetch(`/api/users/${id}`)")];
    assert_eq!(
        moved(&files, "app/api/users", "app/api/v2/users"),
        ["client.ts: fetch(`/api/v2/users/${id}`)"]
    );
    assert_eq!(moved(&files, "app/api/users", "app/(group)/users"), ["client.ts: fetch(`/users/${id}`)"]);
    assert_eq!(
        moved(&files, "app/api/users", "lib/users"),
        ["left client.ts: asks for `/api/users/[id]`, which is gone"]
    );
    assert_eq!(
        moved(&files, "app/api/users/[id]", "app/api/users/me"),
        ["left client.ts: asks for `/api/users/[id]`, and a dynamic segment comes or goes"]
    );
}

#[test]
fn the_matcher_follows_where_nothing_else_needs_the_old_path() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("app/api/users/[id]/route.ts", HANDLER),
        (
            "proxy.ts",
            "export function proxy() {}\nexport const config = { matcher: ['/api/users/:path*', { source: '/api/users/:id' }, '/api/:any*'] };",
        ),
        ("client.ts", "fetch('/api/users')"),
    ];
    assert_eq!(
        moved(&files, "app/api/users", "app/api/people"),
        [
            "client.ts: fetch('/api/people')",
            "proxy.ts: export function proxy() {}\nexport const config = { matcher: ['/api/people/:path*', { source: '/api/people/:id' }, '/api/:any*'] };",
        ]
    );
    assert_eq!(
        moved(&files, "app/api/users/route.ts", "app/api/people/route.ts"),
        ["perhaps proxy.ts: people", "perhaps proxy.ts: people", "client.ts: fetch('/api/people')"]
    );
}

#[test]
fn imports_of_what_moves_follow_where_nobody_else_is_asked() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("app/api/users/schema.ts", "export const schema = {};"),
        (
            "tests/users.test.ts",
            "import { GET } from '@/app/api/users/route';\nvi.mock('../app/api/users/schema');\nexport { schema } from '../app/api/users/schema';\nfetch('/api/users');",
        ),
    ];
    assert_eq!(
        rename(&files, "users');", "people"),
        lines(&[
            "tests/users.test.ts: import { GET } from '@/app/api/people/route';\nvi.mock('../app/api/people/schema');\nexport { schema } from '../app/api/people/schema';\nfetch('/api/people');",
            "app/api/users -> app/api/people",
        ])
    );
    assert_eq!(
        moved(&files, "app/api/users", "app/api/people"),
        [
            "tests/users.test.ts: import { GET } from '@/app/api/users/route';\nvi.mock('../app/api/users/schema');\nexport { schema } from '../app/api/users/schema';\nfetch('/api/people');"
        ]
    );
}

#[test]
fn a_proxy_that_would_not_run_any_more_is_named() {
    let files = [
        ("app/api/users/route.ts", HANDLER),
        ("proxy.ts", "export function proxy() {}\nexport const config = { matcher: '/(api|admin)/users' };"),
    ];
    assert_eq!(
        moved(&files, "app/api/users", "app/api/people"),
        ["left proxy.ts: runs for `/api/users`, and not always for `/api/people`"]
    );
    assert_eq!(moved(&files, "app/api/users", "app/admin/users"), [""; 0]);
}

#[test]
fn a_dynamic_segment_keeps_its_calls_and_takes_its_reads_along() {
    let route = "export async function GET(req: Request, { params }: { params: Promise<{ id: string }> }) {\n  const { id } = await params;\n  return Response.json({ id });\n}\n";
    let page = "export default async ({ params }) => (await params).id";
    let files = [
        ("app/users/[id]/page.tsx", page),
        ("app/users/[id]/api/route.ts", route),
        ("client.ts", "fetch(`/users/${id}/api`)"),
    ];
    assert_eq!(
        moved(&files, "app/users/[id]", "app/users/[slug]"),
        [
            "app/users/[id]/api/route.ts: export async function GET(req: Request, { params }: { params: Promise<{ slug: string }> }) {\n  const { slug: id } = await params;\n  return Response.json({ id });\n}",
            "left app/users/[id]/page.tsx: may read `id`, which the path does not have any more",
        ]
    );
}

#[test]
fn a_path_of_express_renames_every_registration_of_the_url_and_the_calls() {
    let files = [
        (
            "routes.js",
            "const { Router } = require('express');\nconst router = Router();\nrouter.get('/users', list);\nrouter.route('/users/:id').get(one).delete(gone);\nmodule.exports = router;",
        ),
        ("api.test.js", "const request = require('supertest');\nrequest(app).get('/api/users/7');"),
        (
            "server.js",
            "const express = require('express');\nconst app = express();\napp.use('/api', require('./routes'));\napp.listen(3000);",
        ),
        ("client.js", "fetch('http://localhost:3000/api/users');"),
    ];
    assert_eq!(
        rename(&files, "users", "people"),
        lines(&[
            "api.test.js: const request = require('supertest');\nrequest(app).get('/api/people/7');",
            "client.js: fetch('http://localhost:3000/api/people');",
            "routes.js: const { Router } = require('express');\nconst router = Router();\nrouter.get('/people', list);\nrouter.route('/people/:id').get(one).delete(gone);\nmodule.exports = router;",
        ])
    );
    let mut from_mount = files;
    from_mount.swap(2, 3);
    assert_eq!(
        rename(&from_mount, "api'", "v1"),
        lines(&[
            "api.test.js: const request = require('supertest');\nrequest(app).get('/v1/users/7');",
            "client.js: fetch('http://localhost:3000/v1/users');",
            "server.js: const express = require('express');\nconst app = express();\napp.use('/v1', require('./routes'));\napp.listen(3000);",
        ])
    );
}

#[test]
fn half_typed_code_and_odd_places_never_panic() {
    let text = "fetch('/api/users/${id}'); fetch(`/api/${`, 'x'); fetch('\\u002fapi'); app.get(['/a', /b/]); <a href='/api/users'";
    let files = [("app/api/users/route.ts", HANDLER), ("client.tsx", text)];
    let sources = Files::new(&files);
    let project: Project = project(&files);
    for offset in 0..=text.len() as u32 + 3 {
        let path = FilePath::new("/p/client.tsx");
        let _ = project.segment_at(&path, offset, &sources);
        let _ = project.rename_segment(&path, offset, "people", &sources);
    }
}

#[test]
fn a_parameter_of_express_is_renamed_where_its_handlers_read_it() {
    let server = |body: &str| {
        format!("const express = require('express');\nconst app = express();\n{body}\napp.listen(3000);")
    };
    let change = |before: &str, after: &str, left: &[&str]| {
        let (before, after) = (server(before), server(after));
        let files = [("server.js", &*before)];
        let mut expected = vec![format!("server.js: {after}")];
        expected.extend(left.iter().map(|it| format!("left server.js: {it}")));
        assert_eq!(rename(&files, "id'", "slug"), Some(Ok(expected)), "{before}");
    };
    change(
        "app.get('/users/:id', (req, res) => { const { id } = req.params; res.json([id, req.params.id, req.query.id]); });",
        "app.get('/users/:slug', (req, res) => { const { slug: id } = req.params; res.json([id, req.params.slug, req.query.id]); });",
        &[],
    );
    change(
        "app.route('/users/:id').get(one);\nfunction one(req, res) { res.json(req.params.id); }",
        "app.route('/users/:slug').get(one);\nfunction one(req, res) { res.json(req.params.slug); }",
        &[],
    );
    change(
        "app.get('/users/:id', one);\napp.get('/posts/:id', one);\nfunction one(req, res) { res.json(req.params.id); }",
        "app.get('/users/:slug', one);\napp.get('/posts/:id', one);\nfunction one(req, res) { res.json(req.params.id); }",
        &["has handlers that may read `id`"],
    );
    change(
        "app.get('/users/:id', (req, res) => { all(req.params); });",
        "app.get('/users/:slug', (req, res) => { all(req.params); });",
        &["has handlers that may read `id`"],
    );
    let text = server("app.get('/users/:id', (req, res) => res.end());");
    let refused = rename(&[("server.js", &*text)], "id'", "a-b");
    assert_eq!(refused, Some(Err("`a-b` is no name for a parameter.".to_owned())));
}
