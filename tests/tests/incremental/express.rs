//! Express applications, whose routes and order come from several files: edit by edit as from a fresh start.

use std::collections::BTreeSet;

use routewise_analysis::package::{Package, Target, Version, VersionSource};
use routewise_analysis::path::FilePath;
use routewise_analysis::text::Encoding;

use crate::edits::{self, check};
use crate::shop::Shop;
use crate::world::{Step, World};

/// Four files: an application, a router, classes that register, and middleware.
const APP: &[(&str, &str)] = &[
    (
        "/app/src/app.ts",
        r#"import express from "express";
import session from "express-session";
import { users } from "./users";
import { AdminRoutes } from "./classes";
import { failed, requireUser, trace } from "./guards";

const app = express();
app.set("trust proxy", 1);
app.use(express.json());
if (process.env.TRACE) app.use(trace);
app.use("/users/:team", requireUser, users);
new AdminRoutes(app).mount();
app.get("/files/*path", (req, res) => res.send(req.params.path));
app.post("/login", async (req, res) => {
  res.json({ name: req.body.name });
});
app.use(failed);
app.listen(3000);
"#,
    ),
    (
        "/app/src/users.ts",
        r#"import { Router } from "express";
import { load } from "./guards";

export const users = Router({ mergeParams: true });
users.param("id", load);
users.get("/", (req, res) => res.json([]));
users.get("/:id", (req, res) => {
  if (!req.params.id) res.sendStatus(404);
  res.json(req.params.team);
});
users.get("/me", (req, res) => res.send("me"));
"#,
    ),
    (
        "/app/src/classes.ts",
        r#"import { Router, type Application } from "express";
import { requireUser } from "./guards";

export abstract class Routes {
  router = Router();
  constructor(protected app: Application, protected prefix = "/api") {
    this.register();
  }
  abstract register(): void;
  mount() {
    this.app.use(this.prefix, this.router);
  }
}

export class AdminRoutes extends Routes {
  register() {
    this.router.use(requireUser);
    this.router.delete("/:id", (req, res) => res.sendStatus(204));
  }
}
"#,
    ),
    (
        "/app/src/guards.ts",
        r#"import type { NextFunction, Request, Response } from "express";
import jwt from "jsonwebtoken";

export function requireUser(req: Request, res: Response, next: NextFunction) {
  jwt.verify(String(req.headers.authorization), "secret");
  next();
}
export const trace = (req: Request, res: Response, next: NextFunction) => next();
export const load = (req: Request, res: Response, next: NextFunction, id: string) => next();
export function failed(error: Error, req: Request, res: Response, next: NextFunction) {
  res.status(500).send(error.stack);
}
"#,
    ),
];

const LINES: &[&str] = &[
    "import express from 'express';",
    "import { extra } from './extra';",
    "import { users } from './users';",
    "export * from './guards';",
    "const app = express();",
    "const router = express.Router();",
    "app.use(express.json());",
    "app.use(failed);",
    "app.use((error, req, res) => res.send(error.stack));",
    "app.use((req, res) => res.sendStatus(404));",
    "app.use('/extra', extra);",
    "app.use('/again', users);",
    "app.use(...(process.env.TRACE ? [trace] : []));",
    "app.get('*', (req, res) => res.send('all'));",
    "app.get('/users/:team/:id', trace, (req, res) => res.json(req.body));",
    "app.param('team', load);",
    "app.del('/old', (req, res) => res.send(204));",
    "users.use(requireUser);",
    "users.post('/:id', (req, res) => { res.json(req.body, 201); });",
    "    this.router.get('/:id', (req, res) => res.json(req.session));",
    "    super.mount();",
    "  constructor(app: Application) { super(app, '/admin'); }",
    "for (const part of [users, router]) app.use(part);",
    "for (const part of parts()) app.use(part);",
    "  next();",
    "  await load();",
    "export const extra = express.Router();",
    "// routewise-disable-next-line express -- tested",
    "}",
    "function inner() {",
];

const WORDS: &[&str] = &[
    "app",
    "router",
    "users",
    "use",
    "get",
    "post",
    "param",
    "next",
    "res",
    "req",
    "requireUser",
    "failed",
    "AdminRoutes",
    "Routes",
    "extends",
    "super",
    "this",
    "register",
    "mount",
    "if",
    "return",
    "async",
    "é",
];

const EXTRA: &[&str] = &["/app/src/extra.ts", "/app/src/index.ts", "/app/src/other.js"];

const TEXTS: &[&str] = &[
    "import express from 'express';\nexport const extra = express.Router();\nextra.get('/', (req, res) => res.json(req.body));\n",
    "import './app';\n",
    "const express = require('express');\nconst app = express();\nmodule.exports = app;\nrequire('./users').users.get('/other', (req, res) => res.send('x'));\n",
    "",
];

const WORLD: World = World { texts: APP, lines: LINES, words: WORDS, extra: EXTRA, created: TEXTS, package };

/// An Express 5 package in `/app`, on a host of its own.
fn package() -> Package {
    let version = |major| Version { major, minor: 1, patch: 0, source: VersionSource::Installed };
    let versions = [("express", 5), ("jsonwebtoken", 9), ("express-session", 1)];
    Package {
        root: Some(FilePath::new("/app")),
        name: Some("app".to_owned()),
        versions: versions.map(|(name, major)| (name.to_owned(), version(major))).into(),
        dependencies: versions.map(|(name, _)| name.to_owned()).into(),
        target: Target { id: "express".into(), evidence: Vec::new(), also: Vec::new() },
        typescript: true,
        ..Package::default()
    }
}

#[test]
fn the_application_as_it_stands_has_routes_and_findings_of_its_order() {
    let shop = Shop::new(&WORLD.files(), package());
    let view = shop.view();
    let routes = view.routes.join("\n");
    for url in ["/users/:team/:id", "/api/:id", "/files/*path", "/login"] {
        assert!(routes.contains(&format!("\"url\":{url:?}")), "{url}:\n{routes}");
    }
    let rules: BTreeSet<&str> = view.findings.values().flatten().map(|(finding, _)| &*finding.rule).collect();
    for rule in ["express/double-send", "express/route-shadowed", "security/error-detail-leak"] {
        assert!(rules.contains(rule), "{rule}: {rules:?}");
    }
}

#[test]
fn an_application_of_classes_is_as_from_a_fresh_start_after_edits_creations_removals_and_renames() {
    check(12, &(WORLD.events(), edits::encodings()), |(events, encoding)| {
        WORLD.run(&events, encoding);
    });
}

#[test]
fn routes_of_a_class_are_gone_when_nobody_makes_one() {
    let mut shop = Shop::new(&WORLD.files(), package());
    shop.remove(&FilePath::new("/app/src/app.ts"));
    shop.assert_as_new();
}

#[test]
fn a_class_above_another_counts_when_it_changes() {
    let mut shop = Shop::new(&WORLD.files(), package());
    let path = FilePath::new("/app/src/classes.ts");
    shop.edit(&path, &Step::ReplaceWord(23, "extra"), Encoding::Utf16);
    shop.assert_as_new();
}
