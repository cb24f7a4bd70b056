//! The settings of the extension for VS Code that are keys of the configuration: made from its schema, so that
//! an editor's settings and `routewise.json` cannot differ.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// The title of the section of `contributes.configuration` that is made here. The settings of the extension
/// itself, such as the path of the server, stand in another one.
const SECTION: &str = "Project";

/// Keys that make sense in a file only.
const OF_FILES: [&str; 3] = ["$schema", "needs", "root"];

/// `package.json` of the extension with that section renewed.
pub(super) fn filled(package: &str, schema: &Value) -> Result<String> {
    let mut package: Value = serde_json::from_str(package).context("reading package.json")?;
    let sections = package["contributes"]["configuration"].as_array_mut();
    let section = sections
        .and_then(|sections| sections.iter_mut().find(|section| section["title"] == SECTION))
        .with_context(|| format!("package.json needs a section of settings with the title {SECTION}"))?;
    section["properties"] = Value::Object(settings(schema));
    let mut text = serde_json::to_string_pretty(&package)?;
    text.push('\n');
    Ok(text)
}

fn settings(schema: &Value) -> Map<String, Value> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .filter(|(key, _)| !OF_FILES.contains(&key.as_str()))
        .map(|(key, property)| (format!("routewise.{key}"), setting(property, schema)))
        .collect()
}

/// One key. Left alone it is `null`, or an empty object: then the files of the project have their say.
fn setting(property: &Value, schema: &Value) -> Value {
    let mut setting = Map::new();
    let object = property["type"] == "object";
    setting
        .insert("type".to_owned(), if object { json!("object") } else { json!([property["type"], "null"]) });
    if let Some(words) = property["enum"].as_array() {
        let words = [Value::Null].into_iter().chain(words.iter().cloned()).collect();
        setting.insert("enum".to_owned(), words);
    }
    if let Some(items) = property.get("items") {
        setting.insert("items".to_owned(), items.clone());
    }
    if object {
        // What holds for every name is said once, and the names that are known are named.
        let names: Map<String, Value> = property["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, known)| {
                let description = known.get("description").cloned();
                (name.clone(), description.map_or_else(|| json!({}), |text| json!({ "description": text })))
            })
            .collect();
        setting.insert("properties".to_owned(), Value::Object(names));
        let each = words(&property["additionalProperties"], schema);
        setting.insert("patternProperties".to_owned(), json!({ ".*": each }));
    }
    let description = property["description"].as_str().unwrap_or_default().replace('\n', " ");
    setting.insert("markdownDescription".to_owned(), json!(description));
    setting.insert("scope".to_owned(), json!("resource"));
    setting.insert("default".to_owned(), if object { json!({}) } else { Value::Null });
    Value::Object(setting)
}

/// A definition that lists words, in the form that VS Code offers them from. It knows no references here.
fn words(part: &Value, schema: &Value) -> Value {
    let named = part["$ref"].as_str().and_then(|name| schema.pointer(name.trim_start_matches('#')));
    let words = named.unwrap_or(part)["oneOf"].as_array().cloned().unwrap_or_default();
    let each = |key: &str| words.iter().map(|word| word[key].clone()).collect::<Vec<_>>();
    json!({ "type": "string", "enum": each("const"), "enumDescriptions": each("description") })
}

#[test]
fn a_key_of_the_configuration_becomes_a_setting_that_is_silent_until_it_is_set() {
    let schema = json!({
        "properties": {
            "$schema": { "type": "string" },
            "target": { "type": "string", "description": "Where it\nruns.", "enum": ["vercel"] },
            "rules": {
                "type": "object",
                "additionalProperties": { "$ref": "#/definitions/Level" },
                "properties": { "a/b": { "description": "B", "allOf": [{ "$ref": "#/definitions/Level" }] } }
            }
        },
        "definitions": { "Level": { "oneOf": [{ "const": "off", "description": "Nothing." }] } }
    });
    let package = r#"{"contributes":{"configuration":[{"title":"Project","properties":{"old":1}}]}}"#;
    let filled = filled(package, &schema).unwrap();
    let package: Value = serde_json::from_str(&filled).unwrap();
    assert_eq!(
        package["contributes"]["configuration"][0]["properties"],
        json!({
            "routewise.target": {
                "type": ["string", "null"], "enum": [null, "vercel"], "markdownDescription": "Where it runs.",
                "scope": "resource", "default": null
            },
            "routewise.rules": {
                "type": "object",
                "properties": { "a/b": { "description": "B" } },
                "patternProperties": {
                    ".*": { "type": "string", "enum": ["off"], "enumDescriptions": ["Nothing."] }
                },
                "markdownDescription": "", "scope": "resource", "default": {}
            }
        })
    );
}
