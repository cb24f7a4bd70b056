//! So many keystrokes in a big file, as a program is told of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::keys::{Floor, Kind, Ours, Typed};

/// What [`typed`] is told.
pub const WORDS: &str = "<floor|routewise> <next|express> <lines> <mark|letter> <rounds>";

/// Types as the words say; the median time of a keystroke. With no rounds it does all that comes before the first,
/// which is what counting takes away.
///
/// # Errors
/// Where the words are not as [`WORDS`] has them.
pub fn typed(words: &[String]) -> Result<Option<Duration>> {
    let [who, kind, lines, typed, rounds] = words else { bail!("{WORDS}") };
    let kind = Kind::ALL.into_iter().find(|it| it.name() == kind).context("a kind of file")?;
    let typed = Typed::ALL.into_iter().find(|it| it.name() == typed).context("what is typed")?;
    let text = kind.text(lines.parse()?);
    let rounds: usize = rounds.parse()?;
    let mut times = match who.as_str() {
        "floor" => {
            let mut floor = Floor::new(&text, typed);
            time(rounds, || {
                black_box(floor.keystroke());
            })
        }
        "routewise" => {
            let mut ours = Ours::new(&text, typed);
            time(rounds, || {
                black_box(ours.keystroke());
            })
        }
        _ => bail!("floor or routewise"),
    };
    times.sort_unstable();
    Ok(times.get(rounds / 2).copied())
}

fn time(rounds: usize, mut keystroke: impl FnMut()) -> Vec<Duration> {
    (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            keystroke();
            begun.elapsed()
        })
        .collect()
}
