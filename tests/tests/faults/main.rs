//! What goes wrong around the program: files that are no text, folders without an end, chains without an end, a disk
//! that is full, a reader that leaves, a machine without a network. Nothing is lost, nothing hangs, and what could not
//! be done is said. `README.md` lists these and all others that are tried elsewhere.

mod changing;
mod files;
mod isolation;
mod kept;
mod protocol;
mod scale;
#[cfg(unix)]
mod streams;
mod writing;

use std::path::Path;
use std::process::{Command, Output};

use routewise_tests::binary::routewise;

/// Runs the program in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("it starts")
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(routewise());
    command.args(arguments).args(["--color", "never"]).current_dir(folder);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every source file of the tests, one after the other.
fn sources(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("a folder of tests").flatten();
    let texts = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() { sources(&path) } else { std::fs::read_to_string(path).unwrap_or_default() }
    });
    texts.collect()
}

#[test]
fn every_test_that_the_table_of_faults_names_is_there() {
    let code = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    let table = include_str!("README.md").lines().filter(|line| line.starts_with("| "));
    let names =
        table.flat_map(|line| line.rsplit(" | ").next().unwrap_or_default().split('`').skip(1).step_by(2));
    let names: Vec<&str> = names.filter(|name| !name.contains('/')).collect();
    let missing: Vec<&&str> = names.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert!(names.len() > 25 && missing.is_empty(), "{missing:?} of {}", names.len());
}
