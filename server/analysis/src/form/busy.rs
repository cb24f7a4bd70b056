//! Loops that keep the thread to themselves.

use super::Code;
use super::place::{is_function, text, without_wrapping};
use crate::rules::Word;
use crate::syntax::Node;

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "matched",
        0,
        |node, code, _| matched(node, code),
        "`(#matched? @at)`: this regular expression is laid over a text in this function",
    ),
    Word::form(
        "runs-often",
        1,
        |node, code, words| {
            let least = words.first().and_then(|word| word.parse().ok());
            least.is_some_and(|least: u64| {
                let often = |node| rounds(node, code).is_some_and(|rounds| rounds >= least);
                // Of loops in each other the outer one is told.
                let around =
                    std::iter::successors(node.parent(), Node::parent).take_while(|node| !is_function(*node));
                often(node) && !around.into_iter().any(often)
            })
        },
        "`(#runs-often? @loop \"1000000\")`: by bounds that are written out the loop, with those inside it, runs at least so often, and nothing ends it sooner or waits on the way",
    ),
    Word::form(
        "spins",
        0,
        |node, code, _| spins(node, code),
        "`(#spins? @loop)`: the loop does nothing but look at the clock until the time has come",
    ),
];

/// How often the body of `for (let i = 0; i < 1e9; i++)` runs, times what the loops at its top level do.
fn rounds(node: Node<'_>, code: &Code<'_>) -> Option<u64> {
    let own = bound(node, code)?;
    let body = node.field("body")?;
    let inner = match body.kind() {
        "statement_block" => body.named_children().filter_map(|it| rounds(it, code)).max(),
        _ => rounds(body, code),
    };
    own.checked_mul(inner.unwrap_or(1))
}

/// The bound of one loop. `None` where its body can leave it or waits.
fn bound(node: Node<'_>, code: &Code<'_>) -> Option<u64> {
    if node.kind() != "for_statement" {
        return None;
    }
    let source = code.text;
    let declarator =
        node.field("initializer")?.named_child(0).filter(|it| it.kind() == "variable_declarator")?;
    let name = text(declarator.field("name")?, source);
    let start = number(text(declarator.field("value")?, source))?;
    let mut condition = node.field("condition")?;
    if condition.kind() == "expression_statement" {
        condition = condition.named_child(0)?;
    }
    let step = node.field("increment").filter(|it| it.kind() == "update_expression")?;
    let operator = text(condition.field("operator")?, source);
    let end = number(text(condition.field("right")?, source))?;
    if text(condition.field("left")?, source) != name || !text(step, source).contains(name) {
        return None;
    }
    let rounds = match (operator, text(step, source).contains("++")) {
        ("<", true) => end.checked_sub(start)?,
        ("<=", true) => (end + 1).checked_sub(start)?,
        (">", false) => start.checked_sub(end)?,
        (">=", false) => (start + 1).checked_sub(end)?,
        _ => return None,
    };
    let mut goes_through = true;
    below(node.field("body")?, &mut |inner| {
        if is_function(inner) {
            return false;
        }
        goes_through &= !matches!(
            inner.kind(),
            "break_statement"
                | "return_statement"
                | "throw_statement"
                | "await_expression"
                | "yield_expression"
                | "continue_statement"
        );
        let target = inner.field("left").or_else(|| inner.field("argument"));
        let sets = matches!(
            inner.kind(),
            "assignment_expression" | "augmented_assignment_expression" | "update_expression"
        );
        goes_through &= !sets || target.is_none_or(|target| text(target, source) != name);
        goes_through
    });
    goes_through.then_some(rounds)
}

/// The value of `1_000_000`, `1e9` or `1000 * 1000`.
fn number(source: &str) -> Option<u64> {
    source.split('*').try_fold(1_u64, |product, part| {
        let part = part.trim().replace('_', "");
        let factor = match part.split_once(['e', 'E']) {
            Some((digits, power)) => {
                10_u64.checked_pow(power.parse().ok()?)?.checked_mul(digits.parse().ok()?)?
            }
            None => part.parse().ok()?,
        };
        product.checked_mul(factor)
    })
}

/// `while (Date.now() < end) {}`.
fn spins(node: Node<'_>, code: &Code<'_>) -> bool {
    let source = code.text;
    if node.kind() != "while_statement" {
        return false;
    }
    let condition = node.field("condition").map(without_wrapping);
    let by_the_clock = condition.is_some_and(|condition| {
        let compares = condition.field("operator").is_some_and(|it| text(it, source).starts_with(['<', '>']));
        compares && ["Date.now()", "performance.now()"].iter().any(|it| text(condition, source).contains(it))
    });
    let body = node.field("body");
    by_the_clock
        && body.is_some_and(|body| match body.kind() {
            "statement_block" => body.named_children().all(|it| it.kind() == "comment"),
            kind => kind == "empty_statement",
        })
}

/// Methods of a regular expression that lay it over a text, and methods of a text that take one.
const MATCHES: [&str; 2] = ["test", "exec"];
const TAKES: [&str; 6] = ["match", "matchAll", "replace", "replaceAll", "search", "split"];

/// Whether `new RegExp(…)` is used where it stands, or by the name that it is given there.
fn matched(node: Node<'_>, code: &Code<'_>) -> bool {
    let source = code.text;
    let Some(parent) = node.parent() else { return false };
    if used(node, parent, code) {
        return true;
    }
    let Some(name) = parent.field("name").filter(|_| parent.kind() == "variable_declarator") else {
        return false;
    };
    let around = std::iter::successors(Some(parent), Node::parent).find(|node| is_function(*node));
    let mut found = false;
    if let Some(function) = around {
        below(function, &mut |inner| {
            let same = inner.kind() == "identifier" && text(inner, source) == text(name, source);
            found |= same && inner.parent().is_some_and(|parent| used(inner, parent, code));
            !found
        });
    }
    found
}

fn used(node: Node<'_>, parent: Node<'_>, code: &Code<'_>) -> bool {
    let source = code.text;
    let method = |member: Node<'_>, names: &[&str]| {
        member.field("property").is_some_and(|it| names.contains(&text(it, source)))
    };
    match parent.kind() {
        "member_expression" => method(parent, &MATCHES),
        "arguments" => {
            parent.named_child(0) == Some(node)
                && parent
                    .parent()
                    .and_then(|call| call.field("function"))
                    .is_some_and(|it| method(it, &TAKES))
        }
        _ => false,
    }
}

/// Every node below one; the answer says whether to go deeper.
fn below<'t>(root: Node<'t>, visit: &mut impl FnMut(Node<'t>) -> bool) {
    let children: Vec<Node<'t>> = root.named_children().collect();
    for child in children {
        if visit(child) {
            below(child, visit);
        }
    }
}
