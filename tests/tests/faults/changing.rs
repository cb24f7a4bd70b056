//! Files and folders that change, or refuse, while they are read.

use std::sync::atomic::{AtomicBool, Ordering};

use routewise_tests::workspace::TestProject;

use crate::{run, text};

/// A handler with a finding.
const BAD: &str = "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.user.count());\n}\n";

#[test]
fn files_that_come_and_go_while_all_are_read_cost_themselves_at_most() {
    let project = TestProject::next(&[("app/api/users/route.ts", BAD)]);
    for number in 0..400 {
        project.write(&format!("app/api/r{number}/route.ts"), BAD);
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !done.load(Ordering::Relaxed) {
                let path = project.path(&format!("app/api/r{}", number % 400));
                // The walk may be in it: whichever way it goes is right.
                let _ = std::fs::remove_dir_all(&path);
                let _ = std::fs::create_dir_all(&path);
                let _ = std::fs::write(path.join("route.ts"), BAD);
                number += 7;
            }
        });
        for _ in 0..5 {
            let output = run(project.root(), &["check", "--format", "concise"]);
            let (out, told) = (text(&output.stdout), text(&output.stderr));
            assert!(out.contains("app/api/users/route.ts:3:18"), "{out}\n{told}");
            assert!(!told.contains("panicked"), "{told}");
            let unread = told.lines().filter(|line| line.contains("Not read"));
            assert!(unread.clone().all(|line| line.contains("app/api/r")), "{told}");
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_may_not_be_read_is_named_and_the_others_are_read() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    let project = TestProject::next(&[("app/api/users/route.ts", BAD), ("app/api/locked/route.ts", BAD)]);
    let locked = project.path("app/api/locked");
    let set =
        |mode| std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    set(0o000);
    // Root may read everything, unless it gives that up first.
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-all", "--inh-caps", "-all", "--ambient-caps", "-all", "--"]);
    let mut command = if std::fs::read_dir(&locked).is_ok() {
        command.arg(routewise_tests::binary::routewise());
        command
    } else {
        Command::new(routewise_tests::binary::routewise())
    };
    let output = command
        .args(["check", "--format", "concise", "--color", "never"])
        .current_dir(project.root())
        .output();
    set(0o755);
    let output = output.expect("it starts");
    let (out, told) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(out.lines().filter(|line| line.contains("route.ts:3:18")).count(), 1, "{out}\n{told}");
    assert!(out.contains("app/api/users/route.ts:3:18"), "{out}");
    assert!(told.contains("app/api/locked") && told.contains("cannot be read"), "{told}");
}
