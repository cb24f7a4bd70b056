//! The asynchronous form of a synchronous function of Node.js or a library.

use crate::facts::{CallId, Shape};
use crate::finding::{Fix, Safety};
use crate::fix::code::Code;
use crate::fix::floating::{can_await, import};
use crate::fix::{edits, offer::Offer};
use crate::project::{Resolver, Symbol};
use crate::syntax::{self, Grammar};
use crate::text::Span;

/// Where the asynchronous form is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In the same module, without `Sync`.
    Beside,
    /// In `node:fs/promises`.
    Promises,
    /// In the same module with a callback, so `promisify` makes it.
    Callback,
}

/// Modules that have asynchronous forms, and the functions.
const FORMS: &[(&[&str], &[&str], Form)] = &[
    (&["bcrypt", "bcryptjs", "@node-rs/bcrypt"], &["hashSync", "compareSync", "genSaltSync"], Form::Beside),
    (
        &["fs", "node:fs"],
        &[
            "readFileSync",
            "readdirSync",
            "writeFileSync",
            "appendFileSync",
            "copyFileSync",
            "cpSync",
            "rmSync",
        ],
        Form::Promises,
    ),
    (&["crypto", "node:crypto"], &["pbkdf2Sync", "scryptSync"], Form::Callback),
    (
        &["zlib", "node:zlib"],
        &[
            "gzipSync",
            "gunzipSync",
            "deflateSync",
            "inflateSync",
            "deflateRawSync",
            "inflateRawSync",
            "unzipSync",
            "brotliCompressSync",
            "brotliDecompressSync",
        ],
        Form::Callback,
    ),
];

/// `await hash(…)` for `hashSync(…)`, where the function around it is async.
pub(super) fn await_async_form(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("callee")?;
    let span = |wanted: &str| captures.iter().find(|(name, _)| *name == wanted).map(|(_, span)| *span);
    let (call, callee) = (code.node(span("at")?)?, code.node(span("callee")?)?);
    if !can_await(&code, call) {
        return None;
    }
    let (module, export) = external(offer, span("at")?)?;
    let own = export.strip_prefix("default.").unwrap_or(&export);
    let form =
        FORMS.iter().find(|(modules, names, _)| modules.contains(&&*module) && names.contains(&own))?.2;
    let name = own.strip_suffix("Sync")?;
    // The types of `scrypt` do not survive `promisify`.
    if name == "scrypt" && code.document.grammar() == Grammar::TypeScript {
        return None;
    }
    // An import that only stood for this call goes.
    let root = code.of(callee).split(['.', '?']).next().unwrap_or_default();
    let alone = code.occurrences(code.root, root).len() == 2;
    let drop = if alone { &[root][..] } else { &[] };
    let mut all = Vec::new();
    let beside = |all: &mut Vec<_>| -> Option<String> {
        if callee.kind() == "member_expression" {
            let object = code.of(callee.field("object")?);
            return Some(format!("{object}.{name}"));
        }
        let (local, added) = import(&code, &[&module], name, drop)?;
        all.extend(added);
        Some(local)
    };
    let function = match form {
        Form::Beside => beside(&mut all)?,
        Form::Callback => {
            let callback = beside(&mut all)?;
            let (promisify, added) = import(&code, &["node:util", "util"], "promisify", &[])?;
            all.extend(added);
            format!("{promisify}({callback})")
        }
        Form::Promises => {
            let modules = if module.starts_with("node:") {
                ["node:fs/promises", "fs/promises"]
            } else {
                ["fs/promises", "node:fs/promises"]
            };
            let (local, added) = import(&code, &modules, name, drop)?;
            all.extend(added);
            local
        }
    };
    let arguments = code.of(call.field("arguments")?);
    let awaited = format!("await {function}{arguments}");
    let parent = call.parent()?;
    let tight = matches!(parent.kind(), "member_expression" | "subscript_expression" | "non_null_expression");
    let text = if tight { format!("({awaited})") } else { awaited };
    all.push(edits::replace(&code, syntax::span(call), text));
    let title = format!("Await `{name}()`");
    edits::fix(title, Safety::Safe, all, &[offer.document])
}

/// The module and export that the call at a place means.
fn external(offer: &Offer<'_>, at: Span) -> Option<(String, String)> {
    let facts = &offer.input.facts;
    let chunk = facts.chunk_at(at.start)?;
    let start = facts.chunks[chunk as usize].start;
    let number = facts.chunks[chunk as usize].facts.call_at(Span::new(at.start - start, at.end - start))?;
    let callee: &Shape = &facts.call(CallId { chunk, number }).callee;
    match Resolver::new(offer.project).symbol(offer.file, chunk, callee) {
        Symbol::External { specifier, export } => Some((specifier.to_string(), export.to_string())),
        _ => None,
    }
}
