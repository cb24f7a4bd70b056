//! `cargo xtask demo`: what Routewise does, on a copy of the example project.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Checks a copy of the example project, mends it, shows the change, and checks it again.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut build = Command::new("cargo");
    build.args(["build", "--package", "routewise"]);
    crate::run(root, build)?;
    // Both are built into the same folder, wherever that is.
    let routewise =
        std::env::current_exe()?.with_file_name(format!("routewise{}", std::env::consts::EXE_SUFFIX));

    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("example");
    copy_folder(&root.join("tests/fixtures/example"), &copy)?;

    for (what, arguments) in [
        ("What is wrong", &["check"][..]),
        ("What the fixes would change", &["check", "--diff"]),
        ("The fixes, applied, and what is left", &["check", "--fix"]),
        ("The project again", &["check"]),
    ] {
        println!("\n# {what}: routewise {}\n", arguments.join(" "));
        let status = Command::new(&routewise).args(arguments).current_dir(&copy).status()?;
        // 1 says that there are findings, which is the point.
        ensure!(matches!(status.code(), Some(0 | 1)), "routewise {} failed", arguments.join(" "));
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
