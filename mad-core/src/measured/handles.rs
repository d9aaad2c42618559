//! What a recorder gives for a function: the metrics of Autometrics, by their names for Prometheus.
//!
//! The names, the labels and their values are those of its specification, version 1.0.0. A call that was
//! cancelled has neither of the two results that it knows, and is counted apart.

use std::sync::LazyLock;

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, SharedString, Unit,
};

use super::Measured;
use super::build_info::variable;
use super::caller::Caller;

const CALLS: &str = "function_calls_total";
const DURATION: &str = "function_calls_duration_seconds";
const CONCURRENT: &str = "function_calls_concurrent";
const CANCELLED: &str = "function_calls_cancelled_total";

/// The variables that name the service; the first that is set counts.
const VARIABLES: [&str; 2] = ["AUTOMETRICS_SERVICE_NAME", "OTEL_SERVICE_NAME"];

/// The logical name of the service: what the environment says, or the file of the program.
static SERVICE: LazyLock<SharedString> = LazyLock::new(|| {
    let named = VARIABLES.iter().find_map(|name| variable(name));
    let program = || {
        let path = std::env::current_exe().ok()?;
        Some(path.file_stem()?.to_string_lossy().into_owned())
    };
    SharedString::from(named.or_else(program).unwrap_or_default())
});

/// What a recorder gives for a function.
#[derive(Debug)]
pub(super) struct Handles {
    pub(super) ok: Counter,
    pub(super) error: Counter,
    pub(super) cancelled: Counter,
    pub(super) duration: Histogram,
    pub(super) concurrent: Gauge,
}

impl Handles {
    /// Asks the recorder that counts here and now. All series begin at zero.
    pub(super) fn register(measured: &Measured, caller: Caller) -> Self {
        metrics::with_recorder(|recorder| {
            describe(recorder);
            Self::given(recorder, measured, caller)
        })
    }

    fn given(recorder: &dyn Recorder, measured: &Measured, caller: Caller) -> Self {
        let metadata = Metadata::new(measured.module, Level::INFO, Some(measured.module));
        let own = vec![
            Label::from_static_parts("function", measured.function),
            Label::from_static_parts("module", measured.module),
            service(),
        ];
        let key = |name, more: &[(&'static str, &'static str)]| {
            let mut labels = own.clone();
            let more = more.iter().filter(|(_, value)| !value.is_empty());
            labels.extend(more.map(|(name, value)| Label::from_static_parts(name, value)));
            Key::from_parts(name, labels)
        };
        let objective = |percentile: &'static str| {
            let name = if percentile.is_empty() {
                ""
            } else {
                measured.objective
            };
            [
                ("objective_name", name),
                ("objective_percentile", percentile),
            ]
        };
        let calls = |result| {
            let [name, percentile] = objective(measured.success_rate);
            let by = [
                ("caller_function", caller.function()),
                ("caller_module", caller.module()),
            ];
            let key = key(CALLS, &[by[0], by[1], ("result", result), name, percentile]);
            recorder.register_counter(&key, &metadata)
        };
        let [name, percentile] = objective(measured.latency_percentile);
        let threshold = ("objective_latency_threshold", measured.latency);
        Self {
            ok: calls("ok"),
            error: calls("error"),
            cancelled: recorder.register_counter(&key(CANCELLED, &[]), &metadata),
            duration: recorder
                .register_histogram(&key(DURATION, &[name, percentile, threshold]), &metadata),
            concurrent: recorder.register_gauge(&key(CONCURRENT, &[]), &metadata),
        }
    }
}

pub(super) fn service() -> Label {
    Label::new("service_name", SERVICE.clone())
}

fn describe(recorder: &dyn Recorder) {
    let name = KeyName::from_const_str;
    let help = SharedString::const_str;
    recorder.describe_counter(
        name(CALLS),
        Some(Unit::Count),
        help("Calls of a function that have ended, by result."),
    );
    recorder.describe_histogram(
        name(DURATION),
        Some(Unit::Seconds),
        help("How long calls of a function take."),
    );
    recorder.describe_gauge(
        name(CONCURRENT),
        Some(Unit::Count),
        help("Calls of a function that go on."),
    );
    recorder.describe_counter(
        name(CANCELLED),
        Some(Unit::Count),
        help("Calls of an async function that were dropped before they ended."),
    );
}
