//! The output formats. Each writes a whole [`Report`].

mod concise;
mod github;
mod json;
mod pretty;
mod sarif;

use std::io::{self, Write};

use crate::args::Format;
use crate::report::Report;

pub(crate) use pretty::count;

/// Prints a report.
pub(crate) fn print(report: &Report, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Pretty => pretty::print(report, out),
        Format::Concise => concise::print(report, out),
        Format::Json => json::print(report, out),
        Format::Sarif => sarif::print(report, out),
        Format::Github => github::print(report, out),
    }
}

#[cfg(test)]
mod sample;
