//! The requests that the project's code makes, and what became of each: which route it is for, or why that is not told.

use compact_str::CompactString;

use crate::path::FilePath;
use crate::project::Project;
use crate::project::calls::{ClientCall, Origin, answerers};
use crate::project::routes::address::{Fit, HOLE};
use crate::project::routes::table::Kind;
use crate::text::Span;

/// A request, and who answers it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The file.
    pub path: FilePath,
    /// Where the URL stands.
    pub span: Span,
    /// In capitals, where it is known.
    pub method: Option<CompactString>,
    /// The path that is asked for; `…` where it is put together when the code runs.
    pub url: String,
    /// Who answers.
    pub answered: Answered,
}

/// Who answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answered {
    /// One route.
    Route,
    /// A page.
    Page,
    /// One of several routes.
    Several,
    /// Not to be told: the address of the server is not known, and no route serves just this path.
    Address,
    /// Not to be told: the part of the path that decides is not known.
    Path,
    /// No route of the project: a file that is served as it is, a rewrite, another server, or nobody.
    Nobody,
}

impl Answered {
    /// The name that the output of programs uses.
    pub fn name(self) -> &'static str {
        match self {
            Answered::Route => "route",
            Answered::Page => "page",
            Answered::Several => "several",
            Answered::Address => "address-unknown",
            Answered::Path => "path-unknown",
            Answered::Nobody => "nobody",
        }
    }
}

impl Project {
    /// Every request of the code, in the order of path and place. Those for somebody else's server are left out.
    pub fn requests(&self) -> Vec<Request> {
        let mut out = Vec::new();
        for file in self.numbers() {
            let (Some(input), Some(links)) = (self.file(file), self.links(file)) else { continue };
            let first = out.len();
            out.extend(links.requests.iter().map(|request| Request {
                path: input.path.clone(),
                span: request.span(&input.facts),
                method: request.method.clone(),
                url: request.path.replace(HOLE, "…"),
                answered: answered(self, file, request),
            }));
            out[first..].sort_by_key(|request: &Request| request.span);
        }
        out
    }
}

fn answered(project: &Project, file: u32, request: &ClientCall) -> Answered {
    let table = project.table();
    let found = answerers(project, table, file, request);
    let is_page = |kind: Kind| kind == Kind::Page;
    match &found[..] {
        [] if matches!(request.origin, Origin::Unknown | Origin::Env | Origin::Local) => Answered::Address,
        [] if request.path.contains(HOLE) => Answered::Path,
        [] => Answered::Nobody,
        all if all.iter().all(|it| is_page(table.routes[it.route].kind)) => Answered::Page,
        // Express has one for each method.
        all if all.iter().all(|it| it.fit == Fit::Yes) => Answered::Route,
        _ => Answered::Several,
    }
}
