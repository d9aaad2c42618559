//! Tests that change their minds.

use mad_store::MetricKind;

use crate::timeline::Timeline;

/// How a test behaved along the history.
#[derive(Debug)]
pub(super) struct Flips {
    pub(super) name: String,
    /// Commits at which it ran.
    pub(super) runs: usize,
    /// How often it went from passing to failing or back.
    pub(super) turns: usize,
    /// Commits at which it did both: it is flaky, whatever else it is.
    pub(super) both: usize,
    /// Commits at which it failed.
    pub(super) failed: usize,
}

/// Returns the tests that flipped more than once or did both at one commit, the worst first (flips by runs, as Apple ranks them,
/// ICSE-SEIP 2020).
#[expect(
    clippy::float_cmp,
    reason = "an outcome is 0 or 1, and between them if it was both"
)]
pub(super) fn of(timeline: &Timeline) -> Vec<Flips> {
    let outcomes = timeline
        .measured
        .iter()
        .filter(|one| one.metric.kind == MetricKind::Outcome);
    let each = outcomes.map(|one| {
        let points = one.series.points();
        let passed = |value: f64| value >= 0.5;
        let flips = points
            .windows(2)
            .filter(|pair| passed(pair[0].value) != passed(pair[1].value));
        Flips {
            name: one.subject.to_string(),
            runs: points.len(),
            turns: flips.count(),
            both: points
                .iter()
                .filter(|point| point.value != 0.0 && point.value != 1.0)
                .count(),
            failed: points.iter().filter(|point| point.value == 0.0).count(),
        }
    });
    let mut found: Vec<_> = each.filter(|one| one.turns > 1 || one.both > 0).collect();
    let order = |one: &Flips| (one.both, one.turns * 1_000 / one.runs.max(1));
    found.sort_by(|a, b| order(b).cmp(&order(a)).then_with(|| a.name.cmp(&b.name)));
    found
}
