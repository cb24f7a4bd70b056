//! What an edit and a whole check cost, each beside a floor measured in the same run: only the ratio to the
//! floor means anything on a machine that does other work. A table of the ratios is printed at the end.
//!
//! `ROUTEWISE_BENCH_APP=FOLDER` measures the first index of a real application and edits in it as well, with the
//! memory that they take.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use criterion::{BenchmarkId, Criterion};
use routewise_analysis::rules::Catalogue;
use routewise_tests::app::{self, App};
use routewise_tests::keys::{Floor, Kind, Ours, Typed};
use routewise_tests::routes;
use routewise_tests::workspace::TestProject;
use routewise_workspace::{Options, Workspace};
use serde_json::Value;

const FLOOR: &str = "floor";
const OURS: &str = "routewise";

/// Names the work whose memory is measured, in a process of its own.
const MEMORY: &str = "ROUTEWISE_BENCH_MEMORY";

const INDEX: &str = "index an app";

fn main() {
    if let Ok(work) = std::env::var(MEMORY) {
        return memory_of(&work);
    }
    let begun = SystemTime::now();
    Catalogue::builtin().prepare();
    let app = App::named();
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(30)
        .configure_from_args();
    for lines in [500, 2_000, 10_000, 50_000] {
        for kind in Kind::ALL {
            for typed in Typed::ALL {
                edits(&mut criterion, kind, typed, lines);
            }
        }
    }
    whole_project(&mut criterion);
    if let Some(app) = &app {
        first_index(&mut criterion, app);
        for typed in Typed::ALL {
            edits_in_app(&mut criterion, app, typed);
        }
    }
    criterion.final_summary();
    ratios(begun);
    if let Some(app) = &app {
        memory(app);
    }
}

/// A keystroke inside a function in the middle of the file: typed in one round, deleted in the next. The first two are not
/// counted: every sample begins with a file that nobody has looked at yet, and in a large one it holds a single keystroke.
fn edits(criterion: &mut Criterion, kind: Kind, typed: Typed, lines: usize) {
    let text = kind.text(lines);
    let mut group = criterion.benchmark_group(group(kind, typed));
    group.bench_function(BenchmarkId::new(FLOOR, lines), |bencher| {
        let mut floor = Floor::new(&text, typed);
        floor.keystroke();
        floor.keystroke();
        bencher.iter(|| floor.keystroke());
    });
    group.bench_function(BenchmarkId::new(OURS, lines), |bencher| {
        let mut ours = Ours::new(&text, typed);
        black_box(ours.keystroke());
        black_box(ours.keystroke());
        bencher.iter(|| black_box(ours.keystroke()));
    });
    group.finish();
}

fn group(kind: Kind, typed: Typed) -> String {
    format!("{} in {}", typed.name(), kind.name())
}

/// A cold check of about a thousand files on one thread, and the floor: reading and parsing them.
fn whole_project(criterion: &mut Criterion) {
    let project = thousand_files();
    let mut group = criterion.benchmark_group("check a project");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    let files = {
        let (workspace, _) = Workspace::open(&[PathBuf::from(project.root())], &Options::default());
        workspace.files()
    };
    group.bench_function(BenchmarkId::new(FLOOR, files.len()), |bencher| {
        bencher.iter(|| app::parse(&files));
    });
    group.bench_function(BenchmarkId::new(OURS, files.len()), |bencher| {
        bencher.iter(|| black_box(check(project.root())));
    });
    group.finish();
}

fn check(root: &Path) -> usize {
    let (_, project) = app::index(root);
    project.paths().map(|path| project.findings(path).len()).sum()
}

/// Reading a real application until its routes and their callers are known, on one thread, and the floor: reading
/// and parsing its files.
fn first_index(criterion: &mut Criterion, app: &App) {
    let mut group = criterion.benchmark_group(INDEX);
    group.sample_size(10).measurement_time(Duration::from_secs(20));
    group.bench_function(BenchmarkId::new(FLOOR, app.files.len()), |bencher| bencher.iter(|| app.parse()));
    group.bench_function(BenchmarkId::new(OURS, app.files.len()), |bencher| {
        bencher.iter(|| black_box(app::index(&app.root).1.routes().len()));
    });
    group.finish();
}

/// A keystroke in a route of a real application that has been read.
fn edits_in_app(criterion: &mut Criterion, app: &App, typed: Typed) {
    let mut group = criterion.benchmark_group(in_app(typed));
    group.bench_function(BenchmarkId::new(FLOOR, app.files.len()), |bencher| {
        let mut floor = Floor::new(&app.text, typed);
        bencher.iter(|| floor.keystroke());
    });
    // Read once: the closure is called for each sample.
    let (workspace, project) = app::index(&app.root);
    let mut ours = Ours::of_app(workspace, project, &app.route, &app.text, typed);
    group.bench_function(BenchmarkId::new(OURS, app.files.len()), |bencher| {
        bencher.iter(|| black_box(ours.keystroke()));
    });
    group.finish();
}

fn in_app(typed: Typed) -> String {
    format!("{} in an app", typed.name())
}

/// Prints the most memory that reading an application takes, and a thousand keystrokes after it, beside the floor.
#[expect(clippy::print_stdout, reason = "this is what the bench is run for")]
fn memory(app: &App) {
    println!("\n{:<24} {:>8} {:>12}", "", "size", "memory MiB");
    let program = std::env::current_exe().expect("a running program has a path");
    for work in [FLOOR, "index", "keystrokes"] {
        let output = Command::new(&program).env(MEMORY, work).output().expect("it runs");
        let told = String::from_utf8_lossy(&output.stdout);
        println!("{work:<24} {:>8} {:>12}", app.files.len(), told.trim());
    }
}

/// Does what is measured, and prints the most memory that it took.
#[expect(clippy::print_stdout, reason = "the process that asked reads it")]
fn memory_of(work: &str) {
    let root = PathBuf::from(std::env::var_os(app::VARIABLE).expect("an application is named"));
    if work == FLOOR {
        let (workspace, _) = Workspace::open(&[root], &Options::default());
        app::parse(&workspace.files());
    } else {
        let (app, workspace, project) = App::indexed().expect("an application is named");
        if work == "keystrokes" {
            let mut ours = Ours::of_app(workspace, project, &app.route, &app.text, Typed::Letter);
            for _ in 0..1_000 {
                black_box(ours.keystroke());
            }
        }
    }
    println!("{}", app::most_memory().map_or_else(|| "?".to_owned(), |memory| memory.to_string()));
}

/// Routes, the helpers they import, and components that have nothing to do with routes.
fn thousand_files() -> TestProject {
    let project = TestProject::next(&[
        (
            "lib/prisma.ts",
            "import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();\n",
        ),
        ("lib/auth.ts", include_str!("../fixtures/shop/lib/auth.ts")),
        ("lib/logger.ts", "export const logger = console;\n"),
    ]);
    for number in 0..330 {
        let name = routes::name(number).to_lowercase();
        project.write(&format!("app/api/{name}/route.ts"), &routes::next_route(120));
        project.write(&format!("lib/{name}.ts"), &routes::helper_module(number));
        let component = format!(
            "import {{ useState }} from 'react';\n\nexport function View{number}({{ rows }}: {{ rows: string[] }}) {{\n  const [open, setOpen] = useState(false);\n  return (\n    <ul onClick={{() => setOpen(!open)}}>\n      {{rows.map((row) => <li key={{row}}>{{open ? row : row.slice(0, 20)}}</li>)}}\n    </ul>\n  );\n}}\n"
        );
        project.write(&format!("components/{name}.tsx"), &component);
    }
    project
}

/// Prints what each measurement is of its floor, from what criterion has written since `begun`: its folder holds
/// former runs as well.
#[expect(clippy::print_stdout, reason = "this is what the bench is run for")]
fn ratios(begun: SystemTime) {
    let root = std::env::var_os("CRITERION_HOME").map_or_else(default_home, PathBuf::from);
    println!("\n{:<24} {:>8} {:>12} {:>12} {:>8}", "", "size", "floor µs", "ours µs", "ratio");
    let edits = Kind::ALL.into_iter().flat_map(|kind| Typed::ALL.map(|typed| group(kind, typed)));
    let in_app = Typed::ALL.map(in_app);
    for group in edits.chain(["check a project".to_owned(), INDEX.to_owned()]).chain(in_app) {
        let folder = root.join(&group);
        let mut sizes: Vec<usize> = std::fs::read_dir(folder.join(OURS))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .collect();
        sizes.sort_unstable();
        for size in sizes {
            let median = |id: &str| {
                let path = folder.join(id).join(size.to_string()).join("new/estimates.json");
                let is_new = std::fs::metadata(&path).ok()?.modified().ok()? >= begun;
                let text = is_new.then(|| std::fs::read_to_string(path).ok())??;
                let estimates: Value = serde_json::from_str(&text).ok()?;
                Some(estimates["median"]["point_estimate"].as_f64()? / 1_000.0)
            };
            if let (Some(floor), Some(ours)) = (median(FLOOR), median(OURS)) {
                println!("{group:<24} {size:>8} {floor:>12.1} {ours:>12.1} {:>8.2}", ours / floor);
            }
        }
    }
}

fn default_home() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    program.ancestors().nth(3).expect("it lies in the target folder").join("criterion")
}
