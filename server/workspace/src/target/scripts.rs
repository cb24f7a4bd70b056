//! Signs of a target in `package.json` and in the options of Next.js.

use routewise_analysis::package::{Bundler, Evidence, Instances, NextProject};
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

/// The sign that an adapter builds the app for one host, where its name says which.
pub(super) fn adapter(folder: &Folder, next: Option<&NextProject>) -> Option<Sign> {
    let next = next?;
    let (config, adapter) = (next.config.as_ref()?, next.adapter_path.as_deref()?);
    let hosts = [("vercel", "vercel"), ("netlify", "netlify"), ("cloudflare", "cloudflare"), ("bun", "node")];
    let package = !adapter.starts_with(['.', '/']);
    let word = |wanted: &str| adapter.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == wanted);
    let (_, id) = hosts.into_iter().find(|(name, _)| package && word(name))?;
    let name = crate::paths::relative(&folder.path, config);
    let text = format!("adapterPath: \"{adapter}\" in {name}");
    Some(Sign { id, evidence: Evidence { text, path: Some(config.clone()) } })
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
        let served = file.and_then(|file| places(&folder.path, file).find(is_file));
        if served.is_some_and(|file| serves_next(&file)) {
            return Some(sign("node"));
        }
        return output(folder, next, "standalone", "node");
    }
    let wrapped = ADAPTERS.iter().any(|name| manifest.depends_on(name));
    (manifest.depends_on("express") && !wrapped && file.is_some()).then(|| sign("express"))
}

/// Whether some script of a package runs a command.
pub(super) fn runs(manifest: &Manifest, command: &str) -> bool {
    runs_with(manifest, |words| words[0] == command || runs_through(words, command))
}

/// Whether some command of the scripts is such a one.
fn runs_with(manifest: &Manifest, is: impl Fn(&[&str]) -> bool) -> bool {
    manifest.scripts.values().any(|script| commands(script).any(|words| is(&words)))
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

/// The file that serves a Next.js app in place of `next start`, where a script runs one.
pub(crate) fn custom_server(folder: &Folder) -> Option<FilePath> {
    served(folder).find_map(|file| places(&folder.path, file).find(is_file).filter(serves_next))
}

/// Whether a change of this file can make it, or stop it from being, the custom server of the package in
/// `folder`.
pub(crate) fn may_be_custom_server(folder: &Folder, path: &FilePath) -> bool {
    served(folder).any(|file| places(&folder.path, file).any(|place| place == *path))
}

/// The files that the scripts of a package run to serve it: `start` and its like, and `dev` where nothing
/// starts Next.js itself.
fn served(folder: &Folder) -> impl Iterator<Item = &str> {
    let scripts = folder.manifest.iter().flat_map(|manifest| &manifest.scripts);
    let starts_next = folder
        .manifest
        .as_ref()
        .is_some_and(|manifest| runs_with(manifest, |words| words.starts_with(&["next", "start"])));
    let serves = move |name: &str| {
        let first = name.split(':').next().unwrap_or_default();
        match first {
            "start" | "serve" | "prod" | "production" | "preview" => Some(u8::from(name != "start")),
            "dev" | "develop" if !starts_next => Some(2),
            _ => None,
        }
    };
    let mut files: Vec<(u8, &str)> =
        scripts.filter_map(move |(name, script)| Some((serves(name)?, started_file(script)?))).collect();
    files.sort_by_key(|(order, _)| *order);
    files.into_iter().map(|(_, file)| file)
}

/// Where the file that a script runs may stand: itself, or the source it was built from.
fn places(folder: &FilePath, file: &str) -> impl Iterator<Item = FilePath> {
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
    places.into_iter().map(|place| folder.join(&place)).collect::<Vec<_>>().into_iter()
}

/// Whether a file serves a Next.js app.
pub(crate) fn serves_next(path: &FilePath) -> bool {
    let Some(text) = read_small(path) else { return false };
    let imports = ["from 'next'", "from \"next\"", "require('next')", "require(\"next\")"];
    imports.iter().any(|import| text.contains(import)) && text.contains("getRequestHandler")
}

/// What every `next build` of the scripts says of the bundler.
pub(crate) fn build_option(manifest: &Manifest) -> Option<Bundler> {
    let mut found: Vec<Option<Bundler>> = Vec::new();
    for words in manifest.scripts.values().flat_map(|script| commands(script)) {
        let Some(at) = words.windows(2).position(|pair| pair == ["next", "build"]) else { continue };
        let option = words[at..].iter().find_map(|word| match *word {
            "--webpack" => Some(Bundler::Webpack),
            "--turbopack" | "--turbo" => Some(Bundler::Turbopack),
            _ => None,
        });
        if !found.contains(&option) {
            found.push(option);
        }
    }
    match found[..] {
        [option] => option,
        _ => None,
    }
}

/// How many processes the `start` script starts, where pm2 does.
pub(super) fn instances(manifest: &Manifest) -> Option<(Instances, String)> {
    let script = manifest.scripts.get("start")?;
    commands(script).find_map(|words| {
        if !matches!(words[0], "pm2" | "pm2-runtime") {
            return None;
        }
        let at = words.iter().position(|word| matches!(*word, "-i" | "--instances"))?;
        let instances = if *words.get(at + 1)? == "1" { Instances::One } else { Instances::Several };
        Some((instances, format!("\"start\": \"{script}\" in package.json")))
    })
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
    fn scripts_name_the_bundler_and_the_processes() {
        let manifest = |scripts: &[(&str, &str)]| Manifest {
            scripts: scripts.iter().map(|(name, script)| (name.to_string(), script.to_string())).collect(),
            ..Manifest::default()
        };
        let build = |script| build_option(&manifest(&[("build", script), ("dev", "next dev --turbopack")]));
        assert_eq!(build("prisma generate && next build --webpack"), Some(Bundler::Webpack));
        assert_eq!(build("npx next build --turbopack"), Some(Bundler::Turbopack));
        assert_eq!(build("next build"), None);
        let both = [("build", "next build"), ("build:ci", "next build --webpack")];
        assert_eq!(build_option(&manifest(&both)), None);
        let start = |script| instances(&manifest(&[("start", script)])).map(|(instances, _)| instances);
        assert_eq!(start("pm2-runtime start server.js -i max"), Some(Instances::Several));
        assert_eq!(start("NODE_ENV=production pm2 start server.js --instances 1"), Some(Instances::One));
        assert_eq!(start("pm2-runtime start server.js"), None);
        assert_eq!(start("node server.js -i 3"), None);
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
