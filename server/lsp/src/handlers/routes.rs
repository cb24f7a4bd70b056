//! The table of routes, for editors that list it: the request `routewise/routes` and the command `routewise.routes`.
//! Both give what `routewise routes --format json` prints, with whole paths and `complete`, which is false until
//! every file of the workspace has been read.

use std::sync::Arc;

use routewise_analysis::endpoints::Report;
use routewise_analysis::path::FilePath;

use crate::proto::{Error, LSPAny, Result};
use crate::session::Session;
use crate::world::Texts;

/// `routewise/routes`.
pub(crate) async fn routes(session: &Arc<Session>) -> Result<LSPAny> {
    session.ready().await;
    let job = Arc::clone(session);
    let report = session.blocking(move || {
        job.enter_all();
        let (routes, complete) = job.world.ask(|project| (project.routes(), project.is_complete()));
        let name = |path: &FilePath| path.as_str().to_owned();
        let mut report = serde_json::to_value(Report::new(&routes, &Texts::of(&job), &name)).ok()?;
        report["complete"] = complete.into();
        Some(report)
    });
    report.await.flatten().ok_or_else(Error::internal_error)
}
