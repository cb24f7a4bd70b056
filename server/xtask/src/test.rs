//! `cargo xtask test`: everything that must hold before a change goes in, with its own set-up.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::generate;

/// Fetches the editors to test in, then formats, lints, tests, and compares what is generated with what is
/// committed. The npm packages that tests need they fetch themselves, once, into `tests/.tools`.
pub(crate) fn run(root: &Path) -> Result<()> {
    let npm = Command::new("npm").arg("--version").output();
    ensure!(
        npm.is_ok_and(|npm| npm.status.success()),
        "the tests ask the TypeScript compiler, Next.js and Express themselves, and need Node.js 20 or newer with npm \
         on the PATH (on Debian: apt-get install nodejs npm)"
    );
    let editors = editors(root)?;
    crate::run(root, cargo(&["fmt", "--all", "--check"]))?;
    crate::run(root, cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    let mut tests = cargo(&["test", "--workspace"]);
    if !editors {
        tests.env("ROUTEWISE_SKIP_EDITORS", "1");
    }
    crate::run(root, tests)?;
    println!("\n# cargo xtask gen --check");
    generate::run(root, true)?;
    if !editors {
        skipped();
    }
    Ok(())
}

/// What the tests in real editors need: a script, a folder of `tests/.tools`, and what else the script takes.
const EDITORS: [(&str, &str, &[&str]); 4] = [
    ("editors.sh", "editors", &[]),
    ("editors.sh", "emacs", &["emacs-nox"]),
    ("editors.sh", "chromium", &["chromium", "fonts-dejavu-core"]),
    ("vscode.sh", "vscode", &[]),
];

/// Makes sure that the editors are there; false where they cannot be fetched.
fn editors(root: &Path) -> Result<bool> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if !(release.lines().any(|line| line == "ID=debian") && std::env::consts::ARCH == "x86_64") {
        skipped();
        return Ok(false);
    }
    for (name, folder, more) in EDITORS {
        let mut script = Command::new("bash");
        script
            .arg(root.join("tests/tools").join(name))
            .arg(root.join("tests/.tools").join(folder))
            .args(more);
        crate::run(root, script)?;
    }
    Ok(true)
}

/// Says, in a way that is hard to overlook, what is not tested here.
fn skipped() {
    let line = "!! SKIPPED: the tests in real editors, which can be fetched on Debian on amd64 only.";
    let bar = "!".repeat(line.len());
    println!("\n{bar}\n{line}\n{bar}\n");
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments);
    cargo
}
