//! What to know of hosts before a decision is acted on: limits move, betas come and go.

use super::answer::{Caveat, Verdict};
use super::survey::Survey;
use crate::tables::{Limit, Offer, TargetInfo, Targets};

/// Caveats that are told.
const MOST: usize = 5;

/// What is said of the host, and of Vercel, which changed most.
pub(crate) fn caveats(target: &str, survey: &Survey, verdict: Verdict) -> Vec<Caveat> {
    let mut out = Vec::new();
    let realtime =
        survey.routes.iter().flat_map(|it| &it.asks).any(|it| survey.sightings[*it].ask.is_realtime())
            || survey.parts.iter().any(|it| survey.sightings[it.sighting].ask.is_realtime());
    let mut ids = vec![target];
    if target != "vercel" {
        ids.push("vercel");
    }
    for info in ids.into_iter().filter_map(|id| Targets::builtin().get(id)) {
        of_host(info, &*info.id == target, realtime, verdict, &mut out);
    }
    out.truncate(MOST);
    out
}

fn of_host(info: &TargetInfo, own: bool, realtime: bool, verdict: Verdict, out: &mut Vec<Caveat>) {
    let name = &info.name;
    if let Some(figure) = info.capabilities.websockets.as_ref().filter(|_| own || realtime) {
        let word = match figure.value {
            Offer::Yes => "WebSockets",
            Offer::Limited => "WebSockets on a condition",
            Offer::No => "no WebSockets",
        };
        let note = figure.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        let doubt = if figure.unverified { " (not verified)" } else { "" };
        out.push(Caveat {
            text: format!("{}: {word}{note}{doubt}", upper(name)),
            source: figure.source.to_string(),
            date: figure.date.to_string(),
        });
    }
    let limits: Vec<String> = info
        .capabilities
        .duration
        .iter()
        .filter(|row| row.fluid != Some(false) && !row.unverified)
        .filter_map(|row| {
            let Limit::At(max) = row.max else { return None };
            let plan = row.label().map(|plan| format!(" on {plan}")).unwrap_or_default();
            let beta = row.extended.map(|beta| format!(" ({beta} s as a beta)")).unwrap_or_default();
            Some(format!("{max} s{plan}{beta}"))
        })
        .collect();
    if let Some(row) = info.capabilities.duration.first().filter(|_| own && !limits.is_empty()) {
        out.push(Caveat {
            text: format!("{}: a request may take {}", upper(name), limits.join(", ")),
            source: row.source.to_string(),
            date: row.date.to_string(),
        });
    }
    // Nobody is about to run an Express application where everything belongs in Next.js.
    for more in info.more.iter().filter(|more| &*more.what == "Express" && verdict != Verdict::Next) {
        out.push(Caveat {
            text: format!("{}: Express runs as {}", upper(name), more.value),
            source: more.source.to_string(),
            date: more.date.to_string(),
        });
    }
    if let Some(figure) = info.capabilities.persistent_process.as_ref().filter(|_| own)
        && let Some(note) = &figure.note
    {
        out.push(Caveat {
            text: format!("{}: {note}", upper(name)),
            source: figure.source.to_string(),
            date: figure.date.to_string(),
        });
    }
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
