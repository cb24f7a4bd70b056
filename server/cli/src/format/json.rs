//! JSON. The shape is a promise: what is there stays under `schemaVersion` 1, more may be added.

use std::io::{self, Write};

use routewise_analysis::finding::{Edit, Fix, Safety, Severity};
use serde::Serialize;

use crate::report::{Item, Range, Report, Summary};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'r> {
    schema_version: u32,
    findings: Vec<FindingOut<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct FindingOut<'r> {
    rule: &'r str,
    severity: Severity,
    path: String,
    range: Range,
    message: &'r str,
    related: Vec<RelatedOut<'r>>,
    fixes: Vec<FixOut<'r>>,
}

#[derive(Serialize)]
struct RelatedOut<'r> {
    path: String,
    range: Range,
    message: &'r str,
}

#[derive(Serialize)]
struct FixOut<'r> {
    title: &'r str,
    safety: Safety,
    edits: Vec<EditOut<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EditOut<'r> {
    path: String,
    range: Range,
    new_text: &'r str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    create: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rename: Option<String>,
}

/// Prints a report.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.items.iter().map(|item| finding(report, item)).collect();
    let output = Output { schema_version: 1, findings, summary: report.summary() };
    serde_json::to_writer(&mut *out, &output)?;
    writeln!(out)
}

fn finding<'r>(report: &'r Report, item: &'r Item) -> FindingOut<'r> {
    let finding = &item.finding;
    let related = finding.related.iter().map(|related| RelatedOut {
        path: report.display(&related.path),
        range: report.range(&related.path, related.span),
        message: &related.message,
    });
    FindingOut {
        rule: &finding.rule,
        severity: finding.severity,
        path: report.display(&finding.path),
        range: report.range(&finding.path, finding.span),
        message: &finding.message,
        related: related.collect(),
        fixes: item.fixes.iter().map(|fix| fix_out(report, fix)).collect(),
    }
}

fn fix_out<'r>(report: &'r Report, fix: &'r Fix) -> FixOut<'r> {
    let edit = |edit: &'r Edit| EditOut {
        path: report.display(&edit.path),
        range: report.range(&edit.path, edit.span),
        new_text: &edit.new_text,
        create: edit.create,
        rename: edit.rename.as_ref().map(|to| report.display(to)),
    };
    FixOut { title: &fix.title, safety: fix.safety, edits: fix.edits.iter().map(edit).collect() }
}

#[cfg(test)]
mod tests {
    use crate::format::sample;

    #[test]
    fn the_shape_is_exact() {
        let range = r#""range":{"start":{"line":2,"column":13,"offset":63},"end":{"line":2,"column":31,"offset":81}}"#;
        let expected = format!(
            concat!(
                r#"{{"schemaVersion":1,"findings":[{{"rule":"clients/prisma-client-per-request","severity":"error","#,
                r#""path":"app/api/[id]/route.ts",{range},"#,
                r#""message":"A new client for each request.\n100% sure: move it, now.","#,
                r#""related":[{{"path":"lib/db.ts","range":{{"start":{{"line":1,"column":8,"offset":7}},"#,
                r#""end":{{"line":1,"column":10,"offset":9}}}},"message":"called here"}}],"#,
                r#""fixes":[{{"title":"Move the client out","safety":"safe","edits":[{{"path":"app/api/[id]/route.ts","#,
                r#"{range},"newText":"client()"}}]}},"#,
                r#"{{"title":"Make lib/prisma.ts","safety":"unsafe","edits":[{{"path":"app/api/[id]/route.ts","#,
                r#"{range},"newText":"prisma"}},{{"path":"lib/prisma.ts","range":{{"start":{{"line":1,"column":1,"offset":0}},"#,
                r#""end":{{"line":1,"column":1,"offset":0}}}},"newText":"export {{}}\n","create":true}}]}}]}}],"#,
                r#""summary":{{"files":41,"errors":1,"warnings":0,"information":0,"hints":0,"fixable":1}}}}"#,
                "\n"
            ),
            range = range
        );
        assert_eq!(sample::printed(super::print), expected);
    }
}
