//! The recorder behind the `metrics` facade.

use std::fmt;

use mad_metrics::{BuildError, Builder, Handle, Matcher, Rejection};
use once_cell::sync::OnceCell;

use crate::exposition::taken_names;

/// Who is told of what is not recorded as the program meant it.
pub(crate) type Hook = Box<dyn Fn(&Rejection<'_>) + Send + Sync>;

/// The facade takes one recorder for the whole process, so all exporters share it.
static INSTALLED: OnceCell<Handle> = OnceCell::new();

/// How long functions take that are annotated with `#[measured]`.
const CALLS: &str = "function_calls_duration_seconds";

/// The bounds that Autometrics asks for: an objective's latency is one of them.
const CALL_BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Installs MAD's recorder, or finds it installed, and returns what shows what it recorded.
///
/// Only who installs it can say who is told of what is rejected.
pub(crate) fn install(on_rejection: Option<Hook>) -> Result<Handle, RecorderError> {
    let handle = INSTALLED.get_or_try_init(|| {
        let calls = Matcher::Full(CALLS.to_owned());
        let mut builder = Builder::new().buckets_for(calls, &CALL_BUCKETS);
        if let Some(hook) = on_rejection {
            builder = builder.on_rejection(hook);
        }
        let names = taken_names().map(Matcher::Full);
        names.fold(builder, Builder::reserve).install()
    });
    handle.cloned().map_err(RecorderError)
}

/// Why MAD's recorder cannot be installed: another one is.
#[derive(Debug)]
pub(crate) struct RecorderError(BuildError);

impl fmt::Display for RecorderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this program has installed a recorder for the `metrics` facade itself: \
             hand over `.recorder(handle)` if it is that of mad-metrics, or serve the page of any other with \
             `.application_metrics(move || handle.render())`",
        )
    }
}

impl std::error::Error for RecorderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
