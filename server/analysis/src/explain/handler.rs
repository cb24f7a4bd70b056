//! Hover on a request handler: where it answers, how it runs, what it does, what of that fits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{limit, matcher, registration, told};
use crate::check::{target_of, target_text};
use crate::facts::FunctionId;
use crate::project::{Entry, FileInput, FileNo, Hover, Layer, Project, Scope, segment_text};
use crate::tables::{Disk, Effect, Figure, Offer, TargetInfo};

/// About the entry that is named at `offset`. `more` is what else there is to say of an entry.
pub(super) fn hover(
    project: &Project,
    file: FileNo,
    input: &FileInput,
    offset: u32,
    more: &dyn Fn(&Entry) -> String,
) -> Option<Hover> {
    let links = project.links(file)?;
    let entry = links.entries.iter().find(|entry| entry.span(&input.facts).touches(offset))?;
    let markdown = text(project, file, input, entry, &more(entry));
    Some(Hover { span: entry.span(&input.facts), markdown })
}

/// What there is to say of an entry, as Markdown.
pub(super) fn text(project: &Project, file: FileNo, input: &FileInput, entry: &Entry, more: &str) -> String {
    let target = target_of(&input.package);
    let mut text = format!("**{}**\n\n", entry.label);
    let _ = writeln!(text, "- Runs on {}", target_text(&input.package.target));
    let _ = writeln!(text, "- Runtime: {}", runtime(input, entry));
    let _ = writeln!(text, "- Time limit: {}", limit::of_entry(input, entry.layer));
    let found = effects(project, entry, target);
    if found.is_empty() {
        text.push_str("- Asks nothing special of its host that Routewise can see\n");
    }
    for does in found.values() {
        let fit = match &does.fits {
            Some((true, why)) => format!("fits{why}"),
            Some((false, why)) => format!("**does not fit**{why}"),
            None => "not judged".to_owned(),
        };
        let _ = writeln!(text, "- {}{}: {fit}", capital(&does.phrase), does.chain);
    }
    let registered = entry.call().and_then(|call| registration::text(project, file, input, call));
    text.push_str(&registered.unwrap_or_default());
    text.push_str(more);
    if let Some(covered) = (entry.kind == "proxy").then(|| matcher::text(project, input)).flatten() {
        let _ = write!(text, "\n{covered}");
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn runtime(input: &FileInput, entry: &Entry) -> String {
    if entry.layer == Layer::Express {
        return "Node.js, the process that runs this server".to_owned();
    }
    match segment_text(&input.facts, "runtime") {
        Some(runtime) => format!("`{runtime}`, from `runtime` in this file"),
        None if entry.edge => "edge, the default of `middleware`".to_owned(),
        None => "Node.js, the default".to_owned(),
    }
}

/// One thing that a handler does.
pub(super) struct Does {
    /// To follow "this handler …".
    phrase: String,
    /// The way there, empty in the handler itself.
    chain: String,
    /// Whether the host offers what it asks, and the words for it.
    fits: Option<(bool, String)>,
}

/// What a handler does, by effect: the words for it, and the way there.
pub(super) fn effects(
    project: &Project,
    entry: &Entry,
    target: Option<&TargetInfo>,
) -> BTreeMap<Effect, Does> {
    let mut found: BTreeMap<Effect, Does> = BTreeMap::new();
    let mut seen: BTreeSet<(FileNo, FunctionId)> = entry.roots.iter().copied().collect();
    let mut queue: std::collections::VecDeque<((FileNo, FunctionId), String)> =
        entry.roots.iter().map(|root| (*root, String::new())).collect();
    while let Some(((file, function), chain)) = queue.pop_front() {
        let (Some(links), Some(input)) = (project.links(file), project.file(file)) else { continue };
        for asked in links.effects.iter().filter(|asked| asked.function == Some(function)) {
            let effect = asked.row.effect;
            found.entry(effect).or_insert_with(|| Does {
                phrase: asked.row.phrase().to_owned(),
                chain: chain.clone(),
                fits: target.and_then(|target| fit(target, effect)),
            });
        }
        for made in links.constructions.iter().filter(|made| made.function == Some(function)) {
            let once = project
                .reach()
                .is_some_and(|reach| matches!(reach.scope(project, file, made), Scope::Once(_)));
            let right = target.is_some_and(|target| made.library.is_per_request_on(target));
            let (how, fits) = match (once, right) {
                (true, _) => ("once", (true, String::new())),
                (_, true) => {
                    ("for each request", (true, ", a client for each request is right there".to_owned()))
                }
                _ => ("for each request", (false, ": one shared client would do".to_owned())),
            };
            found.entry(Effect::OpensConnections).or_insert_with(|| Does {
                phrase: format!("opens connections {how} ({})", made.make.name),
                chain: chain.clone(),
                fits: Some(fits),
            });
        }
        for edge in project.running(file, function) {
            if seen.insert(edge.to) {
                queue.push_back((edge.to, longer(project, input, &chain, edge.to)));
            }
        }
    }
    found
}

/// `, via buildReport in lib/pdf.ts`: the last named function of another file on the way.
fn longer(project: &Project, from: &FileInput, chain: &str, to: (FileNo, FunctionId)) -> String {
    let Some(input) = project.file(to.0) else { return chain.to_owned() };
    match &input.facts.function(to.1).name {
        Some(name) if input.path != from.path => {
            let shown = from.package.root.as_ref().and_then(|root| input.path.strip(root));
            let joint = if chain.is_empty() { ", via " } else { ", then " };
            format!("{chain}{joint}`{name}` in {}", shown.unwrap_or(input.path.file_name()))
        }
        _ => chain.to_owned(),
    }
}

/// Whether a host offers what an effect asks, and why.
pub(super) fn fit(target: &TargetInfo, effect: Effect) -> Option<(bool, String)> {
    let offers = &target.capabilities;
    let offer = |figure: &Option<Figure<Offer>>| {
        figure.as_ref().map(|figure| match figure.value {
            Offer::Yes => (true, String::new()),
            Offer::Limited => (true, told(figure)),
            Offer::No => (false, told(figure)),
        })
    };
    match effect {
        Effect::AcceptsWebsockets => offer(&offers.websockets),
        Effect::ListensOnPort | Effect::SchedulesWork => offer(&offers.persistent_process),
        Effect::KeepsMemory => offer(&offers.shared_memory),
        Effect::StreamsEndlessly => offer(&offers.streaming),
        Effect::WorksAfterResponse => offer(&offers.background),
        Effect::NodeApi | Effect::SpawnsProcess | Effect::BurnsCpu => offer(&offers.node_api),
        Effect::WritesFiles => offers.disk.as_ref().map(|figure| match figure.value {
            Disk::None => (false, told(figure)),
            Disk::Tmp => (false, format!(" outside `/tmp`{}", told(figure))),
            Disk::Ephemeral | Disk::Durable => (true, told(figure)),
        }),
        Effect::OpensConnections
        | Effect::Waits
        | Effect::TakesLong
        | Effect::ReadsUnbounded
        | Effect::MutatesStore
        | Effect::ChecksAuth
        | Effect::ValidatesInput
        | Effect::LimitsRate => Some((true, String::new())),
    }
}
