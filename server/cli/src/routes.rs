//! `routes`: every route of the project, Next.js and Express.

mod markdown;
mod openapi;
mod table;

use std::collections::BTreeSet;
use std::io::Write;

use routewise_analysis::endpoints::{Endpoint, Report};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Sources;
use routewise_workspace::Options;

use crate::args::{RoutesArgs, RoutesFormat};
use crate::check::existing;
use crate::report::{range, relative};
use crate::session::{Session, Texts};

/// The routes that are asked for, and what is needed to name them.
struct Listed<'s> {
    routes: Vec<Endpoint>,
    session: &'s Session,
    texts: &'s Texts<'s>,
}

/// Runs the command.
pub(crate) fn run(args: &RoutesArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let paths = existing(&args.paths)?;
    let options = Options { config: args.config.clone(), ..Options::default() };
    let session = Session::open(&paths, &options)?;
    let texts = session.texts(None);
    let (files, _) = session.workspace.files_under(&paths);
    let project = session.load(None, &texts, &[]);
    let files: BTreeSet<FilePath> = files.into_iter().collect();
    let routes = project.routes().into_iter().filter(|route| files.contains(&route.path)).collect();
    let listed = Listed { routes, session: &session, texts: &texts };
    match args.format {
        RoutesFormat::Table => table::print(&listed, table::width(), out)?,
        RoutesFormat::Markdown => markdown::print(&listed, out)?,
        RoutesFormat::Openapi => openapi::print(&listed, out)?,
        RoutesFormat::Json => {
            let name = |path: &FilePath| relative(&session.folder, path);
            let report = Report::new(&listed.routes, &texts, &name);
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

impl Listed<'_> {
    /// The package's folder, seen from the working directory.
    fn package(&self, route: &Endpoint) -> String {
        match &route.package.root {
            Some(root) if *root != self.session.folder => relative(&self.session.folder, root),
            _ => ".".to_owned(),
        }
    }

    /// The file and the line.
    fn place(&self, route: &Endpoint) -> String {
        let path = relative(&self.session.folder, &route.path);
        let line = self.texts.document(&route.path).map(|document| range(&document, route.span).start.line);
        line.map_or(path.clone(), |line| format!("{path}:{line}"))
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
