//! The self-tests: what their last runs came to, and how long ago they passed.

use super::of_checks::explained;
use super::panel::{Panel, Words};
use super::query::Query;
use crate::catalogue::SelfTest;

/// What the last run came to.
const OUTCOMES: Words = &[
    ("1", "Pass", "green"),
    ("0.5", "Warn", "yellow"),
    ("0", "Fail", "red"),
];

pub(super) fn row(query: &Query, all: &[SelfTest]) -> Vec<Panel> {
    if all.is_empty() {
        return Vec::new();
    }
    let about: Vec<_> = all.iter().map(|test| &test.about).collect();
    let health = query.all("mad_selftest_health");
    let success = query.all("mad_selftest_last_success_timestamp_seconds");
    let states = Panel::states("Last runs", all.len(), OUTCOMES).asking(
        format!("min by (check, instance) ({health})"),
        "{{check}} {{instance}}",
    );
    vec![
        Panel::row("Self-tests"),
        explained(states, &about),
        Panel::curves("Since the last success", "s")
            .asking(format!("time() - min by (check) ({success})"), "{{check}}"),
        Panel::curves("99 of 100 runs take less than", "s").asking(
            query.slowest("mad_selftest_duration_seconds", "check"),
            "{{check}}",
        ),
    ]
}
