//! Express is the judge of what the rules about its handlers and paths say: small apps run on Express 4 and 5, what
//! they answer is what `trap.toml` says, Routewise finds in them what it says, and after the preferred fixes they
//! give the good answers.
//!
//! One folder of `fixtures/express-traps` is one trap.

mod split;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;

use routewise_analysis::fix;
use routewise_analysis::rules::Catalogue;
use routewise_tests::check::Checked;
use routewise_tests::workspace::TestProject;
use serde::{Deserialize, Serialize};

/// What runs, with the folder of `.tools` that it is installed in together with [`BESIDE`].
const VERSIONS: [(&str, &str); 2] =
    [("express-traps-4", "express@4.22.3"), ("express-traps-5", "express@5.3.0")];

/// Middleware that the apps and their fixes use.
const BESIDE: &[&str] = &[
    "body-parser@2.4.0",
    "cookie-parser@1.4.7",
    "cors@2.8.6",
    "express-rate-limit@8.7.5",
    "express-session@1.19.0",
    "helmet@8.3.0",
    "jsonwebtoken@9.0.3",
];

/// What some fixes bring into an app, apart from the rest. A client of a database is none of it: `modules` of a trap
/// holds what stands in its place.
const STORES: &[&str] = &["connect-redis@10.0.0", "rate-limit-redis@6.0.1", "ws@8.23.0", "zod@4.6.7"];

/// One trap, as its folder tells it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Trap {
    /// `GET /users`, in order.
    requests: Vec<String>,
    /// The host, where what is said depends on it.
    target: Option<String>,
    /// What `package.json` names besides Express.
    #[serde(default)]
    packages: Vec<String>,
    /// How further rules begin that it is about, such as `data/`.
    #[serde(default)]
    also: Vec<String>,
    /// Where packages stand that are made for it: its `modules`.
    #[serde(skip)]
    modules: Option<PathBuf>,
    /// How the title of the fix begins that is carried out, where it is not the preferred one.
    fix: Option<String>,
    express_4: Outcome,
    express_5: Outcome,
}

/// What comes of a trap in one version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    /// Line and rule of each finding.
    #[serde(default)]
    findings: Vec<String>,
    /// What the app throws when it is loaded.
    #[serde(default)]
    boot: String,
    /// What it answers.
    #[serde(default)]
    answers: Vec<String>,
    /// What it answers after the fixes, where they mend it.
    fixed: Option<Vec<String>>,
}

/// What the runner is given.
#[derive(Serialize)]
struct Case<'t> {
    name: String,
    app: PathBuf,
    requests: &'t [String],
}

/// What the runner saw.
#[derive(Deserialize)]
struct Seen {
    boot: String,
    answers: Vec<String>,
}

#[test]
fn express_does_what_the_rules_say_and_routewise_finds_it() {
    let traps = traps();
    assert!(traps.len() > 10, "the traps are found");
    let mut problems = Vec::new();
    let stores = installed("express-stores", STORES);
    for (version, package) in VERSIONS {
        let modules = installed(version, &[&[package], BESIDE].concat());
        let modules = [modules, stores.clone()];
        let mut projects = Vec::new();
        for (name, app, trap) in &traps {
            let wanted = if version == "express-traps-4" { &trap.express_4 } else { &trap.express_5 };
            let mut claim = Claim { name: format!("{version} {name}"), problems: &mut problems };
            let before = project(app, trap, &modules);
            let (findings, after) = checked(&before, trap);
            claim.check("findings", &findings, &wanted.findings);
            let after = after.map(|text| project(&text, trap, &modules));
            projects.push((name, trap, wanted, before, after));
        }
        let cases: Vec<Case<'_>> = projects
            .iter()
            .flat_map(|(name, trap, wanted, before, after)| {
                let case = |kind: &str, it: &TestProject| Case {
                    name: format!("{name} {kind}"),
                    app: it.path("app.js"),
                    requests: &trap.requests,
                };
                let after = after.as_ref().filter(|_| wanted.fixed.is_some());
                [Some(case("as written", before)), after.map(|it| case("fixed", it))].into_iter().flatten()
            })
            .collect();
        let seen = run(&cases);
        for (name, _, wanted, _, _) in &projects {
            let mut claim = Claim { name: format!("{version} {name}"), problems: &mut problems };
            let written = &seen[&format!("{name} as written")];
            claim.check("what it throws at start", &written.boot, &wanted.boot);
            claim.check("answers", &written.answers, &wanted.answers);
            if let Some(wanted) = &wanted.fixed {
                let fixed = seen.get(&format!("{name} fixed"));
                claim.check("answers after the fixes", &fixed.map(|it| &it.answers), &Some(wanted));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is said of one trap in one version, and what of it does not hold.
struct Claim<'p> {
    name: String,
    problems: &'p mut Vec<String>,
}

impl Claim<'_> {
    fn check<T: PartialEq + Debug>(&mut self, what: &str, is: &T, wanted: &T) {
        if is != wanted {
            self.problems.push(format!("{}: {what}\n  are    {is:?}\n  wanted {wanted:?}", self.name));
        }
    }
}

/// Name, app and expectation of every trap.
fn traps() -> Vec<(String, String, Trap)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/express-traps");
    let mut folders: Vec<PathBuf> = folder
        .read_dir()
        .expect("the traps are there")
        .map(|entry| entry.expect("it is read").path())
        .collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let read =
                |name: &str| std::fs::read_to_string(folder.join(name)).expect("a trap has both files");
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut trap: Trap =
                toml::from_str(&read("trap.toml")).unwrap_or_else(|error| panic!("{name}: {error}"));
            trap.modules = Some(folder.join("modules")).filter(|modules| modules.is_dir());
            (name, read("app.js"), trap)
        })
        .collect()
}

/// The `node_modules` with these packages, installed where they are not yet.
fn installed(name: &str, packages: &[&str]) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tests.join(".tools").join(name);
    let done =
        Command::new(tests.join("tools/npm.sh")).arg(&folder).args(packages).status().expect("bash runs");
    assert!(done.success(), "tests/tools/npm.sh could not install {packages:?}");
    folder.join("node_modules")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folders are made");
    for entry in from.read_dir().expect("it is there") {
        let entry = entry.expect("it is read").path();
        let place = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy(&entry, &place);
        } else {
            std::fs::copy(&entry, &place).expect("files are copied");
        }
    }
}

/// Links the packages of several `node_modules`, of which the first wins.
fn link(from: &[PathBuf], to: &Path) {
    std::fs::create_dir_all(to).expect("folders are made");
    for folder in from {
        for entry in folder.read_dir().expect("packages are there") {
            let entry = entry.expect("it is read").path();
            let name = entry.file_name().unwrap_or_default().to_owned();
            let (place, scope) = (to.join(&name), name.to_string_lossy().starts_with('@'));
            if scope {
                link(&[entry], &place);
            } else if !place.exists() {
                std::os::unix::fs::symlink(entry, place).expect("links are made");
            }
        }
    }
}

/// A project of one file, with Express.
fn project(app: &str, trap: &Trap, modules: &[PathBuf]) -> TestProject {
    let mut dependencies = serde_json::json!({ "express": "*" });
    for name in &trap.packages {
        dependencies[name] = "*".into();
    }
    let package = serde_json::json!({ "private": true, "dependencies": dependencies }).to_string();
    let project = TestProject::new(&[("package.json", &package), ("app.js", app)]);
    let installed = project.path("node_modules");
    if let Some(own) = &trap.modules {
        // Copies, which find what they require beside them.
        copy(own, &installed);
    }
    link(modules, &installed);
    project
}

/// The findings of a project's app that are about Express or about safety, and what the app becomes by their fixes.
fn checked(project: &TestProject, trap: &Trap) -> (Vec<String>, Option<String>) {
    let checked = Checked::new(project, &Catalogue::builtin(), trap.target.as_deref());
    let mut all: Vec<_> = checked.project.paths().flat_map(|path| checked.project.findings(path)).collect();
    let ours = |rule: &str| {
        rule.starts_with("express/")
            || rule.starts_with("security/")
            || rule == "handler/webhook-parsed-body"
            || trap.also.iter().any(|start| rule.starts_with(start.as_str()))
    };
    all.retain(|finding| ours(&finding.rule));
    let text = project.read("app.js");
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    let found = all.iter().map(|finding| format!("{} {}", line(finding.span.start), finding.rule)).collect();
    let fixes = match &trap.fix {
        None => checked.preferred(&all),
        Some(title) => {
            let wanted = |finding| {
                checked.project.fixes(finding, &checked).into_iter().find(|fix| fix.title.starts_with(title))
            };
            all.iter().filter_map(wanted).collect()
        }
    };
    let edits = fix::compatible(&fixes);
    (found, checked.edited(&edits).into_values().next())
}

/// What every app answers.
fn run(cases: &[Case<'_>]) -> BTreeMap<String, Seen> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = TestProject::new(&[("cases.json", &serde_json::to_string(cases).expect("it is JSON"))]);
    let output = Command::new("node")
        .arg(tests.join("tools/express-traps.cjs"))
        .arg(list.path("cases.json"))
        .env("NODE_ENV", "test")
        .output()
        .expect("node runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}
