//! What `express-generator` makes gives no finding: it is what everybody begins with.

use std::path::Path;
use std::process::{Command, Stdio};

use routewise_tests::binary::routewise;
use serde_json::Value;

const GENERATOR: &str = "express-generator@4.16.1";
const VIEWS: [&str; 6] = ["--view=pug", "--view=ejs", "--view=hbs", "--view=hjs", "--view=twig", "--no-view"];

/// What the generator writes, and what people put in its place.
const VERSIONS: [&str; 2] = ["~4.16.1", "^5.1.0"];

#[test]
fn nothing_is_said_of_an_application_that_was_just_generated() {
    if crate::is_skipped("what express-generator makes") {
        return;
    }
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = tests.join(".tools/express-generator");
    let installed =
        Command::new(tests.join("tools/npm.sh")).arg(&tools).arg(GENERATOR).status().expect("bash runs");
    assert!(installed.success(), "tests/tools/npm.sh could not install {GENERATOR}");
    let folder = tempfile::tempdir().expect("a folder");
    for view in VIEWS {
        for (number, version) in VERSIONS.into_iter().enumerate() {
            let app =
                folder.path().join(format!("{}-{number}", view.trim_start_matches('-').replace('=', "-")));
            let made = Command::new("node")
                .arg(tools.join("node_modules/express-generator/bin/express-cli.js"))
                .arg(view)
                .arg(&app)
                .stdout(Stdio::null())
                .status()
                .expect("node runs");
            assert!(made.success(), "the generator made nothing with {view}");
            let manifest = std::fs::read_to_string(app.join("package.json")).expect("a package.json");
            let other = manifest.replace(r#""express": "~4.16.1""#, &format!(r#""express": "{version}""#));
            assert!(other.contains(version), "{other}");
            std::fs::write(app.join("package.json"), other).expect("it is written");
        }
    }
    assert_eq!(told(folder.path(), "check")["findings"], Value::Array(Vec::new()));
    let routes = told(folder.path(), "routes");
    let mut urls: Vec<(&str, &str)> = routes["routes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|route| (route["package"].as_str().expect("a package"), route["url"].as_str().expect("a URL")))
        .collect();
    urls.sort_unstable();
    assert_eq!(urls.len(), VIEWS.len() * VERSIONS.len() * 2, "{urls:?}");
    for app in urls.chunks(2) {
        assert_eq!([app[0].1, app[1].1], ["/", "/users"], "{}", app[0].0);
    }
}

/// What a command prints of the applications, as JSON.
fn told(folder: &Path, command: &str) -> Value {
    let output = Command::new(routewise())
        .args([command, "--format", "json"])
        .current_dir(folder)
        .stderr(Stdio::inherit())
        .output()
        .expect("routewise runs");
    assert!(output.status.success(), "routewise {command} failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}
