//! Findings and problems in the client's words.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use routewise_analysis::document::Document;
use routewise_analysis::finding::{Finding, Related};
use routewise_analysis::json;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Sources, at_once};
use routewise_analysis::rules::{Catalogue, RuleError};
use routewise_analysis::text::{Encoding, LineIndex, Span};
use routewise_workspace::Problem;

use crate::documents::Open;
use crate::outbox::Shown;
use crate::proto::{
    self, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, MessageType, NumberOrString, Uri,
};
use crate::session::{Session, lock};
use crate::uri;
use crate::world::Texts;

/// The name under which every diagnostic is shown.
const SOURCE: &str = "routewise";

/// All findings of one document.
pub(crate) fn of_findings(session: &Session, open: &Open, findings: &[Finding]) -> Vec<Diagnostic> {
    let texts = Texts::of(session);
    // The same few files are named again and again; each is read once.
    let mut known: BTreeMap<FilePath, Option<Arc<Document>>> = BTreeMap::new();
    known.insert(open.document.path().clone(), Some(Arc::clone(&open.document)));
    findings
        .iter()
        .map(|finding| {
            let related = if session.facts().related_information {
                finding
                    .related
                    .iter()
                    .filter_map(|related| {
                        let document = known
                            .entry(related.path.clone())
                            .or_insert_with(|| texts.document(&related.path))
                            .as_deref()?;
                        related_information(session, related, document)
                    })
                    .collect()
            } else {
                Vec::new()
            };
            of_finding(session, &open.document, finding, related)
        })
        .collect()
}

/// One finding.
pub(crate) fn of_finding(
    session: &Session,
    document: &Document,
    finding: &Finding,
    related: Vec<DiagnosticRelatedInformation>,
) -> Diagnostic {
    let facts = session.facts();
    Diagnostic {
        range: proto::range(document.lines(), document.text(), finding.span, facts.encoding),
        severity: Some(proto::severity(finding.severity)),
        code: Some(NumberOrString::String(finding.rule.to_string())),
        code_description: facts.code_description.then(|| link(&finding.rule)).flatten(),
        source: Some(SOURCE.to_owned()),
        message: finding.message.clone(),
        related_information: (!related.is_empty()).then_some(related),
        tags: (finding.unnecessary && facts.unnecessary).then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: Some(
            serde_json::json!({ "rule": finding.rule, "span": [finding.span.start, finding.span.end] }),
        ),
    }
}

/// Where a built-in rule is explained. The tool's own notes and users' rules have no page.
fn link(rule: &str) -> Option<CodeDescription> {
    Catalogue::builtin().rule(rule)?;
    let (repository, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    let page = format!("{repository}/blob/v{version}/queries/{rule}/rule.md");
    Uri::from_str(&page).ok().map(|href| CodeDescription { href })
}

fn related_information(
    session: &Session,
    related: &Related,
    document: &Document,
) -> Option<DiagnosticRelatedInformation> {
    let uri =
        session.documents.get(&related.path).map(|open| open.uri).or_else(|| uri::of_file(&related.path))?;
    let range = proto::range(document.lines(), document.text(), related.span, session.facts().encoding);
    Some(DiagnosticRelatedInformation { location: Location { uri, range }, message: related.message.clone() })
}

/// A number that is the same for the same list.
pub(crate) fn hash(diagnostics: &[Diagnostic]) -> u64 {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(diagnostics).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// Shows what is wrong with configuration files and user rules at the offending place, and takes away
/// what was mended. Runs on the blocking pool.
pub(crate) fn report(session: &Arc<Session>, problems: &[Problem], rule_errors: &[RuleError]) {
    let encoding = session.facts().encoding;
    let mut reports: BTreeMap<FilePath, Vec<Diagnostic>> = BTreeMap::new();
    for problem in problems {
        let span = problem.span.unwrap_or_default();
        let severity = DiagnosticSeverity::WARNING;
        add(&mut reports, &problem.path, span, severity, &problem.message, encoding);
        session.show_once(MessageType::WARNING, format!("{}: {}", problem.path.file_name(), problem.message));
    }
    for error in rule_errors {
        add(&mut reports, &error.path, error.span, DiagnosticSeverity::ERROR, &error.message, encoding);
    }
    let before = std::mem::replace(&mut *lock(&session.reports), reports.clone());
    for path in before.keys().filter(|path| !reports.contains_key(path)) {
        show(session, path, Vec::new());
    }
    for (path, diagnostics) in reports {
        show(session, &path, diagnostics);
    }
}

/// Brings what the client shows of the JSON files up to date that it has not opened: in few editors does such a file
/// come to this server, and what is wrong with it depends on the routes. Runs on the blocking pool.
pub(crate) fn show_unopened(session: &Arc<Session>) {
    let Some(ground) = session.world.ground() else { return };
    let project = session.world.project();
    let unopened =
        project.paths().filter(|path| json::is_json(path) && session.documents.get(path).is_none());
    let texts = Texts::of(session);
    for (path, findings) in project.findings_of(unopened.cloned(), &at_once) {
        let Some(uri) = uri::of_file(&path) else { continue };
        let Some(document) = texts.document(&path).filter(|_| !findings.is_empty()) else {
            session.outbox.clear(&uri);
            continue;
        };
        let file = Open { uri, document, catalogue: Arc::clone(&ground.catalogue), source: true };
        let shown = Shown { version: None, diagnostics: of_findings(session, &file, &findings) };
        session.outbox.publish(&file.uri, shown, || session.documents.get(&path).is_none());
    }
}

/// Shows the report on a file again that was just closed, and cleared with that.
pub(crate) fn show_report(session: &Arc<Session>, path: &FilePath) {
    let report = lock(&session.reports).get(path).cloned();
    if let Some(diagnostics) = report {
        show(session, path, diagnostics);
    }
}

fn show(session: &Arc<Session>, path: &FilePath, diagnostics: Vec<Diagnostic>) {
    let open = session.documents.get(path);
    if open.as_ref().is_some_and(|open| open.source) {
        // Joins the findings of that document.
        session.look_at(path.clone());
        return;
    }
    let Some(uri) = open.map(|open| open.uri).or_else(|| uri::of_file(path)) else { return };
    session.outbox.publish(&uri, Shown { version: None, diagnostics }, || true);
}

fn add(
    reports: &mut BTreeMap<FilePath, Vec<Diagnostic>>,
    path: &FilePath,
    span: Span,
    severity: DiagnosticSeverity,
    message: &str,
    encoding: Encoding,
) {
    // A file that cannot be read has its problem at its start.
    let text = std::fs::read_to_string(path.as_str()).unwrap_or_default();
    let lines = LineIndex::new(&text);
    reports.entry(path.clone()).or_default().push(Diagnostic {
        range: proto::range(&lines, &text, span, encoding),
        severity: Some(severity),
        source: Some(SOURCE.to_owned()),
        message: message.to_owned(),
        ..Diagnostic::default()
    });
}
