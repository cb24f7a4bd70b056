//! So many keystrokes in a big file, for those who look for waste; prints the median time of one.
#![expect(clippy::print_stdout, reason = "this is what it is run for")]

use anyhow::{Context as _, Result};
use routewise_keystrokes::typing;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let median = typing::typed(&words).with_context(|| format!("routewise-keystrokes {}", typing::WORDS))?;
    if let Some(median) = median {
        println!("{:.1} µs", median.as_secs_f64() * 1e6);
    }
    Ok(())
}
