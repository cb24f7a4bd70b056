//! Code inside `export const config = { … }`, which Next.js reads without running it.

use super::Code;
use super::place::text;
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "in-exported-config",
        1,
        |node, code, words| key(node, code).is_some_and(|key| words.iter().any(|word| **word == *key)),
        "`(#in-exported-config? @at \"matcher\")`: the code is part of one of these keys of `export const config`",
    )
    .spelled(|keys| Some(keys.iter().map(|key| &**key).collect())),
    Word::form(
        "matcher-source",
        0,
        |node, code, _| is_matcher_source(node, code),
        "`(#matcher-source? @string)`: the string is a path of a `matcher`, not a part of its conditions",
    ),
];

fn is_matcher_source<'t>(string: Node<'t>, code: &Code<'t>) -> bool {
    let holder = std::iter::successors(string.parent(), Node::parent)
        .find(|node| !matches!(node.kind(), "array" | "as_expression" | "satisfies_expression"));
    let key = holder.filter(|node| node.kind() == "pair").and_then(|pair| pair.field("key"));
    key.is_some_and(|key| matches!(text(key, code), "matcher" | "source"))
}

/// The key of `export const config = { … }` that a node is part of; there may be arrays, objects and type
/// assertions in between, and nothing else.
fn key<'t>(node: Node<'t>, code: &Code<'t>) -> Option<&'t str> {
    let source = code.text;
    let mut found = match node.kind() {
        "shorthand_property_identifier" => Some(text(node, source)),
        _ => None,
    };
    let mut at = node;
    loop {
        let parent = at.parent()?;
        match parent.kind() {
            "array" | "object" | "as_expression" | "satisfies_expression" | "parenthesized_expression" => {}
            "pair" if parent.field("value") == Some(at) => {
                found = parent.field("key").map(|key| text(key, source).trim_matches(['"', '\'']));
            }
            "variable_declarator" => {
                let named = parent.field("name").is_some_and(|name| text(name, source) == "config");
                let exported = parent.parent()?.parent()?.kind() == "export_statement";
                return found.filter(|_| named && exported);
            }
            _ => return None,
        }
        at = parent;
    }
}
