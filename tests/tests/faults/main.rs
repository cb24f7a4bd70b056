//! What goes wrong around the program: files that are no text, folders without an end, chains without an end, a disk
//! that is full, a reader that leaves, a machine without a network. Nothing is lost, nothing hangs, and what could not
//! be done is said.

mod changing;
mod files;
mod isolation;
mod protocol;
mod scale;
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
