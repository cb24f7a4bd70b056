//! Whether an expression gives the same value wherever in a file it stands, and what it needs for that.

use std::collections::BTreeSet;

use crate::fix::code::{Code, ancestors, each, is_function, is_written, only_declarator, scope_of};
use crate::fix::imports::{Import, imports};
use crate::package::Package;
use crate::syntax::Node;

/// What an expression needs to stand somewhere else.
#[derive(Default)]
pub(crate) struct Needs<'a> {
    /// Names of the file's own scope.
    pub(crate) module: BTreeSet<&'a str>,
    /// Local constants, as statements, that have to go along; in text order.
    pub(crate) locals: Vec<Node<'a>>,
}

/// Global values that no request decides.
const GLOBALS: &[&str] = &[
    "undefined",
    "NaN",
    "Infinity",
    "process",
    "globalThis",
    "global",
    "console",
    "Number",
    "String",
    "Boolean",
    "parseInt",
    "parseFloat",
    "JSON",
    "Object",
    "Array",
    "Buffer",
    "URL",
    "Math",
    "Error",
    "RegExp",
    "Map",
    "Set",
    "Promise",
    "require",
    "__dirname",
    "__filename",
    "setTimeout",
    "clearTimeout",
    "fetch",
    "BigInt",
];

/// Global functions and objects whose calls give the same each time.
const PURE: &[&str] = &[
    "Number",
    "String",
    "Boolean",
    "parseInt",
    "parseFloat",
    "JSON",
    "Object",
    "Array",
    "Buffer",
    "require",
];

/// Reads what `value` needs. `None` where a request, a parameter or the time may decide the value.
/// `made` is the construction in it, which is what the move is about.
pub(crate) fn needs<'a>(
    code: &Code<'a>,
    package: &Package,
    value: Node<'a>,
    made: Node<'a>,
) -> Option<Needs<'a>> {
    let imports = imports(code);
    let mut out = Needs::default();
    let mut pending = vec![value];
    while let Some(expression) = pending.pop() {
        if !evaluates_alike(code, package, &imports, expression, made) {
            return None;
        }
        for name in free_names(code, expression) {
            match origin(code, name)? {
                Origin::Module => {
                    out.module.insert(code.of(name));
                }
                Origin::Global => {}
                Origin::Local(statement) => {
                    if out.locals.contains(&statement) {
                        continue;
                    }
                    out.locals.push(statement);
                    pending.push(statement.named_child(0)?.field("value")?);
                }
            }
        }
    }
    out.locals.sort_by_key(Node::start_byte);
    Some(out)
}

/// Every name in `expression` that is not declared inside it.
pub(crate) fn free_names<'a>(code: &Code<'a>, expression: Node<'a>) -> Vec<Node<'a>> {
    let mut used = Vec::new();
    let mut bound = BTreeSet::new();
    each(expression, |node| {
        if matches!(node.kind(), "identifier" | "shorthand_property_identifier" | "type_identifier") {
            if scope_of(node).is_some() {
                bound.insert(code.of(node));
            } else {
                used.push(node);
            }
        } else if node.kind() == "shorthand_property_identifier_pattern" {
            bound.insert(code.of(node));
        }
        true
    });
    used.retain(|node| !bound.contains(code.of(*node)));
    used
}

enum Origin<'a> {
    Module,
    Global,
    /// A `const` statement with one name beside the expression's own statement.
    Local(Node<'a>),
}

/// Where a name comes from; `None` where its value is not the same everywhere.
fn origin<'a>(code: &Code<'a>, name: Node<'a>) -> Option<Origin<'a>> {
    let text = code.of(name);
    let declared: Vec<(Node<'a>, Node<'a>)> = code
        .occurrences(code.root, text)
        .into_iter()
        .filter_map(|node| Some((node, scope_of(node)?)))
        .filter(|(_, scope)| scope.start_byte() <= name.start_byte() && name.end_byte() <= scope.end_byte())
        .collect();
    let Some(&(declaring, scope)) = declared.iter().max_by_key(|(_, scope)| scope.start_byte()) else {
        let known = GLOBALS.contains(&text) || name.kind() == "type_identifier";
        return known.then_some(Origin::Global);
    };
    let rewritten = code.occurrences(scope, text).into_iter().any(is_written);
    if rewritten {
        return None;
    }
    if scope == code.root {
        return Some(Origin::Module);
    }
    let statement = declaring.parent()?.parent().filter(|node| node.kind() == "lexical_declaration")?;
    let own = ancestors(name).find(|node| node.parent() == statement.parent())?;
    let simple = code.of(statement).starts_with("const")
        && only_declarator(statement)?.field("name")? == declaring
        && own.parent()? == scope;
    simple.then_some(Origin::Local(statement))
}

/// Whether `expression` consists of what gives the same value each time.
fn evaluates_alike(
    code: &Code<'_>,
    package: &Package,
    imports: &[Import<'_>],
    expression: Node<'_>,
    made: Node<'_>,
) -> bool {
    let mut alike = true;
    each(expression, |node| {
        match node.kind() {
            // The body of a function runs later, but its `this` may be that of the place.
            "this"
            | "super"
            | "await_expression"
            | "yield_expression"
            | "meta_property"
            | "augmented_assignment_expression"
            | "assignment_expression"
            | "update_expression"
            | "tagged_template_expression"
            | "import" => alike = false,
            "call_expression" | "new_expression" if !ancestors(made).any(|around| around == node) => {
                alike &= is_pure_call(code, package, imports, node);
            }
            _ if is_function(node) => {
                alike &= !mentions_this(node);
                return false;
            }
            _ => {}
        }
        alike
    });
    alike
}

fn mentions_this(function: Node<'_>) -> bool {
    let mut found = false;
    each(function, |node| {
        found |= matches!(node.kind(), "this" | "super");
        !found
    });
    found
}

/// A call of something that a package exports or that the language brings along.
fn is_pure_call(code: &Code<'_>, package: &Package, imports: &[Import<'_>], call: Node<'_>) -> bool {
    let callee = call.field("constructor").or_else(|| call.field("function"));
    let Some(mut root) = callee else { return false };
    let text = code.of(root);
    while let Some(object) = root.field("object").or_else(|| root.field("function")) {
        root = object;
    }
    let name = code.of(root);
    let of_process =
        ["process.env.", "process.env[", "process.cwd"].iter().any(|start| text.starts_with(start));
    if matches!(root.kind(), "string" | "template_string") || of_process || PURE.contains(&name) {
        return true;
    }
    if call.kind() == "new_expression" && matches!(name, "URL" | "Map" | "Set" | "RegExp") {
        return true;
    }
    imports.iter().any(|import| {
        let brings = import.names.iter().any(|known| known.local == name);
        let local = call.kind() != "new_expression" && is_local(package, import.source);
        // Functions of Next.js such as `headers()` answer for the request.
        brings && !local && import.source != "next" && !import.source.starts_with("next/")
    })
}

/// Whether a specifier means a file of the project rather than a package.
pub(crate) fn is_local(package: &Package, source: &str) -> bool {
    source.starts_with(['.', '/', '#', '~'])
        || package.aliases.iter().any(|(alias, _)| !alias.is_empty() && source.starts_with(alias.as_str()))
}
