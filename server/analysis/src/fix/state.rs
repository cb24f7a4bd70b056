//! What a module keeps goes where all copies of the module see it, and files go where they can be written.

use super::code::{Code, ancestors, each, enclosing_function, only_declarator};
use super::edits;
use super::guard::{Client, guard, is_typescript};
use super::imports::{self, Wanted};
use super::offer::Offer;
use super::singleton::around;
use crate::finding::{Fix, Safety};
use crate::syntax::{self, Node};

/// Keeps a constant of the module on `globalThis`.
pub(super) fn state_on_global(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let name = code.node(offer.finding.span).filter(|node| node.kind() == "identifier")?;
    let declarator = name.parent().filter(|node| node.kind() == "variable_declarator")?;
    let declaration = declarator.parent()?;
    // What is set to another value later is another copy again.
    let is_constant = code.of(declaration).starts_with("const");
    if !is_constant || only_declarator(declaration) != Some(declarator) {
        return None;
    }
    let value = declarator.field("value")?;
    let annotation = declarator
        .field("type")
        .and_then(|annotation| annotation.named_child(0))
        .map(|annotation| code.of(annotation));
    match value.kind() {
        "new_expression" => {}
        "array" | "object" if annotation.is_some() || !is_typescript(&code) => {}
        _ => return None,
    }
    let statement = code.top_level(declarator)?;
    let key = code.of(name);
    let guard =
        guard(&code, &Client { name: key, key, value, text: code.of(value), made: value, annotation })?;
    let mut edits = around(&code, statement, &guard)?;
    edits.push(edits::replace(&code, syntax::span(value), guard.value));
    edits::fix(format!("Keep one `{key}` on `globalThis`"), Safety::Safe, edits, &[offer.document])
}

/// Calls whose second argument is what they write.
const COPIES: &[&str] = &["rename", "copyFile", "cp", "copy", "move", "symlink"];

/// Writes below the folder for temporary files where the path starts with `process.cwd()`.
pub(super) fn temporary_folder(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let callee = code.node(offer.finding.span)?;
    let call = ancestors(callee).find(|node| node.kind() == "call_expression")?;
    let arguments = call.field("arguments")?;
    let name = code.of(callee).rsplit('.').next().unwrap_or_default().trim_end_matches("Sync");
    let path = arguments.named_child(usize::from(COPIES.contains(&name)))?;
    let base = base(&code, path, 0)?;
    // What is served to visitors does not belong there.
    let whole = ancestors(base).find(|node| node.kind() == "arguments").unwrap_or(base);
    if code.of(whole).contains("public") || code.of(path).contains("public") {
        return None;
    }
    let known = imports::imports(&code);
    let os = known
        .iter()
        .filter(|import| matches!(import.source, "os" | "node:os") && !import.type_only)
        .flat_map(|import| &import.names)
        .find(|name| matches!(name.imported, "default" | "*"));
    let mut edits = Vec::new();
    let replacement = if let Some(os) = os {
        format!("{}.tmpdir()", os.local)
    } else {
        let wanted = Wanted {
            sources: vec!["node:os".to_owned(), "os".to_owned()],
            imported: "tmpdir".to_owned(),
            local: "tmpdir".to_owned(),
        };
        let imported = known.iter().flat_map(|import| &import.names).any(|name| name.local == "tmpdir");
        if !imported && code.mentions("tmpdir") {
            return None;
        }
        let commonjs = imports::is_commonjs(&code).unwrap_or(false);
        edits.extend(imports::rewrite(&code, Some(&wanted), &[], commonjs)?);
        "tmpdir()".to_owned()
    };
    edits.push(edits::replace(&code, syntax::span(base), replacement));
    let title = "Write to the folder for temporary files (what has to last needs storage)";
    edits::fix(title.to_owned(), Safety::Unsafe, edits, &[offer.document])
}

/// The `process.cwd()` that a path starts with, in the path itself or in a variable of the function.
fn base<'a>(code: &Code<'a>, path: Node<'a>, depth: u32) -> Option<Node<'a>> {
    if depth > 6 {
        return None;
    }
    match path.kind() {
        "call_expression" if code.of(path) == "process.cwd()" => Some(path),
        "call_expression" => {
            let callee = code.of(path.field("function")?);
            let joins = matches!(callee.rsplit('.').next(), Some("join" | "resolve" | "normalize"));
            let first = path.field("arguments")?.named_child(0)?;
            joins.then(|| base(code, first, depth + 1))?
        }
        "template_string" | "template_substitution" => base(code, path.named_child(0)?, depth + 1),
        "identifier" => {
            let function = enclosing_function(path)?;
            let name = code.of(path);
            let mut value = None;
            each(function, |node| {
                if node.kind() == "variable_declarator"
                    && node.field("name").is_some_and(|it| code.of(it) == name)
                {
                    value = node.field("value");
                }
                true
            });
            base(code, value?, depth + 1)
        }
        _ => None,
    }
}
