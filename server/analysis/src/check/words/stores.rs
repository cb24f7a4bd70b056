//! Words about what goes into a store.

use crate::check::needs;
use crate::facts::{Call, CallId, FunctionId, Shape};
use crate::form::express::is_request_name;
use crate::project::express::Route;
use crate::project::{Entry, Resolver};
use crate::rules::{Condition, Word};
use crate::tables::Effect;

use super::super::{Evidence, Site};
use super::handlers::{is_request, parameter, tell};
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[Word::of(
    "mass-assigned",
    0,
    mass_assigned,
    "`(#mass-assigned? @at)`: the call writes the whole body of the request to a store, and nothing looks at the body before",
)];

/// Methods that take the values of a row as their first argument, or as the second after a filter.
const SECOND: &[&str] =
    &["updateOne", "updateMany", "replaceOne", "findOneAndUpdate", "findOneAndReplace", "findByIdAndUpdate"];

fn mass_assigned(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(id) = site.call(condition) else { return false };
    let call = site.input.facts.call(id);
    let Shape::Member(object, method) = &call.callee else { return false };
    let links = site.project.links(site.file).map_or(&[][..], |links| &links.effects);
    let writes = |number: u32| {
        links
            .iter()
            .any(|it| it.call == CallId { chunk: id.chunk, number } && it.row.effect == Effect::MutatesStore)
    };
    let first = call.args.first();
    let values: Vec<&Shape> = match (&**method, &**object) {
        // `db.insert(users).values(body)`, `db.update(users).set(body)`.
        ("values" | "set", Shape::Call(inner)) if writes(*inner) => first.into_iter().collect(),
        _ if !writes(id.number) => return false,
        (name, _) if SECOND.contains(&name) => {
            let update = call.args.get(1);
            update.and_then(|it| it.get("$set")).or(update).into_iter().collect()
        }
        _ => match first {
            Some(options @ Shape::Object(_))
                if ["data", "create", "update"].iter().any(|key| options.get(key).is_some()) =>
            {
                ["data", "create", "update"].iter().filter_map(|key| options.get(key)).collect()
            }
            other => other.into_iter().collect(),
        },
    };
    let Some(function) = site.function_at(call.at.0.start) else { return false };
    let links = site.project.links(site.file);
    let entry = links
        .into_iter()
        .flat_map(|links| &links.entries)
        .find(|entry| entry.direct.contains(&(site.file, function)));
    let Some(entry) = entry
        .filter(|entry| matches!(entry.kind, "app-route" | "pages-api"))
        .or_else(|| untouched(site, function))
    else {
        return false;
    };
    let holds = values.into_iter().any(|value| whole_body(site, id, value));
    holds && tell(evidence, site.file, entry)
}

/// The entry of Express that a function answers, where nothing that a request passes before it may look at the body,
/// and it gives the request to nobody who might.
fn untouched<'p>(site: &Site<'p>, function: FunctionId) -> Option<&'p Entry> {
    let express = site.project.express_of(site.file)?;
    let root = (site.file, function);
    let serves = |route: &&Route| route.handler(express).is_some_and(|handler| handler.roots.contains(&root));
    let routes: Vec<&Route> = express.routes.iter().filter(serves).collect();
    let plain = routes.iter().all(|route| {
        let own = route.handler(express).is_some_and(|handler| needs::keeps_request(site.project, handler));
        let before = route.chain.iter().map(|passed| express.handler(passed));
        own && !route.opaque
            && route.url.known
            && before.into_iter().all(|handler| !needs::may_look_at_body(site.project, handler))
    });
    let first = routes.first().filter(|_| plain)?;
    let call = express.layer(first.layer).call;
    let links = site.project.links(call.0)?;
    links.entries.iter().find(|entry| entry.call() == Some(call.1))
}

/// Whether a value is the body as it came: itself, spread, or alone in an array.
fn whole_body(site: &Site<'_>, write: CallId, value: &Shape) -> bool {
    match value {
        Shape::Object(entries) => {
            entries.iter().any(|(key, value)| key == "..." && whole_body(site, write, value))
        }
        Shape::Name(name) => name.local.is_some_and(|local| {
            let chunk = site.chunk_facts();
            let decl = &chunk.decls[local as usize];
            let set_again = chunk.assigns.iter().any(|assign| is_of(&assign.left, local));
            let looked_at = chunk.calls.iter().enumerate().any(|(number, call)| {
                let shown = call.callee.root().is_some_and(|root| root.text == "console");
                number as u32 != write.number
                    && !shown
                    && call.args.iter().any(|it| is_of(it, local))
                    && !covers(call, &chunk.calls[write.number as usize])
            });
            decl.parameter.is_none() && !set_again && !looked_at && is_body(site, &decl.value)
        }),
        other => is_body(site, other),
    }
}

fn covers(outer: &Call, inner: &Call) -> bool {
    outer.at.0.covers(inner.at.0)
}

/// Whether an expression is a local name, or a part of it.
fn is_of(shape: &Shape, local: u32) -> bool {
    match shape {
        Shape::Name(name) => name.local == Some(local),
        Shape::Member(object, _) => is_of(object, local),
        Shape::Object(entries) => entries.iter().any(|(_, value)| is_of(value, local)),
        Shape::Await(inner) => is_of(inner, local),
        _ => false,
    }
}

/// `await request.json()`, `req.body`.
fn is_body(site: &Site<'_>, shape: &Shape) -> bool {
    match shape {
        Shape::Await(inner) => match &**inner {
            Shape::Call(number) => {
                let callee = &site.chunk_facts().calls[*number as usize].callee;
                matches!(callee, Shape::Member(object, method)
                    if method == "json" && is_request(site, object, &["app-route"]))
            }
            _ => false,
        },
        Shape::Member(object, key) => {
            key == "body" && (is_request(site, object, &["pages-api"]) || is_express_request(site, object))
        }
        Shape::Call(number) => {
            // `JSON.parse(req.body)`.
            let call = &site.chunk_facts().calls[*number as usize];
            let symbol = Resolver::new(site.project).symbol(site.file, site.chunk, &call.callee);
            is_named(&symbol, "#JSON.parse") && call.args.first().is_some_and(|it| is_body(site, it))
        }
        _ => false,
    }
}

/// `req`, the first parameter of a handler that an application runs.
fn is_express_request(site: &Site<'_>, shape: &Shape) -> bool {
    parameter(site, shape, 0).is_some_and(|parameter| {
        let function = FunctionId { chunk: site.chunk, number: parameter.of };
        let chunk = site.chunk_facts();
        let named = matches!(shape, Shape::Name(name) if is_request_name(&name.text));
        parameter.position == 0
            && parameter.keys.is_empty()
            && named
            && chunk.functions[parameter.of as usize].length < 4
            && untouched(site, function).is_some()
    })
}
