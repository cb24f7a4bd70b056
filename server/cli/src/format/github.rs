//! Workflow commands of GitHub Actions, which turn into annotations on a pull request.

use std::io::{self, Write};

use routewise_analysis::finding::Severity;

use crate::report::Report;

/// Prints a report.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for item in &report.items {
        let finding = &item.finding;
        let range = report.range(&finding.path, finding.span);
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information | Severity::Hint => "notice",
        };
        writeln!(
            out,
            "::{command} file={},line={},col={},endLine={},endColumn={},title={}::{}",
            property(&report.display(&finding.path)),
            range.start.line,
            range.start.column,
            range.end.line,
            range.end.column,
            property(&finding.rule),
            data(&finding.message),
        )?;
    }
    Ok(())
}

/// The escapes of a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a property, which ends at a comma and a message at two colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::format::sample;

    #[test]
    fn annotations_are_escaped() {
        assert_eq!(
            sample::printed(super::print),
            "::error file=app/api/[id]/route.ts,line=2,col=13,endLine=2,endColumn=31,\
             title=clients/prisma-client-per-request::A new client for each request.%0A100%25 sure: move it, now.\n"
        );
        assert_eq!(super::property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}
