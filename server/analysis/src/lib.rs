//! What one project of JavaScript and TypeScript route files says, and whether its host can do it.
//!
//! Everything here is pure and synchronous: text goes in, findings, fixes and explanations come out.
//! The crate knows no language-server type, starts no thread, and reads no file, no variable of the
//! environment and no clock; `clippy.toml` beside it bans them. What it needs from outside (the text of
//! another file, what a module specifier means) arrives through [`project::Sources`] and
//! [`project::FileInput`].
//!
//! The modules, each of which may use only those above it:
//!
//! | module | subject |
//! |---|---|
//! | [`text`] | spans, line index, position encodings |
//! | [`path`] | the one form in which files are named |
//! | [`finding`] | findings, severities, fixes, edits |
//! | [`package`] | what the disk says of a package: versions, Next.js options, target |
//! | [`tables`] | libraries and targets, as data |
//! | [`rules`] | rule sources, their metadata, their patterns, the vocabulary |
//! | [`document`] | one version of one file: text, tree, facts |
//! | [`json`] | JSON files that say something of a host |
//! | [`facts`] | what one file says, chunk by chunk |
//! | [`form`] | what code says by its form alone |
//! | [`project`] | all files together: symbols, calls, entries, effects, reach |
//! | [`check`] | rules over facts: findings, suppressions |
//! | [`fix`] | edits that mend a finding |
//! | [`explain`] | hover texts |
//! | [`endpoints`] | every endpoint with all that is known of it, and the ways between URLs and handlers |
//! | [`decision`] | where routes belong: Next.js, a persistent process, or both |
//! | [`complete`] | what can be written at a place |
//! | [`rename`] | another name for a segment of a URL |
//! | [`moves`] | a route that goes to a service of its own |

pub mod check;
pub mod complete;
pub mod decision;
pub mod document;
pub mod endpoints;
pub mod explain;
pub mod facts;
pub mod finding;
pub mod fix;
pub mod form;
pub mod json;
pub mod moves;
pub mod package;
pub mod path;
pub mod project;
pub mod rename;
pub mod rules;
pub mod syntax;
pub mod tables;
pub mod text;
