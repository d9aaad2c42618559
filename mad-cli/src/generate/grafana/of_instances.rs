//! How the instances are, as a whole.

use super::panel::{Panel, Words};
use super::query::{Query, count};

/// The words of a lifecycle, as numbers.
const LIFECYCLE: Words = &[
    ("1", "serving", "green"),
    ("2", "starting", "blue"),
    ("3", "draining", "yellow"),
    ("4", "stopped", "red"),
];

pub(super) fn row(query: &Query) -> Vec<Panel> {
    let serving = query.with("mad_lifecycle", "state=\"serving\"");
    let readiness = true_health(query, "kind=\"readiness\"");
    let health = true_health(query, "");
    let maintenance = query.all("mad_check_maintenance");
    let lag = query.all("mad_runtime_lag_seconds");
    vec![
        Panel::row("Instances"),
        Panel::number("Up", count(&format!("{} == 1", query.all("up"))), false),
        Panel::number(
            "Not ready",
            count(&format!(
                "min by (instance) ({readiness} or {serving}) == 0"
            )),
            true,
        ),
        Panel::number(
            "Checks down",
            count(&format!("min by (instance, check) ({health}) == 0")),
            true,
        ),
        Panel::number(
            "Checks degraded",
            count(&format!("min by (instance, check) ({health}) == 0.5")),
            true,
        ),
        Panel::number(
            "In maintenance",
            count(&format!("{maintenance} == 1")),
            false,
        ),
        Panel::number("Longest lag of a runtime", format!("max({lag})"), false),
        Panel::states("Lifecycle", 4, LIFECYCLE).asking(lifecycle(query), "{{instance}}"),
        Panel::curves("Lag of the runtimes", "s").asking(lag, "{{runtime}} {{instance}}"),
    ]
}

/// The health that counts: not that of what is in maintenance.
fn true_health(query: &Query, labels: &str) -> String {
    let health = query.with("mad_check_health", labels);
    let maintenance = query.all("mad_check_maintenance");
    format!("{health} unless on (job, instance, check) ({maintenance} == 1)")
}

/// Of the states one is 1; its number is its place among the words.
fn lifecycle(query: &Query) -> String {
    let states = LIFECYCLE.iter().map(|(number, word, _)| {
        let state = query.with("mad_lifecycle", &format!("state={word:?}"));
        format!("{state} * {number}")
    });
    let states: Vec<_> = states.collect();
    format!("max by (instance) ({})", states.join(" or "))
}
