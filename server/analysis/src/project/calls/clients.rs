//! What makes requests: globals of the browser, libraries, elements. Names are resolved; a `fetch` that the code
//! declares itself is none.

use compact_str::CompactString;

use super::url::{Origin, Part, Texts, is_global, place};
use super::wrappers::Wrappers;
use super::{Client, ClientCall, Place};
use crate::facts::{Call, CallId, Element, FunctionId, Shape};
use crate::project::routes::address::HOLE;
use crate::project::routes::{Role, role};
use crate::project::{FileNo, Resolver, Symbol};

/// Names under which requests are made: what is called by another name is no client, or a function of the project.
const NAMES: &[&str] = &[
    "$fetch",
    "EventSource",
    "WebSocket",
    "agent",
    "assign",
    "axios",
    "del",
    "delete",
    "fetch",
    "fetchEventSource",
    "get",
    "got",
    "head",
    "ky",
    "ofetch",
    "open",
    "options",
    "patch",
    "post",
    "prefetch",
    "push",
    "put",
    "replace",
    "request",
    "sendBeacon",
];

/// Packages whose functions make requests, with the option that holds the beginning of URLs.
const LIBRARIES: &[(&str, &str)] = &[
    ("axios", "baseURL"),
    ("got", "prefixUrl"),
    ("ky", "prefixUrl"),
    ("ofetch", "baseURL"),
    ("ohmyfetch", "baseURL"),
];

/// Among more texts than these nobody chooses in one expression.
const MOST_TEXTS: usize = 6;

/// A request, before its place is known.
pub(super) struct Asked {
    pub(super) by: Client,
    pub(super) method: Method,
    pub(super) parts: Vec<Part>,
    /// The argument with the URL; with `true` it is the `url` of an object.
    pub(super) argument: (u32, bool),
    pub(super) based: bool,
}

/// The method of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Is(CompactString),
    /// What the options at this position of the function in question say; else this one.
    Given(u32, CompactString),
    /// What the function in question is given at this position.
    Argument(u32),
    Unknown,
}

impl Method {
    pub(super) fn known(self) -> Option<CompactString> {
        match self {
            Method::Is(method) => Some(method),
            Method::Given(..) | Method::Argument(_) | Method::Unknown => None,
        }
    }
}

/// The requests that a statement makes: calls, then elements, each in source order.
pub(in crate::project) fn requests(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk: u32,
    out: &mut Vec<ClientCall>,
) {
    let Some(input) = resolver.project_file(file) else { return };
    let facts = &*input.facts.chunks[chunk as usize].facts;
    // What the server of the project itself renders asks for nothing by being a route.
    if input.package.next.as_ref().is_some_and(|next| role(next, &input.path) == Role::Proxy) {
        return;
    }
    let first = out.len();
    // Of this statement alone: what is known of functions that call each other depends on which is asked first.
    let mut wrappers = Wrappers::default();
    for (number, call) in (0..).zip(&facts.calls).filter(|(_, call)| may_ask(call)) {
        let id = CallId { chunk, number };
        let whole = client_call(resolver, &mut wrappers, file, id, call);
        // What is told of all sides at once is a path with nothing unknown in it.
        if whole.as_ref().is_none_or(|it| it.path.is_empty() || it.path.contains(HOLE)) {
            let mut several: Vec<ClientCall> = Vec::new();
            for one in alternatives(call) {
                let found = client_call(resolver, &mut wrappers, file, id, &one);
                several.extend(found.filter(|it| !several.contains(it)));
            }
            if !several.is_empty() {
                out.extend(several);
                continue;
            }
        }
        out.extend(whole);
    }
    for (number, element) in (0..).zip(&facts.elements) {
        let mut texts = Texts::new(&mut *resolver, None);
        if let Some(mut found) = leads(&mut texts, file, chunk, element) {
            found.place = Place::Element(chunk, number);
            out.push(found);
        }
    }
    // A path without a word leads everywhere.
    let asks = |it: &ClientCall| it.origin != Origin::External && it.path.contains(char::is_alphanumeric);
    let added = out.split_off(first);
    out.extend(added.into_iter().filter(asks));
}

/// The request that a call is.
fn client_call(
    resolver: &mut Resolver<'_>,
    wrappers: &mut Wrappers,
    file: FileNo,
    id: CallId,
    call: &Call,
) -> Option<ClientCall> {
    let of = call.function.map(|function| (file, id.chunk, function));
    let mut texts = Texts::new(resolver, of);
    let asked = asked(&mut texts, file, id, call).or_else(|| wrappers.asked(&mut texts, file, id, call))?;
    if hands_on(&asked.parts) {
        return None;
    }
    let (origin, path) = place(&asked.parts)?;
    let (argument, inside) = asked.argument;
    Some(ClientCall {
        place: if inside { Place::Options(id, argument) } else { Place::Argument(id, argument) },
        by: asked.by,
        method: asked.method.known(),
        origin,
        path,
        function: call.function.map(|number| FunctionId { chunk: id.chunk, number }),
        based: asked.based,
    })
}

/// A call once for each of the texts between which its URL is chosen: `fetch(all ? "/api/users" : "/api/users/me")`.
/// None where its URL is one text, or is not chosen from texts alone.
fn alternatives(call: &Call) -> Vec<Call> {
    let url = |shape: &Shape| match shape {
        Shape::Array(items) => items.first().cloned(),
        Shape::Object(_) => shape.get("url").cloned(),
        shape => Some(shape.clone()),
    };
    let Some(Shape::Either(sides)) = call.args.first().and_then(url) else { return Vec::new() };
    let texts: Vec<&Shape> =
        sides.iter().filter(|side| !matches!(side, Shape::Null | Shape::Bool(_))).collect();
    let all = texts.iter().all(|side| matches!(side, Shape::Text(_) | Shape::Joined(_)));
    if !all || !(2..=MOST_TEXTS).contains(&texts.len()) {
        return Vec::new();
    }
    let with = |text: &&Shape| {
        let mut call = call.clone();
        let text = (*text).clone();
        match call.args.first_mut() {
            Some(Shape::Array(items)) => items[0] = text,
            Some(Shape::Object(entries)) => {
                entries.retain(|(key, _)| key != "url");
                entries.push(("url".into(), text));
            }
            Some(first) => *first = text,
            None => {}
        }
        call
    };
    texts.iter().map(with).collect()
}

/// Whether a URL is what the function around it is given, with something in front: `fetch("/api" + path)`. Those
/// who call the function say what is asked for.
fn hands_on(parts: &[Part]) -> bool {
    let after_slash = |at: usize| matches!(at.checked_sub(1).map(|before| &parts[before]), Some(Part::Text(text)) if text.ends_with('/'));
    parts.iter().enumerate().any(|(at, part)| matches!(part, Part::Given(_)) && !after_slash(at))
}

/// Whether a call can be a request: by the name of what is called, or by a path among what it is given.
fn may_ask(call: &Call) -> bool {
    if call.args.is_empty() {
        return false;
    }
    let path = |shape: &Shape| match shape {
        Shape::Text(text) => text.starts_with('/') && text.len() > 1,
        Shape::Joined(parts) => !parts.is_empty(),
        _ => false,
    };
    let either = |shape: &Shape| match shape {
        Shape::Either(sides) => sides.iter().any(path),
        Shape::Array(items) => items.first().is_some_and(path),
        shape => path(shape),
    };
    let name = call.callee.last().unwrap_or_default();
    NAMES.binary_search(&name).is_ok()
        || either(&call.args[0])
        || name.starts_with("useSWR")
        || matches!(&call.callee, Shape::Call(_))
}

/// The request that a call is, where a library or the browser makes it.
pub(super) fn asked(texts: &mut Texts<'_, '_>, file: FileNo, id: CallId, call: &Call) -> Option<Asked> {
    let first = call.args.first()?;
    let symbol = texts.resolver.symbol(file, id.chunk, &call.callee);
    let plain = |by, method: &str, parts| Asked {
        by,
        method: Method::Is(method.into()),
        parts,
        argument: (0, false),
        based: false,
    };
    match symbol {
        Symbol::Global(name) => {
            let name = ["window.", "globalThis.", "self."]
                .iter()
                .find_map(|it| name.strip_prefix(it))
                .unwrap_or(&name);
            match name {
                "fetch" => {
                    let method = method(texts, file, id.chunk, call.args.get(1));
                    Some(Asked { method, ..plain(Client::Fetch, "GET", texts.parts(file, id.chunk, first)) })
                }
                "$fetch" => library(texts, file, id, call, "call", Some(Vec::new()), "baseURL"),
                "navigator.sendBeacon" => {
                    Some(plain(Client::Fetch, "POST", texts.parts(file, id.chunk, first)))
                }
                "EventSource" | "WebSocket" if call.is_new => {
                    Some(plain(Client::Fetch, "GET", texts.parts(file, id.chunk, first)))
                }
                "open" | "location.assign" | "location.replace" => {
                    let mut asked = plain(Client::Fetch, "GET", texts.parts(file, id.chunk, first));
                    asked.based = true;
                    Some(asked)
                }
                _ => None,
            }
        }
        Symbol::External { specifier, export } => {
            let export = export.strip_prefix("default.").unwrap_or(&export);
            match (specifier.as_str(), export) {
                ("swr" | "swr/immutable", "default" | "useSWR" | "useSWRImmutable") => {
                    let key = match first {
                        Shape::Array(items) => items.first()?,
                        key => key,
                    };
                    Some(plain(Client::Library, "GET", texts.parts(file, id.chunk, key)))
                }
                ("@microsoft/fetch-event-source", "fetchEventSource") => {
                    let method = method(texts, file, id.chunk, call.args.get(1));
                    Some(Asked {
                        method,
                        ..plain(Client::Library, "GET", texts.parts(file, id.chunk, first))
                    })
                }
                ("next/navigation", "redirect" | "permanentRedirect") => None,
                (name, how) => {
                    let (_, option) = LIBRARIES.iter().find(|(known, _)| *known == name)?;
                    library(texts, file, id, call, how, Some(Vec::new()), option)
                }
            }
        }
        _ => made(texts, file, id, call),
    }
}

/// A call of something that a call made: `axios.create({ baseURL })`, `request(app)`, `useRouter()`.
fn made(texts: &mut Texts<'_, '_>, file: FileNo, id: CallId, call: &Call) -> Option<Asked> {
    let (object, how) = match &call.callee {
        Shape::Member(object, how) => (&**object, how.as_str()),
        object => (object, "call"),
    };
    let made = texts.resolver.symbol(file, id.chunk, object);
    let Symbol::Value(mut at, mut chunk, Shape::Call(mut number)) = made else { return None };
    for _ in 0..3 {
        let maker = texts.resolver.project_file(at)?.facts.call(CallId { chunk, number });
        match texts.resolver.symbol(at, chunk, &maker.callee) {
            Symbol::External { specifier, export } => {
                let export = export.strip_prefix("default.").unwrap_or(&export);
                let parts = |texts: &mut Texts<'_, '_>| texts.parts(file, id.chunk, &call.args[0]);
                let plain = |by, method: Method, parts| Asked {
                    by,
                    method,
                    parts,
                    argument: (0, false),
                    based: false,
                };
                return match (specifier.as_str(), export) {
                    ("supertest", "default" | "" | "agent" | "request") => {
                        let method = verb(how)?;
                        Some(plain(Client::Test, Method::Is(method), parts(texts)))
                    }
                    ("next/navigation" | "next/router", "useRouter") => {
                        matches!(how, "push" | "replace" | "prefetch")
                            .then(|| plain(Client::Navigation, Method::Is("GET".into()), parts(texts)))
                    }
                    (name, "create" | "extend" | "instance" | "defaults") => {
                        let (_, option) = LIBRARIES.iter().find(|(known, _)| *known == name)?;
                        let base = base(texts, at, chunk, maker.args.first(), option);
                        library(texts, file, id, call, how, base, option)
                    }
                    _ => None,
                };
            }
            // `const api = createClient()`.
            Symbol::Function(in_file, function) => {
                let facts = &texts.resolver.project_file(in_file)?.facts;
                let returned = *facts.function(function).returned.first()?;
                (at, chunk, number) = (in_file, function.chunk, returned);
            }
            _ => return None,
        }
    }
    None
}

/// What options put before each URL; `None` where that is not to be told.
fn base(
    texts: &mut Texts<'_, '_>,
    file: FileNo,
    chunk: u32,
    options: Option<&Shape>,
    option: &str,
) -> Option<Vec<Part>> {
    match options {
        None => Some(Vec::new()),
        Some(options @ Shape::Object(_)) => match options.get(option) {
            Some(base) => Some(texts.parts(file, chunk, base)),
            None => options.get("...").is_none().then(Vec::new),
        },
        Some(_) => None,
    }
}

/// A call of a library's client, by the name of the method or `call`.
fn library(
    texts: &mut Texts<'_, '_>,
    file: FileNo,
    id: CallId,
    call: &Call,
    how: &str,
    before: Option<Vec<Part>>,
    option: &str,
) -> Option<Asked> {
    let first = call.args.first()?;
    let (asked_by, options) = match how {
        "call" | "default" | "" | "$fetch" | "ofetch" | "request" | "raw" | "stream" => match first {
            Shape::Object(_) => (None, Some((0, first))),
            _ => (None, call.args.get(1).map(|options| (1, options))),
        },
        how => {
            let method = verb(how)?;
            let position = if matches!(how, "post" | "put" | "patch") && option == "baseURL" { 2 } else { 1 };
            (Some(method), call.args.get(position).map(|options| (position, options)))
        }
    };
    let (argument, url) = match options {
        Some((0, options)) => ((0, true), options.get("url")?),
        _ => ((0, false), first),
    };
    let method = match asked_by {
        Some(method) => Method::Is(method),
        None => method(texts, file, id.chunk, options.map(|(_, options)| options)),
    };
    // Options of the call win over those of the client.
    let own = options.and_then(|(_, options)| options.get(option));
    let before = match own {
        Some(base) => Some(texts.parts(file, id.chunk, base)),
        None => before,
    };
    let path = texts.parts(file, id.chunk, url);
    let absolute = matches!(path.first(), Some(Part::Text(text)) if text.contains("://"));
    let (parts, based) = match before {
        _ if absolute => (path, false),
        Some(before) if before.is_empty() => (path, false),
        Some(before) => (joined(before, path), true),
        None => (joined(vec![Part::Hole], path), true),
    };
    Some(Asked { by: Client::Library, method, parts, argument, based })
}

/// A base and a path, with one slash between them.
fn joined(mut base: Vec<Part>, path: Vec<Part>) -> Vec<Part> {
    if let Some(Part::Text(text)) = base.last_mut() {
        text.truncate(text.trim_end_matches('/').len());
    }
    base.push(Part::Text("/".to_owned()));
    let mut path = path.into_iter();
    match path.next() {
        Some(Part::Text(text)) => base.push(Part::Text(text.trim_start_matches('/').to_owned())),
        Some(other) => base.push(other),
        None => {}
    }
    base.extend(path);
    base
}

fn verb(name: &str) -> Option<CompactString> {
    Some(match name {
        "del" => "DELETE".into(),
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" => name.to_uppercase().into(),
        _ => return None,
    })
}

/// The method that options ask for.
pub(super) fn method(texts: &mut Texts<'_, '_>, file: FileNo, chunk: u32, options: Option<&Shape>) -> Method {
    let get = || Method::Is("GET".into());
    let Some(options) = options else { return get() };
    let given = |shape: &Shape| -> Option<u32> {
        let Shape::Name(name) = shape else { return None };
        let facts = &texts.resolver.project_file(file)?.facts.chunks[chunk as usize].facts;
        let parameter = facts.decls[name.local? as usize].parameter.as_ref()?;
        (texts.of == Some((file, chunk, parameter.of)) && parameter.keys.is_empty())
            .then_some(parameter.position)
    };
    match options {
        Shape::Null => get(),
        Shape::Object(entries) => {
            if let Some(value) = options.get("method") {
                return named(&texts.parts(file, chunk, value));
            }
            let spread = entries.iter().find(|(key, _)| key == "...").map(|(_, value)| value);
            match spread {
                None => get(),
                Some(spread) => given(spread).map_or(Method::Unknown, |at| Method::Given(at, "GET".into())),
            }
        }
        Shape::Name(_) => match given(options) {
            Some(at) => Method::Given(at, "GET".into()),
            None => match texts.resolver.symbol(file, chunk, options) {
                Symbol::Value(at, in_chunk, value @ Shape::Object(_)) => {
                    method(texts, at, in_chunk, Some(&value))
                }
                _ => Method::Unknown,
            },
        },
        _ => Method::Unknown,
    }
}

/// The method that a text names.
pub(super) fn named(parts: &[Part]) -> Method {
    match parts {
        [Part::Text(text)] => Method::Is(text.to_uppercase().into()),
        [Part::Given(position)] => Method::Argument(*position),
        _ => Method::Unknown,
    }
}

/// What follows the address of an element; `None` where nobody does.
pub(super) fn leader(
    texts: &mut Texts<'_, '_>,
    file: FileNo,
    chunk: u32,
    element: &Element,
) -> Option<Client> {
    let facts = &texts.resolver.project_file(file)?.facts;
    let tag = element.tag.last()?;
    match tag {
        "form" | "a" | "button" | "input" if is_global(facts, &element.tag, tag) => Some(Client::Fetch),
        _ => match texts.resolver.symbol(file, chunk, &element.tag) {
            Symbol::External { specifier, export }
                if matches!(specifier.as_str(), "next/link" | "next/form") && export == "default" =>
            {
                Some(Client::Navigation)
            }
            _ => None,
        },
    }
}

/// Where an element leads.
fn leads(texts: &mut Texts<'_, '_>, file: FileNo, chunk: u32, element: &Element) -> Option<ClientCall> {
    let by = leader(texts, file, chunk, element)?;
    let method = match &element.method {
        None => Some("GET".into()),
        Some(Shape::Text(method)) => Some(method.to_uppercase()),
        Some(_) => None,
    };
    let parts = texts.parts(file, chunk, &element.address);
    let (origin, path) = place(&parts)?;
    // Nobody links to what cannot be told.
    let own = matches!(origin, Origin::Own);
    own.then(|| ClientCall {
        place: Place::Element(chunk, 0),
        by,
        method,
        origin,
        path,
        function: element.function.map(|number| FunctionId { chunk, number }),
        based: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted() {
        assert!(NAMES.is_sorted());
    }
}
