//! A client gets a module of its own, which every file that made one imports.

use std::sync::Arc;

use crate::finding::{Edit, Fix, Safety};
use crate::fix::clients::{ClientSite, Exported, SharedClient};
use crate::fix::code::{Code, scope_of};
use crate::fix::constant::{is_local, needs};
use crate::fix::edits;
use crate::fix::guard::{Client, guard};
use crate::fix::hoist::moved;
use crate::fix::imports::{Import, imports};
use crate::fix::shared::{module_constants, replaced, speaks_commonjs};
use crate::fix::style::Style;
use crate::fix::takeout::{TakenOut, Terms, take_out};
use crate::package::Package;
use crate::path::FilePath;
use crate::text::Span;

/// Makes `lib/<module>` with the client, one per process, and imports it here and in every other file that
/// makes the same. Never overwrites a file.
///
/// `None` where the arguments need more than imports and constants, or where the host wants a client per
/// request. Other files in which the construction cannot be replaced stay as they are.
pub fn singleton_module(site: &ClientSite<'_>) -> Option<Fix> {
    let code = Code::new(site.document)?;
    if !site.may_be_shared() {
        return None;
    }
    let commonjs = speaks_commonjs(&code, site.package);
    let terms = Terms::of(site, &code)?;
    let taken = take_out(&code, site.at, &terms)?;
    let path = free_path(site)?;
    let recipe = recipe(&code, site.package, &taken, &path)?;
    let variable = &*site.client.variable;
    let text = module_text(site, &code, &taken, &recipe, commonjs)?;
    let shared = SharedClient {
        path: path.clone(),
        export: Exported::Named(Arc::clone(&site.client.variable)),
        same_arguments: true,
    };
    let mut edits = vec![Edit::create(path.clone(), text)];
    edits.extend(replaced(&code, site.package, &taken, &shared, commonjs)?);
    let mut documents = vec![site.document];
    for (document, at) in &site.others {
        if documents.iter().any(|known| known.path() == document.path()) {
            continue;
        }
        if let Some(more) = other(site, document, *at, &shared, &recipe, commonjs) {
            edits.extend(more);
            documents.push(document);
        }
    }
    let folder = path.parent().zip(site.package.root.as_ref());
    let place =
        folder.and_then(|(folder, root)| Some(format!("{}/", folder.strip(root)?))).unwrap_or_default();
    let files = match documents.len() {
        1 => String::new(),
        n => format!(" and use it in {n} files"),
    };
    let title = format!("Move `{variable}` to `{place}{}`{files}", path.file_name());
    edits::fix(title, Safety::Unsafe, edits, &documents)
}

fn other(
    site: &ClientSite<'_>,
    document: &crate::document::Document,
    at: Span,
    shared: &SharedClient,
    wanted: &Recipe,
    commonjs: bool,
) -> Option<Vec<Edit>> {
    let code = Code::new(document)?;
    let taken = take_out(&code, at, &Terms::of(site, &code)?)?;
    let same = recipe(&code, site.package, &taken, &shared.path)? == *wanted;
    if !same || speaks_commonjs(&code, site.package) != commonjs {
        return None;
    }
    replaced(&code, site.package, &taken, shared, commonjs)
}

/// Everything that decides what the module says, but for its style.
#[derive(PartialEq, Eq)]
struct Recipe {
    /// The initialiser, without blanks.
    value: String,
    /// Constants, in order, with blanks.
    constants: Vec<String>,
    /// Packages first, then files, each by name.
    imports: Vec<Brought>,
}

/// One imported name. Ordered: packages before files.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Brought {
    pub(super) is_file: bool,
    pub(super) source: String,
    pub(super) imported: String,
    pub(super) local: String,
    pub(super) type_only: bool,
}

fn recipe(code: &Code<'_>, package: &Package, taken: &TakenOut<'_>, target: &FilePath) -> Option<Recipe> {
    let imports = imports(code);
    let mut names: Vec<&str> = taken.needs.module.iter().copied().collect();
    names.extend(annotated(code, taken));
    let mut constants = Vec::new();
    let mut declared: Vec<&str> = Vec::new();
    for statement in module_constants(code, taken).into_iter().rev() {
        let declarator = statement.named_child(0)?;
        let value = declarator.field("value")?;
        // An exported constant stays in its module; one that depends on others comes with all of them.
        if statement.parent() != Some(code.root) {
            return None;
        }
        names.extend(needs(code, package, value, value)?.module);
        declared.push(code.of(declarator.field("name")?));
        // Making an adapter twice is making two pools.
        let name = declarator.field("name")?;
        let made = matches!(value.kind(), "new_expression" | "call_expression");
        let gone = [taken.gone.clone(), vec![crate::syntax::span(statement)]].concat();
        if made && !crate::fix::takeout::is_unused_without(code, code.of(name), &gone) {
            return None;
        }
        constants.push(code.span(statement).of(code.text).trim_end_matches(';').to_owned());
    }
    constants.extend(moved(code, taken));
    names.sort_unstable();
    names.dedup();
    let mut brought = Vec::new();
    for name in names {
        if declared.contains(&name) {
            continue;
        }
        let (import, imported, type_only) = find(&imports, name)?;
        let source = moved_source(code, package, import.source, target)?;
        brought.push(Brought {
            is_file: source.starts_with('.'),
            source,
            imported: imported.to_owned(),
            local: name.to_owned(),
            type_only,
        });
    }
    brought.sort();
    let value = taken.text.split_whitespace().collect();
    Some(Recipe { value, constants, imports: brought })
}

/// Names of the file's own scope in the type that the declaration names.
fn annotated<'a>(code: &Code<'a>, taken: &TakenOut<'a>) -> Vec<&'a str> {
    if taken.annotation.is_none() {
        return Vec::new();
    }
    let declarator = taken.value.parent();
    let Some(kind) = declarator.and_then(|node| node.field("type")) else { return Vec::new() };
    crate::fix::constant::free_names(code, kind)
        .into_iter()
        .map(|node| code.of(node))
        .filter(|name| {
            code.occurrences(code.root, name).into_iter().any(|node| scope_of(node) == Some(code.root))
        })
        .collect()
}

fn find<'i, 'a>(imports: &'i [Import<'a>], local: &str) -> Option<(&'i Import<'a>, &'a str, bool)> {
    imports.iter().find_map(|import| {
        let name = import.names.iter().find(|name| name.local == local)?;
        Some((import, name.imported, import.type_only || name.type_only))
    })
}

/// A specifier as the new module has to write it.
pub(super) fn moved_source(
    code: &Code<'_>,
    package: &Package,
    source: &str,
    target: &FilePath,
) -> Option<String> {
    if !source.starts_with('.') {
        return (!is_local(package, source) || !source.starts_with('/')).then(|| source.to_owned());
    }
    let meant = code.document.path().parent()?.join(source);
    Some(target.relative_to(&meant))
}

fn module_text(
    site: &ClientSite<'_>,
    code: &Code<'_>,
    taken: &TakenOut<'_>,
    recipe: &Recipe,
    commonjs: bool,
) -> Option<String> {
    let style = code.style();
    let variable = &*site.client.variable;
    let key = site.key(variable)?;
    let client = Client {
        name: variable,
        key: &key,
        value: taken.value,
        text: &taken.text,
        made: taken.made,
        annotation: taken.annotation,
    };
    let guard = guard(code, &client)?;
    let mut lines: Vec<String> = Vec::new();
    let alike = |a: &Brought, b: &Brought| a.source == b.source && a.type_only == b.type_only;
    for names in recipe.imports.chunk_by(alike) {
        lines.extend(import_lines(&style, names, commonjs));
    }
    let attach = closes_idle_connections(site, code, taken);
    if let Some(attach) = &attach {
        lines.extend(import_lines(&style, std::slice::from_ref(attach), commonjs));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    let annotation = taken.annotation.map(|annotation| format!(": {annotation}")).unwrap_or_default();
    lines.extend(recipe.constants.iter().cloned());
    lines.extend(guard.before);
    let export = if commonjs { "" } else { "export " };
    lines.push(format!("{export}const {variable}{annotation} = {}", guard.value));
    lines.push(guard.after);
    lines.extend(attach.map(|attach| format!("{}({variable})", attach.local)));
    if commonjs {
        lines.push(String::new());
        lines.push(format!("module.exports = {}", style.braces(variable)));
    }
    let mut text = String::new();
    for line in lines {
        let end = if line.is_empty() { "" } else { style.semi };
        text.push_str(&line);
        text.push_str(end);
        text.push_str(style.newline);
    }
    Some(text)
}

/// What keeps a function of Vercel alive until the idle connections of a pool are closed, where the package has it.
fn closes_idle_connections(site: &ClientSite<'_>, code: &Code<'_>, taken: &TakenOut<'_>) -> Option<Brought> {
    const POOLS: &[(&str, &str)] = &[
        ("pg", "Pool"),
        ("mysql2", "createPool"),
        ("mongodb", "MongoClient"),
        ("ioredis", "Redis"),
        ("ioredis", "default"),
    ];
    let functions = "@vercel/functions";
    let version = site.package.versions.get(functions);
    let has =
        site.package.dependencies.contains(functions) && version.is_none_or(|version| version.major >= 3);
    let callee = ["constructor", "function"].iter().find_map(|field| taken.made.field(field))?;
    let imports = imports(code);
    let (import, imported, _) = find(&imports, code.of(callee))?;
    // What wraps a pool is no pool.
    let alone = crate::form::without_wrapping(taken.value) == taken.made;
    let fits = &*site.target.id == "vercel" && has && alone && POOLS.contains(&(import.source, imported));
    fits.then(|| Brought {
        is_file: false,
        source: functions.to_owned(),
        imported: "attachDatabasePool".to_owned(),
        local: "attachDatabasePool".to_owned(),
        type_only: false,
    })
}

/// Import statements, without `;`, for names of one module.
pub(super) fn import_lines(style: &Style, names: &[Brought], commonjs: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut members = Vec::new();
    let Some(first) = names.first() else { return lines };
    let quoted = style.string(&first.source);
    let (word, joint) = match (commonjs, first.type_only) {
        (true, _) => ("const", ": "),
        (false, true) => ("import type", " as "),
        (false, false) => ("import", " as "),
    };
    let from = if commonjs { format!("= require({quoted})") } else { format!("from {quoted}") };
    for Brought { imported, local, .. } in names {
        match (imported.as_str(), commonjs) {
            ("*", true) | ("default", false) => lines.push(format!("{word} {local} {from}")),
            ("*", false) => lines.push(format!("{word} * as {local} {from}")),
            (imported, _) if imported == local => members.push(local.clone()),
            (imported, _) => members.push(format!("{imported}{joint}{local}")),
        }
    }
    if !members.is_empty() {
        lines.push(format!("{word} {} {from}", style.braces(&members.join(", "))));
    }
    lines
}

/// Where the new module goes: `lib` beside the code, a name that no file has.
fn free_path(site: &ClientSite<'_>) -> Option<FilePath> {
    let root = site.package.root.as_ref()?;
    let inside = site.document.path().strip(root)?;
    let lib = root.join(if inside.starts_with("src/") { "src/lib" } else { "lib" });
    let extension = match site.document.path().extension() {
        "tsx" => "ts",
        "jsx" => "js",
        other => other,
    };
    let module = &*site.client.module;
    [module.to_owned(), format!("{module}-client")].iter().find_map(|name| {
        let taken = ["ts", "tsx", "js", "jsx", "mts", "mjs", "cts", "cjs"].iter().any(|extension| {
            [format!("{name}.{extension}"), format!("{name}/index.{extension}")]
                .iter()
                .any(|file| site.sources.document(&lib.join(file)).is_some())
        });
        (!taken).then(|| lib.join(&format!("{name}.{extension}")))
    })
}
