//! A self-test on the page.

use askama::Template;
use mad_core::{Check, Effects, SelfTestSnapshot};

use super::about::{About, InMaintenance};
use super::chart::Chart;
use super::moment::Moment;
use super::report::Report;
use super::span::span;

/// A self-test.
#[derive(Debug, Template)]
#[template(path = "self_test.html")]
pub(super) struct SelfTest {
    name: String,
    effects: &'static str,
    is_destructive: bool,
    /// Why it cannot be run, if it cannot.
    why_not: Option<String>,
    about: About,
    every: Option<String>,
    /// The outcome of the last run.
    outcome: Option<&'static str>,
    last_run: Option<Moment>,
    stuck_since: Option<Moment>,
    maintenance: Option<InMaintenance>,
    flaky_runs: u64,
    chart: Option<Chart>,
    report: Option<Report>,
}

impl SelfTest {
    /// `why_left_out` says why it would not run if it were asked for by its name.
    pub(super) fn new(
        test: &SelfTestSnapshot,
        why_left_out: impl Fn(&Check) -> Option<String>,
    ) -> Option<Self> {
        let options = test.check.self_test_options()?;
        let last = test.record.last.as_deref();
        Some(Self {
            name: test.check.name().to_owned(),
            effects: options.effects.as_str(),
            is_destructive: options.effects == Effects::Destructive,
            why_not: why_left_out(&test.check),
            about: (&*test.check).into(),
            every: options.every.map(span),
            outcome: last.map(|report| report.outcome.kind().as_str()),
            last_run: last.map(|report| report.started_at.into()),
            stuck_since: test.stuck_since.map(Moment::from),
            maintenance: test.maintenance.as_ref().map(InMaintenance::from),
            flaky_runs: test.record.flaky_runs,
            chart: Chart::of(&test.record),
            report: last.map(Report::from),
        })
    }
}
