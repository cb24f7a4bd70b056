//! A route that Vercel calls by the clock answers its call, and nobody else's.

use super::code::{Code, ancestors, is_function};
use super::functions::first_lines;
use super::guard::is_typescript;
use super::offer::Offer;
use super::style::Style;
use super::{edits, statements};
use crate::finding::{Fix, Safety};
use crate::syntax;

/// Answers 401 unless the request brings the `CRON_SECRET`.
pub(super) fn check_cron_secret(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span).filter(|name| code.of(*name) == "GET")?;
    let declared = name.parent()?;
    let function = declared.field("value").unwrap_or(declared);
    let list = function.field("parameters").filter(|_| is_function(function))?;
    let mut all = Vec::new();
    let first = list.named_child(0);
    let request = match first.map(|first| first.field("pattern").unwrap_or(first)) {
        Some(first) if first.kind() == "identifier" => code.of(first).trim_start_matches('_').to_owned(),
        Some(_) => return None,
        None => "request".to_owned(),
    };
    match first {
        // A name that says that it is not used is used now.
        Some(first) => {
            let pattern = first.field("pattern").unwrap_or(first);
            let uses = code.occurrences(function, code.of(pattern));
            if request.is_empty()
                || (code.of(pattern) != request && !code.occurrences(function, &request).is_empty())
            {
                return None;
            }
            if code.of(pattern) != request {
                all.extend(
                    uses.into_iter().map(|it| edits::replace(&code, syntax::span(it), request.clone())),
                );
            }
        }
        None if !code.occurrences(function, "request").is_empty() => return None,
        None => {
            let parameter = if is_typescript(&code) { "(request: Request)" } else { "(request)" };
            all.push(edits::replace(&code, syntax::span(list), parameter.to_owned()));
        }
    }
    all.push(first_lines(&code, function, &secret_lines(&request, &code.style()))?);
    let title = "Answer 401 without the secret (set `CRON_SECRET` among the environment variables)";
    edits::fix(title.to_owned(), Safety::Unsafe, all, &[offer.document])
}

/// Lines that answer 401 to a request that does not bring the secret.
pub(super) fn secret_lines(request: &str, style: &Style) -> [String; 3] {
    let header = style.string("authorization");
    let answer = format!(
        "{}return new Response({}, {}){}",
        style.indent,
        style.string("Unauthorized"),
        style.braces("status: 401"),
        style.semi
    );
    // Without the first half, `Bearer undefined` would do where nobody has set the secret.
    let test = format!(
        "if (!process.env.CRON_SECRET || {request}.headers.get({header}) !== `Bearer \
         ${{process.env.CRON_SECRET}}`) {{"
    );
    [test, answer, "}".to_owned()]
}

/// `export { POST as GET }`.
pub(super) fn answer_get_too(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span)?;
    let method = code.of(name);
    let export =
        ancestors(name).find(|node| node.kind() == "export_statement").filter(|_| method != "GET")?;
    // What is exported under another name, or from another file, has no name of its own here.
    let specifier = ancestors(name).find(|node| node.kind() == "export_specifier");
    let own = specifier.and_then(|node| node.field("name")).map_or(method, |own| code.of(own));
    let source = export.field("source").map(|source| format!(" from {}", code.of(source)));
    let source = source.unwrap_or_default();
    let last = code.statements().into_iter().rfind(|node| node.kind() != "comment")?;
    let end = statements::whole_lines(&code, last).end;
    let style = code.style();
    let newline = style.newline;
    let gap = if code.text[..end as usize].ends_with('\n') { "" } else { newline };
    let line = format!(
        "{gap}{newline}export {}{source}{}{newline}",
        style.braces(&format!("{own} as GET")),
        style.semi
    );
    let title = format!("Let `{method}` answer GET too (a cron job sends no body)");
    edits::fix(title, Safety::Unsafe, vec![edits::insert(&code, end, line)], &[offer.document])
}
