//! The paths of routes as they are written.

use crate::check::express_path::{Refusal, migrate, next_segment, refusal};
use crate::facts::{CallId, Captured, Shape};
use crate::project::{FileNo, Resolver, Symbol};
use crate::rules::Condition;

use super::super::super::{Evidence, Site};

pub(super) fn is_refused(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(path) = site.captured(condition).and_then(|path| text_of(site, path)) else { return false };
    if next_segment(&path).is_some() {
        return false;
    }
    let Some(refusal) = refusal(&path) else { return false };
    let why = match &refusal {
        Refusal::Nameless(char) => format!("`{char}` needs a name"),
        Refusal::Reserved(char) => format!("`{char}` means nothing in a path"),
        Refusal::Unclosed => "a brace, a quote or a `\\` is not closed".to_owned(),
    };
    evidence.set("what", format!("throws on the path `{path}`, where {why}"));
    evidence.set(
        "remedy",
        match migrate(&path) {
            Some(migrated) => format!("Write {}", spoken(&migrated.paths)),
            None => "List the paths in an array, or write a regular expression".to_owned(),
        },
    );
    true
}

pub(super) fn is_next_segment(site: &Site<'_>, condition: &Condition, evidence: &mut Evidence<'_>) -> bool {
    let Some(path) = site.captured(condition).and_then(|path| text_of(site, path)) else { return false };
    let Some(segment) = next_segment(&path) else { return false };
    let Some(migrated) = migrate(&path) else { return false };
    evidence.set("what", format!("finds no parameter in `{path}`: `[{segment}]` is how Next.js writes one"));
    evidence.set("remedy", format!("Write {}", spoken(&migrated.paths)));
    true
}

/// A path, or several as an array.
fn spoken(paths: &[String]) -> String {
    match paths {
        [one] => format!("`\"{one}\"`"),
        many => {
            let quoted: Vec<String> = many.iter().map(|path| format!("\"{path}\"")).collect();
            format!("`[{}]`", quoted.join(", "))
        }
    }
}

/// The text of a captured path: written out, a constant, or several of both put together.
fn text_of(site: &Site<'_>, path: &Captured) -> Option<String> {
    if let Some(text) = written_path(&path.text) {
        return Some(text);
    }
    // What is escaped in a template with holes is lost on the way.
    if path.text.starts_with('`') && path.text.contains('\\') {
        return None;
    }
    let call = site.captured_as("call")?;
    let number = site.chunk_facts().call_at(call.at)?;
    let shape = site.input.facts.call(CallId { chunk: site.chunk, number }).args.first()?;
    known(&mut Resolver::new(site.project), site, (site.file, site.chunk), shape, 0)
}

fn known(
    resolver: &mut Resolver<'_>,
    site: &Site<'_>,
    (file, chunk): (FileNo, u32),
    shape: &Shape,
    depth: u32,
) -> Option<String> {
    if depth > 6 {
        return None;
    }
    match shape {
        Shape::Text(text) => unescaped(text),
        Shape::Joined(parts) => {
            parts.iter().map(|part| known(resolver, site, (file, chunk), part, depth + 1)).collect()
        }
        Shape::Name(name) if name.local.is_some_and(|local| is_parameter(site, file, chunk, local)) => None,
        Shape::Name(name) if name.local.is_none() => {
            let (in_file, id) = resolver.declared(file, &name.text, 0)?;
            let value = &site.project.file(in_file)?.facts.decl(id).value;
            known(resolver, site, (in_file, id.chunk), value, depth + 1)
        }
        Shape::Name(_) | Shape::Member(..) => match resolver.symbol(file, chunk, shape) {
            Symbol::Value(_, _, Shape::Text(text)) => unescaped(&text),
            _ => None,
        },
        _ => None,
    }
}

fn is_parameter(site: &Site<'_>, file: FileNo, chunk: u32, local: u32) -> bool {
    site.project.file(file).is_some_and(|input| {
        input.facts.chunks[chunk as usize].facts.decls[local as usize].parameter.is_some()
    })
}

/// The text of a string literal or of a template without holes; `None` for anything else.
pub(crate) fn written_path(literal: &str) -> Option<String> {
    let quote = literal.chars().next().filter(|it| matches!(it, '"' | '\'' | '`'))?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote).filter(|_| literal.len() > 1)?;
    if quote == '`' && inner.contains("${") {
        return None;
    }
    unescaped(inner)
}

/// What a string is, of what stands between its quotes; `None` for what no path holds.
fn unescaped(inner: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        match chars.next()? {
            'u' | 'x' | 'n' | 'r' | 't' | 'b' | 'f' | 'v' | '0' | '\n' | '\r' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}
