//! Keystrokes in files of any length, and the floor beside them: timed by the bench, counted by the guard. A crate of
//! its own, because it is optimised in every run of the tests.
//!
//! | module | subject |
//! |---|---|
//! | [`keys`] | keystrokes, as a server that is typed to sees them, and the floor |
//! | [`routes`] | route files of any length, as people write them |
//! | [`typing`] | keystrokes as a program is told of them |

#![expect(clippy::missing_panics_doc, reason = "what a test expects and does not get is a panic, everywhere")]

pub mod keys;
pub mod routes;
pub mod typing;
