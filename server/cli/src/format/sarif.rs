//! SARIF 2.1.0, the format of code-scanning services. Only the parts that Routewise fills are modelled.

use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use routewise_analysis::explain;
use routewise_analysis::finding::{Fix, Severity};
use routewise_analysis::path::FilePath;
use routewise_analysis::rules::Rule;
use routewise_analysis::text::Span;
use serde::Serialize;
use serde_json::json;

use crate::report::{Item, Range, Report};

/// What may not stand in the path of a URI: `[id]` of a dynamic route becomes `%5Bid%5D`.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool<'r>,
    original_uri_base_ids: serde_json::Value,
    column_kind: &'static str,
    results: Vec<Outcome<'r>>,
}

#[derive(Serialize)]
struct Tool<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'r> {
    id: &'r str,
    short_description: Message<'r>,
    full_description: OwnedMessage,
    help: Help<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
}

#[derive(Serialize)]
struct Help<'r> {
    text: String,
    markdown: &'r str,
}

#[derive(Serialize)]
struct Message<'r> {
    text: &'r str,
}

#[derive(Serialize)]
struct OwnedMessage {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'r> {
    rule_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message<'r>,
    locations: [Location<'r>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'r>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixOut<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the format's")]
struct Location<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixOut<'r> {
    description: Message<'r>,
    artifact_changes: Vec<ArtifactChange<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'r> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'r> {
    deleted_region: Region,
    inserted_content: Message<'r>,
}

/// Prints a report.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let rules = report.catalogue.rules();
    let mut seen = BTreeMap::new();
    let results = report.items.iter().map(|item| outcome(report, item, &mut seen)).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "Routewise",
                    version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: rules.iter().map(descriptor).collect(),
                },
            },
            original_uri_base_ids: json!({
                "%SRCROOT%": { "description": { "text": "The folder in which routewise was started." } }
            }),
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn descriptor(rule: &Rule) -> Descriptor<'_> {
    let text = explain::plain(&rule.explanation);
    Descriptor {
        id: &rule.id,
        short_description: Message { text: &rule.title },
        full_description: OwnedMessage { text: text.clone() },
        help: Help { text, markdown: &rule.explanation },
        help_uri: crate::rules::url(rule),
    }
}

/// `seen` counts equal findings, so that each gets a fingerprint of its own.
fn outcome<'r>(report: &'r Report, item: &'r Item, seen: &mut BTreeMap<u64, u32>) -> Outcome<'r> {
    let finding = &item.finding;
    let code = report.documents.get(&finding.path).map_or("", |document| finding.span.of(document.text()));
    let mut hash = Fingerprint::default();
    hash.add(&finding.rule);
    hash.add(&report.display(&finding.path));
    code.split_whitespace().for_each(|word| hash.add(word));
    let nth = seen.entry(hash.0).and_modify(|nth| *nth += 1).or_insert(0);
    let fingerprint = format!("{:016x}:{nth}", hash.0);
    let related = finding.related.iter().enumerate().map(|(index, related)| Location {
        id: Some(index + 1),
        message: Some(Message { text: &related.message }),
        ..location(report, &related.path, related.span)
    });
    let rules = report.catalogue.rules();
    Outcome {
        rule_id: &finding.rule,
        rule_index: rules.iter().position(|rule| rule.id == finding.rule),
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information | Severity::Hint => "note",
        },
        message: Message { text: &finding.message },
        locations: [location(report, &finding.path, finding.span)],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([("routewise/v1", fingerprint)]),
        // The format has no word for a file that is still to be made, or that moves.
        fixes: item
            .fixes
            .iter()
            .filter(|fix| !fix.edits.iter().any(|edit| edit.target().is_some()))
            .map(|fix| fix_out(report, fix))
            .collect(),
    }
}

fn fix_out<'r>(report: &'r Report, fix: &'r Fix) -> FixOut<'r> {
    let mut changes: BTreeMap<&FilePath, Vec<Replacement<'r>>> = BTreeMap::new();
    for edit in &fix.edits {
        changes.entry(&edit.path).or_default().push(Replacement {
            deleted_region: region(report.range(&edit.path, edit.span)),
            inserted_content: Message { text: &edit.new_text },
        });
    }
    FixOut {
        description: Message { text: &fix.title },
        artifact_changes: changes
            .into_iter()
            .map(|(path, replacements)| ArtifactChange {
                artifact_location: artifact(report, path),
                replacements,
            })
            .collect(),
    }
}

fn location<'r>(report: &Report, path: &FilePath, span: Span) -> Location<'r> {
    let physical_location = PhysicalLocation {
        artifact_location: artifact(report, path),
        region: region(report.range(path, span)),
    };
    Location { id: None, physical_location, message: None }
}

fn artifact(report: &Report, path: &FilePath) -> Artifact {
    let uri = utf8_percent_encode(&report.display(path), PATH).to_string();
    Artifact { uri, uri_base_id: "%SRCROOT%" }
}

fn region(range: Range) -> Region {
    Region {
        start_line: range.start.line,
        start_column: range.start.column,
        end_line: range.end.line,
        end_column: range.end.column,
    }
}

/// FNV-1a: the same on every machine and in every version, which no hasher of the standard library is.
struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::format::sample;

    fn first(report: &Report) -> Value {
        let mut out = Vec::new();
        print(report, &mut out).unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        log["runs"][0]["results"][0].clone()
    }

    #[test]
    fn a_result_names_relative_encoded_files_and_keeps_out_fixes_that_make_files() {
        let result = first(&sample::report());
        assert_eq!(
            result["locations"][0]["physicalLocation"],
            json!({
                "artifactLocation": { "uri": "app/api/%5Bid%5D/route.ts", "uriBaseId": "%SRCROOT%" },
                "region": { "startLine": 2, "startColumn": 13, "endLine": 2, "endColumn": 31 }
            })
        );
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "called here");
        assert_eq!(result["fixes"].as_array().unwrap().len(), 1);
        assert_eq!(
            result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
            "client()"
        );
    }

    #[test]
    fn a_fingerprint_survives_a_move_of_its_line_and_tells_equal_findings_apart() {
        let mut report = sample::report();
        let before = first(&report)["partialFingerprints"].clone();
        let path = report.items[0].finding.path.clone();
        let text = format!("\n\n{}", sample::TEXT);
        let document = routewise_analysis::document::Document::new(path.clone(), 0, text);
        report.documents.insert(path, std::sync::Arc::new(document));
        let span = &mut report.items[0].finding.span;
        *span = span.shift(2);
        assert_eq!(first(&report)["partialFingerprints"], before);
        assert!(before["routewise/v1"].as_str().unwrap().ends_with(":0"));
    }
}
