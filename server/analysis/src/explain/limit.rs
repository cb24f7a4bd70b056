//! How long a request may take here, in words.

use crate::check::{self, target_of};
use crate::package::Seconds;
use crate::project::{FileInput, Layer, max_duration, own_max_duration};
use crate::tables::{Duration, Limit, MaxDuration, SetIn};

/// The limit of an entry of a file, and where it comes from.
pub(super) fn of_entry(input: &FileInput, layer: Layer) -> String {
    let Some(limit) = max_duration(input) else {
        return match own_max_duration(input).filter(|_| layer != Layer::Express) {
            Some(own) => format!("{own} s, from `maxDuration` in this file, where the host enforces it"),
            None => of_host(input),
        };
    };
    let set = limit.set.as_ref().filter(|_| layer != Layer::Express);
    let Some(set) = set else { return rows(&limit) };
    let asked = match set.seconds {
        Seconds::At(seconds) => format!("{seconds} s"),
        Seconds::Max => "as long as the plan allows".to_owned(),
    };
    let from = match set.from {
        SetIn::Export => "`maxDuration` in this file".to_owned(),
        SetIn::Vercel(vercel, function) => {
            format!("`functions` (`{}`) in {}", function.glob, check::shown(input, &vercel.path))
        }
    };
    let name = &limit.target.name;
    if !limit.heeded {
        return format!("{asked}, from {from}; {name} does not enforce it");
    }
    match limit.refused() {
        Some(most) => format!("{asked}, from {from}: **more than {name} allows on any plan** ({most} s)"),
        None => format!("{asked}, from {from}; {name} allows {}", rows(&limit)),
    }
}

/// The limits of the host, as far as they are known.
fn of_host(input: &FileInput) -> String {
    match (max_duration(input), target_of(&input.package)) {
        (Some(limit), _) => rows(&limit),
        (None, Some(_)) => "not known for this host".to_owned(),
        (None, None) => "unknown".to_owned(),
    }
}

/// What every plan allows, in one clause.
fn rows(limit: &MaxDuration<'_>) -> String {
    if limit.rows.is_empty() {
        return "not known for this host".to_owned();
    }
    let seconds = |limit: Limit| match limit {
        Limit::At(seconds) => format!("{seconds} s"),
        Limit::Unlimited => "none".to_owned(),
    };
    // Without Fluid compute is the exception by now: one clause for all plans, unless it is what holds here.
    let exception =
        |row: &&&Duration| row.fluid == Some(false) && limit.rows.iter().any(|it| it.fluid == Some(true));
    let usual: Vec<&&Duration> = limit.rows.iter().filter(|row| !exception(row)).collect();
    let plans: Vec<String> = usual
        .iter()
        .map(|row| {
            let plan = row.label().map(|label| format!("{label}: ")).unwrap_or_default();
            if row.default == row.max {
                format!("{plan}{}", seconds(row.max))
            } else {
                format!("{plan}{} (at most {})", seconds(row.default), seconds(row.max))
            }
        })
        .collect();
    let date = usual.iter().map(|row| &*row.date).min().unwrap_or_default();
    let lower = if usual.len() < limit.rows.len() { "; lower without Fluid compute" } else { "" };
    format!("{}{lower} (as of {date})", plans.join("; "))
}
