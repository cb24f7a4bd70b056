//! Express itself as the judge: small applications are loaded on the real Express 4 and 5, their running
//! routers are read, and `routewise routes` has to tell of the same routes with the same middleware.
//!
//! `tests/oracle/express/probe.cjs` reads the routers. An application is a folder beside it; `"only"` in its
//! `package.json` names the one version of Express that takes its paths. Needs Node.js and npm;
//! `ROUTEWISE_SKIP_EXPRESS=1` leaves all of it out.
#![expect(clippy::print_stdout, reason = "a test that was left out says so")]

mod generated;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use routewise_tests::binary::routewise;
use serde_json::Value;

/// Versions of Express, and the compiler that the applications in TypeScript are loaded with.
const EXPRESS: [(&str, &str); 2] = [("4", "express@4.22.3"), ("5", "express@5.3.0")];
const TYPESCRIPT: &str = "typescript@5.9.3";

/// A route as both sides tell of it: method, URL, middleware, error handler.
type Told = (String, String, Vec<String>, Option<String>);

#[test]
fn routes_and_middleware_are_what_express_4_runs() {
    compare(&EXPRESS[0]);
}

#[test]
fn routes_and_middleware_are_what_express_5_runs() {
    compare(&EXPRESS[1]);
}

fn compare((version, package): &(&str, &str)) {
    if is_skipped(&format!("the routes of Express {version}")) {
        return;
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = tests.join(".tools").join(format!("express-{version}"));
    let installed = Command::new(tests.join("tools/npm.sh"))
        .arg(&tools)
        .args([package, TYPESCRIPT])
        .status()
        .expect("bash runs");
    assert!(
        installed.success(),
        "tests/tools/npm.sh could not install {package} (ROUTEWISE_SKIP_EXPRESS=1 leaves out what needs it)"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let cases = copy(&tests.join("oracle/express"), folder.path(), version);
    assert!(cases.len() > 12, "the applications are found: {}", cases.len());
    std::os::unix::fs::symlink(tools.join("node_modules"), folder.path().join("node_modules"))
        .expect("a link");
    let running = running(&tests.join("oracle/express/probe.cjs"), &cases);
    let read = read(folder.path());
    let mut wrong = Vec::new();
    for case in &cases {
        let name = case.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let (runs, says) = (&running[&name], read.get(&name).cloned().unwrap_or_default());
        assert!(!runs.is_empty(), "{name} has routes");
        for route in runs.iter().filter(|route| !says.contains(route)) {
            wrong.push(format!("Express {version}, {name}: runs and is not told of: {route:?}"));
        }
        for route in says.iter().filter(|route| !runs.contains(route)) {
            wrong.push(format!("Express {version}, {name}: is told of and does not run: {route:?}"));
        }
        if runs.len() != says.len() {
            wrong.push(format!("Express {version}, {name}: {} run, {} are told of", runs.len(), says.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a test is left out, which it says.
fn is_skipped(what: &str) -> bool {
    let skipped = std::env::var_os("ROUTEWISE_SKIP_EXPRESS").is_some_and(|value| value != "0");
    if skipped {
        println!("!! SKIPPED, by ROUTEWISE_SKIP_EXPRESS: {what}");
    }
    skipped
}

/// Copies the applications for a version, and gives their folders.
fn copy(from: &Path, to: &Path, version: &str) -> Vec<PathBuf> {
    let mut cases = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(from)
        .expect("the applications")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for case in entries.into_iter().filter(|entry| entry.is_dir()) {
        let manifest = std::fs::read_to_string(case.join("package.json")).expect("a package.json");
        let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
        if manifest["only"].as_str().is_none_or(|only| only == version) {
            let into = to.join(case.file_name().expect("a name"));
            copy_folder(&case, &into);
            cases.push(into);
        }
    }
    cases
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry").path();
        let into = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy_folder(&entry, &into);
        } else {
            std::fs::copy(&entry, into).expect("a copy");
        }
    }
}

/// What the routers of the running applications hold.
fn running(probe: &Path, cases: &[PathBuf]) -> BTreeMap<String, Vec<Told>> {
    let output =
        Command::new("node").arg(probe).args(cases).stderr(Stdio::inherit()).output().expect("node runs");
    assert!(output.status.success(), "the probe failed");
    let out: Value = serde_json::from_slice(&output.stdout).expect("the probe prints JSON");
    let apps = out["routes"].as_object().expect("routes by application");
    apps.iter()
        .map(|(name, routes)| {
            let routes = routes.as_array().unwrap_or_else(|| panic!("{name} does not load: {routes}"));
            (name.clone(), routes.iter().map(|route| told(route, &route["method"])).collect())
        })
        .collect()
}

/// What `routewise routes` says, by application.
fn read(folder: &Path) -> BTreeMap<String, Vec<Told>> {
    let output = Command::new(routewise())
        .args(["routes", "--format", "json"])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .expect("routewise runs");
    assert!(output.status.success(), "routewise routes failed");
    let out: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(out["schemaVersion"], 1);
    let mut found: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for route in out["routes"].as_array().expect("routes") {
        assert_eq!(route["framework"], "express");
        assert_eq!(route["middlewareKnown"], true, "the order is proven: {route}");
        let package = route["package"].as_str().expect("a package").to_owned();
        found.entry(package).or_default().push(told(route, &route["methods"][0]));
    }
    found
}

fn told(route: &Value, method: &Value) -> Told {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let middleware = route["middleware"].as_array().expect("a list");
    (
        text(method).expect("a method"),
        text(&route["url"]).expect("a URL"),
        middleware.iter().filter_map(text).map(|name| last(&name)).collect(),
        text(&route["errorHandler"]).map(|name| last(&name)),
    )
}

/// `guards.first` is called `first` by the running program; what Express itself brings keeps its name.
fn last(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((module, last)) if module != "express" => last.to_owned(),
        _ => name.to_owned(),
    }
}
