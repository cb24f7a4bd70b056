//! What a route file exports.

use super::{Detected, Place};
use crate::check::words::spoken_version;
use crate::facts::{Export, Exported, FunctionKind};
use crate::finding::Severity;
use crate::project::{METHODS, Resolver, Symbol, routes};

/// What route handlers of the package next-ws export beside methods.
const NEXT_WS: &[&str] = &["UPGRADE", "SOCKET"];

/// What else a route file may export by the types of Next.js, and what other rules speak of.
const OPTIONS: &[&str] = &[
    "config",
    "dynamic",
    "dynamicParams",
    "ensureStatic",
    "experimental_ppr",
    "fetchCache",
    "generateStaticParams",
    "instant",
    "maxDuration",
    "preferredRegion",
    "prefetch",
    "revalidate",
    "runtime",
];

/// A route file that exports something, or declares a handler, but exports no method.
pub(super) fn no_method<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let facts = &place.input.facts;
    let exports = exported(place);
    if exports.iter().any(|(_, export)| is_handler(&export.name)) || may_export_methods(place, &exports) {
        return Vec::new();
    }
    let is_method = |name: &str| METHODS.iter().any(|method| method.eq_ignore_ascii_case(name));
    let meant = exports
        .iter()
        .find(|(_, export)| is_method(&export.name))
        .or_else(|| exports.iter().find(|(_, export)| export.name == "default"))
        .or_else(|| exports.iter().find(|(_, export)| !OPTIONS.contains(&&*export.name)));
    let forgotten = || {
        facts.functions().find(|(id, function)| {
            function.kind == FunctionKind::Plain
                && function.parent.is_none()
                && function.name.as_deref().is_some_and(|name| METHODS.contains(&name))
                && facts
                    .binding(function.name.as_deref().unwrap_or_default())
                    .is_some_and(|it| it.0.chunk == id.chunk)
        })
    };
    let at = match meant {
        Some(&(chunk, export)) => {
            let anonymous = facts.functions().find(|(id, it)| id.chunk == chunk && it.at == export.at);
            facts.span(chunk, anonymous.map_or(export.at, |(_, function)| function.head))
        }
        None => match forgotten() {
            Some((id, function)) => facts.span(id.chunk, function.head),
            None => match exports.first() {
                Some(&(chunk, export)) => facts.span(chunk, export.at),
                None => return Vec::new(),
            },
        },
    };
    let url = place.input.package.next.as_ref().and_then(|next| routes::url(next, &place.input.path));
    let url = url.map_or_else(|| "it".to_owned(), |url| format!("`{url}`"));
    vec![place.found(at, [("path", url)], [])]
}

/// Exports of a route file that Next.js neither calls nor reads.
pub(super) fn extra<'p>(place: &Place<'p>) -> Vec<Detected<'p>> {
    let exports = exported(place);
    // Without any method another rule speaks, of the whole file.
    if !exports.iter().any(|(_, export)| is_handler(&export.name)) && !may_export_methods(place, &exports) {
        return Vec::new();
    }
    let Some(version) = place.input.package.versions.get("next") else { return Vec::new() };
    let typed = matches!(place.input.path.extension(), "ts" | "tsx");
    let unchecked = place.input.package.next.as_ref().is_some_and(|next| next.ignores_type_errors);
    let refused = version.major < 16 && typed && !unchecked;
    let what = if refused {
        format!("{} refuses to build the file for it", spoken_version("next", version))
    } else {
        "Next.js does nothing with it, and whoever imports it loads this handler too".to_owned()
    };
    let mut found = Vec::new();
    for (chunk, export) in exports {
        let name = &*export.name;
        let known = is_handler(name) || OPTIONS.contains(&name) || name.starts_with("unstable_");
        if known || matches!(export.exported, Exported::Star(_)) {
            continue;
        }
        let at = place.input.facts.span(chunk, export.at);
        let shown = if name == "default" { "The default export".to_owned() } else { format!("`{name}`") };
        let mut detected = place.found(at, [("name", shown), ("what", what.clone())], []);
        if !refused {
            detected.evidence.at_most(Severity::Information);
        }
        found.push(detected);
    }
    found
}

fn is_handler(name: &str) -> bool {
    METHODS.contains(&name) || NEXT_WS.contains(&name)
}

/// The exports that are there at run time.
fn exported<'p>(place: &Place<'p>) -> Vec<(u32, &'p Export)> {
    place.input.facts.exports().filter(|(_, export)| !export.type_only).collect()
}

/// Whether `export * from` brings methods, or may.
fn may_export_methods(place: &Place<'_>, exports: &[(u32, &Export)]) -> bool {
    exports.iter().any(|(_, export)| match &export.exported {
        Exported::Star(specifier) => match Resolver::new(place.project).module(place.file, specifier) {
            Symbol::Module(file) => METHODS
                .iter()
                .any(|method| Resolver::new(place.project).export(file, method, 0) != Symbol::Unknown),
            _ => true,
        },
        _ => false,
    })
}
