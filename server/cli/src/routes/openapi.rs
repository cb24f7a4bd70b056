//! A skeleton of an `OpenAPI` 3.1 description: paths, methods, the parameters of paths, and the bodies that handlers
//! hold against a schema.

use std::io::Write;

use routewise_analysis::endpoints::{Endpoint, Schema};
use serde_json::{Map, Value, json};

use super::Listed;

/// Methods that `OpenAPI` has a place for.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Prints one description. A URL that is not known in full is left out, and said so.
pub(super) fn print(listed: &Listed<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut paths = Map::new();
    let mut left_out = Vec::new();
    for route in listed.listing.routes.iter().filter(|route| !route.metadata) {
        let Some((path, parameters)) = path(&route.url).filter(|_| route.url_known) else {
            left_out.push(route.url.clone());
            continue;
        };
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if !parameters.is_empty() {
            item["parameters"] = parameters.iter().map(|name| parameter(name)).collect();
        }
        operations(listed, route, item);
    }
    let name = listed.listing.routes.iter().find_map(|route| route.package.name.clone());
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": { "title": name.unwrap_or_else(|| "Routes".to_owned()), "version": "0.0.0" },
        "paths": paths,
    });
    if !left_out.is_empty() {
        left_out.sort();
        left_out.dedup();
        whole["x-left-out"] = json!(left_out);
    }
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)?;
    Ok(())
}

/// What a route adds to a path.
fn operations(listed: &Listed<'_>, route: &Endpoint, item: &mut Value) {
    let any = route.methods.is_empty() || route.methods.iter().any(|method| method == "ALL");
    let methods: Vec<String> = if any {
        item["description"] =
            json!("The handler looks at the method itself; GET and POST stand for all of them.");
        vec!["get".to_owned(), "post".to_owned()]
    } else {
        route.methods.iter().map(|method| method.to_lowercase()).collect()
    };
    for method in methods.iter().filter(|method| METHODS.contains(&method.as_str())) {
        if item.get(method).is_some() {
            continue;
        }
        let mut operation = json!({
            "tags": [listed.package(route.package.root.as_ref())],
            "x-source": listed.place(route),
            "responses": { "default": { "description": "What the handler answers." } },
        });
        if let Some(schema) = body(route, method) {
            let content = json!({ "application/json": { "schema": described(schema) } });
            operation["requestBody"] = json!({ "required": true, "content": content });
        } else if matches!(method.as_str(), "post" | "put" | "patch") {
            operation["requestBody"] = json!({ "content": { "application/json": { "schema": {} } } });
        }
        item[method.as_str()] = operation;
    }
}

/// The schema of the body that a method takes. One that the handler checks itself goes with what has a body.
fn body<'r>(route: &'r Endpoint, method: &str) -> Option<&'r Schema> {
    let takes = |of: Option<&str>| match of {
        Some("ALL") | None => method != "get",
        Some(of) => of.eq_ignore_ascii_case(method),
    };
    route.handlers.iter().find(|handler| takes(handler.method.as_deref()))?.body.as_ref()
}

/// A schema in the words of JSON Schema.
fn described(schema: &Schema) -> Value {
    match schema {
        Schema::Any => json!({}),
        Schema::Text(None) => json!({ "type": "string" }),
        Schema::Text(Some(format)) => json!({ "type": "string", "format": format }),
        Schema::Number(whole) => json!({ "type": if *whole { "integer" } else { "number" } }),
        Schema::Bool => json!({ "type": "boolean" }),
        Schema::OneOf(texts) => json!({ "type": "string", "enum": texts }),
        Schema::List(items) => json!({ "type": "array", "items": described(items) }),
        Schema::Nullable(inner) => json!({ "anyOf": [described(inner), { "type": "null" }] }),
        Schema::Object(properties) => {
            let named = properties.iter().map(|it| (it.name.clone(), described(&it.schema)));
            let mut object = json!({ "type": "object", "properties": named.collect::<Map<_, _>>() });
            let required: Vec<&str> =
                properties.iter().filter(|it| it.required).map(|it| it.name.as_str()).collect();
            if !required.is_empty() {
                object["required"] = json!(required);
            }
            object
        }
    }
}

fn parameter(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}

/// `/users/{id}` and the names in it; `None` for what `OpenAPI` cannot say.
fn path(url: &str) -> Option<(String, Vec<String>)> {
    let mut out = String::new();
    let mut names = Vec::new();
    for segment in url.split('/').filter(|segment| !segment.is_empty()) {
        let bare = segment.trim_matches(['{', '}', '[', ']']).trim_start_matches("...");
        let name = match segment {
            it if it.starts_with('[') && it.ends_with(']') => Some(bare),
            it if it.starts_with(':') => Some(&it[1..]),
            it if it.trim_start_matches('{').starts_with('*') => {
                Some(bare.trim_start_matches('*')).map(|name| if name.is_empty() { "rest" } else { name })
            }
            _ => None,
        };
        out.push('/');
        match name {
            Some(name) if name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) => {
                out.extend(["{", name, "}"]);
                names.push(name.to_owned());
            }
            Some(_) => return None,
            None if segment.contains(['(', ')', ':', '*', '?', '+', '…', '[', ']', '{', '}']) => {
                return None;
            }
            None => out.push_str(segment),
        }
    }
    if out.is_empty() {
        out.push('/');
    }
    Some((out, names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_written_as_openapi_writes_them() {
        for (url, expected) in [
            ("/", Some("/")),
            ("/api/users/[id]", Some("/api/users/{id}")),
            ("/api/[[...all]]", Some("/api/{all}")),
            ("/users/:id/*rest", Some("/users/{id}/{rest}")),
            ("/users/:id(\\d+)", None),
            ("/…/users", None),
        ] {
            assert_eq!(path(url).map(|(path, _)| path).as_deref(), expected, "{url}");
        }
    }
}
