//! Handlers of Express whose promise nobody waits for, or that call nobody.

use super::code::{Code, Place, ancestors};
use super::edits;
use super::express_handler::{annotation, last_statement};
use super::imports::{Wanted, is_commonjs, rewrite};
use super::offer::Offer;
use crate::facts::{Name, Shape};
use crate::finding::{Edit, Fix, Safety};
use crate::form::express::{Given, given, is_error_name, is_request_name};
use crate::project::{Resolver, Symbol};
use crate::syntax::{self, Node};

/// Names under which projects keep what hands a rejection to `next`.
const WRAPPERS: &[&str] = &[
    "asyncHandler",
    "catchAsync",
    "wrapAsync",
    "asyncWrapper",
    "asyncMiddleware",
    "catchErrors",
    "expressAsyncHandler",
];

/// The package that does it for all.
const PACKAGE: &str = "express-async-handler";

/// Hands what the handler throws to `next`: with the wrapper that the file has, or with `try` and `catch`.
pub(super) fn catch_rejection(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("at")?;
    let (_, span) = captures.into_iter().find(|(name, _)| *name == "at")?;
    let at = code.node(span)?;
    let function = ancestors(at).skip(1).find(|it| crate::form::is_function(*it))?;
    let inline = function.parent().is_some_and(|it| it.kind() == "arguments");
    let count = given(function, code.text).len();
    if inline && count < 4 {
        if let Some(name) = wrapper(offer, &code) {
            let edits = around(&code, function, &name);
            return edits::fix(format!("Wrap it in `{name}`"), Safety::Safe, edits, &[offer.document]);
        }
        if offer.input.package.dependencies.contains(PACKAGE) && !code.mentions("asyncHandler") {
            let add = Wanted {
                sources: vec![PACKAGE.to_owned()],
                imported: "default".to_owned(),
                local: "asyncHandler".to_owned(),
            };
            let mut edits = around(&code, function, "asyncHandler");
            edits.extend(rewrite(&code, Some(&add), &[], is_commonjs(&code).unwrap_or(false))?);
            return edits::fix(
                "Wrap it in `asyncHandler`".to_owned(),
                Safety::Safe,
                edits,
                &[offer.document],
            );
        }
    }
    let edits = with_catch(&code, function)?;
    edits::fix("Give the error to `next`".to_owned(), Safety::Safe, edits, &[offer.document])
}

/// The wrapper that the file imports or declares.
fn wrapper(offer: &Offer<'_>, code: &Code<'_>) -> Option<String> {
    let mut resolver = Resolver::new(offer.project);
    let found = WRAPPERS.iter().find(|name| {
        if !code.mentions(name) {
            return false;
        }
        let shape = Shape::Name(Name { text: (**name).into(), local: None });
        match resolver.symbol(offer.file, 0, &shape) {
            Symbol::Function(..) => true,
            // `module.exports = (handler) => …`.
            Symbol::Module(file) => matches!(resolver.export(file, "default", 0), Symbol::Function(..)),
            Symbol::External { specifier, .. } => specifier == PACKAGE,
            _ => false,
        }
    });
    found.map(|name| (*name).to_owned())
}

fn around(code: &Code<'_>, function: Node<'_>, name: &str) -> Vec<Edit> {
    let span = syntax::span(function);
    vec![edits::insert(code, span.start, format!("{name}(")), edits::insert(code, span.end, ")".to_owned())]
}

/// What `next` is called in a handler, with the edits that add it where it is missing.
fn next_of(code: &Code<'_>, function: Node<'_>) -> Option<(String, Vec<Edit>)> {
    let all = given(function, code.text);
    let first = all.first().map_or("", |it| it.name);
    let of_error = all.len() == 4 && (is_error_name(first) || !is_request_name(first));
    let own: &[Given<'_>] = &all[usize::from(of_error)..];
    if own.iter().any(|it| it.rest || it.default.is_some()) {
        return None;
    }
    let mut out = Vec::new();
    match own {
        [_, _, next, ..] if !next.name.is_empty() => Some((next.name.to_owned(), out)),
        [_, response] => {
            if !code.occurrences(function, "next").is_empty() {
                return None;
            }
            let typed = annotation(code, response, "next", &mut out)?;
            let at = response.node.end_byte() as u32;
            out.push(edits::insert(code, at, format!(", next{typed}")));
            Some(("next".to_owned(), out))
        }
        _ => None,
    }
}

/// The body inside `try`, indented by one step more.
fn with_catch(code: &Code<'_>, function: Node<'_>) -> Option<Vec<Edit>> {
    let (next, mut out) = next_of(code, function)?;
    let body = function.field("body").filter(|body| body.kind() == "statement_block")?;
    let style = code.style();
    let (open, close) = (body.start_byte() as u32, body.end_byte() as u32 - 1);
    code.line_end(open + 1)?;
    if !code.starts_line(close) {
        return None;
    }
    let error = if code.occurrences(function, "error").is_empty() { "error" } else { "err" };
    let outer = code.indent(close);
    let inner = format!("{outer}{}", style.indent);
    let (newline, semi) = (style.newline, style.semi);
    let mut at = code.next_line(open);
    out.push(edits::insert(code, at, format!("{inner}try {{{newline}")));
    while at < code.line(close).start {
        let blank = code.line(at).of(code.text).trim().is_empty();
        if !blank && code.place(at) != Place::Literal {
            out.push(edits::insert(code, at, style.indent.to_owned()));
        }
        at = code.next_line(at);
    }
    let end = format!(
        "{inner}}} catch ({error}) {{{newline}{inner}{}{next}({error}){semi}{newline}{inner}}}{newline}",
        style.indent
    );
    out.push(edits::insert(code, code.line(close).start, end));
    Some(merged(out))
}

/// Insertions at one place are one, in the order in which they were made.
fn merged(edits: Vec<Edit>) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for edit in edits {
        match out.iter_mut().find(|it| it.span.is_empty() && it.span == edit.span) {
            Some(same) => same.new_text.push_str(&edit.new_text),
            None => out.push(edit),
        }
    }
    out
}

/// `next()` at the end of a middleware.
pub(super) fn call_next(offer: &Offer<'_>) -> Option<Fix> {
    let code = Code::new(offer.document)?;
    let captures = offer.captures("at")?;
    let (_, span) = captures.into_iter().find(|(name, _)| *name == "at")?;
    let function = code.node(span)?;
    let links = offer.project.links(offer.file)?;
    let chunk = offer.input.facts.chunk_at(span.start)?;
    let is_middleware = links.entries.iter().any(|entry| {
        entry.method.is_none()
            && entry.label.contains("middleware")
            && entry.direct.iter().any(|(file, id)| {
                *file == offer.file
                    && id.chunk == chunk
                    && offer.input.facts.span(chunk, offer.input.facts.function(*id).at) == span
            })
    });
    if !is_middleware {
        return None;
    }
    let (next, mut out) = next_of(&code, function)?;
    let mut returns = false;
    let own = function.field("body")?;
    super::code::each(own, |node| {
        returns |= node.kind() == "return_statement";
        !crate::form::is_function(node)
    });
    if returns {
        return None;
    }
    out.push(last_statement(&code, function, &format!("{next}()"))?);
    edits::fix(format!("Call `{next}()` at the end"), Safety::Safe, out, &[offer.document])
}
