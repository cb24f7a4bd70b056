//! What is worked on: a repository made of routes, helpers, components and the examples of all rules, or a copy of a
//! real one.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use routewise_analysis::rules::Catalogue;
use routewise_tests::random::Dice;
use routewise_tests::routes;
use routewise_tests::workspace::TestProject;

/// Names the folder of a real repository, which is copied before anything in it changes.
const REAL: &str = "ROUTEWISE_SOAK_PROJECT";

/// What the package of an example has unless it brings its own.
const MANIFEST: &str =
    r#"{ "dependencies": { "next": "16.4.6", "express": "5.1.0", "@prisma/client": "6.19.3" } }"#;

/// Longer ones are left as they are.
const LONGEST: u64 = 300_000;

/// The files that a developer works on.
pub(crate) struct Repository {
    /// Where they lie.
    pub(crate) project: TestProject,
    /// The source files, from the root.
    pub(crate) files: BTreeSet<String>,
}

impl Repository {
    /// The repository that the environment names, or one that is made.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        match std::env::var_os(REAL) {
            Some(folder) => Self::copy_of(Path::new(&folder)),
            None => Self::made(dice),
        }
    }

    fn made(dice: &mut Dice) -> Self {
        let project = TestProject::next(&[
            (
                "lib/prisma.ts",
                "import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();\n",
            ),
            ("lib/logger.ts", "export const logger = console;\n"),
            ("lib/auth.ts", include_str!("../../fixtures/shop/lib/auth.ts")),
            ("server/app.ts", &routes::express_server(300)),
        ]);
        for number in 0..24 {
            let name = routes::name(number).to_lowercase();
            project.write(&format!("app/api/{name}/route.ts"), &routes::next_route(80 + number * 5));
            project.write(&format!("lib/{name}.ts"), &routes::helper_module(number));
            let next = routes::name((number + 1) % 24).to_lowercase();
            project.write(
                &format!("components/{name}.tsx"),
                &format!("'use client';\nexport function View() {{\n  const load = () => fetch('/api/{next}', {{ method: 'POST' }});\n  return <button onClick={{load}}>load</button>;\n}}\n"),
            );
        }
        for number in 0..60 {
            let package = format!("packages/example{number}");
            project.write(&format!("{package}/package.json"), MANIFEST);
            for (path, text) in dice.pick(examples()) {
                project.write(&format!("{package}/{path}"), text);
            }
        }
        let files = sources(project.root());
        Self { project, files }
    }

    fn copy_of(folder: &Path) -> Self {
        let project = TestProject::new(&[]);
        for path in walk(folder) {
            let relative = path.strip_prefix(folder).expect("below the folder").to_str();
            if let (Some(relative), Ok(bytes)) = (relative, std::fs::read(&path)) {
                project.write_bytes(relative, &bytes);
            }
        }
        let files = sources(project.root());
        assert!(!files.is_empty(), "{} holds no source files", folder.display());
        Self { project, files }
    }

    /// One of the source files, more often a route than another.
    pub(crate) fn any(&self, dice: &mut Dice) -> String {
        let all: Vec<&String> = self.files.iter().collect();
        let routes: Vec<&String> = all.iter().copied().filter(|path| path.contains("/api/")).collect();
        let from = if !routes.is_empty() && dice.percent(60) { &routes } else { &all };
        let path = (*dice.pick(from)).clone();
        println!("  at {path}");
        path
    }
}

/// The files of all examples of all rules, example by example.
fn examples() -> &'static [Vec<(String, String)>] {
    static EXAMPLES: LazyLock<Vec<Vec<(String, String)>>> = LazyLock::new(|| {
        let rules = Catalogue::builtin();
        let examples = rules.rules().iter().flat_map(|rule| &rule.examples);
        examples.map(|example| example.files.clone()).collect()
    });
    &EXAMPLES
}

/// The text of a file of an example.
pub(crate) fn any_text(dice: &mut Dice) -> &'static str {
    let files = dice.pick(examples());
    &dice.pick(files).1
}

/// The source files below a folder that are text of a usual length, from the folder.
fn sources(root: &Path) -> BTreeSet<String> {
    let usual = |path: &Path| {
        let name = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
        ["ts", "tsx", "js", "jsx", "mjs", "cjs"].contains(&name)
            && std::fs::metadata(path).is_ok_and(|data| data.len() < LONGEST)
            && std::fs::read_to_string(path).is_ok()
    };
    let found = walk(root).into_iter().filter(|path| usual(path));
    let below = found.filter_map(|path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned));
    below.collect()
}

/// Every file below a folder but what is installed and what git keeps.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (Ok(kind), name) = (entry.file_type(), entry.file_name()) else { continue };
            if kind.is_dir() && name != "node_modules" && name != ".git" {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}
