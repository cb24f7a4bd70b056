//! Tools, projects and findings that the tests of all editors share.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use routewise_tests::binary::routewise;
use routewise_tests::workspace::TestProject;
use serde::Deserialize;
use serde_json::Value;

/// The file that each session opens, finds something in, mends and saves.
pub(crate) const REPORT: &str = "app/api/report/route.ts";

/// What stands in it afterwards.
pub(crate) const MENDED: &str = "import { prisma } from '@/lib/prisma'\nimport { totals } from '@/lib/totals'\n\nexport async function GET() {\n  const orders = await prisma.order.findMany({ take: 50 })\n  return Response.json(totals(orders))\n}\n";

/// How long a session in an editor may take: many times what it does on a slow machine. One that hangs is to fail, and
/// to show how far it came.
const PATIENCE: Duration = Duration::from_mins(10);

/// The files of the example that have findings.
pub(crate) const FILES: [&str; 3] = [REPORT, "app/api/users/route.ts", "lib/orders.ts"];

/// A file that asks for a URL of the project; from there each session goes to the handler.
pub(crate) const CALLER: (&str, &str) = (
    "components/download.tsx",
    "'use client'\n\nexport function Download() {\n  const load = () => fetch('/api/export')\n  return <button onClick={load}>Every order</button>\n}\n",
);

/// A finding as an editor shows it. Lines and characters count from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) line: u64,
    pub(crate) character: u64,
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Whether the user of this machine wants no editors started, or there are none for it.
pub(crate) fn skipped() -> bool {
    let skipped = std::env::var_os("ROUTEWISE_SKIP_EDITORS").is_some_and(|set| set == "1");
    if skipped {
        println!("skipped: ROUTEWISE_SKIP_EDITORS=1 is set");
    }
    skipped
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lie in the repository").to_owned()
}

/// A file of `tests/editors`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("editors").join(name)
}

/// A program that `tests/tools/editors.sh` or `vscode.sh` unpacked below `tests/.tools`, else one on the path.
pub(crate) fn tool(unpacked: &str, installed: &str) -> PathBuf {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools").join(unpacked);
    let runs = |program: &PathBuf| {
        let version = if installed == "tmux" { "-V" } else { "--version" };
        let status = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    [unpacked, PathBuf::from(installed)].into_iter().find(runs).unwrap_or_else(|| {
        panic!(
            "there is no {installed} to test with: `cargo xtask test` fetches it once on Debian; \
             ROUTEWISE_SKIP_EDITORS=1 goes without"
        )
    })
}

/// A copy of the example project, with a page that asks for one of its URLs.
pub(crate) fn example() -> TestProject {
    let project = TestProject::new(&[]);
    copy(&repository().join("tests/fixtures/example"), project.root());
    project.write(CALLER.0, CALLER.1);
    project
}

/// Copies what is in a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A command in an empty home, with `routewise` on the path.
pub(crate) fn at_home(program: &Path, home: &TestProject) -> Command {
    let mut command = Command::new(program);
    for (name, folder) in [
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ] {
        let path = home.path(folder);
        std::fs::create_dir_all(&path).unwrap();
        command.env(name, path);
    }
    let server = routewise().parent().expect("a program lies in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(server.to_owned()).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders).expect("the path can be written"));
    command.env("ROUTEWISE_FILES", FILES.join("\n")).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Runs it; a failure shows what it printed, and so does one that takes too long.
pub(crate) fn succeed(command: &mut Command) -> String {
    // Files: a pipe stays open while any program lives that the command started, and is waited for.
    let [mut out, mut err] = [(); 2].map(|()| tempfile::tempfile().unwrap());
    command.stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap()).process_group(0);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let group = rustix::process::Pid::from_child(&child);
    let (say, ended) = mpsc::channel();
    thread::spawn(move || say.send(child.wait()));
    let status = ended.recv_timeout(PATIENCE);
    if status.is_err() {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let (out, err) = (written(&mut out), written(&mut err));
    let Ok(status) = status else {
        panic!("{command:?} had not ended after {PATIENCE:?}\n{out}\n{err}");
    };
    let status = status.unwrap();
    assert!(status.success(), "{command:?} ended with {status}\n{out}\n{err}");
    out
}

/// What programs have written into a file.
fn written(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What `routewise check` finds in the project.
pub(crate) fn checked(project: &TestProject) -> Vec<Seen> {
    let output =
        Command::new(routewise()).args(["check", "--format", "json"]).current_dir(project.root()).output();
    let answer: Value = serde_json::from_slice(&output.expect("routewise runs").stdout).unwrap();
    let findings = answer["findings"].as_array().expect("a list of findings");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut seen: Vec<Seen> = findings
        .iter()
        .map(|finding| Seen {
            path: text(&finding["path"]),
            line: finding["range"]["start"]["line"].as_u64().expect("a line") - 1,
            character: finding["range"]["start"]["column"].as_u64().expect("a column") - 1,
            severity: text(&finding["severity"]),
            code: text(&finding["rule"]),
            message: text(&finding["message"]),
        })
        .collect();
    seen.sort();
    seen
}

/// The findings that an editor wrote down.
pub(crate) fn shown(file: &Path) -> Vec<Seen> {
    let text = std::fs::read_to_string(file).expect("the editor has written what it shows");
    let mut seen: Vec<Seen> = serde_json::from_str(&text).unwrap();
    seen.sort();
    seen
}
