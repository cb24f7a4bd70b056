//! A path becomes a URL of the request's host.

use super::code::{Code, ancestors, scope_of};
use super::edits;
use super::guard::is_typescript;
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};

/// Puts `new URL(…, request.url)` around the path of a redirect. The request is a parameter of the function
/// around it; a handler without one gets it.
pub(super) fn absolute_url(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let path = code.node(offer.finding.span)?;
    let Request { name: request, safety, mut edits } = request(offer, &code, path)?;
    let url = format!("new URL({}, {request}.url)", code.of(path));
    let title = if code.of(path).contains('\n') || url.len() > 60 {
        format!("Make the URL absolute with `{request}.url`")
    } else {
        format!("Make the URL absolute: `{url}`")
    };
    edits.push(edits::replace(&code, syntax::span(path), url));
    edits::fix(title, safety, edits, &[offer.document])
}

/// The request at a place.
struct Request {
    name: String,
    /// Only its name says so: worth a look.
    safety: Safety,
    /// What gives it a name where it has none.
    edits: Vec<Edit>,
}

fn request(offer: &Offer<'_>, code: &Code<'_>, at: Node<'_>) -> Option<Request> {
    for function in ancestors(at).filter(|node| form::is_function(*node)) {
        let parameters = form::parameters(function);
        let entry = is_entry(offer, function);
        for (position, parameter) in parameters.iter().enumerate() {
            let pattern = parameter.field("pattern").unwrap_or(*parameter);
            let typed = parameter.field("type").is_some_and(|annotation| {
                let name = code.of(annotation).trim_start_matches(':').trim();
                matches!(name, "Request" | "NextRequest")
            });
            let named = matches!(code.of(pattern), "request" | "req");
            if pattern.kind() != "identifier" || !(typed || (position == 0 && (entry || named))) {
                continue;
            }
            let name = code.of(pattern);
            // An inner name of the same spelling stands for something else.
            let shadowed = code.occurrences(function, name).iter().any(|other| {
                *other != pattern && scope_of(*other).is_some_and(|scope| ancestors(at).any(|it| it == scope))
            });
            let safety = if typed || entry { Safety::Safe } else { Safety::Unsafe };
            return (!shadowed).then(|| Request { name: name.to_owned(), safety, edits: Vec::new() });
        }
        if entry {
            let free = !code.occurrences(function, "request").iter().any(|node| scope_of(*node).is_some());
            let edit = add_parameter(code, function).filter(|_| parameters.is_empty() && free)?;
            return Some(Request { name: "request".to_owned(), safety: Safety::Safe, edits: vec![edit] });
        }
    }
    None
}

fn add_parameter(code: &Code<'_>, function: Node<'_>) -> Option<Edit> {
    let list = function.field("parameters")?;
    let empty = code.of(list).trim_start_matches('(').trim_end_matches(')').trim().is_empty();
    let typed = if is_typescript(code) { "request: Request" } else { "request" };
    empty.then(|| edits::replace(code, syntax::span(list), format!("({typed})")))
}

/// Whether Next.js itself calls a function with the request first.
fn is_entry(offer: &Offer<'_>, function: Node<'_>) -> bool {
    let facts = &offer.input.facts;
    let here = facts.functions().find(|(id, it)| facts.span(id.chunk, it.at) == syntax::span(function));
    let Some((function, _)) = here else { return false };
    let entries = offer.project.links(offer.file).into_iter().flat_map(|links| &links.entries);
    entries
        .filter(|entry| matches!(entry.kind, "app-route" | "proxy"))
        .any(|entry| entry.direct.contains(&(offer.file, function)))
}
