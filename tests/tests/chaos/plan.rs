//! How long, and with which dice.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is known before it begins; a line of it is enough to repeat the run.
pub(crate) struct Plan {
    pub(crate) time: Duration,
    pub(crate) seed: u64,
}

impl Plan {
    /// Reads `MAD_CHAOS_SECONDS`, 20 unless said otherwise, and `MAD_CHAOS_SEED`, any.
    pub(crate) fn from_environment() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test takes no arguments")]
        let number = |name: &str| {
            let text = std::env::var(name).ok()?;
            Some(
                text.parse()
                    .unwrap_or_else(|_| panic!("{name} is a number")),
            )
        };
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            time: Duration::from_secs(number("MAD_CHAOS_SECONDS").unwrap_or(20)),
            seed: number("MAD_CHAOS_SEED").unwrap_or(since_epoch.map_or(0, |time| time.as_secs())),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (time, seed) = (self.time.as_secs(), self.seed);
        write!(f, "MAD_CHAOS_SECONDS={time} MAD_CHAOS_SEED={seed}")
    }
}

/// Dice that fall the same way for the same seed: `SplitMix64`.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let index = self.below(words.len() as u64);
        words[usize::try_from(index).expect("it is small")]
    }
}
