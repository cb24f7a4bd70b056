//! URLs of the project, where code asks for one: `fetch("…")`, `<form action>`, a function of the project that asks
//! for what it is given.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{Completion, Kind, escaped};
use crate::document::Document;
use crate::endpoints::written::Reader;
use crate::path::FilePath;
use crate::project::calls::{Client, asking, lead};
use crate::project::routes::address::HOLE;
use crate::project::routes::table::{self, Route};
use crate::project::{FileInput, FileNo, Project, Sources};
use crate::text::Span;

/// More URLs than anybody reads.
const MOST: usize = 1000;

/// The one document that is open here: constants of other files are known by their facts.
struct Own<'a>(&'a Document);

impl Sources for Own<'_> {
    fn document(&self, path: &FilePath) -> Option<Arc<Document>> {
        let Self(own) = self;
        // As it is: the tree of the document itself cannot be shared, and one parse is soon done.
        (own.path() == path)
            .then(|| Arc::new(Document::new(path.clone(), own.version(), own.text().to_owned())))
    }
}

/// A URL that can be asked for.
#[derive(Default)]
struct Known {
    methods: Vec<String>,
    files: Vec<String>,
}

/// The URLs that can be written at `offset`; `None` where no URL is being written.
pub(super) fn completions(
    project: &Project,
    file: FileNo,
    input: &FileInput,
    document: &Document,
    offset: u32,
) -> Option<Vec<Completion>> {
    let asking = asking(project, file, offset)?;
    let sources = Own(document);
    let written = Reader::new(project, &sources).text_at(file, asking.place)?;
    let (piece, span) = written.piece_at(file, offset)?;
    let (before, after) = (&written.text[..piece.start], &written.text[piece.end..]);
    let content = &written.text[piece.clone()];
    // What follows a query is no path; what another text follows is not this one's to say.
    let end = content.find(['?', '#']).unwrap_or(content.len());
    let typed = content.get(..(offset - span.start) as usize).filter(|typed| typed.len() <= end)?;
    let open = after.starts_with(HOLE);
    if before.contains(['?', '#']) || !(after.is_empty() || open) {
        return None;
    }
    let front = format!("{}{before}", asking.before);
    let start = lead(&format!("{front}{typed}"))?;
    // The address of the server may be part of what is being written here.
    let (path, skipped) = match front.get(start..) {
        Some(path) => (path, 0),
        None => ("", start - front.len()),
    };
    let in_template = document.text()[..span.start as usize].ends_with(['`', '}']);
    let place = Place { path, in_template, rooted: content[skipped..].starts_with('/'), open };
    let replaced = Span::new(span.start + skipped as u32, span.start + end as u32);
    let mut out: Vec<Completion> = known(project, input, asking.by, asking.method.as_deref())
        .into_iter()
        .filter_map(|(url, known)| {
            let (insert, filter, snippet) = place.insert(&url)?;
            let mut detail = known.methods.join(", ");
            if !detail.is_empty() {
                detail.push_str(" · ");
            }
            detail.push_str(&known.files.join(", "));
            Some(Completion {
                label: url,
                detail,
                documentation: String::new(),
                insert,
                snippet,
                kind: Kind::Path,
                span: replaced,
                filter,
                edits: Vec::new(),
            })
        })
        .collect();
    // Before what is put together when it runs, several URLs begin alike.
    if open {
        out.dedup_by(|a, b| a.insert == b.insert);
    }
    out.truncate(MOST);
    Some(out)
}

/// Where a URL is being written.
struct Place<'a> {
    /// The path that stands before it.
    path: &'a str,
    in_template: bool,
    /// It begins with a slash of its own.
    rooted: bool,
    /// Something follows that is known only when it runs.
    open: bool,
}

impl Place<'_> {
    /// What is to be written for a URL: the text, what it is compared with, and whether it has places to fill in.
    fn insert(&self, url: &str) -> Option<(String, String, bool)> {
        let names: Vec<&str> = url.split('/').filter(|segment| is_dynamic(segment)).collect();
        let segments: Vec<String> = url
            .split('/')
            .map(|segment| if is_dynamic(segment) { HOLE.to_string() } else { segment.to_owned() })
            .collect();
        let pattern = segments.join("/");
        let rest = pattern.strip_prefix(self.path)?;
        let at_boundary = self.path.is_empty() || self.path.ends_with('/') || rest.starts_with('/');
        if !at_boundary {
            return None;
        }
        let slash = self.rooted && self.path.ends_with('/') && !rest.starts_with('/');
        let rest = if slash { format!("/{rest}") } else { rest.to_owned() };
        if self.open {
            let end = rest.find(HOLE)?;
            return (end > 0).then(|| (rest[..end].to_owned(), rest[..end].to_owned(), false));
        }
        if rest.is_empty() {
            return None;
        }
        let mut holes = names[names.len() - rest.matches(HOLE).count()..].iter();
        let (mut insert, mut filter, mut number) = (String::new(), String::new(), 0);
        for (at, part) in rest.split(HOLE).enumerate() {
            if at > 0 {
                number += 1;
                let name = name(holes.next()?);
                let _ = if self.in_template {
                    write!(insert, "\\${{${{{number}:{name}}}\\}}")
                } else {
                    write!(insert, "${{{number}:{name}}}")
                };
                filter.push_str(name);
            }
            insert.push_str(&if number > 0 || rest.contains(HOLE) { escaped(part) } else { part.to_owned() });
            filter.push_str(part);
        }
        Some((insert, filter, number > 0))
    }
}

fn is_dynamic(segment: &str) -> bool {
    segment.starts_with(['[', ':', '*'])
}

/// `id` of `[id]`, `[...id]`, `:id`.
fn name(segment: &str) -> &str {
    let name = segment.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '$')));
    if name.is_empty() { "rest" } else { name }
}

/// The URLs that a file can ask for, sorted, each with what serves it.
fn known(project: &Project, input: &FileInput, by: Client, method: Option<&str>) -> BTreeMap<String, Known> {
    let base = input.package.next.as_ref().map(|next| next.base_path.as_str()).unwrap_or_default();
    let mut out: BTreeMap<String, Known> = BTreeMap::new();
    for route in project.table().routes.iter().filter(|route| fits(project, input, by, route)) {
        let answers = route.answers.is_empty() || method.is_none_or(|method| route.answer(method).is_some());
        if !answers {
            continue;
        }
        // The router puts the base path there itself.
        let url = match by {
            Client::Navigation => route.url.strip_prefix(base).filter(|rest| !rest.is_empty()).unwrap_or("/"),
            _ => route.url.as_str(),
        };
        let known = out.entry(url.to_owned()).or_default();
        for method in route.methods() {
            if route.kind == table::Kind::Endpoint && !known.methods.contains(&method) {
                known.methods.push(method);
            }
        }
        let path = project.file(route.file).map(|file| &file.path);
        let shown = path.map(|path| {
            let root = input.package.root.as_ref();
            root.and_then(|root| path.strip(root)).unwrap_or_else(|| path.as_str()).to_owned()
        });
        known.files.extend(shown.filter(|shown| !known.files.contains(shown)));
    }
    out
}

/// Whether a file can ask for a route by its path alone.
fn fits(project: &Project, input: &FileInput, by: Client, route: &Route) -> bool {
    let kind = match by {
        Client::Navigation => route.kind != table::Kind::Metadata,
        _ => route.kind == table::Kind::Endpoint,
    };
    let own = route.package(project).is_some_and(|package| package.root == input.package.root);
    let plain = route
        .url
        .split('/')
        .all(|segment| is_dynamic(segment) || !segment.contains(['(', '{', '\\', '?', '+']));
    kind && route.url_known && plain && (own || input.package.next.is_none())
}
