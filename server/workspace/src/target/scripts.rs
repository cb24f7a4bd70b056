//! Signs of a target in `package.json` and in the options of Next.js.

use routewise_analysis::package::{Evidence, NextProject};
use routewise_analysis::path::FilePath;

use super::Sign;
use crate::folders::Folder;
use crate::manifest::Manifest;
use crate::paths::{child, is_file, read_small};

/// Commands that run a file of JavaScript or TypeScript.
const RUNNERS: [&str; 10] =
    ["node", "nodejs", "tsx", "ts-node", "ts-node-esm", "bun", "nodemon", "pm2", "pm2-runtime", "swc-node"];

/// Packages that put an Express app into a function.
const ADAPTERS: [&str; 5] = [
    "serverless-http",
    "@vendia/serverless-express",
    "@codegenie/serverless-express",
    "aws-serverless-express",
    "firebase-functions",
];

/// The sign that `output` of Next.js is set to `value`.
pub(super) fn output(
    folder: &Folder,
    next: Option<&NextProject>,
    value: &str,
    id: &'static str,
) -> Option<Sign> {
    let next = next?;
    let config = next.config.as_ref().filter(|_| next.output.as_deref() == Some(value))?;
    let name = crate::paths::relative(&folder.path, config);
    Some(Sign {
        id,
        evidence: Evidence { text: format!("output: \"{value}\" in {name}"), path: Some(config.clone()) },
    })
}

/// The sign that the package is started as a process of its own: a custom server of Next.js, a standalone
/// build, an Express app.
pub(super) fn process(folder: &Folder, next: Option<&NextProject>) -> Option<Sign> {
    let manifest = folder.manifest.as_ref()?;
    let depends_on_next = next.is_some() || manifest.depends_on("next");
    let start = manifest.scripts.get("start");
    let file = start.and_then(|start| started_file(start));
    let sign = |id| {
        let start = start.map(String::as_str).unwrap_or_default();
        let text = format!("\"start\": \"{start}\" in package.json");
        Sign { id, evidence: Evidence { text, path: Some(child(&folder.path, "package.json")) } }
    };
    if depends_on_next {
        if file.is_some_and(|file| makes_next_server(&folder.path, file)) {
            return Some(sign("node"));
        }
        return output(folder, next, "standalone", "node");
    }
    let wrapped = ADAPTERS.iter().any(|name| manifest.depends_on(name));
    (manifest.depends_on("express") && !wrapped && file.is_some()).then(|| sign("express"))
}

/// Whether some script of a package runs a command.
pub(super) fn runs(manifest: &Manifest, command: &str) -> bool {
    manifest.scripts.values().any(|script| {
        commands(script).any(|words| {
            words.first().is_some_and(|first| *first == command || runs_through(&words, command))
        })
    })
}

/// `npx vercel`, `pnpm dlx vercel@latest`.
fn runs_through(words: &[&str], command: &str) -> bool {
    matches!(words[0], "npx" | "pnpx" | "bunx" | "pnpm" | "yarn" | "npm")
        && words[1..]
            .iter()
            .find(|word| !word.starts_with('-') && !matches!(**word, "dlx" | "exec" | "run"))
            .is_some_and(|word| word.split('@').next() == Some(command))
}

/// The file that a `start` script runs.
fn started_file(script: &str) -> Option<&str> {
    commands(script).find_map(|words| {
        let (runner, rest) = words.split_first()?;
        if !RUNNERS.contains(runner) {
            return None;
        }
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            match *word {
                // Options whose value is a word of its own.
                "-r" | "--require" | "--import" | "--loader" | "--env-file" | "-P" | "--project" | "-i"
                | "--name" | "-n" | "-e" | "--exec" => {
                    rest.next();
                }
                "run" | "start" | "watch" => {}
                option if option.starts_with('-') => {}
                file => return Some(file),
            }
        }
        None
    })
}

/// The commands of a script, each as its words, without assignments and what only sets the environment.
fn commands(script: &str) -> impl Iterator<Item = Vec<&str>> {
    script.split(['&', '|', ';']).filter_map(|command| {
        let mut words = command.split_whitespace().peekable();
        while let Some(word) = words.peek() {
            match *word {
                "cross-env" | "cross-env-shell" | "env" | "exec" | "dotenv" | "--" | "dotenvx" => {
                    words.next();
                }
                "-e" | "-f" => {
                    words.next();
                    words.next();
                }
                assignment if assignment.contains('=') && !assignment.starts_with('-') => {
                    words.next();
                }
                _ => break,
            }
        }
        let words: Vec<&str> = words.collect();
        (!words.is_empty()).then_some(words)
    })
}

/// Whether the file, or the source it was built from, serves a Next.js app.
fn makes_next_server(folder: &FilePath, file: &str) -> bool {
    let stem = file.trim_start_matches("./");
    let mut places = vec![stem.to_owned(), format!("{stem}.js"), format!("{stem}/index.js")];
    let built =
        stem.split_once('/').filter(|(first, _)| matches!(*first, "dist" | "build" | "out" | ".server"));
    if let Some((_, rest)) = built {
        let rest = rest.rsplit_once('.').map_or(rest, |(name, _)| name);
        for extension in ["ts", "mts", "cts", "js", "mjs", "tsx"] {
            places.push(format!("{rest}.{extension}"));
            places.push(format!("src/{rest}.{extension}"));
        }
    }
    let Some(text) =
        places.iter().map(|place| folder.join(place)).find(is_file).and_then(|path| read_small(&path))
    else {
        return false;
    };
    let imports = ["from 'next'", "from \"next\"", "require('next')", "require(\"next\")"];
    imports.iter().any(|import| text.contains(import)) && text.contains("getRequestHandler")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_started_file_is_found_behind_environment_and_options() {
        for (script, file) in [
            ("node server.js", Some("server.js")),
            ("NODE_ENV=production node -r dotenv/config dist/index.js", Some("dist/index.js")),
            ("cross-env NODE_ENV=production node --enable-source-maps ./server.mjs", Some("./server.mjs")),
            ("npm run build && node dist/server.js", Some("dist/server.js")),
            ("tsx watch src/index.ts", Some("src/index.ts")),
            ("bun run src/index.ts", Some("src/index.ts")),
            ("pm2-runtime start dist/main.js", Some("dist/main.js")),
            ("dotenv -e .env -- node server.js", Some("server.js")),
            ("next start", None),
            ("node", None),
            ("", None),
        ] {
            assert_eq!(started_file(script), file, "{script}");
        }
    }

    #[test]
    fn a_command_is_recognised_through_the_package_managers() {
        for (script, found) in [
            ("vercel --prod", true),
            ("npm run build && vercel deploy", true),
            ("npx vercel@latest deploy", true),
            ("pnpm dlx vercel", true),
            ("echo vercel", false),
            ("next build", false),
        ] {
            let mut manifest = Manifest::default();
            manifest.scripts.insert("deploy".to_owned(), script.to_owned());
            assert_eq!(runs(&manifest, "vercel"), found, "{script}");
        }
    }
}
