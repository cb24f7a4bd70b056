//! Whatever a file or a message holds, nothing panics and nothing hangs. A short run is part of every test run; a
//! failure prints the seed, `ROUTEWISE_SEED=<seed>` repeats it, and `ROUTEWISE_CASES=<n>` tries longer.

mod code;
mod configuration;
mod frames;
