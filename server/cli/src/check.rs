//! `check`: what is wrong, and an exit status that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use routewise_analysis::document::Document;
use routewise_analysis::finding::Severity;
use routewise_analysis::package::{Evidence, Package};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use routewise_analysis::tables::Targets;
use routewise_workspace::{Options, Workers, ask, file_path};

use crate::args::{CheckArgs, Format};
use crate::cache::KeptFacts;
use crate::format::count;
use crate::report::{Item, Report, relative};
use crate::session::{Session, Texts, named, said, tell_of_lost, working_folder};
use crate::{FAILED, cache, complain, format, mend, tell};

/// Nothing at level error.
const CLEAN: u8 = 0;

/// Errors, or more warnings than allowed.
const FOUND: u8 = 1;

/// Runs the command; the exit status.
pub(crate) fn run(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<u8> {
    if args.is_cached() { cache::run(args, out) } else { fresh(args, None, out) }
}

/// Runs the command, whatever is kept of what another run said; with `facts`, of what files say.
pub(crate) fn fresh(
    args: &CheckArgs,
    facts: Option<&KeptFacts<'_>>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let paths = match &args.stdin_filepath {
        Some(file) if args.paths.is_empty() => vec![file.clone()],
        Some(_) => bail!("--stdin-filepath names the one file that is checked; leave the paths out"),
        None => existing(&args.paths)?,
    };
    let given = args.stdin_filepath.as_deref().map(standard_input).transpose()?;
    let options = Options {
        target: args.target.as_deref().map(target).transpose()?,
        config: args.config.clone(),
        ..Options::default()
    };
    let mut session = Session::open(&paths, &options)?;
    if let Some(facts) = facts {
        facts.recall(&mut session);
    }
    let session = session;
    let files = match &given {
        Some(document) => vec![document.path().clone()],
        None => files(&session, &paths, args)?,
    };
    let mut texts = session.texts(given);
    // The system takes its memory back at the end, at once.
    let workers = Workers::new(args.threads.map(usize::from));
    let mut project = ManuallyDrop::new(session.load(&workers, &texts, &files));
    if let Some(facts) = facts {
        facts.keep(&session);
    }
    let before = report(args, &session, &workers, &project, &texts, &files);
    if !args.fix && !args.diff {
        return finish(args, before, out);
    }

    let mended = mend::run(args, &session, &mut project, &texts, &files);
    if args.diff {
        mend::print_diff(&mended, &texts, &session.folder, out)?;
        return Ok(status(args, &before));
    }
    if args.stdin_filepath.is_some() {
        let text = texts.document(&files[0]).map(|document| document.text().to_owned());
        let text = mended.files.get(&files[0]).cloned().or(text).unwrap_or_default();
        out.write_all(text.as_bytes())?;
        texts.give(Document::new(files[0].clone(), 0, text));
        let left = report(args, &session, &workers, &project, &texts, &files);
        // The text is the output, so what is left to say goes elsewhere.
        return finish(args, left, &mut anstream::stderr());
    }
    if mended.files.is_empty() {
        return finish(args, before, out);
    }
    let whole = mend::write(&mended, &texts, &session.folder);
    // What is left is read from the disk again: it is what the next run will see.
    let left = fresh(&CheckArgs { fix: false, ..args.clone() }, None, out)?;
    Ok(if whole { left } else { FAILED })
}

/// Prints what there is to print of a report; the exit status.
fn finish(args: &CheckArgs, mut report: Report, out: &mut dyn Write) -> anyhow::Result<u8> {
    let status = status(args, &report);
    if args.quiet {
        report.items.retain(|item| item.finding.severity == Severity::Error);
    }
    format::print(&report, args.format, out)?;
    Ok(status)
}

fn status(args: &CheckArgs, report: &Report) -> u8 {
    let summary = report.summary();
    if summary.errors > 0 {
        return FOUND;
    }
    match args.max_warnings {
        Some(most) if summary.warnings > most => {
            tell(&format!("{} found, more than --max-warnings {most}", count(summary.warnings, "warning")));
            FOUND
        }
        _ => CLEAN,
    }
}

/// The given paths, all of which exist; the working directory where there are none.
pub(crate) fn existing(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let missing: Vec<&PathBuf> = paths.iter().filter(|path| !ask::exists(&named(path))).collect();
    for path in &missing {
        complain(&format!("{}: there is no such file or folder", path.display()));
    }
    if !missing.is_empty() {
        bail!("nothing was checked, because of the above");
    }
    if paths.is_empty() { Ok(vec![working_folder()?]) } else { Ok(paths.to_vec()) }
}

/// The text that somebody types, under the name of its file.
fn standard_input(file: &Path) -> anyhow::Result<Document> {
    let path = file_path(file).context("the path of --stdin-filepath is not UTF-8")?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("standard input cannot be read as UTF-8 text")?;
    Ok(Document::new(path, 0, text))
}

/// A host that is known.
pub(crate) fn target(id: &str) -> anyhow::Result<String> {
    let targets = Targets::builtin();
    if targets.get(id).is_none() {
        let ids: Vec<&str> = targets.all().iter().map(|target| &*target.id).collect();
        match similar::get_close_matches(id, &ids, 1, 0.6).first() {
            Some(near) => bail!("--target {id}: there is no such host; did you mean {near}?"),
            None => bail!("--target {id}: there is no such host; known are {}", ids.join(", ")),
        }
    }
    Ok(id.to_owned())
}

/// The files to report on.
fn files(session: &Session, paths: &[PathBuf], args: &CheckArgs) -> anyhow::Result<Vec<FilePath>> {
    let (files, mut problems) = session.workspace.files_under(paths);
    // What lies deeper was told of when the project was opened.
    let given: BTreeSet<FilePath> = paths.iter().filter_map(|path| file_path(path)).collect();
    problems.retain(|problem| given.contains(&problem.path));
    if args.no_error_on_unmatched_pattern {
        return Ok(files);
    }
    for problem in &problems {
        complain(&said(problem, &session.folder));
    }
    if !problems.is_empty() {
        bail!("nothing was checked, because of the above");
    }
    if files.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        bail!(
            "{}: no JavaScript or TypeScript file here that is not left out by .gitignore or the configuration",
            names.join(", ")
        );
    }
    Ok(files)
}

/// What is wrong in `files`.
fn report(
    args: &CheckArgs,
    session: &Session,
    workers: &Workers,
    project: &Project,
    texts: &Texts<'_>,
    files: &[FilePath],
) -> Report {
    let with_fixes = !matches!(args.format, Format::Concise | Format::Github);
    let mut items = Vec::new();
    let found = project.all_findings(files, &|count, work| workers.run(count, work));
    for finding in found.into_iter().flatten() {
        let mut item = Item { finding, fixes: Vec::new() };
        if with_fixes {
            item.fixes = project.fixes(&item.finding, texts);
        }
        items.push(item);
    }
    tell_of_lost(project);
    let mut documents = BTreeMap::new();
    for path in items.iter().flat_map(mentioned) {
        if let Some(document) = texts.document(path) {
            documents.insert(path.clone(), document);
        }
    }
    let mut report = Report {
        items,
        documents,
        catalogue: Arc::clone(&session.catalogue),
        folder: session.folder.clone(),
        files: files.len(),
        targets: targets(session, files),
    };
    report.sort();
    report
}

/// Every file that a finding or one of its fixes names.
fn mentioned(item: &Item) -> impl Iterator<Item = &FilePath> {
    let related = item.finding.related.iter().map(|related| &related.path);
    let edited = item.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.path);
    std::iter::once(&item.finding.path).chain(related).chain(edited)
}

/// Where the files will run: `Vercel, from apps/web/vercel.json and 1 more`. What is not known is said only where nothing
/// is.
fn targets(session: &Session, files: &[FilePath]) -> Vec<String> {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files {
        let package = session.workspace.package_of(path);
        let target = &package.target;
        let name = Targets::builtin().get(&target.id).map_or(&*target.id, |info| &*info.name);
        if let Some(evidence) = target.evidence.first() {
            let proof = seen_from(&session.folder, &package, evidence);
            known.entry(name.to_owned()).or_default().insert(proof);
        }
    }
    if known.is_empty() {
        return vec!["unknown; name it with --target or in routewise.json".to_owned()];
    }
    let told = known.into_iter().map(|(name, proofs)| {
        let more = match proofs.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{name}, from {}{more}", proofs.into_iter().next().unwrap_or_default())
    });
    told.collect()
}

/// What proves something of a package, as `folder` calls the file of it: a package calls it as seen from itself.
fn seen_from(folder: &FilePath, package: &Package, evidence: &Evidence) -> String {
    let (Some(root), Some(path)) = (&package.root, &evidence.path) else { return evidence.text.clone() };
    match evidence.text.strip_suffix(&relative(root, path)) {
        Some(before) => format!("{before}{}", relative(folder, path)),
        None => evidence.text.clone(),
    }
}
