//! Handlers that answer the wrong method, too many rows, or no preflight.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::{Code, each};
use crate::fix::edits;
use crate::project::METHODS;
use crate::syntax::{self, Node};
use crate::text::Span;

use super::offer::Offer;

/// `GET` becomes `POST`, where the file has none yet.
pub(super) fn post_instead(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let title = "Make it a POST (then change who calls it)".to_owned();
    if let Some(edit) = post_route(offer, &code) {
        return edits::fix(title, Safety::Unsafe, vec![edit], &[offer.document]);
    }
    let exported = |name: &str| offer.input.facts.export(name).is_some();
    let named = offer.finding.span.of(code.text) == "GET";
    if !named || exported("POST") || exported("HEAD") || code.mentions("POST") {
        return None;
    }
    let edit = edits::replace(&code, offer.finding.span, "POST".to_owned());
    edits::fix(title, Safety::Unsafe, vec![edit], &[offer.document])
}

/// `app.get("/x", …)` becomes `app.post("/x", …)`, where the file registers none for that path yet.
fn post_route(offer: &Offer<'_>, code: &Code<'_>) -> Option<Edit> {
    let member = code.node(offer.finding.span).filter(|it| it.kind() == "member_expression")?;
    let (router, path, word) = registered(code, member).filter(|(_, _, word)| code.of(*word) == "get")?;
    let mut taken = false;
    each(code.root, |node| {
        let other = (node.kind() == "member_expression").then(|| registered(code, node)).flatten();
        taken |= other.is_some_and(|(holder, at, word)| {
            holder == router && at == path && matches!(code.of(word), "post" | "all")
        });
        !taken
    });
    (!taken).then(|| edits::replace(code, syntax::span(word), "post".to_owned()))
}

/// Router, path and method of a registration, `app.get` of `app.get("/x", …)`.
fn registered<'a>(code: &Code<'a>, member: Node<'a>) -> Option<(&'a str, &'a str, Node<'a>)> {
    let call = member.parent().filter(|call| call.field("function") == Some(member))?;
    let object = member.field("object").filter(|it| it.kind() == "identifier")?;
    let path = call.field("arguments")?.named_child(0)?;
    Some((code.of(object), code.of(path), member.field("property")?))
}

/// `take: 50` in the options of `findMany`, `.limit(50)` behind a query, `LIMIT 50` in an SQL text.
pub(super) fn take_some(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("at")?;
    let (_, span) = captures.iter().find(|(name, _)| *name == "at")?;
    let call = code.node(*span)?;
    let callee = call.field("function")?;
    let edit = match code.of(callee.field("property")?) {
        "from" | "find" => edits::insert(&code, call.end_byte() as u32, ".limit(50)".to_owned()),
        "query" | "execute" => limit_in_text(&code, call)?,
        "all" => limit_in_text(&code, callee.field("object")?)?,
        _ => {
            // `db.query.items.findMany()` is Drizzle's, `prisma.item.findMany()` Prisma's.
            let above = callee.field("object").and_then(|it| it.field("object"));
            let above = above.and_then(|it| it.field("property"));
            let word = if above.is_some_and(|it| code.of(it) == "query") { "limit" } else { "take" };
            limit_in_options(&code, call, word)?
        }
    };
    let title = "Read 50 rows at most (then let the client ask for more)".to_owned();
    edits::fix(title, Safety::Unsafe, vec![edit], &[offer.document])
}

fn limit_in_options(code: &Code<'_>, call: Node<'_>, word: &str) -> Option<Edit> {
    let arguments = call.field("arguments")?;
    let style = code.style();
    match arguments.named_child(0) {
        None => {
            let inside = Span::new(arguments.start_byte() as u32 + 1, arguments.end_byte() as u32 - 1);
            Some(edits::replace(code, inside, style.braces(&format!("{word}: 50"))))
        }
        Some(options) if options.kind() == "object" => {
            let start = options.named_child(0)?.start_byte() as u32;
            let spread = code.starts_line(start);
            let gap =
                if spread { format!("{}{}", style.newline, code.indent(start)) } else { " ".to_owned() };
            Some(edits::insert(code, start, format!("{word}: 50,{gap}")))
        }
        Some(_) => None,
    }
}

/// At the end of the SQL that a call is given, before what ends the statement.
fn limit_in_text(code: &Code<'_>, call: Node<'_>) -> Option<Edit> {
    let sql = call.field("arguments")?.named_child(0)?;
    let text = code.of(sql);
    let inside = text.get(..text.len().checked_sub(1)?)?.trim_end_matches([';', ' ', '\n', '\r', '\t']);
    Some(edits::insert(code, (sql.start_byte() + inside.len()) as u32, " LIMIT 50".to_owned()))
}

/// An `OPTIONS` at the end of the file, with the headers that the handlers share.
pub(super) fn answer_preflight(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let facts = &offer.input.facts;
    let names_origin = |shape: &crate::facts::Shape| {
        matches!(shape, crate::facts::Shape::Object(entries)
            if entries.iter().any(|(key, _)| key.eq_ignore_ascii_case("access-control-allow-origin")))
    };
    let decls = facts.chunks.iter().flat_map(|chunk| &chunk.facts.decls);
    let shared = decls.filter(|decl| decl.scope.is_none()).find(|decl| names_origin(&decl.value))?;
    let has = |header: &str| {
        matches!(&shared.value, crate::facts::Shape::Object(entries)
            if entries.iter().any(|(key, _)| key.eq_ignore_ascii_case(header)))
    };
    let methods: Vec<&str> = METHODS
        .iter()
        .copied()
        .filter(|method| !matches!(*method, "HEAD" | "OPTIONS") && facts.export(method).is_some())
        .collect();
    let style = code.style();
    let (line, step, semi) = (style.newline, style.indent, style.semi);
    let mut headers = format!("{step}{step}{step}...{},{line}", shared.name);
    for (header, value) in [
        ("Access-Control-Allow-Methods", methods.join(", ")),
        ("Access-Control-Allow-Headers", "Content-Type".to_owned()),
    ] {
        if !has(header) {
            for part in [step, step, step, &style.string(header), ": ", &style.string(&value), ",", line] {
                headers.push_str(part);
            }
        }
    }
    let text = format!(
        "{line}export function OPTIONS() {{{line}{step}return new Response(null, {{{line}{step}{step}status: \
         204,{line}{step}{step}headers: {{{line}{headers}{step}{step}}},{line}{step}}}){semi}{line}}}{line}"
    );
    let end = code.text.trim_end().len() as u32;
    let rest = Span::new(end, code.text.len() as u32);
    let edit = edits::replace(&code, rest, format!("{line}{text}"));
    edits::fix("Answer the preflight".to_owned(), Safety::Safe, vec![edit], &[offer.document])
}
