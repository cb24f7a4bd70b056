//! What a route handler caches gets a function of its own.

use super::code::{Code, ancestors, each, is_function};
use super::edits;
use super::offer::Offer;
use crate::finding::{Fix, Safety};
use crate::syntax::Node;
use crate::text::Span;

/// Moves the body of a handler that begins with `'use cache'` into a function that is cached, up to the data of its
/// answer, and leaves the handler the answer.
///
/// `None` where the handler takes something from the request, or answers in more than one place.
pub(super) fn cache_in_function(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let directive = code.node(offer.finding.span)?;
    let function = ancestors(directive).find(|node| is_function(*node))?;
    let body = function.field("body")?;
    let inside: Vec<Node<'_>> = body.named_children().filter(|it| it.kind() != "comment").collect();
    let (first, last) = (*inside.first()?, *inside.last()?);
    let parameters = function.field("parameters").map_or(0, |list| list.named_child_count());
    let is_async = code.of(function).starts_with("async");
    if parameters > 0
        || !is_async
        || last.kind() != "return_statement"
        || first.named_child(0) != Some(directive)
    {
        return None;
    }
    let mut plain = true;
    each(body, |node| {
        plain &= match node.kind() {
            "this" => false,
            "return_statement" => node == last,
            "template_string" => !code.of(node).contains('\n'),
            _ => true,
        };
        plain && (node == body || !is_function(node))
    });
    let answer = last.named_child(0).filter(|it| plain && it.kind() == "call_expression")?;
    let callee = code.of(answer.field("function")?);
    let given = answer.field("arguments")?;
    // A status or headers may need what was worked out.
    let data = given.named_child(0).filter(|_| given.named_child_count() == 1)?;
    if !matches!(callee, "Response.json" | "NextResponse.json") {
        return None;
    }
    let statement = code.top_level(function)?;
    let style = code.style();
    let (step, semi, newline) = (style.indent, style.semi, style.newline);
    let name = code.free_name("cachedData")?;
    let start = first.start_byte() as u32;
    let before = inside.get(inside.len() - 2).map(|it| Span::new(start, code.end(*it)).of(code.text))?;
    let helper = format!(
        "async function {name}() {{{newline}{step}{before}{newline}{step}return {}{semi}{newline}}}{newline}{newline}",
        code.of(data)
    );
    let spread = code.text[body.start_byte()..last.start_byte()].contains('\n');
    if !spread
        || !code.starts_line(last.start_byte() as u32)
        || !code.starts_line(statement.start_byte() as u32)
    {
        return None;
    }
    let all = vec![
        edits::insert(&code, code.with_comments(statement), helper),
        edits::replace(
            &code,
            Span::new(start, code.end(last)),
            format!("return {callee}(await {name}()){semi}"),
        ),
    ];
    let title = format!("Cache the data in a function of its own, `{name}()`");
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}
