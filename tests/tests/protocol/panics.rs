//! A rule that panics. No rule can be made to from outside, so these run a test build of the server in this
//! process, whose vocabulary has one more word.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;

use crate::support::{LEGACY, LEGACY_MD, LEGACY_SCM, legacy_project};

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
