//! The instructions of a keystroke, counted: what they are of those of the floor says on any machine, however busy,
//! whether typing has become dearer. Times are for `cargo xtask bench`.
//!
//! Needs valgrind, from the system or where `cargo xtask test` puts it.

use std::path::{Path, PathBuf};
use std::process::Command;

use routewise_tests::keys::{Kind, Typed};

/// Keystrokes that are counted.
const KEYSTROKES: u64 = 10;

/// Keystrokes before them: the first one in a file finds out what the others take over. They are counted alone, with the
/// opening of the file, and taken away.
const BEFORE: u64 = 2;

/// What is typed where, and how many times the instructions of the floor a keystroke may take. Each bound is a fifth
/// above what was counted when it was set: other versions of libraries move a count by a few parts in a hundred. Lower
/// it with what makes typing cheaper.
const BOUNDS: [(Kind, Typed, u32, f64); 6] = [
    (Kind::Next, Typed::Mark, 2_000, 2.25),
    (Kind::Next, Typed::Mark, 10_000, 1.5),
    (Kind::Next, Typed::Letter, 2_000, 2.6),
    (Kind::Next, Typed::Letter, 10_000, 1.9),
    (Kind::Express, Typed::Mark, 2_000, 1.35),
    (Kind::Express, Typed::Letter, 2_000, 3.05),
];

#[test]
fn a_keystroke_takes_no_more_instructions_beside_the_floor_than_it_did() {
    if valgrind().arg("--version").output().is_err() && std::env::var_os("ROUTEWISE_SKIP_EDITORS").is_some() {
        println!("skipped: valgrind is not there, and can be fetched on Debian on amd64 only");
        return;
    }
    let program = program();
    let told: Vec<(String, f64, f64)> = BOUNDS
        .iter()
        .map(|&(kind, typed, lines, bound)| {
            let per_keystroke = |who: &str| {
                let count = |rounds: u64| {
                    let words = [who, kind.name(), &lines.to_string(), typed.name(), &rounds.to_string()];
                    instructions(&program, &words)
                };
                count(BEFORE + KEYSTROKES).saturating_sub(count(BEFORE)) / KEYSTROKES
            };
            let (floor, ours) = (per_keystroke("floor"), per_keystroke("routewise"));
            #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more")]
            let ratio = ours as f64 / floor as f64;
            let what = format!("{} in {} of {lines} lines: {ours} to {floor}", typed.name(), kind.name());
            (what, ratio, bound)
        })
        .collect();
    let above: Vec<_> = told.iter().filter(|(_, ratio, bound)| ratio > bound).collect();
    assert!(above.is_empty(), "dearer than its bound: {above:#?}\nof {told:#?}");
}

/// How many instructions a run takes.
fn instructions(program: &Path, words: &[&str]) -> u64 {
    let output = valgrind()
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .args(words)
        .output()
        .expect("valgrind starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {told}");
    let refs = told.lines().find_map(|line| line.split_once("refs:")).expect("a count").1;
    refs.trim().replace(',', "").parse().expect("a number")
}

/// The valgrind of the system, else the one that was fetched.
fn valgrind() -> Command {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join(".tools/valgrind");
    let own = Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    if own {
        return Command::new("valgrind");
    }
    let mut command = Command::new(fetched.join("usr/bin/valgrind.bin"));
    command.env("VALGRIND_LIB", fetched.join("usr/libexec/valgrind"));
    command
}

/// The program that types, optimised.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // <target>/<profile>/deps/<test>
    let target = test.ancestors().nth(3).expect("a test lies in the target folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--package",
            "routewise-keystrokes",
            "--profile",
            "counted",
            "--target-dir",
        ])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the program that types is built");
    target.join("counted/routewise-keystrokes")
}
