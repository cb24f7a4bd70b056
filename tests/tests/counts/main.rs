//! The instructions of a keystroke, counted: what they are of those of the floor says on any machine, however busy,
//! whether typing has become dearer. Times are for `cargo xtask bench`.
//!
//! Needs valgrind, from the system or where `cargo xtask test` puts it.

#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use routewise_keystrokes::keys::{Kind, Typed};
use routewise_keystrokes::typing;

/// Set where this program runs itself to be counted: what to type, one word after the other.
const TYPES: &str = "ROUTEWISE_TYPES";

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

fn main() -> ExitCode {
    if let Ok(words) = std::env::var(TYPES) {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        typing::typed(&words).expect("it is told what to type");
        return ExitCode::SUCCESS;
    }
    let name = "a_keystroke_takes_no_more_instructions_beside_the_floor_than_it_did";
    libtest_mimic::run(&Arguments::from_args(), vec![Trial::test(name, within_bounds)]).exit_code()
}

fn within_bounds() -> Result<(), Failed> {
    if valgrind().arg("--version").output().is_err() && std::env::var_os("ROUTEWISE_SKIP_EDITORS").is_some() {
        println!("skipped: valgrind is not there, and can be fetched on Debian on amd64 only");
        return Ok(());
    }
    let told = told_by_all();
    let above: Vec<_> = told.iter().filter(|(_, ratio, bound)| ratio > bound).collect();
    if above.is_empty() {
        return Ok(());
    }
    Err(format!("dearer than its bound: {above:#?}\nof {told:#?}").into())
}

/// What is typed where, how many times the instructions of the floor that took, and how many it may take.
fn told_by_all() -> Vec<(String, f64, f64)> {
    let per_keystroke = |who: &str, (kind, typed, lines, _): (Kind, Typed, u32, f64)| {
        let count =
            |rounds: u64| instructions(&format!("{who} {} {lines} {} {rounds}", kind.name(), typed.name()));
        count(BEFORE + KEYSTROKES).saturating_sub(count(BEFORE)) / KEYSTROKES
    };
    let counted = |who: &'static str| BOUNDS.map(|bound| per_keystroke(who, bound));
    // Counts are the same however busy the machine is.
    let (floor, ours) = std::thread::scope(|scope| {
        let floor = scope.spawn(|| counted("floor"));
        let ours = counted("routewise");
        (floor.join().expect("the floor is counted"), ours)
    });
    let pairs = BOUNDS.into_iter().zip(floor.into_iter().zip(ours));
    let told = pairs.map(|((kind, typed, lines, bound), (floor, ours))| {
        #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more")]
        let ratio = ours as f64 / floor as f64;
        let what = format!("{} in {} of {lines} lines: {ours} to {floor}", typed.name(), kind.name());
        (what, ratio, bound)
    });
    told.collect()
}

/// How many instructions this program takes to type so.
fn instructions(words: &str) -> u64 {
    let output = valgrind()
        .env(TYPES, words)
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(std::env::current_exe().expect("a running test has a path"))
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
