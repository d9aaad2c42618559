//! How often self-tests may be asked for.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How many requests may start self-tests in a minute unless the program says otherwise.
pub(crate) const DEFAULT_PER_MINUTE: u32 = 60;

/// How often self-tests may be asked for: so many times at once, and then one each time that its part
/// of a minute has passed.
#[derive(Debug)]
pub(crate) struct TriggerRate {
    per_minute: u32,
    /// When the requests that were let pass will have been paid for.
    paid_at: Mutex<Option<Instant>>,
}

impl TriggerRate {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute: per_minute.max(1),
            paid_at: Mutex::default(),
        }
    }

    /// Lets a request pass, or says how long it must wait.
    pub(crate) fn admit(&self, now: Instant) -> Result<(), Duration> {
        const MINUTE: Duration = Duration::from_mins(1);
        let part = MINUTE / self.per_minute;
        let mut paid_at = self.paid_at.lock();
        let next = paid_at.unwrap_or(now).max(now) + part;
        // A part of rounding is let pass: ten sixths of a minute are no less than a minute.
        let wait = next.saturating_duration_since(now + MINUTE);
        if wait > Duration::from_micros(1) {
            return Err(wait);
        }
        *paid_at = Some(next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_pass_in_a_minute_and_no_more() {
        for per_minute in [1, 7, 60, 1_000] {
            let rate = TriggerRate::new(per_minute);
            let start = Instant::now();
            let passed = |at| (0..2_000).filter(|_| rate.admit(at).is_ok()).count();
            assert_eq!(passed(start), per_minute as usize);
            let wait = rate.admit(start).unwrap_err();
            assert!(wait <= Duration::from_mins(1) / per_minute);
            assert!(rate.admit(start + wait).is_ok());
            assert!(rate.admit(start + wait).is_err());
            let later = start + Duration::from_mins(10);
            assert_eq!(
                passed(later),
                per_minute as usize,
                "what was not used is not saved"
            );
        }
    }
}
