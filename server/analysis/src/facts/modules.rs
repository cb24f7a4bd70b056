//! Imports and exports.

use compact_str::{CompactString, ToCompactString as _};

use serde::{Deserialize, Serialize};

use super::chunk::Assign;
use super::reader::Reader;
use super::shape::{At, Shape};
use crate::syntax::Node;

/// What of a module an import takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Imported {
    /// One export, `default` included.
    Name(CompactString),
    /// All of it: `import * as ns`, `const ns = require(…)`, `await import(…)`.
    Namespace,
    /// Nothing: `import "./polyfill"`, a call of `import()` or `require` whose value is not bound.
    Nothing,
}

/// A module that a file names, and what it takes from it.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Import {
    /// The specifier's whole statement or call.
    pub at: At,
    /// The local name.
    pub local: Option<(CompactString, At)>,
    /// What is taken.
    pub imported: Imported,
    /// As written.
    pub specifier: CompactString,
    /// Leaves no trace at run time: `import type`, `import { type X }`.
    pub type_only: bool,
    /// Written as `require` or `import()`: the module is loaded when the call runs.
    pub dynamic: bool,
}

/// What stands behind an exported name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Exported {
    /// An expression or declared name of this file.
    Value(Shape),
    /// An export of another module: `export { a as b } from "m"`.
    From(CompactString, CompactString),
    /// Another module whole: `export * as ns from "m"`.
    Namespace(CompactString),
    /// Everything another module exports: `export * from "m"`; the exported name is `*`.
    Star(CompactString),
}

/// An exported name.
#[derive(Clone, Debug, Hash, Serialize, Deserialize)]
pub struct Export {
    /// The name others import, `default` included.
    pub name: CompactString,
    /// Where the name stands.
    pub at: At,
    /// What it is.
    pub exported: Exported,
    /// A type or interface.
    pub type_only: bool,
    /// The name of the top level that it is put into: `api` of `api.list = …`. It is exported where the file tells that
    /// this name stands for `module.exports`.
    pub into: Option<CompactString>,
}

fn string_value(reader: &Reader<'_, '_>, node: Option<Node<'_>>) -> Option<CompactString> {
    let text = reader.text(node?);
    Some(text.trim_matches(['"', '\'', '`']).to_compact_string())
}

/// Whether a statement or specifier has the keyword `type` (or `typeof`) as a token of its own.
fn has_type_keyword(node: Node<'_>) -> bool {
    node.children().any(|child| matches!(child.kind(), "type" | "typeof"))
}

/// Reads an `import …` statement.
pub(super) fn import(reader: &Reader<'_, '_>, node: Node<'_>, out: &mut Vec<Import>) {
    let at = reader.at(node);
    let type_only = has_type_keyword(node);
    // `import fs = require("fs")` keeps its source inside the clause.
    let required = node.named_children().find(|child| child.kind() == "import_require_clause");
    if let Some(clause) = required {
        let Some(specifier) = string_value(reader, clause.field("source")) else { return };
        let local =
            clause.named_child(0).map(|name| (reader.text(name).to_compact_string(), reader.at(name)));
        out.push(Import { at, local, imported: Imported::Namespace, specifier, type_only, dynamic: false });
        return;
    }
    let Some(specifier) = string_value(reader, node.field("source")) else { return };
    let mut push = |local: Option<Node<'_>>, imported: Imported, type_only: bool| {
        let local = local.map(|name| (reader.text(name).to_compact_string(), reader.at(name)));
        out.push(Import { at, local, imported, specifier: specifier.clone(), type_only, dynamic: false });
    };
    let Some(clause) = node.named_children().find(|child| child.kind() == "import_clause") else {
        push(None, Imported::Nothing, type_only);
        return;
    };
    for part in clause.named_children() {
        match part.kind() {
            "identifier" => push(Some(part), Imported::Name("default".into()), type_only),
            "namespace_import" => push(part.named_child(0), Imported::Namespace, type_only),
            "named_imports" => {
                for specifier in part.named_children() {
                    if specifier.kind() != "import_specifier" {
                        continue;
                    }
                    let Some(name) = specifier.field("name") else { continue };
                    let local = specifier.field("alias").unwrap_or(name);
                    let imported = reader.text(name).trim_matches(['"', '\'']).to_compact_string();
                    push(Some(local), Imported::Name(imported), type_only || has_type_keyword(specifier));
                }
            }
            _ => {}
        }
    }
}

/// Reads an `export …` statement.
pub(super) fn export(
    reader: &Reader<'_, '_>,
    node: Node<'_>,
    out: &mut Vec<Export>,
    imports: &mut Vec<Import>,
) {
    let type_only = has_type_keyword(node);
    let source = string_value(reader, node.field("source"));
    if let Some(specifier) = &source {
        imports.push(Import {
            at: reader.at(node),
            local: None,
            imported: Imported::Nothing,
            specifier: specifier.clone(),
            type_only,
            dynamic: false,
        });
    }
    if let Some(value) = node.field("value") {
        out.push(default(reader, value));
        return;
    }
    if let Some(declaration) = node.field("declaration") {
        let default = node.children().any(|child| child.kind() == "default");
        self::declaration(reader, declaration, default, out);
        return;
    }
    let mut listed = false;
    for child in node.named_children() {
        match child.kind() {
            "export_clause" => {
                listed = true;
                clause(reader, child, source.as_ref(), type_only, out);
            }
            "namespace_export" => {
                listed = true;
                if let (Some(name), Some(specifier)) = (child.named_child(0), &source) {
                    out.push(Export {
                        name: reader.text(name).to_compact_string(),
                        at: reader.at(name),
                        exported: Exported::Namespace(specifier.clone()),
                        type_only,
                        into: None,
                    });
                }
            }
            _ => {}
        }
    }
    if let (false, Some(specifier)) = (listed, source) {
        out.push(Export {
            name: "*".into(),
            at: reader.at(node),
            exported: Exported::Star(specifier),
            type_only,
            into: None,
        });
    } else if !listed {
        // `export = value` of TypeScript's CommonJS form.
        if let Some(value) = node.named_child(0) {
            out.push(default(reader, value));
        }
    }
}

/// A value that is what the module is by itself.
fn default(reader: &Reader<'_, '_>, value: Node<'_>) -> Export {
    Export {
        name: "default".into(),
        at: reader.at(value),
        exported: Exported::Value(reader.shape(value)),
        type_only: false,
        into: None,
    }
}

fn clause(
    reader: &Reader<'_, '_>,
    clause: Node<'_>,
    source: Option<&CompactString>,
    type_only: bool,
    out: &mut Vec<Export>,
) {
    for specifier in clause.named_children() {
        let Some(name) = specifier.field("name") else { continue };
        let alias = specifier.field("alias").unwrap_or(name);
        let inner = reader.text(name).trim_matches(['"', '\'']).to_compact_string();
        out.push(Export {
            name: reader.text(alias).trim_matches(['"', '\'']).to_compact_string(),
            at: reader.at(alias),
            exported: match source {
                Some(specifier) => Exported::From(specifier.clone(), inner),
                None => Exported::Value(reader.name(name)),
            },
            type_only: type_only || has_type_keyword(specifier),
            into: None,
        });
    }
}

fn declaration(reader: &Reader<'_, '_>, node: Node<'_>, default: bool, out: &mut Vec<Export>) {
    let mut push = |name: Node<'_>, exported: Exported, type_only: bool| {
        let exported_name = if default { "default".into() } else { reader.text(name).to_compact_string() };
        out.push(Export { name: exported_name, at: reader.at(name), exported, type_only, into: None });
    };
    match node.kind() {
        "lexical_declaration" | "variable_declaration" => {
            for declarator in node.named_children() {
                let Some(pattern) = declarator.field("name") else { continue };
                let mut names = Vec::new();
                super::patterns::pattern_names(pattern, &mut names);
                for name in names {
                    push(name, Exported::Value(reader.name(name)), false);
                }
            }
        }
        "function_declaration"
        | "generator_function_declaration"
        | "class_declaration"
        | "abstract_class_declaration"
        | "function_signature" => {
            let name = node.field("name");
            push(name.unwrap_or(node), Exported::Value(reader.shape(node)), false);
        }
        _ => {
            // Types, interfaces, enums, namespaces, `declare …`.
            let type_only = node.kind() != "enum_declaration";
            if let Some(name) = node.field("name") {
                push(name, Exported::Value(Shape::Other), type_only);
            }
        }
    }
}

/// The module that `require("m")` or `import("m")` loads.
pub(crate) fn loaded_module<'s>(callee: &Shape, args: &'s [Shape]) -> Option<&'s str> {
    match callee {
        Shape::Name(name) if name.local.is_none() && matches!(&*name.text, "require" | "import") => {
            args.first().and_then(Shape::text)
        }
        _ => None,
    }
}

/// `module.exports = …`, `module.exports.x = …`, `exports.x = …`; `api.x = …`, for what `api` may be.
pub(super) fn assigned(assign: &Assign, at: At, out: &mut Vec<Export>) {
    if assign.function.is_some() {
        return;
    }
    let mut push = |name: &str, shape: &Shape, into: Option<&CompactString>| {
        let exported = Exported::Value(shape.clone());
        out.push(Export { name: name.into(), at, exported, type_only: false, into: into.cloned() });
    };
    match &assign.left {
        whole if is_module_exports(whole) => {
            push("default", &assign.right, None);
            if let Shape::Object(entries) = &assign.right {
                for (name, shape) in entries.iter().filter(|(name, _)| name != "...") {
                    push(name, shape, None);
                }
            }
        }
        Shape::Member(object, name) if stands_for_exports(object) => push(name, &assign.right, None),
        Shape::Member(object, name) => match &**object {
            Shape::Name(into) if into.local.is_none() && into.text != "module" => {
                push(name, &assign.right, Some(&into.text));
            }
            _ => {}
        },
        _ => {}
    }
}

/// `module.exports`.
pub(crate) fn is_module_exports(shape: &Shape) -> bool {
    matches!(shape, Shape::Member(object, key) if key == "exports"
        && matches!(&**object, Shape::Name(name) if name.local.is_none() && name.text == "module"))
}

/// `module.exports`, `exports`.
pub(crate) fn stands_for_exports(shape: &Shape) -> bool {
    is_module_exports(shape)
        || matches!(shape, Shape::Name(name) if name.local.is_none() && name.text == "exports")
}
