//! A module that only makes a client hands out that of another module.

use crate::finding::{Fix, Safety};
use crate::fix::clients::{ClientSite, SharedClient, chained, construction, dressed};
use crate::fix::code::{Code, ancestors, enclosing_function, only_declarator, scope_of};
use crate::fix::edits;
use crate::fix::imports::imports;
use crate::fix::shared::speaks_commonjs;
use crate::fix::specifier::specifiers;
use crate::syntax::Node;
use crate::text::Span;

/// Replaces a module that does nothing but make and export a client by one that exports the client of
/// `shared` under the same names, so that its importers need no change.
///
/// `None` where the module does or exports anything else, types included.
pub fn use_other_module(site: &ClientSite<'_>, shared: &SharedClient) -> Option<Fix> {
    let code = Code::new(site.document)?;
    if shared.path == *site.document.path() || code.root.has_error() || speaks_commonjs(&code, site.package) {
        return None;
    }
    let other = site.sources.document(&shared.path)?;
    if speaks_commonjs(&Code::new(&other)?, site.package) || imports_file(&other, site, &code)? {
        return None;
    }
    let made = construction(&code, site.at)?;
    let client = variable(&code, made);
    let names = exports(&code, made, client)?;
    let source = specifiers(&code, site.package, &shared.path).into_iter().next()?;
    let style = code.style();
    let mut lines = String::new();
    for name in &names {
        let what = match (shared.imported(), name.as_str()) {
            (imported, name) if imported == name => name.to_owned(),
            (imported, name) => format!("{imported} as {name}"),
        };
        let line = format!("export {} from {}{}", style.braces(&what), style.string(&source), style.semi);
        lines.push_str(&line);
        lines.push_str(style.newline);
    }
    let first = code.statements().into_iter().find(|node| node.kind() != "comment")?;
    let last = code.statements().into_iter().next_back()?;
    let end = code.next_line(last.end_byte() as u32);
    let edit = edits::replace(&code, Span::new(first.start_byte() as u32, end), lines);
    let safety = if shared.same_arguments { Safety::Safe } else { Safety::Unsafe };
    edits::fix(format!("Export the client of `{source}`"), safety, vec![edit], &[site.document])
}

/// Whether the other module imports this one: then the two would wait for each other.
pub(crate) fn imports_file(
    other: &crate::document::Document,
    site: &ClientSite<'_>,
    code: &Code<'_>,
) -> Option<bool> {
    let there = Code::new(other)?;
    let names = specifiers(&there, site.package, code.document.path());
    let statements = there.statements();
    Some(statements.iter().any(|statement| {
        let text = there.of(*statement);
        statement.kind() != "comment"
            && names.iter().any(|name| {
                [format!("'{name}'"), format!("\"{name}\"")]
                    .iter()
                    .any(|quoted| text.contains(quoted.as_str()))
            })
    }))
}

/// The variable that holds the client: the declaration around the construction, guarded or not.
fn variable<'a>(code: &Code<'a>, made: Node<'a>) -> Option<&'a str> {
    let value = dressed(chained(code, made));
    let declarator = ancestors(value).find(|node| node.kind() == "variable_declarator")?;
    if enclosing_function(made).is_none() {
        return Some(code.of(declarator.field("name")?));
    }
    // `const createPrisma = () => new PrismaClient()`: the variable is that whose value calls it.
    let maker = code.of(declarator.field("name")?);
    code.statements().into_iter().find_map(|statement| {
        let declaration = statement.field("declaration").unwrap_or(statement);
        let declarator = declaration.named_child(0).filter(|node| node.kind() == "variable_declarator")?;
        let value = declarator.field("value")?;
        let calls = code.of(value).contains(&format!("{maker}("));
        (calls && matches!(value.kind(), "binary_expression" | "call_expression"))
            .then(|| code.of(declarator.field("name").unwrap_or(declarator)))
    })
}

/// The names under which the client is exported; `None` where the module says anything else.
fn exports(code: &Code<'_>, made: Node<'_>, client: Option<&str>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let brought: Vec<Node<'_>> = imports(code).iter().map(|import| import.statement).collect();
    for statement in code.statements() {
        match statement.kind() {
            "comment" => {}
            // An import without names is there for what it does.
            "import_statement" if code.of(statement).contains(" from") => {}
            "lexical_declaration" | "variable_declaration" => {
                if !brought.contains(&statement) && enclosing_declares_more(code, statement) {
                    return None;
                }
            }
            "export_statement" => names.extend(exported(code, statement, made, client)?),
            "expression_statement" | "if_statement" => {
                // The guard: `globalForPrisma.prisma = prisma`, under a condition or not.
                let text = code.of(statement);
                let client = client?;
                let keeps = text.contains("global") && text.contains(&format!("= {client}"));
                if !keeps || text.matches('=').count() > 4 || text.contains("=>") {
                    return None;
                }
            }
            "ambient_declaration" if code.of(statement).starts_with("declare global") => {}
            _ => return None,
        }
    }
    (!names.is_empty()).then_some(names)
}

/// A declaration that does not serve the client alone: it calls something at once that is not a
/// constructor, as `const app = start()` does.
fn enclosing_declares_more(code: &Code<'_>, statement: Node<'_>) -> bool {
    let mut more = false;
    crate::fix::code::each(statement, |node| {
        more |= node.kind() == "await_expression" || node.kind() == "assignment_expression";
        !more
    });
    // Never used by anything: it is there for what it does.
    let declared = statement.named_child(0).and_then(|node| node.field("name"));
    let unused = declared.is_some_and(|name| {
        name.kind() != "identifier"
            || code.occurrences(code.root, code.of(name)).into_iter().all(|node| scope_of(node).is_some())
    });
    more || unused
}

fn exported(
    code: &Code<'_>,
    statement: Node<'_>,
    made: Node<'_>,
    client: Option<&str>,
) -> Option<Vec<String>> {
    if statement.field("source").is_some() {
        return None;
    }
    if let Some(declaration) = statement.field("declaration") {
        let declarator = only_declarator(declaration)?;
        let name = declarator.field("name").filter(|name| name.kind() == "identifier")?;
        let is_client = declarator.kind() == "variable_declarator" && Some(code.of(name)) == client;
        return is_client.then(|| vec![code.of(name).to_owned()]);
    }
    if let Some(value) = statement.field("value") {
        let is_client = Some(code.of(value)) == client || dressed(chained(code, made)) == value;
        return is_client.then(|| vec!["default".to_owned()]);
    }
    let mut names = Vec::new();
    let clause = statement.named_child(0).filter(|clause| clause.kind() == "export_clause")?;
    for specifier in clause.named_children() {
        let name = specifier.field("name")?;
        if Some(code.of(name)) != client || code.of(specifier).starts_with("type ") {
            return None;
        }
        let exported = specifier.field("alias").unwrap_or(name);
        names.push(code.of(exported).to_owned());
    }
    Some(names)
}
