//! A shared client is not ended by a handler.

use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::fix::code::Code;
use crate::fix::{edits, statements};
use crate::syntax::Node;
use crate::text::Span;

/// Takes out the statement that ends a client. `at` is the call, `prisma.$disconnect()`, or its statement.
///
/// A `finally` that only stood for it goes too, as does `.finally(() => prisma.$disconnect())`. `None`
/// where the call's value is used.
pub fn remove_disconnect(document: &Document, at: Span) -> Option<Fix> {
    let code = Code::new(document)?;
    let mut call = code.node(at)?;
    while matches!(call.kind(), "expression_statement" | "await_expression") {
        call = call.named_child(0)?;
    }
    let edits = without(&code, &[call])?;
    let name = code.of(call.field("function")?);
    let edits = edits::fix(format!("Remove `{name}()`"), Safety::Safe, edits, &[document])?;
    Some(edits)
}

/// Edits that take out calls that end clients. `None` where one of them cannot be taken out.
pub(crate) fn without(code: &Code<'_>, calls: &[Node<'_>]) -> Option<Vec<Edit>> {
    let mut gone = Vec::new();
    let mut out = Vec::new();
    for &call in calls {
        if call.kind() != "call_expression" {
            return None;
        }
        match chained(code, call) {
            Some(span) => out.push(edits::delete(code, span)),
            None => gone.push(statement(call)?),
        }
    }
    out.extend(statements::remove(code, &gone)?);
    Some(out)
}

/// The statement that does nothing but make the call; `.catch(…)` at its end included.
fn statement(call: Node<'_>) -> Option<Node<'_>> {
    let mut node = call.parent()?;
    // `void prisma.$disconnect()` and `await prisma.$disconnect().catch(() => {})`.
    while matches!(
        node.kind(),
        "await_expression" | "unary_expression" | "member_expression" | "call_expression"
    ) {
        if node.kind() == "member_expression"
            && node.parent().is_none_or(|node| node.kind() != "call_expression")
        {
            return None;
        }
        node = node.parent()?;
    }
    (node.kind() == "expression_statement").then_some(node)
}

/// `.finally(() => prisma.$disconnect())`, from the dot.
fn chained(code: &Code<'_>, call: Node<'_>) -> Option<Span> {
    let mut body = call;
    while body.parent().is_some_and(|parent| parent.kind() == "await_expression") {
        body = body.parent()?;
    }
    if body.parent().is_some_and(|parent| parent.kind() == "expression_statement") {
        body = body.parent()?.parent().filter(|block| block.named_child_count() == 1)?;
    }
    let function = body.parent().filter(|node| node.field("body") == Some(body))?;
    let arguments =
        function.parent().filter(|node| node.kind() == "arguments" && node.named_child_count() == 1)?;
    let chain = arguments.parent()?;
    let member = chain.field("function").filter(|node| node.kind() == "member_expression")?;
    if code.of(member.field("property")?) != "finally" {
        return None;
    }
    let receiver = member.field("object")?;
    Some(Span::new(receiver.end_byte() as u32, chain.end_byte() as u32))
}
