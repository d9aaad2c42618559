//! A recorder for a test, and its page.

use mad_metrics::{Builder, Handle, Recorder};

/// Makes a recorder.
pub(crate) fn recorder(builder: Builder) -> Recorder {
    builder.build().expect("the settings make sense")
}

/// Returns the samples on the page, without HELP, TYPE and the recorder's own metrics.
pub(crate) fn samples(handle: &Handle) -> Vec<String> {
    let page = handle.render();
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let of_program = lines.filter(|line| !line.starts_with("mad_metrics_"));
    of_program.map(str::to_owned).collect()
}

/// Returns the samples after a recorder of its own has seen what is done.
pub(crate) fn recorded(builder: Builder, record: impl FnOnce()) -> Vec<String> {
    let recorder = recorder(builder);
    metrics::with_local_recorder(&recorder, record);
    samples(&recorder.handle())
}

/// Returns how often something was rejected for a reason.
pub(crate) fn rejected(handle: &Handle, reason: &str) -> u64 {
    let start = format!("mad_metrics_rejected_total{{reason=\"{reason}\"}} ");
    let page = handle.render();
    let line = page.lines().find_map(|line| line.strip_prefix(&start));
    line.expect("every reason has a line")
        .parse()
        .expect("a count")
}
