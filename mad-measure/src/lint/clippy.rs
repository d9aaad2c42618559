//! What clippy and rustfmt say of a project.

use std::collections::BTreeSet;

use mad_store::{Sample, Subject};

use crate::ingest;
use crate::metric;
use crate::test_run::Plan;

/// Asks clippy for its complaints about all targets of a project, and rustfmt for files that are not as it would have them.
///
/// What of it cannot be told is said in the second list: clippy may not be installed.
pub fn measure(plan: &Plan) -> (Vec<Sample>, Vec<String>) {
    let (mut samples, mut failures) = (Vec::new(), Vec::new());
    match complaints(plan) {
        Ok(told) => samples.extend(told),
        Err(failure) => failures.push(format!("clippy: {failure}")),
    }
    match unformatted(plan) {
        Ok(count) => samples.push(metric::UNFORMATTED_FILES.count(&Subject::run(), count)),
        Err(failure) => failures.push(format!("rustfmt: {failure}")),
    }
    (samples, failures)
}

fn complaints(plan: &Plan) -> Result<Vec<Sample>, String> {
    let mut command = plan.cargo(&[
        "clippy",
        "--quiet",
        "--all-targets",
        "--message-format=json",
    ]);
    command.args(plan.selection());
    let told = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&told.stdout);
    match ingest::read_cargo(&text) {
        Ok(complaints) => Ok(complaints.tell()),
        Err(_) => Err(first_line(&told.stderr)),
    }
}

fn unformatted(plan: &Plan) -> Result<u64, String> {
    let mut command = plan.cargo(&["fmt", "--all", "--check", "--", "-l"]);
    let told = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&told.stdout);
    let files: BTreeSet<_> = text.lines().filter(|line| !line.is_empty()).collect();
    match told.status.code() {
        Some(0) => Ok(0),
        Some(_) if !files.is_empty() => Ok(files.len() as u64),
        _ => Err(first_line(&told.stderr)),
    }
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().next().unwrap_or("it says nothing").to_owned()
}
