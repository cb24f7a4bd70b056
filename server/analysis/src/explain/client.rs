//! Hover on the construction of a client.

use std::fmt::Write as _;

use crate::check::{target_of, target_text};
use crate::project::{Construction, FileInput, FileNo, Hover, Kept, Layer, Project, Scope};
use crate::tables::{Holds, Kind};

/// About the client that is made at `offset`.
pub(super) fn hover(project: &Project, file: FileNo, input: &FileInput, offset: u32) -> Option<Hover> {
    let links = project.links(file)?;
    let made = links.constructions.iter().find(|made| {
        let call = input.facts.call(made.call);
        input.facts.span(made.call.chunk, call.head).touches(offset)
    })?;
    let span = input.facts.span(made.call.chunk, input.facts.call(made.call).head);
    let mut text = format!("**{}**: {}.\n", made.make.name, what_it_holds(made));
    let reach = project.reach()?;
    let scope = reach.scope(project, file, made);
    let way = made.function.and_then(|function| reach.way(project, file, function));
    let when = match (scope, &way) {
        (Scope::Request, Some(way)) => {
            format!("Made for each request of {}{}.", way.label, way.clause(project, input.package.root.as_ref()))
        }
        (Scope::Request, None) => "Made for each request.".to_owned(),
        (Scope::Module, _) => module_scope(project, file, input),
        (Scope::Once(Kept::Global), _) => {
            "Made once for each process: `globalThis` keeps it, through reloads and for every copy of this module."
                .to_owned()
        }
        (Scope::Once(_), _) => "Made once for each copy of its module: what keeps it is module state.".to_owned(),
        (Scope::Unknown, _) => "No request handler that Routewise can see reaches this.".to_owned(),
    };
    let _ = write!(text, "\n{when}\n");
    let package =
        way.as_ref().and_then(|way| project.file(way.entry.0)).map_or(&input.package, |input| &input.package);
    let target = target_of(package);
    let on_host = match target.map_or(Kind::Unknown, |target| target.kind) {
        Kind::Serverless => {
            "instances are added under load and each opens its own connections; an instance serves many requests, so one client for each instance is right."
        }
        Kind::Persistent => "one process serves all requests, so one client for each process is right.",
        Kind::Edge => {
            "a connection belongs to the request that opened it, so a client for each request is right."
        }
        Kind::Static => "there is no server at run time: this runs while the site is built.",
        Kind::Unknown => "with one client for each process it is right on any host that runs Node.js.",
    };
    let _ = write!(text, "\nOn {}: {on_host}\n", target_text(&package.target));
    Some(Hover { span, markdown: text })
}

fn what_it_holds(made: &Construction) -> String {
    match made.make.holds {
        Holds::Pool => match made.library.pool.as_ref().and_then(|pool| pool.size) {
            Some(size) => format!("opens a pool of up to {size} connections unless it is told otherwise"),
            None => "opens a pool of connections".to_owned(),
        },
        Holds::Connection => "opens a connection".to_owned(),
        Holds::Sockets => {
            "keeps sockets and credentials; it is cheap to make, dearer to make often".to_owned()
        }
        Holds::Nothing => "holds nothing".to_owned(),
    }
}

fn module_scope(project: &Project, file: FileNo, input: &FileInput) -> String {
    let Some(reach) = project.reach() else { return "Made when the module is loaded.".to_owned() };
    let layers = [
        (Layer::Handlers, "route handlers"),
        (Layer::Pages, "app pages"),
        (Layer::PagesRouter, "the Pages Router"),
        (Layer::Proxy, "the proxy"),
    ];
    let loaded: Vec<&str> = layers
        .iter()
        .filter(|(layer, _)| reach.is_loaded_by(file, &[*layer]))
        .map(|(_, name)| *name)
        .collect();
    match loaded.as_slice() {
        [] => "Made once, when the module is loaded.".to_owned(),
        layers => {
            let version = input.package.versions.get("next");
            let version =
                version.map(|it| format!(" {}.{}.{}", it.major, it.minor, it.patch)).unwrap_or_default();
            format!(
                "Made each time the module is loaded: Next.js{version} loads it for {}, again on reload in development, and parts of one process do not share modules.",
                layers.join(", ")
            )
        }
    }
}
