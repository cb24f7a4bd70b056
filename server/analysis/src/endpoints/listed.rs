//! What is listed beside the routes: server actions, and paths that the configuration of Next.js leads elsewhere.

use std::sync::Arc;

use super::{Auth, Endpoint, Request, checked};
use crate::explain;
use crate::facts::FileFacts;
use crate::package::{Move, Package};
use crate::path::FilePath;
use crate::project::{Entry, Project};
use crate::tables::Effect;
use crate::text::Span;

/// All that a project serves.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Every endpoint.
    pub routes: Vec<Endpoint>,
    /// Every server action.
    pub actions: Vec<ServerAction>,
    /// Rewrites and redirects that stand in the text of a configuration.
    pub moves: Vec<PackageMove>,
    /// Every request that the code makes, where somebody wants to know: [`Project::requests`].
    pub requests: Vec<Request>,
}

/// A function that a page of Next.js calls over the network. It has no URL of its own: requests for it go to that of
/// the page.
#[derive(Clone, Debug)]
pub struct ServerAction {
    /// Its package.
    pub package: Arc<Package>,
    /// What it is called, where it has a name.
    pub name: Option<String>,
    /// Its file.
    pub path: FilePath,
    /// The export, or the head of the function.
    pub span: Span,
    /// Whether it checks who calls.
    pub auth: Auth,
    /// What it asks of its host.
    pub effects: Vec<Effect>,
}

/// A rewrite or a redirect of a package.
#[derive(Clone, Debug)]
pub struct PackageMove {
    /// The package.
    pub package: Arc<Package>,
    /// What leads where.
    pub moved: Move,
}

impl Project {
    /// All that the project serves. Requests are left to [`Self::requests`].
    pub fn listing(&self) -> Listing {
        Listing { routes: self.routes(), actions: actions(self), moves: moves(self), requests: Vec::new() }
    }
}

/// Every server action, in the order of path and place.
fn actions(project: &Project) -> Vec<ServerAction> {
    let mut out: Vec<ServerAction> = Vec::new();
    for file in project.numbers() {
        let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { continue };
        let first = out.len();
        let own = links.entries.iter().filter(|entry| entry.kind == "server-action");
        out.extend(own.map(|entry| ServerAction {
            package: Arc::clone(&input.package),
            name: name(entry, &input.facts),
            path: input.path.clone(),
            span: entry.span(&input.facts),
            auth: checked(project, entry),
            effects: explain::effects(project, entry),
        }));
        let of_file = &mut out[first..];
        of_file.sort_by(|a, b| (a.span, &a.name).cmp(&(b.span, &b.name)));
    }
    out
}

fn name(entry: &Entry, facts: &FileFacts) -> Option<String> {
    let function = || facts.function(entry.direct.first()?.1).name.as_deref();
    entry.export().or_else(function).map(str::to_owned)
}

/// What the configurations of all packages lead elsewhere, in the order of packages and of their text.
fn moves(project: &Project) -> Vec<PackageMove> {
    let mut packages: Vec<&Arc<Package>> =
        project.numbers().filter_map(|file| Some(&project.file(file)?.package)).collect();
    packages.sort_by(|a, b| a.root.cmp(&b.root));
    packages.dedup_by(|a, b| a.root == b.root);
    let of = |package: &Arc<Package>| -> Vec<PackageMove> {
        let all = package.next.as_ref().and_then(|next| next.moves.as_deref()).unwrap_or_default();
        all.iter().map(|moved| PackageMove { package: Arc::clone(package), moved: moved.clone() }).collect()
    };
    packages.into_iter().flat_map(of).collect()
}
