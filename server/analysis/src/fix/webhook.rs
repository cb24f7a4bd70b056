//! A webhook's body is read as the text that was signed.

use crate::finding::{Fix, Safety};
use crate::fix::code::{Code, ancestors, enclosing_function, only_declarator};
use crate::fix::offer::Offer;
use crate::fix::{edits, statements};
use crate::syntax::Node;

/// `await request.json()` behind the argument of a check becomes `await request.text()`. What else wants the parsed
/// body parses that text.
pub(super) fn read_body_as_text(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let argument = code.node(offer.finding.span)?;
    let mut out = Vec::new();
    let read = |node: Node<'_>| -> Option<String> {
        let awaited = code.of(node).strip_suffix(".json()")?;
        (node.kind() == "await_expression").then(|| format!("{awaited}.text()"))
    };
    // Every step from the argument to where the body was read: names, and `JSON.stringify(…)`.
    let mut at = argument;
    let mut names: Vec<Node<'_>> = Vec::new();
    let text = loop {
        if let Some(text) = read(at) {
            break text;
        }
        match at.kind() {
            "identifier" => {
                let declared = declaration(&code, at)?;
                at = declared.field("value")?;
                names.push(declared);
            }
            "call_expression" if code.of(at.field("function")?) == "JSON.stringify" => {
                at = at.field("arguments")?.named_child(0)?;
            }
            _ => return None,
        }
    };
    let title = "Read the body with `.text()`".to_owned();
    let Some(first) = names.last() else {
        out.push(edits::replace(&code, code.span(argument), text));
        return edits::fix(title, Safety::Safe, out, &[offer.document]);
    };
    // The name of the parsed body, and who uses it.
    let name = first.field("name")?;
    let function = enclosing_function(name)?;
    let uses = |name: Node<'_>| -> Vec<Node<'_>> {
        let all = code.occurrences(function, code.of(name));
        all.into_iter().filter(|found| *found != name && !is_inside(*found, argument)).collect()
    };
    // Names between the body and the argument that nobody else uses go.
    let mut left = uses(name);
    for between in &names[..names.len() - 1] {
        let between_name = between.field("name")?;
        if !uses(between_name).is_empty() {
            return None;
        }
        let statement = between.parent().filter(|statement| only_declarator(*statement).is_some())?;
        left.retain(|found| !is_inside(*found, statement));
        out.extend(statements::remove(&code, &[statement])?);
    }
    if left.is_empty() {
        out.push(edits::replace(&code, code.span(at), text));
        out.push(edits::replace(&code, code.span(argument), code.of(name).to_owned()));
        return edits::fix(title, Safety::Safe, out, &[offer.document]);
    }
    let statement = first.parent().filter(|statement| only_declarator(*statement).is_some())?;
    let start = statement.start_byte() as u32;
    if !code.starts_line(start) {
        return None;
    }
    let raw = code.free_name("rawBody")?;
    let style = code.style();
    let line = format!("const {raw} = {text}{}{}{}", style.semi, style.newline, code.indent(start));
    out.push(edits::insert(&code, start, line));
    out.push(edits::replace(&code, code.span(at), format!("JSON.parse({raw})")));
    out.push(edits::replace(&code, code.span(argument), raw));
    edits::fix(title, Safety::Safe, out, &[offer.document])
}

fn is_inside(node: Node<'_>, around: Node<'_>) -> bool {
    ancestors(node).any(|ancestor| ancestor == around)
}

/// The `name = value` that declares a name used at `name`, where the function has one only and never sets it again.
fn declaration<'a>(code: &Code<'a>, name: Node<'a>) -> Option<Node<'a>> {
    let function = enclosing_function(name)?;
    let mut found = code.occurrences(function, code.of(name)).into_iter().filter_map(|node| {
        let declarator = node.parent().filter(|parent| parent.kind() == "variable_declarator")?;
        (declarator.field("name") == Some(node)).then_some(declarator)
    });
    let declarator = found.next().filter(|_| found.next().is_none())?;
    let constant = declarator.parent()?.child(0).is_some_and(|kind| kind.kind() == "const");
    constant.then_some(declarator)
}
