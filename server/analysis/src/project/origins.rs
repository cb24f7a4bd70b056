//! Which library made the value that a chain of members starts with: `db.user.create` is `user.create` of what
//! `new PrismaClient()` made, across files.

use compact_str::{CompactString, ToCompactString as _};

use super::FileNo;
use super::symbols::{Resolver, Symbol};
use crate::facts::{CallId, Decl, Exported, Imported, Shape, loaded_module};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The module of the maker.
    pub(crate) specifier: CompactString,
    /// The export that was called.
    pub(crate) export: CompactString,
    /// What was read and called from there on: `user`, `create`; `()` stands for a call.
    pub(crate) path: Vec<CompactString>,
}

/// Longer ways are given up.
const LONGEST: u32 = 16;

/// Methods that give a client of the same kind to the function they are given.
const TRANSACTIONS: &[&str] = &["$transaction", "transaction"];

/// Types of parameters that are such a client, and what they stand for.
const TYPES: &[(&str, &str, &str)] = &[
    ("PrismaClient", "@prisma/client", "PrismaClient"),
    ("Prisma.TransactionClient", "@prisma/client", "PrismaClient"),
];

/// Where the value of an expression comes from, where a library made it.
pub(crate) fn origin(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, shape: &Shape) -> Option<Origin> {
    follow(resolver, file, chunk, shape, 0)
}

fn follow(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk: u32,
    shape: &Shape,
    depth: u32,
) -> Option<Origin> {
    if depth > LONGEST {
        return None;
    }
    let facts = &resolver.project_file(file)?.facts;
    match shape {
        Shape::Name(name) => {
            if let Some(local) = name.local {
                let decl = &facts.chunks[chunk as usize].facts.decls[local as usize];
                return match decl.value {
                    Shape::Other | Shape::Null => given(resolver, file, chunk, decl, depth + 1),
                    _ => follow(resolver, file, chunk, &decl.value, depth + 1),
                };
            }
            if let Some((at, decl)) = resolver.declared(file, &name.text, 0) {
                let input = resolver.project_file(at)?;
                let declared = input.facts.decl(decl);
                let found = follow(resolver, at, decl.chunk, &declared.value, depth + 1);
                // `let prisma; if (…) prisma = new PrismaClient()`.
                return found.or_else(|| assigned(resolver, at, &declared.name, depth + 1));
            }
            match facts.import(&name.text).filter(|import| !import.type_only) {
                Some(import) => match (&import.imported, resolver.module(file, &import.specifier)) {
                    (Imported::Name(exported), Symbol::Module(target)) => {
                        export(resolver, target, exported, depth + 1)
                    }
                    _ => None,
                },
                None => resolved(resolver, file, chunk, shape, depth),
            }
        }
        Shape::Member(object, key) => {
            if let Some(mut found) = follow(resolver, file, chunk, object, depth + 1) {
                found.path.push(key.clone());
                return Some(found);
            }
            resolved(resolver, file, chunk, shape, depth)
        }
        Shape::Await(inner) => follow(resolver, file, chunk, inner, depth + 1),
        Shape::Either(sides) => sides.iter().find_map(|side| follow(resolver, file, chunk, side, depth + 1)),
        Shape::Call(number) => {
            let call = facts.call(CallId { chunk, number: *number });
            if let Some(specifier) = loaded_module(&call.callee, &call.args) {
                return match resolver.module(file, specifier) {
                    Symbol::Module(target) => export(resolver, target, "default", depth + 1),
                    _ => None,
                };
            }
            match resolver.symbol(file, chunk, &call.callee) {
                Symbol::External { specifier, export } => {
                    Some(Origin { specifier, export, path: Vec::new() })
                }
                Symbol::Function(at, function) => {
                    let input = resolver.project_file(at)?;
                    let returned = *input.facts.function(function).returned.first()?;
                    follow(resolver, at, function.chunk, &Shape::Call(returned), depth + 1)
                }
                _ => {
                    let mut found = follow(resolver, file, chunk, &call.callee, depth + 1)?;
                    // `client.$extends(…)` is a client.
                    if found.path.last().is_some_and(|last| last == "$extends") {
                        found.path.pop();
                    } else {
                        found.path.push("()".into());
                    }
                    Some(found)
                }
            }
        }
        _ => None,
    }
}

/// Through what a module exports: `export default new PrismaClient()`, `export const { auth } = NextAuth(…)`.
fn export(resolver: &mut Resolver<'_>, file: FileNo, name: &str, depth: u32) -> Option<Origin> {
    if depth > LONGEST {
        return None;
    }
    let facts = &resolver.project_file(file)?.facts;
    let Some((chunk, found)) = facts.export(name) else {
        // `import prisma from "./prisma"` of `module.exports = prisma`, and `export *`.
        let symbol = resolver.export(file, name, 0);
        return match symbol {
            Symbol::Value(at, in_chunk, value @ Shape::Call(_)) => {
                follow(resolver, at, in_chunk, &value, depth + 1)
            }
            _ => None,
        };
    };
    match &found.exported {
        Exported::Value(shape) => follow(resolver, file, chunk, shape, depth + 1),
        Exported::From(specifier, inner) => match resolver.module(file, specifier) {
            Symbol::Module(target) => export(resolver, target, inner, depth + 1),
            _ => None,
        },
        _ => None,
    }
}

/// What the rules of names make of an expression.
fn resolved(
    resolver: &mut Resolver<'_>,
    file: FileNo,
    chunk: u32,
    shape: &Shape,
    depth: u32,
) -> Option<Origin> {
    match resolver.symbol(file, chunk, shape) {
        Symbol::Value(at, in_chunk, value @ Shape::Call(_)) => {
            follow(resolver, at, in_chunk, &value, depth + 1)
        }
        _ => None,
    }
}

/// The client that a function is given: of a transaction, or by its type.
fn given(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, decl: &Decl, depth: u32) -> Option<Origin> {
    let parameter = decl.parameter.as_ref().filter(|it| it.keys.is_empty())?;
    let facts = &resolver.project_file(file)?.facts;
    if let Some(annotation) = decl.annotation.as_deref() {
        let known = TYPES.iter().find(|(name, ..)| *name == annotation);
        if let Some((name, specifier, export)) = known {
            let root = name.split('.').next().unwrap_or_default();
            let import = facts.import(root)?;
            let own = matches!(&import.imported, Imported::Name(imported) if imported == root)
                && (import.specifier == *specifier || import.specifier.contains("prisma"));
            return own.then(|| Origin {
                specifier: specifier.to_compact_string(),
                export: export.to_compact_string(),
                path: Vec::new(),
            });
        }
    }
    let chunk_facts = &facts.chunks[chunk as usize].facts;
    let call = &chunk_facts.calls[chunk_facts.functions[parameter.of as usize].argument_of? as usize];
    match &call.callee {
        Shape::Member(object, method)
            if parameter.position == 0 && TRANSACTIONS.contains(&method.as_str()) =>
        {
            follow(resolver, file, chunk, object, depth + 1)
        }
        _ => None,
    }
}

/// What a name of a module is set to later.
fn assigned(resolver: &mut Resolver<'_>, file: FileNo, name: &str, depth: u32) -> Option<Origin> {
    let facts = &resolver.project_file(file)?.facts;
    let sets = facts.chunks.iter().enumerate().flat_map(|(chunk, it)| {
        it.facts
            .assigns
            .iter()
            .filter(|assign| matches!(&assign.left, Shape::Name(left) if left.local.is_none() && left.text == name))
            .map(move |assign| (chunk as u32, &assign.right))
    });
    let sets: Vec<(u32, &Shape)> = sets.collect();
    sets.into_iter().find_map(|(chunk, value)| follow(resolver, file, chunk, value, depth + 1))
}
