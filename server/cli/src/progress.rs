//! A bar for those who wait.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Nobody looks at a bar for less than this.
const PATIENCE: Duration = Duration::from_millis(500);

/// A progress bar on standard error: only on a terminal, and only when it takes long.
#[derive(Debug)]
pub(crate) struct Progress {
    begun: Instant,
    terminal: bool,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Starts to wait.
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), terminal: std::io::stderr().is_terminal(), bar: OnceLock::new() }
    }

    /// `done` files of `all`.
    pub(crate) fn update(&self, done: usize, all: usize) {
        if self.terminal && self.begun.elapsed() > PATIENCE {
            self.bar.get_or_init(|| bar(all)).set_position(done as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn bar(all: usize) -> ProgressBar {
    let bar = ProgressBar::new(all as u64);
    match ProgressStyle::with_template("reading {bar:30} {pos}/{len} files") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
