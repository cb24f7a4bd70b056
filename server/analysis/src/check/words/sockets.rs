//! Words about WebSocket and Socket.IO servers: where they are made, and what they hang on.

use compact_str::CompactString;

use crate::facts::{CallId, Exported, Shape};
use crate::project::{Kept, Layer, Resolver, Scope, Symbol, kept};
use crate::rules::{Condition, Word};
use crate::tables::{Effect, Kind};

use super::super::detectors::Place;
use super::super::evidence::target_text;
use super::super::{Evidence, Site};
use super::effects::callees_of;
use super::lifetime::{in_register, only_loaded_by_next};
use super::places::{NEXT, reached_from};
use super::values::is_named;

pub(in crate::check) const WORDS: &[Word] = &[
    Word::of(
        "listens-beside",
        0,
        listens_beside,
        "`(#listens-beside? @at)`: the call listens with an Express application, while WebSockets hang on another server made from it, which never listens",
    ),
    Word::of(
        "socket-server",
        1,
        socket_server,
        "`(#socket-server? @at \"in-route\")`: code of Next.js makes this WebSocket server, on nothing that could bring it a connection; `own-port`: on a port of its own; `response-socket`: on the server behind a response",
    )
    .spelled(|_| callees_of(|effect| effect == Effect::AcceptsWebsockets)),
];

/// What a WebSocket server gets its connections from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// Nothing in sight.
    Nothing,
    /// A port that it opens.
    Port,
    /// `response.socket.server`.
    Response,
    /// Something that cannot be told.
    Unknown,
}

fn socket_server(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(id) = site.call(condition).filter(|id| makes_socket_server(&site.place(), *id)) else {
        return false;
    };
    // A package that brings upgrade requests to routes makes handlers for them possible.
    let upgrades = site.input.package.dependencies.contains("next-ws");
    let wanted = condition.words().next().unwrap_or_default();
    let fits = match base(&site.place(), id) {
        Base::Nothing => wanted == "in-route" && !upgrades,
        Base::Port => wanted == "own-port",
        Base::Response => wanted == "response-socket",
        Base::Unknown => false,
    };
    fits && stands_in_next(site, id, wanted, evidence) && {
        tell(wanted, evidence);
        true
    }
}

/// Whether a handler of Next.js makes the value, or a module that is there for Next.js alone.
fn stands_in_next(site: &Site<'_>, id: CallId, wanted: &str, evidence: &mut Evidence<'_>) -> bool {
    let (project, call) = (site.project, site.input.facts.call(id));
    let Some(reach) = project.reach() else { return false };
    let function = site.function_at(call.at.0.start);
    let alone = || only_loaded_by_next(project, site.file);
    match reach.scope_of(project, site.file, function) {
        Scope::Request => {
            let Some(way) = function.and_then(|function| reach.way(project, site.file, function)) else {
                return false;
            };
            let entry = project.links(way.entry.0).and_then(|links| links.entries.get(way.entry.1 as usize));
            let Some(entry) = entry.filter(|entry| entry.layer != Layer::Express) else { return false };
            if wanted == "response-socket" && entry.layer != Layer::PagesRouter {
                return false;
            }
            // What is kept may have been made by a server of its own before the handler asks for it.
            let fresh = kept(&site.input.facts, id.chunk, call) == Kept::No;
            (fresh || alone()) && {
                evidence.reached(&way);
                true
            }
        }
        Scope::Module if wanted != "response-socket" => {
            alone() && (reached_from(site, NEXT, evidence) || at_start(site, function, wanted, evidence))
        }
        Scope::Unknown => at_start(site, function, wanted, evidence),
        _ => false,
    }
}

/// Whether `register()` of the instrumentation opens a port. It runs once in each process that serves, and not while the
/// project is built: on a lasting server that is a choice, so it counts only where a host is known to have none.
fn at_start(
    site: &Site<'_>,
    function: Option<crate::facts::FunctionId>,
    wanted: &str,
    evidence: &mut Evidence<'_>,
) -> bool {
    wanted == "own-port"
        && evidence.target().is_some_and(|target| !matches!(target.kind, Kind::Persistent | Kind::Unknown))
        && in_register(site.project, site.file, function)
        && {
            evidence.set("entry", "`register()` of the instrumentation");
            true
        }
}

/// Leaves what the message says of the host.
fn tell(wanted: &str, evidence: &mut Evidence<'_>) {
    let target = evidence.target();
    let kind = target.map_or(Kind::Unknown, |target| target.kind);
    let host = target_text(&evidence.package().target);
    let lasting = !matches!(kind, Kind::Serverless | Kind::Edge | Kind::Static);
    let what = match wanted {
        "own-port" if lasting => "the build and every worker load it too and find the port taken".to_owned(),
        "own-port" => format!("on {host} nothing outside can reach it"),
        "response-socket" if !lasting => format!(", and on {host} there is none"),
        _ => String::new(),
    };
    evidence.set("what", what);
    evidence.set("remedy", remedy(target.map_or("unknown", |target| &target.id), lasting));
}

/// Where WebSockets belong on a host, as a sentence without its end.
pub(super) fn remedy(target: &str, lasting: bool) -> &'static str {
    match target {
        "vercel" => {
            "Return `experimental_upgradeWebSocket()` of `@vercel/functions` from a route handler (beta, Fluid compute)"
        }
        "cloudflare" => {
            "Accept connections with a `WebSocketPair` in a worker of your own and keep rooms in a Durable Object"
        }
        _ if lasting => {
            "Attach it to the HTTP server of a custom server (`server.ts`), or run it as a service of its own"
        }
        _ => "Run it as a service of its own on a host that keeps connections open",
    }
}

/// `app.listen()` beside `createServer(app)`, whose server carries the sockets and never listens.
fn listens_beside(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(server) = site.call(condition).and_then(|id| silent_server(&site.place(), id)) else {
        return false;
    };
    evidence.set("name", server.to_string());
    true
}

/// What a server gets its connections from.
fn base(place: &Place<'_>, id: CallId) -> Base {
    let facts = &place.input.facts;
    let call = facts.call(id);
    let mut http = Vec::new();
    for (number, argument) in call.args.iter().enumerate() {
        let (chunk, argument) = followed(place, id.chunk, argument, 0);
        if let Shape::Object(entries) = argument {
            for (key, value) in entries {
                match key.as_str() {
                    "port" if *value != Shape::Null => return Base::Port,
                    "server" | "httpServer" => http.push((chunk, value)),
                    "..." => return Base::Unknown,
                    _ => {}
                }
            }
        } else if number == 0 {
            if is_port(place, chunk, argument) {
                return Base::Port;
            }
            http.push((chunk, argument));
        }
    }
    let mut unknown = false;
    for &(chunk, server) in &http {
        if is_behind_response(place, chunk, server) {
            return Base::Response;
        }
        match origin(place, chunk, server) {
            Some(made) if makes_http_server(place, made) => {
                if listens(place, made) {
                    return Base::Port;
                }
            }
            // A server that comes from elsewhere may be a real one.
            _ => unknown = true,
        }
    }
    if listens(place, id) {
        return Base::Port;
    }
    // `io.attach(server)` and its like, on something that cannot be followed.
    let attaches =
        facts.calls().any(|(_, call)| matches!(call.callee.last(), Some("attach" | "listen" | "bind")));
    if unknown || attaches { Base::Unknown } else { Base::Nothing }
}

/// Whether `.listen()` of the value that a call made is called in the file.
fn listens(place: &Place<'_>, made: CallId) -> bool {
    place.input.facts.calls().any(|(id, call)| match &call.callee {
        Shape::Member(object, method) => method == "listen" && origin(place, id.chunk, object) == Some(made),
        _ => false,
    })
}

/// A number, or one from the environment.
fn is_port(place: &Place<'_>, chunk: u32, shape: &Shape) -> bool {
    match shape {
        Shape::Number(_) => true,
        Shape::Text(text) => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
        Shape::Either(sides) => sides.iter().any(|side| is_port(place, chunk, side)),
        Shape::Call(number) => {
            let call = place.input.facts.call(CallId { chunk, number: *number });
            let named = call.callee.dotted();
            matches!(named.as_deref(), Some("Number" | "parseInt" | "Number.parseInt"))
                && call.args.first().is_some_and(|argument| is_port(place, chunk, argument))
        }
        other => other.dotted().is_some_and(|path| path.starts_with("process.env.")),
    }
}

/// `response.socket.server`, through names.
fn is_behind_response<'p>(place: &Place<'p>, chunk: u32, shape: &'p Shape) -> bool {
    let (chunk, Shape::Member(socket, key)) = followed(place, chunk, shape, 0) else { return false };
    let (_, socket) = followed(place, chunk, socket, 0);
    key == "server" && matches!(socket, Shape::Member(_, key) if key == "socket")
}

/// A name of this file followed to what it was set to, where that is one thing.
fn followed<'p>(place: &Place<'p>, chunk: u32, shape: &'p Shape, depth: u32) -> (u32, &'p Shape) {
    let facts = &place.input.facts;
    let Shape::Name(name) = shape else { return (chunk, shape) };
    let (at, decl) = match name.local {
        Some(local) => (chunk, &facts.chunks[chunk as usize].facts.decls[local as usize]),
        None => match facts.binding(&name.text) {
            Some((id, decl)) => (id.chunk, decl),
            None => return (chunk, shape),
        },
    };
    let value = match &decl.value {
        Shape::Other if decl.parameter.is_none() => assigned(place, shape),
        Shape::Other | Shape::Null => None,
        value => Some((at, value)),
    };
    match value {
        Some((at, value)) if depth < 6 => followed(place, at, value, depth + 1),
        _ => (chunk, shape),
    }
}

/// What a name that was declared without a value is set to, where one place does it.
fn assigned<'p>(place: &Place<'p>, name: &Shape) -> Option<(u32, &'p Shape)> {
    let chunks = (0u32..).zip(&place.input.facts.chunks);
    let mut found = chunks
        .flat_map(|(number, chunk)| chunk.facts.assigns.iter().map(move |assign| (number, assign)))
        .filter(|(_, assign)| assign.left == *name)
        .map(|(number, assign)| (number, &assign.right));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The call of this file that made a value.
pub(super) fn origin<'p>(place: &Place<'p>, chunk: u32, shape: &'p Shape) -> Option<CallId> {
    match followed(place, chunk, shape, 0) {
        (chunk, Shape::Call(number)) => Some(CallId { chunk, number: *number }),
        _ => None,
    }
}

/// What a call of this file calls.
fn callee(place: &Place<'_>, id: CallId) -> Symbol {
    Resolver::new(place.project).symbol(place.file, id.chunk, &place.input.facts.call(id).callee)
}

/// `createServer(app)` of `http` or `https`.
fn makes_http_server(place: &Place<'_>, id: CallId) -> bool {
    let symbol = callee(place, id);
    ["http", "https"].iter().any(|module| {
        ["createServer", "default.createServer", "Server", "default.Server"]
            .iter()
            .any(|name| is_named(&symbol, &format!("{module}#{name}")))
    })
}

/// Whether a call makes a WebSocket server.
fn makes_socket_server(place: &Place<'_>, id: CallId) -> bool {
    let asked = place.project.links(place.file).map_or(&[][..], |links| &links.effects);
    asked.iter().any(|asked| {
        // What Vercel offers hands a connection over; it serves none itself.
        let server = !asked.row.from.iter().any(|module| &**module == "@vercel/functions");
        server && asked.call == id && asked.row.effect == Effect::AcceptsWebsockets
    })
}

/// The name of the server that should listen where an application does.
pub(crate) fn silent_server(place: &Place<'_>, id: CallId) -> Option<CompactString> {
    let facts = &place.input.facts;
    let Shape::Member(application, _) = &facts.call(id).callee else { return None };
    let mut resolver = Resolver::new(place.project);
    let application = resolver.symbol(place.file, id.chunk, application);
    let Symbol::Value(file, chunk, Shape::Call(number)) = &application else { return None };
    let made = place.project.file(*file)?.facts.call(CallId { chunk: *chunk, number: *number });
    let maker = resolver.symbol(*file, *chunk, &made.callee);
    if !["express#default", "express#"].iter().any(|word| is_named(&maker, word)) {
        return None;
    }
    let (server, _) = facts.calls().find(|(other, call)| {
        call.args.first().is_some_and(|given| resolver.symbol(place.file, other.chunk, given) == application)
            && makes_http_server(place, *other)
    })?;
    only_carries_sockets(place, server).then(|| {
        let decls = &facts.chunks[server.chunk as usize].facts.decls;
        let holder = decls.iter().find(|decl| decl.value == Shape::Call(server.number));
        holder.map(|decl| decl.name.clone())
    })?
}

/// Whether nothing is done with a server but to hang WebSockets on it.
fn only_carries_sockets<'p>(place: &Place<'p>, server: CallId) -> bool {
    let facts = &place.input.facts;
    let is = |chunk: u32, shape: &'p Shape| origin(place, chunk, shape) == Some(server);
    let holds = |chunk: u32, shape: &'p Shape| match shape {
        Shape::Object(entries) => entries.iter().any(|(_, value)| is(chunk, value)),
        Shape::Array(items) | Shape::Either(items) => items.iter().any(|value| is(chunk, value)),
        other => is(chunk, other),
    };
    let mut carries = false;
    for (id, call) in facts.calls() {
        if let Shape::Member(object, method) = &call.callee
            && is(id.chunk, object)
            && matches!(method.as_str(), "listen" | "bind")
        {
            return false;
        }
        if call.args.iter().any(|argument| holds(id.chunk, argument)) {
            let attaches = match &call.callee {
                Shape::Member(object, _) => {
                    origin(place, id.chunk, object).is_some_and(|made| makes_socket_server(place, made))
                }
                _ => false,
            };
            if !attaches && !makes_socket_server(place, id) {
                return false;
            }
            carries = true;
        }
    }
    let exported = facts.exports().any(|(chunk, export)| match &export.exported {
        Exported::Value(shape) => holds(chunk, shape),
        _ => false,
    });
    let stored = (0u32..)
        .zip(&facts.chunks)
        .any(|(number, chunk)| chunk.facts.assigns.iter().any(|assign| holds(number, &assign.right)));
    carries && !exported && !stored
}
