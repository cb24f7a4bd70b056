//! No connection is opened and nothing of the project is run: seen by what the program asks of the system.

use std::process::Command;

use routewise_tests::binary::routewise;
use routewise_tests::workspace::TestProject;
use serde_json::json;

use routewise_tests::handshakes::plain_handshake;

use crate::text;

/// A project that would run if anything of it were run.
fn trap() -> TestProject {
    let runs = "require('fs').writeFileSync(__dirname + '/ran', '');\n";
    let project = TestProject::next(&[
        ("next.config.js", runs),
        ("node_modules/.bin/next", "#!/bin/sh\ntouch ran\n"),
        ("node_modules/@prisma/client/index.js", runs),
        (
            "app/api/users/route.ts",
            "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  return Response.json(await new PrismaClient().user.count());\n}\n",
        ),
    ]);
    project.write("package.json", "{ \"name\": \"shop\", \"scripts\": { \"preinstall\": \"touch ran\", \"build\": \"touch ran\" }, \"dependencies\": { \"next\": \"16.4.6\", \"@prisma/client\": \"6.19.3\" } }\n");
    project
}

/// What a run asks of the system, as `strace` writes it; `None` where there is no `strace`.
fn traced(project: &TestProject, arguments: &[&str], input: &[u8]) -> Option<String> {
    use std::io::Write as _;
    use std::process::Stdio;

    let log = project.path("trace");
    let mut child = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=network,execve,execveat", "-o"])
        .arg(&log)
        .arg(routewise())
        .args(arguments)
        .current_dir(project.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().expect("piped").write_all(input).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let told = text(&output.stderr);
    if told.contains("PTRACE_TRACEME") || told.contains("Operation not permitted") {
        return None;
    }
    let trace = std::fs::read_to_string(&log).expect("a trace");
    std::fs::remove_file(log).expect("it is there");
    Some(trace)
}

fn lsp(project: &TestProject) -> Vec<u8> {
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": plain_handshake(project.root(), "utf-16") }),
        json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "routewise/decision", "params": {} }),
        json!({ "jsonrpc": "2.0", "id": 3, "method": "shutdown" }),
        json!({ "jsonrpc": "2.0", "method": "exit" }),
    ];
    let framed = messages.map(|message| {
        let body = message.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    });
    framed.concat().into_bytes()
}

#[test]
fn no_connection_is_opened_and_no_program_is_started() {
    let project = trap();
    let session = lsp(&project);
    for (arguments, input) in [
        (&["check"][..], &b""[..]),
        (&["check", "--fix", "--unsafe-fixes"], b""),
        (&["routes"], b""),
        (&["decide", "--format", "html"], b""),
        (&["target"], b""),
        (&["lsp"], &session),
    ] {
        let Some(trace) = traced(&project, arguments, input) else {
            println!("skipped: strace is not there, or may not trace here");
            return;
        };
        let calls: Vec<&str> = trace.lines().filter(|line| !line.contains("exited with")).collect();
        let started: Vec<&&str> = calls.iter().filter(|line| line.contains("execve")).collect();
        assert_eq!(started.len(), 1, "{arguments:?} starts itself and nothing else: {started:#?}");
        let outside = ["AF_INET", "connect(", "bind(", "sendto("];
        let network: Vec<&&str> =
            calls.iter().filter(|line| outside.iter().any(|it| line.contains(it))).collect();
        assert!(network.is_empty(), "{arguments:?}: {network:#?}");
        assert!(!project.path("ran").exists() && !project.path("node_modules/@prisma/client/ran").exists());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_network_everything_works() {
    let project = trap();
    let run = |program: &mut Command| {
        program.args(["check", "--format", "concise"]).current_dir(project.root()).output()
    };
    let mut alone = Command::new("unshare");
    alone.args(["--net", "--map-root-user", "--"]).arg(routewise());
    let output = run(&mut alone).expect("unshare is part of every Linux");
    let told = text(&output.stderr);
    if told.starts_with("unshare:") {
        println!("skipped: {told}");
        return;
    }
    let usual = run(&mut Command::new(routewise())).expect("it starts");
    assert_eq!((output.status, output.stdout, told), (usual.status, usual.stdout, text(&usual.stderr)));
}
