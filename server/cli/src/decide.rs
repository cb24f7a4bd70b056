//! `decide`: where the project's routes belong, and why.

mod pretty;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use routewise_analysis::decision::{Decision, Inquiry, markdown, page, since};
use routewise_analysis::finding::Finding;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_workspace::{Options, Workers};

use crate::args::{DecideArgs, DecideFormat};
use crate::before::Before;
use crate::check::{existing, target};
use crate::report::relative;
use crate::session::{Session, Texts, tell_of_lost};

/// Runs the command.
pub(crate) fn run(args: &DecideArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let paths = existing(&args.paths)?;
    let options = Options {
        target: args.target.as_deref().map(target).transpose()?,
        config: args.config.clone(),
        ..Options::default()
    };
    let session = Session::open(&paths, &options)?;
    let texts = session.texts(None);
    let (files, _) = session.workspace.files_under(&paths);
    let files: BTreeSet<FilePath> = files.into_iter().collect();
    let project = session.load(&Workers::new(None), &texts, &[]);
    let mut decision = decide(&session, &project, &texts, &files, args.target.is_some());
    if let Some(reference) = &args.since {
        let then = Before::open(&paths, &options, reference, &session.folder)?;
        decision.since = Some(since(&before(&then, args.target.is_some()), &decision, then.commit()));
    }
    match args.format {
        DecideFormat::Pretty => pretty::print(&decision, out)?,
        DecideFormat::Markdown => out.write_all(markdown(&decision).as_bytes())?,
        DecideFormat::Html => {
            out.write_all(page(&serde_json::to_string(&decision)?, None).as_bytes())?;
        }
        DecideFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &decision)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// What was decided before a change.
fn before(then: &Before, asked: bool) -> Decision {
    let texts = then.session.texts(None);
    let (files, _) = then.session.workspace.files_under(&then.paths);
    let project = then.session.load(&Workers::new(None), &texts, &[]);
    decide(&then.session, &project, &texts, &files.into_iter().collect(), asked)
}

fn decide(
    session: &Session,
    project: &Project,
    texts: &Texts<'_>,
    files: &BTreeSet<FilePath>,
    asked: bool,
) -> Decision {
    let paths = project.decision_files();
    let workers = Workers::new(None);
    project.prepare(&|count, work| workers.run(count, work), &|| true);
    let found = project.all_findings(&paths, &|count, work| workers.run(count, work));
    let findings: BTreeMap<FilePath, Vec<Finding>> = paths.into_iter().zip(found).collect();
    let decision = project.decide(&Inquiry {
        surroundings: &session.workspace.surroundings(),
        findings: &findings,
        within: &|path| files.contains(path),
        sources: texts,
        name: &|path| relative(&session.folder, path),
        asked,
    });
    tell_of_lost(project);
    decision
}
