//! Names that code of one file needs in another: where they are imported from, and the imports that bring them.

use super::code::Code;
use super::imports::{self, Wanted, imports};
use super::specifier::specifiers;
use crate::finding::Edit;
use crate::path::FilePath;
use crate::project::{FileInput, Resolution};

/// What borrowed code needs: the local name, what the module calls it, and the module.
#[derive(Default)]
pub(super) struct Borrowed(Vec<(String, String, Module)>);

enum Module {
    Package(String),
    File(FilePath),
}

impl Borrowed {
    /// Where a file imports names from. `None` where one of them is something of the file itself.
    pub(super) fn of<'a>(
        code: &Code<'_>,
        input: &FileInput,
        names: impl Iterator<Item = &'a str>,
    ) -> Option<Self> {
        let mut needs: Vec<(String, String, Module)> = Vec::new();
        for name in names {
            if needs.iter().any(|(known, ..)| known == name) {
                continue;
            }
            let import = imports(code).into_iter().find_map(|import| {
                let brings = import
                    .names
                    .iter()
                    .find(|it| it.local == name && !it.type_only && (it.imported != "*" || import.require))?;
                let at =
                    input.facts.specifiers.binary_search_by(|known| (**known).cmp(import.source)).ok()?;
                let module = match input.resolutions.get(at)? {
                    Resolution::File(path) => Module::File(path.clone()),
                    Resolution::External => Module::Package(import.source.to_owned()),
                    Resolution::Unresolved => return None,
                };
                Some((name.to_owned(), brings.imported.to_owned(), module))
            });
            match import {
                Some(import) => needs.push(import),
                None if matches!(name, "Response" | "Error" | "process" | "undefined") => {}
                // The request, or something of the file.
                None => return None,
            }
        }
        Some(Self(needs))
    }

    /// Edits that bring the names into a file. `None` where it uses one of them for something else.
    pub(super) fn imports(&self, code: &Code<'_>, input: &FileInput) -> Option<Vec<Edit>> {
        let commonjs = imports::is_commonjs(code).unwrap_or(!input.package.es_modules);
        let mut out = Vec::new();
        for (local, imported, module) in &self.0 {
            let sources = match module {
                Module::Package(name) => vec![name.clone()],
                Module::File(path) => specifiers(code, &input.package, path),
            };
            let known = imports(code).iter().any(|import| {
                sources.iter().any(|source| source == import.source)
                    && import
                        .names
                        .iter()
                        .any(|it| it.local == *local && it.imported == *imported && !it.type_only)
            });
            if !known && code.mentions(local) {
                return None;
            }
            // `const guard = require("./guard")` has no other form.
            let imported = match imported.as_str() {
                "*" if commonjs => "default",
                "*" if !known => return None,
                other => other,
            };
            let wanted = Wanted { sources, imported: imported.to_owned(), local: local.clone() };
            out.extend(imports::rewrite(code, Some(&wanted).filter(|_| !known), &[], commonjs)?);
        }
        Some(out)
    }
}
