//! What `check --cache` keeps, and everything that may happen to the project and to the kept file in between.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use routewise_tests::random::{Dice, check, damaged, damages};
use routewise_tests::workspace::TestProject;

use crate::{run, text};

/// Changes of a project in one run of the test.
const STEPS: usize = 40;

/// A handler with a finding, and others that reach it through modules.
const TEXTS: [&str; 8] = [
    "import { PrismaClient } from '@prisma/client';\nexport async function GET() {\n  const prisma = new PrismaClient();\n  return Response.json(await prisma.user.count());\n}\n",
    "import { db } from '@/lib/db';\nexport const GET = async () => Response.json(await db().user.count());\n",
    "import { db } from '../../lib/db';\nexport const POST = async () => Response.json(await db().user.count());\n",
    "import { PrismaClient } from '@prisma/client';\nexport const db = () => new PrismaClient();\n",
    "export { db } from './b';\n",
    "export * from '@shop/tools';\n",
    "export const GET = () => Response.json([]);\n",
    "export const GET = (\n",
];

const SOURCES: [&str; 10] = [
    "app/a/route.ts",
    "app/b/route.ts",
    "app/b/c/route.js",
    "pages/api/d.ts",
    "lib/db.ts",
    "lib/db/index.ts",
    "lib/b.ts",
    "src/lib/db.ts",
    "packages/tools/index.ts",
    "node_modules/@shop/tools/index.js",
];

/// Files around the code, each with what may stand in it.
const AROUND: [(&str, &[&str]); 14] = [
    (
        "package.json",
        &[
            "{ \"dependencies\": { \"next\": \"16.0.0\", \"@prisma/client\": \"6.19.0\" }, \"workspaces\": [\"packages/*\"] }",
            "{ \"dependencies\": { \"next\": \"13.0.0\", \"@shop/tools\": \"*\" } }",
            "{ broken",
        ],
    ),
    (
        "packages/tools/package.json",
        &["{ \"name\": \"@shop/tools\" }", "{ \"name\": \"@shop/tools\", \"main\": \"none.ts\" }"],
    ),
    ("node_modules/@shop/tools/package.json", &["{ \"version\": \"1.0.0\" }", "{ \"main\": \"index.js\" }"]),
    ("node_modules/next/package.json", &["{ \"version\": \"16.0.0\" }", "{ \"version\": \"14.2.0\" }"]),
    (
        "tsconfig.json",
        &[
            "{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./*\"] } } }",
            "{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./src/*\"] } } }",
            "{ \"extends\": \"./base.json\" }",
        ],
    ),
    ("base.json", &["{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./*\"] } } }"]),
    ("vercel.json", &["{}", "{ \"crons\": [{ \"path\": \"/b\", \"schedule\": \"0 0 * * *\" }] }"]),
    ("fly.toml", &["app = 'shop'\n"]),
    ("Dockerfile", &["FROM node\nCMD [\"node\", \"server.js\"]\n"]),
    (
        "next.config.js",
        &["module.exports = { basePath: '/x' };\n", "module.exports = { output: 'standalone' };\n"],
    ),
    (".gitignore", &["lib\n", "/app/b\n!lib/b.ts\n", ""]),
    ("app/.gitignore", &["b\n"]),
    (
        "routewise.json",
        &["{ \"rules\": { \"clients\": \"warning\" } }", "{ \"exclude\": [\"lib\"] }", "{ broken"],
    ),
    ("app/routewise.json", &["{ \"rules\": { \"clients\": \"off\" } }"]),
];

/// Something happens to the project, or nothing.
fn change(project: &TestProject, dice: &mut Dice) -> String {
    let folders = ["app/a", "app/b", "lib", "src", "packages/tools", "node_modules/@shop"];
    match dice.below(10) {
        0..3 => {
            let (path, text) = (*dice.pick(&SOURCES), *dice.pick(&TEXTS));
            let _ = fs::remove_file(project.path(path));
            project.write(path, text);
            format!("{path} is {text:?}")
        }
        3..6 => {
            let (path, texts) = *dice.pick(&AROUND);
            let text = *dice.pick(texts);
            project.write(path, text);
            format!("{path} is {text:?}")
        }
        6 => {
            let path = if dice.percent(50) { *dice.pick(&SOURCES) } else { dice.pick(&AROUND).0 };
            let _ = fs::remove_file(project.path(path));
            format!("{path} is gone")
        }
        7 => {
            let (from, to) = (*dice.pick(&folders), *dice.pick(&folders));
            let _ = fs::rename(project.path(from), project.path(to));
            format!("{from} becomes {to}")
        }
        8 => {
            let (from, to) = (*dice.pick(&folders), *dice.pick(&folders));
            linked(project, from, to)
        }
        _ => {
            project.write("README.md", &dice.below(1000).to_string());
            "nothing that matters".to_owned()
        }
    }
}

#[cfg(unix)]
fn linked(project: &TestProject, from: &str, to: &str) -> String {
    let (place, target) = (project.path(from), project.path(to));
    if place != target && !place.exists() {
        let _ = fs::remove_file(&place);
        let _ = std::os::unix::fs::symlink(&target, &place);
    }
    format!("{from} leads to {to}")
}

#[cfg(not(unix))]
fn linked(_: &TestProject, _: &str, _: &str) -> String {
    "nothing".to_owned()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn whatever_happens_to_a_project_a_kept_check_says_what_a_new_one_says() {
    let seed = std::env::var("ROUTEWISE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let steps = std::env::var("ROUTEWISE_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(STEPS);
    let mut dice = Dice::new(seed);
    let project = TestProject::next(&[("package-lock.json", "{}")]);
    for (path, text) in SOURCES.iter().zip(TEXTS) {
        project.write(path, text);
    }
    let kept = tempfile::tempdir().expect("a folder");
    let kept = kept.path().to_str().expect("a path of text");
    let (mut told, mut again, mut before) = (Vec::new(), 0, Vec::new());
    for step in 0..steps {
        for _ in 0..dice.below(3) {
            told.push(change(&project, &mut dice));
        }
        let fresh = said(&run(project.root(), &["check"]));
        let cached = said(&run(project.root(), &["check", "--cache-location", kept]));
        let last = &told[told.len().saturating_sub(5)..];
        assert_eq!(cached, fresh, "ROUTEWISE_SEED={seed}, step {step}: {last:#?}");
        // What is kept anew holds other answers.
        let now =
            fs::read_dir(kept).expect("a folder").flatten().map(|it| fs::read(it.path()).expect("a file"));
        let now = now.collect::<Vec<_>>();
        again += usize::from(now == before && fresh.0 != Some(2));
        before = now;
    }
    assert!(again > 0 && again < steps, "{again} of {steps} were said again");
}

/// The one file in a folder.
fn only(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    files.next().expect("a kept check")
}

#[test]
fn a_kept_check_that_is_damaged_is_none() {
    let project = TestProject::next(&[("app/a/route.ts", TEXTS[0]), ("lib/db.ts", TEXTS[3])]);
    let kept = tempfile::tempdir().expect("a folder");
    let folder = kept.path().to_str().expect("a path of text");
    let arguments = ["check", "--cache-location", folder];
    let fresh = said(&run(project.root(), &["check"]));
    assert_eq!(said(&run(project.root(), &arguments)), fresh);
    let file = only(kept.path());
    let whole = fs::read(&file).expect("a kept check");
    for length in (0..whole.len()).step_by(whole.len() / 6) {
        fs::write(&file, &whole[..length]).expect("it is ours");
        assert_eq!(said(&run(project.root(), &arguments)), fresh, "{length} bytes");
        assert_eq!(fs::read(&file).expect("a kept check").len(), whole.len(), "it is kept anew");
    }
    check(6, &damages(), |damages| {
        fs::write(&file, damaged(&whole, &damages)).expect("it is ours");
        assert_eq!(said(&run(project.root(), &arguments)), fresh);
    });
    // A folder in its place cannot be replaced, which is said.
    fs::remove_file(&file).expect("it is ours");
    fs::create_dir(&file).expect("it is ours");
    let (status, out, told) = said(&run(project.root(), &arguments));
    assert_eq!((status, &out), (fresh.0, &fresh.1));
    assert!(told.contains("the check is not kept"), "{told}");
}
