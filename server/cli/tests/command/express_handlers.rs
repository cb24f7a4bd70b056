//! `move --to route-handler` for a route of Express: what becomes of it, and what keeps it where it is.

use crate::project::{Project, Run};

const MANIFEST: &str = r#"{ "name": "shop", "type": "module", "dependencies": { "next": "16.4.6", "express": "5.3.0", "helmet": "8.1.0" } }"#;

/// An app with an Express application beside it, which registers this.
fn app(registrations: &str) -> Project {
    let server = format!(
        "import express from 'express';\nimport helmet from 'helmet';\nimport {{ list }} from './lib/list.js';\n\nconst app = express();\n{registrations}\napp.listen(4000);\n"
    );
    Project::with(&[
        ("package.json", MANIFEST),
        ("app/layout.jsx", "export default function Layout({ children }) {\n  return children;\n}\n"),
        ("lib/list.js", "export const list = () => [];\n"),
        ("server.js", &server),
    ])
}

fn refused(registrations: &str, route: &str) -> String {
    let project = app(registrations);
    let before = project.all();
    let Run { status, stdout, stderr } = project.run(&["move", route, "--to", "route-handler", "--write"]);
    assert_eq!((status, stdout.as_str()), (2, ""), "{registrations}{stderr}");
    assert_eq!(project.all(), before, "nothing is written");
    stderr.strip_prefix("error: ").unwrap().trim_end().to_owned()
}

#[test]
fn a_route_goes_with_what_only_it_needs_and_its_registration_goes() {
    let project = app(
        "\n// How many there are at most.\nconst most = 10;\n\napp.get('/items/:kind', async (req, res) => {\n  const { kind } = req.params;\n  res.status(200).json(list(kind, req.query.page).slice(0, most));\n});\n",
    );
    let run = project.run(&["move", "GET /items/:kind", "--to", "route-handler", "--write"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        project.read("app/items/[kind]/route.js"),
        "import { list } from '../../../lib/list.js';

// How many there are at most.
const most = 10;

export async function GET(req, { params }) {
  const { kind } = await params;
  return Response.json(list(kind, req.nextUrl.searchParams.get('page') ?? undefined).slice(0, most));
}
"
    );
    assert_eq!(
        project.read("server.js"),
        "import express from 'express';\nimport helmet from 'helmet';\n\nconst app = express();\n\napp.listen(4000);\n"
    );
    assert_eq!(
        run.stderr,
        "Turn the Express route /items/:kind into a Route Handler: 2 files written.\n\
         Left to do:\n\
         1. Nothing else of the Express application may answer /items/:kind before Next.js does.\n\
         2. Other methods of this path get 405, where Express said 404.\n\
         3. Where a parameter of the query is given several times, the first one counts.\n"
    );
}

#[test]
fn what_runs_around_a_handler_of_express_keeps_it_where_it_is() {
    let get = "app.get('/items', (req, res) => res.json(list()));";
    for (registrations, place, reason) in [
        (
            format!("app.use(helmet());\n{get}"),
            "7:1",
            "`helmet` runs in front of this handler, and no Route Handler has it: do what it does in the handler or in the \
             proxy of the app first.",
        ),
        (
            format!("{get}\napp.use(function failed(error, req, res, next) {{\n  res.status(500).end();\n}});"),
            "6:1",
            "Failures of this handler go to `failed`, which no Route Handler has: catch them in the handler.",
        ),
        (
            "const seen = new Map();\napp.get('/items', (req, res) => res.json([...seen]));\napp.get('/others', (req, res) => res.json(seen.size));".to_owned(),
            "8:43",
            "`seen` is used here, too, and the handler needs it: put it into a module of its own, and import it.",
        ),
        (
            "app.get('/items', (req, res) => res.cookie('a', 'b').json({}));".to_owned(),
            "6:33",
            "`res.cookie` writes a cookie in the way of Express: set the header `Set-Cookie` first, by `serialize` of `cookie`.",
        ),
        (
            "app.get('/items', (req, res, next) => next());".to_owned(),
            "6:39",
            "What comes after the handler is not known, so that it has to answer itself: `throw` or send an answer.",
        ),
        (
            "app.get('/items', (req, res) => res.json(req.user));".to_owned(),
            "6:42",
            "`req.user` is put there by a middleware, which no Route Handler has in front.",
        ),
    ] {
        assert_eq!(refused(&registrations, "/items"), format!("server.js:{place}: {reason}"), "{registrations}");
    }
    let pattern = refused("app.get('/items/:id.json', (req, res) => res.json({}));", "/items/:id.json");
    assert_eq!(
        pattern,
        "server.js:6:1: This path has more than names and parameters in it, which a folder of `app` cannot say."
    );
}
