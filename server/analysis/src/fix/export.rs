//! An export that nobody takes, taken away; one that somebody takes, in a module of its own.

use super::code::{Code, ancestors, each, is_written, only_declarator, scope_of};
use super::constant::free_names;
use super::extract::{Brought, import_lines};
use super::imports::{self, Wanted, imports, list_item};
use super::offer::Offer;
use super::specifier::specifiers;
use super::takers::takers;
use super::{edits, statements};
use crate::document::Document;
use crate::finding::{Edit, Fix, Safety};
use crate::path::FilePath;
use crate::syntax::Node;
use crate::text::Span;

/// Takes the `export` away from a name that no other file imports.
pub(super) fn drop_export(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    let name = exported_name(&code, at)?;
    if !takers(offer, name)?.is_empty() {
        return None;
    }
    let statement = ancestors(at).find(|node| node.kind() == "export_statement")?;
    let local = if name == "default" { code.of(at) } else { name };
    let uses = code.occurrences(code.root, local);
    let mut safety = Safety::Safe;
    let edit = if let Some(specifier) = ancestors(at).find(|node| node.kind() == "export_specifier") {
        // The other module may be loaded for what it does.
        if statement.field("source").is_some() {
            safety = Safety::Unsafe;
        }
        let list = specifier.parent()?;
        if list.named_child_count() == 1 {
            edits::delete(&code, statements::whole_lines(&code, statement))
        } else {
            edits::delete(&code, list_item(&code, specifier))
        }
    } else if let Some(declaration) = statement.field("declaration") {
        let named = declared(declaration)?;
        let needed = uses.iter().any(|node| scope_of(*node).is_none() && !within(*node, declaration));
        if named != at || !needed {
            // Nothing would use it any more, and what it is there for is not known.
            safety = Safety::Unsafe;
        }
        let span = Span::new(statement.start_byte() as u32, declaration.start_byte() as u32);
        edits::delete(&code, span)
    } else {
        let value = statement.field("value").filter(|value| value.kind() == "identifier")?;
        if uses.len() < 3 && !is_exported(&code, value) {
            safety = Safety::Unsafe;
        }
        edits::delete(&code, statements::whole_lines(&code, statement))
    };
    edits::fix(format!("Take the `export` of `{local}` away"), safety, vec![edit], &[offer.document])
}

fn within(node: Node<'_>, around: Node<'_>) -> bool {
    around.start_byte() <= node.start_byte() && node.end_byte() <= around.end_byte()
}

/// The name under which others import what is exported at `at`.
fn exported_name<'a>(code: &Code<'a>, at: Node<'a>) -> Option<&'a str> {
    let statement = ancestors(at).find(|node| node.kind() == "export_statement")?;
    let default = statement.children().any(|child| child.kind() == "default");
    Some(if default { "default" } else { code.of(at) })
}

/// The one name that a declaration declares.
fn declared(declaration: Node<'_>) -> Option<Node<'_>> {
    let holder = match declaration.kind() {
        "lexical_declaration" | "variable_declaration" => only_declarator(declaration)?,
        "function_declaration"
        | "generator_function_declaration"
        | "class_declaration"
        | "enum_declaration" => declaration,
        _ => return None,
    };
    holder.field("name").filter(|name| matches!(name.kind(), "identifier" | "type_identifier"))
}

/// Whether the name at `value` is exported under its own name too.
fn is_exported(code: &Code<'_>, value: Node<'_>) -> bool {
    code.occurrences(code.root, code.of(value)).into_iter().any(|node| {
        node != value
            && ancestors(node).any(|it| it.kind() == "export_statement" && it.parent() == Some(code.root))
    })
}

/// Moves what is exported, with what it is made of, to a file beside the route; this file and the others import it
/// from there.
pub(super) fn move_export(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let at = code.node(offer.finding.span)?;
    let name = exported_name(&code, at).filter(|name| *name != "default")?;
    let others = takers(offer, name)?;
    if others.is_empty() || imports::is_commonjs(&code) != Some(false) {
        return None;
    }
    let moved = closure(&code, name)?;
    let path = free_path(offer, name, &moved)?;
    let gone: Vec<Node<'_>> = moved.iter().map(|part| part.statement).collect();
    let stays = |node: &Node<'_>| !gone.iter().any(|it| within(*node, *it));
    let mut back: Vec<&str> = Vec::new();
    for part in &moved {
        let used = code.occurrences(code.root, part.name).into_iter().any(|node| {
            let listed = node.parent().is_some_and(|it| it.kind() == "export_specifier");
            stays(&node) && !(listed && part.name == name)
        });
        if used {
            back.push(part.name);
        }
    }
    let mut edits = vec![Edit::create(path.clone(), text(&code, &moved, name, &back))];
    for node in &gone {
        let start = code.with_comments(*node);
        let whole = statements::whole_lines(&code, *node);
        edits.push(edits::delete(&code, Span::new(code.line(start).start, whole.end)));
    }
    // `export { name }` further down.
    if let Some(specifier) = ancestors(at).find(|node| node.kind() == "export_specifier") {
        let list = specifier.parent()?;
        let statement = ancestors(specifier).find(|node| node.kind() == "export_statement")?;
        let span = if list.named_child_count() == 1 {
            statements::whole_lines(&code, statement)
        } else {
            list_item(&code, specifier)
        };
        edits.push(edits::delete(&code, span));
    }
    let unused = unused_imports(&code, &gone);
    let names = back.join(", ");
    // Nobody imports from the new file yet, so that the names can be written as one.
    let wanted = (!back.is_empty()).then(|| Wanted {
        sources: specifiers(&code, &offer.input.package, &path),
        imported: names.clone(),
        local: names,
    });
    edits.extend(imports::rewrite(&code, wanted.as_ref(), &unused, false)?);
    let mut documents = Vec::new();
    for file in others {
        let input = offer.project.file(file)?;
        let document = offer.sources.document(&input.path)?;
        edits.extend(follow(offer, file, &document, &path, name)?);
        documents.push(document);
    }
    let mut all: Vec<&Document> = documents.iter().map(|document| &**document).collect();
    all.push(offer.document);
    edits::fix(format!("Move `{name}` to {}", path.file_name()), Safety::Unsafe, edits, &all)
}

/// A statement of the file that moves, and the name it declares.
struct Part<'a> {
    name: &'a str,
    statement: Node<'a>,
}

/// The declaration of a name with those of the file that it uses, in the order of the file. `None` where one of
/// them cannot move: it is exported too, is set again, or is more than a declaration.
fn closure<'a>(code: &Code<'a>, name: &'a str) -> Option<Vec<Part<'a>>> {
    let brought = imports(code);
    let mut names = vec![name];
    let mut parts: Vec<Part<'a>> = Vec::new();
    while let Some(wanted) = names.pop() {
        let imported = brought.iter().any(|import| import.names.iter().any(|it| it.local == wanted));
        if imported || parts.iter().any(|part| part.name == wanted) {
            continue;
        }
        let places = code.occurrences(code.root, wanted);
        let top: Vec<Node<'a>> =
            places.iter().copied().filter(|node| scope_of(*node) == Some(code.root)).collect();
        let [declaring] = top.as_slice() else {
            // Nothing of the file, or declared more than once.
            if top.is_empty() && wanted != name {
                continue;
            }
            return None;
        };
        if places.iter().any(|node| is_written(*node)) {
            return None;
        }
        let statement = code.top_level(*declaring)?;
        let declaration = statement.field("declaration").unwrap_or(statement);
        let typed = matches!(declaration.kind(), "type_alias_declaration" | "interface_declaration");
        if !typed && declared(declaration)? != *declaring {
            return None;
        }
        let exported = statement.kind() == "export_statement"
            || places.iter().any(|node| node.parent().is_some_and(|it| it.kind() == "export_specifier"));
        let plain = code.starts_line(statement.start_byte() as u32)
            && code.line_end(code.end(statement)).is_some()
            && !statement.has_error();
        if (exported && wanted != name) || !plain {
            return None;
        }
        names.extend(free_names(code, declaration).into_iter().map(|node| code.of(node)));
        parts.push(Part { name: wanted, statement });
    }
    parts.sort_by_key(|part| part.statement.start_byte());
    Some(parts)
}

/// The text of the new file.
fn text(code: &Code<'_>, moved: &[Part<'_>], name: &str, back: &[&str]) -> String {
    let style = code.style();
    let inside = |node: Node<'_>| moved.iter().any(|part| within(node, part.statement));
    let mut brought = Vec::new();
    for import in imports(code) {
        for known in &import.names {
            if code.occurrences(code.root, known.local).into_iter().any(inside) {
                brought.push(Brought {
                    is_file: import.source.starts_with('.'),
                    source: import.source.to_owned(),
                    imported: known.imported.to_owned(),
                    local: known.local.to_owned(),
                    type_only: import.type_only || known.type_only,
                });
            }
        }
    }
    brought.sort();
    let mut lines = Vec::new();
    let alike = |a: &Brought, b: &Brought| a.source == b.source && a.type_only == b.type_only;
    for names in brought.chunk_by(alike) {
        lines.extend(import_lines(&style, names, false));
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(&line);
        out.push_str(style.semi);
        out.push_str(style.newline);
    }
    for part in moved {
        if !out.is_empty() {
            out.push_str(style.newline);
        }
        let start = code.with_comments(part.statement);
        out.push_str(Span::new(start, part.statement.start_byte() as u32).of(code.text));
        let exported = part.statement.kind() == "export_statement";
        if !exported && (part.name == name || back.contains(&part.name)) {
            out.push_str("export ");
        }
        out.push_str(code.span(part.statement).of(code.text));
        out.push_str(style.newline);
    }
    out
}

/// Imports of the file that only what goes has used.
pub(super) fn unused_imports<'a>(code: &Code<'a>, gone: &[Node<'a>]) -> Vec<&'a str> {
    let inside = |node: &Node<'_>| gone.iter().any(|it| within(*node, *it));
    imports(code)
        .iter()
        .flat_map(|import| &import.names)
        .map(|name| name.local)
        .filter(|name| {
            let uses = code.occurrences(code.root, name);
            let mut uses = uses.iter().filter(|node| scope_of(**node).is_none());
            uses.clone().next().is_some() && uses.all(inside)
        })
        .collect()
}

/// Edits of a file that imports the name from the route.
fn follow(offer: &Offer<'_>, file: u32, document: &Document, to: &FilePath, name: &str) -> Option<Vec<Edit>> {
    let input = offer.project.file(file)?;
    let code = Code::new(document)?;
    let sources = specifiers(&code, &input.package, to);
    let known = imports(&code);
    let of_route: Vec<_> = known
        .iter()
        .filter(|import| {
            let at = input.facts.specifiers.binary_search_by(|known| (**known).cmp(import.source)).ok();
            at.and_then(|at| input.resolutions.get(at))
                .is_some_and(|it| *it == crate::project::Resolution::File(offer.input.path.clone()))
        })
        .collect();
    let mut taking = of_route.iter().filter(|import| import.names.iter().any(|it| it.imported == name));
    let import = taking.next().filter(|import| taking.next().is_none() && !import.require)?;
    if let [_] = import.names.as_slice() {
        let mut string = None;
        each(import.statement, |node| {
            if node.kind() == "string" {
                string = Some(node);
            }
            true
        });
        let string = string?;
        let span = Span::new(string.start_byte() as u32 + 1, string.end_byte() as u32 - 1);
        return Some(vec![edits::replace(&code, span, sources.first()?.clone())]);
    }
    let taken = import.names.iter().find(|it| it.imported == name)?;
    if import.type_only || taken.type_only {
        return None;
    }
    let wanted = Wanted { sources, imported: name.to_owned(), local: taken.local.to_owned() };
    imports::rewrite(&code, Some(&wanted), &[taken.local], false)
}

/// A file beside the route that nobody has: `authOptions` goes to `auth-options.ts`.
fn free_path(offer: &Offer<'_>, name: &str, moved: &[Part<'_>]) -> Option<FilePath> {
    let folder = offer.input.path.parent()?;
    let mut stem = String::new();
    let mut before = '-';
    for letter in name.chars() {
        if letter.is_uppercase() && !before.is_uppercase() && !stem.is_empty() {
            stem.push('-');
        }
        stem.push(if letter == '_' { '-' } else { letter.to_ascii_lowercase() });
        before = letter;
    }
    let mut jsx = false;
    for part in moved {
        each(part.statement, |node| {
            jsx |= node.kind().starts_with("jsx_");
            !jsx
        });
    }
    let extension = match offer.input.path.extension() {
        "tsx" if !jsx => "ts",
        "jsx" if !jsx => "js",
        other => other,
    };
    let taken = ["ts", "tsx", "js", "jsx", "mts", "mjs"]
        .iter()
        .any(|extension| offer.sources.document(&folder.join(&format!("{stem}.{extension}"))).is_some());
    let reserved =
        matches!(stem.as_str(), "route" | "page" | "layout" | "default" | "template" | "loading" | "error");
    (!taken && !reserved && !stem.is_empty()).then(|| folder.join(&format!("{stem}.{extension}")))
}
