//! Random values for tests, repeatable: a failure prints the seed; `ROUTEWISE_SEED=<seed>` repeats it,
//! `ROUTEWISE_CASES=<n>` tries longer.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Runs `test` on random values; a failure is shrunk and shown with the seed that repeats it.
///
/// # Panics
/// When the test fails.
pub fn check<S: Strategy>(cases: u32, values: &S, test: impl Fn(S::Value)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seed = number("ROUTEWISE_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |now| now.as_nanos() as u64)
    });
    let cases = number("ROUTEWISE_CASES").map_or(cases, |cases| cases as u32);
    let config =
        Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(values, |value| {
        test(value);
        Ok(())
    });
    if let Err(error) = result {
        panic!("repeat with ROUTEWISE_SEED={seed}: {error}");
    }
}

/// Small numbers that look random and are the same in every run from one seed.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Numbers that follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `below`, which is not 0.
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of some values.
    pub fn pick<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.below(values.len())]
    }
}

/// Something that happens to bytes: a crash in the middle of writing, a bad merge, a cat on the keyboard.
#[derive(Clone, Debug)]
pub enum Damage {
    /// So many bytes are gone from there.
    Remove(u32, u32),
    /// So many bytes from there stand there twice.
    Repeat(u32, u32),
    /// These stand there as well.
    Insert(u32, &'static str),
    /// Nothing stands from there on.
    Cut(u32),
    /// The byte there is another.
    Set(u32, u8),
}

/// Pieces that mean something in code, in JSON or in messages, and bytes that mean something to careless readers.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "`",
    "${",
    "\\",
    "/",
    "/*",
    "*/",
    "//",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{feff}",
    ",",
    ":",
    ";",
    "=>",
    "<",
    ">",
    "&",
    "*",
    "#",
    "|",
    "-",
    ".",
    "..",
    "../",
    "~",
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "99999999999999999999",
    "é",
    "😀",
    "\u{2028}",
    "\u{202e}",
    "async ",
    "await ",
    "export default ",
    "export * from './",
    "import(",
    "require(",
    "new ",
    "function ",
    "class A extends ",
    "catch {",
    "__proto__",
    "[[...",
    "Content-Length: 7\r\n\r\n",
];

/// One to six damages.
pub fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let length = prop_oneof![4 => 1u32..4, 2 => 4u32..40, 1 => 40u32..400];
    let damage = prop_oneof![
        3 => (any::<u32>(), length.clone()).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (any::<u32>(), length).prop_map(|(at, length)| Damage::Repeat(at, length)),
        4 => (any::<u32>(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Damage::Insert(at, piece)),
        1 => any::<u32>().prop_map(Damage::Cut),
        1 => (any::<u32>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
    ];
    prop::collection::vec(damage, 1..6)
}

/// The bytes after some damages.
pub fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for damage in damages {
        let place = |at: u32| at as usize % (out.len() + 1);
        match *damage {
            Damage::Remove(at, length) => {
                let start = place(at);
                out.drain(start..(start + length as usize).min(out.len()));
            }
            Damage::Repeat(at, length) => {
                let start = place(at);
                let piece = out[start..(start + length as usize).min(out.len())].to_vec();
                out.splice(start..start, piece);
            }
            Damage::Insert(at, piece) => {
                let start = place(at);
                out.splice(start..start, piece.bytes());
            }
            Damage::Cut(at) => {
                let start = place(at);
                out.truncate(start);
            }
            Damage::Set(at, byte) => {
                let start = place(at);
                if let Some(there) = out.get_mut(start) {
                    *there = byte;
                }
            }
        }
    }
    out
}
