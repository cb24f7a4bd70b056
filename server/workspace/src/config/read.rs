//! Reading a configuration with the place of everything that is wrong in it.

use std::collections::BTreeMap;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions};
use routewise_analysis::decision::Need;
use routewise_analysis::text::Span;

use super::{Config, Level};
use crate::problem::meant;
use crate::target;

/// Every key there is.
pub(crate) const KEYS: [&str; 9] =
    ["$schema", "target", "plan", "rules", "auth", "needs", "include", "exclude", "root"];

/// Something that is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    /// The offending bytes.
    pub(crate) span: Span,
    /// What is wrong and what to write instead.
    pub(crate) message: String,
}

/// A key of `rules`, kept to be checked when the rules are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RuleKey {
    /// The id or family.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) span: Span,
}

/// A configuration as far as it could be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parsed {
    /// What could be read.
    pub(crate) config: Config,
    /// What could not.
    pub(crate) issues: Vec<Issue>,
    /// The keys of `rules`.
    pub(crate) rule_keys: Vec<RuleKey>,
}

/// JSON with comments and trailing commas, and none of the other liberties the parser knows.
pub(crate) fn jsonc() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Reads the text of a configuration file.
pub(crate) fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &jsonc()) {
        Err(error) => parsed.issues.push(Issue {
            span: span(error.range()),
            message: format!("This is not JSON: {}. Nothing of the file is used.", lower(error.kind())),
        }),
        Ok(result) => match result.value {
            None => {}
            Some(Value::Object(object)) => parsed = parse_object(&object),
            Some(other) => parsed.expect(other.range(), "an object, as in {}"),
        },
    }
    parsed
}

/// Reads a configuration that is an object of another file.
pub(crate) fn parse_object(object: &Object<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    for property in &object.properties {
        parsed.property(property);
    }
    parsed
}

impl Parsed {
    fn property(&mut self, property: &ObjectProp<'_>) {
        let value = &property.value;
        match property.name.as_str() {
            "$schema" => self.config.schema = self.string(value),
            "target" => {
                if let Some(target) = self.string(value) {
                    match target::check_name(&target) {
                        Ok(()) => self.config.target = Some(target),
                        Err(message) => self.issue(value.range(), message),
                    }
                }
            }
            "plan" => {
                if let Some(plan) = self.string(value) {
                    match target::check_plan(&plan) {
                        Ok(()) => self.config.plan = Some(plan),
                        Err(message) => self.issue(value.range(), message),
                    }
                }
            }
            "rules" => self.rules(value),
            "needs" => self.needs(value),
            "auth" => self.config.auth = self.strings(value).unwrap_or_default(),
            "include" => self.config.include = self.strings(value),
            "exclude" => self.config.exclude = self.strings(value).unwrap_or_default(),
            "root" => match value.as_boolean_lit() {
                Some(literal) => self.config.root = Some(literal.value),
                None => self.expect(value.range(), "true or false"),
            },
            unknown => {
                let remedy = match meant(unknown, KEYS) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("there are {}.", list(KEYS)),
                };
                self.issue(property.name.range(), format!("Unknown key `{unknown}`: {remedy}"));
            }
        }
    }

    fn rules(&mut self, value: &Value<'_>) {
        let Some(object) = value.as_object() else {
            return self.expect(value.range(), "an object from rule to severity");
        };
        let mut rules = BTreeMap::new();
        for property in &object.properties {
            let name = property.name.as_str().to_owned();
            let words = || Level::WORDS.map(|(word, _)| word);
            let Some(word) = property.value.as_string_lit() else {
                self.expect(property.value.range(), &format!("one of {}", list(words())));
                continue;
            };
            if let Some((_, level)) = Level::WORDS.iter().find(|(known, _)| *known == word.value) {
                self.rule_keys.push(RuleKey { name: name.clone(), span: span(property.name.range()) });
                rules.insert(name, *level);
                continue;
            }
            let remedy = match synonym(&word.value).or_else(|| meant(&word.value, words())) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("there are {}.", list(words())),
            };
            self.issue(word.range(), format!("Unknown severity `{}`: {remedy}", word.value));
        }
        self.config.rules = rules;
    }

    fn needs(&mut self, value: &Value<'_>) {
        let Some(object) = value.as_object() else {
            return self.expect(value.range(), "an object from need to true or false");
        };
        for property in &object.properties {
            let name = property.name.as_str();
            if Need::named(name).is_none() {
                let known = || Need::ALL.map(Need::name);
                let remedy = match meant(name, known()) {
                    Some(known) => format!("did you mean `{known}`?"),
                    None => format!("there are {}.", list(known())),
                };
                self.issue(property.name.range(), format!("Unknown need `{name}`: {remedy}"));
                continue;
            }
            match property.value.as_boolean_lit() {
                Some(literal) => {
                    self.config.needs.insert(name.to_owned(), literal.value);
                }
                None => self.expect(property.value.range(), "true or false"),
            }
        }
    }

    fn string(&mut self, value: &Value<'_>) -> Option<String> {
        let Some(literal) = value.as_string_lit() else {
            self.expect(value.range(), "a string");
            return None;
        };
        Some(literal.value.to_string())
    }

    fn strings(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        let Some(array) = value.as_array() else {
            self.expect(value.range(), "an array of globs");
            return None;
        };
        let mut out = Vec::new();
        for element in &array.elements {
            let Some(glob) = self.string(element) else { continue };
            match crate::globs::check(&glob) {
                Ok(()) => out.push(glob),
                Err(message) => self.issue(element.range(), message),
            }
        }
        Some(out)
    }

    fn expect(&mut self, range: Range, what: &str) {
        self.issue(range, format!("Expected {what}."));
    }

    fn issue(&mut self, range: Range, message: String) {
        self.issues.push(Issue { span: span(range), message });
    }
}

/// Words that other linters use for a severity.
fn synonym(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "warn" => Some("warning"),
        "info" | "note" => Some("information"),
        "err" | "deny" | "on" => Some("error"),
        "none" | "ignore" | "allow" | "disable" | "disabled" => Some("off"),
        _ => None,
    }
}

fn span(range: Range) -> Span {
    Span::new(range.start as u32, range.end as u32)
}

fn list<const N: usize>(words: [&str; N]) -> String {
    words.map(|word| format!("`{word}`")).join(", ")
}

fn lower(kind: &impl ToString) -> String {
    let text = kind.to_string();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issues(text: &str) -> Vec<(&str, String)> {
        parse(text).issues.into_iter().map(|issue| (issue.span.of(text), issue.message)).collect()
    }

    #[test]
    fn every_key_is_read_through_comments_and_trailing_commas() {
        let parsed = parse(
            r#"{
                // where we run
                "$schema": "./node_modules/routewise/configuration_schema.json",
                "target": "fly",
                "plan": "pro",
                "rules": { "clients": "off", "state/module-counter": "error", },
                "include": ["src/**"],
                "exclude": ["*.test.ts"], /* tests */
                "needs": { "separateTeams": true, "websockets": false },
                "root": true,
            }"#,
        );
        assert_eq!(parsed.issues, []);
        assert_eq!(parsed.config.target.as_deref(), Some("fly"));
        assert_eq!(parsed.config.plan.as_deref(), Some("pro"));
        assert_eq!(parsed.config.rules["clients"], Level::Off);
        assert_eq!(parsed.config.rules["state/module-counter"], Level::Error);
        assert_eq!(parsed.config.include, Some(vec!["src/**".to_owned()]));
        assert_eq!(parsed.config.exclude, ["*.test.ts"]);
        assert_eq!(parsed.config.root, Some(true));
        assert_eq!(parsed.config.needs.get("separateTeams"), Some(&true));
        assert_eq!(parsed.config.needs.get("websockets"), Some(&false));
        assert_eq!(parsed.rule_keys.len(), 2);
    }

    #[test]
    fn everything_wrong_is_named_at_its_place_with_its_remedy_and_the_rest_is_used() {
        let text = r#"{ "taregt": "x", "target": "vercell", "rules": { "a": "warn", "b": 1, "c": "hint" },
                       "exclude": [3, "a/{b"], "root": "yes", "plan": "hoby",
                       "needs": { "websocket": true, "separateTeams": 1 } }"#;
        assert_eq!(
            issues(text),
            [
                ("\"taregt\"", "Unknown key `taregt`: did you mean `target`?".to_owned()),
                ("\"vercell\"", "Unknown target `vercell`: did you mean `vercel`?".to_owned()),
                ("\"warn\"", "Unknown severity `warn`: did you mean `warning`?".to_owned()),
                (
                    "1",
                    "Expected one of `off`, `hint`, `information`, `warning`, `error`.".to_owned()
                ),
                ("3", "Expected a string.".to_owned()),
                (
                    "\"a/{b\"",
                    "`a/{b` is not a glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)."
                        .to_owned()
                ),
                ("\"yes\"", "Expected true or false.".to_owned()),
                ("\"hoby\"", "Unknown plan `hoby`: did you mean `hobby`?".to_owned()),
                ("\"websocket\"", "Unknown need `websocket`: did you mean `websockets`?".to_owned()),
                ("1", "Expected true or false.".to_owned()),
            ]
        );
        assert_eq!(parse(text).config.rules["c"], Level::Hint);
    }

    #[test]
    fn text_that_is_no_json_is_one_problem_at_its_place() {
        assert_eq!(issues("{ \"target\": }").len(), 1);
        assert_eq!(issues("{ 'target': \"fly\" }").len(), 1);
        assert_eq!(issues("[]"), [("[]", "Expected an object, as in {}.".to_owned())]);
        assert_eq!(issues(""), []);
        let deep = "[".repeat(100_000);
        assert_eq!(issues(&deep).len(), 1);
    }
}
