//! What is kept up to date edit by edit equals what is made from scratch, whatever the edits.
//!
//! A failure prints the seed; `ROUTEWISE_SEED=<seed>` repeats it, `ROUTEWISE_CASES=<n>` tries longer.

mod edits;
mod express;
mod express_modules;
mod findings;
mod probes;
mod shop;
mod text;
mod tree;
mod world;
