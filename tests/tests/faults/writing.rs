//! Files that cannot be written, and readers that leave.

use std::process::Command;

use routewise_tests::binary::routewise;
use routewise_tests::workspace::TestProject;

use crate::text;

/// Two handlers with a finding that has a safe fix.
fn project() -> TestProject {
    let shared = "import { PrismaClient } from '@prisma/client';\nconst kept = globalThis as unknown as { prisma?: PrismaClient };\nexport const prisma = kept.prisma ?? (kept.prisma = new PrismaClient());\n";
    let route = format!(
        "import {{ PrismaClient }} from '@prisma/client';\n{}export async function GET() {{\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.user.count());\n}}\n",
        "// A comment that makes the file longer than what can be written.\n".repeat(40)
    );
    TestProject::next(&[
        ("lib/prisma.ts", shared),
        ("app/api/a/route.ts", &route),
        ("app/api/b/route.ts", &route),
    ])
}

#[test]
#[cfg(unix)]
fn where_the_disk_is_full_files_stay_whole_and_it_is_said_how_many_were_written() {
    let project = project();
    let before = [project.read("app/api/a/route.ts"), project.read("app/api/b/route.ts")];
    // No file may become longer than one block; without the signal, writing fails as on a disk that is full.
    let script =
        format!("trap '' XFSZ; ulimit -f 1; exec '{}' check --fix --color never", routewise().display());
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(project.root()).output().expect("it starts");
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.starts_with("error: app/api/a/route.ts: not written: "), "{told}");
    assert!(told.ends_with("\n0 of 2 files were written.\n"), "{told}");
    assert_eq!([project.read("app/api/a/route.ts"), project.read("app/api/b/route.ts")], before);
    let left: Vec<_> = std::fs::read_dir(project.path("app/api/a")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "no half of a file is left: {left:?}");
}

#[test]
#[cfg(unix)]
fn a_reader_that_leaves_ends_the_program_without_a_word() {
    let project = project();
    for command in ["check", "routes", "decide", "rules", "check --format json", "routes --format json"] {
        let script =
            format!("('{}' {command} --color never; echo status $? >&2) | true", routewise().display());
        let output =
            Command::new("sh").args(["-c", &script]).current_dir(project.root()).output().expect("it starts");
        let told = text(&output.stderr);
        assert!(!told.contains("panicked") && told.contains("status "), "{command}: {told}");
    }
}
