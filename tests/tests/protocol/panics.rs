//! A rule that panics, and a file whose linking does. Neither can be made to from outside, so these run a test build
//! of the server in this process, whose vocabulary has one more word, and which links one file badly.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;

use crate::support::{LEGACY, LEGACY_MD, LEGACY_SCM, indexed, legacy_project};

#[test]
fn a_rule_that_panics_costs_its_own_findings_and_is_named_in_the_log_once() {
    let project = legacy_project(&[]);
    let panicking = LEGACY_SCM.replace("(#eq?", "(#panic-for-tests? @at)\n  (#eq?");
    project.write(".routewise/team/panics/rule.scm", &panicking);
    project.write(".routewise/team/panics/rule.md", LEGACY_MD);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::in_process();
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.replace(&uri, 2, "\nlegacy();\n");
    let after = client.diagnostics(&uri, 2);
    assert_eq!(after[0]["range"]["start"]["line"], 1);
    client.hover(&uri, "\nlegacy();\n", 3);
    let named = client.log().iter().filter(|line| line.contains("team/panics")).count();
    assert_eq!(named, 1, "{:#?}", client.log());
    client.finish();
}

#[test]
fn a_file_that_cannot_be_linked_costs_what_is_known_of_that_file() {
    let route = "import { total } from '../../../lib/panic-for-tests';\n\nexport const GET = () => Response.json(total());\n";
    let project = legacy_project(&[
        ("lib/panic-for-tests.ts", "export const total = () => fetch('/api/a');\n"),
        ("app/api/a/route.ts", route),
        ("app/page.tsx", "'use client';\n\nexport default () => <form action=\"/api/a\" />;\n"),
    ]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::in_process();
    client.be_lenient();
    client.initialize(&plain_handshake(project.root(), "utf-16"));
    indexed(&mut client);
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.open(&project.uri("lib/panic-for-tests.ts"), "legacy();\n");
    client.codes_become(&project.uri("lib/panic-for-tests.ts"), &[LEGACY]);
    client.replace(&uri, 2, route);
    client.codes_become(&uri, &[]);
    let overview = client.request("routewise/overview", serde_json::Value::Null);
    assert_eq!(overview["routes"][0]["url"], "/api/a");
    assert_eq!(overview["routes"][0]["callers"].as_array().map(Vec::len), Some(1));
    let named = client.log().iter().filter(|line| line.contains("lib/panic-for-tests.ts")).count();
    assert_eq!(named, 1, "{:#?}", client.log());
    client.finish();
}
