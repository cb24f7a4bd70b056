//! `routewise/overview`: the routes and the packages of the workspace as a side bar shows them, with places in the
//! protocol's words, hosts and verdicts. For all that is known of a route see [`super::routes`].
//!
//! A request of our own, because the protocol has none for it. It takes no parameters. The answer is what
//! is known when it is asked; the progress of the reading tells when there is more.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use routewise_analysis::endpoints::Endpoint;
use routewise_analysis::finding::{Finding, Severity};
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Framework, Project, Sources};
use routewise_analysis::tables::Targets;
use routewise_analysis::text::Span;
use serde_json::{Value, json};

use crate::proto::{self, LSPAny, Result};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// The name of the request.
pub(crate) const METHOD: &str = "routewise/overview";

/// `routewise/overview`.
pub(crate) async fn overview(session: &Arc<Session>) -> Result<LSPAny> {
    session.ready().await;
    let job = Arc::clone(session);
    let answer = session.blocking(move || answer(&job)).await;
    Ok(answer.unwrap_or_else(|| json!({ "packages": [], "routes": [] })))
}

fn answer(session: &Arc<Session>) -> Value {
    session.enter_all();
    let listed = session.world.ask(Project::routes);
    let files: BTreeSet<&FilePath> = listed.iter().map(|route| &route.path).collect();
    // The lock is taken for one file after the other, so that a keystroke never waits for all of them.
    let findings: BTreeMap<&FilePath, Vec<Finding>> =
        files.iter().map(|&path| (path, session.world.ask(|project| project.findings(path)))).collect();
    let texts = Texts::of(session);
    let routes: Vec<Value> =
        listed.iter().filter_map(|route| row(session, &texts, route, &findings[&route.path])).collect();
    json!({ "packages": packages(session, &listed), "routes": routes })
}

fn row(session: &Arc<Session>, texts: &Texts<'_>, route: &Endpoint, findings: &[Finding]) -> Option<Value> {
    let document = texts.document(&route.path)?;
    let encoding = session.facts().encoding;
    let uri =
        session.documents.get(&route.path).map(|open| open.uri).or_else(|| uri::of_file(&route.path))?;
    Some(json!({
        "framework": route.framework.name(),
        "package": route.package.root.as_ref().and_then(uri::of_file),
        "url": route.url,
        "methods": route.methods,
        "uri": uri,
        "range": proto::range(document.lines(), document.text(), route.span, encoding),
        "runtime": route.runtime,
        "middleware": route.middleware,
        "verdict": verdict(route, findings),
    }))
}

/// The worst finding of a route: of its whole file where the file serves nothing else, as in Next.js, else of
/// what stands in its registration.
fn verdict(route: &Endpoint, findings: &[Finding]) -> Option<Severity> {
    let within = |span: Span| route.span.start <= span.start && span.end <= route.span.end;
    let counts = |finding: &&Finding| route.framework != Framework::Express || within(finding.span);
    findings.iter().filter(counts).map(|finding| finding.severity).max()
}

/// The packages that the routes belong to, each with where it runs and what proves that.
fn packages(session: &Arc<Session>, routes: &[Endpoint]) -> Vec<Value> {
    let roots: Vec<FilePath> =
        session.world.ground().map(|ground| ground.workspace.roots().to_vec()).unwrap_or_default();
    let mut packages: BTreeMap<&FilePath, &Package> = BTreeMap::new();
    for route in routes {
        if let Some(root) = &route.package.root {
            packages.insert(root, &route.package);
        }
    }
    packages
        .into_iter()
        .map(|(root, package)| {
            let below = roots.iter().find_map(|workspace| root.strip(workspace)).unwrap_or_default();
            let name = Targets::builtin().get(&package.target.id).map(|target| target.name.clone());
            let evidence: Vec<&str> =
                package.target.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
            json!({
                "uri": uri::of_file(root),
                "name": package.name,
                "path": below,
                "target": { "id": package.target.id, "name": name, "evidence": evidence },
            })
        })
        .collect()
}
