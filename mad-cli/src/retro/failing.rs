//! Tests that fail at the commit that was live.

use mad_analysis::Incident;
use serde::Serialize;

use super::side::date;
use crate::changes::short;
use crate::timeline::{Measured, Timeline};

/// A test that fails at the commit that was live, and since when.
#[derive(Debug, Serialize)]
pub(crate) struct Failing {
    pub(crate) test: String,
    /// The first commit in a row at which it fails, in words.
    pub(crate) since: String,
    /// The last one before it at which it passes; nothing, if it was not measured any earlier.
    pub(crate) passed_at: Option<String>,
    /// How many commits before the one that was live, and how many hours before that and before the incident.
    pub(crate) commits_ahead: u64,
    pub(crate) hours_before_live: i64,
    pub(crate) hours_before_incident: i64,
}

impl Failing {
    /// Looks at the newest run of a test among the commits that are asked about.
    pub(super) fn of(
        measured: &Measured,
        timeline: &Timeline,
        incident: &Incident,
    ) -> Option<Self> {
        let known = measured.series.up_to(incident.live);
        let points = known.points();
        let newest = points.last()?;
        if !incident.concerns(newest.position) || has_passed(newest.value) {
            return None;
        }
        let passed = points.iter().rev().find(|point| has_passed(point.value));
        let mut failed = points
            .iter()
            .rev()
            .take_while(|point| !has_passed(point.value));
        let since = failed.by_ref().last()?.position;
        let words = |position: u64| {
            let commit = timeline.commits.get(usize::try_from(position).ok()?)?;
            Some(format!("{} {}", short(&commit.id), commit.summary))
        };
        Some(Self {
            test: measured.subject.to_string(),
            since: words(since)?,
            passed_at: passed.and_then(|point| words(point.position)),
            commits_ahead: incident.live - since,
            hours_before_live: (date(timeline, incident.live) - date(timeline, since)) / 3_600,
            hours_before_incident: (incident.began - date(timeline, since)) / 3_600,
        })
    }
}

/// What was run several times at a commit, and failed in half of them, has not.
fn has_passed(outcome: f64) -> bool {
    outcome > 0.5
}
