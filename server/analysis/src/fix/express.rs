//! A proxy in the manner of Express becomes one that returns its response.

use super::answers::{self, Value};
use super::code::{Code, ancestors};
use super::edits;
use super::imports::{self, Wanted};
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};
use crate::form;
use crate::syntax::Node;
use crate::text::Span;

/// Makes returned responses of every `next()` and `res.…` of the function, and takes the parameters off. Nothing
/// where one of them is used in another way.
pub(super) fn next_response(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.root.descendant_for_byte_range(
        offer.finding.span.start as usize,
        offer.finding.span.start as usize + 1,
    )?;
    // The function whose second parameter this is may stand further out than the innermost one.
    let function =
        ancestors(at).find(|node| form::is_function(*node) && form::parameters(*node).len() >= 2)?;
    let names: Vec<&str> = form::parameters(function)
        .iter()
        .map(|parameter| parameter.field("pattern").unwrap_or(*parameter))
        .map(|pattern| if pattern.kind() == "identifier" { code.of(pattern) } else { "" })
        .collect();
    let (request, response) = (*names.first()?, *names.get(1)?);
    let next = names.get(2).copied().unwrap_or_default();
    if request.is_empty() || response.is_empty() || (names.len() > 2 && next.is_empty()) || names.len() > 3 {
        return None;
    }
    let body = function.field("body")?;
    let mut edits = Vec::new();
    let mut uses: Vec<Node<'_>> = code.occurrences(body, response);
    if !next.is_empty() {
        uses.extend(code.occurrences(body, next));
    }
    for place in uses {
        edits.extend(converted(&code, function, place, request, next)?);
    }
    let parameters = form::parameters(function);
    let rest = Span::new(parameters.first()?.end_byte() as u32, parameters.last()?.end_byte() as u32);
    edits.push(edits::delete(&code, rest));
    let add = Wanted {
        sources: vec!["next/server".to_owned()],
        imported: "NextResponse".to_owned(),
        local: "NextResponse".to_owned(),
    };
    let commonjs = imports::is_commonjs(&code).unwrap_or(false);
    edits.extend(imports::rewrite(&code, Some(&add), &[], commonjs)?);
    edits::fix("Return a `NextResponse` instead".to_owned(), Safety::Safe, edits, &[offer.document])
}

/// Edits for one use of `next` or `res`; `None` where it is not one of the plain forms.
fn converted(
    code: &Code<'_>,
    function: Node<'_>,
    place: Node<'_>,
    request: &str,
    next: &str,
) -> Option<Vec<Edit>> {
    // Only the function's own statements: a `return` elsewhere returns from something else.
    if !answers::is_own(function, place) {
        return None;
    }
    let (call, value) = if code.of(place) == next {
        let call = place.parent().filter(|node| node.kind() == "call_expression")?;
        let plain =
            call.field("function") == Some(place) && call.field("arguments")?.named_child_count() == 0;
        plain.then(|| (call, Value::new("NextResponse.next()".to_owned())))?
    } else {
        let answer = answers::read(code, place)?;
        (answer.call, answer.written(code, "NextResponse", request, None)?)
    };
    answers::returned(code, function, call, &value)
}
