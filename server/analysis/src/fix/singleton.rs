//! A client at module scope becomes one per process, where it stands.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::clients::{ClientSite, chained, construction, dressed, maker, reconnects};
use crate::fix::code::{Code, Place, ancestors, enclosing_function, is_written};
use crate::fix::edits;
use crate::fix::guard::{Client, Guard, guard};
use crate::syntax::{self, Node};

/// Keeps the client of a module-scope construction on `globalThis`, so that every evaluation of its module
/// finds the same one. Exports, types and comments stay as they are.
///
/// `None` where the declaration is conditional, where other code of the module sets the client up (it
/// would do so again with every evaluation), or where the host wants a client per request.
pub fn singleton_in_place(site: &ClientSite<'_>) -> Option<Fix> {
    let code = Code::new(site.document)?;
    if !site.may_be_shared() {
        return None;
    }
    let made = construction(&code, site.at)?;
    if enclosing_function(made).is_some() {
        return None;
    }
    let statement = code.top_level(made)?;
    let start = statement.start_byte() as u32;
    if statement.has_error() || !code.starts_line(start) {
        return None;
    }
    let value = dressed(chained(&code, made));
    let (name, edits) = match declaration(&code, value) {
        Some(declarator) => declared(site, &code, declarator, made, value)?,
        None => inline(site, &code, statement, made, value)?,
    };
    edits::fix(format!("Keep one `{name}` on `globalThis`"), Safety::Safe, edits, &[site.document])
}

/// The declarator of a plain module-level declaration that `value` initialises.
fn declaration<'a>(code: &Code<'a>, value: Node<'a>) -> Option<Node<'a>> {
    let declarator = value.parent().filter(|node| node.kind() == "variable_declarator")?;
    let declaration = declarator.parent()?;
    let around = declaration.parent()?;
    let exported = around.kind() == "export_statement" && around.parent() == Some(code.root);
    (around == code.root || exported).then_some(declarator)
}

fn declared(
    site: &ClientSite<'_>,
    code: &Code<'_>,
    declarator: Node<'_>,
    made: Node<'_>,
    value: Node<'_>,
) -> Option<(String, Vec<Edit>)> {
    let name = declarator.field("name").filter(|name| name.kind() == "identifier")?;
    let name = code.of(name);
    if is_set_up(code, name, maker(code, made)) {
        return None;
    }
    let annotation = declarator
        .field("type")
        .and_then(|annotation| annotation.named_child(0))
        .map(|annotation| code.of(annotation));
    let key = site.key(name)?;
    let text = code.of(value);
    let guard = guard(code, &Client { name, key: &key, value, text, made, annotation })?;
    let statement = code.top_level(made)?;
    let mut edits = around(code, statement, &guard)?;
    edits.push(edits::replace(code, syntax::span(value), guard.value));
    Some((name.to_owned(), edits))
}

/// `export default new PrismaClient()`, `module.exports = { db: new Pool() }`, `drizzle(new Pool())`: the
/// client gets a variable of its own before the statement.
fn inline(
    site: &ClientSite<'_>,
    code: &Code<'_>,
    statement: Node<'_>,
    made: Node<'_>,
    value: Node<'_>,
) -> Option<(String, Vec<Edit>)> {
    let unconditional = ancestors(value).skip(1).take_while(|node| *node != code.root).all(|node| {
        matches!(
            node.kind(),
            "object"
                | "pair"
                | "arguments"
                | "call_expression"
                | "new_expression"
                | "member_expression"
                | "as_expression"
                | "satisfies_expression"
                | "parenthesized_expression"
                | "assignment_expression"
                | "expression_statement"
                | "export_statement"
                | "variable_declarator"
                | "lexical_declaration"
                | "variable_declaration"
        )
    });
    // `new MongoClient(url).connect()`: what is kept must be what is used.
    let used_at_once = value.parent().is_some_and(|node| node.kind() == "member_expression");
    if !unconditional || used_at_once {
        return None;
    }
    let name = code.free_name(&site.client.variable)?;
    let key = site.key(&name)?;
    let text = code.outdented(syntax::span(value), code.indent(value.start_byte() as u32));
    let client = Client { name: &name, key: &key, value, text: &text, made, annotation: None };
    let mut guard = guard(code, &client)?;
    guard.before.push(format!("const {name} = {}", guard.value));
    guard.before.push(guard.after.clone());
    let mut edits = vec![lead(code, statement, &guard.before)?];
    edits.push(edits::replace(code, syntax::span(value), name.clone()));
    Some((name, edits))
}

/// Edits that put a guard's statements before and after a declaration.
pub(super) fn around(code: &Code<'_>, statement: Node<'_>, guard: &Guard) -> Option<Vec<Edit>> {
    let style = code.style();
    let end = code.line_end(code.end(statement))?;
    // A comment that goes on below.
    if code.place(end) == Place::Literal {
        return None;
    }
    let next = &code.text[end as usize..];
    let mut after = format!("{}{}{}", style.newline, guard.after, style.end_before(next));
    let follows = code.line(code.next_line(end)).of(code.text).trim();
    if !follows.is_empty() && follows != guard.after {
        after.push_str(style.newline);
    }
    let mut edits = vec![edits::insert(code, end, after)];
    if !guard.before.is_empty() {
        edits.push(lead(code, statement, &guard.before)?);
    }
    Some(edits)
}

/// An edit that puts statements in front of another and its comments.
pub(super) fn lead(code: &Code<'_>, statement: Node<'_>, lines: &[String]) -> Option<Edit> {
    let style = code.style();
    let first = code.with_comments(statement);
    // Comments that begin the file belong to the file.
    let header = code.text[..first as usize].trim().is_empty();
    let at = if header { statement.start_byte() as u32 } else { first };
    if !code.starts_line(at) {
        return None;
    }
    let mut text = String::new();
    let start = code.line(at).start;
    let above = start > 0 && !code.line(start - 1).of(code.text).trim().is_empty();
    let import = statement.prev_named_sibling().is_some_and(|before| before.kind() == "import_statement");
    if above && (import || at != statement.start_byte() as u32) {
        text.push_str(style.newline);
    }
    for line in lines {
        text.push_str(line);
        text.push_str(style.semi);
        text.push_str(style.newline);
    }
    if at != statement.start_byte() as u32 {
        text.push_str(style.newline);
    }
    Some(edits::insert(code, at, text))
}

/// Whether the module does something to the client when it is evaluated: adds listeners or middleware,
/// connects, keeps it on `globalThis` in its own way, or replaces it.
pub(crate) fn is_set_up(code: &Code<'_>, name: &str, maker: &str) -> bool {
    code.occurrences(code.root, name).into_iter().any(|node| {
        if is_written(node) {
            return true;
        }
        if enclosing_function(node).is_some() {
            return false;
        }
        let Some(statement) = code.top_level(node) else { return true };
        match statement.kind() {
            "import_statement" | "export_statement" | "lexical_declaration" | "variable_declaration" => {
                awaited_connect(code, node, maker)
            }
            "expression_statement" => {
                let text = code.of(statement);
                let exports = text.starts_with("module.exports") || text.starts_with("exports.");
                !exports && !connects_again(code, node, maker)
            }
            "type_alias_declaration" | "interface_declaration" | "class_declaration" => false,
            _ => true,
        }
    })
}

/// `const connection = client.connect()`: fine for clients that may be connected twice.
fn awaited_connect(code: &Code<'_>, node: Node<'_>, maker: &str) -> bool {
    method(code, node).is_some_and(|method| {
        matches!(method, "connect" | "$connect" | "initialize" | "open" | "on" | "$on" | "$use")
            && !connects_again(code, node, maker)
    })
}

/// A call on the client that does no harm the second time.
fn connects_again(code: &Code<'_>, node: Node<'_>, maker: &str) -> bool {
    method(code, node).is_some_and(|method| matches!(method, "connect" | "$connect") && reconnects(maker))
}

/// `connect` where `node` is the client of `client.connect(…)`.
fn method<'a>(code: &Code<'a>, node: Node<'a>) -> Option<&'a str> {
    let member = node.parent().filter(|parent| parent.field("object") == Some(node))?;
    member.field("property").map(|property| code.of(property))
}
