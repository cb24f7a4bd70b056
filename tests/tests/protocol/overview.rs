//! The list of routes that an editor shows.

use routewise_tests::client::Client;
use routewise_tests::workspace::{TestProject, file_uri};
use serde_json::{Value, json};

use crate::support::{PER_REQUEST, indexed};

#[test]
fn routes_are_told_with_their_places_packages_and_verdicts_as_the_open_files_are_now() {
    let project = TestProject::next(&[
        ("app/api/orders/route.ts", PER_REQUEST),
        ("app/api/health/route.ts", "export const GET = () => new Response('ok');\n"),
    ]);
    let mut client = Client::start(&project);
    indexed(&mut client);
    let told = |answer: &Value| -> Vec<String> {
        let rows = answer["routes"].as_array().unwrap();
        rows.iter().map(|row| format!("{} {} {}", row["methods"], row["url"], row["verdict"])).collect()
    };
    let answer = client.request("routewise/overview", Value::Null);
    assert_eq!(told(&answer), [r#"["GET"] "/api/health" null"#, r#"["GET"] "/api/orders" "error""#]);
    let route = &answer["routes"][1];
    assert_eq!(route["uri"], project.uri("app/api/orders/route.ts"));
    assert_eq!(route["package"], file_uri(project.root()));
    assert_eq!(route["range"]["start"], json!({"line": 2, "character": 22}));
    let target = json!({"id": "vercel", "name": "Vercel", "evidence": ["vercel.json"]});
    let package = json!({"uri": file_uri(project.root()), "name": "shop", "path": "", "target": target});
    assert_eq!(answer["packages"], json!([package]));

    client.open(&project.uri("app/api/health/route.ts"), "export const POST = () => new Response('ok');\n");
    let changed = client.request("routewise/overview", json!({}));
    assert_eq!(told(&changed)[0], r#"["POST"] "/api/health" null"#);
    client.be_lenient();
    client.finish();
}

#[test]
fn an_open_route_that_the_configuration_leaves_out_is_in_no_list_after_the_files_were_read_again() {
    const ROUTE: &str = "export const GET = () => new Response('ok');\n";
    let project = TestProject::next(&[
        ("app/api/a/route.ts", ROUTE),
        ("app/api/left/route.ts", ROUTE),
        ("routewise.json", r#"{ "exclude": ["app/api/left/**"] }"#),
    ]);
    let mut client = Client::start(&project);
    indexed(&mut client);
    client.open(&project.uri("app/api/left/route.ts"), ROUTE);
    project.write("app/api/new/route.ts", ROUTE);
    client.watched(&[(&project.uri("app/api/new/route.ts"), 1)]);
    indexed(&mut client);
    let answer = client.request("routewise/overview", Value::Null);
    let urls: Vec<&Value> = answer["routes"].as_array().unwrap().iter().map(|row| &row["url"]).collect();
    assert_eq!(urls, ["/api/a", "/api/new"]);
    client.be_lenient();
    client.finish();
}
