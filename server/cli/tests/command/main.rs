//! The program from outside: what it prints, writes and returns.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod decide;
mod fixes;
mod moves;
mod output;
mod project;
mod routes;
mod status;
mod target;
