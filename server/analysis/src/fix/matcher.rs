//! `config.matcher` written out, and with a path more.

use super::code::{Code, ancestors, each, only_declarator, scope_of};
use super::offer::Offer;
use super::{edits, imports, statements};
use crate::facts::{Name, Shape};
use crate::finding::{Edit, Fix, Safety};
use crate::project::{Resolver, Symbol};
use crate::syntax::{self, Node};

/// Writes the value of a constant where a matcher names it.
pub(super) fn inline_matcher(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let node = code.node(offer.finding.span)?;
    let style = code.style();
    if node.kind() == "string" {
        let text = code.of(node);
        let edits = vec![edits::replace(&code, syntax::span(node), format!("{}/{}", &text[..1], &text[1..]))];
        return edits::fix("Start the path with `/`".to_owned(), Safety::Safe, edits, &[offer.document]);
    }
    let quoted = |text: &String| {
        // What is written with a quote or a hole would need other escapes here.
        (!text.contains(['"', '\'', '`', '$'])).then(|| style.string(text))
    };
    let list = |texts: &[String]| Some(texts.iter().map(quoted).collect::<Option<Vec<_>>>()?.join(", "));
    let (what, key) = match node.kind() {
        "spread_element" => (node.named_child(0)?, ""),
        "shorthand_property_identifier" => (node, code.of(node)),
        _ => (node, ""),
    };
    let value = match (value(offer, &code, what)?, node.kind()) {
        (Value::Text(text), kind) if kind != "spread_element" => quoted(&text)?,
        (Value::List(texts), "spread_element") if !texts.is_empty() => list(&texts)?,
        // An array in an array is none of Next.js.
        (Value::List(texts), _) if node.parent()?.kind() != "array" => format!("[{}]", list(&texts)?),
        _ => return None,
    };
    let text = if key.is_empty() { value } else { format!("{key}: {value}") };
    let mut edits = vec![edits::replace(&code, syntax::span(node), text)];
    edits.extend(without_names(&code, node)?);
    edits::fix("Write the value out".to_owned(), Safety::Safe, edits, &[offer.document])
}

/// Edits that take out the constants and imports that only stood there for an expression.
fn without_names(code: &Code<'_>, gone: Node<'_>) -> Option<Vec<Edit>> {
    let mut names: Vec<&str> = Vec::new();
    each(gone, |node| {
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier") {
            names.push(code.of(node));
        }
        true
    });
    names.sort_unstable();
    names.dedup();
    names.retain(|name| {
        let uses = code.occurrences(code.root, name);
        let inside =
            |node: &Node<'_>| gone.start_byte() <= node.start_byte() && node.end_byte() <= gone.end_byte();
        uses.iter().filter(|node| scope_of(**node).is_none()).all(inside)
    });
    let mut constants = Vec::new();
    for statement in code.statements().into_iter().filter(|node| node.kind() == "lexical_declaration") {
        let name = only_declarator(statement).and_then(|it| it.field("name"));
        if name.is_some_and(|name| names.contains(&code.of(name))) {
            constants.push(statement);
        }
    }
    let mut out = statements::remove(code, &constants)?;
    out.extend(imports::rewrite(code, None, &names, imports::is_commonjs(code).unwrap_or(false))?);
    Some(out)
}

/// What an expression gives, as it would be written between quotes.
enum Value {
    Text(String),
    List(Vec<String>),
}

fn value(offer: &Offer<'_>, code: &Code<'_>, node: Node<'_>) -> Option<Value> {
    let text = |node: Node<'_>| match value(offer, code, node)? {
        Value::Text(text) => Some(text),
        Value::List(_) => None,
    };
    let inner = |node: Node<'_>| code.of(node)[1..code.of(node).len() - 1].to_owned();
    match node.kind() {
        "string" => Some(Value::Text(inner(node))),
        "binary_expression" if code.of(node.field("operator")?) == "+" => {
            let (left, right) = (node.field("left")?, node.field("right")?);
            Some(Value::Text(text(left)? + &text(right)?))
        }
        "template_string" => {
            let mut out = String::new();
            for part in node.named_children() {
                match part.kind() {
                    "template_substitution" => out.push_str(&text(part.named_child(0)?)?),
                    _ => out.push_str(code.of(part)),
                }
            }
            Some(Value::Text(out))
        }
        "identifier" | "shorthand_property_identifier" | "member_expression" => {
            let chunk = offer.input.facts.chunk_at(node.start_byte() as u32)?;
            match Resolver::new(offer.project).symbol(offer.file, chunk, &chain(code, node)?) {
                Symbol::Value(_, _, Shape::Text(text)) => Some(Value::Text(text.to_string())),
                Symbol::Value(_, _, Shape::Array(items)) => {
                    let texts = items.iter().map(|item| item.text().map(str::to_owned));
                    texts.collect::<Option<Vec<_>>>().map(Value::List)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// A name or a chain of them at the top level of the file.
fn chain(code: &Code<'_>, node: Node<'_>) -> Option<Shape> {
    if node.kind() == "member_expression" {
        let object = chain(code, node.field("object")?)?;
        return Some(Shape::Member(Box::new(object), code.of(node.field("property")?).into()));
    }
    let is_name = matches!(node.kind(), "identifier" | "shorthand_property_identifier");
    is_name.then(|| Shape::Name(Name { text: code.of(node).into(), local: None }))
}

/// Adds the path that the function of the proxy speaks of to its matcher.
pub(super) fn add_matcher(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let prefix = code.node(offer.finding.span)?;
    if !ancestors(prefix).any(|node| node.kind() == "if_statement") {
        return None;
    }
    let path = code.of(prefix).trim_matches(['"', '\'']).trim_end_matches('/');
    let (edit, path) = with_path(&code, path)?;
    edits::fix(format!("Add {path} to `config.matcher`"), Safety::Safe, vec![edit], &[offer.document])
}

/// An edit that adds everything below a path to the matcher of a proxy file, and how that is written there.
pub(super) fn with_path(code: &Code<'_>, path: &str) -> Option<(Edit, String)> {
    let mut matcher = None;
    each(code.root, |node| {
        let is_matcher = node.kind() == "pair"
            && node.field("key").is_some_and(|key| code.of(key) == "matcher")
            && ancestors(node)
                .find(|it| it.kind() == "variable_declarator")
                .and_then(|it| it.field("name"))
                .is_some_and(|name| code.of(name) == "config");
        if is_matcher {
            matcher = node.field("value");
        }
        true
    });
    let mut matcher = matcher?;
    while matches!(matcher.kind(), "as_expression" | "satisfies_expression") {
        matcher = matcher.named_child(0)?;
    }
    // Quotes as the matcher has them.
    let like = if matcher.kind() == "array" { matcher.named_child(0)? } else { matcher };
    let quote = code.of(like).chars().next().filter(|c| matches!(c, '"' | '\''));
    let path = match quote {
        Some(quote) => format!("{quote}{path}/:path*{quote}"),
        None => code.style().string(&format!("{path}/:path*")),
    };
    let edit = match matcher.kind() {
        "string" => edits::replace(code, syntax::span(matcher), format!("[{}, {path}]", code.of(matcher))),
        "array" => {
            let last = matcher.named_child(matcher.named_child_count().checked_sub(1)?)?;
            let at = last.end_byte() as u32;
            let alone = code.starts_line(last.start_byte() as u32);
            let between =
                if alone { format!("{}{}", code.style().newline, code.indent(at)) } else { " ".to_owned() };
            edits::insert(code, at, format!(",{between}{path}"))
        }
        _ => return None,
    };
    Some((edit, path))
}
