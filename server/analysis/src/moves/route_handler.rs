//! An API route of the Pages Router that becomes a Route Handler: the file that serves the same URL in `app`.

use std::sync::Arc;

use super::new_file::{NewFile, is_default};
use super::web::{self, Ground, Manner, Segment, Trouble};
use super::{Move, Refusal, Route};
use crate::document::Document;
use crate::facts::Shape;
use crate::finding::Edit;
use crate::fix::code::{Code, only_declarator};
use crate::form;
use crate::path::FilePath;
use crate::project::routes::{self, Role};
use crate::project::{Resolution, runtime};
use crate::syntax::Node;
use crate::text::Span;

/// Turns an API route into a Route Handler.
pub(super) fn carry_out(route: &Route<'_>) -> Result<Move, Refusal> {
    judge(route)?;
    let place = place(route)?;
    let config = Config::read(route)?;
    let code = route.code;
    let found = default_export(route)?;
    let elsewhere = |specifier: &str, name: &str| exporting(route, specifier, name);
    let ground = Ground {
        manner: Manner::Pages,
        style: code.style(),
        segments: segments(&route.url),
        waits: waits(route),
        parses_body: config.parses_body,
        limit: config.limit.clone(),
        base_path: route.input.package.next.as_ref().is_some_and(|next| !next.base_path.is_empty()),
        elsewhere: &elsewhere,
    };
    let told = |trouble: Trouble| Refusal::new(&route.input.path, trouble.span, trouble.reason);
    let converted = web::convert(code, found, &ground).map_err(told)?;
    let (text, at) = converted.finish();
    let document = Document::new(route.input.path.clone(), 0, text);
    let exported = web::exported(&converted, &document, at).map_err(told)?;
    let file = NewFile {
        path: &route.input.path,
        before: code,
        package: &route.input.package,
        place: &place,
        fresh: false,
    };
    let text = file.text(&converted, &document, &exported, &config.options)?;
    let mut edits: Vec<Edit> = converted.twins().iter().filter_map(|twin| twin.edit.clone()).collect();
    let whole = Span::new(0, code.text.len() as u32);
    edits.push(Edit::replace(route.input.path.clone(), whole, text));
    edits.push(Edit::rename(route.input.path.clone(), place.clone()));
    edits.extend(file.helper(route.sources, converted.needs)?);
    edits.sort();
    Ok(Move {
        title: format!("Turn {} into a Route Handler", route.url),
        edits,
        left: left(route, converted.needs, exported.unanswered),
    })
}

/// What keeps the file where it is, whatever stands in the handler.
pub(super) fn judge(route: &Route<'_>) -> Result<(), Refusal> {
    let input = route.input;
    if !route.pages {
        return route.refuse(Span::default(), "This is a Route Handler already.");
    }
    let version = input.package.versions.get("next");
    if version.is_some_and(|it| (it.major, it.minor) < (13, 4)) {
        return route
            .refuse(Span::default(), "Route Handlers are stable from Next.js 13.4 on: update it first.");
    }
    let Some(next) = &input.package.next else { return Ok(()) };
    if next.app_dir.is_none() {
        let reason = "The app has no `app` folder, and with one its page for 404 is no longer that of `pages`: make one with a layout and a `not-found` first.";
        return route.refuse(Span::default(), reason);
    }
    if next.cache_components {
        let reason = "With `cacheComponents` a GET that reads nothing of the request is answered when the app is built.";
        return route.refuse(Span::default(), reason);
    }
    if runtime(input).is_some_and(|runtime| runtime.contains("edge")) {
        let reason = "The handler runs on the edge runtime, where it is one of the web already: export it under the names of its methods.";
        return route.refuse(exported_at(route, "config"), reason);
    }
    for file in route.project.numbers().filter(|file| *file != route.file) {
        let Some(other) = route.project.file(file) else { continue };
        if other.resolutions.contains(&Resolution::File(input.path.clone())) {
            let reason = format!(
                "This file imports {}, which goes: put what it takes from there into a module of its own.",
                input.path.file_name()
            );
            return Err(Refusal::new(&other.path, Span::default(), reason));
        }
    }
    Ok(())
}

fn exported_at(route: &Route<'_>, name: &str) -> Span {
    let facts = &route.input.facts;
    facts.export(name).map_or(Span::default(), |(chunk, export)| facts.span(chunk, export.at))
}

/// Whether the parameters of a path are a promise. Where the version is not known, the newest is meant.
fn waits(route: &Route<'_>) -> bool {
    route.input.package.major("next").is_none_or(|major| major >= 15)
}

/// The dynamic segments of a URL.
pub(super) fn segments(url: &str) -> Vec<Segment> {
    url.split('/')
        .filter(|it| it.starts_with('['))
        .map(|it| Segment {
            name: it.trim_matches(['[', ']', '.']).to_owned(),
            several: it.contains("..."),
            optional: it.starts_with("[["),
        })
        .collect()
}

/// The file that serves the same URL in `app`.
fn place(route: &Route<'_>) -> Result<FilePath, Refusal> {
    let unknown =
        || Refusal::new(&route.input.path, Span::default(), "The file is outside the folder of routes.");
    let next = route.input.package.next.as_ref().ok_or_else(unknown)?;
    let (app, pages) = next.app_dir.as_ref().zip(next.pages_dir.as_ref()).ok_or_else(unknown)?;
    let inside = route.input.path.strip(pages).ok_or_else(unknown)?;
    let extension = next
        .page_extensions
        .iter()
        .filter(|it| inside.ends_with(&format!(".{it}")))
        .max_by_key(|it| it.len())
        .ok_or_else(unknown)?;
    let stem = inside.strip_suffix(&format!(".{extension}")).unwrap_or(inside);
    let folder = stem.strip_suffix("/index").unwrap_or(stem);
    let place = app.join(&format!("{folder}/route.{extension}"));
    if routes::role(next, &place) != Role::RouteHandler
        || routes::url(next, &place).as_ref() != Some(&route.url)
    {
        let reason = "In `app` a folder of this name means something else: the URL would be another one.";
        return route.refuse(Span::default(), reason);
    }
    for extension in &next.page_extensions {
        for name in ["route", "page"] {
            let there = app.join(&format!("{folder}/{name}.{extension}"));
            if route.text(&there).is_some() {
                return Err(Refusal::new(&there, Span::default(), "This file serves the same URL already."));
            }
        }
    }
    other_names(route, app)?;
    Ok(place)
}

/// Within `app`, a segment may have one name only.
fn other_names(route: &Route<'_>, app: &FilePath) -> Result<(), Refusal> {
    for endpoint in route.project.routes() {
        if endpoint.path.strip(app).is_none() {
            continue;
        }
        if let Some(reason) = other_name(&route.url, &endpoint.url) {
            return Err(Refusal::new(&endpoint.path, Span::default(), reason));
        }
    }
    Ok(())
}

/// What is wrong where two URLs call the same segment by two names.
pub(super) fn other_name(url: &str, other: &str) -> Option<String> {
    let (own, other) = url.split('/').zip(other.split('/')).find(|(own, other)| own != other)?;
    (own.starts_with('[') && other.starts_with('[')).then(|| {
        format!(
            "This file calls the segment `{other}` that is `{own}` here, and Next.js starts with one name only."
        )
    })
}

/// What `config` of an API route says.
#[derive(Debug)]
struct Config {
    parses_body: bool,
    limit: Option<String>,
    /// Options of a Route Handler in its place.
    options: Vec<(&'static str, String)>,
}

impl Config {
    fn read(route: &Route<'_>) -> Result<Self, Refusal> {
        let mut config = Self { parses_body: true, limit: None, options: Vec::new() };
        let facts = &route.input.facts;
        if facts.export("config").is_none() {
            return Ok(config);
        }
        let unknown = |name: &str| -> Result<Self, Refusal> {
            let reason = format!(
                "What `{name}` of `config` says has no counterpart in a Route Handler, or is not written out."
            );
            route.refuse(exported_at(route, "config"), reason)
        };
        let Some((_, declared)) = facts.binding("config") else { return unknown("config") };
        let Shape::Object(members) = &declared.value else { return unknown("config") };
        for (name, value) in members {
            match (name.as_str(), value) {
                ("maxDuration", Shape::Number(seconds)) => {
                    config.options.push(("maxDuration", seconds.to_string()));
                }
                ("runtime", Shape::Text(name)) if name.as_str() == "nodejs" => {}
                ("regions", Shape::Text(region)) => {
                    let text = route.code.style().string(region);
                    config.options.push(("preferredRegion", text));
                }
                // Route Handlers stream anyway.
                ("supportsResponseStreaming", _) => {}
                ("api", Shape::Object(api)) => {
                    for (name, value) in api {
                        match (name.as_str(), value) {
                            // They are about what Next.js says of a handler's own way to answer.
                            ("externalResolver" | "responseLimit", _) => {}
                            ("bodyParser", Shape::Bool(parses)) => config.parses_body = *parses,
                            ("bodyParser", Shape::Object(parser)) => match parser.as_slice() {
                                [] => {}
                                [(name, Shape::Text(size))] if name.as_str() == "sizeLimit" => {
                                    let Some(limit) = bytes(size) else { return unknown("sizeLimit") };
                                    config.limit = Some(limit);
                                }
                                [(name, Shape::Number(size))] if name.as_str() == "sizeLimit" => {
                                    config.limit = Some(size.to_string());
                                }
                                _ => return unknown("bodyParser"),
                            },
                            _ => return unknown(name),
                        }
                    }
                }
                _ => return unknown(name),
            }
        }
        Ok(config)
    }
}

/// A size such as `4mb` in bytes, as code would write it. `None` for the usual one is no limit of its own.
fn bytes(size: &str) -> Option<String> {
    let size = size.trim().to_lowercase();
    let digits = size.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    digits.parse::<f64>().ok().filter(|it| *it > 0.0)?;
    let times = match size[digits.len()..].trim() {
        "" | "b" => "",
        "kb" => " * 1024",
        "mb" => " * 1024 * 1024",
        "gb" => " * 1024 * 1024 * 1024",
        _ => return None,
    };
    Some(if digits == "1" && !times.is_empty() {
        times.trim_start_matches(" * ").to_owned()
    } else {
        format!("{digits}{times}")
    })
}

/// The function that the file exports as its handler.
fn default_export<'a>(route: &Route<'a>) -> Result<Node<'a>, Refusal> {
    let code = route.code;
    for statement in code.statements() {
        if statement.kind() != "export_statement" || !is_default(code, statement) {
            continue;
        }
        let value = statement.field("declaration").or(statement.field("value"));
        let Some(value) = value.map(form::without_wrapping) else { break };
        if form::is_function(value) {
            return Ok(value);
        }
        if value.kind() == "identifier" {
            let name = code.of(value);
            let declared = code.statements().into_iter().find_map(|it| declared(code, it, name));
            if let Some(function) = declared {
                let uses = code.occurrences(code.root, name).len();
                if uses == 2 {
                    return Ok(function);
                }
                return route.refuse(
                    crate::syntax::span(value),
                    format!("`{name}` is used in this file, too: give it one purpose."),
                );
            }
            return route.refuse(
                crate::syntax::span(value),
                format!("What `{name}` is does not stand in this file."),
            );
        }
        let what = value.field("function").map_or("", |it| code.of(it));
        let reason = if what.is_empty() {
            "The handler is not written out as a function.".to_owned()
        } else {
            format!(
                "The handler is made by `{what}`, which gets its request and response: call what it does from the handler."
            )
        };
        return route.refuse(crate::syntax::span(value), reason);
    }
    route.refuse(Span::default(), "The file exports no handler in the way of `export default function`.")
}

/// Whether a place is in the handler, or where it is exported.
pub(super) fn is_in_handler(route: &Route<'_>, at: u32) -> bool {
    let code = route.code;
    let Ok(function) = default_export(route) else { return false };
    let exported =
        code.statements().into_iter().find(|it| it.kind() == "export_statement" && is_default(code, *it));
    [code.top_level(function), exported].into_iter().flatten().any(|it| code.span(it).touches(at))
}

/// The function that a statement declares under a name.
fn declared<'a>(code: &Code<'a>, statement: Node<'a>, name: &str) -> Option<Node<'a>> {
    if statement.kind() == "function_declaration" {
        return statement.field("name").filter(|it| code.of(*it) == name).map(|_| statement);
    }
    let declarator = matches!(statement.kind(), "lexical_declaration" | "variable_declaration")
        .then(|| only_declarator(statement))??;
    declarator.field("name").filter(|it| code.of(*it) == name)?;
    declarator.field("value").map(form::without_wrapping).filter(|it| form::is_function(*it))
}

/// The file of the project that a specifier names, where it is one of the app's own.
fn exporting(route: &Route<'_>, specifier: &str, _name: &str) -> Option<Arc<Document>> {
    let Some(Resolution::File(path)) = route.project.resolution(route.file, specifier) else { return None };
    let input = route.project.file(route.project.number(path)?)?;
    (input.package.root.as_ref() == Some(&route.root)).then(|| route.sources.document(path))?
}

/// What is to be known of it.
fn left(route: &Route<'_>, needs: web::Needs, unanswered: bool) -> Vec<String> {
    let mut out = Vec::new();
    if unanswered {
        out.push("Methods that nobody answered so far, so that who asked waited, get 405 now.".to_owned());
    }
    if needs.first_of_several {
        out.push("Where a parameter of the query is given several times, the first one counts.".to_owned());
    }
    if needs.session {
        out.push(
            "`getServerSession` reads the session and no longer renews its cookie here: `/api/auth/session` does, which \
             pages ask."
                .to_owned(),
        );
    }
    let globs = route.input.package.vercel.iter().flat_map(|it| &it.functions).map(|it| it.glob.as_str());
    let about: Vec<String> = globs.filter(|it| it.contains("pages/")).map(|it| format!("`{it}`")).collect();
    if !about.is_empty() {
        out.push(format!(
            "`vercel.json` sets limits for {}: see whether they are meant for this route.",
            about.join(", ")
        ));
    }
    out
}
