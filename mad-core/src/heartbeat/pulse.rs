//! The pulse of one runtime.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::BEAT;

/// The pulse of one runtime: when it was asked for a beat, and whether the beat has come.
///
/// Whoever reads it says what time it is, so that the lag of a runtime that never comes back grows
/// although nobody writes it down.
#[derive(Debug)]
pub(crate) struct Pulse(Mutex<State>);

#[derive(Debug)]
struct State {
    /// When it was last asked for a beat.
    asked_at: Instant,
    is_awaited: bool,
    /// How long the last beat took to come.
    lag: Duration,
    /// How many beats were due since the one that is awaited.
    n_missed: u32,
}

impl Pulse {
    pub(super) fn new(now: Instant) -> Self {
        Self(Mutex::new(State {
            asked_at: now,
            is_awaited: false,
            lag: Duration::ZERO,
            n_missed: 0,
        }))
    }

    /// Says whether the runtime is to be asked for a beat now: not while one is awaited.
    pub(super) fn ask(&self, now: Instant) -> bool {
        let mut state = self.0.lock();
        if state.is_awaited {
            state.n_missed = state.n_missed.saturating_add(1);
            return false;
        }
        state.is_awaited = true;
        state.asked_at = now;
        true
    }

    /// The beat has come.
    pub(super) fn beat(&self, now: Instant) {
        let mut state = self.0.lock();
        state.lag = now.saturating_duration_since(state.asked_at);
        state.is_awaited = false;
        state.n_missed = 0;
    }

    /// Returns how long the beat takes that is awaited, or took that came last.
    pub(super) fn lag(&self, now: Instant) -> Duration {
        let state = self.0.lock();
        if state.is_awaited {
            now.saturating_duration_since(state.asked_at)
        } else {
            state.lag
        }
    }

    /// Returns for how long beats were due and did not come.
    ///
    /// It counts beats and not the time: while the machine sleeps or the process is stopped, nobody
    /// asks for a beat, and nobody is to blame that none came.
    pub(super) fn silence(&self) -> Duration {
        BEAT.saturating_mul(self.0.lock().n_missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_that_of_the_last_beat_and_grows_while_one_is_awaited() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        assert_eq!(pulse.lag(start + BEAT), Duration::ZERO);

        assert!(pulse.ask(start));
        for late in [1, 10, 1_000_000].map(Duration::from_secs) {
            assert_eq!(pulse.lag(start + late), late);
        }
        pulse.beat(start + Duration::from_secs(3));
        let later = start + Duration::from_mins(1);
        assert_eq!(pulse.lag(later), Duration::from_secs(3));
        assert!(pulse.ask(later));
        pulse.beat(later + Duration::from_micros(5));
        assert_eq!(pulse.lag(later + BEAT), Duration::from_micros(5));
    }

    #[test]
    fn silence_counts_the_beats_that_were_due() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        assert!(pulse.ask(start));
        assert_eq!(pulse.silence(), Duration::ZERO);
        for n_beats in 1..=8 {
            assert!(!pulse.ask(start + BEAT * n_beats), "one is awaited");
        }
        assert_eq!(pulse.silence(), BEAT * 8);
        pulse.beat(start + BEAT * 9);
        assert_eq!(pulse.silence(), Duration::ZERO);
    }

    #[test]
    fn a_night_in_which_nothing_ran_is_one_beat_of_silence() {
        let start = Instant::now();
        let pulse = Pulse::new(start);
        assert!(pulse.ask(start));
        let morning = start + Duration::from_hours(8);
        assert!(!pulse.ask(morning));
        assert_eq!(pulse.silence(), BEAT);
    }
}
