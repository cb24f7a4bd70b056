//! How code can end.

use super::place::{is_function, parameters, text, without_wrapping};
use crate::rules::Word;
use crate::syntax::{self, Node};

pub(super) const WORDS: &[Word] = &[
    Word::form(
        "falls-through",
        0,
        |node, text, _| falls_through(node, text),
        "`(#falls-through? @function)`: some way through the function's body reaches its end without `return` or `throw`",
    ),
    Word::form(
        "leaves-open",
        1,
        |node, text, words| words.iter().any(|word| leaves_open(node, text) == Some(word)),
        "`(#leaves-open? @function \"end\")`: some way to the end of the function's body does nothing with its second parameter, the response, but set headers or a status; `return`: none does, but some way to a `return` that gives nothing which could have",
    ),
];

/// Functions that never come back, by the name they are imported under. A rule that is wrong about one of them
/// would only be silent.
pub(crate) const NEVER: &[&str] = &[
    "redirect",
    "permanentRedirect",
    "notFound",
    "forbidden",
    "unauthorized",
    "unstable_rethrow",
    "exit",
    "fail",
    "invariant",
    "assertNever",
    "unreachable",
];

/// How a statement can be left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of ways, each of which may be there")]
pub(crate) struct Ends {
    /// The statement after it may run.
    pub(crate) falls: bool,
    /// `return` without a value may run.
    pub(crate) bare_return: bool,
    /// `return value` may run.
    pub(crate) value_return: bool,
    /// `break` out of a loop or switch around it may run.
    pub(crate) breaks: bool,
}

impl Ends {
    const FALLS: Ends = Ends { falls: true, bare_return: false, value_return: false, breaks: false };
    const STOPS: Ends = Ends { falls: false, bare_return: false, value_return: false, breaks: false };

    fn or(self, other: Ends) -> Ends {
        Ends {
            falls: self.falls || other.falls,
            bare_return: self.bare_return || other.bare_return,
            value_return: self.value_return || other.value_return,
            breaks: self.breaks || other.breaks,
        }
    }

    fn then(self, next: impl FnOnce() -> Ends) -> Ends {
        if !self.falls {
            return self;
        }
        let next = next();
        Ends { falls: next.falls, ..self.or(next) }
    }
}

/// Whether a function's body can be left at its end.
fn falls_through(function: Node<'_>, text: &str) -> bool {
    let Some(body) = function.field("body").filter(|_| is_function(function)) else {
        return false;
    };
    body.kind() == "statement_block" && ends(body, text).falls
}

/// Whether a function that is called never comes back: every way through it throws, or calls what never does.
pub(crate) fn never_comes_back(function: Node<'_>, text: &str) -> bool {
    let body = function.field("body").filter(|body| body.kind() == "statement_block");
    body.is_some_and(|body| ends(body, text) == Ends::STOPS && !function.kind().contains("generator"))
}

/// How a statement can be left. Where it cannot be told (labels, generators), nothing is said to fall through.
pub(crate) fn ends(statement: Node<'_>, source: &str) -> Ends {
    ends_but(statement, source, &|_| None)
}

/// What is known beforehand of a statement.
type Known<'k> = &'k dyn Fn(Node<'_>) -> Option<Ends>;

/// How a statement can be left, where something is known of some of the statements in it.
fn ends_but(statement: Node<'_>, source: &str, known: Known<'_>) -> Ends {
    if let Some(known) = known(statement) {
        return known;
    }
    let field = |name: &str| statement.field(name);
    let part = |node: Option<Node<'_>>| node.map_or(Ends::FALLS, |node| ends_but(node, source, known));
    match statement.kind() {
        "statement_block" => sequence(statement, source, known),
        "else_clause" => part(statement.named_child(0)),
        "return_statement" => {
            let value = statement.named_child(0).is_some_and(|child| child.kind() != "comment");
            Ends { bare_return: !value, value_return: value, ..Ends::STOPS }
        }
        // `break label` may go anywhere, so nothing is known of what is labelled.
        "throw_statement" | "continue_statement" | "labeled_statement" => Ends::STOPS,
        "break_statement" => Ends { breaks: true, ..Ends::STOPS },
        "if_statement" => {
            let otherwise = match field("alternative") {
                Some(alternative) => ends_but(alternative, source, known),
                // `else if (kind === "b")` after `if (kind === "a")`: there may be no other kind.
                None if is_last_case(statement, source) => Ends::STOPS,
                None => Ends::FALLS,
            };
            part(field("consequence")).or(otherwise)
        }
        "for_statement" | "while_statement" | "do_statement" | "for_in_statement" => {
            let body = part(field("body"));
            let endless = is_endless(statement, source);
            Ends { falls: !endless || body.breaks, breaks: false, ..body }
        }
        "switch_statement" => switch(statement, source, known),
        "try_statement" => {
            let body = part(field("body"));
            // `return handle(request)` hands the promise on: its failure is not caught here.
            let hands_on = field("body").is_some_and(|body| hands_on(body, source));
            let handler = field("handler").filter(|_| !hands_on);
            let all = handler.map_or(body, |handler| body.or(part(handler.field("body"))));
            match field("finalizer") {
                Some(finalizer) => {
                    let last = part(finalizer.field("body"));
                    if last.falls { Ends { falls: all.falls, ..all.or(last) } } else { last }
                }
                None => all,
            }
        }
        "expression_statement" if never_returns(statement, source) => Ends::STOPS,
        _ => Ends::FALLS,
    }
}

/// Whether a block is nothing but `return` with a call that nobody waits for.
fn hands_on(block: Node<'_>, source: &str) -> bool {
    let only = block.named_child(0).filter(|_| block.named_child_count() == 1);
    only.filter(|only| only.kind() == "return_statement").is_some_and(|only| {
        let called = only.named_child(0).is_some_and(|value| value.kind() == "call_expression");
        called && !text(only, source).contains("await ")
    })
}

fn sequence(block: Node<'_>, source: &str, known: Known<'_>) -> Ends {
    let statements: Vec<Node<'_>> = block.named_children().collect();
    statements
        .into_iter()
        .fold(Ends::FALLS, |so_far, statement| so_far.then(|| ends_but(statement, source, known)))
}

/// What a condition looks at: `kind` of `kind === "a"`, `ready` of `!ready`. Nothing where there are more cases than
/// code can list: an HTTP method.
fn subject<'s>(statement: Node<'_>, source: &'s str) -> Option<&'s str> {
    let condition = statement.field("condition").or(statement.field("value"))?;
    let condition = without_wrapping(condition);
    let subject = match condition.kind() {
        "binary_expression" => {
            let operator = condition.field("operator")?.kind();
            let left = condition.field("left")?;
            matches!(operator, "===" | "==").then_some(left)?
        }
        "unary_expression" => condition.field("argument")?,
        _ => condition,
    };
    let subject = text(subject, source);
    (subject != "method" && !subject.ends_with(".method")).then_some(subject)
}

/// Whether an `if` without `else` may be the last of all cases there are: one before it looks at the same value, in
/// the same chain or in a statement before that does not fall through.
fn is_last_case(statement: Node<'_>, source: &str) -> bool {
    let Some(wanted) = subject(statement, source) else { return false };
    let is_same = |other: Node<'_>| other.kind() == "if_statement" && subject(other, source) == Some(wanted);
    let chained = statement
        .parent()
        .filter(|parent| parent.kind() == "else_clause")
        .and_then(|parent| parent.parent())
        .is_some_and(is_same);
    let mut before = statement.prev_named_sibling();
    while let Some(other) = before {
        let leaves = |it: Node<'_>| it.field("consequence").is_some_and(|it| !ends(it, source).falls);
        if is_same(other) && leaves(other) {
            return true;
        }
        before = other.prev_named_sibling();
    }
    chained
}

fn switch(statement: Node<'_>, source: &str, known: Known<'_>) -> Ends {
    let Some(body) = statement.field("body") else { return Ends::FALLS };
    let mut all = Ends::STOPS;
    let mut has_default = false;
    let mut last_falls = true;
    for case in body.named_children().filter(|case| case.kind() != "comment") {
        has_default |= case.kind() == "switch_default";
        let value = case.field("value").map(|value| value.id());
        let statements: Vec<Node<'_>> =
            case.named_children().filter(|child| Some(child.id()) != value).collect();
        let end = statements
            .into_iter()
            .fold(Ends::FALLS, |so_far, statement| so_far.then(|| ends_but(statement, source, known)));
        last_falls = end.falls;
        all = all.or(end);
    }
    // Without `default` the cases may be all there are.
    let falls = !has_default && subject(statement, source).is_none();
    Ends { falls: last_falls || all.breaks || falls, breaks: false, ..all }
}

/// Methods of a Node.js response that prepare an answer and do not send it.
pub(super) const PREPARES: &[&str] =
    &["setHeader", "appendHeader", "removeHeader", "getHeader", "getHeaders", "hasHeader", "status"];

/// Where a way through a handler of Node.js leads that neither uses the response nor returns what could have: to its
/// `end`, or else to a `return`.
pub(crate) fn leaves_open(function: Node<'_>, text: &str) -> Option<&'static str> {
    let body = function.field("body").filter(|body| body.kind() == "statement_block");
    let body = body.filter(|_| is_function(function))?;
    let response = match parameters(function).as_slice() {
        [_, second, ..] => {
            let pattern = second.field("pattern").unwrap_or(*second);
            if pattern.kind() != "identifier" {
                return None;
            }
            Some(syntax::text_of(pattern, text))
        }
        _ => None,
    };
    // Any use of the response may send the answer, or hand it to somebody who does.
    let uses = |node: Node<'_>| response.is_some_and(|name| super::literals::mentions(node, name, text));
    let prepares = |node: Node<'_>| response.is_some_and(|name| prepares(node, name, PREPARES, text));
    let gives_away = |node: Node<'_>| response.is_some_and(|name| gives_away(node, name, text));
    leaves_unanswered(body, text, &uses, &prepares, &gives_away)
}

/// Whether a value goes somewhere as a whole, under its own name or another: to a function, into an object.
pub(super) fn gives_away(node: Node<'_>, name: &str, source: &str) -> bool {
    let is_whole = |it: Node<'_>| match (it.kind(), it.parent()) {
        ("shorthand_property_identifier", _) => true,
        ("identifier", Some(parent)) => match parent.kind() {
            "member_expression" | "subscript_expression" => parent.field("object") != Some(it),
            "call_expression" => parent.field("function") != Some(it),
            _ => true,
        },
        _ => false,
    };
    node.written(name, source).any(is_whole)
}

/// Where some way through a body leads that does nothing which `uses` says is an answer, but for statements that
/// `prepares` says only begin one, and returns nothing that could be one: to its `end`, or else to a `return`. Who is
/// given the response in a `try`, as `gives_away` says, may answer before it throws.
pub(super) fn leaves_unanswered(
    body: Node<'_>,
    text: &str,
    uses: &dyn Fn(Node<'_>) -> bool,
    prepares: &dyn Fn(Node<'_>) -> bool,
    gives_away: &dyn Fn(Node<'_>) -> bool,
) -> Option<&'static str> {
    let ends = ends_but(body, text, &|statement| {
        let field = |name: &str| statement.field(name);
        match statement.kind() {
            "statement_block" if caught_from(statement).is_some_and(gives_away) => Some(Ends::STOPS),
            "statement_block" | "else_clause" | "try_statement" => None,
            "if_statement" => {
                field("condition").filter(|it| uses(*it) || asks_whether_gone(*it, text)).map(|_| Ends::STOPS)
            }
            "switch_statement" => field("value").filter(|it| uses(*it)).map(|_| Ends::STOPS),
            "return_statement" => {
                let plain = super::literals::gives_plain(statement, text);
                (uses(statement) || !plain).then_some(Ends::STOPS)
            }
            _ if !uses(statement) => None,
            "expression_statement" if prepares(statement) => Some(Ends::FALLS),
            _ => Some(Ends::STOPS),
        }
    });
    if ends.falls {
        return Some("end");
    }
    (ends.bare_return || ends.value_return).then_some("return")
}

/// What fails where this block of a `catch` runs: the block of its `try`.
fn caught_from(block: Node<'_>) -> Option<Node<'_>> {
    let clause = block.parent().filter(|parent| parent.kind() == "catch_clause")?;
    clause.parent()?.field("body")
}

/// Whether a condition asks whether whoever made the request is still there: nobody waits for an answer otherwise. The
/// address of one whose connection is gone is `undefined` (<https://nodejs.org/api/net.html#socketremoteaddress>).
fn asks_whether_gone(condition: Node<'_>, text: &str) -> bool {
    condition.walk().any(|node| {
        node.kind() == "property_identifier"
            && matches!(
                self::text(node, text),
                "destroyed" | "aborted" | "closed" | "writableEnded" | "headersSent" | "ip" | "remoteAddress"
            )
    })
}

/// `res.setHeader("Allow", "GET")`, `res.status(405)`, `res.statusCode = 405`.
pub(super) fn prepares(statement: Node<'_>, response: &str, methods: &[&str], source: &str) -> bool {
    let Some(expression) = statement.named_child(0) else { return false };
    let member_of = |node: Option<Node<'_>>, names: &[&str]| {
        let part = |field: &str| node?.field(field).map(|it| text(it, source));
        part("object") == Some(response) && part("property").is_some_and(|name| names.contains(&name))
    };
    match expression.kind() {
        "call_expression" => {
            let arguments = expression.field("arguments");
            member_of(expression.field("function"), methods)
                && arguments.is_some_and(|it| !super::literals::mentions(it, response, source))
        }
        "assignment_expression" => member_of(expression.field("left"), &["statusCode", "statusMessage"]),
        _ => false,
    }
}

/// `while (true)`, `for (;;)`.
fn is_endless(statement: Node<'_>, source: &str) -> bool {
    let condition = statement.field("condition");
    match statement.kind() {
        "while_statement" | "do_statement" => {
            condition.is_some_and(|node| text(without_wrapping(node), source) == "true")
        }
        "for_statement" => {
            condition.is_none_or(|node| node.kind() == "empty_statement" || text(node, source) == ";")
        }
        _ => false,
    }
}

pub(super) fn never_returns(statement: Node<'_>, source: &str) -> bool {
    let mut call = statement.named_child(0);
    while let Some(inner) = call.filter(|node| node.kind() == "await_expression") {
        call = inner.named_child(0);
    }
    let Some(callee) =
        call.filter(|node| node.kind() == "call_expression").and_then(|node| node.field("function"))
    else {
        return false;
    };
    let name = text(callee, source).rsplit('.').next().unwrap_or_default();
    NEVER.contains(&name)
}
