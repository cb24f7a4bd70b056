//! Handlers that change data for whoever asks, or whenever somebody looks.

use super::headers::wants_header;
use super::{Detected, Place};
use crate::check::writes::{self, Written};
use crate::check::{auth, guarded};
use crate::facts::{FunctionId, Shape};
use crate::finding::Related;
use crate::project::matcher::{Coverage, Matchers};
use crate::project::{Entry, FileNo, routes};

/// Parts of paths and names of handlers that strangers may call, or that machines call.
const OPEN: &[&str] = &[
    "login",
    "sign",
    "register",
    "logout",
    "reset",
    "forgot",
    "password",
    "callback",
    "oauth",
    "sso",
    "saml",
    "scim",
    "auth",
    "otp",
    "magic",
    "passkey",
    "webauthn",
    "token",
    "session",
    "webhook",
    "hook",
    "contact",
    "newsletter",
    "subscri",
    "waitlist",
    "feedback",
    "support",
    "demo",
    "lead",
    "survey",
    "response",
    "submit",
    "form",
    "vote",
    "like",
    "comment",
    "view",
    "track",
    "event",
    "analytic",
    "collect",
    "ingest",
    "log",
    "report",
    "search",
    "health",
    "ping",
    "status",
    "cron",
    "job",
    "queue",
    "worker",
    "task",
    "trpc",
    "graphql",
    "upload",
    "inngest",
    "trigger",
    "public",
    "share",
    "invite",
    "invitation",
    "join",
    "accept",
    "confirm",
    "verif",
    "activate",
    "checkout",
    "payment",
    "stripe",
    "billing",
    "cart",
    "order",
    "donat",
    "guest",
    "anonymous",
    "visitor",
    "widget",
    "embed",
    "test",
    "seed",
    "setup",
    "install",
    "onboard",
    "migrat",
    "revalidate",
    "preview",
    "draft",
    "cookie",
    "consent",
    "theme",
    "locale",
    "lang",
    "captcha",
    "challenge",
    "internal",
];

/// Parts of paths whose GET is there to change something once: links in mail, redirects of a sign-in, jobs.
const LINKS: &[&str] = &[
    "cron",
    "job",
    "worker",
    "queue",
    "task",
    "webhook",
    "hook",
    "callback",
    "oauth",
    "auth",
    "sso",
    "saml",
    "login",
    "sign",
    "logout",
    "verif",
    "confirm",
    "activate",
    "subscri",
    "invite",
    "invitation",
    "accept",
    "track",
    "pixel",
    "open",
    "click",
    "view",
    "visit",
    "analytic",
    "event",
    "token",
    "magic",
    "health",
    "seed",
    "migrat",
    "setup",
    "install",
    "test",
    "sync",
    "refresh",
    "revalidate",
    "stripe",
    "checkout",
    "redirect",
    "internal",
    "trigger",
];

/// What functions are called that are there to change something.
const VERBS: &[&str] = &[
    "delet", "remov", "clear", "updat", "creat", "add", "insert", "archiv", "publish", "toggl", "mark",
    "save", "approv", "reject", "cancel", "destroy", "purge", "drop", "enabl", "disabl", "assign", "promot",
    "ban",
];

/// Parts of names of tables that keep what happened rather than what is.
const TRACES: &[&str] = &[
    "log",
    "audit",
    "event",
    "analytic",
    "stat",
    "view",
    "visit",
    "click",
    "metric",
    "session",
    "token",
    "cache",
    "usage",
    "activit",
    "histor",
    "counter",
    "rate",
    "verification",
    "seen",
    "presence",
    "access",
    "track",
    "impression",
    "hit",
    "download",
    "limit",
    "lock",
    "job",
    "sync",
];

/// Query parameters and headers that say that a request is not a plain look at a page.
const MACHINE: &[&str] = &[
    "authorization",
    "token",
    "code",
    "state",
    "signature",
    "secret",
    "api-key",
    "apikey",
    "api_key",
    "hash",
    "otp",
];

/// GET and HEAD handlers that write to a store.
pub(super) fn get_mutates<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    let mut out = Vec::new();
    for entry in entries(place) {
        let get = matches!(entry.method.as_deref(), Some("GET" | "HEAD"));
        if !get || !matches!(entry.kind, "app-route" | "express") || speaks(place, entry, LINKS) {
            continue;
        }
        let written = writes::of(project, entry);
        let meant = |it: &&Written| is_meant(place, it) && !says(&it.store(project), TRACES);
        let Some(first) = written.iter().find(meant) else { continue };
        if is_by_machine(place, entry) || wants_header(place, entry) {
            continue;
        }
        let Some(name) = first.name(project) else { continue };
        let other = if first.file == place.file {
            String::new()
        } else {
            format!(" in {}", shown(place, first.file))
        };
        out.push(place.found(
            entry.span(&place.input.facts),
            [("entry", entry.label.clone()), ("name", name), ("via", other)],
            first.related(project),
        ));
    }
    out
}

/// Whether a write is what a handler is there for: it stands in the file of the route, or in a function that is
/// called there and named after it. What lies deeper keeps a token fresh or a cache warm.
fn is_meant(place: &Place<'_>, written: &Written) -> bool {
    if written.file == place.file {
        return true;
    }
    let Some(input) = place.project.file(written.file) else { return false };
    let Some(number) = input.facts.call(written.call).function else { return false };
    let chunk = &input.facts.chunks[written.call.chunk as usize].facts;
    // The callback of a transaction is part of the function around it.
    let mut around = std::iter::successors(Some(number), |number| chunk.functions[*number as usize].parent);
    let links = place.project.links(place.file).map_or(&[][..], |links| &links.edges);
    around.any(|number| {
        let function = FunctionId { chunk: written.call.chunk, number };
        let named = chunk.functions[number as usize].name.as_deref();
        named.is_some_and(|name| says(name.rsplit('.').next().unwrap_or_default(), VERBS))
            && links.iter().any(|edge| edge.from.is_some() && edge.to == (written.file, function))
    })
}

/// POST handlers of webhooks that write without a look at who sent the event.
pub(super) fn webhook_unsigned<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    let mut out = Vec::new();
    for entry in entries(place) {
        let post = match entry.kind {
            "app-route" => entry.method.as_deref() == Some("POST"),
            "pages-api" => true,
            "express" => entry.method.as_deref() == Some("POST") && entry.call().is_some(),
            _ => false,
        };
        let hook = entry.url.as_deref().is_some_and(|url| {
            let mut segments = url.split(['/', '-', '_', '.']);
            segments.any(|it| matches!(it, "webhook" | "webhooks" | "hook" | "hooks"))
                && !url.contains("internal")
                // What a signed-in user does with webhooks: a list of them, their settings.
                && !url.contains(['[', ':'])
        });
        if !post || !hook || guarded::entry_could_check(project, place.file, entry) {
            continue;
        }
        let Some(first) = writes::of(project, entry).into_iter().next() else { continue };
        let Some(name) = first.name(project) else { continue };
        out.push(place.found(
            entry.span(&place.input.facts),
            [("entry", entry.label.clone()), ("name", name)],
            first.related(project),
        ));
    }
    out
}

/// Handlers and actions that write, in a project whose others check who asks, without a check.
pub(super) fn missing_auth<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let project = place.project;
    if !project.is_complete() {
        return Vec::new();
    }
    let open: Vec<&Entry> = entries(place)
        .filter(|entry| changes(entry) && !speaks(place, entry, OPEN))
        .filter(|entry| !guarded::entry_could_check(project, place.file, entry))
        .collect();
    let (express, next): (Vec<&Entry>, Vec<&Entry>) = open.into_iter().partition(|it| it.kind == "express");
    let next = if next.is_empty() || proxied(place, &next) { Vec::new() } else { next };
    [express, next].into_iter().flat_map(|open| unlike_others(place, &open)).collect()
}

/// Of handlers that do not check who asks those that write, where others of their framework do check.
fn unlike_others<'p>(place: &Place<'p>, open: &[&'p Entry]) -> Vec<Detected<'p>> {
    let project = place.project;
    let found: Vec<(&Entry, Written)> = open
        .iter()
        .filter_map(|entry| Some((*entry, writes::of(project, entry).into_iter().next()?)))
        .collect();
    let Some((first, _)) = found.first() else { return Vec::new() };
    let (checked, unchecked) = siblings(place, first.kind == "express");
    if checked.len() < 3 || checked.len() < 2 * unchecked {
        return Vec::new();
    }
    let examples: Vec<Related> = checked
        .iter()
        .take(3)
        .filter_map(|&(file, entry)| {
            let input = project.file(file)?;
            let message = format!("{} checks who asks", entry.label);
            Some(Related { path: input.path.clone(), span: entry.span(&input.facts), message })
        })
        .collect();
    found
        .into_iter()
        .filter_map(|(entry, written)| {
            let name = written.name(project)?;
            Some(place.found(
                entry.span(&place.input.facts),
                [("entry", entry.label.clone()), ("name", name), ("count", checked.len().to_string())],
                written.related(project).into_iter().chain(examples.iter().cloned()),
            ))
        })
        .collect()
}

fn entries<'p>(place: &Place<'p>) -> impl Iterator<Item = &'p Entry> {
    place.project.links(place.file).into_iter().flat_map(|links| &links.entries)
}

/// Whether a handler is there to change something.
fn changes(entry: &Entry) -> bool {
    match entry.kind {
        "app-route" => matches!(entry.method.as_deref(), Some("POST" | "PUT" | "PATCH" | "DELETE")),
        "server-action" | "pages-api" => true,
        "express" => {
            let writes = matches!(entry.method.as_deref(), Some("POST" | "PUT" | "PATCH" | "DELETE"));
            writes && entry.call().is_some() && entry.url.is_some()
        }
        _ => false,
    }
}

/// Whether the path or the name of a handler holds one of these words.
fn speaks(place: &Place<'_>, entry: &Entry, words: &[&str]) -> bool {
    // The label of an action says "server action" in front of its name.
    let name = || entry.label.rsplit("action").next().unwrap_or_default().to_owned();
    let path = match &entry.url {
        Some(url) if entry.kind != "server-action" => url.clone(),
        _ => name(),
    };
    let crons = place.input.package.vercel.as_ref().map_or(&[][..], |vercel| &vercel.crons);
    let cron = crons
        .iter()
        .any(|cron| Some(cron.path.split(['?', '#']).next().unwrap_or_default()) == entry.url.as_deref());
    cron || path.contains("[...") || path.contains('*') || says(&path, words)
}

/// Whether one of the words of a name or path begins with one of these.
fn says(text: &str, parts: &[&str]) -> bool {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in text.chars() {
        let starts = c.is_ascii_uppercase() && small;
        small = c.is_ascii_lowercase();
        if starts || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.iter().any(|word| parts.iter().any(|part| word.starts_with(part)))
}

/// Whether a handler asks for something that only a machine, or the link of a mail, sends.
fn is_by_machine(place: &Place<'_>, entry: &Entry) -> bool {
    // A function of the project that looks at the secret of a scheduler is told by its name.
    let told = place.input.facts.calls().any(|(_, call)| {
        call.callee.last().is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            ["cron", "secret", "signature", "apikey"].iter().any(|part| name.contains(part))
        })
    });
    told || entry.roots.iter().any(|&(file, function)| {
        let Some(input) = place.project.file(file) else { return true };
        let chunk = &input.facts.chunks[function.chunk as usize].facts;
        let within = chunk.functions[function.number as usize].at.0;
        let asks = |text: &str| {
            let text = text.to_ascii_lowercase();
            MACHINE.iter().any(|word| text.contains(word))
        };
        let calls = chunk.calls.iter().filter(|call| within.covers(call.at.0));
        let mut asked = calls.filter_map(|call| call.args.first()).filter_map(Shape::text);
        asked.any(asks) || chunk.decls.iter().any(|decl| within.covers(decl.at.0) && asks(&decl.name))
    })
}

/// Whether a proxy of the package may stand before one of these handlers, and may check who asks.
fn proxied(place: &Place<'_>, entries: &[&Entry]) -> bool {
    let project = place.project;
    let Some(next) = &place.input.package.next else { return true };
    project.numbers().any(|file| {
        let Some(input) = project.file(file).filter(|it| it.package.root == place.input.package.root) else {
            return false;
        };
        if routes::kind(input) != Some("proxy") {
            return false;
        }
        let harmless = project.links(file).is_some_and(|links| {
            let own: Vec<&Entry> = links.entries.iter().filter(|it| it.kind == "proxy").collect();
            !own.is_empty() && own.iter().all(|it| !auth::could_check(project, it))
        });
        let misses = Matchers::of(input).is_some_and(|matchers| {
            entries.iter().all(|entry| {
                entry.url.as_deref().is_some_and(|url| matchers.covers(next, url) == Coverage::Never)
            })
        });
        !harmless && !misses
    })
}

/// The handlers of the package that change something, of Express or of Next.js: those that check who asks for certain,
/// and how many do not.
fn siblings<'p>(place: &Place<'p>, express: bool) -> (Vec<(FileNo, &'p Entry)>, usize) {
    let project = place.project;
    let mut checked = Vec::new();
    let mut unchecked = 0;
    for file in project.numbers() {
        let (Some(input), Some(links)) = (project.file(file), project.links(file)) else { continue };
        if input.package.root != place.input.package.root {
            continue;
        }
        let ours = |entry: &&Entry| changes(entry) && (entry.kind == "express") == express;
        for entry in links.entries.iter().filter(ours) {
            let writes = || !writes::of(project, entry).is_empty();
            if guarded::entry_checks(project, file, entry) {
                if entry.kind != "pages-api" || writes() {
                    checked.push((file, entry));
                }
            } else if !guarded::entry_could_check(project, file, entry) && writes() {
                unchecked += 1;
            }
        }
    }
    (checked, unchecked)
}

fn shown(place: &Place<'_>, file: FileNo) -> String {
    place.project.file(file).map_or_else(String::new, |input| crate::check::shown(place.input, &input.path))
}
