//! Rate limiters that count the wrong thing.

use super::clients::{ClientNames, ClientSite};
use super::code::Code;
use super::edits;
use super::express_setup;
use super::offer::Offer;
use crate::facts::FunctionId;
use crate::finding::{Fix, Safety};
use crate::project::Scope;
use crate::text::Span;

fn at(offer: &Offer<'_>, needed: &str) -> Option<Span> {
    let captures = offer.captures(needed)?;
    captures.into_iter().find(|(name, _)| *name == "at").map(|(_, span)| span)
}

/// Whether the finding's place runs for each request.
fn is_per_request(offer: &Offer<'_>) -> Option<bool> {
    let offset = offer.finding.span.start;
    let chunk = offer.input.facts.chunk_at(offset)?;
    let own = &offer.input.facts.chunks[chunk as usize];
    let function = own.facts.function_at(offset - own.start).map(|number| FunctionId { chunk, number });
    Some(offer.project.reach()?.scope_of(offer.project, offer.file, function) == Scope::Request)
}

/// Moves a limiter out of its handler.
pub(super) fn hoist_limiter(offer: &Offer<'_>) -> Option<Fix> {
    is_per_request(offer)?.then_some(())?;
    let site = ClientSite {
        document: offer.document,
        at: at(offer, "callee")?,
        client: ClientNames {
            variable: "limiter".into(),
            module: "limiter".into(),
            spoken: "limiter".into(),
            closes: Vec::new(),
        },
        package: &offer.input.package,
        others: Vec::new(),
        elsewhere: Vec::new(),
        sources: offer.sources,
        target: &offer.input.package.target,
    };
    super::hoist_to_module(&site)
}

/// `app.set("trust proxy", 1)`: in place of the setting that is too wide, or behind the line that makes the app.
pub(super) fn trust_one_proxy(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let style = code.style();
    let title = "Trust one proxy".to_owned();
    let setting = |name: &str| format!("{name}.set({}, 1)", style.string("trust proxy"));
    if let Some(call) = at(offer, "setting") {
        let object = code.node(call)?.field("function")?.field("object")?;
        let edit = edits::replace(&code, call, setting(code.of(object)));
        return edits::fix(title, Safety::Safe, vec![edit], &[offer.document]);
    }
    if offer.captures("route").is_some() {
        return None;
    }
    // Then what is wrong is where the limiter is made.
    if is_per_request(offer)? {
        return None;
    }
    let app = express_setup::apps(&code).into_iter().next()?;
    let edit = express_setup::behind(&code, &app, &setting(app.name))?;
    edits::fix(title, Safety::Safe, vec![edit], &[offer.document])
}
