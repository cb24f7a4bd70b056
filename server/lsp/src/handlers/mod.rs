//! One file for each group of messages.
//!
//! Every handler keeps one rule (see [`crate::transport`]): all changes of state and all snapshots come
//! before its first `.await`. Those that have no `.await` at all are plain functions.

pub(crate) mod code_action;
pub(crate) mod command;
pub(crate) mod completion;
pub(crate) mod decision;
pub(crate) mod diagnostic;
pub(crate) mod hierarchy;
pub(crate) mod hints;
pub(crate) mod hover;
pub(crate) mod initialize;
pub(crate) mod lens;
pub(crate) mod navigation;
pub(crate) mod overview;
pub(crate) mod rename;
pub(crate) mod sync;
pub(crate) mod workspace;
