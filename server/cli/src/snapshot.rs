//! Another state of the project: the files of a commit, beside the working tree and without touching it.
//!
//! Git is asked for objects only (`ls-tree`, `cat-file`): that runs no hook and no filter of the repository, writes
//! nothing into it and sends nothing anywhere.
#![expect(clippy::disallowed_methods, reason = "another state of the project, beside it")]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

/// Longer files are no code that people write, and not read.
const LONGEST: u64 = 1 << 20;

/// Endings of files that say nothing about routes: they are there, without their content.
const EMPTY: [&str; 24] = [
    "avif", "bmp", "css", "csv", "eot", "gif", "gz", "ico", "jpeg", "jpg", "map", "md", "mdx", "mp3", "mp4",
    "otf", "pdf", "png", "svg", "ttf", "webm", "webp", "woff", "woff2",
];

/// The files of a commit in a folder of their own, gone when dropped.
#[derive(Debug)]
pub(crate) struct Snapshot {
    folder: TempDir,
    root: PathBuf,
    /// The top of the working tree.
    top: PathBuf,
    /// The commit that was read.
    pub(crate) commit: String,
}

impl Snapshot {
    /// The state that the working tree came from: the last commit that it has in common with `reference`.
    pub(crate) fn take(within: &Path, reference: &str) -> Result<Self> {
        let repository = Repository { folder: within };
        let top = repository
            .line(&["rev-parse", "--show-toplevel"])?
            .context("--since looks into a git repository, and this is none")?;
        let commit = format!("{reference}^{{commit}}");
        let commit = repository
            .line(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?
            .with_context(|| format!("git knows no commit {reference}"))?;
        // What others have done since is no part of this change.
        let commit = repository.line(&["merge-base", &commit, "HEAD"])?.unwrap_or(commit);
        let folder = tempfile::Builder::new().prefix("routewise-").tempdir()?;
        let root = folder.path().canonicalize()?;
        // The mark of a project's top.
        fs::create_dir(root.join(".git"))?;
        let snapshot = Self { folder, root, top: PathBuf::from(top).canonicalize()?, commit };
        snapshot.fill(&repository)?;
        Ok(snapshot)
    }

    /// Where a file or folder of the working tree lies in the snapshot; `None` if it is not below its top.
    pub(crate) fn place(&self, path: &Path) -> Option<PathBuf> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Some(self.root.join(path.strip_prefix(&self.top).ok()?))
    }

    /// The top of the snapshot.
    pub(crate) fn root(&self) -> &Path {
        debug_assert!(self.folder.path().exists(), "it lives as long as this");
        &self.root
    }

    /// The top of the working tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    fn fill(&self, repository: &Repository<'_>) -> Result<()> {
        let listed = repository.output(&["ls-tree", "-r", "-z", "-l", "--full-tree", &self.commit])?;
        let mut wanted: Vec<(String, PathBuf)> = Vec::new();
        for entry in listed.split(|byte| *byte == 0).filter_map(|entry| std::str::from_utf8(entry).ok()) {
            let Some((object, path)) = blob(entry) else { continue };
            let Some(path) = below(&self.root, path) else { continue };
            fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
            match object {
                Some(object) => wanted.push((object.to_owned(), path)),
                None => fs::write(path, "")?,
            }
        }
        repository.contents(&wanted)
    }
}

/// The object and the path of a line of `ls-tree`: a file, with its object where its content is wanted. Links and
/// other repositories are left out.
fn blob(entry: &str) -> Option<(Option<&str>, &str)> {
    let (head, path) = entry.split_once('\t')?;
    let mut words = head.split_ascii_whitespace();
    let (mode, kind, object, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if kind != "blob" || mode == "120000" {
        return None;
    }
    let ending = Path::new(path).extension().and_then(OsStr::to_str).unwrap_or_default();
    // What a rule of the project says stands in Markdown.
    let silent = EMPTY.contains(&ending) && !path.contains(".routewise/");
    let wanted = !silent && size.parse::<u64>().is_ok_and(|size| size <= LONGEST);
    Some((wanted.then_some(object), path))
}

/// A path of a commit below a folder; `None` for one that would lead out of it.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let odd = path.contains(['\\', ':']) && cfg!(windows);
    let hidden = path.split('/').any(|part| part.eq_ignore_ascii_case(".git"));
    (plain && !odd && !hidden).then(|| root.join(path))
}

/// A repository that is only read.
struct Repository<'a> {
    folder: &'a Path,
}

impl Repository<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.folder);
        // Nothing of what the repository could have git run, and no object is fetched.
        for setting in ["core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never"] {
            git.args(["-c", setting]);
        }
        git.envs([("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_LAZY_FETCH", "1"), ("GIT_TERMINAL_PROMPT", "0")]);
        git.args(arguments).stdin(Stdio::null()).stderr(Stdio::piped());
        git
    }

    /// What a command prints; an error with its own words where it fails.
    fn output(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let output = self.command(arguments).output().map_err(not_started)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "git {} failed: {}", arguments[0], said.trim());
        Ok(output.stdout)
    }

    /// The one line that a command answers; `None` where git has no answer.
    fn line(&self, arguments: &[&str]) -> Result<Option<String>> {
        let output = self.command(arguments).output().map_err(not_started)?;
        if !output.status.success() {
            return Ok(None);
        }
        let text = String::from_utf8(output.stdout).context("git printed no text")?;
        Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// Writes the contents of objects to files.
    fn contents(&self, wanted: &[(String, PathBuf)]) -> Result<()> {
        let mut git = self.command(&["cat-file", "--batch"]);
        let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(not_started)?;
        let done = copy(&mut child, wanted);
        if done.is_err() {
            let _ = child.kill();
        }
        let status = child.wait()?;
        done?;
        ensure!(status.success(), "git cat-file failed");
        Ok(())
    }
}

fn copy(child: &mut Child, wanted: &[(String, PathBuf)]) -> Result<()> {
    let mut asked = child.stdin.take().context("git takes no input")?;
    let mut answers = BufReader::new(child.stdout.take().context("git gives no output")?);
    thread::scope(|scope| {
        // Asked and answered at the same time: both pipes are small.
        scope.spawn(move || {
            for (object, _) in wanted {
                if writeln!(asked, "{object}").is_err() {
                    break;
                }
            }
        });
        let mut text = Vec::new();
        for (object, path) in wanted {
            let mut head = String::new();
            answers.read_line(&mut head)?;
            let size = head.trim_end().strip_prefix(&format!("{object} blob "));
            let Some(size) = size.and_then(|size| size.parse::<usize>().ok()) else {
                bail!("git has no object {object}: the clone is not complete");
            };
            text.resize(size + 1, 0);
            answers.read_exact(&mut text)?;
            fs::write(path, &text[..size])?;
        }
        Ok(())
    })
}

fn not_started(error: std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        anyhow::anyhow!("--since needs the program git, and there is none on the PATH")
    } else {
        anyhow::Error::new(error).context("git could not be started")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_is_a_file_with_or_without_its_content() {
        assert_eq!(blob("100644 blob abc      12\tapp/route.ts"), Some((Some("abc"), "app/route.ts")));
        assert_eq!(blob("100644 blob abc      12\tpublic/logo.png"), Some((None, "public/logo.png")));
        assert_eq!(blob("100644 blob abc 9000000\tlib/data.ts"), Some((None, "lib/data.ts")));
        assert_eq!(
            blob("100644 blob abc 12\t.routewise/a/b/rule.md"),
            Some((Some("abc"), ".routewise/a/b/rule.md"))
        );
        assert_eq!(blob("120000 blob abc      12\tlink"), None);
        assert_eq!(blob("160000 commit abc     -\tvendor/lib"), None);
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let root = Path::new("/tmp/snapshot");
        assert_eq!(below(root, "app/[id]/route.ts"), Some(root.join("app/[id]/route.ts")));
        for path in ["../x", "a/../../x", "/etc/x", "a/.git/config", ".GIT/hooks/x"] {
            assert_eq!(below(root, path), None, "{path}");
        }
    }
}
