//! The last runs of a check as two small pictures: a strip of outcomes and a line of durations.

use std::fmt::Write as _;
use std::time::Duration;

use mad_core::{OutcomeKind, PastRun, Record};

use super::span::span;

/// How many runs are drawn: those that still can be told apart at this size.
const RUNS: usize = 30;

/// The width of a run, and of the bar that is drawn of it, in the units of the picture.
const STEP: usize = 4;
const BAR: usize = 3;

/// The height of the pictures, in the same units.
const HEIGHT: f64 = 16.0;

/// The last runs of a check, drawn.
#[derive(Debug)]
pub(super) struct Chart {
    /// The outcomes, one shape for each kind that there is.
    pub(super) outcomes: Vec<Bars>,
    /// What they say, for those who do not see it.
    pub(super) outcomes_in_words: String,
    /// The durations, as the points of a line.
    pub(super) durations: String,
    /// What they say, for those who do not see it.
    pub(super) durations_in_words: String,
}

/// The runs with one outcome, as the path of a shape.
#[derive(Debug)]
pub(super) struct Bars {
    pub(super) outcome: &'static str,
    pub(super) path: String,
}

impl Chart {
    /// Draws the newest runs, the newest at the right; `None` before the first.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let left_out = record.history.len().saturating_sub(RUNS);
        let runs: Vec<_> = record.history.iter().skip(left_out).collect();
        if runs.is_empty() {
            return None;
        }
        Some(Self {
            outcomes: bars(&runs),
            outcomes_in_words: outcomes_in_words(&runs),
            durations: line(&runs),
            durations_in_words: durations_in_words(&runs),
        })
    }

    /// The width of the pictures, in their units.
    pub(super) const fn width() -> usize {
        RUNS * STEP
    }
}

/// Where a run stands, counted from the left; few runs stand at the right.
fn place(index: usize, runs: usize) -> usize {
    (RUNS - runs + index) * STEP
}

fn bars(runs: &[&PastRun]) -> Vec<Bars> {
    let of_kind = |kind: OutcomeKind| {
        let mut path = String::new();
        for (index, run) in runs.iter().enumerate() {
            if run.outcome.kind() == kind {
                let x = place(index, runs.len());
                _ = write!(path, "M{x} 0h{BAR}v{HEIGHT}h-{BAR}z");
            }
        }
        Bars {
            outcome: kind.as_str(),
            path,
        }
    };
    let bars = OutcomeKind::ALL.into_iter().map(of_kind);
    bars.filter(|bars| !bars.path.is_empty()).collect()
}

fn outcomes_in_words(runs: &[&PastRun]) -> String {
    let count = |kind: OutcomeKind| runs.iter().filter(|run| run.outcome.kind() == kind).count();
    let counts = OutcomeKind::ALL.map(|kind| (count(kind), kind.as_str()));
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(count, kind)| format!("{count} {kind}"))
        .collect();
    let newest = runs
        .last()
        .map_or("none", |run| run.outcome.kind().as_str());
    let counts = counts.join(", ");
    format!("Last {} runs: {counts}; newest {newest}", runs.len())
}

fn line(runs: &[&PastRun]) -> String {
    let longest = longest(runs).as_secs_f64();
    let mut points = String::new();
    for (index, run) in runs.iter().enumerate() {
        let x = place(index, runs.len()) + BAR / 2;
        let share = if longest > 0.0 {
            run.duration.as_secs_f64() / longest
        } else {
            0.0
        };
        // From the bottom up, a unit away from both edges.
        let y = HEIGHT - 1.0 - share * (HEIGHT - 2.0);
        _ = write!(points, "{x},{y:.1} ");
    }
    points.truncate(points.trim_end().len());
    points
}

fn durations_in_words(runs: &[&PastRun]) -> String {
    let newest = runs.last().map_or(Duration::ZERO, |run| run.duration);
    format!(
        "Newest took {}, longest {}",
        span(newest),
        span(longest(runs))
    )
}

fn longest(runs: &[&PastRun]) -> Duration {
    let durations = runs.iter().map(|run| run.duration);
    durations.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use mad_core::Outcome;

    use super::*;

    fn record(outcomes: impl IntoIterator<Item = Outcome>) -> Record {
        let run = |outcome| PastRun {
            started_at: SystemTime::UNIX_EPOCH,
            duration: Duration::from_millis(5),
            outcome,
        };
        Record {
            history: outcomes.into_iter().map(run).collect(),
            ..Record::default()
        }
    }

    #[test]
    fn nothing_is_drawn_before_the_first_run() {
        assert!(Chart::of(&record([])).is_none());
    }

    #[test]
    fn each_outcome_has_a_shape_and_the_newest_run_is_at_the_right() {
        let chart = Chart::of(&record([Outcome::Pass, Outcome::fail("down")])).unwrap();
        let shapes: Vec<_> = chart
            .outcomes
            .iter()
            .map(|bars| (bars.outcome, bars.path.as_str()))
            .collect();
        assert_eq!(
            shapes,
            [("pass", "M112 0h3v16h-3z"), ("fail", "M116 0h3v16h-3z")]
        );
        assert_eq!(
            chart.outcomes_in_words,
            "Last 2 runs: 1 pass, 1 fail; newest fail"
        );
        assert_eq!(chart.durations, "113,1.0 117,1.0");
        assert_eq!(chart.durations_in_words, "Newest took 5 ms, longest 5 ms");
    }

    #[test]
    fn only_the_newest_are_drawn() {
        let chart = Chart::of(&record(vec![Outcome::Pass; 64])).unwrap();
        assert_eq!(chart.durations.split(' ').count(), RUNS);
        assert!(chart.outcomes[0].path.starts_with("M0 0"));
    }
}
