//! `routewise/overview`, and the command `routewise.routes` for editors that can send nothing else: the routes, server
//! actions and packages of the workspace. A route holds what `routewise routes --format json` prints of it, with places
//! in the protocol's words, its `uri`, the `verdict` of the rules, and under `fit` what the decision says of it and why; a
//! package its host.
//!
//! A request of our own, because the protocol has none for it. It takes no parameters. The answer is what is known
//! when it is asked: `complete` is false until every file has been read, and the progress of that tells when there is
//! more.

use std::collections::BTreeMap;
use std::sync::Arc;

use routewise_analysis::decision::Judged;
use routewise_analysis::endpoints::{Endpoint, Places, Report};
use routewise_analysis::finding::{Finding, Severity};
use routewise_analysis::package::Package;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Framework, Sources};
use routewise_analysis::tables::Targets;
use routewise_analysis::text::Span;
use serde_json::{Value, json};

use crate::proto::{self, LSPAny, Range, Result};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// The name of the request.
pub(crate) const METHOD: &str = "routewise/overview";

/// `routewise/overview`.
pub(crate) async fn overview(session: &Arc<Session>) -> Result<LSPAny> {
    session.answer_about_all(answer).await
}

fn answer(session: &Arc<Session>, waits: &(dyn Fn() -> bool + Sync)) -> Option<Value> {
    let project = session.prepared(waits);
    if !waits() {
        return None;
    }
    let listing = project.listing();
    let listed = &listing.routes;
    let mut files = project.decision_files();
    files.extend(listed.iter().map(|route| route.path.clone()));
    let findings = Session::findings_of(&project, files);
    let judged = project.all_judged(&findings);
    let mut by_file: BTreeMap<&FilePath, Vec<Judged>> = BTreeMap::new();
    for it in &judged {
        by_file.entry(&it.path).or_default().push(it.clone());
    }
    let places = InEditor { session, texts: Texts::of(session) };
    let calls = listed.iter().flat_map(|route| &route.callers).map(|call| &call.path);
    let told = listed.iter().map(|route| &route.path).chain(calls);
    places.texts.read_ahead(&told.chain(listing.actions.iter().map(|action| &action.path)).collect());
    let mut report = serde_json::to_value(Report::new(&listing, &places)).ok()?;
    let uri_of =
        |path: &FilePath| session.documents.get(path).map(|open| open.uri).or_else(|| uri::of_file(path));
    // Those whose file is gone meanwhile have no place.
    let rows: Vec<Value> = std::mem::take(report["routes"].as_array_mut()?)
        .into_iter()
        .zip(listed)
        .filter(|(row, _)| !row["range"].is_null())
        .map(|(mut row, route)| {
            row["package"] = json!(route.package.root.as_ref().and_then(uri::of_file));
            row["uri"] = json!(uri_of(&route.path));
            row["verdict"] = json!(verdict(route, findings.get(&route.path).map_or(&[], Vec::as_slice)));
            let judged = by_file.get(&route.path).and_then(|all| Judged::of(all, &route.url, route.span));
            row["fit"] = json!(judged.map(|it| json!({ "verdict": it.fit, "why": it.why })));
            row
        })
        .collect();
    report["routes"] = rows.into();
    for (row, action) in report["actions"].as_array_mut()?.iter_mut().zip(&listing.actions) {
        row["package"] = json!(action.package.root.as_ref().and_then(uri::of_file));
        row["uri"] = json!(uri_of(&action.path));
    }
    report["packages"] = packages(session, listed).into();
    report["complete"] = project.is_complete().into();
    Some(report)
}

/// Places in the words of the protocol, files by their whole paths.
struct InEditor<'a> {
    session: &'a Arc<Session>,
    texts: Texts<'a>,
}

impl Places for InEditor<'_> {
    type Range = Range;

    fn name(&self, path: &FilePath) -> String {
        path.as_str().to_owned()
    }

    fn range(&self, path: &FilePath, span: Span) -> Option<Range> {
        let document = self.texts.document(path)?;
        Some(proto::range(document.lines(), document.text(), span, self.session.facts().encoding))
    }
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
