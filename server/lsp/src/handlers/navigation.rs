//! From a URL to its handler and back, and the routes as symbols.

use std::sync::Arc;

use routewise_analysis::endpoints::{Link, Target};
use routewise_analysis::path::FilePath;
use routewise_analysis::project::{Project, Sources as _};
use routewise_analysis::text::Span;

use crate::documents::Open;
use crate::proto::{
    self, DocumentLink, DocumentLinkParams, DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse,
    GotoDefinitionParams, GotoDefinitionResponse, Location, LocationLink, OneOf, Range, ReferenceParams,
    Result, SymbolKind, TextDocumentPositionParams, Uri, WorkspaceSymbol, WorkspaceSymbolParams,
    WorkspaceSymbolResponse,
};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// Symbols that a list can show.
const MOST: usize = 500;

/// What an open document is asked at a place of it.
pub(super) async fn at<T: Send + 'static>(
    session: &Arc<Session>,
    place: TextDocumentPositionParams,
    ask: impl FnOnce(&Session, &Project, &Open, u32) -> Option<T> + Send + 'static,
) -> Option<T> {
    let path = uri::key(&place.text_document.uri);
    let open = session.documents.get(&path).filter(|open| open.source)?;
    session.ready().await;
    let job = Arc::clone(session);
    let answer = session.blocking(move || {
        let project = job.project_holding(&open)?;
        let document = &open.document;
        let offset = proto::offset(document.lines(), document.text(), place.position, job.facts().encoding);
        ask(&job, &project, &open, offset)
    });
    answer.await.flatten()
}

/// A range of an open document.
pub(super) fn range_in(session: &Session, open: &Open, span: Span) -> Range {
    proto::range(open.document.lines(), open.document.text(), span, session.facts().encoding)
}

/// A place of a file of the project; `None` where it cannot be read, or is not what it was.
pub(super) fn located(
    session: &Session,
    texts: &Texts<'_>,
    path: &FilePath,
    span: Span,
) -> Option<(Uri, Range)> {
    let document = texts.document(path)?;
    document.text().get(span.start as usize..span.end as usize)?;
    let uri = session.documents.get(path).map(|open| open.uri).or_else(|| uri::of_file(path))?;
    Some((uri, proto::range(document.lines(), document.text(), span, session.facts().encoding)))
}

pub(super) fn location(
    session: &Session,
    texts: &Texts<'_>,
    path: &FilePath,
    span: Span,
) -> Option<Location> {
    let (uri, range) = located(session, texts, path, span)?;
    Some(Location { uri, range })
}

/// `textDocument/definition`: the handlers that a URL leads to.
pub(crate) async fn definition(
    session: &Arc<Session>,
    params: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    handlers(session, params, Project::url_definition).await
}

/// `textDocument/implementation`: also those that a function of the project asks for.
pub(crate) async fn implementation(
    session: &Arc<Session>,
    params: GotoDefinitionParams,
) -> Result<Option<GotoDefinitionResponse>> {
    handlers(session, params, Project::url_implementation).await
}

async fn handlers(
    session: &Arc<Session>,
    params: GotoDefinitionParams,
    ask: fn(&Project, &FilePath, u32) -> Option<Link>,
) -> Result<Option<GotoDefinitionResponse>> {
    let links = at(session, params.text_document_position_params, move |session, project, open, offset| {
        let link = ask(project, open.document.path(), offset)?;
        let texts = Texts::of(session);
        let origin = range_in(session, open, link.span);
        let links = link.targets.iter().filter_map(|target| {
            let (target_uri, target_range) = located(session, &texts, &target.path, target.span)?;
            Some(LocationLink {
                origin_selection_range: Some(origin),
                target_uri,
                target_range,
                target_selection_range: target_range,
            })
        });
        Some(links.collect::<Vec<_>>())
    });
    let links = links.await.filter(|links| !links.is_empty());
    Ok(links.map(|links| {
        if session.facts().links {
            GotoDefinitionResponse::Link(links)
        } else {
            let places = links.into_iter().map(|it| Location { uri: it.target_uri, range: it.target_range });
            GotoDefinitionResponse::Array(places.collect())
        }
    }))
}

/// `textDocument/references`: who asks for a handler, or for the same URL.
pub(crate) async fn references(
    session: &Arc<Session>,
    params: ReferenceParams,
) -> Result<Option<Vec<Location>>> {
    let declaration = params.context.include_declaration;
    let found = at(session, params.text_document_position, move |session, project, open, offset| {
        let (calls, targets) = project.url_references(open.document.path(), offset)?;
        let texts = Texts::of(session);
        let own = targets.iter().filter(|_| declaration).map(|target| (&target.path, target.span));
        let places = own.chain(calls.iter().map(|call| (&call.path, call.span)));
        Some(places.filter_map(|(path, span)| location(session, &texts, path, span)).collect::<Vec<_>>())
    });
    Ok(found.await.filter(|places| !places.is_empty()))
}

/// `textDocument/documentLink`: every URL of a file that leads to one handler.
pub(crate) async fn document_links(
    session: &Arc<Session>,
    params: DocumentLinkParams,
) -> Result<Option<Vec<DocumentLink>>> {
    let path = uri::key(&params.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    session.ready().await;
    let job = Arc::clone(session);
    let links = session.blocking(move || {
        let links = job.project_holding(&open)?.url_links(&path);
        let texts = Texts::of(&job);
        let one = |link: Link| {
            let target = link.targets.first()?;
            let (mut uri, range) = located(&job, &texts, &target.path, target.span)?;
            let line = range.start.line + 1;
            if let Ok(with_line) = format!("{}#L{line}", uri.as_str()).parse() {
                uri = with_line;
            }
            // The quotes are no part of it.
            let inner =
                Span::new(link.span.start + 1, link.span.end.saturating_sub(1).max(link.span.start + 1));
            Some(DocumentLink {
                range: range_in(&job, &open, inner),
                target: Some(uri),
                tooltip: Some(target.name.clone()),
                data: None,
            })
        };
        Some(links.into_iter().filter_map(one).collect::<Vec<_>>())
    });
    Ok(links.await.flatten().filter(|links| !links.is_empty()))
}

/// `textDocument/documentSymbol`: the handlers of a file, by method and URL.
pub(crate) async fn document_symbols(
    session: &Arc<Session>,
    params: DocumentSymbolParams,
) -> Result<Option<DocumentSymbolResponse>> {
    let path = uri::key(&params.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    session.ready().await;
    let job = Arc::clone(session);
    let symbols = session.blocking(move || {
        let symbols = job.world.holding(&open)?.route_symbols(&path);
        #[expect(deprecated, reason = "the protocol wants the field")]
        let one = |target: Target| DocumentSymbol {
            name: target.name,
            detail: None,
            kind: SymbolKind::INTERFACE,
            tags: None,
            deprecated: None,
            range: range_in(&job, &open, target.span),
            selection_range: range_in(&job, &open, target.span),
            children: None,
        };
        Some(symbols.into_iter().map(one).collect::<Vec<_>>())
    });
    Ok(symbols.await.flatten().filter(|it| !it.is_empty()).map(DocumentSymbolResponse::Nested))
}

/// `workspace/symbol`: routes of the whole project, `GET /api/users/[id]`.
pub(crate) async fn workspace_symbols(
    session: &Arc<Session>,
    params: WorkspaceSymbolParams,
) -> Result<Option<WorkspaceSymbolResponse>> {
    session.ready().await;
    let job = Arc::clone(session);
    let symbols = session.blocking(move || {
        let found = job.project().find_routes(&params.query, MOST);
        let texts = Texts::of(&job);
        let one = |target: Target| {
            Some(WorkspaceSymbol {
                location: OneOf::Left(location(&job, &texts, &target.path, target.span)?),
                name: target.name,
                kind: SymbolKind::INTERFACE,
                tags: None,
                container_name: None,
                data: None,
            })
        };
        found.into_iter().filter_map(one).collect::<Vec<_>>()
    });
    let symbols = symbols.await.unwrap_or_default();
    Ok((!symbols.is_empty()).then_some(WorkspaceSymbolResponse::Nested(symbols)))
}
