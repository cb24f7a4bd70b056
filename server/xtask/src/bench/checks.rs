//! Whole projects, checked by the command line and by others.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use wait4::Wait4 as _;

/// How often all projects are copied, to see what size costs.
const COPIES: usize = 4;

/// One program that is measured.
struct Program {
    name: &'static str,
    command: Vec<String>,
    /// What it has kept of a run before, since which nothing has changed.
    warm: Warm,
}

/// What is kept of the run before.
#[derive(PartialEq, Eq)]
enum Warm {
    No,
    /// What files say, in this folder.
    Files(PathBuf),
    All,
}

/// What a run took.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    cpu: Duration,
    megabytes: f64,
}

/// Each project, and all of them copied several times; each looked at by all in turns, of which the median counts.
pub(super) fn told(
    root: &Path,
    own: &Path,
    peers: &Path,
    projects: &[PathBuf],
    rounds: usize,
) -> Result<String> {
    let mut out = String::from(
        "\n## A whole project\n\nEach run is a cold one; a warm one has `--cache`, and nothing has changed since the run before; where \
         the files are known, what was said is not, as after a small change.\n\n\
         | project | program | wall | CPU | memory | wall, to oxlint | CPU, to oxlint |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let kept = tempfile::tempdir()?;
    let programs = programs(root, own, peers, kept.path());
    for project in projects {
        let name = project.file_name().unwrap_or_default().to_string_lossy();
        measured(&name, project, &programs, rounds, &mut out)?;
    }
    if projects.len() > 1 {
        let sum = tempfile::tempdir()?;
        for copy in 0..COPIES {
            for (number, project) in projects.iter().enumerate() {
                copied(project, &sum.path().join(format!("{number}-{copy}")))?;
            }
        }
        measured(&format!("all, {COPIES} times"), sum.path(), &programs, rounds.div_ceil(2), &mut out)?;
    }
    Ok(out)
}

fn measured(name: &str, project: &Path, programs: &[Program], rounds: usize, out: &mut String) -> Result<()> {
    for program in programs.iter().filter(|program| program.warm != Warm::No) {
        measure(program, project)?;
    }
    let mut all: Vec<Vec<Took>> = vec![Vec::new(); programs.len()];
    for _ in 0..rounds {
        for (program, took) in programs.iter().zip(&mut all) {
            took.push(measure(program, project)?);
        }
    }
    let median = |took: &[Took], of: fn(&Took) -> f64| {
        let mut values: Vec<f64> = took.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (wall, cpu) = (|it: &Took| it.wall.as_secs_f64(), |it: &Took| it.cpu.as_secs_f64());
    let base = programs.iter().position(|it| it.name.starts_with("oxlint")).context("oxlint is measured")?;
    let (base_wall, base_cpu) = (median(&all[base], wall), median(&all[base], cpu));
    for (program, took) in programs.iter().zip(&all) {
        let (wall, cpu) = (median(took, wall), median(took, cpu));
        let memory = median(took, |it| it.megabytes);
        let _ = writeln!(
            out,
            "| {name} | {} | {:.0} ms | {:.0} ms | {memory:.0} MB | {:.2} | {:.2} |",
            program.name,
            wall * 1e3,
            cpu * 1e3,
            wall / base_wall,
            cpu / base_cpu
        );
    }
    Ok(())
}

fn programs(root: &Path, own: &Path, peers: &Path, kept: &Path) -> Vec<Program> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let oxlint = text(&peers.join("node_modules/oxlint/bin/oxlint"));
    let config = text(&root.join("tests/benches/ast-grep/sgconfig.yml"));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let (own, kept) = (text(own), text(kept));
    let check = [&own, "check", "--format", "concise", "."];
    let cached = [&check[..], &["--cache-location", &kept]].concat();
    vec![
        Program { name: "routewise check", command: words(&check), warm: Warm::No },
        Program {
            name: "routewise check, files known",
            command: words(&cached),
            warm: Warm::Files(PathBuf::from(&kept)),
        },
        Program { name: "routewise check, warm", command: words(&cached), warm: Warm::All },
        Program {
            name: "oxlint, with its Next.js, import and promise plugins",
            command: words(&["node", &oxlint, "--nextjs-plugin", "--import-plugin", "--promise-plugin", "."]),
            warm: Warm::No,
        },
        Program {
            name: "ast-grep, with five rules",
            command: words(&[&text(&ast_grep(peers)), "scan", "-c", &config, "--report-style", "short", "."]),
            warm: Warm::No,
        },
    ]
}

/// The program itself; the script before it takes longer to start than some checks.
fn ast_grep(peers: &Path) -> PathBuf {
    let packages = fs::read_dir(peers.join("node_modules/@ast-grep")).into_iter().flatten().flatten();
    let mut native = packages.map(|package| package.path()).filter(|path| !path.ends_with("cli"));
    native
        .find_map(|path| Some(path.join("ast-grep")).filter(|it| it.is_file()))
        .unwrap_or_else(|| peers.join("node_modules/.bin/ast-grep"))
}

fn measure(program: &Program, project: &Path) -> Result<Took> {
    if let Warm::Files(kept) = &program.warm {
        for entry in fs::read_dir(kept)? {
            let path = entry?.path();
            if !path.ends_with("routewise-facts") {
                fs::remove_file(path)?;
            }
        }
    }
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

/// Copies a folder without what is installed in it and what git keeps.
fn copied(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if kind.is_dir() && name != "node_modules" && name != ".git" {
            copied(&entry.path(), &to.join(name))?;
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
