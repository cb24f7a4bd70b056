//! Which routes the requests in the code are for.

use std::collections::BTreeSet;

use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;

use crate::support::project;

const USERS: &str =
    "export const GET = async () => Response.json([])\nexport const POST = async () => Response.json({})";
const USER: &str =
    "export const GET = async () => Response.json({})\nexport const DELETE = async () => Response.json({})";
const ME: &str = "export const GET = async () => Response.json({})";
const OLD: &str = "export default function handler(req, res) { res.json({}) }";

/// Requests that stand in `client.tsx`, as `METHOD /url`; several for one request where several may answer.
fn asked(files: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![
        ("app/api/users/route.ts", USERS),
        ("app/api/users/[id]/route.ts", USER),
        ("app/(shop)/api/users/me/route.ts", ME),
        ("pages/api/old/[...rest].ts", OLD),
    ];
    all.extend(files);
    callers(&project(&all))
}

fn callers(project: &Project) -> Vec<String> {
    let mut out = BTreeSet::new();
    for route in project.routes() {
        for call in route.callers.iter().filter(|call| call.path == FilePath::new("/p/client.tsx")) {
            let perhaps = if call.sure { "" } else { "perhaps " };
            out.insert(format!("{perhaps}{} {}", call.method.as_deref().unwrap_or("?"), route.url));
        }
    }
    out.into_iter().collect()
}

fn client(text: &str) -> Vec<String> {
    asked(&[("client.tsx", text)])
}

#[test]
fn a_request_is_for_the_route_that_next_picks() {
    for (text, expected) in [
        ("fetch('/api/users')", "GET /api/users"),
        ("fetch('/api/users?page=1', { method: 'post', body })", "POST /api/users"),
        ("fetch('/api/users/me')", "GET /api/users/me"),
        ("fetch('/api/users/7', { method: 'DELETE' })", "DELETE /api/users/[id]"),
        ("fetch(`/api/users/${id}`)", "GET /api/users/[id]"),
        ("fetch('/api/users/' + id)", "GET /api/users/[id]"),
        ("fetch(`/api/users${query}`)", "GET /api/users"),
        ("export const one = (id) => fetch(`/api/users/${id}`)", "GET /api/users/[id]"),
        ("fetch('/api/old/a/b')", "GET /api/old/[...rest]"),
        ("const url = '/api/users'; fetch(url, options)", "? /api/users"),
        ("const init = { method: 'POST' }; fetch('/api/users', init)", "POST /api/users"),
        ("window.fetch(new URL('/api/users', window.location.origin))", "GET /api/users"),
        ("fetch(`${window.location.origin}/api/users`)", "GET /api/users"),
        ("fetch('http://localhost:3000/api/users')", "GET /api/users"),
        ("fetch(`${process.env.API}/api/users`)", "GET /api/users"),
        ("navigator.sendBeacon('/api/users', data)", "POST /api/users"),
        ("new EventSource('/api/users')", "GET /api/users"),
        ("new WebSocket('ws://localhost:3000/api/users')", "GET /api/users"),
        ("$fetch('/api/users', { method: 'POST', body })", "POST /api/users"),
        ("<form action=\"/api/users\" method=\"post\" />", "POST /api/users"),
        ("<a href=\"/api/users/me\" download>x</a>", "GET /api/users/me"),
        ("import Link from 'next/link'; <Link href={`/api/users/${id}`} />", "GET /api/users/[id]"),
        (
            "import { useRouter } from 'next/navigation'; const router = useRouter(); router.push('/api/users')",
            "GET /api/users",
        ),
    ] {
        assert_eq!(client(text), [expected], "{text}");
    }
}

#[test]
fn libraries_are_known_by_their_imports() {
    for (text, expected) in [
        ("import axios from 'axios'; axios.post('/api/users', body)", "POST /api/users"),
        ("import axios from 'axios'; axios({ url: '/api/users', method: 'post' })", "POST /api/users"),
        (
            "import axios from 'axios'; const api = axios.create({ baseURL: '/api' }); api.get('/users')",
            "GET /api/users",
        ),
        (
            "import axios from 'axios'; const api = axios.create({ baseURL: '/api/' }); api.delete(`users/${id}`)",
            "DELETE /api/users/[id]",
        ),
        (
            "import axios from 'axios'; const make = () => axios.create({ baseURL: '/api' }); const api = make(); api.get('/users')",
            "GET /api/users",
        ),
        (
            "import ky from 'ky'; const api = ky.create({ prefixUrl: '/api' }); api.post('users').json()",
            "POST /api/users",
        ),
        ("import got from 'got'; got('http://localhost:3000/api/users')", "GET /api/users"),
        ("import { ofetch } from 'ofetch'; ofetch('/api/users', { method: 'POST' })", "POST /api/users"),
        ("import useSWR from 'swr'; useSWR(id ? `/api/users/${id}` : null, fetcher)", "GET /api/users/[id]"),
        ("import useSWR from 'swr'; useSWR(['/api/users', 1], fetcher)", "GET /api/users"),
        ("import useSWR from 'swr'; useSWR(open && id && '/api/users', fetcher)", "GET /api/users"),
        ("import useSWR from 'swr'; useSWR(open ? id && `/api/users/${id}` : null)", "GET /api/users/[id]"),
        (
            "import { useQuery } from '@tanstack/react-query'; useQuery({ queryFn: () => fetch('/api/users') })",
            "GET /api/users",
        ),
    ] {
        assert_eq!(client(text), [expected], "{text}");
    }
}

#[test]
fn a_url_that_is_one_of_several_texts_is_for_the_route_of_each() {
    for text in [
        "import useSWR from 'swr'; useSWR(mine ? '/api/users/me' : `/api/users/${id}`, fetcher)",
        "fetch(mine ? '/api/users/me' : '/api/users/' + id)",
        "import useSWR from 'swr'; useSWR([id ? `/api/users/${id}` : '/api/users/me', page], fetcher)",
        "import axios from 'axios'; axios({ url: mine ? '/api/users/me' : `/api/users/${id}` })",
    ] {
        assert_eq!(client(text), ["GET /api/users/[id]", "GET /api/users/me"], "{text}");
    }
    let query = "fetch(all ? `/api/users/${id}` : `/api/users/${id}?all=1`)";
    assert_eq!(client(query), ["GET /api/users/[id]"]);
    assert_eq!(client("fetch(base || '/api/users')"), [""; 0]);
}

#[test]
fn the_options_of_a_request_are_about_its_url_where_that_stands_and_nowhere_else() {
    let text =
        "import axios from 'axios';\naxios({ method: 'delete', url: `/api/users/${id}`, data: body });\n";
    let project = project(&[("app/api/users/[id]/route.ts", USER), ("client.tsx", text)]);
    let path = FilePath::new("/p/client.tsx");
    let at = |marker: &str| text.find(marker).expect("it stands there") as u32 + 1;
    let link = project.url_definition(&path, at("/api/users")).expect("a handler");
    assert_eq!(&text[link.span.start as usize..link.span.end as usize], "`/api/users/${id}`");
    assert_eq!(link.targets[0].name, "DELETE /api/users/[id]");
    let hover = project.hover(&path, at("/api/users")).expect("a card");
    assert!(hover.markdown.starts_with("**`DELETE /api/users/[id]`**"), "{}", hover.markdown);
    for elsewhere in ["method", "data", "body"] {
        assert!(project.url_definition(&path, at(elsewhere)).is_none(), "{elsewhere}");
        assert!(project.hover(&path, at(elsewhere)).is_none(), "{elsewhere}");
    }
}

#[test]
fn functions_of_the_project_that_ask_for_what_they_are_given_are_followed() {
    let api = "
        import { PREFIX } from './config'
        export const apiFetch = (path, options) => fetch(`${PREFIX}${path}`, options)
        export async function send(path, body) { return apiFetch(path, { method: 'POST', body }) }
        export const api = {
            get: (path) => apiFetch(path),
            remove: (path) => fetch(PREFIX + path, { method: 'DELETE' }),
        }
        export class Api { static load(path) { return fetch(PREFIX + path) } }
    ";
    let config = "export const PREFIX = '/api'";
    for (text, expected) in [
        ("apiFetch('/users')", "GET /api/users"),
        ("apiFetch('/users', { method: 'POST' })", "POST /api/users"),
        ("apiFetch('/users', options)", "? /api/users"),
        ("send(`/users`, body)", "POST /api/users"),
        ("api.get(`/users/${id}`)", "GET /api/users/[id]"),
        ("api.remove('/users/7')", "DELETE /api/users/[id]"),
        ("Api.load('/users/me')", "GET /api/users/me"),
    ] {
        let text = format!("import {{ api, apiFetch, Api, send }} from './api'\n{text}");
        assert_eq!(
            asked(&[("client.tsx", &text), ("api.ts", api), ("config.ts", config)]),
            [expected],
            "{text}"
        );
    }
}

#[test]
fn nobody_is_called_where_nobody_can_tell() {
    for text in [
        "const fetch = (url) => url; fetch('/api/users')",
        "import { fetch } from './mine'; fetch('/api/users')",
        "fetch('https://example.com/api/users')",
        "fetch('//example.com/api/users')",
        "fetch(url)",
        "fetch(`${base}${path}`)",
        "export const ask = (path) => fetch('/api' + path)",
        "export const ask = (path) => fetch(`/api${path}`)",
        "fetch('users')",
        "let url = '/api/users'; url = other; fetch(url)",
        "cache.get('/api/users')",
        "fetch('/api/nobody')",
        "log('/api/users')",
        "<form action={save} />",
        "<Card href=\"/api/users\" />",
    ] {
        assert_eq!(client(text), [""; 0], "{text}");
    }
}
