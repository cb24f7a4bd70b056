//! `--fix`, `--diff`, and text on standard input.

use std::fs;
use std::process::Command;

use crate::project::{Project, ROUTE};

/// One warning with a safe fix.
const UNGUARDED: &str = "\
import { PrismaClient } from '@prisma/client'

export const prisma = new PrismaClient()
";

fn unguarded() -> Project {
    let project = Project::small();
    project.write("lib/prisma.ts", UNGUARDED);
    project.write(
        "app/api/users/route.ts",
        "import { prisma } from '../../../lib/prisma'\n\nexport async function GET() {\n  return Response.json(await prisma.user.count())\n}\n",
    );
    project
}

#[test]
fn safe_fixes_are_applied_and_a_second_run_changes_nothing() {
    let project = unguarded();
    assert_eq!(project.found(&[]), ["clients/prisma-client-unguarded-module lib/prisma.ts:3:23"]);
    let run = project.run(&["check", "--fix"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.stderr, "Applied 1 fix to 1 file.\n");
    assert_eq!(run.stdout, "Nothing found in 3 files (target: Vercel, from vercel.json)\n");
    let mended = project.all();
    let again = project.run(&["check", "--fix"]);
    assert_eq!((again.status, &*again.stderr), (0, ""));
    assert_eq!(project.all(), mended);
}

#[test]
fn only_the_files_that_change_are_written() {
    let project = unguarded();
    let modified = |path: &str| fs::metadata(project.path().join(path)).unwrap().modified().unwrap();
    let before = modified("app/api/users/route.ts");
    project.run(&["check", "--fix"]);
    assert_eq!(modified("app/api/users/route.ts"), before);
}

#[test]
fn unsafe_fixes_are_applied_only_when_asked_for() {
    let project = Project::small();
    let before = project.all();
    let safe_only = project.run(&["check", "--fix"]);
    assert_eq!((safe_only.status, &*safe_only.stderr), (1, ""));
    assert_eq!(project.all(), before);
    let run = project.run(&["check", "--fix", "--unsafe-fixes"]);
    assert_eq!((run.status, &*run.stderr), (0, "Applied 1 fix to 2 files.\n"));
    assert!(project.read("lib/prisma.ts").contains("new PrismaClient()"));
    assert!(!project.read("app/api/users/route.ts").contains("new PrismaClient()"));
}

#[test]
fn a_diff_writes_nothing_and_is_what_fix_does() {
    for (new, header) in [
        (
            Project::example as fn() -> Project,
            "--- a/app/api/report/route.ts\n+++ b/app/api/report/route.ts\n",
        ),
        (Project::small, "--- /dev/null\n+++ b/lib/prisma.ts\n"),
    ] {
        let project = new();
        let before = project.all();
        let diff = project.run(&["check", "--diff", "--unsafe-fixes"]);
        assert_eq!(diff.status, 1, "what is wrong is still wrong");
        assert_eq!(project.all(), before);
        assert!(diff.stdout.contains(header), "{}", diff.stdout);

        let patched = new();
        patched.write("changes.diff", &diff.stdout);
        let mut git = Command::new("git");
        let applied = git.args(["apply", "changes.diff"]).current_dir(patched.path()).status().unwrap();
        assert!(applied.success(), "{}", diff.stdout);
        fs::remove_file(patched.path().join("changes.diff")).unwrap();
        project.run(&["check", "--fix", "--unsafe-fixes"]);
        assert_eq!(patched.all(), project.all());
    }
}

#[test]
fn line_ends_and_a_byte_order_mark_stay() {
    let project = unguarded();
    project.write("lib/prisma.ts", &format!("\u{feff}{}", UNGUARDED.replace('\n', "\r\n")));
    let run = project.run(&["check", "--fix"]);
    assert_eq!(run.status, 0, "{run:?}");
    let mended = project.read("lib/prisma.ts");
    assert!(mended.starts_with("\u{feff}import"), "{mended:?}");
    assert!(mended.contains("globalThis"), "{mended:?}");
    assert_eq!(mended.matches('\n').count(), mended.matches("\r\n").count(), "{mended:?}");
}

#[test]
fn a_file_that_cannot_be_written_stays_and_is_2() {
    let project = unguarded();
    let path = project.path().join("lib/prisma.ts");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let run = project.run(&["check", "--fix"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("error: lib/prisma.ts: not written: the file is read-only\n"),
        "{}",
        run.stderr
    );
    assert_eq!(project.read("lib/prisma.ts"), UNGUARDED);
}

#[test]
fn text_on_standard_input_stands_for_the_file() {
    let project = Project::small();
    let arguments = &["check", "--format", "concise", "--stdin-filepath", "app/api/users/route.ts"];
    let run = project.run_on("export const GET = () => Response.json([])\n", arguments);
    assert_eq!((run.status, &*run.stdout), (0, ""));
    let run = project.run_on(&format!("\n{ROUTE}"), arguments);
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("app/api/users/route.ts:5:18: error "), "{}", run.stdout);
    let arguments = &["check", "--format", "concise", "--stdin-filepath", "app/api/new/route.ts"];
    let run = project.run_on(ROUTE, arguments);
    assert!(
        run.stdout.starts_with("app/api/new/route.ts:4:18: error "),
        "a file that is not there yet: {run:?}"
    );
}

#[test]
fn the_other_files_come_from_the_disk() {
    let project = Project::example();
    let text = format!("// typed\n{}", project.read("lib/orders.ts"));
    let run = project.run_on(&text, &["check", "--format", "concise", "--stdin-filepath", "lib/orders.ts"]);
    assert!(run.stdout.starts_with("lib/orders.ts:6:18: error "), "a route on the disk calls it: {run:?}");
}

#[test]
fn fixed_text_goes_to_standard_output_and_nothing_is_written() {
    let project = unguarded();
    let before = project.all();
    let arguments = &["check", "--fix", "--stdin-filepath", "lib/prisma.ts"];
    let run = project.run_on(UNGUARDED, arguments);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.starts_with("import { PrismaClient } from '@prisma/client'\n"), "{}", run.stdout);
    assert!(run.stdout.contains("globalThis"), "{}", run.stdout);
    assert_eq!(project.all(), before);
    let clean = "export const prisma = null\n";
    let run = project.run_on(clean, arguments);
    assert_eq!((run.status, &*run.stdout), (0, clean));
}

#[test]
fn on_standard_input_a_fix_that_needs_another_file_gives_way_to_one_that_does_not() {
    let project = Project::small();
    let before = project.all();
    let arguments = &["check", "--fix", "--unsafe-fixes", "--stdin-filepath", "app/api/users/route.ts"];
    let run = project.run_on(ROUTE, arguments);
    let mended = "import { PrismaClient } from '@prisma/client'\n\n\
        const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient }\n\
        const prisma = globalForPrisma.prisma ?? new PrismaClient()\n\
        globalForPrisma.prisma = prisma\n\n\
        export async function GET() {\n  return Response.json(await prisma.user.count())\n}\n";
    assert_eq!((run.status, &*run.stdout), (0, mended));
    assert_eq!(project.all(), before, "the module of the other fix is not made");
}
