//! Headers that say which other sites may read a response.

use super::place::{enclosing_function, is_function, text, without_wrapping};
use super::uses::own_nodes;
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[Word::form(
    "cors-credentials",
    1,
    |node, text, words| is_open(node, text, &words[0]),
    "`(#cors-credentials? @at \"wildcard\")`: this `Access-Control-Allow-Origin`, as a key, a call or an entry of next.config, is `*`, and beside it credentials are allowed; `reflected`: it is the origin of the request, whichever that is",
)];

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: &str = "access-control-allow-credentials";

/// Methods that set a header.
const SETTERS: &[&str] = &["set", "append", "setHeader", "header"];

/// Parts of names that speak of a list of origins, or of a test.
const TESTS: &[&str] = &["allow", "whitelist", "trusted", "valid", "permitted", "verif", "safelist", "same"];

fn is_open(node: Node<'_>, source: &str, wanted: &str) -> bool {
    let Some(("access-control-allow-origin", value)) = header(node, source) else { return false };
    credentials_beside(node, source).is_some()
        && match wanted {
            "wildcard" => is_text(value, source, "*"),
            _ => is_reflected(node, value, source),
        }
}

fn unquoted<'t>(node: Node<'_>, source: &'t str) -> &'t str {
    text(node, source).trim_matches(['"', '\'', '`'])
}

fn is_text(node: Node<'_>, source: &str, wanted: &str) -> bool {
    let node = without_wrapping(node);
    matches!(node.kind(), "string" | "template_string" | "true") && unquoted(node, source) == wanted
}

/// The one of the two headers that a node sets, and its value: `"Name": value`, `headers.set("Name", value)`,
/// `{ key: "Name", value }`.
fn header<'t>(node: Node<'t>, source: &str) -> Option<(&'static str, Node<'t>)> {
    let (name, value) = match node.kind() {
        "pair" => (node.field("key")?, node.field("value")?),
        "call_expression" => {
            let callee = node.field("function")?;
            let method = callee.field("property")?;
            if !SETTERS.contains(&text(method, source)) {
                return None;
            }
            let arguments = node.field("arguments")?;
            (arguments.named_child(0)?, arguments.named_child(1)?)
        }
        "object" => (entry(node, source, "key")?, entry(node, source, "value")?),
        _ => return None,
    };
    let known = [ORIGIN, CREDENTIALS];
    let name = unquoted(name, source);
    known.into_iter().find(|it| it.eq_ignore_ascii_case(name)).map(|name| (name, value))
}

/// The value of a key of an object literal.
fn entry<'t>(object: Node<'t>, source: &str, key: &str) -> Option<Node<'t>> {
    let mut pairs = object.named_children().filter(|child| child.kind() == "pair");
    pairs
        .find(|pair| pair.field("key").is_some_and(|it| unquoted(it, source) == key))
        .and_then(|pair| pair.field("value"))
}

/// What allows credentials on the response that `node` sets the origin of.
pub(crate) fn credentials_beside<'t>(node: Node<'t>, source: &str) -> Option<Node<'t>> {
    let allows = |it: &Node<'t>| {
        header(*it, source).is_some_and(|(name, value)| name == CREDENTIALS && is_text(value, source, "true"))
    };
    if node.kind() != "call_expression" {
        let around = node.parent()?;
        return around.named_children().find(allows);
    }
    let function = enclosing_function(node)?;
    let receiver = |call: Node<'t>| call.field("function")?.field("object");
    let own = text(receiver(node)?, source);
    let mut found = None;
    own_nodes(function, false, |it| {
        let same = it.kind() == "call_expression" && receiver(it).is_some_and(|it| text(it, source) == own);
        if found.is_none() && same && allows(&it) && runs_with(it, node) {
            found = Some(it);
        }
    });
    found
}

/// Whether `other` runs whenever `node` does, as far as the blocks around them tell.
fn runs_with(other: Node<'_>, node: Node<'_>) -> bool {
    let outer = std::iter::successors(other.parent(), Node::parent).find(|around| {
        let kind = around.kind();
        matches!(kind, "statement_block" | "switch_case" | "switch_default" | "else_clause")
            || kind == "if_statement"
            || is_function(*around)
    });
    let Some(outer) = outer else { return false };
    std::iter::successors(node.parent(), Node::parent).any(|around| around == outer)
}

/// `request.headers.get("origin")`, and a name for it of which nothing but its presence is asked.
fn is_reflected(at: Node<'_>, value: Node<'_>, source: &str) -> bool {
    let Some(mut function) = enclosing_function(at) else { return false };
    let value = or_else(value);
    let origin = (value.kind() == "identifier").then(|| text(value, source));
    let mut declared = origin.is_none() && is_origin(value, source);
    while let Some(outer) = enclosing_function(function) {
        function = outer;
    }
    let mut tested = false;
    own_nodes(function, true, |node| match node.kind() {
        "identifier" | "property_identifier" | "shorthand_property_identifier" => {
            let name = text(node, source);
            let lower = name.to_ascii_lowercase();
            tested |= TESTS.iter().any(|part| lower.contains(part));
            if Some(name) == origin && node.kind() != "property_identifier" {
                match use_of(node, source) {
                    Use::Declares => declared = true,
                    Use::Harmless => {}
                    Use::Other => tested = true,
                }
            }
        }
        _ => {}
    });
    declared && !tested && !is_conditional(at, origin, source)
}

enum Use {
    /// It is set to the origin of the request here.
    Declares,
    /// Its presence is asked, or it is given back.
    Harmless,
    /// Anything else, which may be a test.
    Other,
}

fn use_of(name: Node<'_>, source: &str) -> Use {
    let Some(mut parent) = name.parent() else { return Use::Other };
    let mut at = name;
    while matches!(parent.kind(), "parenthesized_expression" | "as_expression" | "non_null_expression")
        || or_else(parent) == name
    {
        at = parent;
        let Some(next) = parent.parent() else { return Use::Other };
        parent = next;
    }
    match parent.kind() {
        "variable_declarator" if parent.field("name") == Some(at) => {
            let value = parent.field("value");
            if value.is_some_and(|it| is_origin(or_else(it), source)) { Use::Declares } else { Use::Other }
        }
        "pair" if header(parent, source).is_some() => Use::Harmless,
        "arguments" => {
            let call = parent.parent();
            let shown = call.is_some_and(|call| text(call, source).starts_with("console."));
            if shown || call.is_some_and(|call| header(call, source).is_some()) {
                Use::Harmless
            } else {
                Use::Other
            }
        }
        "if_statement" | "ternary_expression" if parent.field("condition") == Some(at) => Use::Harmless,
        _ => Use::Other,
    }
}

/// `a` of `a || "*"`.
fn or_else(node: Node<'_>) -> Node<'_> {
    let node = without_wrapping(node);
    let operator = node.field("operator").map(|it| it.kind());
    let right = node.field("right").map(|it| it.kind());
    match (node.kind(), operator, right) {
        ("binary_expression", Some("||" | "??"), Some("string" | "null" | "undefined")) => {
            node.field("left").map_or(node, without_wrapping)
        }
        _ => node,
    }
}

/// Whether an expression reads the origin from the headers of a request.
fn is_origin(node: Node<'_>, source: &str) -> bool {
    let code = text(node, source);
    let Some((request, rest)) = code.split_once('.') else { return false };
    let rest = rest.replace('?', "").replace('\'', "\"").to_ascii_lowercase();
    matches!(request, "req" | "request")
        && matches!(
            &*rest,
            "headers.get(\"origin\")"
                | "headers.origin"
                | "headers[\"origin\"]"
                | "header(\"origin\")"
                | "get(\"origin\")"
        )
}

/// Whether something but the presence of the origin, or the method, decides whether a place is reached.
fn is_conditional(at: Node<'_>, origin: Option<&str>, source: &str) -> bool {
    let mut below = at;
    while let Some(around) = below.parent().filter(|around| !is_function(*around)) {
        let condition = match around.kind() {
            "if_statement" | "ternary_expression" => around.field("condition"),
            "binary_expression" => around.field("left"),
            "switch_statement" => around.field("value"),
            _ => None,
        };
        if let Some(condition) = condition.filter(|condition| *condition != below) {
            let plain = text(without_wrapping(condition), source);
            if Some(plain) != origin && !plain.contains("OPTIONS") {
                return true;
            }
        }
        below = around;
    }
    // A way out before it may be the test.
    let Some(function) = enclosing_function(at) else { return true };
    let mut left = false;
    own_nodes(function, false, |node| {
        if node.kind() == "if_statement" && node.end_byte() <= at.start_byte() {
            let condition = node.field("condition").map_or("", |it| text(it, source));
            let leaves = ["return", "throw"].iter().any(|word| text(node, source).contains(word));
            left |= leaves && !condition.contains("OPTIONS");
        }
    });
    left
}
