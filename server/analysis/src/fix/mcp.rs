//! MCP over streamable HTTP, which needs no session, instead of server-sent events.

use super::code::{Code, ancestors, enclosing_function, only_declarator, scope_of};
use super::offer::Offer;
use super::{edits, floating, statements};
use crate::finding::{Fix, Safety};
use crate::form;
use crate::syntax::{self, Node};

const CLASS: &str = "StreamableHTTPServerTransport";
const MODULE: &str = "@modelcontextprotocol/sdk/server/streamableHttp.js";

/// Each request gets a transport that answers it, and that nobody has to find again.
///
/// `None` where the transport is used for more than to be kept and connected.
pub(super) fn stateless_transport(offer: &Offer<'_>) -> Option<Fix> {
    let version = offer.input.package.versions.get("@modelcontextprotocol/sdk");
    if version.is_some_and(|it| (it.major, it.minor) < (1, 10)) {
        return None;
    }
    let code = Code::new(offer.document)?;
    let made = code.node(offer.finding.span).filter(|it| it.kind() == "new_expression")?;
    let declarator = made.parent().filter(|it| it.kind() == "variable_declarator")?;
    let name = declarator.field("name").filter(|it| it.kind() == "identifier")?;
    only_declarator(declarator.parent()?)?;
    let block = declarator.parent()?.parent()?;
    let function = enclosing_function(made)?;
    let parameters = form::parameters(function);
    let parameter = |at: usize| {
        let name = parameters.get(at)?;
        let name = name.field("pattern").unwrap_or(*name);
        (name.kind() == "identifier").then(|| code.of(name))
    };
    let (request, response) = (parameter(0)?, parameter(1)?);
    let answered = made.field("arguments")?.named_child(1)?;
    if code.of(answered) != response || !form::is_async(function) {
        return None;
    }
    let mut gone: Vec<Node<'_>> = Vec::new();
    let mut connected = None;
    for used in code.occurrences(function, code.of(name)).into_iter().filter(|it| *it != name) {
        let statement = ancestors(used).find(|it| it.parent() == Some(block))?;
        if statement.kind() != "expression_statement" {
            return None;
        }
        let connects = used.parent().and_then(|it| it.parent()).filter(|it| {
            let callee = it.field("function").map_or("", |it| code.of(it));
            it.kind() == "call_expression" && callee.ends_with(".connect")
        });
        if connects.is_some() && connected.replace(statement).is_some_and(|before| before != statement) {
            return None;
        }
        // `transports.set(transport.sessionId, transport)`, and what takes it out again.
        if connects.is_none() && !gone.contains(&statement) {
            if !code.of(statement).contains("sessionId") {
                return None;
            }
            gone.push(statement);
        }
    }
    let connected = connected.filter(|it| !gone.contains(it))?;
    let class = made.field("constructor")?;
    let others = code.occurrences(code.root, code.of(class)).into_iter();
    let others = others.filter(|it| *it != class && scope_of(*it).is_none()).count();
    let unused: Vec<&str> = if others == 0 { vec![code.of(class)] } else { Vec::new() };
    let (new, mut all) = floating::import(&code, &[MODULE], CLASS, &unused)?;
    let style = code.style();
    let options = style.braces("sessionIdGenerator: undefined");
    all.push(edits::replace(&code, syntax::span(made), format!("new {new}({options})")));
    all.extend(statements::remove(&code, &gone)?);
    let answer = format!("await {}.handleRequest({request}, {response}, {request}.body)", code.of(name));
    let line =
        format!("{}{}{answer}{}", style.newline, code.indent(connected.start_byte() as u32), style.semi);
    all.push(edits::insert(&code, code.line_end(code.end(connected))?, line));
    // Express: the messages come with `POST`.
    let registered = function.parent().and_then(|it| it.parent()).and_then(|it| it.field("function"));
    if let Some(callee) = registered.filter(|it| it.kind() == "member_expression") {
        let method = callee.field("property").filter(|it| code.of(*it) == "get")?;
        all.push(edits::replace(&code, syntax::span(method), "post".to_owned()));
    }
    let title = format!(
        "Answer with `{CLASS}` (then take the route for messages out, and tell clients this address)"
    );
    edits::fix(title, Safety::Unsafe, all, &[offer.document])
}
