//! Tables in Markdown.

use std::fmt::Write as _;

use routewise_analysis::check::detectors;
use routewise_analysis::finding::Severity;
use routewise_analysis::fix;
use routewise_analysis::rules::{APPLIES, KEYS, PLACEHOLDERS, Rule, vocabulary};
use routewise_analysis::tables::{
    Capabilities, Class, Disk, Effect, Figure, Holds, Instances, Kind, Libraries, Library, Limit, Offer,
    TargetInfo, Targets,
};

/// The rules, as the README shows them.
pub(crate) fn rules(rules: &[Rule]) -> String {
    let mut rows = Vec::new();
    for rule in rules {
        let severity = |kind| severity(rule.severity_on(kind));
        rows.push(vec![
            format!("[`{id}`](queries/{id}/rule.md)", id = rule.id),
            rule.title.clone(),
            severity(Kind::Serverless).to_owned(),
            severity(Kind::Persistent).to_owned(),
            severity(Kind::Unknown).to_owned(),
            if rule.fixes.is_empty() { "" } else { "yes" }.to_owned(),
        ]);
    }
    table(&["Rule", "What it finds", "Serverless", "Persistent", "Unknown host", "Fix"], rows)
}

/// The generated parts of `queries/README.md`, by name.
pub(crate) fn of_queries() -> Vec<(&'static str, String)> {
    vec![
        ("keys", pairs(["Key", "Meaning"], KEYS.map(|(key, text)| (key, text.to_owned())))),
        (
            "placeholders",
            pairs(["Placeholder", "Stands for"], PLACEHOLDERS.map(|(name, text)| (name, text.to_owned()))),
        ),
        ("applies", words(&APPLIES)),
        ("predicates", predicates()),
        ("functions", words(&fix::functions().iter().map(|name| format!("rust:{name}")).collect::<Vec<_>>())),
        ("detectors", words(&detectors().iter().map(|name| format!("rust:{name}")).collect::<Vec<_>>())),
        (
            "effects",
            pairs(
                ["Effect", "The code …"],
                Effect::ALL.map(|effect| (effect.name(), effect.phrase().to_owned())),
            ),
        ),
        ("libraries", libraries()),
        ("targets", targets()),
    ]
}

fn predicates() -> String {
    let mut out = String::new();
    // The one of the tests is for nobody else.
    for word in vocabulary().into_iter().filter(|word| word.name != "panic-for-tests") {
        let _ = writeln!(out, "- {}", word.doc);
    }
    out
}

fn libraries() -> String {
    let row = |library: &Library| {
        let holds = |holds: Holds| match holds {
            Holds::Pool => "a pool",
            Holds::Connection => "a connection",
            Holds::Sockets => "sockets",
            Holds::Nothing => "nothing",
        };
        let mut held: Vec<&str> = Vec::new();
        for make in &library.makes {
            if !held.contains(&holds(make.holds)) {
                held.push(holds(make.holds));
            }
        }
        let class = match library.class {
            Class::Database => "database",
            Class::Sdk => "sdk",
            Class::Stateless => "stateless",
        };
        let pool = library.pool.as_ref().and_then(|pool| pool.size).map(|size| size.to_string());
        vec![
            format!("`{}`", library.id),
            library.name.to_string(),
            class.to_owned(),
            held.join(", "),
            pool.unwrap_or_default(),
        ]
    };
    let rows = Libraries::builtin().all().iter().map(row).collect();
    table(&["Library", "Name", "Class", "Holds", "Connections"], rows)
}

fn targets() -> String {
    let row = |target: &TargetInfo| {
        let it = &target.capabilities;
        vec![
            format!("`{}`", target.id),
            target.name.to_string(),
            target.kind.name().to_owned(),
            durations(it),
            figure(it.websockets.as_ref(), offer),
            figure(it.streaming.as_ref(), offer),
            figure(it.background.as_ref(), offer),
            figure(it.disk.as_ref(), |disk| match disk {
                Disk::None => "none",
                Disk::Tmp => "/tmp",
                Disk::Ephemeral => "ephemeral",
                Disk::Durable => "durable",
            }),
            figure(it.instances.as_ref(), |instances| match instances {
                Instances::One => "one",
                Instances::Several => "several",
            }),
        ]
    };
    let rows = Targets::builtin().all().iter().map(row).collect();
    let head = [
        "Target",
        "Name",
        "Kind",
        "Seconds at most",
        "WebSockets",
        "Streaming",
        "After the response",
        "Disk",
        "Instances",
    ];
    let mut out = table(&head, rows);
    out.push_str("\n`?`: no document was read for it. An empty cell: not known.\n");
    out
}

/// The longest a request may take, by plan.
fn durations(capabilities: &Capabilities) -> String {
    let plans = capabilities.duration.iter().map(|row| {
        let mut out = match row.max {
            Limit::At(seconds) => seconds.to_string(),
            Limit::Unlimited => "no limit".to_owned(),
        };
        if row.unverified {
            out.push_str(" ?");
        }
        if let Some(plan) = row.label() {
            let _ = write!(out, " ({plan})");
        }
        out
    });
    plans.collect::<Vec<_>>().join(", ")
}

fn offer(offer: Offer) -> &'static str {
    match offer {
        Offer::Yes => "yes",
        Offer::Limited => "limited",
        Offer::No => "no",
    }
}

fn figure<T: Copy>(figure: Option<&Figure<T>>, word: impl Fn(T) -> &'static str) -> String {
    figure.map_or_else(String::new, |figure| {
        format!("{}{}", word(figure.value), if figure.unverified { " ?" } else { "" })
    })
}

fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        Some(Severity::Information) => "information",
        Some(Severity::Hint) => "hint",
        None => "off",
    }
}

fn pairs<const N: usize>(head: [&str; 2], rows: [(&str, String); N]) -> String {
    table(&head, rows.into_iter().map(|(name, text)| vec![format!("`{name}`"), text]).collect())
}

fn words<T: AsRef<str>>(words: &[T]) -> String {
    if words.is_empty() {
        return "None yet.".to_owned();
    }
    let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    format!("{}.", words.join(", "))
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out
}
