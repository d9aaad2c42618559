//! The families that MAD shows, and which names are therefore taken.

use mad_core::DurationHistogram;
use mad_metrics::view::{Family, Kind, Visitor};

use super::checks::{
    ages, durations, flaky_runs, gates, last_outcomes, last_successes, maintenance, observations,
    runs, stuck, transitions,
};
#[cfg(feature = "runtime-metrics")]
use super::instance::{alive_tasks, busy, queued_tasks, workers};
use super::instance::{application_missing, build_info, lags, lifecycle, registered};
use super::known::Known;
use super::samples::Samples;

/// A family, and what shows its samples.
type Shown = (Family<'static>, fn(&mut Samples<'_>, &Known<'_>));

const fn gauge(name: &'static str, help: &'static str) -> Family<'static> {
    Family::new(name, Kind::Gauge).with_help(help)
}

const fn counter(name: &'static str, help: &'static str) -> Family<'static> {
    Family::new(name, Kind::Counter).with_help(help)
}

const fn seconds(name: &'static str, help: &'static str) -> Family<'static> {
    gauge(name, help).with_unit(Some("seconds"))
}

const fn durations_of(name: &'static str, help: &'static str) -> Family<'static> {
    Family::new(name, Kind::Histogram)
        .with_help(help)
        .with_unit(Some("seconds"))
        .with_bounds(&DurationHistogram::BOUNDS)
}

/// All of them, in the order of their names.
const FAMILIES: &[Shown] = &[
    (
        gauge(
            "mad_application_metrics_missing",
            "Whether the application's metrics are not on this page, as making it took too long or panicked.",
        ),
        application_missing,
    ),
    (
        Family::new("mad_build_info", Kind::Info).with_help("What this program was built from."),
        build_info,
    ),
    (
        seconds(
            "mad_check_age_seconds",
            "Age of the last result of a health check.",
        ),
        ages,
    ),
    (
        durations_of(
            "mad_check_duration_seconds",
            "Time that runs of a health check took.",
        ),
        |samples, known| durations(samples, &known.health_checks),
    ),
    (
        gauge(
            "mad_check_health",
            "State of a health check for each probe that it gates: 1 up, 0.5 degraded, 0 down or unknown.",
        ),
        gates,
    ),
    (
        seconds(
            "mad_check_last_success_timestamp_seconds",
            "Time when a run of a health check last passed.",
        ),
        |samples, known| last_successes(samples, &known.health_checks),
    ),
    (
        gauge(
            "mad_check_maintenance",
            "Whether a health check is in maintenance: its state is true, and gates no probe.",
        ),
        |samples, known| maintenance(samples, &known.health_checks),
    ),
    (
        gauge(
            "mad_check_observation",
            "Number that the last run of a health check observed.",
        ),
        |samples, known| observations(samples, &known.health_checks),
    ),
    (
        counter("mad_check_runs_total", "Runs of a health check by outcome."),
        |samples, known| runs(samples, &known.health_checks),
    ),
    (
        gauge(
            "mad_check_stuck",
            "Whether a run of a health check is over its deadline and has not ended.",
        ),
        |samples, known| stuck(samples, &known.health_checks),
    ),
    (
        counter(
            "mad_check_transitions_total",
            "Changes of state of a health check.",
        ),
        transitions,
    ),
    (
        gauge(
            "mad_checks_registered",
            "Checks that are registered in this program.",
        ),
        registered,
    ),
    (
        gauge(
            "mad_lifecycle",
            "Where the instance stands: 1 for one of the states, 0 for the others.",
        ),
        lifecycle,
    ),
    #[cfg(feature = "runtime-metrics")]
    (
        gauge(
            "mad_runtime_alive_tasks",
            "Tasks of a tokio runtime that have not ended.",
        ),
        alive_tasks,
    ),
    #[cfg(feature = "runtime-metrics")]
    (
        counter(
            "mad_runtime_busy_seconds_total",
            "Time that all threads of a tokio runtime together were at work.",
        )
        .with_unit(Some("seconds")),
        busy,
    ),
    (
        seconds(
            "mad_runtime_lag_seconds",
            "Time that a small task waits on a tokio runtime until it is run.",
        ),
        lags,
    ),
    #[cfg(feature = "runtime-metrics")]
    (
        gauge(
            "mad_runtime_queued_tasks",
            "Tasks of a tokio runtime that wait for any of its threads.",
        ),
        queued_tasks,
    ),
    #[cfg(feature = "runtime-metrics")]
    (
        gauge(
            "mad_runtime_workers",
            "Threads of a tokio runtime that run its tasks.",
        ),
        workers,
    ),
    (
        durations_of(
            "mad_selftest_duration_seconds",
            "Time that runs of a self-test took.",
        ),
        |samples, known| durations(samples, &known.self_tests),
    ),
    (
        counter(
            "mad_selftest_flaky_total",
            "Runs of a self-test that passed only after a retry.",
        ),
        flaky_runs,
    ),
    (
        gauge(
            "mad_selftest_health",
            "Outcome of the last run of a self-test: 1 pass, 0.5 warn, 0 fail; absent after a skip.",
        ),
        last_outcomes,
    ),
    (
        seconds(
            "mad_selftest_last_success_timestamp_seconds",
            "Time when a run of a self-test last passed.",
        ),
        |samples, known| last_successes(samples, &known.self_tests),
    ),
    (
        gauge(
            "mad_selftest_maintenance",
            "Whether a self-test is in maintenance.",
        ),
        |samples, known| maintenance(samples, &known.self_tests),
    ),
    (
        gauge(
            "mad_selftest_observation",
            "Number that the last run of a self-test observed.",
        ),
        |samples, known| observations(samples, &known.self_tests),
    ),
    (
        counter("mad_selftest_runs_total", "Runs of a self-test by outcome."),
        |samples, known| runs(samples, &known.self_tests),
    ),
    (
        gauge(
            "mad_selftest_stuck",
            "Whether a run of a self-test is over its deadline and has not ended.",
        ),
        |samples, known| stuck(samples, &known.self_tests),
    ),
];

/// Shows all of them.
pub(super) fn show(visitor: &mut dyn Visitor, known: &Known<'_>) {
    for (family, show) in FAMILIES {
        if visitor.family(family) {
            show(&mut Samples::new(visitor, family), known);
        }
    }
}

/// What Prometheus itself says of each scrape. Were it on the page too, nobody would know whether the target is up.
const OF_PROMETHEUS: [&str; 8] = [
    "up",
    "scrape_body_size_bytes",
    "scrape_duration_seconds",
    "scrape_sample_limit",
    "scrape_samples_post_metric_relabeling",
    "scrape_samples_scraped",
    "scrape_series_added",
    "scrape_timeout_seconds",
];

/// Returns the names that no family of the application may have.
pub(crate) fn taken_names() -> impl Iterator<Item = String> {
    let own = FAMILIES.iter().flat_map(|(family, _)| {
        let suffixes = SAMPLE_SUFFIXES.iter();
        suffixes.map(|suffix| [family.name(), suffix].concat())
    });
    own.chain(OF_PROMETHEUS.map(str::to_owned))
}

/// The endings that one format or another adds to a family's name to call its samples; none for that name itself.
const SAMPLE_SUFFIXES: [&str; 6] = ["", "_bucket", "_count", "_created", "_sum", "_total"];

/// Says whether a family or a sample of this name would be taken for one of MAD's, or of Prometheus' own.
pub(super) fn is_taken(name: &str) -> bool {
    let is_ours = |name: &str| FAMILIES.iter().any(|(family, _)| family.name() == name);
    let is_mads = name.starts_with("mad_") && families_of(name).any(is_ours);
    is_mads || OF_PROMETHEUS.contains(&name)
}

/// Returns the names of the families that a sample of this name may belong to.
pub(super) fn families_of(name: &str) -> impl Iterator<Item = &str> {
    let suffixes = SAMPLE_SUFFIXES.into_iter();
    suffixes.filter_map(|suffix| name.strip_suffix(suffix))
}

#[cfg(test)]
mod tests {
    use super::{FAMILIES, is_taken, taken_names};

    #[test]
    fn families_are_in_order_and_differ() {
        assert!(FAMILIES.is_sorted_by(|(one, _), (other, _)| one.name() < other.name()));
    }

    #[test]
    fn the_names_of_families_and_their_samples_are_taken() {
        for name in [
            "mad_lifecycle",
            "mad_check_health_sum",
            "mad_check_duration_seconds_bucket",
            "mad_lifecycle_total",
            "up",
        ] {
            assert!(is_taken(name), "{name}");
            assert!(taken_names().any(|taken| taken == name), "{name}");
        }
        for name in ["mad_of_the_application", "lifecycle", "mad_lifecycle_x"] {
            assert!(!is_taken(name), "{name}");
        }
    }
}
