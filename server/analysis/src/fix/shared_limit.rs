//! A limit that all instances share, in place of a count by hand.
//!
//! By what the code counts, how many it allows and in what time is read from it. What only counts goes, and a question
//! to `@upstash/ratelimit` takes its place. Where the code does anything else on the way, nothing is offered.

mod askers;
mod read;

use std::collections::BTreeSet;

use super::code::Code;
use super::functions::make_async;
use super::offer::Offer;
use super::statements::{remove, whole_lines};
use super::{edits, imports};
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};
use crate::text::Span;

use read::{Count, Verdict, Window};

const PACKAGE: &str = "@upstash/ratelimit";

/// Counts with `@upstash/ratelimit`, in Redis over HTTP, where a `Map` or an object of the module did.
pub(super) fn shared_limit(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let count = Count::read(&code, offer.finding.span)?;
    let mut all = imports::bring(&code, &[(PACKAGE, &["Ratelimit"]), ("@upstash/redis", &["Redis"])], &[])?;
    let limiter = code.free_name("ratelimit")?;
    let style = code.style();
    let window = match &count.window {
        Window::Milliseconds(ms) if ms % 1000 == 0 => style.string(&format!("{} s", ms / 1000)),
        Window::Milliseconds(ms) => style.string(&format!("{ms} ms")),
        Window::Named(name) => format!("`${{{name}}} ms`"),
    };
    let options = style.braces(&format!(
        "redis: Redis.fromEnv(), limiter: Ratelimit.slidingWindow({}, {window})",
        code.of(count.limit)
    ));
    let made = format!("const {limiter} = new Ratelimit({options})");
    all.extend(declare(&code, &count, &made)?);
    let success = code.free_name("success").filter(|name| name == "success")?;
    let asked = format!(
        "const {} = await {limiter}.limit({}){}",
        style.braces(&success),
        code.of(count.key),
        style.semi
    );
    let mut documents = Vec::new();
    let then = match &count.verdict {
        Verdict::Refuses(consequence) => {
            let indent = code.indent(consequence.parent()?.start_byte() as u32);
            let text = code.outdented(syntax::span(*consequence), indent);
            let indent = code.indent(count.span.start);
            let lines: Vec<&str> = text.split(style.newline).collect();
            format!("if (!{success}) {}", lines.join(&format!("{}{indent}", style.newline)))
        }
        Verdict::Tells { allowed } => {
            let (edits, others) = askers::wait(offer, &code, count.function)?;
            all.extend(edits);
            documents = others;
            format!("return {}{success}{}", if *allowed { "" } else { "!" }, style.semi)
        }
    };
    if !form::is_async(count.function) {
        let waited_for = matches!(count.verdict, Verdict::Tells { .. }) || offer.is_entry(count.function);
        waited_for.then_some(())?;
        all.extend(make_async(&code, count.function));
    }
    let indent = code.indent(count.span.start);
    all.push(edits::replace(&code, count.span, format!("{asked}{}{indent}{then}", style.newline)));
    all.extend(count.before.iter().map(|gone| edits::delete(&code, whole_lines(&code, *gone))));
    all.extend(remove(&code, &count.sweeps)?);
    let gone = remove(&code, &orphans(&code, &count))?;
    // The blank line behind what goes stands behind the imports that come.
    for edit in all.iter_mut().filter(|edit| edit.span.is_empty()) {
        if gone.iter().any(|gone| gone.span.start == edit.span.start) {
            let shorter = edit.new_text.strip_suffix(style.newline).map(str::to_owned);
            edit.new_text = shorter.unwrap_or_default();
        }
    }
    all.extend(gone);
    let missing: Vec<&str> = [PACKAGE, "@upstash/redis"]
        .into_iter()
        .filter(|package| !offer.input.package.dependencies.contains(*package))
        .collect();
    let install = match missing[..] {
        [] => String::new(),
        _ => format!("install `{}`, ", missing.join("` and `")),
    };
    let title =
        format!("Count in Redis over HTTP ({install}set its URL and token, look at limit and window)");
    let mut documents: Vec<&crate::document::Document> = documents.iter().map(|it| &**it).collect();
    documents.push(offer.document);
    edits::fix(title, Safety::Unsafe, all, &documents)
}

/// Edits that put the limiter in the place of the count, behind the constants that it is made of.
fn declare(code: &Code<'_>, count: &Count<'_>, made: &str) -> Option<Vec<Edit>> {
    let names = [Some(code.of(count.limit)), count.window.name()];
    let declares = |statement: &Node<'_>| {
        let name = super::code::only_declarator(*statement).and_then(|it| it.field("name"));
        name.is_some_and(|name| names.contains(&Some(code.of(name))))
    };
    let later = code
        .statements()
        .into_iter()
        .filter(|statement| statement.start_byte() > count.declaration.start_byte())
        .rfind(declares);
    let Some(later) = later else {
        let whole = code.span(count.declaration);
        let semi = if whole.of(code.text).ends_with(';') { ";" } else { "" };
        return Some(vec![edits::replace(code, whole, format!("{made}{semi}"))]);
    };
    let end = code.line_end(code.end(later))?;
    let style = code.style();
    let semi = style.end_before(&code.text[end as usize..]);
    let line = format!("{}{made}{semi}", style.newline);
    Some(vec![edits::delete(code, whole_lines(code, count.declaration)), edits::insert(code, end, line)])
}

/// Types and constants of the file that only the count needed.
fn orphans<'a>(code: &Code<'a>, count: &Count<'a>) -> Vec<Node<'a>> {
    let mut gone: Vec<Span> = count.sweeps.iter().chain(&count.before).map(|it| syntax::span(*it)).collect();
    gone.extend([syntax::span(count.declaration), count.span]);
    let kept: BTreeSet<&str> =
        [Some(code.of(count.limit)), count.window.name()].into_iter().flatten().collect();
    let mut found = Vec::new();
    for statement in code.statements() {
        let name = match statement.kind() {
            "interface_declaration" | "type_alias_declaration" => statement.field("name"),
            "lexical_declaration" if statement != count.declaration => {
                super::code::only_declarator(statement)
                    .filter(|it| it.field("value").is_some_and(|value| !holds_call(value)))
                    .and_then(|it| it.field("name"))
            }
            _ => None,
        };
        let Some(name) = name.filter(|name| !kept.contains(code.of(*name))) else { continue };
        let uses = code.occurrences(code.root, code.of(name));
        let mut uses = uses.into_iter().filter(|it| *it != name).peekable();
        let inside = |it: Node<'a>| gone.iter().any(|span| span.covers(syntax::span(it)));
        if uses.peek().is_some() && uses.all(inside) {
            found.push(statement);
        }
    }
    found
}

fn holds_call(node: Node<'_>) -> bool {
    let mut found = false;
    super::code::each(node, |inner| {
        found |= matches!(inner.kind(), "call_expression" | "new_expression");
        !found
    });
    found
}
