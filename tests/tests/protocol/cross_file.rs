//! One open document hears of changes in another file.

use std::time::Duration;

use routewise_tests::client::Client;
use routewise_tests::handshakes::plain_handshake;
use routewise_tests::workspace::TestProject;
use serde_json::{Value, json};

use crate::support::{PER_REQUEST, PER_REQUEST_RULE, indexed, pull, pulling};

const ROUTE: &str = "import { list } from '@/lib/orders';\n\nexport async function GET() {\n  return Response.json(await list());\n}\n";
const BAD: &str = "import { PrismaClient } from '@prisma/client';\n\nexport async function list() {\n  const prisma = new PrismaClient();\n  return prisma.order.count();\n}\n";
const GOOD: &str = "import { prisma } from './prisma';\n\nexport async function list() {\n  return prisma.order.count();\n}\n";

fn project() -> TestProject {
    TestProject::next(&[
        ("app/api/orders/route.ts", ROUTE),
        ("lib/orders.ts", BAD),
        (
            "lib/prisma.ts",
            "import { PrismaClient } from '@prisma/client';\nconst g = globalThis as any;\nexport const prisma: PrismaClient = g.prisma ?? new PrismaClient();\ng.prisma = prisma;\n",
        ),
    ])
}

#[test]
fn a_helper_that_a_route_calls_is_reported_with_the_chain() {
    let project = project();
    let uri = project.uri("lib/orders.ts");
    let mut client = Client::start(&project);
    client.open(&uri, BAD);
    let diagnostics = client.codes_become(&uri, &[PER_REQUEST_RULE]);
    let related = diagnostics[0]["relatedInformation"].as_array().cloned().unwrap_or_default();
    let route = project.uri("app/api/orders/route.ts");
    assert!(related.iter().any(|one| one["location"]["uri"] == route), "{related:#?}");
    client.finish();
}

#[test]
fn an_open_document_is_looked_at_again_when_another_open_one_changes_what_it_calls() {
    let project = project();
    let (route, helper) = (project.uri("app/api/orders/route.ts"), project.uri("lib/orders.ts"));
    let mut client = Client::start(&project);
    client.open(&route, ROUTE);
    client.open(&helper, BAD);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    // Nothing reaches the helper any more: it is no longer code of a request.
    client.replace(&route, 2, "export async function GET() {\n  return Response.json([]);\n}\n");
    client.codes_become(&helper, &[]);
    client.replace(&route, 3, ROUTE);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    client.be_lenient();
    client.finish();
}

#[test]
fn a_change_on_the_disk_refreshes_an_open_document() {
    let project = project();
    let (route, helper) = (project.uri("app/api/orders/route.ts"), project.uri("lib/orders.ts"));
    let mut client = Client::start(&project);
    client.open(&helper, BAD);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    indexed(&mut client);
    project.remove("app/api/orders/route.ts");
    client.watched(&[(&route, 3)]);
    client.codes_become(&helper, &[]);
    project.write("app/api/orders/route.ts", ROUTE);
    client.watched(&[(&route, 1)]);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    client.finish();
}

#[test]
fn a_client_that_watches_no_files_has_them_watched_for_it() {
    let project = project();
    let helper = project.uri("lib/orders.ts");
    let mut params = plain_handshake(project.root(), "utf-16");
    params["capabilities"]["workspace"]["didChangeWatchedFiles"] = json!({"dynamicRegistration": false});
    let mut client = Client::start_as(&project, &params);
    client.open(&helper, BAD);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    indexed(&mut client);
    project.remove("app/api/orders/route.ts");
    client.codes_become(&helper, &[]);
    project.write("app/api/orders/route.ts", ROUTE);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    assert_eq!(client.registered(), Vec::<String>::new());
    client.finish();
}

#[test]
fn an_open_buffer_counts_and_not_what_the_disk_says_of_it() {
    let project = project();
    let (route, helper) = (project.uri("app/api/orders/route.ts"), project.uri("lib/orders.ts"));
    let mut client = Client::start(&project);
    client.open(&route, ROUTE);
    client.open(&helper, GOOD);
    assert_eq!(client.diagnostics(&helper, 1), Vec::<Value>::new());
    indexed(&mut client);
    project.write("lib/orders.ts", BAD);
    client.watched(&[(&helper, 2)]);
    client.replace(&helper, 2, BAD);
    client.codes_become(&helper, &[PER_REQUEST_RULE]);
    client.replace(&helper, 3, GOOD);
    client.codes_become(&helper, &[]);
    client.watched(&[(&helper, 2)]);
    // What the disk says would be published within this time, and nobody would look at it.
    client.listen(Duration::from_millis(500));
    client.finish();
}

#[test]
fn a_client_that_pulls_is_told_when_an_answer_is_no_longer_right() {
    let project = project();
    let (route, helper) = (project.uri("app/api/orders/route.ts"), project.uri("lib/orders.ts"));
    let mut client = Client::start_as(&project, &pulling(&project));
    client.open(&route, ROUTE);
    client.open(&helper, BAD);
    indexed(&mut client);
    client.listen(Duration::from_millis(50));
    client.take("workspace/diagnostic/refresh");
    assert_eq!(pull(&mut client, &helper)[0]["code"], PER_REQUEST_RULE);
    client.replace(&route, 2, "export const GET = () => Response.json([]);\n");
    client.next("workspace/diagnostic/refresh");
    assert_eq!(pull(&mut client, &helper), Vec::<Value>::new());
    client.be_lenient();
    client.finish();
}

#[test]
fn each_of_two_roots_is_looked_at_by_its_own_package() {
    let (vercel, other) =
        (project(), TestProject::new(&[("package.json", "{\"dependencies\": {\"left-pad\": \"1\"}}")]));
    let mut params = plain_handshake(vercel.root(), "utf-16");
    let folders = [&vercel, &other].map(|root| json!({"uri": root.uri(""), "name": "root"}));
    params["workspaceFolders"] = json!(folders);
    let mut client = Client::start_as(&vercel, &params);
    let (first, second) = (vercel.uri("app/api/a/route.ts"), other.uri("app/api/a/route.ts"));
    client.open(&first, PER_REQUEST);
    client.open(&second, PER_REQUEST);
    client.codes_become(&first, &[PER_REQUEST_RULE]);
    assert_eq!(client.diagnostics(&second, 1), Vec::<Value>::new(), "no Next.js there, so no route");
    // A root that goes takes its knowledge with it, one that comes brings its own.
    let removed = json!({"event": {"added": [], "removed": [folders[0]]}});
    client.notify("workspace/didChangeWorkspaceFolders", removed);
    let added = json!({"event": {"added": [folders[0]], "removed": []}});
    client.notify("workspace/didChangeWorkspaceFolders", added);
    client.replace(&first, 2, &format!("{PER_REQUEST}\n"));
    client.diagnostics_until(&first, |params| {
        params["version"] == 2 && params["diagnostics"][0]["code"] == PER_REQUEST_RULE
    });
    client.be_lenient();
    client.finish();
}
