//! Findings in files of the host, which no client opens as code.

use routewise_tests::client::Client;
use routewise_tests::text;
use routewise_tests::workspace::TestProject;
use serde_json::json;

use crate::support::{pull, start_pulling};

const RULE: &str = "duration/cron-without-route";
const CRONS: &str = "{ \"crons\": [{ \"path\": \"/api/cron/clean\", \"schedule\": \"0 5 * * *\" }] }\n";
const ROUTE: &str = "export const GET = async () => Response.json([]);\n";

fn project() -> TestProject {
    TestProject::next(&[("vercel.json", CRONS), ("app/api/users/route.ts", ROUTE)])
}

#[test]
fn a_cron_job_without_a_route_is_shown_before_anybody_opens_the_file_and_until_there_is_a_route() {
    let project = project();
    let uri = project.uri("vercel.json");
    let mut client = Client::start(&project);
    let diagnostics = client.codes_become(&uri, &[RULE]);
    assert_eq!(diagnostics[0]["range"], text::range_of(CRONS, "/api/cron/clean", "utf-16"));
    assert_eq!(diagnostics[0]["severity"], 1);
    let route = "app/api/cron/clean/route.ts";
    project.write(route, ROUTE);
    client.watched(&[(&project.uri(route), 1)]);
    client.codes_become(&uri, &[]);
    client.finish();
}

#[test]
fn an_open_vercel_json_is_looked_at_while_it_is_typed_and_its_route_can_be_made() {
    let project = project();
    let uri = project.uri("vercel.json");
    let mut client = Client::start(&project);
    client.codes_become(&uri, &[RULE]);
    client.open_as(&uri, "json", 1, CRONS);
    let diagnostics = client.diagnostics(&uri, 1);
    assert_eq!(diagnostics[0]["code"], RULE);
    let titles: Vec<String> = client
        .actions(&uri, &diagnostics, &diagnostics[0]["range"], None)
        .iter()
        .map(|action| action["title"].as_str().unwrap_or_default().to_owned())
        .collect();
    // No comment can stand in the file, so none is offered.
    assert_eq!(titles, ["Make `app/api/cron/clean/route.ts` (what the job does is left to write)"]);
    client.replace(&uri, 2, &CRONS.replace("cron/clean", "users"));
    client.codes_become(&uri, &[]);
    client.replace(&uri, 3, &CRONS.replace("cron/clean", "usres"));
    client.codes_become(&uri, &[RULE]);
    client.close(&uri);
    let shown = client.diagnostics_until(&uri, |params| {
        params["version"].is_null() && params["diagnostics"].as_array().is_some_and(|list| list.len() == 1)
    });
    assert_eq!(
        shown[0]["range"],
        text::range_of(CRONS, "/api/cron/clean", "utf-16"),
        "the disk counts again"
    );
    client.finish();
}

#[test]
fn a_client_that_pulls_is_told_of_an_unopened_vercel_json_and_asks_itself_when_it_is_open() {
    let project = project();
    let uri = project.uri("vercel.json");
    let mut client = start_pulling(&project, "utf-16");
    client.codes_become(&uri, &[RULE]);
    client.open_as(&uri, "json", 1, CRONS);
    client.codes_become(&uri, &[]);
    assert_eq!(pull(&mut client, &uri)[0]["code"], RULE);
    assert_eq!(
        client.request(
            "textDocument/hover",
            json!({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 30}})
        )["contents"]["kind"],
        "markdown"
    );
    client.be_lenient();
    client.finish();
}
