//! The program from outside: what it prints, writes and returns.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, reason = "a test looks at what was written")]

mod cache;
mod decide;
mod express_handlers;
mod fixes;
mod handlers;
mod moves;
mod output;
mod project;
mod routes;
mod status;
mod target;
