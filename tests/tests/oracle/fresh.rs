//! Routewise says nothing about a project that was just made: the files of create-next-app and of the
//! generator of Express, from the npm registry, and a small Express 5 app in TypeScript.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use routewise_tests::binary;
use routewise_tests::workspace::TestProject;
use serde_json::Value;

/// The generators of the last two major versions.
const NEXT: [&str; 2] = ["15.5.28", "16.4.3"];
/// What they are asked for.
const KINDS: [&[&str]; 6] = [
    &["--ts", "--app", "--src-dir"],
    &["--ts", "--app", "--no-src-dir", "--tailwind"],
    &["--js", "--app", "--no-src-dir"],
    &["--ts", "--no-app", "--src-dir"],
    &["--js", "--no-app", "--no-src-dir"],
    &["--ts", "--api"],
];
/// Older generators, which install what they ask for, and have to be told everything.
const OLD: [&str; 2] = ["13.5.11", "14.2.35"];
const OLD_KINDS: [&[&str]; 4] = [
    &["--ts", "--app", "--src-dir", "--tailwind"],
    &["--js", "--app", "--no-src-dir", "--no-tailwind"],
    &["--ts", "--no-app", "--src-dir", "--no-tailwind"],
    &["--js", "--no-app", "--no-src-dir", "--tailwind"],
];
const EXPRESS: &str = "4.16.1";

/// An Express 5 app as people start one in TypeScript.
const STARTER: [(&str, &str); 5] = [
    (
        "package.json",
        r#"{
  "name": "api",
  "private": true,
  "type": "module",
  "scripts": { "dev": "tsx watch src/server.ts", "build": "tsc", "start": "node dist/server.js" },
  "dependencies": { "express": "5.3.0" },
  "devDependencies": { "@types/express": "5.0.6", "@types/node": "20.19.25", "tsx": "4.21.0", "typescript": "5.9.3" }
}
"#,
    ),
    (
        "tsconfig.json",
        r#"{ "compilerOptions": { "module": "nodenext", "outDir": "dist", "strict": true, "target": "es2023" }, "include": ["src"] }
"#,
    ),
    (
        "src/server.ts",
        r#"import { app } from "./app.js";

const port = Number(process.env.PORT ?? 3000);

app.listen(port, (error) => {
  if (error) throw error;
  console.log(`listening on port ${port}`);
});
"#,
    ),
    (
        "src/app.ts",
        r#"import express, { type NextFunction, type Request, type Response } from "express";
import { users } from "./routes/users.js";

export const app = express();

app.use(express.json());

app.get("/", (_req, res) => {
  res.json({ message: "hello" });
});

app.use("/users", users);

app.use((_req, res) => {
  res.status(404).json({ error: "not found" });
});

app.use((error: Error, _req: Request, res: Response, next: NextFunction) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  console.error(error);
  res.status(500).json({ error: "something went wrong" });
});
"#,
    ),
    (
        "src/routes/users.ts",
        r#"import { Router } from "express";

export const users = Router();

users.get("/", async (_req, res) => {
  res.json([]);
});

users.get("/:id", async (req, res) => {
  res.json({ id: req.params.id });
});
"#,
    ),
];

/// Whether the tests that need the npm registry are left out; then it is said loudly.
pub(crate) fn skipped(what: &str) -> bool {
    let skips = std::env::var_os("ROUTEWISE_SKIP_NEXT").is_some_and(|value| value != "0");
    if skips {
        println!("!! SKIPPED, by ROUTEWISE_SKIP_NEXT: {what}");
    }
    skips
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for version in NEXT {
        for kind in KINDS {
            let name = format!("nothing on a new app: create-next-app@{version} {}", kind.join(" "));
            trials.push(Trial::test(name, move || next_app(version, kind)));
        }
    }
    for version in OLD {
        for kind in OLD_KINDS {
            let name = format!("nothing on a new app: create-next-app@{version} {}", kind.join(" "));
            trials.push(Trial::test(name, move || old_next_app(version, kind)));
        }
    }
    trials.push(Trial::test(format!("nothing on a new app: express-generator@{EXPRESS}"), express_app));
    trials.push(Trial::test("nothing on a new app: Express 5 in TypeScript", || {
        nothing(TestProject::new(&STARTER).root())
    }));
    trials
}

fn next_app(version: &str, kind: &[&str]) -> Result<(), Failed> {
    if skipped("create-next-app") {
        return Ok(());
    }
    let folder = installed("create-next-app", version)?;
    let mut command = Command::new("node");
    command.arg(folder.join("node_modules/create-next-app/dist/index.js"));
    command.args(["app", "--yes", "--skip-install", "--disable-git", "--use-npm", "--eslint"]).args(kind);
    made(command)
}

/// The `npm` that this generator calls does nothing.
fn old_next_app(version: &str, kind: &[&str]) -> Result<(), Failed> {
    if skipped("create-next-app") {
        return Ok(());
    }
    let folder = installed("create-next-app", version)?;
    let tools = TestProject::new(&[("npm", "#!/bin/sh\n")]);
    let status = Command::new("chmod").arg("+x").arg(tools.path("npm")).status()?;
    let path = std::env::var("PATH")?;
    let mut command = Command::new("node");
    command.arg(folder.join("node_modules/create-next-app/dist/index.js"));
    command.args(["app", "--use-npm", "--eslint", "--import-alias", "@/*"]).args(kind);
    command.env("PATH", format!("{}:{path}", tools.root().display()));
    if status.success() { made(command) } else { Err("chmod failed".into()) }
}

fn express_app() -> Result<(), Failed> {
    if skipped("express-generator") {
        return Ok(());
    }
    let folder = installed("express-generator", EXPRESS)?;
    let mut command = Command::new("node");
    command.arg(folder.join("node_modules/express-generator/bin/express-cli.js")).args(["--no-view", "app"]);
    made(command)
}

/// Runs a generator in an empty folder that is also its home, and checks the `app` that it makes there.
fn made(mut command: Command) -> Result<(), Failed> {
    let home = TestProject::new(&[]);
    command.current_dir(home.root()).env("HOME", home.root()).env("XDG_CONFIG_HOME", home.root());
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    nothing(&home.path("app"))
}

fn nothing(app: &Path) -> Result<(), Failed> {
    let output =
        Command::new(binary::routewise()).args(["check", "--format", "json"]).current_dir(app).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let findings = report["findings"].as_array().ok_or_else(|| format!("no list of findings: {text}"))?;
    if findings.is_empty() && output.status.success() { Ok(()) } else { Err(text.into_owned().into()) }
}

fn installed(package: &str, version: &str) -> Result<PathBuf, Failed> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tests.join(".tools").join(format!("{package}-{version}"));
    let package = format!("{package}@{version}");
    let status = Command::new(tests.join("tools/npm.sh")).arg(&folder).arg(&package).status()?;
    if status.success() {
        Ok(folder)
    } else {
        let advice = "ROUTEWISE_SKIP_NEXT=1 leaves out what needs it";
        Err(format!("{package} could not be fetched from the npm registry ({advice})").into())
    }
}
