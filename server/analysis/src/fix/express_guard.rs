//! The check of who asks that other routes of an application have, in front of a route that lacks it.

use std::collections::BTreeMap;

use super::borrowed::Borrowed;
use super::code::Code;
use super::constant::free_names;
use super::edits;
use super::offer::Offer;
use crate::check::handlers;
use crate::facts::{CallId, Shape};
use crate::finding::{Edit, Fix, Safety};
use crate::project::express::{LayerKind, Route};
use crate::project::{FileInput, FileNo};
use crate::tables::Effect;

/// A check as it stands in the registrations of other routes.
struct Model {
    /// As written: `requireUser`, `auth("admin")`.
    text: String,
    /// The route that has it.
    label: String,
    needs: Borrowed,
    /// It is declared in the file of the finding itself.
    own: bool,
}

/// Puts the middleware that most other routes begin with in front of the handlers of this one.
pub(super) fn guard_route(offer: &Offer<'_>) -> Option<Fix> {
    let links = offer.project.links(offer.file)?;
    let here = |call: &CallId| {
        let facts = &offer.input.facts;
        facts.span(call.chunk, facts.call(*call).head) == offer.finding.span
    };
    let entry =
        links.entries.iter().find(|it| it.kind == "express" && it.call().as_ref().is_some_and(here))?;
    let call = entry.call()?;
    let model = most_common(offer)?;
    let code = Code::new(offer.document)?;
    let mut out = vec![insert(offer, &code, call, &model.text)?];
    if !model.own {
        out.extend(model.needs.imports(&code, offer.input)?);
    }
    let title = format!("Check with `{}` first, as {} does", model.text, model.label);
    edits::fix(title, Safety::Unsafe, out, &[offer.document])
}

/// The check that most routes of the package have in their own registrations.
fn most_common(offer: &Offer<'_>) -> Option<Model> {
    let express = offer.project.express();
    let mut found: BTreeMap<String, (usize, Model)> = BTreeMap::new();
    let writes = |route: &&Route| {
        matches!(&express.layer(route.layer).kind, LayerKind::Method(method)
            if matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE"))
    };
    for route in express.routes.iter().filter(writes) {
        let layer = express.layer(route.layer);
        let (file, call) = layer.call;
        let Some(input) = offer.project.file(file).filter(|it| it.package.root == offer.input.package.root)
        else {
            continue;
        };
        let before = layer.handlers.iter().take(layer.handlers.len().saturating_sub(1));
        for handler in before.filter(|it| handlers::has(offer.project, it, Effect::ChecksAuth)) {
            let label = format!("`{} {}`", route.method(express), route.url.shown());
            let Some(model) = read(offer, input, (file, call), &handler.name, label) else { continue };
            found.entry(model.text.clone()).or_insert((0, model)).0 += 1;
        }
    }
    found.into_values().max_by_key(|(count, _)| *count).map(|(_, model)| model)
}

/// A handler as its registration writes it, and what that needs.
fn read(
    offer: &Offer<'_>,
    input: &FileInput,
    (file, call): (FileNo, CallId),
    name: &str,
    label: String,
) -> Option<Model> {
    let document = offer.sources.document(&input.path)?;
    let code = Code::new(&document)?;
    let facts = &input.facts;
    let node = facts.call(call).args_at.iter().find_map(|at| {
        let node = code.node(facts.span(call.chunk, *at))?;
        let text = code.of(node);
        let named = text == name || text.strip_prefix(name).is_some_and(|rest| rest.starts_with('('));
        (named && !text.contains('\n')).then_some(node)
    })?;
    let names = || free_names(&code, node).into_iter().map(|it| code.of(it));
    let own = file == offer.file;
    // In the same file: known where the route is registered, for that is later than what the other one uses.
    let needs = if own { Borrowed::default() } else { Borrowed::of(&code, input, names())? };
    let declared_before = names().all(|name| {
        facts.import(name).is_some()
            || facts.binding(name).is_some_and(|(id, decl)| {
                let at = facts.span(id.chunk, decl.at).start;
                matches!(decl.value, Shape::Function(_)) && is_hoisted(&code, at)
                    || at < offer.finding.span.start
            })
    });
    (!own || declared_before).then(|| Model { text: code.of(node).to_owned(), label, needs, own })
}

/// `function requireUser() {}` is there from the start.
fn is_hoisted(code: &Code<'_>, at: u32) -> bool {
    let name = code.root.descendant_for_byte_range(at as usize, at as usize);
    name.and_then(|it| it.parent()).is_some_and(|it| it.kind() == "function_declaration")
}

/// Behind the path of a registration; in front of the handlers where the path was said before.
fn insert(offer: &Offer<'_>, code: &Code<'_>, id: CallId, text: &str) -> Option<Edit> {
    let facts = &offer.input.facts;
    let call = facts.call(id);
    let first = facts.span(id.chunk, *call.args_at.first()?);
    let Shape::Member(object, _) = &call.callee else { return None };
    let on_route = matches!(&**object, Shape::Call(number)
        if facts.call(CallId { chunk: id.chunk, number: *number }).callee.last() == Some("route"));
    match call.args.first()? {
        _ if on_route => Some(edits::insert(code, first.start, format!("{text}, "))),
        Shape::Text(_) | Shape::Array(_) | Shape::Regexp(_) | Shape::Joined(_) if call.args.len() > 1 => {
            Some(edits::insert(code, first.end, format!(", {text}")))
        }
        _ => None,
    }
}
