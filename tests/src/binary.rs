//! The `routewise` program, built once for each run of the tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// The program under test, in the profile and target folder of the running test. Cargo hands a test the
/// programs of its own package only, so it is asked for this one: a no-op that takes a fraction of a
/// second where it is up to date. `ROUTEWISE_BIN` names another program instead.
pub fn routewise() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("ROUTEWISE_BIN") {
        Some(path) => path.into(),
        None => built(),
    })
}

fn built() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // <target>/<profile>/deps/<test>
    let profile_dir = test.ancestors().nth(2).expect("a test lies in the target folder");
    let target_dir = profile_dir.parent().expect("a profile lies in the target folder");
    let profile = match profile_dir.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    // nextest runs every test in a process of its own: ask cargo once, not once for each test.
    let note = profile_dir.join(".routewise-built");
    let run = std::env::var("NEXTEST_RUN_ID").ok();
    if let Some(run) = &run
        && let Ok(text) = std::fs::read_to_string(&note)
        && let Some(path) = text.strip_prefix(run.as_str())
    {
        return path.trim().into();
    }
    let path = build(target_dir, profile);
    if let Some(run) = &run {
        let own = note.with_extension(std::process::id().to_string());
        // Renamed into place, so that no other test reads half of it; without the note they ask cargo.
        if std::fs::write(&own, format!("{run}\n{}", path.display())).is_ok() {
            let _ = std::fs::rename(&own, &note);
        }
    }
    path
}

fn build(target_dir: &Path, profile: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // As it comes with the tests of its own package: to build it by itself, without what tests ask of libraries, would
    // take minutes.
    let output = Command::new(cargo)
        .args(["test", "--quiet", "--no-run", "--workspace", "--test", "command", "--profile", profile])
        .args(["--message-format", "json-render-diagnostics", "--target-dir"])
        .arg(target_dir)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "`cargo test --no-run --test command` failed");
    output
        .stdout
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .find(|message| message["target"]["kind"][0] == "bin" && message["target"]["name"] == "routewise")
        .and_then(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the program it built")
}
