//! Asks one version of Next.js about many cases in as few builds as they allow: cases that are built share
//! an app, those that break it get their own.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;

use super::case::{self, Case, Files, Twin};
use super::http;
use super::next::{Install, Server};
use super::record::{Outcome, Record, Reply, State};

/// One twin of one case.
pub type Unit<'a> = (&'a Case, Twin);

/// Asks `next` about `units`, and hands over each outcome as it comes. What `known` says of an earlier run
/// only decides who gets an app of its own at once.
pub fn ask<'a>(
    next: &str,
    units: &[Unit<'a>],
    known: &Record,
    say: &dyn Fn(String),
    take: &mut dyn FnMut(Unit<'a>, Outcome) -> Result<()>,
) -> Result<()> {
    let mut install = Install::new(next)?;
    let mut alone: Vec<Unit<'a>> = Vec::new();
    // Beside a file in TypeScript, Next.js checks the types of those in JavaScript too: they do not mix.
    for (twin, typed) in [(Twin::Bad, false), (Twin::Bad, true), (Twin::Good, false), (Twin::Good, true)] {
        let mut group: Vec<Unit<'a>> = Vec::new();
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for unit in units.iter().filter(|unit| unit.1 == twin && unit.0.typed(twin) == typed) {
            let broke = known.get(&unit.0.name, twin, next).is_some_and(|said| said.state != State::Runs);
            let paths: Vec<&str> = unit.0.files(twin).keys().map(String::as_str).collect();
            if broke || !unit.0.shares(twin) || paths.iter().any(|path| taken.contains(path)) {
                alone.push(*unit);
            } else {
                taken.extend(paths);
                group.push(*unit);
            }
        }
        let mut groups = vec![group];
        while let Some(mut group) = groups.pop() {
            if group.len() < 2 {
                alone.extend(group);
                continue;
            }
            let start = Instant::now();
            match together(&mut install, next, &group)? {
                Ok(found) => {
                    say(format!("{next}: {} {twin} apps in one, {:.0?}", group.len(), start.elapsed()));
                    for (unit, outcome) in group.into_iter().zip(found) {
                        take(unit, outcome)?;
                    }
                }
                Err(lines) => {
                    let (named, others): (Vec<_>, Vec<_>) =
                        group.iter().partition(|unit| is_named(**unit, &lines));
                    say(format!(
                        "{next}: {} of {} {twin} apps break the common build: {}",
                        named.len(),
                        group.len(),
                        essence(&lines).join(" | ")
                    ));
                    if named.is_empty() {
                        // Nobody is named: those who are to blame are in one half, or in both.
                        groups.push(group.split_off(group.len() / 2));
                        groups.push(group);
                    } else {
                        alone.extend(named);
                        groups.push(others);
                    }
                }
            }
        }
    }
    while let Some((case, twin)) = alone.pop() {
        let start = Instant::now();
        // Twins of several cases are often the same app.
        let files = case.files(twin);
        let same = |unit: &Unit<'_>| unit.0.files(unit.1) == files && script(*unit) == script((case, twin));
        let (mut units, others): (Vec<_>, Vec<_>) = alone.into_iter().partition(same);
        alone = others;
        units.push((case, twin));
        for (unit, outcome) in units.iter().zip(by_itself(&mut install, next, &units)?) {
            say(format!("{next}: {} {}: {:?}, {:.0?}", unit.0.name, unit.1, outcome.state, start.elapsed()));
            take(*unit, outcome)?;
        }
    }
    Ok(())
}

/// What is started instead of `next start`.
fn script((case, twin): Unit<'_>) -> Option<&str> {
    case.start.get(twin.name()).map(String::as_str)
}

/// Builds and asks many in one app; what the build or the boot printed if it failed.
fn together(
    install: &mut Install,
    next: &str,
    units: &[Unit<'_>],
) -> Result<Result<Vec<Outcome>, Vec<String>>> {
    let parts: Vec<&Files> = units.iter().map(|(case, twin)| case.files(*twin)).collect();
    let app = install.app(&case::app(&parts, next)?)?;
    let (good, lines) = app.build()?;
    if !good {
        return Ok(Err(lines));
    }
    let server = match app.serve(None)? {
        Ok(server) => server,
        Err(lines) => return Ok(Err(lines)),
    };
    let answers = units.iter().map(|(case, _)| Outcome {
        state: State::Runs,
        says: Vec::new(),
        answers: answers(&server, case),
    });
    Ok(Ok(answers.collect()))
}

/// Builds an app that is the same for all `units`, and asks it for each of them.
fn by_itself(install: &mut Install, next: &str, units: &[Unit<'_>]) -> Result<Vec<Outcome>> {
    let Some((case, twin)) = units.first() else { return Ok(Vec::new()) };
    let app = install.app(&case.app(*twin, next)?)?;
    let failed = |state, lines: &[String]| {
        let says = essence(lines);
        units.iter().map(|_| Outcome { state, says: says.clone(), answers: Vec::new() }).collect()
    };
    let (good, lines) = app.build()?;
    if !good {
        return Ok(failed(State::BuildFailed, &lines));
    }
    let server = match app.serve(script((case, *twin)))? {
        Ok(server) => server,
        Err(lines) => return Ok(failed(State::BootFailed, &lines)),
    };
    let outcomes = units.iter().map(|(case, _)| {
        let warning = |line: &&String| case.warns.as_ref().is_some_and(|text| line.contains(text));
        let mut says: Vec<String> = lines.iter().filter(warning).cloned().collect();
        says.dedup();
        Outcome { state: State::Runs, says, answers: answers(&server, case) }
    });
    Ok(outcomes.collect())
}

fn answers(server: &Server<'_>, case: &Case) -> Vec<Reply> {
    case.requests.iter().map(|request| reply(server, request)).collect()
}

fn reply(server: &Server<'_>, request: &case::Request) -> Reply {
    server.hush();
    let answer = http::send(server.port, request).unwrap_or_default();
    let failed = answer.status.is_none_or(|status| status >= 500);
    let host =
        |value: &String| value.replace(&format!(":{}", server.port), "").replace("127.0.0.1", "localhost");
    Reply {
        request: request.send.clone(),
        status: answer.status,
        headers: request
            .wanted
            .headers
            .keys()
            .map(|name| (name.clone(), answer.headers.get(name).map(host)))
            .collect(),
        body: if answer.body.starts_with("<!DOCTYPE") {
            "<!DOCTYPE html>".to_owned()
        } else {
            answer.body.chars().take(120).collect()
        },
        log: if failed { server.log() } else { None },
    }
}

/// Whether the lines of a failed build name a file or a route of the unit.
fn is_named((case, twin): Unit<'_>, lines: &[String]) -> bool {
    case.routes(twin).any(|route| {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        lines.iter().any(|line| line.match_indices(route).any(|(at, _)| ends(&line[at + route.len()..])))
    })
}

/// What every build prints, whatever becomes of it.
const USUAL: [&str; 22] = [
    "▲",
    "✓",
    "⚠",
    "Creating an optimized",
    "Linting and checking",
    "Running ",
    "Collecting ",
    "Generating static",
    "Finalizing",
    "Finished",
    "We detected TypeScript",
    "The following ",
    "- ",
    "at ",
    "npm warn",
    "> Build error",
    "Next.js build worker",
    "Error: Command failed",
    "Read more",
    "info ",
    "Attention:",
    "Skipping ",
];

/// The lines that say why, without those that every build has.
fn essence(lines: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for line in lines {
        let says = line.trim_start_matches(['⨯', '>', ' ']).trim();
        let usual = USUAL.iter().any(|start| line.starts_with(start) || says.starts_with(start));
        let frame = says.starts_with(|c: char| c.is_ascii_digit() || "|^{}[]─│".contains(c));
        if !usual && !frame && !says.is_empty() && !kept.iter().any(|known| known == says) {
            kept.push(says.chars().take(240).collect());
        }
    }
    kept.truncate(5);
    kept
}
