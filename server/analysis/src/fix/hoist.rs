//! A client of a function becomes one of the module.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::clients::ClientSite;
use crate::fix::code::{Code, enclosing_function};
use crate::fix::edits;
use crate::fix::guard::{Client, guard};
use crate::fix::imports::imports;
use crate::fix::statements;
use crate::fix::takeout::{TakenOut, Terms, take_out};
use crate::syntax::Node;

/// Moves the construction out of its function to the module, one per process: on `globalThis`, as
/// [`crate::fix::singleton_in_place`] does it. What ends the client in the functions goes.
///
/// `None` where the arguments depend on the call, where names would change their meaning, or where the
/// host wants a client per request.
pub fn hoist_in_place(site: &ClientSite<'_>) -> Option<Fix> {
    let code = Code::new(site.document)?;
    let taken = local(site, &code)?;
    let key = site.key(&taken.name)?;
    let client = Client {
        name: &taken.name,
        key: &key,
        value: taken.value,
        text: &taken.text,
        made: taken.made,
        annotation: taken.annotation,
    };
    let guard = guard(&code, &client)?;
    let mut lines = moved(&code, &taken);
    lines.extend(guard.before);
    lines.push(declaration(&taken, &guard.value));
    lines.push(guard.after);
    finish(site, &code, taken, &lines, "and keep one on `globalThis`")
}

/// Moves the construction out of its function to the module, as it is: for clients that hold nothing but
/// kept-alive sockets and credentials.
pub fn hoist_to_module(site: &ClientSite<'_>) -> Option<Fix> {
    let code = Code::new(site.document)?;
    let taken = local(site, &code)?;
    let mut lines = moved(&code, &taken);
    lines.push(declaration(&taken, &taken.text));
    finish(site, &code, taken, &lines, "")
}

fn local<'a>(site: &ClientSite<'_>, code: &Code<'a>) -> Option<TakenOut<'a>> {
    if !site.may_be_shared() {
        return None;
    }
    let taken = take_out(code, site.at, &Terms::of(site, code)?)?;
    enclosing_function(taken.made)?;
    Some(taken)
}

fn finish(
    site: &ClientSite<'_>,
    code: &Code<'_>,
    taken: TakenOut<'_>,
    lines: &[String],
    how: &str,
) -> Option<Fix> {
    let mut edits = taken.edits;
    edits.push(place(code, &taken.needs.module, lines)?);
    let title = format!("Move `{}` to module scope {how}", taken.name);
    edits::fix(title.trim_end().to_owned(), Safety::Safe, edits, &[site.document])
}

/// The constants that go along, at the left margin, without `;`.
pub(crate) fn moved(code: &Code<'_>, taken: &TakenOut<'_>) -> Vec<String> {
    let locals = taken.needs.locals.iter();
    locals
        .map(|node| {
            let span = code.span(*node);
            code.outdented(span, code.indent(span.start)).trim_end_matches(';').to_owned()
        })
        .collect()
}

fn declaration(taken: &TakenOut<'_>, value: &str) -> String {
    let annotation = taken.annotation.map(|annotation| format!(": {annotation}")).unwrap_or_default();
    format!("const {}{annotation} = {value}", taken.name)
}

/// An edit that puts statements after the imports and after every declaration of `needs`.
pub(super) fn place(
    code: &Code<'_>,
    needs: &std::collections::BTreeSet<&str>,
    lines: &[String],
) -> Option<Edit> {
    let style = code.style();
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push_str(style.semi);
        text.push_str(style.newline);
    }
    let Some(anchor) = anchor(code, needs) else {
        return Some(edits::insert(code, statements::first_line(code)?, text + style.newline));
    };
    let end = code.line_end(code.end(anchor))?;
    let rest = &code.text[end as usize..];
    let body = text.trim_end_matches(['\r', '\n']).trim_end_matches(';');
    let mark = style.end_before(rest);
    let after = code.line(code.next_line(end)).of(code.text).trim();
    let gap = if after.is_empty() { "" } else { style.newline };
    Some(edits::insert(code, end, format!("{0}{0}{body}{mark}{gap}", style.newline)))
}

/// The last statement that has to come before a client of the module.
fn anchor<'a>(code: &Code<'a>, needs: &std::collections::BTreeSet<&str>) -> Option<Node<'a>> {
    let imports: Vec<Node<'a>> = imports(code).iter().map(|import| import.statement).collect();
    let mut leading = true;
    let mut last = None;
    for statement in code.statements() {
        let is_import = imports.contains(&statement) || statement.kind() == "import_statement";
        leading &= is_import
            || matches!(statement.kind(), "comment" | "hash_bang_line")
            || is_setup(code, statement);
        let declares = statement.kind() != "function_declaration"
            && needs.iter().any(|name| declares(code, statement, name));
        if statement.kind() != "comment" && statement.kind() != "hash_bang_line" && (leading || declares) {
            last = Some(statement);
        }
    }
    last
}

/// Directives, and what fills `process.env` before clients read it.
fn is_setup(code: &Code<'_>, statement: Node<'_>) -> bool {
    if statement.kind() != "expression_statement" {
        return false;
    }
    let directive = statement.named_child(0).is_some_and(|child| child.kind() == "string");
    let text = code.of(statement);
    directive || ["dotenv", "loadEnv", "config("].iter().any(|word| text.contains(word))
}

fn declares(code: &Code<'_>, statement: Node<'_>, name: &str) -> bool {
    // Safe for a statement of the tree that `code` is of: nodes compare by identity.
    code.occurrences(code.root, name).into_iter().any(|node| {
        crate::fix::code::scope_of(node) == Some(code.root)
            && statement.start_byte() <= node.start_byte()
            && node.end_byte() <= statement.end_byte()
    })
}
