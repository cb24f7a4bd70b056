//! Helix, in a terminal, with `editors/helix/languages.toml`.

use std::collections::{BTreeMap, HashMap};

use routewise_tests::workspace::{TestProject, file_uri};
use serde_json::Value;

use crate::support::{
    MENDED, REPORT, Seen, at_home, checked, example, repository, script, skipped, succeed, tool,
};

#[test]
fn helix_shows_explains_and_mends_beside_the_server_for_typescript() {
    if skipped() {
        return;
    }
    let (project, home) = (example(), TestProject::new(&[]));
    let expected = checked(&project);
    let languages = std::fs::read_to_string(repository().join("editors/helix/languages.toml")).unwrap();
    home.write("config/helix/languages.toml", &languages);
    let helix = tool("editors/usr/bin/hx", "hx");
    let tmux = tool("editors/usr/bin/tmux", "tmux");
    let mut command = at_home("bash".as_ref(), &home);
    command.arg(script("helix.sh")).arg(helix).arg(tmux).arg(home.root()).current_dir(project.root());
    succeed(&mut command);
    assert_eq!(project.read(REPORT), MENDED);
    let log = home.read("cache/helix/helix.log");
    assert_eq!(received(&log, &project), expected);
}

/// The findings in the messages that Helix has written to its log: pushed, or answers to its questions. Of
/// each file the first ones count: the session mends them afterwards.
fn received(log: &str, project: &TestProject) -> Vec<Seen> {
    let mut asked: HashMap<u64, String> = HashMap::new();
    let mut first: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for message in log.lines().filter_map(|line| line.find("{\"jsonrpc\"").map(|at| &line[at..])) {
        let Ok(message) = serde_json::from_str::<Value>(message) else { continue };
        let (uri, items) = if message["method"] == "textDocument/publishDiagnostics" {
            (message["params"]["uri"].as_str().map(str::to_owned), &message["params"]["diagnostics"])
        } else if message["method"] == "textDocument/diagnostic" {
            let uri = message["params"]["textDocument"]["uri"].as_str().unwrap_or_default();
            asked.insert(message["id"].as_u64().unwrap_or_default(), uri.to_owned());
            continue;
        } else if message["result"]["kind"] == "full" {
            (message["id"].as_u64().and_then(|id| asked.get(&id).cloned()), &message["result"]["items"])
        } else {
            continue;
        };
        if let (Some(uri), Some(items)) = (uri, items.as_array().filter(|items| !items.is_empty())) {
            first.entry(uri).or_insert_with(|| items.clone());
        }
    }
    let mut seen: Vec<Seen> = Vec::new();
    let root = format!("{}/", file_uri(project.root()));
    for (uri, items) in first {
        let path = uri.strip_prefix(&root).expect("a file of the project").to_owned();
        // What is wrong with a configuration is said without the name of a rule: it is no finding.
        for item in items.into_iter().filter(|item| item["code"].is_string()) {
            let level = item["severity"].as_u64().and_then(|level| usize::try_from(level).ok()).unwrap();
            seen.push(Seen {
                path: path.clone(),
                line: item["range"]["start"]["line"].as_u64().unwrap(),
                character: item["range"]["start"]["character"].as_u64().unwrap(),
                severity: ["error", "warning", "information", "hint"][level - 1].to_owned(),
                code: item["code"].as_str().unwrap().to_owned(),
                message: item["message"].as_str().unwrap().to_owned(),
            });
        }
    }
    seen.sort();
    seen
}
