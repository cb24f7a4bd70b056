//! A webhook that looks at the signature of who sends.

use super::code::{Code, only_declarator};
use super::functions::make_async;
use super::imports::{self, Wanted};
use super::offer::Offer;
use super::{answers, edits, session};
use crate::finding::{Fix, Safety};
use crate::form;
use crate::project::routes;
use crate::syntax::{self, Node};

/// Senders with a check of their own, in their library.
const SENDERS: &[&str] =
    &["stripe", "clerk", "svix", "github", "octokit", "resend", "shopify", "paddle", "twilio"];

/// Reads the body of a route handler as text, and refuses it where the HMAC of the shared secret is another one.
///
/// `None` where the body is read in another way than once into a constant, and for senders that sign in their own way.
pub(super) fn check_signature(offer: &Offer<'_>) -> Option<Fix> {
    if routes::kind(offer.input) != Some("app-route") {
        return None;
    }
    let code = Code::new(offer.document)?;
    let text = format!("{}{}", offer.input.path, code.text).to_ascii_lowercase();
    let known = SENDERS.iter().any(|sender| text.contains(sender));
    let names = ["isSigned", "createHmac", "timingSafeEqual", "Buffer"];
    if known || text.contains("edge") || names.iter().any(|name| code.mentions(name)) {
        return None;
    }
    let function = session::function(&code, offer.finding.span)?;
    let parameters = form::parameters(function);
    let first = parameters.first()?;
    let request = first.field("pattern").unwrap_or(*first);
    let request = (request.kind() == "identifier").then(|| code.of(request))?;
    let read = read(&code, function, request)?;
    let statement = read.parent()?.parent().filter(|it| only_declarator(*it).is_some())?;
    let start = statement.start_byte() as u32;
    if !code.starts_line(start) {
        return None;
    }
    let style = code.style();
    let (newline, step, semi) = (style.newline, style.indent, style.semi);
    let body = code.free_name("text")?;
    let indent = code.indent(start);
    let lines = [
        format!("const {body} = await {request}.text(){semi}"),
        format!("if (!isSigned({body}, {request}.headers.get({}))) {{", style.string("x-signature")),
        format!("{step}return new Response(null, {}){semi}", style.braces("status: 401")),
        "}".to_owned(),
    ];
    let between = format!("{newline}{indent}");
    let before = lines.join(&between) + &between;
    let given = match offer.input.path.extension() {
        "ts" | "tsx" => "(body: string, signature: string | null): boolean",
        _ => "(body, signature)",
    };
    let check = [
        "// The names of the header and the secret, and what is signed, are the sender's to say.".to_owned(),
        format!("function isSigned{given} {{"),
        format!("{step}const secret = process.env.WEBHOOK_SECRET{semi}"),
        format!("{step}if (!secret || !signature) return false{semi}"),
        format!("{step}const given = Buffer.from(signature){semi}"),
        format!(
            "{step}const wanted = Buffer.from(createHmac({}, secret).update(body).digest({})){semi}",
            style.string("sha256"),
            style.string("hex")
        ),
        format!("{step}return given.length === wanted.length && timingSafeEqual(given, wanted){semi}"),
        "}".to_owned(),
    ];
    let end = code.text.trim_end().len() as u32;
    let mut all = vec![
        edits::insert(&code, start, before),
        edits::replace(&code, syntax::span(read), format!("JSON.parse({body})")),
        edits::insert(&code, end, format!("{newline}{newline}{}", check.join(newline))),
    ];
    let brings =
        imports::imports(&code).iter().any(|import| matches!(import.source, "node:crypto" | "crypto"));
    let wanted = Wanted {
        sources: vec!["node:crypto".to_owned()],
        imported: "createHmac, timingSafeEqual".to_owned(),
        local: "createHmac, timingSafeEqual".to_owned(),
    };
    let commonjs = imports::is_commonjs(&code).unwrap_or(false);
    all.extend(imports::rewrite(&code, (!brings).then_some(&wanted), &[], commonjs).filter(|_| !brings)?);
    all.extend(make_async(&code, function));
    let title =
        "Verify an HMAC of the body first (then name header and secret as the sender does)".to_owned();
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}

/// The only `await request.json()`, into a constant of the function itself; the request is read for nothing else but
/// its headers.
fn read<'a>(code: &Code<'a>, function: Node<'a>, request: &str) -> Option<Node<'a>> {
    let body = function.field("body").filter(|it| it.kind() == "statement_block")?;
    let mut found = None;
    for place in code.occurrences(body, request) {
        let member = place.parent().filter(|it| it.field("object") == Some(place))?;
        match code.of(member.field("property")?) {
            "headers" | "url" => {}
            "json" if found.is_none() => {
                let awaited = member.parent()?.parent().filter(|it| it.kind() == "await_expression")?;
                let own =
                    awaited.parent()?.kind() == "variable_declarator" && answers::is_own(function, awaited);
                found = own.then_some(awaited);
                found?;
            }
            _ => return None,
        }
    }
    found
}
