//! The call hierarchy of requests: middleware, the handler, those who ask for it.

use std::sync::Arc;

use routewise_analysis::endpoints::{Leading, Step, StepKind};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources as _};

use super::navigation::{at, located};
use crate::proto::{
    self, CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams, Range, Result,
    SymbolKind,
};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// `textDocument/prepareCallHierarchy`.
pub(crate) async fn prepare(
    session: &Arc<Session>,
    params: CallHierarchyPrepareParams,
) -> Result<Option<Vec<CallHierarchyItem>>> {
    let items = at(session, params.text_document_position_params, |session, project, open, offset| {
        let steps = project.steps_at(open.document.path(), offset);
        let texts = Texts::of(session);
        Some(steps.iter().filter_map(|step| item(session, &texts, step)).collect::<Vec<_>>())
    });
    Ok(items.await.filter(|items| !items.is_empty()))
}

/// `callHierarchy/incomingCalls`.
pub(crate) async fn incoming(
    session: &Arc<Session>,
    params: CallHierarchyIncomingCallsParams,
) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
    let answer = leading(session, params.item, Project::steps_to, |session, texts, _, (step, places)| {
        let from = item(session, texts, &step)?;
        let from_ranges = ranges(session, texts, &step.path, &places);
        Some(CallHierarchyIncomingCall { from, from_ranges })
    });
    Ok(answer.await)
}

/// `callHierarchy/outgoingCalls`.
pub(crate) async fn outgoing(
    session: &Arc<Session>,
    params: CallHierarchyOutgoingCallsParams,
) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
    let answer =
        leading(session, params.item, Project::steps_from, |session, texts, path, (step, places)| {
            let to = item(session, texts, &step)?;
            let from_ranges = ranges(session, texts, path, &places);
            Some(CallHierarchyOutgoingCall { to, from_ranges })
        });
    Ok(answer.await)
}

/// What leads to the item, or is led to from it. The item may be of a file that is not open.
async fn leading<T: Send + 'static>(
    session: &Arc<Session>,
    item: CallHierarchyItem,
    ask: impl FnOnce(&Project, &FilePath, u32) -> Vec<Leading> + Send + 'static,
    tell: impl Fn(&Session, &Texts<'_>, &FilePath, Leading) -> Option<T> + Send + 'static,
) -> Option<Vec<T>> {
    let path = uri::key(&item.uri);
    session.ready().await;
    let job = Arc::clone(session);
    let answer = session.blocking(move || {
        let project = job.project();
        let texts = Texts::of(&job);
        let document = texts.document(&path)?;
        let place = item.selection_range.start;
        let offset = proto::offset(document.lines(), document.text(), place, job.facts().encoding);
        let found = ask(&project, &path, offset);
        Some(found.into_iter().filter_map(|it| tell(&job, &texts, &path, it)).collect::<Vec<_>>())
    });
    answer.await.flatten()
}

fn item(session: &Session, texts: &Texts<'_>, step: &Step) -> Option<CallHierarchyItem> {
    let (uri, range) = located(session, texts, &step.path, step.span)?;
    let (_, selection_range) = located(session, texts, &step.path, step.name_at)?;
    let (kind, what) = match step.kind {
        StepKind::Handler => (SymbolKind::INTERFACE, "handler"),
        StepKind::Middleware => (SymbolKind::EVENT, "middleware"),
        StepKind::Function => (SymbolKind::FUNCTION, ""),
        StepKind::File => (SymbolKind::FILE, ""),
    };
    let roots = session.world.ground().map(|ground| ground.workspace.roots().to_vec()).unwrap_or_default();
    let file = roots.iter().find_map(|root| step.path.strip(root)).unwrap_or(step.path.file_name());
    let detail = if what.is_empty() { file.to_owned() } else { format!("{what} · {file}") };
    Some(CallHierarchyItem {
        name: step.name.clone(),
        kind,
        tags: None,
        detail: Some(detail),
        uri,
        range,
        selection_range,
        data: None,
    })
}

fn ranges(
    session: &Session,
    texts: &Texts<'_>,
    path: &FilePath,
    places: &[routewise_analysis::text::Span],
) -> Vec<Range> {
    places.iter().filter_map(|span| Some(located(session, texts, path, *span)?.1)).collect()
}
