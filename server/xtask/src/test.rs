//! `cargo xtask test`: everything that must hold before a change goes in, with its own set-up.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::generate;

/// The npm packages that tests run, each at the one version the tests were written against.
const PACKAGES: [&str; 1] = ["typescript@5.9.3"];

/// Fetches what the tests need into `tests/.tools`, then formats, lints, tests, and compares what is
/// generated with what is committed.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tools = root.join("tests/.tools");
    std::fs::create_dir_all(&tools)?;
    packages(root, &tools)?;
    editors(root, &tools)?;
    cargo(root, &["fmt", "--all", "--check"])?;
    cargo(root, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    cargo(root, &["test", "--workspace"])?;
    println!("\n# cargo xtask gen --check");
    generate::run(root, true)
}

/// TypeScript, which says whether a mended file still type-checks.
fn packages(root: &Path, tools: &Path) -> Result<()> {
    if Command::new("npm").arg("--version").output().is_err() {
        skipped("the tests that run TypeScript", "npm is not installed");
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"])
        .arg("--prefix")
        .arg(tools)
        .args(PACKAGES);
    crate::run(root, npm)
}

/// Neovim and Helix, driven by the tests of `editors/`.
fn editors(root: &Path, tools: &Path) -> Result<()> {
    let debian = std::fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"));
    if !debian || std::env::consts::ARCH != "x86_64" {
        skipped("the tests that run Neovim and Helix", "this is not Debian on amd64");
        return Ok(());
    }
    let mut script = Command::new("bash");
    script.arg(root.join("tests/tools/editors.sh")).arg(tools.join("editors"));
    crate::run(root, script)
}

/// Says in a way that is hard to overlook that something is not tested here.
fn skipped(what: &str, why: &str) {
    let line = format!("!! SKIPPED: {what}, because {why}");
    let bar = "!".repeat(line.len());
    println!("\n{bar}\n{line}\n{bar}\n");
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(arguments);
    crate::run(root, cargo)
}
