//! What asks for a URL, under its new name: requests, the matcher of the proxy, the clock of the host.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::places::{is_open, pieces, segments};
use super::{Left, Proposed, Renaming, Subject, same};
use crate::endpoints::written::Reader;
use crate::finding::Edit;
use crate::fix::code::Code;
use crate::fix::objects;
use crate::package::NextProject;
use crate::path::FilePath;
use crate::project::calls::{Caller, Client, ClientCall};
use crate::project::matcher::Matchers;
use crate::project::routes::table::{Kind, Route};
use crate::project::routes::{Role, role};
use crate::project::{FileInput, FileNo};
use crate::syntax::Node;
use crate::text::Span;

/// Collects what a renaming changes.
pub(super) struct Rewriter<'r, 'p> {
    pub(super) reader: &'r mut Reader<'p>,
    edits: BTreeMap<(FilePath, Span), (String, Subject, bool)>,
    left: BTreeSet<Left>,
    /// Edits of texts that stand outside the request that uses them, and the requests that do.
    shared: BTreeMap<(FileNo, Span), BTreeSet<(FileNo, u32)>>,
}

/// Another text for some of the segments of a URL.
struct Difference {
    /// Which segments.
    at: Range<usize>,
    /// What stands in their place.
    new: Vec<String>,
}

/// How many segments of a URL stand before what a request is written with: `Link` puts the base path there itself.
pub(super) fn shift(input: &FileInput, by: Client) -> usize {
    let base = input.package.next.as_ref().filter(|_| by == Client::Navigation);
    base.map_or(0, |next| segments(&next.base_path).len())
}

impl<'r, 'p> Rewriter<'r, 'p> {
    pub(super) fn new(reader: &'r mut Reader<'p>) -> Self {
        Self { reader, edits: BTreeMap::new(), left: BTreeSet::new(), shared: BTreeMap::new() }
    }

    /// Puts another text in the place of `span`.
    pub(super) fn edit(&mut self, file: FileNo, span: Span, text: &str, subject: Subject, sure: bool) {
        if let Some(input) = self.reader.project.file(file) {
            self.edit_in(input.path.clone(), span, text, subject, sure);
        }
    }

    fn edit_in(&mut self, path: FilePath, span: Span, text: &str, subject: Subject, sure: bool) {
        let old = self.edits.get(&(path.clone(), span));
        if old.is_some_and(|(other, ..)| other != text) {
            return self.leave(path, Some(span), "would get two names".to_owned());
        }
        let sure = sure || old.is_some_and(|(.., sure)| *sure);
        self.edits.insert((path, span), (text.to_owned(), subject, sure));
    }

    /// Takes note of something that stays as it is.
    pub(super) fn leave(&mut self, path: FilePath, span: Option<Span>, why: String) {
        self.left.insert(Left { path, span, why });
    }

    /// Whether anything of a file changes.
    pub(super) fn changes(&self, path: &FilePath) -> bool {
        self.edits.keys().any(|(changed, _)| changed == path)
    }

    /// All that was collected.
    pub(super) fn finish(self) -> Renaming {
        let mut out = Renaming { left: self.left.into_iter().collect(), ..Renaming::default() };
        for ((path, span), (text, subject, sure)) in self.edits {
            let over = |last: &Proposed| last.edit.path == path && span.start < last.edit.span.end;
            if out.edits.last().is_some_and(over) {
                continue;
            }
            out.edits.push(Proposed { edit: Edit::replace(path, span, text), subject, sure });
        }
        out
    }

    /// Routes, by their numbers in the table, get other URLs, or none any more.
    pub(super) fn follow(&mut self, changes: &[(usize, Option<String>)]) {
        let project = self.reader.project;
        let table = project.table();
        for (number, new) in changes {
            let route = &table.routes[*number];
            let callers = project.callers().get(*number).map(Vec::as_slice).unwrap_or_default();
            for caller in callers {
                self.call(*caller, route, new.as_deref());
            }
            if let Some(new) = new {
                self.clock(route, new);
                self.sources(route, new);
            }
        }
        self.judge_shared();
        self.matchers(changes);
    }

    fn call(&mut self, caller: Caller, route: &Route, new: Option<&str>) {
        let project = self.reader.project;
        let Some(input) = project.file(caller.file) else { return };
        let Some(request) =
            project.links(caller.file).and_then(|links| links.requests.get(caller.number as usize))
        else {
            return;
        };
        let place = request.span(&input.facts);
        let mut leave = |why: String| self.leave(input.path.clone(), Some(place), why);
        let Some(new) = new else { return leave(format!("asks for `{}`, which is gone", route.url)) };
        let (old, new) = (segments(&route.url), segments(new));
        let Some(differences) = differences(&old, &new) else {
            return leave(format!("asks for `{}`, and a dynamic segment comes or goes", route.url));
        };
        for difference in differences {
            let placed = self.placed(caller.file, request, route, &old, &difference);
            let Some((file, span, text)) = placed else {
                let asks = if caller.sure { "asks" } else { "may ask" };
                let why = format!("{asks} for `{}`, and the text of this segment is not there", route.url);
                self.leave(input.path.clone(), Some(place), why);
                continue;
            };
            let own = file == caller.file && place.start <= span.start && span.end <= place.end;
            if !own {
                let users = self.shared.entry((file, span)).or_default();
                users.insert((caller.file, caller.number));
            }
            self.edit(file, span, &text, Subject::Call, caller.sure);
        }
    }

    /// Where the segments stand that a request has in the place of a difference, and what is to stand there.
    fn placed(
        &mut self,
        file: FileNo,
        request: &ClientCall,
        route: &Route,
        old: &[&str],
        difference: &Difference,
    ) -> Option<(FileNo, Span, String)> {
        let shift = shift(self.reader.project.file(file)?, request.by);
        let Range { start, end } = difference.at;
        if old[..end].iter().any(|segment| is_open(segment)) {
            return None;
        }
        let (from, to) = (start.checked_sub(shift)?, end.checked_sub(shift)?);
        let written = self.reader.request(file, request)?;
        let pieces = pieces(&request.path);
        let asked = pieces.get(from..to)?;
        let equal = asked
            .iter()
            .zip(&old[start..end])
            .all(|(range, old)| same(route.framework, old, &request.path[range.clone()]));
        if !equal {
            return None;
        }
        let new = difference.new.join("/");
        let (bytes, text) = match (asked, new.is_empty()) {
            ([], _) => {
                let at = from.checked_sub(1).and_then(|before| pieces.get(before)).map_or(0, |it| it.end);
                (at..at, format!("/{new}"))
            }
            // With the slash before them.
            ([first, .., last], true) => (first.start.checked_sub(1)?..last.end, new),
            ([only], true) => (only.start.checked_sub(1)?..only.end, new),
            ([first, ..], false) => (first.start..asked.last()?.end, new),
        };
        let (at, span) = written.locate(&request.path, &bytes)?;
        Some((at, span, text))
    }

    /// A text outside of requests is changed for sure only where all that use it are.
    fn judge_shared(&mut self) {
        let project = self.reader.project;
        for ((at, span), users) in std::mem::take(&mut self.shared) {
            let Some(path) = project.file(at).map(|input| input.path.clone()) else { continue };
            for file in project.numbers() {
                let Some(links) = project.links(file) else { continue };
                if file != at && !links.seen.contains(&at) {
                    continue;
                }
                for (number, request) in links.requests.iter().enumerate() {
                    if users.contains(&(file, number as u32)) {
                        continue;
                    }
                    let uses =
                        self.reader.request(file, request).is_some_and(|written| written.stands_at(at, span));
                    if uses && let Some((.., sure)) = self.edits.get_mut(&(path.clone(), span)) {
                        *sure = false;
                    }
                }
            }
        }
    }

    /// What the host asks for by the clock.
    fn clock(&mut self, route: &Route, new: &str) {
        let Some(package) = route.package(self.reader.project) else { return };
        let Some(vercel) = &package.vercel else { return };
        if !vercel.crons.iter().any(|cron| cron.path.split('?').next() == Some(route.url.as_str())) {
            return;
        }
        let text = self.reader.text(&vercel.path);
        for (at, found) in text.as_deref().unwrap_or_default().match_indices(&route.url) {
            let whole = text.as_deref().is_some_and(|text| {
                text[..at].ends_with('"') && text[at + found.len()..].starts_with(['"', '?'])
            });
            if whole {
                let span = Span::new(at as u32, (at + found.len()) as u32);
                self.edit_in(vercel.path.clone(), span, new, Subject::Call, true);
            }
        }
    }

    /// Rewrites and redirects of the configuration are read, not written.
    fn sources(&mut self, route: &Route, new: &str) {
        let Some(package) = route.package(self.reader.project) else { return };
        let Some(next) = &package.next else { return };
        let may = |source: &&String| segments(source).first() == segments(&route.url).first();
        let differs = segments(&route.url) != segments(new);
        let first = next.moves.iter().flatten().map(|it| &it.source).find(|source| {
            may(source) && segments(source).iter().zip(segments(&route.url)).all(|(a, b)| *a == b)
        });
        if let (Some(source), Some(config), true) = (first, &next.config, differs) {
            let why = format!("`rewrites` or `redirects` name `{source}`");
            self.leave(config.clone(), None, why);
        }
    }

    /// Paths in the matchers of the proxies.
    fn matchers(&mut self, changes: &[(usize, Option<String>)]) {
        let project = self.reader.project;
        let table = project.table();
        for file in project.numbers() {
            let Some(input) = project.file(file) else { continue };
            let Some(next) = input.package.next.as_ref() else { continue };
            if role(next, &input.path) != Role::Proxy {
                continue;
            }
            let of_package = |number: usize| {
                let route = &table.routes[number];
                route.express.is_none()
                    && route.package(project).is_some_and(|package| package.root == input.package.root)
            };
            let changes: Vec<(&Route, &str)> = changes
                .iter()
                .filter(|(number, _)| of_package(*number))
                .filter_map(|(number, new)| Some((&table.routes[*number], new.as_deref()?)))
                .collect();
            if changes.is_empty() {
                continue;
            }
            let stays = |prefix: &[&str]| {
                table.routes.iter().enumerate().any(|(number, route)| {
                    of_package(number)
                        && segments(&route.url).starts_with(prefix)
                        && !changes.iter().any(|(changed, _)| std::ptr::eq(*changed, route))
                })
            };
            self.matcher(file, input, next, &changes, &stays);
        }
    }

    fn matcher(
        &mut self,
        file: FileNo,
        input: &FileInput,
        next: &NextProject,
        changes: &[(&Route, &str)],
        stays: &dyn Fn(&[&str]) -> bool,
    ) {
        let base = segments(&next.base_path).len();
        let texts = matcher_texts(self.reader, file);
        let compiled = Matchers::of(input);
        for (route, new) in changes {
            let (old, new_segments) = (segments(&route.url), segments(new));
            let mut edited = false;
            for difference in differences(&old, &new_segments).unwrap_or_default() {
                let ([name], 1) = (&difference.new[..], difference.at.len()) else { continue };
                let Some(index) = difference.at.start.checked_sub(base) else { continue };
                for (start, text) in &texts {
                    let ranges = pieces(text);
                    let parts: Vec<&str> = ranges.iter().map(|range| &text[range.clone()]).collect();
                    let own = &old[base..=difference.at.start];
                    let fits = parts.len() > index && parts.iter().zip(own).all(|(a, b)| agrees(a, b));
                    if !fits || parts[index] != own[index] {
                        continue;
                    }
                    let range = &ranges[index];
                    let span = Span::new(start + range.start as u32, start + range.end as u32);
                    let sure = !stays(&old[..=difference.at.start]);
                    self.edit(file, span, name, Subject::Matcher, sure);
                    edited = true;
                }
            }
            // What the proxy gains is nobody's loss.
            let loses =
                compiled.as_ref().is_some_and(|it| it.covers(next, &route.url) < it.covers(next, new));
            if !edited && route.kind != Kind::Metadata && loses {
                let why = format!("runs for `{}`, and not always for `{new}`", route.url);
                self.leave(input.path.clone(), None, why);
            }
        }
    }
}

/// Whether a part of a matcher is about a segment of a URL.
fn agrees(part: &str, segment: &str) -> bool {
    part == segment || (part.starts_with(':') && segment.starts_with('[') && !is_open(part))
}

/// The texts in `config.matcher` of a proxy, with the places where they begin.
fn matcher_texts(reader: &mut Reader<'_>, file: FileNo) -> Vec<(u32, String)> {
    let project = reader.project;
    let mut out = Vec::new();
    let Some((id, config)) = project.file(file).and_then(|input| input.facts.binding("config")) else {
        return out;
    };
    let span = project.file(file).map(|input| input.facts.span(id.chunk, config.at)).unwrap_or_default();
    let Some(document) = reader.document(file) else { return out };
    let Some(code) = Code::new(&document) else { return out };
    let value = code.node(span).and_then(|name| name.parent()?.field("value"));
    let Some(object) = value.map(crate::form::without_wrapping) else { return out };
    let Some(matcher) = objects::value(&code, object, "matcher") else { return out };
    let items: Vec<Node<'_>> = match matcher.kind() {
        "array" => matcher.named_children().collect(),
        _ => vec![matcher],
    };
    for item in items {
        let text = if item.kind() == "object" { objects::value(&code, item, "source") } else { Some(item) };
        let Some(text) = text.filter(|it| it.kind() == "string") else { continue };
        let whole = code.of(text);
        if whole.len() > 1 && !whole.contains('\\') {
            out.push((text.start_byte() as u32 + 1, whole[1..whole.len() - 1].to_owned()));
        }
    }
    out
}

/// A segment without the name of its parameter, which callers do not see.
fn nameless(segment: &str) -> &str {
    match segment {
        it if it.starts_with("[[...") => "[[...]]",
        it if it.starts_with("[...") => "[...]",
        it if it.starts_with('[') => "[]",
        it if it.starts_with(':') && !is_open(it) => ":",
        it => it,
    }
}

/// What two URLs differ in, for those who ask; `None` where a dynamic segment comes or goes.
fn differences(old: &[&str], new: &[&str]) -> Option<Vec<Difference>> {
    let plain = |segment: &&str| nameless(segment) == *segment && !is_open(segment);
    let names = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let equal = |(a, b): (&&str, &&str)| nameless(a) == nameless(b);
    if old.len() == new.len() {
        let mut out = Vec::new();
        for (at, pair) in old.iter().zip(new).enumerate().filter(|(_, (a, b))| !equal((a, b))) {
            let (true, true) = (plain(pair.0), plain(pair.1)) else { return None };
            out.push(Difference { at: at..at + 1, new: names(&[pair.1]) });
        }
        return Some(out);
    }
    let head = old.iter().zip(new).take_while(|(a, b)| equal((a, b))).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tail.take_while(|(a, b)| equal((a, b))).count();
    let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let all_plain = gone.iter().chain(come).all(plain);
    all_plain.then(|| vec![Difference { at: head..old.len() - tail, new: names(come) }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rename::shown;

    #[test]
    fn urls_differ_in_what_callers_see() {
        let of = |old: &str, new: &str| {
            let (old, new) = (segments(old), segments(new));
            differences(&old, &new).map(|all| {
                all.into_iter()
                    .map(|it| {
                        format!(
                            "{}..{} {}",
                            it.at.start,
                            it.at.end,
                            shown(&it.new.iter().map(String::as_str).collect::<Vec<_>>())
                        )
                    })
                    .collect::<Vec<_>>()
            })
        };
        let some = |all: &[&str]| Some(all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        assert_eq!(of("/api/users/[id]", "/api/people/[id]"), some(&["1..2 /people"]));
        assert_eq!(of("/api/users/[id]", "/api/users/[slug]"), some(&[]));
        assert_eq!(of("/api/users/[id]", "/api/v2/users/[id]"), some(&["1..1 /v2"]));
        assert_eq!(of("/api/v2/users", "/api/users"), some(&["1..2 /"]));
        assert_eq!(of("/api/users/[id]", "/api/users/me"), None);
        assert_eq!(of("/a/:id/b", "/c/:name/d"), some(&["0..1 /c", "2..3 /d"]));
    }
}
