//! Headers that let caches between the server and the browser keep a response.

use super::place::{enclosing_function, is_function, text};
use super::uses::own_nodes;
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "behind-exit",
        0,
        |node, text, _| is_behind_exit(node, text),
        "`(#behind-exit? @at)`: the function answers 401 or 403, sends to a login or throws before it comes here, and nothing but a test of the method decides whether it does come here",
    ),
    Word::form(
        "shared-cache",
        0,
        |node, source, _| {
            let value = text(node, source).to_ascii_lowercase();
            let says = |wanted: &str| value.split([',', ' ', '=', '"', '\'', '`']).any(|it| it == wanted);
            (says("public") || says("s-maxage"))
                && !says("private")
                && !says("no-store")
                && !value.contains("s-maxage=0")
        },
        "`(#shared-cache? @value)`: a value of `Cache-Control` that lets every cache on the way keep the response",
    ),
];

/// What a way out looks like that turns somebody away.
const TURNS_AWAY: &[&str] =
    &["401", "403", "nauthorized", "orbidden", "redirect", "throw ", "/login", "/signin", "/sign-in"];

fn is_behind_exit(at: Node<'_>, source: &str) -> bool {
    let Some(function) = enclosing_function(at) else { return false };
    let mut below = at;
    while let Some(around) = below.parent().filter(|around| !is_function(*around)) {
        let branches = match around.kind() {
            "if_statement" | "ternary_expression" => {
                let condition = around.field("condition");
                condition.is_some_and(|it| it != below && !is_of_get(text(it, source)))
            }
            "switch_case" | "switch_default" | "catch_clause" | "binary_expression" => true,
            _ => false,
        };
        if branches {
            return false;
        }
        below = around;
    }
    let mut found = false;
    own_nodes(function, false, |node| {
        if node.kind() == "if_statement" && node.end_byte() <= at.start_byte() {
            let way = node.field("consequence").map_or("", |it| text(it, source));
            let leaves = way.contains("return") || way.contains("throw") || way.contains("redirect(");
            found |= leaves && TURNS_AWAY.iter().any(|word| way.contains(word));
        }
    });
    found
}

/// `req.method === "GET"`.
fn is_of_get(condition: &str) -> bool {
    condition.contains(".method ===") && condition.contains("GET")
}
