//! A developer at work for a long time: types, cuts, saves, asks, cancels, takes fixes, renames, configures, switches
//! branches. Again and again what the editor shows is held against what a server shows that has just been started.
//!
//! A short session runs with the other tests. `ROUTEWISE_SOAK_MINUTES=60` goes on for so long, with other numbers in
//! each run; `ROUTEWISE_SOAK_PROJECT=FOLDER` works on a copy of a real repository; `ROUTEWISE_SEED=N` repeats a session.
#![expect(clippy::print_stdout, reason = "a session that fails shows what was done")]

mod acts;
mod branch;
mod desk;
mod repository;

use std::time::{Duration, Instant, UNIX_EPOCH};

use desk::Desk;
use repository::Repository;
use routewise_tests::random::Dice;

/// How many acts the short session has.
const SHORT: usize = 360;

/// After so many acts what is shown is compared.
const STRETCH: usize = 40;

/// What a server may hold after a session, to one that has just read the same files: while it reads them anew it
/// has everything twice, and the allocator keeps what was free between them. A leak grows beyond any such number with
/// the length of the session.
const TIMES: u64 = 2;

/// And MiB beside it, for what does not grow with the files.
const MORE: u64 = 32;

/// The session that runs with the other tests.
const SEED: u64 = 8;

#[test]
fn after_a_long_session_the_editor_shows_what_a_fresh_server_shows_and_memory_is_flat() {
    let minutes: Option<u64> = number("ROUTEWISE_SOAK_MINUTES");
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs(minutes * 60));
    let by_time = || UNIX_EPOCH.elapsed().map_or(SEED, |since: Duration| since.as_secs());
    let seed = number("ROUTEWISE_SEED").unwrap_or_else(|| if end.is_some() { by_time() } else { SEED });
    println!("repeat with ROUTEWISE_SEED={seed}");
    let mut dice = Dice::new(seed);
    let repository = Repository::new(&mut dice);
    println!("{} files", repository.files.len());
    let mut desk = Desk::new(repository, &mut dice);
    let mut memory = Vec::new();
    let mut done = 0;
    while end.map_or(done < SHORT, |end| Instant::now() < end) {
        for _ in 0..STRETCH {
            let (_, name, act) = acts::any(&mut dice);
            println!("{done}: {name}");
            act(&mut desk, &mut dice);
            desk.look_up();
            done += 1;
        }
        let fresh = desk.compare();
        memory.push((desk.client.transport().memory(), fresh));
        println!("after {done} acts: {:?} MiB; slowest: {:?}", memory.last(), desk.slowest);
    }
    for path in desk.repository.files.clone() {
        desk.open_file(&path);
    }
    let fresh = desk.compare();
    let last = desk.client.transport().memory();
    println!("{done} acts, {} answers; the slowest: {:?}; MiB: {memory:?}", desk.answered, desk.slowest);
    if let (Some(last), Some(fresh)) = (last, fresh) {
        assert!(last <= fresh * TIMES + MORE, "{last} MiB, and a fresh server {fresh} MiB: {memory:?}");
    }
    desk.client.finish();
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
