//! `cargo xtask bench`: what keystrokes and whole checks cost, beside a floor and beside others that look at the same
//! files, as `PERFORMANCE.md`. Only ratios of one run mean anything on a machine that does other work.
//!
//! What people have to say of the figures stands in `tests/benches/notes.md` and is put at the end.

mod checks;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The others, with their versions.
const PEERS: [&str; 3] = ["oxlint@1.94.0", "@ast-grep/cli@0.51.1", "@biomejs/biome@2.6.8"];

/// What is said of the figures.
const NOTES: &str = "tests/benches/notes.md";

/// Measures, and writes `PERFORMANCE.md`.
pub(crate) fn run(root: &Path, projects: &[PathBuf], rounds: usize) -> Result<()> {
    ensure!(rounds > 0, "nothing is measured in no rounds");
    let there =
        |path: &PathBuf| path.canonicalize().with_context(|| format!("{} is not there", path.display()));
    let projects: Vec<PathBuf> = projects.iter().map(there).collect::<Result<_>>()?;
    let peers = root.join("tests/.tools/peers");
    let mut install = Command::new("bash");
    install.arg(root.join("tests/tools/npm.sh")).arg(&peers).args(PEERS);
    crate::run(root, install)?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--package", "routewise"]);
    crate::run(root, build)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let own = target.join("release/routewise");

    let mut out = String::from(
        "# What it costs\n\nMade by `cargo xtask bench PROJECT...`; ratios of one run count, not times. \
         [CONTRIBUTING.md](CONTRIBUTING.md) says how to run it.\n",
    );
    let counted = if rounds == 1 { "One round".to_owned() } else { format!("Medians of {rounds} rounds") };
    let _ = writeln!(out, "\n{} {counted}.", machine());
    if !projects.is_empty() {
        out.push_str(&checks::told(root, &own, &peers, &projects, rounds)?);
    }
    let mut bench = benches(root, &own, "protocol");
    bench.env("ROUTEWISE_BENCH_PEERS", &peers).env("ROUTEWISE_BENCH_ROUNDS", (rounds * 2).to_string());
    bench.env("ROUTEWISE_BENCH_PROJECTS", std::env::join_paths(&projects)?);
    let _ = writeln!(out, "\n## The server, beside others\n\n{}", output(bench)?.trim());

    let mut bench = benches(root, &own, "routewise");
    bench.envs(projects.first().map(|project| ("ROUTEWISE_BENCH_APP", project)));
    let told = output(bench)?;
    let table =
        told.find("floor µs").and_then(|at| told[..at].rfind('\n')).map(|at| told[at..].trim_matches('\n'));
    let table = table.context("the benches print a table at their end")?;
    let _ = writeln!(
        out,
        "\n## In process, beside the floor\n\nThe floor of a keystroke is the edit of the text, the incremental parse \
         and one query over what changed; that of a check is reading and parsing all files.\n\n```text\n{table}\n```"
    );
    let notes = std::fs::read_to_string(root.join(NOTES)).with_context(|| format!("reading {NOTES}"))?;
    let _ = writeln!(out, "\n{}", notes.trim());
    std::fs::write(root.join("PERFORMANCE.md"), out)?;
    println!("PERFORMANCE.md is written.");
    Ok(())
}

/// One of the benches of the tests.
fn benches(root: &Path, own: &Path, name: &str) -> Command {
    let mut bench = Command::new("cargo");
    bench.args(["bench", "--package", "routewise-tests", "--bench", name]).current_dir(root);
    bench.env("ROUTEWISE_BIN", own).stderr(Stdio::inherit());
    bench
}

fn output(mut command: Command) -> Result<String> {
    println!("\n# {command:?}");
    let output = command.output().context("cargo starts")?;
    ensure!(output.status.success(), "cargo bench failed");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The machine, and the programs that made this.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (processor, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let value = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches([' ', '\t', ':']).trim().to_owned()
    };
    let model = value(&processor, "model name");
    let model = model.split('@').next().unwrap_or_default().trim();
    let kilobytes: u64 = value(&memory, "MemTotal").trim_end_matches("kB").trim().parse().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let version = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok();
        output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
    };
    format!(
        "{}: {cores} processors ({model}), {} GB; {}; Node.js {}; {}.",
        version("date", "+%Y-%m-%d"),
        kilobytes >> 20,
        version("rustc", "--version"),
        version("node", "--version"),
        PEERS.join(", "),
    )
}
