//! Words about signatures of webhooks, which cover the bytes of a body.

use crate::check::Need;
use crate::facts::{FunctionId, Shape};
use crate::project::express::{Handler, Layer};
use crate::project::{Project, Resolver, Symbol};
use crate::rules::{Condition, Word};

use super::super::{Evidence, Site};
use super::handlers::{is_request, parameter};
use crate::finding::Severity;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "compares-signature",
        0,
        |site, condition, _| compares_signature(site, condition),
        "`(#compares-signature? @at)`: the function around the code reads a header whose name says that it holds a signature",
    ),
    Word::of(
        "of-package",
        1,
        |site, condition, _| {
            let depends = condition.words().any(|name| site.input.package.dependencies.contains(name));
            depends && !matches!(site.symbol(condition), Symbol::Function(..) | Symbol::Module(_))
        },
        "`(#of-package? @callee \"stripe\")`: the project depends on the package, and the callee is no function of its own: for methods whose receiver cannot be followed",
    ),
    Word::of(
        "parsed-body",
        0,
        |site, condition, evidence| {
            let Some(captured) = site.captured(condition) else { return false };
            let shape = site.shape(captured);
            parsed_body(site, &shape, false, 0).is_some_and(|body| tell(evidence, body))
        },
        "`(#parsed-body? @value)`: the value is the request's body after somebody parsed it as JSON, or that written as text again; says in `{what}` how to get the raw one",
    ),
];

/// A body that was parsed.
#[derive(Clone, Copy)]
struct Body {
    by: Parser,
    /// It was made text again, which may happen to be the same as what was sent.
    written_again: bool,
}

#[derive(Clone, Copy)]
enum Parser {
    /// `await request.json()`.
    Handler,
    /// The parser of `pages/api`.
    PagesApi,
    /// `express.json()`.
    Express,
}

fn tell(evidence: &mut Evidence<'_>, body: Body) -> bool {
    let given = if body.written_again {
        evidence.at_most(Severity::Warning);
        "JSON that was parsed and written again, which need not be the bytes that were signed"
    } else {
        "parsed JSON, not the bytes that were signed, so it never matches"
    };
    let remedy = match body.by {
        Parser::Handler => "Read the body once with `await request.text()` and pass that.",
        Parser::PagesApi => {
            "Export `config = { api: { bodyParser: false } }` and read the raw body from the request."
        }
        Parser::Express => {
            "Give this route `express.raw({ type: 'application/json' })`, registered before `express.json()`."
        }
    };
    evidence.set("what", format!("The signature is checked against {given}. {remedy}"));
    true
}

fn parsed_body(site: &Site<'_>, shape: &Shape, written_again: bool, depth: u32) -> Option<Body> {
    if depth > 6 {
        return None;
    }
    let found = |by| Some(Body { by, written_again });
    match shape {
        Shape::Await(inner) => match &**inner {
            Shape::Call(number) => {
                let callee = &site.chunk_facts().calls[*number as usize].callee;
                let Shape::Member(object, method) = callee else { return None };
                (method == "json" && is_app_request(site, object)).then(|| found(Parser::Handler))?
            }
            _ => None,
        },
        Shape::Call(number) => {
            let call = &site.chunk_facts().calls[*number as usize];
            let Symbol::Global(name) =
                Resolver::new(site.project).symbol(site.file, site.chunk, &call.callee)
            else {
                return None;
            };
            let again = match &*name {
                "JSON.stringify" if call.args.len() == 1 => true,
                "Buffer.from" => written_again,
                _ => return None,
            };
            parsed_body(site, call.args.first()?, again, depth + 1)
        }
        Shape::Member(object, key) if key == "body" => {
            if is_request(site, object, &["pages-api"]) {
                return parses_in_pages(site).then(|| found(Parser::PagesApi))?;
            }
            let by_express = is_request(site, object, &["express"]) && parses_in_express(site, object);
            by_express.then(|| found(Parser::Express))?
        }
        Shape::Name(name) => {
            let decl = &site.chunk_facts().decls[name.local? as usize];
            decl.parameter.is_none().then(|| parsed_body(site, &decl.value, written_again, depth + 1))?
        }
        _ => None,
    }
}

/// The request of a route handler, or a parameter that is typed as one.
fn is_app_request(site: &Site<'_>, shape: &Shape) -> bool {
    if is_request(site, shape, &["app-route"]) {
        return true;
    }
    let Some(parameter) = parameter(site, shape, 0).filter(|parameter| parameter.keys.is_empty()) else {
        return false;
    };
    let mut decls = site.chunk_facts().decls.iter();
    let decl = decls.find(|decl| decl.parameter.as_ref() == Some(parameter));
    let annotation = decl.and_then(|decl| decl.annotation.as_deref());
    annotation.is_some_and(|annotation| matches!(annotation, "Request" | "NextRequest"))
}

/// Whether the parser of `pages/api` is on for the file.
fn parses_in_pages(site: &Site<'_>) -> bool {
    let facts = &site.input.facts;
    // What is not written out, or comes from another file, may switch it off.
    let Some((_, export)) = facts.export("config") else { return true };
    let Some((_, decl)) = facts.binding(&export.name) else { return false };
    let Shape::Object(entries) = &decl.value else { return false };
    if entries.iter().any(|(key, _)| key == "...") {
        return false;
    }
    match decl.value.get("api") {
        None => true,
        Some(api @ Shape::Object(entries)) => {
            !entries.iter().any(|(key, _)| key == "...")
                && matches!(api.get("bodyParser"), None | Some(Shape::Bool(true) | Shape::Object(_)))
        }
        Some(_) => false,
    }
}

/// Whether `express.json()` is what reads the body for every route that the handler with this request answers, and
/// keeps nothing of the bytes.
fn parses_in_express(site: &Site<'_>, request: &Shape) -> bool {
    let Some(parameter) = parameter(site, request, 0) else { return false };
    let root = (site.file, FunctionId { chunk: site.chunk, number: parameter.of });
    let Some(express) = site.project.express_of(site.file) else { return false };
    let mut routes = express
        .routes
        .iter()
        .filter(|route| express.layer(route.layer).handlers.iter().any(|it| it.roots.contains(&root)))
        .peekable();
    routes.peek().is_some()
        && routes.all(|route| {
            let first = route.chain.iter().find(|it| Need::Body.is_met_by(express.handler(it)));
            route.ordered
                && !route.opaque
                && first.is_some_and(|passed| {
                    passed.covers_all
                        && !passed.maybe
                        && is_json(express.handler(passed))
                        && forgets_bytes(site.project, express.layer(passed.layer))
                })
        })
}

fn is_json(handler: &Handler) -> bool {
    handler.package.as_ref().is_some_and(|(specifier, export)| {
        matches!(specifier.as_str(), "express" | "body-parser")
            && export.strip_prefix("default.").unwrap_or(export) == "json"
    })
}

/// Whether the parser of a layer is made where it is registered, without `verify`, and for what is sent as JSON.
fn forgets_bytes(project: &Project, layer: &Layer) -> bool {
    let (file, id) = layer.call;
    let Some(input) = project.file(file) else { return false };
    let facts = &input.facts;
    let chunk = &facts.chunks[id.chunk as usize].facts;
    let mut parsers = facts.call(id).args.iter().filter_map(|argument| {
        let number = match argument {
            Shape::Call(number) => *number,
            Shape::Name(name) if name.local.is_none() => match &facts.binding(&name.text)?.1.value {
                // In a statement of its own its options are not looked at.
                Shape::Call(_) => return Some(false),
                _ => return None,
            },
            _ => return None,
        };
        let call = &chunk.calls[number as usize];
        (call.callee.last() == Some("json")).then(|| match call.args.first() {
            None => true,
            Some(Shape::Object(entries)) => {
                !entries.iter().any(|(key, _)| matches!(&**key, "verify" | "type" | "..."))
            }
            Some(_) => false,
        })
    });
    parsers.next().is_some_and(|first| first && parsers.all(|it| it))
}

/// Whether the function around a place, or one around that, reads a header that holds a signature.
fn compares_signature(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let chunk = site.chunk_facts();
    let Some(mut function) = chunk.function_at(captured.at.start) else { return false };
    while let Some(parent) = chunk.functions[function as usize].parent {
        function = parent;
    }
    let around = chunk.functions[function as usize].at.0;
    let names_signature = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("signature") || text.contains("hmac")
    };
    let header = |shape: &Shape| {
        matches!(shape, Shape::Member(object, key)
            if names_signature(key) && object.last() == Some("headers"))
    };
    let asks = chunk.calls.iter().filter(|call| around.covers(call.at.0)).any(|call| {
        let get = matches!(&call.callee, Shape::Member(_, method) if matches!(&**method, "get" | "header"));
        (get && call.args.first().and_then(Shape::text).is_some_and(names_signature))
            || call.args.iter().any(header)
    });
    asks || chunk.decls.iter().filter(|decl| around.covers(decl.at.0)).any(|decl| header(&decl.value))
}
