//! The program from outside: what it prints, writes and returns.

mod fixes;
mod output;
mod project;
mod status;
