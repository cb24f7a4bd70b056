//! What a handler says of the body that it takes: the schema of zod that it holds the body against.

use compact_str::CompactString;

use crate::facts::{Call, CallId, ChunkFacts, Shape};
use crate::project::{Entry, FileNo, Project, Resolver, Symbol};

/// What a value has to be, as far as a schema tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Nothing is told of it.
    Any,
    /// A text, of a format that has a name in JSON Schema.
    Text(Option<&'static str>),
    /// A number; with `true` a whole one.
    Number(bool),
    /// `true` or `false`.
    Bool,
    /// One of these texts.
    OneOf(Vec<String>),
    /// Several of the same.
    List(Box<Schema>),
    /// Values by their names.
    Object(Vec<Property>),
    /// This, or `null`.
    Nullable(Box<Schema>),
}

/// A value of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// What it has to be.
    pub schema: Schema,
    /// It may not be left out.
    pub required: bool,
}

/// Methods that hold what they are given against a schema.
const HOLDS: [&str; 4] = ["parse", "parseAsync", "safeParse", "safeParseAsync"];

/// The packages of zod.
const ZOD: [&str; 4] = ["zod", "zod/v3", "zod/v4", "zod/mini"];

/// Longer ways are given up.
const LONGEST: u32 = 24;

/// A schema, and whether the value may be left out.
type Told = (Schema, bool);

/// The schema of the body that an entry takes; `None` where it has none, or several for several cases.
pub(super) fn of_entry(project: &Project, entry: &Entry) -> Option<Schema> {
    let mut resolver = Resolver::new(project);
    let mut found: Vec<Schema> = Vec::new();
    for &(file, function) in &entry.roots {
        let Some(input) = project.file(file) else { continue };
        let chunk = &input.facts.chunks[function.chunk as usize].facts;
        for call in chunk.calls.iter().filter(|call| stands_in(chunk, call, function.number)) {
            let Shape::Member(schema, method) = &call.callee else { continue };
            let holds = HOLDS.contains(&method.as_str());
            if !holds || !call.args.first().is_some_and(|given| is_body(chunk, given, 0)) {
                continue;
            }
            let told = read(&mut resolver, file, function.chunk, schema, 0);
            found.extend(told.map(|(schema, _)| schema));
        }
    }
    found.dedup();
    (found.len() == 1).then(|| found.pop()).flatten()
}

/// Whether a call stands in a function, or in one inside it.
fn stands_in(chunk: &ChunkFacts, call: &Call, function: u32) -> bool {
    let mut at = call.function;
    while let Some(inner) = at.filter(|inner| *inner != function) {
        at = chunk.functions[inner as usize].parent;
    }
    at.is_some()
}

/// Whether a value is the body of the request: `await request.json()`, `req.body`.
fn is_body(chunk: &ChunkFacts, shape: &Shape, depth: u32) -> bool {
    if depth > LONGEST {
        return false;
    }
    match shape {
        Shape::Await(inner) => is_body(chunk, inner, depth + 1),
        Shape::Call(number) => {
            let call = &chunk.calls[*number as usize];
            call.args.is_empty() && matches!(&call.callee, Shape::Member(_, name) if name == "json")
        }
        Shape::Member(object, key) => key == "body" && matches!(&**object, Shape::Name(_)),
        Shape::Name(name) => name.local.is_some_and(|local| {
            let decl = &chunk.decls[local as usize];
            decl.parameter.is_none() && is_body(chunk, &decl.value, depth + 1)
        }),
        _ => false,
    }
}

/// The schema that an expression is.
fn read(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, shape: &Shape, depth: u32) -> Option<Told> {
    let Symbol::Value(file, chunk, Shape::Call(number)) = resolver.symbol(file, chunk, shape) else {
        return None;
    };
    if depth > LONGEST {
        return None;
    }
    let call = resolver.project_file(file)?.facts.call(CallId { chunk, number });
    let mut inner = |shape: &Shape| read(resolver, file, chunk, shape, depth + 1);
    if let Shape::Member(schema, method) = &call.callee
        && let Some(told) = inner(schema)
    {
        return Some(changed(told, method, call, &mut inner));
    }
    match resolver.symbol(file, chunk, &call.callee) {
        Symbol::External { specifier, export } if ZOD.contains(&specifier.as_str()) => {
            let export = export.strip_prefix("default.").unwrap_or(&export);
            let name = export.strip_prefix("z.").unwrap_or(export);
            Some(made(resolver, file, chunk, name, call, depth))
        }
        _ => None,
    }
}

/// What a function of zod makes: `z.object({ … })`.
fn made(resolver: &mut Resolver<'_>, file: FileNo, chunk: u32, name: &str, call: &Call, depth: u32) -> Told {
    let mut inner = |shape: &Shape| read(resolver, file, chunk, shape, depth + 1);
    let first = call.args.first();
    let schema = match (name, first) {
        ("string" | "coerce.string", _) => Schema::Text(None),
        ("number" | "coerce.number", _) => Schema::Number(false),
        ("int", _) => Schema::Number(true),
        ("boolean", _) => Schema::Bool,
        ("literal", Some(Shape::Text(text))) => Schema::OneOf(vec![text.to_string()]),
        ("enum", Some(choice)) => match resolver.symbol(file, chunk, choice) {
            Symbol::Value(_, _, Shape::Array(items)) => one_of(&items),
            _ => Schema::Any,
        },
        ("array", Some(item)) => {
            Schema::List(Box::new(inner(item).map_or(Schema::Any, |(schema, _)| schema)))
        }
        ("object" | "strictObject" | "looseObject", Some(Shape::Object(entries))) => {
            Schema::Object(properties(entries, &mut inner))
        }
        ("record", _) => Schema::Object(Vec::new()),
        ("optional", Some(of)) => return (inner(of).map_or(Schema::Any, |(schema, _)| schema), true),
        ("nullable", Some(of)) => {
            let (schema, optional) = inner(of).unwrap_or((Schema::Any, false));
            return (Schema::Nullable(Box::new(schema)), optional);
        }
        ("unknown" | "any", _) => return (Schema::Any, true),
        // `z.date()` wants a `Date`, which no body holds; `z.iso.date()` a text.
        ("date", _) => Schema::Any,
        (name, _) => {
            let name = name.strip_prefix("iso.").unwrap_or(name);
            format(name).map_or(Schema::Any, |format| Schema::Text(Some(format)))
        }
    };
    (schema, false)
}

fn one_of(items: &[Shape]) -> Schema {
    let texts = items.iter().map(|item| match item {
        Shape::Text(text) => Some(text.to_string()),
        _ => None,
    });
    texts.collect::<Option<Vec<String>>>().map_or(Schema::Any, Schema::OneOf)
}

fn properties(
    entries: &[(CompactString, Shape)],
    inner: &mut dyn FnMut(&Shape) -> Option<Told>,
) -> Vec<Property> {
    let own = entries.iter().filter(|(name, _)| name != "...");
    own.map(|(name, shape)| {
        // Of what is not understood nobody knows whether it may be left out.
        let (schema, optional) = inner(shape).unwrap_or((Schema::Any, true));
        Property { name: name.to_string(), schema, required: !optional }
    })
    .collect()
}

/// What a method makes of a schema. Conditions on the value say nothing that is told here.
fn changed(
    (schema, optional): Told,
    method: &str,
    call: &Call,
    inner: &mut dyn FnMut(&Shape) -> Option<Told>,
) -> Told {
    let nullable = |schema| Schema::Nullable(Box::new(schema));
    match (method, schema) {
        ("optional" | "default" | "catch" | "prefault", schema) => (schema, true),
        ("nullable", schema) => (nullable(schema), optional),
        ("nullish", schema) => (nullable(schema), true),
        ("array", schema) => (Schema::List(Box::new(schema)), false),
        ("int", Schema::Number(_)) => (Schema::Number(true), optional),
        ("partial", Schema::Object(mut properties)) if call.args.is_empty() => {
            for property in &mut properties {
                property.required = false;
            }
            (Schema::Object(properties), optional)
        }
        ("extend" | "safeExtend", Schema::Object(mut properties)) => {
            if let Some(Shape::Object(entries)) = call.args.first() {
                join(&mut properties, self::properties(entries, inner));
            }
            (Schema::Object(properties), optional)
        }
        ("merge", Schema::Object(mut properties)) => {
            if let Some((Schema::Object(more), _)) = call.args.first().and_then(inner) {
                join(&mut properties, more);
            }
            (Schema::Object(properties), optional)
        }
        (how @ ("pick" | "omit"), Schema::Object(mut properties)) => {
            if let Some(Shape::Object(entries)) = call.args.first() {
                let named = |name: &str| entries.iter().any(|(key, _)| key == name);
                properties.retain(|property| named(&property.name) == (how == "pick"));
            }
            (Schema::Object(properties), optional)
        }
        (name, Schema::Text(None)) => (Schema::Text(format(name)), optional),
        (_, schema) => (schema, optional),
    }
}

/// Properties that come later win.
fn join(properties: &mut Vec<Property>, more: Vec<Property>) {
    properties.retain(|property| more.iter().all(|it| it.name != property.name));
    properties.extend(more);
}

/// The name that JSON Schema has for a format of zod.
fn format(name: &str) -> Option<&'static str> {
    Some(match name {
        "date" => "date",
        "datetime" => "date-time",
        "email" => "email",
        "url" => "uri",
        "uuid" | "guid" => "uuid",
        "ipv4" => "ipv4",
        "ipv6" => "ipv6",
        _ => return None,
    })
}
