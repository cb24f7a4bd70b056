//! Where the routes belong: the request `routewise/decision` and the command `routewise.decide`. Both give what
//! `routewise decide --format json` prints, with paths seen from `root`. With `{ "format": "html" }` there is a page
//! under `html` beside it, whose styles and scripts bear the `nonce` that was given; with `markdown` a document.

use std::fmt::Write as _;
use std::sync::Arc;

use routewise_analysis::decision::{Decision, Inquiry, markdown, page};
use routewise_analysis::document::Document;
use routewise_analysis::path::FilePath;
use routewise_analysis::project::Project;
use routewise_analysis::text::Span;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::proto::{LSPAny, Result};
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
    session.answer_about_all(move |session, waits| answer(session, &wanted, waits)).await
}

fn answer(session: &Arc<Session>, wanted: &Wanted, waits: &(dyn Fn() -> bool + Sync)) -> Option<Value> {
    let project = session.prepared(waits);
    if !waits() {
        return None;
    }
    let root = root(session);
    let decision = decide(session, &project, root.as_ref(), &|_| true)?;
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
    answer["complete"] = project.is_complete().into();
    Some(answer)
}

/// The folder that paths are seen from.
fn root(session: &Session) -> Option<FilePath> {
    session.world.ground().and_then(|ground| ground.workspace.roots().first().cloned())
}

fn decide(
    session: &Arc<Session>,
    project: &Project,
    root: Option<&FilePath>,
    within: &dyn Fn(&FilePath) -> bool,
) -> Option<Decision> {
    let ground = session.world.ground()?;
    let surroundings = ground.workspace.surroundings();
    let findings = Session::findings_of(project, project.decision_files());
    let texts = Texts::of(session);
    let name = |path: &FilePath| match root.and_then(|root| path.strip(root)) {
        Some(inside) => inside.to_owned(),
        None if root == Some(path) => ".".to_owned(),
        None => path.as_str().to_owned(),
    };
    let inquiry = Inquiry {
        surroundings: &surroundings,
        findings: &findings,
        within,
        sources: &texts,
        name: &name,
        asked: false,
    };
    Some(project.decide(&inquiry))
}

/// About a package as a whole, over what stands for it: the name of the framework in `package.json`, and what
/// `next.config` exports.
pub(crate) fn hover(session: &Arc<Session>, document: &Document, offset: u32) -> Option<(Span, String)> {
    let path = document.path();
    let span = word_at(document.text(), offset as usize)?;
    let word = span.of(document.text());
    let stands = if path.file_name() == "package.json" {
        let key = document.text()[span.end as usize..].strip_prefix('"').map(str::trim_start);
        FRAMEWORKS.contains(&word) && key.is_some_and(|rest| rest.starts_with(':'))
    } else {
        path.file_name().starts_with("next.config.") && EXPORTS.contains(&word)
    };
    let folder = path.parent().filter(|_| stands)?;
    let project = session.prepared(&|| true);
    let decision = decide(session, &project, Some(&folder), &|path| path.strip(&folder).is_some())?;
    (!decision.routes.is_empty() || !decision.parts.is_empty()).then(|| (span, card(&decision)))
}

/// Dependencies that a decision is about.
const FRAMEWORKS: [&str; 2] = ["next", "express"];

/// Words with which a module exports.
const EXPORTS: [&str; 4] = ["export", "default", "module", "exports"];

fn word_at(text: &str, offset: usize) -> Option<Span> {
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let (before, after) = (text.get(..offset)?, text.get(offset..)?);
    let start = before
        .rfind(|c| !of_word(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let end = offset + after.find(|c| !of_word(c)).unwrap_or(after.len());
    (start < end).then(|| Span::new(start as u32, end as u32))
}

/// The verdict with the strongest reason of each side.
fn card(decision: &Decision) -> String {
    let either = if decision.either { ", either is fine" } else { "" };
    let mut text =
        format!("**Where the routes belong: {}{either}**\n\n{}", decision.verdict.phrase(), decision.summary);
    if !decision.elsewhere.is_empty() {
        text.extend([" ", &decision.elsewhere]);
    }
    text.push_str("\n\n");
    let sides =
        [("For a process", &decision.reasons.persistent), ("For Next.js", &decision.reasons.serverless)];
    for (side, reasons) in sides {
        if let Some(reason) = reasons.first() {
            let _ = writeln!(text, "- {side}: {}", reason.text);
        }
    }
    text.push_str("\n`routewise decide` tells the whole.");
    text
}
