//! `move --to route-handler`: what an API route becomes, and what keeps it from becoming it.

use crate::project::{Project, Run};

const MANIFEST: &str = r#"{ "name": "desk", "dependencies": { "next": "16.4.6" }, "devDependencies": { "typescript": "5.9.3" } }"#;
const LAYOUT: &str = "export default function Layout({ children }) {\n  return children;\n}\n";

/// An app whose `pages/api/items/[id].ts` is this.
fn app(handler: &str, more: &[(&str, &str)]) -> Project {
    let mut files = vec![
        ("package.json", MANIFEST),
        ("tsconfig.json", "{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./*\"] } } }"),
        ("app/layout.tsx", LAYOUT),
        ("pages/api/items/[id].ts", handler),
    ];
    files.extend(more);
    Project::with(&files)
}

/// What the handler becomes, and what is left to do.
fn turned(handler: &str, more: &[(&str, &str)]) -> (String, String) {
    let project = app(handler, more);
    let run = project.run(&["move", "/api/items/[id]", "--to", "route-handler", "--write"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(!project.path().join("pages/api/items/[id].ts").exists(), "the old file is gone");
    (project.read("app/api/items/[id]/route.ts"), run.stderr)
}

fn refused(handler: &str, more: &[(&str, &str)]) -> String {
    let project = app(handler, more);
    let before = project.all();
    let Run { status, stdout, stderr } =
        project.run(&["move", "/api/items/[id]", "--to", "route-handler", "--write"]);
    assert_eq!((status, stdout.as_str()), (2, ""), "{handler}{stderr}");
    assert_eq!(project.all(), before, "nothing is written");
    stderr.strip_prefix("error: ").unwrap().trim_end().to_owned()
}

/// A handler with this body.
fn handler(body: &str) -> String {
    format!(
        "import type {{ NextApiRequest, NextApiResponse }} from 'next';\n\nexport default async function handler(req: \
         NextApiRequest, res: NextApiResponse) {{\n{body}\n}}\n"
    )
}

#[test]
fn each_method_becomes_a_function_and_the_others_are_answered_as_before() {
    let (text, said) = turned(
        &handler(
            "  const { id } = req.query as { id: string };\n  if (req.method === 'GET') {\n    return res.status(200).json({ id });\n  } else if (req.method === 'POST') {\n    res.status(201).json({ id, name: req.body.name });\n    return;\n  }\n  res.setHeader('Allow', ['GET', 'POST']);\n  res.status(405).end(`Method ${req.method} Not Allowed`);",
        ),
        &[],
    );
    assert_eq!(said, "Turn /api/items/[id] into a Route Handler: 2 files written.\n");
    assert_eq!(
        text,
        "import { NextRequest } from 'next/server';
import { readBody } from '@/lib/read-request';

export async function GET(_req: NextRequest, { params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return Response.json({ id });
}

export async function POST(req: NextRequest, { params }: { params: Promise<{ id: string }> }) {
  const body = await readBody(req);
  if (body instanceof Response) return body;
  const { id } = await params;
  return Response.json({ id, name: body.name }, { status: 201 });
}

function notAllowed(req: NextRequest) {
  return new Response(`Method ${req.method} Not Allowed`, { status: 405, headers: { Allow: 'GET, POST' } });
}

export {
  notAllowed as HEAD,
  notAllowed as PUT,
  notAllowed as PATCH,
  notAllowed as DELETE,
  notAllowed as OPTIONS,
};
"
    );
}

#[test]
fn up_to_next_14_parameters_are_there_at_once_and_nothing_is_kept() {
    let (text, _) = turned(
        &handler(
            "  if (req.method !== 'GET') return res.status(405).end();\n  res.json({ id: req.query.id });",
        ),
        &[("package.json", "{ \"name\": \"desk\", \"dependencies\": { \"next\": \"14.2.35\" } }")],
    );
    assert_eq!(
        text,
        "import { NextRequest } from 'next/server';

export const dynamic = 'force-dynamic';

export function GET(_req: NextRequest, { params }: { params: { id: string } }) {
  return Response.json({ id: params.id });
}

function notAllowed() {
  return new Response(null, { status: 405 });
}

export {
  notAllowed as HEAD,
  notAllowed as POST,
  notAllowed as PUT,
  notAllowed as PATCH,
  notAllowed as DELETE,
  notAllowed as OPTIONS,
};
"
    );
}

#[test]
fn a_session_is_read_without_the_response_and_imports_are_seen_from_the_new_place() {
    let text = "import type { NextApiRequest, NextApiResponse } from 'next';
import { getServerSession } from 'next-auth';
import { options } from '../auth';

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  const session = await getServerSession(req, res, options);
  if (!session) return res.status(401).end('Who are you?');
  const { sort = 'name' } = req.query;
  res.status(200).json({ user: session.user, sort, all: req.method === 'GET' });
}
";
    let auth = "export const options = {};\nexport default function auth(req, res) {\n  res.end();\n}\n";
    let (text, said) = turned(text, &[("pages/api/auth.ts", auth)]);
    assert_eq!(
        said,
        "Turn /api/items/[id] into a Route Handler: 1 file written.\n\
         Left to do:\n\
         1. Where a parameter of the query is given several times, the first one counts.\n\
         2. `getServerSession` reads the session and no longer renews its cookie here: `/api/auth/session` does, \
         which pages ask.\n"
    );
    assert!(text.contains("import { options } from '../../../../pages/api/auth';\n"), "{text}");
    assert!(text.contains("  const session = await getServerSession(options);\n"), "{text}");
    assert!(text.contains("  const sort = req.nextUrl.searchParams.get('sort') ?? 'name';\n"), "{text}");
}

#[test]
fn what_cannot_be_proven_is_named_with_its_place_and_what_to_do() {
    let at = |place: &str, reason: &str| format!("pages/api/items/[id].ts:{place}: {reason}");
    for (body, place, reason) in [
        (
            "  res.write('a');\n  res.end();",
            "4:3",
            "`res.write` writes the answer piece by piece: make a `ReadableStream` of it first.",
        ),
        (
            "  stream.pipe(res);",
            "4:15",
            "`res` is handed to `stream.pipe`, and what that does with it is not known: let it give back what to send.",
        ),
        (
            "  await run(req, res);\n  res.json({});",
            "4:18",
            "`res` is handed to `run`, and what that does with it is not known: let it give back what to send.",
        ),
        (
            "  res.status(200).json({});\n  await log();",
            "4:3",
            "Code may run after this answer: return it, and do what follows first or in `after`.",
        ),
        (
            "  for (const item of items) {\n    res.json(item);\n  }",
            "5:5",
            "Code may run after this answer: return it, and do what follows first or in `after`.",
        ),
        (
            "  load((item) => {\n    res.json(item);\n  });",
            "5:5",
            "The answer is sent inside a callback: wait for what calls it, and answer after that.",
        ),
        (
            "  if (req.method === 'GET') {\n    if (a) res.json({});\n  }",
            "3:16",
            "Some way through the handler sends no answer to GET: send one.",
        ),
        (
            "  res.send(data);",
            "4:12",
            "Whether this is a text, bytes or an object is not known: use `json`, or set `Content-Type`.",
        ),
        (
            "  res.json(user?.name);",
            "4:12",
            "This may be `undefined`, which `Response.json` does not take: say what is sent then.",
        ),
        (
            "  res.json({ ip: req.socket.remoteAddress });",
            "4:18",
            "`req.socket` is about the connection, which a Route Handler does not see: read the header that the host sets, such as `x-forwarded-for`.",
        ),
        (
            "  await res.revalidate('/');\n  res.json({});",
            "4:9",
            "`res.revalidate` renews a page of `pages`, which only a handler of `pages/api` can.",
        ),
        (
            "  if (a) res.status(404);\n  res.json({});",
            "4:21",
            "The status is set apart from the answer: set it where the answer is sent.",
        ),
    ] {
        let expected = at(place, reason);
        let found = refused(&handler(body), &[]);
        if reason.starts_with("Some way") {
            assert_eq!(found.split_once(": ").map(|it| it.1), Some(reason), "{body}");
        } else {
            assert_eq!(found, expected, "{body}");
        }
    }
}

#[test]
fn cases_in_braces_become_functions_without_their_breaks() {
    let (text, _) = turned(
        &handler(
            "  switch (req.method) {\n    // Reads.\n    case 'GET': {\n      const kind = 'one';\n      res.json({ kind });\n      \
             break;\n    }\n    default:\n      res.status(405).end();\n  }",
        ),
        &[],
    );
    assert!(
        text.starts_with(
            "export function GET() {\n  const kind = 'one';\n  return Response.json({ kind });\n}\n\nfunction notAllowed() {\n  \
             return new Response(null, { status: 405 });\n}\n"
        ),
        "{text}"
    );
}

#[test]
fn a_body_is_read_once() {
    let text = "function add(req, res) {\n  return res.json(req.body);\n}\n\nexport default function handler(req, res) {\n  \
                if (!req.body.name) return res.status(422).end();\n  return add(req, res);\n}\n";
    assert_eq!(
        refused(text, &[]),
        "pages/api/items/[id].ts:7:10: The body is read here and in the function that is called: read it in one of them."
    );
}

#[test]
fn a_variable_that_is_another_method_further_in_is_none_to_go_by() {
    let (text, _) = turned(
        "export default function handler(req, res) {\n  const { method } = req;\n  for (const method of ['POST']) {\n    if \
         (method === 'POST') console.log(method);\n  }\n  res.json({ method });\n}\n",
        &[],
    );
    assert!(text.contains("    if (method === 'POST') console.log(method);\n"), "{text}");
    assert!(text.contains("handler as GET"), "{text}");
}

#[test]
fn a_handler_that_something_is_wrapped_around_stays() {
    let text = "import { withAuth } from '../auth';\nexport default withAuth((req, res) => res.json({}));\n";
    assert_eq!(
        refused(text, &[("pages/auth.ts", "export const withAuth = (handler) => handler;\n")]),
        "pages/api/items/[id].ts:2:16: The handler is made by `withAuth`, which gets its request and response: call what \
         it does from the handler."
    );
}

#[test]
fn files_around_it_may_stand_in_the_way() {
    let plain = handler("  res.json({});");
    let route = "export function GET() {\n  return new Response('ok');\n}\n";
    for (file, text, expected) in [
        (
            "app/api/items/[id]/route.ts",
            route,
            "app/api/items/[id]/route.ts: This file serves the same URL already.",
        ),
        (
            "app/api/items/[name]/more/route.ts",
            route,
            "app/api/items/[name]/more/route.ts: This file calls the segment `[name]` that is `[id]` here, and Next.js \
             starts with one name only.",
        ),
        (
            "lib/other.ts",
            "import handler from '@/pages/api/items/[id]';\nexport const other = handler;\n",
            "lib/other.ts: This file imports [id].ts, which goes: put what it takes from there into a module of its own.",
        ),
        (
            "lib/read-request.ts",
            "export const readBody = 1;\n",
            "lib/read-request.ts: This file has another form than the one it was made in.",
        ),
    ] {
        let text_of_handler =
            if file == "lib/read-request.ts" { handler("  res.json(req.body);") } else { plain.clone() };
        if file == "app/api/items/[id]/route.ts" {
            let project = app(&text_of_handler, &[(file, text)]);
            let run = project.run(&["move", "pages/api/items/[id].ts", "--to", "route-handler", "--write"]);
            assert_eq!((run.status, run.stderr), (2, format!("error: {expected}\n")));
            continue;
        }
        assert_eq!(refused(&text_of_handler, &[(file, text)]), expected);
    }
}
