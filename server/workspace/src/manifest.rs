//! `package.json`.

use std::collections::{BTreeMap, BTreeSet};

use routewise_analysis::path::FilePath;
use routewise_analysis::text::{LineIndex, Span};
use serde_json::Value;

use crate::config;
use crate::paths::{child, is_file, read_small};
use crate::problem::Problem;

/// What a `package.json` says, as far as anything here asks. A broken one still marks a package.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// `name`.
    pub(crate) name: Option<String>,
    /// `"type": "module"`.
    pub(crate) es_modules: bool,
    /// Wanted range by package name, from all groups; the range of a peer only where no other group has it.
    pub(crate) wanted: BTreeMap<String, String>,
    /// Names that stand under `peerDependencies` only: their range says what is accepted, not what is used.
    pub(crate) peers: BTreeSet<String>,
    /// `scripts`.
    pub(crate) scripts: BTreeMap<String, String>,
    /// Whether it holds other packages (`workspaces`).
    pub(crate) workspaces: bool,
    /// `catalog` and `catalogs` of `workspaces` or of the file itself, as Bun keeps them.
    pub(crate) catalogs: Value,
}

impl Manifest {
    /// Whether `name` is named in any group.
    pub(crate) fn depends_on(&self, name: &str) -> bool {
        self.wanted.contains_key(name)
    }
}

/// The `package.json` of a folder and the configuration inside it.
pub(crate) struct Read {
    pub(crate) manifest: Manifest,
    /// The `routewise` key, and the text its places refer to.
    pub(crate) config: Option<(config::Parsed, String)>,
}

/// Reads the `package.json` of `folder`, where it has one. What is wrong with it goes to `problems`.
pub(crate) fn read(folder: &FilePath, problems: &mut Vec<Problem>) -> Option<Read> {
    let path = child(folder, "package.json");
    if !is_file(&path) {
        return None;
    }
    let broken = Read { manifest: Manifest::default(), config: None };
    let Some(text) = read_small(&path) else {
        problems
            .push(Problem::whole(path, "This file cannot be read as UTF-8 text; save it as UTF-8.").aside());
        return Some(broken);
    };
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => {
            problems.push(json_problem(path, &text, &error).aside());
            return Some(broken);
        }
    };
    if !value.is_object() {
        let message = "Expected an object, as in { \"name\": \"app\" }.";
        problems.push(Problem::at(path, &text, Span::at(0), message).aside());
        return Some(broken);
    }
    let config = value.get("routewise").is_some().then(|| read_config(&text)).flatten();
    Some(Read { manifest: manifest(&value), config: config.map(|parsed| (parsed, text)) })
}

/// A syntax error of strict JSON, at its place.
pub(crate) fn json_problem(path: FilePath, text: &str, error: &serde_json::Error) -> Problem {
    let lines = LineIndex::new(text);
    let line = (error.line().max(1) - 1) as u32;
    let at = lines.line_start(text, line) + (error.column().max(1) - 1) as u32;
    let mut at = at.min(text.len() as u32);
    while !text.is_char_boundary(at as usize) {
        at -= 1;
    }
    let message = error.to_string();
    let reason = message.split(" at line ").next().unwrap_or(&message);
    Problem::at(path, text, Span::at(at), format!("This is not JSON: {reason}. Nothing of the file is used."))
}

fn read_config(text: &str) -> Option<config::Parsed> {
    let parsed = jsonc_parser::parse_to_ast(
        text,
        &jsonc_parser::CollectOptions::default(),
        &jsonc_parser::ParseOptions::default(),
    )
    .ok()?;
    Some(config::parse_object(parsed.value?.as_object()?.get_object("routewise")?))
}

fn manifest(value: &Value) -> Manifest {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut manifest = Manifest {
        name: text(&value["name"]),
        es_modules: value["type"] == "module",
        workspaces: !value["workspaces"].is_null(),
        ..Manifest::default()
    };
    for group in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
        for (name, range) in value[group].as_object().into_iter().flatten() {
            if manifest.wanted.contains_key(name) {
                continue;
            }
            if group == "peerDependencies" {
                manifest.peers.insert(name.clone());
            }
            manifest.wanted.insert(name.clone(), text(range).unwrap_or_default());
        }
    }
    for (name, command) in value["scripts"].as_object().into_iter().flatten() {
        if let Some(command) = command.as_str() {
            manifest.scripts.insert(name.clone(), command.to_owned());
        }
    }
    manifest.catalogs =
        if value["workspaces"].is_object() { value["workspaces"].clone() } else { value.clone() };
    if let Some(object) = manifest.catalogs.as_object_mut() {
        object.retain(|key, _| key == "catalog" || key == "catalogs");
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Fixture;

    fn read_text(text: &[u8]) -> (Option<Read>, Vec<Problem>) {
        let fixture = Fixture::new(&[]);
        fixture.write_bytes("package.json", text);
        let mut problems = Vec::new();
        let read = read(&fixture.root(), &mut problems);
        (read, problems)
    }

    #[test]
    fn a_byte_order_mark_does_not_matter() {
        let (read, problems) = read_text("\u{feff}{\"name\":\"web\",\"type\":\"module\"}".as_bytes());
        assert_eq!(problems, []);
        let manifest = read.unwrap().manifest;
        assert_eq!(manifest.name.as_deref(), Some("web"));
        assert!(manifest.es_modules);
    }

    #[test]
    fn a_broken_file_still_marks_a_package_and_is_reported_at_its_place() {
        let (read, problems) = read_text(b"{\n  \"name\": \"web\",\n}\n");
        assert_eq!(read.unwrap().manifest.name, None);
        assert_eq!((problems[0].line, problems[0].column), (3, 1));
        assert_eq!(problems[0].message, "This is not JSON: trailing comma. Nothing of the file is used.");
    }

    #[test]
    fn shapes_nobody_expects_are_passed_over() {
        for text in ["[]", "null", "3", "\"x\"", ""] {
            assert_eq!(read_text(text.as_bytes()).1.len(), 1, "{text}");
        }
        let odd =
            br#"{"name":1,"dependencies":[],"devDependencies":{"a":null},"scripts":{"start":[1]},"prisma":3,
            "workspaces":{"packages":[]},"routewise":7}"#;
        let (read, problems) = read_text(odd);
        assert_eq!(problems, []);
        let manifest = read.unwrap().manifest;
        assert_eq!(manifest.wanted.len(), 1);
        assert!(manifest.workspaces);
        assert_eq!(read_text(b"\xff\xfe{\0}\0").1.len(), 1);
    }

    #[test]
    fn a_peer_that_is_also_wanted_counts_as_wanted() {
        let (read, _) = read_text(
            br#"{"devDependencies":{"next":"15.1.0"},"peerDependencies":{"next":">=13","react":"*"}}"#,
        );
        let manifest = read.unwrap().manifest;
        assert_eq!(manifest.wanted["next"], "15.1.0");
        assert_eq!(manifest.peers.iter().collect::<Vec<_>>(), ["react"]);
    }
}
