//! `cargo xtask bench`: what keystrokes and whole checks cost, beside a floor and beside others that check the same
//! files, as `PERFORMANCE.md`. Only ratios of one run mean anything on a machine that does other work.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wait4::Wait4 as _;

/// How often each program looks at each project, in turns; the median counts.
const ROUNDS: usize = 5;

/// The others, with their versions.
const PEERS: [&str; 2] = ["oxlint@1.94.0", "@ast-grep/cli@0.51.1"];

/// Measures, and writes `PERFORMANCE.md`.
pub(crate) fn run(root: &Path, projects: &[PathBuf]) -> Result<()> {
    let mut out = String::from(
        "# What it costs\n\nMade by `cargo xtask bench PROJECT...`; ratios of one run count, not times. \
         [CONTRIBUTING.md](CONTRIBUTING.md) says how to run it.\n",
    );
    let _ = writeln!(out, "\n{}", machine());
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--package", "routewise"]);
    crate::run(root, build)?;
    if !projects.is_empty() {
        checks(root, projects, &mut out)?;
    }
    let mut bench = Command::new("cargo");
    bench.args(["bench", "--package", "routewise-tests"]).current_dir(root).stderr(Stdio::inherit());
    let output = bench.output().context("cargo starts")?;
    ensure!(output.status.success(), "cargo bench failed");
    let told = String::from_utf8_lossy(&output.stdout);
    let table =
        told.find("floor µs").and_then(|at| told[..at].rfind('\n')).map(|at| told[at..].trim_matches('\n'));
    let table = table.context("the benches print a table at their end")?;
    let _ = writeln!(out, "\n## Keystrokes, and a check of files that are made up\n\n```text\n{table}\n```");
    std::fs::write(root.join("PERFORMANCE.md"), out)?;
    println!("PERFORMANCE.md is written.");
    Ok(())
}

/// One program that is measured.
struct Program {
    name: String,
    command: Vec<String>,
}

/// What a run took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    cpu: Duration,
    megabytes: f64,
}

fn checks(root: &Path, projects: &[PathBuf], out: &mut String) -> Result<()> {
    let peers = root.join("tests/.tools/peers");
    let mut install = Command::new("bash");
    install.arg(root.join("tests/tools/npm.sh")).arg(&peers).args(PEERS);
    crate::run(root, install)?;
    out.push_str("\n## A whole project, cold\n\n| project | program | wall | CPU | memory | wall, to oxlint | CPU, to oxlint |\n|---|---|---|---|---|---|---|\n");
    for project in projects {
        let project =
            project.canonicalize().with_context(|| format!("{} is not there", project.display()))?;
        let programs = programs(root, &peers);
        let mut all: Vec<Vec<Took>> = vec![Vec::new(); programs.len()];
        for _ in 0..ROUNDS {
            for (program, took) in programs.iter().zip(&mut all) {
                took.push(measure(program, &project)?);
            }
        }
        let median = |took: &[Took], of: fn(&Took) -> f64| {
            let mut values: Vec<f64> = took.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let (wall, cpu) = (|it: &Took| it.wall.as_secs_f64(), |it: &Took| it.cpu.as_secs_f64());
        let base =
            programs.iter().position(|it| it.name.starts_with("oxlint")).context("oxlint is measured")?;
        let (base_wall, base_cpu) = (median(&all[base], wall), median(&all[base], cpu));
        for (program, took) in programs.iter().zip(&all) {
            let (wall, cpu) = (median(took, wall), median(took, cpu));
            let memory = median(took, |it| it.megabytes);
            let name = project.file_name().unwrap_or_default().to_string_lossy();
            let _ = writeln!(
                out,
                "| {name} | {} | {:.0} ms | {:.0} ms | {memory:.0} MB | {:.1} | {:.1} |",
                program.name,
                wall * 1e3,
                cpu * 1e3,
                wall / base_wall,
                cpu / base_cpu
            );
        }
    }
    Ok(())
}

fn programs(root: &Path, peers: &Path) -> Vec<Program> {
    let path = |path: PathBuf| path.to_string_lossy().into_owned();
    let own = path(root.join("target/release/routewise"));
    let oxlint = path(peers.join("node_modules/oxlint/bin/oxlint"));
    let ast_grep = path(peers.join("node_modules/.bin/ast-grep"));
    let config = path(root.join("tests/benches/ast-grep/sgconfig.yml"));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        Program {
            name: "routewise check".to_owned(),
            command: words(&[&own, "check", "--format", "concise", "."]),
        },
        Program {
            name: "oxlint, with its Next.js, import and promise plugins".to_owned(),
            command: words(&["node", &oxlint, "--nextjs-plugin", "--import-plugin", "--promise-plugin", "."]),
        },
        Program {
            name: "ast-grep, with five rules".to_owned(),
            command: words(&[&ast_grep, "scan", "-c", &config, "--report-style", "short", "."]),
        },
    ]
}

fn measure(program: &Program, project: &Path) -> Result<Took> {
    let (name, arguments) = program.command.split_first().context("a program has a name")?;
    let mut command = Command::new(name);
    command.args(arguments).current_dir(project).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
    let used = child.wait4()?.rusage;
    Ok(Took { wall: begun.elapsed(), cpu: used.utime + used.stime, megabytes: megabytes(used.maxrss) })
}

/// Of a number of bytes.
#[expect(clippy::cast_precision_loss, reason = "nobody has so much memory")]
fn megabytes(bytes: u64) -> f64 {
    (bytes >> 20) as f64
}

/// The machine, and the programs that made this.
fn machine() -> String {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let version = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok();
        output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
    };
    format!(
        "{cores} processors{}; {}; Node.js {}; {}; {}.",
        model
            .trim_start_matches([' ', '\t', ':'])
            .split('@')
            .next()
            .map_or(String::new(), |it| format!(" ({})", it.trim())),
        version("rustc", "--version"),
        version("node", "--version"),
        PEERS.join(", "),
        version("date", "+%Y-%m-%d"),
    )
}
