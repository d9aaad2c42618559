//! Tests that fail at the commit that was live.

use mad_analysis::Incident;
use serde::Serialize;

use super::conclusion::counted;
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
    /// How many commits there are between these two. None of them was measured.
    pub(crate) unmeasured: u64,
    /// How many commits before the one that was live it was measured last.
    pub(crate) measured_ahead: u64,
    /// How many commits before the one that was live it began to fail, and how many hours before that and before the incident.
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
        let passed = passed.map(|point| point.position);
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
            passed_at: passed.and_then(words),
            measured_ahead: incident.live - newest.position,
            unmeasured: passed.map_or(0, |passed| since - passed - 1),
            commits_ahead: incident.live - since,
            hours_before_live: (date(timeline, incident.live) - date(timeline, since)) / 3_600,
            hours_before_incident: (incident.began - date(timeline, since)) / 3_600,
        })
    }
}

impl Failing {
    /// All of it, in words that are safe where they are shown.
    pub(crate) fn words(&self, safe: impl Fn(&str) -> String) -> String {
        format!(
            "{} fails {}, and has since {}: {} and {} h ahead of the live commit, {} h ahead of the incident; {}.",
            safe(&self.test),
            self.at(),
            safe(&self.since),
            counted(self.commits_ahead, "commit", "commits"),
            self.hours_before_live,
            self.hours_before_incident,
            self.before(safe),
        )
    }

    /// Where it was run last, in words.
    pub(super) fn at(&self) -> String {
        match self.measured_ahead {
            0 => "at the commit that was live".to_owned(),
            1 => "at the commit before the one that was live, at which it was not run".to_owned(),
            ahead => {
                format!("{ahead} commits before the one that was live, and was not run any nearer")
            }
        }
    }

    /// When it was well, in words; where there are commits between, any of them may have broken it.
    pub(super) fn before(&self, safe: impl Fn(&str) -> String) -> String {
        let Some(passed) = &self.passed_at else {
            return "before that it was not run".to_owned();
        };
        let passed = format!("it passed last at {}", safe(passed));
        match self.unmeasured {
            0 => passed,
            1 => format!("{passed}, and it was not run at the commit between them: `mad bisect`"),
            many => format!(
                "{passed}, and it was not run at the {many} commits between them: `mad bisect`"
            ),
        }
    }
}

/// What was run several times at a commit, and failed in half of them, has not.
fn has_passed(outcome: f64) -> bool {
    outcome > 0.5
}
