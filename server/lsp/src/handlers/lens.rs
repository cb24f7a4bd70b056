//! A line above each handler: its URL, who asks for it, whether anybody checks who asks, and whether it is right where
//! it is.

use std::sync::Arc;

use routewise_analysis::decision::{Fit, Judged};
use routewise_analysis::endpoints::{Auth, Lens};
use serde_json::json;

use super::navigation::{location, range_in};
use crate::documents::Open;
use crate::handlers::command;
use crate::proto::{CodeLens, CodeLensParams, Command, Location, Result};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// `textDocument/codeLens`.
pub(crate) async fn lenses(session: &Arc<Session>, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
    let path = uri::key(&params.text_document.uri);
    let Some(open) = session.documents.get(&path).filter(|open| open.source) else { return Ok(None) };
    session.ready().await;
    let job = Arc::clone(session);
    let lenses = session.blocking(move || {
        let project = job.project_holding(&open)?;
        let judged = project.judged(&path, &Session::findings_of(&project, project.judged_by(&path)));
        let lenses = project.lenses(&path);
        let texts = Texts::of(&job);
        let fit = |lens: &Lens| Judged::of(&judged, &lens.url, lens.span).map(|it| it.fit);
        Some(lenses.iter().map(|lens| one(&job, &texts, &open, lens, fit(lens))).collect::<Vec<_>>())
    });
    Ok(lenses.await.flatten().filter(|lenses| !lenses.is_empty()))
}

fn one(session: &Session, texts: &Texts<'_>, open: &Open, lens: &Lens, fit: Option<Fit>) -> CodeLens {
    let range = range_in(session, open, lens.span);
    let callers: Vec<Location> =
        lens.callers.iter().filter_map(|call| location(session, texts, &call.path, call.span)).collect();
    let arguments = vec![json!(open.uri), json!(range.start), json!(callers)];
    CodeLens {
        range,
        command: Some(Command {
            title: title(lens, fit),
            command: command::CALLERS.to_owned(),
            arguments: Some(arguments),
        }),
        data: None,
    }
}

/// `GET /api/users/[id] · 2 callers · no auth · fits`.
fn title(lens: &Lens, fit: Option<Fit>) -> String {
    let mut title = match &lens.method {
        Some(method) => format!("{method} {}", lens.url),
        None => lens.url.clone(),
    };
    let callers = match lens.callers.len() {
        0 => "no callers".to_owned(),
        1 => "1 caller".to_owned(),
        many => format!("{many} callers"),
    };
    title.extend([" · ", callers.as_str()]);
    title.push_str(match lens.auth {
        Auth::Present => " · auth",
        Auth::Partial => " · auth in part",
        Auth::Absent => " · no auth",
        Auth::Unknown => "",
    });
    if let Some(fit) = fit {
        title.extend([" · ", fit.phrase()]);
    }
    title
}
