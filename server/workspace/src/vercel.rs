//! What a configuration of Vercel says.

use routewise_analysis::package::{Seconds, Vercel, VercelCron, VercelFunction};
use routewise_analysis::path::FilePath;
use serde_json::{Map, Value};

use crate::folders::Folder;
use crate::literal::{Literal, exported, exported_as};
use crate::paths::{child, is_file, read_small};

/// The names Vercel looks for; it accepts one of them.
const NAMES: [&str; 7] =
    ["vercel.json", "vercel.toml", "vercel.ts", "vercel.mts", "vercel.js", "vercel.mjs", "vercel.cjs"];

/// The nearest configuration, in a folder or above it.
pub(crate) fn read(folder: &Folder) -> Option<Vercel> {
    let path =
        folder.chain().find_map(|folder| NAMES.iter().map(|name| child(&folder.path, name)).find(is_file))?;
    let value = value(&path, &read_small(&path)?);
    let functions = value["functions"].as_object().into_iter().flatten();
    let crons = value["crons"].as_array().into_iter().flatten();
    Some(Vercel {
        fluid: value["fluid"].as_bool(),
        functions: functions
            .map(|(glob, options)| VercelFunction {
                glob: glob.clone().into(),
                max_duration: seconds(&options["maxDuration"]),
            })
            .collect(),
        crons: crons
            .filter_map(|cron| {
                let text = |key: &str| cron[key].as_str().map(str::to_owned);
                Some(VercelCron { path: text("path")?, schedule: text("schedule")? })
            })
            .collect(),
        path,
    })
}

fn seconds(value: &Value) -> Option<Seconds> {
    if value == "max" {
        return Some(Seconds::Max);
    }
    value.as_u64().map(Seconds::At)
}

/// The literal parts of the file; null where it cannot be read.
fn value(path: &FilePath, text: &str) -> Value {
    match path.extension() {
        "json" => jsonc_parser::parse_to_serde_value::<Value>(text, &jsonc_parser::ParseOptions::default())
            .unwrap_or_default(),
        "toml" => toml::from_str::<Value>(text).unwrap_or_default(),
        _ => {
            let named = exported_as(path, text, "config");
            json(if named == Literal::Other { exported(path, text) } else { named })
        }
    }
}

fn json(literal: Literal) -> Value {
    match literal {
        Literal::String(text) => Value::String(text),
        Literal::Number(number) => number.replace('_', "").parse::<u64>().map_or(Value::Null, Value::from),
        Literal::Bool(value) => Value::Bool(value),
        Literal::Array(elements) => Value::Array(elements.into_iter().map(json).collect()),
        Literal::Object { properties, .. } => Value::Object(
            properties.into_iter().map(|(name, value)| (name, json(value))).collect::<Map<_, _>>(),
        ),
        Literal::Function(_) | Literal::Other => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Fixture;

    fn vercel(name: &str, text: &str) -> Vercel {
        let fixture = Fixture::new(&[("package.json", "{}"), (name, text), ("apps/web/package.json", "{}")]);
        let package = fixture.open().package_of(&fixture.path("apps/web/x.ts"));
        let vercel = package.vercel.clone().unwrap();
        assert_eq!(vercel.path, fixture.path(name));
        vercel
    }

    #[test]
    fn every_spelling_says_the_same() {
        for (name, text) in [
            (
                "vercel.json",
                r#"{ "fluid": false, // off
                    "functions": { "app/api/**": { "maxDuration": 60 }, "a.ts": { "maxDuration": "max" }, "b.ts": {} },
                    "crons": [{ "path": "/api/x", "schedule": "0 5 * * *" }] }"#,
            ),
            (
                "vercel.toml",
                "fluid = false\n[functions.\"app/api/**\"]\nmaxDuration = 60\n[functions.\"a.ts\"]\n\
                 maxDuration = \"max\"\n[functions.\"b.ts\"]\n[[crons]]\npath = \"/api/x\"\nschedule = \"0 5 * * *\"\n",
            ),
            (
                "vercel.ts",
                "import type { VercelConfig } from '@vercel/config/v1';\nexport const config: VercelConfig = {\n\
                 fluid: false, functions: { 'app/api/**': { maxDuration: 60 }, 'a.ts': { maxDuration: 'max' },\n\
                 'b.ts': {} }, crons: [{ path: '/api/x', schedule: '0 5 * * *' }] };",
            ),
        ] {
            let vercel = vercel(name, text);
            assert_eq!(vercel.fluid, Some(false), "{name}");
            let mut functions: Vec<(&str, Option<Seconds>)> = vercel
                .functions
                .iter()
                .map(|function| (function.glob.as_str(), function.max_duration))
                .collect();
            functions.sort_by_key(|function| function.0);
            assert_eq!(
                functions,
                [("a.ts", Some(Seconds::Max)), ("app/api/**", Some(Seconds::At(60))), ("b.ts", None)],
                "{name}"
            );
            assert_eq!(
                (&*vercel.crons[0].path, &*vercel.crons[0].schedule),
                ("/api/x", "0 5 * * *"),
                "{name}"
            );
        }
    }

    #[test]
    fn what_has_to_be_evaluated_is_not_known() {
        for (name, text) in [
            ("vercel.json", "{ broken"),
            ("vercel.json", r#"{ "functions": [], "crons": {}, "fluid": "yes" }"#),
            ("vercel.ts", "export const config = make();"),
        ] {
            let vercel = vercel(name, text);
            assert_eq!((vercel.fluid, vercel.functions.len(), vercel.crons.len()), (None, 0, 0), "{text}");
        }
    }
}
