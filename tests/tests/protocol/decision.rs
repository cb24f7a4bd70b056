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

const BROWSER: &str = "import puppeteer from 'puppeteer';\nexport async function print() {\n  return (await puppeteer.launch()).newPage();\n}\n";
const PRINTS: &str = "import { print } from '@/lib/print';\nexport async function POST() {\n  return Response.json(await print());\n}\n";

fn printing() -> TestProject {
    TestProject::next(&[
        ("lib/print.ts", BROWSER),
        ("app/api/orders/route.ts", PER_REQUEST),
        ("app/api/print/route.ts", PRINTS),
        ("next.config.mjs", "export default {};\n"),
    ])
}

fn lens(client: &mut Client, uri: &str) -> String {
    let lenses = client.request("textDocument/codeLens", json!({ "textDocument": { "uri": uri } }));
    lenses[0]["command"]["title"].as_str().unwrap_or_default().to_owned()
}

fn hover(client: &mut Client, uri: &str, text: &str, marker: &str) -> String {
    let hover = client.hover(uri, text, text.find(marker).expect("it stands there"));
    hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_verdict_on_a_route_stands_in_its_lens_in_its_hover_and_in_the_list_of_routes() {
    let project = printing();
    let mut client = Client::start(&project);
    indexed(&mut client);
    let (orders, print) = (project.uri("app/api/orders/route.ts"), project.uri("app/api/print/route.ts"));
    client.open(&orders, PER_REQUEST);
    client.open(&print, PRINTS);
    assert_eq!(lens(&mut client, &orders), "GET /api/orders · no callers · no auth · fits with changes");
    assert_eq!(
        lens(&mut client, &print),
        "POST /api/print · no callers · no auth · belongs in a persistent process"
    );
    let about = hover(&mut client, &orders, PER_REQUEST, "GET");
    assert!(about.contains("- Fits with changes: `clients/prisma-client-per-request`\n"), "{about}");
    let about = hover(&mut client, &print, PRINTS, "POST");
    assert!(about.contains("- Belongs in a persistent process: a browser works for many seconds"), "{about}");
    let answer = client.request("routewise/overview", Value::Null);
    let rows = answer["routes"].as_array().unwrap().iter();
    let fits: Vec<String> = rows.map(|row| format!("{} {}", row["url"], row["fit"]["verdict"])).collect();
    assert_eq!(fits, [r#""/api/orders" "fits-with-changes""#, r#""/api/print" "persistent""#]);

    let mended = PRINTS.replace("await print()", "1");
    client.change(&print, 2, &[(Value::Null, &mended)]);
    assert_eq!(lens(&mut client, &print), "POST /api/print · no callers · no auth · fits");
    client.be_lenient();
    client.finish();
}

#[test]
fn the_name_of_the_framework_in_the_manifest_and_the_export_of_next_config_tell_the_verdict_on_the_package() {
    let project = printing();
    let mut client = Client::start(&project);
    indexed(&mut client);
    let (manifest, config) = (project.uri("package.json"), project.uri("next.config.mjs"));
    let text = project.read("package.json");
    client.open(&manifest, &text);
    client.open(&config, "export default {};\n");
    for about in [
        hover(&mut client, &manifest, &text, "next\""),
        hover(&mut client, &config, "export default {};\n", "default"),
    ] {
        assert!(about.starts_with("**Where the routes belong: both**\n\n1 of 2 routes belongs"), "{about}");
        assert!(about.contains("\n- For a process: "), "{about}");
    }
    assert_eq!(hover(&mut client, &manifest, &text, "name\""), "");
    client.be_lenient();
    client.finish();
}
