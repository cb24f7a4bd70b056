//! Words about what Next.js gives to a route and what it makes of the file.

use crate::facts::{ChunkFacts, FunctionId, Shape};
use crate::finding::{Related, Severity};
use crate::form::{NEVER, READS};
use crate::project::{Layer, Resolver, Symbol, routes};
use crate::rules::{Condition, Word};
use crate::syntax::Grammar;

use super::super::{Evidence, Site};
use super::handlers::{entry_of, parameter, tell};
use super::values::is_named;
use super::{list, spoken_version};

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "comes-back",
        0,
        |site, condition, _| comes_back(site, condition),
        "`(#comes-back? @function)`: nothing that the function calls is known, or looks as if, it never returns",
    ),
    Word::about(
        "gives-promises",
        0,
        |site, _, evidence| gives_promises(site, evidence),
        "`(#gives-promises?)`: Next.js is installed in a version that gives `params`, `cookies()` and their like as promises; says in `{what}` what becomes of one that nobody waits for",
    ),
    Word::of(
        "in-plain-handler",
        1,
        |site, condition, evidence| {
            let found = site
                .captured(condition)
                .and_then(|it| site.function_at(it.at.start))
                .and_then(|function| entry_of(site, condition, function));
            found.is_some_and(|(file, entry, direct)| direct && tell(evidence, file, entry))
        },
        "`(#in-plain-handler? @at \"app-route\")`: the innermost function around the code is one that the framework itself calls, with nothing wrapped around it",
    ),
    Word::of(
        "lost-response",
        0,
        |site, condition, _| loses_response(site, condition),
        "`(#lost-response? @function)`: another pattern of the rule finds a response in the function, `@callee`, that nothing is done with",
    ),
    Word::of(
        "node-response",
        1,
        node_response,
        "`(#node-response? @parameter \"app-route\")`: the handler's second parameter is typed or used as a response of Node.js: `res.status(200)`",
    ),
    Word::of(
        "node-style",
        0,
        |site, condition, _| is_node_style(site, condition),
        "`(#node-style? @at)`: the function, or the one around the code, has a second parameter that is typed or used as a response of Node.js",
    ),
    Word::about(
        "page-config",
        1,
        |site, condition, _| condition.words().any(|word| has_config(site, word)),
        "`(#page-config? \"api.externalResolver=true\" \"runtime=edge\")`: the file's `export const config` has one of these values",
    ),
    Word::of(
        "promised",
        1,
        promised,
        "`(#promised? @value \"app-route\" \"page\")`: the expression is the `params` or `searchParams` that Next.js gives as a promise",
    ),
    Word::of(
        "read-first",
        0,
        read_first,
        "`(#read-first? @call)`: shows the first call in the function that reads the same body",
    ),
    Word::of(
        "unknown-segment",
        1,
        unknown_segment,
        "`(#unknown-segment? @params \"app-route\")`: the expression is the route's `params`, awaited or not, and `@at` names no dynamic segment of the file's path",
    ),
];

/// Names that functions bear which throw for others.
const THROWS: &[&str] = &[
    "throw",
    "fail",
    "abort",
    "assert",
    "exit",
    "die",
    "raise",
    "bail",
    "panic",
    "reject",
    "redirect",
    "notfound",
    "forbidden",
    "unauthorized",
    "invariant",
    "unreachable",
    "rethrow",
];

fn may_throw_by_name(name: &str) -> bool {
    let name = name.to_lowercase();
    NEVER.iter().any(|never| never.eq_ignore_ascii_case(&name)) || THROWS.iter().any(|it| name.contains(it))
}

fn comes_back(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(function) = site.function(condition) else { return false };
    let mut resolver = Resolver::new(site.project);
    let own = site.chunk_facts().calls.iter().filter(|call| call.function == Some(function.number));
    for call in own.filter(|call| !call.is_new) {
        let returns = match resolver.symbol(site.file, site.chunk, &call.callee) {
            Symbol::Function(file, id) => {
                site.project.file(file).is_some_and(|input| !input.facts.function(id).never_returns)
            }
            Symbol::External { export, .. } => {
                !may_throw_by_name(export.rsplit('.').next().unwrap_or_default())
            }
            // `next()` of Express is given and comes back.
            Symbol::Unknown if matches!(&call.callee, Shape::Name(name) if name.text != "next") => false,
            _ => !call.callee.last().is_some_and(may_throw_by_name),
        };
        if !returns {
            return false;
        }
    }
    true
}

/// The makers of responses, as [`is_named`] takes them.
const RESPONSES: &[&str] = &["next/server#NextResponse*", "#Response*"];

fn loses_response(site: &Site<'_>, condition: &Condition) -> bool {
    let Some(function) = site.function(condition) else { return false };
    let compiled = site.project.catalogue().compiled(Grammar::of(&site.input.path));
    let rule = |pattern: u32| Some(compiled.patterns.get(pattern as usize)?.rule);
    site.chunk_facts().matches.iter().any(|other| {
        let callee = site.named(other, "callee");
        callee.is_some_and(|callee| {
            let symbol = Resolver::new(site.project).symbol(
                site.file,
                site.chunk,
                &site.chain(&callee.text, callee.at.start),
            );
            rule(other.pattern) == rule(site.matched.pattern)
                && site.function_at(callee.at.start) == Some(function)
                && RESPONSES.iter().any(|word| is_named(&symbol, word))
        })
    })
}

fn gives_promises(site: &Site<'_>, evidence: &mut Evidence<'_>) -> bool {
    let Some(version) = evidence.package().versions.get("next") else { return false };
    let what = match version.major {
        ..15 => return false,
        15 => {
            // The build refuses what is typed the old way; in JavaScript it goes on working.
            let typed = matches!(site.input.path.extension(), "ts" | "tsx");
            evidence.at_most(if typed { Severity::Warning } else { Severity::Information });
            format!("{} only tolerates it until the next major version", spoken_version("next", version))
        }
        _ => format!("what is read from it is undefined in {}", spoken_version("next", version)),
    };
    evidence.set("what", what);
    // What is taken apart where it is given is called by its key.
    let at = site.captured_as("at").filter(|at| !at.text.starts_with('{'));
    if let Some(named) = at.or_else(|| site.captured_as("name")) {
        evidence.set("name", &*named.text);
    }
    true
}

/// What an Express or Pages Router handler calls on its response.
const RESPONSE: &[&str] = &[
    "status",
    "json",
    "send",
    "sendStatus",
    "sendFile",
    "end",
    "setHeader",
    "writeHead",
    "write",
    "redirect",
    "cookie",
];

fn node_response(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let Some(local) = site.chunk_facts().local(&captured.text, captured.at.start) else { return false };
    let Some(parameter) = &site.chunk_facts().decls[local as usize].parameter else { return false };
    let function = FunctionId { chunk: site.chunk, number: parameter.of };
    let Some((file, entry, true)) = entry_of(site, condition, function) else { return false };
    is_response_parameter(site, local) && tell(evidence, file, entry)
}

/// Whether the function around a place has a second parameter that is a response of Node.js.
fn is_node_style(site: &Site<'_>, condition: &Condition) -> bool {
    let function = site.captured(condition).and_then(|it| site.function_at(it.at.start));
    let decls = &site.chunk_facts().decls;
    function.is_some_and(|function| {
        (0..decls.len() as u32).any(|local| {
            let of = decls[local as usize].parameter.as_ref().map(|parameter| parameter.of);
            of == Some(function.number) && is_response_parameter(site, local)
        })
    })
}

/// Whether a declaration is a second parameter that is typed or used as a response of Node.js.
fn is_response_parameter(site: &Site<'_>, local: u32) -> bool {
    let chunk = site.chunk_facts();
    let decl = &chunk.decls[local as usize];
    if !decl.parameter.as_ref().is_some_and(|it| it.position == 1 && it.keys.is_empty()) {
        return false;
    }
    let typed = decl.annotation.as_deref().is_some_and(|annotation| is_node_response(site, annotation));
    typed
        || chunk.calls.iter().any(|call| match &call.callee {
            Shape::Member(object, method) => {
                matches!(&**object, Shape::Name(name) if name.local == Some(local))
                    && RESPONSE.contains(&method.as_str())
            }
            _ => false,
        })
}

/// `NextApiResponse<Data>`, `express.Response`, `ServerResponse`, by what the name is imported from.
fn is_node_response(site: &Site<'_>, annotation: &str) -> bool {
    let name = annotation.split('<').next().unwrap_or_default().trim();
    let (root, last) = (name.split('.').next().unwrap_or_default(), name.rsplit('.').next());
    let from = site.input.facts.import(root).map(|import| import.specifier.trim_start_matches("node:"));
    matches!(
        (from, last),
        (Some("next"), Some("NextApiResponse"))
            | (Some("express"), Some("Response"))
            | (Some("http"), Some("ServerResponse"))
    )
}

fn has_config(site: &Site<'_>, word: &str) -> bool {
    let Some((path, wanted)) = word.split_once('=') else { return false };
    let Some((_, decl)) = site.input.facts.binding("config") else { return false };
    let mut value = &decl.value;
    for key in path.split('.') {
        match value.get(key) {
            Some(inner) => value = inner,
            None => return false,
        }
    }
    match value {
        Shape::Bool(value) => wanted == if *value { "true" } else { "false" },
        value => value.text() == Some(wanted),
    }
}

/// Whether an expression is the `params` or `searchParams` of a handler or page; `awaited` where it may be what
/// an `await` gave.
fn given<'p>(
    site: &Site<'p>,
    condition: &Condition,
    shape: &Shape,
    awaited: bool,
    depth: u32,
) -> Option<(crate::project::FileNo, &'p crate::project::Entry)> {
    if depth > 4 {
        return None;
    }
    let is_params = |key: &str| matches!(key, "params" | "searchParams");
    match shape {
        Shape::Await(inner) if awaited => given(site, condition, inner, awaited, depth + 1),
        Shape::Name(name) => {
            let decl = &site.chunk_facts().decls[name.local? as usize];
            match &decl.parameter {
                Some(parameter) => match parameter.keys.as_slice() {
                    [key] if is_params(key) => context(site, condition, parameter),
                    _ => None,
                },
                None => given(site, condition, &decl.value, awaited, depth + 1),
            }
        }
        Shape::Member(object, key) if is_params(key) => {
            let parameter = parameter(site, object, 0)?;
            parameter.keys.is_empty().then(|| context(site, condition, parameter)).flatten()
        }
        _ => None,
    }
}

/// The entry whose context, `{ params }`, a parameter is.
fn context<'p>(
    site: &Site<'p>,
    condition: &Condition,
    parameter: &crate::facts::Parameter,
) -> Option<(crate::project::FileNo, &'p crate::project::Entry)> {
    let function = FunctionId { chunk: site.chunk, number: parameter.of };
    let (file, entry, direct) = entry_of(site, condition, function)?;
    let position = match (entry.kind, entry.layer) {
        ("app-route", _) => 1,
        ("page", Layer::Pages) => {
            let stem = site.project.file(file)?.path.stem();
            let has_props = matches!(stem, "page" | "layout" | "default");
            // `generateStaticParams` is given plain objects.
            let promised =
                matches!(entry.export(), Some("default" | "generateMetadata" | "generateViewport"));
            if !has_props || !promised {
                return None;
            }
            0
        }
        _ => return None,
    };
    (direct && parameter.position == position).then_some((file, entry))
}

fn promised(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    // A parameter taken apart further: `{ params: { id } }`.
    let inside = site.chunk_facts().decls.iter().find_map(|decl| {
        let parameter = decl.parameter.as_ref()?;
        let apart = captured.at.start <= decl.at.0.start && decl.at.0.end <= captured.at.end;
        let [key, _, ..] = parameter.keys.as_slice() else { return None };
        (apart && matches!(&**key, "params" | "searchParams")).then(|| context(site, condition, parameter))?
    });
    let found = inside.or_else(|| given(site, condition, &site.shape(captured), false, 0));
    found.is_some_and(|(file, entry)| tell(evidence, file, entry))
}

fn read_first(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(id) = site.call(condition) else { return false };
    let chunk: &ChunkFacts = site.chunk_facts();
    let call = &chunk.calls[id.number as usize];
    let (Shape::Member(body, _), Some(start)) =
        (&call.callee, site.input.facts.chunks.get(id.chunk as usize))
    else {
        return false;
    };
    let first = chunk.calls.iter().find(|other| {
        other.function == call.function
            && matches!(&other.callee, Shape::Member(object, method)
                if object == body && READS.contains(&method.as_str()))
    });
    let Some(first) = first.filter(|first| first.at != call.at) else { return false };
    evidence.relate([Related {
        path: site.input.path.clone(),
        span: first.at.0.shift(start.start),
        message: "the body is read here first".to_owned(),
    }]);
    true
}

fn unknown_segment(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(captured) = site.captured(condition) else { return false };
    let Some(key) = site.captured_as("at") else { return false };
    let mut text = captured.text.trim();
    let mut shape = site.shape(captured);
    if shape == Shape::Other {
        text = text.trim_matches(['(', ')']).trim();
        let bare = text.strip_prefix("await ").map_or(text, str::trim);
        shape = site.chain(bare, captured.at.start);
    }
    let Some((file, entry)) = given(site, condition, &shape, true, 0) else { return false };
    let Some(url) = site.input.package.next.as_ref().and_then(|next| routes::url(next, &site.input.path))
    else {
        return false;
    };
    let names = routes::segments(&url);
    if names.contains(&&*key.text) {
        return false;
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
    evidence.set("path", format!("`{url}`"));
    evidence.set(
        "what",
        match quoted.as_slice() {
            [] => "has no dynamic segment".to_owned(),
            names => format!("gives {} only", list(names)),
        },
    );
    tell(evidence, file, entry)
}
