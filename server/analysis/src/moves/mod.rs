//! A route that goes from Next.js to an Express service: what is made, what is left in its place, and what the user
//! still has to do. Where it is not proven that the handler answers there as it does here, there is a reason instead.
//!
//! | module | subject |
//! |---|---|
//! | [`luggage`] | what a handler needs: files, packages, variables; and what of it Next.js alone has |
//! | [`handler`] | the text of a handler in its new place |
//! | [`service`] | the service: where it is, its files, and the route in them |
//! | [`pages`] | what is different about one of `pages/api` |
//! | [`sockets`] | its WebSocket server |
//! | [`forward`] | what stays in Next.js |
//! | [`route_handler`] | the other move: an API route of the Pages Router that becomes a Route Handler |
//! | [`express_route`], [`express_luggage`] | and a route of an Express application that becomes one |
//! | [`new_file`] | its file, put together |
//! | [`web`] | a handler of `(req, res)` in the words of the web |

mod express_luggage;
mod express_route;
mod forward;
mod handler;
mod luggage;
mod new_file;
mod pages;
mod route_handler;
mod service;
mod sockets;
mod web;

use crate::document::Document;
use crate::finding::Edit;
use crate::fix::code::Code;
use crate::path::FilePath;
use crate::project::routes::{self, Role};
use crate::project::{FileInput, FileNo, METHODS, Project, Sources};
use crate::text::Span;

/// A move, ready to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// What it does: `Move /api/chat to the service services/api`.
    pub title: String,
    /// Sorted by path, then place.
    pub edits: Vec<Edit>,
    /// What the user has to do, each a sentence.
    pub left: Vec<String>,
}

/// Why a route is not moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file that stands in the way.
    pub path: FilePath,
    /// The place in it.
    pub span: Span,
    /// One sentence.
    pub reason: String,
}

impl Refusal {
    fn new(path: &FilePath, span: Span, reason: impl Into<String>) -> Self {
        Self { path: path.clone(), span, reason: reason.into() }
    }
}

/// The route that is to move, and what is asked for it.
struct Route<'a> {
    project: &'a Project,
    sources: &'a dyn Sources,
    file: FileNo,
    input: &'a FileInput,
    code: &'a Code<'a>,
    /// The folder of its package.
    root: FilePath,
    /// As Next.js writes it: `/api/users/[id]`.
    url: String,
    /// A handler of `pages/api`, not of `app`.
    pages: bool,
}

impl Route<'_> {
    fn refuse<T>(&self, span: Span, reason: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(&self.input.path, span, reason))
    }

    /// A file that is no code, or that is not part of the project.
    fn text(&self, path: &FilePath) -> Option<String> {
        self.sources.document(path).map(|document| document.text().to_owned())
    }
}

impl Project {
    /// Moves the handlers of a route file of Next.js to an Express service.
    ///
    /// # Errors
    /// With the place that stands in the way.
    pub fn move_route(&self, path: &FilePath, sources: &dyn Sources) -> Result<Move, Refusal> {
        let missing = || Refusal::new(path, Span::default(), "This file is not part of the project.");
        let document = sources.document(path).ok_or_else(missing)?;
        let code = Code::new(&document).ok_or_else(missing)?;
        let route = route(self, sources, &code)?;
        forward::judge(&route)?;
        carry_out(&route)
    }

    /// Turns an API route of the Pages Router into a Route Handler.
    ///
    /// # Errors
    /// With the place that stands in the way.
    pub fn to_route_handler(&self, path: &FilePath, sources: &dyn Sources) -> Result<Move, Refusal> {
        let missing = || Refusal::new(path, Span::default(), "This file is not part of the project.");
        let document = sources.document(path).ok_or_else(missing)?;
        let code = Code::new(&document).ok_or_else(missing)?;
        route_handler::carry_out(&route(self, sources, &code)?)
    }

    /// Whether a move is worth an offer at a place of a route file: the cursor is in a handler, and nothing in the
    /// file itself says to Next.js what no service could keep. The rest is looked at when somebody wants it.
    pub fn offers_move(&self, document: &Document, at: u32, sources: &dyn Sources) -> bool {
        let Some(code) = Code::new(document) else { return false };
        let Ok(route) = route(self, sources, &code) else { return false };
        let facts = &route.input.facts;
        let here = facts.chunk_at(at);
        let names = if route.pages { &["default"][..] } else { METHODS };
        let handler =
            names.iter().filter_map(|name| facts.export(name)).any(|(chunk, _)| Some(chunk) == here);
        handler && forward::judge(&route).is_ok()
    }
}

impl Project {
    /// Whether turning an API route into a Route Handler is worth an offer at a place of its file: the cursor is in the
    /// handler, and nothing but the handler may stand in the way.
    pub fn offers_route_handler(&self, document: &Document, at: u32, sources: &dyn Sources) -> bool {
        let Some(code) = Code::new(document) else { return false };
        let Ok(route) = route(self, sources, &code) else { return false };
        route.pages && route_handler::is_in_handler(&route, at) && route_handler::judge(&route).is_ok()
    }
}

/// The route of a file, as it is known.
fn route<'a>(
    project: &'a Project,
    sources: &'a dyn Sources,
    code: &'a Code<'a>,
) -> Result<Route<'a>, Refusal> {
    let path = code.document.path();
    let refuse = |reason: &str| Refusal::new(path, Span::default(), reason);
    // What the handler reaches is looked up among all files.
    if !project.is_complete() {
        return Err(refuse("The project is still being read."));
    }
    let file = project.number(path).ok_or_else(|| refuse("This file is not part of the project."))?;
    let input = project.file(file).ok_or_else(|| refuse("This file is not part of the project."))?;
    let (Some(next), Some(root)) = (&input.package.next, &input.package.root) else {
        return Err(refuse("Only routes of Next.js can be moved."));
    };
    match (routes::role(next, path), routes::url(next, path)) {
        (role @ (Role::RouteHandler | Role::PagesApi), Some(url)) => {
            let pages = role == Role::PagesApi;
            Ok(Route { project, sources, file, input, code, root: root.clone(), url, pages })
        }
        _ => Err(refuse("Only route files (`app/**/route.*`) and API routes (`pages/api`) can be moved.")),
    }
}

fn carry_out(route: &Route<'_>) -> Result<Move, Refusal> {
    forward::takers(route)?;
    let mut luggage = luggage::pack(route)?;
    let service = service::find(route)?;
    let place = service.place(route)?;
    let sockets = sockets::find(route)?;
    let moved = handler::moved(route, &place, &service, sockets.as_ref())?;
    let read = |name: &String| moved.text.contains(&format!("process.env.{name}"));
    luggage.variables.extend(std::mem::take(&mut luggage.own_variables).into_iter().filter(read));
    let mut edits = service.edits(route, &luggage, &place, sockets.as_ref())?;
    edits.push(Edit::create(place, moved.text));
    edits.extend(forward::edits(route, &service, &moved.kept));
    edits.sort();
    let mut left = service.left(&luggage);
    left.extend(luggage.left);
    if sockets.is_some() {
        left.push(sockets::left(route));
    }
    if route.pages {
        left.extend(pages::left(route));
    }
    left.extend(forward::left(route));
    let name = service.name();
    Ok(Move { title: format!("Move {} to the Express service {name}", route.url), edits, left })
}
