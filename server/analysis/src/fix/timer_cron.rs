//! A timer of a module becomes a cron job of Vercel that calls a route.

use std::fmt::Write as _;

use super::code::{Code, is_function};
use super::cron_job::{handler, route_file, shown};
use super::export::unused_imports;
use super::imports;
use super::module_timer::{Needed, Timer, needed};
use super::offer::Offer;
use super::{edits, statements};
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::json;
use crate::path::FilePath;
use crate::project::routes;
use crate::syntax::Node;
use crate::text::Span;

/// Makes a route that does the work, and an entry of `crons` in `vercel.json` that calls it on the timer's schedule.
///
/// `None` where the schedule cannot be said in five fields, and where the work is more than a function that needs
/// nothing but what can be imported.
pub(super) fn timer_as_cron(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let package = &offer.input.package;
    let timer = Timer::at(offer, &code).filter(|_| &*package.target.id == "vercel")?;
    let exported = timer.statement.kind() == "export_statement";
    // Nobody but Next.js imports a route, so what it exports can go.
    let lasting = exported && routes::kind(offer.input).is_none();
    let used = timer.name.is_some_and(|name| code.occurrences(code.root, name).len() > 1);
    if used || lasting || imports::is_commonjs(&code) == Some(true) {
        return None;
    }
    let Job { schedule, work } = Job::of(&code, timer.call)?;
    let path = format!("/api/cron/{}", name(&code, offer, work)?);
    let to = route_file(package, offer.sources, &path)?;
    let style = code.style();
    let mut text = String::new();
    let needed = needed(offer, &code, work, &to)?;
    for Needed { local, imported, source } in &needed {
        let what = match *imported {
            "*" => format!("* as {local}"),
            "default" => (*local).to_owned(),
            imported if imported == *local => style.braces(local),
            imported => style.braces(&format!("{imported} as {local}")),
        };
        let _ = write!(text, "import {what} from {}{}{}", style.string(source), style.semi, style.newline);
    }
    if !needed.is_empty() {
        text += style.newline;
    }
    text += &handler(&style, package.typescript, &lines(&code, work)?);

    let mut all = vec![Edit::create(to.clone(), text)];
    let start = code.with_comments(timer.statement);
    let whole = statements::whole_lines(&code, timer.statement);
    all.push(edits::delete(&code, Span::new(code.line(start).start.min(whole.start), whole.end)));
    all.extend(imports::rewrite(&code, None, &unused_imports(&code, &[timer.statement]), false)?);
    let element = format!("{{ \"path\": \"{path}\", \"schedule\": \"{schedule}\" }}");
    let (entry, settings) = entry(offer, &element, style.newline)?;
    all.push(entry);
    let title = format!(
        "Call {} by the clock, from `vercel.json` (set `CRON_SECRET`; look at the schedule, which is in UTC)",
        shown(package, &to)?
    );
    match &settings {
        Some(settings) => edits::fix(title, Safety::Unsafe, all, &[offer.document, settings]),
        None => edits::fix(title, Safety::Unsafe, all, &[offer.document]),
    }
}

/// The edit of `vercel.json`, or the file itself where there is none; with its text as it is now.
fn entry(
    offer: &Offer<'_>,
    element: &str,
    newline: &str,
) -> Option<(Edit, Option<std::sync::Arc<Document>>)> {
    let package = &offer.input.package;
    let own: FilePath = package.root.as_ref()?.join(json::VERCEL);
    match &package.vercel {
        Some(vercel) if vercel.path == own => {
            let document = offer.sources.document(&own)?;
            Some((json::append(&document, "crons", element)?, Some(document)))
        }
        // Written in another language, or for a folder above.
        Some(_) => None,
        None if offer.sources.document(&own).is_some() => None,
        None => {
            let text = format!("{{{newline}  \"crons\": [{element}]{newline}}}{newline}");
            Some((Edit::create(own, text), None))
        }
    }
}

/// What a timer does, and when.
struct Job<'a> {
    /// As crontab writes it.
    schedule: String,
    /// The function that is called.
    work: Node<'a>,
}

impl<'a> Job<'a> {
    /// Reads `setInterval(work, 3_600_000)` and `cron.schedule("0 * * * *", work)`.
    fn of(code: &Code<'a>, call: Node<'a>) -> Option<Self> {
        let arguments = call.field("arguments")?;
        let given: Vec<Node<'a>> = arguments.named_children().filter(|it| it.kind() != "comment").collect();
        let is_work = |node: &Node<'_>| node.kind() == "identifier" || is_function(*node);
        match given[..] {
            [work, every] if code.of(call).starts_with("setInterval") && is_work(&work) => {
                Some(Self { schedule: each(product(code.of(every))?)?, work })
            }
            // Options such as a time zone come behind the work, and are not understood.
            [when, work] if when.kind() == "string" && is_work(&work) => {
                let text = code.of(when);
                Some(Self { schedule: fields(&text[1..text.len() - 1])?, work })
            }
            _ => None,
        }
    }
}

/// `60 * 60 * 1000` and `3_600_000` as a number.
fn product(text: &str) -> Option<u64> {
    text.split('*').try_fold(1u64, |all, factor| {
        let digits = factor.trim().replace('_', "");
        all.checked_mul(digits.parse().ok()?)
    })
}

/// The schedule that comes round after so many milliseconds, where there is one.
fn each(milliseconds: u64) -> Option<String> {
    let minutes = milliseconds / 60_000;
    if minutes == 0 || !milliseconds.is_multiple_of(60_000) {
        return None;
    }
    match minutes {
        1 => Some("* * * * *".to_owned()),
        60 => Some("0 * * * *".to_owned()),
        1440 => Some("0 0 * * *".to_owned()),
        10_080 => Some("0 0 * * 0".to_owned()),
        // What does not divide the hour or the day would come round unevenly.
        _ if minutes < 60 && 60_u64.is_multiple_of(minutes) => Some(format!("*/{minutes} * * * *")),
        _ if minutes.is_multiple_of(60) && 1440_u64.is_multiple_of(minutes) => {
            Some(format!("0 */{} * * *", minutes / 60))
        }
        _ => None,
    }
}

/// Five fields as Vercel takes them: numbers, no names, and not both a day of the month and one of the week. A field
/// for seconds in front may say zero.
fn fields(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let five = match &fields[..] {
        ["0" | "00", five @ ..] if five.len() == 5 => five,
        all => all,
    };
    if five.len() != 5 {
        return None;
    }
    let plain =
        |field: &&str| field.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | ',' | '-' | '/'));
    (five.iter().all(plain) && (five[2] == "*" || five[4] == "*")).then(|| five.join(" "))
}

/// What the route is called: as the function that it calls, else as the file of the timer.
fn name(code: &Code<'_>, offer: &Offer<'_>, work: Node<'_>) -> Option<String> {
    let called = match work.kind() {
        "identifier" => Some(code.of(work)),
        _ => single_call(code, work).map(|callee| callee.rsplit('.').next().unwrap_or(callee)),
    };
    let file = match offer.input.path.stem() {
        "index" | "route" | "page" | "layout" => offer.input.path.parent()?.file_name().to_owned(),
        stem => stem.to_owned(),
    };
    let words = called.map_or(file, str::to_owned);
    let mut out = String::new();
    for letter in words.chars() {
        match letter {
            'A'..='Z' if !out.is_empty() && !out.ends_with('-') => {
                out.push('-');
                out.push(letter.to_ascii_lowercase());
            }
            'A'..='Z' | 'a'..='z' | '0'..='9' => out.push(letter.to_ascii_lowercase()),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    let out = out.trim_end_matches('-').to_owned();
    (!out.is_empty()).then_some(out)
}

/// The callee of a function that is one call: `() => sendReport()`.
fn single_call<'a>(code: &Code<'a>, work: Node<'a>) -> Option<&'a str> {
    let body = work.field("body")?;
    let call = if body.kind() == "await_expression" { body.named_child(0)? } else { body };
    let callee = call.field("function").filter(|_| call.kind() == "call_expression")?;
    Some(code.of(callee))
}

/// The lines that do the work in the route.
fn lines(code: &Code<'_>, work: Node<'_>) -> Option<Vec<String>> {
    let style = code.style();
    if work.kind() == "identifier" {
        return Some(vec![format!("await {}(){}", code.of(work), style.semi)]);
    }
    let parameters = work.field("parameters");
    if parameters.is_none_or(|list| list.named_child_count() > 0) {
        return None;
    }
    let body = work.field("body")?;
    if body.kind() != "statement_block" {
        let text = code.of(body);
        let waits = body.kind() != "await_expression";
        if text.contains('\n') {
            return None;
        }
        return Some(vec![format!("{}{text}{}", if waits { "await " } else { "" }, style.semi)]);
    }
    // A `return` would leave the route without an answer, and a template of several lines would get other blanks.
    let mut plain = true;
    super::code::each(body, |node| {
        plain &= node.kind() != "return_statement"
            && (node.kind() != "template_string" || !code.of(node).contains('\n'));
        plain && !is_function(node) || node == body
    });
    let first = body.named_child(0).filter(|_| plain)?;
    let last = body.named_child(body.named_child_count().checked_sub(1)?)?;
    let inside = Span::new(first.start_byte() as u32, code.end(last));
    let indent = code.indent(first.start_byte() as u32);
    code.starts_line(first.start_byte() as u32)
        .then(|| code.outdented(inside, indent).lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_between_two_runs_is_a_schedule_where_the_day_can_be_divided_by_it() {
        let minute = 60_000;
        let known: Vec<Option<String>> =
            [minute, 5 * minute, 60 * minute, 360 * minute, 1440 * minute].map(each).to_vec();
        let wanted = ["* * * * *", "*/5 * * * *", "0 * * * *", "0 */6 * * *", "0 0 * * *"];
        assert_eq!(known, wanted.map(|it| Some(it.to_owned())));
        for none in [0, 1000, 90_000, 7 * minute, 90 * minute, 300 * minute] {
            assert_eq!(each(none), None, "{none}");
        }
        assert_eq!(product("24 * 60 * 60_000"), Some(86_400_000));
        assert_eq!(product("every"), None);
    }

    #[test]
    fn five_fields_of_numbers_are_a_schedule() {
        assert_eq!(fields("*/5 * * * *").as_deref(), Some("*/5 * * * *"));
        assert_eq!(fields("0 30 4 * * 1-5").as_deref(), Some("30 4 * * 1-5"));
        for none in ["@daily", "* * * *", "*/10 * * * * *", "0 0 * * MON", "0 0 1 * 1", ""] {
            assert_eq!(fields(none), None, "{none}");
        }
    }
}
