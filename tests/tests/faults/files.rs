//! Files and folders that are not what they seem.

use routewise_tests::workspace::TestProject;

use crate::{run, text};

/// A handler with a finding, so that it is seen that the rest is still read.
const BAD: &str = "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.user.count());\n}\n";

/// The findings of `check`, one line each, and what it said beside them.
fn checked(project: &TestProject) -> (Vec<String>, String) {
    let output = run(project.root(), &["check", "--format", "concise"]);
    let told = text(&output.stderr);
    assert!(!told.contains("panicked"), "{told}");
    let lines = text(&output.stdout);
    let found = lines.lines().filter(|line| line.contains("clients/prisma-client-per-request"));
    (found.map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect(), told)
}

const FOUND: &str = "app/api/users/route.ts:3:18";

#[test]
fn files_that_are_no_text_are_named_and_left_out_and_the_others_are_read() {
    let project = TestProject::next(&[("app/api/users/route.ts", BAD)]);
    project
        .write_bytes("app/api/latin/route.ts", b"// caf\xe9\nexport const GET = () => new Response('');\n");
    let utf16: Vec<u8> =
        "\u{feff}export const GET = 1;\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    project.write_bytes("app/api/wide/route.ts", &utf16);
    let (found, told) = checked(&project);
    assert_eq!(found, [FOUND]);
    for path in ["app/api/latin/route.ts", "app/api/wide/route.ts"] {
        assert!(told.contains(path), "{path} is named: {told}");
    }
}

#[test]
fn texts_that_nobody_writes_by_hand_are_read_or_left_out_and_the_others_are_read() {
    let long_line = format!("export const data = [{}];\n", "'x', ".repeat(1_000_000));
    let brackets = format!("export const deep = {}{};\n", "[".repeat(50_000), "]".repeat(50_000));
    let function = "function(t,e){var n=t+e;return function(t){return t.x(n,e)}(n)},";
    let minified = format!("!function(t,e){{t.all=[{}]}}({{}},1);\n", function.repeat(24_000));
    let generated = "export const row = { a: 1, b: 'two', c: [3] };\n".repeat(1_100_000);
    let project = TestProject::next(&[
        ("app/api/users/route.ts", BAD),
        ("lib/long-line.ts", &long_line),
        ("lib/brackets.ts", &brackets),
        ("lib/minified.js", &minified),
        ("lib/generated.ts", &generated),
        ("lib/nul.ts", "export const a = '\0';\n\0\0\0"),
        ("lib/empty.ts", ""),
        ("lib/mark.ts", "\u{feff}export const a = 1;\r\n"),
    ]);
    let (found, _) = checked(&project);
    assert_eq!(found, [FOUND]);
}

#[test]
#[cfg(unix)]
fn links_in_a_circle_and_out_of_the_project_end_and_lead_nowhere() {
    use std::os::unix::fs::symlink;

    let outside = TestProject::next(&[("app/api/other/route.ts", BAD)]);
    let project = TestProject::next(&[("app/api/users/route.ts", BAD)]);
    symlink(project.root(), project.path("app/again")).expect("a link");
    symlink(project.path("lib-b"), project.path("lib-a")).expect("a link");
    symlink(project.path("lib-a"), project.path("lib-b")).expect("a link");
    symlink(outside.path("app/api/other"), project.path("app/api/other")).expect("a link");
    symlink(project.path("nowhere.ts"), project.path("app/api/gone.ts")).expect("a link");
    let (found, _) = checked(&project);
    assert_eq!(found, [FOUND]);
}

#[test]
fn names_that_differ_in_case_alone_and_names_with_every_sign_are_files_of_their_own() {
    let project = TestProject::next(&[
        ("app/api/[[...all]]/(group)/@slot/route.ts", "export const GET = () => new Response('');\n"),
        ("app/api/a b#c%20d/route.ts", BAD),
        ("lib/Helper.ts", "export const a = 1;\n"),
        ("lib/helper.ts", "export const b = 1;\n"),
    ]);
    let (found, told) = checked(&project);
    assert_eq!((found, told.as_str()), (vec!["app/api/a b#c%20d/route.ts:3:18".to_owned()], ""));
}

#[test]
fn two_roots_of_which_one_lies_in_the_other_tell_each_finding_once() {
    let project = TestProject::next(&[("app/api/users/route.ts", BAD)]);
    let output = run(project.root(), &["check", "--format", "concise", ".", "app", "app/api/users/route.ts"]);
    assert_eq!(text(&output.stdout).matches(FOUND).count(), 1, "{}", text(&output.stdout));
}
