//! What a lens tells of a handler, and what answers a URL, in the words of a hover: for editors that show no lenses,
//! and for those who write the request.

use std::fmt::Write as _;

use super::navigate::{callers_of, of_file, requests_at};
use super::{Auth, auth_of, entry};
use crate::explain;
use crate::project::calls::answerers;
use crate::project::routes::address::Fit;
use crate::project::routes::table::{Answer, Framework, Kind, Named, Route};
use crate::project::{Entry, FileNo, Hover, Project};

/// Files that are named; more are counted.
const LISTED: usize = 5;

/// Handlers that are told of in full.
const TOLD: usize = 2;

/// About the URL of a request at a place: what answers it, with the verdict on it. `None` where none stands there, or
/// several might be meant.
pub(crate) fn asked(
    project: &Project,
    file: FileNo,
    offset: u32,
    verdict: &dyn Fn(FileNo, &Entry) -> String,
) -> Option<Hover> {
    let input = project.file(file)?;
    let table = project.table();
    let mut text = String::new();
    let mut told = 0;
    let mut span = None;
    for request in requests_at(project, file, offset) {
        span = Some(request.span(&input.facts));
        for found in answerers(project, table, file, request).into_iter().filter(|it| it.fit == Fit::Yes) {
            let route = &table.routes[found.route];
            let own = request.method.as_deref().and_then(|method| route.answer(method));
            let answers: Vec<&Answer> = own.map_or_else(|| route.answers.iter().collect(), |own| vec![own]);
            let path = &project.file(route.file)?.path;
            if answers.is_empty() || route.kind != Kind::Endpoint || told == TOLD {
                let _ = writeln!(text, "**`{}`** in {}\n", route.url, explain::link(input, path));
                continue;
            }
            told += 1;
            let methods = route.methods();
            let mut more = format!("- In {}\n", explain::link(input, path));
            if methods.len() > 1 {
                let _ = writeln!(more, "- Methods: {}", methods.join(", "));
            }
            for answer in answers.into_iter().take(TOLD) {
                let Some(entry) = entry(project, route.file, answer) else { continue };
                let told = of_answer(project, found.route, route, answer);
                let more = format!("{more}{told}{}", verdict(route.file, entry));
                let own = explain::entry(project, route.file, entry, &more)?;
                let _ = writeln!(text, "{own}");
            }
        }
    }
    let span = span.filter(|_| !text.is_empty())?;
    Some(Hover { span, markdown: text.trim_end().to_owned() })
}

/// What a lens tells of an entry of a file, as items of a list; empty where it tells nothing.
pub(crate) fn told(project: &Project, file: FileNo, entry: &Entry) -> String {
    let names = |answer: &Answer| match &answer.at {
        Named::Export(name) => entry.export() == Some(name.as_str()),
        Named::Call(call) => entry.call() == Some(*call),
    };
    of_file(project, file)
        .find(|(_, route, answer)| route.kind == Kind::Endpoint && names(answer))
        .map(|(number, route, answer)| of_answer(project, number, route, answer))
        .unwrap_or_default()
}

fn of_answer(project: &Project, number: usize, route: &Route, answer: &Answer) -> String {
    let mut out = String::new();
    // Of Express the whole chain is told.
    if route.framework != Framework::Express {
        out.push_str(match auth_of(project, route, answer) {
            Auth::Present => "- Checks who asks\n",
            Auth::Partial => "- Checks in part who asks\n",
            Auth::Absent => "- Nothing checks who asks, as far as Routewise can see\n",
            Auth::Unknown => "",
        });
    }
    let callers = callers_of(project, number, answer);
    let Some(input) = project.file(route.file) else { return out };
    let mut files: Vec<_> = callers.iter().map(|call| &call.path).collect();
    files.dedup();
    let links: Vec<String> = files.iter().take(LISTED).map(|path| explain::link(input, path)).collect();
    let more = files.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more files") } else { String::new() };
    let _ = match callers.len() {
        0 => writeln!(out, "- No callers in this project"),
        1 => writeln!(out, "- 1 caller: {}", links.join(", ")),
        many => writeln!(out, "- {many} callers: {}{more}", links.join(", ")),
    };
    out
}
