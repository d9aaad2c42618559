//! What panels ask Prometheus.

use crate::catalogue::About;

/// Makes expressions about one service, for the instances that are chosen on the dashboard.
#[derive(Debug)]
pub(super) struct Query {
    job: String,
}

impl Query {
    pub(super) fn new(job: &str) -> Self {
        Self {
            job: job.to_owned(),
        }
    }

    /// The series of a metric.
    pub(super) fn all(&self, metric: &str) -> String {
        self.with(metric, "")
    }

    /// Those with more labels, such as `kind="readiness"`.
    pub(super) fn with(&self, metric: &str, labels: &str) -> String {
        let comma = if labels.is_empty() { "" } else { ", " };
        let job = &self.job;
        format!("{metric}{{job={job:?}, instance=~\"$instance\"{comma}{labels}}}")
    }

    /// How much a counter grows in a second.
    pub(super) fn rate(&self, metric: &str, labels: &str) -> String {
        format!("rate({}[$__rate_interval])", self.with(metric, labels))
    }

    /// The time that 99 of 100 stay below, by these labels.
    pub(super) fn slowest(&self, histogram: &str, by: &str) -> String {
        let rate = self.rate(&format!("{histogram}_bucket"), "");
        format!("histogram_quantile(0.99, sum by (le, {by}) ({rate}))")
    }
}

/// A matcher for these checks. Of the letters that a name may have, the dot alone means something else in a regular
/// expression.
pub(super) fn checks(all: &[&About]) -> String {
    let names: Vec<_> = all
        .iter()
        .map(|about| about.name.replace('.', "\\\\."))
        .collect();
    format!("check=~\"{}\"", names.join("|"))
}

/// How many there are; none is a number, too.
pub(super) fn count(of: &str) -> String {
    format!("count({of}) or vector(0)")
}
