//! The real editors, with the files of `editors/` as a user installs them: a copy of the example project is
//! opened, a finding is read, explained, mended and saved, and what every editor shows of the project is
//! compared with what `routewise check` prints.

#![expect(clippy::unwrap_used, reason = "what a test expects and does not get is a panic")]
#![expect(clippy::print_stdout, reason = "a test that was left out says so, and editors tell what they saw")]

mod emacs;
mod helix;
mod neovim;
mod page;
mod routes;
mod support;
mod vscode;
