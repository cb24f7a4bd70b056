//! The exit status, and what is said where.

use crate::project::{Project, ROUTE};

const CLEAN: &str = "export const GET = () => Response.json([])\n";

#[test]
fn a_clean_project_is_0_and_one_short_line() {
    let project = Project::small();
    project.write("app/api/users/route.ts", CLEAN);
    let run = project.run(&["check"]);
    assert_eq!((run.status, &*run.stderr), (0, ""));
    assert_eq!(run.stdout, "Nothing found in 2 files (target: Vercel, from vercel.json)\n");
}

#[test]
fn what_says_where_packages_run_is_called_as_the_folder_of_the_command_calls_it_and_once_for_each_host() {
    let next = r#"{ "dependencies": { "next": "16.0.0" } }"#;
    let express = r#"{ "dependencies": { "express": "5.1.0" }, "scripts": { "start": "node index.js" } }"#;
    let project = Project::with(&[
        ("package.json", r#"{ "workspaces": ["apps/*"] }"#),
        ("apps/admin/package.json", next),
        ("apps/admin/vercel.json", "{}"),
        ("apps/admin/app/api/users/route.ts", CLEAN),
        ("apps/web/package.json", next),
        ("apps/web/vercel.json", "{}"),
        ("apps/web/app/api/users/route.ts", CLEAN),
        ("apps/server/package.json", express),
        ("apps/server/index.js", "require('express')().listen(3000);\n"),
    ]);
    let all = project.run(&["check"]).stdout;
    let server =
        "a persistent Express process, from \"start\": \"node index.js\" in apps/server/package.json";
    let said = format!(
        "Nothing found in 5 files (targets: Vercel, from apps/admin/vercel.json and 1 more; {server})\n"
    );
    assert_eq!(all, said);
}

#[test]
fn an_error_is_1_and_stands_on_standard_output() {
    let run = Project::small().run(&["check"]);
    assert_eq!((run.status, &*run.stderr), (1, ""));
    assert!(run.stdout.starts_with("error[clients/prisma-client-per-request]: "), "{}", run.stdout);
    assert!(run.stdout.contains(" --> app/api/users/route.ts:4:18\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n1 error in 2 files (target: Vercel, from vercel.json)"), "{}", run.stdout);
}

#[test]
fn a_path_alone_is_checked() {
    let project = Project::small();
    assert_eq!(project.run(&["app"]), project.run(&["check", "app"]));
}

#[test]
fn warnings_are_0_unless_there_are_more_than_allowed() {
    let project = Project::small();
    let config = r#"{ "rules": { "clients": "warning" } }"#;
    project.write("routewise.json", config);
    assert_eq!(project.run(&["check"]).status, 0);
    assert_eq!(project.run(&["check", "--max-warnings", "1"]).status, 0);
    let run = project.run(&["check", "--max-warnings", "0"]);
    assert_eq!(run.status, 1);
    assert_eq!(run.stderr, "1 warning found, more than --max-warnings 0\n");
    let quiet = project.run(&["check", "--quiet", "--max-warnings", "0"]);
    assert_eq!(quiet.status, 1, "what is not shown counts");
    assert_eq!(quiet.stdout, "Nothing found in 2 files (target: Vercel, from vercel.json)\n");
}

#[test]
fn what_cannot_be_done_is_2_and_says_why_on_standard_error_only() {
    let project = Project::small();
    project.write("notes.md", "");
    project.write("empty/notes.md", "");
    for (arguments, said) in [
        (&["check", "--bogus"][..], "unexpected argument '--bogus'"),
        (&["check", "--format", "xml"], "invalid value 'xml'"),
        (&["check", "--threads", "0"], "invalid value '0'"),
        (&["check", "nowhere"], "error: nowhere: there is no such file or folder\n"),
        (&["check", "--target", "vercell"], "there is no such host; did you mean vercel?\n"),
        (&["check", "--config", "nowhere.json"], "error: nowhere.json: "),
        (&["check", "notes.md"], "error: notes.md: "),
        (&["check", "empty"], "error: empty: no JavaScript or TypeScript file here"),
        (&["check", "--stdin-filepath", "a.ts", "app"], "leave the paths out"),
        (&["explain", "prisma-client-per-requst"], "did you mean clients/prisma-client-per-request"),
        (&[], "Usage: routewise"),
    ] {
        let run = project.run(arguments);
        assert_eq!((run.status, &*run.stdout), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn nothing_to_check_is_0_for_those_who_ask() {
    let project = Project::small();
    project.write("empty/notes.md", "");
    let run = project.run(&["check", "empty", "--no-error-on-unmatched-pattern"]);
    assert_eq!((run.status, &*run.stderr), (0, ""));
}

#[test]
fn a_broken_configuration_is_2_and_names_the_place() {
    let project = Project::small();
    for (config, place) in [
        ("{\n  \"target\": \"vercel\"\n  \"rules\": {}\n}", "error: routewise.json:2:21: "),
        ("{\n  \"taregt\": \"vercel\"\n}", "error: routewise.json:2:3: "),
        ("{\n  \"rules\": { \"clients/prisma\": \"off\" }\n}", "error: routewise.json:2:14: "),
        ("{ \"rules\": { \"clients\": \"loud\" } }", "error: routewise.json:1:"),
    ] {
        project.write("routewise.json", config);
        let run = project.run(&["check"]);
        assert_eq!((run.status, &*run.stdout), (2, ""), "{config}");
        assert!(run.stderr.contains(place), "{config}: {}", run.stderr);
    }
}

#[test]
fn a_broken_file_that_is_no_configuration_of_ours_is_told_of_and_the_rest_is_checked() {
    let project = Project::small();
    project.write("tsconfig.json", r#"{ "extends": "./.generated/tsconfig.json" }"#);
    let run = project.run(&["check"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.starts_with("warning: tsconfig.json:1:"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn a_broken_configuration_elsewhere_in_the_repository_does_not_matter() {
    let project = Project::with(&[
        (".git/HEAD", ""),
        ("one/package.json", "{}"),
        ("one/index.ts", CLEAN),
        ("two/package.json", "{}"),
        ("two/routewise.json", "{ broken"),
    ]);
    assert_eq!(project.run(&["check", "one"]).status, 0);
    assert_eq!(project.run(&["check"]).status, 2);
}

#[test]
fn a_file_that_cannot_be_read_is_told_of_and_the_rest_is_checked() {
    let project = Project::small();
    std::fs::write(project.path().join("app/binary.ts"), b"a\0b").unwrap();
    let run = project.run(&["check"]);
    assert_eq!(run.status, 1);
    assert_eq!(run.stderr, "warning: app/binary.ts: Not read: this is a binary file.\n");
    assert!(run.stdout.contains("clients/prisma-client-per-request"));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    use std::process::Stdio;
    let project = Project::small();
    let many = format!("{ROUTE}{}", "export const POST = async () => new PrismaClient()\n".repeat(500));
    project.write("app/api/users/route.ts", &many);
    for format in ["pretty", "json", "sarif"] {
        let mut child = project
            .command(&["check", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
}
