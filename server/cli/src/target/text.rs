//! For people, in 80 columns.

use std::io::{self, Write};

use routewise_analysis::package::{Instances, Seconds};
use routewise_analysis::tables::{Disk, Duration, Figure, Limit, Offer, Targets};

use super::{Route, Told};

/// Columns of a line.
const WIDTH: usize = 80;

/// Columns before what is said.
const LABEL: usize = 22;

/// Prints every package.
pub(super) fn print(told: &[Told], out: &mut dyn Write) -> io::Result<()> {
    for (number, one) in told.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        package(one, out)?;
    }
    Ok(())
}

fn package(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let target = &told.package.target;
    let unknown = &*told.info.id == "unknown";
    writeln!(out, "{}: {}", told.path, if unknown { "not known where it runs" } else { &told.info.name })?;
    let evidence: Vec<&str> = target.evidence.iter().map(|evidence| evidence.text.as_str()).collect();
    row("known from", &evidence.join(", "), out)?;
    let also: Vec<String> =
        target.also.iter().map(|(id, evidence)| format!("{} ({})", name(id), evidence.text)).collect();
    row("also seen", &also.join(", "), out)?;
    if unknown {
        let why = if also.is_empty() {
            "No file of the project says where it runs. "
        } else {
            "What was seen names more than one host. "
        };
        let what = "Findings that depend on the host are reported at a lower level. Say where it runs with \
                    { \"target\": \"vercel\" } in routewise.json, or --target vercel; there are:";
        hanging("  ", 2, &format!("{why}{what}"), out)?;
        let all: Vec<&str> =
            Targets::builtin().all().iter().map(|info| &*info.id).filter(|id| *id != "unknown").collect();
        return hanging("    ", 4, &all.join(", "), out);
    }
    if told.package.vercel.as_ref().is_none_or(|vercel| vercel.fluid != Some(false)) {
        row("note", told.info.note.as_deref().unwrap_or_default(), out)?;
    }
    limits(told, out)?;
    capabilities(told, out)?;
    routes(&told.routes, out)
}

fn limits(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let mut label = "time for a request";
    for limit in &told.limits {
        let plan = limit.label().map(|plan| format!("{plan}: ")).unwrap_or_default();
        row(label, &format!("{plan}{}", duration(limit)), out)?;
        label = "";
    }
    let vercel = told.package.vercel.as_ref();
    let both = told.limits.iter().any(|row| row.fluid == Some(false))
        && told.limits.iter().any(|row| row.fluid == Some(true));
    if both {
        let fluid = "not said in a file: on in new projects, else as the dashboard says";
        row("Fluid compute", fluid, out)?;
    } else if let Some(fluid) = vercel.and_then(|vercel| vercel.fluid) {
        row("Fluid compute", if fluid { "on" } else { "off" }, out)?;
    }
    match &told.package.plan {
        Some(plan) => row("plan", plan, out),
        None if told.limits.len() > 1 => {
            let plans: Vec<String> = told.limits.iter().flat_map(|row| row.plans()).collect();
            let first = plans.first().map_or("pro", String::as_str);
            row(
                "plan",
                &format!("not said; {{ \"plan\": \"{first}\" }} in routewise.json picks the rows"),
                out,
            )
        }
        None => Ok(()),
    }
}

fn capabilities(told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let it = &told.info.capabilities;
    row("request body", &figure(it.request_body.as_ref(), bytes), out)?;
    row("response body", &figure(it.response_body.as_ref(), bytes), out)?;
    match &told.package.streaming {
        Some((streams, evidence)) => {
            row("streaming", &format!("{} ({})", if *streams { "yes" } else { "no" }, evidence.text), out)?;
        }
        None => row("streaming", &figure(it.streaming.as_ref(), offer), out)?,
    }
    let off = told.package.vercel.as_ref().is_some_and(|vercel| vercel.fluid == Some(false));
    match &it.websockets {
        Some(figure) if figure.needs_fluid && off => row("WebSockets", "no; Fluid compute is off", out)?,
        websockets => row("WebSockets", &figure(websockets.as_ref(), offer), out)?,
    }
    row("files", &figure(it.disk.as_ref(), disk), out)?;
    row("after the response", &figure(it.background.as_ref(), offer), out)?;
    row("memory is shared", &figure(it.shared_memory.as_ref(), offer), out)?;
    if let Some((count, evidence)) = &told.package.instances {
        return row("instances", &format!("{} ({})", instances(*count), evidence.text), out);
    }
    let usual = |count| format!("{}, as far as the files say", instances(count));
    row("instances", &figure(it.instances.as_ref(), usual), out)
}

fn routes(routes: &[Route], out: &mut dyn Write) -> io::Result<()> {
    if routes.is_empty() {
        return Ok(());
    }
    writeln!(out, "  routes with a limit of their own")?;
    for route in routes {
        let seconds = match route.seconds {
            Seconds::At(seconds) => format!("{seconds} s"),
            Seconds::Max => "as long as the plan allows".to_owned(),
        };
        let heed = match (route.heeded, route.refused) {
            (false, _) => "; this host does not read it".to_owned(),
            (true, Some(most)) => format!("; not more than {most} s is allowed"),
            (true, None) if !route.too_small.is_empty() => {
                let plans: Vec<String> =
                    route.too_small.iter().map(|(plan, max)| format!("{plan} ({})", limit(*max))).collect();
                format!("; more than allowed on {}", plans.join(", "))
            }
            _ => String::new(),
        };
        wrapped(&format!("    {}", route.url), &format!("{seconds}, from {}{heed}", route.from), out)?;
    }
    Ok(())
}

fn name(id: &str) -> String {
    Targets::builtin().get(id).map_or(id, |info| &info.name).to_owned()
}

fn duration(row: &Duration) -> String {
    let mut text = match (row.default, row.max) {
        (Limit::Unlimited, _) => "no limit".to_owned(),
        (default, max) if default == max => limit(max),
        (default, max) => format!("{} unless set, {} at most", limit(default), limit(max)),
    };
    if let Some(note) = &row.note {
        text = format!("{text}; {note}");
    }
    with_doubt(text, row.unverified)
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::At(seconds) => format!("{seconds} s"),
        Limit::Unlimited => "no limit".to_owned(),
    }
}

fn bytes(limit: Limit) -> String {
    match limit {
        Limit::Unlimited => "no limit".to_owned(),
        Limit::At(bytes) if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        Limit::At(bytes) if bytes % 1_000_000 == 0 => format!("{} MB", bytes / 1_000_000),
        Limit::At(bytes) => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn offer(offer: Offer) -> String {
    match offer {
        Offer::Yes => "yes",
        Offer::Limited => "on a condition",
        Offer::No => "no",
    }
    .to_owned()
}

fn disk(disk: Disk) -> String {
    match disk {
        Disk::None => "none can be written",
        Disk::Tmp => "/tmp, as long as the instance lives",
        Disk::Ephemeral => "as long as the instance lives",
        Disk::Durable => "they stay",
    }
    .to_owned()
}

fn instances(instances: Instances) -> String {
    match instances {
        Instances::One => "one",
        Instances::Several => "several",
    }
    .to_owned()
}

fn figure<T: Copy>(figure: Option<&Figure<T>>, word: impl Fn(T) -> String) -> String {
    let Some(figure) = figure else { return "not known".to_owned() };
    let note = figure.note.as_deref().map(|note| format!("; {note}")).unwrap_or_default();
    with_doubt(format!("{}{note}", word(figure.value)), figure.unverified)
}

fn with_doubt(text: String, unverified: bool) -> String {
    if unverified { format!("{text} (not verified)") } else { text }
}

/// What is said, behind its label; nothing where there is nothing to say.
fn row(label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    if text.is_empty() { Ok(()) } else { wrapped(&format!("  {label}"), text, out) }
}

/// A label and what is said of it.
fn wrapped(label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    if label.chars().count() < LABEL {
        return hanging(&format!("{label:LABEL$}"), LABEL, text, out);
    }
    writeln!(out, "{label}")?;
    hanging(&" ".repeat(LABEL), LABEL, text, out)
}

/// Text that goes on below its own beginning.
fn hanging(start: &str, indent: usize, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut line = start.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line = " ".repeat(indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(out, "{}", line.trim_end())
}
