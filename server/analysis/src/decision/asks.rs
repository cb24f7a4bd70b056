//! What code asks of the process it runs in, whatever the host: where sockets are accepted, where work goes on for
//! long, where something is to be done again later.

use rustc_hash::FxHashSet;

use crate::check;
use crate::facts::FunctionId;
use crate::project::{FileNo, Layer, Project, routes};
use crate::tables::{Effect, EffectRow};
use crate::text::Span;

/// Something that not every process can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ask {
    /// A WebSocket server in code of Next.js that nothing brings a connection to.
    SocketsInRoute,
    /// A WebSocket server of Next.js that opens a port of its own.
    SocketsOnPort,
    /// A socket server on the server behind a response.
    SocketsOnResponse,
    /// A WebSocket server outside Next.js.
    SocketServer,
    /// WebSockets through the function that Vercel has for it.
    SocketsOfVercel,
    /// A response that never ends by itself.
    Stream,
    /// A message for everybody who is connected to this process.
    FanOut,
    /// A browser.
    Browser,
    /// Another program that works for long.
    LongWork,
    /// Work taken from a queue, one after the other, for ever.
    Worker,
    /// Work by the clock.
    Schedule,
}

impl Ask {
    /// Whether it is about connections that stay open.
    pub(crate) fn is_realtime(self) -> bool {
        matches!(
            self,
            Ask::SocketsInRoute
                | Ask::SocketsOnPort
                | Ask::SocketsOnResponse
                | Ask::SocketServer
                | Ask::SocketsOfVercel
                | Ask::Stream
                | Ask::FanOut
        )
    }

    /// Whether it is about work that is long, or goes on without a request.
    pub(crate) fn is_long(self) -> bool {
        !self.is_realtime()
    }
}

/// A place that asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) ask: Ask,
    pub(crate) file: FileNo,
    /// The function it stands in; `None` where it runs when the module is loaded.
    pub(crate) function: Option<FunctionId>,
    pub(crate) span: Span,
    /// To follow "this code …".
    pub(crate) text: String,
}

/// What rules find in code, with those of their conditions that are about the host left out.
const RULES: &[(&str, &[&str], Ask, &str)] = &[
    (
        "realtime/websocket-server-in-route",
        &[],
        Ask::SocketsInRoute,
        "makes a WebSocket server inside Next.js",
    ),
    ("realtime/websocket-own-port", &[], Ask::SocketsOnPort, "opens a port for WebSockets inside Next.js"),
    ("realtime/socketio-on-res-socket", &[], Ask::SocketsOnResponse, "hangs a socket server on a response"),
    ("realtime/long-lived-response", &["cut-off"], Ask::Stream, "keeps a response open without an end"),
    (
        "realtime/broadcast-in-memory",
        &["several-instances"],
        Ask::FanOut,
        "sends to everybody who is connected to this process",
    ),
    ("duration/module-timer", &[], Ask::Schedule, "starts a timer when the module is loaded"),
];

/// Every place of a file that asks for something.
pub(crate) fn sightings(project: &Project, file: FileNo) -> Vec<Sighting> {
    let mut out: Vec<Sighting> = Vec::new();
    let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { return out };
    let rules: Vec<(&str, &[&str])> = RULES.iter().map(|(rule, aside, ..)| (*rule, *aside)).collect();
    let held = check::holds(project, file, &rules);
    // Most files ask for nothing.
    if held.is_empty() && links.effects.is_empty() || routes::is_aside(&input.path, &input.package) {
        return out;
    }
    for (rule, span) in held {
        let (_, _, ask, text) = RULES[rule];
        let function = function_at(project, file, span.start);
        out.push(Sighting { ask, file, function, span, text: text.to_owned() });
    }
    for asked in &links.effects {
        let Some(ask) = of_row(asked.row) else { continue };
        if ask == Ask::SocketServer && in_next(project, file) {
            // What that means the rules above tell.
            continue;
        }
        let span = input.facts.span(asked.call.chunk, input.facts.call(asked.call).head);
        let text = asked.row.phrase().to_owned();
        out.push(Sighting { ask, file, function: asked.function, span, text });
    }
    let mut seen = FxHashSet::default();
    out.retain(|it| seen.insert((it.span.start, it.ask)));
    out
}

/// What a row of the table of effects asks for, where the calls are known to ask for just that. Waiting for a language
/// model is waiting, not work.
fn of_row(row: &EffectRow) -> Option<Ask> {
    let from = |name: &str| row.from.iter().any(|it| &**it == name);
    match row.effect {
        Effect::AcceptsWebsockets if from("@vercel/functions") => Some(Ask::SocketsOfVercel),
        Effect::AcceptsWebsockets => Some(Ask::SocketServer),
        Effect::TakesLong if from("puppeteer") || from("playwright") => Some(Ask::Browser),
        Effect::TakesLong if from("fluent-ffmpeg") => Some(Ask::LongWork),
        Effect::SchedulesWork if from("bullmq") => Some(Ask::Worker),
        Effect::SchedulesWork if !from("global") => Some(Ask::Schedule),
        _ => None,
    }
}

/// The layers of Next.js.
pub(crate) const NEXT: [Layer; 4] = [Layer::Handlers, Layer::Pages, Layer::PagesRouter, Layer::Proxy];

/// Whether Next.js loads a file.
pub(crate) fn in_next(project: &Project, file: FileNo) -> bool {
    project.reach().is_some_and(|reach| reach.is_loaded_by(file, &NEXT))
}

/// The innermost function around a place.
pub(crate) fn function_at(project: &Project, file: FileNo, offset: u32) -> Option<FunctionId> {
    let facts = &project.file(file)?.facts;
    let chunk = facts.chunk_at(offset)?;
    let it = &facts.chunks[chunk as usize];
    let number = it.facts.function_at(offset.saturating_sub(it.start))?;
    Some(FunctionId { chunk, number })
}
