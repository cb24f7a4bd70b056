//! So many keystrokes in a big file, for those who count instructions or look for waste:
//! `routewise-keystrokes <floor|routewise> <next|express> <lines> <mark|letter> <rounds>`. Prints the median time of
//! one; with no rounds it does all that comes before the first, which is what counting takes away.
#![expect(clippy::print_stdout, reason = "this is what it is run for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use routewise_keystrokes::keys::{Floor, Kind, Ours, Typed};

fn main() -> Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [who, kind, lines, typed, rounds] = given.as_slice() else {
        bail!("routewise-keystrokes <floor|routewise> <next|express> <lines> <mark|letter> <rounds>");
    };
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
    if let Some(median) = times.get(rounds / 2) {
        println!("{:.1} µs", median.as_secs_f64() * 1e6);
    }
    Ok(())
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
