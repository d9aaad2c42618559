//! The families that MAD writes, and which names are therefore taken.

use super::writer::{Family, FamilyKind};

macro_rules! families {
    ($($constant:ident: $kind:ident $name:literal $help:literal,)+) => {
        $(pub(super) const $constant: Family = Family {
            name: $name,
            kind: FamilyKind::$kind,
            help: $help,
        };)+

        /// The names of all families.
        const NAMES: &[&str] = &[$($name),+];
    };
}

families! {
    CHECK_HEALTH: Gauge "mad_check_health"
        "State of a health check for each probe that it gates: 1 up, 0.5 degraded, 0 down or unknown.",
    CHECK_RUNS: Counter "mad_check_runs_total"
        "Runs of a health check by outcome.",
    CHECK_DURATION: Histogram "mad_check_duration_seconds"
        "Time that runs of a health check took.",
    CHECK_LAST_SUCCESS: Gauge "mad_check_last_success_timestamp_seconds"
        "Time when a run of a health check last passed.",
    CHECK_AGE: Gauge "mad_check_age_seconds"
        "Age of the last result of a health check.",
    CHECK_STUCK: Gauge "mad_check_stuck"
        "Whether a run of a health check is over its deadline and has not ended.",
    CHECK_MAINTENANCE: Gauge "mad_check_maintenance"
        "Whether a health check is in maintenance: its state is true, and gates no probe.",
    CHECK_TRANSITIONS: Counter "mad_check_transitions_total"
        "Changes of state of a health check.",
    CHECK_OBSERVATION: Gauge "mad_check_observation"
        "Number that the last run of a health check observed.",
    SELF_TEST_HEALTH: Gauge "mad_selftest_health"
        "Outcome of the last run of a self-test: 1 pass, 0.5 warn, 0 fail; absent after a skip.",
    SELF_TEST_RUNS: Counter "mad_selftest_runs_total"
        "Runs of a self-test by outcome.",
    SELF_TEST_DURATION: Histogram "mad_selftest_duration_seconds"
        "Time that runs of a self-test took.",
    SELF_TEST_LAST_SUCCESS: Gauge "mad_selftest_last_success_timestamp_seconds"
        "Time when a run of a self-test last passed.",
    SELF_TEST_STUCK: Gauge "mad_selftest_stuck"
        "Whether a run of a self-test is over its deadline and has not ended.",
    SELF_TEST_FLAKY: Counter "mad_selftest_flaky_total"
        "Runs of a self-test that passed only after a retry.",
    SELF_TEST_MAINTENANCE: Gauge "mad_selftest_maintenance"
        "Whether a self-test is in maintenance.",
    SELF_TEST_OBSERVATION: Gauge "mad_selftest_observation"
        "Number that the last run of a self-test observed.",
    CHECKS_REGISTERED: Gauge "mad_checks_registered"
        "Checks that are registered in this program.",
    RUNTIME_LAG: Gauge "mad_runtime_lag_seconds"
        "Time that a small task waits on a tokio runtime until it is run.",
    LIFECYCLE: Gauge "mad_lifecycle"
        "Where the instance stands: 1 for one of the states, 0 for the others.",
    BUILD_INFO: Gauge "mad_build_info"
        "What this program was built from.",
}

/// The endings that a histogram or a summary adds to its family's name.
const SAMPLE_SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// Says whether a family or a sample of this name would be taken for one of MAD's.
pub(super) fn is_taken(name: &str) -> bool {
    let of_family = |suffix| name.strip_suffix(suffix);
    NAMES.contains(&name)
        || SAMPLE_SUFFIXES
            .into_iter()
            .filter_map(of_family)
            .any(|family| NAMES.contains(&family))
}
