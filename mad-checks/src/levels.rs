//! The two levels of a check that watches how much of something is left.

use mad_core::Outcome;

/// Below which share of the whole a check warns, and below which it fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    warn: f64,
    fail: f64,
}

impl Levels {
    pub(crate) const fn new(warn: f64, fail: f64) -> Self {
        Self { warn, fail }
    }

    #[track_caller]
    pub(crate) fn set_warn(&mut self, share: f64) {
        self.warn = checked(share);
    }

    #[track_caller]
    pub(crate) fn set_fail(&mut self, share: f64) {
        self.fail = checked(share);
    }

    /// Judges what is left of `what`.
    pub(crate) fn judge(self, what: &str, left: f64) -> Outcome {
        let text = |level| {
            let (left, level) = (left * 100.0, level * 100.0);
            format!("{left:.1} % of {what}, less than {level} %")
        };
        if left < self.fail {
            Outcome::fail(text(self.fail))
        } else if left < self.warn {
            Outcome::warn(text(self.warn))
        } else {
            Outcome::Pass
        }
    }
}

/// What is no number would be compared with in vain, and be green for ever.
#[track_caller]
fn checked(share: f64) -> f64 {
    assert!(
        (0.0..=1.0).contains(&share),
        "a level is a share of the whole, from 0 to 1, and not {share}"
    );
    share
}

/// Returns a part's share of the whole, and all of it as 1; of nothing, none is left.
#[expect(
    clippy::cast_precision_loss,
    reason = "a share needs no more digits than a float has"
)]
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part.min(whole) as f64 / whole as f64
}

/// Returns the worse of two outcomes.
pub(crate) fn worse(one: Outcome, other: Outcome) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Pass => 0,
        Outcome::Skip(_) => 1,
        Outcome::Warn(_) => 2,
        Outcome::Fail(_) => 3,
    };
    if rank(&other) > rank(&one) {
        other
    } else {
        one
    }
}
