//! Tasks of those who work on Routewise: `cargo xtask --help`.
#![expect(clippy::print_stdout, reason = "a command says what it did")]

mod bench;
mod demo;
mod new_rule;
mod package;
mod test;

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
    /// Fetches what the tests need, then everything a change has to pass: format, lints, tests, generated
    /// files.
    Test,
    /// Asks the real Next.js about the cases and apps in tests/oracle, and writes down what it says.
    Oracle {
        /// Only this version; can be given several times.
        #[arg(long)]
        next: Vec<String>,
        /// Only this case; can be given several times.
        #[arg(long)]
        case: Vec<String>,
        /// Only the manifests of this app; can be given several times.
        #[arg(long)]
        app: Vec<String>,
        /// Only what is not recorded yet.
        #[arg(long)]
        missing: bool,
    },
    /// Measures keystrokes and whole checks, beside a floor and beside others, and writes PERFORMANCE.md.
    Bench {
        /// Real projects to check whole.
        projects: Vec<PathBuf>,
        /// How often each program has its turn.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
    },
    /// Shows what Routewise does, on a copy of the example project.
    Demo,
    /// Packages the crates, and installs the program from the packages.
    Package,
}

fn main() -> Result<()> {
    let root = root()?;
    match Task::parse() {
        Task::Gen { check } => generate(&root, check),
        Task::NewRule { id } => new_rule::run(&root, &id),
        Task::Test => test::run(&root),
        Task::Bench { projects, rounds } => bench::run(&root, &projects, rounds),
        Task::Oracle { next, case, app, missing } => oracle(&root, &next, &case, &app, missing),
        Task::Demo => demo::run(&root),
        Task::Package => package::run(&root),
    }
}

/// Runs the test that knows what is generated.
fn generate(root: &Path, check: bool) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--workspace", "--test", "generated", "--", "--nocapture"]);
    if !check {
        cargo.env("ROUTEWISE_WRITE_GENERATED", "1");
    }
    run(root, cargo)
}

/// Runs the program of the tests that knows the cases.
fn oracle(root: &Path, next: &[String], case: &[String], app: &[String], missing: bool) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "--package", "routewise-tests", "--bin", "next-oracle", "--"]);
    cargo.args(next.iter().flat_map(|version| ["--next", version]));
    cargo.args(case.iter().flat_map(|name| ["--case", name]));
    cargo.args(app.iter().flat_map(|name| ["--app", name]));
    cargo.args(missing.then_some("--missing"));
    run(root, cargo)
}

/// The folder of the workspace.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.ancestors().nth(2).context("xtask lies in server/xtask")?.to_owned())
}

/// Runs a command in `root` after saying which.
fn run(root: &Path, mut command: Command) -> Result<()> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let shown = words.map(std::ffi::OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
    println!("\n# {shown}");
    let status =
        command.current_dir(root).status().with_context(|| format!("{shown} could not be started"))?;
    ensure!(status.success(), "{shown} failed");
    Ok(())
}
