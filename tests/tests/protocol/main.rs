//! The language server as editors meet it: the real program, over its standard streams, every message held
//! against the schema of the protocol.

mod actions;
mod between;
mod completion;
mod configuration;
mod cross_file;
mod decision;
mod diagnostics;
mod encodings;
mod files;
mod handshakes;
mod host_files;
mod lifecycle;
mod navigation;
mod overview;
mod panics;
mod rename;
mod robustness;
mod support;
mod sync;
