//! URLs that can be written, what a hover says of them, remarks between the code, and the way of a request.

use routewise_analysis::complete::{Completion, without_places};
use routewise_analysis::document::Document;
use routewise_analysis::endpoints::Leading;
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Span;

use crate::support::project;

const USERS: &str =
    "export const GET = async () => Response.json([])\nexport const POST = async () => Response.json({})";
const USER: &str =
    "export const GET = async () => Response.json({})\nexport const DELETE = async () => Response.json({})";

/// The project that the last of the files belongs to.
fn shop<'f>(path: &'f str, text: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("app/api/users/route.ts", USERS),
        ("app/api/users/[id]/posts/[...rest]/route.ts", USER),
        ("app/api/users/[id]/route.ts", USER),
        ("app/users/page.tsx", "export default () => null"),
        ("pages/api/old.ts", "export default function handler(req, res) { res.json({}) }"),
        (
            "lib/api.ts",
            "import axios from 'axios'; export const client = axios.create({ baseURL: '/api' }); export const ask = (path, init) => fetch('/api' + path, init);",
        ),
        (path, text),
    ]
}

/// What is offered at `§` of `client.tsx`.
fn offered(marked: &str) -> (Vec<Completion>, String) {
    let offset = marked.find('§').expect("a cursor") as u32;
    let text = marked.replacen('§', "", 1);
    let project = project(&shop("client.tsx", &text));
    let document = Document::new(FilePath::new("/p/client.tsx"), 0, text.clone());
    (project.completions(&document, offset), text)
}

/// The texts after each of them is taken, its places filled in with their names.
fn texts(marked: &str) -> Vec<String> {
    let (items, text) = offered(marked);
    let of = |item: &Completion| {
        let insert = if item.snippet { without_places(&item.insert) } else { item.insert.clone() };
        let Span { start, end } = item.span;
        format!("{}{insert}{}", &text[..start as usize], &text[end as usize..])
    };
    items.iter().map(of).collect()
}

#[test]
fn a_url_takes_the_place_of_what_stands_between_the_quotes() {
    for (marked, first) in [
        ("fetch('§')", "fetch('/api/old')"),
        ("fetch(\"/api/u§sers\")", "fetch(\"/api/old\")"),
        ("fetch('/api/§?page=1#top')", "fetch('/api/old?page=1#top')"),
        ("fetch(`/§`)", "fetch(`/api/old`)"),
        ("fetch('http://localhost:3000/§')", "fetch('http://localhost:3000/api/old')"),
        ("new EventSource('§')", "new EventSource('/api/old')"),
        ("navigator.sendBeacon('/§')", "navigator.sendBeacon('/api/old')"),
        ("import axios from 'axios'; axios.get('§')", "import axios from 'axios'; axios.get('/api/old')"),
        (
            "import axios from 'axios'; axios({ method: 'get', url: '§' })",
            "import axios from 'axios'; axios({ method: 'get', url: '/api/old' })",
        ),
        ("import useSWR from 'swr'; useSWR('§', get)", "import useSWR from 'swr'; useSWR('/api/old', get)"),
        (
            "import useSWR from 'swr'; useSWR(['/§', page], get)",
            "import useSWR from 'swr'; useSWR(['/api/old', page], get)",
        ),
        (
            "import { client } from './lib/api'; client.get('/§')",
            "import { client } from './lib/api'; client.get('/old')",
        ),
        ("import { ask } from './lib/api'; ask('§')", "import { ask } from './lib/api'; ask('/old')"),
        ("<form action='§' />", "<form action='/api/old' />"),
        (
            "import Link from 'next/link'; <Link href='/§' />",
            "import Link from 'next/link'; <Link href='/api/old' />",
        ),
        ("// größe 日本\r\nfetch('/§')\r\n", "// größe 日本\r\nfetch('/api/old')\r\n"),
    ] {
        assert_eq!(texts(marked).first().map(String::as_str), Some(first), "{marked}");
    }
}

#[test]
fn every_known_url_is_offered_with_its_methods_and_file() {
    let (items, _) = offered("fetch('§')");
    let rows: Vec<String> =
        items.iter().map(|it| format!("{} {} | {}", it.label, it.insert, it.detail)).collect();
    assert_eq!(
        rows,
        [
            "/api/old /api/old | pages/api/old.ts",
            "/api/users /api/users | GET, POST · app/api/users/route.ts",
            "/api/users/[id] /api/users/${1:id} | GET, DELETE · app/api/users/[id]/route.ts",
            "/api/users/[id]/posts/[...rest] /api/users/${1:id}/posts/${2:rest} | GET, DELETE · app/api/users/[id]/posts/[...rest]/route.ts",
        ]
    );
    assert!(items.iter().all(|it| it.snippet == it.label.contains('[')));
    let (items, _) = offered("fetch(`§`)");
    assert_eq!(items[2].insert, "/api/users/\\${${1:id}\\}");
    assert_eq!(without_places(&items[2].insert), "/api/users/${id}");
    assert_eq!(items[2].filter, "/api/users/id");
}

#[test]
fn a_method_that_the_code_says_leaves_out_what_does_not_answer_it() {
    let labels = |marked: &str| offered(marked).0.into_iter().map(|it| it.label).collect::<Vec<_>>();
    assert_eq!(labels("fetch('§', { method: 'POST' })"), ["/api/old", "/api/users"]);
    assert_eq!(
        labels("import { client } from './lib/api'; client.delete('§')"),
        ["/api/old", "/api/users/[id]", "/api/users/[id]/posts/[...rest]"]
    );
    assert_eq!(labels("fetch('§')").len(), 4);
    let pages = labels("import Link from 'next/link'; <Link href='§' />");
    assert!(pages.contains(&"/users".to_owned()), "{pages:?}");
}

#[test]
fn what_is_put_together_when_it_runs_stays_in_a_template() {
    assert_eq!(texts("fetch(`/api/u§${id}`)"), ["fetch(`/api/users/${id}`)"]);
    assert_eq!(texts("fetch(`/api/users/${id}/§`)"), ["fetch(`/api/users/${id}/posts/${rest}`)"]);
    assert_eq!(texts("fetch('/api/users/' + id + '§')"), ["fetch('/api/users/' + id + '/posts/rest')"]);
    assert_eq!(texts("const BASE = '/api/users'; fetch(`${BASE}§`)").len(), 2);
}

#[test]
fn nothing_is_offered_where_no_url_of_the_project_is_written() {
    for marked in [
        "log('/§')",
        "const a = '/§'",
        "fetch('/api/users', { method: '§' })",
        "fetch('/api/users?x=§')",
        "fetch('https://example.com/§')",
        "fetch(a ? '§' : b)",
        "import axios from 'axios'; axios.post('/api/users', '§')",
        "import axios from 'axios'; axios({ url: '/api/users', data: '§' })",
        "function f(fetch) { fetch('/§') }",
        "fetch§('/api')",
        "fetch('/api')§",
    ] {
        assert_eq!(texts(marked), [""; 0], "{marked}");
    }
}

#[test]
fn half_typed_requests_never_panic() {
    let text =
        "fetch('/api/users/${'); ask(`/api/${`, '日本'); fetch('\\u002f'); <a href='/api' ; axios({ url: ";
    let project = project(&shop("client.tsx", text));
    let document = Document::new(FilePath::new("/p/client.tsx"), 0, text.to_owned());
    for offset in (0..=text.len() as u32).filter(|at| text.is_char_boundary(*at as usize)) {
        let _ = project.completions(&document, offset);
        let _ = project.hover(document.path(), offset);
        let _ = project.steps_at(document.path(), offset);
        let _ = project.steps_to(document.path(), offset);
        let _ = project.steps_from(document.path(), offset);
    }
    let _ = project.hints(document.path(), Span::new(0, u32::MAX));
}

fn hover(files: &[(&str, &str)], marker: &str) -> String {
    let (path, text) = files.last().expect("a file");
    let offset = text.find(marker).expect("it stands there") as u32 + 1;
    let found = project(files).hover(&FilePath::new(&format!("/p/{path}")), offset);
    found.map(|hover| hover.markdown).unwrap_or_default()
}

#[test]
fn a_url_is_explained_by_what_answers_it_and_a_handler_by_who_asks() {
    let page = "const a = () => fetch('/api/users'); const b = () => fetch('/api/users', { method: 'POST' }); log('/api/users/x');";
    let files = shop("client.tsx", page);
    let about = hover(&files, "/api/users'");
    assert!(about.starts_with("**`GET /api/users`**\n\n"), "{about}");
    for line in [
        "- In [app/api/users/route.ts](file:///p/app/api/users/route.ts)\n",
        "- Methods: GET, POST\n",
        "- Runtime: Node.js, the default\n",
        "- Nothing checks who asks, as far as Routewise can see\n",
        "- 1 caller: [client.tsx](file:///p/client.tsx)",
    ] {
        assert!(about.contains(line), "{line} in {about}");
    }
    assert_eq!(hover(&files, "/api/users/x"), "");
    let mut other = files.clone();
    other.swap(0, 6);
    let handler = hover(&other, "POST");
    assert!(handler.contains("- 1 caller: [client.tsx](file:///p/client.tsx)\n"), "{handler}");
    other.swap(1, 6);
    let nobody = hover(&other, "DELETE");
    assert!(nobody.contains("- No callers in this project\n"), "{nobody}");
}

#[test]
fn remarks_tell_urls_and_limits_and_only_where_they_say_more_than_the_code() {
    let hints = |files: &[(&str, &str)], path: &str, within: Span| {
        let project = project(files);
        let found = project.hints(&FilePath::new(&format!("/p/{path}")), within);
        found.into_iter().map(|hint| format!("{} {}", hint.offset, hint.text)).collect::<Vec<_>>()
    };
    let all = Span::new(0, u32::MAX);
    let files = shop("client.tsx", "");
    assert_eq!(hints(&files, "app/api/users/route.ts", all), ["16 /api/users", "66 /api/users"]);
    assert_eq!(hints(&files, "app/api/users/route.ts", Span::new(20, 90)), ["66 /api/users"]);
    let express = [
        (
            "server.js",
            "const express = require('express');\nconst app = express();\napp.get('/health', ok);\napp.use('/api', require('./routes'));\napp.listen(3000);",
        ),
        (
            "routes.js",
            "const { Router } = require('express');\nconst router = Router();\nrouter.get('/users', list);\nrouter.route('/users/:id').get(one).delete(gone);\nmodule.exports = router;",
        ),
    ];
    assert_eq!(hints(&express, "server.js", all), [""; 0]);
    let text = express[1].1;
    let end = |marker: &str| text.find(marker).expect("a path") + marker.len();
    assert_eq!(
        hints(&express, "routes.js", all),
        [format!("{} /api/users", end("'/users'")), format!("{} /api/users/:id", end("'/users/:id'")),]
    );
}

/// `name kind file` of each step, with how many places lead there.
fn names(steps: Vec<Leading>) -> Vec<String> {
    steps
        .into_iter()
        .map(|(step, places)| {
            let file = step.path.as_str().trim_start_matches("/p/").to_owned();
            format!("{} {:?} {file} {}", step.name, step.kind, places.len())
        })
        .collect()
}

#[test]
fn a_request_passes_middleware_comes_to_a_handler_and_was_asked_for_by_functions() {
    let files = [
        ("proxy.ts", "export function proxy() {}\nexport const config = { matcher: '/api/:path*' };"),
        ("lib/db.ts", "export function find() { return []; }"),
        (
            "app/api/users/route.ts",
            "import { find } from '@/lib/db';\nexport async function GET() { return Response.json(find()); }",
        ),
        ("lib/load.ts", "export function load() { return fetch('/api/users'); }"),
        (
            "app/page.tsx",
            "import { load } from '../lib/load';\nexport default function Page() { load(); return load(); }",
        ),
    ];
    let project = project(&files);
    let at = |file: usize, marker: &str| {
        let (path, text) = files[file];
        (FilePath::new(&format!("/p/{path}")), text.find(marker).expect("it stands there") as u32)
    };
    let (route, get) = at(2, "GET");
    let step = &project.steps_at(&route, get)[0];
    assert_eq!(step.name, "GET /api/users");
    assert_eq!(step.name_at.of(files[2].1), "GET");
    assert!(step.span.of(files[2].1).starts_with("async function GET"), "{}", step.span.of(files[2].1));
    assert_eq!(
        names(project.steps_to(&route, get)),
        ["load Function lib/load.ts 1", "proxy Middleware proxy.ts 1"]
    );
    assert_eq!(names(project.steps_from(&route, get)), ["find Function lib/db.ts 1"]);
    let (load, name) = at(3, "load");
    assert_eq!(project.steps_at(&load, name), []);
    assert_eq!(names(project.steps_to(&load, name)), ["Page Function app/page.tsx 2"]);
    assert_eq!(names(project.steps_from(&load, name)), ["GET /api/users Handler app/api/users/route.ts 1"]);
    let (_, url) = at(3, "/api/users");
    assert_eq!(project.steps_at(&load, url), std::slice::from_ref(step));
    let (proxy, name) = at(0, "proxy");
    assert_eq!(project.steps_at(&proxy, name)[0].name, "proxy");
    assert_eq!(names(project.steps_from(&proxy, name)), ["GET /api/users Handler app/api/users/route.ts 1"]);
}

#[test]
fn the_middleware_of_express_leads_to_the_handlers_behind_it() {
    let files = [(
        "server.js",
        "const express = require('express');\nconst app = express();\napp.get('/open', ok);\napp.use(express.json());\napp.post('/users', guard, save);\nfunction guard(req, res, next) { next(); }\nfunction save(req, res) { const keep = () => store(req.body); keep(); res.end(); }\nfunction store() {}\napp.listen(3000);",
    )];
    let project = project(&files);
    let path = FilePath::new("/p/server.js");
    let at = |marker: &str| files[0].1.find(marker).expect("it stands there") as u32;
    assert_eq!(project.steps_at(&path, at("use"))[0].name, "express.json");
    assert_eq!(names(project.steps_from(&path, at("use"))), ["POST /users Handler server.js 1"]);
    assert_eq!(
        names(project.steps_to(&path, at("post"))),
        ["express.json Middleware server.js 1", "guard Middleware server.js 1"]
    );
    let called = names(project.steps_from(&path, at("post")));
    assert!(called.contains(&"store Function server.js 1".to_owned()), "{called:?}");
}
