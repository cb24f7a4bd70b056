//! Words about Express: its applications and routers, what its handlers are given, the paths it reads.

mod application;
mod body;
mod hardening;
mod limits;
mod paths;

use crate::facts::{ChunkFacts, FunctionId, Parameter, Shape};
use crate::form::express::{is_error_name, is_request_name, is_response_name};
use crate::rules::{Condition, Word};

use super::super::Site;
use super::handlers::{entry_at, parameter};

pub(crate) use paths::written_path;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::about(
        "depends-on",
        1,
        |site, condition, _| condition.words().any(|name| site.input.package.dependencies.contains(name)),
        "`(#depends-on? \"helmet\")`: `package.json` names one of these packages",
    ),
    Word::of(
        "express-app",
        0,
        |site, condition, _| application::is_captured(site, condition),
        "`(#express-app? @object)`: the value is an Express application or router, or what `.route(…)` of one gives; also a parameter that is typed as one or is given one",
    ),
    Word::of(
        "express-request",
        0,
        |site, condition, _| is_given(site, condition, false),
        "`(#express-request? @value)`: the value is the request that Express gives to a handler, or a parameter typed as one",
    ),
    Word::of(
        "express-response",
        0,
        |site, condition, _| is_given(site, condition, true),
        "`(#express-response? @value)`: the value is the response that Express gives to a handler, a parameter typed as one, or what its chainable methods give: `res.status(201)`",
    ),
    Word::about(
        "limits-by-address",
        0,
        |site, _, _| limits::by_address(site),
        "`(#limits-by-address?)`: the package makes a limiter of `express-rate-limit` that counts by the address of the client",
    ),
    Word::of(
        "next-segment",
        0,
        paths::is_next_segment,
        "`(#next-segment? @path)`: the path of a route, in the call captured as `@call`, has a parameter in the way of Next.js, `/users/[id]`; says in `{what}` what it is and in `{remedy}` what to write",
    ),
    Word::of(
        "open-app",
        1,
        hardening::is_open,
        "`(#open-app? @call \"headers\")`: the call makes an Express application that a host gives to everybody, to be seen in a browser, and nothing sets the headers of `helmet`; `powered-by`: nor turns `x-powered-by` off",
    ),
    Word::about(
        "proxy-trusted",
        0,
        |site, _, _| limits::trusts_proxy(site),
        "`(#proxy-trusted?)`: somewhere in the package `trust proxy` is set, or not all of its files are known",
    ),
    Word::about(
        "query-parser-set",
        0,
        |site, _, _| sets_query_parser(site),
        "`(#query-parser-set?)`: somewhere in the package `app.set(\"query parser\", …)` is called, or not all of its files are known",
    ),
    Word::of(
        "refused-path",
        0,
        paths::is_refused,
        "`(#refused-path? @path)`: Express 5 throws when this path is registered, in the call captured as `@call`; says in `{what}` why and in `{remedy}` what to write",
    ),
    Word::of(
        "registers",
        0,
        |site, condition, _| {
            let registered = |call| Some(site.project.express_of(site.file)?.registered(site.file, call));
            site.call(condition).and_then(registered).is_some_and(|layers| !layers.is_empty())
        },
        "`(#registers? @call)`: the call registers something on an Express application or router",
    ),
    Word::of(
        "serves-sources",
        0,
        hardening::serves_sources,
        "`(#serves-sources? @call)`: the call is given the folder that the code stands in, or the one that the process is started in",
    ),
    Word::of(
        "unlimited",
        0,
        limits::is_unlimited,
        "`(#unlimited? @call)`: the call registers a route where everything that a request passes is known, and nothing in the package limits how often somebody asks",
    ),
    Word::of(
        "unparsed",
        0,
        body::is_unparsed,
        "`(#unparsed? @body)`: the first look of a route's handler at `req.body`, and no parser runs for the route; says so in `{what}`",
    ),
];

/// Methods of a response that give the response again.
const CHAIN: &[&str] = &[
    "status",
    "set",
    "header",
    "type",
    "contentType",
    "append",
    "cookie",
    "clearCookie",
    "attachment",
    "links",
    "location",
    "vary",
    "send",
    "json",
    "jsonp",
    "sendStatus",
];

fn is_given(site: &Site<'_>, condition: &Condition, response: bool) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let chunk = site.chunk_facts();
    let mut shape = site.shape(captured);
    while let Shape::Call(number) = shape {
        match &chunk.calls[number as usize].callee {
            Shape::Member(object, method) if response && CHAIN.contains(&method.as_str()) => {
                shape = (**object).clone();
            }
            _ => return false,
        }
    }
    parameter(site, &shape, 0).is_some_and(|parameter| is_given_by_express(site, parameter, response))
}

/// Whether Express gives the request, or the response, for a parameter.
fn is_given_by_express(site: &Site<'_>, parameter: &Parameter, response: bool) -> bool {
    let chunk = site.chunk_facts();
    if !parameter.keys.is_empty() {
        return false;
    }
    let wanted: &[&str] = if response { &["Response"] } else { &["Request"] };
    if let Some(is_it) = is_typed(site, parameter, wanted) {
        return is_it;
    }
    let function = FunctionId { chunk: site.chunk, number: parameter.of };
    let Some((_, entry, direct)) = entry_at(site, function) else { return false };
    if entry.kind != "express" {
        return false;
    }
    let names = names(chunk, parameter.of);
    let name = |position: usize| names.get(position).copied().unwrap_or_default();
    // `(error, req, res, next)`; of four parameters that begin with the request the last is that of `param`.
    let shift = usize::from(names.len() == 4 && (is_error_name(name(0)) || !is_request_name(name(0))));
    let fits = parameter.position as usize == shift + usize::from(response);
    fits && (direct || is_request_name(name(shift)) && is_response_name(name(shift + 1)))
}

/// The names of a function's parameters by their position; empty for patterns.
fn names(chunk: &ChunkFacts, function: u32) -> Vec<&str> {
    let mut names = Vec::new();
    for decl in &chunk.decls {
        let Some(parameter) = decl.parameter.as_ref().filter(|it| it.of == function) else { continue };
        let at = parameter.position as usize;
        if names.len() <= at {
            names.resize(at + 1, "");
        }
        if parameter.keys.is_empty() {
            names[at] = &decl.name;
        }
    }
    names
}

/// Whether a parameter's type is one of these of Express; `None` where it has no type.
pub(super) fn is_typed(site: &Site<'_>, parameter: &Parameter, wanted: &[&str]) -> Option<bool> {
    let mut decls = site.chunk_facts().decls.iter();
    let decl = decls.find(|decl| decl.parameter.as_ref() == Some(parameter))?;
    let annotation = decl.annotation.as_deref()?;
    if matches!(annotation, "any" | "unknown") {
        return None;
    }
    let name = annotation.split('<').next().unwrap_or_default().trim();
    let (root, last) =
        (name.split('.').next().unwrap_or_default(), name.rsplit('.').next().unwrap_or_default());
    let import = site.input.facts.import(root)?;
    let from = matches!(&*import.specifier, "express" | "express-serve-static-core");
    let exported = match &import.imported {
        crate::facts::Imported::Name(exported) if root == last => exported.as_str(),
        _ => last,
    };
    Some(from && wanted.contains(&exported))
}

fn sets_query_parser(site: &Site<'_>) -> bool {
    limits::sets(site, "query parser")
}
