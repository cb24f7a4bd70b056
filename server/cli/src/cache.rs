//! `check --cache`: what a check said is kept, and said again where it would be the same.
//!
//! With it is kept what the check asked of the disk, and the answers (`routewise_workspace::journal`). The next run
//! asks again: the text of every file that was read, the names in every folder that was listed, what was not there.
//! Where all answers are the same, so is what the check would say; no date of a file is believed.
//!
//! A kept check is never worth an error: one that is damaged or of another program is none.

use std::io::Write;
use std::path::{Path, PathBuf};

use routewise_workspace::ask;
use routewise_workspace::journal::{self, Places};

use crate::args::CheckArgs;
use crate::roots::project_of;
use crate::session::{named, working_folder};
use crate::{check, say, warn};

mod entry;
mod facts;
mod program;

use entry::Entry;
pub(crate) use facts::KeptFacts;
use program::Program;

/// The folder in a project that has no `node_modules`.
const OWN: &str = ".routewise-cache";

/// Runs a check, or says again what the last one said.
pub(crate) fn run(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<u8> {
    let cache = Cache::of(args)?;
    if let Some(entry) = cache.entry() {
        say::again(&entry.said);
        out.write_all(entry.printed.as_bytes())?;
        return Ok(entry.status);
    }
    // Before anything is asked: a folder that is made afterwards would be new to the next run.
    let made = entry::make(&cache.folder);
    journal::keep();
    say::listen();
    let mut printed = Vec::new();
    let outcome = check::fresh(args, made.is_ok().then_some(&KeptFacts(&cache.folder)), &mut printed);
    out.write_all(&printed)?;
    out.flush()?;
    let status = outcome?;
    if let Some(entry) = cache.new_entry(printed, status)
        && let Err(error) = made.and_then(|()| entry.store(&cache.folder))
    {
        warn(&format!(
            "the check is not kept, {} cannot be written: {error}; name another folder with --cache-location",
            cache.folder.display()
        ));
    }
    Ok(status)
}

/// Where a check is kept, and under which name.
#[derive(Debug)]
struct Cache {
    folder: PathBuf,
    /// What was said on the command line, where it has a say.
    key: u128,
    /// Where a kept check may make the program look.
    places: Places,
}

impl Cache {
    fn of(args: &CheckArgs) -> anyhow::Result<Self> {
        let paths = check::existing(&args.paths)?;
        let roots: Vec<PathBuf> = paths.iter().map(|path| project_of(&named(path))).collect();
        let folder = match (&args.cache_location, roots.first()) {
            (Some(folder), _) => std::path::absolute(folder)?,
            (None, Some(root)) if ask::is_dir(&root.join("node_modules")) => {
                root.join("node_modules/.cache/routewise")
            }
            (None, root) => root.map_or_else(|| PathBuf::from(OWN), |root| root.join(OWN)),
        };
        let mut places = Places::around(&roots);
        if let Some(config) = &args.config {
            places.add_file(&named(config));
        }
        Ok(Self { folder, key: key(args, &working_folder()?), places })
    }

    /// What was kept, where it still holds.
    fn entry(&self) -> Option<Entry> {
        let entry = Entry::read(&self.folder, self.key)?;
        let holds = entry.program.is_this() && entry.asked.holds(&self.places);
        tracing::debug!(questions = entry.asked.len(), holds, "a kept check");
        if holds {
            entry::touch(&self.folder, self.key);
        }
        holds.then_some(entry)
    }

    /// What is to be kept of this run, where that may be.
    fn new_entry(&self, printed: Vec<u8>, status: u8) -> Option<Entry> {
        let asked = journal::asked()?;
        if let Some(path) = asked.beyond(&self.places) {
            warn(&format!(
                "the check is not kept, because it depends on {}, which lies outside of the project",
                path.display()
            ));
            return None;
        }
        let printed = String::from_utf8(printed).ok()?;
        Some(Entry { key: self.key, program: Program::this()?, asked, status, printed, said: say::heard() })
    }
}

/// One number for all that was said on the command line and changes what a check says, and for the folder it was said
/// in.
fn key(args: &CheckArgs, folder: &Path) -> u128 {
    let CheckArgs {
        paths,
        format,
        target,
        config,
        quiet,
        max_warnings,
        no_error_on_unmatched_pattern,
        // A check with one of these is not kept.
        fix: _,
        diff: _,
        unsafe_fixes: _,
        stdin_filepath: _,
        // The same is said with any of these.
        threads: _,
        cache: _,
        cache_location: _,
    } = args;
    let said = (folder, paths, format, target, config, quiet, max_warnings, no_error_on_unmatched_pattern);
    journal::hash(format!("{said:?}").as_bytes())
}
