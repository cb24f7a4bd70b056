//! `cargo xtask package`: the crates as they would be published, and whether the program can be installed from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The crates that the program is made of, each after those it needs.
const CRATES: [&str; 5] =
    ["routewise-queries", "routewise-analysis", "routewise-workspace", "routewise-lsp", "routewise"];

/// Packages the crates, unpacks them beside each other, installs the program from there, and has it look at the example
/// project: with that all rules and tables are seen to be inside.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut package = cargo(root);
    package.args(["package", "--quiet", "--allow-dirty", "--no-verify"]);
    package.args(CRATES.iter().flat_map(|name| ["--package", name]));
    crate::run(root, package)?;

    let folder = tempfile::tempdir()?;
    let at = folder.path();
    let version = version(root)?;
    for name in CRATES {
        let mut unpack = Command::new("tar");
        unpack.arg("-xzf").arg(packaged(root, name, &version)).arg("-C").arg(at);
        crate::run(root, unpack)?;
    }
    fs::write(at.join("Cargo.toml"), workspace(root, &version)?)?;
    fs::copy(root.join("Cargo.lock"), at.join("Cargo.lock"))?;
    // The lockfile of the repository without what only its tests need.
    let mut lock = cargo(at);
    lock.args(["metadata", "--quiet", "--format-version", "1"]).stdout(std::process::Stdio::null());
    crate::run(at, lock)?;
    let mut install = cargo(at);
    install.args(["install", "--quiet", "--locked", "--debug", "--path"]).arg(format!("routewise-{version}"));
    // What was built here before is taken over.
    install.arg("--root").arg(at.join("installed")).arg("--target-dir").arg(target(root));
    crate::run(at, install)?;

    let program = at.join("installed/bin").join(format!("routewise{}", std::env::consts::EXE_SUFFIX));
    let example = root.join("tests/fixtures/example");
    let check = Command::new(&program).args(["check", "--format", "json"]).current_dir(example).output()?;
    let found: serde_json::Value = serde_json::from_slice(&check.stdout).with_context(|| {
        format!("the installed program printed {}", String::from_utf8_lossy(&check.stderr))
    })?;
    let count = found["findings"].as_array().map_or(0, Vec::len);
    ensure!(count == 3, "the installed program finds {count} things in the example project, not 3");
    println!("installed from the packaged crates, {} finds what it should", program.display());
    Ok(())
}

/// A workspace around the unpacked crates, built as this one is.
fn workspace(root: &Path, version: &str) -> Result<String> {
    use std::fmt::Write as _;
    let text = fs::read_to_string(root.join("Cargo.toml"))?;
    let profiles = text.find("[profile.").map_or("", |at| &text[at..]);
    let members: Vec<String> = CRATES.iter().map(|name| format!("{name}-{version}")).collect();
    let mut manifest = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n[patch.crates-io]\n");
    for (name, member) in CRATES.iter().zip(&members).filter(|(name, _)| **name != "routewise") {
        writeln!(manifest, "{name} = {{ path = \"{member}\" }}")?;
    }
    writeln!(manifest, "\n{profiles}")?;
    Ok(manifest)
}

/// The version that all crates share.
fn version(root: &Path) -> Result<String> {
    let text = fs::read_to_string(root.join("Cargo.toml"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("version = \""));
    let version = line.and_then(|rest| rest.strip_suffix('"')).context("the workspace has a version")?;
    Ok(version.to_owned())
}

fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

fn packaged(root: &Path, name: &str, version: &str) -> PathBuf {
    target(root).join("package").join(format!("{name}-{version}.crate"))
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(folder);
    cargo
}
