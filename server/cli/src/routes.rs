//! `routes`: every route of the project, Next.js and Express.

mod changed;
mod markdown;
mod openapi;
mod table;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use routewise_analysis::endpoints::{self, Endpoint, ForPeople, Listing, Report, ServerAction};
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_analysis::text::Span;
use routewise_workspace::{Options, Workers};

use crate::args::{RoutesArgs, RoutesFormat};
use crate::check::existing;
use crate::report::{range, relative};
use crate::session::{Session, Texts, tell_of_lost};

pub(crate) use table::width;

/// What is asked for, and what is needed to name it.
struct Listed<'s> {
    listing: Listing,
    session: &'s Session,
    texts: &'s Texts<'s>,
}

/// Runs the command.
pub(crate) fn run(args: &RoutesArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let paths = existing(&args.paths)?;
    let options = Options { config: args.config.clone(), ..Options::default() };
    let session = Session::open(&paths, &options)?;
    let texts = session.texts(None);
    let listing = listing(&session, &texts, &paths);
    let listed = Listed { listing, session: &session, texts: &texts };
    if let Some(reference) = args.since.as_deref().filter(|_| args.changed) {
        return changed::run(&listed, &paths, &options, reference, args.format, out);
    }
    match args.format {
        RoutesFormat::Table => table::print(&listed, table::width(), out)?,
        RoutesFormat::Markdown => markdown::print(&listed, out)?,
        RoutesFormat::Openapi => openapi::print(&listed, out)?,
        RoutesFormat::Json => {
            let name = |path: &FilePath| relative(&session.folder, path);
            let report = Report::new(&listed.listing, &ForPeople { sources: &texts, name: &name });
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// What the files below `paths` serve.
fn listing(session: &Session, texts: &Texts<'_>, paths: &[PathBuf]) -> Listing {
    let (files, _) = session.workspace.files_under(paths);
    let project = session.load(&Workers::new(None), texts, &[]);
    let files: BTreeSet<FilePath> = files.into_iter().collect();
    let mut listing = project.listing();
    listing.requests = project.requests();
    listing.routes.retain(|route| files.contains(&route.path));
    listing.actions.retain(|action| files.contains(&action.path));
    listing.requests.retain(|request| files.contains(&request.path));
    tell_of_lost(&project);
    let asked = |root: &FilePath| files.iter().any(|file| file.strip(root).is_some());
    listing.moves.retain(|it| it.package.root.as_ref().is_none_or(asked));
    listing
}

impl Listed<'_> {
    /// The package's folder, seen from the working directory.
    fn package(&self, root: Option<&FilePath>) -> String {
        match root {
            Some(root) if *root != self.session.folder => relative(&self.session.folder, root),
            _ => ".".to_owned(),
        }
    }

    /// What a package is called above its rows: by its folder, and by its name where that is the working directory.
    fn title(&self, package: &Package) -> String {
        match self.package(package.root.as_ref()) {
            here if here == "." => package.name.clone().unwrap_or(here),
            folder => folder,
        }
    }

    /// The file and the line.
    fn place(&self, route: &Endpoint) -> String {
        self.line(&route.path, route.span)
    }

    /// The file and the line of a place.
    fn line(&self, path: &FilePath, span: Span) -> String {
        let name = relative(&self.session.folder, path);
        let line = self.texts.document(path).map(|document| range(&document, span).start.line);
        line.map_or(name.clone(), |line| format!("{name}:{line}"))
    }
}

/// The methods as one word; `*` where the handler itself decides.
fn methods(route: &Endpoint) -> String {
    if route.methods.is_empty() { "*".to_owned() } else { route.methods.join(",") }
}

/// How many places of the project ask for it.
fn callers(route: &Endpoint) -> String {
    match route.callers.len() {
        0 => String::new(),
        1 => "1 caller".to_owned(),
        many => format!("{many} callers"),
    }
}

/// What a request passes first, for people: each name once, and how many functions have none.
fn passes(route: &Endpoint) -> String {
    let (named, nameless): (Vec<&str>, Vec<&str>) =
        route.middleware.iter().map(String::as_str).partition(|name| *name != endpoints::NAMELESS);
    let mut seen = BTreeSet::new();
    let mut all: Vec<String> =
        named.into_iter().filter(|name| seen.insert(*name)).map(str::to_owned).collect();
    match nameless.len() {
        0 => {}
        1 => all.push("1 without a name".to_owned()),
        many => all.push(format!("{many} without a name")),
    }
    all.join(", ")
}

/// What an action is called.
fn action_name(action: &ServerAction) -> &str {
    action.name.as_deref().unwrap_or("without a name")
}
