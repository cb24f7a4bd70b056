//! For people, on one screen: the verdict, what does not fit, the needs, the reasons.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use routewise_analysis::decision::{Decision, Fit, Reason, Route, Seen, Since, Value, Verdict, Weight};
use routewise_analysis::tables::Kind;

use crate::routes::width;

/// Lines about routes.
const ROUTES: usize = 6;

/// Prints a decision.
pub(super) fn print(it: &Decision, out: &mut dyn Write) -> io::Result<()> {
    let width = width().unwrap_or(100);
    let mut page = Page { out, width };
    page.verdict(it)?;
    if let Some(since) = &it.since {
        page.change(since)?;
    }
    page.routes(it)?;
    page.needs(it)?;
    page.reasons("for a process", &it.reasons.persistent)?;
    page.reasons("for Next.js", &it.reasons.serverless)?;
    for (number, caveat) in it.caveats.iter().take(2).enumerate() {
        let label = if number == 0 { "note" } else { "" };
        page.line(label, Style::new().dimmed(), &format!("{} ({})", caveat.text, caveat.date))?;
    }
    Ok(())
}

struct Page<'o> {
    out: &'o mut dyn Write,
    width: usize,
}

impl Page<'_> {
    /// Text behind its label, cut where the terminal ends.
    fn line(&mut self, label: &str, style: Style, text: &str) -> io::Result<()> {
        let text = cut(text, self.width.saturating_sub(LABEL + 1));
        writeln!(self.out, "{style}{label:LABEL$}{style:#}{text}")
    }

    /// Text behind its label, in as many lines as it takes.
    fn wrapped(&mut self, label: &str, style: Style, text: &str) -> io::Result<()> {
        let mut label = label;
        let room = self.width.saturating_sub(LABEL + 1).max(20);
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
                writeln!(self.out, "{style}{label:LABEL$}{style:#}{line}")?;
                label = "";
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        writeln!(self.out, "{style}{label:LABEL$}{style:#}{line}")
    }

    fn verdict(&mut self, it: &Decision) -> io::Result<()> {
        let color = match it.verdict {
            Verdict::Next => AnsiColor::Green,
            Verdict::Express => AnsiColor::Magenta,
            Verdict::Both => AnsiColor::Cyan,
        };
        self.wrapped(it.verdict.phrase(), color.on_default().bold(), &it.summary)?;
        let proof = it.target.evidence.first().map(|seen| format!(" ({})", seen.text)).unwrap_or_default();
        let name = if it.target.kind == Kind::Unknown { "not known" } else { &*it.target.name };
        let host = format!("The host is {name}{proof}. {}", it.elsewhere);
        self.wrapped("", Style::new(), &host)
    }

    fn change(&mut self, since: &Since) -> io::Result<()> {
        writeln!(self.out)?;
        let commit = since.commit.get(..10).unwrap_or(&since.commit);
        self.wrapped(commit, Style::new().bold(), &since.summary)?;
        for it in since.routes.iter().take(ROUTES) {
            let (mark, style) = match it.after {
                Some(after) => mark(after),
                None => ("-", Style::new().dimmed()),
            };
            let why = it.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            let text = format!("{} {}  {}{why}", methods(&it.methods), it.url, it.phrase());
            writeln!(self.out, "  {style}{mark}{style:#} {}", cut(&text, self.width.saturating_sub(4)))?;
        }
        if since.routes.len() > ROUTES {
            writeln!(self.out, "    {} more changed", since.routes.len() - ROUTES)?;
        }
        Ok(())
    }

    fn routes(&mut self, it: &Decision) -> io::Result<()> {
        if it.routes.is_empty() && it.parts.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        let mut told: Vec<&Route> = it.routes.iter().filter(|route| route.verdict != Fit::Fits).collect();
        told.sort_by_key(|route| std::cmp::Reverse(route.verdict));
        let rows = rows(&told);
        let shown = &rows[..rows.len().min(ROUTES)];
        let room = shown.iter().map(|row| row.label().chars().count()).max().unwrap_or(0).min(34);
        for row in shown {
            let (mark, style) = mark(row.routes[0].verdict);
            let text = format!("{:room$}  {}{}", cut(&row.label(), room), row.cause, row.more());
            let text = cut(&text, self.width.saturating_sub(4));
            writeln!(self.out, "  {style}{mark}{style:#} {text}")?;
        }
        for part in it.parts.iter().filter(|part| !part.fits).take(2) {
            let (mark, style) = mark(Fit::Persistent);
            let text = format!("{}  {}", place(Some(&part.evidence), ""), part.text);
            writeln!(self.out, "  {style}{mark}{style:#} {}", cut(&text, self.width.saturating_sub(4)))?;
        }
        let fit = it.routes.len() - told.len();
        let (mark, style) = mark(Fit::Fits);
        let rest = match told.len() - shown.iter().map(|row| row.routes.len()).sum::<usize>() {
            0 => String::new(),
            many => format!(", {many} more want a look (--format markdown lists them)"),
        };
        let verb = if fit == 1 { "route fits" } else { "routes fit" };
        writeln!(self.out, "  {style}{mark}{style:#} {fit} {verb}{rest}")
    }

    fn needs(&mut self, it: &Decision) -> io::Result<()> {
        writeln!(self.out)?;
        let dim = Style::new().dimmed();
        for (need, needed) in &it.needs.0 {
            let (word, style) = match (needed.value, needed.weight) {
                (Value::Yes, Weight::Neutral) => ("yes", AnsiColor::Green.on_default()),
                (Value::Yes, _) => ("yes", AnsiColor::Magenta.on_default()),
                (Value::No, _) => ("no", dim),
                (Value::Unknown, _) => ("unknown", dim),
            };
            let seen = needed.evidence.first().filter(|_| !needed.declared);
            let at = seen.map(|seen| place(Some(seen), "")).filter(|at| !at.is_empty());
            let why = match at {
                Some(at) if needed.value == Value::Yes => format!("{} ({at})", needed.why),
                _ => needed.why.clone(),
            };
            let text = format!("{:36}  {style}{word:7}{style:#}  ", need.title());
            let room = self.width.saturating_sub(36 + 7 + 4 + 3);
            writeln!(self.out, "  {text}{}", cut(&why, room))?;
        }
        writeln!(self.out)
    }

    fn reasons(&mut self, label: &str, reasons: &[Reason]) -> io::Result<()> {
        for (number, reason) in reasons.iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            let at = reason.evidence.first().map(|seen| place(Some(seen), "")).filter(|at| !at.is_empty());
            let at = at.map(|at| format!(" ({at}{})", more(reason.evidence.len() - 1))).unwrap_or_default();
            self.line(label, Style::new().bold(), &format!("{}{at}", reason.text))?;
        }
        Ok(())
    }
}

/// Routes that one thing is the matter with.
struct Row<'d> {
    cause: String,
    routes: Vec<&'d Route>,
}

impl Row<'_> {
    fn label(&self) -> String {
        match &self.routes[..] {
            [only] => named(only),
            many => format!("{} routes", many.len()),
        }
    }

    /// What else is wrong with its route.
    fn more(&self) -> String {
        match &self.routes[..] {
            [only] if only.unmet.is_empty() => more(only.findings.len().saturating_sub(1)),
            _ => String::new(),
        }
    }
}

/// Routes by what is the matter with them: what many of them share is told once.
fn rows<'d>(told: &[&'d Route]) -> Vec<Row<'d>> {
    let mut out: Vec<Row<'d>> = Vec::new();
    for route in told {
        let cause = match (route.unmet.first(), route.findings.first()) {
            (Some(unmet), _) => format!("{}  {}", place(unmet.evidence.first(), &route.path), unmet.text),
            (None, Some(found)) => {
                let line = found.range.map(|range| format!(":{}", range.start.line)).unwrap_or_default();
                format!("{}{line}  {}", found.path, found.rule)
            }
            (None, None) => String::new(),
        };
        match out.iter_mut().find(|row| row.cause == cause && row.routes[0].verdict == route.verdict) {
            Some(row) => row.routes.push(route),
            None => out.push(Row { cause, routes: vec![route] }),
        }
    }
    out
}

/// Columns of a label.
const LABEL: usize = 15;

fn mark(fit: Fit) -> (&'static str, Style) {
    match fit {
        Fit::Fits => ("✓", AnsiColor::Green.on_default()),
        Fit::FitsWithChanges => ("~", AnsiColor::Yellow.on_default()),
        Fit::Persistent => ("→", AnsiColor::Magenta.on_default()),
    }
}

fn named(route: &Route) -> String {
    format!("{} {}", methods(&route.methods), route.url)
}

fn methods(methods: &[String]) -> String {
    if methods.is_empty() { "*".to_owned() } else { methods.join(",") }
}

fn place(seen: Option<&Seen>, otherwise: &str) -> String {
    let Some(path) = seen.and_then(|seen| seen.path.as_deref()) else { return otherwise.to_owned() };
    match seen.and_then(|seen| seen.range) {
        Some(range) => format!("{path}:{}", range.start.line),
        None => path.to_owned(),
    }
}

fn more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{kept}…")
}
