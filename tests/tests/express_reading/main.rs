//! What hovers say of Express applications, and that other frameworks are never taken for it.

use routewise_analysis::rules::Catalogue;
use routewise_tests::check::Checked;
use routewise_tests::workspace::TestProject;

const PACKAGE: &str = r#"{ "dependencies": { "express": "5.1.0", "jsonwebtoken": "9.0.0" } }"#;

const APP: &str = r#"const express = require("express");
const cors = require("cors");
const { rateLimit } = require("express-rate-limit");
const users = require("./routes/users");
const { requireUser, failed } = require("./guards");

const app = express();
app.set("trust proxy", 1);
app.use(cors());
app.use(express.json({ limit: "10kb" }));
app.use("/api", rateLimit({ limit: 100 }), requireUser);
if (process.env.TRACE) app.use(trace);
app.use("/api/users", users);
app.use(failed);
app.listen(3000);

function trace(req, res, next) {
  next();
}
"#;

const USERS: &str = r#"const express = require("express");
const { body } = require("express-validator");
const { PrismaClient } = require("@prisma/client");
const { save } = require("../store");
const router = express.Router();

router.post("/:id", body("name").isString(), async (req, res) => {
  res.json(await save(req.body));
});

module.exports = router;
"#;

const GUARDS: &str = r#"const jwt = require("jsonwebtoken");

exports.requireUser = (req, res, next) => {
  req.user = jwt.verify(req.headers.authorization, process.env.SECRET);
  next();
};
exports.failed = (error, req, res, next) => res.status(500).json({ error: "failed" });
"#;

const STORE: &str = r#"const { writeFileSync } = require("node:fs");
exports.save = async (user) => writeFileSync("users.json", JSON.stringify(user));
"#;

fn shop() -> TestProject {
    TestProject::new(&[
        ("package.json", PACKAGE),
        ("app.js", APP),
        ("routes/users.js", USERS),
        ("guards.js", GUARDS),
        ("store.js", STORE),
    ])
}

/// The hover at the first place of `code` in a file, with the project's own folder left out.
fn hover(project: &TestProject, file: &str, code: &str) -> String {
    let checked = Checked::new(project, &Catalogue::builtin(), None);
    let text = project.read(file);
    let at = text.find(code).unwrap_or_else(|| panic!("{code} stands in {file}")) as u32;
    let path = checked.project.paths().find(|path| path.as_str().ends_with(file)).expect("it is known");
    let hover = checked.project.hover(path, at).unwrap_or_else(|| panic!("nothing is said of {code}"));
    hover.markdown.replace(&project.path("").to_string_lossy().into_owned(), "/")
}

#[test]
fn a_route_shows_its_url_and_all_that_a_request_passes_in_order() {
    let markdown = hover(&shop(), "routes/users.js", "post(");
    let lines: Vec<&str> = markdown.lines().collect();
    let wanted = [
        "- Express 5.1.0",
        "- `POST /api/users/:id`",
        "- Passes before the handler, in this order:",
        "  1. `cors` in [app.js:9](file:///app.js#L9): lets pages of other origins read the answers",
        "  2. `express.json` in [app.js:10](file:///app.js#L10): parses JSON bodies into `req.body`",
        "  3. `rateLimit` on `/api` in [app.js:11](file:///app.js#L11): answers 429 to who asks too often",
        "  4. `requireUser` on `/api` in [app.js:11](file:///app.js#L11): checks who asks",
        "  5. `trace` in [app.js:12](file:///app.js#L12), under a condition",
        "  6. `body` on `/api/users/:id` in [line 7](file:///routes/users.js#L7): checks the input",
        "- Check of who asks: `requireUser`",
        "- Rate limit: `rateLimit`",
        "- Validation: `body`",
        "- Body: `express.json`",
        "- Errors go to `failed` in [app.js:14](file:///app.js#L14)",
        "- `trust proxy`: `1` in [app.js:8](file:///app.js#L8)",
    ];
    let mut at = 0;
    for line in wanted {
        let found = lines[at..].iter().position(|it| *it == line);
        at +=
            1 + found.unwrap_or_else(|| panic!("{line}\nis not said, or not in this order, in\n{markdown}"));
    }
    assert!(
        lines.iter().any(|line| line.contains("files") && line.contains("`save` in store.js")),
        "what the handler does, with the way there:\n{markdown}"
    );
}

#[test]
fn middleware_shows_what_it_does_and_how_many_routes_are_behind_it() {
    let project = shop();
    let json = hover(&project, "app.js", "use(express.json");
    assert!(json.contains("- `express.json` parses JSON bodies into `req.body`"), "{json}");
    assert!(json.contains("- 1 route behind it"), "{json}");
    let mounted = hover(&project, "app.js", "use(\"/api/users\"");
    assert!(mounted.contains("**Express middleware on `/api/users`**"), "{mounted}");
    assert!(mounted.contains("  - `POST /api/users/:id`"), "{mounted}");
    let failed = hover(&project, "app.js", "use(failed");
    assert!(failed.contains("- Gets the errors of 1 route"), "{failed}");
}

#[test]
fn what_is_called_for_a_parameter_stands_in_the_chain_and_says_for_what() {
    let app = r#"const express = require("express");
const app = express();
app.use(express.json());
app.get("/users/:id", (req, res) => res.json(req.user));
app.param("id", load);
app.listen(3000);
function load(req, res, next, id) {
  req.user = { id };
  next();
}
"#;
    let project = TestProject::new(&[("package.json", PACKAGE), ("app.js", app)]);
    let route = hover(&project, "app.js", "get(\"/users");
    assert!(
        route.contains("  1. `express.json` in [line 3](file:///app.js#L3): parses JSON bodies into `req.body`\n  2. `load` for `:id` in [line 5](file:///app.js#L5)\n"),
        "{route}"
    );
    let parameter = hover(&project, "app.js", "param(\"id");
    assert!(parameter.contains("- Called before 1 route with this parameter"), "{parameter}");
}

#[test]
fn middleware_that_may_be_another_one_is_not_told_as_known() {
    let app = r#"const express = require("express");
const { given, options } = require("./options");
const app = express();
app.use(...(options.before || []));
app.use(process.env.QUIET ? silent : loud);
app.get("/", (req, res) => res.send("ok"));
app.listen(3000);
function silent(req, res, next) {
  next();
}
function loud(req, res, next) {
  next();
}
"#;
    let options = "exports.options = global.options;";
    let project = TestProject::new(&[("package.json", PACKAGE), ("app.js", app), ("options.js", options)]);
    let route = hover(&project, "app.js", "get(\"/\"");
    for line in [
        "  1. `options.before` in [line 4](file:///app.js#L4), under a condition\n",
        "  2. `silent` in [line 5](file:///app.js#L5), under a condition\n",
        "  3. `loud` in [line 5](file:///app.js#L5), under a condition\n",
    ] {
        assert!(route.contains(line), "{line}{route}");
    }
}

#[test]
fn what_a_route_lacks_is_said_too() {
    let app = r#"const express = require("express");
const app = express();
app.post("/users", (req, res) => res.send("ok"));
app.listen(3000);
"#;
    let project = TestProject::new(&[("package.json", PACKAGE), ("app.js", app)]);
    let route = hover(&project, "app.js", "post(");
    let lines = [
        "- `POST /users`",
        "- Passes no middleware before the handler",
        "- Check of who asks: no middleware known for it",
        "- Rate limit: no middleware known for it",
        "- Validation: no middleware known for it",
        "- Body: no parser known; `req.body` is not set",
        "- Answered by `anonymous`",
        "- Errors go to Express's own handler",
    ]
    .join("\n");
    assert!(route.contains(&lines), "{route}");
}

/// What may register anything, and nobody can tell what.
const UNSEEN: &[&str] = &[
    "for (const file of require(\"fs\").readdirSync(\"./routes\")) require(`./routes/${file}`)(app);",
    "require(\"some-plugin\")(app);",
    "for (const method of [\"use\", \"all\"]) app[method](express.json());",
    "app.route(\"/users\")[process.env.METHOD]((req, res, next) => next());",
];

#[test]
fn where_code_cannot_be_followed_the_chain_says_that_there_may_be_more_and_rules_about_order_are_silent() {
    for unseen in UNSEEN {
        let app = format!(
            "const express = require(\"express\");\nconst app = express();\n{unseen}\n\
             app.post(\"/users\", (req, res) => res.json(req.body));\napp.use(express.json());\n\
             app.post(\"/last\", (req, res) => res.json(req.body));\napp.listen(3000);\n"
        );
        let project = TestProject::new(&[("package.json", PACKAGE), ("app.js", &app)]);
        let route = hover(&project, "app.js", "post(\"/users");
        assert!(route.contains("- Code that Routewise cannot follow may add more\n"), "{unseen}:\n{route}");
        assert!(route.contains("- Body: no parser known\n"), "{unseen}:\n{route}");
        let checked = Checked::new(&project, &Catalogue::builtin(), None);
        assert_eq!(about_express(&checked), Vec::<String>::new(), "{unseen}");
    }
    let app = "const express = require(\"express\");\nconst app = express();\n\
               app.post(\"/users\", (req, res) => res.json(req.body));\napp.use(express.json());\n\
               app.post(\"/last\", (req, res) => res.json(req.body));\napp.listen(3000);\n";
    let project = TestProject::new(&[("package.json", PACKAGE), ("app.js", app)]);
    let checked = Checked::new(&project, &Catalogue::builtin(), None);
    assert_eq!(about_express(&checked).len(), 1, "without it the parser is known to come too late");
}

#[test]
fn routers_are_found_behind_aliases_and_chains_of_modules() {
    let project = TestProject::new(&[
        ("package.json", PACKAGE),
        ("tsconfig.json", r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#),
        (
            "src/app.ts",
            "import express from \"express\";\nimport { routes } from \"@/api\";\n\
             const app = express();\napp.use(\"/api\", routes.users);\napp.listen(3000);\n",
        ),
        ("src/api/index.ts", "export * as routes from \"./all\";\n"),
        ("src/api/all.ts", "export { default as users } from \"@/api/users\";\n"),
        (
            "src/api/users.ts",
            "import { Router } from \"express\";\nconst router = Router();\n\
             router.get(\"/:id\", (req, res) => res.json({}));\nexport default router;\n",
        ),
    ]);
    let route = hover(&project, "src/api/users.ts", "get(");
    assert!(route.contains("- `GET /api/:id`\n"), "{route}");
}

#[test]
fn functions_are_found_under_every_name_that_a_module_has_for_its_exports() {
    let handler = "(req, res) => res.end(require(\"fs\").readFileSync(\"/a\"));\n";
    let modules = [
        ("chained.js", "const api = module.exports = {};\napi.list = "),
        ("in-brackets.js", "let api;\napi = exports = (module.exports = {});\napi.list = "),
        ("whole.js", "const api = module.exports;\napi.list = "),
        ("short.js", "const api = exports;\napi.list = "),
        ("given.js", "const api = {};\nmodule.exports = api;\napi.list = "),
        // What is put into something else is nobody's export.
        ("other.js", "const api = {};\nmodule.exports = {};\napi.list = "),
        (
            "inside.js",
            "{\n  const api = {};\n  api.list = () => {};\n}\nvar api = module.exports;\napi.other = ",
        ),
    ];
    let registered = |file: &str| format!("app.get(\"/{file}\", require(\"./{file}\").list);\n");
    let app = modules.iter().fold(String::new(), |app, (file, _)| app + &registered(file));
    let app = format!("const app = require(\"express\")();\n{app}app.listen(3000);\n");
    let modules = modules.map(|(file, head)| (file, format!("{head}{handler}")));
    let files = modules.iter().map(|(file, text)| (*file, text.as_str()));
    let project =
        TestProject::new(&files.chain([("package.json", PACKAGE), ("app.js", &app)]).collect::<Vec<_>>());
    let checked = Checked::new(&project, &Catalogue::builtin(), None);
    let found = checked.findings("duration/cpu-heavy-sync");
    let files: Vec<&str> = found.iter().map(|it| it.path.file_name()).collect();
    assert_eq!(files, ["chained.js", "given.js", "in-brackets.js", "short.js", "whole.js"]);
}

#[test]
fn an_application_is_followed_through_modules_that_call_themselves_by_a_name() {
    let project = TestProject::new(&[
        ("package.json", PACKAGE),
        (
            "app.js",
            "const express = require(\"express\");\nconst server = module.exports;\n\
             server.app = express();\nserver.start = () => {\n  require(\"./routes\").mount(server.app);\n\
             \x20 server.app.listen(3000);\n};\nserver.start();\n",
        ),
        (
            "routes.js",
            "const routes = module.exports;\nroutes.mount = (app) => {\n  app.get(\"/users\", routes.users);\n};\n\
             routes.users = (req, res) => res.json([]);\n",
        ),
    ]);
    let route = hover(&project, "routes.js", "get(");
    assert!(route.contains("- `GET /users`\n"), "{route}");
}

#[test]
fn an_application_is_found_in_what_a_class_or_function_holds_itself() {
    let project = TestProject::new(&[
        ("package.json", PACKAGE),
        (
            "server.js",
            "const express = require(\"express\");\nclass Server {\n  static instance = null;\n  app = undefined;\n\
             \x20 static getInstance() {\n    if (Server.instance == null) {\n      Server.instance = new Server();\n    }\n\
             \x20   return Server.instance;\n  }\n  constructor() {\n    this.app = express();\n  }\n}\nmodule.exports = { Server };\n",
        ),
        (
            "app.js",
            "const { Server } = require(\"./server\");\nconst { app } = Server.getInstance();\n\
             app.use(\"/users\", require(\"./users\"));\nServer.getInstance().app.use(require(\"./files\").routes);\n\
             app.use(require(\"./made\"));\napp.listen(3000);\n",
        ),
        (
            "users.js",
            "const { Router } = require(\"express\");\nclass Users {\n  static router = Router();\n}\n\
             class Members extends Users {}\nMembers.router.get(\"/:id\", (req, res) => res.json({}));\n\
             module.exports = Users.router;\n",
        ),
        (
            "files.js",
            "const { Router } = require(\"express\");\nfunction files() {\n  return files.routes;\n}\nfiles.routes = Router();\n\
             files().get(\"/files\", (req, res) => res.json([]));\nmodule.exports = files;\n",
        ),
        (
            "made.js",
            "const { Router } = require(\"express\");\nclass Made {\n  static #only;\n  static get() {\n\
             \x20   return (this.#only ??= new this());\n  }\n  base = Router();\n  users = this.base.route(\"/made\");\n}\n\
             Made.get().users.get((req, res) => res.json([]));\nmodule.exports = Made.get().base;\n",
        ),
    ]);
    let routes = [
        ("users.js", "get(\"", "/users/:id"),
        ("files.js", "get(\"", "/files"),
        ("made.js", "get((", "/made"),
    ];
    for (file, code, url) in routes {
        let route = hover(&project, file, code);
        assert!(route.contains(&format!("- `GET {url}`\n")), "{file}: {route}");
    }
}

#[test]
fn what_a_template_escapes_is_a_part_of_the_path() {
    let app = "const app = require(\"express\")();\nconst users = \"/users\";\n\
               app.get(`${users}/:id(\\\\d+)`, (req, res) => res.end());\napp.listen(3000);\n";
    let project = TestProject::new(&[
        ("package.json", r#"{ "dependencies": { "express": "4.21.2" } }"#),
        ("app.js", app),
    ]);
    let route = hover(&project, "app.js", "get(");
    assert!(route.contains("- `GET /users/:id(\\d+)`\n"), "{route}");
}

#[test]
fn what_is_made_only_where_there_is_none_is_made_once() {
    // Each makes its router and registers its own route when it is first asked.
    let makers = [
        (
            "tested.js",
            "let router;\nmodule.exports = () => {\n  if (!router) {\n    router = Router();\n    add(router);\n  }\n  return router;\n};\n",
        ),
        (
            "early.js",
            "let router;\nmodule.exports = () => {\n  if (router) return router;\n  router = Router();\n  add(router);\n  return router;\n};\n",
        ),
        ("nullish.js", "let router;\nmodule.exports = () => (router ??= add(Router()));\n"),
        (
            "either.js",
            "const kept = {};\nmodule.exports = () => {\n  kept.router = kept.router || add(Router());\n  return kept.router;\n};\n",
        ),
        (
            "class.js",
            "class Kept {\n  static get() {\n    if (!this.router) this.router = add(Router());\n    return this.router;\n  }\n}\nmodule.exports = () => Kept.get();\n",
        ),
    ];
    let head = "const { Router } = require(\"express\");\nconst add = (router) => {\n  router.get(\"/first\", (req, res) => res.end());\n\
                \x20 return router;\n};\n";
    for (file, maker) in makers {
        let maker = format!("{head}{maker}");
        let project = TestProject::new(&[
            ("package.json", PACKAGE),
            (
                "app.js",
                "const app = require(\"express\")();\nconst made = require(\"./made\");\nmade();\n\
                 made().get(\"/second\", (req, res) => res.end());\napp.use(\"/made\", made());\napp.listen(3000);\n",
            ),
            ("made.js", &maker),
        ]);
        let checked = Checked::new(&project, &Catalogue::builtin(), None);
        let urls: Vec<String> = checked.project.routes().into_iter().map(|route| route.url).collect();
        assert_eq!(urls, ["/made/first", "/made/second"], "{file}");
    }
}

/// Servers that look like Express, each with what would be wrong there.
const OTHERS: &[(&str, &str)] = &[
    (
        "fastify.js",
        r#"const fastify = require("fastify")();
fastify.register(require("@fastify/middie"));
fastify.use((error, req, res) => res.status(500).send(error.stack));
fastify.get("/users/:id", async (req, res) => res.send(404, await load(req.params.id)));
fastify.get("/users/me", async (req, res) => { res.send("me"); res.send("again"); });
fastify.post("/login", async (req, reply) => reply.redirect("/", 301));
fastify.get("*", (req, res) => {});
fastify.use(require("cors")());
fastify.listen({ port: 3000 });
"#,
    ),
    (
        "hono.ts",
        r#"import { Hono } from "hono";
import { cors } from "hono/cors";
const app = new Hono();
app.get("/users/:id", (c) => c.json({}));
app.get("/users/me", (c) => c.json({}));
app.post("/login", async (c) => c.json(await c.req.json()));
app.get("/files/*", (c) => c.text("file"));
app.use(cors());
app.use((error, c, next) => c.json({}, 500));
export default app;
"#,
    ),
    (
        "koa.js",
        r#"const Koa = require("koa");
const Router = require("@koa/router");
const app = new Koa();
const router = new Router();
router.get("/users/:id", async (ctx) => { ctx.body = await load(ctx.params.id); });
router.get("/users/me", async (ctx) => { ctx.body = ctx.request.body.name; });
router.post("/login", async (ctx, next) => {});
app.use(router.routes());
app.use(require("koa-bodyparser")());
app.use(async (err, ctx, next) => { throw err; });
app.listen(3000);
"#,
    ),
    (
        "restify.js",
        r#"const restify = require("restify");
const server = restify.createServer();
server.get("/users/:id", (req, res, next) => { res.send(200, {}); res.send(200, {}); });
server.get("/users/:name", (req, res, next) => { res.send(req.body.name); return next(); });
server.use(restify.plugins.bodyParser());
server.listen(8080);
"#,
    ),
    (
        "own.js",
        r#"function express() { return { get() {}, use() {}, post() {}, listen() {} }; }
const app = express();
app.get("*", (req, res) => { res.json({}, 201); });
app.post("/login", (req, res) => res.json(req.body));
app.use((err, req, res) => {});
app.listen(3000);
"#,
    ),
];

/// Findings of rules about Express, about what strangers may do, and about data; of a project that has them all.
fn about_express(checked: &Checked) -> Vec<String> {
    let families = ["express/", "security/", "migration/", "data/", "handler/webhook-parsed-body"];
    checked
        .project
        .paths()
        .flat_map(|path| checked.project.findings(path))
        .filter(|finding| families.iter().any(|family| finding.rule.starts_with(family)))
        .map(|finding| format!("{} {} {}", finding.path, finding.rule, finding.message))
        .collect()
}

const ALL: &str =
    r#"{ "dependencies": { "express": "5.1.0", "fastify": "5.0.0", "hono": "4.0.0", "koa": "3.0.0" } }"#;

#[test]
fn other_frameworks_are_never_taken_for_express() {
    for (file, text) in OTHERS {
        let project = TestProject::new(&[("package.json", ALL), (file, text)]);
        let checked = Checked::new(&project, &Catalogue::builtin(), None);
        assert_eq!(about_express(&checked), Vec::<String>::new(), "{file}");
        assert!(checked.project.routes().is_empty(), "{file}: no route of Express is told of");
        let path = checked.project.paths().find(|path| path.as_str().ends_with(file)).expect("it is known");
        for (at, _) in text.match_indices(".get(").chain(text.match_indices(".use(")) {
            let told = checked.project.hover(path, at as u32 + 1).map(|hover| hover.markdown);
            assert!(!told.as_ref().is_some_and(|it| it.contains("Express")), "{file}: {told:?}");
        }
    }
}

#[test]
fn hono_in_a_route_handler_of_next_is_no_express() {
    let route = r#"import { Hono } from "hono";
import { cors } from "hono/cors";
import { handle } from "hono/vercel";

const app = new Hono().basePath("/api");
app.use(cors());
app.get("/users/:id", (c) => c.json({}));
app.get("/users/me", (c) => c.json({}));
app.get("/files/*", (c) => c.text("file"));

export const GET = handle(app);
export const POST = handle(app);
"#;
    let package = r#"{ "dependencies": { "express": "5.1.0", "hono": "4.0.0", "next": "16.4.6" } }"#;
    let file = "app/api/[[...route]]/route.ts";
    let project = TestProject::new(&[("package.json", package), (file, route)]);
    let checked = Checked::new(&project, &Catalogue::builtin(), None);
    assert_eq!(about_express(&checked), Vec::<String>::new());
    let frameworks: Vec<&str> = checked.project.routes().iter().map(|route| route.framework.name()).collect();
    assert_eq!(frameworks, ["next-app"], "the file is the only route");
}
