//! A part of the record, asked again in every run: the record cannot rot unseen.

use std::fmt::Write as _;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use routewise_tests::oracle::CURRENT;
use routewise_tests::oracle::case::{Case, Twin};
use routewise_tests::oracle::record::{Record, State};
use routewise_tests::oracle::run::{Unit, ask};

use crate::fresh::skipped;

pub(crate) fn trial(cases: &Arc<Vec<Case>>, record: &Arc<Record>) -> Trial {
    let (cases, record) = (Arc::clone(cases), Arc::clone(record));
    Trial::test(format!("Next.js {CURRENT} still says what the record says"), move || {
        if skipped("Next.js is not asked again") { Ok(()) } else { still(&cases, &record) }
    })
}

/// The healthy twins in one app, those with a defect that Next.js builds in another, and the few cases
/// with a build of their own that say `always`.
fn still(cases: &[Case], record: &Record) -> Result<(), Failed> {
    let units: Vec<Unit<'_>> = cases
        .iter()
        .filter(|case| case.next.iter().any(|next| next == CURRENT))
        .flat_map(|case| Twin::ALL.map(|twin| (case, twin)))
        .filter(|(case, twin)| {
            let said = record.get(&case.name, *twin, CURRENT);
            let runs = said.is_some_and(|said| said.state == State::Runs);
            (runs && case.shares(*twin)) || (case.always && *twin == Twin::Bad)
        })
        .collect();
    let mut differences = String::new();
    ask(CURRENT, &units, record, &|_| (), &mut |(case, twin), outcome| {
        let known = record.get(&case.name, twin, CURRENT);
        if !known.is_some_and(|known| known.is_like(&outcome)) {
            let _ = writeln!(differences, "{} {twin}\nrecord: {known:#?}\nnow: {outcome:#?}", case.name);
        }
        Ok(())
    })?;
    if differences.is_empty() { Ok(()) } else { Err(differences.into()) }
}
