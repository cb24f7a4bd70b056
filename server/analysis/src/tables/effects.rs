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
    /// Takes many seconds, or minutes.
    TakesLong,
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
    /// Changes what a store keeps.
    MutatesStore,
    /// Checks who asks.
    ChecksAuth,
    /// Checks what it is given.
    ValidatesInput,
    /// Limits how often it may be asked.
    LimitsRate,
}

impl Effect {
    /// Every effect, in the order of the documentation.
    pub const ALL: [Effect; 18] = [
        Effect::OpensConnections,
        Effect::KeepsMemory,
        Effect::ListensOnPort,
        Effect::AcceptsWebsockets,
        Effect::StreamsEndlessly,
        Effect::Waits,
        Effect::TakesLong,
        Effect::BurnsCpu,
        Effect::SpawnsProcess,
        Effect::WritesFiles,
        Effect::SchedulesWork,
        Effect::WorksAfterResponse,
        Effect::NodeApi,
        Effect::ReadsUnbounded,
        Effect::MutatesStore,
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
            Effect::TakesLong => "takes-long",
            Effect::BurnsCpu => "burns-cpu",
            Effect::SpawnsProcess => "spawns-process",
            Effect::WritesFiles => "writes-files",
            Effect::SchedulesWork => "schedules-work",
            Effect::WorksAfterResponse => "works-after-response",
            Effect::NodeApi => "node-api",
            Effect::ReadsUnbounded => "reads-unbounded",
            Effect::MutatesStore => "mutates-store",
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
            Effect::TakesLong => "takes many seconds",
            Effect::BurnsCpu => "computes while other requests wait",
            Effect::SpawnsProcess => "starts another program",
            Effect::WritesFiles => "writes files",
            Effect::SchedulesWork => "schedules work",
            Effect::WorksAfterResponse => "works on after the response",
            Effect::NodeApi => "uses modules of Node.js",
            Effect::ReadsUnbounded => "reads without a limit",
            Effect::MutatesStore => "changes what a store keeps",
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
    #[serde(default)]
    pub from: Vec<Arc<str>>,
    /// Exports of those modules, dotted; `*` for the module as a whole.
    #[serde(default)]
    pub exports: Vec<Arc<str>>,
    /// What makes the values whose methods have the effect: `module#export`.
    #[serde(default)]
    pub of: Vec<Arc<str>>,
    /// Ways from such a value to the method: `*` is any name, `()` a call, `**` at the start anything.
    #[serde(default)]
    pub methods: Vec<Arc<str>>,
    phrase: Option<Arc<str>>,
}

impl EffectRow {
    /// Whether a way from a value, by names and calls, is one of the row's.
    pub fn has_method(&self, way: &[impl AsRef<str>]) -> bool {
        self.methods.iter().any(|method| {
            let wanted: Vec<&str> = method.split('.').collect();
            let (wanted, way) = match wanted.split_first() {
                Some((&"**", rest)) if way.len() >= rest.len() => (rest, &way[way.len() - rest.len()..]),
                _ => (&wanted[..], way),
            };
            wanted.len() == way.len()
                && wanted.iter().zip(way).all(|(wanted, name)| *wanted == "*" || *wanted == name.as_ref())
        })
    }

    /// What these calls do, to follow "this handler …".
    pub fn phrase(&self) -> &str {
        self.phrase.as_deref().unwrap_or(self.effect.phrase())
    }
}
