//! An Express application inside a route file of Next.js, and the route files that the fix makes of it: both are run,
//! and give the same answers.

use std::path::Path;
use std::process::Command;

use routewise_analysis::rules::Catalogue;
use routewise_tests::check::Checked;
use routewise_tests::workspace::TestProject;
use serde::Deserialize;
use serde_json::json;

use super::{BESIDE, VERSIONS, installed};

const RULE: &str = "migration/express-app-in-next-route";
const ROUTE: &str = "app/api/[[...path]]/route.js";
const FILES: [&str; 3] = ["package.json", "lib/store.js", ROUTE];

#[derive(Deserialize)]
struct Seen {
    files: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
}

#[test]
fn route_files_answer_as_the_express_application_did_that_they_are_made_of() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/express-in-next");
    let texts = FILES.map(|file| {
        (file, std::fs::read_to_string(fixture.join(file)).unwrap_or_else(|error| panic!("{file}: {error}")))
    });
    let listed: Vec<(&str, &str)> = texts.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let (before, after) = (TestProject::new(&listed), TestProject::new(&listed));
    let (version, package) = VERSIONS[1];
    let modules = installed(version, &[&[package], BESIDE].concat());
    std::os::unix::fs::symlink(modules, before.path("node_modules")).expect("links are made");

    let checked = Checked::new(&after, &Catalogue::builtin(), None);
    let findings = checked.findings(RULE);
    assert_eq!(findings.len(), 6, "two middleware, the application, a router is one more: {findings:#?}");
    let fix = checked.preferred(&findings).into_iter().next().expect("it can be split");
    assert_eq!(
        fix.title,
        "Write each path as a route file (then set the headers of `cors` in `next.config`)"
    );
    let root = format!("{}/", after.root().to_string_lossy());
    let moved = fix.edits.iter().find_map(|edit| edit.rename.clone());
    for (path, text) in checked.edited(&fix.edits) {
        let short = path.as_str().strip_prefix(&root).expect("fixes stay in the project");
        if short == ROUTE {
            after.remove(ROUTE);
        }
        let to = moved.as_ref().filter(|_| short == ROUTE).unwrap_or(&path);
        after.write(to.as_str().strip_prefix(&root).expect("it stays in the project"), &text);
    }
    let left = Checked::new(&after, &Catalogue::builtin(), None).findings(RULE);
    assert_eq!(left, [], "nothing of Express is left");

    let requests = json!([
        { "method": "GET", "path": "/api/health" },
        { "method": "GET", "path": "/api/posts" },
        { "method": "POST", "path": "/api/posts", "body": { "title": "one", "author": "ann" } },
        { "method": "POST", "path": "/api/posts", "body": { "title": "two", "author": "bob" } },
        { "method": "POST", "path": "/api/posts", "body": { "author": "bob" } },
        { "method": "GET", "path": "/api/posts?author=bob" },
        { "method": "GET", "path": "/api/posts/1" },
        { "method": "GET", "path": "/api/posts/9" },
        { "method": "DELETE", "path": "/api/posts/1" },
        { "method": "DELETE", "path": "/api/posts/1", "headers": { "authorization": "secret" } },
        { "method": "GET", "path": "/api/posts/1" },
    ]);
    let list = TestProject::new(&[("requests.json", &requests.to_string())]);
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/express-split.mjs"))
        .args([before.root(), after.root(), &list.path("requests.json")])
        .output()
        .expect("node runs");
    let seen: Seen = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let files = ["app/api/health/route.js", "app/api/posts/[id]/route.js", "app/api/posts/route.js"];
    assert_eq!(seen.files, files);
    assert_eq!(seen.before[2], r#"201 {"title":"one","author":"ann","id":"1","url":"/posts/1"}"#);
    assert_eq!(seen.after, seen.before);
}
