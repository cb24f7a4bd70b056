//! Another name for a segment of a URL: the folders or registrations that make it, and everything in the project that
//! asks for it.
//!
//! Only what is proven is changed: a call whose URL is that of the route and stands in the code in so many words.
//! What may be meant is proposed for somebody to look at, and what cannot be changed is named.

mod calls;
mod express;
mod modules;
mod parameters;
mod places;

use std::collections::BTreeSet;

use crate::facts::CallId;
use crate::finding::Edit;
use crate::path::FilePath;
use crate::project::calls::answerers;
use crate::project::routes::address::{Fit, HOLE};
use crate::project::routes::table::{Framework, Route};
use crate::project::{FileNo, Project, Sources};
use crate::text::Span;

use crate::endpoints::written::Reader;
use calls::Rewriter;
use places::{Source, segments};

/// A segment of a URL in the code that can get another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it stands.
    pub span: Span,
    /// What it says.
    pub name: String,
}

/// What an edit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The URL of a request.
    Call,
    /// The path of a registration of Express.
    Registration,
    /// A path in `config.matcher`.
    Matcher,
    /// An import of a file that moves.
    Import,
    /// A dynamic segment that a handler reads by its name.
    Parameter,
}

/// One edit of a renaming.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proposed {
    /// The edit.
    pub edit: Edit,
    /// What it is about.
    pub subject: Subject,
    /// It is proven to belong to the renaming; else somebody has to look at it.
    pub sure: bool,
}

/// Something that a renaming leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// The file.
    pub path: FilePath,
    /// The place, where it is known.
    pub span: Option<Span>,
    /// Why: to follow the place in a list.
    pub why: String,
}

/// All that a renaming does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renaming {
    /// What it is about, as a person says it: `/api/users`.
    pub from: String,
    /// What becomes of it: `/api/people`.
    pub to: String,
    /// Sorted by file and place; edits of one file do not overlap.
    pub edits: Vec<Proposed>,
    /// Folders and files that move, after the edits.
    pub moves: Vec<(FilePath, FilePath)>,
    /// What is left as it is.
    pub left: Vec<Left>,
}

/// A segment, and the routes whose URLs have it.
struct Found<'p> {
    segment: Segment,
    /// One of the routes.
    route: &'p Route,
    /// Which segment of its URL.
    index: usize,
    /// It is the name of a parameter, in this registration of Express.
    parameter: Option<CallId>,
}

impl Project {
    /// The segment of a URL at a place of a file that [`Project::rename_segment`] can give another name; `None` where
    /// none stands there.
    pub fn segment_at(&self, path: &FilePath, offset: u32, sources: &dyn Sources) -> Option<Segment> {
        let mut reader = Reader::new(self, sources);
        let found = find(&mut reader, self.number(path)?, offset)?;
        Some(found.segment)
    }

    /// Gives the segment at a place another name. `None` where none stands there; the error says why it cannot be.
    pub fn rename_segment(
        &self,
        path: &FilePath,
        offset: u32,
        name: &str,
        sources: &dyn Sources,
    ) -> Option<Result<Renaming, String>> {
        let mut reader = Reader::new(self, sources);
        let found = find(&mut reader, self.number(path)?, offset)?;
        Some(rename(&mut reader, &found, name))
    }

    /// What belongs to files and folders going to other places, which somebody else moves. Their imports are the
    /// matter of the language's own server, which is asked too.
    pub fn moved(&self, moves: &[(FilePath, FilePath)], sources: &dyn Sources) -> Renaming {
        let mut reader = Reader::new(self, sources);
        let mut renaming = follow(&mut reader, moves).finish();
        if let [(from, to)] = moves {
            (renaming.from, renaming.to) = apart(from, to);
        }
        renaming
    }
}

/// Two paths from where they part: `users/route.ts` and `people/route.ts`.
fn apart(from: &FilePath, to: &FilePath) -> (String, String) {
    let mut folder = from.parent();
    while let Some(both) = folder {
        if let Some((from, to)) = from.strip(&both).zip(to.strip(&both)) {
            return (from.to_owned(), to.to_owned());
        }
        folder = both.parent();
    }
    (from.file_name().to_owned(), to.file_name().to_owned())
}

/// The segment at a place: of the URL of a request, or of the path of a registration.
fn find<'p>(reader: &mut Reader<'p>, file: FileNo, offset: u32) -> Option<Found<'p>> {
    in_request(reader, file, offset).or_else(|| in_registration(reader, file, offset))
}

fn in_request<'p>(reader: &mut Reader<'p>, file: FileNo, offset: u32) -> Option<Found<'p>> {
    let project = reader.project;
    let input = project.file(file)?;
    let table = project.table();
    for request in &project.links(file)?.requests {
        if !request.span(&input.facts).touches(offset) {
            continue;
        }
        let Some(written) = reader.request(file, request) else { continue };
        let Some(at) = written.offset_in(&request.path, file, offset) else { continue };
        let pieces = places::pieces(&request.path);
        let Some(number) = pieces.iter().position(|it| it.start <= at && at <= it.end) else { continue };
        let name = &request.path[pieces[number].clone()];
        let Some((_, span)) = written.locate(&request.path, &pieces[number]).filter(|(it, _)| *it == file)
        else {
            continue;
        };
        let found = answerers(project, table, file, request).into_iter().find(|it| it.fit == Fit::Yes)?;
        let route = &table.routes[found.route];
        let index = number + calls::shift(input, request.by);
        let named = segments(&route.url);
        let plain = named.get(..=index)?.iter().all(|it| !places::is_open(it));
        let same = same(route.framework, named[index], name);
        return (plain && same && !name.contains(HOLE)).then(|| Found {
            segment: Segment { span, name: name.to_owned() },
            route,
            index,
            parameter: None,
        });
    }
    None
}

fn in_registration<'p>(reader: &mut Reader<'p>, file: FileNo, offset: u32) -> Option<Found<'p>> {
    let project = reader.project;
    let table = project.table();
    for number in places::registrations(reader, file, offset) {
        let route = &table.routes[number];
        let sources = places::sources(reader, route);
        let named = segments(&route.url);
        let at = |source: &Source| matches!(source, Source::Literal(it, span) if *it == file && span.touches(offset));
        let Some(index) = sources.iter().position(at) else { continue };
        let Source::Literal(_, span) = sources[index] else { continue };
        if places::is_open(named[index]) {
            return None;
        }
        let Some(name) = named[index].strip_prefix(':') else {
            let segment = Segment { span, name: named[index].to_owned() };
            return Some(Found { segment, route, index, parameter: None });
        };
        // Who reads the parameter of a path is known where the path is that of the handler's own registration.
        let express = project.express();
        let (_, call) = express.layer(express.routes[route.express? as usize].layer).call;
        let own = reader.registered(file, call).iter().any(|written| written.stands_at(file, span));
        let segment = Segment { span: Span::new(span.start + 1, span.end), name: name.to_owned() };
        return own.then_some(Found { segment, route, index, parameter: Some(call) });
    }
    None
}

/// Whether two segments are the same to a framework.
fn same(framework: Framework, a: &str, b: &str) -> bool {
    if framework == Framework::Express { a.eq_ignore_ascii_case(b) } else { a == b }
}

fn rename(reader: &mut Reader<'_>, found: &Found<'_>, name: &str) -> Result<Renaming, String> {
    if let Some(call) = found.parameter {
        return express::rename_parameter(reader, (found.route.file, call), &found.segment, name);
    }
    if let Some(objection) = places::objection(name) {
        return Err(objection);
    }
    let project = reader.project;
    let table = project.table();
    let named = segments(&found.route.url);
    let (from, to) = (shown(&named[..=found.index]), {
        let mut to: Vec<&str> = named[..=found.index].to_vec();
        to[found.index] = name;
        shown(&to)
    });
    if name == named[found.index] {
        return Ok(Renaming { from, to, ..Renaming::default() });
    }
    // Whatever gives this segment its name, for each route that has it.
    let mut sources: BTreeSet<Source> = BTreeSet::new();
    for route in table.routes.iter().filter(|route| together(project, found.route, route)) {
        let own = segments(&route.url);
        let Some(start) = own.get(..=found.index) else { continue };
        if start == &named[..=found.index] {
            sources.insert(places::sources(reader, route).swap_remove(found.index));
        } else if shown(start) == to && route.framework != Framework::Express {
            return Err(format!("`{to}` is there already."));
        }
    }
    let mut moves = Vec::new();
    let mut literals = Vec::new();
    for source in sources {
        match source {
            Source::Path(path) => {
                let new = places::file_name(found.route.framework, &path, named[found.index], name);
                let to = path.parent().map_or_else(|| path.clone(), |parent| parent.join(&new));
                if project.paths().any(|it| *it == to || it.strip(&to).is_some()) {
                    return Err(format!("`{new}` is there already."));
                }
                moves.push((path, to));
            }
            Source::Literal(file, span) => literals.push((file, span)),
            Source::BasePath => {
                return Err(format!("`{from}` is the `basePath` of the configuration of Next.js."));
            }
            Source::Generated => return Err("Next.js gives this file its name.".to_owned()),
            Source::Unknown => {
                return Err(format!("Not every place that makes `{from}` stands in the code as text."));
            }
        }
    }
    let mut renaming = if literals.is_empty() {
        let mut rewriter = follow(reader, &moves);
        modules::imports(&mut rewriter, &moves);
        rewriter.finish()
    } else {
        registered(reader, &literals, name)
    };
    renaming.moves = moves;
    (renaming.from, renaming.to) = (from, to);
    Ok(renaming)
}

/// Whether two routes are of one application, so that a segment of both is one.
fn together(project: &Project, a: &Route, b: &Route) -> bool {
    let next = |route: &Route| route.framework != Framework::Express;
    match (a.express, b.express) {
        (Some(one), Some(other)) => {
            let routes = &project.express().routes;
            routes[one as usize].root == routes[other as usize].root
        }
        (None, None) => {
            let root = |route: &Route| route.package(project).and_then(|package| package.root.clone());
            next(a) && next(b) && root(a) == root(b)
        }
        _ => false,
    }
}

/// `/api/users`.
fn shown(segments: &[&str]) -> String {
    format!("/{}", segments.join("/"))
}

/// Texts of registrations get another name: so do the URLs of all routes that they are part of.
fn registered(reader: &mut Reader<'_>, literals: &[(FileNo, Span)], name: &str) -> Renaming {
    let project = reader.project;
    let mut changes = Vec::new();
    for (number, route) in project.table().routes.iter().enumerate() {
        if route.express.is_none() {
            continue;
        }
        let sources = places::sources(reader, route);
        let old = segments(&route.url);
        let mut new = old.clone();
        for (at, source) in sources.iter().enumerate() {
            if matches!(source, Source::Literal(file, span) if literals.contains(&(*file, *span))) {
                new[at] = name;
            }
        }
        if new != old {
            changes.push((number, Some(shown(&new))));
        }
    }
    let mut rewriter = Rewriter::new(reader);
    for (file, span) in literals {
        rewriter.edit(*file, *span, name, Subject::Registration, true);
    }
    rewriter.follow(&changes);
    rewriter.finish()
}

/// Files of Next.js go to other places: so do the URLs of what they serve.
fn follow<'r, 'p>(reader: &'r mut Reader<'p>, moves: &[(FilePath, FilePath)]) -> Rewriter<'r, 'p> {
    let project = reader.project;
    let changes: Vec<(usize, Option<String>)> = project
        .table()
        .routes
        .iter()
        .enumerate()
        .filter(|(_, route)| route.express.is_none())
        .filter_map(|(number, route)| {
            let input = project.file(route.file)?;
            let to = places::moved(moves, &input.path)?;
            let next = input.package.next.as_ref()?;
            Some((number, crate::project::routes::url(next, &to)))
        })
        .collect();
    let mut rewriter = Rewriter::new(reader);
    rewriter.follow(&changes);
    parameters::reads(&mut rewriter, moves);
    rewriter
}
