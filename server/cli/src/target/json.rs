//! JSON. What is there stays under `schemaVersion` 1; more may be added.

use std::io::{self, Write};

use routewise_analysis::package::{Evidence, Seconds};
use routewise_analysis::path::FilePath;
use serde_json::{Value, json};

use super::{Route, Told};
use crate::report::relative;

/// Prints every package.
pub(super) fn print(told: &[Told], folder: &FilePath, out: &mut dyn Write) -> io::Result<()> {
    let packages: Vec<Value> = told.iter().map(|told| package(told, folder)).collect();
    serde_json::to_writer_pretty(&mut *out, &json!({ "schemaVersion": 1, "packages": packages }))?;
    writeln!(out)
}

fn package(told: &Told, folder: &FilePath) -> Value {
    let package = &told.package;
    let seen = |evidence: &Evidence| {
        json!({
            "text": evidence.text,
            "path": evidence.path.as_ref().map(|path| relative(folder, path)),
        })
    };
    let also: Vec<Value> = package
        .target
        .also
        .iter()
        .map(|(id, evidence)| json!({ "target": id, "evidence": seen(evidence) }))
        .collect();
    let mut capabilities = json!(told.info.capabilities);
    // The rows that can apply, not all there are.
    capabilities["duration"] = json!(told.limits);
    json!({
        "path": told.path,
        "name": package.name,
        "target": told.info.id,
        "targetName": told.info.name,
        "kind": told.info.kind,
        "note": told.info.note,
        "evidence": package.target.evidence.iter().map(seen).collect::<Vec<_>>(),
        "also": also,
        "plan": package.plan,
        "fluid": package.vercel.as_ref().and_then(|vercel| vercel.fluid),
        "instances": package.instances.as_ref().map(|(instances, evidence)| {
            json!({ "value": instances, "evidence": seen(evidence) })
        }),
        "streaming": package.streaming.as_ref().map(|(streams, evidence)| {
            json!({ "value": streams, "evidence": seen(evidence) })
        }),
        "limits": capabilities,
        "more": told.info.more,
        "routes": told.routes.iter().map(route).collect::<Vec<_>>(),
    })
}

fn route(route: &Route) -> Value {
    let too_small: Vec<Value> =
        route.too_small.iter().map(|(plan, max)| json!({ "plan": plan, "max": max })).collect();
    json!({
        "route": route.url,
        "path": route.path,
        "maxDuration": match route.seconds {
            Seconds::At(seconds) => json!(seconds),
            Seconds::Max => json!("max"),
        },
        "from": route.from,
        "heeded": route.heeded,
        "most": route.refused,
        "tooSmall": too_small,
    })
}
