//! What a handler of Express needs of its file: imports, and statements that go with it where nobody else needs them.

use std::collections::BTreeSet;

use super::Refusal;
use super::express_route::Registration;
use super::luggage::{manifests_above, package_of};
use crate::document::Document;
use crate::finding::{Edit, Safety};
use crate::fix::code::{Code, each, only_declarator, scope_of};
use crate::fix::imports::{self, imports, is_commonjs};
use crate::fix::statements::whole_lines;
use crate::fix::{apply, edits};
use crate::form;
use crate::package::Package;
use crate::project::Resolution;
use crate::syntax::{self, Node};
use crate::text::Span;

/// Types of Express that stand at parameters.
const TYPES: &[&str] = &["Request", "Response", "NextFunction"];

/// What of its file the handler needs: imports, and statements that go with it.
pub(super) struct Needed<'a> {
    imports: Vec<Node<'a>>,
    statements: Vec<Node<'a>>,
}

pub(super) fn needed<'a>(registration: &Registration<'a>) -> Result<Needed<'a>, Refusal> {
    let code = registration.code;
    let own = code.top_level(registration.handler);
    let known = imports(code);
    let mut needed = Needed { imports: Vec::new(), statements: Vec::new() };
    let mut open = vec![registration.handler];
    while let Some(node) = open.pop() {
        for statement in code.statements() {
            if Some(statement) == own && statement.kind() == "expression_statement"
                || statement.kind() == "comment"
            {
                continue;
            }
            let names = declared(code, statement);
            let used: Vec<&str> = names.iter().copied().filter(|name| uses(code, node, name)).collect();
            let inside = syntax::span(statement).covers(syntax::span(node));
            if used.is_empty()
                || inside
                || needed.statements.contains(&statement)
                || needed.imports.contains(&statement)
            {
                continue;
            }
            if let Some(import) = known.iter().find(|it| it.statement == statement) {
                if import.require || is_commonjs(code) == Some(true) {
                    return registration.refuse(
                        statement,
                        "The handler needs this, and the file is in CommonJS: write it as an `import` first.",
                    );
                }
                if import.source == "express" {
                    if let Some(name) = used.iter().find(|it| !TYPES.contains(it)) {
                        let reason = format!("`{name}` of Express has no counterpart in a Route Handler.");
                        return registration.refuse(statement, reason);
                    }
                    continue;
                }
                needed.imports.push(statement);
                continue;
            }
            goes_along(registration, statement, &names)?;
            needed.statements.push(statement);
            open.push(statement);
        }
    }
    for statement in &needed.statements {
        used_by_others(registration, *statement, &needed.statements)?;
    }
    needed.imports.sort_by_key(Node::start_byte);
    needed.statements.sort_by_key(Node::start_byte);
    Ok(needed)
}

/// Names that a statement of the file declares.
fn declared<'a>(code: &Code<'a>, statement: Node<'a>) -> Vec<&'a str> {
    let mut out = BTreeSet::new();
    each(statement, |node| {
        let is_name =
            matches!(node.kind(), "identifier" | "type_identifier" | "shorthand_property_identifier_pattern");
        if is_name && scope_of(node) == Some(code.root) {
            out.insert(code.of(node));
        }
        !form::is_function(node) || node == statement
    });
    if let Some(name) = statement.field("name").or_else(|| statement.field("declaration")?.field("name")) {
        out.insert(code.of(name));
    }
    out.into_iter().collect()
}

/// Whether a piece of code uses a name of its file.
fn uses(code: &Code<'_>, node: Node<'_>, name: &str) -> bool {
    let within = code.node(syntax::span(node));
    let found = within.map(|it| code.occurrences(it, name)).unwrap_or_default();
    let hidden: Vec<Span> = found
        .iter()
        .filter_map(|it| scope_of(*it))
        .filter(|scope| *scope != code.root)
        .map(syntax::span)
        .collect();
    found.iter().any(|it| !hidden.iter().any(|scope| scope.covers(syntax::span(*it))))
}

/// Whether a statement may go with the handler: it gives something a name for good. That nobody else uses it is asked
/// next.
fn goes_along(registration: &Registration<'_>, statement: Node<'_>, names: &[&str]) -> Result<(), Refusal> {
    let name = names.first().copied().unwrap_or_default();
    let quiet = match statement.kind() {
        "function_declaration" | "type_alias_declaration" | "interface_declaration" => true,
        "lexical_declaration" => {
            registration.code.of(statement).starts_with("const") && only_declarator(statement).is_some()
        }
        _ => false,
    };
    if quiet {
        return Ok(());
    }
    let reason = format!(
        "The handler needs `{name}`, which is made here: put it into a module of its own, and import it."
    );
    registration.refuse(statement, reason)
}

/// What goes with the handler, nobody else may use.
fn used_by_others(
    registration: &Registration<'_>,
    statement: Node<'_>,
    going: &[Node<'_>],
) -> Result<(), Refusal> {
    let code = registration.code;
    for name in declared(code, statement) {
        for place in code.occurrences(code.root, name) {
            let span = syntax::span(place);
            let goes = going.iter().any(|it| syntax::span(*it).covers(span));
            let own = syntax::span(registration.handler).covers(span);
            let named = place == registration.handler || syntax::span(registration.call).covers(span);
            if !goes && !own && !named {
                let reason = format!(
                    "`{name}` is used here, too, and the handler needs it: put it into a module of its own, and import it."
                );
                return registration.refuse(place, reason);
            }
        }
    }
    Ok(())
}

/// The packages that go along are to be had in the app, and files are named from there.
pub(super) fn packages(
    registration: &Registration<'_>,
    package: &Package,
    needed: &Needed<'_>,
) -> Result<(), Refusal> {
    if package.root == registration.input.package.root {
        return Ok(());
    }
    let manifests =
        package.root.as_ref().map(|root| manifests_above(registration.sources, root)).unwrap_or_default();
    for import in imports(registration.code).iter().filter(|it| needed.imports.contains(&it.statement)) {
        if import.source.starts_with("node:") {
            continue;
        }
        if registration.project.resolution(registration.file, import.source) != Some(&Resolution::External) {
            let reason =
                "The handler needs this file of the Express package: put it into a package that both have.";
            return registration.refuse(import.statement, reason);
        }
        let name = package_of(import.source);
        if !manifests.iter().any(|it| it.contains_key(name)) {
            let reason =
                format!("The app does not have `{name}`, which the handler needs: install it there first.");
            return registration.refuse(import.statement, reason);
        }
    }
    Ok(())
}

/// The handler as a file of its own.
pub(super) fn source(registration: &Registration<'_>, needed: &Needed<'_>) -> String {
    let code = registration.code;
    let newline = code.style().newline;
    let mut out = String::new();
    for import in &needed.imports {
        out.push_str(code.span(*import).of(code.text));
        out.push_str(newline);
    }
    if !out.is_empty() {
        out.push_str(newline);
    }
    for statement in &needed.statements {
        let start = code.with_comments(*statement);
        out.push_str(Span::new(start, code.end(*statement)).of(code.text));
        out.push_str(newline);
        out.push_str(newline);
    }
    out.push_str("export default ");
    let indent = code.indent(registration.call.start_byte() as u32);
    out.push_str(&code.outdented(syntax::span(registration.handler), indent));
    out.push_str(newline);
    out
}

/// The file of the application without the registration, what went with it, and imports that nobody needs any more.
pub(super) fn removed(registration: &Registration<'_>, needed: &Needed<'_>) -> Option<Vec<Edit>> {
    let code = registration.code;
    let statement = registration.call.parent()?;
    let mut gone = vec![statement];
    gone.extend(&needed.statements);
    // A handler with a name of its own.
    let own = code
        .top_level(registration.handler)
        .filter(|it| *it != code.top_level(statement).unwrap_or(statement));
    if let Some(own) = own.filter(|it| !gone.contains(it)) {
        let name = declared(code, own).first().copied()?;
        if code.occurrences(code.root, name).len() > 2 {
            return None;
        }
        gone.push(own);
    }
    let mut out = Vec::new();
    for statement in gone {
        let mut lines = whole_lines(code, statement);
        if code.starts_line(statement.start_byte() as u32) {
            lines.start = code.line(code.with_comments(statement)).start.min(lines.start);
        }
        out.push(edits::delete(code, lines));
    }
    let fix = edits::fix(String::new(), Safety::Unsafe, out, &[code.document])?;
    let text = apply(code.text, &fix.edits);
    let after = Document::new(code.document.path().clone(), 0, text);
    let then = Code::new(&after)?;
    let unused = imports::no_longer_used(code, &then);
    let dropped = imports::rewrite(&then, None, &unused, false)?;
    let text = if dropped.is_empty() {
        after.text().to_owned()
    } else {
        apply(after.text(), &edits::fix(String::new(), Safety::Unsafe, dropped, &[&after])?.edits)
    };
    let whole = Span::new(0, code.text.len() as u32);
    Some(vec![Edit::replace(code.document.path().clone(), whole, text)])
}
