//! How long to wait before the same is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// The waits between attempts, each about twice the last one, until patience runs out.
#[derive(Debug)]
pub(super) struct Waits {
    next: Duration,
    left: Duration,
}

impl Waits {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            next: FIRST,
            left: patience,
        }
    }

    /// The next wait, or none if that would be longer than there is patience. `chance` is a share of 256, which spreads
    /// those who were sent away at the same moment.
    pub(super) fn next(&mut self, asked: Option<Duration>, chance: u8) -> Option<Duration> {
        let spread = self.next * (192 + u32::from(chance) / 2) / 256;
        let wait = spread.max(asked.unwrap_or_default());
        self.left = self.left.checked_sub(wait)?;
        self.next = (self.next * 2).min(LONGEST);
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wait_that_was_asked_for_is_kept() {
        let mut waits = Waits::new(Duration::from_secs(30));
        let asked = Some(Duration::from_secs(7));
        assert_eq!(waits.next(asked, 0), asked);
        assert_eq!(waits.next(Some(Duration::from_secs(24)), 0), None);
    }

    proptest! {
        #[test]
        fn all_waits_together_are_no_longer_than_the_patience(
            seconds in 0_u64..100,
            chances in proptest::collection::vec(any::<u8>(), 1..200),
        ) {
            let patience = Duration::from_secs(seconds);
            let mut waits = Waits::new(patience);
            let all: Duration = chances.into_iter().map_while(|chance| waits.next(None, chance)).sum();
            prop_assert!(all <= patience);
        }
    }
}
