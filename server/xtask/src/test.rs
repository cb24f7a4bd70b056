//! `cargo xtask test`: everything that must hold before a change goes in, with its own set-up.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Fetches the editors to test in, and Node.js where there is none; then formats, lints and tests. The npm packages
/// that tests need they fetch themselves, once, into `tests/.tools`.
pub(crate) fn run(root: &Path) -> Result<()> {
    let has_packages = is_debian();
    let path = path(root, has_packages)?;
    if !has_packages {
        skipped();
    }
    // Editors come from far away; the lints keep the processors busy meanwhile.
    std::thread::scope(|scope| {
        let editors = scope.spawn(|| if has_packages { fetch(root, &path) } else { Ok(()) });
        let linted = lint(root);
        editors.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(linted)
    })?;
    let tests = |arguments: &[&str]| {
        let mut tests = cargo(&["test", "--workspace"]);
        tests.args(arguments).env("PATH", &path);
        if !has_packages {
            tests.env("ROUTEWISE_SKIP_EDITORS", "1");
        }
        tests
    };
    if std::env::var_os(SOAK).is_some() {
        crate::run(root, tests(&["--no-run"]))?;
        // Most tests wait for something else than a processor; a long session fills the gaps.
        std::thread::scope(|scope| {
            let session = scope.spawn(|| crate::run(root, tests(&["--test", "soak"])));
            let mut others = tests(&[]);
            others.env_remove(SOAK);
            let others = crate::run(root, others);
            others.and(session.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
    } else {
        crate::run(root, tests(&[]))?;
    }
    if !has_packages {
        skipped();
    }
    Ok(())
}

/// For how many minutes the developer of `tests/tests/soak` stays. Where this is set, that session runs beside the other
/// tests, which have the short one as well.
const SOAK: &str = "ROUTEWISE_SOAK_MINUTES";

/// Fetches the editors to test in.
fn fetch(root: &Path, path: &OsStr) -> Result<()> {
    let run = |mut script: Command| {
        script.env("PATH", path);
        crate::run(root, script)
    };
    for (name, folder, more) in EDITORS {
        run(tool(root, name, folder, more))?;
    }
    // Counts the instructions of a keystroke; the system's own will do.
    if Command::new("valgrind").arg("--version").output().is_err() {
        run(tool(root, "editors.sh", "valgrind", &["valgrind"]))?;
    }
    Ok(())
}

fn lint(root: &Path) -> Result<()> {
    crate::run(root, cargo(&["fmt", "--all", "--check"]))?;
    crate::run(root, cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// The path to find programs on: the one there is, where it leads to an npm, otherwise with one in front that is
/// fetched.
fn path(root: &Path, fetches: bool) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let npm = Command::new("npm").arg("--version").output();
    if npm.is_ok_and(|npm| npm.status.success()) {
        return Ok(path);
    }
    ensure!(
        fetches,
        "the tests ask the TypeScript compiler, Next.js and Express themselves, and need Node.js 20 or newer with npm \
         on the PATH; only on Debian on amd64 it is fetched"
    );
    crate::run(root, tool(root, "node.sh", "node", &[]))?;
    let own = root.join("tests/.tools/node/bin");
    std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))
        .context("PATH can be added to")
}

/// What the tests in real editors need: a script, a folder of `tests/.tools`, and what else the script takes.
const EDITORS: [(&str, &str, &[&str]); 4] = [
    ("editors.sh", "editors", &[]),
    ("editors.sh", "emacs", &["emacs-nox"]),
    ("editors.sh", "chromium", &["chromium", "fonts-dejavu-core"]),
    ("vscode.sh", "vscode", &[]),
];

/// The script that puts something into a folder of `tests/.tools`.
fn tool(root: &Path, name: &str, folder: &str, more: &[&str]) -> Command {
    let mut script = Command::new("bash");
    script.arg(root.join("tests/tools").join(name)).arg(root.join("tests/.tools").join(folder)).args(more);
    script
}

/// Whether programs can be fetched for this machine.
fn is_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && std::env::consts::ARCH == "x86_64"
}

/// Says, in a way that is hard to overlook, what is not tested here.
fn skipped() {
    let line = "!! SKIPPED: the tests in real editors, which can be fetched on Debian on amd64 only; without valgrind, its as well.";
    let bar = "!".repeat(line.len());
    println!("\n{bar}\n{line}\n{bar}\n");
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments);
    cargo
}
