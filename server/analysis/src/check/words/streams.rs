//! Words about responses that stay open, and how long they may.

use crate::facts::Shape;
use crate::project::{FileInput, Resolver, Symbol, max_duration};
use crate::rules::{Condition, Word};
use crate::tables::{Kind, Limit, MaxDuration};

use super::super::evidence::target_text;
use super::super::{Evidence, Site};

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "cut-off",
        1,
        cut_off,
        "`(#cut-off? @at \"stream\")`: the host may end the response before this stream (`loop`: this loop) ends, and nobody has said how long it may take",
    ),
    Word::of(
        "parses-body",
        0,
        |site, condition, _| parses_body(site, condition),
        "`(#parses-body? @at)`: Next.js reads the body of the request before it calls the API route that this code belongs to",
    ),
];

/// The file of the handler that reaches a place.
fn entry_file<'p>(site: &Site<'p>, condition: &Condition) -> Option<&'p FileInput> {
    let at = site.captured(condition)?.at;
    let way = site.project.reach()?.way(site.project, site.file, site.function_at(at.start)?)?;
    site.project.file(way.entry.0)
}

fn cut_off(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(input) = entry_file(site, condition) else { return false };
    let facts = &input.facts;
    let says = facts.export("maxDuration").is_some()
        || facts.binding("config").is_some_and(|(_, decl)| decl.value.get("maxDuration").is_some());
    let limits = max_duration(input);
    if says || limits.as_ref().is_some_and(|limits| limits.set.is_some()) {
        return false;
    }
    let target = evidence.target();
    let host = target_text(&evidence.package().target);
    let unknown = target.is_none_or(|target| target.kind == Kind::Unknown);
    let known = limits.as_ref().filter(|limits| limits.rows.iter().all(|row| !row.unverified));
    let limit = match known.and_then(MaxDuration::longest) {
        Some(Limit::Unlimited) => return false,
        Some(Limit::At(seconds)) => {
            format!("On {host} a response ends after {seconds} seconds at the latest")
        }
        None if unknown => "A serverless host ends a response after some minutes at the latest".to_owned(),
        None => format!("On {host} a response ends at the host's time limit"),
    };
    let stream = condition.words().any(|word| word == "stream");
    let entry = evidence.value("entry").unwrap_or_default();
    let via = evidence.value("via").unwrap_or_default();
    let what = if stream {
        format!("{limit}, and this stream of {entry}{via} never ends by itself")
    } else {
        format!("{limit}, and this loop of {entry}{via} may wait for longer")
    };
    let heeded = unknown || limits.is_some_and(|limits| limits.heeded);
    let remedy = match (stream, heeded) {
        (true, true) => "Set `maxDuration`, and let the client reconnect and resume",
        (true, false) => "Let the client reconnect and resume, with `retry:` and `id:` lines",
        (false, _) => "Answer with what there is and let the client ask again",
    };
    evidence.set("what", what);
    evidence.set("remedy", remedy);
    true
}

/// Whether `bodyParser` is on, as it is unless `config` says otherwise. A custom server may have read the body, or not.
fn parses_body(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(input) = entry_file(site, condition) else { return false };
    if input.package.next.as_ref().is_none_or(|next| next.custom_server.is_some()) {
        return false;
    }
    let Some((chunk, export)) = input.facts.export("config") else { return true };
    let Some(file) = site.project.number(&input.path) else { return false };
    let value = match &export.exported {
        crate::facts::Exported::Value(shape) => Resolver::new(site.project).symbol(file, chunk, shape),
        _ => return false,
    };
    let Symbol::Value(_, _, config @ Shape::Object(_)) = &value else { return false };
    match config.get("api") {
        None => config.get("...").is_none(),
        Some(api @ Shape::Object(_)) => match api.get("bodyParser") {
            None => api.get("...").is_none(),
            Some(Shape::Bool(on)) => *on,
            Some(Shape::Object(_)) => true,
            Some(_) => false,
        },
        Some(_) => false,
    }
}
