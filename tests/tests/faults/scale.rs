//! Projects of a size and a shape that nobody plans.

use routewise_tests::workspace::TestProject;

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
