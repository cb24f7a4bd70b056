//! One line for each finding: `path:line:column: severity rule: message`.

use std::io::{self, Write};

use crate::report::{Report, level};

/// Prints a report.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for item in &report.items {
        let finding = &item.finding;
        let start = report.range(&finding.path, finding.span).start;
        writeln!(
            out,
            "{}:{}:{}: {} {}: {}",
            report.display(&finding.path),
            start.line,
            start.column,
            level(finding.severity),
            finding.rule,
            one_line(&finding.message),
        )?;
    }
    Ok(())
}

/// Line breaks become spaces: who reads lines must not lose half a finding.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::format::sample;

    #[test]
    fn a_finding_is_one_line() {
        assert_eq!(
            sample::printed(super::print),
            "app/api/[id]/route.ts:2:13: error clients/prisma-client-per-request: A new client for each \
             request. 100% sure: move it, now.\n"
        );
    }
}
