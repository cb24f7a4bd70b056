//! What an editor may write between the code: the URL behind the name of a handler, and how long a request may take.

use std::fmt::Write as _;

use super::entry;
use super::navigate::of_file;
use crate::explain;
use crate::facts::{CallId, Shape};
use crate::path::FilePath;
use crate::project::express::{Layer, Path};
use crate::project::routes::table::{Answer, Framework, Kind, Named, Route};
use crate::project::{FileInput, Project, max_duration, segment_text};
use crate::tables::Limit;
use crate::text::Span;

/// A remark at a place of the code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    /// Behind this byte.
    pub offset: u32,
    /// What it says: `/api/users/[id] · 60 s`.
    pub text: String,
    /// More, as plain text; empty where there is no more to say.
    pub tooltip: String,
}

impl Project {
    /// The remarks in a part of a file, in the order of the file.
    pub fn hints(&self, path: &FilePath, within: Span) -> Vec<Hint> {
        let Some((file, input)) = self.number(path).and_then(|file| Some((file, self.file(file)?))) else {
            return Vec::new();
        };
        let mut out: Vec<Hint> = of_file(self, file)
            .filter(|(_, route, _)| route.kind == Kind::Endpoint && route.url_known)
            .filter_map(|(_, route, answer)| match &answer.at {
                Named::Call(call) => registered(self, input, route, *call),
                Named::Export(_) => exported(self, input, route, answer),
            })
            .filter(|hint| within.start <= hint.offset && hint.offset <= within.end)
            .collect();
        out.sort();
        // What serves several URLs says none of them.
        let mut single: Vec<Hint> = Vec::new();
        for group in out.chunk_by(|a, b| a.offset == b.offset) {
            if group.iter().all(|hint| hint == &group[0]) {
                single.extend(group.first().cloned());
            }
        }
        single
    }
}

fn exported(project: &Project, input: &FileInput, route: &Route, answer: &Answer) -> Option<Hint> {
    let span = answer.span(project, route.file)?;
    let mut text = route.url.clone();
    let mut tooltip = String::new();
    if let Some(seconds) = limit(input) {
        let _ = write!(text, " · {seconds} s");
        let layer = entry(project, route.file, answer)?.layer;
        tooltip = format!("Time limit: {}", explain::plain(&explain::time_limit(input, layer)));
    }
    Some(Hint { offset: span.end, text, tooltip })
}

/// The seconds after which a request is cut off, where that is one number whatever the plan.
fn limit(input: &FileInput) -> Option<u64> {
    if segment_text(&input.facts, "runtime").is_some_and(|runtime| runtime.contains("edge")) {
        return None;
    }
    let limit = max_duration(input)?;
    let mut all = limit.rows.iter().map(|row| limit.in_force(row));
    let first = all.next()?;
    match first {
        Limit::At(seconds) if all.all(|other| other == first) => Some(seconds),
        _ => None,
    }
}

/// The whole URL behind the path that a registration is given, where it is more than that.
fn registered(project: &Project, input: &FileInput, route: &Route, call: CallId) -> Option<Hint> {
    debug_assert_eq!(route.framework, Framework::Express);
    let mut head = call;
    // `router.route("/users").get(list)`: the path stands at the head of the chain.
    while let Shape::Member(object, _) = &input.facts.call(head).callee
        && let Shape::Call(number) = **object
    {
        head.number = number;
    }
    let given = input.facts.call(head);
    let Shape::Text(text) = given.args.first()? else { return None };
    let express = project.express();
    let is_path = |layer: &Layer| layer.paths.iter().any(|it| matches!(it, Path::Text(it) if it == text));
    let layers = express.registered(route.file, call);
    if text == route.url.as_str() || !layers.iter().any(|layer| is_path(express.layer(*layer))) {
        return None;
    }
    let at = input.facts.span(head.chunk, *given.args_at.first()?);
    Some(Hint { offset: at.end, text: route.url.clone(), tooltip: String::new() })
}
