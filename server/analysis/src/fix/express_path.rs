//! Paths of Express 4, or of Next.js, written for the installed Express.

use super::code::{Code, ancestors, each, is_function};
use super::edits;
use super::offer::Offer;
use crate::check::{express_path, written_path};
use crate::facts::Shape;
use crate::finding::{Edit, Fix, Safety};
use crate::project::{Resolver, Symbol};
use crate::syntax::{self, Node};
use crate::text::Span;

/// Writes a path in the way of Express 5, and what inline handlers read of its wildcards.
pub(super) fn migrate_path(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("call")?;
    let span = |name: &str| captures.iter().find(|(known, _)| *known == name).map(|(_, span)| *span);
    let (path, call) = (code.node(span("at")?)?, code.node(span("call")?)?);
    let literal = code.of(path);
    let migrated = express_path::migrate(&written_path(literal)?)?;
    let quote = literal.chars().next()?;
    let quoted: Vec<String> = migrated.paths.iter().map(|path| string(path, quote)).collect();
    let joined = quoted.join(", ");
    let is_item = path.parent().is_some_and(|parent| parent.kind() == "array");
    let text = if quoted.len() == 1 || is_item { joined } else { format!("[{joined}]") };
    let mut out = vec![edits::replace(&code, syntax::span(path), text.clone())];
    let mut safety = if migrated.wider { Safety::Unsafe } else { Safety::Safe };
    if !migrated.wildcards.is_empty() {
        if read_elsewhere(offer, call) {
            safety = Safety::Unsafe;
        }
        if !rewrite_reads(&code, call, &migrated.wildcards, &mut out) {
            safety = Safety::Unsafe;
        }
    }
    let title = match safety {
        Safety::Safe => format!("Write `{text}`"),
        Safety::Unsafe if migrated.wider => format!("Write `{text}`; check the parameter in the handler"),
        Safety::Unsafe => format!("Write `{text}`; look at what is read of `req.params`"),
    };
    edits::fix(title, safety, out, &[offer.document])
}

/// A string literal.
fn string(text: &str, quote: char) -> String {
    let mut out = String::from(quote);
    for char in text.chars() {
        if char == '\\' || char == quote {
            out.push('\\');
        }
        out.push(char);
    }
    out.push(quote);
    out
}

/// Whether a handler that does not stand in the call may read the wildcards by their old keys.
fn read_elsewhere(offer: &Offer<'_>, call: Node<'_>) -> bool {
    let Some(chunk) = offer.input.facts.chunk_at(call.start_byte() as u32) else { return true };
    let start = offer.input.facts.chunks[chunk as usize].start;
    let facts = &offer.input.facts.chunks[chunk as usize].facts;
    let span = syntax::span(call);
    let whole = Span::new(span.start - start, span.end - start);
    let Some(number) = facts.call_at(whole) else { return true };
    let mut resolver = Resolver::new(offer.project);
    facts.calls[number as usize].args.iter().skip(1).any(|given| match given {
        Shape::Function(_) => false,
        given => match resolver.symbol(offer.file, chunk, given) {
            Symbol::External { .. } => false,
            Symbol::Value(file, in_chunk, Shape::Call(made)) => {
                let Some(input) = offer.project.file(file) else { return true };
                let callee = &input.facts.chunks[in_chunk as usize].facts.calls[made as usize].callee;
                !matches!(resolver.symbol(file, in_chunk, callee), Symbol::External { .. })
            }
            Symbol::Function(file, id) => {
                let Some(input) = offer.project.file(file) else { return true };
                let Some(document) = offer.sources.document(&input.path) else { return true };
                let at = input.facts.span(id.chunk, input.facts.function(id).at);
                at.of(document.text()).contains("params")
            }
            _ => true,
        },
    })
}

/// `req.params[0]` as `req.params.splat?.join("/") ?? ""`, in the functions of the call. False where a read was
/// seen that could not be rewritten.
fn rewrite_reads(
    code: &Code<'_>,
    call: Node<'_>,
    wildcards: &[(String, String)],
    out: &mut Vec<Edit>,
) -> bool {
    let mut all = true;
    let mut found = Vec::new();
    each(call, |node| {
        let key = match node.kind() {
            "subscript_expression" => node.field("index").map(|it| code.of(it)),
            "member_expression" => node.field("property").map(|it| code.of(it)),
            _ => None,
        };
        let object = node.field("object");
        let of_params = object.is_some_and(|it| code.of(it).ends_with(".params"));
        if let (Some(key), true) = (key.map(|it| it.trim_matches(['"', '\''])), of_params) {
            if let Some((_, name)) = wildcards.iter().find(|(old, _)| old == key) {
                found.push((node, name));
            }
        } else if code.of(node).ends_with(".params")
            && node.kind() == "member_expression"
            && !node.parent().is_some_and(|it| it.field("object") == Some(node))
        {
            // Taken apart, or handed on.
            all &= is_taken_apart_without(code, node, wildcards);
        }
        true
    });
    let quote = code.style().quote;
    for (node, name) in found {
        let Some(object) = node.field("object") else { return false };
        if ancestors(node).find(|it| is_function(*it)).is_none() {
            return false;
        }
        let value = format!("{}.{name}?.join({quote}/{quote}) ?? {quote}{quote}", code.of(object));
        let alone = node.parent().is_some_and(|parent| {
            matches!(
                parent.kind(),
                "variable_declarator" | "arguments" | "template_substitution" | "return_statement" | "pair"
            )
        });
        let value = if alone { value } else { format!("({value})") };
        out.push(edits::replace(code, syntax::span(node), value));
    }
    all
}

/// `const { id } = req.params`, which takes none of the wildcards.
fn is_taken_apart_without(code: &Code<'_>, node: Node<'_>, wildcards: &[(String, String)]) -> bool {
    let pattern = node
        .parent()
        .filter(|parent| parent.kind() == "variable_declarator")
        .and_then(|parent| parent.field("name"))
        .filter(|name| name.kind() == "object_pattern");
    let Some(pattern) = pattern else { return false };
    pattern.named_children().all(|item| {
        let key = match item.kind() {
            "shorthand_property_identifier_pattern" => Some(item),
            "pair_pattern" => item.field("key"),
            _ => None,
        };
        key.is_some_and(|key| {
            let key = code.of(key).trim_matches(['"', '\'']);
            !wildcards.iter().any(|(old, _)| old == key)
        })
    })
}
