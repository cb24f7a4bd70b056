//! Code actions: the ways to mend, or silence, what stands in a range.

use routewise_analysis::finding::{Edit, Finding, Fix, Safety};
use routewise_analysis::fix;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources};
use serde::{Deserialize, Serialize};

use crate::diagnostics;
use crate::documents::Open;
use crate::edits::{self, workspace_edit};
use crate::proto::{
    self, CodeAction, CodeActionContext, CodeActionKind, Diagnostic, NumberOrString, Range, WorkspaceEdit,
};
use crate::session::Session;
use crate::world::Texts;

/// The kinds this server answers with.
pub(crate) const KINDS: [CodeActionKind; 5] =
    [CodeActionKind::QUICKFIX, DISABLE_LINE, DISABLE_FILE, FIX_ALL, MOVE];

const DISABLE_LINE: CodeActionKind = CodeActionKind::new("quickfix.suppress.line.routewise");
const DISABLE_FILE: CodeActionKind = CodeActionKind::new("quickfix.suppress.file.routewise");
const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.routewise");
const MOVE: CodeActionKind = CodeActionKind::new("refactor.move.routewise");
const ROUTE_HANDLER: CodeActionKind = CodeActionKind::new("refactor.move.routewise.routeHandler");

/// What an action does; enough to find it again when the client asks for its edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    /// The file as the analysis names it.
    path: String,
    /// The version the action was offered for.
    version: i32,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum What {
    FixAll,
    Move,
    RouteHandler,
    ExpressRoute(u32),
    Fix { rule: String, span: [u32; 2], title: String },
}

/// The actions for a range of one snapshot. Runs on the blocking pool.
pub(crate) fn offer(
    session: &Session,
    open: &Open,
    range: Range,
    context: &CodeActionContext,
) -> Vec<CodeAction> {
    let texts = Texts::of(session);
    let wanted = Wanted(context.only.as_deref());
    let document = &open.document;
    let range = proto::span(document.lines(), document.text(), range, session.facts().encoding);
    let Some(project) = session.world.holding(open) else { return Vec::new() };
    let findings = project.findings(document.path());
    let mut actions = Vec::new();
    for finding in &findings {
        if finding.span.start > range.end || range.start > finding.span.end {
            continue;
        }
        let link = linked(session, open, finding, &context.diagnostics);
        for (kind, fix) in ways(&project, &texts, open, finding) {
            if wanted.matches(&kind) {
                actions.extend(action(session, &texts, open, finding, kind, fix, &link));
            }
        }
    }
    // Its edit is dear; without being asked by name it is offered only where the edit comes later.
    if wanted.matches(&FIX_ALL)
        && (session.facts().resolve_edit || wanted.names_source())
        && has_safe_fix(&project, &texts, &findings)
    {
        actions.extend(fix_all_action(session, &texts, open));
    }
    // Its edit is dear too, and it makes files.
    let facts = session.facts();
    if wanted.matches(&MOVE) && facts.create_files && facts.resolve_edit {
        let here = project.offers_move(document, range.start, &texts);
        actions.extend(here.then(|| CodeAction {
            title: "Move this handler to an Express service".to_owned(),
            kind: Some(MOVE),
            ..with_edit(session, open, WorkspaceEdit::default(), What::Move)
        }));
    }
    if wanted.matches(&ROUTE_HANDLER) && facts.create_files && facts.rename_files && facts.resolve_edit {
        let here = project.offers_route_handler(document, range.start, &texts);
        actions.extend(here.then(|| CodeAction {
            title: "Turn this API route into a Route Handler".to_owned(),
            kind: Some(ROUTE_HANDLER),
            ..with_edit(session, open, WorkspaceEdit::default(), What::RouteHandler)
        }));
    }
    if wanted.matches(&ROUTE_HANDLER) && facts.create_files && facts.resolve_edit {
        let here = project.offers_express_route_handler(document.path(), range.start);
        actions.extend(here.then(|| CodeAction {
            title: "Turn this Express route into a Route Handler".to_owned(),
            kind: Some(ROUTE_HANDLER),
            ..with_edit(session, open, WorkspaceEdit::default(), What::ExpressRoute(range.start))
        }));
    }
    actions
}

/// A move that was asked for: the edit, and what is left to do after it. The reason where there is none.
fn moved(session: &Session, open: &Open, what: &What) -> Option<Result<Resolved, String>> {
    let texts = Texts::of(session);
    let path = open.document.path();
    let project = session.world.holding(open)?;
    let carried_out = match what {
        What::RouteHandler => project.to_route_handler(path, &texts),
        What::ExpressRoute(at) => project.express_to_route_handler(path, *at, &texts),
        _ => project.move_route(path, &texts),
    };
    match carried_out {
        Ok(moved) => {
            let edit = workspace_edit(session, &texts, &moved.edits)?;
            Some(Ok(Resolved { edit, left: moved.left }))
        }
        Err(refusal) => {
            let place = texts
                .document(&refusal.path)
                .map_or(1, |document| document.lines().line_of(refusal.span.start) + 1);
            Some(Err(format!("{}:{place}: {}", refusal.path, refusal.reason)))
        }
    }
}

/// What an action does, once the client wants it.
pub(crate) struct Resolved {
    /// The edit.
    pub(crate) edit: WorkspaceEdit,
    /// What the user has to do afterwards.
    pub(crate) left: Vec<String>,
}

/// The edit of an action that was offered without one, for the text as it is now. `None` where the
/// finding or the fix is no longer there; an error says why it cannot be done.
pub(crate) fn resolve(session: &Session, ticket: &Ticket) -> Option<Result<Resolved, String>> {
    if matches!(ticket.what, What::Move | What::RouteHandler | What::ExpressRoute(_)) {
        let open = session.documents.get(&FilePath::new(&ticket.path)).filter(|open| open.source)?;
        return moved(session, &open, &ticket.what);
    }
    edit_of(session, ticket).map(|edit| Ok(Resolved { edit, left: Vec::new() }))
}

fn edit_of(session: &Session, ticket: &Ticket) -> Option<WorkspaceEdit> {
    let open = session.documents.get(&FilePath::new(&ticket.path)).filter(|open| open.source)?;
    let texts = Texts::of(session);
    let What::Fix { rule, span, title } = &ticket.what else {
        return fix_all(session, &texts, &[open]);
    };
    let same_version = ticket.version == open.document.version();
    let project = session.world.holding(&open)?;
    let findings = project.findings(open.document.path());
    let finding = findings.iter().find(|finding| {
        *finding.rule == **rule && (!same_version || [finding.span.start, finding.span.end] == *span)
    })?;
    let (_, fix) = ways(&project, &texts, &open, finding).into_iter().find(|(_, fix)| fix.title == *title)?;
    workspace_edit(session, &texts, &fix.edits)
}

/// One edit with every safe fix in these documents, applied until there is none left. `None` where there
/// is none. Runs on the blocking pool.
pub(crate) fn fix_all(session: &Session, texts: &Texts<'_>, documents: &[Open]) -> Option<WorkspaceEdit> {
    let outcome = session.world.fix_all(documents, texts, &|| session.lifetime.is_ending());
    let mut edits = Vec::new();
    for (path, text) in &outcome.files {
        match texts.document(path) {
            Some(document) => edits.extend(edits::difference(path, document.text(), text)),
            None => edits.push(Edit::create(path.clone(), text.clone())),
        }
    }
    if edits.is_empty() { None } else { workspace_edit(session, texts, &edits) }
}

fn has_safe_fix(project: &Project, texts: &Texts<'_>, findings: &[Finding]) -> bool {
    findings.iter().any(|finding| project.fixes(finding, texts).iter().any(|fix| fix.safety == Safety::Safe))
}

/// All that can be done about a finding, preferred first.
fn ways(project: &Project, texts: &Texts<'_>, open: &Open, finding: &Finding) -> Vec<(CodeActionKind, Fix)> {
    let mut ways: Vec<_> =
        project.fixes(finding, texts).into_iter().map(|fix| (CodeActionKind::QUICKFIX, fix)).collect();
    ways.push((DISABLE_LINE, fix::disable_for_line(&open.document, finding)));
    ways.push((DISABLE_FILE, fix::disable_for_file(&open.document, finding)));
    ways.retain(|(_, fix)| !fix.edits.is_empty());
    ways
}

fn action(
    session: &Session,
    texts: &Texts<'_>,
    open: &Open,
    finding: &Finding,
    kind: CodeActionKind,
    fix: Fix,
    link: &Diagnostic,
) -> Option<CodeAction> {
    // Made in either case: an action that this client could not carry out is not offered.
    let edit = workspace_edit(session, texts, &fix.edits)?;
    let what = What::Fix {
        rule: finding.rule.to_string(),
        span: [finding.span.start, finding.span.end],
        title: fix.title.clone(),
    };
    Some(CodeAction {
        title: fix.title,
        kind: Some(kind),
        diagnostics: Some(vec![link.clone()]),
        is_preferred: fix.preferred.then_some(true),
        ..with_edit(session, open, edit, what)
    })
}

fn fix_all_action(session: &Session, texts: &Texts<'_>, open: &Open) -> Option<CodeAction> {
    let later = session.facts().resolve_edit;
    let edit =
        if later { WorkspaceEdit::default() } else { fix_all(session, texts, std::slice::from_ref(open))? };
    Some(CodeAction {
        title: "Fix all safe Routewise findings".to_owned(),
        kind: Some(FIX_ALL),
        ..with_edit(session, open, edit, What::FixAll)
    })
}

fn with_edit(session: &Session, open: &Open, edit: WorkspaceEdit, what: What) -> CodeAction {
    if !session.facts().resolve_edit {
        return CodeAction { edit: Some(edit), ..CodeAction::default() };
    }
    let ticket =
        Ticket { path: open.document.path().as_str().to_owned(), version: open.document.version(), what };
    CodeAction { data: serde_json::to_value(ticket).ok(), ..CodeAction::default() }
}

/// The client's own copy of the diagnostic where it sent one: some clients compare.
fn linked(session: &Session, open: &Open, finding: &Finding, sent: &[Diagnostic]) -> Diagnostic {
    let ours = diagnostics::of_finding(session, &open.document, finding, Vec::new());
    let code = NumberOrString::String(finding.rule.to_string());
    sent.iter()
        .find(|sent| sent.range == ours.range && sent.code.as_ref() == Some(&code))
        .cloned()
        .unwrap_or(ours)
}

/// The kinds a client asks for; without any, all.
struct Wanted<'a>(Option<&'a [CodeActionKind]>);

impl Wanted<'_> {
    fn matches(&self, kind: &CodeActionKind) -> bool {
        self.0.is_none_or(|only| {
            only.iter().any(|wanted| {
                let (wanted, kind) = (wanted.as_str(), kind.as_str());
                wanted.is_empty()
                    || kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
    }

    fn names_source(&self) -> bool {
        self.0.is_some_and(|only| only.iter().any(|wanted| wanted.as_str().starts_with("source")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_kind_asks_for_every_kind_below_it() {
        let matches = |only: &'static str, kind: &CodeActionKind| {
            Wanted(Some(&[CodeActionKind::new(only)])).matches(kind)
        };
        assert!(matches("quickfix", &CodeActionKind::QUICKFIX));
        assert!(matches("quickfix", &DISABLE_LINE));
        assert!(matches("source.fixAll", &FIX_ALL));
        assert!(matches("source", &FIX_ALL));
        assert!(matches("", &FIX_ALL));
        assert!(!matches("source.fix", &FIX_ALL));
        assert!(!matches("source.fixAll.eslint", &FIX_ALL));
        assert!(!matches("refactor", &CodeActionKind::QUICKFIX));
        assert!(Wanted(None).matches(&CodeActionKind::QUICKFIX));
    }
}
