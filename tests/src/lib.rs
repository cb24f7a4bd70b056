//! What the tests of Routewise share: a language client that trusts nothing, projects on disk, and
//! generated route files.
//!
//! | module | subject |
//! |---|---|
//! | [`app`] | a real application, for the bench |
//! | [`binary`] | the `routewise` program, built once for each run |
//! | [`check`] | a project on disk, read as the command line reads it |
//! | [`schema`] | the strict JSON schema of the protocol's messages |
//! | [`transport`] | framed messages to and from a server: a process, or a task in this one |
//! | [`client`] | the language client |
//! | [`handshakes`] | what clients say of themselves |
//! | [`keys`], [`routes`] | keystrokes, and route files of any length, from a crate of their own |
//! | [`workspace`] | projects written to a temporary folder |
//! | [`oracle`] | the real Next.js, asked about planted defects |
//! | [`random`] | random values and damages, repeatable |
//! | [`text`] | positions and edits computed without the code under test |

#![expect(clippy::missing_panics_doc, reason = "what a test expects and does not get is a panic, everywhere")]

pub use routewise_keystrokes::{keys, routes};

pub mod app;
pub mod binary;
pub mod check;
pub mod client;
pub mod handshakes;
pub mod oracle;
pub mod random;
pub mod schema;
pub mod text;
pub mod transport;
pub mod workspace;
