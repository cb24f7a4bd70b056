//! `cargo xtask oracle`: asks Next.js about the cases and writes down what it says.
#![expect(clippy::print_stdout, reason = "a command says what it does")]

use std::time::Instant;

use anyhow::{Result, bail, ensure};
use routewise_tests::oracle::VERSIONS;
use routewise_tests::oracle::case::{self, Twin};
use routewise_tests::oracle::manifest;
use routewise_tests::oracle::record::Record;
use routewise_tests::oracle::run::{Unit, ask};

fn main() -> Result<()> {
    let (mut versions, mut names, mut apps) = (Vec::new(), Vec::new(), Vec::new());
    let mut missing = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--next" => versions.extend(arguments.next()),
            "--case" => names.extend(arguments.next()),
            "--app" => apps.extend(arguments.next()),
            "--missing" => missing = true,
            _ => bail!("usage: next-oracle [--next VERSION]... [--case NAME]... [--app NAME]... [--missing]"),
        }
    }
    let cases = case::all()?;
    for name in &names {
        ensure!(cases.iter().any(|case| case.name == *name), "there is no case {name}");
    }
    let known_apps = manifest::all()?;
    for name in &apps {
        ensure!(known_apps.iter().any(|app| app.name == *name), "there is no app {name}");
    }
    for version in &versions {
        ensure!(
            VERSIONS.iter().any(|(known, _)| known == version),
            "Next.js {version} is not among {VERSIONS:?}"
        );
    }
    let start = Instant::now();
    // With names of cases alone no app is asked about, and the other way round.
    if names.is_empty() || !apps.is_empty() {
        manifest::ask(&versions, &apps, missing, &|line| println!("{line}"))?;
    }
    if names.is_empty() && !apps.is_empty() {
        println!("done in {:.0?}", start.elapsed());
        return Ok(());
    }
    for (version, _) in VERSIONS {
        if !versions.is_empty() && !versions.iter().any(|wanted| wanted == version) {
            continue;
        }
        let known = Record::read()?;
        let units: Vec<Unit<'_>> = cases
            .iter()
            .filter(|case| case.next.iter().any(|next| next == version))
            .filter(|case| names.is_empty() || names.contains(&case.name))
            .flat_map(|case| Twin::ALL.map(|twin| (case, twin)))
            .filter(|(case, twin)| !missing || known.get(&case.name, *twin, version).is_none())
            .collect();
        ask(version, &units, &known, &|line| println!("{line}"), &mut |(case, twin), outcome| {
            println!("  {} {twin}: Next.js {version} {}", case.name, outcome.verdict(case));
            // Read again each time: another run may be asking another version.
            let mut record = Record::read()?;
            record.set(&case.name, twin, version, outcome);
            record.keep(&cases);
            record.write()
        })?;
    }
    println!("done in {:.0?}", start.elapsed());
    Ok(())
}
