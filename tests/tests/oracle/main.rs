//! Next.js is the judge: where it refuses a planted defect, or a real request shows it, Routewise reports
//! exactly that file; where Next.js serves the code as it was meant, Routewise is silent. And it is silent
//! on what the generators of new projects write. The table of routes is the one that its builds have.
#![expect(clippy::print_stdout, reason = "the table of who says what is the point of it")]

mod fresh;
mod judge;
mod manifests;
mod rebuilt;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use routewise_tests::oracle::case;
use routewise_tests::oracle::manifest::{self, Manifests};
use routewise_tests::oracle::record::Record;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = Arc::new(case::all().expect("the cases are sound"));
    let record = Arc::new(Record::read().expect("the record can be read"));
    let mut trials = fresh::trials();
    trials.push(rebuilt::trial(&cases, &record));
    let stale = record.stale(&cases);
    trials.push(Trial::test("the record tells of nothing that is gone", move || {
        if stale { Err("there are outcomes of no case: run `cargo xtask oracle`".into()) } else { Ok(()) }
    }));
    let apps = manifest::all().expect("the apps are sound");
    let built = Manifests::read().expect("the manifests can be read");
    let stale = built.stale(&apps);
    trials.push(Trial::test("the manifests tell of no app that is gone", move || {
        if stale { Err("take what is gone out of manifests.json".into()) } else { Ok(()) }
    }));
    let rows = judge::rows(&cases);
    let names = manifests::names(&apps);
    if arguments.list {
        trials.extend(rows.iter().map(|row| Trial::test(row.name(), || Ok(()))));
        trials.extend(names.into_iter().map(|(name, ..)| Trial::test(name, || Ok(()))));
    } else {
        let chosen = |name: &String| arguments.filter.as_ref().is_none_or(|filter| name.contains(filter));
        let chosen: Vec<_> = rows.into_iter().filter(|row| chosen(&row.name())).collect();
        let judged = judge::judged(&chosen, &cases, &record);
        println!("{}", judge::table(&judged));
        trials.extend(judged.into_iter().map(judge::Judged::trial));
        let compared: Vec<_> = names
            .into_iter()
            .filter(|(name, ..)| arguments.filter.as_ref().is_none_or(|filter| name.contains(filter)))
            .map(|(name, app, version)| manifests::compare(name, &apps[app], &version, &built))
            .collect();
        println!("{}", manifests::summary(&compared));
        trials.extend(compared.into_iter().map(manifests::Compared::trial));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
