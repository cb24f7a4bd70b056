//! The sentences of a decision.

use std::fmt::Write as _;

use super::answer::{Decision, Fit, HostFit, Part, Route, Verdict};
use super::since::Changed;

/// `1 route`, `12 routes`.
pub(crate) fn routes(count: usize) -> String {
    if count == 1 { "1 route".to_owned() } else { format!("{count} routes") }
}

/// The verdict in one sentence.
pub(crate) fn summary(verdict: Verdict, either: bool, host: &str, all: &[Route], parts: &[Part]) -> String {
    let count = |fit: Fit| all.iter().filter(|it| it.verdict == fit).count();
    let (persistent, changes) = (count(Fit::Persistent), count(Fit::FitsWithChanges));
    let express = all.iter().filter(|it| it.framework == "express").count();
    let next = all.len() - express;
    let moving = parts.iter().filter(|it| !it.fits).count();
    let mut text = if all.is_empty() && parts.is_empty() {
        "There is no route to judge.".to_owned()
    } else if persistent + moving > 0 {
        let who = match (persistent, moving) {
            (0, 1) => "1 part that runs beside the routes belongs".to_owned(),
            (0, many) => format!("{many} parts that run beside the routes belong"),
            (1, 0) => format!("1 of {} belongs", routes(all.len())),
            (many, 0) => format!("{many} of {} belong", routes(all.len())),
            (some, parts) => {
                let what = if parts == 1 {
                    "1 part beside them".to_owned()
                } else {
                    format!("{parts} parts beside them")
                };
                format!("{some} of {} and {what} belong", routes(all.len()))
            }
        };
        let rest = all.len() - persistent;
        let stays = match (verdict, rest) {
            (Verdict::Both, 1) => "; 1 stays".to_owned(),
            (Verdict::Both, many) if many > 1 => format!("; {many} stay"),
            _ => String::new(),
        };
        format!("{who} in a persistent process{stays}.")
    } else {
        stays(verdict, host, next, express, parts)
    };
    if changes > 0 {
        text.truncate(text.len() - 1);
        let verb = if changes == 1 { "wants" } else { "want" };
        let _ = write!(text, "; {changes} {verb} a change first.");
    }
    if either {
        text.push_str(" Either is fine.");
    }
    text
}

/// The sentence where nothing has to move.
fn stays(verdict: Verdict, host: &str, next: usize, express: usize, parts: &[Part]) -> String {
    let beside = parts.iter().any(|it| it.home == "service");
    let of_next = || format!("{} of Next.js", upper(&routes(next)));
    match (verdict, next, express) {
        (Verdict::Next, 0, _) => format!("What runs in Next.js belongs where it is, on {host}."),
        (Verdict::Next, 1, 0) => format!("The route of Next.js belongs where it is, on {host}."),
        (Verdict::Next, many, _) => {
            format!("All {} of Next.js belong where they are, on {host}.", routes(many))
        }
        (Verdict::Both, 1.., 1..) => {
            format!("{} and {} of Express belong where they are.", of_next(), routes(express))
        }
        (Verdict::Both, 1.., 0) if beside => {
            format!("{} and a process beside them belong where they are.", of_next())
        }
        (Verdict::Both | Verdict::Express, 0, 1) => "The route of Express belongs where it is.".to_owned(),
        (Verdict::Both | Verdict::Express, 0, 2..) => {
            format!("{} of Express belong where they are.", upper(&routes(express)))
        }
        (Verdict::Both | Verdict::Express, 0, 0) => "The process belongs where it is.".to_owned(),
        (Verdict::Express, ..) => "Nothing has to move, and more speaks for a service of its own.".to_owned(),
        (Verdict::Both, ..) => "Nothing has to move; both sides have much that speaks for them.".to_owned(),
    }
}

/// What a change does, in one sentence.
pub(crate) fn change(before: &Decision, after: &Decision, changed: &[Changed]) -> String {
    let mut text = if before.verdict == after.verdict {
        format!("The verdict stays {}", after.verdict.phrase())
    } else {
        format!("The verdict turns from {} to {}", before.verdict.phrase(), after.verdict.phrase())
    };
    if before.target.id != after.target.id {
        let _ = write!(text, ", now for {} instead of {}", after.target.name, before.target.name);
    }
    let worse = changed.iter().filter(|it| it.is_worse()).count();
    let goes = changed.iter().filter(|it| it.is_worse() && it.after == Some(Fit::Persistent)).count();
    let better = changed.iter().filter(|it| it.after.is_some() && it.after < it.before).count();
    let is = |count: usize, one: &str, many: &str| {
        let verb = if count == 1 { one } else { many };
        format!("{} {verb}", routes(count))
    };
    let mut clauses = Vec::new();
    if goes > 0 {
        clauses.push(format!("{} in a persistent process that did not", is(goes, "belongs", "belong")));
    }
    if worse > goes {
        clauses.push(format!("{} a change that needed none", is(worse - goes, "wants", "want")));
    }
    if better > 0 {
        clauses.push(is(better, "fits better than before", "fit better than before"));
    }
    if clauses.is_empty() {
        clauses.push("no route fits worse than before".to_owned());
    }
    let _ = write!(text, ": {}.", clauses.join("; "));
    text
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "On Vercel Pro and Enterprise 3 of 48 do not fit; in a container all fit."
pub(crate) fn elsewhere(hosts: &[HostFit]) -> String {
    let Some(of) = hosts.first().map(|it| it.of).filter(|of| *of > 0) else { return String::new() };
    let mut groups: Vec<(usize, Vec<&str>)> = Vec::new();
    for host in hosts {
        match groups.iter_mut().find(|(fits, _)| *fits == host.fits) {
            Some((_, names)) => names.push(&host.name),
            None => groups.push((host.fits, vec![&host.name])),
        }
    }
    if let [(fits, _)] = groups[..]
        && fits == of
    {
        return "All fit on every host that was compared.".to_owned();
    }
    groups.sort_by_key(|(fits, _)| *fits);
    let clauses: Vec<String> = groups
        .iter()
        .map(|(fits, names)| {
            let names = list(names);
            match of - fits {
                0 => format!("on {names} all fit"),
                1 => format!("on {names} 1 of {of} does not fit"),
                many => format!("on {names} {many} of {of} do not fit"),
            }
        })
        .collect();
    format!("{}.", upper(&clauses.join("; "))).replace("on a container", "in a container")
}

/// `a`, `a and b`, `a, b and c`.
fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_routes_that_there_are_are_said_to_belong_where_they_are() {
        let said = |verdict, next, express| stays(verdict, "Vercel", next, express, &[]);
        let one = "The route of Express belongs where it is.";
        assert_eq!([said(Verdict::Both, 0, 1), said(Verdict::Express, 0, 1)], [one, one]);
        assert_eq!(said(Verdict::Both, 0, 12), "12 routes of Express belong where they are.");
        assert_eq!(
            said(Verdict::Both, 1, 2),
            "1 route of Next.js and 2 routes of Express belong where they are."
        );
        assert_eq!(said(Verdict::Next, 3, 0), "All 3 routes of Next.js belong where they are, on Vercel.");
        assert_eq!(said(Verdict::Next, 0, 0), "What runs in Next.js belongs where it is, on Vercel.");
    }
}
