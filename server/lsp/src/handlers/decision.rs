//! Where the routes belong: the request `routewise/decision` and the command `routewise.decide`. Both give what
//! `routewise decide --format json` prints, with paths seen from `root`. With `{ "format": "html" }` there is a page
//! under `html` beside it, whose styles and scripts bear the `nonce` that was given; with `markdown` a document.

use std::collections::BTreeMap;
use std::sync::Arc;

use routewise_analysis::decision::{Decision, Inquiry, markdown, page};
use routewise_analysis::finding::Finding;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::proto::{Error, LSPAny, Result};
use crate::session::Session;
use crate::uri;
use crate::world::Texts;

/// The name of the request.
pub(crate) const METHOD: &str = "routewise/decision";

/// What a client may ask for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// `html` or `markdown`, beside the data.
    format: Option<String>,
    /// For the styles and scripts of the page.
    nonce: Option<String>,
}

impl Wanted {
    /// Reads the parameters of a request; what is not understood is not asked for.
    pub(crate) fn read(params: Option<&LSPAny>) -> Self {
        let wanted: Self = params.and_then(|it| serde_json::from_value(it.clone()).ok()).unwrap_or_default();
        // It stands in an attribute.
        let plain = |nonce: &String| {
            nonce.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_'))
        };
        Self { nonce: wanted.nonce.filter(plain), ..wanted }
    }
}

/// `routewise/decision`.
pub(crate) async fn decision(session: &Arc<Session>, wanted: Wanted) -> Result<LSPAny> {
    session.ready().await;
    let job = Arc::clone(session);
    let answer = session.blocking(move || answer(&job, &wanted));
    answer.await.flatten().ok_or_else(Error::internal_error)
}

fn answer(session: &Arc<Session>, wanted: &Wanted) -> Option<Value> {
    session.enter_all();
    let root = root(session);
    let complete = session.world.ask(Project::is_complete);
    let decision = decide(session, root.as_ref())?;
    let mut answer = serde_json::to_value(&decision).ok()?;
    match wanted.format.as_deref() {
        Some("html") => {
            let data = serde_json::to_string(&decision).ok()?;
            answer["html"] = page(&data, wanted.nonce.as_deref()).into();
        }
        Some("markdown") => answer["markdown"] = markdown(&decision).into(),
        _ => {}
    }
    answer["root"] = json!(root.as_ref().and_then(uri::of_file));
    answer["complete"] = complete.into();
    Some(answer)
}

/// The folder that paths are seen from.
fn root(session: &Session) -> Option<FilePath> {
    session.world.ground().and_then(|ground| ground.workspace.roots().first().cloned())
}

fn decide(session: &Arc<Session>, root: Option<&FilePath>) -> Option<Decision> {
    let ground = session.world.ground()?;
    let surroundings = ground.workspace.surroundings();
    // The lock is taken for one file after the other, so that a keystroke never waits for all of them.
    let findings: BTreeMap<FilePath, Vec<Finding>> = session
        .world
        .ask(Project::decision_files)
        .into_iter()
        .map(|path| {
            let found = session.world.ask(|project| project.findings(&path));
            (path, found)
        })
        .collect();
    let texts = Texts::of(session);
    let name = |path: &FilePath| match root.and_then(|root| path.strip(root)) {
        Some(inside) => inside.to_owned(),
        None if root == Some(path) => ".".to_owned(),
        None => path.as_str().to_owned(),
    };
    let inquiry = Inquiry {
        surroundings: &surroundings,
        findings: &findings,
        within: &|_| true,
        sources: &texts,
        name: &name,
        asked: false,
    };
    Some(session.world.ask(|project| project.decide(&inquiry)))
}
