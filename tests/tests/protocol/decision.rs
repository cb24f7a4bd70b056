//! Where the routes belong, as an editor asks for it.

use routewise_tests::client::Client;
use routewise_tests::workspace::{TestProject, file_uri};
use serde_json::{Value, json};

use crate::support::{PER_REQUEST, indexed};

#[test]
fn the_decision_is_told_by_request_and_by_command_as_the_open_files_are_now() {
    let project = TestProject::next(&[
        ("app/api/orders/route.ts", PER_REQUEST),
        ("app/api/health/route.ts", "export const GET = () => new Response('ok');\n"),
    ]);
    let mut client = Client::start(&project);
    indexed(&mut client);
    let verdicts = |answer: &Value| -> Vec<String> {
        let routes = answer["routes"].as_array().unwrap();
        routes.iter().map(|route| format!("{} {}", route["url"], route["verdict"])).collect()
    };
    let answer = client.request("routewise/decision", Value::Null);
    assert_eq!((&answer["verdict"], &answer["complete"]), (&json!("next"), &json!(true)));
    assert_eq!(answer["root"], file_uri(project.root()));
    assert_eq!(verdicts(&answer), [r#""/api/health" "fits""#, r#""/api/orders" "fits-with-changes""#]);
    assert_eq!(answer["routes"][1]["path"], "app/api/orders/route.ts");
    assert_eq!(answer["html"], Value::Null);

    let text = "import puppeteer from 'puppeteer';\nexport const GET = async () => { await puppeteer.launch(); return new Response('ok'); };\n";
    client.open(&project.uri("app/api/health/route.ts"), text);
    let wanted = json!({ "format": "html", "nonce": "a1B2\"><script>" });
    let command = json!({ "command": "routewise.decide", "arguments": [wanted] });
    let changed = client.request("workspace/executeCommand", command);
    assert_eq!(verdicts(&changed)[0], r#""/api/health" "persistent""#);
    let page = changed["html"].as_str().unwrap();
    assert!(
        page.starts_with("<!doctype html>") && !page.contains("a1B2"),
        "a nonce that is none is not written"
    );

    let wanted = json!({ "format": "html", "nonce": "a1B2" });
    let page = client.request("routewise/decision", wanted)["html"].as_str().unwrap().to_owned();
    assert_eq!(page.matches(r#"nonce="a1B2""#).count(), 3);
    assert!(page.contains("script-src 'nonce-a1B2'"));
    let document = client.request("routewise/decision", json!({ "format": "markdown" }));
    assert!(document["markdown"].as_str().unwrap().starts_with("## Next.js, Express or both: both"));
    client.be_lenient();
    client.finish();
}
