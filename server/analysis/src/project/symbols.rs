//! What a name means, across files.

use std::collections::BTreeSet;

use compact_str::{CompactString, format_compact};

use super::{FileNo, Project, Resolution};
use crate::facts::{
    DeclId, Exported, FunctionId, FunctionKind, Import, Imported, Shape, is_module_exports, loaded_module,
};
use crate::package::Package;
use crate::path::FilePath;

/// What an expression is, when it is followed to where it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// A function or a class's construction.
    Function(FileNo, FunctionId),
    /// A value made by `new` of a class of the workspace.
    Instance(FileNo, FunctionId),
    /// An export of a package, dotted from the package's module object: `PrismaClient`, `default.connect`;
    /// empty for the module object itself.
    External { specifier: CompactString, export: CompactString },
    /// The module object of a file.
    Module(FileNo),
    /// Another value: its file, chunk and form (an object literal, a call's result).
    Value(FileNo, u32, Shape),
    /// A name that no one in the file declares, dotted.
    Global(CompactString),
    /// Not to be told.
    Unknown,
}

/// Follows names; remembers which files it looked at, for these decide when the answer may change.
pub(crate) struct Resolver<'p> {
    project: &'p Project,
    pub(crate) seen: BTreeSet<FileNo>,
    /// Exports that are being followed, against `export *` in a circle.
    following: Vec<(FileNo, CompactString)>,
}

/// Longer ways are given up: no one writes them, and circles end here.
const LONGEST: u32 = 24;

impl<'p> Resolver<'p> {
    pub(crate) fn new(project: &'p Project) -> Self {
        Self { project, seen: BTreeSet::new(), following: Vec::new() }
    }

    /// What an expression in a chunk of a file is.
    pub(crate) fn symbol(&mut self, file: FileNo, chunk: u32, shape: &Shape) -> Symbol {
        self.follow(file, chunk, shape, 0)
    }

    fn follow(&mut self, file: FileNo, chunk: u32, shape: &Shape, depth: u32) -> Symbol {
        if depth > LONGEST {
            return Symbol::Unknown;
        }
        let Some(input) = self.project.file(file) else { return Symbol::Unknown };
        let facts = &input.facts;
        match shape {
            Shape::Name(name) => {
                if let Some(local) = name.local {
                    let decl = &facts.chunks[chunk as usize].facts.decls[local as usize];
                    return self.follow(file, chunk, &decl.value, depth + 1);
                }
                if let Some(import) = facts.import(&name.text) {
                    return self.import(file, import, depth + 1);
                }
                match facts.binding(&name.text) {
                    Some((id, decl)) => self.follow(file, id.chunk, &decl.value, depth + 1),
                    None if name.text == "exports" => Symbol::Module(file),
                    None => Symbol::Global(name.text.clone()),
                }
            }
            whole if is_module_exports(whole) && facts.binding("module").is_none() => Symbol::Module(file),
            Shape::Member(object, key) => {
                // `api.list` of `const api = module.exports = {}; api.list = …`.
                if let Shape::Name(name) = &**object
                    && name.local.is_none()
                    && facts.stands_for_exports(&name.text)
                    && let known = self.export(file, key, depth + 1)
                    && known != Symbol::Unknown
                {
                    return known;
                }
                let object = self.follow(file, chunk, object, depth + 1);
                self.member(object, key, depth + 1)
            }
            Shape::Await(inner) => self.follow(file, chunk, inner, depth + 1),
            Shape::Either(sides) => {
                for side in sides {
                    match self.follow(file, chunk, side, depth + 1) {
                        Symbol::Unknown
                        | Symbol::Global(_)
                        | Symbol::Value(_, _, Shape::Null | Shape::Bool(_)) => {}
                        known => return known,
                    }
                }
                Symbol::Unknown
            }
            Shape::Function(number) | Shape::Class(number) => {
                Symbol::Function(file, FunctionId { chunk, number: *number })
            }
            Shape::Call(number) => {
                let call = &facts.chunks[chunk as usize].facts.calls[*number as usize];
                if let Some(specifier) = loaded_module(&call.callee, &call.args) {
                    return self.module(file, specifier);
                }
                if call.is_new
                    && let Symbol::Function(class_file, id) =
                        self.follow(file, chunk, &call.callee, depth + 1)
                    && self.kind(class_file, id) == Some(FunctionKind::Class)
                {
                    return Symbol::Instance(class_file, id);
                }
                // `router.route("/x").get(f)`, `prisma.$extends(…)`: a chain stays a value made by its call.
                Symbol::Value(file, chunk, shape.clone())
            }
            Shape::This | Shape::Joined(_) | Shape::Regexp(_) | Shape::Other => Symbol::Unknown,
            value => Symbol::Value(file, chunk, value.clone()),
        }
    }

    fn member(&mut self, object: Symbol, key: &str, depth: u32) -> Symbol {
        match object {
            Symbol::Module(file) => match self.export(file, key, depth) {
                Symbol::Unknown if key != "default" => match self.export(file, "default", depth) {
                    Symbol::Value(file, chunk, Shape::Object(entries)) => {
                        self.member(Symbol::Value(file, chunk, Shape::Object(entries)), key, depth)
                    }
                    // `module.exports = new Store()`.
                    instance @ Symbol::Instance(..) => self.member(instance, key, depth),
                    // `const lib = require("./lib").default` compiled from ES modules, and its like.
                    _ => Symbol::Unknown,
                },
                known => known,
            },
            Symbol::External { specifier, export } => {
                let export = if export.is_empty() { key.into() } else { format_compact!("{export}.{key}") };
                Symbol::External { specifier, export }
            }
            Symbol::Global(name) => Symbol::Global(format_compact!("{name}.{key}")),
            Symbol::Value(file, chunk, shape @ Shape::Object(_)) => {
                let value = shape.get(key).or_else(|| shape.get("...")).cloned();
                value.map_or(Symbol::Unknown, |value| self.follow(file, chunk, &value, depth + 1))
            }
            Symbol::Instance(file, class) | Symbol::Function(file, class) => {
                self.method(file, class, key).map_or(Symbol::Unknown, |method| Symbol::Function(file, method))
            }
            Symbol::Value(..) | Symbol::Unknown => Symbol::Unknown,
        }
    }

    /// The functions that are called where the value of a call is: `limited(5)(task)`, `const run = limited(5)`.
    pub(crate) fn given_back(&mut self, value: &Symbol, depth: u32) -> Vec<(FileNo, FunctionId)> {
        let Symbol::Value(file, chunk, Shape::Call(number)) = *value else { return Vec::new() };
        let Some(input) = self.project.file(file).filter(|_| depth < LONGEST) else { return Vec::new() };
        let call = &input.facts.chunks[chunk as usize].facts.calls[number as usize];
        let makers = match self.symbol(file, chunk, &call.callee) {
            Symbol::Function(file, maker) => vec![(file, maker)],
            callee => self.given_back(&callee, depth + 1),
        };
        let mut out = Vec::new();
        for (file, FunctionId { chunk, number }) in makers {
            let Some(input) = self.project.file(file) else { continue };
            let facts = &input.facts.chunks[chunk as usize].facts;
            out.extend(facts.given_back(number).map(|number| (file, FunctionId { chunk, number })));
        }
        out
    }

    /// A method of a class, by its name.
    pub(crate) fn method(&self, file: FileNo, class: FunctionId, key: &str) -> Option<FunctionId> {
        let chunk = &self.project.file(file)?.facts.chunks[class.chunk as usize].facts;
        let found = chunk.functions.iter().position(|function| {
            function.kind == FunctionKind::Method
                && function.parent == Some(class.number)
                && function.name.as_deref().and_then(|name| name.rsplit('.').next()) == Some(key)
        })?;
        Some(FunctionId { chunk: class.chunk, number: found as u32 })
    }

    /// The project whose names these are.
    pub(crate) fn project(&self) -> &'p Project {
        self.project
    }

    /// The file itself.
    pub(crate) fn project_file(&self, file: FileNo) -> Option<&'p super::FileInput> {
        self.project.file(file)
    }

    pub(crate) fn kind(&self, file: FileNo, id: FunctionId) -> Option<FunctionKind> {
        Some(self.project.file(file)?.facts.function(id).kind)
    }

    fn import(&mut self, file: FileNo, import: &Import, depth: u32) -> Symbol {
        if import.type_only {
            return Symbol::Unknown;
        }
        let module = self.module(file, &import.specifier);
        match (&import.imported, module) {
            (Imported::Name(name), Symbol::Module(file)) => match self.export(file, name, depth) {
                // `import lib from "./commonjs"`: the module object itself.
                Symbol::Unknown if name == "default" => Symbol::Module(file),
                known => known,
            },
            (Imported::Name(name), Symbol::External { specifier, .. }) => {
                Symbol::External { specifier, export: name.clone() }
            }
            (_, module) => module,
        }
    }

    /// The module that a specifier means.
    pub(crate) fn module(&mut self, file: FileNo, specifier: &str) -> Symbol {
        let Some(input) = self.project.file(file) else { return Symbol::Unknown };
        let prisma =
            || Symbol::External { specifier: "@prisma/client".into(), export: CompactString::default() };
        match self.project.resolution(file, specifier) {
            Some(Resolution::File(path)) => {
                if input.package.prisma_outputs.iter().any(|output| path.strip(output).is_some()) {
                    return prisma();
                }
                if is_express_itself(&input.package, path) {
                    return external("express");
                }
                match self.project.number(path) {
                    Some(target) => {
                        self.seen.insert(target);
                        if self.project.file(target).is_some() {
                            return Symbol::Module(target);
                        }
                        external(specifier)
                    }
                    None if is_generated_prisma(specifier) => prisma(),
                    None => external(specifier),
                }
            }
            Some(Resolution::External) => external(specifier),
            Some(Resolution::Unresolved) | None => {
                let own = input.path.parent().map(|folder| folder.join(specifier));
                let is_output = specifier.starts_with('.')
                    && own.is_some_and(|own| {
                        input
                            .package
                            .prisma_outputs
                            .iter()
                            .any(|output| own == *output || own.strip(output).is_some())
                    });
                if is_output || is_generated_prisma(specifier) { prisma() } else { Symbol::Unknown }
            }
        }
    }

    /// What a file exports under a name.
    pub(crate) fn export(&mut self, file: FileNo, name: &str, depth: u32) -> Symbol {
        self.seen.insert(file);
        if depth > LONGEST || self.following.iter().any(|(at, following)| *at == file && following == name) {
            return Symbol::Unknown;
        }
        let Some(input) = self.project.file(file) else { return Symbol::Unknown };
        if let Some((chunk, export)) = input.facts.export(name) {
            if export.type_only {
                return Symbol::Unknown;
            }
            return match &export.exported {
                Exported::Value(shape) => self.follow(file, chunk, shape, depth + 1),
                Exported::From(specifier, inner) => {
                    let module = self.module(file, specifier);
                    self.member_of_module(module, inner, depth + 1)
                }
                Exported::Namespace(specifier) | Exported::Star(specifier) => self.module(file, specifier),
            };
        }
        if name == "default" {
            return Symbol::Unknown;
        }
        self.following.push((file, name.into()));
        let mut found = Symbol::Unknown;
        for (_, export) in input.facts.exports() {
            if let Exported::Star(specifier) = &export.exported {
                let module = self.module(file, specifier);
                match module {
                    Symbol::Module(target) => found = self.export(target, name, depth + 1),
                    // One package re-exported whole: the name may be its.
                    Symbol::External { specifier, .. } if found == Symbol::Unknown => {
                        found = Symbol::External { specifier, export: name.into() };
                    }
                    _ => {}
                }
                if matches!(found, Symbol::Function(..) | Symbol::Value(..) | Symbol::Instance(..)) {
                    break;
                }
            }
        }
        self.following.pop();
        found
    }

    /// The declaration behind a name of a module: its own, or the one it is imported from.
    pub(crate) fn declared(&mut self, file: FileNo, name: &str, depth: u32) -> Option<(FileNo, DeclId)> {
        let facts = &self.project.file(file)?.facts;
        if let Some((id, _)) = facts.binding(name) {
            return Some((file, id));
        }
        let import = facts.import(name).filter(|import| !import.type_only)?;
        let Imported::Name(imported) = &import.imported else { return None };
        match self.module(file, &import.specifier) {
            Symbol::Module(target) => self.declared_export(target, imported, depth + 1),
            _ => None,
        }
    }

    /// The declaration that a file exports under a name.
    fn declared_export(&mut self, file: FileNo, name: &str, depth: u32) -> Option<(FileNo, DeclId)> {
        self.seen.insert(file);
        if depth > LONGEST || self.following.iter().any(|(at, following)| *at == file && following == name) {
            return None;
        }
        let facts = &self.project.file(file)?.facts;
        if let Some((_, export)) = facts.export(name) {
            return match &export.exported {
                Exported::Value(Shape::Name(inner)) if inner.local.is_none() => {
                    self.declared(file, &inner.text, depth + 1)
                }
                // `export class Store {}`.
                Exported::Value(Shape::Class(_)) => facts.binding(name).map(|(id, _)| (file, id)),
                Exported::From(specifier, inner) => match self.module(file, specifier) {
                    Symbol::Module(target) => self.declared_export(target, inner, depth + 1),
                    _ => None,
                },
                _ => None,
            };
        }
        self.following.push((file, name.into()));
        let stars: Vec<CompactString> = facts
            .exports()
            .filter_map(|(_, export)| match &export.exported {
                Exported::Star(specifier) => Some(specifier.clone()),
                _ => None,
            })
            .collect();
        let found = stars.iter().find_map(|specifier| match self.module(file, specifier) {
            Symbol::Module(target) => self.declared_export(target, name, depth + 1),
            _ => None,
        });
        self.following.pop();
        found
    }

    fn member_of_module(&mut self, module: Symbol, name: &str, depth: u32) -> Symbol {
        match module {
            Symbol::Module(file) => self.export(file, name, depth),
            Symbol::External { specifier, .. } => Symbol::External { specifier, export: name.into() },
            _ => Symbol::Unknown,
        }
    }
}

fn external(specifier: &str) -> Symbol {
    Symbol::External { specifier: specifier.into(), export: CompactString::default() }
}

/// Whether a path is what the package `express` gives to those who load it: its own examples name it by its path.
pub(crate) fn is_express_itself(package: &Package, path: &FilePath) -> bool {
    package.name.as_deref() == Some("express")
        && package.root.as_ref().and_then(|root| path.strip(root)) == Some("index.js")
}

/// The client that Prisma generates is usually not in the repository: its path tells
/// (`../generated/prisma/client`, `@/generated/prisma`).
fn is_generated_prisma(specifier: &str) -> bool {
    let local = specifier.starts_with(['.', '@', '~', '#']);
    local
        && (specifier.contains("generated/prisma")
            || specifier.contains("prisma/generated")
            || specifier.contains("prisma/client")
            || specifier.contains(".prisma/client"))
}
