//! Workspaces on the disk whose routes move: installed, built, started and asked.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use routewise_tests::binary::routewise;
use routewise_tests::oracle::process::{Next, Process};
use serde_json::Value;
use tempfile::TempDir;

/// How long a build or a program's start may take on a slow machine that does other things too.
const PATIENCE: Duration = Duration::from_mins(10);

/// A workspace on the disk, below the packages that it needs.
pub(crate) struct Shop {
    pub(crate) tools: PathBuf,
    folder: TempDir,
    /// Where its WebSocket server listens before it moves.
    pub(crate) chat: u16,
}

impl Shop {
    pub(crate) fn new(fixture: &str) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        // Each has packages of its own.
        let tools = tests.join(".tools/move").join(fixture);
        fs::create_dir_all(&tools).expect("a folder");
        let tools = tools.canonicalize().expect("it exists");
        let folder = tempfile::Builder::new().prefix("app-").tempdir_in(&tools).expect("a folder");
        copy(&tests.join("fixtures/move").join(fixture), folder.path());
        Self { tools, folder, chat: free_port() }
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    /// Moves a route, and gives what was said.
    pub(crate) fn moves(&self, route: &str, to: &str) {
        let output = Command::new(routewise())
            .args(["move", route, "--to", to, "--write"])
            .current_dir(self.folder.path())
            .output()
            .expect("routewise runs");
        assert!(output.status.success(), "{route}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// What is said of a route that cannot move, after others did.
    pub(crate) fn refused(&self, route: &str, to: &str, before: &[&str]) -> String {
        for other in before {
            self.moves(other, to);
        }
        let mut command = Command::new(routewise());
        command.args(["move", route, "--to", to, "--write"]).current_dir(self.folder.path());
        let output = command.output().expect("routewise runs");
        assert!(!output.status.success(), "{route} moves");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Installs what these packages say they need.
    pub(crate) fn install(&self, packages: &[&str]) {
        let mut wanted = BTreeMap::new();
        for package in packages {
            let text = fs::read_to_string(self.path(package).join("package.json")).expect("a package.json");
            let manifest: Value = serde_json::from_str(&text).expect("JSON");
            for kind in ["dependencies", "devDependencies"] {
                for (name, version) in manifest[kind].as_object().into_iter().flatten() {
                    let version = version.as_str().expect("a version").to_owned();
                    let other = wanted.insert(name.clone(), version.clone());
                    assert!(other.is_none_or(|other| other == version), "{name} is wanted in one version");
                }
            }
        }
        let wanted = wanted.iter().map(|(name, version)| format!("{name}@{version}"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/npm.sh");
        let installed = Command::new(script).arg(&self.tools).args(wanted).status().expect("bash runs");
        assert!(
            installed.success(),
            "npm could not install (ROUTEWISE_SKIP_NEXT=1 leaves out what needs it)"
        );
    }

    /// A program of an installed package, run in a folder.
    fn node(&self, script: &str, folder: &str) -> Command {
        let mut node = Command::new("node");
        node.arg(self.tools.join("node_modules").join(script)).current_dir(self.path(folder));
        node.env("NEXT_TELEMETRY_DISABLED", "1").env("NEXT_IGNORE_INCORRECT_LOCKFILE", "1").env("CI", "1");
        node.env("NO_COLOR", "1").env_remove("NODE_ENV").env_remove("PORT").env("SHOP_NAME", "Ada's");
        node.env("PACKAGES", &self.tools);
        node
    }

    pub(crate) fn build(&self, app: &str) {
        let mut next = self.node("next/dist/bin/next", app);
        next.arg("build");
        succeeds(next);
    }

    pub(crate) fn check_types(&self, folder: &str) {
        let mut tsc = self.node("typescript/bin/tsc", folder);
        tsc.args(["--noEmit", "--pretty", "false"]);
        succeeds(tsc);
    }

    /// Starts the built app, with the service where there is one.
    pub(crate) fn start(&self, app: &str, service: Option<u16>) -> (Process, u16) {
        let port = free_port();
        let mut next = self.node("next/dist/bin/next", app);
        next.args(["start", "--hostname", "127.0.0.1"]).env("PORT", port.to_string());
        next.env("CHAT_PORT", self.chat.to_string());
        if let Some(service) = service {
            next.env("API_SERVICE_URL", format!("http://127.0.0.1:{service}"));
        }
        (started(next, "Ready"), port)
    }

    pub(crate) fn start_service(&self, service: &str) -> (Process, u16) {
        let port = free_port();
        let mut tsx = self.node("tsx/dist/cli.mjs", service);
        tsx.arg("src/server.ts").env("PORT", port.to_string());
        (started(tsx, "listens on port"), port)
    }

    /// Every file with its text, but for what builds leave.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut out = BTreeMap::new();
        let mut open = vec![self.folder.path().to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
                if matches!(name, ".next" | "next-env.d.ts" | "tsconfig.tsbuildinfo") {
                    continue;
                }
                if path.is_dir() {
                    open.push(path);
                } else {
                    let inside = path.strip_prefix(self.folder.path()).expect("inside");
                    out.insert(inside.to_string_lossy().into_owned(), fs::read(&path).expect("a file"));
                }
            }
        }
        out
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let into = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &into);
        } else {
            fs::copy(&path, into).expect("a copy");
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("a port").port()
}

fn succeeds(command: Command) {
    let said = format!("{command:?}");
    let (good, lines) = Process::start(command).and_then(|it| it.finish(PATIENCE)).expect("it ends");
    assert!(good, "{said}\n{}", lines.join("\n"));
}

/// The program, once it has said that it is ready.
fn started(command: Command, ready: &str) -> Process {
    let process = Process::start(command).expect("it starts");
    let deadline = Instant::now() + PATIENCE;
    let mut printed = Vec::new();
    loop {
        match process.line(deadline) {
            Next::Line(line) if line.text.contains(ready) => return process,
            Next::Line(line) => printed.push(line.text),
            Next::Ended | Next::Late => panic!("it does not start:\n{}", printed.join("\n")),
        }
    }
}

/// Headers that belong to a connection or a moment, and those that the service adds: what helmet and the limit of
/// requests say.
fn is_beside(name: &str) -> bool {
    const BESIDE: &[&str] = &[
        "access-control-allow-credentials",
        "access-control-allow-methods",
        "connection",
        "content-length",
        "date",
        // Each framework has its own way to sum up a text.
        "etag",
        "keep-alive",
        "origin-agent-cluster",
        "ratelimit",
        "ratelimit-policy",
        "referrer-policy",
        "transfer-encoding",
        "vary",
        "x-content-type-options",
        "x-dns-prefetch-control",
        "x-download-options",
        "x-permitted-cross-domain-policies",
        "x-xss-protection",
    ];
    BESIDE.contains(&name)
}

/// An answer without what may differ.
pub(crate) fn comparable(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(headers) = answer.get_mut("headers").and_then(Value::as_array_mut) {
        headers.retain(|pair| !is_beside(pair[0].as_str().expect("a name")));
        headers.sort_by_key(Value::to_string);
    }
    answer
}

pub(crate) fn skipped() -> bool {
    let skipped = std::env::var_os("ROUTEWISE_SKIP_NEXT").is_some_and(|value| value != "0");
    if skipped {
        println!("!! SKIPPED, by ROUTEWISE_SKIP_NEXT: routes that move");
    }
    skipped
}

/// What a program that asks has printed.
pub(crate) fn parsed(node: Command) -> BTreeMap<String, Value> {
    let (good, lines) = Process::start(node).and_then(|it| it.finish(PATIENCE)).expect("it ends");
    assert!(good, "{}", lines.join("\n"));
    serde_json::from_str(lines.last().expect("an answer")).expect("JSON")
}
