//! Responses written in a way that the host does not take.

use crate::finding::{Fix, Safety};
use crate::fix::code::{Code, ancestors, each, scope_of};
use crate::fix::edits;
use crate::syntax::{self, Node};

use super::offer::Offer;

/// `Response.json({}, { status: 204 })` becomes `new Response(null, { status: 204 })`: the body goes, the rest stays.
pub(super) fn drop_body(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("body")?;
    let span = |name: &str| captures.iter().find(|(known, _)| *known == name).map(|(_, span)| *span);
    let (callee, body) = (span("callee")?, span("body")?);
    let mut out = vec![edits::replace(&code, body, "null".to_owned())];
    if code.node(span("at")?)?.kind() == "call_expression" {
        let class = callee.of(code.text).strip_suffix(".json")?;
        out.push(edits::replace(&code, callee, format!("new {class}")));
    }
    // What makes the body may do more than that.
    let mut safety = Safety::Safe;
    each(code.node(body)?, |node| {
        let harmless = node.kind() != "call_expression" || code.of(node).starts_with("JSON.stringify(");
        if !harmless || matches!(node.kind(), "await_expression" | "new_expression" | "assignment_expression")
        {
            safety = Safety::Unsafe;
        }
        true
    });
    let title = format!("Answer {} without a body", span("status")?.of(code.text));
    edits::fix(title, safety, out, &[offer.document])
}

/// `NextResponse.json(user);` gets the `return` that it lacks; `return { ok: true }` gives a response.
pub(super) fn return_response(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    match at.kind() {
        "call_expression" | "new_expression" => {
            let statement = ancestors(at).find(|node| node.kind() == "expression_statement")?;
            let block = statement.parent()?;
            let last = statement.next_named_sibling().is_none() && block.kind() == "statement_block";
            // Behind it there is code that would not run any more.
            let safety = if last { Safety::Safe } else { Safety::Unsafe };
            let edit = edits::insert(&code, statement.start_byte() as u32, "return ".to_owned());
            edits::fix(format!("Return `{}`", code.of(callee(at)?)), safety, vec![edit], &[offer.document])
        }
        "return_statement" => wrap(offer, &code, at.named_child(0)?),
        _ => wrap(offer, &code, at),
    }
}

fn callee(call: Node<'_>) -> Option<Node<'_>> {
    call.field("function").or_else(|| call.field("constructor"))
}

/// A plain value inside `Response.json(…)`.
fn wrap(offer: &Offer<'_>, code: &Code<'_>, value: Node<'_>) -> Option<Fix> {
    let inner = crate::form::without_wrapping(value);
    let declared = code.occurrences(code.root, "Response").into_iter().any(|it| scope_of(it).is_some());
    if declared || !matches!(inner.kind(), "object" | "array") {
        return None;
    }
    let new = format!("Response.json({})", code.of(inner));
    let edit = edits::replace(code, syntax::span(value), new);
    edits::fix("Return it as `Response.json(…)`".to_owned(), Safety::Safe, vec![edit], &[offer.document])
}
