//! `--fix` and `--diff`.
#![expect(clippy::disallowed_methods, reason = "what is written is compared with the disk at that moment")]

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use routewise_analysis::finding::Safety;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use routewise_workspace::fix_all::{self, Outcome, Request};
use similar::TextDiff;

use crate::args::CheckArgs;
use crate::format::count;
use crate::report::relative;
use crate::session::{Session, Texts};
use crate::{complain, tell, write};

/// Mends in memory what is wrong in `files`. `project` knows the new text afterwards.
pub(crate) fn run(
    args: &CheckArgs,
    session: &Session,
    project: &mut Project,
    texts: &Texts<'_>,
    files: &[FilePath],
) -> Outcome {
    let request = Request {
        files: Some(files),
        // What stands in for a file on standard input is all there is to write to.
        others: args.stdin_filepath.is_none(),
        safety: if args.unsafe_fixes { Safety::Unsafe } else { Safety::Safe },
        wanted: &|_| true,
        cancelled: &|| false,
    };
    fix_all::run(&session.workspace, project, texts, &request)
}

/// Prints what would change.
pub(crate) fn print_diff(
    mended: &Outcome,
    texts: &Texts<'_>,
    folder: &FilePath,
    out: &mut dyn Write,
) -> io::Result<()> {
    diff(mended, texts, folder, out)?;
    tell(&match mended.count() {
        0 => "There is nothing that these fixes would change.".to_owned(),
        fixes => format!("--fix would apply {} to {}.", count_of(fixes), count(mended.files.len(), "file")),
    });
    Ok(())
}

/// Prints the differences, as `git apply` takes them.
pub(crate) fn diff(
    mended: &Outcome,
    texts: &Texts<'_>,
    folder: &FilePath,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (path, new) in &mended.files {
        let document = texts.document(path);
        let old = document.as_ref().map_or("", |document| document.text());
        let name = relative(folder, path);
        let from = if document.is_some() { format!("a/{name}") } else { "/dev/null".to_owned() };
        let diff = TextDiff::from_lines(old, new);
        write!(out, "{}", diff.unified_diff().header(&from, &format!("b/{name}")))?;
    }
    for path in &mended.removed {
        let Some(document) = texts.document(path) else { continue };
        let from = format!("a/{}", relative(folder, path));
        let diff = TextDiff::from_lines(document.text(), "");
        write!(out, "{}", diff.unified_diff().header(&from, "/dev/null"))?;
    }
    Ok(())
}

/// Writes what changed. Says what was written and what was not; whether all was.
pub(crate) fn write(mended: &Outcome, texts: &Texts<'_>, folder: &FilePath) -> bool {
    let written = write_all(mended, texts, folder);
    if let Some(written) = written {
        tell(&format!("Applied {} to {}.", count_of(mended.count()), count(written, "file")));
    }
    written.is_some()
}

/// Writes what changed; says what was not written. The number of files, where all were.
pub(crate) fn write_all(mended: &Outcome, texts: &Texts<'_>, folder: &FilePath) -> Option<usize> {
    // A fix may span files, so none is written before all are known to be as they were read.
    let mut stale = Vec::new();
    for path in mended.files.keys().chain(&mended.removed) {
        let Some(document) = texts.document(path) else { continue };
        let disk = fs::read(path.as_str());
        if !disk.is_ok_and(|bytes| write::unchanged(&bytes, document.text()).is_ok()) {
            stale.push(relative(folder, path));
        }
    }
    if !stale.is_empty() {
        complain(&format!(
            "{}: changed while it was checked; nothing was written, run again",
            stale.join(", ")
        ));
        return None;
    }
    let mut written = 0;
    // New files come first: an import of a file that is not there would be worse than an unused file.
    let (made, changed): (Vec<_>, Vec<_>) =
        mended.files.iter().partition(|(path, _)| mended.created.contains(*path));
    for (path, new) in made.into_iter().chain(changed) {
        let disk = Path::new(path.as_str());
        let outcome = match texts.document(path) {
            Some(document) => write::replace(disk, document.text(), new),
            None => write::create(disk, new),
        };
        match outcome {
            Ok(()) => written += 1,
            Err(error) => {
                complain(&format!("{}: not written: {error}", relative(folder, path)));
                break;
            }
        }
    }
    // What moved goes last: until its new place holds it, the old one does.
    let mut gone = 0;
    if written == mended.files.len() {
        for path in &mended.removed {
            match fs::remove_file(path.as_str()) {
                Ok(()) => gone += 1,
                Err(error) => complain(&format!("{}: not removed: {error}", relative(folder, path))),
            }
        }
    }
    if written == mended.files.len() && gone == mended.removed.len() {
        return Some(written);
    }
    tell(&format!("{written} of {} were written.", count(mended.files.len(), "file")));
    None
}

fn count_of(fixes: usize) -> String {
    if fixes == 1 { "1 fix".to_owned() } else { format!("{fixes} fixes") }
}
