//! When and how findings are shown.

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::text;
use serde_json::{Value, json};

use crate::support::{LEGACY, PER_REQUEST, PER_REQUEST_RULE, legacy_project, pull, start_pulling};

#[test]
fn a_finding_of_a_built_in_rule_is_complete() {
    let project = legacy_project(&[("app/api/orders/route.ts", PER_REQUEST)]);
    let uri = project.uri("app/api/orders/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    let diagnostics = client.codes_become(&uri, &[PER_REQUEST_RULE]);
    let one = &diagnostics[0];
    assert_eq!(one["range"], text::range_of(PER_REQUEST, "new PrismaClient()", "utf-16"));
    assert_eq!(one["source"], "routewise");
    assert_eq!(one["severity"], 1, "an error on a serverless host: {one}");
    let page = one["codeDescription"]["href"].as_str().unwrap();
    assert!(page.ends_with(&format!("/queries/{PER_REQUEST_RULE}/rule.md")), "{page}");
    assert!(!one["message"].as_str().unwrap().contains('{'), "an unfilled placeholder: {one}");
    client.finish();
}

#[test]
fn a_client_that_does_not_pull_is_pushed_each_version() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, "modern();\n");
    assert_eq!(client.diagnostics(&uri, 1), Vec::<Value>::new());
    client.replace(&uri, 2, "legacy();\n");
    let diagnostics = client.diagnostics(&uri, 2);
    assert_eq!(diagnostics[0]["code"], LEGACY);
    assert_eq!(diagnostics[0]["message"], "`legacy` is the old interface; call `modern`");
    assert_eq!(diagnostics[0]["severity"], 2);
    client.finish();
}

#[test]
fn a_client_that_pulls_is_never_pushed_findings_of_an_open_document() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = start_pulling(&project, "utf-16");
    client.open(&uri, "legacy();\n");
    assert_eq!(pull(&mut client, &uri)[0]["code"], LEGACY);
    client.replace(&uri, 2, "modern();\n");
    assert_eq!(pull(&mut client, &uri), Vec::<Value>::new());
    client.close(&uri);
    client.take("workspace/diagnostic/refresh");
    // A publish would be a message that no test looked at.
    client.finish();
}

#[test]
fn an_answer_that_says_the_same_again_is_short() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = start_pulling(&project, "utf-16");
    client.open(&uri, "legacy();\n");
    let document = json!({"uri": uri});
    let first = client.request("textDocument/diagnostic", json!({"textDocument": document}));
    let params = json!({"textDocument": document, "previousResultId": first["resultId"]});
    let second = client.request("textDocument/diagnostic", params.clone());
    assert_eq!(second, json!({"kind": "unchanged", "resultId": first["resultId"]}));
    // Neovim forgets the findings of a file that it loads again, but not the id.
    client.close(&uri);
    client.open(&uri, "legacy();\n");
    assert_eq!(client.request("textDocument/diagnostic", params.clone())["kind"], "full");
    client.replace(&uri, 2, "modern();\n");
    assert_eq!(client.request("textDocument/diagnostic", params)["kind"], "full");
    client.take("workspace/diagnostic/refresh");
    client.finish();
}

#[test]
fn both_spellings_of_the_refresh_capability_mean_pulling() {
    for spelling in ["diagnostics", "diagnostic"] {
        let project = legacy_project(&[]);
        let mut params = plain_handshake(project.root(), "utf-16");
        params["capabilities"]["textDocument"]["diagnostic"] = json!({});
        params["capabilities"]["workspace"][spelling] = json!({"refreshSupport": true});
        let mut client = Client::spawn(project.root());
        let result = client.initialize(&params);
        assert!(result["capabilities"]["diagnosticProvider"].is_object(), "{spelling}");
        client.finish();
    }
}

#[test]
fn a_client_that_pulls_but_cannot_be_told_to_pull_again_is_pushed() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["textDocument"]["diagnostic"] = json!({});
    let mut client = Client::spawn(project.root());
    let result = client.initialize(&params);
    assert!(result["capabilities"].get("diagnosticProvider").is_none());
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.finish();
}

#[test]
fn closing_a_document_clears_its_diagnostics() {
    let project = legacy_project(&[("app/api/a/route.ts", "legacy();\n")]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    client.close(&uri);
    client.codes_become(&uri, &[]);
    client.finish();
}

#[test]
fn a_comment_silences_a_rule_on_the_next_line_on_its_line_and_in_the_file() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, "legacy();\n");
    client.codes_become(&uri, &[LEGACY]);
    for (version, text) in (2..).step_by(2).zip([
        "// routewise-disable-next-line team/no-legacy -- until May\nlegacy();\n",
        "legacy(); // routewise-disable-line team/no-legacy\n",
        "/* routewise-disable team/no-legacy */\nlegacy();\nlegacy();\n",
        "// routewise-disable-next-line team\nlegacy();\n",
        "// routewise-disable-next-line\nlegacy();\n",
    ]) {
        client.replace(&uri, version, text);
        assert_eq!(client.diagnostics(&uri, version), Vec::<Value>::new(), "{text}");
        client.replace(&uri, version + 1, "legacy();\n");
        assert_eq!(client.diagnostics(&uri, version + 1)[0]["code"], LEGACY);
    }
    client.finish();
}

#[test]
fn a_comment_that_silences_nothing_is_reported_and_faded() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/a/route.ts");
    let text = "// routewise-disable-next-line team/no-legacy\nmodern();\n";
    let mut client = Client::start(&project);
    client.open(&uri, text);
    let diagnostics = client.codes_become(&uri, &["routewise/unused-suppression"]);
    assert_eq!(diagnostics[0]["tags"], json!([1]));
    let comment = "// routewise-disable-next-line team/no-legacy";
    assert_eq!(diagnostics[0]["range"], text::range_of(text, comment, "utf-16"));
    client.finish();
}

#[test]
fn what_the_client_cannot_show_is_not_sent() {
    let project = legacy_project(&[]);
    let uri = project.uri("app/api/orders/route.ts");
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["textDocument"]["publishDiagnostics"] = json!({});
    let mut client = Client::start_as(&project, &params);
    let text = format!("{PER_REQUEST}// routewise-disable-line team/no-legacy\n");
    client.open(&uri, &text);
    for one in client.codes_become(&uri, &[PER_REQUEST_RULE, "routewise/unused-suppression"]) {
        assert!(one.get("tags").is_none(), "{one}");
        assert!(one.get("relatedInformation").is_none(), "{one}");
        assert!(one.get("codeDescription").is_none(), "{one}");
    }
    client.finish();
}

#[test]
fn half_typed_code_raises_no_finding_in_its_function() {
    let project = legacy_project(&[("app/api/orders/route.ts", PER_REQUEST)]);
    let uri = project.uri("app/api/orders/route.ts");
    let mut client = Client::start(&project);
    client.open(&uri, PER_REQUEST);
    client.codes_become(&uri, &[PER_REQUEST_RULE]);
    client.replace(&uri, 2, &PER_REQUEST.replace("count());", "count(;"));
    assert_eq!(client.diagnostics(&uri, 2), Vec::<Value>::new());
    client.finish();
}
