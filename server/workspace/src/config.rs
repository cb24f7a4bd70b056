//! The configuration: `routewise.json`, `routewise.jsonc`, `"routewise"` in `package.json`, and the same
//! keys from an editor's settings.

use std::collections::BTreeMap;

use routewise_analysis::decision::Need;
use routewise_analysis::finding::Severity;
use routewise_analysis::rules::Catalogue;
use routewise_analysis::tables::Targets;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::target;

mod read;

pub(crate) use read::{Parsed, RuleKey, jsonc, parse, parse_object};

/// What a user may set. Every key is optional. A key that a nearer file sets wins over one further up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The schema of this file, for editors; ignored otherwise.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Where the project runs, such as `vercel` or `docker`. Detected from the project's files where it is
    /// not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The plan with the host, such as `hobby` or `pro`: which of its limits apply. Left out, what all plans
    /// have in common is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// How much each rule matters: a rule's id, or the name of a family such as `clients`, and a severity.
    /// A rule's own id wins over its family.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Level>,
    /// Functions of the project that check who asks, for the rules about handlers that nobody guards: a name such
    /// as `requireUser`, or a module and a name as they are imported: `@/lib/auth#guard`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auth: Vec<String>,
    /// What the project needs where its code does not show it, for the decision between Next.js and a persistent
    /// process: `{ "separateTeams": true }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub needs: BTreeMap<String, bool>,
    /// Which files are looked at: globs seen from the folder of this file. A pattern without `/` matches at
    /// any depth, and one that names a folder means everything in it. Default: every source file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<String>>,
    /// Which files are left out, beside those that `.gitignore` names: globs as in `include`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Whether this is the topmost configuration: files in the folders above are not read for what is below
    /// this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<bool>,
}

/// How much a rule matters, as a configuration says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Says nothing.
    Off,
    /// Worth a thought; editors show it faintly.
    Hint,
    /// Good to know.
    Information,
    /// Goes wrong under load, on some hosts, or in a case that will come.
    Warning,
    /// Goes wrong.
    Error,
}

impl Level {
    /// Every level by the word for it.
    pub const WORDS: [(&'static str, Level); 5] = [
        ("off", Level::Off),
        ("hint", Level::Hint),
        ("information", Level::Information),
        ("warning", Level::Warning),
        ("error", Level::Error),
    ];

    /// The severity, `None` for off.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Hint => Some(Severity::Hint),
            Level::Information => Some(Severity::Information),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }
}

impl Config {
    /// Reads an editor's settings: the same keys; keys that are none of ours (`trace`, `server`, `enable`)
    /// and keys without a value are passed over. The second part says what could not be used.
    pub fn from_settings(settings: &Value) -> (Config, Vec<String>) {
        let Value::Object(given) = settings else {
            return (Config::default(), Vec::new());
        };
        let ours: serde_json::Map<String, Value> = given
            .iter()
            .filter(|(key, value)| read::KEYS.contains(&key.as_str()) && !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let parsed = parse(&Value::Object(ours).to_string());
        (parsed.config, parsed.issues.into_iter().map(|issue| issue.message).collect())
    }
}

/// The JSON schema of a configuration file, with the built-in rules named for completion.
pub fn schema() -> Value {
    let root = SchemaSettings::draft07().into_generator().into_root_schema_for::<Config>();
    let mut schema = root.to_value();
    schema["title"] = json!("Routewise configuration");
    schema["allowComments"] = json!(true);
    schema["allowTrailingCommas"] = json!(true);
    schema["properties"]["target"]["enum"] = target::known().map(|id| json!(id)).collect();
    schema["properties"]["plan"]["enum"] =
        Targets::builtin().plans().into_iter().map(|plan| json!(plan)).collect();
    let needs = Need::ALL.into_iter();
    schema["properties"]["needs"]["properties"] = needs
        .map(|need| (need.name().to_owned(), json!({ "type": "boolean", "description": need.title() })))
        .collect::<serde_json::Map<String, Value>>()
        .into();
    schema["properties"]["needs"]["additionalProperties"] = json!(false);
    // A key without a value is left out in a file, not written as `null`.
    for property in schema["properties"].as_object_mut().into_iter().flatten().map(|(_, property)| property) {
        if let Some([kind, _]) = property["type"].as_array().map(Vec::as_slice) {
            property["type"] = kind.clone();
        }
    }
    let level = schema["properties"]["rules"]["additionalProperties"].clone();
    let mut rules = serde_json::Map::new();
    for rule in Catalogue::builtin().rules() {
        if let Some((family, _)) = rule.id.split_once('/') {
            rules.entry(family).or_insert_with(|| level.clone());
        }
        rules.insert(rule.id.to_string(), json!({ "description": rule.title, "allOf": [level.clone()] }));
    }
    schema["properties"]["rules"]["properties"] = Value::Object(rules);
    schema
}
