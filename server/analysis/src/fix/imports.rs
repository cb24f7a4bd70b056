//! What a file imports, and edits of its import statements.

use crate::finding::Edit;
use crate::fix::code::{Code, each, only_declarator};
use crate::fix::edits;
use crate::fix::statements;
use crate::syntax::{self, Node};
use crate::text::Span;

/// One import statement, or a `const … = require(…)` at the top level.
pub(crate) struct Import<'a> {
    /// The whole statement.
    pub(crate) statement: Node<'a>,
    /// The specifier, without quotes.
    pub(crate) source: &'a str,
    /// `require`, not `import`.
    pub(crate) require: bool,
    /// `import type …`: brings no value.
    pub(crate) type_only: bool,
    /// The names it brings.
    pub(crate) names: Vec<Name<'a>>,
    /// The braces that hold named imports.
    pub(crate) braces: Option<Node<'a>>,
}

/// A name that an import brings.
pub(crate) struct Name<'a> {
    /// What the file calls it.
    pub(crate) local: &'a str,
    /// What the module calls it; `default`, or `*` for everything.
    pub(crate) imported: &'a str,
    /// The specifier that says so.
    pub(crate) node: Node<'a>,
    /// `import { type X }`.
    pub(crate) type_only: bool,
}

/// An import that a fix wants.
pub(crate) struct Wanted {
    /// Ways to write the module that mean the same; the first is used for a new statement.
    pub(crate) sources: Vec<String>,
    /// What the module calls it; `default` for its default export.
    pub(crate) imported: String,
    /// What the file will call it.
    pub(crate) local: String,
}

/// Every import of the file, in order.
pub(crate) fn imports<'a>(code: &Code<'a>) -> Vec<Import<'a>> {
    code.statements().into_iter().filter_map(|statement| read(code, statement)).collect()
}

fn read<'a>(code: &Code<'a>, statement: Node<'a>) -> Option<Import<'a>> {
    match statement.kind() {
        "import_statement" => Some(read_import(code, statement)),
        "lexical_declaration" | "variable_declaration" => read_require(code, statement),
        _ => None,
    }
}

fn read_import<'a>(code: &Code<'a>, statement: Node<'a>) -> Import<'a> {
    let mut import = Import {
        statement,
        source: "",
        require: false,
        type_only: has_token(statement, "type") || has_token(statement, "typeof"),
        names: Vec::new(),
        braces: None,
    };
    each(statement, |node| {
        let whole = |imported| Name { local: code.of(node), imported, node, type_only: false };
        let parent = node.parent().map_or("", |parent| parent.kind());
        match (node.kind(), parent) {
            ("string", "import_statement" | "import_require_clause") => {
                import.source = unquoted(code.of(node));
            }
            ("named_imports", _) => import.braces = Some(node),
            ("identifier", "import_clause") => import.names.push(whole("default")),
            ("identifier", "namespace_import" | "import_require_clause") => import.names.push(whole("*")),
            ("import_specifier", _) => {
                let name = node.field("name").map_or("", |name| code.of(name));
                let local = node.field("alias").map_or(name, |alias| code.of(alias));
                let type_only = has_token(node, "type");
                import.names.push(Name { local, imported: unquoted(name), node, type_only });
                return false;
            }
            _ => {}
        }
        true
    });
    import
}

fn read_require<'a>(code: &Code<'a>, statement: Node<'a>) -> Option<Import<'a>> {
    let declarator = only_declarator(statement)?;
    let name = declarator.field("name")?;
    let mut value = declarator.field("value")?;
    let mut property = "*";
    if value.kind() == "member_expression" {
        property = code.of(value.field("property")?);
        value = value.field("object")?;
    }
    let callee = value.field("function")?;
    let source = value.field("arguments")?.named_child(0)?;
    if value.kind() != "call_expression" || code.of(callee) != "require" || source.kind() != "string" {
        return None;
    }
    let mut names = Vec::new();
    let mut braces = None;
    if name.kind() == "identifier" {
        names.push(Name { local: code.of(name), imported: property, node: name, type_only: false });
    } else if name.kind() == "object_pattern" && property == "*" {
        braces = Some(name);
        for node in name.named_children() {
            let (imported, local) = match node.kind() {
                "shorthand_property_identifier_pattern" => (code.of(node), code.of(node)),
                "pair_pattern" => {
                    let value = node.field("value").filter(|node| node.kind() == "identifier")?;
                    (code.of(node.field("key")?), code.of(value))
                }
                "comment" => continue,
                _ => return None,
            };
            names.push(Name { local, imported, node, type_only: false });
        }
    } else {
        return None;
    }
    let source = unquoted(code.of(source));
    Some(Import { statement, source, require: true, type_only: false, names, braces })
}

fn has_token(node: Node<'_>, token: &str) -> bool {
    node.children().any(|child| child.kind() == token)
}

fn unquoted(string: &str) -> &str {
    string.trim_matches(['"', '\'', '`'])
}

/// Whether the file speaks CommonJS: it requires or assigns `module.exports`, and imports and exports
/// nothing the newer way. `None` where it does neither.
pub(crate) fn is_commonjs(code: &Code<'_>) -> Option<bool> {
    match code.document.path().extension() {
        "cjs" => return Some(true),
        "mjs" | "mts" => return Some(false),
        _ => {}
    }
    let statements = code.statements();
    if statements.iter().any(|node| matches!(node.kind(), "import_statement" | "export_statement")) {
        return Some(false);
    }
    ["require", "module", "exports"].iter().any(|name| code.mentions(name)).then_some(true)
}

/// Imported names that code uses no more after it was changed, and did use before.
pub(crate) fn no_longer_used<'a>(before: &Code<'_>, after: &Code<'a>) -> Vec<&'a str> {
    let uses = |code: &Code<'_>, name: &str| code.occurrences(code.root, name).len();
    let all = imports(after).into_iter().flat_map(|import| import.names).map(|name| name.local);
    all.filter(|name| uses(after, name) == 1 && uses(before, name) > 1).collect()
}

/// Edits that bring `add` into the file and drop the names of `drop`. `None` where the file has no sure
/// place for it.
pub(crate) fn rewrite(
    code: &Code<'_>,
    add: Option<&Wanted>,
    drop: &[&str],
    commonjs: bool,
) -> Option<Vec<Edit>> {
    let imports = imports(code);
    let mut out = Vec::new();
    let mut freed = None;
    for import in &imports {
        let gone: Vec<usize> =
            (0..import.names.len()).filter(|&at| drop.contains(&import.names[at].local)).collect();
        if gone.is_empty() {
            continue;
        }
        if gone.len() == import.names.len() {
            if freed.is_none() && add.is_some() && code.starts_line(import.statement.start_byte() as u32) {
                freed = Some(import.statement);
            } else {
                out.push(edits::delete(code, statements::whole_lines(code, import.statement)));
            }
        } else {
            out.extend(shrink(code, import, &gone)?);
        }
    }
    let Some(add) = add else { return Some(out) };
    let known = imports.iter().find(|import| {
        !import.type_only
            && import.require == commonjs
            && add.sources.iter().any(|source| source == import.source)
            && Some(import.statement) != freed
    });
    if let Some(import) = known {
        if import
            .names
            .iter()
            .any(|name| name.imported == add.imported && name.local == add.local && !name.type_only)
        {
            // It is there already.
            out.extend(freed.map(|node| edits::delete(code, statements::whole_lines(code, node))));
            return Some(out);
        }
        if let Some(edit) = merge(code, import, add) {
            out.push(edit);
            out.extend(freed.map(|node| edits::delete(code, statements::whole_lines(code, node))));
            return Some(out);
        }
    }
    let line = statement(code, add, commonjs);
    if let Some(node) = freed {
        let style = code.style();
        let line = if style.semi.is_empty() && code.span(node).of(code.text).ends_with(';') {
            line + ";"
        } else {
            line
        };
        out.push(edits::replace(code, code.span(node), line));
    } else {
        out.push(add_line(code, &imports, &line)?);
    }
    Some(out)
}

/// Edits that bring names of several modules into the file, under these names, and drop those of `drop`. `None` where
/// one of them means something else here.
pub(crate) fn bring(code: &Code<'_>, wanted: &[(&str, &[&str])], drop: &[&str]) -> Option<Vec<Edit>> {
    let known = imports(code);
    let commonjs = is_commonjs(code).unwrap_or(false);
    let mut missing: Vec<Wanted> = Vec::new();
    for (module, names) in wanted {
        let there = |name: &&str| {
            known.iter().filter(|import| !import.type_only && import.source == *module).any(|import| {
                import.names.iter().any(|it| it.imported == *name && it.local == *name && !it.type_only)
            })
        };
        let names: Vec<&str> = names.iter().copied().filter(|name| !there(name)).collect();
        if names.iter().any(|name| code.mentions(name)) {
            return None;
        }
        if !names.is_empty() {
            let names = names.join(", ");
            missing.push(Wanted {
                sources: vec![(*module).to_owned()],
                imported: names.clone(),
                local: names,
            });
        }
    }
    if known.is_empty() {
        let newline = code.style().newline;
        let lines: String = missing.iter().map(|it| statement(code, it, commonjs) + newline).collect();
        let at = statements::first_line(code)?;
        return Some(if lines.is_empty() {
            Vec::new()
        } else {
            vec![edits::insert(code, at, lines + newline)]
        });
    }
    let mut out = Vec::new();
    let mut drop = drop;
    for wanted in missing.iter().map(Some).chain(missing.is_empty().then_some(None)) {
        out.extend(rewrite(code, wanted, drop, commonjs)?);
        drop = &[];
    }
    Some(out)
}

/// The text of a new import statement.
pub(crate) fn statement(code: &Code<'_>, add: &Wanted, commonjs: bool) -> String {
    let style = code.style();
    let source = style.string(add.sources.first().map_or("", String::as_str));
    let (imported, local) = (&add.imported, &add.local);
    let names = match (imported == "default", imported == local, commonjs) {
        (true, ..) => local.clone(),
        (_, true, _) => style.braces(local),
        (.., true) => style.braces(&format!("{imported}: {local}")),
        (.., false) => style.braces(&format!("{imported} as {local}")),
    };
    if commonjs {
        format!("const {names} = require({source}){}", style.semi)
    } else {
        format!("import {names} from {source}{}", style.semi)
    }
}

/// Puts a line after the file's last import, or where the first would stand.
fn add_line(code: &Code<'_>, imports: &[Import<'_>], line: &str) -> Option<Edit> {
    let style = code.style();
    if let Some(last) = imports.last() {
        let end = code.line_end(code.end(last.statement))?;
        let line = format!("{}{line}", style.newline);
        return Some(edits::insert(code, end, line));
    }
    let at = statements::first_line(code)?;
    Some(edits::insert(code, at, format!("{line}{0}{0}", style.newline)))
}

/// Adds a name to an import of the same module.
fn merge(code: &Code<'_>, import: &Import<'_>, add: &Wanted) -> Option<Edit> {
    let style = code.style();
    let has = |imported: &str| import.names.iter().any(|name| name.imported == imported);
    if import.require && add.imported == "default" {
        return None;
    }
    if add.imported == "default" {
        // `import type`-free, no default yet: `import { a }` becomes `import db, { a }`.
        let braces = import.braces.filter(|_| !has("default"))?;
        return Some(edits::insert(code, braces.start_byte() as u32, format!("{}, ", add.local)));
    }
    let joint = if import.require { ": " } else { " as " };
    let name = if add.imported == add.local {
        add.local.clone()
    } else {
        format!("{}{joint}{}", add.imported, add.local)
    };
    let Some(braces) = import.braces else {
        let only = import.names.first().filter(|name| name.imported == "default" && !import.require)?;
        let at = only.node.end_byte() as u32;
        return Some(edits::insert(code, at, format!(", {}", style.braces(&name))));
    };
    let Some(last) = import.names.iter().rev().find(|name| name.node.parent() == Some(braces)) else {
        return Some(edits::replace(code, syntax::span(braces), style.braces(&name)));
    };
    let at = last.node.end_byte() as u32;
    let alone = code.starts_line(last.node.start_byte() as u32);
    let between = if alone { format!("{}{}", style.newline, code.indent(at)) } else { " ".to_owned() };
    Some(edits::insert(code, at, format!(",{between}{name}")))
}

/// Takes some names, not all, out of an import.
fn shrink(code: &Code<'_>, import: &Import<'_>, gone: &[usize]) -> Option<Vec<Edit>> {
    let inside = |at: &usize| import.braces.is_some() && import.names[*at].node.parent() == import.braces;
    let members: Vec<usize> = (0..import.names.len()).filter(|at| inside(at)).collect();
    let mut out = Vec::new();
    let all_members_go = members.iter().all(|at| gone.contains(at));
    for &at in gone {
        let node = import.names[at].node;
        if inside(&at) && !all_members_go {
            out.push(edits::delete(code, list_item(code, node)));
        } else if !inside(&at) {
            // `import db, { a }` or `import db, * as all`: the default goes, with its comma.
            let next = node.next_named_sibling()?;
            out.push(edits::delete(code, Span::new(node.start_byte() as u32, next.start_byte() as u32)));
        }
    }
    if all_members_go && !members.is_empty() && members.iter().any(|at| gone.contains(at)) {
        let braces = import.braces?;
        let before = braces.prev_named_sibling()?;
        out.push(edits::delete(code, Span::new(before.end_byte() as u32, braces.end_byte() as u32)));
    }
    Some(out)
}

/// An item of a list in braces together with the comma and the blanks that go with it.
pub(crate) fn list_item(code: &Code<'_>, node: Node<'_>) -> Span {
    let (start, end) = (node.start_byte() as u32, node.end_byte() as u32);
    if let Some(next) = node.next_sibling().filter(|next| next.kind() == ",") {
        if code.starts_line(start) && code.line_end(next.end_byte() as u32).is_some() {
            return Span::new(code.line(start).start, code.next_line(end));
        }
        let after = next.end_byte();
        let rest = &code.text[after..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Span::new(start, (after + blanks) as u32);
    }
    match node.prev_sibling().filter(|before| before.kind() == ",") {
        Some(comma) => Span::new(comma.start_byte() as u32, end),
        None => Span::new(start, end),
    }
}
