//! Using the client that another module keeps.

use crate::finding::{Edit, Fix, Safety};
use crate::fix::clients::{ClientSite, Exported, SharedClient};
use crate::fix::code::{Code, ancestors, only_declarator, scope_of};
use crate::fix::constant::free_names;
use crate::fix::edits;
use crate::fix::imports::{self, Wanted, imports, is_commonjs};
use crate::fix::reexport::imports_file;
use crate::fix::specifier::specifiers;
use crate::fix::takeout::{TakenOut, Terms, is_unused_without, take_out};
use crate::package::Package;
use crate::syntax;
use crate::text::Span;

/// Imports the client that `shared` exports instead of making one. The import of the constructor goes
/// where nothing else needs it, and so does what ended the client.
///
/// `None` where the arguments depend on the call, where names would change their meaning, where one of
/// the modules speaks CommonJS and the other does not, where the other imports this one, or where the host wants a client per request.
pub fn use_shared_client(site: &ClientSite<'_>, shared: &SharedClient) -> Option<Fix> {
    let code = Code::new(site.document)?;
    if !site.may_be_shared() || shared.path == *site.document.path() {
        return None;
    }
    let other = site.sources.document(&shared.path)?;
    let commonjs = speaks_commonjs(&code, site.package);
    if speaks_commonjs(&Code::new(&other)?, site.package) != commonjs || imports_file(&other, site, &code)? {
        return None;
    }
    let terms = terms(site, &code, shared)?;
    let taken = take_out(&code, site.at, &terms)?;
    let name = taken.name.clone();
    let edits = replaced(&code, site.package, &taken, shared, commonjs)?;
    let module = specifiers(&code, site.package, &shared.path).into_iter().next()?;
    let safety = if shared.same_arguments { Safety::Safe } else { Safety::Unsafe };
    edits::fix(format!("Use `{name}` of `{module}`"), safety, edits, &[site.document])
}

/// The terms of a site whose client may be imported already: then that name is the one to use.
fn terms<'t>(site: &'t ClientSite<'_>, code: &Code<'_>, shared: &SharedClient) -> Option<Terms<'t>> {
    let mut terms = Terms::of(site, code)?;
    let sources = specifiers(code, site.package, &shared.path);
    let known = imports(code)
        .iter()
        .filter(|import| !import.type_only && sources.iter().any(|source| source == import.source))
        .flat_map(|import| &import.names)
        .find(|name| name.imported == shared.imported() && !name.type_only)
        .map(|name| name.local.to_owned());
    if let Some(known) = known {
        // In between, the name may mean something else.
        let only_import = code
            .occurrences(code.root, &known)
            .into_iter()
            .filter_map(scope_of)
            .all(|scope| scope == code.root);
        if only_import {
            terms.fallback = known;
        }
    } else if let Exported::Named(export) = &shared.export
        && !code.mentions(export)
    {
        terms.fallback = export.to_string();
    }
    Some(terms)
}

/// Whether a file speaks CommonJS, by what it says or else by its package.
pub(crate) fn speaks_commonjs(code: &Code<'_>, package: &Package) -> bool {
    is_commonjs(code).unwrap_or_else(|| {
        !package.es_modules
            && package.next.is_none()
            && matches!(code.document.path().extension(), "js" | "jsx" | "cts")
    })
}

/// Edits that take the construction out of a file and bring the shared client in.
pub(crate) fn replaced(
    code: &Code<'_>,
    package: &Package,
    taken: &TakenOut<'_>,
    shared: &SharedClient,
    commonjs: bool,
) -> Option<Vec<Edit>> {
    let wanted = Wanted {
        sources: specifiers(code, package, &shared.path),
        imported: shared.imported().to_owned(),
        local: taken.name.clone(),
    };
    let mut gone = taken.gone.clone();
    let mut edits = taken.edits.clone();
    leftovers(code, taken, &mut gone, &mut edits)?;
    let drop = unused_imports(code, &gone);
    if let Some(exported) = taken.exported {
        let style = code.style();
        if is_commonjs(code) == Some(true) {
            return None;
        }
        let uses = code.occurrences(code.root, &taken.name);
        let local_use = uses.iter().any(|node| !gone.iter().any(|gone| gone.covers(syntax::span(*node))));
        let names = match (shared.imported() == taken.name, local_use) {
            (_, true) | (true, false) => style.braces(&taken.name),
            (false, false) => style.braces(&format!("{} as {}", shared.imported(), taken.name)),
        };
        let semi = if code.span(exported).of(code.text).ends_with(';') { ";" } else { style.semi };
        let source = wanted.sources.first()?;
        let line = if local_use {
            format!("export {names}{semi}")
        } else {
            format!("export {names} from {}{semi}", style.string(source))
        };
        edits.push(edits::replace(code, code.span(exported), line));
        edits.extend(imports::rewrite(code, local_use.then_some(&wanted), &drop, commonjs)?);
    } else {
        edits.extend(imports::rewrite(code, Some(&wanted), &drop, commonjs)?);
    }
    Some(edits)
}

/// Constants of the module that only the construction needed go with it.
fn leftovers(
    code: &Code<'_>,
    taken: &TakenOut<'_>,
    gone: &mut Vec<Span>,
    edits: &mut Vec<Edit>,
) -> Option<()> {
    for constant in module_constants(code, taken) {
        let declarator = constant.named_child(0)?;
        let name = code.of(declarator.field("name")?);
        if constant.parent() == Some(code.root) && is_unused_without(code, name, gone) {
            gone.push(syntax::span(constant));
            edits.extend(crate::fix::statements::remove(code, &[constant])?);
        }
    }
    Some(())
}

/// Plain `const` statements of the file that the construction uses, directly or through others, in
/// reverse text order: users before what they use.
pub(crate) fn module_constants<'a>(code: &Code<'a>, taken: &TakenOut<'a>) -> Vec<crate::syntax::Node<'a>> {
    let mut names: Vec<&str> = taken.needs.module.iter().copied().collect();
    let mut found: Vec<crate::syntax::Node<'a>> = Vec::new();
    let brought: Vec<crate::syntax::Node<'a>> = imports(code).iter().map(|import| import.statement).collect();
    while let Some(name) = names.pop() {
        let declared =
            code.occurrences(code.root, name).into_iter().find(|node| scope_of(*node) == Some(code.root));
        let statement = declared.and_then(|node| {
            let declarator = node.parent().filter(|parent| parent.field("name") == Some(node))?;
            ancestors(declarator).find(|node| node.kind() == "lexical_declaration")
        });
        let Some(statement) = statement else { continue };
        let plain = only_declarator(statement).is_some() && code.of(statement).starts_with("const");
        if !plain || found.contains(&statement) || brought.contains(&statement) {
            continue;
        }
        found.push(statement);
        if let Some(value) = statement.named_child(0).and_then(|node| node.field("value")) {
            names.extend(free_names(code, value).into_iter().map(|node| code.of(node)));
        }
    }
    found.sort_by_key(|node| std::cmp::Reverse(node.start_byte()));
    found
}

/// Names of imports that were used only in what is gone.
fn unused_imports<'a>(code: &Code<'a>, gone: &[Span]) -> Vec<&'a str> {
    imports(code)
        .iter()
        .flat_map(|import| &import.names)
        .map(|name| name.local)
        .filter(|name| {
            let used_there = code
                .occurrences(code.root, name)
                .into_iter()
                .any(|node| gone.iter().any(|gone| gone.covers(syntax::span(node))));
            used_there && is_unused_without(code, name, gone)
        })
        .collect()
}
