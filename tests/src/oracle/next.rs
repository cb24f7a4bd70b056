//! The real Next.js: installed once, an app built by it, and served by it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use super::case::Files;
use super::process::{Next as Heard, Process};

/// How long a build may take on a slow machine that does other things too.
const BUILD: Duration = Duration::from_mins(15);
/// How long a server may take to listen.
const BOOT: Duration = Duration::from_mins(3);
/// How long the line about a failed request may take after its answer.
const LOG: Duration = Duration::from_secs(2);

/// Turbopack keeps what it has compiled, as webpack does unasked: a third of the time.
const CACHED: &str = "module.exports.experimental = { turbopackFileSystemCacheForBuild: true };\n";

/// One installed version.
#[derive(Debug)]
pub struct Install {
    folder: PathBuf,
    next: String,
    /// Where apps are built, one after the other: what they have in common is built once.
    bench: TempDir,
}

/// An app on the disk.
#[derive(Debug)]
pub struct App<'a> {
    install: &'a Install,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server<'a> {
    app: &'a App<'a>,
    process: Process,
    /// Where it listens.
    pub port: u16,
}

impl Install {
    /// A version of Next.js with its React and the compiler, fetched from the registry where it is not yet.
    pub fn new(next: &str) -> Result<Self> {
        let react = super::react(next).with_context(|| format!("Next.js {next} is not among those asked"))?;
        let types = if react.starts_with("18.") { "18.3.27" } else { "19.2.7" };
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tests.join(".tools/oracle").join(next);
        let installed = Command::new(tests.join("tools/npm.sh"))
            .arg(&folder)
            .args([format!("next@{next}"), format!("react@{react}"), format!("react-dom@{react}")])
            .args(["typescript@5.9.3".to_owned(), "@types/node@20.19.25".to_owned()])
            .arg(format!("@types/react@{types}"))
            .status()?;
        ensure!(
            installed.success(),
            "Next.js {next} could not be fetched from the npm registry (ROUTEWISE_SKIP_NEXT=1 leaves out \
             what needs it)"
        );
        let folder = folder.canonicalize()?;
        let bench = tempfile::Builder::new().prefix("app-").tempdir_in(&folder)?;
        Ok(Self { folder, next: next.to_owned(), bench })
    }

    /// Writes an app in the place of the one before; of that only the build cache is left.
    pub fn app(&mut self, files: &Files) -> Result<App<'_>> {
        let cache = self.bench.path().join(".next/cache");
        let kept = self.bench.path().join("kept");
        if cache.is_dir() {
            fs::rename(&cache, &kept)?;
        }
        for entry in fs::read_dir(self.bench.path())? {
            let path = entry?.path();
            if path.is_file() {
                fs::remove_file(&path)?;
            } else if path != kept {
                fs::remove_dir_all(&path)?;
            }
        }
        if kept.is_dir() {
            fs::create_dir_all(self.bench.path().join(".next"))?;
            fs::rename(&kept, &cache)?;
        }
        for (path, text) in files {
            let mut text = text.clone();
            if path == "next.config.js" && self.next.starts_with("16.") {
                text.push_str(CACHED);
            }
            let path = self.bench.path().join(path);
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            fs::write(path, text)?;
        }
        Ok(App { install: self })
    }

    fn next(&self, command: &str) -> Command {
        let mut node = node();
        node.arg(self.folder.join("node_modules/next/dist/bin/next")).arg(command);
        node
    }
}

fn node() -> Command {
    let mut node = Command::new("node");
    node.env("NEXT_TELEMETRY_DISABLED", "1").env("NEXT_IGNORE_INCORRECT_LOCKFILE", "1").env("CI", "1");
    node.env("NO_COLOR", "1").env_remove("NODE_ENV").env_remove("PORT");
    node
}

impl App<'_> {
    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.install.bench.path()
    }

    /// `next build`: whether it succeeded, and what it printed.
    pub fn build(&self) -> Result<(bool, Vec<String>)> {
        let mut command = self.install.next("build");
        command.current_dir(self.install.bench.path());
        let (good, lines) = Process::start(command)?.finish(BUILD)?;
        Ok((good, lines.iter().map(|line| self.normal(line)).collect()))
    }

    /// Starts the built app; `Err` inside says what it printed before it ended instead of listening.
    pub fn serve(&self, script: Option<&str>) -> Result<Result<Server<'_>, Vec<String>>> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = if let Some(script) = script {
            let mut node = node();
            node.arg(find(self.install.bench.path(), script)?);
            node
        } else {
            let mut next = self.install.next("start");
            next.args(["--hostname", "127.0.0.1"]);
            next
        };
        command.env("PORT", port.to_string()).env("HOSTNAME", "127.0.0.1").env("NODE_ENV", "production");
        let process = Process::start({
            command.current_dir(self.install.bench.path());
            command
        })?;
        let deadline = Instant::now() + BOOT;
        let mut printed = Vec::new();
        loop {
            match process.line(deadline) {
                Heard::Line(line) if line.text.contains("Ready") => {
                    return Ok(Ok(Server { app: self, process, port }));
                }
                Heard::Line(line) => printed.push(self.normal(&line.text)),
                Heard::Ended => return Ok(Err(printed)),
                Heard::Late => bail!("the server does not listen after {BOOT:?}: {printed:#?}"),
            }
        }
    }

    /// A line without what differs from machine to machine and from run to run.
    fn normal(&self, line: &str) -> String {
        let app = self.install.bench.path().to_string_lossy().into_owned();
        let short = app.strip_prefix(&*self.install.folder.to_string_lossy()).unwrap_or_default();
        let short = short.trim_start_matches('/');
        line.replace(&format!("file://{app}/"), "")
            .replace(&format!("{app}/"), "")
            .replace(&app, ".")
            .replace(&format!("{}/", self.install.folder.display()), "")
            .replace(&format!("{short}/"), "")
            .trim()
            .to_owned()
    }
}

impl Server<'_> {
    /// Forgets what was printed so far.
    pub fn hush(&self) {
        while let Heard::Line(_) = self.process.line(Instant::now()) {}
    }

    /// The first line that says something, printed since [`Self::hush`] or right now.
    pub fn log(&self) -> Option<String> {
        let deadline = Instant::now() + LOG;
        while let Heard::Line(line) = self.process.line(deadline) {
            let line = self.app.normal(&line.text);
            let line = line.trim_start_matches("⨯ ");
            if !line.is_empty() && !line.starts_with(['✓', '⚠', '▲']) {
                return Some(line.to_owned());
            }
        }
        None
    }
}

/// A script of the built app: by its path, or by the end of its path below `.next`, where Next.js has put
/// it into a folder of its own choice.
fn find(app: &Path, script: &str) -> Result<PathBuf> {
    let direct = app.join(script);
    if direct.is_file() {
        return Ok(direct);
    }
    let name = Path::new(script).file_name().context("a script has a name")?;
    let mut open = vec![app.join(script).parent().context("a script lies in a folder")?.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with(".next") {
                open.push(path);
            } else if path.file_name() == Some(name) {
                return Ok(path);
            }
        }
    }
    bail!("{script} is not there after the build")
}
