//! Projects of a size and a shape that nobody plans.

use routewise_tests::client::Client;
use routewise_tests::workspace::{NEXT_PACKAGE, TestProject};

use crate::{run, text};

#[test]
fn modules_that_import_each_other_in_a_circle_of_five_thousand_are_followed_to_the_end() {
    const MODULES: usize = 5_000;
    let route = "import { step } from '@/lib/m0';\nexport async function GET() {\n  await step();\n  return new Response('');\n}\n";
    let project = TestProject::next(&[("app/api/far/route.ts", route)]);
    for number in 0..MODULES {
        let next = (number + 1) % MODULES;
        let last = number == MODULES - 1;
        let (import, does) = if last {
            ("import { PrismaClient } from '@prisma/client';\n", "await new PrismaClient().user.count();\n  ")
        } else {
            ("", "")
        };
        let module = format!(
            "{import}import {{ step as next }} from './m{next}';\nexport async function step(): Promise<void> {{\n  {does}await next();\n}}\n"
        );
        project.write(&format!("lib/m{number}.ts"), &module);
    }
    let output = run(project.root(), &["check", "--format", "concise"]);
    let (out, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(told, "");
    assert!(out.contains("lib/m4999.ts:4:9: error clients/prisma-client-per-request"), "{out}");
}

#[test]
fn a_hundred_thousand_files_are_read_to_the_last_by_the_command_and_by_the_server() {
    let files = 100_000;
    let bad = "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  return Response.json(await new PrismaClient().user.count());\n}\n";
    let project = TestProject::next(&[]);
    for number in 0..files {
        let place = format!("lib/f{}/f{}/m{number}.ts", number % 10, number % 100);
        project.write(&place, &format!("export const value{number} = {number};\n"));
    }
    let last = "zzz/app/api/last/route.ts";
    project.write(last, bad);
    project.write("zzz/package.json", NEXT_PACKAGE);
    let output = run(project.root(), &["check", "--format", "concise"]);
    let (out, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((out.matches("clients/prisma-client-per-request").count(), told.as_str()), (1, ""), "{out}");
    assert!(out.contains(last), "{out}");

    let mut client = Client::start(&project);
    client.be_lenient();
    let uri = project.uri(last);
    client.open(&uri, bad);
    // The open file does not wait for the others.
    client.codes_become(&uri, &["clients/prisma-client-per-request"]);
    let progress = client.progress();
    assert_eq!(progress.last().map(|it| it["kind"].clone()), Some("end".into()));
    let symbols = client.request("workspace/symbol", serde_json::json!({ "query": "last" }));
    assert_eq!(symbols.as_array().map(Vec::len), Some(1), "{symbols}");
    client.finish();
}
