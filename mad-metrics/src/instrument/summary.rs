//! Quantiles of the last observations.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::native::{NativeShape, Sparse};
use super::sum::finite;
use crate::view::Quantile;

/// Quantiles are within 0.3 % of the observation that they stand for.
const SHAPE: NativeShape = NativeShape {
    schema: 8,
    max_buckets: 1024,
    zero_threshold: f64::MIN_POSITIVE,
};

/// Which quantiles, and of what time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SummaryShape {
    pub(crate) quantiles: Box<[f64]>,
    /// After how long a window is closed.
    pub(crate) window: Duration,
    /// How many windows are looked at.
    pub(crate) windows: usize,
}

/// Quantiles of the observations in the last windows of time; sum and count of all.
#[derive(Debug)]
pub(crate) struct Rolling {
    shape: SummaryShape,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    count: u64,
    sum: f64,
    /// The newest first.
    windows: VecDeque<(Instant, Sparse)>,
}

impl Rolling {
    pub(crate) fn new(shape: SummaryShape) -> Self {
        let state = Mutex::default();
        Self { shape, state }
    }

    /// Counts an observation, which is finite, so many times.
    pub(crate) fn record(&self, value: f64, count: u64, now: Instant) {
        let mut state = self.state.lock();
        state.count = state.count.saturating_add(count);
        #[expect(clippy::cast_precision_loss, reason = "a sum is a float")]
        let added = finite(value * count as f64);
        state.sum = finite(state.sum + added);
        let is_open = |began: &Instant| now.saturating_duration_since(*began) < self.shape.window;
        if !state
            .windows
            .front()
            .is_some_and(|(began, _)| is_open(began))
        {
            state.windows.push_front((now, Sparse::new(SHAPE)));
            state.windows.truncate(self.shape.windows);
        }
        if let Some((_, newest)) = state.windows.front_mut() {
            newest.record(value, count);
        }
    }

    /// Reads it: the sum and the count of all, after the quantiles.
    pub(crate) fn read(&self, quantiles: &mut Vec<Quantile>, now: Instant) -> (f64, u64) {
        let state = self.state.lock();
        let windows = u32::try_from(self.shape.windows).unwrap_or(u32::MAX);
        let oldest = self.shape.window.saturating_mul(windows);
        let is_recent = |began: &Instant| now.saturating_duration_since(*began) < oldest;
        let mut recent = Sparse::new(SHAPE);
        for (began, window) in &state.windows {
            if is_recent(began) {
                recent.merge(window.clone());
            }
        }
        quantiles.clear();
        quantiles.extend(self.shape.quantiles.iter().map(|&quantile| Quantile {
            quantile,
            value: recent.quantile(quantile).unwrap_or(f64::NAN),
        }));
        (state.sum, state.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_observations_leave_the_quantiles_and_stay_in_the_count() {
        let summary = Rolling::new(SummaryShape {
            quantiles: [0.5].into(),
            window: Duration::from_secs(20),
            windows: 3,
        });
        let start = Instant::now();
        let read = |seconds| {
            let mut quantiles = Vec::new();
            let now = start + Duration::from_secs(seconds);
            let (sum, count) = summary.read(&mut quantiles, now);
            (quantiles[0].value, sum, count)
        };
        assert!(read(0).0.is_nan());
        summary.record(100.0, 1, start);
        summary.record(200.0, 3, start + Duration::from_secs(30));
        assert!((read(30).0 - 200.0).abs() < 1.0);
        let (median, sum, count) = read(1000);
        assert!(median.is_nan());
        assert_eq!((sum.round(), count), (700.0, 4));
    }
}
