//! What Next.js said of a case, beside what Routewise says of the same files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::thread;

use libtest_mimic::Trial;
use routewise_analysis::finding::{Finding, Severity};
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Catalogue;
use routewise_tests::check::Checked;
use routewise_tests::oracle::case::{Case, Twin};
use routewise_tests::oracle::record::{Record, Verdict};
use routewise_tests::workspace::TestProject;

/// One twin of one case with one version of Next.js.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    case: usize,
    title: String,
    twin: Twin,
    version: String,
}

/// A row with what both say.
#[derive(Debug)]
pub(crate) struct Judged {
    row: Row,
    next: String,
    routewise: String,
    outcome: Agreement,
}

#[derive(Debug, PartialEq, Eq)]
enum Agreement {
    Agree,
    /// The rule is not written yet.
    NoRule,
    /// They differ, and the case says why.
    Marked(String),
    /// What is wrong.
    Differ(String),
}

impl Row {
    /// What the test is called.
    pub(crate) fn name(&self) -> String {
        format!("{} {} {}", self.title, self.twin, self.version)
    }
}

/// All there is to judge.
pub(crate) fn rows(cases: &[Case]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (case, known) in cases.iter().enumerate() {
        for version in &known.next {
            for twin in Twin::ALL {
                rows.push(Row { case, title: known.name.clone(), twin, version: version.clone() });
            }
        }
    }
    rows
}

/// Judges them, on all cores.
pub(crate) fn judged(rows: &[Row], cases: &[Case], record: &Record) -> Vec<Judged> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = rows
            .chunks(share)
            .map(|rows| {
                scope.spawn(move || rows.iter().map(|row| judge(row, cases, record)).collect::<Vec<_>>())
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("judging does not panic")).collect()
    })
}

fn judge(row: &Row, cases: &[Case], record: &Record) -> Judged {
    let case = &cases[row.case];
    let found = findings(case, row);
    let routewise = match found.as_slice() {
        [] => "nothing".to_owned(),
        found => found
            .iter()
            .map(|(finding, path)| {
                format!("{:?} {} in {path}", finding.severity, finding.rule).to_lowercase()
            })
            .collect::<Vec<_>>()
            .join(", "),
    };
    let judged =
        |next: String, outcome| Judged { row: row.clone(), next, routewise: routewise.clone(), outcome };
    let Some(outcome) = record.get(&row.title, row.twin, &row.version) else {
        let why = format!("not asked yet: run `cargo xtask oracle --case {}`", row.title);
        return judged("not asked yet".to_owned(), Agreement::Differ(why));
    };
    let verdict = outcome.verdict(case);
    let difference = match row.twin {
        Twin::Good if verdict != Verdict::Works => {
            Some("the twin is not healthy: mend the case and ask again".to_owned())
        }
        Twin::Good => silent(&found),
        Twin::Bad if Catalogue::builtin().rule(&case.rule).is_none() => {
            return judged(verdict.to_string(), Agreement::NoRule);
        }
        Twin::Bad => match verdict {
            Verdict::Works => silent(&found),
            Verdict::Warns(_) => reported(case, &found, Severity::Hint),
            Verdict::Rejects(_) | Verdict::Fails(_) => reported(case, &found, Severity::Warning),
        },
    };
    let mark = match row.twin {
        Twin::Bad => case.disagrees.get(&row.version),
        Twin::Good => case.disagrees.get(&format!("good {}", row.version)),
    };
    let outcome = match (difference, mark) {
        (None, None) => Agreement::Agree,
        (Some(_), Some(reason)) => Agreement::Marked(reason.clone()),
        (None, Some(_)) => Agreement::Differ("they agree: take the mark out of case.toml".to_owned()),
        (Some(difference), None) => Agreement::Differ(difference),
    };
    judged(verdict.to_string(), outcome)
}

/// Every finding of every rule, with its path below the app.
fn findings(case: &Case, row: &Row) -> Vec<(Finding, String)> {
    let files = case.app(row.twin, &row.version).expect("the app is complete");
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = TestProject::new(&files);
    let checked = Checked::new(&project, &Catalogue::builtin(), None);
    let root = FilePath::new(project.root().to_str().expect("a temporary path is text"));
    let all = checked.project.paths().flat_map(|path| checked.project.findings(path));
    all.map(|finding| {
        let path = finding.path.strip(&root).unwrap_or(finding.path.as_str()).to_owned();
        (finding, path)
    })
    .collect()
}

/// Nothing that would trouble anybody.
fn silent(found: &[(Finding, String)]) -> Option<String> {
    let loud = found.iter().any(|(finding, _)| finding.severity >= Severity::Warning);
    loud.then(|| "Routewise has to be silent here".to_owned())
}

/// The rule in the file of the defect, at least as severe as `least`, and nothing else.
fn reported(case: &Case, found: &[(Finding, String)], least: Severity) -> Option<String> {
    let here = |(finding, path): &&(Finding, String)| *finding.rule == *case.rule && *path == case.file;
    if !found.iter().filter(here).any(|(finding, _)| finding.severity >= least) {
        return Some(format!("Routewise has to say {} in {}", case.rule, case.file));
    }
    let others: BTreeSet<&str> = found
        .iter()
        .filter(|one| !here(one) && one.0.severity >= Severity::Warning)
        .map(|(finding, _)| &*finding.rule)
        .collect();
    (!others.is_empty()).then(|| format!("beside the defect Routewise says {others:?}"))
}

impl Judged {
    /// The test of this row.
    pub(crate) fn trial(self) -> Trial {
        let ignored = self.outcome == Agreement::NoRule;
        Trial::test(self.row.name(), move || match self.outcome {
            Agreement::Differ(why) => {
                Err(format!("Next.js {}\nRoutewise says {}\n{why}", self.next, self.routewise).into())
            }
            Agreement::Agree | Agreement::NoRule | Agreement::Marked(_) => Ok(()),
        })
        .with_ignored_flag(ignored)
    }
}

/// Case, version, Next.js says, Routewise says; below it what is marked as known to differ.
pub(crate) fn table(rows: &[Judged]) -> String {
    let mut table = format!("{:<38} {:<8} {:<66} Routewise says\n", "case", "version", "Next.js says");
    for judged in rows {
        let name = format!("{} {}", judged.row.title, judged.row.twin);
        let next: String = judged.next.chars().take(65).collect();
        let note = match &judged.outcome {
            Agreement::Agree => "",
            Agreement::NoRule => " (no rule yet)",
            Agreement::Marked(_) => " !! KNOWN TO DIFFER",
            Agreement::Differ(_) => " !! DIFFERS",
        };
        let _ = writeln!(table, "{name:<38} {:<8} {next:<66} {}{note}", judged.row.version, judged.routewise);
    }
    for judged in rows {
        if let Agreement::Marked(reason) = &judged.outcome {
            let _ = writeln!(table, "!! {}: {reason}", judged.row.name());
        }
    }
    let agree = rows.iter().filter(|judged| judged.outcome == Agreement::Agree).count();
    let _ = write!(table, "{agree} of {} agree", rows.len());
    table
}
