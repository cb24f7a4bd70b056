//! A call that works by throwing goes behind the `try` that would swallow it.

use super::code::{Code, ancestors, each, scope_of};
use super::edits;
use super::offer::Offer;
use super::statements;
use crate::finding::{Fix, Safety};
use crate::form::catch_around;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Moves `redirect("/orders")` behind the `try`, where it is the last thing that is tried and needs nothing that is
/// declared in there. A `try` with nothing else in it goes.
pub(super) fn redirect_after_try(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let (_, at) = *offer.captures("at")?.iter().find(|(name, _)| *name == "at")?;
    let call = code.node(at)?;
    let statement =
        call.parent().filter(|it| matches!(it.kind(), "expression_statement" | "return_statement"))?;
    let body = statement.parent()?;
    let attempt = body.parent().filter(|it| it.kind() == "try_statement")?;
    let clause = catch_around(call).filter(|clause| clause.parent() == Some(attempt))?;
    let last = *children(body).last()?;
    // Behind a `catch` that goes on, it would be called for what failed as well. In an outer `try` it would be
    // swallowed again.
    let outer = ancestors(attempt)
        .skip(1)
        .take_while(|it| !super::code::is_function(*it))
        .any(|it| it.kind() == "try_statement");
    if last != statement || attempt.field("finalizer").is_some() || !ends(clause) || outer {
        return None;
    }
    let name = call.field("function").map(|callee| code.of(callee))?;
    let text = code.of(statement).trim_end_matches(';').to_owned() + code.style().semi;
    let indent = code.indent(attempt.start_byte() as u32);
    let out = if children(body).len() == 1 {
        vec![edits::replace(&code, code.span(attempt), text)]
    } else {
        if needs_what_is_tried(&code, call, body) {
            return None;
        }
        let tried = children(body);
        let before = code.end(tried[tried.len() - 2]);
        let gap = Span::new(before, statement.start_byte() as u32);
        let mut out = if gap.of(code.text).trim().is_empty() {
            // With the blank line that may stand in front of it.
            vec![edits::delete(&code, Span::new(before, code.end(statement)))]
        } else {
            statements::remove(&code, &[statement])?
        };
        let newline = code.style().newline;
        out.push(edits::insert(&code, code.end(attempt), format!("{newline}{indent}{text}")));
        out
    };
    edits::fix(format!("Call `{name}()` behind the `try`"), Safety::Safe, out, &[offer.document])
}

fn children(block: Node<'_>) -> Vec<Node<'_>> {
    block.named_children().filter(|child| child.kind() != "comment").collect()
}

/// Whether a `catch` ends the function on its last line.
fn ends(clause: Node<'_>) -> bool {
    let last = clause.field("body").and_then(|body| children(body).last().copied());
    last.is_some_and(|last| matches!(last.kind(), "return_statement" | "throw_statement"))
}

/// Whether a name in the call is declared in the block.
fn needs_what_is_tried<'a>(code: &Code<'a>, call: Node<'a>, body: Node<'a>) -> bool {
    let inside = syntax::span(body);
    let mut needs = false;
    each(call, |node| {
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier") {
            let declared = code.occurrences(body, code.of(node)).into_iter().filter_map(scope_of);
            needs |= declared.into_iter().any(|scope| inside.covers(syntax::span(scope)));
        }
        !needs
    });
    needs
}
