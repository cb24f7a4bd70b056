//! An Express application of CommonJS and ES modules, of nested routers and factories: edit by edit as from a fresh
//! start.

use std::collections::BTreeSet;

use routewise_analysis::package::{Package, Target, Version, VersionSource};
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Encoding;

use crate::edits::{self, check};
use crate::shop::Shop;
use crate::world::{Step, World};

/// A server that starts an application of a factory, routers in routers, and registration from other files.
const SERVER: &[(&str, &str)] = &[
    (
        "/api/server.js",
        r#"const http = require("http");
const { WebSocketServer } = require("ws");
const createApp = require("./src/app");
const app = createApp({ trace: false });
require("./src/late")(app);
const server = http.createServer(app);
new WebSocketServer({ server });
server.listen(process.env.PORT);
"#,
    ),
    (
        "/api/src/app.js",
        r#"const express = require("express");
const cors = require("cors");
const { rateLimit } = require("express-rate-limit");
const routes = require("./routes");
const middleware = require("./middleware");

module.exports = function createApp(options = {}) {
  const app = express();
  app.use(cors());
  middleware.before(app);
  app.use("/v1", rateLimit({ limit: 100 }), routes);
  if (options.trace) app.use(middleware.trace);
  app.get("/health", (req, res) => res.send("ok"));
  return app;
};
"#,
    ),
    (
        "/api/src/late.js",
        r#"const { notFound, failed } = require("./middleware");

module.exports = (app) => {
  app.post("/hooks/:name", async (req, res) => {
    res.status(202).send(req.body.id);
  });
  app.use(notFound);
  app.use(failed);
};
"#,
    ),
    (
        "/api/src/routes.js",
        r#"const { Router } = require("express");
const posts = require("./posts");
const { crud } = require("./crud");
const { authenticate, wrap } = require("./middleware");

const router = Router();
const users = new Router({ mergeParams: true });
users.route("/").get(wrap(async (req, res) => res.json([]))).post(authenticate, (req, res) => {
  res.status(201).json(req.body);
});
users.use("/:user/posts", posts);
router.use("/users", users);
router.use("/things", authenticate, crud("things"));
router.use(["/items", "/articles"], crud("items", [authenticate]));
module.exports = router;
"#,
    ),
    (
        "/api/src/posts.js",
        r#"const router = require("express").Router();
const { authenticate } = require("./middleware");

router.param("post", (req, res, next, id) => next());
router.get("/", (req, res) => res.json(req.params.user));
router.get("/:post", (req, res) => res.json({}));
router.get("/new", (req, res) => res.json({}));
router.delete("/:post", authenticate, async (req, res) => {
  await remove(req.params.post);
  res.send(204);
});
const remove = (id) => fetch(`https://example.com/${id}`);
module.exports = router;
"#,
    ),
    (
        "/api/src/crud.js",
        r#"import { Router } from "express";
import { wrap } from "./middleware";

export function crud(name, guards = []) {
  const router = Router();
  router.use(...guards);
  for (const path of ["first", "last"]) router.get(`/${name}-${path}`, list);
  router.get("/:id", wrap(async (req, res) => res.json({ name })));
  router.put("/:id", (req, res, next) => {
    if (!req.body.name) res.sendStatus(400);
    next();
  });
  return router;
}

const list = (req, res) => res.json([]);
export default crud;
"#,
    ),
    (
        "/api/src/middleware.js",
        r#"const express = require("express");
const jwt = require("jsonwebtoken");
const guards = module.exports;

guards.before = (app) => {
  app.set("trust proxy", 1);
  app.use(express.json(), express.urlencoded({ extended: true }));
};
exports.authenticate = (req, res, next) => {
  req.user = jwt.verify(req.headers.authorization, process.env.SECRET);
  next();
};
guards.wrap = (handler) => (req, res, next) => handler(req, res, next).catch(next);
exports.trace = (req, res, next) => next();
exports.notFound = (req, res) => res.sendStatus(404);
exports.failed = (error, req, res, next) => res.status(500).json({ error: error.stack });
"#,
    ),
];

const LINES: &[&str] = &[
    "const express = require('express');",
    "const extra = require('./extra');",
    "const middleware = require('./middleware');",
    "import middleware from './middleware';",
    "import { crud as make } from './crud';",
    "export { default } from './crud';",
    "export * from './extra';",
    "module.exports = router;",
    "const guards = module.exports = {};",
    "guards.trace = module.exports.wrap;",
    "module.exports = { router, crud };",
    "exports.crud = () => require('./posts');",
    "const router = Router();",
    "const app = createApp();",
    "  app.use(express.json());",
    "  app.use('/late', require('./posts'));",
    "  app.use('/extra', require('./extra'));",
    "  app.use((error, req, res) => res.send(error.stack));",
    "  app.use(middleware.notFound);",
    "  middleware.before(app);",
    "  require('./late')(app);",
    "  for (const method of ['get', 'post']) router[method]('/any', list);",
    "  return app;",
    "router.use(authenticate);",
    "router.use('/deep', crud('deep', [authenticate]));",
    "router.use(require('./routes'));",
    "router.get('*', (req, res) => res.send('all'));",
    "router.all('/:id', authenticate, (req, res, next) => next());",
    "router.get('/:id', async (req, res) => res.json(await remove(req.body)));",
    "users.use(express.json());",
    "  const inner = Router({ mergeParams: true });",
    "  router.use('/:team', inner);",
    "for (const part of [posts, users]) router.use(part);",
    "for (const part of parts()) router.use(part);",
    "  if (!req.user) return res.sendStatus(401);",
    "  next();",
    "// routewise-disable-next-line express -- tested",
    "}",
    "function inner() {",
];

const WORDS: &[&str] = &[
    "app",
    "router",
    "users",
    "posts",
    "crud",
    "use",
    "get",
    "all",
    "param",
    "route",
    "next",
    "req",
    "authenticate",
    "wrap",
    "before",
    "createApp",
    "require",
    "exports",
    "module",
    "default",
    "Router",
    "express",
    "return",
    "async",
    "é",
];

const EXTRA: &[&str] =
    &["/api/src/extra.js", "/api/src/index.ts", "/api/src/users.ts", "/api/src/routes/index.ts"];

const TEXTS: &[&str] = &[
    "const router = require('express').Router();\nrouter.get('/extra', (req, res) => res.json(req.body));\nmodule.exports = router;\n",
    "import { Router } from 'express';\nimport posts from './posts';\nconst router = Router();\nrouter.use('/inner', posts);\nexport default router;\nexport { crud } from './crud';\n",
    "const express = require('express');\nconst app = express();\napp.use(require('./routes'));\napp.listen(1);\n",
    "import createApp from './app';\nconst app = createApp({ trace: true });\napp.get('/last', (req, res) => res.send(req.query.a.b));\napp.listen(80);\n",
    "",
];

const fn world(package: fn() -> Package) -> World {
    World { texts: SERVER, lines: LINES, words: WORDS, extra: EXTRA, created: TEXTS, package }
}

/// A package in `/api` with this Express, on a host of its own.
fn package(express: u64) -> Package {
    let version = |major| Version { major, minor: 1, patch: 0, source: VersionSource::Installed };
    let versions =
        [("express", express), ("jsonwebtoken", 9), ("cors", 2), ("express-rate-limit", 8), ("ws", 8)];
    Package {
        root: Some(FilePath::new("/api")),
        name: Some("api".to_owned()),
        versions: versions.map(|(name, major)| (name.to_owned(), version(major))).into(),
        dependencies: versions.map(|(name, _)| name.to_owned()).into(),
        target: Target { id: "express".into(), evidence: Vec::new(), also: Vec::new() },
        ..Package::default()
    }
}

#[test]
fn the_server_as_it_stands_has_routes_of_all_its_files_and_findings_of_their_order() {
    let world = world(|| package(4));
    let view = Shop::new(&world.files(), package(4)).view();
    let routes = view.routes.join("\n");
    for url in [
        "/v1/users",
        "/v1/users/:user/posts/:post",
        "/v1/things/:id",
        "/v1/articles/items-last",
        "/hooks/:name",
        "/health",
    ] {
        assert!(routes.contains(&format!("\"url\":{url:?}")), "{url}:\n{routes}");
    }
    let rules: BTreeSet<&str> = view.findings.values().flatten().map(|(finding, _)| &*finding.rule).collect();
    for rule in [
        "express/async-no-catch",
        "express/double-send",
        "express/merge-params",
        "express/route-shadowed",
        "security/error-detail-leak",
    ] {
        assert!(rules.contains(rule), "{rule}: {rules:?}");
    }
}

#[test]
fn routers_and_factories_of_several_files_are_as_from_a_fresh_start_after_edits_creations_removals_and_renames()
 {
    for world in [world(|| package(4)), world(|| package(5))] {
        check(4, &(world.events(), edits::encodings()), |(events, encoding)| {
            world.run(&events, encoding);
        });
    }
}

#[test]
fn an_edit_in_a_file_that_is_given_the_application_and_does_not_load_express_is_seen() {
    let texts = [
        (
            "/api/src/server.js",
            "const app = require('express')();\nrequire('./set-up')(app, (req, res) => res.send('a'));\n",
        ),
        (
            "/api/src/set-up.js",
            "module.exports = (app, send) => {\n  app.get('/a', send);\n  app.get('/b', send);\n  app.use('/c', send);\n};\n",
        ),
    ];
    let texts = texts.map(|(path, text)| (FilePath::new(path), text.to_owned())).into();
    let mut shop = Shop::new(&texts, package(5));
    for line in [1, 1] {
        shop.edit(&FilePath::new("/api/src/set-up.js"), &Step::RemoveLine(line), Encoding::Utf8);
        shop.assert_as_new();
    }
}
