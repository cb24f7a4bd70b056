//! What code can ask of its host.

use std::sync::Arc;

use serde::Deserialize;

/// Something code does that asks something of its host, or that protects what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Opens connections that it keeps.
    OpensConnections,
    /// Keeps something in memory from one request to the next.
    KeepsMemory,
    /// Listens on a port of its own.
    ListensOnPort,
    /// Accepts WebSocket connections.
    AcceptsWebsockets,
    /// Streams without an end of its own.
    StreamsEndlessly,
    /// Waits for a known time.
    Waits,
    /// Computes for long, so that other requests of the process wait.
    BurnsCpu,
    /// Starts another program.
    SpawnsProcess,
    /// Writes files.
    WritesFiles,
    /// Wants to be run again later.
    SchedulesWork,
    /// Goes on after the response.
    WorksAfterResponse,
    /// Uses modules that only Node.js has.
    NodeApi,
    /// Reads without a limit.
    ReadsUnbounded,
    /// Checks who asks.
    ChecksAuth,
    /// Checks what it is given.
    ValidatesInput,
    /// Limits how often it may be asked.
    LimitsRate,
}

impl Effect {
    /// Every effect, in the order of the documentation.
    pub const ALL: [Effect; 16] = [
        Effect::OpensConnections,
        Effect::KeepsMemory,
        Effect::ListensOnPort,
        Effect::AcceptsWebsockets,
        Effect::StreamsEndlessly,
        Effect::Waits,
        Effect::BurnsCpu,
        Effect::SpawnsProcess,
        Effect::WritesFiles,
        Effect::SchedulesWork,
        Effect::WorksAfterResponse,
        Effect::NodeApi,
        Effect::ReadsUnbounded,
        Effect::ChecksAuth,
        Effect::ValidatesInput,
        Effect::LimitsRate,
    ];

    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Effect::OpensConnections => "opens-connections",
            Effect::KeepsMemory => "keeps-memory",
            Effect::ListensOnPort => "listens-on-port",
            Effect::AcceptsWebsockets => "accepts-websockets",
            Effect::StreamsEndlessly => "streams-endlessly",
            Effect::Waits => "waits",
            Effect::BurnsCpu => "burns-cpu",
            Effect::SpawnsProcess => "spawns-process",
            Effect::WritesFiles => "writes-files",
            Effect::SchedulesWork => "schedules-work",
            Effect::WorksAfterResponse => "works-after-response",
            Effect::NodeApi => "node-api",
            Effect::ReadsUnbounded => "reads-unbounded",
            Effect::ChecksAuth => "checks-auth",
            Effect::ValidatesInput => "validates-input",
            Effect::LimitsRate => "limits-rate",
        }
    }

    /// What code with this effect does, to follow "this handler …".
    pub fn phrase(self) -> &'static str {
        match self {
            Effect::OpensConnections => "opens connections",
            Effect::KeepsMemory => "keeps data in memory between requests",
            Effect::ListensOnPort => "listens on a port",
            Effect::AcceptsWebsockets => "accepts WebSocket connections",
            Effect::StreamsEndlessly => "streams without an end",
            Effect::Waits => "waits",
            Effect::BurnsCpu => "computes while other requests wait",
            Effect::SpawnsProcess => "starts another program",
            Effect::WritesFiles => "writes files",
            Effect::SchedulesWork => "schedules work",
            Effect::WorksAfterResponse => "works on after the response",
            Effect::NodeApi => "uses modules of Node.js",
            Effect::ReadsUnbounded => "reads without a limit",
            Effect::ChecksAuth => "checks who asks",
            Effect::ValidatesInput => "checks its input",
            Effect::LimitsRate => "limits how often it may be called",
        }
    }
}

/// Calls that have an effect: one row of `libraries.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectRow {
    /// The effect.
    pub effect: Effect,
    /// Module specifiers without `node:`; `global` for what every module sees.
    pub from: Vec<Arc<str>>,
    /// Exports of those modules, dotted; `*` for the module as a whole.
    pub exports: Vec<Arc<str>>,
    phrase: Option<Arc<str>>,
}

impl EffectRow {
    /// What these calls do, to follow "this handler …".
    pub fn phrase(&self) -> &str {
        self.phrase.as_deref().unwrap_or(self.effect.phrase())
    }
}
