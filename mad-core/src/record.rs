//! What is remembered of a check's runs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::outcome::{Outcome, OutcomeKind};
use crate::report::Report;

/// How many past runs are remembered of each check.
pub const HISTORY_LENGTH: usize = 64;

/// What is remembered of a check's runs: the last report, the last 64 outcomes, and the counts since
/// the start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The report of the last run.
    pub last: Option<Arc<Report>>,
    /// When a run last ended with a pass or a warning.
    pub last_success_at: Option<SystemTime>,
    /// The last 64 runs, the newest last.
    pub history: VecDeque<PastRun>,
    /// How many runs had each outcome.
    pub runs: OutcomeCounts,
    /// How many runs of a self-test passed only after a retry.
    pub flaky_runs: u64,
    /// How long the runs took.
    pub durations: DurationHistogram,
    /// How often the state changed.
    pub transitions: u64,
}

impl Record {
    pub(crate) fn push(&mut self, report: Arc<Report>) {
        let kind = report.outcome.kind();
        self.runs.add(kind);
        self.flaky_runs += u64::from(report.is_flaky());
        if kind != OutcomeKind::Skip {
            self.durations.add(report.duration);
        }
        if matches!(kind, OutcomeKind::Pass | OutcomeKind::Warn) {
            self.last_success_at = report.started_at.checked_add(report.duration);
        }
        if self.history.len() == HISTORY_LENGTH {
            self.history.pop_front();
        }
        self.history.push_back(PastRun {
            started_at: report.started_at,
            duration: report.duration,
            outcome: report.outcome.clone(),
        });
        self.last = Some(report);
    }
}

/// One run of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct PastRun {
    /// When it started.
    pub started_at: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What it came to.
    pub outcome: Outcome,
}

/// How many runs had each outcome.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct OutcomeCounts([u64; OutcomeKind::ALL.len()]);

impl OutcomeCounts {
    /// Returns how many runs had this outcome.
    pub fn of(&self, kind: OutcomeKind) -> u64 {
        self.0[kind as usize]
    }

    fn add(&mut self, kind: OutcomeKind) {
        self.0[kind as usize] += 1;
    }
}

/// How long runs took: a histogram with fixed buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DurationHistogram {
    /// How many runs fell into each bucket, and last those above every bound; not cumulative.
    pub counts: [u64; Self::BOUNDS.len() + 1],
    /// The sum of all durations.
    pub sum: Duration,
}

impl DurationHistogram {
    /// The upper bounds of the buckets, in seconds.
    pub const BOUNDS: [f64; 11] = [
        0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0,
    ];

    fn add(&mut self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let bucket = Self::BOUNDS.partition_point(|bound| *bound < seconds);
        self.counts[bucket] += 1;
        self.sum = self.sum.saturating_add(duration);
    }
}
