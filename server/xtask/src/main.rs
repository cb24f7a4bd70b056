//! Tasks of those who work on Routewise: `cargo xtask --help`.
#![expect(clippy::print_stdout, reason = "a command says what it did")]

mod generate;
mod new_rule;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;

/// Developer tasks of Routewise.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Writes what is made from the rules and tables: parts of the READMEs and the configuration schema.
    Gen {
        /// Changes nothing, and fails where something is out of date.
        #[arg(long)]
        check: bool,
    },
    /// Makes the folder of a new rule, ready to be filled in.
    NewRule {
        /// Family and name, such as `state/module-map`.
        id: String,
    },
    /// Everything a change has to pass: format, lints, tests, generated files.
    Test,
}

fn main() -> Result<()> {
    let root = root()?;
    match Task::parse() {
        Task::Gen { check } => generate::run(&root, check),
        Task::NewRule { id } => new_rule::run(&root, &id),
        Task::Test => {
            cargo(&root, &["fmt", "--all", "--check"])?;
            cargo(&root, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
            cargo(&root, &["test", "--workspace"])?;
            generate::run(&root, true)
        }
    }
}

/// The folder of the workspace.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.ancestors().nth(2).context("xtask lies in server/xtask")?.to_owned())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    println!("cargo {}", arguments.join(" "));
    let status = Command::new("cargo").args(arguments).current_dir(root).status().context("cargo starts")?;
    ensure!(status.success(), "`cargo {}` failed", arguments.join(" "));
    Ok(())
}
