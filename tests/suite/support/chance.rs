//! Random numbers from a seed. The seed of a run is printed, and `TRADEPOST_TEST_SEED` repeats it.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A generator (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// One that differs from run to run; its seed is in the output of the test.
    pub(crate) fn of_this_run() -> Self {
        let chosen = std::env::var("TRADEPOST_TEST_SEED").ok().map(|seed| seed.parse().expect("a number"));
        let seed = chosen.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        eprintln!("TRADEPOST_TEST_SEED={seed}");
        Self(seed)
    }

    /// Another generator, for another task.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.next())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
