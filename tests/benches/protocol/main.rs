//! Keystrokes over the protocol, beside the floor and beside other servers that look at the same files: how long it
//! takes from an edit to its diagnostics, what a burst of edits costs, how soon an opened file is looked at, and what
//! ten thousand edits leave in memory. Prints tables in Markdown; `cargo xtask bench` puts them into `PERFORMANCE.md`.
//!
//! All servers are alive together and take turns. `ROUTEWISE_BIN` names the program, `ROUTEWISE_BENCH_PEERS` the folder
//! with the packages of the others, `ROUTEWISE_BENCH_ROUNDS` how often each has its turn, and `ROUTEWISE_BENCH_PROJECTS`
//! folders of real projects, separated as in `PATH`, which are opened as well.
#![expect(clippy::print_stdout, reason = "this is what the bench is run for")]

mod floor;
mod peer;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use peer::{Edit, Peer, Spec};
use routewise_tests::binary::routewise;
use routewise_tests::keys::{Kind, local};
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

/// Says that this program is the floor.
const FLOOR: &str = "ROUTEWISE_BENCH_FLOOR";

const SIZES: [usize; 4] = [500, 2_000, 10_000, 50_000];

/// A server that has spent so long on a file has told enough; it types no further there.
const ENOUGH: Duration = Duration::from_secs(15);

/// Keystrokes of one turn.
const TURN: usize = 20;

/// Biome waits so long after an edit before it looks, whatever the edit.
const BIOME_WAITS: Duration = Duration::from_millis(250);

/// What is typed, letter by letter: after nearly every one of them the file can be read, so that nobody is done sooner
/// because there is nothing to look at.
const STATEMENT: &str = "session.user.orders.latest.total";

fn main() {
    if std::env::var_os(FLOOR).is_some() {
        floor::serve();
        return;
    }
    let rounds = std::env::var("ROUTEWISE_BENCH_ROUNDS").ok().and_then(|it| it.parse().ok()).unwrap_or(10);
    keystrokes(rounds);
    bursts(rounds.min(5));
    opened(rounds.min(5));
    grown();
    let projects = std::env::var_os("ROUTEWISE_BENCH_PROJECTS").unwrap_or_default();
    let projects: Vec<PathBuf> = std::env::split_paths(&projects).filter(|path| path.is_dir()).collect();
    if !projects.is_empty() {
        read(&projects);
    }
}

/// A project with one file of so many lines, and what the servers want to find in it.
struct Project {
    files: TestProject,
    uri: String,
    text: String,
    specs: Vec<Spec>,
}

impl Project {
    fn new(lines: usize) -> Self {
        // Nobody calls the helpers of a file that is made up: hundreds of findings that no real file has.
        let biome = r#"{ "files": { "includes": ["**/*.ts"] }, "linter": { "enabled": true, "domains": { "next": "all" }, "rules": { "preset": "recommended", "correctness": { "noUnusedVariables": "off" } } }, "formatter": { "enabled": false }, "assist": { "enabled": false }, "vcs": { "enabled": false } }"#;
        let path = "app/api/orders/route.ts";
        let text = Kind::Next.text(lines);
        let files = TestProject::next(&[
            ("biome.json", biome),
            (
                ".oxlintrc.json",
                r#"{ "plugins": ["nextjs", "import", "promise"], "rules": { "no-unused-vars": "off" } }"#,
            ),
            (path, &text),
        ]);
        let (uri, specs) = (files.uri(path), specs(files.root()));
        Self { files, uri, text, specs }
    }

    /// A server with the file open and calm.
    fn ready(&self, spec: &Spec) -> Peer {
        let mut peer = Peer::start(spec, self.files.root());
        peer.open(&self.uri, &self.text);
        peer.rest(Duration::from_millis(500));
        peer
    }
}

fn specs(root: &Path) -> Vec<Spec> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let peers =
        std::env::var_os("ROUTEWISE_BENCH_PEERS").map_or_else(|| here.join(".tools/peers"), PathBuf::from);
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<String>>();
    let plain = |name, command| Spec {
        name,
        command,
        options: Value::Null,
        settings: Value::Null,
        end: None,
        variable: None,
    };
    let own = std::env::current_exe().expect("a running program has a path");
    let mut specs = vec![
        Spec { variable: Some((FLOOR, "1")), ..plain("floor", words(&[&text(&own)])) },
        plain("routewise", words(&[&text(routewise()), "lsp"])),
    ];
    if let Some(program) = native(&peers, "@ast-grep", "ast-grep") {
        let config = here.join("benches/ast-grep/sgconfig.yml");
        specs.push(plain("ast-grep", words(&[&text(&program), "lsp", "-c", &text(&config)])));
    }
    let oxlint = peers.join("node_modules/oxlint/bin/oxlint");
    if oxlint.is_file() {
        let set = json!({ "run": "onType", "configPath": ".oxlintrc.json" });
        let uri = routewise_tests::workspace::file_uri(root);
        let options = json!([{ "workspaceUri": uri, "options": set }]);
        let command = words(&["node", &text(&oxlint), "--lsp"]);
        specs.push(Spec { options, settings: set, ..plain("oxlint", command) });
    }
    if let Some(program) = native(&peers, "@biomejs", "biome") {
        let program = text(&program);
        let end = Some(words(&[&program, "stop"]));
        let settings = json!({ "enabled": true });
        specs.push(Spec { settings, end, ..plain("Biome", words(&[&program, "lsp-proxy"])) });
    }
    specs
}

/// The program of a package for this system, without the script that looks for it.
fn native(peers: &Path, scope: &str, name: &str) -> Option<PathBuf> {
    let packages = std::fs::read_dir(peers.join("node_modules").join(scope)).ok()?.flatten();
    packages.map(|package| package.path().join(name)).find(|path| {
        path.is_file()
            && path
                .parent()
                .and_then(Path::file_name)
                .is_some_and(|it| it.to_string_lossy().starts_with("cli-"))
    })
}

/// Types a statement on a line of its own, inside a function in the middle of a file, and deletes it.
struct Typist {
    line: usize,
    /// Letters that stand there; `None` where there is no line yet.
    typed: Option<usize>,
}

impl Typist {
    fn new(text: &str) -> Self {
        let at = local(text).expect("a declaration in the middle");
        Self { line: text[..at].matches('\n').count(), typed: None }
    }

    fn next(&mut self) -> Edit {
        let edit = |from, to, text: &str| Edit { line: self.line, from, to, text: text.to_owned() };
        let Some(typed) = self.typed else {
            self.typed = Some(0);
            return edit(0, 0, "  \n");
        };
        if typed == STATEMENT.len() {
            self.typed = Some(0);
            return edit(2, 2 + typed, "");
        }
        self.typed = Some(typed + 1);
        edit(2 + typed, 2 + typed, &STATEMENT[typed..=typed])
    }
}

fn percentile(times: &[Duration], part: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get((times.len().saturating_sub(1)) * part / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

/// What of a time is not waiting by intent.
fn awake(spec: &Spec, time: Duration) -> Duration {
    if spec.name == "Biome" { time.saturating_sub(BIOME_WAITS) } else { time }
}

fn keystrokes(rounds: usize) {
    println!("### From an edit to its diagnostics\n");
    println!(
        "Inside a function in the middle of a file, in ms; Biome without the 250 ms that it waits after each edit.\n"
    );
    println!(
        "| lines | server | p50 | p99 | p50, to the floor | p99, to the floor | missed |\n|---|---|---|---|---|---|---|"
    );
    for size in SIZES {
        let project = Project::new(size);
        let ready = |spec| (project.ready(spec), Typist::new(&project.text), Vec::new(), 0);
        let mut peers: Vec<(Peer, Typist, Vec<Duration>, usize)> = project.specs.iter().map(ready).collect();
        // The largest takes others half a second each time.
        let rounds = if size == 50_000 { rounds.div_ceil(2) } else { rounds };
        // The first turn warms up.
        for round in 0..=rounds {
            for (peer, typist, times, missed) in &mut peers {
                for _ in 0..TURN {
                    if *missed > 2 || times.iter().sum::<Duration>() > ENOUGH {
                        break;
                    }
                    let sent = peer.edit(&project.uri, &typist.next());
                    let time = peer.diagnosed(&project.uri, sent);
                    if round > 0 || time.is_none_or(|time| time > ENOUGH / 20) {
                        times.extend(time);
                        *missed += usize::from(time.is_none());
                    }
                    peer.rest(Duration::from_millis(5));
                }
            }
        }
        let base = [percentile(&peers[0].2, 50), percentile(&peers[0].2, 99)];
        for (spec, (_, _, times, missed)) in project.specs.iter().zip(&peers) {
            let times: Vec<Duration> = times.iter().map(|&time| awake(spec, time)).collect();
            let (half, most) = (percentile(&times, 50), percentile(&times, 99));
            println!(
                "| {size} | {} | {half:.2} | {most:.2} | {:.1} | {:.1} | {missed} of {} |",
                spec.name,
                half / base[0],
                most / base[1],
                times.len() + missed
            );
        }
    }
}

fn bursts(rounds: usize) {
    println!("\n### A hundred edits at once, in 2,000 lines\n");
    println!("From the last edit to its diagnostics, the median of {rounds}.\n");
    println!("| server | ms | answers |\n|---|---|---|");
    let project = Project::new(2_000);
    let uri = &project.uri;
    for spec in &project.specs {
        let mut peer = project.ready(spec);
        let mut typist = Typist::new(&project.text);
        let (mut times, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let before = peer.published;
            let mut sent = Instant::now();
            for _ in 0..100 {
                sent = peer.edit(uri, &typist.next());
            }
            times.extend(peer.diagnosed(uri, sent).map(|time| awake(spec, time)));
            peer.rest(Duration::from_millis(400));
            answers.push(peer.published - before);
        }
        answers.sort_unstable();
        let middle = answers.get(answers.len() / 2).copied().unwrap_or_default();
        let told = if middle == 0 { "when asked".to_owned() } else { middle.to_string() };
        println!("| {} | {:.1} | {told} |", spec.name, percentile(&times, 50));
    }
}

fn opened(rounds: usize) {
    println!("\n### The first diagnostics of an opened file of 2,000 lines\n");
    println!("The median of {rounds} servers that have just been started, in ms.\n");
    println!("| server | from its start | from `didOpen` |\n|---|---|---|");
    let project = Project::new(2_000);
    let uri = &project.uri;
    for spec in &project.specs {
        let (mut whole, mut open) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let mut peer = Peer::start(spec, project.files.root());
            let time = peer.open(uri, &project.text);
            open.extend(time);
            whole.extend(time.map(|_| peer.started.elapsed()));
        }
        println!("| {} | {:.0} | {:.0} |", spec.name, percentile(&whole, 50), percentile(&open, 50));
    }
}

fn grown() {
    println!("\n### Memory, with a file of 2,000 lines open\n");
    println!("In MB, of all processes of a server.\n");
    println!("| server | after 100 edits | after 1,100 | after 10,100 |\n|---|---|---|---|");
    let project = Project::new(2_000);
    let uri = &project.uri;
    for spec in &project.specs {
        let mut peer = project.ready(spec);
        let mut typist = Typist::new(&project.text);
        let mut told = Vec::new();
        for edits in [100, 1_000, 9_000] {
            for number in 1..=edits {
                let sent = peer.edit(uri, &typist.next());
                // Nobody types faster than a server that waits looks.
                if number % 50 == 0 {
                    peer.diagnosed(uri, sent);
                }
            }
            peer.rest(Duration::from_millis(600));
            told.push(peer.memory());
        }
        println!("| {} | {:.1} | {:.1} | {:.1} |", spec.name, told[0], told[1], told[2]);
        peer.close(uri);
    }
}

/// A real project is opened: the route that is open does not wait until all is read.
fn read(projects: &[PathBuf]) {
    let specs = specs(Path::new("/"));
    let own = specs.iter().find(|spec| spec.name == "routewise").expect("it is measured");
    println!("\n### A real project is opened\n");
    println!("Routewise, with its longest route open.\n");
    println!("| project | first diagnostics of the route | all is read | memory then |\n|---|---|---|---|");
    for project in projects {
        let Some((path, text)) = longest_route(project) else { continue };
        let mut peer = Peer::start(own, project);
        let begun = peer.started;
        peer.open(&routewise_tests::workspace::file_uri(&path), &text);
        let first = begun.elapsed();
        peer.has_read();
        let all = begun.elapsed();
        peer.rest(Duration::from_millis(500));
        let name = project.file_name().unwrap_or_default().to_string_lossy();
        println!("| {name} | {} ms | {} ms | {:.0} MB |", first.as_millis(), all.as_millis(), peer.memory());
    }
}

/// The longest file of a folder that holds a route in TypeScript by its name, or else the longest in TypeScript.
fn longest_route(project: &Path) -> Option<(PathBuf, String)> {
    let mut found: Option<(bool, usize, PathBuf, String)> = None;
    let mut folders = vec![project.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (Ok(kind), path) = (entry.file_type(), entry.path()) else { continue };
            if kind.is_dir() && entry.file_name() != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "ts") {
                let route = entry.file_name() == "route.ts";
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                if found.as_ref().is_none_or(|(is, length, ..)| (route, text.len()) > (*is, *length)) {
                    found = Some((route, text.len(), path, text));
                }
            }
        }
    }
    found.map(|(_, _, path, text)| (path, text))
}
