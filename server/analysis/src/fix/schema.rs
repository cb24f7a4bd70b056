//! A schema between the body of a request and what is written to a store.

use std::fmt::Write as _;

use super::code::{Code, ancestors, each, enclosing_function};
use super::edits;
use super::imports::{self, Wanted, imports};
use super::offer::Offer;
use crate::finding::{Edit, Fix, Safety};
use crate::form::express::{given, is_response_name};
use crate::form::without_wrapping;
use crate::syntax::{self, Node};

/// `bodySchema.safeParse(body)` before the write, with the fields that the handler names; the others are the user's to
/// write. Only where `zod` is installed.
pub(super) fn parse_with_schema(offer: &Offer<'_>) -> Option<Fix> {
    if !offer.input.package.dependencies.contains("zod") {
        return None;
    }
    let code = Code::new(offer.document)?;
    let captures = offer.captures("at")?;
    let (_, span) = captures.iter().find(|(name, _)| *name == "at")?;
    let call = code.node(*span)?;
    let function = enclosing_function(call)?;
    let body = body_in(&code, function, call.field("arguments")?)?;
    let statement =
        ancestors(call).find(|it| it.parent().is_some_and(|it| it.kind() == "statement_block"))?;
    let outer = code.top_level(function)?;
    let (statement_at, outer_at) = (statement.start_byte() as u32, outer.start_byte() as u32);
    let inside = enclosing_function(statement) == Some(function);
    if !inside || !code.starts_line(statement_at) || !code.starts_line(outer_at) {
        return None;
    }
    let all = imports(&code);
    let own = all.iter().filter(|it| it.source == "zod" && !it.type_only).flat_map(|it| &it.names);
    let known = own.into_iter().find(|it| it.imported == "z" && !it.type_only).map(|it| it.local.to_owned());
    let z = known.map_or_else(|| code.free_name("z"), Some)?;
    let (schema, parsed) = (code.free_name("bodySchema")?, code.free_name("parsed")?);
    let style = code.style();
    let (newline, step, semi) = (style.newline, style.indent, style.semi);

    let commonjs = imports::is_commonjs(&code).unwrap_or(!offer.input.package.es_modules);
    let add = Wanted { sources: vec!["zod".to_owned()], imported: "z".to_owned(), local: z.clone() };
    let mut out = imports::rewrite(&code, Some(&add), &[], commonjs)?;
    let mut fields = format!(
        "{step}// Say what each field has to be, and name those that may come from outside.{newline}"
    );
    for field in named_fields(&code, function, &body.source) {
        let _ = write!(fields, "{step}{field}: {z}.unknown(),{newline}");
    }
    let at = code.line(code.with_comments(outer)).start;
    let apart = code.text[..at as usize].lines().next_back().is_none_or(|line| line.trim().is_empty());
    let gap = if apart { "" } else { newline };
    let text = format!("{gap}const {schema} = {z}.object({{{newline}{fields}}}){semi}{newline}{newline}");
    out.push(edits::insert(&code, at, text));

    let indent = code.indent(statement_at);
    let details = style.braces(&format!("error: {parsed}.error.issues"));
    let refusal = match given(function, code.text).get(1).filter(|it| is_response_name(it.name)) {
        // Where handlers are declared to return nothing.
        Some(response) if matches!(offer.input.path.extension(), "ts" | "tsx" | "mts" | "cts") => {
            let answer = format!("{}.status(400).json({details}){semi}", response.name);
            format!("{answer}{newline}{indent}{step}return{semi}")
        }
        Some(response) => format!("return {}.status(400).json({details}){semi}", response.name),
        None => format!("return Response.json({details}, {}){semi}", style.braces("status: 400")),
    };
    let text = format!(
        "{indent}const {parsed} = {schema}.safeParse({}){semi}{newline}{indent}if (!{parsed}.success) \
         {{{newline}{indent}{step}{refusal}{newline}{indent}}}{newline}",
        body.source
    );
    out.push(edits::insert(&code, code.line(code.with_comments(statement)).start, text));
    out.extend(body.places.iter().map(|place| taken_from(&code, *place, &format!("{parsed}.data"))));
    let title = "Parse the body with a schema (write its fields)".to_owned();
    edits::fix(title, Safety::Unsafe, out, &[offer.document])
}

/// The body as the write is given it.
struct Body<'a> {
    /// What it is, as code: `await request.json()`, `body`.
    source: String,
    /// Where it stands in the write.
    places: Vec<Node<'a>>,
}

fn body_in<'a>(code: &Code<'a>, function: Node<'a>, arguments: Node<'a>) -> Option<Body<'a>> {
    let mut found: Option<Body<'a>> = None;
    let mut torn = false;
    each(arguments, |node| {
        let is_name = matches!(node.kind(), "identifier" | "shorthand_property_identifier");
        let whole = is_body(code, node) || is_name && is_named_body(code, function, node);
        let part = node.parent().is_some_and(|it| it.kind() == "member_expression");
        if whole && !part {
            let source = code.of(node);
            match &mut found {
                None => found = Some(Body { source: source.to_owned(), places: vec![node] }),
                Some(body) if body.source == source && is_name => body.places.push(node),
                Some(_) => torn = true,
            }
        }
        !whole
    });
    found.filter(|_| !torn)
}

/// `await request.json()`, `req.body`.
fn is_body(code: &Code<'_>, node: Node<'_>) -> bool {
    let node = without_wrapping(node);
    match node.kind() {
        "await_expression" => node.named_child(0).is_some_and(|call| {
            let callee = call.field("function");
            callee.and_then(|it| it.field("property")).is_some_and(|it| code.of(it) == "json")
        }),
        "member_expression" => node.field("property").is_some_and(|it| code.of(it) == "body"),
        _ => false,
    }
}

/// A constant of the function that holds the body.
fn is_named_body(code: &Code<'_>, function: Node<'_>, name: Node<'_>) -> bool {
    code.occurrences(function, code.of(name)).into_iter().any(|it| {
        it.parent().is_some_and(|declarator| {
            declarator.kind() == "variable_declarator"
                && declarator.field("name") == Some(it)
                && declarator.field("value").is_some_and(|value| is_body(code, value))
        })
    })
}

/// The fields of the body that the handler reads by name, in order.
fn named_fields(code: &Code<'_>, function: Node<'_>, body: &str) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    each(function, |node| {
        if node.kind() == "member_expression"
            && node.field("object").is_some_and(|it| code.of(it) == body)
            && let Some(property) = node.field("property")
        {
            let field = code.of(property).to_owned();
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        true
    });
    fields
}

/// What the schema let through, in the place of the body.
fn taken_from(code: &Code<'_>, place: Node<'_>, parsed: &str) -> Edit {
    let text = match place.kind() {
        "shorthand_property_identifier" => format!("{}: {parsed}", code.of(place)),
        _ => parsed.to_owned(),
    };
    edits::replace(code, syntax::span(place), text)
}
